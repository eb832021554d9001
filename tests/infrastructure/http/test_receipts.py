"""Receipts over HTTP: a subscriber acknowledges, and others see who knows of what, who is behind, who has drifted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.codes import Channel
from infrastructure.downstream.webhooks.records import NewEndpoint
from tests.infrastructure.http.a_house import SECRET, Caller, House, answered
from tests.infrastructure.http.a_subscriber import FOLLOW, end, subscribe
from tests.infrastructure.http.road import HttpWorld, a_road
from tests.infrastructure.http.test_reading import all_pages

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def code() -> str:
    return f"system_{uuid4().hex[:8]}"


@pytest.fixture
def system(house: House, code: str) -> Caller:
    """A system of Maidstone's that follows everything, and is waited for."""
    return subscribe(house, "maidstone", code, within_minutes=60)


def sequence(position: int) -> str:
    return f"{position:020d}"


def received(caller: Caller, said: dict[str, Any], **params: str) -> dict[str, Any]:
    """The receipt."""
    query = "&".join(f"{name}={value}" for name, value in params.items())
    response = caller.post(f"/v1/receipts?{query}" if query else "/v1/receipts", said)
    assert response.status_code == 201, response.text
    receipt: dict[str, Any] = response.json()
    return receipt


def test_a_cursor_or_a_sequence_says_how_far_everything_is_processed(
    system: Caller, house: House, officer: Caller, code: str
) -> None:
    officer.contact()
    officer.contact()
    head = house.head("maidstone")
    page = system.get("/v1/feed", limit=1)
    receipt = received(system, {"cursor": page.headers["Evenhand-Cursor"]})
    last = page.json()[-1]["sequence"]
    assert (receipt["subscriber"], receipt["number"], receipt["sequence"], receipt["verdict"]) == (code, 1, last, None)
    assert received(system, {"sequence": last}) == received(system, {"sequence": last}) == receipt
    assert received(system, {"sequence": sequence(head)})["number"] == 2
    own = answered(system.get("/v1/receipts"))
    assert (own["acknowledged"]["number"], own["within_minutes"]) == (2, 60)


def test_a_cursor_counts_with_the_filters_that_it_was_given_out_for(system: Caller) -> None:
    page = system.get("/v1/feed", limit=1, type="case-opened")
    cursor = page.headers["Evenhand-Cursor"]
    assert system.post("/v1/receipts", {"cursor": cursor}).json()["errors"][0]["field"] == "cursor"
    received(system, {"cursor": cursor}, type="case-opened")
    part = system.get("/v1/feed", limit=1, shard="0/2").headers["Evenhand-Cursor"]
    refused = system.post("/v1/receipts?shard=0/2", {"cursor": part})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cursor")


