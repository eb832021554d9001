"""Threads for those who follow from outside: a few in all, and fewer for each of them.

Whoever asks without end waits behind itself. Other subscribers have a turn meanwhile, and those who decide cases have
threads that no subscriber ever holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread

from infrastructure.tokens import Caller

AT_ONCE: Final = 4  # questions that are answered at the same time
OF_ONE: Final = 2  # of one subscriber

T = TypeVar("T")


class Turns:
    """Use it in one event loop."""

    def __init__(self) -> None:
        self._threads = CapacityLimiter(AT_ONCE)
        self._own: defaultdict[tuple[str, str], CapacityLimiter] = defaultdict(lambda: CapacityLimiter(OF_ONE))

    async def run(self, who: Caller, work: Callable[[], T]) -> T:
        """What the work comes to, in a thread, when it is this caller's turn."""
        async with self._own[who.landlord, who.staff]:
            return await to_thread.run_sync(work, limiter=self._threads)
