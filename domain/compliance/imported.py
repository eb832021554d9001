"""What can be said of a restriction that an old register told of: what nobody shows, then or since, stays unshown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from domain import events as e
from domain.brought_along import REASONED, WARNED, steps_asked
from domain.calendar import Period, last_day
from domain.case_parts import BroughtAlong, Restriction
from domain.codes import NoticeKind
from domain.compliance.findings import Finding, Verdict
from domain.compliance.owed import Clause, Look, Owed, letter_sent
from domain.decisions.judgement import Situation
from domain.decisions.terms import schedule
from domain.events import SYSTEM, ScheduledReview
from domain.landlord import Landlord


def as_imported(look: Look, restriction: Restriction) -> Iterator[Finding]:
    """Every step that policy and baseline ask for before a decision, and the looks at it before it came along."""
    known = restriction.brought
    if known is None:
        return
    events = _shown(look, restriction)
    for rule, value, asks in steps_asked(look.policy, look.baseline):
        clause = look.baseline_clause(rule) if value is None else Clause.of(value)
        verdict, due_on, done_on = _step(rule, look, restriction, known)
        yield Owed(rule, clause, restriction.id, asks).found(verdict, due_on=due_on, done_on=done_on, events=events)
    yield _told(look, restriction)
    end = look.baseline_clause("an_end_and_a_review")
    unsaid = any(name.startswith(("ends_on", "review")) for name in restriction.missing)
    verdict = Verdict.CANNOT_BE_SHOWN if unsaid else Verdict.MET
    asks = look.baseline.rules["an_end_and_a_review"].asks
    yield Owed("an_end_and_a_review", end, restriction.id, asks).found(verdict, events=events)
    if known.all_looks_told:
        yield from _looks(look, restriction, known)


def _told(look: Look, restriction: Restriction) -> Finding:
    """Told on the day that is known from then, late when all was over; so is a letter that went only afterwards."""
    notice = look.policy.notices.get(NoticeKind.DECISION)
    clause = Clause.of(notice) if notice else look.baseline_clause("notice_before_breach")
    asks = "The customer is told of the decision in writing."
    events = _shown(look, restriction)
    owed = Owed("told_in_writing", clause, restriction.id, asks)
    told_on = restriction.brought.told_on if restriction.brought is not None else None
    if told_on is not None:
        if told_on > restriction.last_day():  # it bound nobody while it ran
            due_on = restriction.decided_on
            return owed.found(Verdict.LATE, due_on=due_on, done_on=told_on, events=events)
        return owed.found(Verdict.MET, done_on=told_on, events=events)
    sent, letters = letter_sent(look, restriction.id, NoticeKind.DECISION)
    if sent is None:
        return owed.found(Verdict.CANNOT_BE_SHOWN, events=events)
    due_on = restriction.decided_on
    return owed.found(look.by_its_day(due_on, sent), due_on=due_on, done_on=sent, events=(*events, *letters))


def _step(
    rule: str, look: Look, restriction: Restriction, known: BroughtAlong
) -> tuple[Verdict, date | None, date | None]:
    """What became of a step: its verdict, by when it was due and when it was taken, as far as that is known."""
    if rule in known.never or (rule == WARNED and "warned_on" in known.never):
        return Verdict.NOT_MET, None, None
    if rule == WARNED:
        return _warned(look, restriction, known.warned_on), None, known.warned_on
    if rule == REASONED:
        if "proportionality" in known.never:
            return Verdict.NOT_MET, None, None
        told = known.explained and known.proportionate and bool(restriction.incidents)
        return Verdict.MET if told else Verdict.CANNOT_BE_SHOWN, None, None
    done_on = known.shown.get(rule)
    if done_on is None:
        return Verdict.CANNOT_BE_SHOWN, None, None
    return look.by_its_day(restriction.decided_on, done_on), restriction.decided_on, done_on


def _warned(look: Look, restriction: Restriction, warned_on: date | None) -> Verdict:
    """A warning supports a decision for as long as the policy says, else as the baseline assumes (baseline 5)."""
    if warned_on is None:
        return Verdict.CANNOT_BE_SHOWN
    lasts = look.policy.warning.lasts
    period: Period = lasts.value if lasts else look.baseline.warning_lasts.period
    stands = warned_on <= restriction.decided_on <= last_day(warned_on, period, look.policy.nation)
    return Verdict.MET if stands else Verdict.NOT_MET


def _looks(look: Look, restriction: Restriction, known: BroughtAlong) -> Iterator[Finding]:
    """The reviews that fell due before it came along, each against the days on which somebody looked."""
    due = [r for r in _due_before(look, restriction) if r.due_on < known.on and r.due_on <= restriction.last_day()]
    for scheduled in due:
        later = [r.opens_on for r in due if r.cadence == scheduled.cadence and r.due_on > scheduled.due_on]
        until = min(later, default=date.max)
        held = next((day for day in known.looked_on if scheduled.opens_on <= day < until), None)
        cadence = look.policy.reviews.get(scheduled.cadence)
        clause = Clause.of(cadence) if cadence is not None else look.baseline_clause("an_end_and_a_review")
        yield Owed(
            f"review_{scheduled.cadence}", clause, restriction.id, "The review is held by its date.", by=scheduled.by
        ).found(
            look.by_its_day(scheduled.due_on, held),
            due_on=scheduled.due_on,
            done_on=held,
            events=_shown(look, restriction),
        )


def _due_before(look: Look, restriction: Restriction) -> tuple[ScheduledReview, ...]:
    situation = Situation(
        case=look.case,
        landlord=Landlord(),
        policy=look.policy,
        baseline=look.baseline,
        now=datetime.combine(look.today, time(12), UTC),
        actor=SYSTEM,
    )
    first = restriction.terms[0]
    decided_on, ends_on = first.decided_on, first.ends_on
    return schedule(decided_on, decided_on, ends_on, exceptional=False, every=None, situation=situation)


def _shown(look: Look, restriction: Restriction) -> tuple[str, ...]:
    kinds = (e.RestrictionImported, e.ImportCompleted)
    return tuple(event for kind in kinds for event in look.shown(kind, restriction=restriction.id))
