"""How long after its commit an event is seen in `alert_state`, at a steady rate of saves, beside a bare loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter, sleep
from typing import TYPE_CHECKING

from infrastructure.engine.follower import ProjectionFollower
from infrastructure.engine.projector import Projector
from tests.benchmarks.bare_loop import (
    LOOK_AGAIN,
    PATIENCE,
    beside_bare,
    one_a_save,
    p99,
    prepare_bare,
    steadily,
    until,
)
from tests.benchmarks.figures import Figure
from tests.benchmarks.ground import as_served

if TYPE_CHECKING:
    from domain.events import Event
    from tests.benchmarks.ground import Ground


def lag_figures(ground: Ground, histories: Sequence[Sequence[Event]], *, quick: bool) -> Iterator[Figure]:
    """The follower beside a loop that listens, selects the one new row, inserts it elsewhere and commits."""
    projector = Projector(ground.recorder, ground.landlord.mapper.decode)
    projector.prepare()
    prepare_bare(ground)
    yield beside_bare(
        "lag_p99_vs_bare", ground, histories, lambda count: _our_p99(ground, projector, histories, count), quick=quick
    )


def _our_p99(ground: Ground, projector: Projector, histories: Sequence[Sequence[Event]], count: int) -> float:
    """Milliseconds from the commit of a save to that of the rows of every read model."""
    start = reached = ground.recorder.head().position
    seen: list[tuple[int, float]] = []

    def observe(_: str, taken: int) -> None:
        nonlocal reached
        reached += taken
        seen.append((reached, perf_counter()))

    work = one_a_save(ground.log, histories, count)
    with as_served(), ProjectionFollower(ground.landlord.server, [projector], observe=observe) as follower:
        until(lambda: all(one.owner == follower.owner for one in projector.health().progress))
        sleep(LOOK_AGAIN)
        committed = steadily(work)
        if not projector.wait_for(max(committed), PATIENCE):
            raise RuntimeError(f"the follower is more than {PATIENCE} seconds behind")
    if projector.health().blocked or reached != start + len(committed):
        raise RuntimeError("the follower did not take in every event")
    visible: dict[int, float] = {}
    told = start
    for position, at in seen:
        visible.update(dict.fromkeys(range(told + 1, position + 1), at))
        told = position
    return p99(committed, visible)
