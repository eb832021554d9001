"""How fast one client reads the whole feed over HTTP, beside a select of the same rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final
from uuid import UUID

from psycopg.sql import SQL, Identifier

from application.streams import landlord_stream
from infrastructure.mapper import Mapper
from infrastructure.postgres.server import schema_of
from infrastructure.sealing import Sealing
from tests.benchmarks.bulk import fill
from tests.benchmarks.feed_client import PAGE, read_whole
from tests.benchmarks.figures import Figure, rates
from tests.benchmarks.served import LANDLORD, a_company

if TYPE_CHECKING:
    from domain.events import Event
    from tests.benchmarks.ground import Ground

_ROWS: Final = """
    SELECT stream, version, type, position, recorded_at, state FROM {}.event
    WHERE position > %s AND stream <> %s ORDER BY position LIMIT %s
"""


def feed_read_figures(ground: Ground, histories: Sequence[Sequence[Event]], *, quick: bool) -> Iterator[Figure]:
    """Events a second, each parsed by the client; beside the select as psycopg does it, and one in binary."""
    count = 2_000 if quick else 100_000
    with (
        tempfile.TemporaryDirectory() as folder,
        a_company(ground.dsn, Path(folder), histories) as company,
    ):
        token = company.subscribe("reader")
        office = company.evenhand.office(LANDLORD)
        with ground.connect() as conn:
            fill(conn, schema_of(LANDLORD), Mapper(Sealing(office.key_ring)), histories, count)
        with company.service() as port:
            for name, binary in (("feed_read_vs_select", False), ("feed_read_vs_binary_select", True)):
                yield rates(
                    name,
                    lambda: _feed(port, token),
                    lambda binary=binary: _select(ground, binary=binary),  # type: ignore[misc]
                    peer=f"a plain select of the same rows through psycopg{', in binary' * binary}, {PAGE} at a time",
                    size=f"{count} events over HTTP, one client, {PAGE} at a time, each parsed (msgspec)",
                )


def _feed(port: int, token: str) -> float:
    began = perf_counter()
    count, _ = read_whole(port, token)
    return count / (perf_counter() - began)


def _select(ground: Ground, *, binary: bool) -> float:
    statement = SQL(_ROWS).format(Identifier(schema_of(LANDLORD)))
    own = UUID(landlord_stream(LANDLORD))
    count, after = 0, 0
    with ground.connect() as conn:
        cursor = conn.cursor(binary=binary)
        began = perf_counter()
        while rows := cursor.execute(statement, [after, own, PAGE]).fetchall():
            count, after = count + len(rows), rows[-1][3]
        return count / (perf_counter() - began)
