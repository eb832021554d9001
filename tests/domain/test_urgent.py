"""The urgent path: what was done at once is taken down as it was, and what a policy then wants is owed by a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.codes import Answer, Channel, EndedBecause, InteractionKind, LegalStep, UrgentStep
from domain.decisions import CaseCommand
from domain.decisions.endings import CloseCase
from domain.decisions.interim import ApplyInterim
from domain.decisions.urgent import (
    ConsiderLegalAction,
    EndInteraction,
    HoldSeniorDiscussion,
    InformPolice,
    MakeActionPlan,
    ReviewUrgentCase,
    TakeUrgentAction,
    urgent_duties,
)
from domain.events import InteractionEnded, PoliceInformed, SeniorDiscussionHeld, UrgentActionTaken
from tests.domain.world import START, Road, override, staff, words

YESTERDAY = START - timedelta(days=1)


def ended(contact: str, **changes: Any) -> EndInteraction:
    fields: dict[str, Any] = {
        "contact": contact,
        "kind": InteractionKind.CALL,
        "because": EndedBecause.ABUSE,
        "warned_first": True,
        "reason": words(),
    }
    return EndInteraction(**{**fields, **changes})


def with_incident(landlord: str = "wolverhampton") -> Road:
    road = Road(landlord).opened()
    road.incident()
    return road


# conversations


@pytest.mark.parametrize("warned", [True, False])
@pytest.mark.parametrize("landlord", ["citizen", "derby", "maidstone", "star", "wolverhampton"])
def test_a_call_that_was_ended_is_taken_down_as_it_was_under_any_policy(landlord: str, warned: bool) -> None:
    road = Road(landlord).opened()
    contact = road.contact()
    road.world.do(ended(contact, warned_first=warned))
    assert [(f.contact, f.warned_first) for f in road.world.facts(InteractionEnded)] == [(contact, warned)]


@pytest.mark.parametrize(
    ("kind", "channel"),
    [
        (InteractionKind.CALL, Channel.TELEPHONE),
        (InteractionKind.MEETING, Channel.MEETING),
        (InteractionKind.MEETING, Channel.OFFICE_VISIT),
        (InteractionKind.VISIT, Channel.HOME_VISIT),
    ],
)
def test_what_was_ended_is_a_conversation_of_its_kind(kind: InteractionKind, channel: Channel) -> None:
    road = Road("star").opened()
    by_mail = road.contact(channel=Channel.EMAIL)
    assert road.world.rules(ended(by_mail, kind=kind)) == {"no_such_conversation"}
    road.world.do(ended(road.contact(channel=channel), kind=kind))


def test_a_conversation_ends_once_and_on_its_day() -> None:
    road = Road("star").opened()
    contact = road.contact()
    road.world.wait(2)
    assert road.world.rules(ended(contact, on=road.world.today)) == {"ended_on_its_day"}
    road.world.do(ended(contact))  # on the day of the call, also when it is taken down on the next morning
    assert road.world.history[-1].effective_on == START
    assert road.world.rules(ended(contact, on=START)) == {"already_recorded"}
    assert road.world.rules(ended("contact-9")) == {"unknown_contact"}


def test_a_conversation_is_ended_by_somebody_with_a_post_and_not_tomorrow() -> None:
    road = Road("star").opened()
    contact = road.contact()
    assert road.world.rules(ended(contact), by="staff-stranger") == {"post_held"}
    tomorrow = ended(contact, on=START + timedelta(days=1))
    assert road.world.rules(tomorrow) == {"not_in_the_future"}


# action at once


def test_what_has_a_command_of_its_own_is_not_hidden_in_another() -> None:
    road = with_incident()
    hidden = TakeUrgentAction(incident="incident-1", kind="senior_discussion", detail=words())
    (refusal,) = road.world.refused(hidden)
    assert (refusal.rule, refusal.field) == ("has_its_own_command", "kind")
    assert "hold-senior-discussion" in refusal.asks


def test_an_action_that_no_policy_foresaw_is_other() -> None:
    road = with_incident("maidstone")
    unknown = TakeUrgentAction(incident="incident-1", kind="helicopter", detail=words())
    assert road.world.rules(unknown) == {"unknown_urgent_action"}
    road.world.do(unknown.model_copy(update={"kind": "other"}))
    assert [f.kind for f in road.world.facts(UrgentActionTaken)] == ["other"]


def test_those_who_talked_it_over_held_posts_which_stand_on_the_fact() -> None:
    road = with_incident("derby")
    stranger = HoldSeniorDiscussion(incident="incident-1", members=("staff-stranger",), outcome=words())
    assert road.world.rules(stranger) == {"named_person_holds_a_post"}
    road.world.do(
        HoldSeniorDiscussion(
            incident="incident-1", members=(staff("head_of_service"), staff("duty_manager")), outcome=words()
        )
    )
    assert [f.roles for f in road.world.facts(SeniorDiscussionHeld)] == [("head_of_service", "duty_manager")]


def test_a_plan_has_an_owner_in_post_and_a_later_review() -> None:
    road = with_incident()
    plan = MakeActionPlan(incident="incident-1", owner="staff-stranger", review_on=road.world.today, detail=words())
    assert road.world.rules(plan) == {"named_person_holds_a_post", "review_follows"}


def test_the_police_can_be_told_of_something_that_is_no_incident_yet() -> None:
    road = Road("citizen").opened()
    road.world.do(InformPolice(detail=words()))
    assert [f.incident for f in road.world.facts(PoliceInformed)] == [None]


def test_that_nothing_follows_from_weighing_court_action_is_on_record_too() -> None:
    road = with_incident("citizen")
    road.world.do(ConsiderLegalAction(incidents=("incident-1",), step=LegalStep.NONE, reasons=words()))
    assert [step for _, step, _ in road.world.case.legal_steps] == [LegalStep.NONE]


COMMANDS: list[CaseCommand] = [
    TakeUrgentAction(incident="incident-1", kind="other", detail=words()),
    HoldSeniorDiscussion(incident="incident-1", members=(staff("senior_management"),), outcome=words()),
    MakeActionPlan(incident="incident-1", owner=staff("staff"), review_on=date(2026, 4, 1), detail=words()),
    InformPolice(incident="incident-1", detail=words()),
    ConsiderLegalAction(incidents=("incident-1",), step=LegalStep.INJUNCTION, reasons=words()),
]
of_each_kind = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)


@of_each_kind
def test_it_is_about_an_incident_of_this_case_and_came_after_it(command: CaseCommand) -> None:
    assert "unknown_incident" in Road("wolverhampton").opened().world.rules(command)
    before = command.model_copy(update={"on": YESTERDAY})
    assert "end_before_start" in with_incident().world.rules(before)


@of_each_kind
def test_it_is_taken_down_for_its_day_by_somebody_with_a_post_and_never_ahead(command: CaseCommand) -> None:
    road = with_incident()
    road.world.wait(3)
    road.world.do(command.model_copy(update={"on": START}))
    assert road.world.history[-1].effective_on == START
    assert "post_held" in road.world.rules(command, by="staff-stranger")
    ahead = command.model_copy(update={"on": road.world.today + timedelta(days=1)})
    assert "not_in_the_future" in road.world.rules(ahead)


# what is owed then


def owed(road: Road) -> dict[UrgentStep, date]:
    return {d.step: d.due_on for d in urgent_duties(road.world.case, road.policy) if d.met_on is None}


def test_an_incident_about_which_nothing_was_done_at_once_leaves_nothing_owed() -> None:
    assert owed(with_incident()) == {}


def test_an_interim_restriction_makes_its_incidents_urgent_and_its_review_counts_for_them() -> None:
    road = with_incident()
    command = ApplyInterim(
        incidents=("incident-1",),
        measures=(road.measure(),),
        behaviour=words(),
        safety_reason=words(),
        channels_usable=Answer.NOT_KNOWN,
    )
    road.world.do(command, by="duty_manager")
    assert set(owed(road)) == {UrgentStep.SENIOR_DISCUSSION, UrgentStep.ACTION_PLAN, UrgentStep.REVIEW}


def test_only_what_was_acted_on_at_once_is_reviewed_as_urgent() -> None:
    road = with_incident()
    command = ReviewUrgentCase(incident="incident-1", assessment=words())
    assert road.world.rules(command, by="senior_management") == {"not_an_urgent_case"}


def test_the_case_stays_open_until_the_urgent_part_of_it_was_looked_at() -> None:
    road = with_incident()
    road.world.do(TakeUrgentAction(incident="incident-1", kind="other", detail=words()))
    missing = {"urgent_senior_discussion", "urgent_action_plan", "urgent_review"}
    assert road.world.rules(CloseCase()) == missing
    aside = CloseCase(overrides=tuple(override(rule) for rule in sorted(missing)))
    road.world.do(aside)
    assert {o.rule for o in road.world.history[-1].overrides} == missing


def test_a_policy_that_asks_for_nothing_afterwards_leaves_nothing_owed() -> None:
    road = with_incident("derby")
    road.world.do(TakeUrgentAction(incident="incident-1", kind="without_warning", detail=words()))
    assert owed(road) == {}
    road.world.do(CloseCase())
