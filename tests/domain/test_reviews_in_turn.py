"""Reviews that are held in time count for their own date, also when the next one is open already."""

from datetime import date

from domain.codes import ReviewOutcome
from domain.decisions.reviews import CompleteReview
from tests.domain.world import Road, words


def test_a_monthly_review_held_on_its_day_is_not_counted_for_the_month_after() -> None:
    # With Christmas and New Year in between, the review due on 25 January opens before 24 December.
    road = Road("wolverhampton", today=date(2027, 10, 15))
    restriction = road.restricted()
    applied = road.world.case.restrictions[-1]
    december = next(s.due_on for s in applied.schedule if s.cadence == "monthly" and s.due_on.month == 12)
    january = next(s for s in applied.schedule if s.cadence == "monthly" and s.due_on.month == 1)
    assert january.opens_on <= december
    road.world.today = december
    review = CompleteReview(
        restriction=restriction, cadence="monthly", outcome=ReviewOutcome.UNCHANGED, assessment=words()
    )
    road.world.do(review, by="staff")
    assert road.world.case.restrictions[-1].reviews[-1].due_on == december


def test_a_review_held_after_its_date_counts_for_that_date_until_the_next_one_is_open() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    due = next(s.due_on for s in road.world.case.restrictions[-1].schedule if s.cadence == "three_monthly")
    road.world.today = due
    road.world.do(road.extension(restriction, date(due.year, 12, 1)), by=road.decider())
    road.world.wait(5)
    review = CompleteReview(
        restriction=restriction,
        cadence="three_monthly",
        outcome=ReviewOutcome.UNCHANGED,
        answers=("no_longer_than_needed", "record_still_needed"),
        assessment=words(),
    )
    road.world.do(review, by="policy_and_information")
    assert road.world.case.restrictions[-1].reviews[-1].due_on == due
