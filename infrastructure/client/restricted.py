"""Which customers are restricted on a day by what a follower holds, counted and hashed as the service does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Restricted:
    """How many customers are restricted on a day, and the hash of who they are."""

    on: date
    count: int
    hash: str


def restricted_on(day: date, states: Iterable[Mapping[str, Any]]) -> Restricted:
    """From the states of all cases: SHA-256, in hex, of the sorted opaque person ids, joined by newlines."""
    persons = sorted({state["person"] for state in states if state["person"] and in_force(state, day)})
    return Restricted(day, len(persons), sha256("\n".join(persons).encode()).hexdigest())


def in_force(state: Mapping[str, Any], day: date) -> bool:
    """Whether any restriction of a case is in force on a day, and not suspended."""
    return any(_in_force(restriction, day.isoformat()) for restriction in state.get("restrictions", ()))


def _in_force(restriction: Mapping[str, Any], day: str) -> bool:
    """Days are compared as they are written: year, month, day. First and last days count."""
    if day < restriction["starts_on"] or day > restriction["last_day"]:
        return False
    return not any(
        span["from_on"] <= day and (span["until"] is None or day <= span["until"]) for span in restriction["suspended"]
    )


def london_day(now: datetime) -> date:
    """The day at the landlord's, whichever zone this machine is set to."""
    return now.astimezone(LONDON).date()
