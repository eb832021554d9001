"""The clock's tick: all that went by is taken down once, in order, at its true date, whatever happened before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from uuid import uuid4

import pytest

from application.clockwork import Clockwork, DeadlinesUnread, Due, Ticked
from application.desk import Desk
from application.ports import Conflict
from domain.calendar import london_date, london_datetime, start_of_day
from domain.codes import CaseId, SubjectId
from domain.decisions.endings import RecordEnd
from domain.decisions.importing import ImportedMeasure, ImportRestriction
from domain.decisions.intake import LogContact
from domain.decisions.support import RequestAdjustment
from domain.events import SYSTEM, DeadlinePassed, Event, RestrictionEnded, ReviewFellDue
from domain.obligation import Duty, Obligation
from domain.obligations import obligations
from tests.application.a_clockwork import FoldedDeadlines, clock_of, clockwork_over
from tests.application.a_desk import MANAGER, NOON, TENANT, Interrupted, World, in_memory
from tests.domain.world import words

TODAY = london_date(NOON)
OF_THE_CLOCK = (DeadlinePassed, ReviewFellDue, RestrictionEnded)


@pytest.fixture
def world() -> World:
    return in_memory()


def to(world: World, day: date) -> None:
    """It is noon of that day."""
    world.clock.at = london_datetime(day, time(12))


def a_case(world: World, person: SubjectId | None = None) -> CaseId:
    """A case in which an adjustment was asked for today; an answer is owed."""
    contact = LogContact(channel="telephone", summary=words())
    receipt = world.desk.log_contact(person or SubjectId(str(uuid4())), contact, MANAGER)
    case = CaseId(str(receipt.answer["case"]))
    world.desk.execute(case, RequestAdjustment(kind="home_visits", needs=words()), MANAGER)
    return case


def answer_due(world: World, case: CaseId) -> date:
    """The last day for the answer."""
    due = world.desk.case(case).adjustments[0].answer_by_on
    assert due is not None
    return due


def restricted(world: World, *, starts_on: date, ends_on: date | None = None) -> CaseId:
    """A case with a restriction from a register, the customer told."""
    command = ImportRestriction(
        source="register",
        line=1,
        measures=(ImportedMeasure(code="one_channel", open=("letter",)),),
        decided_on=starts_on,
        told_on=starts_on,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    return CaseId(str(world.desk.bring_along(SubjectId(str(uuid4())), command).answer["case"]))


def taken_down(world: World) -> list[Event]:
    """What the clock took down, in order."""
    return [event for event in world.log.after(0, 1_000_000) if isinstance(event.fact, OF_THE_CLOCK)]


def dues(ticked: Ticked) -> list[tuple[date, str]]:
    return [(due.due_on, due.key) for due in ticked.recorded]


# On its day


def test_what_is_due_today_is_not_taken_down_and_the_day_after_it_is_once_with_its_true_date(world: World) -> None:
    case = a_case(world)
    due = answer_due(world, case)
    clock = clock_of(world)
    to(world, due)
    assert dues(clock.tick()) == []
    to(world, due + timedelta(days=1))
    assert dues(clock.tick()) == [(due, "adjustment:adjustment-1")]
    [event] = taken_down(world)
    assert (event.actor, event.post, event.effective_on) == (SYSTEM, None, due + timedelta(days=1))
    assert event.fact == DeadlinePassed(
        obligation="adjustment:adjustment-1", duty="adjustment", about="adjustment-1", due_on=due
    )
    again = clock.tick()
    assert (again.recorded, again.overtaken, again.failed, again.complete) == ((), (), (), True)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])  # the clocks change in that night
def test_a_day_ends_at_midnight_in_london_also_when_the_clocks_change(world: World, day: date) -> None:
    case = restricted(world, starts_on=date(2026, 3, 1), ends_on=day)
    midnight = start_of_day(day + timedelta(days=1))
    for before in (timedelta(microseconds=1), timedelta(minutes=30), timedelta(hours=1)):
        world.clock.at = midnight - before
        clock_of(world).tick()
        assert not [e for e in taken_down(world) if isinstance(e.fact, RestrictionEnded)]
    world.clock.at = midnight
    clock_of(world).tick()
    [ended] = [e for e in taken_down(world) if isinstance(e.fact, RestrictionEnded)]
    assert (ended.stream, ended.effective_at) == (case, midnight)


# Late


def test_a_service_that_slept_for_a_year_takes_down_each_missed_day_in_order_and_once(world: World) -> None:
    cases = [restricted(world, starts_on=TODAY - timedelta(days=n), ends_on=date(2027, 1, 31)) for n in (0, 1)]
    cases.append(a_case(world))
    expected = sorted(
        (review.due_on, case, f"review:restriction-1:{review.cadence}:{review.due_on}")
        for case in cases[:2]
        for review in world.desk.case(case).restrictions[0].schedule
    )
    assert len(expected) >= 4
    to(world, date(2027, 2, 1))
    ticked = clock_of(world).tick()
    found = [(due.due_on, due.case, due.key) for due in ticked.recorded]
    assert found == sorted(found)
    assert [one for one in found if ":" in one[2] and one[2].startswith("review")] == expected
    assert [one[1] for one in found if one[2].startswith("term")] == sorted(cases[:2])
    events = taken_down(world)
    assert len(events) == len(found)
    reviews = [e for e in events if isinstance(e.fact, ReviewFellDue)]
    assert [e.effective_on for e in reviews] == [due for due, _, _ in expected]
    assert {e.recorded_on for e in events} == {date(2027, 2, 1)}
    assert clock_of(world).tick().recorded == ()


def test_what_was_done_meanwhile_is_no_trouble(world: World) -> None:
    case = restricted(world, starts_on=TODAY, ends_on=date(2026, 4, 1))
    to(world, date(2026, 4, 2))
    rows = FoldedDeadlines(world.log, upto=world.log.head())
    world.desk.execute(case, RecordEnd(restriction="restriction-1"), MANAGER)
    ticked = clock_of(world, rows).tick()
    assert [due.key for due in ticked.overtaken] == ["term:restriction-1"]
    assert ([due.owed.duty for due in ticked.recorded], ticked.failed) == ([Duty.REVIEW], ())
    assert not ticked.complete  # the list is behind, and says so
    rows.upto = None
    assert clock_of(world, rows).tick().complete


# Clocks, many of them and wrong ones


def test_two_clocks_at_once_take_everything_down_once(world: World) -> None:
    cases = [a_case(world) for _ in range(3)]
    to(world, answer_due(world, cases[0]) + timedelta(days=1))
    stale = FoldedDeadlines(world.log, upto=world.log.head())
    first, second = clock_of(world, stale), clock_of(world, stale)
    assert len(first.tick().recorded) == 3
    assert (len(late := second.tick().overtaken), len(taken_down(world))) == (3, 3), late


def test_whoever_loses_the_race_for_a_case_decides_again(world: World) -> None:
    case = a_case(world)
    to(world, answer_due(world, case) + timedelta(days=1))

    def somebody_writes() -> None:
        world.desk.execute(case, RequestAdjustment(kind="home_visits", needs=words()), MANAGER)

    desk = world.on(Interrupted(world.log, somebody_writes, times=2))
    ticked = clockwork_over(desk, world.log, world.clock).tick()
    assert dues(ticked) == [(answer_due(world, case), "adjustment:adjustment-1")]


def test_a_clock_that_goes_back_takes_nothing_down_twice(world: World) -> None:
    case = a_case(world)
    due = answer_due(world, case)
    for day in (due + timedelta(days=1), due - timedelta(days=5), due + timedelta(days=2)):
        to(world, day)
        assert clock_of(world).tick().complete
    assert len(taken_down(world)) == 1


def test_a_tick_as_of_an_earlier_day_takes_down_what_had_gone_by_then_and_none_lies_ahead(world: World) -> None:
    case = restricted(world, starts_on=TODAY, ends_on=date(2027, 1, 31))
    first, second, *_ = sorted(review.due_on for review in world.desk.case(case).restrictions[0].schedule)
    to(world, second + timedelta(days=10))
    clock = clock_of(world)
    assert [due for due, _ in dues(clock.tick(first + timedelta(days=1)))] == [first]
    assert [due for due, _ in dues(clock.tick(date(2030, 1, 1)))] == [second]


# Trouble


class Unreadable(LookupError):
    """A history that contradicts itself."""


def test_a_case_that_cannot_be_read_is_told_and_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = sorted(a_case(world) for _ in range(3))
    to(world, answer_due(world, cases[0]) + timedelta(days=1))
    execute = Desk.execute

    def reading(self: Desk, case: CaseId, *args: object, **more: object) -> object:
        if case == cases[0]:
            raise Unreadable(case)
        return execute(self, case, *args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Desk, "execute", reading)
        ticked = clock_of(world).tick()
    assert [due.case for due in ticked.recorded] == cases[1:]
    assert [(one.due.case, one.why) for one in ticked.failed] == [(cases[0], "Unreadable")]
    assert not ticked.complete
    assert [due.case for due in clock_of(world).tick().recorded] == cases[:1]


def test_losing_every_race_leaves_it_to_the_next_tick(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_case(world)
    to(world, answer_due(world, case) + timedelta(days=1))

    def busy(*_: object, **__: object) -> object:
        raise Conflict("somebody is always faster")

    with monkeypatch.context() as patch:
        patch.setattr(Desk, "execute", busy)
        assert [one.why for one in clock_of(world).tick().failed] == ["Conflict"]
    assert len(clock_of(world).tick().recorded) == 1


def test_a_list_that_cannot_be_read_is_said_and_what_went_by_waits(world: World) -> None:
    case = a_case(world)
    to(world, answer_due(world, case) + timedelta(days=1))
    with pytest.raises(DeadlinesUnread):
        clock_of(world, FoldedDeadlines(world.log, lost=True)).tick()
    assert len(clock_of(world).tick().recorded) == 1


def test_of_a_long_list_the_longest_overdue_is_taken_down_first_and_the_rest_is_left_and_said(world: World) -> None:
    cases = []
    for _ in range(5):
        cases.append(a_case(world))
        to(world, london_date(world.clock.at) + timedelta(days=1))
    to(world, date(2026, 9, 1))
    clock, found = clock_of(world), []
    while (ticked := clock.tick(most=2)).recorded:
        found += [due.case for due in ticked.recorded]
        assert ticked.left is (len(found) < 5)
    dated = [(answer_due(world, case), case) for case in cases]
    assert found == [case for _, case in sorted(dated)]


# What would come


def test_a_dry_run_says_what_would_go_by_and_writes_nothing(world: World) -> None:
    case = restricted(world, starts_on=TODAY, ends_on=date(2026, 4, 1))
    head = world.log.head()
    found, how_far = clock_of(world).would_go_by(date(2026, 4, 2))
    assert [(due.due_on, due.case, due.key) for due in found][-1] == (date(2026, 4, 1), case, "term:restriction-1")
    assert (world.log.head(), how_far.position) == (head, head)


def test_what_is_owed_stays_listed_once_its_day_went_by(world: World) -> None:
    case = a_case(world, TENANT)
    due = answer_due(world, case)
    clock = clock_of(world)
    assert owed(clock, upto=due - timedelta(days=1), on=TODAY) == []
    assert owed(clock, upto=due, on=TODAY) == [due]
    to(world, due + timedelta(days=9))
    clock.tick()
    assert owed(clock, upto=london_date(world.clock.at), on=london_date(world.clock.at)) == [due]


def owed(clock: Clockwork, *, upto: date, on: date) -> list[date]:
    found, _ = clock.owed_by(upto, on)
    return [due.due_on for due in found]


def test_after_a_tick_nothing_that_went_by_is_off_the_record(world: World) -> None:
    for n in range(4):
        restricted(world, starts_on=TODAY - timedelta(days=n), ends_on=date(2026, 3, 20 + n))
        a_case(world)
    for day in (date(2026, 3, 21), date(2026, 3, 30), date(2026, 5, 1)):
        to(world, day)
        clock_of(world).tick()
        assert list(unrecorded(world, day)) == []
        assert clock_of(world).tick().recorded == ()


def unrecorded(world: World, day: date) -> Iterator[Due | str]:
    """Everything whose last day is over and that nobody took down."""
    for row in FoldedDeadlines(world.log).rows():
        for one in obligations(world.desk.case(CaseId(row.case_id))):
            if one.goes_by_on is not None and one.goes_by_on < day:
                yield one.key


def test_a_partner_is_shown_the_end_of_what_it_sees_before_its_view_ends() -> None:
    day, case = date(2026, 3, 1), CaseId("case-1")
    ends = [
        Due(on, of, owed.key, owed, as_of=1)
        for on, of, owed in (
            (day, CaseId("case-2"), Obligation(duty=Duty.TERM, about="restriction-1", due_on=day)),
            (day, case, Obligation(duty=Duty.DISCLOSURE, about="disclosure-1", due_on=day)),
            (day, case, Obligation(duty=Duty.TERM, about="restriction-1", due_on=day)),
            (day - timedelta(days=1), case, Obligation(duty=Duty.DISCLOSURE, about="disclosure-2", due_on=day)),
        )
    ]
    found = [due.key for due in sorted(ends, key=lambda due: due.order)]
    assert found == ["disclosure:disclosure-2", "term:restriction-1", "disclosure:disclosure-1", "term:restriction-1"]
