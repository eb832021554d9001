"""Baseline 3: every restriction has an end and a review by then; when its last day has passed it is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import Period, Unit
from domain.codes import NoticeKind, ReviewOutcome
from domain.decisions import Situation
from domain.decisions.reviews import CompleteReview, RecordReviewFellDue
from domain.decisions.terms import schedule
from domain.events import RestrictionApplied, RestrictionExtended, ReviewCompleted
from domain.policy import Term
from tests.domain.baseline.silence import silent
from tests.domain.saying import due, refusals
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, World, words

DECIDED = date(2026, 3, 9)
LAST_DAYS = {
    "citizen": date(2026, 9, 5),  # 180 days, as this decision says
    "derby": date(2027, 3, 9),
    "maidstone": date(2026, 6, 9),
    "star": date(2026, 9, 9),
    "wolverhampton": date(2026, 9, 9),
}
CADENCES = {
    "citizen": {"regular"},
    "derby": {"twelve_monthly"},
    "maidstone": {"three_monthly"},
    "star": {"status"},
    "wolverhampton": {"monthly", "three_monthly", "formal"},
}
IN_EXCEPTIONAL_CASES = {"star": {"extended"}, "wolverhampton": {"exceptional"}}


# an end


def test_a_restriction_without_an_end_is_refused_whether_the_policy_asks_for_one_or_not() -> None:
    for road, clause in ((Road("citizen"), "3.5¶3"), (silent("citizen", term=Term()), "baseline 3")):
        proposal = road.ready()
        endless = road.application(proposal, ends_on=None)
        assert refusals(road, endless, by=road.decider()) == {"an_end_and_a_review": clause}
        road.world.do(road.application(proposal, ends_on=date(2026, 4, 9)), by=road.decider())


@pytest.mark.parametrize("ends_on", [DECIDED, DECIDED - timedelta(days=1)])
def test_an_end_before_the_second_day_is_refused(ends_on: date) -> None:
    road = Road("citizen")
    proposal = road.ready()
    assert "end_before_start" in road.world.rules(road.application(proposal, ends_on=ends_on), by=road.decider())
    road.world.do(road.application(proposal, ends_on=DECIDED + timedelta(days=1)), by=road.decider())


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_it_is_in_force_on_its_last_day_and_over_on_the_next_though_nothing_was_recorded(landlord: str) -> None:
    road = Road(landlord)
    road.restricted()
    last_day = LAST_DAYS[landlord]
    assert road.world.today == DECIDED
    assert [r.ends_on for r in road.world.case.in_force_on(last_day)] == [last_day]
    assert road.world.case.in_force_on(last_day + timedelta(days=1)) == ()
    assert not list(road.world.case.binding_on(last_day + timedelta(days=1)))


@pytest.mark.parametrize(
    ("landlord", "decided", "last_day"),
    [
        ("maidstone", date(2026, 11, 30), date(2027, 2, 28)),
        ("maidstone", date(2027, 11, 30), date(2028, 2, 29)),
        ("derby", date(2028, 2, 29), date(2029, 2, 28)),
        ("star", date(2026, 8, 31), date(2027, 2, 28)),
    ],
)
def test_a_term_in_months_ends_with_a_shorter_month(landlord: str, decided: date, last_day: date) -> None:
    road = Road(landlord, today=decided - timedelta(days=7))
    road.restricted()
    assert road.world.case.restrictions[0].ends_on == last_day


# a review


@pytest.fixture(scope="module")
def situations() -> dict[str, Situation]:
    """A landlord of each policy."""
    return {name: World(name).situation("case_officer") for name in LANDLORDS}


PERIODS = st.builds(Period, st.integers(1, 24), st.sampled_from([Unit.WEEK, Unit.MONTH]))


@given(
    landlord=st.sampled_from(LANDLORDS),
    decided=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    days=st.integers(1, 1200),
    exceptional=st.booleans(),
    every=st.none() | PERIODS,
)
def test_every_cadence_has_a_review_on_or_before_the_end_whatever_the_term(
    landlord: str, decided: date, days: int, exceptional: bool, every: Period | None, situations: dict[str, Situation]
) -> None:
    ends_on = decided + timedelta(days=days)
    found = schedule(decided, decided, ends_on, exceptional=exceptional, every=every, situation=situations[landlord])
    wanted = CADENCES[landlord] | (IN_EXCEPTIONAL_CASES.get(landlord, set()) if exceptional else set())
    assert {s.cadence for s in found} == wanted
    assert all(decided < s.due_on <= ends_on and s.opens_on < s.due_on for s in found)


@given(
    landlord=st.sampled_from(LANDLORDS),
    decided=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    days=st.integers(1, 800),
    longer=st.integers(1, 400),
)
def test_every_cadence_has_a_review_in_the_time_by_which_a_term_grew(
    landlord: str, decided: date, days: int, longer: int, situations: dict[str, Situation]
) -> None:
    old_end = decided + timedelta(days=days)
    new_end = old_end + timedelta(days=longer)
    found = schedule(decided, old_end, new_end, exceptional=False, every=None, situation=situations[landlord])
    assert {s.cadence for s in found} == CADENCES[landlord]
    assert all(old_end < s.due_on <= new_end for s in found)


def test_under_a_policy_without_reviews_the_decider_looks_at_it_by_its_end() -> None:
    road = silent("citizen", reviews={})
    restriction = road.restricted(ends_on=date(2026, 9, 9))
    (review,) = road.world.facts(RestrictionApplied)[-1].reviews
    assert (review.due_on, review.by, review.clause) == (date(2026, 9, 9), ("head_of_service",), "baseline 3")
    road.world.today = date(2026, 9, 1)
    held = CompleteReview(
        restriction=restriction, cadence="baseline", outcome=ReviewOutcome.UNCHANGED, assessment=words()
    )
    road.world.do(held, by=road.decider())
    assert road.world.case.restrictions[0].pending_reviews() == ()


def test_reviews_are_counted_from_the_decision_so_that_february_shortens_no_later_month() -> None:
    road = Road("wolverhampton", today=date(2026, 8, 24))
    road.restricted()
    (applied,) = road.world.facts(RestrictionApplied)
    assert due(applied, "monthly") == [
        "30 Sep 2026",
        "31 Oct 2026",
        "30 Nov 2026",
        "31 Dec 2026",
        "31 Jan 2027",
        "28 Feb 2027",
    ]
    assert due(applied, "three_monthly") == ["30 Nov 2026", "28 Feb 2027"]
    assert due(applied, "formal") == ["28 Feb 2027"]


def star_review(restriction: str) -> CompleteReview:
    """STAR's review with every question answered."""
    return CompleteReview(
        restriction=restriction,
        cadence="status",
        outcome=ReviewOutcome.UNCHANGED,
        assessment=words(),
        answers=("still_needed", "still_fair"),
    )


