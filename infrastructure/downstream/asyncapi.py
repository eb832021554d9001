"""The AsyncAPI 3.0 document: which events go by which road, in which shape, from the same registry as the events.

Read by people who build a subscriber and by their tools. It names no landlord and no address of an installation.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

from domain.codes import Topic
from domain.events import FACTS
from domain.public import PUBLIC, STATE_CHANGED, UNREADABLE, PublicType
from infrastructure.code_version import CODE_VERSION
from infrastructure.downstream.asyncapi_roads import (
    FEED,
    OPERATIONS,
    PAGED,
    SECURITY,
    SERVERS,
    SIGNED,
    STREAM,
    WEBHOOK,
    WORDS,
)
from infrastructure.downstream.broker.names import STRUCTURED
from infrastructure.downstream.envelope import CLOUDEVENT, ENVELOPE, an_event, of_type
from infrastructure.downstream.schemas import SCHEMAS, Schema

BATCHED: Final = "application/cloudevents-batch+json"

SAYS: Final = """Public events of a landlord's policy on unreasonable customer contact. An event says that something
happened, to which case, and when; codes, days and opaque ids go with it, and never a word about anybody. Whoever keeps
a state asks for it again when `alert` is true: `links.state`.

Every road carries the same events. Each is delivered at least once: what was seen before has the same `id`.
`sequence` orders the events of a landlord, `caseversion` those of a case, and `previous` is the `caseversion` of the
one before it among those that this subscriber asked for: if another was the last that came, one is missing.

What a type's `detail` holds changes with a new version of its schema alone (`dataschema`)."""

TOPICS: Final[Mapping[Topic, str]] = {
    Topic.RESTRICTIONS: "What limits contact, from when to when, and what was told of it.",
    Topic.SAFETY: "Precautions for those who visit or meet somebody.",
    Topic.SUPPORT: "Adjustments and safe ways of contact.",
    Topic.PEOPLE: "Whose records they are: merged, ended, died, erased.",
    Topic.CASEWORK: "Everything else that is done in a case.",
    Topic.DISCLOSURES: "What a partner may see, and that it may no longer.",
}

_OTHERS: Final[Mapping[str, str]] = {
    UNREADABLE.name: "Something happened of a kind that this release of the service does not know.",
    STATE_CHANGED.name: "Something happened that may have changed what this subscriber keeps, of which it is told no "
    "more.",
}


def says_of() -> dict[str, tuple[PublicType, str]]:
    """Every public type by its name, with a sentence of what it tells."""
    told = {one.name: (one, _sentence(FACTS[stored])) for stored, one in PUBLIC.items()}
    return told | {one.name: (one, _OTHERS[one.name]) for one in (UNREADABLE, STATE_CHANGED)}


def document() -> dict[str, Any]:
    """The document, as JSON values."""
    types = says_of()
    return {
        "asyncapi": "3.0.0",
        "id": "urn:evenhand:events",
        "info": {
            "title": "Evenhand: public events",
            "version": CODE_VERSION,
            "description": SAYS,
            "tags": [{"name": topic.value, "description": says} for topic, says in TOPICS.items()],
        },
        "defaultContentType": STRUCTURED,
        "servers": SERVERS,
        "channels": {
            "feed": FEED,
            "stream": STREAM,
            "webhook": WEBHOOK,
            **{f"broker-{topic}": _broker(topic, types) for topic in Topic},
        },
        "operations": {
            **OPERATIONS,
            **{f"publish-{topic}": _publishing(topic, types) for topic in Topic},
        },
        "components": {
            "schemas": {
                CLOUDEVENT: _bare(ENVELOPE),
                **_OF_EVERY_TYPE,
                **{_key(name, version): _shared(schema) for (name, version), schema in sorted(SCHEMAS.items())},
            },
            "messages": {
                **{name: _message(told, says) for name, (told, says) in sorted(types.items())},
                **_roads(types),
                **WORDS,
            },
            "securitySchemes": SECURITY,
        },
    }


