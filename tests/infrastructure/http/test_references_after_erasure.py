"""Who a customer is, is looked up when it is asked: whoever begins anew finds nothing of those who were erased."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.infrastructure.http.a_feed import everything
from tests.infrastructure.http.a_house import Caller, House, accepted, answered, appoint
from tests.infrastructure.http.a_subscriber import subscribe


@pytest.fixture(scope="module")
def dpo(house: House) -> Caller:
    """Derby's data protection officer."""
    appoint(house, "derby", "eraser", "data_protection_officer")
    return house.caller("derby", "eraser")


def of_case(system: Caller, case: str) -> list[dict[str, Any]]:
    """All events of a case, from the beginning of the feed."""
    return [event for event in everything(system, limit=2000) if event["subject"] == case]


def test_after_erasure_no_road_gives_the_reference_any_more(house: House, neighbour: Caller, dpo: Caller) -> None:
    system = subscribe(house, "derby", f"system_{uuid4().hex[:8]}", references=True)
    reference = f"D-{uuid4().hex}"
    known = neighbour.contact(reference=reference)
    case, person = known["case"], known["person"]
    accepted(neighbour.post(f"/v1/cases/{case}/close-case", {}))
    assert {event["data"]["reference"] for event in of_case(system, case)} == {reference}
    told = answered(system.get("/v1/references", person=person))
    assert told["references"] == [{"person": person, "reference": reference}]

    request = accepted(neighbour.post(f"/v1/cases/{case}/receive-rights-request", {"right": "erasure"}))
    accepted(dpo.post(f"/v1/cases/{case}/erase-person", {"request": request["facts"][0]["id"]}))

    events = of_case(system, case)
    assert {event["data"]["reference"] for event in events} == {None}
    # That they were erased is told, and whose records it was: an id that leads to nobody now.
    erased = events[-1]
    assert (erased["type"], erased["data"]["person"]) == ("evenhand.person-erased", person)
    for path in (f"/v1/snapshot?case={case}", f"/v1/references?person={person}"):
        answer = system.get(path)
        assert reference not in answer.text
        assert answer.status_code == 200
    [row] = answered(system.get("/v1/snapshot", case=case))["cases"]
    assert row["reference"] is None
