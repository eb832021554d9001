"""Wolverhampton Homes, clauses 8.2 to 10.3: what is on record, appeals, and reviews while a restriction runs."""

from __future__ import annotations

from datetime import date

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import AppealOutcome, Channel, EndKind, NoticeKind, ReviewOutcome
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.breaches import RecordBreach, ReportBreach
from domain.decisions.endings import LiftRestriction
from domain.decisions.notices import InformPartner, SendNotice
from domain.decisions.reviews import CompleteReview, RequestReview
from domain.events import (
    AppealDetermined,
    BreachReported,
    IncidentRecorded,
    PartnerInformed,
    RestrictionApplied,
    ReviewCompleted,
)
from tests.domain.saying import due, refusals, told
from tests.domain.world import PERSON, Road, staff, words

DECIDED = date(2026, 3, 9)  # a week after the warning of 2 March


def restricted() -> tuple[Road, str]:
    """A customer who knows of a restriction decided on 9 March 2026."""
    road = Road("wolverhampton")
    return road, road.restricted()


# what is kept on record


@pytest.mark.clause("WOL-62", "RECORD")
def test_who_the_customer_is_and_whoever_helped_them_is_on_record_each_for_themselves() -> None:
    road = Road("wolverhampton").opened()
    road.incident("shouting_or_swearing", conduct_of="person-2")
    road.incident("shouting_or_swearing")

    assert road.world.case.person == PERSON
    assert [i.conduct_of for i in road.world.facts(IncidentRecorded)] == ["person-2", PERSON]
    lines = told("wolverhampton")
    assert (
        "Identity: Name and address of the customer, and of a helper who has a case of their own. [clause 8.2, must]"
        in lines
    )
    assert (
        "Subjects only: Somebody who helps the customer is on record here only with a case of their own. We read it "
        "so: The text would record helpers too; a person about whom nothing was decided has no record here. "
        "[clause 8.2, must, assumed]" in lines
    )


@pytest.mark.clause("WOL-63", "RECORD")
def test_first_and_last_day_are_on_record_and_an_early_end_moves_the_last() -> None:
    road, restriction = restricted()
    found = road.world.case.restrictions[-1]
    assert (found.starts_on, found.last_day()) == (DECIDED, date(2026, 9, 9))
    road.world.wait(30)

    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())

    assert road.world.case.restrictions[-1].last_day() == date(2026, 4, 7)
    assert "In force: First and last day of the restrictions. [clause 8.2 b1, must]" in told("wolverhampton")


@pytest.mark.clause("WOL-64", "RECORD")
def test_each_limit_in_force_is_on_record() -> None:
    road = Road("wolverhampton")
    road.restricted(road.measure("witness"), road.measure("contact_limits"))

    in_force = road.world.case.restrictions[-1].measures_on(DECIDED)

    assert [(m.code, m.clause) for m in in_force] == [("witness", "6.3 r6"), ("contact_limits", "6.3 r3")]
    assert "Restrictions: Each restriction. [clause 8.2 b2, must]" in told("wolverhampton")


@pytest.mark.clause("WOL-65", "RECORD", "NOTIFY")
def test_the_days_on_which_customer_and_council_were_told_are_on_record() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(told=False)
    road.world.wait(2)
    road.told(restriction)
    road.world.wait(1)
    council = InformPartner(
        restriction=restriction, audience="council", partner="city_of_wolverhampton_council", basis=words()
    )
    newspaper = council.model_copy(update={"partner": "local_newspaper"})
    assert refusals(road, newspaper) == {"unknown_partner": "8.2 b3"}

    road.world.do(council)

    assert road.world.case.received_on(restriction) == date(2026, 3, 11)
    assert [(f.partner, f.informed_on) for f in road.world.facts(PartnerInformed)] == [
        ("city_of_wolverhampton_council", date(2026, 3, 12))
    ]
    lines = told("wolverhampton")
    assert "Told: The day the customer was told, and the day the council was. [clause 8.2 b3, must]" in lines


