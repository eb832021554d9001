"""What retention and rights ask of a log: erasures and closed cases in order, and which streams name somebody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple

from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Identifier

from application.erasure import RecordedErasure
from domain.codes import CaseId, SubjectId
from domain.events import FACTS, CaseOpened, PersonErased
from domain.ids_named import can_name_somebody
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from psycopg import Connection
    from psycopg.rows import DictRow

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

# The clear part of some of the log, but for the types of facts that name nobody; those of a later release may. Its
# length stands before it, as `infrastructure.mapper` writes it.
_WHO_MAY_BE_NAMED: Final = """
    SELECT stream::text, substring(state FROM 5 FOR
        (get_byte(state, 0) << 24) | (get_byte(state, 1) << 16) | (get_byte(state, 2) << 8) | get_byte(state, 3))
    FROM {schema}.event WHERE position > %s AND position <= %s AND type <> ALL(%s)
"""

# How far the log is.
_HEAD: Final = "SELECT position FROM {schema}.head"

# An opening names whose case it is, and that is asked in another way.
NAMES_NOBODY_ELSE: Final = [name for name, kind in FACTS.items() if kind is CaseOpened or not can_name_somebody(kind)]
SCANNED_TOGETHER: Final = 5_000  # events; some megabytes
AN_ID: Final = re.compile(rb'"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')  # as every person has one, in JSON


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

    def naming(self, persons: Collection[SubjectId]) -> Mapping[SubjectId, frozenset[CaseId]]:
        """The streams that name each of these people by their id, their own cases aside; the landlord's may be one.

        There is no index for this: it reads through the log once, in short queries that lock nothing. That takes
        seconds where there are many events, and is asked when somebody asks for their data or records are weeded.
        """
        wanted = {person.encode(): person for person in persons}
        found: dict[SubjectId, set[CaseId]] = {person: set() for person in persons}
        for begin in range(0, self._head() if wanted else 0, SCANNED_TOGETHER):
            for stream, clear in self._part(begin):
                for one in wanted.keys() & {*AN_ID.findall(clear)}:
                    found[wanted[one]].add(CaseId(stream))
        return {person: frozenset(streams) for person, streams in found.items()}

    def _head(self) -> int:
        [(position,)] = self._server.run(lambda conn: self._rows(conn, _HEAD))
        return int(position)

    def _part(self, begin: int) -> list[tuple[Any, ...]]:
        upto = begin + SCANNED_TOGETHER
        return self._server.run(lambda conn: self._rows(conn, _WHO_MAY_BE_NAMED, begin, upto, NAMES_NOBODY_ELSE))

    def _rows(self, conn: Connection[DictRow], statement: LiteralString, *params: object) -> list[tuple[Any, ...]]:
        return conn.cursor(binary=True, row_factory=tuple_row).execute(self._sql(statement), params).fetchall()

    def _told(self, row: StoredRow) -> PersonErased | None:
        try:
            fact = self._decode(row).fact
        except (UnknownFact, UnreadableEvent):
            return None
        return fact if isinstance(fact, PersonErased) else None

    def _sql(self, statement: LiteralString) -> bytes:
        return SQL(statement).format(schema=self._schema).as_bytes(None)
