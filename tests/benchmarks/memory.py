"""The memory of a process and of all that it started, looked at while they work."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Final

from tests.benchmarks.figures import NotMeasured

LOOK_EVERY: Final = 0.05  # seconds
PATIENCE: Final = 60.0  # seconds to end in
PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class Watched:
    """What a process printed, and the most memory that it and its descendants held at once, in megabytes (10⁶)."""

    printed: str
    peak_mb: float


def watched(module: str, *arguments: str) -> Watched:
    """Run a module of Python to its end.

    Memory is proportional set size: a page that several processes share is divided between them. Raises RuntimeError
    when the process fails, and `NotMeasured` where the system does not tell such sizes.
    """
    if not (PROC / "self" / "smaps_rollup").exists():
        raise NotMeasured("this system does not tell the memory of a process in /proc")
    peak = 0
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            while process.poll() is None:
                peak = max(peak, sum(map(proportional_kb, _family(process.pid))))
                sleep(LOOK_EVERY)
            printed, _ = process.communicate()  # a line, which waits in the pipe
        except BaseException:
            process.terminate()  # its workers end with it
            process.wait(PATIENCE)
            raise
    if process.returncode:
        raise RuntimeError(f"{module} {arguments[0]} ended with {process.returncode}")
    return Watched(printed, peak * 1024 / 1_000_000)


def _family(first: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = defaultdict(list)
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            try:
                # The name stands in brackets and may hold anything; state and parent follow.
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended by now
            children[int(stat[1])].append(int(folder.name))
    family = [first]
    for one in family:
        family += children[one]
    return family


def proportional_kb(process: int) -> int:
    """The proportional set size of a process, 0 once it has ended."""
    try:
        lines = (PROC / str(process) / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended by now
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
