"""The days that a report is about, and which of them a report made at regular times is owed for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from domain.calendar import Period, Unit

DAY: Final = timedelta(days=1)
APRIL: Final = 4  # a landlord's financial year begins with this month; no policy says otherwise (assumed)
MONTHS_OF: Final = {Unit.MONTH: 1, Unit.YEAR: 12}


class StretchRefused(Exception):
    """Days that no report can be about; says why, and `field` is the one that is wrong: "from" or "to"."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from the first to the last, both included."""

    first: date
    last: date

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in it."""
        return day is not None and self.first <= day <= self.last

    @property
    def before(self) -> date:
        """The day before it."""
        return self.first - DAY


def stretch(first: date, last: date, known_on: date) -> Stretch:
    """These days, as far as a report made with what is known on a day can be about them. Raises `StretchRefused`."""
    if last < first:
        raise StretchRefused("to", f"is {last}, before the first day of the period, {first}")
    if last > known_on:
        raise StretchRefused("to", f"lies ahead: what is asked for is known up to {known_on}")
    return Stretch(first, last)


def latest_whole(every: Period, known_on: date) -> Stretch:
    """The latest stretch of a cadence that is over on a day; stretches are counted from the 1st of April.

    Quarters begin in April, July, October and January, years in April. ValueError for a cadence that does not divide
    years evenly, or is not a number of years.
    """
    months = every.count * MONTHS_OF.get(every.unit, 0)
    if not months or (12 % months and months % 12):
        raise ValueError(f"{every} is no cadence of whole months that fit into years, or of whole years")
    # Months since April of the year 0, so that stretches of several years have one beginning for everybody.
    now = known_on.year * 12 + known_on.month - APRIL
    begun = now // months * months
    return Stretch(_first_of(begun - months), _first_of(begun) - DAY)


def _first_of(months: int) -> date:
    year, month = divmod(months + APRIL - 1, 12)
    return date(year, month + 1, 1)
