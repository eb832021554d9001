"""Every date that a case goes by: what is owed by when and by whom, and what ends by itself.

A row holds dates and never what a day makes of them: whether something is due, overdue or over is worked out when it
is read, by the landlord's clock and under its policy of that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.case import Case
from domain.codes import StaffId
from domain.evolve import HistoryStep
from domain.obligation import Obligation
from domain.obligations import obligations
from domain.others_told import Telling, tellings
from projections.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinesRow:
    """What one case owes; `officer` is who looks after it.

    `goes_by_on` is the earliest last day of anything that the clock has still to take down once it went by; None when
    there is nothing of that kind. It is searched by `case_id` and `goes_by_on`, which stay in every later version.

    What policy and baseline ask beyond that is found from the rest: whom restrictions were told to (`telling`), whether
    an adjustment was ever agreed (`adjusts`) and until when something limits contact (`limits_until`), for people
    whose cases or merged records, all in `persons`, can have the one here and the other there.
    """

    case_id: str
    person: str
    as_of: int
    officer: StaffId | None
    goes_by_on: date | None
    owed: tuple[Obligation, ...]
    telling: tuple[Telling, ...]
    persons: tuple[str, ...]
    adjusts: bool
    limits_until: date | None


def deadlines(steps: Sequence[HistoryStep]) -> Iterator[DeadlinesRow]:
    """The row of a case; none for the landlord's own stream, and none for a case of which there is nothing to say."""
    case = steps[-1].after
    owed, persons = tuple(obligations(case)), case.persons()
    adjusts = any(a.agreed for a in case.adjustments)
    if owed or adjusts or len(persons) > 1:
        yield DeadlinesRow(
            case_id=case.id,
            person=case.person,
            as_of=case.position,
            officer=case.officer,
            goes_by_on=min((due for one in owed if (due := one.goes_by_on) is not None), default=None),
            owed=owed,
            telling=tuple(tellings(case)),
            persons=persons,
            adjusts=adjusts,
            limits_until=_limits_until(case),
        )


def _limits_until(case: Case) -> date | None:
    """The last day of whatever limits contact, as its terms stand; None where nothing does, or nothing will again."""
    standing = (r for r in case.restrictions if r.end_kind is None)
    return max((r.last_day() for r in standing if any(m.limits_contact for m in r.sets[-1].measures)), default=None)


DEADLINES = View(
    "deadlines",
    version=1,
    row=DeadlinesRow,
    rows=deadlines,
    key=("case_id",),
    indexes=(("goes_by_on",),),
)
