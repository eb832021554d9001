"""A connection of the pool is asked straight: the same answers and errors, whatever else goes over it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import DivisionByZero

from infrastructure.postgres.straight import PREPARED, StraightConnection, asked_straight

ADD = b"SELECT $1::int4 + 1, NULL"
TWO = (2).to_bytes(4, "big")


@pytest.fixture
def conn(database: str) -> Iterator[StraightConnection]:
    with StraightConnection.connect(database, autocommit=True) as connection:
        yield connection


def test_values_come_as_text_and_a_null_as_none(conn: StraightConnection) -> None:
    assert conn.ask(ADD, [TWO]) == [(b"3", None)]
    assert conn.ask(b"SELECT generate_series(1, 3)", []) == [(b"1",), (b"2",), (b"3",)]


def test_an_error_is_what_psycopg_would_raise_and_the_connection_goes_on(conn: StraightConnection) -> None:
    with pytest.raises(DivisionByZero):
        conn.ask(b"SELECT 1 / ($1::int4 - 2)", [TWO])

    assert conn.ask(ADD, [TWO]) == [(b"3", None)]


def test_what_was_prepared_is_prepared_again_when_it_was_deallocated(conn: StraightConnection) -> None:
    conn.ask(ADD, [TWO])
    conn.execute("DEALLOCATE ALL")

    assert conn.ask(ADD, [TWO]) == [(b"3", None)]


def test_however_many_statements_there_are_few_stay_prepared(conn: StraightConnection) -> None:
    for number in range(2 * PREPARED):
        conn.ask(b"SELECT $1::int4 + %d" % number, [TWO])
    [(kept,)] = conn.execute("SELECT count(*) FROM pg_prepared_statements").fetchall()

    assert kept == PREPARED
    assert conn.ask(b"SELECT $1::int4 + 0", [TWO]) == [(b"2",)]


def test_a_connection_that_was_cut_says_so_and_is_closed(conn: StraightConnection, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [conn.info.backend_pid])

    with pytest.raises(psycopg.OperationalError):
        conn.ask(ADD, [TWO])
    assert conn.closed


def test_only_connections_of_the_pools_kind_can_be_asked(database: str) -> None:
    with psycopg.connect(database) as other, pytest.raises(TypeError, match="pool"):
        asked_straight(other, ADD, [TWO])
