"""The documents of public events: the AsyncAPI document, and a JSON Schema for each type and version.

Like the OpenAPI document they take no token: they tell of the service, and of nobody's landlord.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.responses import Response

from application.desk import NotFound
from domain.codes import Topic
from infrastructure.downstream.asyncapi import document, says_of
from infrastructure.downstream.envelope import CLOUDEVENT, ENVELOPE, VERSION
from infrastructure.downstream.schemas import SCHEMAS, served
from infrastructure.http import problems
from infrastructure.http.documented import Documented
from infrastructure.http.showing import Page

SCHEMA_MEDIA: Final = "application/schema+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaListed:
    """One version of a public type: what it tells, and where its schema is. `current` are those of today's events."""

    type: str
    topic: Topic
    version: int
    current: bool
    alert: bool
    tells: str
    dataschema: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaList:
    """Every public type in every version that a subscriber can be told, and where the envelope's own schema is."""

    envelope: str
    schemas: tuple[SchemaListed, ...]


def event_schema_routes(documented: Documented) -> APIRouter:
    """What public events look like."""
    router = APIRouter(tags=["Downstream"])
    bodies = {(name, str(version)): served(schema) for (name, version), schema in SCHEMAS.items()}
    bodies[CLOUDEVENT, str(VERSION)] = served(ENVELOPE)
    listed = Page().part(SchemaList(envelope=_href(CLOUDEVENT, VERSION), schemas=_listed()))
    asyncapi = json.dumps(document(), ensure_ascii=False).encode()

    @router.get("/v1/asyncapi.json", **_file(documented, "Tells of the public events, as AsyncAPI 3.0.", "json"))
    async def show_asyncapi() -> Response:
        return Response(asyncapi, media_type="application/json")

    says = "Lists the types of public events, with the schema of each version; takes no token."

    @router.get("/v1/schemas", **documented.question(says, SchemaList, None))
    async def list_schemas() -> JSONResponse:
        return JSONResponse(listed)

    shows = "Shows the JSON Schema (draft 2020-12) of the `data` of a public event, or of its envelope (`cloudevent`)."

    @router.get("/v1/schemas/{name}/{version}", **_file(documented, shows, "schema+json", problems.NOT_FOUND))
    async def show_schema(name: str, version: str) -> Response:
        body = bodies.get((name, version))
        if body is None:
            raise NotFound("no schema has this name and version")
        return Response(body, media_type=SCHEMA_MEDIA)

    return router


def _listed() -> tuple[SchemaListed, ...]:
    types = says_of()
    return tuple(
        SchemaListed(
            type=told.type,
            topic=told.topic,
            version=version,
            current=version == told.version,
            alert=told.alert,
            tells=says,
            dataschema=told.schema(version),
            href=_href(name, version),
        )
        for name, version in sorted(SCHEMAS)
        for told, says in [types[name]]
    )


def _href(name: str, version: int) -> str:
    return f"/v1/schemas/{name}/{version}"


def _file(documented: Documented, says: str, kind: str, *also: problems.ProblemType) -> dict[str, Any]:
    told = documented.question(f"{says} Takes no token.", SchemaList, None, *also)
    content = {f"application/{kind}": {"schema": {"type": "object"}}}
    return {**told, "responses": {**told["responses"], 200: {"description": "The document", "content": content}}}
