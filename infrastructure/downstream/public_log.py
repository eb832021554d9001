"""The log as followers outside may read it: pages of public events after a position, for one subscriber.

Nothing public is stored. Every event, and the version of the one before it under the subscriber's own filter, follows
from the log alone, so that whoever asks again is told the same.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Final, LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Identifier

from domain.public import PUBLIC, UNREADABLE, PublicType, stored_names_of
from infrastructure.downstream.disclosed import DISCLOSURES, RESTRICTION, SAFETY, Grants, cut
from infrastructure.downstream.telling import CHANGED, NOTHING, Entry, Teller, Told, mark_of
from infrastructure.log_entries import StoredRow

if TYPE_CHECKING:
    from infrastructure.downstream.wanted import Wanted
    from infrastructure.event_store import LandlordRecorder
    from infrastructure.mapper import Mapper

# How far one read looks for events of rare types before it says how far it came.
LOOKED_THROUGH: Final = 20_000
REMEMBERED_PEOPLE: Final = 50_000  # cases whose person is remembered; some 300 bytes each
TAIL: Final = 1_000  # of the latest rows, kept for those who wait for them

_ROW: Final = "stream::text, version, type, position, recorded_at, state"

# A page of the log without what is hidden from this subscriber.
_PAGE: Final = """
    SELECT stream::text, version, type, position, recorded_at, state FROM {schema}.event
    WHERE position > %(after)b AND position <= %(upto)b AND type <> ALL(%(hidden)b::text[]) AND stream <> %(own)b
        {shard}
    ORDER BY position LIMIT %(limit)b
"""
# Ids of cases are hashes, so that their first digits share them out evenly.
_SHARD: Final = "AND ('x' || left(stream::text, 8))::bit(32)::bigint %% %(parts)b = %(part)b"

# Likewise of some cases alone, found by their streams.
_OF_CASES: Final = """
    WITH found AS MATERIALIZED (
        SELECT stream, version, type, position, recorded_at, state FROM {schema}.event
        WHERE stream = ANY(%(cases)b::uuid[]) AND position > %(after)b AND position <= %(upto)b
            AND type <> ALL(%(hidden)b::text[])
    )
    SELECT stream::text, version, type, position, recorded_at, state FROM found ORDER BY position LIMIT %(limit)b
"""

# The version of the event before, of what a subscriber sees of each stream.
_PREVIOUS: Final = """
    SELECT page.stream::text, page.version, coalesce((
        SELECT before.version FROM {schema}.event AS before
        WHERE before.stream = page.stream AND before.version < page.version AND before.type <> ALL(%b::text[])
        ORDER BY before.version DESC LIMIT 1
    ), 0)
    FROM unnest(%b::uuid[], %b::bigint[]) AS page (stream, version)
"""

# How the cases begin.
_FIRST: Final = """
    SELECT stream::text, version, type, position, recorded_at, state FROM {schema}.event
    WHERE stream = ANY(%b::uuid[]) AND version = 1
"""

# What was disclosed to partners, and no longer is. The types stand here to the letter, so that their index is used.
_DISCLOSURES: Final = """
    SELECT stream::text, version, type, position, recorded_at, state FROM {schema}.event
    WHERE type IN ('DisclosureDecided', 'DisclosureEnded', 'DisclosureDeleted') AND position >= %b ORDER BY position
