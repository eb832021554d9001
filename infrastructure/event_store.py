"""The log of one landlord: facts appended whole or not at all, in one order, and read back as they were.

Everything here is bytes and positions; what the bytes of a fact mean is the mapper's business.
"""

from __future__ import annotations

from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from eventsourcing.persistence import Notification, ProgrammingError, StoredEvent, Subscription
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresRecorder
from psycopg.rows import args_row, tuple_row

from infrastructure.appending import Appending, AppendObserver, check, places, stream_of, weight_of
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
from infrastructure.postgres.log_statements import log_statements
from infrastructure.postgres.server import schema_of
from infrastructure.together import Together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from psycopg import Connection
    from psycopg.rows import DictRow

    from infrastructure.postgres.server import PostgresServer
    from infrastructure.postgres.wake_up import Follower

__all__ = [
    "AppendObserver",
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

T = TypeVar("T")
Row = TypeVar("Row")

# The largest bigint: "as far as there is", without a second statement for it.
EVERYTHING: Final = 2**63 - 1
# How many saves one commit takes, and how many bytes of them. A batch holds the head of its log while it is written,
# and one that took everybody would leave nobody for the next to be made ready of meanwhile: with 32 writers batches of
# at most 16 carried 7 % more than batches of at most 64, and with 64 writers no less.
SAVES_TOGETHER: Final = 16
BYTES_TOGETHER: Final = 1_000_000
# One is written out and sealed while the one before it is with the server, which takes them one after the other.
BATCHES_AT_ONCE: Final = 2
# How often a follower looks at the log when nothing wakes it, in seconds.
POLL_SECONDS: Final = 1.0


class LandlordRecorder(PostgresApplicationRecorder):
    """Records one landlord's facts in that landlord's schema, which the migrations must have made.

    ``clock`` gives the present instant with its offset; the log never goes back when the clock does. ``observer``
    is told how long saves take.
    Every method may raise the library's OperationalError when the server stays away. Safe to share between
    threads; holds no connection between calls.
    """

    def __init__(
        self,
        server: PostgresServer,
        landlord: str,
        clock: Callable[[], datetime],
        observer: AppendObserver | None = None,
    ) -> None:
        # Past the library's own recorders, on purpose: they would ask the database for composite types, once
        # for each of a thousand landlords, and prepare tables that are not ours.
        PostgresRecorder.__init__(self, server)
        self.landlord = landlord
        self.channel_name = schema_of(landlord)
        self.server = server
        self._clock = clock
        self._sql = log_statements(self.channel_name)
        self._observer = observer
        self._appending = Appending(server, self.channel_name, self._sql, clock, observer)
        self._saves = self._together(self._appending.write, weight_of)
        self._append = self._watched(self._saves.do)

    # Writing

    def append(self, save: Save) -> Appended:
        """Write all of ``save`` or nothing, in one round trip and in one commit with what others save meanwhile.

        Raises Conflict when a version is taken or a stream that it rests on has gone on, KeyReused when the request's
        key was used for another body; neither touches anybody else's save.
        A request that was accepted before gives its first answer, and writes nothing. That is also how
        a writer finds out what became of a save whose acknowledgement was lost: without a request, trying it
        again is a Conflict with itself, and the writer decides anew on what is there.
        """
        check(places(save.events), save.request, save.unchanged)
        return self._append(save)

    def appending(
        self, made: Callable[[Sequence[T]], Sequence[Save | Exception]], weight: Callable[[T], int]
    ) -> Callable[[T], Appended]:
        """A way to append what only becomes a save in the batch that it goes with.

        ``made`` turns what several threads want to append into saves, in their order, or into what is to be raised
        for one of them; ``weight`` is about how many bytes it will be.
        """

        def write(wanted: Sequence[T]) -> list[Appended | Exception]:
            return self._appending.write(made(wanted))

        return self._watched(self._together(write, weight).do)

    def _together(
        self, write: Callable[[Sequence[T]], Sequence[Appended | Exception]], weight: Callable[[T], int]
    ) -> Together[T, Appended]:
        return Together(write, most=SAVES_TOGETHER, heaviest=BYTES_TOGETHER, weight=weight, at_once=BATCHES_AT_ONCE)

    def _watched(self, append: Callable[[T], Appended]) -> Callable[[T], Appended]:
        observer = self._observer
        if observer is None:
            return append

        def watched(wanted: T) -> Appended:
            began = perf_counter()
            try:
                return append(wanted)
            finally:
                observer.waited(perf_counter() - began)

        return watched

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
        found = self._rows(StoredRequest, self._sql.find_request, caller, key)
        return found[0] if found else None

    def read_stream(self, stream: UUID, upto_position: int | None = None, since_version: int = 0) -> list[StoredRow]:
        """The history of ``stream`` from a version on, oldest first; with ``upto_position``, as it was known then."""
        upto = EVERYTHING if upto_position is None else upto_position
        return self._rows(StoredRow, self._sql.read_stream, stream, since_version, upto)

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
            stream_of(originator_id),
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
