"""No public event holds anything personal: for every fact, whatever stands in it, and for whole histories."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, NewType, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from application.demonstrations import STORIES
from domain.codes import RoleCode, StaffId
from domain.events import FACTS, Event
from domain.events.parts import Measure, Override
from domain.personal import Personal
from domain.public import MEASURE, PUBLIC
from infrastructure.downstream.schemas import made
from infrastructure.downstream.telling import Teller, Told
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import Mapper
from tests.domain.a_stage import Stage
from tests.golden.corpus import Golden, corpus, golden_sealing
from tests.golden.histories import histories as golden_histories
from tests.golden.samples import PERSON, plain
from tests.histories import History
from tests.infrastructure.a_landlord import as_row
from tests.infrastructure.downstream.the_forms import thin
from tests.random_histories import histories

MARK = "Zanzibar Quillfeather"  # in every value that no public event may hold
STAFF = "5f0c6c8e-0d7b-4c53-8f39-2b1a7d9e6c55"
CASE = "0b7a3f54-6f5e-5d0c-9a77-1c2d3e4f5a33"
IDS = UUID("7d4dd1a0-52a1-4a2b-9d5e-3c1f0d3b6a11")

CODES = st.from_regex(r"[a-z0-9][a-z0-9_.:-]{0,20}", fullmatch=True)
DAYS = st.dates(date(1950, 1, 1), date(2099, 12, 31))
FORMED = {
    "per": st.sampled_from(["1 day", "3 months", "20 working days"]),
    "delete_within": st.sampled_from(["1 month", "20 working days"]),
    "slot": st.sampled_from(["monday 09:30", "sunday 23:59"]),
    "slots": st.sampled_from(["tuesday 10:30"]),
}


def marked(name: str) -> st.SearchStrategy[str]:
    """A text that must not get out."""
    return st.text(max_size=20).map(lambda more: f"{MARK} {name} {more}")


def value(hint: Any, name: str, *, told: bool) -> st.SearchStrategy[Any]:
    """Values of a field of this type; what is `told` in the form that commands ask of it, all else marked."""
    if isinstance(hint, NewType):
        if hint is StaffId:
            return st.just(STAFF)
        if hint is RoleCode and not told:
            return marked(name)
        return CODES if hint is RoleCode else st.integers(0, 9).map(lambda n: str(uuid5(IDS, str(n))))
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return marked(name).map(Personal)
    if origin in (Union, UnionType):
        present = [one for one in arguments if one is not NoneType]
        return st.one_of(st.none(), *(value(one, name, told=told) for one in present))
    if origin is tuple:
        return st.lists(value(arguments[0], name, told=told), max_size=3).map(tuple)
    if isinstance(hint, type) and is_dataclass(hint):
        seen = MEASURE if hint is Measure else [field.name for field in fields(hint)]
        return part(hint, seen if told else ())
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    if hint is str:
        return FORMED.get(name, CODES) if told else marked(name)
    plain_values: dict[Any, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(0, 10_000),
        date: DAYS,
        datetime: st.datetimes(datetime(1950, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    }
    return plain_values[hint]


def part(kind: type, told: Sequence[str]) -> st.SearchStrategy[Any]:
    """A fact or a part of one, of which these fields are told."""
    hints = get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{name: value(hint, name, told=name in told) for name, hint in hints.items()})


def event_of(stored: str) -> st.SearchStrategy[Event]:
    """An event with such a fact, marked wherever a public event has no business."""
    overrides = st.lists(part(Override, ()), max_size=2).map(tuple)
    return st.builds(
        Event,
        event_id=st.uuids(version=4).map(str),
        stream=st.just(CASE),
        version=st.integers(1, 10_000),
        fact=part(FACTS[stored], PUBLIC[stored].fields),
        effective_at=st.datetimes(datetime(1950, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
        actor=st.just(StaffId(STAFF)),
        post=marked("post").map(RoleCode),
        policy=st.none(),
        clauses=st.lists(marked("clause"), max_size=2).map(tuple),
        overrides=overrides,
        cause=st.none(),
        position=st.just(0),
        recorded_at=st.just(datetime(2026, 3, 2, tzinfo=UTC)),
    )


@dataclass(frozen=True)
class Outside:
    """What is told of events that were just written, without any database."""

    mapper: Mapper
    teller: Teller

    def row(self, event: Event, position: int = 7) -> StoredRow:
        """The event as the log holds it."""
        [stored] = self.mapper.encode([event], lambda _: PERSON)
        return as_row(stored, position)

    def of_row(self, row: StoredRow) -> Told:
        """What is told of a row."""
        entry = self.teller.entry(row)
        entry.person = PERSON
        return self.teller.tell(entry, 0, entry.told, entry.detail, {})

    def of(self, event: Event) -> Told:
        """What is told of an event."""
        return self.of_row(self.row(event))


@pytest.fixture(scope="module")
def outside() -> Outside:
    """The way out of a landlord's log."""
    mapper = Mapper(golden_sealing())
    return Outside(mapper, Teller("elm", mapper.clear_of))


