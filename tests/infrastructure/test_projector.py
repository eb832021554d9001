"""Rows and cursor of the read models, a batch at a time: always those of a fresh fold, whatever stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.evolve import HistoryStep
from domain.personal import Personal
from infrastructure.engine.builds import Deposed, Move
from infrastructure.engine.fold_cache import FoldCache
from infrastructure.engine.keeper import Keeper
from infrastructure.engine.projector import Projector
from infrastructure.postgres.leading import connected
from infrastructure.sealing import NotSealed
from projections import ALL
from projections.audit_trail import trail
from projections.view import View, personal_values, steps_of
from tests.histories import MONDAY, History, main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.random_histories import histories


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A row of a made-up read model."""

    case_id: str
    person: str | None
    as_of: int
    words: str


def a_view(refuses: str, words: str = "fine") -> View[Note]:
    """A view that raises for one case, or says these words of it."""

    def rows(steps: Sequence[HistoryStep]) -> Iterator[Note]:
        case = steps[-1].after
        if case.id == refuses and words == "fine":
            raise ValueError("SECRET")
        said = words if case.id == refuses else "fine"
        yield Note(case_id=case.id, person=case.person, as_of=case.position, words=said)

    return View("note", 1, Note, rows, ("case_id",))


def blocked(log: ProjectedLog) -> list[tuple[str, int, int]]:
    """What is blocked in every read model alike: case, position, attempts."""
    noted = [(one.case_id, one.position, one.attempts) for one in log.projector.health().blocked]
    once = list(dict.fromkeys(noted))
    assert len(noted) == len(once) * len(log.projector.views)
    return once


def test_rows_are_those_of_a_fresh_fold(log: ProjectedLog) -> None:
    log.append_whole(main_road("one"), main_road("two"), History("three").opened().contact())
    log.catch_up()

    assert log.is_up_to_date()
    assert len(log.stored()["alert_state"]) == 2
    assert len(log.stored()["audit_trail"]) == 2 * len(main_road().events) + 2


def test_a_case_that_grows_has_its_rows_replaced(log: ProjectedLog) -> None:
    history = main_road()
    log.append(history.events[:12])
    log.catch_up()
    before = log.stored()
    log.append(history.events[12:])
    log.catch_up()

    assert log.is_up_to_date()
    assert before["alert_state"][0]["over_from"] is None
    assert log.stored()["alert_state"][0]["over_from"] == MONDAY + timedelta(days=203)


def test_a_sealed_copy_in_a_row_opens_like_the_original(log: ProjectedLog) -> None:
    history = main_road()
    log.append_whole(history)
    log.catch_up()

    trail = log.reads.trail(history.case)
    answer = log.reads.alert(history.person, MONDAY + timedelta(days=30))

    assert trail is not None
    for row, event in zip(trail.rows, history.events, strict=True):
        written = {path: value.content() for path, value in personal_values(event.fact)}
        assert {path: log.sealing.reveal(value) for path, value in row.personal.items()} == written
    [standing] = answer.standing
    assert standing.row.behaviour is not None
    assert log.sealing.reveal(standing.row.behaviour) == "SECRET behaviour"
    assert log.sealing.reveal(standing.measures[0].measure.reason) == "SECRET reason"


def test_no_row_holds_a_text_in_clear(log: ProjectedLog) -> None:
    log.append_whole(main_road())
    log.catch_up()

    assert "SECRET" not in str(log.stored())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(longest=8), data=st.data())
def test_rows_are_the_same_however_a_history_is_split_into_batches(
    log: ProjectedLog, history: History, data: st.DataObject
) -> None:
    renamed = History(f"split {uuid4()}")
    events = [replace(event, stream=renamed.case) for event in history.events]
    cuts = data.draw(st.sets(st.integers(1, len(events))))
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(events)], strict=True):
        if events[start:end]:
            log.append(events[start:end])
            log.catch_up()

    assert log.is_up_to_date()


def test_only_the_owner_moves_a_build_and_a_deposed_one_writes_nothing(log: ProjectedLog) -> None:
    log.append_whole(main_road())
    first, second = log.keeper("first"), log.keeper("second")
    with connected(log.server.dsn, "test") as conn:
        first.claim(conn)
        second.claim(conn)
        with pytest.raises(Deposed):
            first.advance(conn)

        assert log.projector.position() == 0
        assert log.stored() == {view.name: [] for view in ALL}
        assert second.advance(conn)
    assert log.is_up_to_date()


def test_a_build_that_somebody_moved_meanwhile_is_not_moved_again(log: ProjectedLog) -> None:
    log.append_whole(main_road("one"))
    log.catch_up("me")
    log.append_whole(main_road("two"))
    with connected(log.server.dsn, "test") as conn:
        builds = [build for build in log.projector.builds.all(conn) if build.serving]
        stale = builds[0].position
        log.catch_up("me")
        move = Move([build.key for build in builds], "me", stale, stale + 1)
        with pytest.raises(Deposed), log.projector.builds.moved(conn, move):
            pytest.fail("it was moved")

    assert log.is_up_to_date()


def test_a_fact_of_tomorrow_blocks_its_own_case_and_no_other(log: ProjectedLog) -> None:
    stuck, free = main_road("stuck"), main_road("free")
    log.append(stuck.events[:5])
    unknown = log.append_unknown(stuck, version=6)
    last = log.append_whole(free)
    log.catch_up()

    assert log.projector.position() == last
    assert blocked(log) == [(stuck.case, unknown, 1)]
    assert log.is_up_to_date()  # of the stuck case: up to the fact of tomorrow
    assert len([row for row in log.stored()["audit_trail"] if row["case_id"] == stuck.case]) == 5


