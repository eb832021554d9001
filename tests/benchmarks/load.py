"""How long it takes to know a case with a long history: read, decoded and folded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Final

from application.recall import SNAPSHOT_EVERY, Recall
from domain.codes import SubjectId
from domain.evolve import fold
from infrastructure.log import PostgresEventLog
from infrastructure.snapshots import Snapshots
from tests.benchmarks.figures import Figure, times
from tests.benchmarks.ground import as_served
from tests.benchmarks.library import library_cases
from tests.benchmarks.workload import long_case
from tests.infrastructure.a_landlord import ELM

if TYPE_CHECKING:
    from domain.events import Event
    from tests.benchmarks.ground import Ground

EVENTS: Final = 1_000
# A case that grows is this far beyond its snapshot on average.
SINCE: Final = SNAPSHOT_EVERY // 2


def load_figures(ground: Ground, histories: Sequence[Sequence[Event]], *, quick: bool) -> Iterator[Figure]:
    """A case of a thousand events, beside the library's repository with the same records."""
    loads = 2 if quick else 20
    case = long_case(histories, EVENTS)
    stream = case[0].stream
    log = PostgresEventLog(
        ground.recorder, ground.landlord.mapper, Snapshots(ground.landlord.server, ELM, ground.landlord.keys)
    )
    log.append(case[:-SINCE])
    Recall().case(log, stream)
    log.append(case[-SINCE:])
    with library_cases(ground.dsn) as library:
        theirs = library.write(ground.landlord.mapper.encode(case, lambda _: SubjectId(stream)))
        if fold(log.history(stream)).version != EVENTS or len(library.repository.get(theirs).told) != EVENTS:
            raise RuntimeError("the two sides do not load the same history")
        if Recall().case(log, stream).version != EVENTS or len(log.known(stream)[1]) != SINCE:
            raise RuntimeError("the snapshot is not where it should be")
        yield times(
            "load_1000_vs_library",
            lambda: _ours(lambda: Recall().case(log, stream), loads),
            lambda: _milliseconds(lambda: library.repository.get(theirs), loads),
            peer="the library's repository.get of the same records without a snapshot, nothing decided from them",
            size=f"{EVENTS} events, {loads} loads, each by a process that has not seen the case: from the snapshot "
            f"that an earlier load left, and {SINCE} events since",
        )
        yield times(
            "load_1000_without_snapshot_vs_library",
            lambda: _ours(lambda: Recall().case(ground.log, stream), loads),
            lambda: _milliseconds(lambda: library.repository.get(theirs), loads),
            peer="the same",
            size=f"{EVENTS} events, {loads} loads, each from the beginning",
        )
        recall = Recall()
        yield times(
            "load_again_1000_vs_library",
            lambda: _ours(lambda: recall.case(log, stream), loads),
            lambda: _milliseconds(lambda: library.repository.get(theirs), loads),
            peer="the same",
            size=f"{EVENTS} events, {loads} loads of a case that the service folded lately",
        )


def _ours(work: Callable[[], object], times: int) -> float:
    with as_served():
        return _milliseconds(work, times)


def _milliseconds(work: Callable[[], object], times: int) -> float:
    """The mean time of one."""
    began = perf_counter()
    for _ in range(times):
        work()
    return (perf_counter() - began) / times * 1_000
