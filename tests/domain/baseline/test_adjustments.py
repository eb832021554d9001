"""Baseline 7: circumstances are looked at before deciding, and requests for adjustments are answered first."""

from __future__ import annotations

from datetime import date

import pytest

from domain.codes import Answer
from domain.decisions.changes import VaryRestriction
from domain.decisions.endings import CloseCase, LiftRestriction
from domain.decisions.support import DecideAdjustment, RequestAdjustment
from tests.domain.baseline.silence import silent
from tests.domain.saying import refusals
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, words

UNANSWERED = {"adjustments": "baseline 7"}
ANSWERED = DecideAdjustment(adjustment="adjustment-1", agreed=True, reason=words(), instruction=words())
REFUSED = DecideAdjustment(adjustment="adjustment-1", agreed=False, reason=words())


def asked(road: Road) -> None:
    """The customer asks for an adjustment today."""
    road.world.do(RequestAdjustment(kind="other", needs=words()))


@pytest.mark.parametrize("landlord", LANDLORDS)
@pytest.mark.parametrize("answer", [ANSWERED, REFUSED])
def test_while_a_request_is_open_nothing_is_decided_and_any_answer_opens_the_way(
    landlord: str, answer: DecideAdjustment
) -> None:
    road = Road(landlord)
    proposal = road.ready()
    asked(road)
    assert refusals(road, road.application(proposal), by=road.decider()) == UNANSWERED
    road.world.do(answer)
    road.world.do(road.application(proposal), by=road.decider())


def test_a_longer_term_and_a_stricter_measure_wait_for_the_answer_too() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("witness"))
    asked(road)
    tighter = VaryRestriction(
        restriction=restriction,
        measures=(road.measure("letter_only"),),
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
        incidents=("incident-1",),
    )
    road.world.today = date(2027, 3, 1)
    longer = road.extension(restriction, date(2027, 9, 1))
    assert refusals(road, longer, by=road.decider()) == UNANSWERED
    assert refusals(road, tighter, by=road.decider()) == UNANSWERED
    road.world.do(ANSWERED)
    road.world.do(tighter, by=road.decider())
    road.world.do(longer, by=road.decider())


def test_asking_less_of_the_customer_waits_for_nothing() -> None:
    road = Road("derby")
    restriction = road.restricted()
    asked(road)
    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())


def test_a_case_with_an_open_request_stays_open() -> None:
    road = Road("derby").opened()
    asked(road)
    assert refusals(road, CloseCase()) == UNANSWERED
    road.world.do(REFUSED)
    road.world.do(CloseCase())


def test_circumstances_are_considered_under_every_policy_and_where_it_is_silent() -> None:
    stricter = Road("derby")  # its policy makes light of no cause, yet asks for the step in no decision of its own
    says_nothing = silent("citizen", steps={})
    for road in (stricter, says_nothing):
        proposal = road.ready(leave_out=["circumstances"])
        assert refusals(road, road.application(proposal), by=road.decider()) == UNANSWERED
        road.circumstances()
        road.world.do(road.application(proposal), by=road.decider())


def test_what_was_considered_for_an_ended_restriction_does_not_carry_over() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())
    road.world.wait(30)
    proposal = road.ready(leave_out=["circumstances"])
    assert refusals(road, road.application(proposal), by=road.decider()) == UNANSWERED
    road.circumstances()
    road.world.do(road.application(proposal), by=road.decider())


def test_what_to_do_is_said_when_an_adjustment_is_agreed() -> None:
    road = Road("derby").opened()
    asked(road)
    assert road.world.rules(ANSWERED.model_copy(update={"instruction": None})) == {"instruction_needed"}


def test_a_request_is_answered_once() -> None:
    road = Road("derby").opened()
    asked(road)
    road.world.do(REFUSED)
    assert road.world.rules(ANSWERED) == {"already_answered"}
