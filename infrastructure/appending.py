"""Saves on their way into one landlord's log: many at a time, each of them whole or not at all.

The database takes a batch in one statement and says of each save whether a constraint refused it. Where one did, a
second look tells what stood in its way: the same request accepted before, or another save at its place.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from hmac import compare_digest
from itertools import accumulate, repeat
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

import msgspec
from eventsourcing.persistence import IntegrityError, ProgrammingError
from psycopg.rows import args_row, tuple_row

from infrastructure.log_entries import Appended, Conflict, GoneOn, KeyReused, Request, Save, StoredRequest
from infrastructure.postgres.arrays import bigints, byteas, encoded, instant, integers, texts, uuids
from infrastructure.postgres.straight import straight

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from eventsourcing.persistence import StoredEvent
    from psycopg import Connection
    from psycopg.rows import DictRow

    from infrastructure.postgres.arrays import Packed
    from infrastructure.postgres.log_statements import LogStatements
    from infrastructure.postgres.server import PostgresServer

logger = logging.getLogger(__name__)

# About what a save is beside its states, in bytes: columns, request and answer.
BESIDE_STATE: Final = 500


class AppendObserver(Protocol):
    """Is told how appending goes, in the thread that saved; must be quick and safe to share between threads."""

    def waited(self, seconds: float) -> None:
        """How long one caller waited for its save to be accepted or refused."""
        ...

    def shared(self, saves: int) -> None:
        """How many saves went to the server together."""
        ...


class Appending:
    """Writes batches of saves to the log kept in `schema`."""

    def __init__(
        self,
        server: PostgresServer,
        schema: str,
        statements: LogStatements,
        clock: Callable[[], datetime],
        observer: AppendObserver | None,
    ) -> None:
        self._server = server
        self._schema = schema
        self._sql = statements
        self._clock = clock
        self._observer = observer

    def write(self, saves: Sequence[Save | Exception]) -> list[Appended | Exception]:
        """What became of each save, in order, as if they had come one after the other; an exception stays what it is.

        One transaction for all. Raises what concerns all of them, such as the library's OperationalError.
        """
        made = [save for save in saves if isinstance(save, Save)]
        written = iter(self._written(made) if made else ())
        return [next(written) if isinstance(save, Save) else save for save in saves]

    def _written(self, saves: Sequence[Save]) -> list[Appended | Exception]:
        columns = _columns(saves)
        outcomes = self._server.run(lambda conn: self._write(conn, saves, columns))
        try:
            if self._observer is not None:
                self._observer.shared(len(saves))
            if any(
                isinstance(new, Appended) and not new.repeated and new.last_position >= new.first_position
                for new in outcomes
            ):
                self._server.wake_ups.ring(self._schema)
        except Exception as error:  # noqa: BLE001 - what is written is written, and followers look by themselves
            logger.warning("nobody was told of what was appended to %s: %s", self._schema, type(error).__name__)
        return outcomes

    def _write(
        self, conn: Connection[DictRow], saves: Sequence[Save], columns: Sequence[Packed]
    ) -> list[Appended | Exception]:
        now = self._clock()
        if now.utcoffset() is None:
            msg = "the clock gave a time without an offset; a recorded time is an instant"
            raise ValueError(msg)
        [(position, at, constraints)] = straight(conn).ask(self._sql.append, (instant(now), *columns))
        if position is None or at is None:
            msg = f"{self._schema}.head has lost its row; restore it from the last event before writing on"
            raise ProgrammingError(msg)
        before, recorded_at = int(position), datetime.fromisoformat(at.decode())
        refused = None if constraints is None else _names(constraints)
        outcomes: list[Appended | Exception] = []
        for save, constraint in zip(saves, refused or repeat(None, len(saves)), strict=True):
            if constraint is not None:
                outcomes.append(self._answered_before(conn, save, constraint))
                continue
            last = before + len(save.events)
            answer = None if save.request is None else save.request.answer
            outcomes.append(Appended(before + 1, last, recorded_at, answer, repeated=False))
            before = last
        return outcomes

    def _answered_before(self, conn: Connection[DictRow], save: Save, constraint: str) -> Appended | Exception:
        """The first answer to a repeated request; otherwise what stands in the save's way."""
        request = save.request
        if request is not None and constraint == "request_caller_key":
            cursor = conn.cursor(binary=True, row_factory=args_row(StoredRequest))
            known = cursor.execute(self._sql.find_request, (request.caller, request.key), prepare=True).fetchone()
            if known is not None:
                if not compare_digest(known.body_mac, request.body_mac):
                    return KeyReused(request.key)
                return Appended(
                    known.first_position, known.last_position, known.recorded_at, known.answer, repeated=True
                )
        if constraint == "stream_unchanged":
            rests = save.unchanged
            gone_on = conn.cursor(row_factory=tuple_row).execute(
                self._sql.gone_on, (uuids(list(rests)), bigints(list(rests.values())))
            )
            for stream, version in gone_on:
                return GoneOn(stream, version)
        streams, versions = zip(*places(save.events), strict=True) if save.events else ((), ())
        taken = conn.cursor(row_factory=tuple_row).execute(self._sql.taken, (uuids(streams), bigints(versions)))
        for stream, version in taken:
            return Conflict(stream, version)
        return IntegrityError(f"{self._schema} refused a save by {constraint}, and what it stood for is gone since")


