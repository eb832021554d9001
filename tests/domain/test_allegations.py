"""Baseline 9 and 12: what a customer alleges of staff is routed, shown, and looked at by somebody independent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.codes import AllegationOutcome, Answer, AppealOutcome, NoticeKind, PanelView, ReviewOutcome, StaffId
from domain.compliance import Verdict
from domain.decisions import COMMANDS, CaseCommand
from domain.decisions.allegations import ConcludeCounterAllegation, RecordCounterAllegation
from domain.decisions.appeals import (
    AppointAppealReviewer,
    DecideLateAppeal,
    DetermineAppeal,
    LodgeAppeal,
    SuspendMeasures,
)
from domain.decisions.changes import ChangeNamedContact, VaryRestriction
from domain.decisions.endings import LiftRestriction
from domain.decisions.intake import RecordIncident
from domain.decisions.judgement import Command, DecidingCommand
from domain.decisions.proposals import (
    ConfirmCheck,
    DeclineRestriction,
    DelegateDecision,
    ProposeRestriction,
    RecordPanelView,
    ReturnProposal,
)
from domain.decisions.reviews import AppointReviewer, CompleteReview
from domain.decisions.steps import IssueWarning
from domain.events import (
    AppealDetermined,
    CounterAllegationConcluded,
    CounterAllegationRecorded,
    RestrictionApplied,
    RestrictionExtended,
    RestrictionVaried,
    ReviewCompleted,
)
from tests.domain.saying import refusals
from tests.domain.test_compliance import looked_back, one
from tests.domain.world import START, Road, override, staff, words

ASIDE = {"independence": "baseline 9"}
NOT_SEEN = {"counter_allegations": "baseline 12"}
SEEN = ("allegation-1",)
LOOKER = StaffId("staff-looker")


def alleged(road: Road, against: str, **changes: Any) -> str:
    """The customer alleges something of whoever holds a role; it goes to a colleague of the highest rank."""
    highest = max(road.policy.roles, key=lambda role: road.policy.roles[role].rank)
    if not any(t.staff == LOOKER for t in road.world.landlord.tenures):
        road.world.appoint(LOOKER, highest)
    who = against if against.startswith("staff-") else staff(against)
    command = RecordCounterAllegation(against=who, routed_to=highest, account=words())
    road.world.do(command.model_copy(update=changes))
    return road.world.case.allegations[-1].id


def concluded(
    road: Road, allegation: str, outcome: AllegationOutcome = AllegationOutcome.NOT_FOUNDED, **changes: Any
) -> None:
    """Somebody independent looked at it."""
    command = ConcludeCounterAllegation(allegation=allegation, outcome=outcome, findings=words())
    road.world.do(command.model_copy(update=changes), by=LOOKER)


# recorded and routed


def test_an_allegation_is_taken_down_whenever_it_comes_and_goes_to_a_named_post() -> None:
    road = Road("derby").opened()
    contact = road.contact()
    road.world.wait(1)
    command = RecordCounterAllegation(
        against=staff("case_officer"), routed_to="service_manager", account=words(), contact=contact
    )
    road.world.do(command.model_copy(update={"on": road.world.today - timedelta(days=1)}))
    (fact,) = road.world.facts(CounterAllegationRecorded)
    assert (fact.against, fact.routed_to, fact.contact) == (staff("case_officer"), "service_manager", contact)
    assert fact.received_on == road.world.today - timedelta(days=1)


def test_the_accused_may_take_it_down_themselves() -> None:
    road = Road("derby").opened()
    command = RecordCounterAllegation(against=staff("staff"), routed_to="service_manager", account=words())
    road.world.do(command, by="staff")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"routed_to": "staff"}, "counter_allegations"),  # the accused alone holds that post
        ({"routed_to": "warden"}, "unknown_post"),
        ({"against": "staff-stranger"}, "unknown_colleague"),
        ({"contact": "contact-9"}, "unknown_contact"),
    ],
)
def test_an_allegation_that_would_go_nowhere_is_not_routed(changes: dict[str, str], rule: str) -> None:
    road = Road("derby").opened()
    command = RecordCounterAllegation(against=staff("staff"), routed_to="service_manager", account=words())
    assert road.world.rules(command.model_copy(update=changes)) == {rule}


def test_the_deputy_of_the_accused_is_somebody_else() -> None:
    road = Road("derby").opened()
    command = RecordCounterAllegation(against=staff("service_manager"), routed_to="service_manager", account=words())
    assert refusals(road, command) == NOT_SEEN
    road.world.appoint(LOOKER, "service_manager", deputy=True)
    road.world.do(command)


def test_the_same_contact_is_one_allegation_against_one_person() -> None:
    road = Road("derby").opened()
    contact = road.contact()
    alleged(road, "staff", contact=contact)
    again = RecordCounterAllegation(
        against=staff("staff"), routed_to="service_manager", account=words(), contact=contact
    )
    assert road.world.rules(again) == {"already_recorded"}
    road.world.do(again.model_copy(update={"against": staff("service_manager"), "routed_to": "head_of_service"}))


# concluded by somebody independent


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ("service_manager", ASIDE),  # the accused
        ("case_officer", NOT_SEEN),  # recorded an incident against the customer
        ("staff", NOT_SEEN),  # junior to the accused
    ],
)
def test_an_allegation_is_concluded_by_nobody_with_a_part_in_it(by: str, why: dict[str, str]) -> None:
    road = Road("derby").opened()
    road.incident()
    alleged(road, "service_manager")
    command = ConcludeCounterAllegation(allegation="allegation-1", outcome="not_founded", findings=words())
    assert refusals(road, command, by=by) == why
    road.world.do(command, by="departmental_manager")  # of the same rank
    assert [f.outcome for f in road.world.facts(CounterAllegationConcluded)] == [AllegationOutcome.NOT_FOUNDED]


def test_two_who_are_both_accused_do_not_clear_each_other() -> None:
    road = Road("derby").opened()
    alleged(road, "service_manager")
    alleged(road, "departmental_manager")
    command = ConcludeCounterAllegation(allegation="allegation-1", outcome="not_founded", findings=words())
    assert refusals(road, command, by="departmental_manager") == ASIDE


def test_an_allegation_is_concluded_once_and_not_before_it_came() -> None:
    road = Road("derby").opened()
    alleged(road, "staff")
    command = ConcludeCounterAllegation(allegation="allegation-1", outcome="founded", findings=words())
    early = command.model_copy(update={"on": road.world.today - timedelta(days=1)})
    assert road.world.rules(early, by=LOOKER) == {"end_before_start"}
    assert road.world.rules(command, by="staff-stranger") == {"post_held"}
    road.world.do(command, by=LOOKER)
    assert road.world.rules(command, by=LOOKER) == {"already_concluded"}
    assert road.world.rules(command.model_copy(update={"allegation": "allegation-7"}), by=LOOKER) == {
        "unknown_allegation"
    }


# no ground before


def test_an_allegation_is_no_ground_before_somebody_independent_found_it_not_founded() -> None:
    road = Road("star").opened()
    alleged(road, "staff")
    incident = RecordIncident(
        happened_on=road.world.today, grounds=("baseless_allegations",), account=words(), allegation="allegation-1"
    )
    assert refusals(road, incident) == NOT_SEEN
    concluded(road, "allegation-1")
    road.world.do(incident)
    assert road.world.case.incidents[0].allegation == "allegation-1"
    road.warned("incident-1")


@pytest.mark.parametrize("outcome", sorted(set(AllegationOutcome) - {AllegationOutcome.NOT_FOUNDED}))
def test_an_allegation_that_has_something_in_it_or_stays_unclear_is_never_a_ground(outcome: AllegationOutcome) -> None:
    road = Road("star").opened()
    concluded(road, alleged(road, "staff"), outcome)
    incident = RecordIncident(
        happened_on=road.world.today, grounds=("baseless_allegations",), account=words(), allegation="allegation-1"
    )
    assert refusals(road, incident) == NOT_SEEN


@pytest.mark.parametrize("landlord", ["star", "wolverhampton"])
def test_a_policys_ground_of_accusing_people_waits_for_the_allegation_that_it_may_be_about(landlord: str) -> None:
    road = Road(landlord).opened()
    alleged(road, "staff")
    incident = RecordIncident(happened_on=road.world.today, grounds=("baseless_allegations",), account=words())
    assert refusals(road, incident) == NOT_SEEN
    road.world.do(incident.model_copy(update={"grounds": ("discriminatory_language",)}))


def test_an_incident_names_an_allegation_that_there_is() -> None:
    road = Road("star").opened()
    incident = RecordIncident(
        happened_on=road.world.today, grounds=("baseless_allegations",), account=words(), allegation="allegation-1"
    )
    assert road.world.rules(incident) == {"unknown_allegation"}


# who stands aside


def test_the_accused_does_not_warn() -> None:
    road = Road("derby").opened()
    incident = road.incident()
    warn = IssueWarning(incidents=(incident,), behaviour=words(), change_asked=words(), consequences=words())
    allegation = alleged(road, "service_manager")
    assert refusals(road, warn, by="service_manager") == ASIDE
    concluded(road, allegation)
    road.world.do(warn, by="service_manager")


def test_the_accused_does_not_propose() -> None:
    road = Road("maidstone").opened()
    propose = ProposeRestriction(incidents=(road.incident(),), measures=(road.measure().code,), reasons=words())
    alleged(road, road.proposer())
    assert refusals(road, propose, by=road.proposer()) == ASIDE


def test_the_accused_neither_confirms_a_check_nor_returns_a_proposal() -> None:
    road = Road("maidstone")
    proposal = road.ready(leave_out=["nothing_new"])
    (by, *_) = road.policy.checks["nothing_new"].by
    alleged(road, by)
    confirm = ConfirmCheck(proposal=proposal, check="nothing_new", answer=Answer.YES)
    assert refusals(road, confirm, by=by) == ASIDE
    assert refusals(road, ReturnProposal(proposal=proposal, reasons=words()), by=by) == ASIDE


def test_the_accused_does_not_sit_on_the_panel() -> None:
    road = Road("wolverhampton")
    proposal = road.ready(leave_out=["panel"])
    panel = staff("customer_experience_panel")
    view = RecordPanelView(proposal=proposal, view=PanelView.SUPPORTS, members=(panel,), reasons=words())
    alleged(road, "customer_experience_panel")
    assert refusals(road, view) == ASIDE


def test_the_accused_decides_neither_way() -> None:
    road = Road("derby")
    proposal = road.ready()
    alleged(road, "head_of_service")
    apply = road.application(proposal, allegations_seen=SEEN)
    assert refusals(road, apply, by="head_of_service") == ASIDE
    assert refusals(road, DeclineRestriction(proposal=proposal, reasons=words()), by="head_of_service") == ASIDE


def test_the_accused_neither_gives_a_decision_away_nor_is_given_one() -> None:
    road = Road("star")
    proposal = road.ready()
    delegate = DelegateDecision(proposal=proposal, to=staff("senior_management"), reason=words())
    allegation = alleged(road, "senior_management")
    assert refusals(road, delegate, by="managing_director") == ASIDE
    concluded(road, allegation)
    alleged(road, "managing_director")
    assert refusals(road, delegate, by="managing_director") == ASIDE


def test_whoever_was_given_the_decision_and_is_accused_then_does_not_take_it() -> None:
    road = Road("star")
    proposal = road.ready()
    delegate = DelegateDecision(proposal=proposal, to=staff("senior_management"), reason=words())
    road.world.do(delegate, by="managing_director")
    alleged(road, "senior_management")
    apply = road.application(proposal, allegations_seen=SEEN)
    assert refusals(road, apply, by="senior_management") == ASIDE


def test_nobody_who_is_accused_becomes_the_named_contact() -> None:
    road = Road("maidstone")
    proposal = road.ready()
    officer = staff("staff")
    allegation = alleged(road, officer)
    named = road.application(proposal, road.measure(contact_staff=(officer,)), allegations_seen=SEEN)
    assert refusals(road, named, by=road.decider()) == ASIDE
    read = road.application(proposal, road.measure("filed", reader=officer), allegations_seen=SEEN)
    assert ASIDE.items() <= refusals(road, read, by=road.decider()).items()
    concluded(road, allegation)
    road.world.do(named, by=road.decider())


def test_nobody_who_is_accused_is_named_later_and_a_longer_term_does_not_keep_them() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    alleged(road, "case_officer")
    measure = f"{restriction}.1"
    again = ChangeNamedContact(restriction=restriction, measure=measure, contact_staff=(staff("case_officer"),))
    assert refusals(road, again) == ASIDE
    longer = road.extension(restriction, date(2026, 8, 9), allegations_seen=SEEN)
    assert refusals(road, longer, by=road.decider()) == ASIDE
    road.world.do(ChangeNamedContact(restriction=restriction, measure=measure, contact_staff=(staff("staff"),)))
    road.world.do(longer, by=road.decider())
    assert [f.allegations_seen for f in road.world.facts(RestrictionExtended)] == [SEEN]


def test_the_accused_does_not_change_or_lift_a_restriction() -> None:
    road = Road("derby")
    restriction = road.restricted()
    alleged(road, "head_of_service")
    assert refusals(road, LiftRestriction(restriction=restriction, reasons=words()), by="head_of_service") == ASIDE
    command = varied(road, restriction, allegations_seen=SEEN)
    assert refusals(road, command, by="head_of_service") == ASIDE


def varied(road: Road, restriction: str, **changes: Any) -> VaryRestriction:
    """The command that replaces the measures by one that is milder."""
    command = VaryRestriction(
        restriction=restriction,
        measures=(road.measure("witness"),),
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
        incidents=(road.world.case.incidents[-1].id,),
    )
    return command.model_copy(update=changes)


def test_the_accused_neither_is_given_an_appeal_nor_goes_on_with_one() -> None:
    road = Road("maidstone")
    road.restricted()
    road.world.do(LodgeAppeal(against="restriction-1", reasons=words()))
    appoint = AppointAppealReviewer(appeal="appeal-1", reviewer=staff("director_of_finance"))
    allegation = alleged(road, "director_of_finance")
    assert refusals(road, appoint) == ASIDE
    concluded(road, allegation)
    road.world.wait(1)
    road.world.do(appoint)
    alleged(road, "director_of_finance")
    seen = ("allegation-1", "allegation-2")
    upheld = DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.UPHELD, reasons=words(), allegations_seen=seen)
    assert refusals(road, upheld, by="director_of_finance") == ASIDE
    assert refusals(road, SuspendMeasures(appeal="appeal-1", reasons=words()), by="director_of_finance") == ASIDE


def test_the_accused_does_not_decide_whether_a_late_appeal_is_taken() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.wait(90)
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    alleged(road, "executive_team")
    take = DecideLateAppeal(appeal="appeal-1", accepted=True, reasons=words())
    assert refusals(road, take, by="executive_team") == ASIDE


def test_the_accused_neither_is_given_a_review_nor_holds_one() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.today = date(2027, 3, 1)
    appoint = AppointReviewer(restriction=restriction, cadence="twelve_monthly", reviewer=staff("departmental_manager"))
    allegation = alleged(road, "departmental_manager")
    assert refusals(road, appoint, by="head_of_service") == ASIDE
    concluded(road, allegation)
    road.world.do(appoint, by="head_of_service")
    road.world.wait(1)
    alleged(road, "departmental_manager")
    review = reviewed(restriction, allegations_seen=("allegation-1", "allegation-2"))
    assert refusals(road, review, by="departmental_manager") == ASIDE


def reviewed(restriction: str, **changes: Any) -> CompleteReview:
    """Derby's review after twelve months."""
    command = CompleteReview(
        restriction=restriction,
        cadence="twelve_monthly",
        outcome=ReviewOutcome.UNCHANGED,
        assessment=words(),
        answers=("volume_and_nature", "still_unreasonable"),
    )
    return command.model_copy(update=changes)


