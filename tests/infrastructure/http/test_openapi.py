"""The OpenAPI document: complete, with an example for every body, and the one that callers were given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from domain.decisions import COMMANDS, LANDLORD_COMMANDS
from infrastructure.http.bodies import in_shape
from infrastructure.http.clock import TickByHand
from infrastructure.http.commands import OF_A_CASE
from infrastructure.http.contacts import TakeContact, TakeContactOfCase
from infrastructure.http.disclosures import DeletionConfirmed
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.letters import PreviewLetter
from infrastructure.http.letters_kept import NewLetter
from infrastructure.http.ops_answers import BODIES as OF_OPERATIONS
from infrastructure.http.people import AddPerson, ChangePerson, StartCase
from infrastructure.http.receipts import AcknowledgeEvents
from infrastructure.http.webhooks_answers import BODIES as OF_WEBHOOKS
from tests.golden.make_openapi import GOLDEN, document, text

DOCUMENT = document()
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
BODIES: dict[str, Any] = {
    **OF_A_CASE,
    **LANDLORD_COMMANDS,
    "contacts": TakeContact,
    "log-contact": TakeContactOfCase,
    "cases": StartCase,
    "persons": AddPerson,
    "change-person": ChangePerson,
    "preview": PreviewLetter,
    "deleted": DeletionConfirmed,
    "letters": NewLetter,
    "tick": TickByHand,
    "receipts": AcknowledgeEvents,
    **OF_OPERATIONS,
    **OF_WEBHOOKS,
}

# They take no token, and tell nothing of any landlord.
OPEN = {
    "GET /health",
    "GET /problems/{name}",
    "GET /v1/asyncapi.json",
    "GET /v1/schemas",
    "GET /v1/schemas/{name}/{version}",
}


def test_the_document_is_the_one_that_callers_were_given() -> None:
    assert text() == GOLDEN.read_text(encoding="utf-8"), (
        "run python -m tests.golden.make_openapi and look at the change"
    )


def test_every_command_has_a_route() -> None:
    paths = set(DOCUMENT["paths"])
    assert {f"/v1/cases/{{case}}/{name}" for name in COMMANDS if name != "open-case"} <= paths
    assert {f"/v1/landlord/{name}" for name in LANDLORD_COMMANDS} <= paths


@pytest.mark.parametrize("name", sorted(BODIES))
def test_every_example_is_a_body_that_is_taken(name: str) -> None:
    in_shape(BODIES[name], json.dumps(EXAMPLES[name]).encode())


def test_there_is_an_example_for_every_body_and_no_other() -> None:
    assert set(EXAMPLES) == set(BODIES)


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_every_operation_is_described_with_its_answers(name: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["operationId"]
    responses = operation["responses"]
    assert {"200", "201", "202"} & set(responses)
    assert all("content" in response for response in responses.values())
    if name not in OPEN:
        by_scope = {"403"} if "notify-callback" not in name else set()  # whose token is good for nothing else
        assert {"401", "422", "503"} | by_scope <= set(responses)
        assert operation["security"]
    if name == "POST /v1/cases/{case}/evidence":  # whose body is a file of one of many types
        assert {"400", "413", "422"} <= set(responses)
        assert len(operation["requestBody"]["content"]) > 1
    elif name.startswith(("POST ", "PATCH ")):
        assert {"400", "413", "415"} <= set(responses)
        content = operation["requestBody"]["content"]["application/json"]
        assert content["example"]
        assert content["schema"]


def test_every_reference_leads_to_a_schema() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for reference in _references(DOCUMENT):
        place, _, name = reference.rpartition("/")
        assert place == "#/components/schemas"
        assert name in schemas


def test_names_of_operations_are_told_apart() -> None:
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(set(names)) == len(names)


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for item in part.values():
            yield from _references(item)
    elif isinstance(part, list):
        for item in part:
            yield from _references(item)
