"""Keeps the read models of one landlord up with its log: rows and cursor together, a case at a time or many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import Connection

from infrastructure.event_store import EVERYTHING, LandlordRecorder
from infrastructure.projecting import Decode, Failure, described, project
from infrastructure.projection_cursors import Health, ProjectionCursors
from infrastructure.projection_tables import ProjectionTable
from projections import ALL
from projections.view import View

BATCH: Final = 500  # events; what a batch touches is held in memory at once
LOOK_AGAIN: Final = 0.1  # seconds between two looks at the cursor by somebody who waits for it


@dataclass(frozen=True, slots=True)
class _Told:
    """The encoded rows of one case by view, None to leave what is there; and what could not be told of it."""

    rows: Mapping[str, Sequence[bytes]] | None
    failure: Failure | None


class Projector:
    """The read models of one landlord: made, kept and asked how far they are.

    Whoever writes hands in the connection that holds the leadership and its name as the owner; everything else
    takes a connection from the pool for a moment. Safe to share between threads.
    """

    def __init__(self, recorder: LandlordRecorder, decode: Decode, views: Sequence[View[Any]] = ALL) -> None:
        self.recorder = recorder
        self.decode = decode
        self.views = tuple(views)
        self.schema = recorder.channel_name
        self.channel = f"{self.schema}_projected"  # rings when rows were written; at most 60 bytes
        self.cursors = ProjectionCursors(self.schema)
        self.tables = {view.name: ProjectionTable(self.schema, view) for view in self.views}

    def prepare(self) -> None:
        """Make the tables and cursors that are missing. May run in many processes at once."""

        def work(conn: Connection[Any]) -> None:
            with conn.transaction():
                # The same lock as the migrations': two processes that make one table would collide.
                conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [self.schema])
                for table in self.tables.values():
                    for statement in table.definition():
                        conn.execute(statement)
                self.cursors.add(conn, self.views)

        self.recorder.server.run(work)

    # Writing, by whoever leads

    def claim(self, conn: Connection[Any], owner: str) -> None:
        """Become the owner, and try blocked cases again: a new owner may be a new release that can tell them."""
        self.cursors.claim(conn, self.views, owner)
        self.refold(conn, owner, [blocked.case_id for blocked in self.cursors.blocked(conn)])

    def advance(self, conn: Connection[Any], owner: str) -> bool:
        """Take in the next batch of the log; False when there is none.

        Views that are furthest behind go first, up to where the next ones stand; then they go on together.
        Raises `Deposed` when somebody else owns them by now, and what the database raises.
        """
        positions = self.cursors.positions(conn, self.views)
        start = min(positions.values())
        stop = min((position for position in positions.values() if position > start), default=EVERYTHING)
        page = [row for row in self.recorder.read_log(start, BATCH) if row.position <= stop]
        if not page:
            return False
        views = [view for view in self.views if positions[view.name] == start]
        self._write(conn, owner, views, dict.fromkeys(str(row.stream) for row in page), start, page[-1].position)
        self.recorder.server.wake_ups.ring(self.channel)
        return True

    def refold(self, conn: Connection[Any], owner: str, cases: Iterable[str]) -> None:
        """Write the rows of these cases anew from their histories, without moving any cursor. Raises `Deposed`."""
        if cases := list(cases):
            positions = self.cursors.positions(conn, self.views)
            for position in sorted(set(positions.values())):
                views = [view for view in self.views if positions[view.name] == position]
                self._write(conn, owner, views, cases, position, position)

    def _write(
        self, conn: Connection[Any], owner: str, views: Sequence[View[Any]], cases: Iterable[str], start: int, end: int
    ) -> None:
        """Rows of these cases as of `end`, and the cursors from `start` to there, in one transaction."""
        told = {case: self._told(views, case, end) for case in cases}
        with conn.transaction():
            # First, so that somebody deposed waits for nobody and writes nothing.
            self.cursors.move(conn, views, owner, start, end)
            failures = {case: one.failure for case, one in told.items() if one.failure}
            failures |= self._replace(conn, views, told, end)
            self.cursors.unblock(conn, [case for case in told if case not in failures], end)
            self.cursors.block(conn, failures)

    def _told(self, views: Sequence[View[Any]], case: str, upto: int) -> _Told:
        projected = project(views, self.recorder.read_stream(UUID(case), upto), self.decode)
        if projected.rows is None:
            return _Told(None, projected.failure)
        try:
            encoded = {name: [self.tables[name].encode(row) for row in rows] for name, rows in projected.rows.items()}
        except Exception as error:  # noqa: BLE001 - a sealed value that cannot be copied blocks its own case only
            return _Told(None, projected.failure or Failure(projected.case.position or upto, described(error)))
        return _Told(encoded, projected.failure)

    def _replace(
        self, conn: Connection[Any], views: Sequence[View[Any]], told: Mapping[str, _Told], upto: int
    ) -> dict[str, Failure]:
        """Write the rows of all cases at once; when the database refuses a value, case by case to find whose it is."""
        rows = {case: one.rows for case, one in told.items() if one.rows is not None}
        try:
            with conn.transaction():
                for view in views:
                    encoded = [row for by_view in rows.values() for row in by_view[view.name]]
                    self.tables[view.name].replace(conn, list(rows), encoded)
        except (psycopg.DataError, psycopg.IntegrityError) as refusal:
            if len(rows) == 1:
                return {case: Failure(upto, described(refusal)) for case in rows}
        else:
            return {}
        return {
            refused: failure
            for case in rows
            for refused, failure in self._replace(conn, views, {case: told[case]}, upto).items()
        }

    # Asking

    def position(self) -> int:
        """The log position that all read models account for."""
        return min(self.recorder.server.run(lambda conn: self.cursors.positions(conn, self.views)).values())

    def wait_for(self, position: int, timeout: float) -> bool:
        """Whether all read models reach a position within `timeout` seconds; holds no connection meanwhile."""
        deadline = monotonic() + timeout
        with self.recorder.server.wake_ups.follow(self.channel) as bell:
            while self.position() < position:
                left = deadline - monotonic()
                if left <= 0:
                    return False
                bell.wait(min(left, LOOK_AGAIN))
        return True

    def health(self) -> Health:
        """Position against head, heartbeat, and blocked cases."""
        return self.recorder.server.run(self.cursors.health)