def check(events: Sequence[tuple[UUID, int]], request: Request | None, unchanged: Collection[UUID] = ()) -> None:
    """Raises what can be said against a save before it is tried: it is empty, or in conflict with itself."""
    if unchanged and any(stream in unchanged for stream, _ in events):
        raise ValueError("a save cannot rest on a stream that it writes: the versions of its events say what is free")
    if not events and request is None:
        msg = "a save needs an event, or a request that was accepted without one"
        raise ValueError(msg)
    if len(events) > 1:
        for (stream, version), times in Counter(events).items():
            if times > 1:
                raise Conflict(stream, version)


def places(events: Sequence[StoredEvent]) -> list[tuple[UUID, int]]:
    """Stream and version of each event. Raises ValueError for a stream's id that is no UUID."""
    return [(stream_of(event.originator_id), event.originator_version) for event in events]


def stream_of(originator_id: UUID | str) -> UUID:
    """The id as the log keeps it; raises ValueError for a text that is no UUID."""
    return originator_id if isinstance(originator_id, UUID) else UUID(originator_id)


def weight_of(save: Save) -> int:
    """About how many bytes a save is."""
    return BESIDE_STATE + sum(len(event.state) for event in save.events)


def _names(constraints: bytes) -> list[str | None]:
    """The elements of an array of names in text form; one that is null stands there unquoted."""
    named = constraints.decode().strip("{}").split(",")
    return [None if name == "NULL" else name.strip('"') for name in named]


def _columns(saves: Sequence[Save]) -> tuple[Packed, ...]:
    """The arrays of the database's function: of all events, then of which events each save has and its request, and
    last which save rests on which streams.
    """
    events = [event for save in saves for event in save.events]
    lasts = list(accumulate(len(save.events) for save in saves))
    requests = [save.request for save in saves]
    rests = [(number, *rest) for number, save in enumerate(saves, start=1) for rest in save.unchanged.items()]
    return (
        uuids([stream_of(event.originator_id) for event in events]),
        bigints([event.originator_version for event in events]),
        texts([event.topic for event in events]),
        byteas([event.state for event in events]),
        integers([last - len(save.events) + 1 for save, last in zip(saves, lasts, strict=True)]),
        integers(lasts),
        texts([None if request is None else request.caller for request in requests]),
        texts([None if request is None else request.key for request in requests]),
        byteas([None if request is None else request.body_mac for request in requests]),
        encoded([None if request is None else msgspec.json.encode(request.answer) for request in requests]),
        integers([number for number, _, _ in rests]),
        uuids([stream for _, stream, _ in rests]),
        bigints([version for _, _, version in rests]),
    )
