"""How fast a backlog is worked off into `alert_state`, by the follower that keeps it while the service runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from time import perf_counter
from typing import TYPE_CHECKING, Final

from psycopg.sql import SQL, Identifier

from domain.codes import SubjectId
from infrastructure.follower import ProjectionFollower
from infrastructure.projector import Projector
from projections.alert_state import ALERT_STATE
from tests.benchmarks.figures import Figure, rates
from tests.benchmarks.library import environment, library_cases
from tests.benchmarks.library_projection import SCHEMA, AlertRunner
from tests.benchmarks.workload import ANSWER, asked, retold

if TYPE_CHECKING:
    from domain.events import Event
    from tests.benchmarks.ground import Ground

AT_ONCE: Final = 50  # cases that are under way at the same time, so that their events stand mixed in the log
PATIENCE: Final = 600.0  # seconds
LOOK_AGAIN: Final = 0.01  # seconds between two looks at how far the library has come


def catch_up_figures(ground: Ground, histories: Sequence[Sequence[Event]], *, quick: bool) -> Iterator[Figure]:
    """The follower beside the library's runner, which takes in the same facts and writes the same rows."""
    ours, theirs = (44, 11) if quick else (440, 88)
    backlog = _backlog(histories, ours)
    for event in backlog:
        ground.log.append([event], request=asked(), answer=ANSWER)
    with library_cases(ground.dsn) as library:
        for history in (retold(histories[n % len(histories)]) for n in range(theirs)):
            library.write(ground.landlord.mapper.encode(history, lambda _: SubjectId(backlog[0].stream)))
        last = library.recorder.max_notification_id() or 0
    yield rates(
        "catch_up_vs_library",
        lambda: _our_rate(ground, len(backlog)),
        lambda: _their_rate(ground, last),
        peer=f"the library's ProjectionRunner over {last} events, cases kept in its memory",
        size=f"{len(backlog)} events of {ours} cases, {AT_ONCE} at a time",
    )


def _backlog(histories: Sequence[Sequence[Event]], cases: int) -> list[Event]:
    retellings = [retold(histories[n % len(histories)]) for n in range(cases)]
    groups = [retellings[first : first + AT_ONCE] for first in range(0, cases, AT_ONCE)]
    mixed = chain.from_iterable(chain.from_iterable(zip_longest(*group)) for group in groups)
    return [event for event in mixed if event is not None]


def _our_rate(ground: Ground, events: int) -> float:
    """Events a second from nothing to the head."""
    projector = Projector(ground.recorder, ground.landlord.mapper.decode, (ALERT_STATE,))
    projector.prepare()
    with ground.landlord.connect() as conn:
        conn.execute("UPDATE cursor SET position = 0")
        conn.execute(SQL("TRUNCATE {}").format(Identifier(ALERT_STATE.table)))
    began = perf_counter()
    with ProjectionFollower(ground.landlord.server, [projector]):
        if not projector.wait_for(events, PATIENCE):
            raise RuntimeError(f"the follower took more than {PATIENCE} seconds")
        taken = perf_counter() - began
    if projector.health().blocked:
        raise RuntimeError("the follower could not tell some of the cases")
    return events / taken


def _their_rate(ground: Ground, last: int) -> float:
    """Events a second from nothing to the head."""
    began = perf_counter()
    with AlertRunner(environment(ground.dsn)) as runner:
        while (runner.view.max_tracking_id(runner.app_name) or 0) < last:
            runner.run_forever(timeout=LOOK_AGAIN)  # raises what the runner's own thread raised
        taken = perf_counter() - began
        tracked = Identifier(SCHEMA, runner.view.tracking_table_name)
    with ground.connect() as conn:
        # The row of the application alone: the library keeps a note of its own in the same table.
        conn.execute(SQL("DELETE FROM {} WHERE application_name = %s").format(tracked), [runner.app_name])
        emptied = conn.execute(SQL("DELETE FROM {}").format(Identifier(SCHEMA, ALERT_STATE.table)))
    if not emptied.rowcount:
        raise RuntimeError("the library's projection wrote no rows")
    return last / taken
