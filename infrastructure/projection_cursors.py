"""How far the read models of one landlord have come with its log, who keeps them, and which cases are blocked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, LiteralString

from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Composed, Identifier

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

    from infrastructure.projecting import Failure
    from projections.view import View

# Cursors that are not there yet start before the first event.
_ADD: Final = """
    INSERT INTO {schema}.cursor (projection, version)
    SELECT * FROM unnest(%(names)s::text[], %(versions)s::integer[]) ON CONFLICT DO NOTHING
"""

# Where the named read models stand.
_POSITIONS: Final = """
    SELECT projection, position FROM {schema}.cursor
    JOIN unnest(%(names)s::text[], %(versions)s::integer[]) AS named (projection, version) USING (projection, version)
"""

# Makes somebody the owner of the named read models.
_CLAIM: Final = """
    UPDATE {schema}.cursor SET owner = %(owner)s, heartbeat = clock_timestamp()
    FROM unnest(%(names)s::text[], %(versions)s::integer[]) AS named (projection, version)
    WHERE cursor.projection = named.projection AND cursor.version = named.version
"""

# Moves the named read models, if they are still where their owner left them.
_MOVE: Final = """
    UPDATE {schema}.cursor SET position = %(to)s, heartbeat = clock_timestamp()
    FROM unnest(%(names)s::text[], %(versions)s::integer[]) AS named (projection, version)
    WHERE cursor.projection = named.projection AND cursor.version = named.version
        AND owner = %(owner)s AND position = %(from)s
"""

# Says that the owner is alive, although there was nothing to do.
_BEAT: Final = "UPDATE {schema}.cursor SET heartbeat = clock_timestamp() WHERE owner = %(owner)s"

# Notes that a case cannot be told from a position on.
_BLOCK: Final = """
    INSERT INTO {schema}.blocked AS known (case_id, position, error, attempts, since)
    VALUES (%(case)s, %(position)s, %(error)s, 1, clock_timestamp())
    ON CONFLICT (case_id) DO UPDATE
    SET position = EXCLUDED.position, error = EXCLUDED.error, attempts = known.attempts + 1
"""

# Lets cases go that could be told up to a position beyond the one at which they were blocked.
_UNBLOCK: Final = "DELETE FROM {schema}.blocked WHERE case_id = ANY(%(cases)s::text[]) AND position <= %(upto)s"

# Everything that is blocked, the landlord's own stream too.
_BLOCKED: Final = "SELECT case_id, position, error, attempts, since FROM {schema}.blocked ORDER BY case_id"

# How each read model keeps up.
_HEALTH: Final = """
    SELECT projection, version, cursor.position, head.position,
        (SELECT recorded_at FROM {schema}.event WHERE event.position = cursor.position + 1),
        owner, extract(epoch FROM clock_timestamp() - heartbeat)::float8
    FROM {schema}.cursor CROSS JOIN {schema}.head ORDER BY projection, version
"""


class Deposed(Exception):
    """Somebody else has moved or claimed these read models; what was about to be written is theirs to write."""


@dataclass(frozen=True, slots=True)
class BlockedCase:
    """A case whose rows say nothing of the event at `position` and later; `attempts` counts the failures."""

    case_id: str
    position: int
    error: str
    attempts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """One version of one read model beside its log.

    `behind_since` is when the first event was recorded that it does not account for, None when it is up to date;
    `heartbeat_age` is in seconds, None while nobody ever kept it.
    """

    projection: str
    version: int
    position: int
    head: int
    behind_since: datetime | None
    owner: str | None
    heartbeat_age: float | None


@dataclass(frozen=True, slots=True)
class Health:
    """How the read models of one landlord are doing."""

    progress: tuple[Progress, ...]
    blocked: tuple[BlockedCase, ...]


class ProjectionCursors:
    """The cursors and blocked cases in one landlord's schema. Every method works within the caller's transaction."""

    def __init__(self, schema: str) -> None:
        self._schema = Identifier(schema)

    def add(self, conn: Connection[Any], views: Sequence[View[Any]]) -> None:
        """Give each view a cursor, unless it has one."""
        conn.execute(self._sql(_ADD), _named(views))

    def positions(self, conn: Connection[Any], views: Sequence[View[Any]]) -> dict[str, int]:
        """How far each view has come, by name."""
        return dict(self._tuples(conn, _POSITIONS, _named(views)).fetchall())

    def claim(self, conn: Connection[Any], views: Sequence[View[Any]], owner: str) -> None:
        """Make `owner` the one who keeps these views."""
        conn.execute(self._sql(_CLAIM), {**_named(views), "owner": owner})

    def move(self, conn: Connection[Any], views: Sequence[View[Any]], owner: str, start: int, end: int) -> None:
        """Move all these views from `start` to `end`. Raises `Deposed` unless `owner` holds each of them there."""
        moved = conn.execute(self._sql(_MOVE), {**_named(views), "owner": owner, "from": start, "to": end})
        if moved.rowcount != len(views):
            raise Deposed(f"{owner} does not hold {[view.name for view in views]} at position {start} any more")

    def beat(self, conn: Connection[Any], owner: str) -> None:
        """Say that `owner` is alive. Raises `Deposed` when it keeps nothing here."""
        if conn.execute(self._sql(_BEAT), {"owner": owner}).rowcount == 0:
            raise Deposed(f"{owner} keeps no read model of {self._schema.as_string(None)} any more")

    def block(self, conn: Connection[Any], failures: Mapping[str, Failure]) -> None:
        """Note, by case, what could not be told."""
        for case, failure in failures.items():
            conn.execute(self._sql(_BLOCK), {"case": case, "position": failure.position, "error": failure.error})

    def unblock(self, conn: Connection[Any], cases: Sequence[str], upto: int) -> None:
        """Let these cases go, as far as they were blocked at or before `upto`."""
        conn.execute(self._sql(_UNBLOCK), {"cases": list(cases), "upto": upto})

    def blocked(self, conn: Connection[Any]) -> list[BlockedCase]:
        """Every blocked case."""
        return conn.cursor(row_factory=args_row(BlockedCase)).execute(self._sql(_BLOCKED)).fetchall()

    def health(self, conn: Connection[Any]) -> Health:
        """Position against head, heartbeat, and what is blocked."""
        progress = conn.cursor(row_factory=args_row(Progress)).execute(self._sql(_HEALTH)).fetchall()
        return Health(tuple(progress), tuple(self.blocked(conn)))

    def _tuples(
        self, conn: Connection[Any], statement: LiteralString, params: Mapping[str, object]
    ) -> Cursor[tuple[Any, ...]]:
        return conn.cursor(row_factory=tuple_row).execute(self._sql(statement), params)

    def _sql(self, statement: LiteralString) -> Composed:
        return SQL(statement).format(schema=self._schema)


def _named(views: Sequence[View[Any]]) -> dict[str, object]:
    return {"names": [view.name for view in views], "versions": [view.version for view in views]}