"""

_STATE: Final = "SELECT state FROM {schema}.event WHERE position = %b"

PARTNERS_TYPES: Final = frozenset(
    stored
    for stored, told in PUBLIC.items()
    if stored in {*DISCLOSURES, *SAFETY, *RESTRICTION, "PersonErased"}
    or (told.alert and told.topic in ("restrictions", "people"))
)


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
    changes: frozenset[str] = frozenset()  # of which no more is told than that the state may have changed


class PublicLog:
    """One landlord's log, read for subscribers. Safe to share between threads; holds no connection between calls."""

    def __init__(self, recorder: LandlordRecorder, mapper: Mapper, own_stream: str) -> None:
        self.landlord = recorder.landlord
        self._recorder = recorder
        self._mapper = mapper
        self._own = UUID(own_stream)
        self._teller = Teller(recorder.landlord, mapper.clear_of)
        self._grants = Grants()
        self._people: OrderedDict[str, str | None] = OrderedDict()
        self._people_lock = Lock()
        self._tail: tuple[Entry, ...] = ()
        self._tail_from = 0  # the rows after this position are in the tail, up to `_tail_upto`
        self._tail_upto = -1
        self._tail_last = b""  # state of the row there
        self._own_news = False
        self._tail_lock = Lock()
        schema = Identifier(recorder.channel_name)

        def spelt(statement: LiteralString, shard: LiteralString = "") -> bytes:
            return SQL(statement).format(schema=schema, shard=SQL(shard)).as_bytes(None)

        self._page = spelt(_PAGE)
        self._shard_page = spelt(_PAGE, _SHARD)
        self._of_cases = spelt(_OF_CASES)
        self._previous = spelt(_PREVIOUS)
        self._first = spelt(_FIRST)
        self._disclosures = spelt(_DISCLOSURES)
        self._state = spelt(_STATE)

    def head(self) -> int:
        """The last position of the log."""
        return self._recorder.head().position

    def mark(self, position: int, *, tail: bool = False) -> bytes | None:
        """The digest of what the log holds at a position: b"" at 0, None where the log does not reach it.

        With `tail`, what `refresh` looked at is believed, where it reaches back so far.
        """
        if position == 0:
            return b""
        if tail:
            with self._tail_lock:
                entries = self._tail
            at = bisect_left(entries, position, key=_position)
            if at < len(entries) and entries[at].row.position == position:
                return mark_of(entries[at].row.state)
        found = self._recorder.server.run(
            lambda conn: (
                conn.cursor(binary=True, row_factory=tuple_row)
                .execute(self._state, [position], prepare=True)
                .fetchone()
            )
        )
        return None if found is None else mark_of(found[0])

    def ends_at(self, position: int, mark: bytes) -> bool:
        """Whether this is the place at which `refresh` found the log to end; asks nobody."""
        with self._tail_lock:
            return position > 0 and position == self._tail_upto and mark_of(self._tail_last) == mark

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
            return self._read_for_partner(wanted, wanted.partner, after, limit, cases)
        sight = _sight(wanted)
        if tail and cases is None and (known := self._from_tail(sight, wanted, after, limit)) is not None:
            return known
        head = self.head()
        upto = head if cases is not None else min(head, after + LOOKED_THROUGH)
        rows = self._rows(sight, wanted.shard, after, upto, limit, cases)
        told = tuple(self._told(self._entries(rows), sight))
        return PublicPage(told, rows[-1].position if len(rows) == limit else max(upto, after), head)

    def refresh(self) -> int:
        """Take in the rows that came since, for `read` with `tail`; the head of the log.

        In one question to the database: each one more lets every other thread go first.
        """
        with self._tail_lock:
            # With the last row that was taken in: as long as it is the same one, so is the log before it.
            known = self._tail_upto
            rows = self._recorder.read_log(max(known - 1, 0), TAIL + 2) if known >= 0 else []
            new = rows[1:] if known > 0 else rows
            is_same = known == 0 or (bool(rows) and rows[0].position == known and rows[0].state == self._tail_last)
            if known < 0 or not is_same or len(new) > TAIL:
                # The first time, restored from a backup, or far behind: begin where the log ends.
                head = self.head()
                last = self._recorder.read_log(head - 1, 1) if head else []
                self._tail, self._tail_from, self._tail_upto = (), head, head
                self._tail_last = last[0].state if last else b""
                self._own_news = True
                return head
            if new:
                own = str(self._own)
                self._own_news = self._own_news or any(row.stream == own for row in new)
                entries = [*self._tail, *self._entries(row for row in new if row.stream != own)]
                if len(entries) > TAIL:
                    self._tail_from = entries[-TAIL - 1].row.position
                    entries = entries[-TAIL:]
                self._tail = tuple(entries)
                self._tail_upto, self._tail_last = new[-1].position, new[-1].state
            return self._tail_upto

    def own_news(self) -> bool:
        """Whether `refresh` may have seen something in the landlord's own stream since this was asked last."""
        with self._tail_lock:
            seen, self._own_news = self._own_news, False
            return seen

    def _from_tail(self, sight: _Sight, wanted: Wanted, after: int, limit: int) -> PublicPage | None:
        with self._tail_lock:
            entries, since, upto = self._tail, self._tail_from, self._tail_upto
        if upto < 0 or not since <= after <= upto:
            return None
        later = islice(entries, bisect_right(entries, after, key=_position), None)
        seen = (entry for entry in later if entry.row.type not in sight.hidden and _in_shard(entry, wanted.shard))
        page = list(islice(seen, limit))
        told = tuple(self._told(page, sight))
        return PublicPage(told, page[-1].row.position if len(page) == limit else upto, upto)

    # Rows and what goes before them

    def _rows(
        self,
        sight: _Sight,
        shard: tuple[int, int],
        after: int,
        upto: int,
        limit: int,
        cases: Collection[str] | None,
    ) -> Sequence[StoredRow]:
        params: dict[str, object] = {"after": after, "upto": upto, "hidden": sight.names, "limit": limit}
        if cases is not None:
            statement = self._of_cases
            params["cases"] = [UUID(case) for case in cases if case != str(self._own)]
        else:
            statement = self._page if shard[1] == 1 else self._shard_page
            params["own"] = self._own
            if shard[1] > 1:
                params["part"], params["parts"] = shard
        return self._recorder.server.run(
            lambda conn: (
                conn.cursor(binary=True, row_factory=args_row(StoredRow))
                .execute(statement, params, prepare=True)
                .fetchall()
            )
        )

    def _entries(self, rows: Iterable[StoredRow]) -> list[Entry]:
        entries = [self._teller.entry(row) for row in rows]
        # Of a case that begins here nobody need be asked.
        self._remember(
            {entry.row.stream: self._teller.person(entry.row) for entry in entries if entry.row.version == 1}
        )
        people = self._people_of({entry.row.stream for entry in entries})
        for entry in entries:
            entry.person = people[entry.row.stream]
        return entries

    def _people_of(self, cases: Collection[str]) -> Mapping[str, str | None]:
        """Whose cases these are. A case is one person's from its first event to its last."""
        found: dict[str, str | None] = {}
        missing: list[UUID] = []
        with self._people_lock:
            for case in cases:
                if case in self._people:
                    self._people.move_to_end(case)
                    found[case] = self._people[case]
                else:
                    missing.append(UUID(case))
        if missing:
            rows = self._recorder.server.run(
                lambda conn: (
                    conn.cursor(binary=True, row_factory=args_row(StoredRow))
                    .execute(self._first, [missing], prepare=True)
                    .fetchall()
                )
            )
            new = {row.stream: self._teller.person(row) for row in rows}
            found |= {str(case): new.get(str(case)) for case in missing}
            self._remember(new)
        return found

    def _remember(self, people: Mapping[str, str | None]) -> None:
        with self._people_lock:
            self._people.update(people)
            while len(self._people) > REMEMBERED_PEOPLE:
                self._people.popitem(last=False)

    def _told(self, entries: Sequence[Entry], sight: _Sight) -> Iterator[Told]:
        last: dict[str, int] = {}
        before = self._before(entries, sight)
        for entry in entries:
            row = entry.row
            previous = last.get(row.stream)
            if previous is None:
                previous = before[row.stream]
            last[row.stream] = row.version
            entry.previous[sight.hidden] = previous
            if row.type in sight.changes and entry.told is not UNREADABLE:
                yield self._teller.tell(entry, previous, CHANGED, NOTHING, sight.schemas)
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
        if asked:
            streams = [UUID(entry.row.stream) for entry in asked]
            versions = [entry.row.version for entry in asked]
            rows = self._recorder.server.run(
                lambda conn: (
                    conn.cursor(binary=True, row_factory=tuple_row)
                    .execute(self._previous, [sight.names, streams, versions], prepare=True)
                    .fetchall()
                )
            )
            found |= {stream: previous for stream, _, previous in rows}
        return found

    # Partners

    def grants(self) -> Grants:
        """Who may see what, as the log says by now."""
        grants = self._grants
        upto, mark = grants.last
        rows = self._disclosures_from(upto)
        if upto and (not rows or mark_of(rows[0].state) != mark):
            # Restored from a backup: what was taken in may never have been decided.
            self._grants = grants = Grants()
            rows = self._disclosures_from(0)
        grants.take_in(rows, self._mapper.decode)
        return grants

    def _disclosures_from(self, position: int) -> Sequence[StoredRow]:
        return self._recorder.server.run(
            lambda conn: (
                conn.cursor(binary=True, row_factory=args_row(StoredRow))
                .execute(self._disclosures, [position], prepare=True)
                .fetchall()
            )
        )

    def _read_for_partner(
        self, wanted: Wanted, partner: str, after: int, limit: int, cases: Collection[str] | None
    ) -> PublicPage:
        head = self.head()
        disclosed = self.grants().cases(partner)
        asked = [case for case in disclosed if (cases is None or case in cases) and of_shard(case, wanted.shard)]
        sight = _Sight(_KNOWN - PARTNERS_TYPES, sorted(_KNOWN - PARTNERS_TYPES), dict(wanted.schemas))
        looked, told = after, list[Told]()
        while len(told) < limit and looked < head and asked:
            rows = self._rows(sight, (0, 1), looked, head, limit, asked)
            if not rows:
                break
            told += self._told_to_partner(rows, wanted, partner, sight)
            looked = rows[-1].position if len(rows) == limit else head
        else:
            if len(told) >= limit:
                told = told[:limit]
                return PublicPage(tuple(told), told[-1].position, head)
        return PublicPage(tuple(told), max(head, after), head)

    def _told_to_partner(
        self, rows: Sequence[StoredRow], wanted: Wanted, partner: str, sight: _Sight
    ) -> Iterator[Told]:
        """What a partner is told of these rows. The one before is found among all that it was ever told of the case."""
        streams = {row.stream for row in rows}
        last = rows[-1].position
        history = self._rows(sight, (0, 1), 0, last, _ALL, streams)
        disclosed = self.grants().cases(partner)
        wanted_from = rows[0].position
        previous: dict[str, int] = {}
        for entry in self._entries(history):
            shown = cut(entry, partner, disclosed[entry.row.stream])
            if shown is None or not _is_wanted(shown[0], wanted):
                continue
            row = entry.row
            if row.position >= wanted_from:
                yield self._teller.tell(entry, previous.get(row.stream, 0), *shown, sight.schemas)
            previous[row.stream] = row.version


