"""Processes that work on slices: they hear no interrupt that is meant for whoever started them."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infrastructure.engine import slices, workers
from infrastructure.engine.acts import By
from infrastructure.engine.operations import Operations
from infrastructure.engine.rebuilding import Options
from tests.histories import main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log

PROC = Path("/proc")


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


@pytest.mark.skipif(not PROC.exists(), reason="what a process blocks is read off /proc")
def test_ctrl_c_is_blocked_in_workers_from_their_first_instruction_and_nowhere_else(
    log: ProjectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "EVENTS_IN_A_SLICE", 1)
    monkeypatch.setattr(workers, "SLICES_FOR_ONE_PROCESS", 1)
    for number in range(4):
        log.append_whole(main_road(f"case {number}"))
    log.catch_up()
    blocked: dict[int, bool] = {}

    def look(_stage: str, _done: int, _of: int) -> None:
        for child in psutil.Process().children():
            if any("spawn_main" in word for word in child.cmdline()):
                mask = re.search(r"^SigBlk:\s*(\w+)", (PROC / str(child.pid) / "status").read_text(), re.MULTILINE)
                assert mask is not None
                blocked[child.pid] = bool(int(mask[1], 16) >> (signal.SIGINT - 1) & 1)

    found = Operations(log.projector).verify(["alert_state"], By("ann", "why"), options=Options(processes=2), tell=look)

    assert found.differences == 0
    assert list(blocked.values()) == [True, True]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
