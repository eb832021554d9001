"""The list of deadlines as the clock reads it: how far it is, and in pages the cases in which a last day is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple

from eventsourcing.persistence import ProgrammingError
from psycopg.errors import UndefinedTable
from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Identifier

from application.clockwork import DeadlinesUnread, HowFar, Owing
from domain.codes import CaseId
from infrastructure.engine.projection_tables import ProjectionTable
from projections.deadlines import DEADLINES, DeadlinesRow

if TYPE_CHECKING:
    from psycopg import Connection

    from infrastructure.engine.projector import Projector
    from projections.view import View

AT_ONCE: Final = 1_000  # cases of a page that are only named
READ_TOGETHER: Final = 100  # rows with all that a case owes, a few kilobytes each

# Which build is read, how far it is, how far the log is, and what it cannot tell.
_HOW_FAR: Final = """
    SELECT version, build, build.position, paused, head.position AS head, ARRAY(
        SELECT case_id FROM {schema}.blocked
        WHERE blocked.projection = build.projection AND blocked.build = build.build ORDER BY case_id
    ) AS untold
    FROM {schema}.serving JOIN {schema}.build USING (projection, build) CROSS JOIN {schema}.head
    WHERE projection = %(projection)s
"""

# The next cases in which something went by, by the index for it, the longest ago first.
_GONE_BY: Final = """
    SELECT case_id, as_of, goes_by_on FROM {table}
    WHERE goes_by_on < %(day)s AND (goes_by_on, case_id) > (%(on)s, %(case)s)
    ORDER BY goes_by_on, case_id LIMIT %(limit)s
"""

# The next cases that owe anything.
_ALL: Final = "SELECT case_id, as_of, goes_by_on FROM {table} WHERE case_id > %(case)s ORDER BY case_id LIMIT %(limit)s"

# Everything that these cases owe.
_ROWS: Final = """
    SELECT row_to_json(held)::text FROM {table} AS held WHERE case_id = ANY(%(cases)s::text[]) ORDER BY case_id
"""


class _Build(NamedTuple):
    version: int
    build: int
    position: int
    paused: bool
    head: int
    untold: Sequence[str]


class _Line(NamedTuple):
    case_id: str
    as_of: int
    goes_by_on: date | None


class GoneBy:
    """Reads one landlord's deadlines for the clock. Safe to share between threads; holds nothing between two pages."""

    def __init__(self, projector: Projector) -> None:
        self._server = projector.recorder.server
        self._schema = projector.schema
        self._view: View[DeadlinesRow] = projector.view(DEADLINES.name)

    def how_far(self) -> HowFar:
        """Where it is. Raises `DeadlinesUnread`."""
        found = self._served()
        return HowFar(found.position, found.head, found.paused, tuple(CaseId(case) for case in found.untold))

    def gone_by(self, day: date, skip: Callable[[CaseId, int], bool]) -> Iterator[Owing]:
        """Cases with something that went by before a day and is to be taken down. Raises `DeadlinesUnread`."""
        last = _Line("", 0, date.min)
        while lines := self._lines(_GONE_BY, {"day": day, "on": last.goes_by_on, "case": last.case_id}):
            wanted = [line.case_id for line in lines if not skip(CaseId(line.case_id), line.as_of)]
            yield from self._rows(wanted)
            last = lines[-1]

    def everything(self) -> Iterator[Owing]:
        """Every case that owes something. Raises `DeadlinesUnread`."""
        case = ""
        while lines := self._lines(_ALL, {"case": case}):
            yield from self._rows([line.case_id for line in lines])
            case = lines[-1].case_id

    def _lines(self, statement: LiteralString, params: dict[str, Any]) -> list[_Line]:
        # Which table is read is asked for each page: a rebuild may send readers elsewhere in between.
        query = SQL(statement).format(table=self._table().name)
        return self._asked(
            lambda conn: (
                conn.cursor(row_factory=args_row(_Line)).execute(query, {**params, "limit": AT_ONCE}).fetchall()
            )
        )

    def _rows(self, cases: Sequence[str]) -> Iterator[Owing]:
        for begin in range(0, len(cases), READ_TOGETHER):
            for row in self._some_rows(list(cases[begin : begin + READ_TOGETHER])):
                yield Owing(CaseId(row.case_id), row.as_of, row.owed)

    def _some_rows(self, cases: list[str]) -> list[DeadlinesRow]:
        table = self._table()
        query = SQL(_ROWS).format(table=table.name)
        found = self._asked(lambda conn: conn.cursor(row_factory=tuple_row).execute(query, {"cases": cases}).fetchall())
        return [table.decode(text) for (text,) in found]

    def _table(self) -> ProjectionTable[DeadlinesRow]:
        return ProjectionTable(self._schema, self._view, self._served().build)

    def _served(self) -> _Build:
        query = SQL(_HOW_FAR).format(schema=Identifier(self._schema))
        found = self._server.run(
            lambda conn: (
                conn.cursor(row_factory=args_row(_Build)).execute(query, {"projection": self._view.name}).fetchone()
            )
        )
        if found is None or found.version != self._view.version:
            version = "not there" if found is None else f"of version {found.version}"
            raise DeadlinesUnread(
                f"the list of deadlines is {version}, and this release reads version {self._view.version}: "
                f"rebuild {self._view.name}; what went by is taken down once that is done"
            )
        return found

    def _asked(self, work: Callable[[Connection[Any]], list[Any]]) -> list[Any]:
        try:
            return self._server.run(work)
        except ProgrammingError as refusal:
            if isinstance(refusal.__cause__, UndefinedTable):
                raise DeadlinesUnread(
                    f"the table of {self._view.name} is gone: rebuild {self._view.name}, accepting what differs; "
                    "what went by is taken down once that is done"
                ) from refusal
            raise
