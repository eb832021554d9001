"""Baseline 7: circumstances are looked at before deciding, and requests for adjustments are answered first."""

from __future__ import annotations

from datetime import date

import pytest

from domain.codes import Answer, Mitigation
from domain.decisions.changes import ChangeNamedContact, VaryRestriction
from domain.decisions.endings import CloseCase, LiftRestriction
from domain.decisions.support import ConsiderMitigation, DecideAdjustment, RequestAdjustment
from tests.domain.baseline.silence import silent
from tests.domain.saying import refusals
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, staff, words

UNANSWERED = {"adjustments": "baseline 7"}
ANSWERED = DecideAdjustment(adjustment="adjustment-1", agreed=True, reason=words(), instruction=words())
REFUSED = DecideAdjustment(adjustment="adjustment-1", agreed=False, reason=words())
CONSIDERED = ConsiderMitigation(considered=(Mitigation.NONE_KNOWN,), conclusion=words())


def asked(road: Road) -> None:
    """The customer asks for an adjustment today."""
    road.world.do(RequestAdjustment(kind="other", needs=words()))


def stricter(road: Road, restriction: str) -> VaryRestriction:
    """Letters only, in the place of what Derby decided before."""
    return VaryRestriction(
        restriction=restriction,
        measures=(road.measure("letter_only"),),
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
        incidents=("incident-1",),
    )


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
    tighter = stricter(road, restriction)
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
    makes_light = Road("derby")  # its policy makes light of no cause, yet asks for the step in no decision of its own
    says_nothing = silent("citizen", steps={})
    for road in (makes_light, says_nothing):
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


def test_what_was_considered_for_one_restriction_does_not_carry_over_to_a_second_beside_it() -> None:
    road = Road("maidstone")
    road.restricted()
    proposal = road.ready(leave_out=["circumstances"])
    asks = {**UNANSWERED, "step_equality_duty": "4.2"}
    assert refusals(road, road.application(proposal), by=road.decider()) == asks
    road.circumstances()
    road.world.do(road.application(proposal), by=road.decider())
    assert len(road.world.case.in_force_on(road.world.today)) == 2


def test_a_stricter_measure_is_considered_anew_on_a_later_day_than_the_decision() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("witness"))
    road.world.do(CONSIDERED)  # on the day of the decision, and so for that decision
    road.world.wait(1)
    assert refusals(road, stricter(road, restriction), by=road.decider()) == UNANSWERED
    road.world.do(CONSIDERED)
    road.world.do(stricter(road, restriction), by=road.decider())


def test_each_longer_term_is_considered_anew() -> None:
    road = Road("derby")
    restriction = road.restricted()
    for today, ends_on in ((date(2027, 3, 1), date(2027, 9, 1)), (date(2027, 8, 23), date(2028, 3, 1))):
        road.world.today = today
        longer = road.extension(restriction, ends_on, considered=False)
        assert refusals(road, longer, by=road.decider()) == UNANSWERED
        road.world.do(CONSIDERED)
        road.world.do(longer, by=road.decider())


def test_what_was_considered_after_the_last_decision_serves_the_next_one_however_much_later() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.wait(1)
    road.world.do(CONSIDERED)
    road.world.today = date(2027, 3, 1)
    road.world.do(road.extension(restriction, date(2027, 9, 1), considered=False), by=road.decider())


def test_another_named_contact_is_no_decision_and_what_was_considered_goes_on_standing() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.wait(1)
    road.world.do(CONSIDERED)
    road.world.wait(1)
    changed = ChangeNamedContact(
        restriction=restriction, measure=f"{restriction}.1", contact_staff=(staff("records_officer"),)
    )
    road.world.do(changed)
    road.world.today = date(2027, 3, 1)
    road.world.do(road.extension(restriction, date(2027, 9, 1), considered=False), by=road.decider())


def test_what_to_do_is_said_when_an_adjustment_is_agreed() -> None:
    road = Road("derby").opened()
    asked(road)
    assert road.world.rules(ANSWERED.model_copy(update={"instruction": None})) == {"instruction_needed"}


def test_a_request_is_answered_once() -> None:
    road = Road("derby").opened()
    asked(road)
    road.world.do(REFUSED)
    assert road.world.rules(ANSWERED) == {"already_answered"}
