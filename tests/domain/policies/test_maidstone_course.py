"""Maidstone, clauses 7 and 8: what is reviewed and when, what is on record, and who hears an appeal."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import AppealOutcome, NoticeKind, ReviewOutcome
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.changes import RaiseNewIssue
from domain.decisions.proposals import DeclineRestriction, ProposeRestriction
from domain.decisions.reviews import CompleteReview
from domain.decisions.steps import IssueWarning
from domain.events import (
    AppealDetermined,
    NewIssueRaised,
    NoticeSent,
    RestrictionApplied,
    RestrictionDeclined,
    ReviewCompleted,
    WarningIssued,
)
from tests.domain.saying import told
from tests.domain.world import Road, staff, words

DECIDED = date(2026, 3, 9)
DECIDER = "head_of_policy"
QUESTIONS = ("no_longer_than_needed", "record_still_needed")


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=f"{number} {values[0][:30]}")


def review(restriction: str, **changes: Any) -> CompleteReview:
    """A three-monthly review with every question answered."""
    fields: dict[str, Any] = {
        "restriction": restriction,
        "cadence": "three_monthly",
        "outcome": ReviewOutcome.UNCHANGED,
        "assessment": words(),
        "answers": QUESTIONS,
    }
    return CompleteReview(**{**fields, **changes})


@pytest.mark.parametrize(
    "line",
    [
        row(
            "MAI-43",
            "Review of the record every three months. When: while a restriction is in force. Every: 3 months. "
            "Reviewed by: Policy and Information team; Head of Policy, Communications and Governance. After asking: "
            "Head of Policy, Communications and Governance. It can end in: unchanged; eased; varied; extended; lifted. "
            "We read it so: The Policy and Information team reviews and recommends; changing a restriction is the "
            "decider's. [clause 7.2, must]",
        ),
        row(
            "MAI-45",
            "Not past use: Records are not kept longer than they are of use; looked at with each three-monthly "
            "review. [clause 7.2(b), must]",
            cls="RECORD",
        ),
        row(
            "MAI-46",
            "Fresh look at the restrictions when a new issue is raised. When: a new issue is raised. Reviewed by: "
            "Policy and Information team; Head of Policy, Communications and Governance. After asking: Head of Policy, "
            "Communications and Governance. It can end in: unchanged; eased; varied; extended; lifted. "
            "[clause 7.3, must]",
            cls="RULE",
        ),
        row(
            "MAI-48",
            "Register of customers considered under the policy. Keeper: Head of Policy, Communications and "
            "Governance. Kept up to date by: Policy and Information team. [clause 7.4, must]",
        ),
        row(
            "MAI-48",
            "Also holds people looked at and not restricted: yes. We read it so: Those who were looked at and not "
            "restricted are held only until the three-month check. [clause 7.4, may]",
        ),
        row(
            "MAI-48",
            "Considered: All customers whose contact was considered unreasonable and was reviewed against the policy. "
            "[clause 7.4, must]",
        ),
        row(
            "MAI-50",
            "Warning: Warning: date, how it was communicated, initial measures. [clause 7.4 T2, must]",
            cls="RECORD",
        ),
        row(
            "MAI-51",
            "Applied: Policy applied: decision date, date communicated, single point of contact. [clause 7.4 T3, must]",
            cls="RECORD",
        ),
        row(
            "MAI-51",
            "Recorded with the decision: warning; decision date; communicated date; single contact. [clause 7.4, must]",
            cls="RECORD",
        ),
        row("MAI-52", "Last reviewed: Date of the last review. [clause 7.4 T4, must]", cls="RECORD"),
        row("MAI-53", "Notes: Case notes, with cycles of contact. [clause 7.4 T5, must]", cls="RECORD"),
        row("MAI-54", "Offered as: right. [clause 8.1, must]"),
        row("MAI-54", "It can be made against: decision; measures. [clause 8.1, must]"),
        row("MAI-54", "Heard by: Director of Finance and Business Improvement. [clause 8.1, must]"),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("maidstone")


# Reviews


@pytest.mark.clause("MAI-43", "DATA", "TIMER")
def test_reviews_come_every_three_months_counted_from_the_decision() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    road.world.wait(80)

    road.world.do(road.extension(restriction, date(2026, 12, 31)), by=DECIDER)

    schedule = road.world.case.restrictions[0].schedule
    assert [s.due_on for s in schedule] == [date(2026, 6, 9), date(2026, 9, 9), date(2026, 12, 9)]
    assert schedule[0].opens_on == date(2026, 5, 11)  # 20 working days before, with the bank holiday of 25 May
    assert {s.by for s in schedule} == {("policy_and_information", "head_of_policy")}


@pytest.mark.clause("MAI-43", "DATA")
@pytest.mark.parametrize("role", ["policy_and_information", "head_of_policy"])
def test_the_team_or_its_head_holds_the_review(role: str) -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    road.world.wait(80)

    other = road.world.refused(review(restriction), by="manager")
    road.world.do(review(restriction), by=role)

    assert [(v.rule, v.clause) for v in other] == [("post_held", "7.2")]
    assert road.world.case.restrictions[0].reviews[0].by == staff(role)


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        pytest.param("no_longer_than_needed", "7.2(a)", marks=pytest.mark.clause("MAI-44", "RULE")),
        pytest.param("record_still_needed", "7.2(b)", marks=pytest.mark.clause("MAI-45", "TIMER", "RECORD")),
    ],
)
def test_each_three_monthly_review_answers_both_questions(question: str, clause: str) -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    road.world.wait(92)
    answers = tuple(q for q in QUESTIONS if q != question)

    (violation,) = road.world.refused(review(restriction, answers=answers), by="policy_and_information")
    road.world.do(review(restriction), by="policy_and_information")

    assert (violation.rule, violation.clause) == (f"answers_{question}", clause)
    (fact,) = road.world.facts(ReviewCompleted)
    assert (fact.due_on, fact.held_on) == (date(2026, 6, 9), date(2026, 6, 9))
    assert question in fact.answers


@pytest.mark.clause("MAI-44", "RULE")
def test_what_the_team_finds_is_for_the_head_to_carry_out() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    road.world.wait(80)
    lifted = review(restriction, outcome=ReviewOutcome.LIFTED)

    road.world.do(lifted, by="policy_and_information")
    still = road.world.case.in_force_on(road.world.today)
    road.world.do(lifted, by="head_of_policy")

    assert [r.id for r in still] == [restriction]
    assert road.world.facts(ReviewCompleted)[0].recommended_by == staff("policy_and_information")
    assert road.world.case.in_force_on(road.world.today) == ()


@pytest.mark.clause("MAI-46", "RULE", "RECORD")
def test_a_new_issue_prompts_a_decision_on_whether_the_restrictions_still_fit() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    road.world.wait(10)

    road.world.do(RaiseNewIssue(issue="parking", contact=road.contact(issue="parking"), summary=words()))

    (raised,) = road.world.facts(NewIssueRaised)
    assert [(r.cadence, r.due_on) for r in raised.reviews] == [("new_issue", date(2026, 3, 19))]
    look = review(restriction, cadence="new_issue", answers=())
    (violation,) = road.world.refused(look, by="policy_and_information")
    assert (violation.rule, violation.clause) == ("answers_still_appropriate", "7.3")
    road.world.do(look.model_copy(update={"answers": ("still_appropriate",)}), by="head_of_policy")
    (held,) = road.world.facts(ReviewCompleted)
    assert (held.cadence, held.due_on, held.recommended_by) == ("new_issue", date(2026, 3, 19), None)


# The register


@pytest.mark.clause("MAI-48", "RECORD")
def test_somebody_who_was_considered_and_not_restricted_is_on_record() -> None:
    road = Road("maidstone")
    proposal = road.ready()

    road.world.do(DeclineRestriction(proposal=proposal, reasons=words()), by=DECIDER)

    (fact,) = road.world.facts(RestrictionDeclined)
    assert (fact.proposal, road.world.case.proposals[0].outcome) == (proposal, "declined")
    assert road.world.case.restrictions == ()


@pytest.mark.clause("MAI-50", "RECORD")
def test_the_warning_is_on_record_with_its_day_its_way_and_its_first_measures() -> None:
    road = Road("maidstone").opened()
    incident = road.incident()

    def warning(measure: str) -> IssueWarning:
        return IssueWarning(
            incidents=(incident,),
            behaviour=words(),
            change_asked=words(),
            consequences=words(),
            initial_measures=(measure,),
        )

    (violation,) = road.world.refused(warning("single_contact"))
    road.world.do(warning("informal_handling"))
    road.letter(NoticeKind.WARNING, "warning-1", method=DeliveryMethod.FIRST_CLASS_POST)

    assert (violation.rule, violation.clause) == ("initial_measures_are_informal", "7.4 T2")
    (issued,), (sent,) = road.world.facts(WarningIssued), road.world.facts(NoticeSent)
    assert issued.initial_measures == ("informal_handling",)
    assert (sent.method, sent.deemed_on) == (DeliveryMethod.FIRST_CLASS_POST, date(2026, 3, 4))


@pytest.mark.clause("MAI-50", "RECORD")
def test_informal_handling_belongs_to_the_warning_and_can_be_no_restriction() -> None:
    road = Road("maidstone").opened()
    command = ProposeRestriction(incidents=(road.incident(),), measures=("informal_handling",), reasons=words())

    assert road.world.rules(command, by="manager") == {"warning_stage_only"}


@pytest.mark.clause("MAI-51", "RECORD")
@pytest.mark.clause("MAI-53", "RECORD")
def test_the_decision_is_on_record_with_its_days_the_contact_person_and_the_cycles() -> None:
    road = Road("maidstone")
    restriction = road.restricted(road.measure("single_contact", contact_staff=(staff("manager"),)), told=False)
    road.world.wait(1)
    road.told(restriction)

    (fact,) = road.world.facts(RestrictionApplied)
    assert (fact.decided_on, fact.warning, fact.pattern is not None) == (DECIDED, "warning-1", True)
    assert road.world.case.received_on(restriction) == date(2026, 3, 10)
    (bound,) = road.world.case.binding_on(date(2026, 3, 10))
    assert bound.measure.contact_staff == (staff("manager"),)


@pytest.mark.clause("MAI-52", "RECORD")
def test_the_day_of_the_last_review_is_on_record() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    road.world.wait(70)

    road.world.do(review(restriction), by="policy_and_information")

    assert [r.held_on for r in road.world.case.restrictions[0].reviews] == [date(2026, 5, 18)]


# Appeal


@pytest.mark.clause("MAI-54", "DATA", "RULE")
@pytest.mark.parametrize("about", ["decision", "measures"])
def test_the_director_hears_an_appeal_against_the_decision_or_its_measures(about: str) -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    road.world.do(LodgeAppeal(against=restriction, about=about, reasons=words()))

    def given_to(role: str) -> AppointAppealReviewer:
        return AppointAppealReviewer(appeal="appeal-1", reviewer=staff(role))

    other = road.world.refused(given_to("head_of_service"))
    road.world.do(given_to("director_of_finance"))
    road.world.do(
        DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.OVERTURNED, reasons=words()), by="director_of_finance"
    )

    assert [(v.rule, v.clause) for v in other] == [("reviewer_entitled", "8.1")]
    assert road.world.facts(RestrictionApplied)[0].appeal.right
    (fact,) = road.world.facts(AppealDetermined)
    assert (fact.appeal, road.world.case.appeals[0].about) == ("appeal-1", about)
    assert road.world.case.in_force_on(road.world.today) == ()
