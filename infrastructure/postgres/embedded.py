"""A private PostgreSQL of the service's own, for whoever has not set up a database server.

How it is closed to everybody else: it listens on a Unix socket only, in a folder that only its own account
(and root) can enter, and asks the kernel who is calling (`peer`), so there is no password to keep or to leak
and no port to reach. What is committed is durable: fsync stays on unless a test turns it off.

What a kill -9 leaves behind: the server inherits a lock, so while any process of it lives the next start
knows, and stops it in an orderly way before starting its own. `postmaster.pid` alone would not do: process
ids are used again.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo

from infrastructure.postgres.account import Account, ServerRefused, service_account_name
from infrastructure.postgres.cluster import end_earlier_server, ensure_cluster
from infrastructure.postgres.data_folder import (
    hold_for_service,
    make_private_folder,
    open_lock,
    prepare_data_folder,
)
from infrastructure.postgres.own_server import open_log, stop
from infrastructure.postgres.programs import programs_for

ROLE = "evenhand"
DATABASE = "evenhand"

# The kernel takes 108 bytes for a socket's path (104 on macOS), with the file's name and an end mark.
_SOCKET_PATH_BYTES = 100
_PORT = "5432"

# Crash recovery reads the log since the last checkpoint (1 GB by default), which takes a slow disk minutes.
_START_SECONDS = 300
_STOP_SECONDS = 60

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A refused statement, and the row that it names, may hold personal values, which belong in no log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedServer:
    """A running server; a context manager that stops it. Made by `EmbeddedServer.start`."""

    def __init__(self, process: subprocess.Popen[bytes], socket_folder: Path, log: Path, held: ExitStack) -> None:
        self.pid = process.pid
        self.log = log
        self._process = process
        self._socket_folder = socket_folder
        self._held = held

    @classmethod
    def start(cls, data: Path, settings: Mapping[str, str] | None = None) -> Self:
        """Start the server of the data folder, making what is missing; returns once it accepts connections.

        `settings` are PostgreSQL's own, by name. Raises ServerRefused, whose text says what to do about it.
        """
        account = Account.for_server()
        own = prepare_data_folder(data, account)
        with ExitStack() as held:
            held.callback(os.close, hold_for_service(own))
            chosen = {**_SETTINGS, **(settings or {}), **_access_rules(own)}
            with ExitStack() as until_started:
                # From its start on the server holds this lock by itself, and we close our end of it.
                server_lock = open_lock(own / "server.lock")
                until_started.callback(os.close, server_lock)
                end_earlier_server(own, server_lock)
                programs = programs_for(account, own)
                log = open_log(own / "server.log")
                until_started.callback(os.close, log)
                cluster = ensure_cluster(
                    own,
                    account,
                    programs,
                    role=ROLE,
                    log=log,
                    server_lock=server_lock,
                    durable=chosen.get("fsync") != "off",
                )
                socket_folder = _make_socket_folder(own, account)
                held.callback(_remove_socket_folder, own)
                chosen["unix_socket_directories"] = str(socket_folder)
                process = account.start(
                    [programs.folder / "postgres", "-D", cluster, *_options(chosen)],
                    output=log,
                    kept_open=[server_lock],
                )
                # In fast mode, after a minute at once: what is committed stays.
                held.callback(stop, process, signal.SIGINT, _STOP_SECONDS, signal.SIGQUIT)
            _wait_until_ready(process, socket_folder, own / "server.log")
            return cls(process, socket_folder, own / "server.log", held.pop_all())

    def dsn(self, dbname: str = DATABASE) -> str:
        """How libpq and psycopg reach a database of this server, as `key=value` words."""
        return dsn_in(self._socket_folder, dbname)

    def ensure_database(self, dbname: str = DATABASE) -> str:
        """Make the database if it is not there yet; returns its dsn."""
        ensured(self.dsn("postgres"), dbname)
        return self.dsn(dbname)

    def has_ended(self) -> bool:
        """Whether the server is gone without having been stopped; it is not started again by itself."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Stop the server in fast mode (it rolls back what is open), then let go of the data folder."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _access_rules(own_folder: Path) -> dict[str, str]:
    """Let our own account in, as the one role and through the socket only; returns the settings for it.

    The files lie beside the cluster and are the service's own, so a lent account can't rewrite them.
    """
    hosts, names = own_folder / "pg_hba.conf", own_folder / "pg_ident.conf"
    hosts.write_text(f"local all {ROLE} peer map=service\n")
    names.write_text(f'service "{service_account_name()}" {ROLE}\n')
    for file in (hosts, names):
        file.chmod(0o644)
    return {"hba_file": str(hosts), "ident_file": str(names)}


def _options(settings: Mapping[str, str]) -> Iterator[str]:
    for name, value in settings.items():
        yield "-c"
        yield f"{name}={value}"


def _make_socket_folder(own_folder: Path, account: Account) -> Path:
    """A private folder for the socket: in the data folder, or in the temporary one when that path is long.

    libpq would read a comma as the end of one server's name. A symlink remembers the temporary folder, so
    that the next start can remove what a kill -9 left.
    """
    _remove_socket_folder(own_folder)
    socket_folder = own_folder / "socket"
    longest = os.fsencode(socket_folder / f".s.PGSQL.{_PORT}.lock")
    if len(longest) < _SOCKET_PATH_BYTES and b"," not in longest:
        make_private_folder(socket_folder, account)
        return socket_folder
    # Not TMPDIR, which may be long itself, or closed to a lent account.
    temporary = Path(tempfile.mkdtemp(prefix="evenhand-", dir="/tmp"))
    socket_folder.symlink_to(temporary)
    if account.lent:
        os.chown(temporary, account.uid, account.gid)
    return temporary


def _remove_socket_folder(own_folder: Path) -> None:
    socket_folder = own_folder / "socket"
    if socket_folder.is_symlink():
        # Since it was left behind, the folder may have gone, or its name become somebody else's.
        shutil.rmtree(socket_folder.readlink(), ignore_errors=True)
        socket_folder.unlink()
    elif socket_folder.exists():
        shutil.rmtree(socket_folder)


def dsn_in(socket_folder: Path, dbname: str) -> str:
    """How libpq and psycopg reach a database of the server whose socket is in this folder."""
    return make_conninfo(host=str(socket_folder), port=_PORT, user=ROLE, dbname=dbname)


def ensured(dsn: str, dbname: str) -> None:
    """Make a database on the server at `dsn` if it is not there yet; service and command may both do so at once."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [dbname]).fetchone()
        if found is None:
            # The other one was faster: its insert into the catalogue came first.
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(dbname)))


def _wait_until_ready(process: subprocess.Popen[bytes], socket_folder: Path, log: Path) -> None:
    """Return when the server accepts connections; refused when it ends before that or takes too long."""
    asked = dsn_in(socket_folder, "postgres").encode()
    patience_ends = time.monotonic() + _START_SECONDS
    while pq.PGconn.ping(asked) != pq.Ping.OK:
        if process.poll() is not None:
            raise ServerRefused(f"PostgreSQL ended while it was starting; {log} says why.")
        if time.monotonic() > patience_ends:
            raise ServerRefused(
                f"PostgreSQL was not ready within {_START_SECONDS} seconds; {log} says what it was doing. If "
                "it was recovering, start again and it goes on."
            )
        time.sleep(0.02)
