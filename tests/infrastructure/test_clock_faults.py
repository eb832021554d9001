"""The clock over a real database in trouble: killed, asleep, set back, reading a list that is rebuilt under it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from psycopg.sql import SQL, Identifier

from application.clockwork import Clockwork, DeadlinesUnread
from domain.calendar import london_date
from domain.codes import CaseId
from domain.events import ReviewFellDue
from infrastructure import gone_by
from infrastructure.engine.acts import By
from infrastructure.engine.operations import Operations
from infrastructure.engine.rebuilding import Options
from infrastructure.gone_by import GoneBy
from infrastructure.log_entries import Save
from projections.deadlines import DEADLINES
from tests.application.a_desk import NOON
from tests.infrastructure.a_clocked_office import ClockedOffice, a_clocked_office

ROOT = Path(__file__).parents[2]
START = london_date(NOON)
BY = By("somebody", "to see what the clock says")
IN_PROCESS = Options(in_process=True, accept=True)


@pytest.fixture
def clocked(database: str, tmp_path: Path) -> Iterator[ClockedOffice]:
    """Maidstone's office, just begun."""
    with a_clocked_office(database, tmp_path) as found:
        yield found


def three_terms(clocked: ClockedOffice) -> list[tuple[str, date]]:
    """Three restrictions that end after twenty, thirty and forty days: what is to be taken down of that, in order."""
    expected: list[tuple[str, date]] = []
    for days in (20, 30, 40):
        ends_on = START + timedelta(days=days)
        expected.append((clocked.restricted(START, ends_on), ends_on + timedelta(days=1)))
    clocked.catch_up()
    return expected


def all_once(clocked: ClockedOffice, expected: list[tuple[str, date]]) -> None:
    """Every term is on record once and in order, and so is every review that came before it."""
    assert sorted(clocked.terms()) == sorted(expected)
    facts = [(event.stream, event.fact) for event in clocked.taken_down()]
    assert len(facts) == len(set(facts))
    for case, over in expected:
        restriction = clocked.office.desk.case(case).restrictions[0]  # type: ignore[arg-type]
        scheduled = {(s.cadence, s.due_on) for s in restriction.schedule if s.due_on < over}
        assert set(restriction.fell_due) == scheduled


# Killed


