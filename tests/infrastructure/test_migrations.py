"""A landlord's schema reaches the shape of this release wholly, once, and holds up no other landlord."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from infrastructure.postgres.migrate import (
    Migration,
    MigrationRefused,
    Outcome,
    migrate,
    released_migrations,
)

if TYPE_CHECKING:
    from pathlib import Path

FIRST = Migration(1, "trees", "1" * 64, "CREATE TABLE tree (name text); INSERT INTO tree VALUES ('elm')")
SECOND = Migration(2, "leaves", "2" * 64, "CREATE TABLE leaf (n int); INSERT INTO leaf SELECT count(*) FROM tree")
BROKEN = replace(SECOND, sql="CREATE TABLE leaf (n int); INSERT INTO tree SELECT repeat('secret', 3) FROM nowhere")


def rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        return conn.execute(query.encode()).fetchall()


def tables(dsn: str, landlord: str) -> set[object]:
    found = rows(dsn, "SELECT schemaname, tablename FROM pg_tables")
    return {table for schema, table in found if schema == f"landlord_{landlord}"}


def test_each_landlord_gets_a_schema_of_its_own_and_nothing_lands_elsewhere(database: str) -> None:
    outcomes = migrate(database, ["elm", "oak"], [FIRST, SECOND])

    assert outcomes == {"elm": Outcome("elm", (1, 2)), "oak": Outcome("oak", (1, 2))}
    assert tables(database, "elm") == tables(database, "oak") == {"migration", "tree", "leaf"}
    assert rows(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    assert rows(database, "SELECT number, name, sha256 FROM landlord_elm.migration ORDER BY number") == [
        (1, "trees", "1" * 64),
        (2, "leaves", "2" * 64),
    ]


def test_what_was_applied_is_not_applied_again(database: str) -> None:
    migrate(database, ["elm"], [FIRST])

    assert migrate(database, ["elm"], [FIRST, SECOND]) == {"elm": Outcome("elm", (2,))}
    assert migrate(database, ["elm"], [FIRST, SECOND]) == {"elm": Outcome("elm", ())}
    assert rows(database, "SELECT count(*) FROM landlord_elm.tree") == [(1,)]


def test_an_applied_migration_that_changed_is_refused_and_nothing_after_it_is_applied(database: str) -> None:
    migrate(database, ["elm"], [FIRST])

    outcome = migrate(database, ["elm"], [replace(FIRST, sha256="f" * 64), SECOND])["elm"]

    assert outcome.applied == ()
    assert outcome.failure is not None
    assert "migration 1 (trees) has changed since it was applied to landlord_elm" in outcome.failure
    assert tables(database, "elm") == {"migration", "tree"}


def test_a_schema_from_a_later_release_is_left_alone(database: str) -> None:
    migrate(database, ["elm"], [FIRST, SECOND])

    outcome = migrate(database, ["elm"], [FIRST])["elm"]

    assert outcome.failure is not None
    assert "has migration 2, and this release ends with 1" in outcome.failure


def test_a_failure_stops_its_landlord_where_it_stood_and_no_other(database: str) -> None:
    migrate(database, ["elm", "oak", "ash"], [FIRST])
    rows_before = rows(database, "SELECT * FROM landlord_oak.tree")
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("CREATE TABLE landlord_oak.leaf (left_by text)")

    outcomes = migrate(database, ["elm", "oak", "Not a slug", "ash"], [FIRST, SECOND])

    assert [outcomes[name].applied for name in ("elm", "oak", "ash")] == [(2,), (), (2,)]
    assert outcomes["oak"].failure == 'relation "leaf" already exists'
    assert "cannot name a landlord's schema" in str(outcomes["Not a slug"].failure)
    assert rows(database, "SELECT * FROM landlord_oak.tree") == rows_before


def test_a_migration_that_fails_half_way_leaves_nothing_of_itself(database: str) -> None:
    outcome = migrate(database, ["elm"], [FIRST, BROKEN])["elm"]

    assert outcome == Outcome("elm", (1,), 'relation "nowhere" does not exist')
    assert tables(database, "elm") == {"migration", "tree"}


def test_processes_that_start_together_apply_each_migration_once(database: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda _: migrate(database, ["elm", "oak"], [FIRST, SECOND]), range(6)))

    assert all(outcome.failure is None for each in outcomes for outcome in each.values())
    for landlord in ("elm", "oak"):
        assert sorted(n for each in outcomes for n in each[landlord].applied) == [1, 2]
    assert rows(database, "SELECT name FROM landlord_elm.tree") == [("elm",)]
    assert rows(database, "SELECT name FROM landlord_oak.tree") == [("elm",)]


def test_a_server_that_does_not_answer_is_an_outcome_of_its_landlords() -> None:
    outcome = migrate("host=127.0.0.1 port=1 connect_timeout=2", ["elm"], [FIRST])["elm"]

    assert outcome.applied == ()
    assert str(outcome.failure).startswith("no answer from the server")


def test_the_released_migrations_apply_to_an_empty_database(database: str) -> None:
    released = released_migrations()

    assert released[0].name == "log"
    assert migrate(database, ["elm"]) == {"elm": Outcome("elm", tuple(m.number for m in released))}
    assert {"event", "head", "request", "policy_identity"} <= tables(database, "elm")


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (["0001_log.sql", "0003_more.sql"], r"numbered \[1, 3\]"),
        (["0001_log.sql", "0001_other.sql"], r"numbered \[1, 1\]"),
        (["0001_log.sql", "2_more.sql"], "2_more.sql is not named like"),
    ],
)
def test_misnumbered_migrations_are_refused_before_any_is_applied(
    tmp_path: Path, names: list[str], complaint: str
) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1")

    with pytest.raises(MigrationRefused, match=complaint):
        released_migrations(tmp_path)
