"""When each measure is to be looked at again by itself, where its decision says how often, and whether it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, pairwise
from typing import Final

from domain.calendar import Nation, Period, Unit, nth_occurrence
from domain.case_parts import Restriction
from domain.events import Measure

DAY: Final = timedelta(days=1)
# As reviews open twenty working days before they are due (baseline 3, assumed), but for bank holidays.
OPENS: Final = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Look:
    """One of the days by which a measure is looked at again; any review of its restriction looks at all of it.

    A review counts for it from `opens_on` on; `held_on` is the first one, in time or late, None while there was none.
    """

    measure: Measure
    opens_on: date
    due_on: date
    held_on: date | None


def looks(restriction: Restriction) -> Iterator[Look]:
    """Every look that is due up to the end of the restriction, or of the measure, as both stand; in order of each.

    What was due before a restriction was brought along was for the register that it comes from.
    """
    last = restriction.last_day()
    brought = restriction.brought.on if restriction.brought is not None else date.min
    reviews = sorted(review.held_on for review in restriction.reviews)
    for measure in restriction.sets[-1].measures:
        every = _period(measure.review_every)
        if every is None:
            continue
        first = next(s.from_on for s in restriction.sets if any(m.id == measure.id for m in s.measures))
        until = last if measure.until is None else min(last, measure.until)
        for before, due_on in pairwise(_days(first, every, until)):
            if due_on >= brought:
                opens_on = max(before + DAY, due_on - OPENS)
                held_on = next((day for day in reviews if opens_on <= day), None)
                yield Look(measure, opens_on, due_on, held_on)


def _period(text: str | None) -> Period | None:
    """How often; None where nothing says so. No command writes what is no period, and no fold stops at it."""
    try:
        return None if text is None else Period.parse(text)
    except ValueError:
        return None


def _days(first: date, every: Period, until: date) -> Iterator[date]:
    """The first day and each one on which a period since it ends, up to the last; nothing needs a nation's holidays.

    A period in working days counts as days: sooner than was meant, and never later.
    """
    period = Period(every.count, Unit.DAY) if every.unit is Unit.WORKING_DAY else every
    yield first
    for n in count(1):
        due_on = nth_occurrence(first, period, n, Nation.ENGLAND_AND_WALES)
        if due_on > until:
            return
        yield due_on
