"""Rebuilds that are killed, whole or in part, and those that go on where they stopped."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from time import sleep

import psutil
import psycopg
import pytest

from projections import ALL
from tests.histories import main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.a_rebuild import (
    PATIENCE,
    a_rebuild_process,
    acts,
    builds,
    following,
    grow,
    is_right,
    nothing_is_left_over,
    rebuild,
    said,
    serving,
    small_slices,
    soon,
    tell_it,
)

__all__ = ["small_slices"]

pytestmark = pytest.mark.usefixtures("small_slices")


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


def test_killed_at_every_commit_of_its_own_a_rebuild_is_resumed_and_ends_well(log: ProjectedLog, database: str) -> None:
    log.append_whole(main_road("one"), main_road("two"))
    passed = 0
    with a_rebuild_process(database, "boundaries") as process, following(log):
        for number in count(1):
            before = serving(log, "audit_trail").build
            tell_it(process, number)
            ended = said(process)
            # Whatever it was at, readers have a whole table.
            assert is_right(log), f"killed at boundary {number}"
            if ended != "killed":
                assert ended == "finished 0"
                break
            passed = number
            if number % 4 == 0:
                log.append(main_road(f"meanwhile {number}").events[:1])
            assert soon(lambda: nobody_rebuilds(database))
            assert all(outcome.switched for outcome in rebuild(log)), f"resumed after boundary {number}"
            assert nothing_is_left_over(log)
            assert serving(log, "audit_trail").build > before
        assert is_right(log)
    assert passed > 30  # beginning, each slice, indexes, following, comparing, switching: of two read models


def nobody_rebuilds(database: str) -> bool:
    """Whether the connections of those who were killed are gone, and their locks with them."""
    with psycopg.connect(database) as conn:
        left = conn.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name IN ('evenhand rebuild', 'evenhand slices')"
        )
        return left.fetchone() is None


@pytest.mark.parametrize(("stage", "number"), [("filling", 9), ("indexing", 1)])
def test_a_driver_that_is_killed_leaves_no_worker_behind_and_another_goes_on(
    log: ProjectedLog, database: str, stage: str, number: int
) -> None:
    log.append_whole(*(main_road(str(number)) for number in range(30)))
    log.catch_up()
    with a_rebuild_process(database, "told", stage, str(number)) as process:
        family: set[int] = set()
        driver = psutil.Process(process.pid)
        while process.poll() is None:
            family |= {child.pid for child in children_of(driver)}
            sleep(0.005)
        assert process.returncode == -9
        assert soon(lambda: not any(is_alive(pid) for pid in family), patience=10)
    assert family, "it worked alone"
    assert soon(lambda: nobody_rebuilds(database))
    there = log.server.run(lambda conn: log.projector.builds.filled(conn, ("audit_trail", 2)))

    outcomes = rebuild(log)
    assert all(outcome.switched for outcome in outcomes)
    assert [act for act, _, _ in acts(log)].count("rebuild resumed") == len(ALL)
    assert len(there) >= (number - 1 if stage == "filling" else 30)  # and those were not filled again
    assert nothing_is_left_over(log)
    assert is_right(log)


def children_of(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_worker_that_is_killed_is_told_of_and_the_rebuild_can_be_run_again(
    log: ProjectedLog, database: str, side: str
) -> None:
    log.append_whole(*(main_road(str(number)) for number in range(20)))
    log.catch_up()
    with a_rebuild_process(database, "worker", side, "3") as process:
        assert said(process) == "WorkerFailed: a process that worked on slices was killed"
        assert process.wait(PATIENCE) == 0
    assert {one.state for one in builds(log) if not one.serving} == {"failed"}
    assert is_right(log)

    with a_rebuild_process(database, "run") as process:
        assert said(process) == f"switched {len(ALL)}"
    assert nothing_is_left_over(log)
    assert is_right(log)


def test_of_two_rebuilds_at_once_one_is_refused_in_words(log: ProjectedLog, database: str) -> None:
    log.append_whole(*(main_road(str(number)) for number in range(60)))
    log.catch_up()
    with a_rebuild_process(database, "run") as first, a_rebuild_process(database, "run") as second:
        answers = sorted([said(first), said(second)])

    assert answers[-1] == f"switched {len(ALL)}"
    # The later one may have come when the other had finished.
    assert answers[0] in {
        f"switched {len(ALL)}",
        "RebuildRefused: Somebody else is rebuilding here just now: wait until they are done.",
    }
    assert nothing_is_left_over(log)
    assert is_right(log)


def test_in_processes_under_writes_beside_the_follower_of_another_process(log: ProjectedLog, database: str) -> None:
    log.append_whole(*(main_road(str(number)) for number in range(20)))
    with following(log), ThreadPoolExecutor(3) as pool, a_rebuild_process(database, "run") as process:
        writing = [pool.submit(grow, log, f"meanwhile {number}") for number in range(12)]
        assert said(process) == f"switched {len(ALL)}"
        assert [future.result(PATIENCE) for future in writing]
        assert serving(log, "alert_state").build == 2
        assert is_right(log)
    assert nothing_is_left_over(log)
