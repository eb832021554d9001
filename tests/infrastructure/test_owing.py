"""What the worklist reads: every row of one moment, honest about what is behind, and no case left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import psycopg
import pytest
from psycopg.sql import SQL

from application.worklists import Looked
from domain.obligations import obligations
from domain.worklist import CaseOwes
from infrastructure import owing
from infrastructure.owing import OwedReads
from infrastructure.reads import AwaitingRebuild, TableLost
from projections import ALL
from projections.deadlines import DEADLINES
from projections.view import steps_of
from tests.histories import MONDAY, History
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


def restricted(name: str) -> History:
    history = History(name).opened().contact().incident()
    day = MONDAY + timedelta(days=1)
    return history.proposed(day).applied(day, ends=MONDAY + timedelta(days=100))


def look(log: ProjectedLog) -> Looked[list[CaseOwes]]:
    return OwedReads(log.projector).look(list)


def owed(cases: list[CaseOwes]) -> dict[str, set[str]]:
    return {one.case: {duty.key for duty in one.owed} for one in cases}


def test_every_case_is_read_once_however_many_come_at_a_time(
    log: ProjectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owing, "READ_TOGETHER", 2)
    histories = [restricted(str(number)) for number in range(5)]
    last = log.append_whole(*histories, History("nothing").opened())
    log.catch_up()
    looked = look(log)

    assert owed(looked.made) == {
        history.case: {one.key for one in obligations(steps_of(history.events)[-1].after)} for history in histories
    }
    assert {one.limits_until for one in looked.made} == {MONDAY + timedelta(days=100)}
    assert (looked.position, looked.behind_since, looked.untold) == (last, None, [])


def test_what_is_behind_says_since_when(log: ProjectedLog) -> None:
    log.append_whole(restricted("one"))
    log.catch_up()
    log.append_whole(restricted("two"))
    looked = look(log)

    assert len(looked.made) == 1
    assert looked.behind_since is not None


def test_a_case_that_cannot_be_told_is_told_as_far_as_it_can_be(log: ProjectedLog) -> None:
    stuck = restricted("stuck")
    log.append_whole(stuck, restricted("other"))
    unknown = log.append_unknown(stuck)
    log.catch_up()
    looked = look(log)

    assert stuck.case not in owed(looked.made)
    [told] = looked.untold
    assert (told.case, told.person, told.unknown_since) == (stuck.case, stuck.person, unknown)
    assert "term:restriction-1" in {one.key for one in told.owed}


def test_a_case_of_which_nothing_can_be_told_is_there_all_the_same(log: ProjectedLog) -> None:
    stuck = History("stuck").opened()
    log.append_whole(stuck)
    unknown = log.append_unknown(stuck)
    log.catch_up()

    [told] = look(log).untold
    assert (told.case, told.unknown_since, told.owed) == (stuck.case, unknown, ())


def test_a_case_that_was_blocked_and_can_be_told_by_now_is_no_longer_unknown(log: ProjectedLog) -> None:
    history = restricted("one")
    log.append_whole(history)
    log.catch_up()
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute(
            "INSERT INTO landlord_elm.blocked VALUES ('deadlines', 1, %s, 3, 'ValueError', 1, now(), 'earlier')",
            [history.case],
        )

    looked = look(log)
    assert looked.made == []
    [told] = looked.untold
    assert (told.case, told.unknown_since) == (history.case, None)
    assert told.owed


def test_a_table_that_was_dropped_is_told_as_such(log: ProjectedLog) -> None:
    log.append_whole(restricted("one"))
    log.catch_up()
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute(SQL("DROP TABLE {}").format(log.tables()[DEADLINES.name].name))

    with pytest.raises(TableLost, match="deadlines"):
        look(log)


def test_rows_of_a_shape_that_this_release_cannot_read_await_their_rebuild(log: ProjectedLog) -> None:
    log.append_whole(restricted("one"))
    log.catch_up()
    views = [replace(view, version=99) if view.name == DEADLINES.name else view for view in ALL]
    later = type(log.projector)(log.recorder, log.mapper.decode, views)

    with pytest.raises(AwaitingRebuild, match="rebuild deadlines"):
        OwedReads(later).look(list)


def test_all_rows_are_of_one_moment_while_others_write(log: ProjectedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owing, "READ_TOGETHER", 1)
    log.append_whole(*(restricted(str(number)) for number in range(3)))
    log.catch_up()

    def while_somebody_writes(cases: Iterator[CaseOwes]) -> list[str]:
        found = [next(cases).case]
        log.append_whole(restricted("late"), restricted("later"))
        writing = Thread(target=log.catch_up)
        writing.start()
        writing.join(60)
        return [*found, *(case.case for case in cases)]

    looked = OwedReads(log.projector).look(while_somebody_writes)
    assert len(looked.made) == len(set(looked.made)) == 3
    assert looked.position < log.recorder.head().position
    assert len(look(log).made) == 5
