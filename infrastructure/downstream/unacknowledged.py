"""What subscribers that people rely on have not acknowledged in their time: from log and receipts, and never stored.

Only events that change what is in force are looked for, by an index of their own, so that a long log costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from domain.decisions.subscribers import FOR_PARTNERS
from domain.downstream_work import FurtherCases, Unacknowledged
from domain.public import PUBLIC, STATE_CHANGED
from domain.public.in_force import concerns, to_be_known
from domain.public.registered import Registration, registrations, required_since
from infrastructure.downstream.in_force_types import IN_FORCE_TYPES
from infrastructure.downstream.wanted import wanted_of

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

    from application.desk import Desk
    from domain.codes import Topic
    from domain.landlord import Subscriber
    from infrastructure.downstream.public_log import PublicLog
    from infrastructure.downstream.receipts import Receipts
    from infrastructure.downstream.telling import Told
    from infrastructure.event_store import LandlordRecorder

LISTED: Final = 100  # cases for each subscriber; beyond these it is not this or that case that somebody looks after
LOOKED_AT: Final = 2_000  # events for each subscriber

# The next changes that were recorded by an instant, the earliest first.
_CHANGES: Final = """
    SELECT stream::text, position, type FROM {schema}.event
    WHERE type IN ({types}) AND position > %(after)s AND recorded_at <= %(by)s AND type = ANY(%(wanted)s)
        AND (%(case)s::uuid IS NULL OR stream = %(case)s::uuid)
    ORDER BY position LIMIT %(limit)s
"""


class Registrations:
    """Who was registered when, by the landlord's stream; read again only once that has grown. Safe to share."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = Lock()
        self._kept: tuple[int, Mapping[str, Sequence[Registration]]] | None = None

    def of_all(self) -> Mapping[str, Sequence[Registration]]:
        """By the subscriber's code, its registrations in their order."""
        version = self._desk.state().version
        with self._lock:
            kept = self._kept
        if kept is None or kept[0] != version:
            history = self._desk.landlord_history()
            kept = (history[-1].version if history else 0, registrations(history))
            with self._lock:
                self._kept = kept
        return kept[1]


class UnacknowledgedChanges:
    """Finds them, one landlord's. Safe to share between threads."""

    def __init__(
        self, desk: Desk, recorder: LandlordRecorder, log: PublicLog, receipts: Receipts, registered: Registrations
    ) -> None:
        self._desk = desk
        self._recorder = recorder
        self._log = log
        self._receipts = receipts
        self._registered = registered

    def by(
        self, instant: datetime, *, case: str | None = None, only: str | None = None
    ) -> tuple[list[Unacknowledged], list[FurtherCases]]:
        """What should have been acknowledged by an instant and is not, by case; and in how many cases more.

        Of one case, or of one subscriber alone, where these are given.
        """
        found: list[Unacknowledged] = []
        further: list[FurtherCases] = []
        known = self._registered.of_all()
        for subscriber in self._desk.state().subscribers:
            floors = _floors(subscriber, known.get(subscriber.id, ()))
            if floors and only in (None, subscriber.id):
                listed, more = self._of(subscriber, floors, instant, case)
                found += listed
                if more:
                    further.append(FurtherCases(subscriber=subscriber.id, at_least=more))
        return found, further

    def _of(
        self, subscriber: Subscriber, floors: Mapping[Topic, int], instant: datetime, case: str | None
    ) -> tuple[list[Unacknowledged], int]:
        within = timedelta(minutes=subscriber.within_minutes or 0)
        last = self._receipts.last(subscriber.id)
        after = max(0 if last is None else last.position, min(floors.values()))
        by_case: dict[str, list[Told]] = {}
        more = 0
        if subscriber.partner is not None:
            wanted, only = wanted_of(self._log.landlord, subscriber), None if case is None else [case]
            for told in self._log.read(wanted, after, LOOKED_AT, cases=only).told:
                if told.name in PARTNERS_NAMES and told.recorded_at <= instant - within:
                    by_case.setdefault(told.case, []).append(told)
        else:
            changes = self._changes(floors, after, instant - within, case)
            cases = list(dict.fromkeys(changes.values()))
            cases, more = cases[:LISTED], len(cases[LISTED:])
            names = {PUBLIC[stored].name for stored in to_be_known(floors, partner=False)}
            wanted = wanted_of(self._log.landlord, subscriber, types={*names, STATE_CHANGED.name})
            for told in self._log.read(wanted, after, LOOKED_AT, cases=cases).told if cases else ():
                if told.position in changes:
                    by_case.setdefault(told.case, []).append(told)
        listed = [_line(subscriber.id, every, within) for every in by_case.values()]
        return listed[:LISTED], more + len(listed[LISTED:])

    def _changes(self, floors: Mapping[Topic, int], after: int, by: datetime, case: str | None) -> dict[int, str]:
        """The next changes that are owed to a subscriber of the landlord's own: by position, the case."""
        params = {
            "after": after,
            "by": by,
            "wanted": sorted(to_be_known(floors, partner=False)),
            "case": None if case is None else UUID(case),
            "limit": LOOKED_AT,
        }
        query = SQL(_CHANGES).format(schema=Identifier(self._recorder.channel_name), types=SQL(IN_FORCE_TYPES))

        def work(conn: Connection[Any]) -> list[tuple[str, int, str]]:
            return conn.cursor(row_factory=tuple_row).execute(query, params).fetchall()

        return {
            position: stream
            for stream, position, stored in self._recorder.server.run(work)
            if any(position > since and concerns(PUBLIC[stored], [topic]) for topic, since in floors.items())
        }


# What a partner has to know of in time, by the names under which it is told.
PARTNERS_NAMES: Final = frozenset(
    (STATE_CHANGED.name, *(PUBLIC[stored].name for stored in to_be_known(FOR_PARTNERS, partner=True)))
)


def _floors(subscriber: Subscriber, known: Sequence[Registration]) -> dict[Topic, int]:
    """By topic, the position from which on a subscriber owes acknowledgements; empty where it owes none."""
    if not subscriber.active:
        return {}
    found = {topic: required_since(known, topic) for topic in subscriber.topics}
    return {topic: since for topic, since in found.items() if since is not None}


def _line(subscriber: str, told: Sequence[Told], within: timedelta) -> Unacknowledged:
    first = told[0]
    return Unacknowledged(
        subscriber=subscriber,
        case=first.case,
        person=first.person,
        events=tuple(dict.fromkeys(one.name for one in told)),
        since=first.recorded_at,
        due_at=first.recorded_at + within,
    )
