"""What those who bring one landlord's events share: its log, its endpoints, the way out, and threads that ask."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from datetime import datetime

    from infrastructure.downstream.public_log import PublicLog
    from infrastructure.downstream.webhooks.endpoints import Endpoints
    from infrastructure.downstream.webhooks.outside import Outside
    from infrastructure.downstream.webhooks.progress import Progress

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ground:
    """Of one landlord. `owner` is this process's name; `observe` is told landlord and outcome of each call.

    `poll` is how often, in seconds, somebody looks whose next try is due.
    """

    landlord: str
    log: PublicLog
    endpoints: Endpoints
    progress: Progress
    outside: Outside
    origin: str
    owner: str
    threads: Executor
    now: Callable[[], datetime]
    poll: float = 1.0
    observe: Callable[[str, str], None] | None = None

    async def elsewhere(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the database says, asked in another thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, lambda: work(*args, **kwargs))
