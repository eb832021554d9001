"""The receipts of one landlord's subscribers: only ever added, one subscriber's one after another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple

from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Identifier

from domain.public.receipts import Acknowledgement, Claim, Receipt, Restricted, Verdict, receipt_of
from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from psycopg import Connection
    from psycopg.rows import DictRow

    from infrastructure.postgres.server import PostgresServer

# Waits for whoever acknowledges for this subscriber just now; what they wrote is seen by the statements after it.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"

_COLUMNS: Final[LiteralString] = """
    receipt.subscriber, receipt.number, receipt.run, receipt.position, receipt.reached, receipt.at, receipt.restarted,
    receipt.on_day, receipt.count, receipt.hash, receipt.expected_count, receipt.expected_hash, receipt.verdict
"""

# The last receipt of a subscriber.
_LAST: Final = """
    SELECT {columns} FROM {schema}.receipt WHERE subscriber = %s ORDER BY number DESC LIMIT 1
"""

# Those of its present run at one position: an acknowledgement that arrives twice is one of them.
_AT: Final = """
    SELECT {columns} FROM {schema}.receipt WHERE subscriber = %s AND position = %s AND run = %s ORDER BY number
"""

# For each position, the first by which a subscriber had processed everything up to it since an event was recorded.
# `reached` grows with the number: its index leads to where the first can stand, nearly always the first itself.
_FIRST: Final = """
    SELECT asked.position, asked.since, {columns}
    FROM unnest(%s::bigint[], %s::bigint[]) AS asked (position, since) CROSS JOIN LATERAL (
        SELECT * FROM {schema}.receipt
        WHERE receipt.subscriber = %s AND reached >= asked.position AND receipt.position >= asked.position
            AND at >= coalesce((SELECT recorded_at FROM {schema}.event WHERE position = asked.since), '-infinity')
        ORDER BY reached, number LIMIT 1
    ) AS receipt
"""

# The last one of which something came when whom it takes to be restricted was compared.
_COMPARED: Final = """
    SELECT {columns} FROM {schema}.receipt WHERE subscriber = %s AND verdict IN ('agreed', 'drifted')
    ORDER BY number DESC LIMIT 1
"""

# Likewise the first of those that have drifted since it last agreed.
_DRIFTED: Final = """
    SELECT {columns} FROM {schema}.receipt WHERE subscriber = %s AND verdict = 'drifted' AND number > coalesce((
        SELECT number FROM {schema}.receipt AS agreed
        WHERE agreed.subscriber = receipt.subscriber AND agreed.verdict = 'agreed' ORDER BY number DESC LIMIT 1
    ), 0) ORDER BY number LIMIT 1
"""

_RECORDED_AT: Final = "SELECT recorded_at FROM {schema}.event WHERE position = %s"

_ADD: Final = """
    INSERT INTO {schema}.receipt (
        subscriber, number, run, position, reached, at, restarted, on_day, count, hash, expected_count, expected_hash,
        verdict
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


class Place(NamedTuple):
    """A position at which a subscriber was told of something; receipts count from the event at `since` on, 0: all."""

    position: int
    since: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    subscriber: str
    number: int
    run: int
    position: int
    reached: int
    at: datetime
    restarted: bool
    on_day: date | None
    count: int | None
    hash: str | None
    expected_count: int | None
    expected_hash: str | None
    verdict: str | None


class Receipts:
    """One landlord's receipts. Safe to share between threads; `clock` gives the landlord's time."""

    def __init__(self, server: PostgresServer, landlord: str, clock: Callable[[], datetime]) -> None:
        self._server = server
        self._schema = schema_of(landlord)
        self._clock = clock

    def record(self, subscriber: str, said: Acknowledgement, expected: Sequence[Restricted] = ()) -> Receipt:
        """Take an acknowledgement down, under the landlord's time and never before what it acknowledges was recorded.

        One that was taken down before, in the subscriber's present run, gives the receipt that it got; one that says
        again that it began anew does so while nothing came after it, and else it began anew once more. Raises `Behind`.
        """

        def work(conn: Connection[DictRow]) -> Receipt:
            with conn.transaction():
                conn.execute(_ONE_AT_A_TIME, [f"{self._schema} receipts of {subscriber}"])
                last = self._one(conn, _LAST, subscriber)
                if last is not None:
                    known = [last] if said.restarted else self._all(conn, _AT, subscriber, said.position, last.run)
                    for receipt in known:
                        if receipt.is_of(said):
                            return receipt
                receipt = receipt_of(subscriber, last, said, self._time_of(conn, said.position), expected)
                conn.execute(self._sql(_ADD), _values(receipt))
                return receipt

        return self._server.run(work)

    def last(self, subscriber: str) -> Receipt | None:
        """How far a subscriber said last that it is."""
        return self._server.run(lambda conn: self._one(conn, _LAST, subscriber))

    def first_reaching(self, subscriber: str, places: Collection[Place]) -> Mapping[Place, Receipt]:
        """For each place the first receipt that covered it, whatever was begun anew afterwards; some have none."""
        query = self._sql(_FIRST)
        params = [[place.position for place in places], [place.since for place in places], subscriber]
        rows = self._server.run(lambda conn: conn.cursor(row_factory=tuple_row).execute(query, params).fetchall())
        return {Place(position, since): _receipt(_Row(*row)) for position, since, *row in rows}

    def compared(self, subscriber: str) -> Receipt | None:
        """The last receipt of which something came when whom the subscriber takes to be restricted was compared."""
        return self._server.run(lambda conn: self._one(conn, _COMPARED, subscriber))

    def drifted(self, subscriber: str) -> Receipt | None:
        """The first receipt that differed, of a subscriber that did not agree since."""
        return self._server.run(lambda conn: self._one(conn, _DRIFTED, subscriber))

    def _time_of(self, conn: Connection[DictRow], position: int) -> datetime:
        now = self._clock()
        found = conn.cursor(row_factory=tuple_row).execute(self._sql(_RECORDED_AT), [position]).fetchone()
        return now if found is None else max(now, found[0])

    def _one(self, conn: Connection[Any], statement: LiteralString, *params: object) -> Receipt | None:
        found = self._all(conn, statement, *params)
        return found[0] if found else None

    def _all(self, conn: Connection[Any], statement: LiteralString, *params: object) -> list[Receipt]:
        rows = conn.cursor(row_factory=args_row(_Row)).execute(self._sql(statement), params, prepare=True).fetchall()
        return [_receipt(row) for row in rows]

    def _sql(self, statement: LiteralString) -> bytes:
        return SQL(statement).format(schema=Identifier(self._schema), columns=SQL(_COLUMNS)).as_bytes(None)


def _receipt(row: _Row) -> Receipt:
    return Receipt(
        subscriber=row.subscriber,
        number=row.number,
        run=row.run,
        position=row.position,
        reached=row.reached,
        at=row.at,
        restarted=row.restarted,
        claim=None if row.on_day is None else Claim(row.on_day, Restricted(row.count, row.hash)),
        expected=None if row.expected_hash is None else Restricted(row.expected_count, row.expected_hash),
        verdict=None if row.verdict is None else Verdict(row.verdict),
    )


def _values(receipt: Receipt) -> Sequence[object]:
    claim, expected = receipt.claim, receipt.expected
    return [
        receipt.subscriber,
        receipt.number,
        receipt.run,
        receipt.position,
        receipt.reached,
        receipt.at,
        receipt.restarted,
        claim.on if claim else None,
        claim.restricted.count if claim else None,
        claim.restricted.hash if claim else None,
        expected.count if expected else None,
        expected.hash if expected else None,
        receipt.verdict,
    ]
