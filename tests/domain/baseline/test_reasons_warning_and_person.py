"""Baseline 4, 5 and 6: reasons and evidence, a warning first, and nobody restricted for what another did."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from domain.codes import Answer, AppealOutcome, Mitigation, NoticeKind
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.changes import VaryRestriction
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import RecordReturn
from domain.decisions.proposals import ProposeRestriction
from domain.decisions.steps import IssueWarning, WithdrawWarning
from domain.decisions.support import ConsiderMitigation
from domain.events import RestrictionApplied
from tests.domain.saying import refusals
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, override, staff, words

WARNING_FIRST = {"warning_first": "baseline 5"}


# 4: reasons and evidence


@pytest.mark.parametrize("field", ["proportionality", "behaviour", "measures"])
def test_a_decision_without_its_reasons_is_not_even_a_command(field: str) -> None:
    road = Road("derby")
    whole = road.application(road.ready()).model_dump(exclude={field})
    with pytest.raises(ValidationError, match=field):
        road.application("proposal-1").model_validate(whole)


@pytest.mark.parametrize("field", ["proportionality", "reasons", "incidents"])
def test_an_extension_without_its_reasons_is_not_even_a_command(field: str) -> None:
    road = Road("derby")
    whole = road.extension(road.restricted(), date(2027, 6, 9))
    with pytest.raises(ValidationError, match=field):
        type(whole).model_validate(whole.model_dump(exclude={field}))


def test_every_measure_says_why_it_is_needed() -> None:
    with pytest.raises(ValidationError, match="reason"):
        MeasureRequest.model_validate({"code": "letter_only"})


def test_a_proposal_rests_on_logged_incidents() -> None:
    road = Road("wolverhampton").opened()
    with pytest.raises(ValidationError, match="incidents"):
        ProposeRestriction(incidents=(), measures=("one_channel",), reasons=words())
    proposal = ProposeRestriction(incidents=("incident-1",), measures=("one_channel",), reasons=words())
    assert road.world.rules(proposal, by=road.proposer()) == {"unknown_incident"}
    road.incident()
    road.world.do(proposal, by=road.proposer())


def vary(restriction: str, *measures: MeasureRequest, incidents: tuple[str, ...] = ()) -> VaryRestriction:
    """The command that puts these measures in the place of those in force."""
    return VaryRestriction(
        restriction=restriction,
        measures=measures,
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
        incidents=incidents,
    )


def test_asking_more_of_the_customer_rests_on_incidents_and_asking_less_does_not() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("no_social_media"), road.measure("witness"))
    more = vary(restriction, road.measure("letter_only"))
    less = vary(restriction, road.measure("witness"))
    assert refusals(road, more, by=road.decider()) == {"reasons_and_evidence": "baseline 4"}
    road.world.do(less, by=road.decider())
    road.world.do(more.model_copy(update={"incidents": ("incident-1",)}), by=road.decider())


def test_an_appeal_adds_no_measure() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("letter_only"), road.measure("witness"))
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("executive_team")))
    stricter, gentler = (
        DetermineAppeal(
            appeal="appeal-1", outcome=AppealOutcome.VARIED, reasons=words(), measures=(road.measure(code),)
        )
        for code in ("telephone_through_third_party", "witness")
    )
    assert refusals(road, stricter, by="executive_team") == {"reasons_and_evidence": "baseline 4"}
    road.world.do(gentler, by="executive_team")


# 5: warning first


def test_where_the_policy_is_silent_the_baseline_asks_for_a_warning_that_can_be_set_aside_with_a_reason() -> None:
    road = Road("wolverhampton")
    proposal = road.ready(leave_out=["warning"])
    unwarned = road.application(proposal)
    assert refusals(road, unwarned, by=road.decider()) == WARNING_FIRST
    decision = road.world.do(unwarned.model_copy(update={"overrides": (override("warning_first"),)}), by=road.decider())
    assert [(o.rule, o.clause) for o in decision.overrides] == [("warning_first", "baseline 5")]


def test_where_the_policy_asks_for_a_warning_no_reason_sets_it_aside() -> None:
    road = Road("derby")
    proposal = road.ready(leave_out=["warning"])
    assert refusals(road, road.application(proposal), by=road.decider()) == {"warning_first": "Step 1"}
    urged = road.application(proposal, overrides=(override("warning_first"),))
    assert set(refusals(road, urged, by=road.decider())) == {"warning_first", "cannot_be_overridden"}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_warning_that_was_received_and_not_heeded_lets_the_decision_pass(landlord: str) -> None:
    road = Road(landlord)
    road.world.do(road.application(road.ready()), by=road.decider())


def test_a_warning_that_was_issued_and_never_sent_is_none() -> None:
    road = Road("wolverhampton").opened()
    road.warned(received=False)
    assert refusals(road, road.application(road.ready(leave_out=["warning"])), by=road.decider()) == WARNING_FIRST


def test_a_warning_that_came_back_is_none() -> None:
    road = Road("wolverhampton")
    proposal = road.ready()
    road.world.do(RecordReturn(notice=road.world.case.notices[0].id))
    assert refusals(road, road.application(proposal), by=road.decider()) == WARNING_FIRST


def test_a_warning_that_was_taken_back_is_none() -> None:
    road = Road("wolverhampton")
    proposal = road.ready()
    road.world.do(WithdrawWarning(warning="warning-1", reason=words()), by=road.warner())
    assert refusals(road, road.application(proposal), by=road.decider()) == WARNING_FIRST


def test_a_warning_stands_for_twelve_months_from_receipt_and_not_a_day_longer() -> None:
    road = Road("wolverhampton")
    proposal = road.ready()  # warned on 2 March 2026
    road.world.today = date(2027, 3, 3)
    assert refusals(road, road.application(proposal), by=road.decider()) == WARNING_FIRST
    road.world.today = date(2027, 3, 2)
    road.world.do(road.application(proposal), by=road.decider())


def test_what_happened_before_the_warning_was_received_did_not_go_against_it() -> None:
    road = Road("wolverhampton")
    proposal = road.ready(leave_out=["persisted"])
    assert refusals(road, road.application(proposal), by=road.decider()) == WARNING_FIRST


def test_another_kind_of_behaviour_does_not_go_against_the_warning_unless_somebody_says_why_it_does() -> None:
    road = Road("wolverhampton").opened()
    first, second = list(road.policy.categories)[:2]
    road.warned(road.incident(road.ground(category=first)))
    road.world.wait(7)
    road.circumstances()
    proposal = road.proposed(road.incident(road.ground(category=second)))
    road.confirmed(proposal)
    assert refusals(road, road.application(proposal), by=road.decider()) == WARNING_FIRST
    road.world.do(road.application(proposal, same_behaviour_reason=words()), by=road.decider())


# 6: one person, one decision


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_nobody_is_warned_or_restricted_for_what_somebody_else_did(landlord: str) -> None:
    road = Road(landlord).opened()
    theirs, own = road.incident(conduct_of="person-2"), road.incident()
    somebody_elses = {"one_person_one_decision": "baseline 6"}

    def warning(incident: str) -> IssueWarning:
        return IssueWarning(incidents=(incident,), behaviour=words(), change_asked=words(), consequences=words())

    def proposal(incident: str) -> ProposeRestriction:
        return ProposeRestriction(incidents=(incident,), measures=(road.measure().code,), reasons=words())

    assert refusals(road, warning(theirs), by=road.warner()) == somebody_elses
    assert refusals(road, proposal(theirs), by=road.proposer()) == somebody_elses
    road.world.do(warning(own), by=road.warner())
    road.world.do(proposal(own), by=road.proposer())


def test_no_restriction_grows_by_what_somebody_else_did() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("witness"))
    theirs = road.incident(conduct_of="person-2")
    longer = road.extension(restriction, date(2027, 6, 9))  # the latest incident is the one it rests on
    tighter = vary(restriction, road.measure("letter_only"), incidents=(theirs,))
    assert "one_person_one_decision" in road.world.rules(longer, by=road.decider())
    assert road.world.rules(tighter, by=road.decider()) == {"one_person_one_decision"}


def test_the_decision_names_the_warning_that_it_rests_on() -> None:
    road = Road("derby")
    road.restricted()
    assert road.world.facts(RestrictionApplied)[0].warning == "warning-1"
    assert road.world.case.notices_about("warning-1", NoticeKind.WARNING)


def test_considering_circumstances_needs_either_one_or_none() -> None:
    road = Road("derby").opened()
    both = ConsiderMitigation(considered=(Mitigation.NONE_KNOWN, Mitigation.HEALTH), conclusion=words())
    assert road.world.rules(both) == {"none_or_some"}
    road.world.do(ConsiderMitigation(considered=(Mitigation.HEALTH,), conclusion=words()))
