"""What is left of a save when the process, the connection or the server's answer is lost under it."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from infrastructure.event_store import Conflict, LandlordRecorder, Save
from infrastructure.postgres.server import PostgresServer
from tests.infrastructure.a_log import SetClock, a_log, asked, fact, facts
from tests.infrastructure.lossy_line import LossyLine, a_lossy_line

if TYPE_CHECKING:
    from collections.abc import Iterator

FACTS_A_SAVE = 50

DOOMED = "doomed writer"
# Saves for ever, each time some facts to a new stream, and names the stream once it is acknowledged.
WRITER = f"""
import sys
from uuid import UUID, uuid4
from infrastructure.event_store import LandlordRecorder, Save
from infrastructure.postgres.server import PostgresServer
from tests.infrastructure.a_log import SetClock, asked, facts

recorder = LandlordRecorder(PostgresServer(sys.argv[1]), "elm", SetClock())
for turn in range(10_000):
    stream = UUID(sys.argv[2]) if len(sys.argv) > 2 else uuid4()
    recorder.append(Save(facts({FACTS_A_SAVE}, stream), asked(str(stream))))
    print(stream, flush=True)
"""


@pytest.fixture
def log(database: str) -> Iterator[LandlordRecorder]:
    with a_log(database) as recorder:
        yield recorder


@contextmanager
def a_writing_process(database: str, *stream: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WRITER, make_conninfo(database, application_name=DOOMED), *stream]
    repository = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=repository) as process:
        try:
            yield process
        finally:
            process.kill()


def writers_gone(database: str) -> None:
    """Wait until the server is done with the killed process: what it was sent, it may still commit."""
    deadline = monotonic() + 10
    with psycopg.connect(database, autocommit=True) as conn:
        while conn.execute(
            "SELECT FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()",
            (DOOMED,),
        ).fetchone():
            assert monotonic() < deadline
            sleep(0.01)


def assert_only_whole_saves(log: LandlordRecorder) -> set[UUID]:
    """The streams of the log, each of which holds one whole save with its request."""
    rows = log.read_log(0, 1_000_000)
    assert [row.position for row in rows] == list(range(1, log.head().position + 1))
    streams = {UUID(row.stream) for row in rows}
    for stream in streams:
        assert [row.version for row in log.read_stream(stream)] == list(range(1, FACTS_A_SAVE + 1))
        assert log.find_request("phone room", str(stream)) is not None
    return streams


def test_a_writer_killed_at_any_moment_leaves_whole_saves_and_a_log_open_to_others(
    log: LandlordRecorder, database: str
) -> None:
    acknowledged: set[UUID] = set()
    for delay in (0.001, 0.0043, 0.0117, 0.0291):
        with a_writing_process(database) as process:
            assert process.stdout is not None
            acknowledged.add(UUID(process.stdout.readline().strip()))
            sleep(delay)
            process.kill()  # SIGKILL
            acknowledged |= {UUID(line.strip()) for line in process.stdout if line.endswith("\n")}
        writers_gone(database)

        assert acknowledged <= assert_only_whole_saves(log)
        stream = uuid4()
        acknowledged.add(stream)
        log.append(Save(facts(FACTS_A_SAVE, stream), asked(str(stream))))


@contextmanager
def head_held(database: str) -> Iterator[psycopg.Connection]:
    """Another writer that has the lock and takes its time."""
    with psycopg.connect(database) as holder:
        holder.execute("UPDATE landlord_elm.head SET position = position")
        yield holder
        holder.rollback()


def waiting_backend(database: str) -> int:
    """The server process of the writer that stands at the lock, once there is one."""
    deadline = monotonic() + 10
    with psycopg.connect(database, autocommit=True) as conn:
        while monotonic() < deadline:
            found = conn.execute(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ).fetchone()
            if found is not None:
                return int(found[0])
            sleep(0.01)
    raise AssertionError("no writer came to the lock")


def test_a_process_killed_in_the_middle_of_a_save_finds_out_on_its_retry_what_became_of_it(
    log: LandlordRecorder, database: str
) -> None:
    stream = uuid4()
    save = Save(facts(FACTS_A_SAVE, stream), asked(str(stream)))

    with head_held(database), a_writing_process(database, str(stream)) as process:
        waiting_backend(database)
        process.kill()  # SIGKILL: the server has the whole save, the process will never hear of it
        process.wait()
    writers_gone(database)

    written = assert_only_whole_saves(log)
    retried = log.append(save)
    assert retried.repeated == (stream in written)
    assert assert_only_whole_saves(log) == {stream}


def test_a_connection_lost_in_the_middle_of_a_save_leaves_nothing_and_the_save_is_tried_again(
    log: LandlordRecorder, database: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with head_held(database) as holder:
            saving = pool.submit(log.append, Save(facts(3), asked("k")))
            lost = waiting_backend(database)
            with psycopg.connect(database, autocommit=True) as conn:
                conn.execute("SELECT pg_terminate_backend(%s)", (lost,))
            holder.rollback()
        appended = saving.result(timeout=10)

    assert (appended.first_position, appended.last_position, appended.repeated) == (1, 3, False)
    assert [row.position for row in log.read_log(0, 10)] == [1, 2, 3]


def test_an_idle_pool_survives_a_server_that_dropped_its_connections(log: LandlordRecorder, database: str) -> None:
    log.append(Save(facts(1)))
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert log.append(Save(facts(1))).last_position == 2
    assert len(log.read_log(0, 10)) == 2


@pytest.fixture
def line_and_log(database: str) -> Iterator[tuple[LossyLine, LandlordRecorder]]:
    # One connection, and saved over before: so the next answer on the line is the answer to the next save.
    with a_log(database), a_lossy_line(database) as line, PostgresServer(line.dsn, connections=1) as server:
        recorder = LandlordRecorder(server, "elm", SetClock())
        recorder.append(Save([], asked("accepted without a fact")))
        yield line, recorder
        server.close()


def test_a_save_whose_answer_was_lost_is_recognised_by_its_request(
    line_and_log: tuple[LossyLine, LandlordRecorder],
) -> None:
    line, log = line_and_log

    line.lose_the_next_answer()
    appended = log.append(Save(facts(3), asked("k")))

    assert line.lost.is_set()
    assert (appended.first_position, appended.last_position, appended.repeated) == (1, 3, True)
    assert appended.answer == asked("k").answer
    assert log.head().position == 3


def test_without_a_request_a_save_whose_answer_was_lost_conflicts_with_itself(
    line_and_log: tuple[LossyLine, LandlordRecorder],
) -> None:
    line, log = line_and_log
    stream = uuid4()

    line.lose_the_next_answer()
    with pytest.raises(Conflict) as conflict:
        log.append(Save([fact(stream, 1), fact(stream, 2)]))

    assert line.lost.is_set()
    assert (conflict.value.stream, conflict.value.version) == (stream, 1)
    assert [row.version for row in log.read_stream(stream)] == [1, 2]
