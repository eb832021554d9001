"""One statement over the table that readers of a read model are sent to at that very moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Generic, LiteralString, Protocol, TypeAlias, TypeVar

from eventsourcing.persistence import ProgrammingError
from psycopg.errors import UndefinedTable
from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Composable, Identifier, Literal

from infrastructure.engine.projection_tables import ProjectionTable
from projections.view import Row, View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection

    from infrastructure.engine.projector import Projector

LOST: Final = 0  # for the version of a table that somebody dropped; no view has it

# Which build is read.
_SERVED: Final = """
    SELECT version, build FROM {schema}.serving JOIN {schema}.build USING (projection, build)
    WHERE projection = {projection}
"""


class OfABuild(Protocol):
    """A line that says which build it was read for; a statement of this kind always gives at least one line."""

    @property
    def version(self) -> int:
        """The version of the build that is read."""
        ...

    @property
    def build(self) -> int:
        """The number of the build that is read."""
        ...


Params: TypeAlias = "Sequence[object] | Mapping[str, object]"
R = TypeVar("R", bound=Row)
L = TypeVar("L", bound=OfABuild)


@dataclass(frozen=True, slots=True)
class _Served(Generic[R]):
    """A build of the view, and the statement that goes to its table."""

    version: int
    build: int
    table: ProjectionTable[R]
    statement: bytes


class ServedTable(Generic[R, L]):
    """Asks the build that readers are sent to, one landlord's. Safe to share between threads.

    A statement names its table, and which one is read changes at times: the build that was read last is remembered,
    and the statement itself says whether it still is the one. It may hold {schema}, {projection}, {table} and {key}.
    """

    def __init__(self, projector: Projector, view: View[R], statement: LiteralString, line: type[L]) -> None:
        self._projector = projector
        self._server = projector.recorder.server
        self._view = view
        self._statement = statement
        self._line = line
        self._last: _Served[R] | None = None

    def lines(self, params: Params) -> tuple[ProjectionTable[R] | None, list[L]]:
        """The lines of the statement from the build that is read at that very moment, and that build's table.

        Without a table where somebody dropped it: then the lines are those that one without rows gives.
        """
        served = self._last or self._served()
        while True:
            try:
                lines = self._looked(served, params)
            except ProgrammingError as refusal:
                # Readers were sent elsewhere more than a minute ago, and nobody asked here since.
                current = self._served()
                if not isinstance(refusal.__cause__, UndefinedTable):
                    raise
                if current.statement == served.statement:
                    return None, self._looked(self._without_rows(served), params)
                served = current
                continue
            self._last = served
            if (lines[0].version, lines[0].build) == (served.version, served.build):
                return served.table, lines
            served = self._of(lines[0].version, lines[0].build)

    def _looked(self, served: _Served[R], params: Params) -> list[L]:
        def work(conn: Connection[Any]) -> list[L]:
            cursor = conn.cursor(binary=True, row_factory=args_row(self._line))
            return cursor.execute(served.statement, params, prepare=True).fetchall()

        return self._server.run(work)

    def _served(self) -> _Served[R]:
        """What is read now."""
        statement = self._filled(_SERVED)
        [(version, build)] = self._server.run(
            lambda conn: conn.cursor(row_factory=tuple_row).execute(statement).fetchall()
        )
        return self._of(version, build)

    def _of(self, version: int, build: int) -> _Served[R]:
        table = ProjectionTable(self._projector.schema, replace(self._view, version=version), build)
        key = SQL(", ").join(Identifier("held", column) for column in self._view.key)
        return _Served(version, build, table, self._filled(self._statement, table=table.name, key=key))

    def _without_rows(self, lost: _Served[R]) -> _Served[R]:
        """The statement as it would be answered by a table of this kind that is empty."""
        key = SQL(", ").join(Identifier("held", column) for column in self._view.key)
        return replace(lost, statement=self._filled(self._statement, table=lost.table.no_rows(), key=key))

    def _filled(self, statement: LiteralString, **parts: Composable) -> bytes:
        schema, projection = Identifier(self._projector.schema), Literal(self._view.name)
        return SQL(statement).format(schema=schema, projection=projection, **parts).as_bytes(None)
