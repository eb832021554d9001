"""When a try that failed is made again: for about three days, ever more rarely, and never all at the same moment.

5 s, 30 s, 2 min, 10 min, 30 min, 1 h and 2 h after the tries before, then every 4 h: 25 tries in 71 h 43 min.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

WAITS: Final = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, *(17 * [14400.0]))  # seconds, after each failed try
TRIES: Final = len(WAITS) + 1
JITTER: Final = 0.2  # of a wait, to either side
LONGEST_ASKED: Final = 14400.0  # seconds that a Retry-After is heeded for: no longer than we would wait by ourselves


def wait_after(tries: int, random: Random, asked: float | None = None) -> float | None:
    """Seconds to the next try after so many that failed, at least what the receiver asked for; None after the last."""
    if tries > len(WAITS):
        return None
    wait = WAITS[tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    return max(wait, min(asked or 0.0, LONGEST_ASKED))


def asked_to_wait(retry_after: str | None, now: datetime) -> float | None:
    """The seconds that a header Retry-After asks for, as a number or as a date (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    said = retry_after.strip()
    if said.isascii() and said.isdigit() and len(said) < 10:
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return max((until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds(), 0.0)
