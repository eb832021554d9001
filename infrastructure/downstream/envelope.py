"""The CloudEvent around the data of a public event: its JSON Schema, and a made-up event of any type to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.public import PublicType
from infrastructure.downstream.schemas import INSTANT, UUID, Schema

CLOUDEVENT: Final = "cloudevent"  # the name of its schema
VERSION: Final = 1
_NAME: Final = r"[a-z]+(-[a-z]+)*"

# CloudEvents 1.0, JSON format, with our extensions after `dataschema`; `data` is described by the schema of its type.
ENVELOPE: Final[Schema] = {
    "$id": f"urn:evenhand:schema:{CLOUDEVENT}:{VERSION}",
    "title": CLOUDEVENT,
    "type": "object",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {
            "type": "string",
            "pattern": r"^[0-9a-f-]{36}(:[0-9]+)?$",
            "description": "The same at every delivery, by every road.",
        },
        "source": {
            "type": "string",
            "pattern": r"^urn:evenhand:landlord:[a-z][a-z0-9_]{1,30}$",
            "description": "Whose log it stands in.",
        },
        "type": {"type": "string", "pattern": rf"^evenhand\.{_NAME}$"},
        "subject": {**UUID, "description": "The case, opaque."},
        "time": {**INSTANT, "description": "When it took effect."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "pattern": rf"^urn:evenhand:schema:{_NAME}:[1-9][0-9]*$"},
        "sequence": {
            "type": "string",
            "pattern": "^[0-9]{20}$",
            "description": "The place in the landlord's log; in the order of text. Some places are nobody's to follow.",
        },
        "caseversion": {"type": "integer", "minimum": 1, "description": "The place in the history of the case."},
        "previous": {
            "type": "integer",
            "minimum": 0,
            "description": "The `caseversion` of the event before it of the same case that this subscriber asked for; "
            "0: there is none.",
        },
        "recordedtime": {**INSTANT, "description": "When it was written; never before the event before it."},
        "partitionkey": {**UUID, "description": "The case again, for those who share out work by it."},
        "data": {"type": "object"},
    },
    "required": [
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "dataschema",
        "sequence",
        "caseversion",
        "previous",
        "recordedtime",
        "partitionkey",
        "data",
    ],
    "additionalProperties": False,
}


def of_type(told: PublicType, data: Schema) -> Schema:
    """What the envelope of an event of one type says besides."""
    return {
        "type": "object",
        "properties": {
            "type": {"const": told.type},
            "dataschema": {"const": told.schema()},
            "data": data,
        },
    }


_EVENT: Final = "01987a3c-5f10-7c42-8b6e-2d9f4a1c7e05"
_CASE: Final = "d27a90c3-1b5e-5f48-9e02-64c8b7f1a055"
_PERSON: Final = "5e0c2b7a-4f52-4d0e-9a1c-7c1f4f0b2d11"
_DAY: Final = "2026-03-02"


def an_event(told: PublicType, schemas: Mapping[tuple[str, int], Schema]) -> dict[str, Any]:
    """An event of a type with everything in it that can be there; made up, and always the same."""
    data = schemas[told.name, told.version]["properties"]
    return {
        "specversion": "1.0",
        "id": _EVENT,
        "source": "urn:evenhand:landlord:elm",
        "type": told.type,
        "subject": _CASE,
        "time": f"{_DAY}T09:40:00Z",
        "datacontenttype": "application/json",
        "dataschema": told.schema(),
        "sequence": f"{1204:020d}",
        "caseversion": 12,
        "previous": 9,
        "recordedtime": f"{_DAY}T09:40:03.120000Z",
        "partitionkey": _CASE,
        "data": {
            "case": _CASE,
            "person": _PERSON,
            "effective_on": _DAY,
            "alert": told.alert,
            "detail": _example(data["detail"], ""),
            "links": {"state": f"/v1/snapshot?case={_CASE}"},
        },
    }


def _example(schema: Schema, name: str) -> Any:  # noqa: ANN401 - any JSON value
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    match kind:
        case "object":
            return {key: _example(part, key) for key, part in schema["properties"].items()}
        case "array":
            return [_example(schema["items"], name)]
        case "boolean":
            return True
        case "integer":
            return 2
    if "enum" in schema:
        return schema["enum"][0]
    by_form = {"uuid": _PERSON, "date": _DAY, "date-time": f"{_DAY}T09:40:00Z"}
    if schema.get("format") in by_form:
        return by_form[schema["format"]]
    if "working day" in schema["pattern"]:
        return "20 working days"
    if "mon|" in schema["pattern"]:
        return "tuesday 10:30"
    return f"{name.rstrip('s')}-1".replace("_", "-")
