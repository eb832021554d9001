"""What the simulated years count by hand, held against what the service lists, in single cases."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from domain.calendar import london_datetime
from domain.codes import Precaution, SafetyOutcome, SubjectId
from domain.decisions.safety import ApproveSafetyWarning, ProposeSafetyWarning, ReviewSafetyWarning
from tests.application.a_desk import HandsOnAClock
from tests.domain.world import words
from tests.soak.by_hand import CADENCES, ByHand
from tests.soak.five_years import House, Life

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)
SOMEBODY = SubjectId("7d1f0a52-6d6b-5d38-9c39-0d1c5c8e7a11")


def a_warning(landlord: str, clock: HandsOnAClock) -> Life:
    """A case with a safety warning that the customer is to be told of, approved on the Monday."""
    clock.at = london_datetime(MONDAY, time(12))
    life = House(landlord, clock).begin()
    road, world = life.road, life.road.world
    world.today = MONDAY
    road.opened(SOMEBODY)
    proposal = ProposeSafetyWarning(
        incident=road.incident(),
        precautions=(Precaution.TWO_STAFF,),
        audience=("visiting_staff",),
        review_on=MONDAY + 20 * DAY,
        expires_on=MONDAY + 100 * DAY,
        reasons=words(),
    )
    world.do(proposal)
    world.do(ApproveSafetyWarning(warning="safety-1", tells_person=True), by="duty_manager")
    return life


@pytest.mark.parametrize("landlord", sorted(CADENCES))
@pytest.mark.parametrize("taken_away", [False, True])
def test_the_telling_of_a_warning_that_was_taken_away_is_owed_no_more(landlord: str, *, taken_away: bool) -> None:
    clock = HandsOnAClock(london_datetime(MONDAY, time(0, 30)))
    life = a_warning(landlord, clock)
    house, world = life.house, life.road.world
    clock.at = london_datetime(MONDAY + 10 * DAY, time(12))
    world.today = MONDAY + 10 * DAY
    if taken_away:
        goes = ReviewSafetyWarning(warning="safety-1", outcome=SafetyOutcome.REMOVED, reasons=words())
        world.do(goes, by="duty_manager")
    house.deadlines.take_in()
    today = MONDAY + 12 * DAY
    known, _ = house.clockworks[0].owed_by(today - DAY, today)

    listed = {(due.owed.duty.value, due.owed.about, due.due_on) for due in known}
    by_hand = ByHand(landlord, house.log.history(world.stream), []).still_owed(today)
    telling = ("telling", "safety-1", MONDAY)
    assert (telling in listed, telling in by_hand) == (not taken_away, not taken_away)
