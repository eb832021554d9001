"""What the servers have in common that the service starts itself: a log, an end, and one that outlived its service."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from infrastructure.postgres.account import ServerRefused
from infrastructure.postgres.data_folder import try_lock

_LOOK_AGAIN = 0.02  # seconds
_EARLIER_SECONDS = 60  # for one that has something to write down first


def open_log(log: Path) -> int:
    """A new log for this start; the one before it is kept, and none older."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.before"))
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def take_from_earlier(
    server_lock: int, running: Callable[[], int | None], politely: signal.Signals, *, what: str, place: Path
) -> None:
    """Take the lock that every process of a server inherits, stopping a server that outlived its service.

    `running` finds its process; `what` and `place` are for whoever is told that it did not stop.
    """
    patience_ends = time.monotonic() + _EARLIER_SECONDS
    told: int | None = None
    while not try_lock(server_lock):
        if (pid := running()) != told and pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, politely)
            told = pid
        if time.monotonic() > patience_ends:
            raise ServerRefused(
                f"An earlier {what} (process {pid or 'unknown'}) still works on {place} and did not stop in "
                f"{_EARLIER_SECONDS} seconds: wait for it to end, or stop it, and start again."
            )
        time.sleep(_LOOK_AGAIN)


def stop(process: subprocess.Popen[bytes], politely: signal.Signals, seconds: float, at_once: signal.Signals) -> None:
    """End a server by its process id; after so many seconds at once."""
    if process.poll() is not None:
        return
    process.send_signal(politely)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(at_once)
        process.wait()
