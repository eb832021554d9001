"""A request that says nothing beyond its path is answered like one that says what would be taken anyway."""

from __future__ import annotations

from typing import Annotated

import pytest
from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from infrastructure.http.plain import PlainRoute
from tests.infrastructure.http.a_house import Caller, answered

TODAY = "2026-01-12"  # by the clocks of the house


@pytest.mark.parametrize("path", ["/v1/customers/{person}/alert", "/v1/register"])
def test_saying_what_would_be_taken_anyway_changes_nothing(officer: Caller, path: str) -> None:
    address = path.format(person=officer.contact()["person"])
    head = str(officer.house.head(officer.landlord))
    answered(officer.get("/v1/register", headers={"Evenhand-Position": head}))  # until nothing is behind
    plain = answered(officer.get(address))
    assert plain["on"] == TODAY
    assert answered(officer.get(address, on=TODAY)) == plain
    for headers in ({"Evenhand-Position": "0"}, {"evenhand-purpose": "complaint-handling"}):
        assert answered(officer.get(address, headers=headers)) == plain


@pytest.mark.parametrize("path", ["/v1/customers/{person}/alert", "/v1/register"])
@pytest.mark.parametrize(
    ("asked", "headers", "status"),
    [
        ({"onn": TODAY}, {}, 422),
        ({"on": "today"}, {}, 422),
        ({"min_position": 10**15}, {}, 503),
        ({}, {"EVENHAND-POSITION": str(10**15)}, 503),
        ({}, {"evenhand-position": "soon"}, 400),
        ({}, {"Evenhand-Purpose": "Because I Say So"}, 400),
    ],
)
def test_whatever_is_said_beyond_the_path_is_heard(
    officer: Caller, path: str, asked: dict[str, str], headers: dict[str, str], status: int
) -> None:
    address = path.format(person=officer.contact()["person"])
    assert officer.get(address, headers=headers, **asked).status_code == status


def test_a_route_that_must_be_told_something_cannot_be_plain() -> None:
    router = APIRouter(route_class=PlainRoute)

    def show(word: Annotated[str, Query()]) -> PlainTextResponse:
        return PlainTextResponse(word)

    with pytest.raises(TypeError, match="cannot be answered when nothing is given"):
        router.add_api_route("/word", show)