def _broker(topic: Topic, types: Mapping[str, tuple[PublicType, str]]) -> dict[str, Any]:
    names = _of_topic(topic, types)
    return {
        "address": f"evenhand.{{landlord}}.{topic}.{{type}}",
        "title": f"The broker: {topic}",
        "description": TOPICS[topic],
        "servers": [{"$ref": "#/servers/broker"}],
        "parameters": {
            "landlord": {"description": "Code of the landlord, as in `source`."},
            "type": {"description": "The type without `evenhand.` before it.", "enum": names},
        },
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _publishing(topic: Topic, types: Mapping[str, tuple[PublicType, str]]) -> dict[str, Any]:
    channel = f"#/channels/broker-{topic}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "summary": f"Publishes the events of {topic}, each once, in the order of the log.",
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in _of_topic(topic, types)],
    }


def _of_topic(topic: Topic, types: Mapping[str, tuple[PublicType, str]]) -> list[str]:
    # What is told to partners alone never goes to the broker, which knows the landlord's own subscribers only.
    return sorted(name for name, (told, _) in types.items() if told.topic is topic and told is not STATE_CHANGED)


def _message(told: PublicType, says: str) -> dict[str, Any]:
    return {
        "name": told.type,
        "title": told.name,
        "summary": says,
        "contentType": STRUCTURED,
        "tags": [{"name": told.topic.value}],
        "payload": {
            "allOf": [
                {"$ref": f"#/components/schemas/{CLOUDEVENT}"},
                of_type(told, {"$ref": f"#/components/schemas/{_key(told.name, told.version)}"}),
            ]
        },
        "examples": [{"name": told.name, "summary": "Made up.", "payload": an_event(told, SCHEMAS)}],
    }


def _roads(types: Mapping[str, tuple[PublicType, str]]) -> dict[str, Any]:
    """How events go together by the feed, one by one as server-sent events, and signed to a webhook."""
    any_of_them = {"oneOf": [{"$ref": f"#/components/messages/{name}/payload"} for name in sorted(types)]}
    one = an_event(PUBLIC["RestrictionApplied"], SCHEMAS)
    return {
        "batch": {
            "name": "batch",
            "title": "A page of the feed",
            "contentType": BATCHED,
            "headers": PAGED,
            "payload": {"type": "array", "items": any_of_them},
            "examples": [{"name": "one", "summary": "A page with one event.", "payload": [one]}],
        },
        "streamed": {
            "name": "streamed",
            "title": "The data of a server-sent event",
            "contentType": STRUCTURED,
            "payload": any_of_them,
            "examples": [{"name": "one", "summary": "Made up.", "payload": one}],
        },
        "call": {
            "name": "call",
            "title": "The body of a call to a webhook",
            "contentType": STRUCTURED,
            "headers": SIGNED,
            "payload": any_of_them,
            "examples": [{"name": "one", "summary": "Made up.", "payload": one}],
        },
    }


def _key(name: str, version: int) -> str:
    return f"{name}-v{version}"


def _bare(schema: Schema) -> Schema:
    """A schema inside the document, where an identity of its own would change what its references mean."""
    return {key: part for key, part in schema.items() if key != "$id"}


# What the data of every type begin with, said once.
_OF_EVERY_TYPE: Final = {
    f"data-{name}": schema
    for name, schema in SCHEMAS[UNREADABLE.name, UNREADABLE.version]["properties"].items()
    if name != "detail"
}


def _shared(schema: Schema) -> Schema:
    """The schema of a type's data, with references to what all of them have."""
    shared = {
        name: {"$ref": f"#/components/schemas/data-{name}"} if _OF_EVERY_TYPE.get(f"data-{name}") == part else part
        for name, part in schema["properties"].items()
    }
    return {**_bare(schema), "properties": shared}


def _sentence(fact: type) -> str:
    """The first sentence of a fact's docstring, which may go on over a line."""
    return " ".join((inspect.getdoc(fact) or "").partition("\n\n")[0].split())
