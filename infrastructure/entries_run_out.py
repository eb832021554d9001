"""Whose entries of the directory have been kept long enough, of people without a case; unreadable ones are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from application.desk import NotFound
from domain.calendar import london_date
from domain.entries import clock_of
from infrastructure.mapper import UnknownFact, UnreadableEvent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from domain.codes import SubjectId
    from domain.entries import EntryClock
    from infrastructure.office import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """An entry whose time is over: `named_in` are cases that named the person and are gone.

    One that a case names which this release cannot read is listed as `readable: false`, whatever the day.
    """

    person: str
    readable: bool
    started_on: date | None
    from_on: date | None
    clause: str | None
    because: str | None


class EntriesLookedAt(NamedTuple):
    """What was found among some people, and whom to go on after; None when those were the last."""

    lines: tuple[EntryLine, ...]
    next: SubjectId | None


def entries_run_out(office: Office, day: date | None, after: SubjectId | None, limit: int) -> EntriesLookedAt:
    """What ran out by a day, today unless given, among the next `limit` people of the directory."""
    persons = office.directory.after(after, limit)
    without_case = [person for person in persons if not office.desk.cases_of(person)]
    lines = tuple(_lines(office, without_case, day or london_date(office.clock.now())))
    return EntriesLookedAt(lines, persons[-1] if len(persons) == limit else None)


def _lines(office: Office, persons: Collection[SubjectId], day: date) -> Iterator[EntryLine]:
    try:
        clocks = _clocks(office, persons)
    except (UnknownFact, UnreadableEvent, NotFound):
        if len(persons) == 1:
            [person] = persons
            yield EntryLine(person=person, readable=False, started_on=None, from_on=None, clause=None, because=None)
            return
        for person in persons:  # which of them it is about
            yield from _lines(office, [person], day)
        return
    for clock in clocks:
        if clock.ran_out(day):
            yield EntryLine(
                person=clock.person,
                readable=True,
                started_on=clock.started_on,
                from_on=clock.from_on,
                clause=clock.clause,
                because=clock.because,
            )


def _clocks(office: Office, persons: Collection[SubjectId]) -> list[EntryClock]:
    policy = office.desk.policy_on(london_date(office.clock.now())).policy
    baseline = office.policies.baseline.baseline
    entries = office.desk.entries(persons).values()
    return [clock for entry in entries if (clock := clock_of(entry, policy, baseline)) is not None]
