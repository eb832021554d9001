"""Baseline 7: no measure takes away an adjustment that was agreed, and adjustments outlive restrictions and cases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.advice import advise
from domain.codes import Answer, AppealOutcome, Channel, Direction, Effect, Mitigation, NoticeKind, Purpose
from domain.decisions import Refused, decide
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.changes import VaryRestriction
from domain.decisions.endings import CloseCase, LiftRestriction, RecordEnd, WithdrawAsWrong
from domain.decisions.measures import MeasureRequest
from domain.decisions.support import ConsiderMitigation, DecideAdjustment, EndAdjustment, RequestAdjustment
from domain.events import AdjustmentDecided, AdjustmentEnded
from domain.handling import Question
from tests.domain.saying import refusals
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, staff, words
from tests.policies import baseline

CONFLICT = {"adjustments": "baseline 7"}
NO_MITIGATION = ConsiderMitigation(considered=(Mitigation.NONE_KNOWN,), conclusion=words())


def agreed(road: Road, kind: str, **changes: Any) -> str:
    """An adjustment of this kind is asked for and agreed today; its id."""
    road.world.do(RequestAdjustment(kind=kind, needs=words()))
    adjustment = road.world.case.adjustments[-1].id
    decision = {"adjustment": adjustment, "agreed": True, "reason": words(), "instruction": words(), **changes}
    road.world.do(DecideAdjustment(**decision))
    return adjustment


def ready(landlord: str, kind: str, **changes: Any) -> tuple[Road, str]:
    """Everything up to the decision, for a customer with such an adjustment; the proposal."""
    road = Road(landlord)
    proposal = road.ready()
    agreed(road, kind, **changes)
    return road, proposal


def telephone_only(road: Road) -> MeasureRequest:
    """STAR's customer may only ring."""
    return road.measure("one_channel", open=(Channel.TELEPHONE,))


# what conflicts


def test_letters_only_takes_away_visits_at_home() -> None:
    road, proposal = ready("star", "home_visits")
    letters = road.measure("one_channel", open=(Channel.LETTER,))
    (violation,) = road.world.refused(road.application(proposal, letters), by=road.decider())
    assert (violation.rule, violation.clause, violation.field) == ("adjustments", "baseline 7", "measures")
    assert violation.asks == (
        "one_channel closes home_visit, which conflicts with adjustment-1; choose another measure, or first agree an "
        "adjustment in its place that is equally effective."
    )
    road.world.do(road.application(proposal, road.measure("single_contact")), by=road.decider())


def test_telephone_only_is_no_way_in_for_somebody_who_cannot_telephone() -> None:
    road, proposal = ready("star", "no_telephone")
    assert refusals(road, road.application(proposal, telephone_only(road)), by=road.decider()) == CONFLICT
    road.world.do(road.application(proposal, road.measure("one_channel", open=(Channel.EMAIL,))), by=road.decider())


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.LETTER, Channel.ONLINE_FORM])
def test_writing_only_is_no_way_in_for_somebody_who_cannot_write(channel: Channel) -> None:
    road, proposal = ready("star", "no_writing")
    written = road.measure("one_channel", open=(channel,))
    assert refusals(road, road.application(proposal, written), by=road.decider()) == CONFLICT
    road.world.do(road.application(proposal, telephone_only(road)), by=road.decider())


def test_two_measures_that_each_leave_a_way_and_together_leave_none_that_can_be_used_conflict() -> None:
    road, proposal = ready("star", "other", unusable_channels=(Channel.TELEPHONE,))
    open_ways = (Channel.TELEPHONE, Channel.EMAIL), (Channel.TELEPHONE, Channel.LETTER)
    both = [
        MeasureRequest(code="other", reason=words(), effect=Effect.CHANNELS, open=w, words=words()) for w in open_ways
    ]
    for one in both:
        assert refusals_of(road, proposal, one) == {}
    assert refusals_of(road, proposal, *both) == CONFLICT


def refusals_of(road: Road, proposal: str, *measures: MeasureRequest) -> dict[str, str]:
    """What stands in the way of these measures; nothing is decided."""
    try:
        decide(road.application(proposal, *measures), road.world.situation(road.decider()))
    except Refused as refusal:
        return {v.rule: v.clause for v in refusal.violations}
    return {}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("explained_again", "update_limit"),
        ("explained_again", "repeated_calls_ended"),
        ("explained_again", "filed"),
    ],
)
def test_what_is_explained_as_often_as_needed_is_not_counted_ended_or_filed(kind: str, code: str) -> None:
    road, proposal = ready("star", kind)
    if code == "filed":
        road.answered("issue-1")
    assert refusals_of(road, proposal, road.measure(code)) == CONFLICT