def test_no_reason_sets_it_aside() -> None:
    road = Road("derby").opened()
    warn = IssueWarning(incidents=(road.incident(),), behaviour=words(), change_asked=words(), consequences=words())
    alleged(road, "service_manager")
    urged = warn.model_copy(update={"overrides": (override("independence"),)})
    assert set(refusals(road, urged, by="service_manager")) == {"independence", "cannot_be_overridden"}


def test_what_was_done_before_the_allegation_came_stands() -> None:
    road = Road("derby").opened()
    incident = road.incident()
    alleged(road, "service_manager")
    road.world.wait(1)
    warn = IssueWarning(incidents=(incident,), behaviour=words(), change_asked=words(), consequences=words())
    before = warn.model_copy(update={"on": road.world.today - timedelta(days=2)})
    assert refusals(road, warn, by="service_manager") == ASIDE
    assert "independence" not in road.world.rules(before, by="service_manager")


def dated_back(road: Road, against: str = "manager") -> tuple[str, str]:
    """A warning that the accused enters after the allegation, dated two days before it; the ids of both."""
    incident = road.incident()
    road.world.wait(2)
    allegation = alleged(road, against)
    road.world.wait(1)
    warn = IssueWarning(incidents=(incident,), behaviour=words(), change_asked=words(), consequences=words())
    before = road.world.today - timedelta(days=2)
    road.world.do(warn.model_copy(update={"on": before}), by=against)
    warning = road.world.case.warnings[-1].id
    road.letter(NoticeKind.WARNING, warning)
    return warning, allegation


