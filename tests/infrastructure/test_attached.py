"""The embedded server for commands: beside a service, beside each other, and alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from infrastructure.postgres import attached
from infrastructure.postgres.account import Account, ServerRefused
from infrastructure.postgres.attached import server_for_a_command
from infrastructure.postgres.data_folder import FolderInUse
from infrastructure.postgres.embedded import EmbeddedServer
from tests.infrastructure.test_embedded_postgres import HURRY, a_service, is_at_work, only_as_root

# A command reduced to its server: says that it has it, and ends when its standard input does.
COMMAND = """
import sys
from pathlib import Path
import psycopg
from infrastructure.postgres.attached import server_for_a_command

with server_for_a_command(Path(sys.argv[1])) as dsn:
    with psycopg.connect(dsn, autocommit=True) as connection:
        print(connection.execute("SELECT pg_backend_pid()").fetchone()[0], flush=True)
        sys.stdin.read()
        print(connection.execute("SELECT 'still there'").fetchone()[0], flush=True)
"""


@contextmanager
def a_command(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the data folder as a command does, once it has its server."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, data], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip().isdigit()
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def one(dsn: str, statement: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def test_beside_a_service_its_server_is_used_and_left_running(data_folder: Path) -> None:
    with a_service(data_folder) as (service, its_server):
        with server_for_a_command(data_folder) as dsn:
            assert one(dsn, "SELECT current_user") == "evenhand"
            assert one(dsn, "SELECT current_database()") == "evenhand"
            again = server_for_a_command(data_folder)
            with again as second:
                assert second == dsn
        assert is_at_work(its_server)
        assert service.poll() is None


def test_alone_a_command_has_a_server_of_its_own_until_it_ends(data_folder: Path) -> None:
    with server_for_a_command(data_folder) as dsn:
        pid = int((data_folder / "postgres" / "cluster" / "postmaster.pid").read_text().partition("\n")[0])
        assert one(dsn, "SELECT 1") == 1
    assert not is_at_work(pid)


def test_a_service_still_refuses_a_folder_that_a_command_uses(data_folder: Path) -> None:
    with server_for_a_command(data_folder), pytest.raises(FolderInUse, match=f"process {os.getpid()}"):
        EmbeddedServer.start(data_folder)


def test_a_command_that_started_the_server_stays_until_others_are_done(data_folder: Path) -> None:
    with a_command(data_folder) as first, a_command(data_folder) as second:
        assert first.stdin is not None
        first.stdin.close()
        time.sleep(0.5)
        assert first.poll() is None
        said, _ = second.communicate("", timeout=30)
        assert said == "still there\n"
        assert second.returncode == 0
        assert first.wait(30) == 0


def test_a_command_stays_for_others_only_so_long(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached, "STAY", 0.2)
    with server_for_a_command(data_folder):
        other = a_command(data_folder)
        process = other.__enter__()
    try:
        with pytest.raises(psycopg.OperationalError), psycopg.connect(attached_dsn(data_folder)):
            pass
        assert process.poll() is None
    finally:
        other.__exit__(None, None, None)


def attached_dsn(data: Path) -> str:
    return f"host={data / 'postgres' / 'socket'} port=5432 user=evenhand dbname=evenhand"


def test_a_server_that_is_only_starting_is_waited_for(data_folder: Path) -> None:
    with a_service(data_folder) as (service, _):
        sockets = data_folder / "postgres" / "socket"
        sockets.rename(sockets.with_name("elsewhere"))
        back = subprocess.Popen(["sh", "-c", f"sleep 0.5; mv '{sockets.with_name('elsewhere')}' '{sockets}'"])
        with server_for_a_command(data_folder) as dsn:
            assert one(dsn, "SELECT 1") == 1
        assert back.wait() == 0
        assert service.poll() is None


def test_a_server_that_does_not_answer_is_not_waited_for_for_ever(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attached, "PATIENCE", 0.3)
    with a_service(data_folder) as (service, _):
        sockets = data_folder / "postgres" / "socket"
        sockets.rename(sockets.with_name("elsewhere"))
        with pytest.raises(FolderInUse, match=f"process {service.pid}"), server_for_a_command(data_folder):
            pass
        sockets.with_name("elsewhere").rename(sockets)


def test_what_a_killed_service_left_is_taken_over(data_folder: Path) -> None:
    with a_service(data_folder) as (service, left_behind):
        service.kill()
        service.wait()
        with server_for_a_command(data_folder) as dsn:
            assert one(dsn, "SELECT 1") == 1
            assert not is_at_work(left_behind)


@pytest.mark.parametrize("name", ["a-long-name-" * 9, "with, a comma"])
def test_a_folder_with_an_awkward_name_is_found_as_well(data_folder: Path, name: str) -> None:
    awkward = data_folder / name
    awkward.mkdir(parents=True)
    for folder in (data_folder, awkward):
        folder.chmod(0o711)

    with EmbeddedServer.start(awkward, settings=HURRY), server_for_a_command(awkward) as dsn:
        assert one(dsn, "SELECT 1") == 1


def test_the_server_that_answers_must_run_as_the_account_of_ours(data_folder: Path) -> None:
    with EmbeddedServer.start(data_folder, settings=HURRY), server_for_a_command(data_folder) as dsn:
        assert conninfo_to_dict(dsn)["requirepeer"] == Account.for_server().name
        with pytest.raises(psycopg.OperationalError, match="requirepeer"):
            psycopg.connect(dsn, requirepeer="daemon")


@only_as_root
def test_beside_a_service_of_another_account_the_way_out_is_told(data_folder: Path) -> None:
    with EmbeddedServer.start(data_folder, settings=HURRY):
        os.chown(data_folder / "postgres" / "service.lock", 4321, 4321)
        with pytest.raises(ServerRefused, match="run this command as user id 4321"), server_for_a_command(data_folder):
            pass
