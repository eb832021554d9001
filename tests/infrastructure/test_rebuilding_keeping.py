"""Whoever keeps what is read is killed at every commit of theirs, doubled, and vacuumed under."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event

import psycopg
import pytest

from tests.histories import History, main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.a_rebuild import (
    BY,
    PATIENCE,
    a_rebuild_process,
    following,
    grow,
    is_right,
    operations,
    said,
    soon,
    started,
    tamper,
    tell_it,
)


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


def rows_and_position_agree(log: ProjectedLog, unknown: int) -> bool:
    """Whether the trail has a row for every event up to where it is, and the poison is noted from there on."""
    position = log.projector.position("audit_trail")
    told = sorted(row["position"] for row in log.stored()["audit_trail"])
    noted = {one.position for one in log.projector.health().blocked if one.projection == "audit_trail"}
    expected = [place for place in range(1, position + 1) if place != unknown]
    return told == expected and noted == ({unknown} if position >= unknown else set())


def test_killed_at_every_commit_of_claim_look_batch_and_refold_nothing_is_lost_or_doubled(
    log: ProjectedLog, database: str
) -> None:
    stuck = History("stuck").opened().contact()
    log.append_whole(stuck)
    unknown = log.append_unknown(stuck)
    log.append_whole(main_road("first"))
    passed = 0
    with a_rebuild_process(database, "keeping") as process:
        for number in count(1):
            log.append(main_road(f"meanwhile {number}").events[:3])
            log.server.run(lambda conn: log.projector.builds.ask_refold(conn, [main_road("first").case, stuck.case]))
            tell_it(process, number)
            ended = said(process)
            assert rows_and_position_agree(log, unknown), f"killed at boundary {number}"
            if ended != "killed":
                assert ended == "finished 0"
                break
            passed = number

    assert is_right(log)
    assert passed >= 8  # claim, trying again, folding anew, taking off the list, a batch, each on both sides
    assert {one.case_id for one in log.projector.health().blocked} == {stuck.case}


def test_what_is_to_be_repaired_stays_to_be_repaired_whoever_dies(log: ProjectedLog, database: str) -> None:
    case = main_road("one").case
    log.append_whole(main_road("one"))
    log.catch_up()
    tamper(log, "alert_state", "household = NULL", case)
    log.server.run(lambda conn: log.projector.builds.ask_refold(conn, [case]))
    with a_rebuild_process(database, "keeping") as process:
        for number in count(1):
            tell_it(process, number)
            if said(process) != "killed":
                break
    assert is_right(log)


def test_two_started_together_under_writes_and_vacuum(log: ProjectedLog, database: str) -> None:
    module = "tests.infrastructure.doomed_follower"
    over = Event()

    def vacuum() -> int:
        times = 0
        with psycopg.connect(database, autocommit=True) as conn:
            while not over.is_set():
                for table in ("event", "head", "build", "alert_state_v2_b1", "audit_trail_v2_b1"):
                    conn.execute(f"VACUUM landlord_elm.{table}".encode())
                conn.execute("VACUUM FULL landlord_elm.alert_state_v2_b1")
                times += 1
        return times

    with started(module, database), started(module, database), ThreadPoolExecutor(4) as pool:
        vacuuming = pool.submit(vacuum)
        last = max(pool.map(lambda number: grow(log, f"busy {number}"), range(9)))
        arrived = log.projector.wait_for(last, PATIENCE)
        over.set()
        assert vacuuming.result(PATIENCE) > 0
        assert arrived or log.projector.wait_for(last, PATIENCE)
        assert is_right(log)
    assert log.projector.health().blocked == ()


def test_a_landlord_that_has_much_to_take_in_keeps_no_other_from_being_heard(
    log: ProjectedLog, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.engine.keeper.BATCH", 2)
    monkeypatch.setattr("infrastructure.engine.follower.LOOKS_A_SECOND", 0.05)  # one look in 40 s
    with a_projected_log(database, "oak") as oak, following(log, oak):
        assert log.projector.wait_for(log.append_whole(main_road("a")), PATIENCE)
        assert oak.projector.wait_for(oak.append_whole(main_road("a")), PATIENCE)
        backlog = log.append_whole(*(main_road(str(number)) for number in range(150)))
        assert soon(lambda: log.projector.position() > 100)
        assert oak.projector.wait_for(oak.append_whole(main_road("b")), PATIENCE)
        assert log.projector.position() < backlog, "there was nothing to wait behind"
        operations(log).pause(["alert_state", "audit_trail"], BY)


def test_a_landlord_that_comes_later_is_followed_by_a_follower_that_knows_it(log: ProjectedLog, database: str) -> None:
    with following(log):
        assert log.projector.wait_for(log.append_whole(main_road("one")), PATIENCE)
    with a_projected_log(database, "oak") as oak, following(log, oak):
        assert oak.projector.wait_for(oak.append_whole(main_road("one")), PATIENCE)
        assert log.projector.wait_for(log.append_whole(main_road("two")), PATIENCE)
        assert is_right(oak)
        assert is_right(log)