def said(fact: object, name: str) -> Any:
    """A field of a fact as it must stand outside."""

    def thinned(item: object) -> Any:
        if isinstance(item, Measure):
            return {one: thinned(getattr(item, one)) for one in MEASURE}
        if isinstance(item, tuple):
            return [thinned(one) for one in item]
        return plain(item, lambda _: MARK)

    return thinned(getattr(fact, name))


@pytest.mark.parametrize("stored", sorted(PUBLIC))
def test_an_event_says_what_it_is_to_tell_of_its_fact_and_nothing_else(outside: Outside, stored: str) -> None:
    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(event_of(stored))
    def whatever_stands_in_it(event: Event) -> None:
        told = outside.of(event)
        body = told.body.decode()
        assert MARK not in body
        assert "Quillfeather" not in body
        assert STAFF not in body
        public = thin(told.body)
        assert public["id"] == event.event_id
        assert public["type"] == f"evenhand.{PUBLIC[stored].name}"
        assert public["data"]["detail"] == {name: said(event.fact, name) for name in PUBLIC[stored].fields}
        assert datetime.fromisoformat(public["time"]) == event.effective_at

    whatever_stands_in_it()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(histories())
def test_whole_histories_are_told_without_a_word_of_anybody(outside: Outside, history: History) -> None:
    for place, event in enumerate(history.events, start=1):
        told = outside.of_row(outside.row(event, place))
        assert b"SECRET" not in told.body
        thin(told.body)


def test_what_the_demonstrations_wrote_is_told_thin(outside: Outside) -> None:
    told = 0
    for name, rows in golden_histories():
        for row in rows:
            if row.type in PUBLIC and " " in name:  # the others are made-up facts that stand alone
                body = outside.of_row(row).body
                thin(re.sub(rb'"id":"event-\d+"', f'"id":"{IDS}"'.encode(), body, count=1))
                told += 1
    assert told > 200


@pytest.mark.parametrize("landlord", sorted(STORIES))
def test_what_a_demonstration_writes_today_is_told_thin(outside: Outside, landlord: str) -> None:
    stage = Stage(story := STORIES[landlord](date(2026, 11, 23)))
    for step in story.steps:
        stage.take(step)
    events = [event for event in stage.log.after(0, 100_000) if type(event.fact).__name__ in PUBLIC]
    assert events
    for event in events:
        body = outside.of_row(outside.row(event, event.position)).body
        thin(re.sub(rb'"id":"event-\d+"', f'"id":"{IDS}"'.encode(), body, count=1))