@pytest.mark.clause("WOL-66", "NOTIFY", "RECORD")
def test_contact_against_a_limit_is_logged_and_reported_to_the_customer_experience_manager() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(road.measure("one_channel", open=(Channel.LETTER,)))
    road.world.wait(1)
    contact = road.contact()
    breach = RecordBreach(contact=contact, restriction=restriction, measure=f"{restriction}.1", account=words())
    assert road.world.rules(ReportBreach(breach="breach-1")) == {"unknown_breach"}

    road.world.do(breach)
    road.world.wait(1)
    road.world.do(ReportBreach(breach="breach-1"), by="staff")

    (logged,) = road.world.case.breaches
    assert (logged.happened_on, logged.reported_on) == (date(2026, 3, 10), date(2026, 3, 11))
    assert road.world.facts(BreachReported)[-1].breach == "breach-1"
    lines = told("wolverhampton")
    assert "Breaches are reported to: Customer Experience Manager. [clause 8.2 b4, should]" in lines
    assert "Breaches: Each contact against a restriction. [clause 8.2 b4, should]" in lines


# appeals


def appeal_upheld(road: Road, restriction: str) -> str:
    """An appeal that a director heard and that changed nothing; its id."""
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    appeal = road.world.case.appeals[-1].id
    road.world.do(AppointAppealReviewer(appeal=appeal, reviewer=staff("director")))
    determined = DetermineAppeal(appeal=appeal, outcome=AppealOutcome.UPHELD, reasons=words())
    road.world.do(determined, by="director")
    return appeal


@pytest.mark.clause("WOL-67", "DATA")
def test_the_customer_may_appeal_or_somebody_for_them() -> None:
    road, restriction = restricted()

    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.do(LodgeAppeal(against=restriction, reasons=words(), by="person-2"))

    assert [a.in_time for a in road.world.case.appeals] == [True, True]
    assert "Who may appeal: customer; representative. [clause 9, must]" in told("wolverhampton")


@pytest.mark.clause("WOL-68", "DATA", "RULE")
def test_any_limit_or_change_can_be_appealed_as_of_right_to_a_director_who_took_no_part() -> None:
    road = Road("wolverhampton")
    involved = staff("head_of_customer_experience")
    road.world.appoint(involved, "director")
    restriction = road.restricted()
    road.world.do(LodgeAppeal(against=restriction, about="measures", reasons=words()))
    decided_it = AppointAppealReviewer(appeal="appeal-1", reviewer=involved)
    assert refusals(road, decided_it) == {"independence": "9.1"}
    manager = AppointAppealReviewer(appeal="appeal-1", reviewer=staff("senior_management"))
    assert refusals(road, manager) == {"reviewer_entitled": "9.1"}

    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("director")))

    terms = road.world.facts(RestrictionApplied)[-1].appeal
    assert (terms.right, terms.heard_by, terms.window, terms.clause) == (True, ("director",), None, "9.1")
    lines = told("wolverhampton")
    assert (
        "It can be made against: decision; measures; review. We read it so: Changes to contact can be appealed too, "
        "and those come from a review. [clause 9.1, must]" in lines
    )
    assert "Heard by: Director. [clause 9.1, must]" in lines


@pytest.mark.clause("WOL-69", "NOTIFY")
def test_the_outcome_of_an_appeal_goes_out_by_letter() -> None:
    road, restriction = restricted()
    appeal = appeal_upheld(road, restriction)
    contents = tuple(c for c in road.contents(NoticeKind.APPEAL_OUTCOME) if c != "outcome")
    bare = SendNotice(kind=NoticeKind.APPEAL_OUTCOME, about=appeal, method=DeliveryMethod.BY_HAND, contents=contents)
    assert refusals(road, bare) == {"says_outcome": "9.2"}

    road.letter(NoticeKind.APPEAL_OUTCOME, appeal, method=DeliveryMethod.BY_ADVOCATE)

    assert [d.outcome for d in road.world.facts(AppealDetermined)] == ["upheld"]
    lines = told("wolverhampton")
    assert "Outcome: Whether the limits stay, or what was agreed instead. [clause 9.2, must]" in lines
    assert (
        "Appeal outcome. Sent as: e-mail; first class post; by hand; collected; through an advocate. Sent by: "
        "Director. [clause 9.2, must]" in lines
    )