@pytest.mark.parametrize("kind", ["more_time", "interpreter"])
def test_calls_do_not_end_by_the_clock_for_somebody_who_was_given_more_time(kind: str) -> None:
    road, proposal = ready("maidstone", kind)
    code = next(c for c, k in road.policy.measures.items() if k.effect == "call_minutes")
    assert refusals_of(road, proposal, road.measure(code)) == CONFLICT


def test_what_an_adjustment_needs_beyond_its_kind_is_said_in_codes() -> None:
    road, proposal = ready("derby", "other", needs_channels=(Channel.TELEPHONE,))
    assert refusals_of(road, proposal, road.measure("letter_only")) == CONFLICT
    assert refusals_of(road, proposal, road.measure("single_contact")) == {}
    (fact,) = road.world.facts(AdjustmentDecided)
    assert fact.needs_channels == (Channel.TELEPHONE,)


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_landlord_can_give_the_baselines_kinds_whether_or_not_its_policy_names_any(landlord: str) -> None:
    road = Road(landlord).opened()
    for kind in baseline().adjustments:
        agreed(road, kind)
    assert len(road.world.case.adjustments) == len(baseline().adjustments)


def test_an_adjustment_that_limits_no_way_of_contact_goes_with_every_measure() -> None:
    road, proposal = ready("star", "large_print")
    assert refusals_of(road, proposal, telephone_only(road)) == {}


def test_what_was_refused_or_is_over_stands_in_nobodys_way_and_what_begins_later_does() -> None:
    road, proposal = ready("star", "home_visits", starts_on=date(2026, 4, 1))
    assert refusals_of(road, proposal, telephone_only(road)) == CONFLICT
    refused = Road("star")
    proposal = refused.ready()
    agreed(refused, "home_visits", agreed=False)
    assert refusals_of(refused, proposal, telephone_only(refused)) == {}
    over, proposal = ready("star", "home_visits")
    over.world.do(EndAdjustment(adjustment="adjustment-1", reason=words()))
    assert refusals_of(over, proposal, telephone_only(over)) == {}


# an equally effective one


def test_another_adjustment_that_is_agreed_in_its_place_opens_the_way() -> None:
    road, proposal = ready("star", "home_visits")
    only_calls = road.application(proposal, telephone_only(road))
    assert refusals(road, only_calls, by=road.decider()) == CONFLICT
    agreed(road, "other", needs_channels=(Channel.TELEPHONE,), replaces="adjustment-1")
    (ended,) = road.world.facts(AdjustmentEnded)
    assert (ended.adjustment, ended.ended_on) == ("adjustment-1", road.world.today - timedelta(days=1))
    in_force = [a.id for a in road.world.case.adjustments if a.in_force_on(road.world.today)]
    assert in_force == ["adjustment-2"]
    road.world.do(only_calls, by=road.decider())


def test_one_that_begins_later_leaves_the_earlier_in_place_until_then() -> None:
    road, proposal = ready("star", "home_visits")
    agreed(road, "other", replaces="adjustment-1", starts_on=date(2026, 4, 1))
    assert refusals_of(road, proposal, telephone_only(road)) == CONFLICT
    assert [a.id for a in road.world.case.adjustments if a.in_force_on(date(2026, 3, 31))] == ["adjustment-1"]
    assert [a.id for a in road.world.case.adjustments if a.in_force_on(date(2026, 4, 1))] == ["adjustment-2"]


def test_only_what_is_given_is_replaced_and_only_by_what_is_agreed() -> None:
    road, _ = ready("star", "home_visits")
    road.world.do(RequestAdjustment(kind="other", needs=words()))
    answer = DecideAdjustment(adjustment="adjustment-2", agreed=False, reason=words(), replaces="adjustment-1")
    assert road.world.rules(answer) == {"nothing_agreed"}
    nothing = answer.model_copy(update={"agreed": True, "instruction": words(), "replaces": "adjustment-9"})
    assert road.world.rules(nothing) == {"adjustment_not_given"}
    itself = nothing.model_copy(update={"replaces": "adjustment-2"})
    assert road.world.rules(itself) == {"adjustment_not_given"}


