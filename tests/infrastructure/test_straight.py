"""A connection of the pool is asked straight: the same answers and errors, whatever else goes over it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import DivisionByZero, UniqueViolation
from psycopg.pq import TransactionStatus

from infrastructure.postgres.straight import PREPARED, Asked, StraightConnection, straight

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
        straight(other)


NOTE = b"INSERT INTO noted (number) VALUES ($1::int4)"


@pytest.fixture
def noting(conn: StraightConnection) -> StraightConnection:
    conn.execute("CREATE TABLE noted (number integer UNIQUE)")
    return conn


def noted(conn: StraightConnection) -> list[int]:
    return [number for (number,) in conn.execute("SELECT number FROM noted ORDER BY number")]


def four_bytes(number: int) -> bytes:
    return number.to_bytes(4, "big")


def test_statements_sent_together_are_done_in_their_order_and_stay(noting: StraightConnection) -> None:
    asked = [Asked(NOTE, [four_bytes(1)]), Asked(NOTE, [four_bytes(2)]), Asked(b"DELETE FROM noted", [])]
    with noting.together([*asked, asked[1]]):
        noting.execute("INSERT INTO noted VALUES (3)")

    assert noted(noting) == [2, 3]
    assert noting.ask(ADD, [TWO]) == [(b"3", None)]


def test_what_the_caller_raises_undoes_all_that_was_sent(noting: StraightConnection) -> None:
    with pytest.raises(RuntimeError, match="mine"), noting.together([Asked(NOTE, [TWO])]):
        raise RuntimeError("mine")

    assert noted(noting) == []


def test_the_first_that_fails_is_told_and_nothing_stays(noting: StraightConnection) -> None:
    asked = [Asked(NOTE, [TWO]), Asked(NOTE, [TWO]), Asked(b"SELECT 1 / 0", [])]
    with pytest.raises(UniqueViolation), noting.together(asked):
        pytest.fail("it was answered")

    assert noted(noting) == []
    assert noting.info.transaction_status == TransactionStatus.IDLE
    with noting.together(asked[:1]):
        pass
    assert noted(noting) == [2]


def test_what_was_deallocated_is_prepared_again_for_statements_sent_together(noting: StraightConnection) -> None:
    with noting.together([Asked(NOTE, [TWO])]):
        pass
    noting.execute("DEALLOCATE ALL")
    with noting.together([Asked(NOTE, [four_bytes(5)])]):
        pass

    assert noted(noting) == [2, 5]


def test_an_interrupt_while_the_server_is_at_work_is_what_is_raised_and_the_line_is_given_up(
    noting: StraightConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(noting, "_results", interrupted)
    with pytest.raises(KeyboardInterrupt), noting.together([Asked(NOTE, [TWO])]):
        pytest.fail("it was answered")

    assert noting.closed


@pytest.mark.parametrize("kept", [True, False])
def test_within_a_transaction_they_are_a_part_of_it(noting: StraightConnection, *, kept: bool) -> None:
    with noting.transaction(force_rollback=not kept):
        with noting.together([Asked(NOTE, [TWO])]):
            pass
        with pytest.raises(UniqueViolation), noting.together([Asked(NOTE, [four_bytes(3)]), Asked(NOTE, [TWO])]):
            pytest.fail("it was answered")

    assert noted(noting) == ([2] if kept else [])


def test_a_null_is_sent_as_one_and_much_is_sent_without_waiting_for_room(noting: StraightConnection) -> None:
    large = Asked(b"SELECT length($1::bytea)", [bytes(300_000)])
    with noting.together([Asked(NOTE, [None]), *([large] * 50)]):
        pass

    assert noted(noting) == [None]


@pytest.mark.parametrize("within", [False, True])
def test_a_connection_that_was_cut_says_so_when_asked_together(
    noting: StraightConnection, database: str, *, within: bool
) -> None:
    def cut() -> None:
        with psycopg.connect(database, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [noting.info.backend_pid])

    if not within:
        cut()
    with pytest.raises(psycopg.OperationalError), noting.together([Asked(NOTE, [TWO])]):  # noqa: PT012 - either place
        assert within
        cut()
    assert noting.closed