def test_a_review_opens_twenty_working_days_before_it_is_due_and_before_that_counts_for_none() -> None:
    road = Road("star")
    restriction = road.restricted()  # its review is due on 9 September 2026; 31 August is a bank holiday
    road.world.today = date(2026, 8, 10)
    road.world.do(star_review(restriction), by="head_of_service")
    road.world.today = date(2026, 8, 11)
    road.world.do(star_review(restriction), by="head_of_service")
    assert [r.due_on for r in road.world.facts(ReviewCompleted)] == [None, date(2026, 9, 9)]


def test_a_review_held_late_does_not_move_the_next() -> None:
    road = Road("wolverhampton", today=date(2026, 8, 24))
    restriction = road.restricted()
    road.world.today = date(2026, 10, 20)  # three weeks after it was due, and within the opening of the next
    late = CompleteReview(
        restriction=restriction, cadence="monthly", outcome=ReviewOutcome.UNCHANGED, assessment=words()
    )
    road.world.do(late, by="customer_experience_manager")
    pending = [s.due_on for s in road.world.case.restrictions[0].pending_reviews() if s.cadence == "monthly"]
    assert pending == [date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28)]
    missed = [s.due_on for s in road.world.case.restrictions[0].missed_reviews(road.world.today)]
    assert missed == [date(2026, 9, 30)]