# reviews


@pytest.mark.clause("WOL-70", "TIMER", "DATA")
def test_the_status_is_looked_at_each_month_and_by_the_panel_each_quarter() -> None:
    road, _ = restricted()

    (applied,) = road.world.facts(RestrictionApplied)

    assert due(applied, "monthly") == [
        "09 Apr 2026",
        "09 May 2026",
        "09 Jun 2026",
        "09 Jul 2026",
        "09 Aug 2026",
        "09 Sep 2026",
    ]
    assert due(applied, "three_monthly") == ["09 Jun 2026", "09 Sep 2026"]


@pytest.mark.clause("WOL-70", "DATA")
@pytest.mark.parametrize(
    ("cadence", "by", "refused"),
    [
        ("monthly", "staff", False),
        ("monthly", "customer_experience_manager", False),
        ("monthly", "director", True),
        ("three_monthly", "customer_experience_panel", False),
        ("three_monthly", "customer_experience_manager", True),
        ("formal", "head_of_customer_experience", False),
        ("formal", "customer_experience_panel", True),
    ],
)
def test_each_review_is_held_by_whom_it_falls_to(cadence: str, by: str, refused: bool) -> None:
    road, restriction = restricted()
    road.world.wait(31)
    review = CompleteReview(
        restriction=restriction, cadence=cadence, outcome=ReviewOutcome.UNCHANGED, assessment=words()
    )

    if refused:
        assert road.world.rules(review, by=by) == {"post_held"}
    else:
        road.world.do(review, by=by)
        assert road.world.case.restrictions[-1].reviews[-1].cadence == cadence


@pytest.mark.clause("WOL-71", "RULE")
def test_better_conduct_can_end_it_early() -> None:
    road, restriction = restricted()
    road.world.wait(60)
    road.world.do(RequestReview(restriction=restriction, reasons=words()))
    look = CompleteReview(
        restriction=restriction,
        cadence="better_conduct",
        outcome=ReviewOutcome.LIFTED,
        assessment=words(),
        answers=("better_approach",),
    )
    assert road.world.rules(look, by="staff") == {"post_held"}

    decision = road.world.do(look, by="head_of_customer_experience")

    assert decision.clauses == ("10.2",)
    lifted = road.world.case.restrictions[-1]
    assert (lifted.end_kind, lifted.over_from) == (EndKind.LIFTED, date(2026, 5, 8))
    lines = told("wolverhampton")
    assert "A restriction can be lifted early: yes. [clause 10.2, may]" in lines
    assert "Better approach: Does the customer go about things more acceptably now? [clause 10.2, may]" in lines


@pytest.mark.clause("WOL-72", "NOTIFY")
def test_the_customer_hears_what_came_of_a_review() -> None:
    road, restriction = restricted()
    road.world.wait(90)
    review = CompleteReview(
        restriction=restriction, cadence="three_monthly", outcome=ReviewOutcome.EASED, assessment=words()
    )
    road.world.do(review, by="customer_experience_panel")
    held = road.world.facts(ReviewCompleted)[-1].review
    bare = SendNotice(kind=NoticeKind.REVIEW_OUTCOME, about=held, method=DeliveryMethod.BY_HAND, contents=("reasons",))
    assert refusals(road, bare) == {"says_result": "10.3"}

    road.letter(NoticeKind.REVIEW_OUTCOME, held)

    assert road.world.case.notices_about(held, NoticeKind.REVIEW_OUTCOME)


@pytest.mark.clause("WOL-72", "NOTIFY")
@pytest.mark.parametrize(
    "review",
    [
        "Monthly look at the customer's status.",
        "Three-monthly review by the panel.",
        "Formal review on the date that the decision gives.",
        "Quarterly review by the panel beyond twelve months.",
    ],
)
def test_every_change_that_a_review_brings_is_told(review: str) -> None:
    lines = told("wolverhampton")
    (place,) = [i for i, line in enumerate(lines) if line.startswith(review)]

    assert lines[place + 1] == (
        "The customer is told of: eased; varied; extended; lifted. We read it so: Told of every change and extension; "
        "telling that nothing changes is allowed. [clause 10.3, must]"
    )
