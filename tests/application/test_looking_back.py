"""Looking back at the desk: the customer's other cases are those that were known when each step was taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from application.looking_back import LookingBack
from domain.calendar import DeliveryMethod, london_date
from domain.codes import CaseId
from domain.compliance import Verdict
from domain.decisions.endings import CloseCase
from domain.decisions.safe_contact import InstructSafeContact
from domain.events import Event, SafeContactInstructed
from tests.application.a_desk import MANAGER, TENANT, World, a_call, in_memory
from tests.domain.world import words


def two_cases(world: World) -> tuple[CaseId, CaseId]:
    """The tenant's first case, closed, and the one after it; a day apart."""
    first = CaseId(str(world.desk.log_contact(TENANT, a_call(), MANAGER).answer["case"]))
    world.desk.execute(first, CloseCase(), MANAGER)
    world.clock.at += timedelta(days=1)
    return first, CaseId(str(world.desk.log_contact(TENANT, a_call(), MANAGER).answer["case"]))


def asks_for(world: World, case: CaseId, method: DeliveryMethod) -> None:
    """The tenant asks to be written to in one way only."""
    world.desk.execute(case, InstructSafeContact(methods=(method,), words=words()), MANAGER)


def took_down_blindly(world: World, case: CaseId) -> None:
    """A release that did not know of other cases takes down that letters go by post only."""
    last: Event = world.desk.history(case)[-1]
    fact = SafeContactInstructed(
        instruction="safe-contact-1",
        methods=(DeliveryMethod.FIRST_CLASS_POST,),
        no_visits=False,
        from_on=london_date(world.clock.now()),
        until=None,
        words=words(),
    )
    event = replace(
        last, event_id=str(uuid4()), version=last.version + 1, fact=fact, effective_at=world.clock.now(), position=0
    )
    world.log.append([event])


def not_shown(world: World, case: CaseId) -> list[str]:
    look = LookingBack.at(world.desk, world.log, world.policies, london_date(world.clock.now()))
    return [finding.rule for finding in look.case(case).of(Verdict.CANNOT_BE_SHOWN)]


def test_what_contradicts_another_case_that_was_known_is_found() -> None:
    world = in_memory()
    first, second = two_cases(world)
    asks_for(world, first, DeliveryMethod.EMAIL)
    world.clock.at += timedelta(hours=1)
    took_down_blindly(world, second)

    assert not_shown(world, second) == ["a_way_is_left"]
    assert not_shown(world, first) == []


def test_what_the_other_case_came_to_say_later_is_not_held_against_it() -> None:
    world = in_memory()
    first, second = two_cases(world)
    took_down_blindly(world, second)
    world.clock.at += timedelta(hours=1)
    asks_for(world, first, DeliveryMethod.FIRST_CLASS_POST)

    assert not_shown(world, second) == []
    assert not_shown(world, first) == []