@pytest.mark.parametrize("golden", list(corpus()), ids=lambda golden: f"{golden.stored_name}.v{golden.version}")
def test_what_was_stored_in_any_version_is_told_as_today_and_without_its_words(
    outside: Outside, golden: Golden
) -> None:
    if golden.stored_name not in PUBLIC:
        pytest.skip("a fact of the landlord's own stream, which has no public type")
    told = outside.of_row(golden.row())
    assert told.name == PUBLIC[golden.stored_name].name
    assert set(json.loads(told.body)["data"]["detail"]) == set(PUBLIC[golden.stored_name].fields)
    personal = list(_personal(golden.twin))
    assert not any(text in told.body.decode() for text in personal)
    assert b"said in words" not in told.body


def _personal(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if part.keys() == {"personal"}:
            yield part["personal"]
        for item in part.values():
            yield from _personal(item)
    elif isinstance(part, list):
        for item in part:
            yield from _personal(item)


def test_a_fact_that_cannot_be_read_is_told_as_that_and_nothing_of_it(outside: Outside) -> None:
    row = StoredRow(CASE, 3, "SomethingOfALaterRelease", 9, datetime(2026, 3, 2, tzinfo=UTC), MARK.encode())
    told = outside.of_row(row)
    event = thin(told.body)
    assert (event["type"], event["data"]["detail"], event["data"]["alert"]) == ("evenhand.unreadable", {}, True)
    assert MARK not in told.body.decode()


@pytest.mark.parametrize("stored", sorted(PUBLIC))
def test_the_cloudevents_library_reads_every_event(outside: Outside, stored: str) -> None:
    event = next(iter_examples(event_of(stored)))
    told = outside.of(event)
    message = HTTPMessage(headers={"content-type": "application/cloudevents+json"}, body=told.body)
    read = from_structured(message, JSONFormat(), CloudEvent)
    public = json.loads(told.body)
    assert read.get_id() == event.event_id
    assert read.get_type() == f"evenhand.{PUBLIC[stored].name}"
    assert read.get_subject() == CASE
    assert read.get_time() == event.effective_at
    assert read.get_dataschema() == public["dataschema"]
    assert read.get_extension("sequence") == f"{7:020d}"
    assert read.get_extension("caseversion") == event.version
    assert read.get_extension("previous") == 0
    assert read.get_data() == public["data"]


def iter_examples(strategy: st.SearchStrategy[Event]) -> Iterator[Event]:
    """One example, always the same."""
    found: list[Event] = []

    @settings(max_examples=1, deadline=None, derandomize=True, database=None)
    @given(strategy)
    def take(event: Event) -> None:
        found.append(event)

    take()
    yield found[0]


# That nothing personal could be told: what the types of the facts say


def test_no_field_that_is_told_can_hold_a_personal_value() -> None:
    for stored, told in PUBLIC.items():
        hints = get_type_hints(FACTS[stored], include_extras=True)
        for name in told.fields:
            for held in _held(hints[name]):
                assert held is not Personal, f"{stored}.{name}"
                assert held is not datetime, f"{stored}.{name} tells when in the day"
                assert held is not StaffId, f"{stored}.{name} names a member of staff"


def _held(hint: Any) -> Iterator[Any]:
    if get_origin(hint) is Annotated:
        yield from _held(get_args(hint)[0])
    elif get_args(hint):
        for argument in get_args(hint):
            yield from _held(argument)
    elif isinstance(hint, type) and is_dataclass(hint):
        inner = get_type_hints(hint, include_extras=True)
        for name in MEASURE if hint is Measure else inner:
            yield from _held(inner[name])
    else:
        yield hint


def test_the_schemas_let_no_sentence_through() -> None:
    sentence = "Robin Example rang at nine."
    for schema in made().values():
        for pattern in _patterns(schema["properties"]["detail"]):
            assert not re.search(pattern, sentence)
            assert not re.search(pattern, "Example")


def _patterns(schema: dict[str, Any]) -> Iterator[str]:
    """The form of every text; one without a form would take anything."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "object" in kinds:
        for inner in schema["properties"].values():
            yield from _patterns(inner)
    elif "array" in kinds:
        yield from _patterns(schema["items"])
    elif "string" in kinds and "enum" not in schema:
        yield schema["pattern"]
