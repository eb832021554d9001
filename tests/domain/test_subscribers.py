"""Subscribers: systems that follow what happens, registered by an administrator, each with a sign-in of its own."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from domain.codes import StaffId, SubscriberKind, Topic
from domain.decisions import LandlordCommand, Refused, decide
from domain.decisions.landlord import AppointPost
from domain.decisions.subscribers import EndSubscriber, RegisterSubscriber
from domain.events import Event
from domain.landlord import Subscriber, fold_landlord
from tests.domain.world import START, World, staff

SYSTEM_ONE, SYSTEM_TWO = "system-1", "system-2"


def own(**changes: Any) -> RegisterSubscriber:
    """The housing system, as it is registered."""
    fields: dict[str, Any] = {
        "subscriber": "housing_system",
        "kind": SubscriberKind.OWN,
        "signs_in": SYSTEM_ONE,
        "topics": (Topic.SAFETY, Topic.RESTRICTIONS),
        "references": True,
        "within_minutes": 240,
    }
    return RegisterSubscriber(**{**fields, **changes})


def partners(**changes: Any) -> RegisterSubscriber:
    """A contractor's system."""
    fields: dict[str, Any] = {
        "subscriber": "contractor_desk",
        "kind": SubscriberKind.PARTNER,
        "signs_in": SYSTEM_TWO,
        "partner": "repairs_contractor",
        "references": False,
        "within_minutes": None,
    }
    return own(**{**fields, **changes})


def managed(world: World, command: LandlordCommand, by: str = "administrator") -> None:
    """Carries out a command on the landlord."""
    (new,) = decide(command, world.situation(by)).facts
    event = Event(
        event_id=f"landlord-{world.landlord.version + 1}",
        stream="landlord",
        version=world.landlord.version + 1,
        fact=new.fact,
        effective_at=new.effective_at,
        actor=world.situation(by).actor,
        post=None,
        policy=world.ref,
    )
    world.landlord = fold_landlord([event], onto=world.landlord)


def refusals(world: World, command: LandlordCommand, by: str = "administrator") -> set[str]:
    """The rules that stand in the way of it."""
    with pytest.raises(Refused) as refusal:
        decide(command, world.situation(by))
    return {violation.rule for violation in refusal.value.violations}


def registered(*commands: RegisterSubscriber) -> World:
    """A world with these subscribers."""
    world = World("derby")
    for command in commands:
        managed(world, command)
    return world


def test_a_system_that_is_registered_is_found_by_its_code_and_by_its_sign_in() -> None:
    landlord = registered(own(), partners()).landlord
    assert landlord.subscriber("housing_system") == Subscriber(
        id="housing_system",
        kind=SubscriberKind.OWN,
        signs_in=StaffId(SYSTEM_ONE),
        topics=(Topic.RESTRICTIONS, Topic.SAFETY),
        partner=None,
        references=True,
        within_minutes=240,
        from_on=START,
    )
    found = landlord.subscriber_of(StaffId(SYSTEM_TWO))
    assert found is not None
    assert (found.id, found.partner, found.active) == ("contractor_desk", "repairs_contractor", True)
    assert landlord.subscriber_of(staff("case_officer")) is None


def test_registered_again_under_its_code_it_is_what_was_said_last() -> None:
    world = registered(own(), partners())
    managed(world, own(signs_in="system-3", within_minutes=None))
    assert [s.id for s in world.landlord.subscribers] == ["housing_system", "contractor_desk"]
    found = world.landlord.subscriber_of(StaffId("system-3"))
    assert found is not None
    assert found.within_minutes is None
    assert world.landlord.subscriber_of(StaffId(SYSTEM_ONE)) is None


def test_one_that_ended_follows_nothing_keeps_its_past_and_can_be_taken_up_again() -> None:
    world = registered(own())
    managed(world, EndSubscriber(subscriber="housing_system"))
    ended = world.landlord.subscriber("housing_system")
    assert ended is not None
    assert (ended.ended_on, ended.active) == (START, False)
    assert world.landlord.subscriber_of(StaffId(SYSTEM_ONE)) is None
    assert refusals(world, EndSubscriber(subscriber="housing_system")) == {"already_ended"}
    managed(world, own())
    assert world.landlord.subscriber_of(StaffId(SYSTEM_ONE)) is not None


@pytest.mark.parametrize("by", ["case_officer", "data_protection_officer", "staff-system"])
def test_nobody_but_an_administrator_registers_or_ends_one(by: str) -> None:
    world = registered(own())
    assert refusals(world, partners(), by=by) == {"post_held"}
    assert refusals(world, EndSubscriber(subscriber="housing_system"), by=by) == {"post_held"}


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (own(partner="repairs_contractor"), "own_or_partner"),
        (partners(partner=None), "own_or_partner"),
        (partners(topics=(Topic.RESTRICTIONS, Topic.PEOPLE)), "beyond_a_partner"),
        (partners(topics=(Topic.CASEWORK,)), "beyond_a_partner"),
        (partners(topics=(Topic.SUPPORT,)), "beyond_a_partner"),
        (own(topics=(Topic.SAFETY,)), "acknowledges_restrictions"),
        (own(signs_in="staff-case_officer"), "no_colleague"),
    ],
)
def test_what_makes_no_sense_of_a_subscriber_is_refused(command: RegisterSubscriber, rule: str) -> None:
    assert refusals(World("derby"), command) == {rule}


def test_two_systems_never_sign_in_under_one_id() -> None:
    world = registered(own())
    assert refusals(world, partners(signs_in=SYSTEM_ONE)) == {"one_sign_in_each"}
    managed(world, EndSubscriber(subscriber="housing_system"))
    managed(world, partners(signs_in=SYSTEM_ONE))


def test_a_code_that_was_a_partners_is_never_anybody_elses() -> None:
    world = registered(partners())
    managed(world, EndSubscriber(subscriber="contractor_desk"))
    assert refusals(world, partners(partner="another_contractor")) == {"another_system"}
    assert refusals(world, own(subscriber="contractor_desk")) == {"another_system"}


def test_a_system_is_given_no_post() -> None:
    world = registered(own())
    assert refusals(world, AppointPost(role="case_officer", staff=SYSTEM_ONE, starts_on=START)) == {"no_colleague"}


def test_an_unknown_one_cannot_be_ended() -> None:
    assert refusals(World("derby"), EndSubscriber(subscriber="nobody")) == {"unknown_subscriber"}


@pytest.mark.parametrize("minutes", [0, 43_201])
def test_whoever_is_waited_for_is_so_for_a_minute_up_to_thirty_days(minutes: int) -> None:
    with pytest.raises(ValidationError):
        own(within_minutes=minutes)
