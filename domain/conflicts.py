"""Measures that take away an adjustment which was given, and how an adjustment goes before them (baseline 2 and 7).

An adjustment that is agreed while something is in force changes what may be asked of the customer at once: nobody has
to wait for a variation before they can reach their landlord. The variation is owed all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from domain.baseline import AdjustmentNeeds
from domain.case import Case
from domain.case_parts import Adjustment, Breach
from domain.codes import CaseId, Channel, Effect
from domain.events.parts import Measure
from domain.measures import ALL_CHANNELS, concerns, left_open, usable

Kinds = Mapping[str, AdjustmentNeeds]  # by code: what adjustments of each kind depend on
NO_KINDS: Final[Kinds] = {}


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What all adjustments of a customer come to on a day: what they cannot use, what they need, what spares them."""

    unusable: frozenset[Channel] = frozenset()
    needed: frozenset[Channel] = frozenset()
    spared: frozenset[Effect] = frozenset()

    def goes_before(self, measure: Measure, channel: Channel, together: Iterable[Measure]) -> bool:
        """Whether contact through a channel is let through although a measure limits it.

        It is where the measure would take an adjustment away, and where, with everything else in force (`together`),
        it would leave no way in that the customer can use.
        """
        if measure.effect in self.spared:
            return True
        if channel in measure.open:
            return False  # what the measure does it does not do to this channel as such
        return channel in self.needed or (channel not in self.unusable and self.shut_out(together))

    def shut_out(self, measures: Iterable[Measure]) -> bool:
        """Whether these measures leave ways in and none that the customer can use, who could use one without them."""
        remaining = usable(left_open(measures))
        could = not self.unusable.issuperset(usable(ALL_CHANNELS))
        return could and bool(remaining) and self.unusable.issuperset(remaining)


NOTHING_AGREED: Final = Adjusted()


class Conflict(NamedTuple):
    """A measure in force of a case, and the adjustment that it goes against."""

    case: CaseId
    measure: str
    agreed_in: CaseId
    adjustment: str

    @property
    def code(self) -> str:
        """As it stands among what is owed: the measure has to be varied; with the case of an adjustment of another."""
        elsewhere = "" if self.agreed_in == self.case else f"{self.agreed_in}:"
        return f"varying:{self.measure}:{elsewhere}{self.adjustment}"


def adjusted(adjustments: Iterable[Adjustment], kinds: Kinds) -> Adjusted:
    """What these adjustments come to together."""
    unusable, needed, spared = set[Channel](), set[Channel](), set[Effect]()
    for adjustment in adjustments:
        kind = kinds.get(adjustment.kind)
        unusable.update(adjustment.unusable_channels, kind.unusable_channels if kind else ())
        needed.update(adjustment.needs_channels, kind.needs_channels if kind else ())
        spared.update(kind.conflicts if kind else ())
    return Adjusted(frozenset(unusable), frozenset(needed), frozenset(spared))


def adjusted_on(cases: Iterable[Case], day: date, kinds: Kinds) -> Adjusted:
    """What the adjustments that are given on a day, in any of the customer's cases, come to together."""
    return adjusted((a for case in cases for a in case.adjustments if a.in_force_on(day)), kinds)


def conflicts(cases: Sequence[Case], day: date, kinds: Kinds) -> Iterator[Conflict]:
    """Each measure that is in force on a day with each agreed adjustment that it goes against, in any of the cases.

    An adjustment that is agreed and begins later counts already: there is time to vary the measure before.
    """
    standing = [(case, m) for case in cases for r in case.in_force_on(day) for m in r.measures_on(day)]
    limiting = [(case, measure) for case, measure in standing if measure.limits_contact]
    together = [measure for _, measure in limiting]
    agreed = [
        (case.id, a)
        for case in cases
        for a in case.adjustments
        if a.agreed and (a.ended_on is None or day <= a.ended_on)
    ]
    shut_out = adjusted((a for _, a in agreed), kinds).shut_out(together)
    for case, measure in limiting:
        for agreed_in, adjustment in agreed:
            alone = adjusted((adjustment,), kinds)
            takes_part = alone.unusable and any(c not in measure.open for c in usable(ALL_CHANNELS))
            if takes_away(measure, alone) is not None or (shut_out and takes_part):
                yield Conflict(case.id, measure.id, agreed_in, adjustment.id)


def adjustment_went_before(cases: Sequence[Case], breach: Breach, kinds: Kinds) -> bool:
    """Whether a contact is no breach after all: the measure would have taken away what was given on that day.

    The first case is the one that the breach is in.
    """
    contact = cases[0].contact(breach.contact)
    if contact is None:
        return False
    bound = [b for case in cases for b in case.binding_on(contact.happened_on) if b.measure.limits_contact]
    together = [b.measure for b in bound if concerns(b.measure, contact.issue)]
    given = adjusted_on(cases, contact.happened_on, kinds)
    return any(m.id == breach.measure and given.goes_before(m, contact.channel, together) for m in together)


def takes_away(measure: Measure, given: Adjusted) -> str | None:
    """What a measure does to what adjustments give, in words; None when the two go together."""
    closed = [c for c in Channel if c in given.needed and c not in measure.open]
    if closed:
        return f"closes {', '.join(closed)}, which"
    return "limits what it gives, and so" if measure.effect in given.spared else None
