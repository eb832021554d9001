"""How each subscriber stands: what it acknowledged and when, how far it is behind, and whether it has drifted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from domain.public.in_force import told_of
from infrastructure.downstream.wanted import wanted_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Connection

    from application.desk import Desk
    from domain.downstream_work import Unacknowledged
    from domain.landlord import Subscriber
    from domain.public.receipts import Receipt
    from infrastructure.downstream.public_log import PublicLog
    from infrastructure.downstream.receipts import Receipts
    from infrastructure.downstream.unacknowledged import UnacknowledgedChanges
    from infrastructure.event_store import LandlordRecorder

COUNTED: Final = 10_000  # events; whoever is further behind is told so
LOOKED_THROUGH: Final = 200_000  # events of the log, for a subscriber that wants rare ones
COUNTED_FOR_A_PARTNER: Final = 1_000  # each is looked at for what was disclosed

# The next events that a subscriber is told, how many, and since when the first of them waits.
_BEHIND: Final = """
    SELECT count(*), min(recorded_at) FROM (
        SELECT recorded_at FROM {schema}.event
        WHERE position > %(after)s AND position <= %(after)s + %(through)s AND type = ANY(%(types)s)
        ORDER BY position LIMIT %(counted)s
    ) AS later
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """Events of its own that a subscriber has not acknowledged: how many, or `more` than that, waiting since when."""

    events: int
    more: bool
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One subscriber; `compared` is the last receipt that was compared, `drifted` the first that differed since."""

    subscriber: Subscriber
    last: Receipt | None
    lag: Lag
    compared: Receipt | None
    drifted: Receipt | None
    overdue: Sequence[Unacknowledged]
    overdue_more: int


class Standings:
    """Answers for one landlord. Safe to share between threads."""

    def __init__(
        self,
        desk: Desk,
        recorder: LandlordRecorder,
        log: PublicLog,
        receipts: Receipts,
        unacknowledged: UnacknowledgedChanges,
    ) -> None:
        self._desk = desk
        self._recorder = recorder
        self._log = log
        self._receipts = receipts
        self._unacknowledged = unacknowledged

    def all(self, now: datetime) -> list[Standing]:
        """Every subscriber, those that ended included."""
        return [self._of(subscriber, now) for subscriber in self._desk.state().subscribers]

    def one(self, code: str, now: datetime) -> Standing | None:
        """The subscriber of this code."""
        found = self._desk.state().subscriber(code)
        return None if found is None else self._of(found, now)

    def lags(self) -> dict[str, Lag]:
        """By code, how far those are behind that have not ended."""
        return {
            subscriber.id: self.lag(subscriber, self._receipts.last(subscriber.id))
            for subscriber in self._desk.state().subscribers
            if subscriber.active
        }

    def lag(self, subscriber: Subscriber, last: Receipt | None) -> Lag:
        """How far a subscriber with this last receipt is behind."""
        after = 0 if last is None else last.position
        if subscriber.partner is not None:
            wanted = wanted_of(self._log.landlord, subscriber)
            page = self._log.read(wanted, after, COUNTED_FOR_A_PARTNER)
            since = page.told[0].recorded_at if page.told else None
            return Lag(events=len(page.told), more=page.upto < page.head, since=since)
        params = {
            "after": after,
            "through": LOOKED_THROUGH,
            "types": sorted(told_of(subscriber.topics)),
            "counted": COUNTED + 1,
        }
        query = SQL(_BEHIND).format(schema=Identifier(self._recorder.channel_name))

        def work(conn: Connection[Any]) -> tuple[int, datetime | None]:
            found = conn.cursor(row_factory=tuple_row).execute(query, params).fetchone()
            return (0, None) if found is None else (found[0], found[1])

        counted, since = self._recorder.server.run(work)
        more = counted > COUNTED or self._recorder.head().position > after + LOOKED_THROUGH
        return Lag(events=min(counted, COUNTED), more=more, since=since)

    def _of(self, subscriber: Subscriber, now: datetime) -> Standing:
        last = self._receipts.last(subscriber.id)
        overdue, further = self._unacknowledged.by(now, only=subscriber.id)
        return Standing(
            subscriber=subscriber,
            last=last,
            lag=self.lag(subscriber, last),
            compared=self._receipts.compared(subscriber.id),
            drifted=self._receipts.drifted(subscriber.id),
            overdue=overdue,
            overdue_more=further[0].at_least if further else 0,
        )