# varying and extending


def test_a_variation_and_a_longer_term_keep_adjustments_too() -> None:
    road = Road("star")
    restriction = road.restricted(road.measure("single_contact"))
    road.world.wait(1)
    agreed(road, "home_visits")
    road.world.do(NO_MITIGATION)
    tighter = VaryRestriction(
        restriction=restriction,
        measures=(telephone_only(road),),
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
        incidents=("incident-1",),
    )
    assert refusals(road, tighter, by=road.decider()) == CONFLICT
    road.world.do(road.extension(restriction, date(2026, 12, 1)), by=road.decider())


def test_what_became_a_conflict_by_a_later_adjustment_is_not_made_longer() -> None:
    road = Road("star")
    restriction = road.restricted(telephone_only(road))
    road.world.wait(1)
    agreed(road, "home_visits")
    longer = road.extension(restriction, date(2026, 12, 1))
    assert refusals(road, longer, by=road.decider()) == CONFLICT


# outliving


def lifted(road: Road) -> None:
    road.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=road.decider())
    road.letter(NoticeKind.ENDING, "restriction-1")


def withdrawn(road: Road) -> None:
    road.world.do(WithdrawAsWrong(restriction="restriction-1", reasons=words()), by=road.decider())
    road.letter(NoticeKind.ENDING, "restriction-1")


def reached(road: Road) -> None:
    road.world.today = road.world.case.restrictions[0].ends_on + timedelta(days=1)
    road.world.do(RecordEnd(restriction="restriction-1"))


def overturned(road: Road) -> None:
    road.world.do(LodgeAppeal(against="restriction-1", reasons=words()))
    reviewer = staff("senior_management")
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=reviewer))
    outcome = DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.OVERTURNED, reasons=words())
    road.world.do(outcome, by=reviewer)
    road.letter(NoticeKind.APPEAL_OUTCOME, "appeal-1")


@pytest.mark.parametrize("end", [lifted, withdrawn, reached, overturned])
def test_no_end_of_a_restriction_or_of_the_case_ends_an_adjustment(end: Any) -> None:
    road = Road("star")
    road.restricted(road.measure("single_contact"))
    agreed(road, "large_print")
    road.world.wait(1)
    end(road)
    assert road.world.case.adjustments[0].in_force_on(road.world.today)
    road.world.do(CloseCase())
    assert road.world.case.adjustments[0].in_force_on(road.world.today + timedelta(days=400))


def closed_with(kind: str) -> Road:
    """A case of STAR's that was closed with an adjustment in force."""
    road = Road("star").opened()
    agreed(road, kind)
    road.world.do(CloseCase())
    return road


def test_the_persons_next_case_decides_with_the_adjustments_of_the_closed_one() -> None:
    before = closed_with("home_visits")
    road = Road("star")
    road.world.others = (before.world.case,)
    proposal = road.ready()
    (violation,) = road.world.refused(road.application(proposal, telephone_only(road)), by=road.decider())
    assert "adjustment-1 of case case-1" in violation.asks


def test_an_adjustment_of_a_closed_case_can_end_and_nothing_else_can_happen_to_it() -> None:
    road = closed_with("home_visits")
    assert road.world.rules(RequestAdjustment(kind="other", needs=words())) == {"case_closed"}
    road.world.wait(30)
    road.world.do(EndAdjustment(adjustment="adjustment-1", reason=words()))
    assert not road.world.case.adjustments[0].in_force_on(road.world.today + timedelta(days=1))


def test_advice_tells_of_the_adjustments_of_closed_cases() -> None:
    before = closed_with("home_visits")
    latest = Road("star").opened()
    question = Question(
        direction=Direction.INBOUND, channel=Channel.TELEPHONE, at=latest.world.now, purpose=Purpose.ENQUIRY
    )
    answer = advise([before.world.case, latest.world.case], question, baseline(), latest.world.now)
    assert [a.kind for a in answer.adjustments] == ["home_visits"]  # type: ignore[union-attr]


def test_a_request_that_is_open_in_a_merged_record_is_answered_first() -> None:
    other = Road("star").opened()
    other.world.do(RequestAdjustment(kind="other", needs=words()))
    road = Road("star")
    road.world.others = (other.world.case,)
    proposal = road.ready()
    assert refusals_of(road, proposal, road.measure("single_contact")) == CONFLICT