@pytest.mark.parametrize("number", [1, 2, 4])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_clock_that_is_killed_beside_a_save_loses_nothing_and_doubles_nothing(
    clocked: ClockedOffice, database: str, tmp_path: Path, side: str, number: int
) -> None:
    expected = three_terms(clocked)
    day = START + timedelta(days=60)
    command = [sys.executable, "-m", "tests.infrastructure.doomed_clock", str(tmp_path), database, str(day), side]
    done = subprocess.run([*command, str(number)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(clocked.taken_down()) == (number - 1 if side == "before" else number)
    clocked.to(day)
    again = clocked.office.clockwork.tick()  # the list does not know yet what was saved
    assert len(again.overtaken) == (number - 1 if side == "before" else number)
    assert again.failed == ()
    all_once(clocked, expected)
    assert [event.effective_on for event in clocked.taken_down()] == sorted(
        event.effective_on for event in clocked.taken_down()
    )


def test_two_clocks_at_the_same_moment_take_everything_down_once(
    clocked: ClockedOffice, database: str, tmp_path: Path
) -> None:
    expected = three_terms(clocked)
    clocked.to(START + timedelta(days=60))
    with a_clocked_office(database, tmp_path, again=True) as other, ThreadPoolExecutor(2) as pool:
        other.to(START + timedelta(days=60))
        ticks = list(pool.map(lambda one: one.office.clockwork.tick(), (clocked, other)))
    all_once(clocked, expected)
    assert sum(len(ticked.recorded) for ticked in ticks) == len(clocked.taken_down())
    assert [ticked.failed for ticked in ticks] == [(), ()]


# Asleep, and set back


def test_a_service_that_slept_for_a_month_catches_up_in_order_once_at_the_true_dates(clocked: ClockedOffice) -> None:
    expected = three_terms(clocked)
    clocked.to(START + timedelta(days=21))
    assert len(clocked.office.clockwork.tick().recorded) == len(clocked.taken_down()) > 0
    clocked.to(START + timedelta(days=51))
    clocked.catch_up()
    ticked = clocked.office.clockwork.tick()
    assert [due.due_on for due in ticked.recorded] == sorted(due.due_on for due in ticked.recorded)
    all_once(clocked, expected)
    late = clocked.taken_down()[-1]
    assert (late.effective_on, late.recorded_on) == (START + timedelta(days=41), START + timedelta(days=51))
    clocked.catch_up()
    for day in (52, 20, 53):  # and the clock is set back in between
        clocked.to(START + timedelta(days=day))
        assert clocked.office.clockwork.tick().recorded == ()
    all_once(clocked, expected)


# The list it reads


def test_a_list_that_is_behind_is_said_and_what_it_leaves_out_is_taken_down_at_the_next_tick(
    clocked: ClockedOffice,
) -> None:
    clocked.catch_up()
    case = clocked.restricted(START, START + timedelta(days=20))
    clocked.to(START + timedelta(days=30))
    ticked = clocked.office.clockwork.tick()
    assert (ticked.recorded, ticked.complete) == ((), False)
    clocked.catch_up()
    assert clocked.office.clockwork.tick().complete
    assert clocked.terms() == [(case, START + timedelta(days=21))]


def test_a_long_list_is_read_in_pages_also_while_it_is_rebuilt(
    clocked: ClockedOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gone_by, "AT_ONCE", 2)
    monkeypatch.setattr(gone_by, "READ_TOGETHER", 1)
    ends_on = START + timedelta(days=20)
    cases = {clocked.restricted(START, ends_on) for _ in range(5)}
    clocked.catch_up()
    deadlines = GoneBy(clocked.office.projector)
    rows = deadlines.gone_by(START + timedelta(days=30), lambda _case, _as_of: False)
    found = [next(rows).case]
    Operations(clocked.office.projector).rebuild(["deadlines"], BY, IN_PROCESS)
    found += [row.case for row in rows]
    assert (len(found), set(found)) == (5, cases)
    assert {row.case for row in deadlines.everything()} == cases


def test_rows_of_which_nothing_is_asked_are_not_read_again_until_something_changes(
    clocked: ClockedOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = clocked.restricted(START, START + timedelta(days=20))
    clocked.catch_up()
    clocked.to(START + timedelta(days=30))
    monkeypatch.setattr("application.clockwork.applies", lambda _owed, _policy: False)
    read = []
    some = GoneBy._some_rows  # noqa: SLF001 - what is read is to be seen

    def reading(self: GoneBy, cases: list[str]) -> object:
        read.extend(cases)
        return some(self, cases)

    monkeypatch.setattr(GoneBy, "_some_rows", reading)
    clock: Clockwork = clocked.office.clockwork
    for _ in range(3):
        assert clock.tick().recorded == ()
    assert read == [case]
    clocked.to(START + timedelta(days=31))
    clock.tick()
    assert read == [case, case]


def test_a_case_that_a_later_release_wrote_to_is_told_and_the_others_are_taken_down(clocked: ClockedOffice) -> None:
    (unreadable, _), *expected = three_terms(clocked)
    version = clocked.office.desk.case(CaseId(unreadable)).version + 1
    clocked.office.recorder.append(Save([StoredEvent(UUID(unreadable), version, "FactOfTomorrow", b"SECRET")]))
    clocked.catch_up()
    clocked.to(START + timedelta(days=60))
    for taken in (len(expected) * 2, 0):  # of each the review and the end
        ticked = clocked.office.clockwork.tick()
        assert len(ticked.recorded) == taken
        assert {(one.due.case, one.why) for one in ticked.failed} == {(unreadable, "UnknownFact")}
        assert ticked.how_far.untold == (unreadable,)
        assert not ticked.complete
        clocked.catch_up()
    wanted = [UUID(case) for case, _ in expected]
    stored = [row for case in wanted for row in clocked.office.recorder.read_stream(case)]
    assert sum(row.type == "RestrictionEnded" for row in stored) == len(expected)


def test_a_list_of_another_release_is_left_alone_and_that_is_said(clocked: ClockedOffice) -> None:
    three_terms(clocked)
    clocked.to(START + timedelta(days=60))
    set_version(clocked, 99)
    with pytest.raises(DeadlinesUnread, match=r"is of version 99, .* rebuild deadlines"):
        clocked.office.clockwork.tick()
    assert clocked.taken_down() == []
    set_version(clocked, DEADLINES.version)
    assert clocked.office.clockwork.tick().recorded


def set_version(clocked: ClockedOffice, version: int) -> None:
    """The list that is read says that it is of this version."""
    with psycopg.connect(clocked.office.recorder.server.dsn, autocommit=True) as conn:
        build = Identifier(clocked.office.projector.schema, "build")
        conn.execute(SQL("UPDATE {} SET version = %s WHERE projection = 'deadlines'").format(build), [version])


def test_reviews_that_were_missed_while_nobody_looked_are_facts_of_their_own(clocked: ClockedOffice) -> None:
    case = clocked.restricted(START, START + timedelta(days=300))
    clocked.catch_up()
    clocked.to(START + timedelta(days=290))
    clocked.office.clockwork.tick()
    missed = [event for event in clocked.taken_down() if isinstance(event.fact, ReviewFellDue)]
    schedule = clocked.office.desk.case(case).restrictions[0].schedule
    assert len(missed) >= 3
    days = sorted(s.due_on for s in schedule if s.due_on < london_date(clocked.clock.at))
    assert [event.effective_on for event in missed] == days