def test_looking_back_cannot_show_that_what_the_accused_entered_afterwards_was_done_before() -> None:
    road = Road("citizen").opened()
    warning, _ = dated_back(road)
    finding = one(looked_back(road.world), "entered_by_the_accused")
    assert (finding.verdict, finding.clause, finding.about) == (Verdict.CANNOT_BE_SHOWN, "baseline 9", warning)
    assert "allegation-1" in finding.asks
    assert [f.days_late for f in looked_back(road.world).of(Verdict.LATE) if f.rule == "entered_late"] == [2]


def test_whoever_decides_on_it_is_shown_that_and_says_why_it_stands() -> None:
    road = Road("citizen").opened()
    _, allegation = dated_back(road)
    road.world.wait(7)
    proposal = road.ready(leave_out=("warning",))
    decision = road.application(proposal, allegations_seen=(allegation,))
    (refusal,) = road.world.refused(decision, by=road.decider())
    assert (refusal.rule, refusal.clause, refusal.strength) == ("entered_by_the_accused", "baseline 9", "should")
    assert "warning-1" in refusal.asks
    road.world.do(decision.model_copy(update={"overrides": (override("entered_by_the_accused"),)}), by=road.decider())
    overridden = [f.rule for f in looked_back(road.world).of(Verdict.OVERRIDDEN)]
    assert overridden == ["entered_by_the_accused"]


