"""What a partner is told of the log: of the cases that were disclosed to it, and of those what was disclosed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from domain.codes import Topic
from domain.public import PUBLIC, STATE_CHANGED, PublicType
from infrastructure.downstream.disclosed import DISCLOSURES, RESTRICTION, SAFETY, Grants, cut
from infrastructure.downstream.public_rows import ALL, of_shard
from infrastructure.downstream.telling import mark_of

if TYPE_CHECKING:
    from domain.events import Event
    from infrastructure.downstream.disclosed import Grant
    from infrastructure.downstream.public_rows import PublicRows
    from infrastructure.downstream.telling import Teller, Told
    from infrastructure.downstream.wanted import Wanted
    from infrastructure.log_entries import StoredRow

# Stored names of known types that tell a partner nothing.
_HIDDEN: Final = sorted(
    stored
    for stored, told in PUBLIC.items()
    if stored not in {*DISCLOSURES, *SAFETY, *RESTRICTION, "PersonErased"}
    and not (told.alert and told.topic in (Topic.RESTRICTIONS, Topic.PEOPLE))
)


class PartnersLog:
    """One landlord's log as partners are told of it. Safe to share between threads."""

    def __init__(self, rows: PublicRows, teller: Teller, decode: Callable[[StoredRow], Event]) -> None:
        self._rows = rows
        self._teller = teller
        self._decode = decode
        self._grants = Grants()

    def grants(self) -> Grants:
        """Who may see what, as the log says by now."""
        grants = self._grants
        upto, mark = grants.last
        rows = self._rows.disclosures(upto)
        if upto and (not rows or mark_of(rows[0].state) != mark):
            # Restored from a backup: what was taken in may never have been decided.
            self._grants = grants = Grants()
            rows = self._rows.disclosures(0)
        grants.take_in(rows, self._decode)
        return grants

    def read(
        self, wanted: Wanted, partner: str, after: int, head: int, limit: int, cases: Collection[str] | None
    ) -> tuple[Sequence[Told], int]:
        """The next events, at most `limit`, up to the head of the log; and how far it was looked through.

        With `cases`, of those alone.
        """
        disclosed = self.grants().cases(partner)
        asked = [case for case in disclosed if (cases is None or case in cases) and of_shard(case, wanted.shard)]
        looked = after
        told: list[Told] = []
        while len(told) < limit and looked < head and asked:
            rows = self._rows.of_cases(asked, _HIDDEN, looked, head, limit)
            if not rows:
                break
            told += self._told(rows, wanted, partner, disclosed)
            looked = rows[-1].position if len(rows) == limit else head
        if len(told) >= limit:
            return told[:limit], told[limit - 1].position
        return told, max(head, after)

    def _told(
        self,
        rows: Sequence[StoredRow],
        wanted: Wanted,
        partner: str,
        disclosed: Mapping[str, tuple[Grant, ...]],
    ) -> Iterator[Told]:
        """What a partner is told of these rows. The one before is found among all that it was ever told of the case."""
        streams = {row.stream for row in rows}
        history = self._rows.of_cases(streams, _HIDDEN, 0, rows[-1].position, ALL)
        wanted_from = rows[0].position
        schemas = dict(wanted.schemas)
        previous: dict[str, int] = {}
        for entry in self._rows.entries(history):
            shown = cut(entry, partner, disclosed[entry.row.stream])
            if shown is None or not _is_wanted(shown[0], wanted):
                continue
            row = entry.row
            if row.position >= wanted_from:
                yield self._teller.tell(entry, previous.get(row.stream, 0), *shown, schemas)
            previous[row.stream] = row.version


def _is_wanted(told: PublicType, wanted: Wanted) -> bool:
    """Whether a subscriber asked for it; that what it keeps has changed is told to every partner."""
    return told is STATE_CHANGED or (
        told.topic in wanted.topics and (wanted.types is None or told.name in wanted.types)
    )
