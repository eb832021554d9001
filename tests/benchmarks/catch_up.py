"""How fast a backlog is worked off into `alert_state`, by the follower that keeps it while the service runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Final

from psycopg.sql import SQL

from infrastructure.engine.follower import ProjectionFollower
from infrastructure.engine.projector import Projector
from projections.alert_state import ALERT_STATE
from tests.benchmarks.backlog import LibraryBacklog
from tests.benchmarks.bulk import at_once, fill
from tests.benchmarks.figures import Figure, rates
from tests.benchmarks.ground import as_served

if TYPE_CHECKING:
    from domain.events import Event
    from tests.benchmarks.ground import Ground

PATIENCE: Final = 600.0  # seconds


def catch_up_figures(ground: Ground, histories: Sequence[Sequence[Event]], *, quick: bool) -> Iterator[Figure]:
    """The follower beside the library's runner, which takes in the same facts and writes the same rows."""
    ours, theirs = (2_000, 100) if quick else (100_000, 20_000)
    with ground.connect() as conn:
        filled = fill(conn, ground.recorder.channel_name, ground.landlord.mapper, histories, ours)
    library = LibraryBacklog(ground, histories, theirs)
    yield rates(
        "catch_up_vs_library",
        lambda: _our_rate(ground, ours),
        library.rate,
        peer=library.peer,
        size=f"{ours} events of {filled.cases} cases, {at_once(ours)} at a time",
    )


def _our_rate(ground: Ground, events: int) -> float:
    """Events a second from nothing to the head."""
    projector = Projector(ground.recorder, ground.landlord.mapper.decode, (ALERT_STATE,))
    projector.prepare()
    with ground.landlord.connect() as conn:
        for build in projector.builds.all(conn):
            conn.execute(SQL("TRUNCATE {}").format(projector.table_of(build).name))
        conn.execute("UPDATE build SET position = 0, owner = NULL")
    began = perf_counter()
    with as_served(), ProjectionFollower(ground.landlord.server, [projector]):
        if not projector.wait_for(events, PATIENCE):
            raise RuntimeError(f"the follower took more than {PATIENCE} seconds")
        taken = perf_counter() - began
    if projector.health().blocked:
        raise RuntimeError("the follower could not tell some of the cases")
    return events / taken
