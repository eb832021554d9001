"""Random trouble for one landlord's read models, round after round, each ending with a comparison."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from random import Random
from threading import Event
from time import monotonic, sleep
from typing import Final

import psycopg

from infrastructure.engine.acts import By
from infrastructure.engine.operations import Operations
from infrastructure.engine.rebuilding import Options, RebuildRefused
from projections import ALL
from tests.histories import main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log

ROOT: Final = Path(__file__).parents[2]
BY: Final = By("soak", "to see what breaks")
NAMES: Final = tuple(view.name for view in ALL)
IN_PROCESS: Final = Options(in_process=True, accept=True)
PATIENCE: Final = 60.0

Tell = Callable[[str], object]


class Simulation:
    """One landlord, two processes that follow, and whatever comes to mind."""

    def __init__(self, log: ProjectedLog, random: Random, tell: Tell) -> None:
        self._log = log
        self._random = random
        self._tell = tell
        self._operations = Operations(log.projector)
        self._cases = count(1)
        self._processes: list[subprocess.Popen[bytes]] = []
        self.done: Counter[str] = Counter()
        self._troubles: tuple[Callable[[], None], ...] = (
            self.kill_a_follower,
            self.rebuild,
            self.kill_a_rebuild,
            self.kill_a_rebuild,
            self.roll_back,
            self.pause_and_resume,
            self.verify,
            self.vacuum,
            self.cut_connections,
            self.block_a_case,
        )

    def round(self, seconds: float) -> None:
        """Trouble for so long under writes, then quiet, and everything is right."""
        over = Event()
        with ThreadPoolExecutor(2) as pool:
            writing = [pool.submit(self._write, over) for _ in range(2)]
            self._follow(2)
            until = monotonic() + seconds
            while monotonic() < until:
                trouble = self._random.choice(self._troubles)
                self._tell(trouble.__name__.replace("_", " "))
                trouble()
                self.done[trouble.__name__] += 1
                sleep(self._random.uniform(0, 0.3))
            over.set()
            self.done["events"] += sum(future.result(PATIENCE) for future in writing)
        self._follow(2)
        self._compare()

    def stop(self) -> None:
        """Kill the processes that are left."""
        for process in self._processes:
            process.kill()
            process.wait()

    def _compare(self) -> None:
        for name in NAMES:
            self._operations.resume([name], BY)
        head = self._log.recorder.head().position
        assert self._log.projector.wait_for(head, PATIENCE), self._operations.status()
        found = self._operations.verify(NAMES, BY, options=IN_PROCESS)
        assert found.differences == 0, found.shown
        assert self._log.is_up_to_date()
        unknown = {one.case_id for one in self._log.projector.health().blocked}
        assert len(unknown) <= self.done["block_a_case"], "a case is blocked that nobody poisoned"

    def _write(self, over: Event) -> int:
        written = 0
        while not over.is_set():
            for event in main_road(f"soak {next(self._cases)}").events:
                self._log.append([event])
                written += 1
                sleep(0.001)
        return written

    def _follow(self, wanted: int) -> None:
        self._processes = [process for process in self._processes if process.poll() is None]
        while len(self._processes) < wanted:
            command = [sys.executable, "-m", "tests.infrastructure.doomed_follower", self._log.server.dsn]
            self._processes.append(subprocess.Popen(command, cwd=ROOT))

    # Troubles

    def kill_a_follower(self) -> None:
        """The leader or who waits for the lead; another comes."""
        victim = self._random.choice(self._processes)
        victim.kill()
        victim.wait()
        self._follow(2)

    def rebuild(self) -> None:
        """Of one or both, as far as nobody else does."""
        names = self._random.choice([NAMES, NAMES[:1], NAMES[1:]])
        self._unless_refused(lambda: self._operations.rebuild(names, BY, IN_PROCESS))

    def kill_a_rebuild(self) -> None:
        """At any moment, with its worker processes."""
        command = [sys.executable, "-m", "tests.infrastructure.doomed_rebuild", self._log.server.dsn, "run"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            sleep(self._random.uniform(0.3, 3.0))
            process.kill()

    def roll_back(self) -> None:
        """To where readers were before, if they were anywhere."""
        self._unless_refused(lambda: self._operations.roll_back(self._random.choice(NAMES), BY))

    def pause_and_resume(self) -> None:
        """For a moment."""
        name = self._random.choice(NAMES)
        self._operations.pause([name], BY)
        sleep(self._random.uniform(0, 0.5))
        self._operations.resume([name], BY)

    def verify(self) -> None:
        """Under writes, nothing differs."""
        found = self._operations.verify(NAMES, BY, options=IN_PROCESS)
        assert found.differences == 0, found.shown

    def vacuum(self) -> None:
        """The log and everything of the builds; now and then with the tables written anew."""
        full = self._random.choice(["", "", "FULL"])
        with psycopg.connect(self._log.server.dsn, autocommit=True) as conn:
            tables = [
                f"{one.projection}_v{one.version}_b{one.build}"
                for one in self._log.server.run(self._log.projector.builds.all)
                if one.serving
            ]
            for table in ("event", "build", "blocked", *tables):
                conn.execute(f"VACUUM {full if table in tables else ''} landlord_elm.{table}".encode())

    def cut_connections(self) -> None:
        """Of everybody who follows, rebuilds or fills."""
        with psycopg.connect(self._log.server.dsn, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name LIKE 'evenhand %' AND datname = current_database()"
            )

    def block_a_case(self) -> None:
        """A fact of tomorrow, in a case of its own."""
        self._log.append_unknown(main_road(f"poisoned {self.done['block_a_case']} {next(self._cases)}"), version=1)

    def _unless_refused(self, act: Callable[[], object]) -> None:
        try:
            act()
        except RebuildRefused as refused:
            self._tell(str(refused))


def simulate(dsn: str, seed: int, seconds: float, tell: Tell, round_of: float = 20.0) -> str:
    """Rounds of trouble for so long; what was done, in one line. Raises AssertionError for what is wrong."""
    random = Random(seed)  # noqa: S311
    until = monotonic() + seconds
    with a_projected_log(dsn) as log, ExitStack() as at_last:
        simulation = Simulation(log, random, tell)
        at_last.callback(simulation.stop)
        rounds = 0
        while monotonic() < until or not rounds:
            simulation.round(min(round_of, max(until - monotonic(), 1.0)))
            rounds += 1
            tell(f"round {rounds} was right, at {log.recorder.head().position} events")
    done = ", ".join(f"{name.replace('_', ' ')} {times}" for name, times in sorted(simulation.done.items()))
    return f"{rounds} rounds: {done}"
