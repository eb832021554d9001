"""The shapes of bodies and answers as the OpenAPI document tells them, read off the very classes that are used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from domain.calendar import Period
from domain.personal import Personal
from infrastructure.http.problems import MEDIA_TYPE
from infrastructure.http.showing import Shown

REF: Final = "#/components/schemas/{model}"
_SHOWN: Final = TypeAdapter(Shown).core_schema


# Parts of the names that pydantic gives, which tell a reader of the document nothing.
NOT_OF_A_NAME: Final = frozenset({"domain", "parts", "Annotated", "BeforeValidator", "PlainSerializer", "NewType"})


class _Wire(GenerateJsonSchema):
    """Personal values go in as text and come out as `Shown`."""

    def json_or_python_schema(self, schema: core_schema.JsonOrPythonSchema) -> JsonSchemaValue:
        """The JSON side of a value, but for personal ones in answers."""
        if self.mode == "serialization" and _is_personal(schema):
            return self.generate_inner(_SHOWN)
        return super().json_or_python_schema(schema)

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """A period is written as text."""
        if schema["cls"] is Period:
            return {"type": "string", "examples": ["3 months", "10 working days"]}
        return super().dataclass_schema(schema)


def _is_personal(schema: core_schema.JsonOrPythonSchema) -> bool:
    python = schema["python_schema"]
    return python["type"] == "union" and {"type": "is-instance", "cls": Personal} in python["choices"]


class Components:
    """The schemas of one OpenAPI document; `body` and `answer` name one and give the part that refers to it."""

    def __init__(self) -> None:
        self._used: dict[tuple[str, JsonSchemaMode], type] = {}

    def body(self, kind: type, example: object) -> dict[str, object]:
        """The `requestBody` of an operation."""
        content = {"application/json": {"schema": self._refer(kind, "validation"), "example": example}}
        return {"required": True, "content": content}

    def answer(self, kind: type, media_type: str = "application/json") -> dict[str, Any]:
        """The `content` of an answer."""
        return {media_type: {"schema": self._refer(kind, "serialization")}}

    def problem(self, kind: type) -> dict[str, Any]:
        """The `content` of an error."""
        return self.answer(kind, MEDIA_TYPE)

    def _refer(self, kind: type, mode: JsonSchemaMode) -> dict[str, object]:
        self._used[kind.__name__, mode] = kind
        return {"$ref": f"evenhand:{kind.__name__}:{mode}"}

    def into(self, document: dict[str, Any]) -> None:
        """Write the schemas into a document, and the references that its operations still owe."""
        inputs: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
            (name, mode, TypeAdapter(kind)) for (name, mode), kind in sorted(self._used.items(), key=str)
        ]
        found, definitions = TypeAdapter.json_schemas(inputs, ref_template=REF, schema_generator=_Wire)
        schemas = definitions.get("$defs", {})
        names = {REF.format(model=name): {"$ref": REF.format(model=_plain(name))} for name in schemas}
        places = {f"evenhand:{name}:{mode}": _resolved(schema, names) for (name, mode), schema in found.items()}
        known = document.setdefault("components", {}).setdefault("schemas", {})
        known.update({_plain(name): _resolved(schema, names) for name, schema in schemas.items()})
        document["paths"] = _resolved(document["paths"], places)


def _plain(name: str) -> str:
    """The name of a schema without what Python has to say about it."""
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", name) if part and part not in NOT_OF_A_NAME]
    return "".join(part[:1].upper() + part[1:] for part in parts)[:60]


def _resolved(part: Any, places: Mapping[str, object]) -> Any:  # noqa: ANN401 - any part of a JSON document
    match part:
        case {"$ref": str() as name} if name in places:
            return places[name]
        case dict():
            return {key: _resolved(item, places) for key, item in part.items()}
        case list():
            return [_resolved(item, places) for item in part]
        case _:
            return part
