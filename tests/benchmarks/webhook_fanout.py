"""How many calls a second are made when every event goes to several endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from time import perf_counter
from typing import TYPE_CHECKING, Final

from infrastructure.garbage import settle
from tests.benchmarks.bare_loop import LOOK_AGAIN, until
from tests.benchmarks.figures import ROUNDS, Figure, alone
from tests.benchmarks.ground import a_folder
from tests.benchmarks.receiver import Received, a_receiver
from tests.benchmarks.roads import SUBSCRIBER, endpoints, settings
from tests.benchmarks.served import LANDLORD, a_company
from tests.benchmarks.workload import retold

if TYPE_CHECKING:
    from domain.events import Event
    from tests.benchmarks.ground import Ground
    from tests.benchmarks.served import Company

ENDPOINTS: Final = 10


def fanout_figures(ground: Ground, histories: Sequence[Sequence[Event]], *, quick: bool) -> Iterator[Figure]:
    """The service in a process of its own, and one receiver in this one for all of its endpoints."""
    cases, times = (5, 1) if quick else (50, ROUNDS)
    with (
        a_folder() as folder,
        a_company(ground.dsn, folder, histories) as company,
    ):
        company.subscribe(SUBSCRIBER)
        settle()
        paths = [f"/{number}" for number in range(ENDPOINTS)]
        with (
            company.service(**settings("webhook")) as port,
            a_receiver() as receiver,
            endpoints(company, port, receiver, paths),
        ):
            rates = [_rate(company, receiver, histories, cases) for _ in range(1 + times)][1:]
    size = (
        f"the events of {cases} cases, each to {ENDPOINTS} endpoints, each call signed and taken in order of its case"
    )
    yield alone("webhook_fanout_per_s", rates, "/s", size=size, limit="no limit")


def _rate(company: Company, receiver: Received, histories: Sequence[Sequence[Event]], cases: int) -> float:
    """Calls a second, from the first event's commit to the last call."""
    log = company.evenhand.office(LANDLORD).log
    told = [retold(history) for history in islice(cycle(histories), cases)]
    before = receiver.calls
    wanted = before + ENDPOINTS * sum(map(len, told))
    began = perf_counter()
    for history in told:
        log.append(history)
    until(lambda: receiver.calls >= wanted, 0.1 * LOOK_AGAIN)
    return (receiver.calls - before) / (perf_counter() - began)
