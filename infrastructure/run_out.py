"""Whose records have been kept long enough: the closed cases with a clock that ran out, and what still stops it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from application.desk import NotFound
from domain.calendar import london_date
from domain.codes import RecordClass
from domain.retention import due
from infrastructure.mapper import UnknownFact, UnreadableEvent

if TYPE_CHECKING:
    from domain.baseline import Baseline
    from domain.policy import Policy
    from infrastructure.office import Office
    from infrastructure.retention_log import ClosedCase


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedBy:
    """Something for which records stay beyond their time."""

    rule: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOut:
    """Records of one class that may go from a day on; `goes_with` is the class that decided the day."""

    records: RecordClass
    from_on: date
    clause: str
    because: str
    goes_with: RecordClass
    stopped_by: tuple[StoppedBy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionLine:
    """A closed case with records whose time is over."""

    case: str
    person: str | None
    closed_on: date | None
    readable: bool
    run_out: tuple[RunOut, ...]


class LookedAt(NamedTuple):
    """What was found in some closed cases, and the log position to go on after; None when those were the last."""

    lines: tuple[RetentionLine, ...]
    next: int | None


def run_out(office: Office, day: date | None, after: int, limit: int) -> LookedAt:
    """What ran out by a day, today unless given, in the next `limit` cases closed after a position of the log."""
    today = london_date(office.clock.now())
    policy, baseline = office.desk.policy_on(today).policy, office.policies.baseline.baseline
    closed = office.retention.closed(after, limit)
    lines = (_line(office, one, policy, baseline, today, day or today) for one in closed)
    found = tuple(line for line in lines if line is not None)
    return LookedAt(found, closed[-1].position if len(closed) == limit else None)


def _line(
    office: Office, closed: ClosedCase, policy: Policy, baseline: Baseline, today: date, day: date
) -> RetentionLine | None:
    try:
        case = office.desk.case(closed.case)
    except (UnknownFact, UnreadableEvent, NotFound):
        return RetentionLine(case=closed.case, person=None, closed_on=None, readable=False, run_out=())
    found = tuple(
        RunOut(
            records=clock.records,
            from_on=clock.from_on,
            clause=clock.clause,
            because=clock.because,
            goes_with=clock.goes_with,
            stopped_by=tuple(StoppedBy(rule=stop.rule, says=stop.says) for stop in clock.stopped_by),
        )
        for clock in due(case, policy, baseline, today)
        if clock.from_on is not None and clock.from_on <= day
    )
    if not found:
        return None
    return RetentionLine(case=case.id, person=case.person, closed_on=case.closed_on, readable=True, run_out=found)
