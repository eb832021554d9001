"""What the AsyncAPI document says of the roads is what goes on them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from domain.public import PUBLIC, UNREADABLE
from infrastructure.downstream.asyncapi import document
from infrastructure.downstream.broker.names import subject_of
from infrastructure.downstream.webhooks.calls import a_new_start, a_test
from infrastructure.http.feed import AT_ONCE, BATCH, CURSOR, HEAD, LONGEST_WAIT, MOST_AT_ONCE
from infrastructure.http.feed_filters import SCHEMA
from infrastructure.http.requests import POSITION
from tests.golden.make_openapi import document as openapi

DOCUMENT: Any = document()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def payload(message: str) -> Draft202012Validator:
    """What the body of a message is held against."""
    registry = Registry().with_resource("urn:asyncapi", DRAFT202012.create_resource(DOCUMENT))
    return Draft202012Validator({"$ref": f"urn:asyncapi#/components/messages/{message}/payload"}, registry=registry)


def test_the_feed_takes_what_the_document_says() -> None:
    query = DOCUMENT["operations"]["answer-poll"]["bindings"]["http"]["query"]["properties"]
    parameters = {p["name"]: p for p in openapi()["paths"]["/v1/feed"]["get"]["parameters"] if p["in"] == "query"}
    assert set(query) == set(parameters)
    assert (query["limit"]["maximum"], query["limit"]["default"]) == (MOST_AT_ONCE, AT_ONCE)
    assert query["wait"]["maximum"] == LONGEST_WAIT
    for told in PUBLIC.values():
        assert SCHEMA.fullmatch(told.schema())


def test_a_page_has_the_headers_and_the_type_that_the_document_says() -> None:
    batch = DOCUMENT["components"]["messages"]["batch"]
    assert {CURSOR, POSITION, HEAD} <= set(batch["headers"]["properties"])
    assert batch["contentType"] == BATCH


@pytest.mark.parametrize("told", [*PUBLIC.values(), UNREADABLE], ids=lambda told: told.name)
def test_the_broker_publishes_each_type_where_the_document_says(told: Any) -> None:
    [channel] = [
        one for one in DOCUMENT["channels"].values() if "broker" in one["title"] and told.name in one["messages"]
    ]
    address = channel["address"].replace("{landlord}", "derby").replace("{type}", told.name)
    assert subject_of("derby", told.name) == address


def test_what_a_webhook_is_told_of_the_calls_themselves_is_as_the_document_says() -> None:
    payload("test").validate(json.loads(a_test("derby", "endpoint-1", str(uuid4()), NOON).body))
    payload("start-over").validate(json.loads(a_new_start("derby", str(uuid4()), NOON, 1204).body))
    assert list(payload("start-over").iter_errors(json.loads(a_test("derby", "e", str(uuid4()), NOON).body)))


def test_nothing_of_any_installation_stands_in_it() -> None:
    told = json.dumps(DOCUMENT)
    for landlord in ("citizen", "derby", "maidstone", "star_housing", "wolverhampton", "127.0.0.1", "localhost"):
        assert landlord not in told
