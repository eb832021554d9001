"""Cases that were folded lately, so that knowing one again costs what was written of it since."""

from __future__ import annotations

from collections import OrderedDict
from functools import reduce
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from application.ports import Known
from domain.case import Case
from domain.evolve import evolve

if TYPE_CHECKING:
    from application.ports import EventLog
    from domain.events import Event

# Events behind all remembered cases together; a case holds about a kilobyte of each.
EVENTS_REMEMBERED: Final = 50_000

# A case is written down each time that so many events were folded since it last was. To write so long a case takes
# half as long as to fold it, and reading it takes a third, so it pays from the first load on; most cases never get
# there (docs/decisions/0012-snapshots.md).
SNAPSHOT_EVERY: Final = 200


class _Held(NamedTuple):
    """A case, the event that made it what it is, and the version at which it was last written down, 0 for never."""

    case: Case
    last: Event | None
    written: int


_NOTHING: Final = _Held(Case(), None, 0)


class Recall:
    """The cases used last, of any landlord, bounded by the events behind them. Safe to share between threads.

    What is remembered counts only while the log says that its last event still stands where it stood: a log that was
    restored from a backup, or lost its end in a failure, is folded anew. A log is handed a case to keep for whoever
    does not remember it, whenever it has grown by `every` events since.
    """

    def __init__(self, most: int = EVENTS_REMEMBERED, every: int = SNAPSHOT_EVERY) -> None:
        self._most = most
        self._every = every
        self._behind = 0
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._lock = Lock()

    def case(self, log: EventLog, stream: str) -> Case:
        """The case as its whole history tells it; version 0 when it has none. Raises `LookupError` as the fold does."""
        held = self._held.get(stream)
        if held is not None and held.last is not None:
            first, *new = log.history(stream, since=held.last.version) or (None,)
            if first is not None and (first.event_id, first.position) == (held.last.event_id, held.last.position):
                return self._folded(log, stream, held, new)
        known, new = log.known(stream)
        held = _NOTHING if known is None else _Held(known.case, known.last, known.case.version)
        return self._folded(log, stream, held, new)

    def _folded(self, log: EventLog, stream: str, held: _Held, new: list[Event]) -> Case:
        case = reduce(evolve, new, held.case)
        last, written = new[-1] if new else held.last, held.written
        if last is None:  # what is remembered under this id, if anything, is another log's
            return case
        if case.version - written >= self._every:
            log.write_down(Known(case, last))
            written = case.version
        self._remember(stream, _Held(case, last, written))
        return case

    def _remember(self, stream: str, latest: _Held) -> None:
        with self._lock:
            before = self._held.pop(stream, _NOTHING)
            self._behind -= before.case.version
            if latest.case.version <= self._most:
                self._held[stream] = latest
                self._behind += latest.case.version
            while self._behind > self._most:
                _, oldest = self._held.popitem(last=False)
                self._behind -= oldest.case.version
