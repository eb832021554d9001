"""From a row of the log to a CloudEvent (CloudEvents 1.0, JSON format): what is public of it, copied and nothing else.

The clear part of a fact is read only as far as its public fields, and those are copied as they were written, so that a
field which nobody named cannot come along. No key is needed, and no personal value is ever touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple, get_type_hints

import msgspec

from domain.calendar import london_date
from domain.events import FACTS
from domain.events.parts import Measure
from domain.public import MEASURE, PUBLIC, UNREADABLE, PublicType
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import UnknownFact, UnreadableEvent

MARK_BYTES: Final = 16

# The clear part of a row as it is written today. Raises UnknownFact and UnreadableEvent.
ClearOf = Callable[[StoredRow], bytes]

_Detail = msgspec.Struct


class _Nothing(msgspec.Struct):
    """The detail of an event of which nothing more is told."""


NOTHING: Final = _Nothing()


class Links(msgspec.Struct):
    """Where a subscriber finds more."""

    state: str


class Data(msgspec.Struct):
    """The data of every public event; `detail` holds the fields of its type."""

    case: str
    person: str | None
    effective_on: str
    alert: bool
    detail: Any
    links: Links


class CloudEvent(msgspec.Struct):
    """A public event in the JSON format, with the extensions that a follower needs."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    dataschema: str
    sequence: str
    caseversion: int
    previous: int
    recordedtime: datetime
    partitionkey: str
    data: Data


class Told(NamedTuple):
    """A public event as one subscriber is told it; `body` is the CloudEvent, which ends with its data and their links.

    `mark` is a digest of what the log holds at this position.
    """

    position: int
    case: str
    version: int
    event_id: str
    name: str
    person: str | None
    recorded_at: datetime
    mark: bytes
    body: bytes


@dataclass(slots=True, eq=False)
class Entry:
    """A row read as far as it is public. `detail` has the fields of its type, each as it was written."""

    row: StoredRow
    told: PublicType
    event_id: str
    effective_at: str
    effective_on: str
    detail: _Detail
    person: str | None = None
    previous: dict[object, int] = field(default_factory=dict)  # by what hides events from a subscriber


def mark_of(state: bytes) -> bytes:
    """The digest by which a place in the log is known again."""
    return blake2b(state, digest_size=MARK_BYTES).digest()


class Teller:
    """Reads rows of one landlord as far as they are public, and writes them as CloudEvents."""

    def __init__(self, landlord: str, clear_of: ClearOf, public: Mapping[str, PublicType] = PUBLIC) -> None:
        self._source = f"urn:evenhand:landlord:{landlord}"
        self._clear_of = clear_of
        self._public = public
        self._decoders = {stored: _decoder(stored, told) for stored, told in public.items()}
        self._opened: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_record("CaseOpened", [("person", str)]))
        self._days: dict[str, str] = {}

    def entry(self, row: StoredRow) -> Entry:
        """What is public of a row; of one that this release cannot read, that it is there."""
        try:
            record = self._decoders[row.type].decode(self._clear_of(row))
        except (KeyError, UnknownFact, UnreadableEvent, msgspec.DecodeError):
            told_at = _text(row.recorded_at)
            # Its own id may be what cannot be read; its place is as good a name, and always the same.
            return Entry(row, UNREADABLE, f"{row.stream}:{row.version}", told_at, self._day(told_at), NOTHING)
        instant = record.effective_at if record.effective_at.endswith("Z") else _in_utc(record.effective_at)
        return Entry(row, self._public[row.type], record.event_id, instant, self._day(instant), record.fact)

    def person(self, row: StoredRow) -> str | None:
        """Whose case it is, by its first row; None where that cannot be read."""
        try:
            return str(self._opened.decode(self._clear_of(row)).fact.person)
        except (UnknownFact, UnreadableEvent, msgspec.DecodeError):
            return None

    def tell(self, entry: Entry, previous: int, told: PublicType, detail: object, schemas: Mapping[str, int]) -> Told:
        """The event with the version of the one before it; as `told` with `detail`, or as its earlier schema."""
        row = entry.row
        version = schemas.get(told.name)
        if version is not None:
            earlier = next(one for one in told.earlier if one.version == version)
            detail = earlier.down(msgspec.json.decode(msgspec.json.encode(detail)))
        event = CloudEvent(
            "1.0",
            entry.event_id,
            self._source,
            told.type,
            row.stream,
            entry.effective_at,
            "application/json",
            told.schema(version),
            f"{row.position:020d}",
            row.version,
            previous,
            row.recorded_at,
            row.stream,
            Data(
                row.stream,
                entry.person,
                entry.effective_on,
                told.alert,
                detail,
                Links(f"/v1/snapshot?case={row.stream}"),
            ),
        )
        return Told(
            row.position,
            row.stream,
            row.version,
            entry.event_id,
            told.name,
            entry.person,
            row.recorded_at,
            mark_of(row.state),
            _ENCODER.encode(event),
        )

    def _day(self, instant: str) -> str:
        """The London day of an instant in UTC; by its hour, for no day begins within one."""
        hour = instant[:13]
        day = self._days.get(hour)
        if day is None:
            if len(self._days) > 10_000:
                self._days.clear()
            day = self._days[hour] = london_date(datetime.fromisoformat(f"{hour}:00:00+00:00")).isoformat()
        return day


_ENCODER: Final = msgspec.json.Encoder()


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _in_utc(written: str) -> str:
    return _text(datetime.fromisoformat(written).astimezone(UTC))


def _record(name: str, fields: list[Any]) -> type[msgspec.Struct]:
    fact = msgspec.defstruct(f"{name}Public", fields)
    return msgspec.defstruct(f"{name}Record", [("event_id", str), ("effective_at", str), ("fact", fact)])


def _decoder(stored: str, told: PublicType) -> msgspec.json.Decoder[Any]:
    hints = get_type_hints(FACTS[stored])
    measure = msgspec.defstruct("PublicMeasure", [(name, msgspec.Raw) for name in MEASURE])
    fields = [
        (name, list[measure] if hints[name] == tuple[Measure, ...] else msgspec.Raw)  # type: ignore[valid-type]
        for name in told.fields
    ]
    return msgspec.json.Decoder(_record(stored, fields))
