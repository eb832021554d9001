"""The public types as a page to read (docs/events.md), from the same registry as their schemas."""

from __future__ import annotations

from typing import Final

from domain.decisions.subscribers import FOR_PARTNERS
from domain.public import MEASURE, STATE_CHANGED, PublicType
from infrastructure.downstream.asyncapi import TOPICS, says_of
from infrastructure.downstream.schemas import SCHEMAS, Schema

_BEGINS: Final = """# Public events

What systems outside are told, by topic. This page is made from the registry of public types
(`domain/public/registry.py`) by `python -m tests.golden.make_schemas`; a test holds it against the registry.

Every event is a CloudEvent 1.0. Its `type` is `evenhand.` and the name below; its `data` are always these:

| field | what it is |
|---|---|
| `case`, `person` | opaque ids; `person` is null only when the case cannot be read |
| `effective_on` | the London day on which it took effect |
| `alert` | whether it can change what must be known before answering or visiting: ask for `links.state` again |
| `detail` | the fields below, all of them always there; null where there is nothing to say |
| `links.state` | where the case's current state is |
| `reference` | the landlord's own reference, in the feed alone and for entitled subscribers alone; null after erasure |

Names, words and reasons are in no event. The schemas are at `GET /v1/schemas`, the whole as AsyncAPI 3.0 at
`GET /v1/asyncapi.json`; neither takes a token. A schema that was released never changes: other fields are another
version of it, named in `dataschema`, and who is not ready for it stays on the one before
(`dataschema=urn:evenhand:schema:NAME:VERSION` when asking). A `*` marks the types with `alert`.

A field named like what it is about (`restriction`, `warning`, `notice`) is an id within the case. `_on` is a day.
Codes are those of the landlord's policy or of the lists in the schema. `measures` say of each measure: {measure}.
"""


def page() -> str:
    """The page, in Markdown."""
    types = says_of()
    parts = [_BEGINS.replace("{measure}", ", ".join(f"`{name}`" for name in MEASURE))]
    for topic, says in TOPICS.items():
        rows = sorted(name for name, (told, _) in types.items() if told.topic is topic)
        parts.append(f"\n## `{topic}`\n\n{says}\n\n| type | tells | `detail` |\n|---|---|---|\n")
        parts += [_row(*types[name]) for name in rows]
    parts.append(_without_a_type())
    return "".join(parts)


def _row(told: PublicType, says: str) -> str:
    detail = SCHEMAS[told.name, told.version]["properties"]["detail"]["properties"]
    fields = ", ".join(f"`{name}`{_form(part)}" for name, part in detail.items()) or "nothing"
    version = "" if told.version == 1 else f" (version {told.version})"
    return f"| `{told.name}`{'*' if told.alert else ''}{version} | {says.replace('|', '/')} | {fields} |\n"


def _form(schema: Schema) -> str:
    """What a field's name does not say: that it is a list."""
    return " (list)" if schema["type"] == "array" else ""


def _without_a_type() -> str:
    changed = STATE_CHANGED.name
    *first, last = (f"`{topic}`" for topic in FOR_PARTNERS)
    return f"""
## What is not told

Facts of the landlord's own stream have no public type: they are about staff, posts, policies and subscribers, and
touch no customer. `{changed}` stands in no log: it is told in the place of an event that would say more than a
subscriber may know, when what it keeps may have changed.

Only topics that a subscriber was registered for are told, to a partner only what was disclosed to it by a recorded
decision: {", ".join(first)} and {last}.
"""
