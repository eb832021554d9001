"""Periods, working days, London days and deemed receipt, against dates taken from a wall calendar by hand."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import (
    GMT_OR_BST_SINCE,
    DeliveryMethod,
    Nation,
    Period,
    Unit,
    deemed_receipt,
    end_of_day,
    is_working_day,
    last_day,
    london_date,
    london_datetime,
    nth_occurrence,
    opens_on,
    start_of_day,
    working_days_after,
)

ENGLAND, SCOTLAND, ULSTER = Nation.ENGLAND_AND_WALES, Nation.SCOTLAND, Nation.NORTHERN_IRELAND


SECOND = timedelta(seconds=1)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


# Periods


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("10 days", 10, Unit.DAY),
        ("1 day", 1, Unit.DAY),
        ("5 working days", 5, Unit.WORKING_DAY),
        ("1 working day", 1, Unit.WORKING_DAY),
        ("1 week", 1, Unit.WEEK),
        ("2 weeks", 2, Unit.WEEK),
        ("3 months", 3, Unit.MONTH),
        ("12 months", 12, Unit.MONTH),
        ("1 year", 1, Unit.YEAR),
        ("10 years", 10, Unit.YEAR),
        ("120 months", 120, Unit.MONTH),
    ],
)
def test_a_period_is_read_from_words_and_says_the_same_words_again(text: str, count: int, unit: Unit) -> None:
    period = Period.parse(text)

    assert (period.count, period.unit) == (count, unit)
    assert str(period) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "months",
        "0 days",
        "-3 months",
        "+3 months",
        "1.5 months",
        "03 months",
        "three months",
        "1 months",
        "3 month",
        "3  months",
        " 3 months",
        "3 months\n",
        "3 Months",
        "3 working weeks",
        "3 fortnights",
        "3 months 2 days",
        "\u0663 months",
        "99999999999 days",
    ],
)
def test_other_spellings_of_a_period_are_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r'whole number from 1 up and a unit.*"20 working days"'):
        Period.parse(text)


@pytest.mark.parametrize("text", ["11 years", "121 months", "523 weeks", "3654 days", "2541 working days"])
def test_a_period_of_more_than_ten_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f'"{text}" is longer than ten years'):
        Period.parse(text)


@pytest.mark.parametrize("count", [0, -1])
def test_a_period_of_nothing_or_less_cannot_be_made_without_words_either(count: int) -> None:
    with pytest.raises(ValueError, match="whole number from 1"):
        Period(count, Unit.MONTH)


# Working days


@pytest.mark.parametrize(
    ("nation", "weekdays_off"),
    [
        (ENGLAND, ["1-1", "4-3", "4-6", "5-4", "5-25", "8-31", "12-25", "12-28"]),
        (SCOTLAND, ["1-1", "1-2", "4-3", "5-4", "5-25", "6-15", "8-3", "11-30", "12-25", "12-28"]),
        (ULSTER, ["1-1", "3-17", "4-3", "4-6", "5-4", "5-25", "7-13", "8-31", "12-25", "12-28"]),
    ],
)
def test_the_weekdays_off_in_2026_are_the_bank_holidays_of_the_nation(nation: Nation, weekdays_off: list[str]) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]

    off = [day for day in days if day.weekday() < 5 and not is_working_day(day, nation)]

    assert [f"{day.month}-{day.day}" for day in off] == weekdays_off


@pytest.mark.parametrize("nation", list(Nation))
def test_no_saturday_or_sunday_is_a_working_day(nation: Nation) -> None:
    assert is_working_day(date(2026, 3, 6), nation)
    assert not is_working_day(date(2026, 3, 7), nation)
    assert not is_working_day(date(2026, 3, 8), nation)
    assert is_working_day(date(2026, 3, 9), nation)


@pytest.mark.parametrize("year", range(2020, 2041))
def test_wales_keeps_the_same_bank_holidays_as_england(year: int) -> None:
    england = country_holidays("GB", subdiv="ENG", years=year)
    wales = country_holidays("GB", subdiv="WLS", years=year)

    assert set(england) == set(wales)


@pytest.mark.parametrize(
    ("nation", "start", "n", "expected"),
    [
        # An ordinary week, and starts on either side of a weekend.
        (ENGLAND, date(2026, 3, 2), 1, date(2026, 3, 3)),
        (ENGLAND, date(2026, 3, 6), 1, date(2026, 3, 9)),
        (ENGLAND, date(2026, 3, 7), 1, date(2026, 3, 9)),
        (ENGLAND, date(2026, 3, 8), 1, date(2026, 3, 9)),
        (ENGLAND, date(2026, 3, 2), 20, date(2026, 3, 30)),
        # Saint Patrick's Day falls among those twenty.
        (ULSTER, date(2026, 3, 2), 20, date(2026, 3, 31)),
        # Easter: Scotland works on the Monday.
        (ENGLAND, date(2026, 4, 2), 1, date(2026, 4, 7)),
        (ULSTER, date(2026, 4, 2), 1, date(2026, 4, 7)),
        (SCOTLAND, date(2026, 4, 2), 1, date(2026, 4, 6)),
        (ENGLAND, date(2026, 3, 16), 20, date(2026, 4, 15)),
        (SCOTLAND, date(2026, 3, 16), 20, date(2026, 4, 14)),
        # Christmas 2026: Boxing Day is a Saturday, its substitute Monday 28 December.
        (ENGLAND, date(2026, 12, 23), 1, date(2026, 12, 24)),
        (ENGLAND, date(2026, 12, 23), 2, date(2026, 12, 29)),
        (ENGLAND, date(2026, 12, 23), 5, date(2027, 1, 4)),
        # In Scotland 2 January 2027, a Saturday, is made up for on Monday the 4th.
        (SCOTLAND, date(2026, 12, 23), 5, date(2027, 1, 5)),
        # Christmas 2027 falls on a weekend, both substitutes follow; so does New Year 2028.
        (ENGLAND, date(2027, 12, 24), 1, date(2027, 12, 29)),
        (ENGLAND, date(2027, 12, 31), 1, date(2028, 1, 4)),
        (SCOTLAND, date(2027, 12, 31), 1, date(2028, 1, 5)),
        # The Scottish second of January, and Saint Andrew's Day with its substitute in 2025.
        (ENGLAND, date(2026, 1, 1), 1, date(2026, 1, 2)),
        (SCOTLAND, date(2026, 1, 1), 1, date(2026, 1, 5)),
        (ENGLAND, date(2026, 11, 27), 1, date(2026, 11, 30)),
        (SCOTLAND, date(2026, 11, 27), 1, date(2026, 12, 1)),
        (ENGLAND, date(2025, 11, 28), 1, date(2025, 12, 1)),
        (SCOTLAND, date(2025, 11, 28), 1, date(2025, 12, 2)),
        # The twelfth of July, a Sunday in 2026, is kept on the Monday in Northern Ireland.
        (ENGLAND, date(2026, 7, 10), 1, date(2026, 7, 13)),
        (ULSTER, date(2026, 7, 10), 1, date(2026, 7, 14)),
        # A leap day is a day like any other.
        (ENGLAND, date(2028, 2, 28), 1, date(2028, 2, 29)),
        (ENGLAND, date(2028, 2, 28), 2, date(2028, 3, 1)),
    ],
)
def test_day_one_is_the_next_working_day_of_the_nation(nation: Nation, start: date, n: int, expected: date) -> None:
    assert working_days_after(start, n, nation) == expected


@pytest.mark.parametrize(
    ("nation", "due", "n", "expected"),
    [
        (ENGLAND, date(2026, 4, 15), 20, date(2026, 3, 16)),
        (SCOTLAND, date(2026, 4, 15), 20, date(2026, 3, 17)),
        (ENGLAND, date(2026, 4, 7), 1, date(2026, 4, 2)),
        (ENGLAND, date(2026, 4, 19), 1, date(2026, 4, 17)),
        (ENGLAND, date(2027, 1, 4), 5, date(2026, 12, 23)),
        (SCOTLAND, date(2027, 1, 5), 5, date(2026, 12, 23)),
    ],
)
def test_a_review_opens_its_working_days_before_it_is_due(nation: Nation, due: date, n: int, expected: date) -> None:
    assert opens_on(due, n, nation) == expected


@pytest.mark.parametrize("n", [0, -1])
def test_counting_no_working_days_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        working_days_after(date(2026, 3, 2), n, ENGLAND)
    with pytest.raises(ValueError, match="counted from 1"):
        opens_on(date(2026, 3, 2), n, ENGLAND)


def test_a_year_without_a_holiday_table_is_refused_and_not_taken_to_have_no_holidays() -> None:
    with pytest.raises(ValueError, match="Bank holidays are known from 1872 to 2100; 2101 cannot be counted"):
        working_days_after(date(2101, 3, 1), 1, ENGLAND)


# Terms and cadences


@pytest.mark.parametrize(
    ("start", "period", "expected"),
    [
        (date(2026, 1, 15), "1 month", date(2026, 2, 15)),
        (date(2026, 1, 31), "1 month", date(2026, 2, 28)),
        (date(2028, 1, 31), "1 month", date(2028, 2, 29)),
        (date(2028, 1, 29), "1 month", date(2028, 2, 29)),
        (date(2027, 2, 28), "1 month", date(2027, 3, 28)),
        (date(2026, 3, 31), "1 month", date(2026, 4, 30)),
        (date(2026, 12, 31), "1 month", date(2027, 1, 31)),
        (date(2026, 11, 30), "3 months", date(2027, 2, 28)),
        (date(2026, 8, 31), "6 months", date(2027, 2, 28)),
        (date(2026, 5, 14), "12 months", date(2027, 5, 14)),
        (date(2028, 2, 29), "12 months", date(2029, 2, 28)),
        (date(2028, 2, 29), "1 year", date(2029, 2, 28)),
        (date(2027, 2, 28), "1 year", date(2028, 2, 28)),
        (date(2028, 2, 29), "4 years", date(2032, 2, 29)),
        (date(2026, 3, 2), "1 week", date(2026, 3, 9)),
        (date(2028, 2, 22), "2 weeks", date(2028, 3, 7)),
        (date(2026, 3, 23), "10 days", date(2026, 4, 2)),
        (date(2026, 12, 23), "5 working days", date(2027, 1, 4)),
    ],
)
def test_the_last_day_of_a_term_is_inclusive_and_months_clamp(start: date, period: str, expected: date) -> None:
    assert last_day(start, Period.parse(period), ENGLAND) == expected


def test_working_days_of_a_term_are_those_of_the_landlords_nation() -> None:
    five = Period.parse("5 working days")

    assert last_day(date(2026, 12, 23), five, SCOTLAND) == date(2027, 1, 5)
    assert last_day(date(2026, 7, 10), five, ULSTER) == date(2026, 7, 20)


@pytest.mark.parametrize(
    ("anchor", "period", "expected"),
    [
        (
            date(2026, 1, 31),
            "1 month",
            [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)],
        ),
        (
            date(2026, 11, 30),
            "3 months",
            [date(2027, 2, 28), date(2027, 5, 30), date(2027, 8, 30), date(2027, 11, 30)],
        ),
        (
            date(2028, 2, 29),
            "1 year",
            [date(2029, 2, 28), date(2030, 2, 28), date(2031, 2, 28), date(2032, 2, 29)],
        ),
        (date(2026, 3, 18), "5 working days", [date(2026, 3, 25), date(2026, 4, 1), date(2026, 4, 10)]),
        (date(2026, 2, 23), "1 week", [date(2026, 3, 2), date(2026, 3, 9)]),
    ],
)
def test_each_due_date_of_a_cadence_is_counted_from_the_anchor(anchor: date, period: str, expected: list[date]) -> None:
    cadence = Period.parse(period)

    assert [nth_occurrence(anchor, cadence, n, ENGLAND) for n in range(1, len(expected) + 1)] == expected


def test_a_cadence_has_no_occurrence_before_its_first() -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        nth_occurrence(date(2026, 1, 31), Period.parse("1 month"), 0, ENGLAND)


# London days and instants; in 2026 the clocks change on 29 March and 25 October at 01:00 UTC


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (utc(2026, 1, 15, 23, 59), date(2026, 1, 15)),
        (utc(2026, 6, 30, 22, 59), date(2026, 6, 30)),
        (utc(2026, 6, 30, 23, 0), date(2026, 7, 1)),
        (utc(2026, 3, 28, 23, 59), date(2026, 3, 28)),
        (utc(2026, 3, 29, 0, 0), date(2026, 3, 29)),
        (utc(2026, 3, 29, 23) - SECOND, date(2026, 3, 29)),
        (utc(2026, 3, 29, 23, 0), date(2026, 3, 30)),
        (utc(2026, 10, 24, 23) - SECOND, date(2026, 10, 24)),
        (utc(2026, 10, 24, 23, 0), date(2026, 10, 25)),
        (utc(2026, 10, 26) - SECOND, date(2026, 10, 25)),
        (utc(2026, 10, 26, 0, 0), date(2026, 10, 26)),
        (datetime(2026, 1, 16, 1, 0, tzinfo=timezone(timedelta(hours=2))), date(2026, 1, 15)),
    ],
)
def test_an_instant_belongs_to_the_day_that_london_has(instant: datetime, expected: date) -> None:
    assert london_date(instant) == expected


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  UTC is put on it
    st.sampled_from([22, 23]),
    st.booleans(),
)
def test_the_london_day_of_any_instant_is_that_of_the_time_zone_database(
    instant: datetime, hour: int, by_night: bool
) -> None:
    instant = instant.replace(hour=hour) if by_night else instant

    assert london_date(instant) == instant.astimezone(ZoneInfo("Europe/London")).date()
    assert london_date(instant.astimezone(timezone(timedelta(hours=5)))) == london_date(instant)


def test_london_was_and_is_never_more_than_an_hour_ahead_of_utc_from_the_year_that_is_counted_on() -> None:
    hours = (utc(GMT_OR_BST_SINCE, 1, 1) + timedelta(hours=12 * half) for half in range(2 * 366 * 150))
    offsets = {hour.astimezone(ZoneInfo("Europe/London")).utcoffset() for hour in hours}

    assert offsets == {timedelta(0), timedelta(hours=1)}


@pytest.mark.parametrize(
    ("day", "begins", "is_over", "hours"),
    [
        (date(2026, 1, 15), utc(2026, 1, 15), utc(2026, 1, 16), 24),
        (date(2026, 7, 1), utc(2026, 6, 30, 23), utc(2026, 7, 1, 23), 24),
        (date(2026, 3, 29), utc(2026, 3, 29), utc(2026, 3, 29, 23), 23),
        (date(2026, 10, 25), utc(2026, 10, 24, 23), utc(2026, 10, 26), 25),
    ],
)
def test_a_london_day_begins_and_is_over_also_when_the_clocks_change(
    day: date, begins: datetime, is_over: datetime, hours: int
) -> None:
    assert start_of_day(day) == begins
    assert end_of_day(day) == is_over
    assert end_of_day(day) - start_of_day(day) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        (date(2026, 1, 16), time(16, 30), utc(2026, 1, 16, 16, 30)),
        (date(2026, 7, 10), time(16, 30), utc(2026, 7, 10, 15, 30)),
        (date(2026, 3, 29), time(0, 59), utc(2026, 3, 29, 0, 59)),
        (date(2026, 3, 29), time(1, 30), utc(2026, 3, 29, 1, 30)),  # no London clock ever shows this
        (date(2026, 3, 29), time(2, 0), utc(2026, 3, 29, 1, 0)),
        (date(2026, 10, 25), time(1, 30), utc(2026, 10, 25, 0, 30)),  # the first of the two
        (date(2026, 10, 25), time(1, 30, fold=1), utc(2026, 10, 25, 1, 30)),
        (date(2026, 10, 25), time(2, 0), utc(2026, 10, 25, 2, 0)),
    ],
)
def test_a_london_time_of_day_is_one_instant(day: date, at: time, expected: datetime) -> None:
    instant = london_datetime(day, at)

    assert instant == expected
    assert instant.tzinfo is UTC


def test_a_datetime_without_a_time_zone_is_refused() -> None:
    naive = datetime(2026, 7, 10, 12, 0)  # noqa: DTZ001  the missing zone is what is tested

    with pytest.raises(ValueError, match="needs a time zone"):
        london_date(naive)
    with pytest.raises(ValueError, match="needs a time zone"):
        deemed_receipt(DeliveryMethod.EMAIL, naive, ENGLAND)


def test_a_london_time_of_day_with_a_time_zone_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        london_datetime(date(2026, 7, 10), time(12, 0, tzinfo=UTC))


# Deemed receipt


@pytest.mark.parametrize(
    ("nation", "sent", "expected"),
    [
        # 10 July 2026 is a Friday in summer time: 15:30 UTC is 16:30 in London.
        (ENGLAND, utc(2026, 7, 10, 15, 30), date(2026, 7, 10)),
        (ENGLAND, utc(2026, 7, 10, 15, 30) + SECOND, date(2026, 7, 13)),
        (ULSTER, utc(2026, 7, 10, 15, 30) + SECOND, date(2026, 7, 14)),
        # 16 January 2026 is a Friday in winter time.
        (ENGLAND, utc(2026, 1, 16, 16, 30), date(2026, 1, 16)),
        (ENGLAND, utc(2026, 1, 16, 16, 31), date(2026, 1, 19)),
        (ENGLAND, utc(2026, 1, 14, 18, 0), date(2026, 1, 15)),
        # At a weekend and on a bank holiday the same rule holds.
        (ENGLAND, utc(2026, 1, 17, 10, 0), date(2026, 1, 17)),
        (ENGLAND, utc(2026, 1, 17, 17, 0), date(2026, 1, 19)),
        (ENGLAND, utc(2026, 12, 25, 9, 0), date(2026, 12, 25)),
        # The Thursday before Easter, after hours.
        (ENGLAND, utc(2026, 4, 2, 17, 0), date(2026, 4, 7)),
        (SCOTLAND, utc(2026, 4, 2, 17, 0), date(2026, 4, 6)),
        # Half past midnight in London is already the next day.
        (ENGLAND, utc(2026, 6, 30, 23, 30), date(2026, 7, 1)),
        # The two Sundays on which the clocks change.
        (ENGLAND, utc(2026, 3, 29, 15, 30), date(2026, 3, 29)),
        (ENGLAND, utc(2026, 3, 29, 15, 31), date(2026, 3, 30)),
        (ENGLAND, utc(2026, 10, 25, 16, 30), date(2026, 10, 25)),
        (ENGLAND, utc(2026, 10, 25, 16, 31), date(2026, 10, 26)),
    ],
)
def test_an_email_counts_the_same_day_until_half_past_four(nation: Nation, sent: datetime, expected: date) -> None:
    assert deemed_receipt(DeliveryMethod.EMAIL, sent, nation) == expected


@pytest.mark.parametrize(
    ("nation", "sent", "expected"),
    [
        (ENGLAND, utc(2026, 7, 13, 11, 0), date(2026, 7, 15)),
        (ENGLAND, utc(2026, 7, 17, 11, 0), date(2026, 7, 21)),
        (ENGLAND, utc(2026, 7, 18, 11, 0), date(2026, 7, 21)),
        (ENGLAND, utc(2026, 12, 24, 12, 0), date(2026, 12, 30)),
        (ENGLAND, utc(2026, 12, 31, 12, 0), date(2027, 1, 5)),
        (SCOTLAND, utc(2026, 12, 31, 12, 0), date(2027, 1, 6)),
    ],
)
def test_first_class_post_counts_two_working_days_later(nation: Nation, sent: datetime, expected: date) -> None:
    assert deemed_receipt(DeliveryMethod.FIRST_CLASS_POST, sent, nation) == expected


@pytest.mark.parametrize(
    "method",
    [
        DeliveryMethod.BY_HAND,
        DeliveryMethod.COLLECTED,
        DeliveryMethod.BY_ADVOCATE,
        DeliveryMethod.READ_ALOUD,
    ],
)
def test_what_reached_the_customer_in_person_counts_when_it_happened(method: DeliveryMethod) -> None:
    sunday_half_past_midnight = utc(2026, 7, 18, 23, 30)

    assert deemed_receipt(method, sunday_half_past_midnight, ENGLAND) == date(2026, 7, 19)
    assert deemed_receipt(method, utc(2026, 7, 17, 18, 0), ENGLAND) == date(2026, 7, 17)


# Properties

dates = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31))
nations = st.sampled_from(Nation)
periods = st.one_of(
    st.builds(Period, st.integers(1, 400), st.sampled_from([Unit.DAY, Unit.WEEK])),
    st.builds(Period, st.integers(1, 120), st.just(Unit.MONTH)),
    st.builds(Period, st.integers(1, 10), st.just(Unit.YEAR)),
    st.builds(Period, st.integers(1, 40), st.just(Unit.WORKING_DAY)),
)


@given(periods)
def test_every_period_is_read_back_from_its_own_words(period: Period) -> None:
    assert Period.parse(str(period)) == period


@given(dates, dates, periods, nations)
def test_a_term_that_starts_later_never_ends_earlier(one: date, other: date, period: Period, nation: Nation) -> None:
    first, second = sorted((one, other))

    assert last_day(first, period, nation) <= last_day(second, period, nation)


@given(dates, periods, nations)
def test_a_term_ends_after_the_day_on_which_it_starts(start: date, period: Period, nation: Nation) -> None:
    assert last_day(start, period, nation) > start


@given(dates, st.integers(1, 40), nations)
def test_working_days_are_counted_to_a_working_day_with_exactly_so_many_on_the_way(
    start: date, n: int, nation: Nation
) -> None:
    end = working_days_after(start, n, nation)

    after_start = [start + timedelta(days=k) for k in range(1, (end - start).days + 1)]
    assert is_working_day(end, nation)
    assert sum(is_working_day(day, nation) for day in after_start) == n


@given(dates, st.integers(1, 40), nations)
def test_counting_back_is_counting_forward_again(start: date, n: int, nation: Nation) -> None:
    due = working_days_after(start, n, nation)

    assert working_days_after(opens_on(due, n, nation), n, nation) == due


@given(dates, periods, st.integers(1, 11), nations)
def test_every_due_date_of_a_cadence_lies_after_the_one_before(
    anchor: date, period: Period, n: int, nation: Nation
) -> None:
    assert nth_occurrence(anchor, period, n, nation) < nth_occurrence(anchor, period, n + 1, nation)


@given(dates, st.times(timezones=st.just(UTC)))
def test_every_instant_lies_within_the_london_day_that_it_belongs_to(utc_day: date, at: time) -> None:
    instant = datetime.combine(utc_day, at)
    day = london_date(instant)

    assert start_of_day(day) <= instant < end_of_day(day)


@given(st.sampled_from(DeliveryMethod), dates, st.times(), nations)
def test_nothing_is_received_before_it_was_sent(method: DeliveryMethod, day: date, at: time, nation: Nation) -> None:
    assert deemed_receipt(method, london_datetime(day, at), nation) >= day
