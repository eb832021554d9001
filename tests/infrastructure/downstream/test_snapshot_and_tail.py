"""Whoever begins with a snapshot and follows on knows what somebody knows who followed from the first event."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Event

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.codes import Topic
from infrastructure.downstream.public_log import PublicLog
from infrastructure.downstream.states import States
from infrastructure.downstream.wanted import Wanted
from projections.public_state import PublicState, seen_by
from tests.histories import MONDAY, History
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.random_histories import histories

LANDLORD = str(uuid.uuid5(uuid.NAMESPACE_OID, "the landlord"))
NAMES = count(1)  # of histories: no two examples have a case in common
TOPICS = (frozenset(Topic), frozenset({Topic.RESTRICTIONS}), frozenset({Topic.SAFETY, Topic.SUPPORT}))


@pytest.fixture(scope="module")
def log(postgres_dsn: str) -> Iterator[ProjectedLog]:
    """One log for all examples."""
    name = f"evenhand_test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_dsn, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}".encode())
        try:
            with a_projected_log(psycopg.conninfo.make_conninfo(postgres_dsn, dbname=name)) as projected:
                yield projected
        finally:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


class Model:
    """A subscriber that keeps how cases stand, by what it is told and what it then asks for."""

    def __init__(self, log: ProjectedLog, wanted: Wanted) -> None:
        self.public = PublicLog(log.recorder, log.mapper, LANDLORD)
        self.states = States(log.projector, LANDLORD)
        self.wanted = wanted
        self.held: dict[str, PublicState] = {}
        self.place = 0
        self.seen: dict[str, int] = {}

    def begin(self, limit: int) -> None:
        """Take the snapshot, after the place to follow on from."""
        self.place = self.public.head()
        after = ""
        while True:
            page = self.states.page(after, limit)
            self.held |= {state.case: self._cut(state) for state in page.states}
            if page.next is None:
                return
            after = page.next

    def follow(self, limit: int) -> None:
        """Take one page of the feed; what is in a state that is held already changes nothing."""
        page = self.public.read(self.wanted, self.place, limit)
        touched = set()
        for told in page.told:
            # Nothing was left out since the last event of the case that it was told of.
            last = self.seen.get(told.case)
            assert last is None or f'"previous":{last},'.encode() in told.body
            assert last is None or last < told.version
            self.seen[told.case] = told.version
            held = self.held.get(told.case)
            if held is None or held.caseversion < told.version:
                touched.add(told.case)
        self.held |= {case: self._cut(state) for case, state in self.states.of(touched).items()}
        self.place = page.upto

    def at_end(self) -> bool:
        """Whether there is nothing more to follow."""
        return self.place >= self.public.head()

    def known(self) -> dict[str, PublicState]:
        """What it holds of cases with anything in force or to come; how far each is counts for nothing."""
        return {case: replace(state, caseversion=0) for case, state in self.held.items() if state.matters_on(MONDAY)}

    def _cut(self, state: PublicState) -> PublicState:
        return seen_by(state, self.wanted.topics)


def write(log: ProjectedLog, history: History, some: int) -> None:
    """A history, a few events at a time."""
    for first in range(0, len(history.events), some):
        log.append(history.events[first : first + some])


def keep_up(log: ProjectedLog, over: Event, sleeps: float) -> None:
    """Keep the read models up with the log, at some pace."""
    while not over.wait(sleeps):
        log.catch_up()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), topics=st.sampled_from(TOPICS), limit=st.integers(1, 7), seed=st.integers(0, 2**16))
def test_snapshot_and_tail_come_to_what_the_tail_from_the_start_comes_to(
    log: ProjectedLog, data: st.DataObject, topics: frozenset[Topic], limit: int, seed: int
) -> None:
    written = [data.draw(histories(f"life-{next(NAMES)}")) for _ in range(6)]
    wanted = Wanted(landlord="elm", subscriber="model", topics=topics)
    late, first = Model(log, wanted), Model(log, wanted)
    over = Event()
    with ThreadPoolExecutor(4) as pool:
        before, during = written[:2], written[2:]
        for history in before:
            write(log, history, 1 + seed % 4)
        follower = pool.submit(keep_up, log, over, 0.01 * (seed % 3))
        writers = [pool.submit(write, log, history, 1 + (seed + n) % 4) for n, history in enumerate(during)]
        late.begin(limit)
        while not all(one.done() for one in writers) or not late.at_end():
            late.follow(limit)
        over.set()
        for one in (*writers, follower):
            one.result()
    while not first.at_end():
        first.follow(100)
    assert late.known() == first.known()
    now = Model(log, wanted)
    now.begin(3)
    assert late.known() == now.known()
