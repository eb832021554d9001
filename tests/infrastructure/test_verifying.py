"""Verifying what is read against the log: whatever is wrong with a row is found, named without a value, and mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest

from domain.evolve import HistoryStep
from infrastructure.engine.operations import Verified
from infrastructure.engine.rebuilding import Options, RebuildRefused
from infrastructure.engine.slices import Difference
from infrastructure.engine.workers import WorkerFailed
from projections import ALL
from projections.alert_state import ALERT_STATE, AlertRow, alert
from tests.histories import main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.a_rebuild import (
    BY,
    NAMES,
    PATIENCE,
    acts,
    following,
    grow,
    is_right,
    operations,
    rebuild,
    small_slices,
    soon,
    tamper,
)

__all__ = ["small_slices"]

pytestmark = pytest.mark.usefixtures("small_slices")

CASE = main_road("2").case
EVENTS = len(main_road().events)
NOBODIES = ("", "zzz", "0f0f0f0f-0000-4000-8000-000000000000")  # of whom the log knows nothing


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        projected.append_whole(*(main_road(str(number)) for number in range(5)))
        projected.catch_up()
        yield projected


def verified(log: ProjectedLog, *, repair: bool = False, processes: int | None = None) -> Verified:
    options = Options(processes=processes, in_process=processes is None)
    return operations(log).verify(NAMES, BY, repair=repair, options=options)


@pytest.mark.parametrize("processes", [None, 2], ids=["in this process", "in processes"])
def test_a_row_that_somebody_changed_is_found_by_key_and_columns(log: ProjectedLog, processes: int | None) -> None:
    tamper(log, "alert_state", "ends_on = ends_on + 1, household = NULL", CASE)
    tamper(log, "audit_trail", "type = 'SECRET'", CASE)
    found = verified(log, processes=processes)

    assert (found.events, found.rows, found.blocked) == (
        5 * EVENTS,
        5 * EVENTS + 5 * (len(ALL) - 1),
        0,
    )  # one for each event, or for each case
    assert found.differences == 1 + EVENTS
    assert found.shown[0] == Difference(
        "alert_state", "changed", CASE, (CASE, "restriction-1"), ("household", "ends_on")
    )
    assert {one.columns for one in found.shown[1:]} == {("type",)}
    assert "SECRET" not in str(found)


def test_rows_that_are_missing_or_of_nobody_are_found_and_repaired(log: ProjectedLog) -> None:
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute("DELETE FROM landlord_elm.alert_state_v2_b1 WHERE case_id = %s", [CASE])
        conn.execute("CREATE TEMP TABLE copied AS SELECT * FROM landlord_elm.alert_state_v2_b1 LIMIT 1")
        for nobody in NOBODIES:
            conn.execute("UPDATE copied SET case_id = %s", [nobody])
            conn.execute("INSERT INTO landlord_elm.alert_state_v2_b1 SELECT * FROM copied")
    found = verified(log, repair=True)
    assert sorted((one.kind, one.case) for one in found.shown) == sorted(
        [("missing", CASE), *(("unfounded", nobody) for nobody in NOBODIES)]
    )
    log.catch_up()

    assert verified(log).differences == 0
    assert is_right(log)


def test_repair_has_the_follower_fold_anew_what_differs_and_nothing_else(log: ProjectedLog) -> None:
    with following(log):
        tamper(log, "alert_state", "household = NULL", CASE)
        assert verified(log, repair=True).differences == 1
        assert soon(lambda: verified(log).differences == 0)
        assert is_right(log)
    assert ("verified and repaired", "alert_state", 1) in acts(log)
    assert log.projector.health().blocked == ()


def test_a_paused_read_model_is_verified_and_repaired_only_when_resumed(log: ProjectedLog) -> None:
    operations(log).pause(["alert_state"], BY)
    tamper(log, "alert_state", "household = NULL", CASE)

    assert verified(log).differences == 1
    with pytest.raises(RebuildRefused, match="paused"):
        verified(log, repair=True)


def test_under_writes_nothing_differs_that_is_right(log: ProjectedLog) -> None:
    with following(log), ThreadPoolExecutor(3) as pool:
        writing = [pool.submit(grow, log, f"meanwhile {number}") for number in range(9)]
        for _ in range(4):
            assert verified(log).differences == 0
        assert [future.result(PATIENCE) for future in writing]


def test_a_case_that_cannot_be_told_is_counted_apart_and_one_that_nobody_noted_is_told(log: ProjectedLog) -> None:
    log.append_unknown(main_road("1"))
    log.catch_up()
    assert (verified(log).differences, verified(log).blocked) == (0, len(ALL))

    with psycopg.connect(log.server.dsn) as conn:
        conn.execute("DELETE FROM landlord_elm.blocked")
    found = verified(log)
    assert [(one.kind, one.case, one.key) for one in found.shown] == [
        ("untold", main_road("1").case, (main_road("1").case,))
    ] * len(ALL)
    verified(log, repair=True)
    log.catch_up()
    assert (verified(log).differences, verified(log).blocked) == (0, len(ALL))


def test_what_is_read_as_another_version_cannot_be_verified(log: ProjectedLog) -> None:
    log.projector.views = (replace(ALERT_STATE, version=3), *ALL[1:])

    with pytest.raises(RebuildRefused, match="rebuild it instead"):
        verified(log)


def test_a_build_that_is_dropped_meanwhile_is_told_in_words(log: ProjectedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infrastructure.engine.rebuilding.LEFT_FOR", 0.0)

    def drop_it(_stage: str, done: int, _of: int) -> None:
        if done == 0:
            for _ in range(3):
                rebuild(log, "alert_state")

    with pytest.raises(LookupError, match="dropped meanwhile: verify again"):
        operations(log).verify(["alert_state"], BY, options=Options(in_process=True), tell=drop_it)
    assert not issubclass(WorkerFailed, LookupError)


def failing_at_the_end(steps: Sequence[HistoryStep]) -> Iterator[AlertRow]:
    """Rows of a view that fails on a case once it is closed."""
    if len(steps) == len(main_road().events):
        raise ValueError("SECRET")
    yield from alert(steps)


def test_what_was_last_known_of_a_case_that_its_view_fails_on_outlives_a_rebuild(log: ProjectedLog) -> None:
    view = replace(ALERT_STATE, rows=failing_at_the_end)
    with a_projected_log(log.server.dsn, "oak", views=[view]) as oak:
        history = main_road("one")
        oak.append(history.events[:-1])
        oak.catch_up()
        oak.append(history.events[-1:])
        oak.catch_up()
        before = oak.stored()["alert_state"]
        [outcome] = rebuild(oak)

        assert outcome.switched
        assert len(before) == 1
        assert oak.stored()["alert_state"] == before
