"""What tests of rebuilds share: who asks, small slices, somebody who follows, and what must hold afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, LiteralString

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from infrastructure.engine.acts import By
from infrastructure.engine.builds import Build
from infrastructure.engine.follower import ProjectionFollower
from infrastructure.engine.operations import Operations
from infrastructure.engine.rebuilding import Options, Outcome, Rebuild, Tell, in_silence
from projections import ALL
from tests.histories import main_road
from tests.infrastructure.a_projected_log import ProjectedLog

PATIENCE: Final = 20.0  # seconds, on a machine that is busy with other tests
BY: Final = By("ops", "a test")
NAMES: Final = tuple(view.name for view in ALL)
ROOT: Final = Path(__file__).parents[2]


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of one case each, and as many processes as are asked for."""
    cut_small(monkeypatch.setattr)


def cut_small(replace: Callable[[str, object], None]) -> None:
    """Make slices of about one case, worth a process each."""
    replace("infrastructure.engine.slices.EVENTS_IN_A_SLICE", 16)
    replace("infrastructure.engine.workers.SLICES_FOR_ONE_PROCESS", 1)


def rebuild(
    log: ProjectedLog, *names: str, tell: Tell = in_silence, accept: bool = False, fresh: bool = False
) -> list[Outcome]:
    """A rebuild in this process by the code that this log was given."""
    options = Options(accept=accept, fresh=fresh, in_process=True)
    return Rebuild(log.projector, BY, options, tell).run(names or [view.name for view in log.projector.views])


def operations(log: ProjectedLog) -> Operations:
    """Acts on the log's read models."""
    return Operations(log.projector)


@contextmanager
def following(*logs: ProjectedLog, poll: float = 0.1) -> Iterator[ProjectionFollower]:
    """Somebody who follows these logs in this process."""
    with ProjectionFollower(logs[0].server, [log.projector for log in logs], poll=poll) as follower:
        yield follower


def soon(holds: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Whether this holds before patience ends."""
    deadline = monotonic() + patience
    while not holds():
        if monotonic() > deadline:
            return False
        sleep(0.02)
    return True


def grow(log: ProjectedLog, name: str) -> int:
    """A whole case, an event at a time, as commands write it."""
    return [log.append([event]) for event in main_road(name).events][-1]


def builds(log: ProjectedLog) -> list[Build]:
    """Every build there is."""
    return log.server.run(log.projector.builds.all)


def serving(log: ProjectedLog, name: str) -> Build:
    """The build of a read model that is read."""
    [build] = [build for build in builds(log) if build.projection == name and build.serving]
    return build


def acts(log: ProjectedLog) -> list[tuple[str, str, int | None]]:
    """What was done, first to last: act, read model, build."""
    return [(act.act, act.projection, act.build) for act in reversed(operations(log).history(1_000))]


def tables_of_rows(log: ProjectedLog) -> set[str]:
    """The tables of builds that there are, listed or not."""
    with psycopg.connect(log.server.dsn) as conn:
        found = conn.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename ~ '_v[0-9]+_b[0-9]+$'",
            [log.projector.schema],
        )
        return {name for (name,) in found}


def nothing_is_left_over(log: ProjectedLog) -> bool:
    """Whether there is a table for each build and no other, and no build is half done."""
    there = builds(log)
    named = {f"{one.projection}_v{one.version}_b{one.build}" for one in there}
    return tables_of_rows(log) == named and {one.state for one in there} == {"complete"}


def is_right(log: ProjectedLog) -> bool:
    """Whether what is read is what a fresh fold gives, by two ways of looking."""
    if not soon(lambda: log.projector.position() == log.recorder.head().position):
        return False
    found = operations(log).verify([view.name for view in log.projector.views], BY, options=Options(in_process=True))
    return found.differences == 0 and log.is_up_to_date()


def tamper(log: ProjectedLog, name: str, change: LiteralString, case: str) -> None:
    """Change rows of a case that are read, by hand: `change` is what an UPDATE sets."""
    build = serving(log, name)
    table = Identifier(log.projector.schema, f"{name}_v{build.version}_b{build.build}")
    with psycopg.connect(log.server.dsn, autocommit=True) as conn:
        statement = SQL("UPDATE {} SET {} WHERE case_id = %s").format(table, SQL(change))
        assert conn.execute(statement, [case]).rowcount > 0


@contextmanager
def a_rebuild_process(database: str, *what: str) -> Iterator[subprocess.Popen[str]]:
    """`tests.infrastructure.doomed_rebuild` in a process of its own, killed at the end if it is still there."""
    with started("tests.infrastructure.doomed_rebuild", database, *what) as process:
        yield process


@contextmanager
def started(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process of this Python that is talked with line by line."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    """The next line that a process says; empty when it says no more."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell_it(process: subprocess.Popen[str], line: object) -> None:
    """Say a line to a process."""
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def rows_of(log: ProjectedLog, names: Sequence[str] = NAMES) -> dict[str, list[dict[str, Any]]]:
    """What is read of these read models."""
    stored = log.stored()
    return {name: stored[name] for name in names}
