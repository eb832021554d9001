"""A service keeps to one core, and what it starts may use every core."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from infrastructure.one_core import on_every_core, on_one_core

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="there is no choice of cores"
)

SHOW_CORES = [sys.executable, "-c", "import os; print(len(os.sched_getaffinity(0)))"]


def cores() -> int:
    return len(os.sched_getaffinity(0))


def cores_of_a_child() -> int:
    return int(subprocess.run(SHOW_CORES, capture_output=True, check=True, timeout=60).stdout)


@pytest.fixture
def in_a_thread() -> Iterator[Callable[[Callable[[], int]], int]]:
    """Asks in a thread that was there before."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(cores).result()
        yield lambda ask: thread.submit(ask).result()


def test_threads_that_are_there_and_threads_that_come_keep_to_one_core(
    in_a_thread: Callable[[Callable[[], int]], int],
) -> None:
    given = cores()

    with on_one_core():
        assert (cores(), in_a_thread(cores)) == (1, 1)
        with ThreadPoolExecutor(1) as another:
            assert another.submit(cores).result() == 1

    assert (cores(), in_a_thread(cores)) == (given, given)


def test_what_is_started_on_every_core_has_every_core(in_a_thread: Callable[[Callable[[], int]], int]) -> None:
    given = cores()

    def child_on_every_core() -> int:
        with on_every_core():
            return cores_of_a_child()

    with on_one_core():
        assert (cores_of_a_child(), child_on_every_core(), in_a_thread(child_on_every_core)) == (1, given, given)
        assert cores() == 1
    assert child_on_every_core() == given
