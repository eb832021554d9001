"""Model subscribers and a service that are killed at random, beside writers: `python -m tests.soak.following [seed]`.

Each follows one landlord by a road of its own: the feed, server-sent events, the broker, webhooks; one more begins with
a snapshot. In the end each has every event of every case once and in order, which is counted by hand in the table, and
the one with the snapshot holds what the service says, and the same customers as restricted. SOAK_EVENTS
(1,000,000) are in the log before anybody follows; SOAK_CALLS (50,000) of further ones go by webhook.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from threading import Event as Signal
from time import monotonic, sleep
from typing import Any, Final

import httpx
import psycopg
from psycopg.sql import SQL, Identifier

from application.streams import landlord_stream
from infrastructure.client import Service, london_day, restricted_on
from infrastructure.mapper import Mapper
from infrastructure.postgres.server import schema_of
from infrastructure.sealing import Sealing
from tests.benchmarks import workload
from tests.benchmarks.bulk import fill
from tests.benchmarks.served import LANDLORD, Company, a_company
from tests.soak.alone import a_seed, a_server
from tests.soak.killable_service import LOOK_AGAIN, Killable, Served, caught_up, of_the_broker, registered
from tests.soak.model_subscriber import a_follower
from tests.soak.models import Heard, Model, heard_by_case, heard_everything, heard_the_rest

WRITERS: Final = 2
TRIES: Final = 3
PAUSE: Final = (0.3, 2.0)  # seconds between two kills, at least and at most
LONGER: Final = (3.0, 10.0)  # later on: a webhook that is missed five times in a row is tried again after half an hour

Tell = Callable[[str], object]
State = Mapping[str, Any]


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
        tokens = {road: company.subscribe(road) for road in ("feed", "stream", "state", "broker", "webhook")}
        if size.before:
            mapper = Mapper(Sealing(company.evenhand.office(LANDLORD).key_ring))
            with psycopg.connect(dsn, autocommit=True) as conn:
                fill(conn, schema_of(LANDLORD), mapper, histories, size.before)
            tell(f"{size.before} events are in the log")
        served = Served(company)
        with ExitStack() as held:
            held.callback(served.stop)
            served.start()
            caught_up(company, size.patience)
            address = served.address
            said = {road: {"address": address, "token": tokens[road], "states": road == "state"} for road in tokens}
            whole = [Model(road, folder, said[road], road) for road in ("feed", "stream", "broker")]
            whole[2].said |= of_the_broker(company)
            state, called = (
                Model("feed-state", folder, said["state"], "state"),
                Model("webhook", folder, said["webhook"], "webhook"),
            )
            models = [*whole, state, called]
            for model in models:
                held.callback(model.stop)
            begins = registered(company, address, called)
            written = _trouble(company, served, models, size, Random(seed), tell)  # noqa: S311 - no secret
            table = _table(dsn)
            assert len(table) > size.before + written
            calls = sum(position > begins for _, _, position in table)
            expected = {**{model.road: len(table) for model in whole}, called.road: calls}
            _until_heard(company, [*whole, called], expected, size.patience, tell)
            caught_up(company, size.patience)
            restricted = _state_is_right(state)
        # The clock writes, too: what it wrote since need not have been heard, and nothing else may have been.
        table = _table(dsn)
        for model in whole:
            heard_everything(model, table, expected[model.road])
        heard_by_case(called, [heard for heard in table if heard[2] > begins], calls)
        heard_the_rest(state, table)
    kills = served.killed + sum(model.killed for model in models)
    return f"{len(table)} events, {calls} calls, {kills} kills, {restricted} restricted"


def _trouble(company: Company, served: Served, models: Sequence[Model], size: Size, random: Random, tell: Tell) -> int:
    """Kill subscribers and the service while some write and until everything is written; how many events were."""
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
        """Contacts over HTTP; how many were surely taken down."""
        company.appoint("writer")
        headers = {"Authorization": f"Bearer {company.token('writer', 'record')}"}
        body = {"channel": "telephone", "purpose": "enquiry", "summary": "Rang about the bins."}
        count = 0
        with httpx.Client(base_url=served.address, headers=headers, timeout=60) as http:
            while not over.is_set():
                with suppress(httpx.TransportError):  # the service was killed
                    http.post("/v1/contacts", json=body).raise_for_status()
                    count += 1
                sleep(0.05)
        return count

    for model in models:
        model.start()
    everybody: list[Killable] = [served, *models] * size.kills
    random.shuffle(everybody)
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        writing = [pool.submit(write, number) for number in range(WRITERS)]
        ringing = pool.submit(ring)
        try:
            while everybody or not all(one.done() for one in writing):
                sleep(random.uniform(*(PAUSE if everybody else LONGER)))
                one = everybody.pop() if everybody else random.choice(models)
                one.kill()
                if isinstance(one, Model):
                    one.said["token"] = company.token(one.subscriber, "follow")
                one.start()
                tell(f"killed after {log.head()} events: {one.road}")
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


def _until_heard(
    company: Company, models: Sequence[Model], expected: Mapping[str, int], patience: float, tell: Tell
) -> None:
    until = monotonic() + patience
    while any((heard := {model.road: model.count() for model in models})[road] < expected[road] for road in expected):
        assert monotonic() < until, f"not heard in time: {heard} of {expected}"
        for model in models:
            model.look()
            model.said["token"] = company.token(model.subscriber, "follow")
            model.tell()
        tell(f"heard {heard} of {expected}")
        sleep(LOOK_AGAIN * 5)


def _state_is_right(model: Model) -> int:
    """What was kept since a snapshot is what the service says now; how many are restricted by it."""
    model.kill()
    follower, store = a_follower(model.said, model.path, lambda: str(model.said["token"]))
    with closing(store), Service(model.said["address"], lambda: str(model.said["token"])) as service:
        held: dict[str, State] = {}
        different: list[tuple[State | None, State | None]] = [(None, None)]
        for _ in range(TRIES):  # the clock may write between a page and what it is compared with
            follower.catch_up()
            held = {case: known.state for case, known in store.everything() if known.state}
            now = service.states(set(held))
            different = [(state, now[case]) for case, state in held.items() if _told(state) != _told(now[case])]
            if not different:
                break
        assert not different, different[:2]
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
    seed = a_seed()
    before = int(os.environ.get("SOAK_EVENTS", "1000000"))
    calls = int(os.environ.get("SOAK_CALLS", "50000"))
    size = Size(before=before, meanwhile=calls, kills=10, patience=3_600.0)
    sys.stdout.write(f"seed {seed}, {before} events and {calls} more\n")
    with a_server() as (folder, server):
        (folder / "models").mkdir()
        told = soak(server.dsn("postgres"), folder / "models", size, seed, lambda line: print(line, flush=True))  # noqa: T201
    sys.stdout.write(f"{told}\n")


if __name__ == "__main__":
    main()
