"""Whatever happened in a case under any policy: the clock can take down all that went by, once, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from operator import attrgetter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.clockwork import Due, Owing, gone_by
from domain.codes import CaseId
from domain.events import BreachWithdrawn, DeadlinePassed, RestrictionEnded, ReviewFellDue
from domain.obligations import obligations
from tests.domain.any_command import AnyCommand, walked
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, World

STEPS = 40


def went_by(world: World) -> list[Due]:
    """What is to be taken down now, in order."""
    row = Owing(CaseId(world.stream), world.case.position, tuple(obligations(world.case)))
    return sorted(gone_by(row, world.policy, world.today), key=attrgetter("due_on", "key"))


def taken_down(world: World) -> list[tuple[type, object]]:
    kinds = (DeadlinePassed, ReviewFellDue, RestrictionEnded)
    return [(type(event.fact), event.fact) for event in world.history if isinstance(event.fact, kinds)]


@pytest.mark.parametrize("landlord", LANDLORDS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9), how_far=st.integers(0, 4), days=st.integers(1, 800))
def test_after_a_tick_nothing_that_went_by_is_off_the_record_and_a_second_one_finds_nothing(
    landlord: str, seed: int, how_far: int, days: int
) -> None:
    road = walked(Road(landlord), how_far)
    commands = AnyCommand(road, seed)
    for _ in range(STEPS):
        commands.step()
    world = road.world
    world.wait(days)
    before = len(world.history)
    standing = [(r.id, r.ends_on, r.last_day(), r.sets) for r in world.case.restrictions]

    for due in went_by(world):
        if due.key in {one.key for one in went_by(world)}:  # an end can take others with it
            world.do(due.command())

    assert went_by(world) == []
    told = taken_down(world)
    assert len(told) == len({repr(one) for one in told})
    added = world.history[before:]
    assert {type(event.fact) for event in added} <= {DeadlinePassed, ReviewFellDue, RestrictionEnded, BreachWithdrawn}
    assert all(event.effective_on <= world.today for event in added)
    # It extends and eases nothing, and cuts nothing short.
    assert [(r.id, r.ends_on, r.last_day(), r.sets) for r in world.case.restrictions] == standing


def test_no_key_names_two_things_of_one_case() -> None:
    """The clock's idempotency keys are made of it."""
    for landlord in LANDLORDS:
        for seed in range(10):
            road = walked(Road(landlord), 4)
            commands = AnyCommand(road, seed)
            for _ in range(STEPS):
                commands.step()
            found: list[tuple[str, date | None]] = [(o.key, o.due_on) for o in obligations(road.world.case)]
            doubled = {one for one in found if found.count(one) > 1}
            assert not doubled, (landlord, seed, doubled)


def test_a_day_is_over_only_with_its_last_minute() -> None:
    road = Road("derby")
    road.restricted()
    world = road.world
    dues = sorted({one.goes_by_on for one in obligations(world.case) if one.goes_by_on is not None})
    assert dues
    for due in dues:
        world.today = due
        assert due not in {one.due_on for one in went_by(world)}
        world.today = due + timedelta(days=1)
        assert due in {one.due_on for one in went_by(world)}
