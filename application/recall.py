"""Cases that were folded lately, so that knowing one again costs what was written of it since."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import reduce
from threading import Lock
from typing import TYPE_CHECKING, Final

from domain.case import Case
from domain.evolve import evolve

if TYPE_CHECKING:
    from application.ports import EventLog
    from domain.events import Event

# Events behind all remembered cases together; a case holds about a kilobyte of each.
EVENTS_REMEMBERED: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Known:
    """A case, and the event that made it what it is."""

    case: Case
    last: Event


class Recall:
    """The cases used last, of any landlord, bounded by the events behind them. Safe to share between threads.

    What is remembered counts only while the log says that its last event still stands where it stood: a log that was
    restored from a backup, or lost its end in a failure, is folded anew.
    """

    def __init__(self, most: int = EVENTS_REMEMBERED) -> None:
        self._most = most
        self._behind = 0
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = Lock()

    def case(self, log: EventLog, stream: str) -> Case:
        """The case as its whole history tells it; version 0 when it has none. Raises `LookupError` as the fold does."""
        known = self._known.get(stream)
        if known is not None:
            first, *new = log.history(stream, since=known.last.version) or (None,)
            if first is not None and (first.event_id, first.position) == (known.last.event_id, known.last.position):
                return self._remembered(stream, known.case, new, first)
        history = log.history(stream)
        return self._remembered(stream, Case(), history, None)

    def _remembered(self, stream: str, before: Case, new: list[Event], last: Event | None) -> Case:
        case = reduce(evolve, new, before)
        last = new[-1] if new else last
        with self._lock:
            held = self._known.pop(stream, None)
            self._behind -= 0 if held is None else held.case.version
            if last is not None and case.version <= self._most:
                self._known[stream] = _Known(case, last)
                self._behind += case.version
            while self._behind > self._most:
                _, oldest = self._known.popitem(last=False)
                self._behind -= oldest.case.version
        return case
