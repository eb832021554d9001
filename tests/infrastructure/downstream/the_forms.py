"""What a public event may say, written by hand: the attributes it has, and the few forms of text in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from infrastructure.downstream.envelope import ENVELOPE
from infrastructure.downstream.schemas import SCHEMAS

ATTRIBUTES = {
    *("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data"),
    *("sequence", "caseversion", "previous", "recordedtime", "partitionkey"),
}
DATA = {"case", "person", "effective_on", "alert", "detail", "links"}

# A text is one of these or does not belong there: no form lets a sentence, a name or an address through.
FORMS = {
    "id or code": r"[a-z0-9][a-z0-9_.:-]{0,79}",
    "day": r"\d{4}-\d\d-\d\d",
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z",
    "period": r"\d{1,5} (working day|day|week|month|year)s?",
    "agreed time": r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday) \d\d:\d\d",
    "name of ours": r"urn:evenhand:(landlord:[a-z0-9_]+|schema:[a-z-]+:\d+)|evenhand\.[a-z-]+",
    "place of ours": r"/v1/snapshot\?case=[0-9a-f-]{36}",
    "media type": r"application/json",
}
ANY_FORM = re.compile("|".join(f"({form})" for form in FORMS.values()))


def texts(value: object) -> Iterator[str]:
    """Every text in a JSON value, names of fields too."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value
    else:
        assert value is None or isinstance(value, bool | int), value


@cache
def validator(dataschema: str) -> Draft202012Validator:
    """For the data of an event that names this schema."""
    name, _, version = dataschema.removeprefix("urn:evenhand:schema:").rpartition(":")
    return Draft202012Validator(SCHEMAS[name, int(version)], format_checker=FormatChecker())


_ENVELOPE = Draft202012Validator(ENVELOPE, format_checker=FormatChecker())


def thin(body: bytes) -> Any:
    """The event, which is nothing but codes, days, numbers and ids, in the shape that it says it has."""
    event = json.loads(body)
    assert set(event) == ATTRIBUTES
    assert set(event["data"]) - {"reference"} == DATA
    for text in texts(event):
        assert ANY_FORM.fullmatch(text), f"{event['type']} says {text!r}"
    _ENVELOPE.validate(event)
    validator(event["dataschema"]).validate(event["data"])
    return event
