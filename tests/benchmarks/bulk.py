"""A log with a million events within a minute: the demonstrations' histories, retold in bytes and copied in.

Each history is sealed and encoded once, by the landlord's own mapper. Retelling it gives the bytes other ids of case,
person and events, in the clear part and among the labels of the sealed values. So every value has the shape and size of
a sealed one, and none of them opens any more: this is for whoever never unseals, as the read models do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from operator import itemgetter
from random import Random
from struct import Struct
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from psycopg.sql import SQL, Identifier

from domain.codes import SubjectId
from domain.events import CaseOpened, Event
from infrastructure.mapper import LENGTH_BYTES, Mapper
from tests.benchmarks.workload import retold

if TYPE_CHECKING:
    import psycopg
    from eventsourcing.persistence import StoredEvent

MOST_AT_ONCE: Final = 1_000  # cases under way at the same time; whose turn it is falls at random
EVENTS_FOR_EACH: Final = 100  # of those, in a smaller log
STOPPED: Final = 1 / 3  # of the cases stand somewhere in the middle of their history
SEED: Final = 1
APART: Final = 1_000  # microseconds between two events
ROWS_IN_A_WRITE: Final = 500

# The binary format of COPY: a signature, two empty words, rows, and a count of -1 at the end. A row is the count of
# its columns, and each column its length and its bytes; times are microseconds since 2000.
_FIRST: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_LAST: Final = b"\xff\xff"
_STREAM_AND_VERSION: Final = Struct(">hi16siq").pack
_POSITION_TIME_AND_LENGTH: Final = Struct(">iqiqi").pack
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_COPY: Final = "COPY {}.event (stream, version, type, position, recorded_at, state) FROM STDIN (FORMAT binary)"


def at_once(events: int) -> int:
    """How many cases are under way at the same time in a log of so many events."""
    return min(max(events // EVENTS_FOR_EACH, 1), MOST_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a log was filled with, and how many seconds the copying took and what a server does later by itself."""

    events: int
    cases: int
    copying: float
    tidying: float


@dataclass(slots=True)
class _Template:
    """One event of a history: its type as a column, and its state with gaps for ids."""

    type: bytes
    length: int
    state: bytes
    ids: Callable[[Sequence[bytes]], bytes | tuple[bytes, ...]]


@dataclass(slots=True)
class _Case:
    stream: bytes
    ids: list[bytes]
    templates: Sequence[_Template]
    length: int
    told: int = 0


