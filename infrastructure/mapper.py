"""Events to stored bytes and back: clear facts first, sealed values after, each part with its length before it.

A stored name that this release does not know, a version newer than its own and a part that does not fit are
refused with the event's place; nothing is skipped and nothing is guessed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent

from application.ports import KeyDestroyed
from domain.codes import CaseId, SubjectId
from domain.events import FACTS, Event, schema_version
from domain.personal import KeyClass, Personal
from domain.upcasters import UPCASTERS, Upcaster, missing_steps, upcast
from domain.values import made
from infrastructure.codec import Codec, WrongShape
from infrastructure.log_entries import StoredRow
from infrastructure.sealing import KeyName, Sealed, SealedAt, Sealing, ToSeal

SEALED_BYTES: Final = 400  # of a sealed value of a few words
LENGTH_BYTES: Final = 4  # big-endian, before each part
_LENGTH: Final = struct.Struct(">I").unpack_from

NOTHING_BEGUN: Final[Mapping[str, SubjectId]] = {}

# Whose case a stream is; None for a stream that is nobody's, the landlord's own.
PersonOf = Callable[[str], SubjectId | None]


class UnknownFact(Exception):
    """The log holds a type of fact, or a version of one, that this release does not know; a later one wrote it."""

    def __init__(self, stored_name: str, position: int) -> None:
        super().__init__(
            f"the fact at position {position} is of type {stored_name}, which this release does not know: "
            "run the release that wrote it, or a later one"
        )
        self.stored_name = stored_name
        self.position = position


class UnreadableEvent(Exception):
    """What is stored is not the shape of its type; says where, and never the value that it found there."""

    def __init__(self, event_id: str, stored_name: str, position: int, path: str) -> None:
        super().__init__(
            f"event {event_id} ({stored_name}, position {position}) is not stored in the shape of its type, at {path}"
        )
        self.event_id = event_id
        self.position = position
        self.path = path


class Mapper:
    """Turns events into rows of the log and rows into events.

    Reading needs no key: a personal value comes back as a reference to its sealed bytes. A personal value that
    was read from an earlier event is written as the sealed copy that it is, still bound to that earlier event.
    """

    def __init__(
        self,
        sealing: Sealing,
        *,
        facts: Mapping[str, type] = FACTS,
        version_of: Callable[[str], int] = schema_version,
        upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
    ) -> None:
        self._sealing = sealing
        self._codec = Codec(facts)
        self._names = {kind: name for name, kind in facts.items()}
        self._versions = {name: version_of(name) for name in facts}
        self._upcasters = upcasters
        if missing := missing_steps(self._versions, upcasters):
            raise TypeError(f"no upcaster lifts these stored names from these versions: {missing}")

    def encode(self, events: Sequence[Event], person_of: PersonOf) -> list[StoredEvent]:
        """The rows of one append. Every key that they are sealed under is durable when this returns.

        A personal value says whom it is `about`; for one that does not, `person_of` is asked about its stream.
        Raises `KeyDestroyed` when something about an erased person would be written.
        """
        [stored] = self.seal([self.draft(events, person_of)])
        if isinstance(stored, KeyDestroyed):
            raise stored
        return stored

    def draft(
        self, events: Sequence[Event], person_of: PersonOf, begun: Mapping[str, SubjectId] = NOTHING_BEGUN
    ) -> Drafts:
        """The events of one append, as far as they can be written without a key, and their keys made ready.

        So that whoever seals for many waits for nobody's keys. `begun` are the streams that begin with these events,
        each with the person whose case it is: they will soon need keys even if nothing in these events does.
        Raises `KeyDestroyed`, and ValueError for a stream's id that is no UUID.
        """
        drafts = [self._draft(event, person_of) for event in events]
        needed = {value.key for draft in drafts for value in draft.fresh}
        needed |= {KeyName(person, CaseId(stream), KeyClass.CONTACT) for stream, person in begun.items()}
        self._sealing.prepare(needed, begun)
        return drafts

    def seal(self, appends: Sequence[Drafts]) -> list[list[StoredEvent] | KeyDestroyed]:
        """The rows of each append, their keys fetched in one look; for one about an erased person, what it raises.

        Every key that they are sealed under is durable when this returns.
        """
        try:
            sealed = iter(
                self._sealing.seal([value for drafts in appends for draft in drafts for value in draft.fresh])
            )
        except KeyDestroyed as destroyed:
            # In one of them: the others are none the worse for it.
            return [destroyed] if len(appends) == 1 else [self.seal([drafts])[0] for drafts in appends]
        return [[draft.stored(sealed) for draft in drafts] for drafts in appends]

    def _draft(self, event: Event, person_of: PersonOf) -> _Draft:
        name = self._names[type(event.fact)]
        draft = _Draft(event, name, person_of)
        draft.clear = self._codec.write(name, event, self._versions[name], draft)
        return draft

    def decode(self, row: StoredRow) -> Event:
        """The event of a row. Raises `UnknownFact` and `UnreadableEvent`."""
        # In one piece: it is called for every event of every history, and each further call in it costs.
        today = self._versions.get(row.type)
        if today is None:
            raise UnknownFact(row.type, row.position)
        clear, sealed = _parts(row)
        try:
            record = self._codec.read(row.type, clear if today == 1 else self._lifted(row, clear, today), sealed)
        except WrongShape as wrong:
            path = wrong.path
        else:
            if record.schema_version != today:
                raise UnknownFact(f"{row.type}, version {record.schema_version}", row.position)
            return made(
                Event,
                event_id=record.event_id,
                stream=row.stream,
                version=row.version,
                fact=record.fact,
                effective_at=record.effective_at,
                actor=record.actor,
                post=record.post,
                policy=record.policy,
                clauses=record.clauses,
                overrides=record.overrides,
                cause=record.cause,
                position=row.position,
                recorded_at=row.recorded_at,
            )
        raise UnreadableEvent(_event_id(clear), row.type, row.position, path)

    def clear_of(self, row: StoredRow) -> bytes:
        """The clear part of a row as it is written today, in JSON, for whoever wants no more than a few fields of it.

        Raises `UnknownFact` and `UnreadableEvent`. Its fields have not been looked at.
        """
        today = self._versions.get(row.type)
        if today is None:
            raise UnknownFact(row.type, row.position)
        clear, _ = _parts(row)
        if today == 1:
            return clear
        try:
            return self._lifted(row, clear, today)
        except WrongShape as wrong:
            path = wrong.path
        raise UnreadableEvent(_event_id(clear), row.type, row.position, path)

    def _lifted(self, row: StoredRow, clear: bytes, today: int) -> bytes:
        """The clear part as it is written today; of a type that changed, the version decides how it is read."""
        written = _version(clear)
        return clear if written >= today else self._upcast(row.type, clear, written, today)

    def _upcast(self, stored_name: str, clear: bytes, written: int, today: int) -> bytes:
        record = msgspec.json.decode(clear, type=dict[str, Any])
        record["fact"] = upcast(stored_name, record["fact"], written, today, self._upcasters)
        record["schema_version"] = today
        return msgspec.json.encode(record)


Drafts = Sequence["_Draft"]


class _Draft:
    """One event being written, and its personal values: fresh ones to seal, others to copy as they are."""

    def __init__(self, event: Event, stored_name: str, person_of: PersonOf) -> None:
        self.event = event
        self.stream = UUID(event.stream)
        self.clear = b""
        self.fresh: list[ToSeal] = []
        self._stored_name = stored_name
        self._person_of = person_of
        self._places: list[SealedAt | None] = []  # None: the next fresh one

    def __call__(self, path: str, key_class: KeyClass, value: Personal) -> int:
        """The number under which the value stands in the sealed part."""
        content = value.content()
        if isinstance(content, SealedAt):
            self._places.append(content)
        else:
            self._places.append(None)
            self.fresh.append(ToSeal(self._key(path, key_class, value), self.event.event_id, path, value))
        return len(self._places) - 1

    def stored(self, sealed: Iterator[Sealed]) -> StoredEvent:
        """The row, taking this event's fresh values from those that were sealed together."""
        part = [next(sealed) if place is None else place.raw() for place in self._places]
        state = _framed(self.clear, msgspec.json.encode(part))
        return StoredEvent(self.stream, self.event.version, self._stored_name, state)

    def weight(self) -> int:
        """About how many bytes the row will be."""
        return len(self.clear) + SEALED_BYTES * len(self._places)

    def _key(self, path: str, key_class: KeyClass, value: Personal) -> KeyName:
        person = self._person_of(self.event.stream) if value.about is None else SubjectId(value.about)
        if person is None:
            raise ValueError(f"event {self.event.event_id}: {path} is personal, and this stream is nobody's case")
        return KeyName(person, CaseId(self.event.stream), key_class)


