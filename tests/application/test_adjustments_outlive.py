"""An adjustment stands in the case that it was agreed in, and holds for the customer's next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import application.desk
from domain.codes import Answer
from domain.decisions import Decision, Refused, Situation, decide
from domain.decisions.endings import CloseCase
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.support import DecideAdjustment, EndAdjustment, RequestAdjustment
from tests.application.a_desk import MANAGER, World, a_call, in_memory
from tests.domain.world import words

if TYPE_CHECKING:
    from domain.codes import CaseId
    from domain.decisions import AnyCommand

TENANT = "2b6f0d5e-0c1b-4a77-9a51-6a1f7a0d9c01"


@pytest.fixture
def world() -> World:
    """Maidstone on a log in memory."""
    return in_memory()


def logged(world: World) -> CaseId:
    """A call is taken down in the open case, or the next one; which that is."""
    return world.desk.log_contact(TENANT, a_call(), MANAGER).answer["case"]  # type: ignore[arg-type,return-value]


def closed_with_home_visits(world: World) -> CaseId:
    """The first case, closed while the tenant is visited at home."""
    first = logged(world)
    world.desk.execute(first, RequestAdjustment(kind="home_visits", needs=words()), MANAGER)
    agreed = DecideAdjustment(adjustment="adjustment-1", agreed=True, reason=words(), instruction=words())
    world.desk.execute(first, agreed, MANAGER)
    world.desk.execute(first, CloseCase(), MANAGER)
    return first


def test_whoever_decides_in_the_next_case_decides_knowing_those_before_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = closed_with_home_visits(world)
    second = logged(world)
    seen: list[Situation] = []

    def noting(command: AnyCommand, situation: Situation) -> Decision:
        seen.append(situation)
        return decide(command, situation)

    monkeypatch.setattr(application.desk, "decide", noting)
    measure = {"code": "single_contact", "reason": words(), "contact_staff": (MANAGER,)}
    apply = ApplyRestriction.model_validate(
        {
            "proposal": "proposal-1",
            "measures": (measure,),
            "behaviour": words(),
            "proportionality": words(),
            "channels_usable": Answer.YES,
        }
    )
    with pytest.raises(Refused):
        world.desk.execute(second, apply, MANAGER)

    assert [case.id for case in seen[-1].others] == [first]
    assert [a.kind for a in seen[-1].others[0].adjustments] == ["home_visits"]
    logged(world)
    assert seen[-1].others == ()  # what asks nothing of them does not wait for them to be read


def test_it_is_ended_where_it_stands_although_that_case_is_closed(world: World) -> None:
    first = closed_with_home_visits(world)
    logged(world)

    world.desk.execute(first, EndAdjustment(adjustment="adjustment-1", reason=words()), MANAGER)

    (adjustment,) = world.desk.case(first).adjustments
    assert adjustment.ended_on == world.clock.now().date()
