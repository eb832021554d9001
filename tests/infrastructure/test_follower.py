"""The live follower beside a busy log: dead, doubled, killed, cut off; the rows are those of a fresh fold each time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest

from infrastructure.engine.follower import ProjectionFollower
from tests.histories import MONDAY, History, main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log

PATIENCE = 20.0  # seconds, on a machine that is busy with other tests


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


@contextmanager
def following(*logs: ProjectedLog) -> Iterator[ProjectionFollower]:
    with ProjectionFollower(logs[0].server, [log.projector for log in logs], poll=0.1) as follower:
        yield follower


@contextmanager
def a_process(database: str, *doom: str) -> Iterator[subprocess.Popen[bytes]]:
    """A follower in a process of its own, killed at the end if it has not killed itself."""
    command = [sys.executable, "-m", "tests.infrastructure.doomed_follower", database, *doom]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as process:
        try:
            yield process
        finally:
            process.kill()


def soon(holds: Callable[[], bool]) -> bool:
    deadline = monotonic() + PATIENCE
    while not holds():
        if monotonic() > deadline:
            return False
        sleep(0.02)
    return True


def grow(log: ProjectedLog, name: str) -> int:
    """A whole case, an event at a time, as commands write it."""
    return [log.append([event]) for event in main_road(name).events][-1]


def test_rows_follow_soon_after_each_event(log: ProjectedLog) -> None:
    with following(log):
        for event in main_road().events:
            assert log.projector.wait_for(log.append([event]), PATIENCE)
            assert log.is_up_to_date()


def test_with_the_follower_dead_events_are_written_and_reads_are_right(log: ProjectedLog) -> None:
    history = main_road()
    last = log.append_whole(history)

    assert log.projector.position() == 0
    answer = log.reads.alert(history.person, MONDAY + timedelta(days=30))
    assert answer.position == last
    assert [standing.row.restriction for standing in answer.standing] == ["restriction-1"]


def test_a_follower_that_comes_late_catches_up(log: ProjectedLog) -> None:
    last = log.append_whole(*(main_road(str(number)) for number in range(40)))  # more than one batch

    with following(log):
        assert log.projector.wait_for(last, PATIENCE)
    assert log.is_up_to_date()


@pytest.mark.parametrize("commits", [1, 2, 3])
@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_on_either_side_of_its_commit_nothing_is_lost_or_doubled(
    log: ProjectedLog, database: str, side: str, commits: int
) -> None:
    log.append_whole(*(main_road(str(number)) for number in range(80)))  # three batches
    before = log.projector.position()
    with a_process(database, side, str(commits)) as process:
        assert process.wait(PATIENCE) == -9
    assert soon(lambda: nobody_leads(database))

    batches = commits - 1 if side == "before" else commits
    assert before == 0
    assert log.projector.position() == min(500 * batches, log.recorder.head().position)
    assert rows_are_those_of_the_cursor(log)
    with following(log):
        assert log.projector.wait_for(log.recorder.head().position, PATIENCE)
    assert log.is_up_to_date()


def nobody_leads(database: str) -> bool:
    with psycopg.connect(database) as conn:
        held = conn.execute(
            "SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        return held.fetchone() is None


def rows_are_those_of_the_cursor(log: ProjectedLog) -> bool:
    """Whether rows and cursor tell of the same events: neither is ahead of the other."""
    told = [row["position"] for row in log.stored()["audit_trail"]]
    return sorted(told) == list(range(1, log.projector.position() + 1))


def test_killed_at_any_moment_while_events_arrive(log: ProjectedLog, database: str) -> None:
    for number, delay in enumerate((0.05, 0.31, 0.47)):
        with a_process(database) as process:
            with ThreadPoolExecutor(2) as pool:
                writing = [pool.submit(grow, log, f"{number} {writer}") for writer in range(2)]
                assert soon(lambda: log.projector.position() > 0)
                sleep(delay)
                process.kill()
                assert [future.result(PATIENCE) for future in writing]
            process.wait()
        assert soon(lambda: nobody_leads(database))
        assert rows_are_those_of_the_cursor(log)

    with following(log):
        assert log.projector.wait_for(log.recorder.head().position, PATIENCE)
    assert log.is_up_to_date()


def test_two_followers_at_once_do_no_harm(log: ProjectedLog, database: str) -> None:
    with a_process(database), a_process(database), following(log), ThreadPoolExecutor(3) as pool:
        last = max(pool.map(lambda number: grow(log, f"busy {number}"), range(6)))
        assert log.projector.wait_for(last, PATIENCE)
    assert log.is_up_to_date()
    assert log.projector.health().blocked == ()


def test_a_second_process_takes_over_when_the_first_is_killed(log: ProjectedLog, database: str) -> None:
    with a_process(database) as first:
        assert log.projector.wait_for(log.append_whole(main_road("one")), PATIENCE)
        with following(log):
            sleep(0.3)
            log.append_whole(main_road("two"))
            first.kill()
            assert log.projector.wait_for(log.append_whole(main_road("three")), PATIENCE)
    assert log.is_up_to_date()


def test_while_one_follower_leads_no_other_claims_what_it_keeps(log: ProjectedLog) -> None:
    with following(log) as first:
        assert log.projector.wait_for(log.append_whole(main_road("one")), PATIENCE)
        with following(log) as second:
            sleep(0.5)
            assert log.projector.wait_for(log.append_whole(main_road("two")), PATIENCE)
            assert {one.owner for one in log.projector.health().progress} == {first.owner}
        assert first.owner != second.owner


def test_a_slow_transaction_that_holds_an_early_position_is_not_passed_by(log: ProjectedLog, database: str) -> None:
    log.append_whole(main_road("early"))
    late = main_road("late")
    [slow] = log.mapper.encode(History("slow").opened().events, lambda _: late.person)
    with following(log), ThreadPoolExecutor(1) as pool, psycopg.connect(database) as holder:
        first = log.recorder.head().position
        assert log.projector.wait_for(first, PATIENCE)
        holder.execute("UPDATE landlord_elm.head SET position = position + 1")
        holder.execute(
            "INSERT INTO landlord_elm.event SELECT %s, 1, %s, position, recorded_at, %s FROM landlord_elm.head",
            [slow.originator_id, slow.topic, slow.state],
        )
        writing = pool.submit(log.append_whole, late)
        sleep(0.3)
        assert log.projector.position() == first
        holder.commit()
        assert log.projector.wait_for(writing.result(PATIENCE), PATIENCE)

    assert log.is_up_to_date()
    assert str(slow.originator_id) in {row["case_id"] for row in log.stored()["audit_trail"]}


def test_rows_are_right_under_many_writers(log: ProjectedLog) -> None:
    with following(log), ThreadPoolExecutor(4) as pool:
        last = max(pool.map(lambda number: grow(log, f"crowd {number}"), range(12)))
        assert log.projector.wait_for(last, PATIENCE)
    assert log.is_up_to_date()


def test_a_follower_whose_connection_is_cut_makes_a_new_one(log: ProjectedLog, database: str) -> None:
    with following(log), psycopg.connect(database, autocommit=True) as conn:
        assert log.projector.wait_for(log.append_whole(main_road("one")), PATIENCE)
        cut = conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'evenhand projections' AND datname = current_database()"
        )
        assert cut.rowcount == 1
        assert log.projector.wait_for(log.append_whole(main_road("two")), PATIENCE)
    assert log.is_up_to_date()


def test_a_landlord_in_trouble_waits_and_no_other_does(log: ProjectedLog, database: str) -> None:
    with a_projected_log(database, "oak") as oak:
        with following(log, oak), psycopg.connect(database, autocommit=True) as conn:
            conn.execute("ALTER TABLE landlord_elm.audit_trail_v2_b1 RENAME TO lost")
            last = log.append_whole(main_road("one"))
            assert oak.projector.wait_for(oak.append_whole(main_road("one")), PATIENCE)
            assert log.projector.position() == 0
            conn.execute("ALTER TABLE landlord_elm.lost RENAME TO audit_trail_v2_b1")
            assert log.projector.wait_for(last, PATIENCE)

        assert log.is_up_to_date()
        assert oak.is_up_to_date()
        assert log.projector.health().blocked == ()  # what the follower stands on is not the cases' fault


def test_an_owner_with_nothing_to_do_shows_that_it_is_alive(log: ProjectedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infrastructure.engine.follower.HEARTBEAT", 0.1)
    with following(log) as follower:
        assert soon(lambda: {one.owner for one in log.projector.health().progress} == {follower.owner})
        sleep(1.0)
        ages = [one.heartbeat_age for one in log.projector.health().progress]

    assert all(age is not None and age < 0.9 for age in ages)
