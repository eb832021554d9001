"""The embedded server through its whole life: started, stopped, killed, started again, and refused."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from infrastructure.postgres import programs
from infrastructure.postgres.account import Account, ServerRefused
from infrastructure.postgres.data_folder import default_data_folder
from infrastructure.postgres.embedded import EmbeddedServer

HURRY = {"fsync": "off"}

only_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its server another account")

# A service reduced to its server: says the server's process id, waits, and stops it when it is interrupted.
SERVICE = """
import signal, sys
from pathlib import Path
from infrastructure.postgres.embedded import EmbeddedServer

with EmbeddedServer.start(Path(sys.argv[1]), settings={"fsync": "off"}) as server:
    server.ensure_database()
    try:
        print(server.pid, flush=True)
        signal.pause()
    except KeyboardInterrupt:
        import psycopg
        with psycopg.connect(server.dsn()) as connection:
            print(connection.execute("SELECT 'still there'").fetchone()[0], flush=True)
"""


@contextmanager
def a_service(data: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Another process that runs the server of `data`: the process, and its server's process id."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVICE, data], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def remember(server: EmbeddedServer, what: str) -> None:
    with psycopg.connect(server.ensure_database()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS notes (note text)")
        connection.execute("INSERT INTO notes VALUES (%s)", [what])


def remembered(server: EmbeddedServer) -> list[str]:
    with psycopg.connect(server.dsn()) as connection:
        return [str(note) for (note,) in connection.execute("SELECT note FROM notes")]


def setting(server: EmbeddedServer, name: str) -> str:
    with psycopg.connect(server.dsn("postgres")) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def test_what_was_stored_is_there_after_a_stop_and_a_second_start(data_folder: Path) -> None:
    with EmbeddedServer.start(data_folder, settings=HURRY) as first:
        remember(first, "a decision")
    assert not is_at_work(first.pid)

    with EmbeddedServer.start(data_folder, settings=HURRY) as second:
        assert remembered(second) == ["a decision"]


def test_by_default_commits_are_durable_and_no_port_is_open(data_folder: Path) -> None:
    with EmbeddedServer.start(data_folder) as server:
        assert setting(server, "fsync") == "on"
        assert setting(server, "listen_addresses") == ""
        listening = [c for c in psutil.Process(server.pid).net_connections("inet") if c.status == "LISTEN"]
        assert listening == []


def test_settings_of_the_caller_reach_the_server(data_folder: Path) -> None:
    with EmbeddedServer.start(data_folder, settings={"fsync": "off", "work_mem": "7MB"}) as server:
        assert (setting(server, "fsync"), setting(server, "work_mem")) == ("off", "7MB")


def test_stopping_twice_is_stopping_once(data_folder: Path) -> None:
    server = EmbeddedServer.start(data_folder, settings=HURRY)
    server.stop()
    server.stop()
    assert not is_at_work(server.pid)


def test_a_database_is_made_once_whatever_its_name(data_folder: Path) -> None:
    with EmbeddedServer.start(data_folder, settings=HURRY) as server:
        for _ in range(2):
            with psycopg.connect(server.ensure_database('a "quoted" name')) as connection:
                assert connection.info.dbname == 'a "quoted" name'


def test_only_the_account_of_the_service_is_let_in(data_folder: Path) -> None:
    with (
        EmbeddedServer.start(data_folder, settings=HURRY) as server,
        pytest.raises(psycopg.OperationalError, match="postgres"),
    ):
        psycopg.connect(server.dsn("postgres"), user="postgres")


def test_a_service_killed_outright_leaves_its_data_to_the_next_start(data_folder: Path) -> None:
    with a_service(data_folder) as (service, left_behind):
        service.kill()
        service.wait()
        assert is_at_work(left_behind)

        with EmbeddedServer.start(data_folder, settings=HURRY) as server:
            remember(server, "after the kill")
            assert server.pid != left_behind
            assert not is_at_work(left_behind)
            assert remembered(server) == ["after the kill"]


def test_after_service_and_server_were_killed_outright_commits_are_still_there(data_folder: Path) -> None:
    with a_service(data_folder) as (service, its_server):
        with psycopg.connect(dsn_of(data_folder)) as connection:
            connection.execute("CREATE TABLE notes (note text)")
            connection.execute("INSERT INTO notes VALUES ('committed')")
        service.kill()
        os.kill(its_server, signal.SIGKILL)
        service.wait()

        with EmbeddedServer.start(data_folder, settings=HURRY) as server:
            assert remembered(server) == ["committed"]


def test_a_left_over_pid_file_that_names_another_process_harms_neither(data_folder: Path) -> None:
    with EmbeddedServer.start(data_folder, settings=HURRY):
        pid_file = data_folder / "postgres" / "cluster" / "postmaster.pid"
        stale = pid_file.read_text().split("\n", 1)[1]
    bystander = Account.for_server().start(["sleep", "60"], output=subprocess.DEVNULL)
    pid_file.write_text(f"{bystander.pid}\n{stale}")
    try:
        with EmbeddedServer.start(data_folder, settings=HURRY) as server:
            assert setting(server, "fsync") == "off"
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_cluster_that_was_never_finished_is_made_anew(data_folder: Path) -> None:
    unfinished = data_folder / "postgres" / "cluster.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    data_folder.chmod(0o711)

    with EmbeddedServer.start(data_folder, settings=HURRY) as server:
        remember(server, "whole")
        assert remembered(server) == ["whole"]
    assert not unfinished.exists()


def test_a_second_service_on_the_same_folder_is_refused_and_harms_nothing(data_folder: Path) -> None:
    with a_service(data_folder) as (service, its_server):
        with pytest.raises(ServerRefused, match=rf"Another Evenhand \(process {service.pid}\)"):
            EmbeddedServer.start(data_folder, settings=HURRY)
        with psycopg.connect(dsn_of(data_folder)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert is_at_work(its_server)


def test_a_server_that_somebody_started_by_hand_is_not_pushed_aside(data_folder: Path) -> None:
    account = Account.for_server()
    with EmbeddedServer.start(data_folder, settings=HURRY) as server:
        command = psutil.Process(server.pid).cmdline()
    sockets = data_folder / "postgres" / "by-hand"
    sockets.mkdir()
    sockets.chmod(0o777)
    by_hand = account.start([*command, "-c", f"unix_socket_directories={sockets}"], output=subprocess.DEVNULL)
    try:
        wait_for(sockets / ".s.PGSQL.5432")
        with pytest.raises(ServerRefused, match=rf"Somebody else.*\(process {by_hand.pid}\)"):
            EmbeddedServer.start(data_folder, settings=HURRY)
        assert by_hand.poll() is None
    finally:
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait()


def test_an_interrupt_of_the_whole_terminal_reaches_the_server_only_through_the_service(
    data_folder: Path,
) -> None:
    with a_service(data_folder) as (service, its_server):
        os.killpg(service.pid, signal.SIGINT)
        said, _ = service.communicate(timeout=30)
        assert said == "still there\n"
        assert not is_at_work(its_server)


@pytest.mark.parametrize("name", ["a-long-name-" * 9, "with, a comma", 'it\'s a "folder" with spaces'])
def test_a_folder_with_an_awkward_name_serves_as_well(data_folder: Path, name: str) -> None:
    awkward = data_folder / name
    awkward.mkdir(parents=True)
    for folder in (data_folder, awkward):
        folder.chmod(0o711)

    with EmbeddedServer.start(awkward, settings=HURRY) as server:
        remember(server, name)
        assert remembered(server) == [name]
        sockets = Path(str(conninfo_to_dict(server.dsn())["host"]))
        assert sockets.stat().st_mode & 0o077 == 0
    assert not sockets.exists()


def test_a_refused_statement_leaves_no_value_in_the_log(data_folder: Path) -> None:
    with EmbeddedServer.start(data_folder, settings=HURRY) as server:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
            connection.execute("CREATE TABLE people (name text UNIQUE)")
            connection.execute("INSERT INTO people VALUES ('Marguerite')")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO people VALUES ('Marguerite')")
        log = (data_folder / "postgres" / "server.log").read_text()
    assert "duplicate key" in log
    assert "Marguerite" not in log


def test_a_cluster_of_another_major_version_is_refused_untouched(data_folder: Path) -> None:
    with EmbeddedServer.start(data_folder, settings=HURRY):
        pass
    version = data_folder / "postgres" / "cluster" / "PG_VERSION"
    version.write_text("15\n")

    with pytest.raises(ServerRefused, match=r"written by PostgreSQL 15.*EVENHAND_DATA"):
        EmbeddedServer.start(data_folder, settings=HURRY)
    assert version.read_text() == "15\n"


def test_a_server_that_cannot_start_says_where_its_log_is_and_frees_the_folder(data_folder: Path) -> None:
    with pytest.raises(ServerRefused, match=re.escape(str(data_folder / "postgres" / "server.log"))):
        EmbeddedServer.start(data_folder, settings={"shared_buffers": "nonsense"})
    with EmbeddedServer.start(data_folder, settings=HURRY) as server:
        assert setting(server, "fsync") == "off"


@only_as_root
def test_as_root_a_folder_closed_to_the_server_is_refused_and_stays_closed(data_folder: Path) -> None:
    closed = data_folder / "closed"
    closed.mkdir(parents=True)
    data_folder.chmod(0o711)
    closed.chmod(0o700)

    with pytest.raises(ServerRefused, match=rf"{closed} is closed to it.*EVENHAND_DATA"):
        EmbeddedServer.start(closed / "data", settings=HURRY)
    assert closed.stat().st_mode & 0o777 == 0o700


@only_as_root
def test_as_root_the_server_runs_as_a_lesser_account_that_owns_its_cluster_alone(data_folder: Path) -> None:
    with EmbeddedServer.start(data_folder, settings=HURRY) as server:
        uids = psutil.Process(server.pid).uids()
        assert 0 not in uids
        assert psutil.Process(server.pid).gids().effective != 0
    not_roots = {path.name for path in (data_folder / "postgres").iterdir() if path.stat().st_uid != 0}
    assert not_roots == {"cluster"}


@only_as_root
def test_as_root_programs_in_a_closed_tree_are_run_from_a_copy_that_root_owns(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = programs.installed_wheel()
    closed = data_folder / "closed"
    closed.mkdir(parents=True)
    data_folder.chmod(0o711)
    closed.chmod(0o700)
    shutil.copytree(wheel, closed / wheel.name)
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), closed / f"{wheel.name}.libs")
    monkeypatch.setattr(programs, "installed_wheel", lambda: closed / wheel.name)

    with EmbeddedServer.start(data_folder / "data", settings=HURRY) as server:
        program = Path(psutil.Process(server.pid).exe())
    assert program.is_relative_to(data_folder / "data" / "postgres")
    assert program.stat().st_uid == 0
    assert closed.stat().st_mode & 0o777 == 0o700


@only_as_root
def test_as_root_a_cluster_of_another_account_is_refused_with_the_way_out(data_folder: Path) -> None:
    with EmbeddedServer.start(data_folder, settings=HURRY):
        pass
    cluster = data_folder / "postgres" / "cluster"
    os.chown(cluster, 4321, 4321)

    with pytest.raises(ServerRefused, match=r"belongs to user id 4321.*chown -R"):
        EmbeddedServer.start(data_folder, settings=HURRY)


def test_the_data_folder_is_the_one_that_was_named_or_the_one_that_the_system_expects(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    root = os.geteuid() == 0

    assert default_data_folder({"EVENHAND_DATA": "/srv/evenhand", **home}) == Path("/srv/evenhand")
    expected = Path("/var/lib/evenhand") if root else tmp_path / ".local/share/evenhand"
    assert default_data_folder(home) == expected
    assert default_data_folder({"EVENHAND_DATA": "", **home}) == expected
    assert default_data_folder({"XDG_DATA_HOME": "relative", **home}) == expected
    expected = Path("/var/lib/evenhand") if root else tmp_path / "share/evenhand"
    assert default_data_folder({"XDG_DATA_HOME": str(tmp_path / "share"), **home}) == expected


def dsn_of(data: Path) -> str:
    """How to reach the server that another process runs for `data`."""
    sockets = data / "postgres" / "socket"
    return f"host={sockets} port=5432 user=evenhand dbname=evenhand"


def is_at_work(pid: int) -> bool:
    """Whether the process is there and has not ended; an ended one may wait for a parent that never asks."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(path: Path) -> None:
    """Return when `path` is there; the test's own time limit ends a wait in vain."""
    while not path.exists():
        time.sleep(0.02)
