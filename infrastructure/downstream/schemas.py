"""What the data of a public event look like, as JSON Schema (draft 2020-12): one schema for each type and version.

A schema is made from the types of the fact's fields, so that it cannot say anything else than what is written. Each
text has a form of its own, a code, an id, a day or a period, and prose has none of them. A released schema never
changes: when a type takes a new version, the file of the one before moves beside this module, and is served as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, NewType, Union, get_args, get_origin, get_type_hints

from domain.codes import CaseId, RoleCode, SubjectId
from domain.events import FACTS
from domain.events.parts import Measure
from domain.public import MEASURE, PUBLIC, STATE_CHANGED, UNREADABLE, PublicType

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SUPERSEDED: Final = Path(__file__).with_name("superseded")  # the files of earlier versions, as they were released

Schema = dict[str, Any]

_UUID: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_INSTANT: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$"
UUID: Final[Schema] = {"type": "string", "format": "uuid", "pattern": _UUID}
DAY: Final[Schema] = {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
INSTANT: Final[Schema] = {"type": "string", "format": "date-time", "pattern": _INSTANT}
# A code of a policy or of the landlord's, or an id within the case: what commands take, `Id` of domain.decisions.
CODE: Final[Schema] = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9_.:-]{0,79}$"}
PERIOD: Final[Schema] = {"type": "string", "pattern": r"^[1-9][0-9]{0,4} (working day|day|week|month|year)s?$"}
SLOT: Final[Schema] = {
    "type": "string",
    "pattern": r"^(mon|tues|wednes|thurs|fri|satur|sun)day ([01][0-9]|2[0-3]):[0-5][0-9]$",
}
# Texts that are no codes, by the name of their field.
_FORMS: Final[Mapping[str, Schema]] = {
    "per": PERIOD,
    "delete_within": PERIOD,
    "slot": SLOT,
    "slots": SLOT,
}
# Types that no fact has of its own.
_OTHERS: Final = (UNREADABLE, STATE_CHANGED)


def detail_of(stored_name: str, told: PublicType) -> Schema:
    """The schema of `detail`: the fields that are told of this fact, all of them always there.

    Raises TypeError for a field that the fact has not, or that no public event may hold.
    """
    hints = get_type_hints(FACTS[stored_name], include_extras=True)
    if unknown := sorted(set(told.fields) - set(hints)):
        raise TypeError(f"{stored_name} has no {', '.join(unknown)} to tell of")
    return _object({name: _value(hints[name], name, f"{stored_name}.{name}") for name in told.fields})


def data_schema(told: PublicType, detail: Schema, version: int | None = None) -> Schema:
    """The schema of a type's `data`, of today's version unless another is given."""
    case = {**UUID, "description": "The case, opaque; always the same for one customer and one round of the policy."}
    person = {**_or_null(UUID), "description": "The customer, opaque; null only when the case cannot be read."}
    state = {"type": "string", "format": "uri-reference", "pattern": r"^/v1/snapshot\?case=" + _UUID[1:]}
    reference = {
        "type": ["string", "null"],
        "description": "The landlord's own reference of the customer. Only for a subscriber entitled to it, in the "
        "feed alone; null when there is none, and after erasure.",
    }
    alert = {
        "type": "boolean",
        "description": "Whether this can change what must be known before answering or visiting.",
    }
    data = _object(
        {
            "case": case,
            "person": person,
            "effective_on": {**DAY, "description": "The London day on which it took effect."},
            "alert": alert,
            "detail": detail,
            "links": _object({"state": {**state, "description": "Where the case's current state is."}}),
        }
    )
    data["properties"]["reference"] = reference  # and not required
    return {"$id": told.schema(version), "title": told.name, **data}


def made(public: Mapping[str, PublicType] = PUBLIC) -> dict[tuple[str, int], Schema]:
    """The schemas that follow from the types of today, by public name and version. Raises TypeError."""
    schemas = {(told.name, told.version): data_schema(told, detail_of(stored, told)) for stored, told in public.items()}
    return schemas | {(told.name, told.version): data_schema(told, _object({})) for told in _OTHERS}


def superseded(public: Mapping[str, PublicType] = PUBLIC, folder: Path = SUPERSEDED) -> dict[tuple[str, int], Schema]:
    """The schemas of earlier versions on which a subscriber can stay, as they were released.

    Raises FileNotFoundError for one whose file was not kept, and TypeError for one that says to hold other fields.
    """
    kept: dict[tuple[str, int], Schema] = {}
    for told in public.values():
        for earlier in told.earlier:
            schema = json.loads((folder / file_name(told.name, earlier.version)).read_text(encoding="utf-8"))
            if set(schema["properties"]["detail"]["properties"]) != set(earlier.fields):
                raise TypeError(f"version {earlier.version} of {told.name} was released with other fields")
            kept[told.name, earlier.version] = schema
    return kept


def file_name(name: str, version: int) -> str:
    """The name of a schema's file."""
    return f"{name}.{version}.json"


def as_text(schema: Mapping[str, Any]) -> str:
    """A schema or another document as it is kept in a file."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def served(schema: Schema) -> bytes:
    """A schema as whoever asks for it gets it: with the dialect that it is in, which is the same for all of them."""
    return json.dumps({"$schema": DIALECT, **schema}).encode()


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Schema) -> Schema:
    if "enum" in schema:
        return {**schema, "type": ["string", "null"], "enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


def _value(hint: Any, name: str, path: str) -> Schema:  # noqa: ANN401 - any type hint
    """The schema of a field of this type. Raises TypeError for a type that no public event may hold."""
    if isinstance(hint, NewType):
        return _new_type(hint, path)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType) and len(arguments) == 2 and arguments[1] is NoneType:
        return _or_null(_value(arguments[0], name, path))
    if origin is tuple and len(arguments) == 2 and arguments[1] is ...:
        return {"type": "array", "items": _value(arguments[0], name, path)}
    if isinstance(hint, type):
        if is_dataclass(hint):
            return _part(hint, path)
        if issubclass(hint, StrEnum):
            return {"type": "string", "enum": [member.value for member in hint]}
        if hint is str:
            return _FORMS.get(name, CODE)
        plain: Mapping[type, Schema] = {bool: {"type": "boolean"}, int: {"type": "integer"}, date: DAY}
        if hint in plain:
            return plain[hint]
    raise TypeError(f"{path}: {hint!r} is nothing that a public event may hold; tell codes, days, numbers and ids")


def _new_type(hint: NewType, path: str) -> Schema:
    if hint in (CaseId, SubjectId):
        return UUID
    if hint is RoleCode:
        return CODE
    # Who of the staff did something is nobody's outside.
    raise TypeError(f"{path}: a {hint.__name__} is nothing that a public event may hold")


def _part(kind: type, path: str) -> Schema:
    """A part of a fact: of a measure what is public of it, of any other part everything."""
    hints = get_type_hints(kind, include_extras=True)
    names: Iterable[str] = MEASURE if kind is Measure else [field.name for field in fields(kind)]
    return _object({name: _value(hints[name], name, f"{path}.{name}") for name in names})


# Made when the service starts, so that one with a field that no public event may hold does not start.
SCHEMAS: Final[Mapping[tuple[str, int], Schema]] = MappingProxyType(made() | superseded())
