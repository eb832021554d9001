"""Model subscribers that are killed at random, beside writers: `python -m tests.soak.following [seed]`.

Each follows one landlord by a road of its own: the feed, server-sent events, the broker, webhooks; one more begins with
a snapshot. In the end each has every event of every case once and in order, which is counted by hand in the table, and
the one with the snapshot holds what the service says, and the same customers as restricted. EVENHAND_SOAK_EVENTS
(1,000,000) are in the log before anybody follows; EVENHAND_SOAK_CALLS (50,000) of further ones go by webhook.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event as Signal
from time import monotonic, sleep, time_ns
from typing import Any, Final

import httpx
import psycopg
from psycopg.sql import SQL, Identifier

from application.streams import landlord_stream
from infrastructure.client import Service, restricted_on
from infrastructure.client.restricted import london_day
from infrastructure.mapper import Mapper
from infrastructure.postgres.embedded import EmbeddedServer
from infrastructure.postgres.server import schema_of
from infrastructure.sealing import Sealing
from tests.benchmarks import workload
from tests.benchmarks.bulk import fill
from tests.benchmarks.served import ISSUER, LANDLORD, READY, Company, a_company, free_port, running
from tests.soak.model_subscriber import a_follower

ROOT: Final = Path(__file__).parents[2]
WRITERS: Final = 2
PAUSE: Final = (0.3, 2.0)  # seconds that a subscriber lives, at least and at most
LOOK_AGAIN: Final = 0.2

Tell = Callable[[str], object]
State = Mapping[str, Any]
Heard = tuple[str, int, int]  # case, version, position


@dataclass
class Model:
    """A subscriber by one road: what it is told to do, and the process that does it."""

    road: str
    folder: Path
    said: dict[str, Any]
    killed: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def path(self) -> Path:
        """Where it keeps what it heard."""
        return self.folder / f"{self.road}.db"

    def start(self) -> None:
        """Begin, or go on."""
        (self.folder / f"{self.road}.json").write_text(json.dumps(self.said), encoding="utf-8")
        command = [sys.executable, "-m", "tests.soak.model_subscriber", self.road, str(self.folder)]
        with (self.folder / f"{self.road}.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def look(self) -> None:
        """Raises AssertionError when it ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            told = (self.folder / f"{self.road}.log").read_text(encoding="utf-8", errors="replace")
            raise AssertionError(f"the subscriber by {self.road} ended by itself:\n{told[-3000:]}")

    def kill(self) -> None:
        """End it as a loss of power does."""
        self.look()
        self.stop()
        self.killed += 1

    def stop(self) -> None:
        """End it, whatever became of it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def heard(self) -> list[Heard]:
        """Everything that it heard, in the order in which it did."""
        return self._asked("SELECT case_id, version, sequence FROM heard ORDER BY number")

    def count(self) -> int:
        """How much it heard."""
        return sum(count for (count,) in self._asked("SELECT count(*) FROM heard"))

    def gaps(self) -> list[Any]:
        """The cases of which it missed something."""
        return self._asked("SELECT case_id FROM gap")

    def _asked(self, query: str) -> list[Any]:
        if not self.path.exists():
            return []
        with closing(sqlite3.connect(self.path, timeout=30)) as connection:
            try:
                return connection.execute(query).fetchall()
            except sqlite3.OperationalError:  # it has not made its tables yet
                return []


@dataclass(frozen=True, slots=True)
class Size:
    """How many events are there before and come meanwhile, how often each is killed, and for how long it may take.

    `pause` and `patience` are seconds: between two events of a writer, and for whatever is waited for.
    """

    before: int
    meanwhile: int
    kills: int
    patience: float
    pause: float = 0.0


def soak(dsn: str, folder: Path, size: Size, seed: int, tell: Tell) -> str:
    """Follow by every road; what was seen, in one line. Raises AssertionError for whatever is not right."""
    histories = workload.told()
    with a_company(dsn, folder, histories, customers=len(histories)) as company:
        tokens = {road: company.subscribe(road) for road in ("feed", "stream", "state")}
        if size.before:
            mapper = Mapper(Sealing(company.evenhand.office(LANDLORD).key_ring))
            with psycopg.connect(dsn, autocommit=True) as conn:
                fill(conn, schema_of(LANDLORD), mapper, histories, size.before)
            tell(f"{size.before} events are in the log")
        with serving(company, size.patience) as address:
            said = {road: {"address": address, "token": tokens[road], "states": road == "state"} for road in tokens}
            whole = [Model("feed", folder, said["feed"]), Model("stream", folder, said["stream"])]
            state = Model("feed-state", folder, said["state"])
            models = [*whole, state]
            try:
                written = _trouble(company, address, models, size, Random(seed), tell)  # noqa: S311 - no secret
                table = _table(dsn)
                assert len(table) > size.before + written
                _until_heard(whole, len(table), size.patience, tell)
                restricted = _state_is_right(state)
            finally:
                for model in models:
                    model.stop()
            for model in whole:
                _heard_everything(model, table)
            _heard_the_rest(state, table)
    return f"{len(table)} events, {sum(model.killed for model in models)} kills, {restricted} restricted"


@contextmanager
def serving(company: Company, patience: float, **further: str) -> Iterator[str]:
    """The address of the service in a process of its own, whose read models have caught up."""
    port = free_port()
    environment = {
        "DATABASE_URL": company.dsn,
        "EVENHAND_DATA": str(company.folder),
        "EVENHAND_PORT": str(port),
        "EVENHAND_TOKEN_ISSUER": ISSUER,
        "EVENHAND_TOKEN_KEYS": str(company.public_keys),
        **further,
    }
    program = "from infrastructure.cli import main; main()"
    with running(["-c", program, "serve"], environment, port, READY, company.folder / "service.log"):
        office = company.evenhand.office(LANDLORD)
        assert office.projector.wait_for(office.recorder.head().position, patience)
        yield f"http://127.0.0.1:{port}"


def _trouble(company: Company, address: str, models: Sequence[Model], size: Size, random: Random, tell: Tell) -> int:
    """Kill subscribers while some write and until everything is written; how many events were, at the least."""
    over = Signal()
    log = company.evenhand.office(LANDLORD).log

    def write(first: int) -> int:
        """Histories event by event, as other processes beside the service do."""
        count = 0
        for event in islice(workload.saves(workload.told(), first), size.meanwhile // WRITERS):
            log.append([event], request=workload.asked(), answer=workload.ANSWER)
            count += 1
            sleep(size.pause)
        return count

    def ring() -> int:
        """Contacts over HTTP."""
        company.appoint("writer")
        headers = {"Authorization": f"Bearer {company.token('writer', 'record')}"}
        body = {"channel": "telephone", "purpose": "enquiry", "summary": "Rang about the bins."}
        count = 0
        with httpx.Client(base_url=address, headers=headers, timeout=60) as http:
            while not over.is_set():
                http.post("/v1/contacts", json=body).raise_for_status()
                count += 1
                sleep(0.05)
        return count

    for model in models:
        model.start()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        writing = [pool.submit(write, number) for number in range(WRITERS)]
        ringing = pool.submit(ring)
        try:
            while not all(one.done() for one in writing) or min(model.killed for model in models) < size.kills:
                sleep(random.uniform(*PAUSE))
                model = random.choice(models)
                model.kill()
                model.start()
                tell(f"{model.road} killed with {model.count()} events")
        finally:
            over.set()
        return sum(one.result() for one in (*writing, ringing))


def _table(dsn: str) -> list[Heard]:
    """Every event of every case, as the table has it."""
    with psycopg.connect(dsn) as conn:
        schema = Identifier(schema_of(LANDLORD))
        own = landlord_stream(LANDLORD)
        query = SQL("SELECT stream::text, version, position FROM {}.event WHERE stream <> %s ORDER BY position")
        return [(str(case), int(v), int(at)) for case, v, at in conn.execute(query.format(schema), [own])]


def _until_heard(models: Sequence[Model], count: int, patience: float, tell: Tell) -> None:
    until = monotonic() + patience
    while any(model.count() < count for model in models):
        heard = {model.road: model.count() for model in models}
        assert monotonic() < until, f"not heard in time: {heard} of {count}"
        for model in models:
            model.look()
        tell(f"heard {heard} of {count}")
        sleep(LOOK_AGAIN * 5)


def _heard_everything(model: Model, table: Sequence[Heard]) -> None:
    """Once, and in order: of each case by every road, of the whole log by those that keep that order."""
    heard = model.heard()
    assert len(heard) == len(table), (model.road, len(heard), len(table))
    assert heard == list(table), model.road
    assert model.gaps() == [], model.road


def _heard_the_rest(model: Model, table: Sequence[Heard]) -> None:
    """Of each case that it heard of since its snapshot, everything to the end, in order."""
    written, heard = _by_case(table), _by_case(model.heard())
    assert heard, model.road
    for case, versions in heard.items():
        assert versions == written[case][-len(versions) :], (model.road, case)
    assert model.gaps() == [], model.road


def _by_case(events: Sequence[Heard]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for case, version, _ in events:
        found.setdefault(case, []).append(version)
    return found


def _state_is_right(model: Model) -> int:
    """What was kept since a snapshot is what the service says now; how many are restricted by it."""
    model.kill()
    follower, store = a_follower(model.said, model.path)
    with closing(store), Service(model.said["address"], lambda: str(model.said["token"])) as service:
        follower.catch_up()
        held = {case: known.state for case, known in store.everything() if known.state}
        now = service.states(set(held))
        different = {case for case, state in held.items() if _told(state) != _told(now[case])}
        assert not different, [(held[case], now[case]) for case in sorted(different)[:2]]
        page = service.snapshot()
        listed = list(page.rows)
        while page.next is not None:
            page = service.snapshot(page.next)
            listed += page.rows
        assert listed
        assert {row["case"] for row in listed} <= held.keys()
        restricted = restricted_on(london_day(datetime.now(UTC)), held.values())
        assert follower.place.cursor is not None
        assert service.acknowledge(follower.place.cursor, restricted)["verdict"] == "agreed"
        return restricted.count


def _told(state: State | None) -> State | None:
    """A state without the version that it is of: events that leave the rest as it is move that alone."""
    return state and {name: value for name, value in state.items() if name != "caseversion"}


def main() -> None:
    """See above."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else time_ns() % 1_000_000
    before = int(os.environ.get("EVENHAND_SOAK_EVENTS", "1000000"))
    size = Size(before=before, meanwhile=max(before // 50, 1_000), kills=10, patience=3_600.0)
    sys.stdout.write(f"seed {seed}, {before} events\n")
    with TemporaryDirectory(prefix="evenhand-soak-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedServer.start(folder / "data", settings={"fsync": "off"}) as server:
            (folder / "models").mkdir()
            told = soak(server.dsn("postgres"), folder / "models", size, seed, lambda line: print(line, flush=True))  # noqa: T201
    sys.stdout.write(f"{told}\n")


if __name__ == "__main__":
    main()
