"""What saves that share a commit may rely on: each is whole or refused by itself, as if they had come in turn."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import DataError, StoredEvent

from application.ports import KeyDestroyed
from infrastructure.event_store import Appended, Conflict, KeyReused, LandlordRecorder, Save
from infrastructure.postgres.server import PostgresServer
from tests.infrastructure.a_landlord import a_landlord, opened_case, somebody
from tests.infrastructure.a_log import SetClock, a_log, asked, fact, facts
from tests.infrastructure.test_event_store_faults import head_held, waiting_backend, writers_gone
from tests.infrastructure.test_together import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WRITERS = 32


class Watch:
    """Notes what a recorder tells of its saves."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.sizes: list[int] = []

    def waited(self, seconds: float) -> None:
        """How long one took."""
        self.seconds.append(seconds)

    def shared(self, saves: int) -> None:
        """How many went together."""
        self.sizes.append(saves)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def log(database: str, watch: Watch) -> Iterator[LandlordRecorder]:
    with a_log(database) as recorder:
        yield LandlordRecorder(recorder.server, "elm", SetClock(), watch)


@contextmanager
def sharing_a_commit(log: LandlordRecorder, database: str, *saves: Save) -> Iterator[list[Future[Appended]]]:
    """These saves under way, in this order, in one batch: another before them holds up whoever comes.

    One batch at a time, as between two that are under way together there is no order.
    """
    together = log._saves  # noqa: SLF001 - to see that all of them are there
    together._at_once = 1  # noqa: SLF001
    with ThreadPoolExecutor(1 + len(saves)) as threads:
        with head_held(database) as holder:
            ahead = threads.submit(log.append, Save([], asked("ahead")))
            until(lambda: len(together._leading) == 1)  # noqa: SLF001
            futures = []
            for save in saves:
                futures.append(threads.submit(log.append, save))
                until(lambda: len(together._waiting) == len(futures))  # noqa: SLF001
            holder.rollback()
        ahead.result(timeout=20)
        yield futures


def outcomes(futures: Sequence[Future[Appended]]) -> list[Appended | BaseException]:
    return [future.exception(timeout=20) or future.result() for future in futures]


def test_saves_that_wait_share_a_commit_in_the_order_they_came(
    log: LandlordRecorder, database: str, watch: Watch
) -> None:
    with sharing_a_commit(log, database, *(Save(facts(2)) for _ in range(5))) as futures:
        saved = [future.result(timeout=20) for future in futures]

    assert [(save.first_position, save.last_position) for save in saved] == [(1 + 2 * n, 2 + 2 * n) for n in range(5)]
    assert sorted(watch.sizes) == [1, 5]
    assert len(watch.seconds) == 6


def test_a_conflict_in_one_save_touches_none_of_its_neighbours_and_leaves_no_gap(
    log: LandlordRecorder, database: str
) -> None:
    taken = uuid4()
    log.append(Save([fact(taken, 1)]))
    before, after, other = uuid4(), uuid4(), uuid4()

    with sharing_a_commit(
        log,
        database,
        Save(facts(2, before), asked("before")),
        Save([fact(other, 1), fact(taken, 1, b"late")], asked("late")),
        Save(facts(2, after), asked("after")),
    ) as futures:
        first, late, last = outcomes(futures)

    assert isinstance(late, Conflict)
    assert (late.stream, late.version) == (taken, 1)
    assert isinstance(first, Appended)
    assert isinstance(last, Appended)
    assert (first.first_position, first.last_position) == (2, 3)
    assert (last.first_position, last.last_position) == (4, 5)
    assert log.read_stream(other) == []
    assert log.find_request("phone room", "late") is None
    assert [row.position for row in log.read_log(0, 100)] == list(range(1, 6))
    for key, positions in (("before", (2, 3)), ("after", (4, 5))):
        kept = log.find_request("phone room", key)
        assert kept is not None
        assert (kept.first_position, kept.last_position) == positions


