"""Deadlines as a calendar: whole days, ids that stay while dates move, nothing that is not a deadline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Component

from domain.worklist import State, Work
from infrastructure.calendar_file import calendar_file
from tests.domain.test_worklist import listed
from tests.domain.world import Road

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_line() -> Work:
    """The next monthly review under Wolverhampton's policy, on 9 April 2026."""
    road = Road("wolverhampton")
    road.restricted()
    return listed(road.world, date(2026, 4, 1))["review:restriction-1:monthly:2026-04-09"]


def events(*lines: Work, position: int = 7, landlord: str = "wolverhampton") -> list[Component]:
    text = calendar_file(landlord, "staff", lines, NOW, position)
    return list(Calendar.from_ical(text).walk("VEVENT"))


def test_an_event_is_the_whole_of_its_last_day() -> None:
    [event] = events(a_line())
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (date(2026, 4, 9), date(2026, 4, 10))
    assert str(event["SUMMARY"]) == "Hold this review of restriction-1: Monthly look at the customer's status."
    assert str(event["DESCRIPTION"]) == "Clause 10.1\nCase case-1\nBy complete-review"


def test_what_is_late_says_so_on_its_own_day() -> None:
    [event] = events(replace(a_line(), state=State.OVERDUE, days_late=1))
    assert str(event["SUMMARY"]).startswith("1 day late: Hold")
    assert event.decoded("DTSTART") == date(2026, 4, 9)


def test_the_id_stays_while_the_date_moves_and_is_nobody_elses() -> None:
    line = a_line()
    moved = replace(line, due_on=line.due_on + timedelta(days=7) if line.due_on else None)
    [first], [later] = events(line), events(moved, position=9)
    assert first["UID"] == later["UID"]
    assert int(str(later["SEQUENCE"])) > int(str(first["SEQUENCE"]))
    others = [
        events(replace(line, case="case-2")),
        events(replace(line, key="review:restriction-1:monthly:2026-05-09")),
        events(line, landlord="derby"),
    ]
    assert len({str(event["UID"]) for [event] in others} | {str(first["UID"])}) == 4


def test_what_has_no_day_is_in_no_calendar_and_an_empty_one_is_a_calendar() -> None:
    assert events(replace(a_line(), due_on=None)) == []
    text = calendar_file("wolverhampton", "staff", (), NOW, 0).decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))  # RFC 5545, section 3.1
