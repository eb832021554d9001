"""How fast a long piece of work goes, and how long it will still take."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Final

# The rate of the last seconds says more about the next ones than that of the first.
WINDOW: Final = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Pace:
    """Where the work stands: `done` and `of` in events, `rate` in events a second, `left` in seconds.

    `rate` and `left` are None while there is nothing yet to tell them from.
    """

    stage: str
    done: int
    of: int
    rate: float | None
    left: float | None


class Paced:
    """Takes what a rebuild or a verification tells, and says how it goes. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stage = "beginning"
        self._of = 0
        self._told: deque[tuple[float, int]] = deque([(monotonic(), 0)])

    def tell(self, stage: str, done: int, of: int) -> None:
        """Note how far a stage has come; what was done before it began counts for no rate."""
        now = monotonic()
        with self._lock:
            if stage != self._stage or done < self._told[-1][1]:
                self._stage = stage
                self._told.clear()
            self._of = of
            self._told.append((now, done))
            while len(self._told) > 2 and now - self._told[0][0] > WINDOW:
                self._told.popleft()

    def now(self) -> Pace:
        """How it goes."""
        with self._lock:
            (began, first), (_, done) = self._told[0], self._told[-1]
            stage, of = self._stage, self._of
        # Until this very moment, so that what has come to a halt is told to be slow.
        seconds = monotonic() - began
        rate = (done - first) / seconds if done > first and seconds > 0 else None
        return Pace(stage, done, of, rate, None if rate is None else max(of - done, 0) / rate)
