"""Baseline 1 and 2: some contact always gets through, and one channel that the customer can use stays open."""

from __future__ import annotations

import pytest

from domain.codes import Answer, Channel, Direction, Effect, Purpose
from domain.decisions.breaches import RecordBreach
from domain.decisions.changes import VaryRestriction
from domain.decisions.measures import MeasureRequest
from tests.domain.saying import in_the_way_of_a_breach, refusals
from tests.domain.world import Road, override, words

NO_CHANNEL = {"a_usable_channel_stays_open": "baseline 2"}


def other(*open_: Channel) -> MeasureRequest:
    """A measure outside every catalogue that leaves these channels open."""
    return MeasureRequest(code="other", effect=Effect.OTHER, open=open_, reason=words(), words=words())


# 1: some contact always gets through


@pytest.mark.parametrize(
    "purpose",
    [
        Purpose.EMERGENCY_REPAIR,
        Purpose.REPAIR,
        Purpose.APPEAL,
        Purpose.ADJUSTMENT_REQUEST,
        Purpose.REPLY,
        Purpose.POLICE,
    ],
)
def test_a_call_about_a_protected_matter_is_no_breach_of_letters_only(purpose: Purpose) -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("letter_only"))
    assert in_the_way_of_a_breach(road, restriction, purpose=purpose) == {"some_contact_gets_through"}


def test_an_ordinary_call_is_a_breach_of_letters_only() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("letter_only"))
    assert in_the_way_of_a_breach(road, restriction, purpose=Purpose.ENQUIRY) == set()


def test_a_call_whose_purpose_nobody_asked_is_no_breach() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("letter_only"))
    assert in_the_way_of_a_breach(road, restriction, purpose=None) == {"some_contact_gets_through"}


def test_that_it_gets_through_is_a_must_that_no_reason_sets_aside() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("letter_only"))
    road.world.wait(1)
    command = RecordBreach(
        contact=road.contact(purpose=Purpose.PAYMENT),
        restriction=restriction,
        measure=f"{restriction}.1",
        account=words(),
        overrides=(override("some_contact_gets_through"),),
    )
    assert road.world.rules(command, by=road.decider()) == {"some_contact_gets_through", "cannot_be_overridden"}


def test_an_exception_of_the_measure_is_no_breach_of_it() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("letter_only", exceptions=(Purpose.ENQUIRY,)))
    assert in_the_way_of_a_breach(road, restriction, purpose=Purpose.ENQUIRY) == {"some_contact_gets_through"}


def test_a_call_that_nobody_answered_or_that_the_landlord_made_is_no_breach() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("letter_only"))
    assert in_the_way_of_a_breach(road, restriction, completed=False) == {"contact_counts"}
    assert in_the_way_of_a_breach(road, restriction, customer_initiated=False) == {"contact_counts"}
    assert in_the_way_of_a_breach(road, restriction, direction=Direction.OUTBOUND) == {"contact_counts"}


def test_an_emergency_uses_up_no_allowance_so_that_the_next_call_is_no_breach() -> None:
    road = Road("citizen")
    restriction = road.restricted(road.measure("once_a_month"))
    road.world.wait(1)
    day = road.world.today
    road.contact(purpose=Purpose.EMERGENCY_REPAIR)
    assert in_the_way_of_a_breach(road, restriction, happened_on=day) == {"goes_against_the_measure"}
    assert in_the_way_of_a_breach(road, restriction, happened_on=day) == set()


# 2: at least one usable channel


@pytest.mark.parametrize(
    "left", [(Channel.SOCIAL_MEDIA,), (Channel.HOME_VISIT, Channel.MEETING), (Channel.THIRD_PARTY,)]
)
def test_measures_that_leave_no_channel_of_the_customers_own_are_refused(left: tuple[Channel, ...]) -> None:
    road = Road("derby")
    proposal = road.ready()
    assert refusals(road, road.application(proposal, other(*left)), by=road.decider()) == NO_CHANNEL


def test_measures_that_leave_letters_pass() -> None:
    road = Road("derby")
    road.restricted(other(Channel.LETTER))
    assert Channel.LETTER in road.world.case.restrictions[-1].sets[-1].measures[0].open


def test_two_restrictions_together_may_not_close_what_each_leaves_open() -> None:
    road = Road("maidstone")
    road.restricted(road.measure("one_channel", open=(Channel.LETTER,)))
    proposal = road.ready()
    by_mail = road.application(proposal, road.measure("one_channel", open=(Channel.EMAIL,)))
    assert refusals(road, by_mail, by=road.decider()) == NO_CHANNEL
    by_letter = road.application(proposal, road.measure("one_channel", open=(Channel.LETTER,)))
    road.world.do(by_letter, by=road.decider())


def test_varying_a_restriction_may_not_close_the_last_channel_either() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("letter_only"))
    vary = VaryRestriction(
        restriction=restriction,
        measures=(other(Channel.SOCIAL_MEDIA),),
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
        incidents=(road.world.case.incidents[-1].id,),
    )
    assert refusals(road, vary, by=road.decider()) == NO_CHANNEL
    road.world.do(vary.model_copy(update={"measures": (other(Channel.EMAIL),)}), by=road.decider())


@pytest.mark.parametrize("answer", [Answer.NO, Answer.NOT_KNOWN, Answer.NOT_APPLICABLE])
@pytest.mark.parametrize("landlord", ["citizen", "derby", "maidstone", "star", "wolverhampton"])
def test_unless_the_customer_can_use_what_remains_nothing_is_decided(landlord: str, answer: Answer) -> None:
    road = Road(landlord)
    proposal = road.ready()
    assert refusals(road, road.application(proposal, channels_usable=answer), by=road.decider()) == NO_CHANNEL
    road.world.do(road.application(proposal, channels_usable=Answer.YES), by=road.decider())


def test_somebody_else_alone_will_do_only_in_extremis_and_where_the_policy_knows_it() -> None:
    road = Road("citizen")
    proposal = road.ready()
    through = road.application(proposal, road.measure("third_party"))
    assert refusals(road, through, by=road.decider()) == NO_CHANNEL
    road.world.do(through.model_copy(update={"extremis_reason": words()}), by=road.decider())

    derby = Road("derby")
    nobody = derby.application(derby.ready(), other(Channel.THIRD_PARTY), extremis_reason=words())
    assert refusals(derby, nobody, by=derby.decider()) == NO_CHANNEL
