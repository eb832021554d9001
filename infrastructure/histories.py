"""Many histories at once, read over a connection of one's own: for whoever keeps, builds or verifies read models."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import args_row
from psycopg.sql import SQL, Identifier

from infrastructure.log_entries import StoredRow

if TYPE_CHECKING:
    from psycopg import Connection

# The next events of the log.
_PAGE: Final = """
    SELECT stream, version, type, position, recorded_at, state
    FROM {schema}.event WHERE position > %b AND position <= %b ORDER BY position LIMIT %b
"""

# The histories of some streams, as far as they were known at a position.
_OF_STREAMS: Final = """
    SELECT stream, version, type, position, recorded_at, state
    FROM {schema}.event WHERE stream = ANY(%b::uuid[]) AND position <= %b ORDER BY stream, version
"""

# The histories of all streams from one id to another, likewise.
_OF_SLICE: Final = """
    SELECT stream, version, type, position, recorded_at, state
    FROM {schema}.event WHERE stream >= %b AND stream <= %b AND position <= %b ORDER BY stream, version
"""

LAST_STREAM: Final = 2**128


class Slice:
    """The streams whose ids lie between two ids: one of so many parts of about the same size."""

    def __init__(self, number: int, of: int) -> None:
        self.number = number
        self.first = UUID(int=number * LAST_STREAM // of)
        self.last = UUID(int=(number + 1) * LAST_STREAM // of - 1)


class Histories:
    """Reads the log in one landlord's schema. Every method takes the connection to read over."""

    def __init__(self, schema: str) -> None:
        def filled(statement: LiteralString) -> bytes:
            return SQL(statement).format(schema=Identifier(schema)).as_bytes(None)

        self._page, self._of_streams, self._of_slice = map(filled, (_PAGE, _OF_STREAMS, _OF_SLICE))

    def page(self, conn: Connection[Any], after: int, upto: int, limit: int) -> list[StoredRow]:
        """The next events after a position, at most `limit` and none beyond `upto`."""
        return self._rows(conn, self._page, after, upto, limit)

    def of_streams(self, conn: Connection[Any], streams: Iterable[str], upto: int) -> dict[str, list[StoredRow]]:
        """The history of each stream up to a position; none for a stream without events by then."""
        return _by_stream(self._rows(conn, self._of_streams, [UUID(stream) for stream in streams], upto))

    def of_slice(self, conn: Connection[Any], part: Slice, upto: int) -> dict[str, list[StoredRow]]:
        """The history of each stream of a slice up to a position, in the order of the ids."""
        return _by_stream(self._rows(conn, self._of_slice, part.first, part.last, upto))

    def _rows(self, conn: Connection[Any], statement: bytes, *params: object) -> list[StoredRow]:
        cursor = conn.cursor(binary=True, row_factory=args_row(StoredRow))
        return cursor.execute(statement, params, prepare=True).fetchall()


def _by_stream(rows: list[StoredRow]) -> dict[str, list[StoredRow]]:
    return {str(stream): list(history) for stream, history in groupby(rows, key=attrgetter("stream"))}
