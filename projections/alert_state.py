"""Who is restricted from when to when, and what a colleague must know before answering them.

A row holds one restriction with all its dates, past and future. Which of them holds on a day is answered when the day
is asked for, so the answer is right for any day, although nothing ran at midnight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from domain.calendar import DeliveryMethod, london_date
from domain.case import Case
from domain.case_parts import Restriction
from domain.events import (
    AppealDetermined,
    AppealWithdrawn,
    ImportCompleted,
    InterimRestrictionApplied,
    LateAppealDecided,
    Measure,
    NoticeSent,
    PolicyRef,
    RestrictionApplied,
    RestrictionImported,
    ScheduledReview,
    WarningIssued,
)
from domain.evolve import HistoryStep
from domain.personal import Personal
from projections.view import View

ONE_DAY: Final = timedelta(days=1)
# The facts by which a restriction comes about.
Begun = RestrictionApplied | InterimRestrictionApplied | RestrictionImported


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A span of days, both inclusive."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldMeasure:
    """A measure, and the first day from which the customer knows of it; None while nobody told them."""

    measure: Measure
    told_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuresFrom:
    """The measures that stand from a day on, until a later decision replaces them."""

    from_on: date
    measures: tuple[ToldMeasure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReview:
    """A review that took place."""

    cadence: str
    due_on: date | None
    held_on: date
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgedAppeal:
    """An appeal; `closed_on` is the first day on which nothing was owed on it any more."""

    appeal: str
    about: str
    received_on: date
    answer_due_on: date | None
    reviewer: str | None
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedAdjustment:
    """What colleagues must do for this customer, and from when to when; never why."""

    adjustment: str
    kind: str
    starts_on: date
    ended_on: date | None
    instruction: Personal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One restriction that is, was or will be in force."""

    case_id: str
    person: str
    as_of: int
    restriction: str
    household: str | None
    decided_by: str
    decided_on: date
    starts_on: date
    ends_on: date  # last day of the term as it stands
    over_from: date | None  # first day without it, when it ended before its date
    end_kind: str | None
    last_day: date  # on which it was or will be in force
    in_force: tuple[Days, ...]  # without the days on which an appeal suspended it
    timeline: tuple[MeasuresFrom, ...]
    schedule: tuple[ScheduledReview, ...]
    reviews: tuple[HeldReview, ...]
    next_review_on: date | None  # as far as is known now; for a day, ask `standing_on`
    last_reviewed_on: date | None
    appeals: tuple[LodgedAppeal, ...]
    adjustments: tuple[AgreedAdjustment, ...]
    policy: PolicyRef
    warned_on: date | None
    warning_method: DeliveryMethod | None
    initial_measures: tuple[str, ...]
    initial_measures_words: Personal | None
    communicated_on: date | None  # first receipt of any notice of it, or the conversation before that
    behaviour: Personal | None  # None where an old register does not say
    pattern: Personal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow1(AlertRow):
    """A row as version 1 of the view could hold it: every decision said what somebody did."""

    behaviour: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A restriction as it stands on one day; `measures` is empty while it is suspended."""

    row: AlertRow
    suspended: bool
    measures: tuple[ToldMeasure, ...]
    contact_staff: tuple[str, ...]  # who answers this customer
    next_review_on: date | None
    last_reviewed_on: date | None
    open_appeal: LodgedAppeal | None
    adjustments: tuple[AgreedAdjustment, ...]


def alert(steps: Sequence[HistoryStep]) -> Iterator[AlertRow]:
    """One row for each restriction of the case that ever was: decided, interim, or brought along."""
    case = steps[-1].after
    for step in steps:
        fact = step.event.fact
        if isinstance(fact, Begun):
            restriction = case.restriction(fact.restriction)
            if restriction is not None:
                yield _row(case, restriction, fact, steps)


def _row(case: Case, restriction: Restriction, decision: Begun, steps: Sequence[HistoryStep]) -> AlertRow:
    timeline = tuple(
        MeasuresFrom(
            from_on=stood.from_on,
            measures=tuple(ToldMeasure(measure=m, told_on=case.told_of(restriction, m)) for m in stood.measures),
        )
        for stood in restriction.sets
    )
    pending = restriction.pending_reviews()
    warning = _warning(case, restriction, decision, steps)
    sent = _letter_of_warning(warning, steps)
    told = [case.received_on(restriction.id), *restriction.told_on.values()]
    return AlertRow(
        case_id=case.id,
        person=case.person,
        as_of=case.position,
        restriction=restriction.id,
        household=restriction.household,
        decided_by=restriction.decided_by,
        decided_on=restriction.decided_on,
        starts_on=restriction.starts_on,
        ends_on=restriction.ends_on,
        over_from=restriction.over_from,
        end_kind=restriction.end_kind,
        last_day=restriction.last_day(),
        in_force=tuple(_days_in_force(restriction)),
        timeline=timeline,
        schedule=tuple(sorted(restriction.schedule, key=lambda s: (s.due_on, s.cadence))),
        reviews=tuple(
            HeldReview(cadence=r.cadence, due_on=r.due_on, held_on=r.held_on, outcome=r.outcome)
            for r in restriction.reviews
        ),
        next_review_on=pending[0].due_on if pending else None,
        last_reviewed_on=max((r.held_on for r in restriction.reviews), default=None),
        appeals=tuple(_appeals(case, restriction, steps)),
        adjustments=tuple(
            AgreedAdjustment(
                adjustment=a.id, kind=a.kind, starts_on=a.starts_on, ended_on=a.ended_on, instruction=a.instruction
            )
            for a in case.adjustments
            if a.agreed and a.starts_on is not None
        ),
        policy=restriction.policy,
        warned_on=_warned_on(restriction, sent),
        warning_method=sent.method if sent else None,
        initial_measures=warning.initial_measures if warning else (),
        initial_measures_words=warning.initial_measures_words if warning else None,
        communicated_on=min((day for day in told if day), default=None),
        behaviour=_behaviour(decision, steps),
        pattern=decision.pattern if isinstance(decision, RestrictionApplied) else None,
    )


def _behaviour(decision: Begun, steps: Sequence[HistoryStep]) -> Personal | None:
    """What the decision says of it, or what was found out since where an old register does not say."""
    if decision.behaviour is not None:
        return decision.behaviour
    facts = (step.event.fact for step in steps)
    return next(
        (
            f.behaviour
            for f in facts
            if isinstance(f, ImportCompleted) and f.restriction == decision.restriction and f.behaviour is not None
        ),
        None,
    )


def _warned_on(restriction: Restriction, sent: NoticeSent | None) -> date | None:
    """The day of the letter, or the one that is known for it where an old register told of the restriction."""
    if restriction.brought is not None:
        return restriction.brought.warned_on
    return london_date(sent.sent_at) if sent else None


def _days_in_force(restriction: Restriction) -> Iterator[Days]:
    """The term, less the days on which it was suspended; empty for one that was over before it began."""
    first, last = restriction.starts_on, restriction.last_day()
    for start, end in sorted(restriction.suspended, key=lambda days: days[0]):
        if first < start:
            yield from _days(first, min(last, start - ONE_DAY))
        if end is None:
            return
        first = max(first, end)
    yield from _days(first, last)


def _days(first: date, last: date) -> Iterator[Days]:
    if first <= last:
        yield Days(first=first, last=last)


def _warning(
    case: Case, restriction: Restriction, decision: Begun, steps: Sequence[HistoryStep]
) -> WarningIssued | None:
    """The warning that the decision names as its ground, otherwise the last one before it that still stands.

    What was brought along rests on none of this record.
    """
    if isinstance(decision, RestrictionImported):
        return None
    named = decision.warning if isinstance(decision, RestrictionApplied) else None
    if named is None:
        standing = [w for w in case.warnings if not w.withdrawn and w.issued_on <= restriction.decided_on]
        named = standing[-1].id if standing else None
    facts = (step.event.fact for step in steps)
    return next((f for f in facts if isinstance(f, WarningIssued) and f.warning == named), None)


def _letter_of_warning(warning: WarningIssued | None, steps: Sequence[HistoryStep]) -> NoticeSent | None:
    facts = (step.event.fact for step in steps)
    return next((f for f in facts if warning and isinstance(f, NoticeSent) and f.about == warning.warning), None)


def _appeals(case: Case, restriction: Restriction, steps: Sequence[HistoryStep]) -> Iterator[LodgedAppeal]:
    closed: dict[str, date] = {}
    for step in steps:
        match step.event.fact:
            case AppealDetermined() as fact:
                closed[fact.appeal] = fact.decided_on
            case AppealWithdrawn() as fact:
                closed[fact.appeal] = fact.withdrawn_on
            case LateAppealDecided(accepted=False) as fact:
                closed[fact.appeal] = step.event.effective_on
            case _:
                pass
    for appeal in case.appeals:
        if appeal.restriction == restriction.id:
            yield LodgedAppeal(
                appeal=appeal.id,
                about=appeal.about,
                received_on=appeal.received_on,
                answer_due_on=appeal.answer_due_on,
                reviewer=appeal.reviewer,
                closed_on=None if appeal.open else closed.get(appeal.id),
            )


def standing_on(row: AlertRow, day: date) -> Standing | None:
    """The restriction as it stands on a day, past or to come; None before it starts and once it is over."""
    if not row.starts_on <= day <= row.last_day:
        return None
    suspended = not any(days.first <= day <= days.last for days in row.in_force)
    measures = () if suspended else _measures_on(row, day)
    held = [review for review in row.reviews if review.held_on <= day]
    return Standing(
        row=row,
        suspended=suspended,
        measures=measures,
        contact_staff=tuple(dict.fromkeys(staff for told in measures for staff in told.measure.contact_staff)),
        next_review_on=_next_review(row, held),
        last_reviewed_on=max((review.held_on for review in held), default=None),
        open_appeal=next(
            (a for a in row.appeals if a.received_on <= day and (a.closed_on is None or day < a.closed_on)), None
        ),
        adjustments=tuple(
            a for a in row.adjustments if a.starts_on <= day and (a.ended_on is None or day <= a.ended_on)
        ),
    )


def _measures_on(row: AlertRow, day: date) -> tuple[ToldMeasure, ...]:
    decided = [stood for stood in row.timeline if stood.from_on <= day]
    if not decided:
        return ()
    return tuple(t for t in decided[-1].measures if t.measure.until is None or day <= t.measure.until)


def _next_review(row: AlertRow, held: Sequence[HeldReview]) -> date | None:
    """The soonest scheduled review that none of those held discharged, itself or a later one of its cadence."""
    latest: dict[str, date] = {}
    for review in held:
        if review.due_on is not None:
            latest[review.cadence] = max(review.due_on, latest.get(review.cadence, date.min))
    pending = (s.due_on for s in row.schedule if s.due_on > latest.get(s.cadence, date.min))
    return min(pending, default=None)


# Restrictions in force on a day, after a place in the list. Blocked cases are left to the reader, who folds them live.
IN_FORCE: Final = """
    SELECT row_to_json(alert)::text FROM {table} AS alert
    WHERE starts_on <= %(day)s AND last_day >= %(day)s
        AND (case_id, restriction) > (%(case)s, %(restriction)s)
        AND EXISTS (
            SELECT FROM json_to_recordset(in_force) AS days (first date, last date)
            WHERE %(day)s BETWEEN days.first AND days.last
        )
        AND NOT EXISTS (SELECT FROM {blocked} AS blocked WHERE blocked.case_id = alert.case_id)
    ORDER BY case_id, restriction LIMIT %(limit)s
"""

ALERT_STATE: Final = View(
    "alert_state",
    version=2,
    row=AlertRow,
    rows=alert,
    key=("case_id", "restriction"),
    indexes=(("person",), ("last_day", "starts_on")),
    reads_from=1,
)

# A table of this version is kept up until it is rebuilt. What it cannot hold, the restriction of an old register that
# does not say what somebody did, is blocked there, and so folded live by whoever asks.
ALERT_STATE_1: Final = replace(ALERT_STATE, version=1, row=AlertRow1, reads_from=None)
