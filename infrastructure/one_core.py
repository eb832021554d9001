"""One core for a service whose threads take turns anyway.

Python runs one thread of a process at a time. Where the next one sits on another core, that core has to be woken for
each turn and finds nothing of the work in its caches; on one core the same commands take less than two thirds of the
time (`docs/performance.md`). The database and whatever else is started keep every core.
"""

from __future__ import annotations

import os
import random
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# Only Linux tells a process on which cores it may run, and takes fewer.
_TELLS: Final = sys.platform == "linux"
# Those that this process was given when it started.
_GIVEN: Final[frozenset[int]] = frozenset(os.sched_getaffinity(0)) if _TELLS else frozenset()
_THREADS: Final = Path("/proc/self/task")


@contextmanager
def on_one_core() -> Iterator[None]:
    """Every thread of this process, and those that they start, on one core of those that it was given."""
    # By chance, so that services side by side mostly get different ones.
    _keep_to({random.choice(sorted(_GIVEN))} if _GIVEN else _GIVEN)  # noqa: S311 - nothing secret
    try:
        yield
    finally:
        _keep_to(_GIVEN)


@contextmanager
def on_every_core() -> Iterator[None]:
    """What this thread starts in here may use every core that this process was given."""
    if not _GIVEN:
        yield
        return
    before = os.sched_getaffinity(0)
    with suppress(OSError):
        os.sched_setaffinity(0, _GIVEN)
    try:
        yield
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, before)


def _keep_to(cores: Collection[int]) -> None:
    """As well as the system lets us: it may forbid it, and a thread may have ended. Nothing depends on it."""
    with suppress(OSError):
        for thread in _THREADS.iterdir() if cores else ():
            with suppress(OSError):
                os.sched_setaffinity(int(thread.name), cores)