def test_less_than_before_is_refused_with_what_is_known_unless_it_began_anew(system: Caller, house: House) -> None:
    head = house.head("maidstone")
    receipt = received(system, {"sequence": sequence(head)})
    refused = system.post("/v1/receipts", {"sequence": "0"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/receipt-behind")
    assert refused.json()["known"] == {"sequence": sequence(head), "at": receipt["at"]}
    assert received(system, {"sequence": "0", "restarted": True})["restarted"] is True
    received(system, {"sequence": "1"})


def test_a_place_that_the_log_does_not_have_says_how_to_go_on(system: Caller, house: House) -> None:
    for said in ({"sequence": sequence(house.head("maidstone") + 1)}, {"sequence": "9" * 20}):
        gone = system.post("/v1/receipts", said)
        assert (gone.status_code, gone.json()["resynchronise"]) == (410, "/v1/snapshot")


@pytest.mark.parametrize(
    "said",
    [
        {}, {"sequence": "1", "cursor": "abc"}, {"sequence": "-1"}, {"sequence": "one"}, {"sequence": 1},
        {"sequence": "1" * 21}, {"cursor": ""}, {"cursor": "nonsense"}, {"cursor": "A" * 79},
        {"sequence": "1", "at": "now"},
        {"sequence": "1", "restricted": {"on": "2026-01-12"}}, {"sequence": "1", "restricted": {"count": 1}},
        {"sequence": "1", "restricted": {"on": "2026-01-12", "count": -1}},
        {"sequence": "1", "restricted": {"on": "2026-01-12", "hash": "AB" * 32}},
        {"sequence": "1", "restarted": "yes"},
    ],
)  # fmt: skip
def test_a_wrong_acknowledgement_is_told_what_is_wrong_with_it(system: Caller, said: dict[str, Any]) -> None:
    response = system.post("/v1/receipts", said)
    assert response.status_code == 422
    assert response.json()["errors"]


def test_whoever_is_restricted_is_compared(system: Caller, house: House, code: str) -> None:
    head = sequence(house.head("maidstone"))
    long_ago = {"on": "2016-01-12", "count": 0, "hash": EMPTY}
    receipt = received(system, {"sequence": head, "restricted": long_ago})
    assert (receipt["verdict"], receipt["expected"]) == ("agreed", {"count": 0, "hash": EMPTY})
    receipt = received(system, {"sequence": head, "restricted": {"on": "2016-01-12", "count": 1}})
    assert (receipt["verdict"], receipt["claimed"]) == ("drifted", {"count": 1, "hash": None})
    officer = house.caller("maidstone")
    shown = answered(officer.get(f"/v1/subscribers/{code}"))["subscriber"]
    assert (shown["drifted_since"], shown["compared"]["number"]) == (receipt["at"], receipt["number"])
    lines = answered(officer.get("/v1/worklist", role="administrator", limit=200))["landlord"]
    [line] = [one for one in lines if one["key"] == f"drifted:{code}"]
    assert (line["see"], line["roles"][0]["role"]) == (f"/v1/subscribers/{code}", "administrator")


def test_who_is_behind_is_seen_by_those_who_operate_audit_or_administer(
    system: Caller, house: House, officer: Caller, code: str
) -> None:
    received(system, {"sequence": sequence(house.head("maidstone"))})
    officer.contact()
    for scope in ("operate", "audit", "administer"):
        caller = house.caller("maidstone", scopes=frozenset({scope}))
        response = caller.get("/v1/subscribers")
        [found] = [one for one in answered(response)["subscribers"] if one["subscriber"] == code]
        assert found["behind"]["events"] >= 1
        assert found["behind"]["since"] is not None
        assert (found["overdue"], found["roads"], found["ended_on"]) == (0, [], None)
        assert SECRET not in response.text
    reader = house.caller("maidstone", scopes=frozenset({"read", "follow"}))
    assert reader.get("/v1/subscribers").status_code == reader.get(f"/v1/subscribers/{code}").status_code == 403
    assert officer.get("/v1/subscribers/nobody").status_code == 404


@pytest.mark.usefixtures("system")
def test_the_webhooks_of_a_subscriber_are_shown_with_it(house: House, code: str) -> None:
    office = house.evenhand.office("maidstone")
    new = NewEndpoint(subscriber=code, url="https://hooks.invalid/", position=0, confirmed=False)
    endpoint, _ = office.webhooks.register(new, "somebody", "A test has one.")
    [road] = answered(house.caller("maidstone").get(f"/v1/subscribers/{code}"))["subscriber"]["roads"]
    assert (road["road"], road["id"], road["because"]) == ("webhook", endpoint.endpoint, endpoint.because)


def test_another_landlords_subscribers_are_nobodys(neighbour: Caller, system: Caller, code: str) -> None:
    assert system.get("/v1/receipts").status_code == 200
    assert neighbour.get(f"/v1/subscribers/{code}").status_code == 404
    assert code not in neighbour.get("/v1/subscribers").text


def test_a_restriction_that_is_not_acknowledged_in_time_is_on_the_worklist_until_it_is(
    everybody: House, code: str
) -> None:
    system = subscribe(everybody, "wolverhampton", code, within_minutes=60)
    road = a_road(everybody, "wolverhampton")
    restriction = road.restricted(road.measure("one_channel", open=(Channel.LETTER,)))
    world, today = road.world, everybody.evenhand.clock("wolverhampton").now().date()
    assert isinstance(world, HttpWorld)
    caller, tomorrow = everybody.caller("wolverhampton"), (today + timedelta(days=1)).isoformat()

    def lines(path: str, **asked: str) -> list[dict[str, Any]]:
        entries = all_pages(caller, path, limit=200, **asked)
        return [one for one in entries if one["key"] == f"receipt:{code}" and one["case"] == world.case_id]

    [line] = lines("/v1/worklist", on=tomorrow, role="administrator")
    assert (line["kind"], line["state"], line["clause"], line["person"]) == (
        "receipt", "overdue", "baseline 15", world.person,
    )  # fmt: skip
    assert "restriction-applied" in line["says"]
    assert line["see"] == f"/v1/cases/{world.case_id}/known-by"
    assert not lines("/v1/worklist", on=tomorrow, role="case_officer")
    own = answered(caller.get(f"/v1/cases/{world.case_id}/obligations", on=tomorrow))["entries"]
    assert line["key"] in [one["key"] for one in own]

    changes = answered(caller.get(line["see"], restriction=restriction))["changes"]
    [applied] = [change for change in changes if change["name"] == "restriction-applied"]
    [known] = [one for one in applied["known_by"] if one["subscriber"] == code]
    assert (known["acknowledged_at"], known["told_at"]) == (None, applied["sequence"])

    received(system, {"sequence": sequence(everybody.head("wolverhampton"))})
    assert not lines("/v1/worklist", on=tomorrow)
    changes = answered(caller.get(line["see"], restriction=restriction))["changes"]
    [known] = [one for one in changes[0]["known_by"] if one["subscriber"] == code]
    assert (known["receipt"], known["began_anew"]) == (1, False)
    assert caller.get(line["see"], restriction="Nonsense!").status_code == 422
    assert answered(caller.get(line["see"], restriction="restriction-99"))["changes"] == []
    reader = everybody.caller("wolverhampton", scopes=frozenset({"read"}))
    assert reader.get(line["see"]).status_code == 403
    end(everybody, "wolverhampton", code)


def test_only_a_registered_subscriber_acknowledges(house: House, system: Caller, code: str) -> None:
    nobody = house.caller("maidstone", f"nobody-{code}", FOLLOW)
    assert nobody.post("/v1/receipts", {"sequence": "0"}).json()["type"] == "/problems/not-a-subscriber"
    assert house.caller("maidstone", code, frozenset({"read"})).post("/v1/receipts", {}).status_code == 403
    end(house, "maidstone", code)
    assert system.post("/v1/receipts", {"sequence": "0"}).status_code == 403
    assert system.get("/v1/receipts").status_code == 403
    shown = answered(house.caller("maidstone").get(f"/v1/subscribers/{code}"))["subscriber"]
    assert shown["ended_on"] == str(house.evenhand.clock("maidstone").now().date())
