"""What is stored of one customer's cases, in one read: how far each is, its rows, and whether they are all there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, LiteralString, NamedTuple

from eventsourcing.persistence import ProgrammingError
from psycopg import Connection
from psycopg.errors import UndefinedTable
from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Composable, Identifier, Literal

from application.streams import is_stream_id
from domain.codes import CaseId, SubjectId
from infrastructure.engine.projection_tables import ProjectionTable
from infrastructure.engine.projector import Projector
from projections.alert_state import ALERT_STATE, AlertRow
from projections.view import View

CASES_AT_ONCE: Final = 4  # of one person, as many as _LOOK names; few have more than one

# The head, whether the directory has the person, which build is read, and for each case that is there: its last
# position, from where on that build cannot tell it, and its rows in one build's table. There is a row even when there
# is no case. Cases are named one by one, and what there is one of is asked for as one: so the server keeps one plan
# of index look-ups, whatever it knows or does not know of the tables yet.
_LOOK: Final = """
    SELECT (SELECT position FROM {schema}.head) AS head,
        EXISTS (SELECT FROM {schema}.person WHERE id = %s::uuid) AS entered,
        build.version, build.build, build.position AS told, wanted.case_id, latest.position AS latest,
        (
            SELECT position FROM {schema}.blocked
            WHERE projection = {projection} AND blocked.build = build.build AND blocked.case_id = wanted.case_id
        ) AS blocked,
        row_to_json(held)::text AS stored
    FROM {schema}.serving
    CROSS JOIN LATERAL (
        SELECT version, build, position FROM {schema}.build
        WHERE projection = {projection} AND build = serving.build LIMIT 1
    ) AS build
    LEFT JOIN (
        (VALUES (1, %s::text), (2, %s::text), (3, %s::text), (4, %s::text)) AS wanted (number, case_id)
        CROSS JOIN LATERAL (
            SELECT position FROM {schema}.event WHERE stream = wanted.case_id::uuid ORDER BY version DESC LIMIT 1
        ) AS latest
        LEFT JOIN {table} AS held ON held.case_id = wanted.case_id
    ) ON true
    WHERE serving.projection = {projection}
    ORDER BY wanted.number, {key}
"""

# Which build is read.
_SERVED: Final = """
    SELECT version, build FROM {schema}.serving JOIN {schema}.build USING (projection, build)
    WHERE projection = {projection}
"""


class Place(NamedTuple):
    """How far a stream, and the build of a read model that is read, are; `blocked` from where it cannot be told."""

    case_id: str
    latest: int
    version: int
    build: int
    told: int
    blocked: int | None


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case, and its rows as the build that is read holds them."""

    place: Place
    stored: Sequence[str]
    table: ProjectionTable[AlertRow]

    def rows(self) -> list[AlertRow]:
        """The rows, in the order of the view's key. To be asked of a version that can be read."""
        return [self.table.decode(text) for text in self.stored]


@dataclass(frozen=True, slots=True)
class StoredCases:
    """All cases of a person, the first one first. `head` is the log's when the read began.

    `entered` says whether the directory has the person, erased or not.
    """

    head: int
    entered: bool
    cases: Sequence[StoredCase]


class _Line(NamedTuple):
    head: int
    entered: bool
    version: int
    build: int
    told: int
    case_id: str | None
    latest: int
    blocked: int | None
    stored: str | None


@dataclass(frozen=True, slots=True)
class _Served:
    """A build of the alert, and the read that goes to its table."""

    version: int
    build: int
    table: ProjectionTable[AlertRow]
    look: bytes


class AlertLookup:
    """Looks persons up in the build that readers are sent to, one landlord's. Safe to share between threads.

    A statement names its table, and which one is read changes at times: the build that was read last is remembered,
    and the statement itself says whether it still is the one.
    """

    def __init__(self, projector: Projector, case_of: Callable[[SubjectId, int], CaseId]) -> None:
        self._projector = projector
        self._server = projector.recorder.server
        self._case_of = case_of
        self._view: View[AlertRow] = projector.view(ALERT_STATE.name)
        self._last: _Served | None = None

    def cases_of(self, person: SubjectId) -> StoredCases:
        """What is stored of a person's cases. Those up to the fourth are of one snapshot, and so on by fours."""
        # An id is written in one way only: under another spelling nobody is known.
        entry = person if is_stream_id(person) else None
        begin, found = self._four(person, entry, 1)
        cases = found
        while len(found) == CASES_AT_ONCE:  # they are numbered without a gap
            _, found = self._four(person, entry, len(cases) + 1)
            cases = [*cases, *found]
        return StoredCases(begin.head, begin.entered, cases)

    def _four(self, person: SubjectId, entry: str | None, first: int) -> tuple[_Line, list[StoredCase]]:
        """The case of this ordinal and those after it, as far as they are there, and where the log was."""
        ids = [self._case_of(person, ordinal) for ordinal in range(first, first + CASES_AT_ONCE)]
        served, lines = self._lines([entry, *ids])
        return lines[0], _by_case(served.table, lines)

    def _lines(self, params: Sequence[object]) -> tuple[_Served, list[_Line]]:
        """The lines of `_LOOK` from the build that is read at that very moment."""
        served = self._last or self._served()
        while True:
            try:
                lines = self._looked(served, params)
            except ProgrammingError as refusal:
                # Readers were sent elsewhere more than a minute ago, and nobody asked here since.
                current = self._served()
                if not isinstance(refusal.__cause__, UndefinedTable) or current.look == served.look:
                    raise
                served = current
                continue
            self._last = served
            if (lines[0].version, lines[0].build) == (served.version, served.build):
                return served, lines
            served = self._of(lines[0].version, lines[0].build)

    def _looked(self, served: _Served, params: Sequence[object]) -> list[_Line]:
        def work(conn: Connection[Any]) -> list[_Line]:
            cursor = conn.cursor(binary=True, row_factory=args_row(_Line))
            return cursor.execute(served.look, params, prepare=True).fetchall()

        return self._server.run(work)

    def _served(self) -> _Served:
        """What is read now."""
        statement = self._filled(_SERVED)
        [(version, build)] = self._server.run(
            lambda conn: conn.cursor(row_factory=tuple_row).execute(statement).fetchall()
        )
        return self._of(version, build)

    def _of(self, version: int, build: int) -> _Served:
        table = ProjectionTable(self._projector.schema, replace(self._view, version=version), build)
        key = SQL(", ").join(Identifier("held", column) for column in self._view.key)
        return _Served(version, build, table, self._filled(_LOOK, table=table.name, key=key))

    def _filled(self, statement: LiteralString, **parts: Composable) -> bytes:
        schema, projection = Identifier(self._projector.schema), Literal(self._view.name)
        return SQL(statement).format(schema=schema, projection=projection, **parts).as_bytes(None)


def _by_case(table: ProjectionTable[AlertRow], lines: Sequence[_Line]) -> list[StoredCase]:
    """The cases that are there, each with its rows."""
    cases: list[StoredCase] = []
    for case_id, group in groupby(lines, key=attrgetter("case_id")):
        if case_id is not None:
            of_case = list(group)
            one = of_case[0]
            place = Place(case_id, one.latest, one.version, one.build, one.told, one.blocked)
            cases.append(StoredCase(place, [line.stored for line in of_case if line.stored is not None], table))
    return cases
