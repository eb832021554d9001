"""The demonstrations: told as written nothing is refused; with a step left out, exactly what that step was for.

The folder `left_out` says, for each step, what is refused later when that step is missing, and under which clause: it
is written from the policies. "The record itself" stands where no clause is named: something spoken of is not there.
A step that rests on one that was refused is not tried.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from application.demonstrations import STORIES
from domain.calendar import Nation, is_working_day, london_datetime
from domain.codes import PointKind
from domain.reached import reached
from tests.domain.a_stage import THE_RECORD, Refusals, Stage, told

LEFT_OUT = Path(__file__).parent / "left_out"
LANDLORDS = sorted(STORIES)
DAYS = [
    date(2026, 11, 1),  # a Sunday, and the first day on which anybody starts this
    date(2026, 11, 23),
    date(2026, 12, 25),
    date(2027, 1, 2),
    date(2027, 3, 31),  # what lies months back is clamped
    date(2027, 4, 6),  # after Easter
    date(2028, 2, 29),
    date(2028, 8, 28),  # a bank holiday
    date(2031, 6, 16),
]


def expected(landlord: str) -> dict[str, Refusals]:
    """What is written for a landlord: by the step left out, then by the step refused."""
    rows: dict[str, Refusals] = {}
    step = ""
    for line in (LEFT_OUT / f"{landlord}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            assert line not in rows, f"{line} stands twice"
            step = line
            rows[step] = {}
        elif not line.strip().startswith("nothing"):
            refused, _, why = line.strip().partition(": ")
            rule, _, clause = why.partition(" | ")
            rows[step].setdefault(refused, set()).add((rule, clause or THE_RECORD))
    return rows


@pytest.mark.parametrize("today", DAYS, ids=str)
@pytest.mark.parametrize("landlord", LANDLORDS)
def test_told_as_written_nothing_is_refused(landlord: str, today: date) -> None:
    assert told(STORIES[landlord](today)) == {}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_step_left_out_is_missed_exactly_where_the_policy_asks_for_it(landlord: str) -> None:
    story = STORIES[landlord](date(2026, 11, 23))
    written = expected(landlord)
    assert set(written) == {step.name for step in story.steps}
    found = {step.name: told(story, without=step.name) for step in story.steps}
    assert found == written


@pytest.mark.parametrize("today", DAYS, ids=str)
@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_story_is_over_by_the_day_it_is_told_for_and_its_steps_follow_each_other(landlord: str, today: date) -> None:
    story = STORIES[landlord](today)
    moments = [step.moment for step in story.steps]
    assert moments == sorted(moments)
    assert story.begins < moments[0]
    assert all(step.day < today for step in story.steps)
    assert len({step.name for step in story.steps}) == len(story.steps)
    letters_and_decisions = [step for step in story.steps if is_working_day(step.day, Nation.ENGLAND_AND_WALES)]
    assert letters_and_decisions == list(story.steps)


@pytest.mark.parametrize("today", DAYS, ids=str)
@pytest.mark.parametrize("landlord", LANDLORDS)
def test_today_one_customer_is_restricted_and_knows_it_and_another_no_longer_is(landlord: str, today: date) -> None:
    story = STORIES[landlord](today)
    stage = Stage(story)
    for step in story.steps:
        stage.take(step)
    restricted, released = (stage.case(customer.alias) for customer in story.customers[:2])
    for day in (today, today + timedelta(days=14)):
        assert list(restricted.binding_on(day))
        assert not list(restricted.untold_on(day))
    assert released.restrictions
    assert not released.in_force_on(today)
    assert released.stage == "closed"


def test_somebody_of_whom_one_contact_is_logged_is_not_restricted() -> None:
    stage = Stage(STORIES["citizen"](date(2026, 11, 23)))
    for step in stage.story.steps:
        stage.take(step)
    case = stage.case("castellane")
    assert case.stage == "logged"
    assert not case.restrictions


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_landlord_has_a_duty_manager_with_a_deputy_and_says_how_those_it_names_are_reached(landlord: str) -> None:
    today = date(2026, 11, 23)
    stage = Stage(STORIES[landlord](today))
    for step in stage.story.steps:
        stage.take(step)
    state = stage.telling.desk.state()
    on_duty = [t.deputy for t in state.tenures if t.role == "duty_manager" and t.covers(today)]
    assert on_duty == [False, True]
    night = london_datetime(date(2026, 12, 25), time(3))
    duty_manager = state.point_on(PointKind.ROLE, "duty_manager", today)
    assert duty_manager is not None
    assert reached(duty_manager, night, Nation.ENGLAND_AND_WALES, state).is_open

    named = [b.measure for customer in stage.story.customers for b in stage.case(customer.alias).binding_on(today)]
    staff = {
        one for measure in named for one in (*measure.contact_staff, *((measure.reader,) if measure.reader else ()))
    }
    offices = {measure.office for measure in named if measure.office}
    for of, codes in ((PointKind.STAFF, staff), (PointKind.OFFICE, offices)):
        for code in codes:
            assert state.point_on(of, code, today) is not None, code
