"""The list of what cases owe, as the worklist reads it: every row of one moment, and the cases that have none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple, TypeVar
from uuid import UUID

from eventsourcing.persistence import ProgrammingError
from psycopg.errors import UndefinedTable
from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Composed, Identifier

from application.worklists import Looked
from domain.worklist import CaseOwes
from infrastructure.engine.projecting import project
from infrastructure.engine.projection_tables import ProjectionTable
from infrastructure.reads import AwaitingRebuild, TableLost
from projections.deadlines import DEADLINES, DeadlinesRow

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

    from infrastructure.engine.projector import Projector
    from projections.view import View

T = TypeVar("T")

READ_TOGETHER: Final = 500  # rows of some kilobytes each

# Which build is read, how far it is, and since when there is something that it does not account for.
_AGE: Final = """
    SELECT version, build, build.position,
        (SELECT recorded_at FROM {schema}.event WHERE event.position = build.position + 1) AS behind_since
    FROM {schema}.serving JOIN {schema}.build USING (projection, build) WHERE projection = %(projection)s
"""

# Cases that the build cannot tell; not the landlord's own stream, which owes nothing by this list.
_BLOCKED: Final = """
    SELECT blocked.case_id, blocked.position FROM {schema}.blocked
    WHERE projection = %(projection)s AND build = %(build)s AND EXISTS (
        SELECT FROM {schema}.event
        WHERE stream = blocked.case_id::uuid AND event.version = 1 AND type = 'CaseOpened'
    )
    ORDER BY blocked.case_id
"""

# The next rows, but for those of cases that cannot be told.
_ROWS: Final = """
    SELECT row_to_json(held)::text FROM {table} AS held
    WHERE case_id > %(after)s AND NOT case_id = ANY(%(blocked)s::text[])
    ORDER BY case_id LIMIT %(limit)s
"""


class _Age(NamedTuple):
    version: int
    build: int
    position: int
    behind_since: datetime | None


class OwedReads:
    """Reads what one landlord's cases owe. Safe to share between threads."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector
        self._recorder = projector.recorder
        self._view: View[DeadlinesRow] = projector.view(DEADLINES.name)

    def look(self, make: Callable[[Iterator[CaseOwes]], T]) -> Looked[T]:
        """What `make` makes of all rows, read in one snapshot. Raises `AwaitingRebuild`."""

        def work(conn: Connection[Any]) -> tuple[_Age, T, list[tuple[str, int]]]:
            # One snapshot: a case that is blocked in between must be in one of the two.
            with conn.transaction():
                conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                asked = {"projection": self._view.name}
                age = conn.cursor(row_factory=args_row(_Age)).execute(self._sql(_AGE), asked).fetchone()
                if age is None or not self._view.can_read(age.version):
                    raise AwaitingRebuild(self._view.name, 0 if age is None else age.version, self._view.version)
                plain = conn.cursor(row_factory=tuple_row)
                blocked: list[tuple[str, int]] = plain.execute(
                    self._sql(_BLOCKED), {**asked, "build": age.build}
                ).fetchall()
                return age, make(self._rows(conn, age, [case for case, _ in blocked])), blocked

        try:
            age, made, blocked = self._recorder.server.run(work)
        except ProgrammingError as refusal:
            if isinstance(refusal.__cause__, UndefinedTable):
                raise TableLost(self._view.name) from refusal
            raise
        untold = [self._untold(case, position) for case, position in blocked]
        return Looked(made, untold, age.position, age.behind_since)

    def _rows(self, conn: Connection[Any], age: _Age, blocked: Sequence[str]) -> Iterator[CaseOwes]:
        view = replace(self._view, version=age.version)
        table: ProjectionTable[DeadlinesRow] = ProjectionTable(self._projector.schema, view, age.build)
        query = SQL(_ROWS).format(table=table.name)
        cursor, after = conn.cursor(row_factory=tuple_row), ""
        while True:
            params = {"after": after, "blocked": list(blocked), "limit": READ_TOGETHER}
            found = [table.decode(text) for (text,) in cursor.execute(query, params).fetchall()]
            yield from (_owes(row, None) for row in found)
            if len(found) < READ_TOGETHER:
                return
            after = found[-1].case_id

    def _untold(self, case: str, position: int) -> CaseOwes:
        """A case that the list cannot tell: as far as its history can be told now, marked where that is not all."""
        projected = project([self._view], self._recorder.read_stream(UUID(case), None), self._projector.decode)
        failed = projected.failure.position if projected.failure else None
        rows: Sequence[Any] | None = projected.rows[self._view.name]
        if rows:
            return _owes(rows[0], failed)
        if rows is not None and failed is None:
            return CaseOwes(case=case, person=projected.case.person, as_of=position, officer=None, owed=())
        known = projected.case
        unknown_since = position if failed is None else failed
        return CaseOwes(
            case=case,
            person=known.person or None,
            as_of=known.position,
            officer=known.officer,
            owed=(),
            unknown_since=unknown_since,
        )

    def _sql(self, statement: LiteralString) -> Composed:
        return SQL(statement).format(schema=Identifier(self._projector.schema))


def _owes(row: DeadlinesRow, unknown_since: int | None) -> CaseOwes:
    return CaseOwes(
        case=row.case_id,
        person=row.person,
        as_of=row.as_of,
        officer=row.officer,
        owed=row.owed,
        telling=row.telling,
        persons=row.persons,
        adjusts=row.adjusts,
        limits_until=row.limits_until,
        unknown_since=unknown_since,
    )
