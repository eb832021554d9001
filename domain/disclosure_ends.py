"""When a disclosure comes to its end by itself: once all that it discloses is over, by its date, or by an erasure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from domain.case import Case
from domain.case_disclosures import Disclosure
from domain.codes import DisclosureEndReason

DAY: Final = timedelta(days=1)


def comes_to_its_end(disclosure: Disclosure, case: Case) -> tuple[date, DisclosureEndReason]:
    """The last day of a disclosure as far as is known, and why it ends then.

    That is the last day of whatever it discloses, or the one that was set for it, or the day before the customer's
    records were erased; the earliest of these.
    """
    ends = [(_last_of_all(disclosure, case), DisclosureEndReason.OVER)]
    if disclosure.until is not None:
        ends.append((disclosure.until, DisclosureEndReason.DATE))
    ends += [
        (erasure.erased_on - DAY, DisclosureEndReason.ERASED)
        for erasure in case.erasures
        if erasure.person == case.person and not erasure.classes
    ]
    return min(ends, key=lambda end: end[0])


def _last_of_all(disclosure: Disclosure, case: Case) -> date:
    """The last day on which anything that it discloses stands."""
    warnings = (w.last_day() for w in case.safety if disclosure.discloses_warning(w.id))
    return max((*_last_of_restrictions(disclosure, case), *warnings))


def _last_of_restrictions(disclosure: Disclosure, case: Case) -> Iterator[date]:
    """Of each restriction; sooner when none of the disclosed measures is part of it any more."""
    for shown in disclosure.restrictions:
        restriction = next(r for r in case.restrictions if r.id == shown.restriction)
        last, latest = restriction.last_day(), restriction.sets[-1]
        seen = disclosure.measures_of(shown.restriction)
        standing = [m.until for m in latest.measures if m.id in seen]
        if not standing:
            last = min(last, latest.from_on - DAY)
        elif None not in standing:
            last = min(last, max(until for until in standing if until is not None))
        yield last
