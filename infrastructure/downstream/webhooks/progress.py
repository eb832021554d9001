"""How far an endpoint was told, as it is written down by whoever brings it events.

Place, cases that are behind and what was tried go into one transaction, which holds only for the owner that began with
the endpoint as it still is: somebody who was overtaken, by another process or by a person's act, writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import dict_row, tuple_row
from psycopg.sql import SQL, Identifier

from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from psycopg import Connection

    from infrastructure.downstream.webhooks.records import Endpoint
    from infrastructure.postgres.server import PostgresServer

KEPT_FOR: Final = timedelta(days=30)  # what was tried
KEPT_AT_MOST: Final = 200_000  # tries of one landlord's

# Takes an endpoint over from whoever brought it events before, unless somebody did something to it meanwhile.
_CLAIM: Final = """
    UPDATE {schema}.webhook SET owner = %s WHERE endpoint = %s AND changes = %s AND state = 'active'
    RETURNING position, failing_since, start_over::text
"""
_CASES: Final = """
    SELECT case_id, position, event, tries, since, next_at, parked FROM {schema}.webhook_case WHERE endpoint = %s
"""

# Moves the place of an endpoint, never back, for as long as it is one's own.
_MOVE: Final = """
    UPDATE {schema}.webhook SET position = greatest(position, %s), failing_since = %s, start_over = %s
    WHERE endpoint = %s AND owner = %s AND changes = %s AND state = 'active'
"""
_PUT: Final = """
    INSERT INTO {schema}.webhook_case (endpoint, case_id, position, event, tries, since, next_at, parked)
    SELECT %s, * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::int[], %s::timestamptz[], %s::timestamptz[],
        %s::boolean[])
    ON CONFLICT (endpoint, case_id) DO UPDATE SET position = excluded.position, event = excluded.event,
        tries = excluded.tries, since = excluded.since, next_at = excluded.next_at, parked = excluded.parked
"""
_TAKE_OFF: Final = "DELETE FROM {schema}.webhook_case WHERE endpoint = %s AND case_id = ANY(%s)"
_NOTE: Final = """
    INSERT INTO {schema}.webhook_delivery
        (endpoint, at, event, type, case_id, position, tries, outcome, status, took_ms)
    SELECT %s, * FROM unnest(%s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::int[],
        %s::text[], %s::int[], %s::int[])
"""
_FORGET: Final = """
    DELETE FROM {schema}.webhook_delivery
    WHERE at < %s OR number <= (SELECT max(number) FROM {schema}.webhook_delivery) - %s
"""


class Deposed(Exception):
    """Somebody else brings this endpoint its events by now, or a person did something to it."""


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A case whose next event was not taken: the first such event, and when it is tried again."""

    position: int
    event: str | None
    tries: int
    since: datetime
    next_at: datetime
    parked: bool = False


class Tried(NamedTuple):
    """One try, for the record."""

    at: datetime
    event: str
    type: str
    case: str | None
    position: int | None
    tries: int
    outcome: str
    status: int | None
    took_ms: int


@dataclass(slots=True)
class Place:
    """Where an endpoint is, as its owner begins."""

    position: int
    failing_since: datetime | None
    start_over: str | None
    waiting: dict[str, Waiting] = field(default_factory=dict)


class Progress:
    """The places of one landlord's endpoints. Safe to share between threads."""

    def __init__(self, server: PostgresServer, landlord: str) -> None:
        self._server = server
        self._schema = Identifier(schema_of(landlord))

    def claim(self, endpoint: Endpoint, owner: str) -> Place:
        """Bring it its events from now on. Raises `Deposed`."""

        def claim(conn: Connection[Any]) -> Place:
            with conn.transaction():
                cursor = conn.cursor(row_factory=tuple_row)
                found = cursor.execute(self._sql(_CLAIM), [owner, UUID(endpoint.endpoint), endpoint.changes]).fetchone()
                if found is None:
                    raise Deposed
                rows = conn.cursor(row_factory=dict_row).execute(self._sql(_CASES), [UUID(endpoint.endpoint)])
                position, failing_since, start_over = found
                waiting = {row.pop("case_id"): Waiting(**row) for row in rows}
                return Place(position, failing_since, start_over, waiting)

        return self._server.run(claim)

    def save(
        self,
        endpoint: Endpoint,
        owner: str,
        place: Place,
        put: Mapping[str, Waiting],
        off: Sequence[str],
        tried: Sequence[Tried],
    ) -> None:
        """Write down where it is, the cases that are behind, those that no longer are, and tries. Raises `Deposed`."""
        which = UUID(endpoint.endpoint)

        def save(conn: Connection[Any]) -> None:
            with conn.transaction():
                with conn.pipeline():
                    moved = conn.execute(
                        self._sql(_MOVE),
                        [place.position, place.failing_since, place.start_over, which, owner, endpoint.changes],
                    )
                    if put:
                        rows = [(case, *_columns(waiting)) for case, waiting in put.items()]
                        conn.execute(self._sql(_PUT), [which, *map(list, zip(*rows, strict=True))])
                    if off:
                        conn.execute(self._sql(_TAKE_OFF), [which, list(off)])
                    if tried:
                        conn.execute(self._sql(_NOTE), [which, *map(list, zip(*tried, strict=True))])
                if moved.rowcount != 1:
                    raise Deposed

        self._server.run(save)

    def forget(self, now: datetime) -> int:
        """Remove the record of tries that are too old or too many; how many."""
        query = self._sql(_FORGET)
        return self._server.run(lambda conn: conn.execute(query, [now - KEPT_FOR, KEPT_AT_MOST]).rowcount)

    def _sql(self, statement: LiteralString) -> bytes:
        return SQL(statement).format(schema=self._schema).as_bytes(None)


def _columns(waiting: Waiting) -> tuple[object, ...]:
    return (
        waiting.position,
        waiting.event,
        waiting.tries,
        waiting.since,
        waiting.next_at,
        waiting.parked,
    )
