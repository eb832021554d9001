"""Baseline 9: whoever had a part in a decision does not hear the appeal against it; a junior reviewer is flagged."""

from __future__ import annotations

from datetime import date

import pytest

from domain.codes import Answer, AppealOutcome, PanelView, ReviewOutcome
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal, SuspendMeasures
from domain.decisions.changes import ChangeNamedContact, VaryRestriction
from domain.decisions.proposals import ConfirmCheck, DelegateDecision, RecordPanelView
from domain.decisions.reviews import AppointReviewer, CompleteReview
from domain.decisions.steps import IssueWarning
from domain.events import AppealReviewerAppointed
from tests.domain.saying import refusals
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, override, staff, words

SOMEBODY = "staff-somebody"
OFFICER = staff("case_officer")
# Who hears appeals under each policy, by its role; Citizen names nobody.
HEARERS = {
    "citizen": "director_of_customer_services",
    "derby": "executive_team",
    "maidstone": "director_of_finance",
    "star": "senior_management",
    "wolverhampton": "director",
}
# The clause of the policy that asks for somebody uninvolved, and the baseline where it is silent.
CLAUSES = {
    "citizen": "baseline 9",
    "derby": "5¶1, 5¶2",
    "maidstone": "baseline 9",
    "star": "14.1",
    "wolverhampton": "9.1",
}


def somebody(road: Road, *roles: str) -> None:
    """One more colleague, who may hear appeals and holds these posts beside."""
    for role in (HEARERS[road.world.landlord_id], *roles):
        road.world.appoint(staff("somebody"), role)


def appealed(road: Road, against: str = "restriction-1") -> AppointAppealReviewer:
    """The customer appeals; the command that gives the appeal to that colleague."""
    road.world.do(LodgeAppeal(against=against, reasons=words()))
    appeal = road.world.case.appeals[-1].id
    return AppointAppealReviewer(appeal=appeal, reviewer=SOMEBODY)


def apply(road: Road, proposal: str, by: str) -> None:
    """The restriction is decided by somebody."""
    road.world.do(road.application(proposal), by=by)


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_somebody_without_a_part_in_it_hears_the_appeal(landlord: str) -> None:
    road = Road(landlord)
    somebody(road)
    road.restricted()
    road.world.do(appealed(road))
    assert road.world.case.appeals[0].reviewer == SOMEBODY


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_whoever_decided_does_not_hear_the_appeal(landlord: str) -> None:
    road = Road(landlord)
    somebody(road, road.decider())
    apply(road, road.ready(), by=SOMEBODY)
    assert refusals(road, appealed(road)) == {"independence": CLAUSES[landlord]}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_whoever_proposed_does_not_hear_the_appeal(landlord: str) -> None:
    road = Road(landlord).opened()
    somebody(road, road.proposer())
    road.warned()
    road.world.wait(7)
    incident = road.incident()
    road.circumstances()
    proposal = road.proposed(incident, by=SOMEBODY)
    road.confirmed(proposal)
    apply(road, proposal, by=road.decider())
    assert refusals(road, appealed(road)) == {"independence": CLAUSES[landlord]}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_whoever_warned_does_not_hear_the_appeal_even_when_another_warned_again(landlord: str) -> None:
    road = Road(landlord).opened()
    somebody(road, road.warner())
    warning = IssueWarning(incidents=(road.incident(),), behaviour=words(), change_asked=words(), consequences=words())
    road.world.do(warning, by=SOMEBODY)
    road.world.wait(1)
    apply(road, road.ready(), by=road.decider())  # which begins with a warning by another
    assert refusals(road, appealed(road)) == {"independence": CLAUSES[landlord]}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_the_named_contact_does_not_hear_the_appeal(landlord: str) -> None:
    road = Road(landlord)
    somebody(road)
    road.restricted(road.measure(contact_staff=(SOMEBODY,)))
    assert refusals(road, appealed(road)) == {"independence": CLAUSES[landlord]}


def test_whoever_became_the_named_contact_later_does_not_hear_the_appeal() -> None:
    road = Road("maidstone")
    somebody(road)
    restriction = road.restricted()
    road.world.do(ChangeNamedContact(restriction=restriction, measure=f"{restriction}.1", contact_staff=(SOMEBODY,)))
    assert refusals(road, appealed(road)) == {"independence": "baseline 9"}


def test_whom_a_variation_names_as_the_contact_does_not_hear_the_appeal() -> None:
    road = Road("maidstone")
    somebody(road)
    restriction = road.restricted()
    command = VaryRestriction(
        restriction=restriction,
        measures=(road.measure(contact_staff=(SOMEBODY,)),),
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
    )
    road.world.do(command, by=road.decider())
    assert refusals(road, appealed(road)) == {"independence": "baseline 9"}


@pytest.mark.parametrize("landlord", ["maidstone", "star"])
def test_whoever_confirmed_a_check_does_not_hear_the_appeal(landlord: str) -> None:
    road = Road(landlord)
    check = road.policy.checks["nothing_new"]
    somebody(road, check.by[0])
    proposal = road.ready(leave_out=["nothing_new"])
    road.world.do(ConfirmCheck(proposal=proposal, check="nothing_new", answer=Answer.YES), by=SOMEBODY)
    apply(road, proposal, by=road.decider())
    assert refusals(road, appealed(road)) == {"independence": CLAUSES[landlord]}


