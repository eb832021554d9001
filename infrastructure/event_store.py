"""The log of one landlord: facts appended whole or not at all, in one order, and read back as they were.

Everything here is bytes and positions; what the bytes of a fact mean is the mapper's business.
"""

from __future__ import annotations

from collections import Counter
from hmac import compare_digest
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from eventsourcing.persistence import Notification, ProgrammingError, StoredEvent, Subscription
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresRecorder
from psycopg.errors import UniqueViolation
from psycopg.rows import args_row, tuple_row
from psycopg.types.json import Jsonb

from infrastructure.log_entries import (
    Appended,
    Conflict,
    Head,
    KeyReused,
    PolicyChanged,
    Request,
    Save,
    StoredRequest,
    StoredRow,
)
from infrastructure.postgres.log_statements import BEGIN, COMMIT, log_statements
from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from psycopg import Connection
    from psycopg.rows import DictRow

    from infrastructure.postgres.server import PostgresServer
    from infrastructure.postgres.wake_up import Follower

__all__ = [
    "Appended",
    "Conflict",
    "Head",
    "KeyReused",
    "LandlordRecorder",
    "LogSubscription",
    "PolicyChanged",
    "Request",
    "Save",
    "StoredRequest",
    "StoredRow",
]

Row = TypeVar("Row")

# The largest bigint: "as far as there is", without a second statement for it.
EVERYTHING: Final = 2**63 - 1
# How often a follower looks at the log when nothing wakes it, in seconds.
POLL_SECONDS: Final = 1.0


