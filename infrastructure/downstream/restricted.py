"""Who is restricted on a day, as far as the log goes up to a position and as far as one subscriber sees it.

Read from the alert state where that accounts for the position; what changed between its own and that one is folded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple
from uuid import UUID

from eventsourcing.persistence import ProgrammingError
from psycopg.errors import UndefinedTable
from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Composable, Identifier

from domain.public.receipts import Restricted
from infrastructure.downstream.in_force_types import IN_FORCE_TYPES
from infrastructure.engine.projecting import follow
from infrastructure.engine.projection_tables import ProjectionTable
from projections.alert_state import ALERT_STATE, AlertRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from psycopg import Connection

    from domain.case import Case
    from domain.evolve import HistoryStep
    from infrastructure.downstream.disclosed import Grant
    from infrastructure.engine.projector import Projector
    from projections.view import View

FOLDED_AT_MOST: Final = 300  # cases, some milliseconds each; beyond these nothing is compared
CHANGES_AT_MOST: Final = 6_000  # that are looked through for these cases

# Which build is read, and how far it is.
_SERVED: Final = """
    SELECT version, build, position FROM {schema}.serving JOIN {schema}.build USING (projection, build)
    WHERE projection = %(projection)s
"""

# The cases of what changed between the build's position and the one asked about, as often as something did.
_CHANGED: Final = """
    SELECT stream::text FROM {schema}.event
    WHERE position > %(after)s AND position <= %(upto)s AND type IN ({types}) ORDER BY position LIMIT %(limit)s
"""

# Cases that the build cannot tell.
_BLOCKED: Final = """
    SELECT case_id FROM {schema}.blocked WHERE projection = %(projection)s AND build = %(build)s LIMIT %(limit)s
"""

# What is in force on a day, of everybody else.
_IN_FORCE: Final = """
    SELECT case_id, restriction, person FROM {table} AS alert
    WHERE starts_on <= %(day)s AND last_day >= %(day)s
        AND EXISTS (
            SELECT FROM json_to_recordset(in_force) AS days (first date, last date)
            WHERE %(day)s BETWEEN days.first AND days.last
        )
        AND NOT case_id = ANY(%(touched)s)
"""


class InForce(NamedTuple):
    """A restriction in force, and whose."""

    case: str
    restriction: str
    person: str


class _Served(NamedTuple):
    version: int
    build: int
    position: int


class RestrictedPeople:
    """Counts who is restricted, one landlord's. Safe to share between threads."""

    def __init__(self, projector: Projector) -> None:
        self._recorder = projector.recorder
        self._decode = projector.decode
        self._schema = projector.schema
        self._view: View[AlertRow] = projector.view(ALERT_STATE.name)

    def at(
        self, position: int, day: date, disclosed: Mapping[str, Collection[Grant]] | None = None
    ) -> Restricted | None:
        """Who has a restriction in force on `day`, by the log up to `position`.

        None where that cannot be told, or too much would have to be folded for it. With `disclosed`, only
        restrictions that these disclosures show at that position count.
        """

        def work(conn: Connection[Any]) -> tuple[list[InForce], list[str]] | None:
            # One snapshot: the rows are those of the position that is read beside them.
            with conn.transaction():
                conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                return self._rows(conn, position, day)

        try:
            found = self._recorder.server.run(work)
        except ProgrammingError as refusal:
            if isinstance(refusal.__cause__, UndefinedTable):
                return None
            raise
        if found is None:
            return None
        standing, touched = found
        for case in touched:
            folded = self._folded(case, position, day)
            if folded is None:
                return None
            standing += folded
        if disclosed is not None:
            standing = [one for one in standing if _is_shown(disclosed.get(one.case, ()), one.restriction, position)]
        return Restricted.of(one.person for one in standing)

    def _rows(self, conn: Connection[Any], position: int, day: date) -> tuple[list[InForce], list[str]] | None:
        params: dict[str, Any] = {"projection": self._view.name, "day": day, "limit": CHANGES_AT_MOST}
        served = conn.cursor(row_factory=args_row(_Served)).execute(self._sql(_SERVED), params).fetchone()
        if served is None or not self._view.can_read(served.version):
            return None
        params["build"] = served.build
        params["after"], params["upto"] = sorted((served.position, position))
        plain = conn.cursor(row_factory=tuple_row)
        changed = [case for (case,) in plain.execute(self._sql(_CHANGED), params)]
        blocked = [case for (case,) in plain.execute(self._sql(_BLOCKED), params)]
        touched = list(dict.fromkeys((*changed, *blocked)))
        if len(changed) == CHANGES_AT_MOST or len(touched) > FOLDED_AT_MOST:
            return None
        table: ProjectionTable[AlertRow] = ProjectionTable(
            self._schema, replace(self._view, version=served.version), served.build
        )
        rows = conn.cursor(row_factory=args_row(InForce))
        statement = self._sql(_IN_FORCE, table=table.name)
        return rows.execute(statement, {**params, "touched": touched}).fetchall(), touched

    def _folded(self, case: str, position: int, day: date) -> list[InForce] | None:
        """What is in force in a case by its history up to a position; None when that cannot be read."""
        steps: list[HistoryStep] = []
        if follow(steps, self._recorder.read_stream(UUID(case), position), self._decode) is not None:
            return None
        known = steps[-1].after if steps else None
        return list(_in_force(known, day)) if known else []

    def _sql(self, statement: LiteralString, **parts: Composable) -> bytes:
        return SQL(statement).format(schema=Identifier(self._schema), types=SQL(IN_FORCE_TYPES), **parts).as_bytes(None)


def _in_force(case: Case, day: date) -> Iterator[InForce]:
    for restriction in case.in_force_on(day):
        yield InForce(case.id, restriction.id, case.person)


def _is_shown(grants: Collection[Grant], restriction: str, position: int) -> bool:
    """Whether one of these disclosures shows it; where one ends, it has ended."""
    return any(
        one.since <= position and (one.until is None or position < one.until) and restriction in one.restrictions
        for one in grants
    )