def test_a_review_is_overdue_from_the_day_after_and_counted_once() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    fell_due = RecordReviewFellDue(restriction=restriction, cadence="three_monthly", due_on=date(2026, 6, 9))
    road.world.today = date(2026, 6, 9)
    assert road.world.rules(fell_due) == {"not_overdue"}
    road.world.today = date(2026, 6, 20)
    road.world.do(fell_due)
    assert road.world.history[-1].effective_on == date(2026, 6, 9)
    assert road.world.rules(fell_due) == {"already_recorded"}


# longer


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_an_extension_on_the_last_day_stands_with_its_letter_and_new_reviews(landlord: str) -> None:
    road = Road(landlord)
    restriction = road.restricted()
    last_day = road.world.today = LAST_DAYS[landlord]
    longer = last_day + timedelta(days=60)
    road.world.do(road.extension(restriction, longer), by=road.decider())
    (extended,) = road.world.facts(RestrictionExtended)
    assert {r.cadence for r in extended.reviews} == CADENCES[landlord]
    assert all(last_day < r.due_on <= longer for r in extended.reviews)
    assert road.world.case.restrictions[0].in_force_on(longer)
    assert [n.kind for n in road.world.case.notices][-1] is NoticeKind.EXTENSION
    assert road.world.case.notices[-1].sent_on == last_day


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_the_day_after_the_end_is_too_late_to_extend(landlord: str) -> None:
    road = Road(landlord)
    restriction = road.restricted()
    road.world.today = LAST_DAYS[landlord] + timedelta(days=1)
    late = road.extension(restriction, road.world.today + timedelta(days=60))
    assert refusals(road, late, by=road.decider()) == {"restriction_over": "the record itself"}
    backdated = late.model_copy(update={"on": LAST_DAYS[landlord]})
    assert refusals(road, backdated, by=road.decider()) == {"restriction_over": "the record itself"}


@pytest.mark.parametrize("missing", ["behaviour", "reasons", "measures", "dates", "appeal", "ombudsman"])
def test_an_extension_whose_letter_lacks_something_is_refused(missing: str) -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    whole = road.extension(restriction, date(2026, 8, 9))
    lacking = whole.model_copy(update={"contents": tuple(c for c in whole.contents if c != missing)})
    assert f"says_{missing}" in road.world.rules(lacking, by=road.decider())
    road.world.do(whole, by=road.decider())


def test_an_extension_ends_later_than_the_term_that_it_extends() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    for same_or_sooner in (LAST_DAYS["maidstone"], DECIDED + timedelta(days=1)):
        assert road.world.rules(road.extension(restriction, same_or_sooner), by=road.decider()) == {"end_before_start"}


def test_the_letter_of_an_extension_has_gone_out_and_not_before_the_decision() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    command = road.extension(restriction, date(2026, 8, 9))
    for sent_at, rule in (
        (datetime(2026, 3, 9, 13, tzinfo=UTC), "not_in_the_future"),
        (datetime(2026, 3, 9, 11, tzinfo=UTC), "sent_after_deciding"),
    ):
        assert road.world.rules(command.model_copy(update={"sent_at": sent_at}), by=road.decider()) == {rule}


def test_a_term_of_more_than_ten_years_is_no_end() -> None:
    road = Road("citizen")
    proposal = road.ready()
    decided_on = road.world.today
    endless = road.application(proposal, ends_on=date(decided_on.year + 10, decided_on.month, decided_on.day + 1))
    (violation,) = road.world.refused(endless, by=road.decider())
    assert (violation.rule, violation.clause, violation.field) == ("an_end_and_a_review", "baseline 3", "ends_on")


@pytest.mark.parametrize("landlord", ["citizen", "star"])
def test_a_term_of_ten_years_is_reviewed_to_its_last_day(landlord: str) -> None:
    road = Road(landlord)
    proposal = road.ready()
    last = date(road.world.today.year + 10, road.world.today.month, road.world.today.day)
    road.world.do(road.application(proposal, ends_on=last, term_reason=words()), by=road.decider())
    (restriction,) = road.world.case.restrictions
    assert max(review.due_on for review in restriction.schedule) == last
