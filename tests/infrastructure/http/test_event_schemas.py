"""The documents of public events over HTTP: open to anybody, and telling of nobody."""

from __future__ import annotations

import pytest

from infrastructure.downstream.asyncapi import document
from infrastructure.downstream.envelope import ENVELOPE
from infrastructure.downstream.schemas import SCHEMAS
from tests.infrastructure.http.a_house import House, answered


def test_the_asyncapi_document_takes_no_token(house: House) -> None:
    assert answered(house.http.get("/v1/asyncapi.json")) == document()


def test_every_schema_that_is_listed_is_there_under_its_own_name(house: House) -> None:
    listed = answered(house.http.get("/v1/schemas"))
    assert len(listed["schemas"]) == len(SCHEMAS)
    for one in listed["schemas"][::20]:
        response = house.http.get(one["href"])
        assert response.headers["Content-Type"] == "application/schema+json"
        assert answered(response)["$id"] == one["dataschema"]
    assert answered(house.http.get(listed["envelope"])) == ENVELOPE


def test_what_a_type_tells_stands_in_the_list(house: House) -> None:
    [lifted] = [
        one
        for one in answered(house.http.get("/v1/schemas"))["schemas"]
        if one["type"] == "evenhand.restriction-lifted"
    ]
    assert (lifted["topic"], lifted["version"], lifted["current"], lifted["alert"]) == ("restrictions", 1, True, True)
    assert lifted["tells"] == "It is no longer needed; `from_on` is the first day without it."


@pytest.mark.parametrize(
    "place",
    ["nothing-of-the-kind/1", "restriction-applied/2", "restriction-applied/0", "restriction-applied/one",
     "restriction-applied/01", "restriction-applied/" + "9" * 5000, "RestrictionApplied/1", "..%2F..%2Fetc/1"],
    ids=["name", "version", "nought", "word", "spelling", "digits", "stored name", "path"],
)  # fmt: skip
def test_a_schema_that_is_none_is_not_found(house: House, place: str) -> None:
    response = house.http.get(f"/v1/schemas/{place}")
    assert response.status_code == 404
    assert response.json()["type"] == "/problems/not-found"
