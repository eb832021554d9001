"""What a partner may see: the cases, restrictions, measures and precautions that a recorded decision disclosed to it.

Found from the log alone. A disclosure holds from the event that decided it to the one that ended it, both included,
whatever the days on them say: what was told was told, and an event before the decision was never theirs to see.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final

import msgspec

from domain.codes import Topic
from domain.events import DisclosureDecided, DisclosureEnded, Event
from domain.public import STATE_CHANGED, UNREADABLE, PublicType
from infrastructure.downstream.telling import NOTHING, Entry, mark_of
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import UnknownFact, UnreadableEvent
from projections.public_state import Disclosed

logger = logging.getLogger(__name__)

DISCLOSURES: Final = ("DisclosureDecided", "DisclosureEnded", "DisclosureDeleted")
SAFETY: Final = ("SafetyWarningReviewed", "SafetyWarningRemoved")
# Facts that say in themselves which restriction they change, and nothing of an appeal.
RESTRICTION: Final = (
    "RestrictionApplied",
    "InterimRestrictionApplied",
    "RestrictionImported",
    "ImportCompleted",
    "RestrictionVaried",
    "RestrictionEased",
    "RestrictionExtended",
    "RestrictionLifted",
    "RestrictionEnded",
    "RestrictionOverturned",
    "RestrictionWithdrawnAsWrong",
)


@dataclass(frozen=True, slots=True)
class Grant:
    """One disclosure: from which position on, and up to which; ids of measures by restriction, and warnings.

    A measure that another decision put in the place of a disclosed one has an id of its own, and was not disclosed.
    """

    disclosure: str
    partner: str
    since: int
    until: int | None
    restrictions: Mapping[str, frozenset[str]]
    warnings: frozenset[str]

    def covers(self, position: int) -> bool:
        """Whether it held there."""
        return self.since <= position and (self.until is None or position <= self.until)


class Grants:
    """The disclosures of one landlord's log, taken in as it grows. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_partner: dict[str, dict[str, tuple[Grant, ...]]] = {}
        self._unreadable: dict[str, int] = {}  # by case, from which position on nobody knows what was disclosed
        self.last = (0, b"")  # position and mark of the last disclosure event that was taken in

    @property
    def upto(self) -> int:
        """The position of the last disclosure event that was taken in."""
        return self.last[0]

    def take_in(self, rows: Iterable[StoredRow], decode: Callable[[StoredRow], Event]) -> None:
        """Further disclosure rows in the order of the log; those that were taken in before change nothing.

        Of a case with one that this release cannot read, no partner sees anything from there on: it may have said so.
        """
        with self._lock:
            for row in rows:
                if row.position <= self.upto:
                    continue
                try:
                    self._take_in(decode(row))
                except (UnknownFact, UnreadableEvent):
                    logger.warning(
                        "partners see nothing more of case %s: what disclosed it at position %d cannot be read",
                        row.stream,
                        row.position,
                    )
                    self._unreadable[row.stream] = min(row.position, self._unreadable.get(row.stream, row.position))
                self.last = (row.position, mark_of(row.state))

    def _take_in(self, event: Event) -> None:
        match event.fact:
            case DisclosureDecided() as fact:
                grant = Grant(
                    disclosure=fact.disclosure,
                    partner=fact.partner,
                    since=event.position,
                    until=None,
                    restrictions={
                        one.restriction: frozenset(measure.id for measure in one.measures) for one in fact.restrictions
                    },
                    warnings=frozenset(one.warning for one in fact.warnings),
                )
                cases = self._by_partner.setdefault(fact.partner, {})
                cases[event.stream] = (*cases.get(event.stream, ()), grant)
            case DisclosureEnded() as fact:
                cases = self._by_partner.get(fact.partner, {})
                cases[event.stream] = tuple(
                    replace(one, until=event.position)
                    if one.disclosure == fact.disclosure and one.until is None
                    else one
                    for one in cases.get(event.stream, ())
                )
            case _:
                pass

    def cases(self, partner: str) -> Mapping[str, tuple[Grant, ...]]:
        """By case, everything that ever was disclosed to a partner."""
        with self._lock:
            found = dict(self._by_partner.get(partner, {}))
            for case in self._unreadable.keys() & found.keys():
                found[case] = tuple(_shut(one, self._unreadable[case]) for one in found[case])
            return found


def _shut(grant: Grant, position: int) -> Grant:
    return replace(grant, until=min(position, grant.until or position))


def seen_at(grants: tuple[Grant, ...], position: int) -> Disclosed | None:
    """What these disclosures together let a partner see at a position; None for nothing."""
    holding = [one for one in grants if one.covers(position)]
    if not holding:
        return None
    restrictions: dict[str, frozenset[str]] = {}
    for one in holding:
        for restriction, measures in one.restrictions.items():
            restrictions[restriction] = restrictions.get(restriction, frozenset()) | measures
    warnings = frozenset[str]().union(*(one.warnings for one in holding))
    return Disclosed(restrictions=restrictions, warnings=warnings)


def cut(entry: Entry, partner: str, grants: tuple[Grant, ...]) -> tuple[PublicType, object] | None:
    """What a partner is told of an event: as which type, with which detail; None for nothing at all."""
    stored, detail = entry.row.type, entry.detail
    seen = seen_at(grants, entry.row.position)
    if entry.told.name == UNREADABLE.name:
        # Whatever it is about: what is shown of the case is marked as unknown from here on.
        return None if seen is None else (STATE_CHANGED, NOTHING)
    if stored in DISCLOSURES:
        return (entry.told, detail) if _said(detail, "partner") == partner else None
    if seen is None:
        return None
    if stored in RESTRICTION:
        measures = seen.restrictions.get(_said(detail, "restriction"))
        return None if measures is None else (entry.told, _with_measures(detail, measures))
    if stored in SAFETY:
        return (entry.told, detail) if _said(detail, "warning") in seen.warnings else None
    if stored == "PersonErased":
        # That somebody else was erased, of whom the case speaks, is nothing to a partner.
        return (entry.told, detail) if _said(detail, "person") == entry.person else None
    if not entry.told.alert or entry.told.topic not in (Topic.RESTRICTIONS, Topic.PEOPLE):
        return None
    # A received notice, an appeal: what it does to what was disclosed is seen in the state, and how is not theirs.
    # A death, or a home that was corrected, bears on a warning too.
    return (STATE_CHANGED, NOTHING) if seen.restrictions or entry.told.topic is Topic.PEOPLE else None


def _said(detail: object, name: str) -> str:
    raw = getattr(detail, name, None)
    return msgspec.json.decode(raw, type=str) if isinstance(raw, msgspec.Raw) else ""


def _with_measures(detail: object, ids: Collection[str]) -> object:
    measures = getattr(detail, "measures", None)
    if measures is None:
        return detail
    kept = [one for one in measures if _said(one, "id") in ids]
    return msgspec.structs.replace(detail, measures=kept)  # type: ignore[type-var]
