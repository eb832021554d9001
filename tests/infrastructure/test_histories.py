"""Histories are told in the order of their versions, however their rows lie in the log's table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from infrastructure.engine.histories import Histories
from infrastructure.log_entries import StoredRow
from tests.infrastructure.a_log import NOON, a_log

A, B = UUID(int=1, version=4), UUID(int=2, version=4)
HEAD: Final = 7

# Stream, version and position, in the order in which they lie: as after a restore that changed it.
LYING: Final = [(B, 3, 6), (A, 2, 3), (B, 1, 2), (A, 4, 7), (A, 1, 1), (B, 2, 4), (A, 3, 5)]


@pytest.fixture
def conn(database: str) -> Iterator[psycopg.Connection[Any]]:
    with a_log(database), psycopg.connect(database, autocommit=True) as connection:
        for stream, version, position in LYING:
            connection.execute(
                SQL("INSERT INTO {}.event VALUES (%s, %s, 'Told', %s, %s, 'state')").format(Identifier("landlord_elm")),
                [stream, version, position, NOON],
            )
        yield connection


def places(histories: dict[str, list[StoredRow]]) -> dict[str, list[tuple[int, int]]]:
    """Version and position of each row, by stream."""
    return {stream: [(row.version, row.position) for row in rows] for stream, rows in histories.items()}


def test_histories_of_streams_are_in_the_order_of_their_versions(conn: psycopg.Connection[Any]) -> None:
    found = Histories("landlord_elm").of_streams(conn, [str(A), str(B)], HEAD)

    assert places(found) == {str(A): [(1, 1), (2, 3), (3, 5), (4, 7)], str(B): [(1, 2), (2, 4), (3, 6)]}


def test_those_that_begin_in_a_stretch_are_told_up_to_the_position_that_was_asked_for(
    conn: psycopg.Connection[Any],
) -> None:
    histories = Histories("landlord_elm")

    assert places(histories.begun(conn, 0, 2, 5)) == {str(A): [(1, 1), (2, 3), (3, 5)], str(B): [(1, 2), (2, 4)]}
    assert places(histories.begun(conn, 1, 2, 5)) == {str(B): [(1, 2), (2, 4)]}
    assert histories.begun(conn, 2, HEAD, HEAD) == {}


def test_a_stream_without_events_by_then_has_no_history(conn: psycopg.Connection[Any]) -> None:
    found = Histories("landlord_elm").of_streams(conn, [str(A), str(B), str(UUID(int=3))], 1)

    assert places(found) == {str(A): [(1, 1)]}
