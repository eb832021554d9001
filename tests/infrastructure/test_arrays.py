"""Arrays packed here arrive at PostgreSQL as what they were."""

from __future__ import annotations

from struct import error
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from eventsourcing.persistence import DataError

from infrastructure.postgres.arrays import Packed, bigints, byteas, integers, texts, uuids
from infrastructure.postgres.server import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server(postgres_dsn: str) -> Iterator[PostgresServer]:
    with PostgresServer(postgres_dsn) as server:
        yield server
        server.close()


def arrived(server: PostgresServer, kind: str, packed: Packed) -> object:
    statement = f"SELECT %b::{kind}[] AS came, cardinality(%b::{kind}[]) AS number"
    row = server.run(lambda conn: conn.execute(statement.encode(), (packed, packed), prepare=True).fetchone())
    assert row is not None
    assert row["number"] == len(row["came"])
    return row["came"]


def test_each_kind_of_array_arrives_as_it_was_also_when_it_is_empty(server: PostgresServer) -> None:
    streams = [uuid4() for _ in range(3)]
    large, small = [0, -1, 2**63 - 1, -(2**63)], [0, -1, 2**31 - 1, -(2**31)]
    words = ["", "ž 家 🙂", None, "a,b{}\"\\' NULL"]
    states = [b"", bytes(range(256)) * 300, None]
    for some in (slice(None), slice(1), slice(0)):
        assert arrived(server, "uuid", uuids(streams[some])) == streams[some]
        assert arrived(server, "bigint", bigints(large[some])) == large[some]
        assert arrived(server, "integer", integers(small[some])) == small[some]
        assert arrived(server, "text", texts(words[some])) == words[some]
        assert arrived(server, "bytea", byteas(states[some])) == states[some]


def test_what_no_array_can_hold_is_refused(server: PostgresServer) -> None:
    with pytest.raises(error):
        integers([2**31])
    with pytest.raises(UnicodeEncodeError):
        texts(["\ud800"])
    with pytest.raises(DataError):
        arrived(server, "text", texts(["zero \0 character"]))