def test_of_two_saves_of_one_batch_at_one_place_the_first_wins(log: LandlordRecorder, database: str) -> None:
    stream = uuid4()

    with sharing_a_commit(
        log, database, Save([fact(stream, 1, b"first")]), Save([fact(stream, 1, b"second")]), Save([fact(stream, 2)])
    ) as futures:
        first, second, next_one = outcomes(futures)

    assert isinstance(first, Appended)
    assert isinstance(second, Conflict)
    assert isinstance(next_one, Appended)
    assert [(row.version, row.state) for row in log.read_stream(stream)] == [(1, b"first"), (2, b"state")]
    assert (first.last_position, next_one.first_position) == (1, 2)


def test_one_request_twice_in_a_batch_is_accepted_once_and_with_another_body_refused(
    log: LandlordRecorder, database: str
) -> None:
    with sharing_a_commit(
        log,
        database,
        Save(facts(2), asked("k")),
        Save(facts(3), asked("k")),
        Save(facts(1), asked("k", body=b"another")),
        Save([], asked("accepted without a fact")),
        Save(facts(1)),
    ) as futures:
        first, again, reused, empty, last = outcomes(futures)

    assert isinstance(reused, KeyReused)
    assert isinstance(first, Appended)
    assert isinstance(again, Appended)
    assert isinstance(empty, Appended)
    assert isinstance(last, Appended)
    assert (first.first_position, first.last_position, first.repeated) == (1, 2, False)
    assert (again.first_position, again.last_position, again.repeated) == (1, 2, True)
    assert (empty.first_position, empty.last_position, empty.repeated) == (3, 2, False)
    assert (last.first_position, last.last_position) == (3, 3)
    assert log.head().position == 3


def test_a_save_that_the_database_refuses_to_read_fails_alone(log: LandlordRecorder, database: str) -> None:
    poison = StoredEvent(uuid4(), 1, "zero \0 character", b"")

    with sharing_a_commit(log, database, Save(facts(1)), Save([poison]), Save(facts(1), asked("k"))) as futures:
        first, refused, last = outcomes(futures)

    assert isinstance(refused, DataError)
    assert isinstance(first, Appended)
    assert isinstance(last, Appended)
    assert (first.last_position, last.last_position) == (1, 2)
    assert log.head().position == 2


def test_a_batch_whose_connection_is_cut_is_tried_again_and_is_there_once(log: LandlordRecorder, database: str) -> None:
    with ThreadPoolExecutor(WRITERS) as threads:
        with head_held(database) as holder:
            futures = [threads.submit(log.append, Save(facts(3), asked(f"{n}"))) for n in range(WRITERS)]
            lost = waiting_backend(database)
            with psycopg.connect(database, autocommit=True) as conn:
                conn.execute("SELECT pg_terminate_backend(%s)", (lost,))
            holder.rollback()
        saved = [future.result(timeout=20) for future in futures]

    positions = sorted(n for save in saved for n in range(save.first_position, save.last_position + 1))
    assert positions == [row.position for row in log.read_log(0, 1_000)] == list(range(1, 3 * WRITERS + 1))


def test_many_writers_with_conflicts_and_repeats_among_them_leave_what_was_acknowledged_and_nothing_else(
    log: LandlordRecorder, database: str, watch: Watch
) -> None:
    crowded = [uuid4() for _ in range(3)]
    with PostgresServer(database) as elsewhere:
        logs = (log, LandlordRecorder(elsewhere, "elm", SetClock(), watch))

        def write(writer: int) -> Counter[str]:
            chance, chosen = random.Random(writer), logs[writer % 2]  # noqa: S311 - sizes, not secrets
            told: Counter[str] = Counter()
            for turn in range(60):
                stream, state = uuid4(), f"{writer}-{turn}".encode()
                events = [fact(stream, 1, state), fact(stream, 2, state)]
                if chance.random() < 0.3:
                    events.append(fact(chance.choice(crowded), chance.randint(1, 40), state))
                # Some keys are everybody's: whoever comes first with one is accepted.
                key = f"shared {chance.randint(1, 40)}" if chance.random() < 0.3 else f"{writer}-{turn}"
                try:
                    save = chosen.append(Save(events, asked(key)))
                except Conflict:
                    assert chosen.read_stream(stream) == []
                    told["refused"] += 1
                    continue
                rows = chosen.read_log(save.first_position - 1, save.last_position - save.first_position + 1)
                if save.repeated:
                    assert chosen.read_stream(stream) == []
                else:
                    assert [(row.stream, row.version, row.state) for row in rows] == [
                        (str(event.originator_id), event.originator_version, event.state) for event in events
                    ]
                    told["events"] += len(events)
                    told["saves"] += 1
                told["repeated"] += save.repeated
            return told

        with ThreadPoolExecutor(WRITERS) as threads:
            told = sum(threads.map(write, range(WRITERS)), Counter())
        elsewhere.close()

    assert min(told["refused"], told["repeated"]) > 0
    assert max(watch.sizes) > 1
    assert [row.position for row in log.read_log(0, 100_000)] == list(range(1, told["events"] + 1))
    with psycopg.connect(database) as conn:
        assert conn.execute("SELECT count(*) FROM landlord_elm.request").fetchone() == (told["saves"],)