def test_whoever_sat_on_the_panel_does_not_hear_the_appeal() -> None:
    road = Road("wolverhampton")
    somebody(road, "customer_experience_panel")
    proposal = road.ready(leave_out=["panel"])
    view = RecordPanelView(proposal=proposal, view=PanelView.SUPPORTS, members=(SOMEBODY,), reasons=words())
    road.world.do(view, by=SOMEBODY)
    apply(road, proposal, by=road.decider())
    assert refusals(road, appealed(road)) == {"independence": "9.1"}


def test_neither_whoever_delegated_the_decision_nor_whoever_took_it_hears_the_appeal() -> None:
    road = Road("star")
    somebody(road, "managing_director")
    proposal = road.ready()
    delegate = DelegateDecision(proposal=proposal, to=staff("senior_management"), reason=words())
    road.world.do(delegate, by=SOMEBODY)
    apply(road, proposal, by="senior_management")
    command = appealed(road)
    assert refusals(road, command) == {"independence": "14.1"}
    taker = command.model_copy(update={"reviewer": staff("senior_management")})
    assert refusals(road, taker) == {"independence": "14.1"}


def test_whoever_varied_it_does_not_hear_the_appeal() -> None:
    road = Road("derby")
    somebody(road, road.decider())
    restriction = road.restricted(road.measure("letter_only"), road.measure("witness"))
    gentler = VaryRestriction(
        restriction=restriction,
        measures=(road.measure("witness"),),
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
    )
    road.world.do(gentler, by=SOMEBODY)
    assert refusals(road, appealed(road)) == {"independence": "5¶1, 5¶2"}


def test_whoever_extended_it_does_not_hear_the_appeal() -> None:
    road = Road("maidstone")
    somebody(road, road.decider())
    road.world.do(road.extension(road.restricted(), date(2026, 8, 9)), by=SOMEBODY)
    assert refusals(road, appealed(road)) == {"independence": "baseline 9"}


def test_whoever_held_the_review_does_not_hear_the_appeal_against_it() -> None:
    road = Road("derby")
    somebody(road, "departmental_manager")
    restriction = road.restricted()
    road.world.today = date(2027, 3, 1)
    appoint = AppointReviewer(restriction=restriction, cadence="twelve_monthly", reviewer=SOMEBODY)
    road.world.do(appoint, by="head_of_service")
    review = CompleteReview(
        restriction=restriction,
        cadence="twelve_monthly",
        outcome=ReviewOutcome.UNCHANGED,
        assessment=words(),
        answers=("volume_and_nature", "still_unreasonable"),
    )
    road.world.do(review, by=SOMEBODY)
    assert refusals(road, appealed(road, "review-1")) == {"independence": "5¶1, 5¶2"}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_no_reason_sets_independence_aside(landlord: str) -> None:
    road = Road(landlord)
    somebody(road, road.decider())
    apply(road, road.ready(), by=SOMEBODY)
    urged = appealed(road).model_copy(update={"overrides": (override("independence"),)})
    assert set(refusals(road, urged, by=road.decider())) == {"independence", "cannot_be_overridden"}


def test_only_the_reviewer_of_the_appeal_determines_it_or_lets_measures_rest() -> None:
    road = Road("maidstone")
    somebody(road)
    road.restricted()
    command = appealed(road)
    decide = DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.UPHELD, reasons=words())
    rest = SuspendMeasures(appeal="appeal-1", reasons=words())
    by_nobody, by_another = {"independence": "baseline 9"}, {"independence": "baseline 9"}
    assert refusals(road, decide, by=SOMEBODY) == by_nobody  # nobody was appointed yet
    road.world.do(command)
    assert refusals(road, decide, by="director_of_finance") == by_another
    assert refusals(road, rest, by="director_of_finance") == by_another
    road.world.do(rest, by=SOMEBODY)
    road.world.do(decide, by=SOMEBODY)


def test_a_reviewer_who_takes_a_part_after_the_appointment_can_no_longer_determine_it() -> None:
    road = Road("maidstone")
    somebody(road)
    restriction = road.restricted()
    road.world.do(appealed(road))
    road.world.do(ChangeNamedContact(restriction=restriction, measure=f"{restriction}.1", contact_staff=(SOMEBODY,)))
    decide = DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.UPHELD, reasons=words())
    assert refusals(road, decide, by=SOMEBODY) == {"independence": "baseline 9"}


@pytest.mark.parametrize(
    ("landlord", "role", "junior"),
    [
        ("star", "senior_management", True),  # the Managing Director decided
        ("derby", "executive_team", False),
        ("citizen", "staff", True),  # a Head of Service decided, and the policy names nobody who hears appeals
        ("citizen", "director_of_customer_services", False),
    ],
)
def test_a_reviewer_junior_to_the_decider_is_flagged_and_not_refused(landlord: str, role: str, junior: bool) -> None:
    road = Road(landlord)
    road.restricted()
    road.world.do(LodgeAppeal(against="restriction-1", reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff(role)))
    assert [a.junior for a in road.world.facts(AppealReviewerAppointed)] == [junior]


def test_somebody_who_holds_no_post_hears_nothing() -> None:
    road = Road("citizen")
    road.restricted()
    stranger = appealed(road).model_copy(update={"reviewer": "staff-stranger"})
    assert road.world.rules(stranger) == {"reviewer_entitled"}


def test_somebody_without_the_post_that_the_policy_names_hears_nothing() -> None:
    road = Road("derby")
    road.restricted()
    stranger = appealed(road).model_copy(update={"reviewer": staff("staff")})
    assert refusals(road, stranger) == {"reviewer_entitled": "5¶2"}
