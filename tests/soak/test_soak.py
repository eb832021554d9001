"""A little of what soaks for longer elsewhere: some seconds of trouble, and some landlords beside one another."""

from __future__ import annotations

import psycopg

from infrastructure.postgres.migrate import Migration, migrate, released_migrations
from tests.soak.five_years import simulate as simulate_five_years
from tests.soak.landlords import measure, names
from tests.soak.simulation import simulate


def test_some_seconds_of_random_trouble_end_well(database: str) -> None:
    told: list[str] = []

    assert simulate(database, seed=1, seconds=8.0, tell=told.append).startswith("1 rounds")
    assert told[-1].startswith("round 1 was right")


def test_twenty_landlords_cost_little_and_are_taken_over_soon(database: str) -> None:
    found = measure(database, 20, idle=2.0)

    assert found.idle_cpu < 50  # of one core; in truth some three, which a busy machine must not make a failure
    assert found.connections <= 4
    assert found.threads <= 12
    assert found.noticed_in < 10
    assert found.taken_over_in < 20


def test_a_migration_that_fails_stops_its_own_landlord(database: str) -> None:
    landlords = names(3)
    released = released_migrations()
    migrate(database, landlords)
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("CREATE TABLE landlord_n0001.in_the_way ()")
    broken = Migration(len(released) + 1, "in_the_way", "0" * 64, "CREATE TABLE in_the_way ()")
    outcomes = migrate(database, landlords, [*released, broken])

    assert [outcomes[one].failure is None for one in landlords] == [True, False, True]


def test_five_years_under_all_policies_end_with_everything_done_or_visibly_overdue_once() -> None:
    told = simulate_five_years(cases=20, seed=7)

    assert told.wrong == ()
    kinds = {"term", "letter", "agreed_call", "review monthly", "appeal", "removal", "rights", "safety_review", "hold"}
    assert told.went_by.keys() >= kinds
    assert told.still_owed > 0  # some staff never do anything, and that shows