def test_an_allegation_that_proved_unfounded_throws_no_doubt_on_what_was_entered() -> None:
    road = Road("citizen").opened()
    _, allegation = dated_back(road)
    concluded(road, allegation)
    road.world.wait(7)
    proposal = road.ready(leave_out=("warning",))
    road.world.do(road.application(proposal, allegations_seen=(allegation,)), by=road.decider())


def test_what_somebody_else_enters_late_throws_no_doubt_either() -> None:
    road = Road("citizen").opened()
    incident = road.incident()
    alleged(road, "case_officer")
    road.world.wait(1)
    warn = IssueWarning(incidents=(incident,), behaviour=words(), change_asked=words(), consequences=words())
    road.world.do(warn.model_copy(update={"on": START}), by="manager")
    assert "entered_by_the_accused" not in {f.rule for f in looked_back(road.world).findings}


# under every record of the customer


@pytest.mark.parametrize(("name", "command"), COMMANDS.items(), ids=COMMANDS)
def test_every_decision_asks_of_all_the_customers_records(name: str, command: type[Command]) -> None:
    if issubclass(command, DecidingCommand) or name in {"triage-filed-item", "change-named-contact", "reassign-case"}:
        assert command.asks_of_others


def test_whom_the_customer_accuses_under_another_record_neither_proposes_nor_checks_nor_is_appointed() -> None:
    other = Road("derby").opened()
    road = Road("derby")
    restriction = road.restricted()
    for role in ("service_manager", "departmental_manager", "head_of_service", "executive_team"):
        alleged(other, role)
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.others = (other.world.case,)
    incident = road.world.case.incidents[0].id
    warn = IssueWarning(incidents=(incident,), behaviour=words(), change_asked=words(), consequences=words())
    assert refusals(road, warn, by="service_manager") == ASIDE
    lift = LiftRestriction(restriction=restriction, reasons=words())
    assert refusals(road, lift, by="head_of_service") == ASIDE
    appoint = AppointAppealReviewer(appeal="appeal-1", reviewer=staff("executive_team"))
    assert refusals(road, appoint) == ASIDE


