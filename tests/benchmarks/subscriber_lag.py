"""How long after its commit an event is with a subscriber, by each road, beside a bare loop."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from threading import Event as Signal
from threading import Thread
from typing import TYPE_CHECKING, Final

from infrastructure.garbage import settle
from tests.benchmarks.bare_loop import PATIENCE, beside_bare, one_a_save, p99, prepare_bare, steadily, until
from tests.benchmarks.figures import Figure
from tests.benchmarks.ground import a_folder, in_short_turns
from tests.benchmarks.roads import ROADS, SUBSCRIBER, Follower, follower, settings
from tests.benchmarks.served import LANDLORD, a_company

if TYPE_CHECKING:
    from domain.events import Event
    from tests.benchmarks.ground import Ground
    from tests.benchmarks.served import Company

FIGURE: Final = "commit_to_subscriber_p99_vs_bare"


def subscriber_lag_figures(
    ground: Ground, histories: Sequence[Sequence[Event]], wanted: Collection[str], *, quick: bool
) -> Iterator[Figure]:
    """The service in a process of its own, subscriber and writers in this one; the bare loop as it is."""
    prepare_bare(ground)
    with (
        a_folder() as folder,
        a_company(ground.dsn, folder, histories) as company,
    ):
        token = company.subscribe(SUBSCRIBER)
        settle()
        for road in ROADS:
            if f"{FIGURE}_{road}" in wanted:
                with company.service(**settings(road)) as port:
                    follow = partial(follower, road, company, port, token)
                    yield beside_bare(
                        f"{FIGURE}_{road}",
                        ground,
                        histories,
                        partial(_our_p99, company, histories, follow),
                        quick=quick,
                    )


def _our_p99(
    company: Company,
    histories: Sequence[Sequence[Event]],
    follow: Callable[[], AbstractContextManager[Follower]],
    count: int,
) -> float:
    """Milliseconds from the commit of a save until the subscriber has it."""
    work = one_a_save(company.evenhand.office(LANDLORD).log, histories, count)
    seen: dict[int, float] = {}
    # As in the service, whose part the writers play.
    with in_short_turns(), follow() as followed, _following(followed, seen) as alive:
        committed = steadily(work)
        until(lambda: committed.keys() <= seen.keys() or not alive())
    return p99(committed, seen)


@contextmanager
def _following(followed: Follower, seen: dict[int, float]) -> Iterator[Callable[[], bool]]:
    """A follower in a thread of its own; whether it still follows."""
    ready, done = Signal(), Signal()

    def run() -> None:
        for _ in followed(seen, ready.set):
            if done.is_set():
                return

    thread = Thread(target=run, name="subscriber")
    thread.start()
    try:
        if not ready.wait(PATIENCE):
            raise RuntimeError("nobody follows")
        yield thread.is_alive
    finally:
        done.set()
        thread.join(PATIENCE)
