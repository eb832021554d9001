"""The log as followers outside may read it: pages of public events after a position, for one subscriber.

Nothing public is stored. Every event, and the version of the one before it under the subscriber's own filter, follows
from the log alone, so that whoever asks again is told the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from domain.public import PUBLIC, STATE_CHANGED, UNREADABLE, stored_names_of
from infrastructure.downstream.latest import Latest
from infrastructure.downstream.partners_log import PartnersLog
from infrastructure.downstream.public_rows import PublicRows, of_shard
from infrastructure.downstream.telling import NOTHING, Entry, Teller, Told

if TYPE_CHECKING:
    from infrastructure.downstream.disclosed import Grants
    from infrastructure.downstream.wanted import Wanted
    from infrastructure.event_store import LandlordRecorder
    from infrastructure.mapper import Mapper

# How far one read looks for events of rare types before it says how far it came.
LOOKED_THROUGH: Final = 20_000
REMEMBERED_FILTERS: Final = 32  # for which an event that is kept in memory knows the one before it


class PublicPage(NamedTuple):
    """Events after a position; the log was looked through up to `upto`, and goes to `head`."""

    told: tuple[Told, ...]
    upto: int
    head: int


@dataclass(frozen=True, slots=True)
class _Sight:
    """What is hidden from a subscriber: stored names of known types. One that nobody knows yet never is."""

    hidden: frozenset[str]
    names: list[str]
    schemas: Mapping[str, int]
    changes: frozenset[str]  # of which no more is told than that the state may have changed


class PublicLog:
    """One landlord's log, read for subscribers. Safe to share between threads; holds no connection between calls."""

    def __init__(self, recorder: LandlordRecorder, mapper: Mapper, own_stream: str) -> None:
        self.landlord = recorder.landlord
        self._recorder = recorder
        self._teller = Teller(recorder.landlord, mapper.clear_of)
        self._rows = PublicRows(recorder, self._teller, UUID(own_stream))
        self._latest = Latest(recorder, own_stream, self._rows.entries)
        self._partners = PartnersLog(self._rows, self._teller, mapper.decode)

    def head(self) -> int:
        """The last position of the log."""
        return self._recorder.head().position

    def mark(self, position: int, *, tail: bool = False) -> bytes | None:
        """The digest of what the log holds at a position: b"" at 0, None where the log does not reach it.

        With `tail`, what `refresh` looked at is believed, where it reaches back so far.
        """
        if position == 0:
            return b""
        if tail and (known := self._latest.mark(position)) is not None:
            return known
        return self._rows.mark(position)

    def read(
        self,
        wanted: Wanted,
        after: int,
        limit: int = 500,
        *,
        cases: Collection[str] | None = None,
        tail: bool = False,
    ) -> PublicPage:
        """The next events after a position for this subscriber, at most `limit`; with `cases`, of those alone.

        With `tail`, what `refresh` brought is believed to be all that there is, where it reaches back so far: many
        who wait for the same events read them once.
        """
        if wanted.partner is not None:
            head = self.head()
            told, upto = self._partners.read(wanted, wanted.partner, after, head, limit, cases)
            return PublicPage(tuple(told), upto, head)
        sight = _sight(wanted)
        if tail and cases is None and (known := self._from_latest(sight, wanted, after, limit)) is not None:
            return known
        head = self.head()
        if cases is None:
            upto = min(head, after + LOOKED_THROUGH)
            rows = self._rows.page(sight.names, wanted.shard, after, upto, limit)
        else:
            upto = head
            rows = self._rows.of_cases(cases, sight.names, after, upto, limit)
        told = tuple(self._told(self._rows.entries(rows), sight))
        return PublicPage(told, rows[-1].position if len(rows) == limit else max(upto, after), head)

    # What is kept of the end of the log

    def refresh(self) -> int:
        """Take in the rows that came since, for `read` with `tail`; the head of the log."""
        return self._latest.refresh()

    def own_news(self) -> bool:
        """Whether `refresh` may have seen something in the landlord's own stream since this was asked last."""
        return self._latest.own_news()

    def ends_at(self, position: int, mark: bytes) -> bool:
        """Whether this is the place at which `refresh` found the log to end; asks nobody, and waits for nobody."""
        return self._latest.ends_at(position, mark)

    def grants(self) -> Grants:
        """Which partner may see what, as the log says by now."""
        return self._partners.grants()

    def _from_latest(self, sight: _Sight, wanted: Wanted, after: int, limit: int) -> PublicPage | None:
        kept = self._latest.after(after)
        if kept is None:
            return None
        later, upto = kept
        seen = (e for e in later if e.row.type not in sight.hidden and of_shard(e.row.stream, wanted.shard))
        page = list(islice(seen, limit))
        told = tuple(self._told(page, sight))
        return PublicPage(told, page[-1].row.position if len(page) == limit else upto, upto)

    def _told(self, entries: Sequence[Entry], sight: _Sight) -> Iterator[Told]:
        last: dict[str, int] = {}
        before = self._before(entries, sight)
        for entry in entries:
            row = entry.row
            previous = last.get(row.stream)
            if previous is None:
                previous = before[row.stream]
            last[row.stream] = row.version
            if len(entry.previous) < REMEMBERED_FILTERS:
                entry.previous[sight.hidden] = previous
            if row.type in sight.changes and entry.told is not UNREADABLE:
                yield self._teller.tell(entry, previous, STATE_CHANGED, NOTHING, sight.schemas)
            else:
                yield self._teller.tell(entry, previous, entry.told, entry.detail, sight.schemas)

    def _before(self, entries: Sequence[Entry], sight: _Sight) -> Mapping[str, int]:
        """For the first of these events of each case, the version of the one before it that the subscriber sees."""
        first: dict[str, Entry] = {}
        for entry in entries:
            first.setdefault(entry.row.stream, entry)
        if not sight.hidden:  # who sees everything sees the one before
            return {stream: entry.row.version - 1 for stream, entry in first.items()}
        found: dict[str, int] = {}
        asked: list[Entry] = []
        for stream, entry in first.items():
            if entry.row.version == 1:
                found[stream] = 0
            elif sight.hidden in entry.previous:
                found[stream] = entry.previous[sight.hidden]
            else:
                asked.append(entry)
        return {**found, **self._rows.before(asked, sight.names)} if asked else found


_KNOWN: Final = frozenset(PUBLIC)


def _sight(wanted: Wanted) -> _Sight:
    # Facts of the landlord's own stream have no public type, and stand in its stream alone.
    whole = stored_names_of(wanted.topics, wanted.types)
    changes = frozenset[str]()
    if wanted.types is None or STATE_CHANGED.name in wanted.types:
        changes = frozenset(stored for stored, told in PUBLIC.items() if told.touches & wanted.topics) - whole
    hidden = _KNOWN - whole - changes
    return _Sight(hidden, sorted(hidden), dict(wanted.schemas), changes)