def fill(
    conn: psycopg.Connection[Any],
    schema: str,
    mapper: Mapper,
    histories: Sequence[Sequence[Event]],
    events: int,
) -> Filled:
    """Write so many events to the log in a schema, behind what it holds; ids and order are the same each time.

    One in three cases stops before its end, and so do those that are still under way when the last event is told. The
    connection must be in autocommit mode. Memory does not grow with the number of events. Fill a log once: a second
    time would tell of the same cases, and the database refuses that.
    """
    templates = [_templates(history, mapper) for history in histories]
    began = perf_counter()
    with conn.transaction():
        known = SQL("SELECT position, recorded_at FROM {}.head FOR UPDATE").format(Identifier(schema))
        [(head, since)] = conn.execute(known).fetchall()
        # The times of a log never go back, so what is told behind other events is told in what time there is.
        last = max(datetime.now(UTC), since or datetime.min.replace(tzinfo=UTC))
        apart = APART if since is None else min(APART, (last - since) // _MICROSECOND // events)
        telling = _Telling(templates, at_once(events))
        rows = telling.rows(events, head, (last - _EPOCH) // _MICROSECOND - apart * (head + events), apart)
        with conn.cursor().copy(SQL(_COPY).format(Identifier(schema))) as copy:
            copy.write(_FIRST)
            while some := b"".join(islice(rows, ROWS_IN_A_WRITE)):
                copy.write(some)
            copy.write(_LAST)
        moved = SQL("UPDATE {}.head SET position = %s, recorded_at = %s")
        conn.execute(moved.format(Identifier(schema)), [head + events, last])
    copied = perf_counter()
    # A server that runs has done so, whoever wrote the events.
    conn.execute(SQL("VACUUM (ANALYZE) {}.event").format(Identifier(schema)))
    conn.execute("CHECKPOINT")
    return Filled(events, telling.cases, copied - began, perf_counter() - copied)


class _Telling:
    """Tells many cases at once, each in its own order."""

    def __init__(self, histories: Sequence[Sequence[_Template]], at_once: int) -> None:
        self.cases = 0
        self._histories = cycle(histories)
        self._random = Random(SEED)  # noqa: S311 - the same log each time, and no secret
        self._at_once = at_once

    def rows(self, events: int, head: int, at: int, apart: int) -> Iterator[bytes]:
        """Rows for COPY, at the positions behind the head; `at` is the time of position 0."""
        under_way = [self._opened() for _ in range(self._at_once)]
        for position in range(head + 1, head + events + 1):
            place = int(self._random.random() * len(under_way))
            case = under_way[place]
            template = case.templates[case.told]
            self.cases += not case.told
            case.told += 1
            yield b"".join(
                (
                    _STREAM_AND_VERSION(6, 16, case.stream, 8, case.told),
                    template.type,
                    _POSITION_TIME_AND_LENGTH(8, position, 8, at + apart * position, template.length),
                    template.state % template.ids(case.ids),
                )
            )
            if case.told == case.length:
                under_way[place] = self._opened()

    def _opened(self) -> _Case:
        templates = next(self._histories)
        stream = UUID(int=self._random.getrandbits(128), version=5)
        ids = [str(stream).encode(), *(self._id() for _ in range(1 + len(templates)))]
        whole = self._random.random() >= STOPPED
        length = len(templates) if whole else self._random.randint(1, len(templates))
        return _Case(stream.bytes, ids, templates, length)

    def _id(self) -> bytes:
        bits = self._random.getrandbits(128)
        parts = (bits >> 96, bits >> 80 & 0xFFFF, bits >> 64 & 0xFFF, bits >> 48 & 0xFFF, bits & 0xFFFF_FFFF_FFFF)
        return b"%08x-%04x-7%03x-b%03x-%012x" % parts


def _templates(history: Sequence[Event], mapper: Mapper) -> list[_Template]:
    """The history in bytes. The ids to fill in are those of case, person and events, in this order."""
    told = retold(history)
    persons = [next(e.fact.person for e in some if isinstance(e.fact, CaseOpened)) for some in (history, told)]
    stored = mapper.encode(told, lambda _: SubjectId(persons[1]))
    ids = [told[0].stream, persons[1], *(event.event_id for event in told)]
    # Facts also name the person elsewhere, still as the story does.
    return [_template(event, {**{one: place for place, one in enumerate(ids)}, persons[0]: 1}) for event in stored]


def _template(event: StoredEvent, places: dict[str, int]) -> _Template:
    named = re.compile(b'(?<=")(?:' + b"|".join(re.escape(one.encode()) for one in places) + b')(?=")')
    gap = bytes(len(str(UUID(int=0))))
    middle = LENGTH_BYTES + int.from_bytes(event.state[:LENGTH_BYTES], "big")
    lengths: list[bytes] = []
    gapped: list[bytes] = []
    slots: list[int] = []
    for part in (event.state[LENGTH_BYTES:middle], event.state[middle + LENGTH_BYTES :]):
        slots += [places[found.decode()] for found in named.findall(part)]
        lengths.append(len(named.sub(gap, part)).to_bytes(LENGTH_BYTES, "big"))
        gapped.append(named.sub(b"%s", part.replace(b"%", b"%%")))
    state = b"".join(length.replace(b"%", b"%%") + part for length, part in zip(lengths, gapped, strict=True))
    stored_name = event.topic.encode()
    return _Template(
        len(stored_name).to_bytes(4, "big") + stored_name,
        sum(LENGTH_BYTES + int.from_bytes(length, "big") for length in lengths),
        state,
        itemgetter(*slots),
    )
