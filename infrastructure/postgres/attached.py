"""The embedded server for a command: its own for as long as it runs, or that of the service which uses the data folder.

Beside a service nothing is started and nothing stopped: the command calls over the service's socket, as the same
account, and the kernel says for both sides who is calling.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from psycopg import pq
from psycopg.conninfo import make_conninfo

from infrastructure.postgres.account import Account, ServerRefused
from infrastructure.postgres.data_folder import FolderInUse, open_lock, owner_name, try_lock
from infrastructure.postgres.embedded import DATABASE, EmbeddedServer, dsn_in, ensured

# A service that is just starting makes its cluster within seconds; one that is stopping is gone as soon.
PATIENCE: Final = 30.0
# How long a command that started the server stays for others that came to use it, in seconds.
STAY: Final = 60.0
LOOK_AGAIN: Final = 0.1


@contextmanager
def server_for_a_command(data: Path) -> Iterator[str]:
    """The dsn of the database in a data folder, whoever runs its server. Raises ServerRefused."""
    with ExitStack() as held:
        yield _started_or_attached(data, held)


def _started_or_attached(data: Path, held: ExitStack) -> str:
    patience_ends = time.monotonic() + PATIENCE
    while True:
        try:
            return _started(data, held)
        except FolderInUse as in_use:
            own = data.resolve() / "postgres"
            _refuse_another_account(own, in_use)
            with ExitStack() as using:
                _use(own, using)
                if (dsn := _answering(own)) is not None:
                    held.push(using.pop_all())
                    return dsn
            if time.monotonic() > patience_ends:
                raise
        time.sleep(LOOK_AGAIN)


def _started(data: Path, held: ExitStack) -> str:
    """A server of this command's own, which stays a while for other commands that came to use it."""
    with ExitStack() as until_ready:
        nobody_enters = until_ready.enter_context(ExitStack())
        server = until_ready.enter_context(EmbeddedServer.start(data))
        dsn = server.ensure_database()
        until_ready.callback(_stay_for_others, data.resolve() / "postgres", nobody_enters)
        held.push(until_ready.pop_all())
        return dsn


def _answering(own_folder: Path) -> str | None:
    """The dsn of the database of whoever uses the folder, None while their server takes no connections."""
    folder = own_folder / "socket"
    if folder.is_symlink():  # its own path would be too long for a socket's
        folder = folder.readlink()
    # A folder of /tmp may by now be somebody else's: libpq asks the kernel who listens there.
    asked = {"requirepeer": Account.for_server().name}
    to_any = make_conninfo(dsn_in(folder, "postgres"), **asked)
    if pq.PGconn.ping(to_any.encode()) != pq.Ping.OK:
        return None
    ensured(to_any, DATABASE)
    return make_conninfo(dsn_in(folder, DATABASE), **asked)


def _refuse_another_account(own_folder: Path, in_use: FolderInUse) -> None:
    owner = (own_folder / "service.lock").stat().st_uid
    if owner != os.geteuid():
        raise ServerRefused(
            f"The data folder {own_folder.parent} is in use by a service that runs as {owner_name(owner)}, and its "
            f"database takes calls from that account only: run this command as {owner_name(owner)}."
        ) from in_use


def _use(own_folder: Path, until: ExitStack) -> None:
    """Let a command that started the server know that it is not the only one who uses it."""
    descriptor = open_lock(own_folder / "using.lock")
    until.callback(os.close, descriptor)
    fcntl.flock(descriptor, fcntl.LOCK_SH)


def _stay_for_others(own_folder: Path, until_stopped: ExitStack) -> None:
    """Wait, for a bounded time, until nobody else uses the server that is about to be stopped; then let nobody in."""
    descriptor = open_lock(own_folder / "using.lock")
    until_stopped.callback(os.close, descriptor)
    patience_ends = time.monotonic() + STAY
    while not try_lock(descriptor) and time.monotonic() < patience_ends:
        time.sleep(LOOK_AGAIN)