# shown to decider and reviewer


def decisions(road: Road) -> dict[str, tuple[CaseCommand, str]]:
    """Every command that has to say which allegations were looked at, and who gives it."""
    restriction = road.world.case.restrictions[0].id
    return {
        "vary": (varied(road, restriction), "head_of_service"),
        "review": (reviewed(restriction, on=None), "departmental_manager"),
        "determine": (
            DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.UPHELD, reasons=words()),
            "executive_team",
        ),
    }


@pytest.mark.parametrize("name", ["vary", "review", "determine"])
@pytest.mark.parametrize("is_open", [True, False])
def test_whoever_decides_or_reviews_says_that_they_looked_at_every_allegation(name: str, is_open: bool) -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("executive_team")))
    road.world.today = date(2027, 3, 1)
    reviewer = staff("departmental_manager")
    road.world.do(
        AppointReviewer(restriction=restriction, cadence="twelve_monthly", reviewer=reviewer), by="head_of_service"
    )
    allegation = alleged(road, "staff")
    if not is_open:
        concluded(road, allegation)
    command, by = decisions(road)[name]
    assert NOT_SEEN.items() <= refusals(road, command, by=by).items()
    seen = command.model_copy(update={"allegations_seen": SEEN})
    road.circumstances()
    road.world.do(seen, by=by)
    seen_in = [f.allegations_seen for f in road.world.facts(RestrictionVaried)]
    seen_in += [f.allegations_seen for f in road.world.facts(ReviewCompleted)]
    seen_in += [f.allegations_seen for f in road.world.facts(AppealDetermined)]
    assert seen_in == [SEEN]


def test_a_restriction_is_applied_only_with_every_allegation_looked_at() -> None:
    road = Road("citizen")
    proposal = road.ready()
    alleged(road, "staff")
    concluded(road, alleged(road, "board"))
    assert refusals(road, road.application(proposal), by=road.decider()) == NOT_SEEN
    one = road.application(proposal, allegations_seen=SEEN)
    assert [v.field for v in road.world.refused(one, by=road.decider())] == ["allegations_seen"]
    both = ("allegation-1", "allegation-2")
    road.world.do(road.application(proposal, allegations_seen=both), by=road.decider())
    assert [f.allegations_seen for f in road.world.facts(RestrictionApplied)] == [both]


def test_an_allegation_that_there_is_not_was_not_looked_at() -> None:
    road = Road("citizen")
    proposal = road.ready()
    command = road.application(proposal, allegations_seen=SEEN)
    assert road.world.rules(command, by=road.decider()) == {"unknown_allegation"}
