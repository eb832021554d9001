"""The register that a policy asks for: everybody who was considered under it, with warning, decision and last review.

Told from the alert of each case, so that the register and the alert cannot say different things of one restriction.
Somebody who was considered and not restricted stands in it until the policy's own time for that is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.calendar import DeliveryMethod, Nation, Period, last_day, london_date
from domain.case import Case
from domain.codes import StaffId
from domain.events import NoticeSent, WarningIssued
from domain.evolve import HistoryStep
from domain.personal import Personal
from domain.reports.stretch import Stretch
from projections.alert_state import AlertRow, alert

# A period of months or of days has the same length in every nation.
ANY_NATION = Nation.ENGLAND_AND_WALES


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOfRegister:
    """One person under one decision, or under none.

    `considered_on` is when somebody first warned them or asked for a restriction. `contacts` are the colleagues who
    answer them. What `initial_words`, `behaviour` and `pattern` say is personal.
    """

    case: str
    person: str
    restriction: str | None
    considered_on: date
    warned_on: date | None
    warning_method: DeliveryMethod | None
    initial_measures: tuple[str, ...]
    initial_words: Personal | None
    decided_on: date | None
    told_on: date | None
    contacts: tuple[StaffId, ...]
    last_day: date | None
    last_reviewed_on: date | None
    behaviour: Personal | None
    pattern: Personal | None


def register_lines(
    steps: Sequence[HistoryStep], days: Stretch, unrestricted_for: Period | None
) -> Iterator[LineOfRegister]:
    """The lines of a case that stood on some of the days.

    A restriction's stands from the warning or decision that began it to its last day. Without `unrestricted_for`
    nobody stands there who was not restricted. What should never have been made has no line.
    """
    case = steps[-1].after if steps else Case()
    if not case.person:
        return
    never_made = {r.id for r in case.restrictions if r.never_made}
    rows = [row for row in alert(steps) if row.restriction not in never_made]
    for row in rows:
        considered = min(day for day in (row.warned_on, row.decided_on) if day is not None)
        if considered <= days.last and row.last_day >= days.first:
            yield _restricted(row, considered, days)
    if unrestricted_for is not None:
        yield from _not_restricted(case, steps, rows, days, unrestricted_for)


def _restricted(row: AlertRow, considered: date, days: Stretch) -> LineOfRegister:
    stood = [one for one in row.timeline if one.from_on <= min(days.last, row.last_day)]
    measures = (stood or list(row.timeline))[-1].measures
    contacts = dict.fromkeys(staff for told in measures for staff in told.measure.contact_staff)
    held = [review.held_on for review in row.reviews if review.held_on <= days.last]
    return LineOfRegister(
        case=row.case_id,
        person=row.person,
        restriction=row.restriction,
        considered_on=considered,
        warned_on=row.warned_on,
        warning_method=row.warning_method,
        initial_measures=row.initial_measures,
        initial_words=row.initial_measures_words,
        decided_on=row.decided_on,
        told_on=row.communicated_on,
        contacts=tuple(contacts),
        last_day=row.last_day,
        last_reviewed_on=max(held, default=None),
        behaviour=row.behaviour,
        pattern=row.pattern,
    )


def _not_restricted(
    case: Case, steps: Sequence[HistoryStep], rows: Sequence[AlertRow], days: Stretch, keep: Period
) -> Iterator[LineOfRegister]:
    """Who was warned, or for whom a restriction was asked, and who was not restricted afterwards."""
    warnings = [w for w in case.warnings if not w.withdrawn]
    considered = [w.issued_on for w in warnings] + [p.proposed_on for p in case.proposals if p.outcome != "applied"]
    decided = [row.decided_on for row in rows]
    # A warning is spent by the decision that follows it, and stands in that one's line.
    left = [day for day in considered if not any(later >= day for later in decided)]
    standing = [day for day in left if day <= days.last and last_day(day, keep, ANY_NATION) >= days.first]
    if not standing:
        return
    facts = [step.event.fact for step in steps]
    latest = max((w for w in warnings if w.issued_on in standing), key=lambda w: w.issued_on, default=None)
    issued = next((f for f in facts if latest and isinstance(f, WarningIssued) and f.warning == latest.id), None)
    sent = next((f for f in facts if latest and isinstance(f, NoticeSent) and f.about == latest.id), None)
    yield LineOfRegister(
        case=case.id,
        person=case.person,
        restriction=None,
        considered_on=min(standing),
        warned_on=london_date(sent.sent_at) if sent else None,
        warning_method=sent.method if sent else None,
        initial_measures=issued.initial_measures if issued else (),
        initial_words=issued.initial_measures_words if issued else None,
        decided_on=None,
        told_on=None,
        contacts=(),
        last_day=None,
        last_reviewed_on=None,
        behaviour=issued.behaviour if issued else None,
        pattern=None,
    )
