"""The documents of public events over HTTP: open to anybody, and telling of nobody."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from infrastructure.downstream.asyncapi import document
from infrastructure.downstream.envelope import ENVELOPE
from infrastructure.downstream.schemas import DIALECT, SCHEMAS
from tests.infrastructure.downstream.the_forms import thin, validator
from tests.infrastructure.http.a_feed import everything
from tests.infrastructure.http.a_house import SECRET, House, answered
from tests.infrastructure.http.a_subscriber import subscribe


def test_the_asyncapi_document_takes_no_token(house: House) -> None:
    assert answered(house.http.get("/v1/asyncapi.json")) == document()


def test_every_schema_that_is_listed_is_there_under_its_own_name(house: House) -> None:
    listed = answered(house.http.get("/v1/schemas"))
    assert len(listed["schemas"]) == len(SCHEMAS)
    for one in listed["schemas"][::20]:
        response = house.http.get(one["href"])
        assert response.headers["Content-Type"] == "application/schema+json"
        assert answered(response)["$id"] == one["dataschema"]
    assert answered(house.http.get(listed["envelope"])) == {"$schema": DIALECT, **ENVELOPE}


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


@pytest.mark.parametrize("references", [False, True], ids=["without references", "with references"])
def test_the_cloudevents_library_reads_every_event_of_a_batch(house: House, references: bool) -> None:
    house.caller("maidstone").contact()
    system = subscribe(house, "maidstone", f"system_{uuid4().hex[:8]}", references=references)
    batch: Any = answered(system.get("/v1/feed", limit=2000))
    assert batch
    for event in batch:
        assert ("reference" in event["data"]) is references
        body = json.dumps(event).encode()
        read = JSONFormat().read(CloudEvent, body)
        assert (read.get_id(), read.get_subject(), read.get_data()) == (event["id"], event["subject"], event["data"])
        event["data"].pop("reference", None)  # the landlord's own, in whatever form
        thin(json.dumps(event).encode())
        assert SECRET not in body.decode()


def test_an_event_with_a_reference_is_in_the_shape_that_its_schema_says(house: House) -> None:
    case = house.caller("maidstone").contact(reference=f"Ref {uuid4().hex}")["case"]
    system = subscribe(house, "maidstone", f"system_{uuid4().hex[:8]}", references=True)
    found = [e for e in everything(system, limit=2000) if e["subject"] == case]
    assert found
    for event in found:
        validator(event["dataschema"]).validate(event["data"])
        assert event["data"]["reference"].startswith("Ref ")