# Saves for ever with many threads, each time two facts to a new stream, and names the stream once acknowledged.
CROWD = """
import os
import sys
from threading import Thread
from uuid import uuid4
from infrastructure.event_store import LandlordRecorder, Save
from infrastructure.postgres.server import PostgresServer
from tests.infrastructure.a_log import SetClock, asked, facts

recorder = LandlordRecorder(PostgresServer(sys.argv[1]), "elm", SetClock())

def write():
    for _ in range(10_000):
        stream = uuid4()
        recorder.append(Save(facts(2, stream), asked(str(stream))))
        os.write(1, f"{stream}\\n".encode())  # whole, whoever else writes

threads = [Thread(target=write, daemon=True) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@contextmanager
def a_crowd(database: str) -> Iterator[subprocess.Popen[str]]:
    named = psycopg.conninfo.make_conninfo(database, application_name="doomed writer")
    command = [sys.executable, "-c", CROWD, named]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        try:
            yield process
        finally:
            process.kill()


def test_two_processes_killed_in_the_middle_of_their_batches_leave_whole_saves_and_all_that_were_acknowledged(
    log: LandlordRecorder, database: str
) -> None:
    with a_crowd(database) as one, a_crowd(database) as other:
        lines = []
        for process in (one, other):
            assert process.stdout is not None
            lines.append(process.stdout.readline())
        sleep(0.3)
        for process in (one, other):
            process.kill()  # SIGKILL
            assert process.stdout is not None
            lines += [line for line in process.stdout if line.endswith("\n")]
    writers_gone(database)

    rows = log.read_log(0, 1_000_000)
    assert [row.position for row in rows] == list(range(1, log.head().position + 1))
    written = Counter(row.stream for row in rows)
    assert set(written.values()) == {2}
    assert {line.strip() for line in lines} <= set(written)
    for first, second in zip(rows[::2], rows[1::2], strict=True):  # the facts of a save stand together
        assert (first.stream, first.version, second.version) == (second.stream, 1, 2)
        assert log.find_request("phone room", first.stream) is not None
    assert log.append(Save(facts(1))).first_position == len(rows) + 1


def test_people_erased_while_many_write_about_them_and_others_touch_nobody_elses_saves(
    database: str, tmp_path: Path
) -> None:
    with a_landlord(database, tmp_path / "keys") as landlord:
        people = [somebody() for _ in range(8)]
        log = landlord.log

        def write(writer: int) -> Counter[str]:
            told: Counter[str] = Counter()
            for _ in range(15):
                person = people[writer % 8]
                try:
                    log.append(opened_case(person, "ContactLogged"))
                except KeyDestroyed:
                    told[f"refused {writer % 8}"] += 1
                else:
                    told["events"] += 2
            return told

        with ThreadPoolExecutor(WRITERS + 1) as threads:
            writing = [threads.submit(write, writer) for writer in range(WRITERS)]
            until(lambda: log.head() > 20)
            for person in people[:2]:
                landlord.ring.destroy(person)
            told = sum((future.result(timeout=60) for future in writing), Counter())

        assert {name for name in told if name != "events"} == {"refused 0", "refused 1"}
        assert log.head() == told["events"]
        assert [event.position for event in log.after(0, 10_000)] == list(range(1, told["events"] + 1))
        with landlord.connect() as conn:
            alive = conn.execute("SELECT DISTINCT person FROM data_key WHERE wrapped IS NOT NULL").fetchall()
        assert {row[0] for row in alive} == set(people[2:])
