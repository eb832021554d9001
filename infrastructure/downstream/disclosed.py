"""What a partner may see: the cases, restrictions, measures and precautions that a recorded decision disclosed to it.

Found from the log alone. A disclosure holds from the event that decided it to the one that ended it, both included,
whatever the days on them say: what was told was told, and an event before the decision was never theirs to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final

import msgspec

from domain.codes import Topic
from domain.events import DisclosureDecided, DisclosureEnded, Event
from domain.public import PublicType
from infrastructure.downstream.telling import CHANGED, NOTHING, Entry

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


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that a partner may see of one case at one place in the log."""

    restrictions: Mapping[str, frozenset[str]]
    warnings: frozenset[str]


class Grants:
    """The disclosures of one landlord's log, taken in as it grows. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_partner: dict[str, dict[str, tuple[Grant, ...]]] = {}
        self._upto = 0

    @property
    def upto(self) -> int:
        """The position of the last disclosure event that was taken in."""
        return self._upto

    def take_in(self, events: Iterator[Event]) -> None:
        """Further disclosure events in the order of the log; those that were taken in before change nothing."""
        with self._lock:
            for event in events:
                if event.position <= self._upto:
                    continue
                match event.fact:
                    case DisclosureDecided() as fact:
                        grant = Grant(
                            disclosure=fact.disclosure,
                            partner=fact.partner,
                            since=event.position,
                            until=None,
                            restrictions={
                                one.restriction: frozenset(measure.id for measure in one.measures)
                                for one in fact.restrictions
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
                self._upto = event.position

    def cases(self, partner: str) -> Mapping[str, tuple[Grant, ...]]:
        """By case, everything that ever was disclosed to a partner."""
        with self._lock:
            return dict(self._by_partner.get(partner, {}))

    def seen(self, partner: str, case: str, position: int) -> Seen | None:
        """What of a case a partner may see at a position; None for nothing."""
        return seen_at(self.cases(partner).get(case, ()), position)


def seen_at(grants: tuple[Grant, ...], position: int) -> Seen | None:
    """What these disclosures together let a partner see at a position; None for nothing."""
    holding = [one for one in grants if one.covers(position)]
    if not holding:
        return None
    restrictions: dict[str, frozenset[str]] = {}
    for one in holding:
        for restriction, measures in one.restrictions.items():
            restrictions[restriction] = restrictions.get(restriction, frozenset()) | measures
    return Seen(restrictions, frozenset().union(*(one.warnings for one in holding)))


def cut(entry: Entry, partner: str, grants: tuple[Grant, ...]) -> tuple[PublicType, object] | None:
    """What a partner is told of an event: as which type, with which detail; None for nothing at all."""
    stored, detail = entry.row.type, entry.detail
    if stored in DISCLOSURES:
        return (entry.told, detail) if _said(detail, "partner") == partner else None
    seen = seen_at(grants, entry.row.position)
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
    return (CHANGED, NOTHING) if seen.restrictions else None


def _said(detail: object, name: str) -> str:
    raw = getattr(detail, name, None)
    return msgspec.json.decode(raw, type=str) if isinstance(raw, msgspec.Raw) else ""


def _with_measures(detail: object, ids: frozenset[str]) -> object:
    measures = getattr(detail, "measures", None)
    if measures is None:
        return detail
    kept = [one for one in measures if _said(one, "id") in ids]
    return msgspec.structs.replace(detail, measures=kept)  # type: ignore[type-var]
