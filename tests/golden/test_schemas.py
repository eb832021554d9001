"""The schemas of public events: the ones that those who follow were given, and what today's code makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asyncapi3 import AsyncAPI3
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from domain.codes import Topic
from domain.events import FACTS, CaseFact
from domain.public import PUBLIC, Earlier, PublicType
from infrastructure.downstream.asyncapi import document
from infrastructure.downstream.envelope import ENVELOPE
from infrastructure.downstream.schemas import as_text, data_schema, detail_of, file_name, made, superseded
from tests.golden.make_schemas import (
    ASYNCAPI,
    EVENTS,
    HASHES,
    RELEASED,
    asyncapi_text,
    digest,
    events_text,
    schema_texts,
)

MAKE = "run python -m tests.golden.make_schemas and look at the change"


def test_a_released_schema_never_changes_and_each_one_is_known() -> None:
    files = {file.name: digest(file.read_text(encoding="utf-8")) for file in sorted(RELEASED.glob("*.json"))}

    assert files == json.loads(HASHES.read_text(encoding="utf-8")), (
        f"A released schema is kept as it is. Of a new type or version, {MAKE}."
    )


@pytest.mark.parametrize("name", sorted(schema_texts()))
def test_a_schema_says_what_its_version_always_said(name: str) -> None:
    released = RELEASED / name
    assert released.exists(), f"{name} is new: {MAKE}"
    assert schema_texts()[name] == released.read_text(encoding="utf-8"), (
        f"{name} would tell other fields, or other codes, than those who follow were given. Give the type its next "
        "version in domain.public, with the earlier one and the way back to it (Earlier), and run "
        "python -m tests.golden.make_schemas."
    )


def test_no_released_schema_was_given_up() -> None:
    gone = {file.name for file in RELEASED.glob("*.json")} - set(schema_texts())
    assert not gone, "subscribers may stay on these: keep them as earlier versions of their types"


def test_the_asyncapi_document_is_the_one_that_is_kept() -> None:
    assert asyncapi_text() == ASYNCAPI.read_text(encoding="utf-8"), MAKE


def test_the_list_of_events_is_the_one_of_the_registry() -> None:
    assert events_text() == EVENTS.read_text(encoding="utf-8"), MAKE


def test_the_asyncapi_document_is_one() -> None:
    AsyncAPI3.model_validate(document())


@pytest.mark.parametrize("name", sorted(schema_texts()))
def test_every_schema_is_a_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(schema_texts()[name]))


def test_every_fact_of_a_case_has_a_public_type_and_no_other_has() -> None:
    of_cases = set(CaseFact.__args__)
    assert {stored for stored, kind in FACTS.items() if kind in of_cases} == set(PUBLIC)


def test_the_names_of_public_types_are_told_apart() -> None:
    names = [told.name for told in PUBLIC.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", sorted(document()["components"]["messages"]))
def test_every_example_of_the_asyncapi_document_is_what_its_message_says(name: str) -> None:
    whole = document()
    registry = Registry().with_resource("urn:asyncapi", DRAFT202012.create_resource(whole))
    message = whole["components"]["messages"][name]
    validator = Draft202012Validator(
        {"$ref": f"urn:asyncapi#/components/messages/{name}/payload"},
        registry=registry,
        format_checker=FormatChecker(),
    )
    for example in message["examples"]:
        validator.validate(example["payload"])


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    whole = document()
    for reference in _references(whole):
        place: Any = whole
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_event_of_a_topic_has_a_channel_of_the_broker() -> None:
    channels = document()["channels"]
    for told in PUBLIC.values():
        assert told.name in channels[f"broker-{told.topic}"]["messages"]


# What no public event may hold


@pytest.mark.parametrize(
    ("stored", "field"),
    [
        ("RestrictionApplied", "reasons"),  # personal
        ("ContactLogged", "summary"),
        ("ContactLogged", "happened_at"),  # an instant tells more than a day
        ("NamedContactChanged", "contact_staff"),  # of the staff
        ("ContactLogged", "mood"),  # no such field
    ],
)
def test_a_field_that_may_not_be_told_is_refused_when_the_service_starts(stored: str, field: str) -> None:
    told = PublicType(name="made-for-a-test", topic=Topic.CASEWORK, fields=(field,))
    with pytest.raises(TypeError, match=field):
        made({stored: told})


# Versions


FIRST = PublicType(name="lifted-for-a-test", topic=Topic.RESTRICTIONS, fields=("restriction", "from_on"))


def _down(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {name: detail[name] for name in FIRST.fields}


SECOND = replace(
    FIRST,
    version=2,
    fields=(*FIRST.fields, "because_of"),
    earlier=(Earlier(version=1, fields=FIRST.fields, down=_down),),
)


def test_an_earlier_schema_is_served_as_it_was_released(tmp_path: Path) -> None:
    text = as_text(data_schema(FIRST, detail_of("RestrictionLifted", FIRST)))
    (tmp_path / file_name(FIRST.name, 1)).write_text(text, encoding="utf-8")

    assert superseded({"RestrictionLifted": SECOND}, tmp_path) == {(FIRST.name, 1): json.loads(text)}
    schema = made({"RestrictionLifted": SECOND})[FIRST.name, 2]
    assert schema["$id"] == "urn:evenhand:schema:lifted-for-a-test:2"
    assert "because_of" in schema["properties"]["detail"]["properties"]


def test_an_earlier_version_without_its_file_or_with_other_fields_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        superseded({"RestrictionLifted": SECOND}, tmp_path)

    other = data_schema(SECOND, detail_of("RestrictionEnded", PUBLIC["RestrictionEnded"]), 1)
    (tmp_path / file_name(SECOND.name, 1)).write_text(as_text(other), encoding="utf-8")
    with pytest.raises(TypeError, match="other fields"):
        superseded({"RestrictionLifted": SECOND}, tmp_path)


def test_the_envelope_takes_no_attribute_that_it_does_not_name() -> None:
    whole = document()["components"]["messages"]["restriction-applied"]["examples"][0]["payload"]
    Draft202012Validator(ENVELOPE).validate(whole)
    errors = list(Draft202012Validator(ENVELOPE).iter_errors({**whole, "reference": "T-1"}))
    assert len(errors) == 1


def _references(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for item in part.values() for found in _references(item)]
    if isinstance(part, list):
        return [found for item in part for found in _references(item)]
    return []
