"""Every date that a case goes by: what is owed by when and by whom, and what ends by itself.

A row holds dates and never what a day makes of them: whether something is due, overdue or over is worked out when it
is read, by the landlord's clock and under its policy of that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.codes import StaffId
from domain.evolve import HistoryStep
from domain.obligations import Obligation, obligations
from projections.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinesRow:
    """What one case owes; `officer` is who looks after it.

    `goes_by_on` is the earliest last day of anything that the clock has still to take down once it went by; None when
    there is nothing of that kind. It is searched by `case_id` and `goes_by_on`, which stay in every later version.
    """

    case_id: str
    person: str
    as_of: int
    officer: StaffId | None
    goes_by_on: date | None
    owed: tuple[Obligation, ...]


def deadlines(steps: Sequence[HistoryStep]) -> Iterator[DeadlinesRow]:
    """The row of a case; none for the landlord's own stream, and none for a case that owes nothing."""
    case = steps[-1].after
    owed = tuple(obligations(case))
    if owed:
        yield DeadlinesRow(
            case_id=case.id,
            person=case.person,
            as_of=case.position,
            officer=case.officer,
            goes_by_on=min((due for one in owed if (due := one.goes_by_on) is not None), default=None),
            owed=owed,
        )


DEADLINES = View(
    "deadlines",
    version=1,
    row=DeadlinesRow,
    rows=deadlines,
    key=("case_id",),
    indexes=(("goes_by_on",),),
)
