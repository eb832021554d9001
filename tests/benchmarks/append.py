"""Saves a second: one event each, sealed, under an idempotency key, refused when its place is taken."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from domain.codes import SubjectId
from tests.benchmarks.figures import ROUNDS, Figure, rates
from tests.benchmarks.ground import as_served, saved_together
from tests.benchmarks.library_saves import library_rate, packed
from tests.benchmarks.pgbench import Pgbench
from tests.benchmarks.workload import ANSWER, asked, saves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from eventsourcing.persistence import StoredEvent

    from domain.events import Event
    from tests.benchmarks.ground import Ground

MANY: Final = 32

NOBODY_ASKED: Final = SubjectId("00000000-0000-4000-8000-000000000000")


def append_figures(
    ground: Ground, histories: Sequence[Sequence[Event]], folder: Path, *, quick: bool
) -> Iterator[Figure]:
    """One writer and thirty-two of them beside pgbench, and thirty-two beside the library's recorder."""
    one, each = (100, 10) if quick else (1_500, 150)
    mix = [event for history in histories for event in history]
    pgbench = Pgbench(ground, folder, ground.landlord.mapper.encode(mix, lambda _: NOBODY_ASKED))
    peer = f"pgbench, one row of equal bytes ({pgbench.state_bytes} of state) and equal indexes"
    yield rates(
        "append_c1_vs_pgbench",
        lambda: _our_rate(ground, histories, 1, one),
        lambda: pgbench.rate(1, one),
        peer=peer,
        size=f"1 writer, {one} saves",
    )
    yield rates(
        "append_c32_vs_pgbench",
        lambda: _our_rate(ground, histories, MANY, each),
        lambda: pgbench.rate(MANY, each),
        peer=peer,
        size=f"{MANY} writers, {each} saves each",
    )
    theirs = [packed(_encoded(ground, histories, MANY, each)) for _ in range(1 + ROUNDS)]
    yield rates(
        "append_c32_vs_library",
        lambda: _our_rate(ground, histories, MANY, each),
        lambda: library_rate(ground.dsn, theirs.pop()),
        peer="the library's default recorder in a process of its own, events encoded beforehand",
        size=f"{MANY} writers, {each} saves each",
    )


def _our_rate(ground: Ground, histories: Sequence[Sequence[Event]], writers: int, each: int) -> float:
    """Saves a second through the log as the service has it; what is saved is made beforehand, keys are not."""

    def save(event: Event) -> Callable[[], object]:
        request = asked()
        return lambda: ground.log.append([event], request=request, answer=ANSWER)

    work = [[save(event) for event in islice(saves(histories, first), each)] for first in range(writers)]
    with as_served():
        return saved_together(work)


def _encoded(ground: Ground, histories: Sequence[Sequence[Event]], writers: int, each: int) -> list[list[StoredEvent]]:
    encode = ground.landlord.mapper.encode
    return [encode(list(islice(saves(histories, n), each)), lambda _: NOBODY_ASKED) for n in range(writers)]
