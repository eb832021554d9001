"""Where followers begin and look again: every case with anything in force, as this subscriber may see it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from infrastructure.downstream import states
from infrastructure.http.feed import CURSOR
from tests.infrastructure.http.a_house import SECRET, Caller, House, answered
from tests.infrastructure.http.a_subscriber import subscribe
from tests.infrastructure.http.road import HttpWorld, a_road


def everything(caller: Caller, **params: Any) -> tuple[list[dict[str, Any]], str]:
    """The cases of all pages, and the cursor to follow on from."""
    cases: list[dict[str, Any]] = []
    page: dict[str, Any] = answered(caller.get("/v1/snapshot", **params))
    feed = page["feed"]
    while True:
        assert page["feed"] == feed
        cases += page["cases"]
        if page["next"] is None:
            return cases, feed
        page = answered(caller.get("/v1/snapshot", **{**params, "cursor": page["next"]}))


@pytest.fixture(scope="module")
def restricted(everybody: House) -> HttpWorld:
    """A customer of Wolverhampton's who is restricted."""
    road = a_road(everybody, "wolverhampton")
    road.restricted()
    assert isinstance(road.world, HttpWorld)
    return road.world


def a_system(house: House, **said: Any) -> Caller:
    """A system of Wolverhampton's."""
    return subscribe(house, "wolverhampton", f"system_{uuid4().hex[:8]}", **said)


def test_a_snapshot_tells_of_whoever_is_restricted_and_where_to_follow_on(
    everybody: House, restricted: HttpWorld
) -> None:
    system = a_system(everybody)
    cases, feed = everything(system, limit=1)
    [row] = [case for case in cases if case["case"] == restricted.case_id]
    assert row["person"] == restricted.person
    [restriction] = row["restrictions"]
    assert restriction["timeline"][0]["measures"]
    assert "reference" not in row
    assert answered(system.get("/v1/snapshot", case=restricted.case_id))["cases"] == [row]
    version = everybody.evenhand.desk("wolverhampton").history(restricted.case_id)[-1].version  # type: ignore[arg-type]
    assert row["caseversion"] == version
    assert system.get("/v1/feed", after=feed).status_code == 200


def test_a_subscriber_sees_what_it_follows(everybody: House, restricted: HttpWorld) -> None:
    system = a_system(everybody, topics=["casework"])
    [row] = answered(system.get("/v1/snapshot", case=restricted.case_id))["cases"]
    assert row["restrictions"] == []
    assert everything(system)[0] == []


def test_a_read_model_that_is_too_far_behind_gives_no_snapshot_and_single_cases_all_the_same(
    everybody: House, restricted: HttpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = a_system(everybody)
    monkeypatch.setattr(states, "LOOKED_THROUGH", -1)
    refused = system.get("/v1/snapshot")
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/not-yet")
    [row] = answered(system.get("/v1/snapshot", case=restricted.case_id))["cases"]
    assert row["restrictions"]


def test_no_word_of_anybody_is_in_a_snapshot(everybody: House, restricted: HttpWorld) -> None:
    said = a_system(everybody).get("/v1/snapshot", case=restricted.case_id).text
    assert SECRET not in said
    assert "Robin" not in said


def test_references_come_to_whoever_may_have_them_on_record(house: House, officer: Caller) -> None:
    code, reference = f"system_{uuid4().hex[:8]}", f"R-{uuid4().hex}"
    system = subscribe(house, "maidstone", code, references=True)
    contact = officer.contact(reference=reference)
    [row] = answered(system.get("/v1/snapshot", case=contact["case"]))["cases"]
    assert row["reference"] == reference
    told = answered(system.get("/v1/references", person=[contact["person"], str(uuid4()), "nonsense"]))
    assert told == {"references": [{"person": contact["person"], "reference": reference}]}
    log = house.evenhand.access_log("maidstone").all_of_subject(contact["person"])
    assert [(a.role, a.fields, a.query, a.case) for _, a in log] == [
        (f"subscriber {code}", ("reference",), "GET /v1/snapshot", contact["case"]),
        (f"subscriber {code}", ("reference",), "GET /v1/references", None),
    ]


def test_whoever_may_not_have_references_is_refused_them(house: House, officer: Caller) -> None:
    system = subscribe(house, "maidstone", f"system_{uuid4().hex[:8]}")
    refused = system.get("/v1/references", person=officer.contact()["person"])
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/references-withheld")


def test_cases_that_there_are_not_or_that_are_a_neighbours_are_left_out(
    house: House, officer: Caller, neighbour: Caller
) -> None:
    system = subscribe(house, "maidstone", f"system_{uuid4().hex[:8]}")
    own, foreign = officer.contact()["case"], neighbour.contact()["case"]
    found = answered(system.get("/v1/snapshot", case=[foreign, own, str(uuid4()), "x"]))["cases"]
    assert [row["case"] for row in found] == [own]


def test_the_parts_of_a_snapshot_come_to_the_whole(everybody: House, restricted: HttpWorld) -> None:
    system = a_system(everybody)
    whole = {row["case"] for row in everything(system)[0]}
    parts = [{row["case"] for row in everything(system, shard=f"{part}/3")[0]} for part in range(3)]
    assert restricted.case_id in whole == set().union(*parts)
    assert sum(map(len, parts)) == len(whole)


@pytest.mark.parametrize(
    ("field", "params"),
    [
        ("cursor", {"cursor": "x"}),
        ("cursor", {"cursor": "WyJzbmFwc2hvdCIsImEiLCJiIl0"}),  # well formed, and never given out
        ("cursor", {"cursor": "x", "case": str(uuid4())}),
        ("limit", {"limit": 0}),
        ("limit", {"limit": 201}),
        ("case", {"case": ["a"] * 201}),
        ("shard", {"shard": "1/1"}),
        ("type", {"type": "nothing"}),
    ],
    ids=["no cursor", "forged", "with cases", "none", "many", "many cases", "shard", "type"],
)
def test_what_cannot_be_asked_is_refused_where_it_stands(house: House, field: str, params: dict[str, Any]) -> None:
    system = subscribe(house, "maidstone", f"system_{uuid4().hex[:8]}")
    refused = system.get("/v1/snapshot", **params)
    assert refused.status_code == 422, refused.text
    assert [e["field"] for e in refused.json()["errors"]] == [field]


def test_a_feed_cursor_leads_nowhere_in_a_snapshot_and_a_callers_without_registration_nowhere_at_all(
    house: House,
) -> None:
    system = subscribe(house, "maidstone", f"system_{uuid4().hex[:8]}")
    cursor = system.get("/v1/feed").headers[CURSOR]
    assert system.get("/v1/snapshot", cursor=cursor).status_code == 422
    stranger = house.caller("maidstone", "colleague", frozenset({"follow"}))
    for path in ("/v1/snapshot", "/v1/references?person=x"):
        refused = stranger.get(path)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-a-subscriber")
