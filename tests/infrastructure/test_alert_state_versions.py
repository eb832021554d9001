"""The alert in its second version: a table of the first is kept up until it is rebuilt, and holds what it can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from projections import ALL
from projections.alert_state import ALERT_STATE, ALERT_STATE_1
from tests.histories import MONDAY, History, main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.a_rebuild import BY, is_right, operations, rebuild, serving

DAY = MONDAY + timedelta(days=30)


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    """A log whose tables an earlier release made, as this release sees it."""
    with a_projected_log(database, views=[ALERT_STATE_1, *ALL[1:]]) as before:
        before.append_whole(main_road("before"))
        before.catch_up()
        yield ProjectedLog(before.recorder)


def taken_along() -> History:
    """A restriction from an old register that does not say what somebody did."""
    return History("taken along").opened().imported(MONDAY, ends=MONDAY + timedelta(days=100))


def blocked(log: ProjectedLog) -> list[str]:
    """The cases that the alert which is read cannot hold."""
    build = serving(log, ALERT_STATE.name).build
    of_it = (one for one in log.projector.health().blocked if (one.projection, one.build) == (ALERT_STATE.name, build))
    return [one.case_id for one in of_it]


def test_a_table_of_version_1_is_kept_up_and_what_it_cannot_hold_is_told_live(log: ProjectedLog) -> None:
    register, taken = main_road("since"), taken_along()
    log.append_whole(register, taken)
    log.catch_up()

    assert log.projector.awaiting() == (ALERT_STATE.name,)
    assert blocked(log) == [taken.case]
    page = log.reads.register(DAY)
    assert {entry.case_id for entry in page.entries if entry.standing} == {
        main_road("before").case,
        register.case,
        taken.case,
    }
    assert (page.behind_since, {entry.unknown_since for entry in page.entries}) == (None, {None})
    [standing] = log.reads.alert(taken.person, DAY).standing
    assert standing.row.behaviour is None


def test_a_rebuild_to_version_2_agrees_without_being_accepted_and_blocks_nothing(log: ProjectedLog) -> None:
    log.append_whole(taken_along())
    log.catch_up()
    [outcome] = rebuild(log, ALERT_STATE.name)
    log.catch_up()

    assert (outcome.version, outcome.switched) == (2, True)
    assert (log.projector.awaiting(), blocked(log)) == ((), [])
    assert is_right(log)


def test_from_version_2_readers_can_be_sent_back_to_version_1(log: ProjectedLog) -> None:
    rebuild(log, ALERT_STATE.name)
    log.append_whole(taken_along())
    operations(log).roll_back(ALERT_STATE.name, BY)
    log.catch_up()

    assert serving(log, ALERT_STATE.name).version == 1
    assert {entry.case_id for entry in log.reads.register(DAY).entries} == {
        main_road("before").case,
        taken_along().case,
    }
