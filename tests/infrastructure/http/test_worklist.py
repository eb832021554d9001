"""The worklist over HTTP: whose it is, in pages that double and lose nothing, with cases that cannot be told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from domain.codes import Channel
from domain.decisions.support import DecideAdjustment, RequestAdjustment
from tests.domain.world import words
from tests.infrastructure.http.a_house import SECRET, Caller, House, accepted, answered, appoint
from tests.infrastructure.http.road import HttpWorld, a_road
from tests.infrastructure.http.test_reading import all_pages
from tests.infrastructure.http.test_unreadable_case import a_case_from_a_later_release

ASKED = {"kind": "advocate", "needs": "Wants her sister to speak for her."}


def a_request(caller: Caller) -> tuple[str, int]:
    """A case in which an adjustment was asked for, and the position from which lists know it."""
    case = caller.contact()["case"]
    answer = caller.post(f"/v1/cases/{case}/request-adjustment", ASKED)
    accepted(answer)
    return case, int(answer.headers["Evenhand-Position"])


def of_case(entries: list[dict[str, Any]], case: str) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry["case"] == case]


def test_a_line_says_what_to_do_by_when_under_which_clause_and_where_to_send_it(officer: Caller) -> None:
    case, position = a_request(officer)
    entries = all_pages(officer, "/v1/worklist", min_position=position, limit=200)
    [line] = of_case(entries, case)
    assert line["says"] == "Answer adjustment-1: agree the adjustment, or one that works as well, or say why not."
    assert line["commands"] == [
        {"command": "decide-adjustment", "path": f"/v1/cases/{case}/decide-adjustment"},
    ]
    assert (line["kind"], line["state"], line["days_late"], line["clause"]) == ("adjustment", "due", 0, "baseline 7")
    assert line["roles"] == [{"role": "case_officer", "title": "Case officer"}]
    assert officer.post(line["commands"][0]["path"], {}).status_code == 422  # the route is there
    late = answered(officer.get("/v1/worklist", on=line["due_on"], role="case_officer", limit=200))
    assert of_case(late["entries"], case)[0]["state"] == "due"
    after = (date.fromisoformat(line["due_on"]) + timedelta(days=1)).isoformat()
    [line] = of_case(all_pages(officer, "/v1/worklist", on=after, state="overdue", limit=200), case)
    assert (line["state"], line["days_late"]) == ("overdue", 1)
    assert "head_of_policy" in [one["role"] for one in line["escalated_to"]]


def test_nothing_personal_is_in_it_and_names_of_colleagues_take_the_scope(house: House, officer: Caller) -> None:
    case, _ = a_request(officer)
    answer = officer.post(f"/v1/cases/{case}/reassign-case", {"to": house.staff("maidstone", "colleague")})
    position = int(answer.headers["Evenhand-Position"])
    shown = officer.get("/v1/worklist", min_position=position, limit=200)
    assert SECRET not in shown.text
    assert "Officer colleague" in shown.text
    reader = house.caller("maidstone", scopes=frozenset({"read"}))
    withheld = reader.get("/v1/worklist", limit=200)
    assert "Officer colleague" not in withheld.text
    assert house.staff("maidstone", "colleague") in withheld.text


def test_mine_is_what_falls_to_the_caller(house: House, officer: Caller) -> None:
    case, _ = a_request(officer)
    answer = officer.post(f"/v1/cases/{case}/reassign-case", {"to": house.staff("maidstone", "colleague")})
    position = int(answer.headers["Evenhand-Position"])
    colleague = house.caller("maidstone", "colleague")
    mine = all_pages(colleague, "/v1/worklist", mine="true", min_position=position, limit=200)
    assert of_case(mine, case)
    assert not of_case(all_pages(officer, "/v1/worklist", mine="true", limit=200), case)


def test_it_takes_a_token_for_reading(house: House) -> None:
    operator = house.caller("maidstone", scopes=frozenset({"operate"}))
    for path in ("/v1/worklist", "/v1/worklist.ics?role=staff", "/v1/cases/x/obligations"):
        assert house.http.get(path).status_code == 401
        assert operator.get(path).status_code == 403


@pytest.mark.parametrize(
    "params",
    [
        {"state": "late"}, {"role": "Head of Policy"}, {"role": "king"}, {"within": "-1"}, {"within": "soon"},
        {"on": "1.1.2026"}, {"on": "1960-01-01"}, {"cursor": "bm9uc2Vuc2U"}, {"limit": "0"}, {"who": "me"},
    ],
)  # fmt: skip
def test_a_wrong_question_is_told_what_is_wrong_with_it(officer: Caller, params: dict[str, str]) -> None:
    response = officer.get("/v1/worklist", **params)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] in params


def test_a_case_is_asked_for_a_day_with_a_policy(officer: Caller) -> None:
    case, _ = a_request(officer)
    response = officer.get(f"/v1/cases/{case}/obligations", on="1960-01-01")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "on")


def test_a_cursor_of_another_day_or_list_leads_nowhere(officer: Caller) -> None:
    a_request(officer)
    _, position = a_request(officer)
    page = answered(officer.get("/v1/worklist", limit=1, min_position=position))
    cursor = page["next"].partition("cursor=")[2].partition("&")[0]
    assert officer.get("/v1/worklist", on="2026-03-03", cursor=cursor).status_code == 422
    assert officer.get("/v1/register", cursor=cursor).status_code == 422


def test_pages_double_and_lose_nothing_while_others_write(house: House, officer: Caller) -> None:
    cases = {a_request(officer)[0] for _ in range(5)}
    _, position = a_request(officer)
    page = answered(officer.get("/v1/worklist", min_position=position, limit=2, within=0))
    seen = [(entry["case"], entry["key"]) for entry in page["entries"]]
    while page["next"]:
        _, written = a_request(officer)  # somebody goes on working between any two pages
        assert house.evenhand.projector("maidstone").wait_for(written, 20)
        page = answered(officer.get(page["next"]))
        seen += [(entry["case"], entry["key"]) for entry in page["entries"]]
        if len(seen) > 400:  # every page brings a line or more, and each page adds one at the end
            break
    assert len(seen) == len(set(seen))
    assert cases <= {case for case, _ in seen}


def test_a_case_that_cannot_be_told_is_listed_as_such(house: House, officer: Caller) -> None:
    known, position = a_case_from_a_later_release(house, officer)
    [line] = of_case(all_pages(officer, "/v1/worklist", state="blocked", limit=200), known["case"])
    assert (line["state"], line["blocked"], line["unknown_since"]) == ("unknown", "unreadable", position)
    assert officer.get(f"/v1/cases/{known['case']}/obligations").status_code == 503


def test_a_case_shows_its_own_obligations_at_once(officer: Caller) -> None:
    case, position = a_request(officer)
    shown = answered(officer.get(f"/v1/cases/{case}/obligations"))
    assert [(entry["kind"], entry["state"]) for entry in shown["entries"]] == [("adjustment", "due")]
    assert (shown["case"], shown["position"]) == (case, position)
    owed = answered(officer.get(f"/v1/cases/{case}"))["valid_on"]["owed"]
    assert owed == [entry["key"] for entry in shown["entries"]]


def test_what_the_landlord_owes_stands_on_the_first_page(everybody: House) -> None:
    caller = everybody.caller("citizen")
    _, position = a_request(caller)
    first = answered(caller.get("/v1/worklist", min_position=position, limit=1, on="2026-03-02"))
    [review] = [entry for entry in first["landlord"] if entry["kind"] == "policy_review"]
    assert (review["due_on"], review["state"], review["clause"]) == ("2025-02-28", "overdue", "7")
    assert review["days_late"] == 367
    assert review["commands"] == [{"command": "adopt-policy", "path": "/v1/landlord/adopt-policy"}]
    _, position = a_request(caller)
    first = answered(caller.get("/v1/worklist", limit=1, min_position=position))
    assert answered(caller.get(first["next"]))["landlord"] == []


def test_records_kept_long_enough_are_counted_with_where_to_look(officer: Caller) -> None:
    case = officer.contact()["case"]
    closed = officer.post(f"/v1/cases/{case}/close-case", {})
    accepted(closed)
    page = answered(officer.get("/v1/worklist", on="2098-01-01", min_position=closed.headers["Evenhand-Position"]))
    [line] = [entry for entry in page["landlord"] if entry["kind"] == "retention"]
    assert line["count"] >= 1
    assert [one["role"] for one in line["roles"]] == ["data_protection_officer"]
    assert of_case(all_pages(officer, line["see"]), case)


def test_a_measure_that_takes_away_what_an_adjustment_gives_is_to_be_varied(everybody: House) -> None:
    road = a_road(everybody, "wolverhampton")
    restriction = road.restricted(road.measure("one_channel", open=(Channel.LETTER,)))
    world = road.world
    assert isinstance(world, HttpWorld)
    world.do(RequestAdjustment(kind="other", needs=words()))
    decided = DecideAdjustment(
        adjustment="adjustment-1",
        agreed=True,
        reason=words(),
        instruction=words(),
        unusable_channels=(Channel.LETTER, Channel.EMAIL, Channel.ONLINE_FORM),
    )
    position = int(world.send(decided).headers["Evenhand-Position"])
    caller = world.callers["case_officer"]
    [line] = [
        line
        for line in of_case(all_pages(caller, "/v1/worklist", min_position=position, limit=200), world.case_id)
        if line["kind"] == "varying"
    ]
    assert (line["key"], line["clause"]) == (f"varying:{restriction}.1:adjustment-1", "baseline 7")
    assert line["roles"] == [{"role": "head_of_customer_experience", "title": "Head of Customer Experience"}]
    own = answered(caller.get(f"/v1/cases/{world.case_id}/obligations"))["entries"]
    assert line["key"] in [entry["key"] for entry in own]
    assert {entry["kind"] for entry in own} >= {"inform", "review", "term"}


def test_a_calendar_holds_each_deadline_once_with_ids_that_stay(officer: Caller) -> None:
    case, position = a_request(officer)
    response = officer.get("/v1/worklist.ics", role="case_officer", min_position=position)
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert SECRET not in response.text
    first = events(response.text)
    assert first == events(officer.get("/v1/worklist.ics", role="case_officer").text)
    [uid] = [uid for uid, event in first.items() if case in event["description"]]
    accepted(officer.post(f"/v1/cases/{a_request(officer)[0]}/request-policy-copy", {}))
    line = of_case(all_pages(officer, "/v1/worklist", limit=200), case)[0]
    assert first[uid]["day"] == line["due_on"]
    answer = officer.post(
        f"/v1/cases/{case}/decide-adjustment",
        {"adjustment": "adjustment-1", "agreed": False, "reason": "She was asked, and wants no advocate."},
    )
    accepted(answer)
    later = officer.get("/v1/worklist.ics", role="case_officer", min_position=answer.headers["Evenhand-Position"])
    assert uid not in events(later.text)
    assert sequence(later.text) > sequence(response.text)


def events(text: str) -> dict[str, dict[str, str]]:
    """The events of a calendar by their UIDs, each of which occurs once."""
    found = Calendar.from_ical(text).walk("VEVENT")
    told = {
        str(event["UID"]): {"day": str(event.decoded("DTSTART")), "description": str(event["DESCRIPTION"])}
        for event in found
    }
    assert len(told) == len(found)
    return told


def sequence(text: str) -> int:
    """The revision of a calendar."""
    return max(int(str(event["SEQUENCE"])) for event in Calendar.from_ical(text).walk("VEVENT"))


def test_a_role_can_be_appointed_and_then_holds_its_work(everybody: House) -> None:
    caller = everybody.caller("star")
    case, position = a_request(caller)
    appoint(everybody, "star", "second.officer", "case_officer")
    lines = of_case(all_pages(caller, "/v1/worklist", min_position=position, limit=200), case)
    staff = everybody.staff("star", "second.officer")
    assert staff in [holder["staff"] for holder in lines[0]["held_by"]]


def test_while_the_list_is_paused_it_says_since_when_it_is_behind_and_a_case_is_answered_at_once(
    officer: Caller,
) -> None:
    assert officer.post("/v1/ops/projections/pause", {"names": ["deadlines"], "why": "a test"}).is_success
    try:
        case, position = a_request(officer)
        refused = officer.get("/v1/worklist", min_position=position)
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/paused")
        assert int(refused.headers["Retry-After"]) > 0
        behind = answered(officer.get("/v1/worklist", limit=1))
        assert behind["behind_since"] is not None
        assert behind["position"] < position
        assert answered(officer.get(f"/v1/cases/{case}/obligations"))["entries"]
    finally:
        officer.post("/v1/ops/projections/resume", {"names": ["deadlines"], "why": "a test"})
    assert of_case(all_pages(officer, "/v1/worklist", min_position=position, limit=200), case)
