"""When a term ends, a review falls due, a letter has arrived: periods, working days, London days and receipt.

Instants are aware datetimes, given back in UTC; days are plain dates; only the functions here turn one into
the other. A last day is inclusive. The counting rules are the baseline's; a policy may say otherwise.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from holidays import country_holidays

LONDON: Final = ZoneInfo("Europe/London")
EMAIL_CUT_OFF: Final = time(16, 30)  # baseline, deemed receipt of an e-mail
POST_WORKING_DAYS: Final = 2  # baseline, deemed receipt of first-class post
FRIDAY: Final = 4
GMT_OR_BST_SINCE: Final = 1972  # the first whole year in which London was never more than an hour off UTC again


class Nation(StrEnum):
    """Whose bank holidays a landlord keeps. England and Wales share theirs."""

    ENGLAND_AND_WALES = "england-and-wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"


class Unit(StrEnum):
    """What a period counts."""

    DAY = "day"
    WORKING_DAY = "working_day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class DeliveryMethod(StrEnum):
    """How a notice reached the customer, where that decides the day on which it counts as received."""

    EMAIL = "email"
    FIRST_CLASS_POST = "first_class_post"
    BY_HAND = "by_hand"
    COLLECTED = "collected"
    BY_ADVOCATE = "by_advocate"
    READ_ALOUD = "read_aloud"


_WORDS: Final = re.compile(r"([1-9][0-9]{0,4}) (working day|day|week|month|year)(s?)", re.ASCII)

_HOW_TO_WRITE_A_PERIOD: Final = (
    "A period is a whole number from 1 up and a unit, with one space between them: "
    '"10 days", "20 working days", "1 week", "3 months" or "1 year".'
)


def _ten_years_of(unit: Unit) -> int:
    """How many of `unit` make ten years, the longest period anyone may write."""
    match unit:
        case Unit.DAY:
            return 3653  # ten years with three leap days
        case Unit.WORKING_DAY:
            return 2540  # 254 a year, the most that England and Wales have
        case Unit.WEEK:
            return 522
        case Unit.MONTH:
            return 120
        case Unit.YEAR:
            return 10
        case _:
            assert_never(unit)


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as a policy states it, such as "3 months" or "20 working days".

    From one of a unit up to ten years of it; anything else raises ValueError.
    """

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(_HOW_TO_WRITE_A_PERIOD)
        if self.count > _ten_years_of(self.unit):
            raise ValueError(f'"{self}" is longer than ten years; no term, window or cadence may be.')

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read the words that `str` gives; ValueError, with what is allowed, for any other spelling."""
        found = _WORDS.fullmatch(text)
        if found is None or (found[1] == "1") == (found[3] == "s"):
            raise ValueError(_HOW_TO_WRITE_A_PERIOD)
        return cls(int(found[1]), Unit(found[2].replace(" ", "_")))

    def __str__(self) -> str:
        words = self.unit.value.replace("_", " ")
        return f"{self.count} {words}" if self.count == 1 else f"{self.count} {words}s"


def is_working_day(day: date, nation: Nation) -> bool:
    """Whether `day` is no Saturday, Sunday, bank holiday of the nation or substitute for one."""
    return day.weekday() <= FRIDAY and day not in _bank_holidays(nation, day.year)


def is_bank_holiday(day: date, nation: Nation) -> bool:
    """Whether `day` is a bank holiday of the nation or a substitute for one; ValueError for years without a table."""
    return day in _bank_holidays(nation, day.year)


def working_days_after(start: date, n: int, nation: Nation) -> date:
    """The n-th working day after `start`, the next working day being the first; it is itself the last day."""
    return _count_working_days(start, n, nation, timedelta(days=1))


def opens_on(due: date, n_working_days: int, nation: Nation) -> date:
    """The day that lies so many working days before `due`, on which (say) a review opens."""
    return _count_working_days(due, n_working_days, nation, timedelta(days=-1))


def last_day(start: date, period: Period, nation: Nation) -> date:
    """The last day, inclusive, of a period that starts on `start`: one month from 15 January is 15 February.

    Months and years clamp to the end of a shorter month: one month from 31 January is 28 or 29 February.
    """
    return _day_after(start, period.count, period.unit, nation)


def nth_occurrence(anchor: date, period: Period, n: int, nation: Nation, *, first: Period | None = None) -> date:
    """The n-th due date of a cadence, from 1; ValueError below that. `first` is how long the first one takes.

    It is always counted from the anchor, so that neither a date clamped in February nor a review held late
    moves the ones that follow. Two different units are added up in months: KeyError for others than months and years.
    """
    if n < 1:
        raise ValueError("The occurrences of a cadence are counted from 1.")
    start = first or period
    if start.unit is period.unit:
        return _day_after(anchor, start.count + (n - 1) * period.count, period.unit, nation)
    months = {Unit.MONTH: 1, Unit.YEAR: 12}
    counted = start.count * months[start.unit] + (n - 1) * period.count * months[period.unit]
    return _day_after(anchor, counted, Unit.MONTH, nation)


def days_before(day: date, period: Period) -> date:
    """The day before a rolling period that ends with `day`; working days count as days."""
    unit = Unit.DAY if period.unit is Unit.WORKING_DAY else period.unit
    return _calendar_day_after(day, -period.count, unit)


def london_date(instant: datetime) -> date:
    """The date in London at an instant; ValueError for a datetime without a time zone."""
    # Asked of every event: London's midnight is at 24:00 or 23:00 UTC, so before that the date is that of UTC.
    if instant.tzinfo is UTC and instant.hour < 23 and instant.year >= GMT_OR_BST_SINCE:
        return instant.date()
    return _date_in_london(instant)


# Facts of which only the day is known take effect at its start, which in summer is 23:00 UTC: the same instants often.
@lru_cache(4096)
def _date_in_london(instant: datetime) -> date:
    return _in_london(instant).date()


def london_datetime(day: date, at: time) -> datetime:
    """The instant, in UTC, at which London's clocks show `at` on `day`.

    In the hour that happens twice in October it is the first of the two, or the second for a time of fold=1.
    In the hour skipped in March it is the moment at which a clock not yet put forward would show `at`.
    """
    if at.tzinfo is not None:
        raise ValueError("A London time of day is given without a time zone.")
    return datetime.combine(day, at, LONDON).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """The instant, in UTC, at which a London day begins."""
    return london_datetime(day, time.min)


def end_of_day(day: date) -> datetime:
    """The instant, in UTC, at which a London day is over: the first one that no longer belongs to it."""
    return start_of_day(day + timedelta(days=1))


def deemed_receipt(method: DeliveryMethod, sent: datetime, nation: Nation) -> date:
    """The London date on which a notice counts as received, unless policy or proof says otherwise (baseline).

    An e-mail sent up to and including 16:30 counts the same day, also at a weekend or on a bank holiday: the
    baseline makes no exception for these. A later one counts the next working day. First-class post counts
    two working days after the day of posting. What was handed over, collected, given to an advocate or read
    aloud counts when it happened, and `sent` is that moment. ValueError for a datetime without a time zone.
    """
    local = _in_london(sent)
    match method:
        case DeliveryMethod.EMAIL:
            in_time = local.time() <= EMAIL_CUT_OFF
            return local.date() if in_time else working_days_after(local.date(), 1, nation)
        case DeliveryMethod.FIRST_CLASS_POST:
            return working_days_after(local.date(), POST_WORKING_DAYS, nation)
        case DeliveryMethod.BY_HAND | DeliveryMethod.COLLECTED | DeliveryMethod.BY_ADVOCATE | DeliveryMethod.READ_ALOUD:
            return local.date()
        case _:
            assert_never(method)


def _in_london(instant: datetime) -> datetime:
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("An instant needs a time zone; give it in UTC.")
    return instant.astimezone(LONDON)


def _day_after(start: date, count: int, unit: Unit, nation: Nation) -> date:
    if unit is Unit.WORKING_DAY:
        return working_days_after(start, count, nation)
    return _calendar_day_after(start, count, unit)


def _calendar_day_after(start: date, count: int, unit: Unit) -> date:
    match unit:
        case Unit.DAY:
            return start + timedelta(days=count)
        case Unit.WEEK:
            return start + timedelta(weeks=count)
        case Unit.MONTH:
            return _months_after(start, count)
        case Unit.YEAR:
            return _months_after(start, 12 * count)
        case Unit.WORKING_DAY:
            raise ValueError("Working days are counted with the holidays of a nation.")
        case _:
            assert_never(unit)


def _months_after(start: date, months: int) -> date:
    years, month_index = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month_index + 1
    _, days_in_month = calendar.monthrange(year, month)
    return date(year, month, min(start.day, days_in_month))


def _count_working_days(start: date, n: int, nation: Nation, step: timedelta) -> date:
    if n < 1:
        raise ValueError("Working days are counted from 1.")
    day = start
    for _ in range(n):
        day += step
        while not is_working_day(day, nation):
            day += step
    return day


@lru_cache(maxsize=256)  # a year's table never changes while we run, and costs 0.13 ms to build
def _bank_holidays(nation: Nation, year: int) -> frozenset[date]:
    table = country_holidays("GB", subdiv=_subdivision(nation), years=year)
    first, last = table.start_year, table.end_year
    if not first <= year <= last:  # outside these years the table would be empty, not unknown
        raise ValueError(f"Bank holidays are known from {first} to {last}; {year} cannot be counted.")
    return frozenset(table)


def _subdivision(nation: Nation) -> str:
    """The code under which the holiday tables keep a nation; Wales has the same days as England."""
    match nation:
        case Nation.ENGLAND_AND_WALES:
            return "ENG"
        case Nation.SCOTLAND:
            return "SCT"
        case Nation.NORTHERN_IRELAND:
            return "NIR"
        case _:
            assert_never(nation)
