"""Calls at agreed times: each is due through its own day in London, one by one, and no holiday moves them."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from domain.decisions.agreed_calls import KeepAgreedCall
from domain.decisions.deadlines import RecordDeadlinePassed
from domain.duties import applies
from domain.events import DeadlinePassed
from domain.obligation import Duty
from tests.domain.deadlines.boundary import LAST_MINUTE, owed, road_in
from tests.domain.world import Road

DAY = timedelta(days=1)
R = "restriction-1"


def agreed(nation: str, decided_on: date, slot: str) -> Road:
    """A call at this time each week was agreed with a decision of a day."""
    road = road_in(nation, "wolverhampton", decided_on - timedelta(days=7))
    road.restricted(road.measure("single_contact", slots=(slot,)))
    return road


# By hand: the first three from the week after the decision, and on which day each lies.
@pytest.mark.clause("WOL-45", "TIMER")
@pytest.mark.parametrize("nation", ["E", "S", "N"])
@pytest.mark.parametrize(
    ("decided_on", "slot", "due"),
    [
        (date(2026, 10, 12), "sunday 10:00", [date(2026, 10, 18), date(2026, 10, 25), date(2026, 11, 1)]),
        (date(2027, 3, 15), "sunday 23:30", [date(2027, 3, 21), date(2027, 3, 28), date(2027, 4, 4)]),
        (date(2026, 12, 18), "friday 09:00", [date(2026, 12, 25), date(2027, 1, 1), date(2027, 1, 8)]),
        (date(2028, 2, 15), "tuesday 00:30", [date(2028, 2, 22), date(2028, 2, 29), date(2028, 3, 7)]),
    ],
)
def test_a_call_is_due_through_its_day_and_missed_from_the_next_each_by_itself(
    nation: str, decided_on: date, slot: str, due: list[date]
) -> None:
    road = agreed(nation, decided_on, slot)
    world, key = road.world, f"agreed_call:{R}.1:{slot}"
    [calls] = owed(world, Duty.AGREED_CALL)
    assert (calls.key, calls.clause) == (key, "6.3 r5")
    assert applies(calls, road.policy)
    assert list(calls.occurrences(due[-1])) == due
    for day in due:
        gone = RecordDeadlinePassed(obligation=key, due_on=day)
        world.today, world.clock = day, LAST_MINUTE
        assert world.rules(gone) == {"not_overdue"}
        world.today, world.clock = day + DAY, time(0, 0)
        world.do(gone)
        assert world.rules(gone) == {"already_recorded"}
    assert [fact.due_on for fact in world.facts(DeadlinePassed)] == due


@pytest.mark.clause("WOL-45", "TIMER")
def test_a_call_that_was_made_on_its_day_never_goes_by_and_the_next_one_does() -> None:
    road = agreed("E", date(2026, 12, 18), "friday 09:00")
    world, key = road.world, f"agreed_call:{R}.1:friday 09:00"
    world.today = date(2026, 12, 25)
    world.do(KeepAgreedCall(restriction=R, measure=f"{R}.1", slot="friday 09:00"))
    world.today = date(2027, 1, 2)
    assert world.rules(RecordDeadlinePassed(obligation=key, due_on=date(2026, 12, 25))) == {"not_overdue"}
    world.do(RecordDeadlinePassed(obligation=key, due_on=date(2027, 1, 1)))


@pytest.mark.clause("WOL-45", "TIMER")
def test_a_landlord_that_does_not_owe_the_calls_is_asked_for_none() -> None:
    road = agreed("E", date(2026, 12, 18), "friday 09:00")
    [calls] = owed(road.world, Duty.AGREED_CALL)
    kind = road.policy.measures["single_contact"]
    free = {**road.policy.measures, "single_contact": kind.model_copy(update={"owes": ()})}
    assert not applies(calls, road.policy.model_copy(update={"measures": free}))
