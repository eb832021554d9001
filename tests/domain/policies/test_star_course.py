"""STAR Housing, clauses 13.2 to 15.2: what is on record, breaches, appeals, and reviews while a restriction runs."""

from __future__ import annotations

from datetime import date

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import AppealOutcome, Channel, EndKind, NoticeKind, ReviewOutcome
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.breaches import RecordBreach, ReportBreach
from domain.decisions.endings import LiftRestriction
from domain.decisions.notices import SendNotice
from domain.decisions.reviews import CompleteReview
from domain.events import AppealReviewerAppointed, BreachRecorded, RestrictionApplied, ReviewCompleted
from tests.domain.saying import due, refusals, told
from tests.domain.world import PERSON, Road, staff, words

DECIDED = date(2026, 3, 9)  # a week after the warning of 2 March
MD = "managing_director"


def restricted() -> tuple[Road, str]:
    """A customer who knows of a restriction decided on 9 March 2026."""
    road = Road("star")
    return road, road.restricted()


# records and breaches


@pytest.mark.clause("STA-65", "RECORD")
def test_who_first_and_last_day_the_limits_and_when_told_are_on_record() -> None:
    road = Road("star")
    restriction = road.restricted(road.measure("update_limit"), told=False)
    road.world.wait(2)
    road.told(restriction)

    found = road.world.case.restrictions[-1]

    assert road.world.case.person == PERSON
    assert (found.starts_on, found.last_day()) == (DECIDED, date(2026, 9, 9))
    assert [(m.code, m.clause) for m in found.measures_on(road.world.today)] == [("update_limit", "9.3 r3, 11.3b")]
    assert road.world.case.received_on(restriction) == date(2026, 3, 11)
    lines = told("star")
    assert "Identity: Name and address of the customer. [clause 13.2, must]" in lines
    assert "In force: First and last day of the restrictions. [clause 13.2, must]" in lines
    assert "Restrictions: Each restriction in detail. [clause 13.2, must]" in lines
    assert "Told: The days on which people were told. [clause 13.2, must]" in lines


@pytest.mark.clause("STA-66", "RULE", "NOTIFY", "RECORD")
def test_contact_against_a_limit_is_logged_and_stays_unreported_until_the_manager_was_told() -> None:
    road = Road("star")
    restriction = road.restricted(road.measure("one_channel", open=(Channel.EMAIL,)))
    road.world.wait(1)
    contact = road.contact()
    road.world.do(
        RecordBreach(contact=contact, restriction=restriction, measure=f"{restriction}.1", account=words()), by="staff"
    )
    assert [b.reported_on for b in road.world.case.breaches] == [None]
    assert road.world.rules(ReportBreach(breach="breach-2")) == {"unknown_breach"}
    road.world.wait(1)

    road.world.do(ReportBreach(breach="breach-1"), by="staff")

    assert [b.reported_on for b in road.world.case.breaches] == [date(2026, 3, 11)]
    assert [(f.contact, f.happened_on) for f in road.world.facts(BreachRecorded)] == [(contact, date(2026, 3, 10))]
    lines = told("star")
    assert "Breaches are reported to: Customer Experience Manager. [clause 13.3, must]" in lines
    assert "Breaches: Each contact against a restriction, on Housing One. [clause 13.3, must]" in lines


# appeals


@pytest.mark.clause("STA-67", "DATA", "RULE")
def test_an_appeal_is_heard_by_a_senior_manager_who_took_no_part() -> None:
    road = Road("star")
    road.world.appoint(staff("head_of_service"), "senior_management")
    restriction = road.restricted()
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    proposer = AppointAppealReviewer(appeal="appeal-1", reviewer=staff("head_of_service"))
    assert refusals(road, proposer) == {"independence": "14.1"}
    outsider = AppointAppealReviewer(appeal="appeal-1", reviewer=staff("customer_experience_manager"))
    assert refusals(road, outsider) == {"reviewer_entitled": "14.1"}

    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("senior_management")))

    terms = road.world.facts(RestrictionApplied)[-1].appeal
    assert (terms.right, terms.heard_by, terms.window) == (True, ("senior_management",), None)
    lines = told("star")
    assert "Offered as: right. [clause 14.1, must]" in lines
    assert "It can be made against: decision; measures. [clause 14.1, must]" in lines
    assert "Heard by somebody not involved before: yes. [clause 14.1, must]" in lines


@pytest.mark.clause("STA-67", "DATA")
def test_a_reviewer_junior_to_the_managing_director_is_flagged() -> None:
    road, restriction = restricted()
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))

    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("senior_management")))

    assert [f.junior for f in road.world.facts(AppealReviewerAppointed)] == [True]