_ALL: Final = 2**31 - 1
_KNOWN: Final = frozenset(PUBLIC)


def _sight(wanted: Wanted) -> _Sight:
    # Facts of the landlord's own stream have no public type, and stand in its stream alone.
    whole = stored_names_of(wanted.topics, wanted.types)
    changes = frozenset[str]()
    if wanted.types is None or CHANGED.name in wanted.types:
        changes = frozenset(stored for stored, told in PUBLIC.items() if told.touches & wanted.topics) - whole
    hidden = _KNOWN - whole - changes
    return _Sight(hidden, sorted(hidden), dict(wanted.schemas), changes)


def _is_wanted(told: PublicType, wanted: Wanted) -> bool:
    """Whether a subscriber asked for it; that what it keeps has changed is told to every partner."""
    if told.name not in _NAMES:
        return True
    return told.topic in wanted.topics and (wanted.types is None or told.name in wanted.types)


_NAMES: Final = frozenset(told.name for told in PUBLIC.values())


def _position(entry: Entry) -> int:
    return entry.row.position


def _in_shard(entry: Entry, shard: tuple[int, int]) -> bool:
    return of_shard(entry.row.stream, shard)


def of_shard(case: str, shard: tuple[int, int]) -> bool:
    """Whether a case is in part i of n."""
    part, parts = shard
    return parts == 1 or int(case[:8], 16) % parts == part
