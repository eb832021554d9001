"""Entries of the directory without a case of their own: how long they are kept, and what stops them from going."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from domain.baseline import Baseline
from domain.calendar import last_day
from domain.case import Case
from domain.codes import CaseId, SubjectId
from domain.policy import Policy
from domain.retention import Stop, kept_in, stops_of_another


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of the directory, and where its person is found: cases of their own, and other people's that name them.

    `made_on` is None for an id that the directory does not have.
    """

    person: SubjectId
    made_on: date | None
    erased: bool
    own_cases: tuple[CaseId, ...]
    named_in: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryClock:
    """From when an entry may go: `from_on` is the first day, None while `kept_by`, cases that name them, are kept.

    `period` is None for one that is kept with cases.
    """

    person: SubjectId
    period: str | None
    started_on: date | None
    from_on: date | None
    clause: str
    because: str
    kept_by: tuple[CaseId, ...]

    def ran_out(self, day: date) -> bool:
        """Whether its time is over on that day."""
        return self.from_on is not None and self.from_on <= day


def clock_of(entry: Entry, policy: Policy, baseline: Baseline) -> EntryClock | None:
    """The clock of an entry; None where it has none: unknown, erased, or a customer's, which goes with the cases."""
    if entry.made_on is None or entry.erased or entry.own_cases:
        return None
    if not entry.named_in:
        unused = baseline.entries.unused
        return EntryClock(
            person=entry.person,
            period=str(unused.period),
            started_on=entry.made_on,
            from_on=last_day(entry.made_on, unused.period, policy.nation) + timedelta(days=1),
            clause=f"baseline 16 ({unused.source})",
            because=unused.because,
            kept_by=(),
        )
    kept_by = tuple(CaseId(case.id) for case in entry.named_in if kept_in(case))
    gone_on = max((erasure.erased_on for case in entry.named_in for erasure in case.erasures), default=entry.made_on)
    return EntryClock(
        person=entry.person,
        period=None,
        started_on=None if kept_by else gone_on,
        from_on=None if kept_by else gone_on,
        clause=f"baseline 16 ({baseline.entries.named.source})",
        because=baseline.entries.named.because,
        kept_by=kept_by,
    )


def entry_stops(entry: Entry, today: date) -> Iterator[Stop]:
    """What the person still does for somebody else, or is held for, by the cases that name them."""
    for case in entry.named_in:
        for stop in stops_of_another(case, entry.person, today):
            yield Stop(stop.rule, f"In case {case.id}: {stop.says}")
