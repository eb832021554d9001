"""The AsyncAPI 3.0 document: which events go by which road, in which shape, from the same registry as the events.

Read by people who build a subscriber and by their tools. It names no landlord and no address of an installation.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

from domain.codes import Topic
from domain.events import FACTS
from domain.public import PUBLIC, UNREADABLE, PublicType
from infrastructure.code_version import CODE_VERSION
from infrastructure.downstream.envelope import CLOUDEVENT, ENVELOPE, an_event, of_type
from infrastructure.downstream.schemas import SCHEMAS, Schema
from infrastructure.downstream.telling import CHANGED

STRUCTURED: Final = "application/cloudevents+json"
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
    CHANGED.name: "Something happened that may have changed what this subscriber keeps, of which it is told no more.",
}


def says_of() -> dict[str, tuple[PublicType, str]]:
    """Every public type by its name, with a sentence of what it tells."""
    told = {one.name: (one, _sentence(FACTS[stored])) for stored, one in PUBLIC.items()}
    return told | {one.name: (one, _OTHERS[one.name]) for one in (UNREADABLE, CHANGED)}


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
        "servers": _SERVERS,
        "channels": {
            "feed": _FEED,
            "stream": _STREAM,
            "webhook": _WEBHOOK,
            **{f"broker-{topic}": _broker(topic, types) for topic in Topic},
        },
        "operations": {
            **_OPERATIONS,
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
            },
            "securitySchemes": _SECURITY,
        },
    }


_SERVERS: Final = {
    "service": {
        "host": "{host}",
        "protocol": "https",
        "pathname": "/v1",
        "title": "Evenhand",
        "description": "Where the feed is: batches by long poll, or server-sent events.",
        "variables": {"host": {"default": "evenhand.example", "description": "Host of the installation."}},
        "security": [{"$ref": "#/components/securitySchemes/bearer"}],
    },
    "receiver": {
        "host": "{receiver}",
        "protocol": "https",
        "title": "A subscriber's own",
        "description": "Where the service calls: the address that a subscriber registered.",
        "variables": {"receiver": {"default": "subscriber.example", "description": "Host of the subscriber."}},
    },
    "broker": {
        "host": "{broker}",
        "protocol": "nats",
        "title": "NATS JetStream",
        "description": "A stream for each landlord, whose reader may consume and nothing else.",
        "variables": {"broker": {"default": "broker.example:4222", "description": "Host and port of the broker."}},
        "security": [{"$ref": "#/components/securitySchemes/reader"}],
    },
}

_SECURITY: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token with the scope `follow`, of a registered subscriber. It says whose events are read.",
    },
    "reader": {"type": "userPassword", "description": "The reader of a landlord's stream."},
}

_FEED: Final = {
    "address": "/feed",
    "title": "The feed",
    "description": "`GET` with `after`, the cursor of the answer before; `wait` holds the answer back for so many "
    "seconds until there is an event. The header `Evenhand-Cursor` is where to go on, for an empty answer too.",
    "servers": [{"$ref": "#/servers/service"}],
    "messages": {"batch": {"$ref": "#/components/messages/batch"}},
}
_STREAM: Final = {
    "address": "/feed",
    "title": "The feed as server-sent events",
    "description": "`GET` with `Accept: text/event-stream`. The `id` of each is a cursor, taken as `Last-Event-ID`.",
    "servers": [{"$ref": "#/servers/service"}],
    "messages": {"streamed": {"$ref": "#/components/messages/streamed"}},
}
_WEBHOOK: Final = {
    "address": None,
    "title": "Webhooks",
    "description": "A `POST` to the registered address, signed after the Standard Webhooks specification; events of "
    "one case in their order, one at a time. Any 2xx takes it; 410 ends the calls.",
    "servers": [{"$ref": "#/servers/receiver"}],
    "messages": {"call": {"$ref": "#/components/messages/call"}},
}

# As the feed takes them.
_QUERY: Final = {
    "type": "object",
    "properties": {
        "after": {"type": "string", "description": "A cursor; without it, from the beginning."},
        "limit": {"type": "integer", "minimum": 1, "maximum": 2000, "default": 500, "description": "Events of a page."},
        "wait": {
            "type": "integer",
            "minimum": 0,
            "maximum": 60,
            "default": 0,
            "description": "Seconds to wait for one.",
        },
        "type": {
            "type": "array",
            "items": {"type": "string"},
            "description": "These types alone, without the `evenhand.` before them.",
        },
        "shard": {
            "type": "string",
            "pattern": "^[0-9]{1,4}/[0-9]{1,4}$",
            "description": "`i/n`: the cases of part i of n, from 0, for readers side by side.",
        },
        "dataschema": {
            "type": "array",
            "items": {"type": "string", "pattern": "^urn:evenhand:schema:[a-z-]+:[0-9]+$"},
            "description": "Earlier schemas on which the subscriber stays, one for a type.",
        },
    },
    "additionalProperties": False,
}
_GET: Final = {"http": {"method": "GET", "query": _QUERY, "bindingVersion": "0.3.0"}}

_OPERATIONS: Final = {
    "answer-poll": {
        "action": "send",
        "channel": {"$ref": "#/channels/feed"},
        "summary": "Answers a poll with the next events.",
        "messages": [{"$ref": "#/channels/feed/messages/batch"}],
        "bindings": _GET,
    },
    "stream-events": {
        "action": "send",
        "channel": {"$ref": "#/channels/stream"},
        "summary": "Sends each event when it was written, for as long as the token is good.",
        "messages": [{"$ref": "#/channels/stream/messages/streamed"}],
        "bindings": _GET,
    },
    "call-webhook": {
        "action": "send",
        "channel": {"$ref": "#/channels/webhook"},
        "summary": "Calls a subscriber with an event, again over about three days if it is not taken.",
        "messages": [{"$ref": "#/channels/webhook/messages/call"}],
        "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
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
    return sorted(name for name, (told, _) in types.items() if told.topic is topic and told is not CHANGED)


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
    text = {"type": "string"}
    return {
        "batch": {
            "name": "batch",
            "title": "A page of the feed",
            "contentType": BATCHED,
            "headers": {
                "type": "object",
                "properties": {
                    "Evenhand-Cursor": {**text, "description": "Where to go on."},
                    "Evenhand-Position": {**text, "description": "How far the log was looked through."},
                    "Evenhand-Head": {**text, "description": "How far it goes."},
                    "Link": {**text, "description": 'The next page, `rel="next"`.'},
                },
            },
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
            "headers": {
                "type": "object",
                "properties": {
                    "webhook-id": {**text, "description": "The event's `id`, the same at every try."},
                    "webhook-timestamp": {**text, "description": "Seconds since 1970, anew at every try."},
                    "webhook-signature": {**text, "description": "One signature or several, a space between them."},
                },
                "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
            },
            "payload": any_of_them,
            "examples": [{"name": "one", "summary": "Made up.", "payload": one}],
        },
    }


def _key(name: str, version: int) -> str:
    return f"{name}-v{version}"


def _bare(schema: Schema) -> Schema:
    """A schema inside the document, where an identity of its own would change what its references mean."""
    return {key: part for key, part in schema.items() if key not in {"$schema", "$id"}}


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
