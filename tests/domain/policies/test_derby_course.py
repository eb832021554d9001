"""Derby Homes, clauses 5 and 6: the appeal, the ombudsman, and the review that comes every twelve months."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import AppealOutcome, NoticeKind, ReviewOutcome
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal, SuspendMeasures
from domain.decisions.endings import LiftRestriction
from domain.decisions.notices import SendNotice
from domain.decisions.reviews import AppointReviewer, CompleteReview
from domain.decisions.steps import IssueWarning
from domain.events import (
    AppealDetermined,
    AppealLodged,
    NoticeSent,
    RestrictionApplied,
    RestrictionExtended,
    RestrictionLifted,
    ReviewCompleted,
    ReviewerAppointed,
)
from tests.domain.saying import told
from tests.domain.world import Road, override, staff, words

REVIEW_DUE = date(2027, 3, 9)
REVIEWER = "departmental_manager"
EXECUTIVE = "executive_team"


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=f"{number} {values[0][:30]}")


def lodged(road: Road, against: str, **changes: Any) -> AppealLodged:
    """An appeal that arrives today."""
    road.world.do(LodgeAppeal(against=against, reasons=words(), **changes))
    return road.world.facts(AppealLodged)[-1]


def given_to(reviewer: str) -> AppointAppealReviewer:
    """The first appeal, given to somebody."""
    return AppointAppealReviewer(appeal="appeal-1", reviewer=reviewer)


def review(restriction: str, **changes: Any) -> CompleteReview:
    """The yearly review with every question answered."""
    fields: dict[str, Any] = {
        "restriction": restriction,
        "cadence": "twelve_monthly",
        "outcome": ReviewOutcome.UNCHANGED,
        "assessment": words(),
        "answers": ("volume_and_nature", "still_unreasonable"),
    }
    return CompleteReview(**{**fields, **changes})


def under_review(today: date = REVIEW_DUE) -> tuple[Road, str]:
    """A restriction whose yearly review was given to the departmental manager."""
    road = Road("derby")
    restriction = road.restricted()
    road.world.today = today
    given = AppointReviewer(restriction=restriction, cadence="twelve_monthly", reviewer=staff(REVIEWER))
    road.world.do(given, by="head_of_service")
    return road, restriction


@pytest.mark.parametrize(
    "line",
    [
        row("DER-45", "Offered as: right. [clause 5¶1, must]"),
        row("DER-45", "It can be made against: decision; review. [clause 5¶1, 6¶3, must]"),
        row(
            "DER-46",
            "Time in which to appeal: 20 working days. We read it so: Counted from receipt of the decision letter; "
            "the text does not say from when. [clause 5¶1, must]",
        ),
        row("DER-46", "Sent to: Customer Experience Team. [clause 5¶1, must]"),
        row("DER-47", "Heard by: Member of the Executive Team. [clause 5¶2, must]"),
        row("DER-47", "Heard by somebody not involved before: yes. [clause 5¶1, 5¶2, must]"),
        row(
            "DER-47",
            "Answered within: 20 working days. We read it so: Counted from receipt of the appeal; the text does not "
            "say from when. [clause 5¶2, must]",
        ),
        row(
            "DER-48",
            "Appeal: The answer to an appeal is kept in the housing management system. [clause 5¶2, must]",
            cls="RECORD",
        ),
        row("DER-49", "Restrictions stay in force meanwhile: yes. [clause 5¶2, must]"),
        row(
            "DER-50",
            "Local Government and Social Care Ombudsman. Says: Can be asked for help at any time; will mostly want "
            "the landlord's own procedure finished before acting on a dispute. We read it so: The text uses the "
            "body's former name. [clause 5¶3, 5¶4, must]",
        ),
        row(
            "DER-51",
            "Local Government and Social Care Ombudsman. Says: Can be asked for help at any time; will mostly want "
            "the landlord's own procedure finished before acting on a dispute. We read it so: The text uses the "
            "body's former name. [clause 5¶3, 5¶4, must]",
            cls="NOTIFY",
        ),
        row(
            "DER-35",
            "Review every twelve months. When: while a restriction is in force. Every: 12 months. Reviewed by: "
            "Departmental manager. Reviewer appointed by: Head of Service. Looks back over: 12 months. It can end in: "
            "unchanged; eased; varied; extended; lifted. The reviewer decides, nobody else has to. We read it so: The "
            "reviewer decides: extend, or close the case; gentler outcomes stay possible. "
            "[clause 6¶1, 6¶2, Step 2¶2, must]",
        ),
        row(
            "DER-56",
            "The customer is told of: unchanged; eased; varied; extended; lifted. [clause 6¶3, must]",
            cls="NOTIFY",
        ),
        row(
            "DER-56",
            "Review decision: The reviewer's decision goes into the housing management system. [clause 6¶3, must]",
            cls="RECORD",
        ),
        row(
            "DER-56",
            "Review letter: The letter about it is kept in the electronic file. [clause 6¶3, must]",
            cls="RECORD",
        ),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("derby")


# Appeal


@pytest.mark.clause("DER-45", "RULE")
@pytest.mark.clause("DER-46", "TIMER", "DATA")
@pytest.mark.parametrize(("arrives", "in_time"), [(date(2026, 4, 8), True), (date(2026, 4, 9), False)])
def test_an_appeal_is_a_right_for_twenty_working_days_from_the_letter(arrives: date, in_time: bool) -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.today = arrives

    appeal = lodged(road, restriction)

    assert road.world.facts(RestrictionApplied)[0].appeal.right
    assert road.world.case.notices[-1].appeal_until == date(2026, 4, 8)  # Good Friday and Easter Monday lie between
    assert (appeal.received_on, appeal.in_time) == (arrives, in_time)


@pytest.mark.clause("DER-47", "TIMER", "DATA")
def test_the_appeal_is_answered_within_twenty_working_days_of_its_arrival() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.wait(2)

    appeal = lodged(road, restriction)

    assert (appeal.received_on, appeal.answer_due_on) == (date(2026, 3, 11), date(2026, 4, 10))


@pytest.mark.clause("DER-45", "RULE")
@pytest.mark.clause("DER-47", "DATA", "RULE")
def test_a_member_of_the_executive_team_hears_it_who_had_no_part_in_the_decision() -> None:
    road = Road("derby").opened()
    road.world.appoint(staff("warner"), "service_manager")
    road.world.appoint(staff("warner"), "executive_team")
    warning = IssueWarning(incidents=(road.incident(),), behaviour=words(), change_asked=words(), consequences=words())
    road.world.do(warning, by="staff-warner")
    road.letter(NoticeKind.WARNING, "warning-1")
    road.world.wait(7)
    incident = road.incident()
    road.circumstances()
    road.world.do(road.application(road.proposed(incident)), by="head_of_service")
    road.told("restriction-1")
    lodged(road, "restriction-1")

    junior = road.world.refused(given_to(staff("departmental_manager")))
    involved = road.world.refused(given_to(staff("warner")))
    road.world.do(given_to(staff(EXECUTIVE)))

    assert [(v.rule, v.clause) for v in junior] == [("reviewer_entitled", "5¶2")]
    assert [(v.rule, v.clause) for v in involved] == [("independence", "5¶1, 5¶2")]
    assert road.world.case.appeals[0].reviewer == staff(EXECUTIVE)


@pytest.mark.clause("DER-48", "NOTIFY", "RECORD")
@pytest.mark.clause("DER-50", "NOTIFY", "DATA")
def test_the_answer_is_recorded_and_its_letter_says_the_outcome_and_names_the_ombudsman() -> None:
    road = Road("derby")
    restriction = road.restricted()
    lodged(road, restriction)
    road.world.do(given_to(staff(EXECUTIVE)))
    road.world.do(DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.UPHELD, reasons=words()), by=EXECUTIVE)
    command = SendNotice(
        kind=NoticeKind.APPEAL_OUTCOME, about="appeal-1", method=DeliveryMethod.BY_HAND, contents=("reasons",)
    )

    missing = {(v.rule, v.clause) for v in road.world.refused(command, by=EXECUTIVE)}
    complete = ("reasons", "outcome", "ombudsman")
    road.world.do(command.model_copy(update={"contents": complete}), by=EXECUTIVE)

    assert missing == {("says_outcome", "5¶2"), ("says_ombudsman", "5¶3")}
    assert [(f.appeal, f.outcome) for f in road.world.facts(AppealDetermined)] == [("appeal-1", "upheld")]
    assert road.world.facts(NoticeSent)[-1].contents == complete


@pytest.mark.clause("DER-49", "RULE", "DATA")
def test_restrictions_stay_in_force_while_the_appeal_is_heard() -> None:
    road = Road("derby")
    restriction = road.restricted()

    appeal = lodged(road, restriction)
    road.world.do(given_to(staff(EXECUTIVE)))
    (violation,) = road.world.refused(SuspendMeasures(appeal="appeal-1", reasons=words()), by=EXECUTIVE)

    assert not appeal.suspended
    assert (violation.rule, violation.clause) == ("in_force_meanwhile", "5¶2")
    assert [b.restriction.id for b in road.world.case.binding_on(road.world.today)] == [restriction]


@pytest.mark.clause("DER-50", "NOTIFY", "DATA")
@pytest.mark.clause("DER-51", "NOTIFY")
def test_the_decision_letter_names_the_ombudsman_and_may_add_that_it_can_be_asked_at_any_time() -> None:
    road = Road("derby")
    restriction = road.restricted(told=False)
    complete = road.contents(NoticeKind.DECISION)
    command = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.BY_HAND,
        contents=tuple(c for c in complete if c not in ("ombudsman", "ombudsman_any_time")),
    )

    missing = [(v.rule, v.clause) for v in road.world.refused(command, by="head_of_service")]
    road.world.do(command.model_copy(update={"contents": complete}), by="head_of_service")

    assert missing == [("says_ombudsman", "5¶3")]
    assert {"ombudsman", "ombudsman_any_time"} <= set(road.world.facts(NoticeSent)[-1].contents)


# Review


@pytest.mark.clause("DER-52", "TIMER")
def test_a_review_falls_due_twelve_months_after_the_decision() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.today = date(2027, 3, 1)

    road.world.do(road.extension(restriction, date(2028, 3, 1)), by="head_of_service")

    due = [(s.cadence, s.due_on, s.opens_on) for s in road.world.case.restrictions[0].schedule]
    assert due[0] == ("twelve_monthly", date(2027, 3, 9), date(2027, 2, 9))
    assert [d for _, d, _ in due] == [date(2027, 3, 9), date(2028, 3, 1)]  # the second when the extension ends


@pytest.mark.clause("DER-53", "RULE", "RECORD")
def test_the_head_of_service_names_a_departmental_manager_who_then_holds_the_review() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.today = REVIEW_DUE
    naming = AppointReviewer(restriction=restriction, cadence="twelve_monthly", reviewer=staff(REVIEWER))

    too_early = road.world.rules(review(restriction), by=REVIEWER)
    by_another = road.world.rules(naming, by="service_manager")
    of_another = road.world.rules(naming.model_copy(update={"reviewer": staff("staff")}), by="head_of_service")
    road.world.do(naming, by="head_of_service")
    held_by_another = road.world.rules(review(restriction), by="head_of_service")
    road.world.do(review(restriction), by=REVIEWER)

    assert too_early == {"reviewer_appointed"}
    assert (by_another, of_another) == ({"post_held"}, {"reviewer_entitled"})
    assert held_by_another == {"post_held", "reviewer_appointed"}
    assert [f.reviewer for f in road.world.facts(ReviewerAppointed)] == [staff(REVIEWER)]
    assert road.world.case.restrictions[0].reviews[0].by == staff(REVIEWER)


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("volume_and_nature", marks=pytest.mark.clause("DER-54", "RULE")),
        pytest.param("still_unreasonable", marks=pytest.mark.clause("DER-55", "RULE", "RECORD")),
    ],
)
def test_the_reviewer_answers_both_questions(question: str) -> None:
    road, restriction = under_review()
    answers = tuple(q for q in ("volume_and_nature", "still_unreasonable") if q != question)

    (violation,) = road.world.refused(review(restriction, answers=answers), by=REVIEWER)
    road.world.do(review(restriction), by=REVIEWER)

    assert (violation.rule, violation.clause) == (f"answers_{question}", "6¶2")
    (fact,) = road.world.facts(ReviewCompleted)
    assert (fact.due_on, question in fact.answers) == (REVIEW_DUE, True)


@pytest.mark.clause("DER-54", "RULE", "RECORD")
def test_the_contact_of_the_last_twelve_months_is_counted() -> None:
    road, restriction = under_review()
    road.contact(happened_on=date(2026, 3, 9))  # a day too long ago, like the two before the decision
    for day in (date(2026, 3, 10), date(2026, 8, 1), date(2027, 3, 9)):
        road.contact(happened_on=day)
    road.contact(happened_on=date(2026, 9, 1), completed=False)

    road.world.do(review(restriction), by=REVIEWER)

    assert road.world.facts(ReviewCompleted)[0].contacts_looked_at == 3


@pytest.mark.clause("DER-35", "RULE", "DATA")
@pytest.mark.clause("DER-55", "RULE", "RECORD")
def test_the_reviewer_closes_the_matter_by_finding_that_it_no_longer_fits() -> None:
    road, restriction = under_review(date(2027, 3, 1))

    road.world.do(review(restriction, outcome=ReviewOutcome.LIFTED), by=REVIEWER)

    (fact,) = road.world.facts(ReviewCompleted)
    (lifted,) = road.world.facts(RestrictionLifted)
    assert (fact.outcome, fact.recommended_by) == ("lifted", None)
    assert (lifted.because_of, lifted.from_on) == (fact.review, date(2027, 3, 1))
    assert road.world.case.in_force_on(date(2027, 3, 1)) == ()


@pytest.mark.clause("DER-35", "RULE", "DATA")
@pytest.mark.clause("DER-55", "RULE")
def test_the_reviewer_prolongs_it_by_the_review_and_not_without_one() -> None:
    road, restriction = under_review(date(2027, 3, 1))
    command = road.extension(restriction, date(2028, 3, 1))

    without = road.world.rules(command, by=REVIEWER)
    road.world.do(review(restriction, outcome=ReviewOutcome.EXTENDED), by=REVIEWER)
    road.world.do(command.model_copy(update={"because_of": "review-1"}), by=REVIEWER)

    assert without == {"post_held"}
    (fact,) = road.world.facts(RestrictionExtended)
    assert (fact.because_of, fact.ends_on) == ("review-1", date(2028, 3, 1))


@pytest.mark.clause("DER-35", "RULE")
def test_an_early_lift_is_always_possible() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.wait(1)

    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by="head_of_service")

    assert road.world.case.in_force_on(road.world.today) == ()


@pytest.mark.clause("DER-56", "RECORD", "NOTIFY")
@pytest.mark.parametrize("outcome", [ReviewOutcome.UNCHANGED, ReviewOutcome.LIFTED])
def test_each_outcome_is_recorded_and_told_in_a_letter_that_is_kept(outcome: ReviewOutcome) -> None:
    road, restriction = under_review()
    road.world.do(review(restriction, outcome=outcome), by=REVIEWER)
    command = SendNotice(
        kind=NoticeKind.REVIEW_OUTCOME, about="review-1", method=DeliveryMethod.BY_HAND, contents=("reasons",)
    )

    (violation,) = road.world.refused(command)
    aloud = command.model_copy(update={"method": DeliveryMethod.READ_ALOUD, "contents": ("reasons", "outcome")})
    spoken = road.world.rules(aloud)
    road.world.do(command.model_copy(update={"contents": ("reasons", "outcome")}))

    assert (violation.rule, violation.clause) == ("says_outcome", "6¶3")
    assert spoken == {"notice_before_breach"}
    assert [f.outcome for f in road.world.facts(ReviewCompleted)] == [outcome]
    (letter,) = road.world.case.notices_about("review-1")
    assert (letter.kind, letter.received_on) == (NoticeKind.REVIEW_OUTCOME, REVIEW_DUE)


@pytest.mark.clause("DER-57", "RULE", "TIMER")
def test_every_yearly_review_can_be_appealed_for_twenty_working_days() -> None:
    road, restriction = under_review(date(2027, 3, 1))
    road.world.do(review(restriction), by=REVIEWER)
    road.letter(NoticeKind.REVIEW_OUTCOME, "review-1")

    appeal = lodged(road, "review-1", about="review")

    (letter,) = road.world.case.notices_about("review-1")
    assert letter.appeal_until == date(2027, 3, 31)  # Good Friday is 26 March, Easter Monday 29 March
    assert (appeal.in_time, appeal.answer_due_on) == (True, date(2027, 3, 31))
    assert road.world.facts(ReviewCompleted)[0].appeal is not None


def test_whoever_warned_does_not_review_unless_the_head_of_service_says_why() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.appoint(staff("service_manager"), "departmental_manager")
    road.world.today = date(2027, 3, 1)
    command = AppointReviewer(restriction=restriction, cadence="twelve_monthly", reviewer=staff("service_manager"))

    (violation,) = road.world.refused(command, by="head_of_service")
    said = command.model_copy(update={"overrides": (override("warner_stands_aside"),)})
    decision = road.world.do(said, by="head_of_service")

    assert (violation.rule, violation.strength, violation.clause) == ("warner_stands_aside", "should", "assumed")
    assert [o.rule for o in decision.overrides] == ["warner_stands_aside"]


def test_anybody_else_reviews_without_a_word() -> None:
    road, _ = under_review(date(2027, 3, 1))
    assert [fact.reviewer for fact in road.world.facts(ReviewerAppointed)] == [staff("departmental_manager")]
