"""A NATS server of the service's own, for whoever asks for a broker and runs none.

It listens on this machine alone, and takes nobody in without a password. Like the embedded database it inherits a lock,
so that the next start knows of a server that outlived its service and stops it first. One that ends by itself is
started again: the service does its work without a broker, and those who follow by it are told later.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, Self

from infrastructure.downstream.broker.accounts import (
    PUBLISHER,
    READER,
    Logins,
    as_text,
    configuration,
    write_private,
)
from infrastructure.downstream.broker.server_process import (
    program_for,
    running_in,
    url_in,
    url_when_ready,
)
from infrastructure.postgres.account import Account, ServerRefused
from infrastructure.postgres.data_folder import (
    hold_for_service,
    make_private_folder,
    open_lock,
    prepare_data_folder,
)
from infrastructure.postgres.own_server import open_log, stop, take_from_earlier

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from infrastructure.downstream.broker.accounts import Login

logger = logging.getLogger(__name__)

FOLDER: Final = "nats"  # in the data folder
ADDRESS: Final = "127.0.0.1"
PORT: Final = 4222  # NATS' own
# How often written messages go to the disk. What a power cut takes is published again: the log has it.
SYNC: Final = "10s"

READ_ANEW: Final = b"Reloaded server configuration"  # as its log says when it has read its configuration again
READING_ANEW: Final = 2.0  # seconds after which nobody waits for that any more
STOP_SECONDS: Final = 30.0
LONGEST_PAUSE: Final = 30.0  # seconds between two starts of a server that ends again and again


class EmbeddedBroker:
    """The service's own broker; a context manager that stops it. Made by `EmbeddedBroker.start`."""

    def __init__(self, own: Path, port: int, account: Account, held: ExitStack) -> None:
        self.own = own
        self.log = own / "server.log"
        self.logins = Logins(own / "logins")
        self._port = port
        self._account = account
        self._held = held
        self._process: subprocess.Popen[bytes] | None = None
        self._url: str | None = None
        self._admitted = self.logins.landlords()
        self._lock = Lock()
        self._stopping = Event()
        self._keeping = Thread(target=self._keep, name="broker-keeper", daemon=True)

    @classmethod
    def start(cls, data: Path, port: int = PORT, landlords: Iterable[str] = ()) -> Self:
        """Start the server of the data folder, for these landlords and whoever was admitted before.

        `port` 0 takes any free one. Raises ServerRefused, whose text says what to do about it.
        """
        account = Account.for_server()
        with ExitStack() as held:
            own = _own_folder(data, account)
            held.callback(os.close, hold_for_service(own))
            broker = cls(own, port, account, held)
            broker._admitted = sorted({*broker._admitted, *landlords})
            broker._launch()
            held.callback(broker._end)
            broker._held = held.pop_all()
        broker._keeping.start()
        return broker

    @property
    def url(self) -> str:
        """Where the server listens."""
        if self._url is None:
            raise ServerRefused(f"The broker is not running; {self.log} says why.")
        return self._url

    @property
    def pid(self) -> int | None:
        """The process id of the server that runs now."""
        return None if self._process is None else self._process.pid

    def publisher(self, landlord: str) -> Login:
        """The user that publishes a landlord's events."""
        return self.logins.of(landlord, PUBLISHER)

    def reader(self, landlord: str) -> Login:
        """The user as which a landlord's own systems read them."""
        return self.logins.of(landlord, READER)

    def admit(self, landlords: Iterable[str]) -> None:
        """Give these landlords accounts, too; the server reads its configuration anew, and nobody is disconnected."""
        with self._lock:
            wanted = sorted({*self._admitted, *landlords})
            if wanted == self._admitted:
                return
            self._admitted = wanted
            self._configure()
            # Twice: the server lends nothing of an account to another one that came with it, until it reads them again.
            for _ in range(2):
                self._have_read_anew()

    def stop(self) -> None:
        """Stop the server, then let go of the data folder."""
        self._stopping.set()
        if self._keeping.is_alive():
            self._keeping.join()
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _keep(self) -> None:
        """Start the server again whenever it ended by itself."""
        pause = 0.0
        while not self._stopping.wait(max(pause, 0.2)):
            process = self._process
            if process is not None and process.poll() is None:
                pause = 0.0
                continue
            logger.warning("the broker has ended and is started again; %s says why it did", self.log)
            try:
                with self._lock:
                    self._launch()
                pause = 0.5
            except (ServerRefused, OSError) as error:
                pause = min(max(2 * pause, 0.5), LONGEST_PAUSE)
                logger.warning("the broker cannot be started, again in %.1f s (%s)", pause, type(error).__qualname__)

    def _launch(self) -> None:
        with ExitStack() as until_started:
            # From its start on the server holds this lock by itself, and we close our end of it.
            server_lock = open_lock(self.own / "server.lock")
            until_started.callback(os.close, server_lock)
            take_from_earlier(server_lock, lambda: running_in(self.own), signal.SIGTERM, what="broker", place=self.own)
            running = self.own / "run"
            for left in running.iterdir():
                left.unlink()
            # Whoever followed at a port that was any free one finds the server there again.
            if self._url is not None:
                self._port = int(self._url.rpartition(":")[2])
            self._configure()
            log = open_log(self.log)
            until_started.callback(os.close, log)
            program = program_for(self._account, self.own)
            process = self._account.start([program, "--config", self._config], output=log, kept_open=[server_lock])
        try:
            self._url = url_when_ready(process, running, self.log)
        except BaseException:
            _stop(process)
            raise
        self._process = process

    @property
    def _config(self) -> Path:
        return self.own / "nats.conf"

    def _configure(self) -> None:
        said = {
            "server_name": "evenhand",
            "listen": f"{ADDRESS}:{self._port or -1}",
            "pid_file": str(self.own / "run" / "nats.pid"),
            "ports_file_dir": str(self.own / "run"),
            "jetstream": {"store_dir": str(self.own / "messages"), "sync_interval": SYNC},
            # Without an account for whoever brings no password, there is none.
            "accounts": {"operators": {"users": []}, **configuration(self._admitted, self.logins)},
            "system_account": "operators",
        }
        write_private(self._config, as_text(said), self._account)

    def _have_read_anew(self) -> None:
        """Have the server read its configuration, and wait a while until it has."""
        said = self.log.read_bytes().count(READ_ANEW)
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGHUP)
            until = monotonic() + READING_ANEW
            while self.log.read_bytes().count(READ_ANEW) == said and monotonic() < until:
                sleep(0.01)

    def _end(self) -> None:
        if self._process is not None:
            _stop(self._process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """After a while at once: what it has taken is in its files."""
    stop(process, signal.SIGTERM, STOP_SECONDS, signal.SIGKILL)


def url_beside(data: Path) -> str | None:
    """Where the broker of a service listens that runs on this data folder; None while none does."""
    found = list((folder_of(data) / "run").glob("*.ports"))
    return url_in(found[0]) if len(found) == 1 else None


def folder_of(data: Path) -> Path:
    """Where the embedded broker keeps what is its own."""
    return data / FOLDER


def _own_folder(data: Path, account: Account) -> Path:
    own = prepare_data_folder(data, account, FOLDER, "the broker")
    try:
        for name in ("run", "messages"):
            if not (own / name).exists():
                make_private_folder(own / name, account)
    except OSError as error:
        raise ServerRefused(f"The broker's folder {own} can't be used ({error.strerror}).") from error
    return own
