"""Many histories at once, read over a connection of one's own: for whoever keeps, builds or verifies read models."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Identifier

from infrastructure.log_entries import StoredRow

if TYPE_CHECKING:
    from psycopg import Connection

# The next events of the log.
_PAGE: Final = """
    SELECT stream::text, version, type, position, recorded_at, state
    FROM {schema}.event WHERE position > %b AND position <= %b ORDER BY position LIMIT %b
"""

# The histories of some streams, as far as they were known at a position. In no order: the server would sort whole
# events, which takes it longer than finding them, and they lie in the right one nearly always.
_OF_STREAMS: Final = """
    SELECT stream::text, version, type, position, recorded_at, state
    FROM {schema}.event WHERE stream = ANY(%b::uuid[]) AND position <= %b
"""

# The histories of the streams that begin between two positions, likewise. What happens in a case happens in the months
# after its beginning, so these events lie near one another, and a page of the table is read about once.
_BEGUN: Final = """
    SELECT stream::text, version, type, position, recorded_at, state
    FROM {schema}.event WHERE stream = ANY(ARRAY(
        SELECT stream FROM {schema}.event WHERE position > %b AND position <= %b AND version = 1
    )) AND position <= %b
"""

# Streams that have no beginning. Nothing writes any; but what is there must not be passed by.
_STRAYS: Final = """
    SELECT stream::text FROM {schema}.event WHERE position <= %b GROUP BY event.stream HAVING min(version) > 1
"""

_VERSION: Final = attrgetter("version")


class Histories:
    """Reads the log in one landlord's schema. Every method takes the connection to read over."""

    def __init__(self, schema: str) -> None:
        def filled(statement: LiteralString) -> bytes:
            return SQL(statement).format(schema=Identifier(schema)).as_bytes(None)

        self._page, self._of_streams, self._begun, self._strays = map(filled, (_PAGE, _OF_STREAMS, _BEGUN, _STRAYS))

    def page(self, conn: Connection[Any], after: int, upto: int, limit: int) -> list[StoredRow]:
        """The next events after a position, at most `limit` and none beyond `upto`."""
        return self._rows(conn, self._page, after, upto, limit)

    def of_streams(self, conn: Connection[Any], streams: Iterable[str], upto: int) -> dict[str, list[StoredRow]]:
        """The history of each stream up to a position; none for a stream without events by then."""
        return _by_stream(self._rows(conn, self._of_streams, [UUID(stream) for stream in streams], upto))

    def begun(self, conn: Connection[Any], after: int, last: int, upto: int) -> dict[str, list[StoredRow]]:
        """The history up to a position of each stream whose first event lies after one position and up to another."""
        return _by_stream(self._rows(conn, self._begun, after, last, upto))

    def strays(self, conn: Connection[Any], upto: int) -> dict[str, list[StoredRow]]:
        """The history up to a position of each stream that has no first event."""
        strays = conn.cursor(row_factory=tuple_row).execute(self._strays, [upto]).fetchall()
        return self.of_streams(conn, [stream for (stream,) in strays], upto) if strays else {}

    def _rows(self, conn: Connection[Any], statement: bytes, *params: object) -> list[StoredRow]:
        cursor = conn.cursor(binary=True, row_factory=args_row(StoredRow))
        return cursor.execute(statement, params, prepare=True).fetchall()


def _by_stream(rows: list[StoredRow]) -> dict[str, list[StoredRow]]:
    """The rows of each stream in the order of their versions."""
    histories: dict[str, list[StoredRow]] = {}
    for row in rows:
        history = histories.get(row.stream)
        if history is None:
            histories[row.stream] = [row]
        else:
            history.append(row)
    for history in histories.values():
        history.sort(key=_VERSION)
    return histories
