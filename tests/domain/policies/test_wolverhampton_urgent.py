"""Wolverhampton Homes, clauses 3.6 and 7: threats, and what an urgent case asks for at once and afterwards."""

from __future__ import annotations

from datetime import date

import pytest

from domain.codes import EndedBecause, InteractionKind, LegalStep, Precaution, UrgentStep
from domain.decisions.notices import PlaceAlert
from domain.decisions.safety import ApproveSafetyWarning, ProposeSafetyWarning
from domain.decisions.urgent import (
    ConsiderLegalAction,
    EndInteraction,
    HoldSeniorDiscussion,
    InformPolice,
    MakeActionPlan,
    ReviewUrgentCase,
    TakeUrgentAction,
    ends_at_once,
    urgent_duties,
)
from domain.events import (
    ActionPlanMade,
    AlertPlaced,
    InteractionEnded,
    LegalActionConsidered,
    PoliceInformed,
    SeniorDiscussionHeld,
    UrgentActionTaken,
    UrgentCaseReviewed,
)
from domain.policy import Strength
from tests.domain.saying import told
from tests.domain.world import Road, staff, words

SATURDAY, MONDAY = date(2026, 3, 7), date(2026, 3, 9)


def threatened() -> Road:
    """Saturday 7 March 2026: a threat on the telephone, recorded as an incident."""
    road = Road("wolverhampton", today=SATURDAY).opened()
    road.incident("threats")
    return road


def acted() -> Road:
    """The same day, something was done at once."""
    road = threatened()
    road.world.do(TakeUrgentAction(incident="incident-1", kind="zero_tolerance", detail=words()))
    return road


def duties(road: Road) -> dict[UrgentStep, tuple[date, tuple[str, ...], date | None]]:
    return {d.step: (d.due_on, d.by, d.met_on) for d in urgent_duties(road.world.case, road.policy)}


@pytest.mark.clause("WOL-23", "RULE")
def test_whoever_feels_threatened_ends_the_conversation_at_once_and_abuse_alone_is_warned_of_first() -> None:
    road = threatened()
    (clause,) = ends_at_once(road.policy, EndedBecause.THREAT)
    assert (clause.clause, clause.strength) == ("3.6", Strength.MAY)
    assert ends_at_once(road.policy, EndedBecause.ABUSE) == ()
    assert road.policy.grounds["threats"].cited == "3.6"


@pytest.mark.clause("WOL-23", "RECORD")
def test_a_call_ended_because_of_a_threat_and_the_police_told_of_it_are_on_record_under_the_clause() -> None:
    road = threatened()
    contact = road.world.case.contacts[-1].id
    road.world.do(
        EndInteraction(
            contact=contact,
            kind=InteractionKind.CALL,
            because=EndedBecause.THREAT,
            warned_first=False,
            reason=words(),
        )
    )
    assert [f.warned_first for f in road.world.facts(InteractionEnded)] == [False]
    assert list(road.world.history[-1].clauses) == ["3.6"]
    road.world.do(InformPolice(incident="incident-1", detail=words()))
    assert [f.incident for f in road.world.facts(PoliceInformed)] == ["incident-1"]
    assert road.world.history[-1].clauses == ("7.2", "3.6")


@pytest.mark.clause("WOL-56", "RULE")
def test_staff_safety_leads_and_a_discussion_without_a_senior_manager_is_none() -> None:
    road = acted()
    among_officers = HoldSeniorDiscussion(incident="incident-1", members=(staff("duty_manager"),), outcome=words())
    (refusal,) = road.world.refused(among_officers, by="duty_manager")
    assert (refusal.rule, refusal.clause) == ("senior_manager_took_part", "7.1")
    lines = told("wolverhampton")
    assert "Staff safety: Keeping staff safe comes before everything else. [clause 7.1, must]" in lines


@pytest.mark.clause("WOL-56", "RECORD")
def test_what_was_done_by_the_rules_for_zero_tolerance_and_who_talked_it_over_are_on_record() -> None:
    road = acted()
    assert [(f.kind, f.incident) for f in road.world.facts(UrgentActionTaken)] == [("zero_tolerance", "incident-1")]
    assert road.world.history[-1].clauses == ("7.1",)
    members = (staff("duty_manager"), staff("senior_management"))
    road.world.do(HoldSeniorDiscussion(incident="incident-1", members=members, outcome=words()))
    (fact,) = road.world.facts(SeniorDiscussionHeld)
    assert (fact.members, fact.roles) == (members, ("duty_manager", "senior_management"))


