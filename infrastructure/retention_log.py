"""What retention asks of a log: the erasures that it records, and the cases that were closed, each in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, LiteralString, NamedTuple

from psycopg.rows import args_row
from psycopg.sql import SQL, Identifier

from application.erasure import RecordedErasure
from domain.codes import CaseId
from domain.events import PersonErased
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.events import Event
    from infrastructure.postgres.server import PostgresServer

# The next erasures, through an index of their own.
_ERASURES: Final = """
    SELECT stream::text, version, type, position, recorded_at, state
    FROM {schema}.event WHERE type = 'PersonErased' AND position > %s ORDER BY position LIMIT %s
"""

# The next cases that were closed, through the same index; a case is closed once.
_CLOSED: Final = """
    SELECT position, stream::text
    FROM {schema}.event WHERE type = 'CaseClosed' AND position > %s ORDER BY position LIMIT %s
"""


class ClosedCase(NamedTuple):
    """A case, and the log position at which it was closed."""

    position: int
    case: CaseId


class RetentionLog:
    """Reads one landlord's log for retention. Safe to share between threads."""

    def __init__(self, server: PostgresServer, landlord: str, decode: Callable[[StoredRow], Event]) -> None:
        self._server = server
        self._decode = decode
        self._schema = Identifier(schema_of(landlord))

    def erasures(self, after: int, limit: int) -> list[RecordedErasure]:
        """The next recorded erasures after a position, in order."""
        query = self._sql(_ERASURES)
        rows = self._server.run(
            lambda conn: conn.cursor(row_factory=args_row(StoredRow)).execute(query, (after, limit)).fetchall()
        )
        return [RecordedErasure(row.position, CaseId(row.stream), self._told(row)) for row in rows]

    def closed(self, after: int, limit: int) -> list[ClosedCase]:
        """The next closed cases after a position, in the order in which they were closed."""
        query = self._sql(_CLOSED)
        return self._server.run(
            lambda conn: conn.cursor(row_factory=args_row(ClosedCase)).execute(query, (after, limit)).fetchall()
        )

    def _told(self, row: StoredRow) -> PersonErased | None:
        try:
            fact = self._decode(row).fact
        except (UnknownFact, UnreadableEvent):
            return None
        return fact if isinstance(fact, PersonErased) else None

    def _sql(self, statement: LiteralString) -> bytes:
        return SQL(statement).format(schema=self._schema).as_bytes(None)