@pytest.mark.clause("STA-68", "NOTIFY")
def test_the_outcome_of_an_appeal_goes_out_by_letter_with_reasons_and_what_changes() -> None:
    road, restriction = restricted()
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("senior_management")))
    outcome = DetermineAppeal(
        appeal="appeal-1", outcome=AppealOutcome.VARIED, reasons=words(), measures=(road.measure("single_contact"),)
    )
    road.world.do(outcome, by="senior_management")
    bare = SendNotice(
        kind=NoticeKind.APPEAL_OUTCOME, about="appeal-1", method=DeliveryMethod.READ_ALOUD, contents=("ombudsman",)
    )
    assert refusals(road, bare) == {
        "says_outcome": "14.2",
        "says_reasons": "14.2",
        "says_adjusted": "14.2",
        "notice_before_breach": "baseline 8",
    }

    road.letter(NoticeKind.APPEAL_OUTCOME, "appeal-1", method=DeliveryMethod.BY_ADVOCATE)

    lines = told("star")
    assert "Outcome: What came of the appeal. [clause 14.2, must]" in lines
    assert "Adjusted: What changes in the restrictions. [clause 14.2, must]" in lines


# reviews


@pytest.mark.clause("STA-69", "TIMER")
@pytest.mark.clause("STA-12", "TIMER")
def test_the_status_is_looked_at_after_six_months_and_then_every_three() -> None:
    road = Road("star")
    road.restricted(ends_on=date(2027, 6, 30), term_reason=words())

    (applied,) = road.world.facts(RestrictionApplied)

    assert due(applied, "status") == ["09 Sep 2026", "09 Dec 2026", "09 Mar 2027", "09 Jun 2027"]


@pytest.mark.clause("STA-12", "TIMER")
def test_a_review_asks_whether_it_is_still_needed_and_still_fair() -> None:
    road, restriction = restricted()
    road.world.today = date(2026, 8, 20)
    review = CompleteReview(
        restriction=restriction, cadence="status", outcome=ReviewOutcome.UNCHANGED, assessment=words()
    )
    assert refusals(road, review, by="senior_manager") == {
        "answers_still_needed": "2.2d",
        "answers_still_fair": "2.2d",
    }
    answered = review.model_copy(update={"answers": ("still_needed", "still_fair")})
    assert road.world.rules(answered, by="staff") == {"post_held"}

    road.world.do(answered, by="senior_manager")

    assert [(f.due_on, f.held_on) for f in road.world.facts(ReviewCompleted)] == [(date(2026, 9, 9), date(2026, 8, 20))]
    assert (
        "Looked at again: Restrictions come up again regularly: still needed, still fair? [clause 2.2d, must]"
        in told("star")
    )


@pytest.mark.clause("STA-70", "NOTIFY")
def test_the_customer_gets_a_letter_when_a_review_changes_something() -> None:
    road, restriction = restricted()
    road.world.today = date(2026, 8, 20)
    review = CompleteReview(
        restriction=restriction,
        cadence="status",
        outcome=ReviewOutcome.EASED,
        assessment=words(),
        answers=("still_needed", "still_fair"),
    )
    road.world.do(review, by="head_of_service")
    bare = SendNotice(
        kind=NoticeKind.REVIEW_OUTCOME, about="review-1", method=DeliveryMethod.READ_ALOUD, contents=("reasons",)
    )
    assert refusals(road, bare) == {"says_result": "15.2", "notice_before_breach": "baseline 8"}

    road.letter(NoticeKind.REVIEW_OUTCOME, "review-1", method=DeliveryMethod.BY_ADVOCATE)

    lines = told("star")
    assert "Result: Whether the restrictions go on longer, change or stop. [clause 15.2, must]" in lines
    (place,) = [i for i, line in enumerate(lines) if line.startswith("Review of the status after six months")]
    assert lines[place + 4] == (
        "The customer is told of: eased; varied; extended; lifted. We read it so: Told in writing of every change; "
        "telling that nothing changes is allowed. [clause 15.2, must]"
    )


@pytest.mark.clause("STA-70", "NOTIFY")
def test_a_restriction_can_stop_early_and_the_letter_says_so() -> None:
    road, restriction = restricted()
    road.world.wait(60)
    decision = road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=MD)
    assert decision.clauses == ("15.2",)

    road.letter(NoticeKind.ENDING, restriction)

    ended = road.world.case.restrictions[-1]
    assert (ended.end_kind, ended.over_from) == (EndKind.LIFTED, date(2026, 5, 8))
    assert road.world.case.received_on(restriction, NoticeKind.ENDING) == date(2026, 5, 8)
    assert "A restriction can be lifted early: yes. [clause 15.2, may]" in told("star")
