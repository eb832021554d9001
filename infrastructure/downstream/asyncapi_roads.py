"""The roads that the AsyncAPI document tells of, apart from the events: servers, channels, and what is done on them."""

from __future__ import annotations

from typing import Any, Final

from infrastructure.downstream.broker.names import STRUCTURED

SERVERS: Final = {
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

SECURITY: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token with the scope `follow`, of a registered subscriber. It says whose events are read.",
    },
    "reader": {"type": "userPassword", "description": "The reader of a landlord's stream."},
}

FEED: Final = {
    "address": "/feed",
    "title": "The feed",
    "description": "`GET` with `after`, the cursor of the answer before; `wait` holds the answer back for so many "
    "seconds until there is an event. The header `Evenhand-Cursor` is where to go on, for an empty answer too.",
    "servers": [{"$ref": "#/servers/service"}],
    "messages": {"batch": {"$ref": "#/components/messages/batch"}},
}
STREAM: Final = {
    "address": "/feed",
    "title": "The feed as server-sent events",
    "description": "`GET` with `Accept: text/event-stream`. The `id` of each is a cursor, taken as `Last-Event-ID`.",
    "servers": [{"$ref": "#/servers/service"}],
    "messages": {"streamed": {"$ref": "#/components/messages/streamed"}},
}
WEBHOOK: Final = {
    "address": None,
    "title": "Webhooks",
    "description": "A `POST` to the registered address, signed after the Standard Webhooks specification; events of "
    "one case in their order, one at a time. Any 2xx takes it; 410 ends the calls.",
    "servers": [{"$ref": "#/servers/receiver"}],
    "messages": {
        "call": {"$ref": "#/components/messages/call"},
        "test": {"$ref": "#/components/messages/test"},
        "start-over": {"$ref": "#/components/messages/start-over"},
    },
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

OPERATIONS: Final = {
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
        "messages": [
            {"$ref": "#/channels/webhook/messages/call"},
            {"$ref": "#/channels/webhook/messages/test"},
            {"$ref": "#/channels/webhook/messages/start-over"},
        ],
        "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
    },
}

_TEXT: Final = {"type": "string"}
SIGNED: Final = {
    "type": "object",
    "properties": {
        "webhook-id": {**_TEXT, "description": "The event's `id`, the same at every try."},
        "webhook-timestamp": {**_TEXT, "description": "Seconds since 1970, anew at every try."},
        "webhook-signature": {**_TEXT, "description": "One signature or several, a space between them."},
    },
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
}
PAGED: Final = {
    "type": "object",
    "properties": {
        "Evenhand-Cursor": {**_TEXT, "description": "Where to go on."},
        "Evenhand-Position": {**_TEXT, "description": "How far the log was looked through."},
        "Evenhand-Head": {**_TEXT, "description": "How far it goes."},
        "Link": {**_TEXT, "description": 'The next page, `rel="next"`.'},
    },
}


def _word(name: str, says: str, data: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """What a webhook is told of the calls themselves: a CloudEvent about no case."""
    fixed = {"specversion": "1.0", "type": f"evenhand.{name}", "datacontenttype": "application/json"}
    open_ = {"id": "01987a3c-5f10-7c42-8b6e-2d9f4a1c7e05", "source": "urn:evenhand:landlord:elm"}
    payload = {**fixed, **open_, "time": "2026-03-02T09:40:03Z", "data": example}
    properties = {
        **{name: {"const": value} for name, value in fixed.items()},
        **dict.fromkeys((*open_, "time"), _TEXT),
        "data": {
            "type": "object",
            "properties": data,
            "required": list(data),
            "additionalProperties": False,
        },
    }
    return {
        "name": f"evenhand.{name}",
        "title": name,
        "summary": says,
        "contentType": STRUCTURED,
        "headers": SIGNED,
        "payload": {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        },
        "examples": [{"name": name, "summary": "Made up.", "payload": payload}],
    }


WORDS: Final = {
    "test": _word("test", "A test call; it says nothing.", {"endpoint": _TEXT}, {"endpoint": "endpoint-1"}),
    "start-over": _word(
        "start-over",
        "Events before `sequence` are not brought: read the snapshot, and what follows comes.",
        {
            "sequence": {"type": "string", "pattern": "^[0-9]{20}$"},
            "links": {
                "type": "object",
                "properties": {"snapshot": {"const": "/v1/snapshot"}},
                "required": ["snapshot"],
                "additionalProperties": False,
            },
        },
        {"sequence": f"{1204:020d}", "links": {"snapshot": "/v1/snapshot"}},
    ),
}
