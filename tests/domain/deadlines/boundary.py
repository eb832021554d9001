"""A last day held against the clock: the last minute of it in London, and the first of the day after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from domain.calendar import Nation
from domain.decisions import CaseCommand
from domain.decisions.deadlines import RecordDeadlinePassed
from domain.decisions.endings import RecordEnd
from domain.decisions.reviews import RecordReviewFellDue
from domain.obligation import Duty, Obligation
from domain.obligations import obligations
from domain.worklist import State, state_on
from tests.domain.world import Road, World

NATIONS = {"E": Nation.ENGLAND_AND_WALES, "S": Nation.SCOTLAND, "N": Nation.NORTHERN_IRELAND}
LAST_MINUTE = time(23, 59)


def road_in(nation: str, landlord: str, today: date) -> Road:
    """The road of a landlord whose policy is what it is, and whose homes are in this nation: E, S or N."""
    road = Road(landlord, today=today)
    road.world.file = replace(road.world.file, policy=road.policy.model_copy(update={"nation": NATIONS[nation]}))
    return road


def owed(world: World, duty: Duty) -> list[Obligation]:
    """What is owed of one kind, in its order."""
    return [one for one in obligations(world.case) if one.duty is duty]


def the(world: World, key: str) -> Obligation:
    """The one thing that is owed under a key."""
    [found] = [one for one in obligations(world.case) if one.key == key]
    return found


def taken_down(world: World, key: str, due_on: date) -> CaseCommand:
    """What the clock does once the last day of something is over."""
    one = the(world, key)
    if one.duty is Duty.TERM:
        return RecordEnd(restriction=one.about)
    if one.duty is Duty.REVIEW:
        return RecordReviewFellDue(restriction=one.about, cadence=one.code, due_on=due_on)
    return RecordDeadlinePassed(obligation=key, due_on=due_on)


def goes_by_after(world: World, key: str, last_day: date) -> None:
    """What is owed under a key is due up to the last minute of a day, and went by with the first of the next."""
    one = the(world, key)
    assert one.due_on == last_day, f"{key} is due on {one.due_on}"
    command = taken_down(world, key, last_day)
    world.today, world.clock = last_day, LAST_MINUTE
    assert world.rules(command) <= {"not_overdue", "not_over_yet"}
    assert state_on(one, last_day) in (State.DUE, State.UPCOMING)
    world.today, world.clock = last_day + timedelta(days=1), time(0, 0)
    if not one.ends_by_itself:
        assert state_on(one, world.today) is (None if one.until_on == last_day else State.OVERDUE)
    before = len(world.history)
    world.do(command)
    [fact] = world.history[before:]
    assert fact.effective_on in (last_day, last_day + timedelta(days=1))
    assert world.rules(command)  # once, and never again
    world.clock = time(12, 0)
