"""Deadlines as a calendar (RFC 5545): one event of a whole day for each, by a UID that stays when its date moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event, vDuration

from domain.worklist import State

if TYPE_CHECKING:
    from domain.worklist import Work

CALENDAR: Final = "text/calendar"
# How often a calendar may look again; what changes is told by its own dates, not by this.
LOOK_AGAIN: Final = timedelta(hours=6)
DAY: Final = timedelta(days=1)


def calendar_file(landlord: str, role: str, lines: Sequence[Work], now: datetime, position: int) -> bytes:
    """The calendar of a role, with every line that has a day. It holds opaque ids and nothing personal.

    `position`, of the log, numbers its revisions: of two that a calendar has read, the later one counts.
    """
    calendar = Calendar()
    calendar.add("PRODID", "-//Evenhand//Deadlines//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", f"Deadlines of {role.replace('_', ' ')}, {landlord}")
    calendar.add("REFRESH-INTERVAL", vDuration(LOOK_AGAIN), parameters={"VALUE": "DURATION"})  # RFC 7986, section 5.7
    for line in lines:
        if line.due_on is not None:
            calendar.add_component(_event(landlord, line, now, position))
    return bytes(calendar.to_ical())


def _event(landlord: str, line: Work, now: datetime, position: int) -> Event:
    event = Event()
    event.add("UID", f"{uuid5(NAMESPACE_URL, f'evenhand:{landlord}:{line.case}:{line.key}')}@evenhand")
    event.add("DTSTAMP", now)
    event.add("SEQUENCE", position)
    event.add("DTSTART", line.due_on)
    if line.due_on is not None:
        event.add("DTEND", line.due_on + DAY)  # the day after the last one
    days = "1 day" if line.days_late == 1 else f"{line.days_late} days"
    late = f"{days} late: " if line.state is State.OVERDUE else ""
    event.add("SUMMARY", f"{late}{line.says}")
    told = [f"Clause {line.clause}"]
    told += [f"Case {line.case}"] if line.case else []
    told += [f"By {', '.join(line.commands)}"] if line.commands else []
    event.add("DESCRIPTION", "\n".join(told))
    event.add("CATEGORIES", [line.kind])
    event.add("TRANSP", "TRANSPARENT")  # nobody is busy all day because of it
    event.add("CLASS", "CONFIDENTIAL")
    return event
