"""The rows of a landlord's log that public events are made of: asked for a page at a time, and read as far as public.

A row is read with whose case it is. Nothing is kept of it but that.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Identifier

from infrastructure.downstream.telling import Entry, mark_of
from infrastructure.log_entries import StoredRow

if TYPE_CHECKING:
    from infrastructure.downstream.telling import Teller
    from infrastructure.event_store import LandlordRecorder

REMEMBERED_PEOPLE: Final = 50_000  # cases whose person is remembered; some 300 bytes each
ALL: Final = 2**31 - 1  # rows, where there is no limit

# A page of the log without what is hidden from this subscriber.
_PAGE: Final = """
    SELECT stream::text, version, type, position, recorded_at, state FROM {schema}.event
    WHERE position > %(after)b AND position <= %(upto)b AND type <> ALL(%(hidden)b::text[]) AND stream <> %(own)b
        {shard}
    ORDER BY position LIMIT %(limit)b
"""
# Ids of cases are hashes, so that their first digits share them out evenly; as `of_shard`.
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
    SELECT page.stream::text, coalesce((
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


class PublicRows:
    """Rows of one landlord's log. Safe to share between threads; holds no connection between calls."""

    def __init__(self, recorder: LandlordRecorder, teller: Teller, own: UUID) -> None:
        self._server = recorder.server
        self._teller = teller
        self._own = own
        self._people: OrderedDict[str, str | None] = OrderedDict()
        self._people_lock = Lock()
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

    def page(
        self, hidden: Sequence[str], shard: tuple[int, int], after: int, upto: int, limit: int
    ) -> Sequence[StoredRow]:
        """The next rows between two positions, the later one included, without those types and the landlord's own."""
        params: dict[str, object] = {
            "after": after,
            "upto": upto,
            "hidden": hidden,
            "limit": limit,
            "own": self._own,
        }
        if shard[1] == 1:
            return self._rows(self._page, params)
        params["part"], params["parts"] = shard
        return self._rows(self._shard_page, params)

    def of_cases(
        self, cases: Collection[str], hidden: Sequence[str], after: int, upto: int, limit: int
    ) -> Sequence[StoredRow]:
        """Likewise of these cases alone."""
        wanted = [one for one in map(UUID, cases) if one != self._own]
        params = {"after": after, "upto": upto, "hidden": hidden, "limit": limit, "cases": wanted}
        return self._rows(self._of_cases, params)

    def disclosures(self, since: int) -> Sequence[StoredRow]:
        """What was disclosed and what no longer is, from a position on."""
        return self._rows(self._disclosures, [since])

    def mark(self, position: int) -> bytes | None:
        """The digest of the row at a position, None where there is none."""
        found = self._server.run(
            lambda conn: (
                conn.cursor(binary=True, row_factory=tuple_row)
                .execute(self._state, [position], prepare=True)
                .fetchone()
            )
        )
        return None if found is None else mark_of(found[0])

    def before(self, entries: Sequence[Entry], hidden: Sequence[str]) -> Mapping[str, int]:
        """By case, for one entry of each: the version of the event before it that is not hidden, 0 for none."""
        streams = [UUID(entry.row.stream) for entry in entries]
        versions = [entry.row.version for entry in entries]
        return dict(
            self._server.run(
                lambda conn: (
                    conn.cursor(binary=True, row_factory=tuple_row)
                    .execute(self._previous, [hidden, streams, versions], prepare=True)
                    .fetchall()
                )
            )
        )

    def entries(self, rows: Iterable[StoredRow]) -> list[Entry]:
        """The rows, read as far as they are public, with whose cases they are."""
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
            new = {row.stream: self._teller.person(row) for row in self._rows(self._first, [missing])}
            found |= {str(case): new.get(str(case)) for case in missing}
            self._remember(new)
        return found

    def _remember(self, people: Mapping[str, str | None]) -> None:
        with self._people_lock:
            self._people.update(people)
            while len(self._people) > REMEMBERED_PEOPLE:
                self._people.popitem(last=False)

    def _rows(self, statement: bytes, params: Sequence[Any] | Mapping[str, Any]) -> Sequence[StoredRow]:
        return self._server.run(
            lambda conn: (
                conn.cursor(binary=True, row_factory=args_row(StoredRow))
                .execute(statement, params, prepare=True)
                .fetchall()
            )
        )


def of_shard(case: str, shard: tuple[int, int]) -> bool:
    """Whether a case is in part i of n."""
    part, parts = shard
    return parts == 1 or int(case[:8], 16) % parts == part
