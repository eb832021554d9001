"""Musts and shoulds: a should is set aside by whoever decides, with a reason that stands; a must by nobody."""

from __future__ import annotations

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import Answer, NoticeKind
from domain.decisions.judgement import OverrideRequest
from domain.decisions.notices import SendNotice
from domain.personal import Personal
from domain.policy import Strength
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, override, staff


def test_a_should_set_aside_by_the_decider_stands_on_the_event_with_its_reason() -> None:
    road = Road("maidstone")
    unwarned = road.application(road.ready(leave_out=["warning"]))
    (violation,) = road.world.refused(unwarned, by=road.decider())
    assert (violation.rule, violation.clause, violation.strength) == ("warning_first", "6.3", Strength.SHOULD)
    reason = Personal("urgent")
    overridden = unwarned.model_copy(update={"overrides": (OverrideRequest(rule="warning_first", reason=reason),)})
    road.world.do(overridden, by=road.decider())
    (found,) = road.world.history[-1].overrides
    assert (found.rule, found.clause) == ("warning_first", "6.3")
    assert found.reason is reason
    assert "6.3" in road.world.history[-1].clauses


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_somebody_else_than_the_decider_sets_nothing_aside(landlord: str) -> None:
    road = Road(landlord)
    unwarned = road.application(road.ready(leave_out=["warning"]), overrides=(override("warning_first"),))
    assert "post_held" in road.world.rules(unwarned, by="case_officer")
    urged = unwarned.model_copy(update={"overrides": (override("warning_first"), override("post_held"))})
    assert {"post_held", "cannot_be_overridden"} <= road.world.rules(urged, by="case_officer")


def test_a_letter_that_leaves_out_what_it_should_say_goes_out_by_the_word_of_the_decider_alone() -> None:
    road = Road("citizen").opened()
    warning = road.warned(received=False)
    contents = tuple(c for c in road.contents(NoticeKind.WARNING) if c != "about_the_policy")
    letter = SendNotice(kind=NoticeKind.WARNING, about=warning, method=DeliveryMethod.BY_HAND, contents=contents)
    overridden = letter.model_copy(update={"overrides": (override("says_about_the_policy"),)})
    assert road.world.rules(letter) == {"says_about_the_policy"}
    assert road.world.rules(overridden) == {"override_by_the_decider"}
    road.world.do(overridden, by=road.warner())
    assert [o.clause for o in road.world.history[-1].overrides] == ["3.4 b2"]


def test_what_the_policy_only_recommends_and_the_baseline_demands_stays_a_must() -> None:
    road = Road("derby")
    restriction = road.restricted(told=False)
    contents = tuple(c for c in road.contents(NoticeKind.DECISION) if c != "measures")
    letter = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.BY_HAND,
        contents=contents,
        enclosures=tuple(road.policy.notices[NoticeKind.DECISION].enclosures),
        overrides=(override("says_measures"),),
    )
    assert road.world.rules(letter, by=road.decider()) == {"says_measures", "cannot_be_overridden"}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_an_override_that_nothing_calls_for_is_refused(landlord: str) -> None:
    road = Road(landlord)
    needless = road.application(road.ready(), overrides=(override("warning_first"),))
    assert road.world.rules(needless, by=road.decider()) == {"override_not_needed"}


# Everything that stands in the way of a decision that nothing was done for, by hand from the policies.
IN_THE_WAY = {
    "citizen": {
        "warning_first": "3.5¶1",
        "decision_says_impact": "3.5¶2, 3.1 end",
        "adjustments": "baseline 7",
        "a_usable_channel_stays_open": "baseline 2",
    },
    "derby": {
        "warning_first": "Step 1",
        "decision_says_allowances": "4¶2",
        "decision_says_single_ground_reason": "3 intro",
        "adjustments": "baseline 7",
        "a_usable_channel_stays_open": "baseline 2",
    },
    "maidstone": {
        "warning_first": "6.3",
        "check_investigated": "6.2(a)",
        "check_communication_adequate": "6.2(b)",
        "check_nothing_new": "6.2(c)",
        "check_evidence": "6.2(d)",
        "evidence": "6.2(d)",
        "step_equality_duty": "4.2",
        "decision_says_pattern": "6.4",
        "adjustments": "baseline 7",
        "a_usable_channel_stays_open": "baseline 2",
    },
    "star": {
        "warning_first": "11.1",
        "check_justified_and_proportionate": "4.2",
        "check_investigated": "10.1a",
        "check_nothing_new": "10.1b",
        "check_circumstances": "10.1c",
        "evidence": "2.2b",
        "adjustments": "baseline 7",
        "a_usable_channel_stays_open": "baseline 2",
    },
    "wolverhampton": {
        "warning_first": "baseline 5",
        "panel_view": "6.4",
        "adjustments": "baseline 7",
        "a_usable_channel_stays_open": "baseline 2",
    },
}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_rule_in_the_way_is_named_at_once_with_its_clause(landlord: str) -> None:
    road = Road(landlord).opened()
    proposal = road.proposed(road.incident(with_evidence=False))
    bare = road.application(
        proposal,
        channels_usable=Answer.NOT_KNOWN,
        **{ask.value: None for ask in road.policy.decision.asks},
    )
    violations = road.world.refused(bare, by=road.decider())
    assert {v.rule: v.clause for v in violations} == IN_THE_WAY[landlord]
    assert all(v.asks.strip() for v in violations)


def test_the_one_who_decides_holds_the_post_on_the_day() -> None:
    road = Road("derby")
    proposal = road.ready()
    assert road.world.rules(road.application(proposal), by="service_manager") == {"post_held"}
    road.world.appoint(staff("newcomer"), "head_of_service", since=road.world.today)
    road.world.do(road.application(proposal), by="staff-newcomer")
