"""The same facts for the library, mixed as in a log that was filled in bulk, and how fast it works them off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, Final

from psycopg.sql import SQL, Identifier

from domain.codes import SubjectId
from tests.benchmarks.bulk import STOPPED, at_once
from tests.benchmarks.library import SEED, environment, library_cases
from tests.benchmarks.library_projection import SCHEMA, TABLE, AlertRunner
from tests.benchmarks.workload import retold

if TYPE_CHECKING:
    from eventsourcing.persistence import StoredEvent

    from domain.events import Event
    from tests.benchmarks.ground import Ground

LOOK_AGAIN: Final = 0.01  # seconds between two looks at how far the library has come


class LibraryBacklog:
    """So many events kept by the library, each case told by it as far as a log filled in bulk tells it."""

    def __init__(self, ground: Ground, histories: Sequence[Sequence[Event]], events: int) -> None:
        self._ground = ground
        with library_cases(ground.dsn) as library:
            self.events = library.write_mixed(_told(ground, histories), events, at_once(events))

    @property
    def peer(self) -> str:
        """Who this is."""
        return f"the library's ProjectionRunner over {self.events} events, cases kept in its memory"

    def rate(self) -> float:
        """Events a second from nothing to the head, into the rows of `alert_state`."""
        began = perf_counter()
        with AlertRunner(environment(self._ground.dsn)) as runner:
            while (runner.view.max_tracking_id(runner.app_name) or 0) < self.events:
                runner.run_forever(timeout=LOOK_AGAIN)  # raises what the runner's own thread raised
            taken = perf_counter() - began
            tracked = Identifier(SCHEMA, runner.view.tracking_table_name)
        with self._ground.connect() as conn:
            # The row of the application alone: the library keeps a note of its own in the same table.
            conn.execute(SQL("DELETE FROM {} WHERE application_name = %s").format(tracked), [runner.app_name])
            emptied = conn.execute(SQL("DELETE FROM {}").format(TABLE.name))
            if not emptied.rowcount:
                raise RuntimeError("the library's projection wrote no rows")
            # No round is to wade through what the one before it left.
            conn.execute(SQL("VACUUM {}").format(TABLE.name))
        return self.events / taken


def _told(ground: Ground, histories: Sequence[Sequence[Event]]) -> Iterator[Sequence[StoredEvent]]:
    """Endlessly one case after another, one in three of them only up to somewhere in its middle."""
    random = Random(SEED)  # noqa: S311 - the same cases each time, and no secret
    for history in cycle(histories):
        known = retold(history)
        person = SubjectId(known[0].stream)
        whole = random.random() >= STOPPED
        told = known if whole else known[: random.randint(1, len(known))]
        yield ground.landlord.mapper.encode(told, lambda _, person=person: person)  # type: ignore[misc]
