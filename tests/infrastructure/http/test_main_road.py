"""From the first contact to a binding restriction, over HTTP into the database and back, under every policy."""

from typing import Any

import pytest

from domain.codes import CaseId
from tests.domain.world import Road
from tests.infrastructure.http.a_house import House, answered
from tests.infrastructure.http.road import HttpWorld, a_road

NO_WAY_IN = {"code": "other", "reason": "x", "words": "x", "effect": "channels", "open": ["meeting"]}
LANDLORDS = ("citizen", "derby", "maidstone", "star", "wolverhampton")


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_restriction_is_decided_told_and_shown(everybody: House, landlord: str) -> None:
    road = a_road(everybody, landlord)
    restriction = road.restricted()
    world = road.world
    assert isinstance(world, HttpWorld)
    anybody = world.callers["case_officer"]
    alert = answered(anybody.get(f"/v1/customers/{world.person}/alert"))
    assert alert["restricted"] == "yes"
    [standing] = alert["standing"]
    assert standing["row"]["restriction"] == restriction
    assert all(told["told_on"] == world.today.isoformat() for told in standing["measures"])
    assert (world.case_id, restriction) in _register(world, world.today.isoformat())
    assert (world.case_id, restriction) not in _register(world, "2026-01-11")


def _register(world: HttpWorld, day: str) -> list[tuple[str, str]]:
    position = str(world.house.head(world.landlord_id))
    caller = world.callers["case_officer"]
    path: str | None = f"/v1/register?on={day}&limit=1"
    found = []
    while path is not None:
        page: dict[str, Any] = answered(caller.get(path, headers={"Evenhand-Position": position}))
        found += [(entry["case"], entry["standing"]["row"]["restriction"]) for entry in page["entries"]]
        path = page["next"]
    return found


def test_the_alert_is_right_for_any_day_also_when_nothing_ran(everybody: House) -> None:
    road = a_road(everybody, "maidstone")
    road.restricted()
    world = road.world
    assert isinstance(world, HttpWorld)
    path, caller = f"/v1/customers/{world.person}/alert", world.callers["case_officer"]
    term = answered(caller.get(path))["standing"][0]["row"]
    states = {
        day: answered(caller.get(path, on=day))["restricted"]
        for day in ("2025-12-31", term["starts_on"], term["last_day"], "2098-01-01")
    }
    assert list(states.values()) == ["no", "yes", "yes", "no"]


def test_a_case_and_its_alert_answer_what_was_known_at_an_instant(everybody: House) -> None:
    road = a_road(everybody, "derby")
    proposal = road.ready()
    world = road.world
    assert isinstance(world, HttpWorld)
    before = world.now
    world.wait(1)
    world.do(road.application(proposal), by=road.decider())
    caller, case = world.callers["case_officer"], f"/v1/cases/{world.case_id}"
    then, now = (answered(caller.get(case, **asked)) for asked in ({"known_at": before.isoformat()}, {}))
    assert (then["case"]["restrictions"], len(now["case"]["restrictions"])) == ([], 1)
    alert = f"/v1/customers/{world.person}/alert"
    day = world.today.isoformat()
    assert answered(caller.get(alert, on=day, known_at=before.isoformat()))["restricted"] == "no"
    assert answered(caller.get(alert, on=day))["restricted"] == "yes"
    told = [m["told_on"] for m in answered(caller.get(case, valid_on=day))["valid_on"]["measures"]]
    assert set(told) == {None}


@pytest.fixture(scope="module")
def proposed(everybody: House) -> tuple[Road, str]:
    """Everything up to the decision, at Citizen, whose policy gives no term of its own."""
    road = a_road(everybody, "citizen")
    return road, road.ready()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"ends_on": None}, "an_end_and_a_review"),
        ({"ends_on": "2020-01-01"}, "end_before_start"),
        ({"measures": [{"code": "exile", "reason": "x"}]}, "unknown_measure"),
        ({"measures": [NO_WAY_IN]}, "a_usable_channel_stays_open"),
    ],
    ids=["no end", "an end before its start", "an unknown measure", "no usable channel"],
)
def test_a_restriction_that_cannot_be_is_refused_and_nothing_is_written(
    everybody: House, proposed: tuple[Road, str], changes: dict[str, Any], rule: str
) -> None:
    road, proposal = proposed
    world = road.world
    assert isinstance(world, HttpWorld)
    body = {**world.said(road.application(proposal)), **changes}
    head = everybody.head("citizen")
    path = f"/v1/cases/{world.case_id}/apply-restriction"
    response = world.callers[road.decider()].post(path, {k: v for k, v in body.items() if v is not None})
    assert response.status_code == 409, response.text
    found = {violation["rule"]: violation for violation in response.json()["violations"]}
    assert rule in found, found
    assert found[rule]["asks"]
    assert everybody.head("citizen") == head


def test_whoever_decided_cannot_hear_the_appeal(everybody: House) -> None:
    road = a_road(everybody, "derby")
    restriction = road.restricted()
    world = road.world
    assert isinstance(world, HttpWorld)
    case, officer = f"/v1/cases/{world.case_id}", world.callers["case_officer"]
    lodged = officer.post(f"{case}/lodge-appeal", {"against": restriction, "reasons": "Says it was not so."})
    assert lodged.status_code == 201, lodged.text
    decider = everybody.staff("derby", road.decider())
    head = everybody.head("derby")
    body = {"appeal": "appeal-1", "reviewer": decider}
    response = world.callers[road.decider()].post(f"{case}/appoint-appeal-reviewer", body)
    assert response.status_code == 409, response.text
    assert "independence" in {violation["rule"] for violation in response.json()["violations"]}
    assert everybody.head("derby") == head


@pytest.mark.clause("MAI-49", "RECORD")
def test_the_register_says_who_somebody_is_and_every_such_reading_is_on_record(everybody: House) -> None:
    road = a_road(everybody, "maidstone")
    road.restricted()
    world = road.world
    assert isinstance(world, HttpWorld)
    keeper = world.callers["head_of_policy"]
    headers = {"Evenhand-Position": str(world.house.head("maidstone"))}
    lines = answered(keeper.get("/v1/register", include="customer", limit=200, headers=headers))["entries"]
    [line] = [line for line in lines if line["case"] == world.case_id]
    assert line["customer"] == {
        "state": "shown",
        "reference": None,
        "name": "Robin Example",
        "address": None,
        "telephone": None,
        "email": None,
    }
    readings = [access for _, access in everybody.evenhand.access_log("maidstone").of_case(CaseId(world.case_id))]
    assert any(access.subject == world.person and "name" in access.fields for access in readings)
    reader = everybody.caller("maidstone", scopes=frozenset({"read"}))
    [withheld] = [
        line["customer"]
        for line in answered(reader.get("/v1/register", include="customer", limit=200))["entries"]
        if line["case"] == world.case_id
    ]
    assert (withheld["state"], withheld["name"]) == ("withheld", None)
