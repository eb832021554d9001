"""Measures of a restriction, disclosed to a partner, and no longer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import date, timedelta

from domain.codes import DisclosureBasis, DisclosureEndReason
from domain.events import DisclosureDecided, DisclosureEnded
from domain.events.disclosures import DisclosedMeasure, DisclosedRestriction
from domain.events.parts import Measure
from tests.histories import MONDAY, History, text

_FIELDS = tuple(field.name for field in fields(DisclosedMeasure))


def disclosed(
    history: History, partner: str, measures: Iterable[Measure], *, restriction: int = 0, on: date = MONDAY
) -> DisclosureDecided:
    """These measures of the case's restriction of this number."""
    of = history.state.restrictions[restriction]
    shown = tuple(DisclosedMeasure(**{name: getattr(one, name) for name in _FIELDS}) for one in measures)
    return DisclosureDecided(
        disclosure=f"disclosure-{len(history.state.disclosures) + 1}",
        partner=partner,
        audience=None,
        basis=DisclosureBasis.PUBLIC_TASK,
        restrictions=(
            DisclosedRestriction(restriction=of.id, starts_on=of.starts_on, ends_on=of.ends_on, measures=shown),
        ),
        warnings=(),
        starts_on=on,
        until=None,
        delete_within="1 month",
        reasons=text("why they need to know"),
    )


def ended(disclosure: str, partner: str, *, on: date = MONDAY) -> DisclosureEnded:
    """The end of it."""
    return DisclosureEnded(
        disclosure=disclosure,
        partner=partner,
        ended_on=on,
        because=DisclosureEndReason.DECIDED,
        delete_by=on + timedelta(days=30),
        reasons=text("why no longer"),
    )