@pytest.mark.clause("WOL-56", "TIMER")
def test_a_senior_manager_is_to_hear_of_it_by_the_next_day_weekend_or_not() -> None:
    road = acted()
    assert duties(road)[UrgentStep.SENIOR_DISCUSSION] == (date(2026, 3, 8), ("senior_management",), None)
    road.world.do(HoldSeniorDiscussion(incident="incident-1", members=(staff("senior_management"),), outcome=words()))
    assert duties(road)[UrgentStep.SENIOR_DISCUSSION][2] == SATURDAY


@pytest.mark.clause("WOL-57", "RECORD")
def test_the_plan_and_the_look_at_it_afterwards_are_on_record() -> None:
    road = acted()
    plan = MakeActionPlan(incident="incident-1", owner=staff("staff"), review_on=date(2026, 3, 16), detail=words())
    road.world.do(plan)
    assert [(f.owner, f.review_on) for f in road.world.facts(ActionPlanMade)] == [(staff("staff"), date(2026, 3, 16))]
    assert road.world.history[-1].clauses == ("7.1",)
    road.world.today = MONDAY
    review = ReviewUrgentCase(incident="incident-1", assessment=words())
    assert road.world.rules(review, by="staff") == {"post_held"}
    road.world.do(review, by="senior_management")
    (fact,) = road.world.facts(UrgentCaseReviewed)
    assert (fact.incident, fact.held_on, fact.clause) == ("incident-1", MONDAY, "7.1")
    assert "Reviewed afterwards: Look at the case as soon as it is over. It is about: review. [clause 7.1, should]" in (
        told("wolverhampton")
    )


@pytest.mark.clause("WOL-57", "TIMER")
def test_the_plan_is_due_in_two_working_days_and_the_review_on_the_first_one() -> None:
    road = acted()
    assert duties(road)[UrgentStep.ACTION_PLAN] == (date(2026, 3, 10), (), None)
    assert duties(road)[UrgentStep.REVIEW] == (MONDAY, ("senior_management",), None)
    road.world.today = MONDAY
    road.world.do(ReviewUrgentCase(incident="incident-1", assessment=words()), by="senior_management")
    assert duties(road)[UrgentStep.REVIEW][2] == MONDAY


@pytest.mark.clause("WOL-58", "RECORD")
def test_that_police_and_court_were_weighed_is_on_record_whatever_came_of_it() -> None:
    road = threatened()
    road.world.do(ConsiderLegalAction(incidents=("incident-1",), step=LegalStep.NONE, reasons=words()))
    assert [(f.step, f.incidents) for f in road.world.facts(LegalActionConsidered)] == [("none", ("incident-1",))]
    assert road.world.history[-1].clauses == ("7.2", "3.6")
    road.world.do(InformPolice(incident="incident-1", detail=words()))
    assert "7.2" in road.world.history[-1].clauses


@pytest.mark.clause("WOL-59", "RECORD", "DATA")
def test_the_risk_procedures_and_the_marker_for_a_violent_person_are_on_record_the_marker_with_its_warning() -> None:
    road = threatened()
    road.world.do(TakeUrgentAction(incident="incident-1", kind="risk_procedures", detail=words()))
    assert [f.kind for f in road.world.facts(UrgentActionTaken)] == ["risk_procedures"]
    road.world.do(
        ProposeSafetyWarning(
            incident="incident-1",
            precautions=(Precaution.TWO_STAFF,),
            audience=("relevant_staff",),
            review_on=date(2026, 6, 1),
            expires_on=date(2026, 9, 1),
            reasons=words(),
        )
    )
    assert road.world.history[-1].clauses == ("baseline 14", "7.2")
    marker = PlaceAlert(restriction="safety-1", alert="potentially_violent_person")
    assert road.world.rules(marker) == {"safety_warnings"}
    road.world.do(ApproveSafetyWarning(warning="safety-1", tells_person=True), by="duty_manager")
    road.world.do(marker)
    assert [(f.restriction, f.alert) for f in road.world.facts(AlertPlaced)] == [
        ("safety-1", "potentially_violent_person")
    ]
