"""Who stands in a register on which days, and with what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain import events as e
from domain.calendar import DeliveryMethod, Period
from domain.reports.stretch import Stretch
from projections.register_lines import LineOfRegister, register_lines
from projections.view import steps_of
from tests.histories import HEAD, MONDAY, OFFICER, History, main_road, text

QUARTER = Period.parse("3 months")


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def lines(history: History, first: int, last: int | None = None, keep: Period | None = QUARTER) -> list[LineOfRegister]:
    days = Stretch(day(first), day(first if last is None else last))
    return list(register_lines(steps_of(history.events), days, keep))


@pytest.mark.parametrize(("on", "stands"), [(3, False), (4, True), (202, True), (203, False)])
def test_somebody_restricted_stands_there_from_the_warning_to_the_last_day(on: int, *, stands: bool) -> None:
    assert bool(lines(main_road(), on)) is stands


def test_a_line_says_when_and_how_they_were_warned_decided_on_told_and_looked_at() -> None:
    [line] = lines(main_road(), 150)

    assert (line.restriction, line.warned_on, line.warning_method) == (
        "restriction-1",
        day(4),
        DeliveryMethod.FIRST_CLASS_POST,
    )
    assert line.initial_measures == ("one_officer_answers",)
    assert (line.decided_on, line.told_on, line.contacts) == (day(25), day(26), (OFFICER,))
    assert (line.last_reviewed_on, line.last_day) == (day(110), day(202))
    assert line.behaviour is not None
    assert line.pattern is not None


def test_a_review_after_the_days_is_not_told_for_them() -> None:
    [line] = lines(main_road(), 109)

    assert line.last_reviewed_on is None


@pytest.mark.parametrize(
    ("on", "stands"), [(3, False), (4, True), (96, True), (97, False)], ids=["before", "warned", "last day", "after"]
)
def test_somebody_who_was_warned_and_not_restricted_stands_there_for_three_months(on: int, *, stands: bool) -> None:
    history = History().opened().contact().incident().warned(day(4))  # on 6 March: to 6 June

    found = lines(history, on)

    assert bool(found) is stands
    if found:
        assert (found[0].restriction, found[0].decided_on, found[0].warned_on) == (None, None, day(4))


def test_without_a_time_for_them_nobody_stands_there_who_was_not_restricted() -> None:
    history = History().opened().contact().incident().warned(day(4))

    assert lines(history, 10, keep=None) == []


def test_what_should_never_have_been_made_has_no_line() -> None:
    wrong = e.RestrictionWithdrawnAsWrong(restriction="restriction-1", from_on=day(40), reasons=text("reasons"))
    history = History().opened().contact().incident().proposed(day(20)).applied(day(25), ends=day(180))

    assert lines(history, 30)
    assert lines(history.add(wrong, day(40), actor=HEAD), 30) == []


def test_a_case_with_a_contact_only_has_no_line() -> None:
    assert lines(History().opened().contact(), 0, 300) == []
    assert list(register_lines([], Stretch(day(0), day(9)), QUARTER)) == []
