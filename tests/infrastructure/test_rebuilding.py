"""Rebuilds beside a busy log: of the same version and of a new one, under writes, paused, switched and rolled back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event
from typing import Any

import psycopg
import pytest

from domain.evolve import HistoryStep
from infrastructure.engine.rebuilding import Rebuild, RebuildRefused
from infrastructure.postgres.leading import connected
from infrastructure.reads import AwaitingRebuild
from projections import ALL
from projections.alert_state import ALERT_STATE, AlertRow, alert
from projections.view import View
from tests.histories import MONDAY, History, main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.a_rebuild import (
    BY,
    PATIENCE,
    acts,
    builds,
    following,
    grow,
    is_right,
    nothing_is_left_over,
    operations,
    rebuild,
    serving,
    small_slices,
    soon,
    tamper,
)

__all__ = ["small_slices"]

pytestmark = pytest.mark.usefixtures("small_slices")


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        projected.append_whole(*(main_road(str(number)) for number in range(5)))
        projected.catch_up()
        yield projected


# Of the same version


def test_a_rebuild_that_agrees_is_read_from_then_on(log: ProjectedLog) -> None:
    outcomes = rebuild(log)

    assert [(one.build, one.switched, one.compared and one.compared.differences) for one in outcomes] == [
        (2, True, 0)
    ] * len(ALL)
    assert nothing_is_left_over(log)
    log.catch_up()
    assert is_right(log)


def test_a_rebuild_of_an_empty_log_is_read_too(database: str) -> None:
    with a_projected_log(database) as log:
        assert all(one.switched for one in rebuild(log))
        log.append_whole(main_road())
        log.catch_up()
        assert is_right(log)


def test_rows_that_somebody_changed_are_told_and_nothing_is_switched_until_that_is_accepted(log: ProjectedLog) -> None:
    case = main_road("2").case
    tamper(log, "alert_state", "ends_on = ends_on + 1, household = NULL", case)
    [differs] = rebuild(log, "alert_state")

    assert not differs.switched
    assert differs.compared is not None
    assert [(one.kind, one.key, one.columns) for one in differs.compared.shown] == [
        ("changed", (case, "restriction-1"), ("ends_on", "household"))
    ]
    assert serving(log, "alert_state").build == 1
    assert {one.state for one in builds(log)} == {"complete", "differing"}

    [accepted] = rebuild(log, "alert_state", accept=True)
    assert (accepted.build, accepted.switched) == (2, True)
    assert [act for act, _, _ in acts(log)] == ["rebuild begun", "differs", "rebuild resumed", "switched"]
    log.catch_up()
    assert is_right(log)


def test_rows_that_are_missing_and_rows_of_nobody_are_told_too(log: ProjectedLog) -> None:
    with psycopg.connect(log.server.dsn) as conn:
        gone = main_road("1").case
        conn.execute("DELETE FROM landlord_elm.alert_state_v2_b1 WHERE case_id = %s", [gone])
        conn.execute("UPDATE landlord_elm.alert_state_v2_b1 SET case_id = 'no ' || case_id WHERE case_id <> %s", [gone])
    [differs] = rebuild(log, "alert_state")

    assert differs.compared is not None
    assert differs.compared.differences == 5 + 4
    assert {one.kind for one in differs.compared.shown} <= {"added", "gone"}


def test_what_differs_can_be_dropped_instead(log: ProjectedLog) -> None:
    tamper(log, "alert_state", "household = NULL", main_road("2").case)
    rebuild(log, "alert_state")

    assert operations(log).abandon(["alert_state"], BY) == ["alert_state"]
    assert nothing_is_left_over(log)
    assert serving(log, "alert_state").build == 1


def test_no_number_of_a_build_comes_twice(log: ProjectedLog) -> None:
    tamper(log, "alert_state", "household = NULL", main_road("2").case)
    rebuild(log, "alert_state")
    operations(log).abandon(["alert_state"], BY)
    [again] = rebuild(log, "alert_state", accept=True)

    assert again.build == 3  # whoever still fills the second finds nothing there


def test_a_rebuild_begun_afresh_takes_nothing_from_the_one_before(log: ProjectedLog) -> None:
    tamper(log, "alert_state", "household = NULL", main_road("2").case)
    rebuild(log, "alert_state")
    [again] = rebuild(log, "alert_state", accept=True, fresh=True)

    assert again.build == 3
    assert nothing_is_left_over(log)


def test_of_older_builds_one_is_kept(log: ProjectedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infrastructure.engine.rebuilding.LEFT_FOR", 0.0)
    for _ in range(4):
        rebuild(log)

    assert [one.build for one in builds(log) if one.projection == "alert_state"] == [3, 4, 5]
    assert nothing_is_left_over(log)


# Under writes


def test_under_writes_of_several_threads_with_a_follower_running(log: ProjectedLog) -> None:
    with following(log), ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(grow, log, f"meanwhile {number}") for number in range(16)]
        for _ in range(3):
            assert all(one.switched for one in rebuild(log))
        assert [future.result(PATIENCE) for future in writing]
        assert is_right(log)
    assert nothing_is_left_over(log)
    assert log.projector.health().blocked == ()


def test_behind_somebody_who_writes_faster_than_it_follows_it_ends_all_the_same(
    log: ProjectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.engine.keeper.BATCH", 5)
    monkeypatch.setattr("infrastructure.engine.rebuilding.BATCH", 40)
    written = 0

    def tell(stage: str, _done: int, _of: int) -> None:
        nonlocal written
        if stage in {"indexing", "following"}:  # more than a batch for each batch, for ever
            written += 1
            log.append(main_road(f"endless {written}").events[:6])

    log.append_whole(main_road("before"))
    [outcome] = rebuild(log, "alert_state", tell=tell)
    assert outcome.switched
    monkeypatch.undo()
    log.catch_up()
    assert is_right(log)


def test_what_is_switched_to_is_never_behind_what_was_read(log: ProjectedLog) -> None:
    with following(log):
        places: list[int] = []
        done = Event()

        def watch() -> None:
            while not done.is_set():
                places.append(log.projector.position("alert_state"))

        with ThreadPoolExecutor(3) as pool:
            watching = pool.submit(watch)
            writing = [pool.submit(grow, log, f"meanwhile {number}") for number in range(6)]
            for _ in range(2):
                rebuild(log, "alert_state")
                operations(log).roll_back("alert_state", BY)
            assert [future.result(PATIENCE) for future in writing]
            done.set()
            watching.result(PATIENCE)
        assert places == sorted(places)
        assert is_right(log)


# Paused


def test_a_paused_read_model_stands_still_and_goes_on_when_resumed(log: ProjectedLog) -> None:
    with following(log):
        assert operations(log).pause(["alert_state"], BY) == ["alert_state"]
        assert operations(log).pause(["alert_state"], BY) == []
        stood = log.projector.position("alert_state")
        last = grow(log, "meanwhile")
        assert log.projector.wait_for(last, PATIENCE, "audit_trail")
        assert log.projector.position("alert_state") == stood
        assert not log.projector.wait_for(last, PATIENCE, "alert_state")  # at once, for nobody moves it
        assert operations(log).resume(["alert_state"], BY) == ["alert_state"]
        assert log.projector.wait_for(last, PATIENCE)
        assert is_right(log)


def test_one_resumed_goes_through_what_the_others_remember_batch_by_batch(
    log: ProjectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.engine.keeper.BATCH", 4)
    keeper = log.keeper()
    with connected(log.server.dsn, "test") as conn:
        keeper.claim(conn)
        operations(log).pause(["audit_trail"], BY)
        keeper.look(conn)
        grow(log, "remembered")
        while keeper.advance(conn):
            pass
        operations(log).resume(["audit_trail"], BY)
        keeper.look(conn)
        keeper.advance(conn)
        between = log.projector.position("audit_trail")
        assert max(row["position"] for row in log.stored()["audit_trail"]) == between
        while keeper.advance(conn):
            pass

    assert log.projector.health().blocked == ()
    assert is_right(log)


def test_resume_and_switch_are_noticed_although_looks_are_rare(
    log: ProjectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.engine.follower.LOOKS_A_SECOND", 0.02)  # one look in 50 s
    with following(log):
        operations(log).pause(["alert_state"], BY)
        last = grow(log, "meanwhile")
        assert log.projector.wait_for(last, PATIENCE, "audit_trail")
        operations(log).resume(["alert_state"], BY)
        assert log.projector.wait_for(last, PATIENCE)
        assert all(one.switched for one in operations(log).rebuild(["alert_state"], BY))
        assert log.projector.wait_for(grow(log, "afterwards"), PATIENCE)


def test_a_paused_read_model_is_rebuilt_and_still_paused(log: ProjectedLog) -> None:
    with following(log):
        operations(log).pause(["alert_state"], BY)
        last = grow(log, "meanwhile")
        [outcome] = rebuild(log, "alert_state")
        assert outcome.switched
        assert serving(log, "alert_state").paused
        assert serving(log, "alert_state").position == last
        grow(log, "later")
        assert log.projector.position("alert_state") == last
        operations(log).resume(["alert_state"], BY)
        assert is_right(log)


# Of another version


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortRow:
    """What an earlier release said of a restriction."""

    case_id: str
    person: str
    as_of: int
    restriction: str
    ends_on: Any


def older_rows(steps: Sequence[HistoryStep]) -> Iterator[AlertRow]:
    """Rows as version 2 gives them."""
    yield from alert(steps)


def newer_rows(steps: Sequence[HistoryStep]) -> Iterator[AlertRow]:
    """Rows of a later version: every term is a day longer."""
    for row in alert(steps):
        yield replace(row, ends_on=row.ends_on + timedelta(days=1))


NEWER: View[AlertRow] = replace(ALERT_STATE, version=3, rows=newer_rows, reads_from=2)
NOT_READING: View[AlertRow] = replace(ALERT_STATE, version=3, rows=newer_rows, reads_from=None)


def next_release(log: ProjectedLog, view: View[AlertRow], earlier: Sequence[View[Any]] = ()) -> ProjectedLog:
    """The same log as a release with this view sees it."""
    later = ProjectedLog(log.recorder, [view, *ALL[1:]])
    later.projector = type(later.projector)(log.recorder, log.mapper.decode, [view, *ALL[1:]], earlier)
    return later


def test_until_a_new_version_is_built_one_case_is_folded_live_and_lists_say_how_old_they_are(log: ProjectedLog) -> None:
    later = next_release(log, NEWER)
    history = main_road("later")
    log.append_whole(history)
    later.catch_up()  # nobody can keep version 2 in this release

    answer = later.reads.alert(history.person, MONDAY + timedelta(days=30))
    assert [standing.row.ends_on for standing in answer.standing] == [MONDAY + timedelta(days=206)]
    page = later.reads.register(MONDAY + timedelta(days=30))
    assert len(page.entries) == 5
    assert page.behind_since is not None
    assert later.projector.awaiting() == ("alert_state",)
    trail = later.reads.trail(history.case)
    assert trail is not None
    assert len(trail.rows) == len(history.events)


def test_where_old_rows_cannot_be_read_a_list_awaits_the_rebuild(log: ProjectedLog) -> None:
    later = next_release(log, NOT_READING)

    with pytest.raises(AwaitingRebuild, match="rebuild alert_state"):
        later.reads.register(MONDAY + timedelta(days=30))
    assert later.reads.alert(main_road("1").person, MONDAY + timedelta(days=30)).standing


def test_a_new_version_waits_until_its_differences_are_accepted(log: ProjectedLog) -> None:
    later = next_release(log, NEWER)
    [differs] = rebuild(later, "alert_state")
    assert differs.compared is not None
    assert (differs.switched, differs.compared.differences, differs.compared.apart) == (False, 5, 0)
    assert later.projector.awaiting() == ("alert_state",)

    [accepted] = rebuild(later, "alert_state", accept=True)
    assert accepted.switched
    assert later.projector.awaiting() == ()
    later.catch_up()
    assert is_right(later)
    assert {row["ends_on"] for row in later.stored()["alert_state"]} == {MONDAY + timedelta(days=206)}


def test_a_new_version_with_another_key_differs_in_every_row(log: ProjectedLog) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Rekeyed:
        case_id: str
        person: str
        as_of: int
        ended: str

    def rows(steps: Sequence[HistoryStep]) -> Iterator[Rekeyed]:
        for row in alert(steps):
            yield Rekeyed(case_id=row.case_id, person=row.person, as_of=row.as_of, ended=row.restriction)

    globals()["Rekeyed"] = Rekeyed  # where annotations are looked up
    view: Any = View("alert_state", 3, Rekeyed, rows, ("case_id", "ended"))
    [differs] = rebuild(next_release(log, view), "alert_state")

    assert differs.compared is not None
    assert (differs.switched, differs.compared.differences) == (False, 10)


def test_back_to_a_version_that_this_release_can_compute_and_to_no_other(log: ProjectedLog) -> None:
    later = next_release(log, NEWER, earlier=[replace(ALERT_STATE, rows=older_rows)])
    rebuild(later, "alert_state", accept=True)
    later.append_whole(main_road("since"))
    operations(later).roll_back("alert_state", BY)
    later.append_whole(main_road("afterwards"))
    later.catch_up()

    assert serving(later, "alert_state").version == 2
    assert log.is_up_to_date()  # as the old release sees it, kept by the new one
    operations(later).roll_back("alert_state", BY)
    assert serving(later, "alert_state").version == 3
    with pytest.raises(RebuildRefused, match="version 2 before, which this release cannot compute"):
        Rebuild(next_release(log, NEWER).projector, BY).roll_back("alert_state")
    later.catch_up()
    assert is_right(later)


def test_what_was_never_switched_cannot_be_rolled_back(log: ProjectedLog) -> None:
    with pytest.raises(RebuildRefused, match="never switched"):
        operations(log).roll_back("alert_state", BY)


def test_a_rollback_under_writes(log: ProjectedLog) -> None:
    with following(log), ThreadPoolExecutor(3) as pool:
        rebuild(log)
        writing = [pool.submit(grow, log, f"meanwhile {number}") for number in range(9)]
        for _ in range(4):
            operations(log).roll_back("alert_state", BY)
        assert [future.result(PATIENCE) for future in writing]
        assert serving(log, "alert_state").build == 2
        assert is_right(log)


def test_an_old_and_a_new_release_follow_side_by_side(log: ProjectedLog) -> None:
    later = next_release(log, NEWER)
    with following(log), following(later):
        grow(log, "one")
        rebuild(later, "alert_state", accept=True)
        last = grow(log, "two")
        # The old one leads, cannot compute the new version and leaves it alone; single cases are folded live.
        assert soon(lambda: log.projector.position("audit_trail") == last)
        assert log.reads.alert(main_road("two").person, MONDAY + timedelta(days=30)).position == last
        with pytest.raises(AwaitingRebuild):
            log.reads.register(MONDAY)
    with following(later):
        assert is_right(later)


def test_read_models_of_a_later_release_are_left_alone(log: ProjectedLog) -> None:
    wider = View("of_tomorrow", 1, AlertRow, alert, ("case_id", "restriction"))
    with a_projected_log(log.server.dsn, views=[*ALL, wider]) as later:
        later.catch_up()
        rebuild(log)
        grow(log, "since")
        log.catch_up()
        assert is_right(log)
        assert [one.projection for one in operations(log).status()] == [view.name for view in ALL]
        assert serving(later, "of_tomorrow").build == 1
        later.catch_up()
        assert is_right(later)


def test_a_row_model_of_an_old_migration_is_not_kept_for_ever(
    log: ProjectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.engine.rebuilding.LEFT_FOR", 0.0)
    with psycopg.connect(log.server.dsn) as conn:  # as migration 5 leaves what was not read any more
        conn.execute("CREATE TABLE landlord_elm.audit_trail_v1_b9 ()")
        conn.execute(
            "INSERT INTO landlord_elm.build (projection, build, version, state, code_version)"
            " VALUES ('audit_trail', 9, 1, 'complete', 'before builds')"
        )
    rebuild(log, "audit_trail")
    rebuild(log, "audit_trail")

    assert nothing_is_left_over(log)
    assert 9 not in {one.build for one in builds(log)}


def test_a_case_with_no_beginning_is_not_passed_by(log: ProjectedLog) -> None:
    stray = History("stray").opened()
    log.append_unknown(stray, version=7)
    log.catch_up()
    outcomes = rebuild(log)

    assert all(one.switched for one in outcomes)
    assert {(one.case_id, one.build) for one in log.projector.health().blocked} == {(stray.case, 1), (stray.case, 2)}
