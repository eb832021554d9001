"""A process that brings events to webhooks and is killed at one point of it: `folder dsn point count`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from time import sleep
from typing import Any

from infrastructure.bootstrap import build
from infrastructure.downstream.webhooks.addresses import Allowed
from infrastructure.downstream.webhooks.outside import Line, Outside
from infrastructure.downstream.webhooks.progress import Progress
from infrastructure.downstream.webhooks.worker import WebhookWorker
from infrastructure.settings import Settings

LIVES_AT_MOST = 60.0  # seconds; whoever lives longer was not killed where it should have been


def die() -> None:
    """Now."""
    os.kill(os.getpid(), signal.SIGKILL)


def doom(point: str, count: int) -> None:
    """Killed as this is done for the so-manieth time."""
    left = [count]

    def one_less() -> None:
        left[0] -= 1
        if left[0] <= 0:
            die()

    call, save, claim = Line.call, Progress.save, Progress.claim

    async def called(self: Line, *args: Any) -> Any:
        answer = await call(self, *args)
        one_less()
        return answer

    async def calling(self: Line, *args: Any) -> Any:
        one_less()
        return await call(self, *args)

    def saving(self: Progress, *args: Any) -> None:
        one_less()
        save(self, *args)

    def saved(self: Progress, *args: Any) -> None:
        save(self, *args)
        one_less()

    def claimed(self: Progress, *args: Any) -> Any:
        place = claim(self, *args)
        one_less()
        return place

    match point:
        case "claimed":
            Progress.claim = claimed  # type: ignore[method-assign, assignment]
        case "calling":
            Line.call = calling  # type: ignore[method-assign, assignment]
        case "called":
            Line.call = called  # type: ignore[method-assign, assignment]
        case "saving":
            Progress.save = saving  # type: ignore[method-assign, assignment]
        case "saved":
            Progress.save = saved  # type: ignore[method-assign, assignment]
        case _:
            raise ValueError(point)


def main(folder: Path, dsn: str, point: str, count: int) -> None:
    """Bring events, and die of it."""
    with build(Settings(data=folder, keys=folder / "keys", database=dsn)) as evenhand:
        office = evenhand.office("derby")
        doom(point, count)
        worker = WebhookWorker(
            office.recorder.server,
            [office],
            lambda: Outside(Allowed.read("127.0.0.0/8")),
            "evenhand.example",
            poll=0.05,
        )
        worker.start()
        sleep(LIVES_AT_MOST)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