class LandlordRecorder(PostgresApplicationRecorder):
    """Records one landlord's facts in that landlord's schema, which the migrations must have made.

    ``clock`` gives the present instant with its offset; the log never goes back when the clock does.
    Every method may raise the library's OperationalError when the server stays away. Safe to share between
    threads; holds no connection between calls.
    """

    def __init__(self, server: PostgresServer, landlord: str, clock: Callable[[], datetime]) -> None:
        # Past the library's own recorders, on purpose: they would ask the database for composite types, once
        # for each of a thousand landlords, and prepare tables that are not ours.
        PostgresRecorder.__init__(self, server)
        self.landlord = landlord
        self.channel_name = schema_of(landlord)
        self.server = server
        self._clock = clock
        self._sql = log_statements(self.channel_name)

    # Writing

    def append(self, save: Save) -> Appended:
        """Write all of ``save`` or nothing, in one transaction and one round trip.

        Raises Conflict when a version is taken, KeyReused when the request's key was used for another body.
        A request that was accepted before gives its first answer, and writes nothing. That is also how
        a writer finds out what became of a save whose acknowledgement was lost: without a request, trying it
        again is a Conflict with itself, and the writer decides anew on what is there.
        """
        if not save.events and save.request is None:
            msg = "a save needs an event, or a request that was accepted without one"
            raise ValueError(msg)
        for (stream, version), times in Counter(_places(save.events)).items():
            if times > 1:
                raise Conflict(stream, version)
        appended = self.server.run(lambda conn: self._append(conn, save))
        if save.events and not appended.repeated:
            self.server.wake_ups.ring(self.channel_name)
        return appended

    def _append(self, conn: Connection[DictRow], save: Save) -> Appended:
        now = self._clock()
        if now.utcoffset() is None:
            msg = "the clock gave a time without an offset; a recorded time is an instant"
            raise ValueError(msg)
        request, events, count = save.request, save.events, len(save.events)
        head = conn.cursor(binary=True, row_factory=args_row(Head))
        try:
            # All five go out before the first answer is read. When one fails, the server skips those after
            # it, the commit included.
            with conn.pipeline():
                conn.execute(BEGIN, prepare=True)
                head.execute(self._sql.advance_head, (count, now), prepare=True)
                if request is not None:
                    conn.execute(
                        self._sql.keep_request,
                        (request.caller, request.key, request.body_mac, count, Jsonb(dict(request.answer))),
                        prepare=True,
                    )
                if events:
                    conn.execute(self._sql.insert_events, (count, *_columns(events)), prepare=True)
                conn.execute(COMMIT, prepare=True)
        except UniqueViolation as violation:
            conn.rollback()
            return self._answered_before(conn, save, violation)
        position, recorded_at = head.fetchone() or (0, None)
        if recorded_at is None:
            msg = f"{self.channel_name}.head has lost its row; restore it from the last event before writing on"
            raise ProgrammingError(msg)
        answer = None if request is None else request.answer
        return Appended(position - count + 1, position, recorded_at, answer, repeated=False)

    def _answered_before(self, conn: Connection[DictRow], save: Save, violation: UniqueViolation) -> Appended:
        """The first answer to a repeated request; otherwise raises what stands in the save's way."""
        request = save.request
        if request is not None and violation.diag.constraint_name == "request_caller_key":
            known = self._find_request(conn, request.caller, request.key)
            if known is None:
                raise violation
            if not compare_digest(known.body_mac, request.body_mac):
                raise KeyReused(request.key)
            return Appended(known.first_position, known.last_position, known.recorded_at, known.answer, repeated=True)
        streams, versions, _, _ = _columns(save.events)
        taken = conn.cursor(row_factory=tuple_row).execute(self._sql.taken, (streams, versions)).fetchone()
        if taken is None:
            raise violation
        raise Conflict(*taken) from violation

    def remember_policy(self, landlord: str, effective: date, sha256: str) -> None:
        """Note which file stands behind a policy; ``landlord`` may also be "baseline".

        ``sha256`` is 64 lower-case hexadecimal digits. Raises PolicyChanged when the policy is already known
        by another file.
        """

        def remember(conn: Connection[DictRow]) -> str:
            conn.execute(self._sql.remember_policy, (landlord, effective, sha256, self._clock()))
            known = conn.execute(self._sql.known_policy, (landlord, effective)).fetchone()
            return sha256 if known is None else str(known["sha256"])

        known = self.server.run(remember)
        if known != sha256:
            raise PolicyChanged(landlord, effective, known, sha256)

    # Reading

    def find_request(self, caller: str, key: str) -> StoredRequest | None:
        """What ``caller`` was answered under ``key``, if a request under it was ever accepted."""
        return self.server.run(lambda conn: self._find_request(conn, caller, key))

    def _find_request(self, conn: Connection[DictRow], caller: str, key: str) -> StoredRequest | None:
        cursor = conn.cursor(binary=True, row_factory=args_row(StoredRequest))
        return cursor.execute(self._sql.find_request, (caller, key), prepare=True).fetchone()

    def read_stream(self, stream: UUID, upto_position: int | None = None) -> list[StoredRow]:
        """The history of ``stream``, oldest first; with ``upto_position``, as it was known then."""
        upto = EVERYTHING if upto_position is None else upto_position
        return self._rows(StoredRow, self._sql.read_stream, stream, upto)

    def read_log(self, after: int, limit: int) -> list[StoredRow]:
        """The next facts after position ``after``, at most ``limit``. Nothing ever appears behind them."""
        return self._rows(StoredRow, self._sql.read_log, after, limit)

    def head(self) -> Head:
        """How far the log goes."""
        return self._rows(Head, self._sql.head)[0]

    def position_at(self, instant: datetime) -> int:
        """The last position recorded at or before ``instant``, 0 if none.

        What was known at that instant is the log up to here.
        """
        found = self.server.run(
            lambda conn: (
                conn.cursor(row_factory=tuple_row)
                .execute(self._sql.position_at, {"instant": instant}, prepare=True)
                .fetchone()
            )
        )
        return 0 if found is None else int(found[0])

    def _rows(self, row: Callable[..., Row], statement: bytes, *params: object) -> list[Row]:
        return self.server.run(
            lambda conn: (
                conn.cursor(binary=True, row_factory=args_row(row)).execute(statement, params, prepare=True).fetchall()
            )
        )

    # Following

    def follow(self) -> Follower:
        """A place to sleep until this log has grown. A wake-up may be lost: look every second, too."""
        return self.server.wake_ups.follow(self.channel_name)

    def wait_for(self, position: int, timeout: float) -> bool:
        """Whether the log reached ``position`` within ``timeout`` seconds; holds no connection meanwhile."""
        if self.head().position >= position:  # mostly so, and then there is nothing to follow
            return True
        deadline = monotonic() + timeout
        with self.follow() as follower:
            while self.head().position < position:
                left = deadline - monotonic()
                if left <= 0:
                    return False
                follower.wait(min(left, POLL_SECONDS))
        return True

    # What the event-sourcing library asks of a recorder

    def create_table(self) -> None:
        """Nothing: the migrations make the tables."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: object) -> Sequence[int] | None:
        """Append without a request; the positions given out. Raises Conflict, which is an IntegrityError."""
        if kwargs:
            msg = f"the log keeps nothing beside its events, but was handed {', '.join(sorted(kwargs))}"
            raise ProgrammingError(msg)
        if not stored_events:
            return None
        appended = self.append(Save(stored_events))
        return list(range(appended.first_position, appended.last_position + 1))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of a stream with versions above ``gt`` and up to ``lte``."""
        return self._rows(
            StoredEvent,
            self._sql.select_events_backwards if desc else self._sql.select_events,
            _stream(originator_id),
            -1 if gt is None else gt,
            EVERYTHING if lte is None else lte,
            EVERYTHING if limit is None else limit,
        )

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The events at positions from ``start`` to ``stop``, of the named types only if there are any."""
        first = 0 if start is None else start if inclusive_of_start else start + 1
        last = EVERYTHING if stop is None else stop
        if topics:
            statement = self._sql.select_notifications_of_types
            return self._rows(Notification, statement, first, last, list(topics), limit)
        return self._rows(Notification, self._sql.select_notifications, first, last, limit)

    def max_notification_id(self) -> int | None:
        """The last position, or None while the log is empty."""
        return self.head().position or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> LogSubscription:
        """An endless iterator over the log after position ``gt``; stop it from any thread."""
        return LogSubscription(self, gt=gt, topics=topics)


class LogSubscription(Subscription[LandlordRecorder]):
    """Reads the log page by page in the thread that iterates, and sleeps at its end.

    The library's own subscription needs two threads and a connection each, and trusts that no notification
    is ever lost.
    """

    def __init__(self, recorder: LandlordRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt=gt, topics=topics)
        self._page: Iterator[Notification] = iter(())
        self._follower = recorder.follow()

    def __next__(self) -> Notification:
        """The next event, as soon as there is one; ends once the subscription is stopped."""
        while not self._has_been_stopped:
            for notification in self._page:
                self._last_notification_id = notification.id
                return notification
            page = self._recorder.select_notifications(
                start=self._last_notification_id or 0,
                limit=500,
                topics=self._topics,
                inclusive_of_start=False,
            )
            self._page = iter(page)
            if not page:
                self._follower.wait(POLL_SECONDS)
        raise StopIteration

    def stop(self) -> None:
        """End the iteration, now or at the next event."""
        super().stop()
        self._follower.wake()
        self._follower.close()


def _stream(originator_id: UUID | str) -> UUID:
    """The id as the log keeps it; raises ValueError for a text that is no UUID."""
    return originator_id if isinstance(originator_id, UUID) else UUID(originator_id)


def _places(events: Sequence[StoredEvent]) -> list[tuple[UUID, int]]:
    return [(_stream(event.originator_id), event.originator_version) for event in events]


def _columns(events: Sequence[StoredEvent]) -> tuple[list[UUID], list[int], list[str], list[bytes]]:
    """Streams, versions, types and states: an insert of any size is one statement with four arrays."""
    return (
        [_stream(event.originator_id) for event in events],
        [event.originator_version for event in events],
        [event.topic for event in events],
        [event.state for event in events],
    )