def test_what_is_noted_of_a_blocked_case_holds_no_value(log: ProjectedLog) -> None:
    log.append_unknown(History().opened(), version=1)
    log.catch_up()

    errors = {noted.error for noted in log.projector.health().blocked}
    assert all("FactOfTomorrow" in error and "SECRET" not in error for error in errors)
    assert errors


def test_a_history_that_contradicts_itself_blocks_at_the_contradiction(log: ProjectedLog) -> None:
    history = main_road()
    log.append([*history.events[:3], replace(history.events[12], version=4)])
    log.catch_up()

    assert blocked(log) == [(history.case, 4, 1)]


def test_each_further_event_of_a_blocked_case_tries_again(log: ProjectedLog) -> None:
    history = History().opened()
    log.append_whole(history)
    log.append_unknown(history, version=2)
    log.catch_up()
    log.append([replace(main_road().events[1], version=3)])
    log.catch_up()  # a new owner tries again, and so does the event

    assert blocked(log) == [(history.case, 2, 3)]


def test_a_release_that_knows_more_lets_the_case_go(log: ProjectedLog) -> None:
    history = main_road()
    log.append_whole(history)
    early = Keeper(Projector(log.recorder, _knows_up_to(log, 10)), "early", FoldCache())
    with connected(log.server.dsn, "test") as conn:
        early.claim(conn)
        early.advance(conn)
        assert blocked(log) == [(history.case, 11, 1)]
        assert len(log.stored()["audit_trail"]) == 10

        log.keeper("late").claim(conn)

    assert blocked(log) == []
    assert log.is_up_to_date()


def _knows_up_to(log: ProjectedLog, position: int) -> Any:
    def decode(row: Any) -> Any:
        if row.position > position:
            raise ValueError("SECRET")
        return log.mapper.decode(row)

    return decode


def test_a_view_that_fails_on_one_case_leaves_its_rows_and_writes_the_others(database: str) -> None:
    stuck, free = main_road("stuck"), main_road("free")
    with a_projected_log(database, views=[a_view("nobody")]) as log:
        log.append(stuck.events[:3])
        log.catch_up()
        log.append(stuck.events[3:])
        log.append_whole(free)
        failing = Keeper(Projector(log.recorder, log.mapper.decode, [a_view(stuck.case)]), "failing", FoldCache())
        with connected(database, "test") as conn:
            failing.claim(conn)
            failing.advance(conn)

        assert {row["case_id"]: row["as_of"] for row in log.stored()["note"]} == {
            stuck.case: 3,
            free.case: len(stuck.events) + len(free.events),
        }
        [noted] = log.projector.health().blocked
        assert (noted.case_id, noted.position) == (stuck.case, len(stuck.events))
        assert noted.error.startswith("ValueError in test_projector.py, line ")


def test_a_value_that_the_database_refuses_blocks_its_own_case_only(database: str) -> None:
    stuck, free = main_road("stuck"), main_road("free")
    with a_projected_log(database, views=[a_view(stuck.case, words="a zero byte: \x00")]) as log:
        log.append_whole(stuck, free)
        log.catch_up()

        assert [row["case_id"] for row in log.stored()["note"]] == [free.case]
        [noted] = log.projector.health().blocked
        assert noted.case_id == stuck.case
        assert "zero" not in noted.error


def test_a_new_read_model_catches_up_alone_and_then_goes_on_with_the_others(log: ProjectedLog) -> None:
    log.append_whole(main_road("one"))
    log.catch_up()
    with a_projected_log(log.server.dsn, views=[*ALL, a_view("nobody")]) as wider:
        with connected(log.server.dsn, "test") as conn:
            keeper = wider.keeper("me")
            keeper.claim(conn)
            log.append_whole(main_road("two"))
            assert keeper.advance(conn)
            assert {build.position for build in wider.projector.builds.all(conn)} == {len(main_road().events)}
            assert keeper.advance(conn)
            assert not keeper.advance(conn)

        assert wider.is_up_to_date()


def test_preparing_twice_and_at_once_changes_nothing(log: ProjectedLog) -> None:
    log.append_whole(main_road())
    log.catch_up()
    log.projector.prepare()

    assert log.is_up_to_date()


def test_health_says_where_everything_stands(log: ProjectedLog) -> None:
    last = log.append_whole(main_road())
    before = log.projector.health().progress
    log.catch_up("me")
    after = log.projector.health().progress

    assert {(one.position, one.head, one.owner) for one in before} == {(0, last, None)}
    assert {one.behind_since for one in before} == {log.recorder.head().recorded_at}
    assert {(one.position, one.head, one.owner, one.behind_since) for one in after} == {(last, last, "me", None)}
    assert all(one.heartbeat_age is not None and 0 <= one.heartbeat_age < 60 for one in after)


def test_whoever_waits_for_a_position_that_does_not_come_is_told_in_time(log: ProjectedLog) -> None:
    last = log.append_whole(main_road())

    assert not log.projector.wait_for(last, timeout=0.2)
    log.catch_up()
    assert log.projector.wait_for(last, timeout=0.2)


def test_a_personal_value_that_was_never_sealed_cannot_get_into_a_row(log: ProjectedLog) -> None:
    first = next(trail(steps_of(main_road().events)))

    with pytest.raises(NotSealed):
        log.tables()["audit_trail"].values(replace(first, personal={"summary": Personal("SECRET")}))
