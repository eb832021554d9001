"""That a last day went by is taken down: once, at its true date, never ahead of time, and never as an act."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.codes import ReviewOutcome, SafetyOutcome
from domain.decisions.deadlines import RecordDeadlinePassed
from domain.decisions.endings import CloseCase, LiftRestriction, RecordEnd
from domain.decisions.reviews import CompleteReview, RecordReviewFellDue, RequestReview
from domain.decisions.support import DecideAdjustment, RequestAdjustment
from domain.events import SYSTEM, DeadlinePassed, RestrictionEnded, ReviewFellDue
from domain.obligation import Duty, Obligation
from domain.obligations import obligations
from tests.domain.test_safety import reviewed, standing
from tests.domain.world import Road, World, words

CLOCK = SYSTEM  # it holds no post, and needs none
NOBODY = "staff-nobody"  # no post is held under that name
ADJUSTMENT = "adjustment:adjustment-1"


def asked_for(landlord: str = "derby") -> tuple[Road, date]:
    """A case in which an adjustment was asked for, and the last day to answer it."""
    road = Road(landlord).opened()
    road.world.do(RequestAdjustment(kind="home_visits", needs=words()))
    due = road.world.case.adjustments[0].answer_by_on
    assert due is not None
    return road, due


def owed(world: World, duty: Duty) -> list[Obligation]:
    return [one for one in obligations(world.case) if one.duty is duty]


def passed(due: date, key: str = ADJUSTMENT) -> RecordDeadlinePassed:
    return RecordDeadlinePassed(obligation=key, due_on=due)


def test_on_its_last_day_nothing_went_by_and_the_day_after_it_did() -> None:
    road, due = asked_for()
    road.world.today = due
    assert road.world.rules(passed(due), by=CLOCK) == {"not_overdue"}
    road.world.today = due + timedelta(days=1)
    road.world.do(passed(due), by=CLOCK)
    [fact] = road.world.facts(DeadlinePassed)
    assert fact == DeadlinePassed(obligation=ADJUSTMENT, duty="adjustment", about="adjustment-1", due_on=due)
    assert road.world.history[-1].effective_on == due + timedelta(days=1)


def test_however_late_it_is_taken_down_its_date_is_the_true_one_and_it_is_owed_all_the_same() -> None:
    road, due = asked_for()
    road.world.today = due + timedelta(days=40)
    road.world.do(passed(due), by=CLOCK)
    assert road.world.history[-1].effective_on == due + timedelta(days=1)
    [one] = owed(road.world, Duty.ADJUSTMENT)
    assert (one.due_on, one.passed, one.goes_by_on) == (due, True, None)


def test_it_is_taken_down_once() -> None:
    road, due = asked_for()
    road.world.today = due + timedelta(days=1)
    road.world.do(passed(due), by=CLOCK)
    assert road.world.rules(passed(due), by=CLOCK) == {"already_recorded"}


def test_what_was_done_before_or_never_owed_did_not_go_by() -> None:
    road, due = asked_for()
    road.world.do(DecideAdjustment(adjustment="adjustment-1", agreed=False, reason=words()))
    road.world.today = due + timedelta(days=1)
    assert road.world.rules(passed(due), by=CLOCK) == {"unknown_obligation"}
    assert road.world.rules(passed(due, "adjustment:adjustment-9"), by=CLOCK) == {"unknown_obligation"}


def test_another_day_than_the_one_it_was_due_by_did_not_go_by() -> None:
    road, due = asked_for()
    road.world.today = due + timedelta(days=10)
    assert road.world.rules(passed(due + timedelta(days=1)), by=CLOCK) == {"not_overdue"}


@pytest.mark.parametrize("duty", [Duty.TERM, Duty.REVIEW])
def test_what_has_a_fact_of_its_own_is_sent_there(duty: Duty) -> None:
    road = Road("derby")
    road.restricted()
    one = owed(road.world, duty)[0]
    assert one.due_on is not None
    road.world.today = one.due_on + timedelta(days=1)
    assert road.world.rules(passed(one.due_on, one.key), by=CLOCK) == {"has_its_own_command"}


def test_what_ends_by_itself_is_no_deadline_that_anybody_missed() -> None:
    road = Road("derby")
    road.restricted()
    [window] = owed(road.world, Duty.APPEAL_WINDOW)
    assert window.due_on is not None
    assert window.goes_by_on is None
    road.world.today = window.due_on + timedelta(days=1)
    assert road.world.rules(passed(window.due_on, window.key), by=CLOCK) == {"unknown_obligation"}


def test_a_review_that_was_left_out_went_by_also_once_a_later_one_was_held_in_time() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted()
    first, second = [s for s in road.world.case.restrictions[0].schedule if s.cadence == "monthly"][:2]
    road.world.today = second.due_on
    held = CompleteReview(
        restriction=restriction, cadence="monthly", outcome=ReviewOutcome.UNCHANGED, assessment=words()
    )
    road.world.do(held, by="staff")
    assert first.due_on in {one.due_on for one in owed(road.world, Duty.REVIEW) if one.goes_by_on is not None}
    fell_due = RecordReviewFellDue(restriction=restriction, cadence="monthly", due_on=first.due_on)
    road.world.do(fell_due, by=CLOCK)
    assert road.world.history[-1].effective_on == first.due_on
    assert [f.due_on for f in road.world.facts(ReviewFellDue)] == [first.due_on]
    assert first.due_on not in {one.due_on for one in owed(road.world, Duty.REVIEW)}


def test_what_is_owed_no_more_when_its_day_comes_does_not_go_by() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.do(RequestReview(restriction=restriction, reasons=words()))
    [asked] = owed(road.world, Duty.REQUEST)
    assert asked.due_on is not None
    assert asked.goes_by_on == asked.due_on
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())
    [moot] = owed(road.world, Duty.REQUEST)
    assert moot.goes_by_on is None
    road.world.today = asked.due_on + timedelta(days=1)
    assert road.world.rules(passed(asked.due_on, asked.key), by=CLOCK) == {"not_overdue"}


def test_a_safety_warning_that_was_looked_at_late_and_taken_away_is_not_looked_at_again() -> None:
    road = standing()
    due = road.world.case.safety[0].review_on
    road.world.today = due + timedelta(days=3)
    assert [one.goes_by_on for one in owed(road.world, Duty.SAFETY_REVIEW)] == [due]
    road.world.do(reviewed(SafetyOutcome.REMOVED), by="duty_manager")
    assert owed(road.world, Duty.SAFETY_REVIEW) == []


def test_a_closed_case_takes_down_its_end_and_the_reviews_that_were_missed() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    found = road.world.case.restrictions[0]
    road.world.today = found.ends_on + timedelta(days=1)
    road.world.do(CloseCase(), by="manager")
    road.world.wait(30)
    [review] = owed(road.world, Duty.REVIEW)
    assert review.due_on is not None
    fell_due = RecordReviewFellDue(restriction=restriction, cadence=review.code, due_on=review.due_on)
    road.world.do(fell_due, by=CLOCK)
    road.world.do(RecordEnd(restriction=restriction), by="staff")
    assert road.world.case.stage == "closed"
    assert [fact.last_day for fact in road.world.facts(RestrictionEnded)] == [found.ends_on]
    assert [one.key for one in obligations(road.world.case) if one.goes_by_on is not None] == []


def test_a_person_takes_down_that_a_day_went_by_in_a_post() -> None:
    road, due = asked_for()
    road.world.today = due + timedelta(days=1)
    assert road.world.rules(passed(due), by=NOBODY) == {"post_held"}
    road.world.do(passed(due), by="case_officer")


def test_a_person_takes_down_that_a_review_fell_due_in_a_post() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    first = road.world.case.restrictions[0].schedule[0]
    fell_due = RecordReviewFellDue(restriction=restriction, cadence=first.cadence, due_on=first.due_on)
    road.world.today = first.due_on + timedelta(days=1)
    assert road.world.rules(fell_due, by=NOBODY) == {"post_held"}
    road.world.do(fell_due, by="case_officer")