def _framed(clear: bytes, sealed: bytes) -> bytes:
    return b"".join(
        (len(clear).to_bytes(LENGTH_BYTES, "big"), clear, len(sealed).to_bytes(LENGTH_BYTES, "big"), sealed)
    )


def _parts(row: StoredRow) -> tuple[bytes, bytes]:
    """Clear and sealed part. Raises `UnreadableEvent` when the lengths do not add up to the state."""
    state = row.state
    try:
        middle = LENGTH_BYTES + _LENGTH(state)[0]
        sealed = middle + LENGTH_BYTES
        if sealed + _LENGTH(state, middle)[0] == len(state):
            return state[LENGTH_BYTES:middle], state[sealed:]
    except struct.error:
        pass  # too short for a length
    raise UnreadableEvent("of unknown id", row.type, row.position, "the lengths of its two parts")


class _Written(msgspec.Struct):
    """What can be said of a record before its shape is known."""

    event_id: str = "of unknown id"
    schema_version: int = 0


def _event_id(clear: bytes) -> str:
    try:
        return msgspec.json.decode(clear, type=_Written).event_id
    except msgspec.DecodeError:
        return _Written().event_id


def _version(clear: bytes) -> int:
    """Raises `WrongShape` when the record names no version."""
    try:
        version = msgspec.json.decode(clear, type=_Written).schema_version
    except msgspec.DecodeError:
        version = 0
    if version < 1:
        raise WrongShape("$.schema_version")
    return version
