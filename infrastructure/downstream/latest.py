"""The end of a log, kept in memory: many who wait there for the same events read them once.

What is kept is put in the place of what was kept before as a whole, so that whoever reads it waits for no lock, and
for no question to the database that is under way.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from infrastructure.downstream.telling import Entry, mark_of

if TYPE_CHECKING:
    from infrastructure.event_store import LandlordRecorder
    from infrastructure.log_entries import StoredRow

KEPT: Final = 1_000  # of the latest rows


class _End(NamedTuple):
    """The rows after `since`, up to `upto`, without the landlord's own; `last` is the state of the row there."""

    entries: tuple[Entry, ...] = ()
    since: int = 0
    upto: int = -1
    last: bytes = b""


class Latest:
    """The latest rows of one landlord's log, as `entries_of` reads them. Safe to share between threads."""

    def __init__(
        self, recorder: LandlordRecorder, own_stream: str, entries_of: Callable[[Iterable[StoredRow]], list[Entry]]
    ) -> None:
        self._recorder = recorder
        self._own = own_stream
        self._entries_of = entries_of
        self._end = _End()
        self._own_news = False
        self._lock = Lock()  # whoever looks at the log, one at a time

    def refresh(self) -> int:
        """Take in the rows that came since; the head of the log.

        In one question to the database: each one more lets every other thread go first.
        """
        with self._lock:
            entries, since, known, last = self._end
            # With the last row that was taken in: as long as it is the same one, so is the log before it.
            rows = self._recorder.read_log(max(known - 1, 0), KEPT + 2) if known >= 0 else []
            new = rows[1:] if known > 0 else rows
            is_same = known == 0 or (bool(rows) and rows[0].position == known and rows[0].state == last)
            if known < 0 or not is_same or len(new) > KEPT:
                # The first time, restored from a backup, or far behind: begin where the log ends.
                head = self._recorder.head().position
                ends_with = self._recorder.read_log(head - 1, 1) if head else []
                self._end = _End((), head, head, ends_with[0].state if ends_with else b"")
                self._own_news = True
                return head
            if new:
                self._own_news = self._own_news or any(row.stream == self._own for row in new)
                entries += tuple(self._entries_of(row for row in new if row.stream != self._own))
                if len(entries) > KEPT:
                    since = entries[-KEPT - 1].row.position
                    entries = entries[-KEPT:]
                self._end = _End(entries, since, new[-1].position, new[-1].state)
            return self._end.upto

    def own_news(self) -> bool:
        """Whether `refresh` may have seen something in the landlord's own stream since this was asked last."""
        with self._lock:
            seen, self._own_news = self._own_news, False
            return seen

    def ends_at(self, position: int, mark: bytes) -> bool:
        """Whether this is the place at which the log was found to end; asks nobody, and waits for nobody."""
        end = self._end
        return position > 0 and position == end.upto and mark_of(end.last) == mark

    def mark(self, position: int) -> bytes | None:
        """The digest of the row at a position, None where it is not kept."""
        entries = self._end.entries
        at = bisect_left(entries, position, key=_position)
        if at < len(entries) and entries[at].row.position == position:
            return mark_of(entries[at].row.state)
        return None

    def after(self, position: int) -> tuple[Iterator[Entry], int] | None:
        """What is kept of the rows after a position, and how far that goes; None where it does not reach."""
        entries, since, upto, _ = self._end
        if upto < 0 or not since <= position <= upto:
            return None
        return islice(entries, bisect_right(entries, position, key=_position), None), upto


def _position(entry: Entry) -> int:
    return entry.row.position
