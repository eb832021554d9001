"""Ids and cursors that we never gave: written in another way, or made up, they lead nowhere."""

from __future__ import annotations

import base64
import json
from uuid import UUID

import pytest

from tests.infrastructure.http.a_house import Caller, House, a_contact


@pytest.fixture
def officer(house: House) -> Caller:
    return house.caller("maidstone")


def spellings(known: str) -> list[str]:
    """The same UUID as others write it; each is accepted by Python and by PostgreSQL."""
    return [known.upper(), UUID(known).hex, f"{{{known}}}", f"urn:uuid:{known}"]


def test_nobody_is_told_that_a_known_customer_has_no_case_because_their_id_is_spelt_otherwise(officer: Caller) -> None:
    known = officer.contact()
    for spelling in spellings(known["person"]):
        assert officer.get(f"/v1/customers/{spelling}/alert").status_code == 404
        assert officer.get(f"/v1/persons/{spelling}").status_code == 404
        assert officer.get("/v1/advice", person=spelling, channel="telephone").status_code == 404
    for spelling in spellings(known["case"]):
        assert officer.get(f"/v1/cases/{spelling}").status_code == 404
        assert officer.get(f"/v1/cases/{spelling}/history").status_code == 404


def test_a_customer_gets_no_second_case_under_another_spelling_of_their_id(house: House, officer: Caller) -> None:
    known = officer.contact()
    head = house.head("maidstone")
    for spelling in spellings(known["person"]):
        assert officer.post("/v1/contacts", a_contact(reference=None, person=spelling)).status_code in (404, 422)
        assert officer.post("/v1/cases", {"person": spelling}).status_code in (404, 422)
    assert house.head("maidstone") == head


@pytest.mark.parametrize("place", [["\x00", ""], ["", "\x00"], ["\ud800", ""], ["a"], ["a", 1], [True, "a"]])
def test_a_made_up_place_in_the_register_is_422(officer: Caller, place: list[object]) -> None:
    response = officer.get("/v1/register", on="2026-01-12", cursor=made_up("register on 2026-01-12", *place))
    assert response.status_code == 422, response.text


@pytest.mark.parametrize("place", [[True, False], [-1, 0], [1.5, 0], [0], ["0", 0], [2**62, 0], [0, None, 0]])
def test_a_made_up_place_in_a_history_is_422(officer: Caller, place: list[object]) -> None:
    case = officer.contact()["case"]
    response = officer.get(f"/v1/cases/{case}/history", cursor=made_up(f"history of {case}", *place))
    assert response.status_code == 422, response.text


def made_up(*parts: object) -> str:
    """A cursor as ours are made, without the end that is not needed."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
