"""What many writers and readers at once may rely on in a landlord's log."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier, Event, Lock
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from infrastructure.event_store import Conflict, LandlordRecorder, Save, StoredRow
from infrastructure.postgres.server import PostgresServer
from tests.infrastructure.a_log import NOON, SetClock, a_log, asked, fact, facts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from infrastructure.event_store import Appended

WRITERS = 8


@pytest.fixture(params=["read committed", "repeatable read"])
def logs(request: pytest.FixtureRequest, database: str) -> Iterator[tuple[LandlordRecorder, LandlordRecorder]]:
    """The same log seen from two processes, as far as pools and wake-ups go.

    Under each default isolation that an operator may have given the database: the log must not depend on it.
    """
    with psycopg.connect(database, autocommit=True) as conn:
        name = conn.info.dbname
        conn.execute(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = '{request.param}'".encode())
    chance = random.Random(7)  # noqa: S311 - a jumping clock, not a secret
    lock = Lock()

    def jumping_clock() -> datetime:
        with lock:
            return NOON + timedelta(seconds=chance.uniform(-3600, 3600))

    with a_log(database) as log, PostgresServer(database) as elsewhere:
        yield (
            LandlordRecorder(log.server, "elm", jumping_clock),
            LandlordRecorder(elsewhere, "elm", jumping_clock),
        )
        elsewhere.close()


def test_positions_have_no_gap_times_never_go_back_and_no_reader_misses_a_fact(
    logs: tuple[LandlordRecorder, LandlordRecorder],
) -> None:
    done = Event()
    crowded = uuid4()

    def write(writer: int) -> list[Appended]:
        log, chance = logs[writer % 2], random.Random(writer)  # noqa: S311 - sizes, not secrets
        written = []
        for turn in range(40):
            written.append(log.append(Save(facts(chance.randint(1, 5)), asked(f"{writer}-{turn}"))))
            try:  # everybody also crowds into one stream, so that losing saves roll back in between
                next_version = len(log.read_stream(crowded)) + 1
                written.append(log.append(Save([fact(crowded, next_version)])))
            except Conflict:
                continue
        return written

    def follow(log: LandlordRecorder) -> list[StoredRow]:
        seen: list[StoredRow] = []
        while True:
            over = done.is_set()
            page = log.read_log(after=seen[-1].position if seen else 0, limit=7)
            seen += page
            if over and not page:
                return seen

    with ThreadPoolExecutor() as readers, ThreadPoolExecutor(WRITERS) as writers:
        reading = [readers.submit(follow, log) for log in logs for _ in range(2)]
        try:
            saves = [save for written in writers.map(write, range(WRITERS)) for save in written]
        finally:
            done.set()
        readings = [reader.result() for reader in reading]

    last = logs[0].head().position
    for seen in readings:
        assert [row.position for row in seen] == list(range(1, last + 1))
        assert all(before.recorded_at <= after.recorded_at for before, after in pairwise(seen))
    given = sorted(position for save in saves for position in range(save.first_position, save.last_position + 1))
    assert given == list(range(1, last + 1))


def test_of_two_writers_to_one_version_exactly_one_succeeds(
    logs: tuple[LandlordRecorder, LandlordRecorder],
) -> None:
    stream, together = uuid4(), Barrier(WRITERS)

    def write(writer: int, version: int) -> bytes | None:
        state = f"writer {writer}".encode()
        together.wait()
        try:
            logs[writer % 2].append(Save([fact(stream, version, state)]))
        except Conflict:
            return None
        return state

    with ThreadPoolExecutor(WRITERS) as pool:
        for version in range(1, 21):
            outcomes = list(pool.map(write, range(WRITERS), [version] * WRITERS))
            [winner] = [state for state in outcomes if state is not None]
            assert logs[0].read_stream(stream)[-1].state == winner

    assert [(row.version, row.position) for row in logs[0].read_stream(stream)] == [(n, n) for n in range(1, 21)]


def test_one_request_sent_many_times_at_once_is_accepted_once(
    logs: tuple[LandlordRecorder, LandlordRecorder],
) -> None:
    together = Barrier(WRITERS)

    def send(sender: int, turn: int) -> Appended:
        together.wait()
        return logs[sender % 2].append(Save(facts(2), asked(f"turn {turn}")))

    with ThreadPoolExecutor(WRITERS) as pool:
        for turn in range(10):
            answers = list(pool.map(send, range(WRITERS), [turn] * WRITERS))
            assert sorted(answer.repeated for answer in answers) == [False] + [True] * (WRITERS - 1)
            assert {(a.first_position, a.last_position) for a in answers} == {(2 * turn + 1, 2 * turn + 2)}

    assert logs[0].head().position == 20


def test_a_log_that_grows_wakes_followers_in_other_processes_and_no_other_landlords(database: str) -> None:
    with a_log(database, "elm") as elm, a_log(database, "oak") as oak, PostgresServer(database) as elsewhere:
        with (
            elsewhere.wake_ups.follow("landlord_elm") as of_elm,
            elsewhere.wake_ups.follow("landlord_oak") as of_oak,
        ):
            # A follower is woken once when listening begins, in case it missed something before.
            assert of_elm.wait(5) == {"landlord_elm"}
            assert of_oak.wait(5) == {"landlord_oak"}

            elm.append(Save(facts(1)))
            assert of_elm.wait(5) == {"landlord_elm"}
            assert of_oak.wait(0.2) == frozenset()

            oak.append(Save(facts(1)))
            assert of_oak.wait(5) == {"landlord_oak"}
        elsewhere.close()


def test_waiting_for_a_position_ends_when_the_log_gets_there_and_not_before(
    logs: tuple[LandlordRecorder, LandlordRecorder],
) -> None:
    here, elsewhere = logs

    assert elsewhere.wait_for(0, timeout=0)
    assert not elsewhere.wait_for(2, timeout=0.1)
    here.append(Save(facts(1)))
    assert not elsewhere.wait_for(2, timeout=0.1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(elsewhere.wait_for, 2, 10)
        here.append(Save(facts(1)))
        assert waiting.result(timeout=5)


def test_a_follower_that_hears_nothing_still_gets_there_by_looking(database: str) -> None:
    with a_log(database) as log, PostgresServer(database) as deaf:
        deaf.wake_ups.close()
        follower = LandlordRecorder(deaf, "elm", SetClock())
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(follower.wait_for, 1, 10)
            log.append(Save(facts(1)))
            assert waiting.result(timeout=5)


def test_a_subscription_delivers_while_others_write_and_stops_from_another_thread(
    logs: tuple[LandlordRecorder, LandlordRecorder],
) -> None:
    here, elsewhere = logs
    here.append(Save(facts(3)))

    with ThreadPoolExecutor(1) as pool, elsewhere.subscribe(gt=1) as subscription:
        reading = pool.submit(lambda: [notification.id for notification in subscription])
        here.append(Save(facts(2)))
        assert elsewhere.wait_for(5, timeout=5)
        while subscription._last_notification_id != 5:  # noqa: SLF001 - how far it has got
            assert not reading.done()
        subscription.stop()
        assert reading.result(timeout=5) == [2, 3, 4, 5]
