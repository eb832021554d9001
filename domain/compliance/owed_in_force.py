"""What is owed while something is in force: breaches reported, filed items read, calls kept, safety looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from domain import events as e
from domain.calendar import last_day
from domain.case_parts import AgreedCall, Restriction
from domain.case_safety import SafetyWarning
from domain.codes import UrgentStep
from domain.compliance.findings import Finding, Verdict
from domain.compliance.owed import Clause, Look, Owed
from domain.decisions.urgent import urgent_duties
from domain.policy import Strength
from domain.retention import due


def owed_in_force(look: Look) -> Iterator[Finding]:
    """Breaches reported, filed items read, agreed calls kept, interim restrictions confirmed or over."""
    yield from _breaches(look)
    yield from _filed(look)
    for restriction in look.case.restrictions:
        yield from _agreed_calls(look, restriction)
        if restriction.interim:
            yield _interim(look, restriction)


def owed_on_safety(look: Look) -> Iterator[Finding]:
    """Safety warnings approved by a second person, looked at by their day and told; urgent cases talked over.

    And afterwards: records that are kept no longer than their time, and destroyed by two people only.
    """
    for warning in look.case.safety:
        yield from _safety(look, warning)
    yield from _urgent(look)
    yield from _disposals(look)
    yield from _kept_too_long(look)


def _breaches(look: Look) -> Iterator[Finding]:
    """Whoever watches over restrictions is told of every breach, where the policy names somebody."""
    told = look.policy.breach_reported_to
    if told is None:
        return
    for breach in look.case.breaches:
        told_of = look.at_once(breach.happened_on, breach.reported_on)
        verdict = Verdict.NOT_APPLICABLE if breach.withdrawn else told_of
        yield Owed("breach_reported", Clause.of(told), breach.id, "The breach is reported.", by=told.value).found(
            verdict,
            done_on=breach.reported_on,
            events=look.shown(e.BreachRecorded, breach=breach.id) + look.shown(e.BreachReported, breach=breach.id),
        )


def _filed(look: Look) -> Iterator[Finding]:
    for item in look.case.filed:
        yield Owed(
            "filed_is_still_read",
            look.baseline_clause("filed_is_still_read"),
            item.contact,
            "What was filed without an answer is read and triaged in time.",
        ).found(
            look.by_its_day(item.read_by_on, item.triaged_on),
            due_on=item.read_by_on,
            done_on=item.triaged_on,
            events=look.shown(e.ContactFiled, contact=item.contact)
            + look.shown(e.FiledItemTriaged, contact=item.contact),
        )


def _agreed_calls(look: Look, restriction: Restriction) -> Iterator[Finding]:
    """Calls at the agreed times, as far as they were taken down; what nobody took down cannot be shown."""
    taken = [call for call in look.case.agreed_calls if call.restriction == restriction.id]
    for measure in restriction.sets[-1].measures:
        kind = look.policy.measures.get(measure.code)
        if kind is None or not measure.slots or "agreed_calls" not in kind.owes:
            continue
        clause = Clause(measure.clause, Strength.MUST, kind.source)
        own: dict[tuple[str, date], AgreedCall] = {}
        for call in taken:
            if call.measure == measure.id:
                own[call.slot, call.due_on] = call  # one that was missed and made up for counts as made, on its day
        for call in own.values():
            made = call.on if call.kept else None
            verdict = look.by_its_day(call.due_on, made)
            if not call.kept:
                verdict = Verdict.NOT_MET if call.by_landlord else Verdict.NOT_APPLICABLE
            events = look.shown(e.AgreedCallKept, call=call.id) + look.shown(e.AgreedCallMissed, call=call.id)
            yield Owed("agreed_calls", clause, call.id, "The agreed call is made.").found(
                verdict, due_on=call.due_on, done_on=made, events=events
            )
        slots = _slots_due(look, restriction, measure.slots)
        silent = slots - len(own)
        if silent > 0:
            asks = f"Calls are made at the agreed times; of {slots} that were due {silent} were not taken down."
            yield Owed("agreed_calls", clause, measure.id, asks).found(Verdict.CANNOT_BE_SHOWN)


def _slots_due(look: Look, restriction: Restriction, slots: tuple[str, ...]) -> int:
    """How many agreed times lay between the start of a restriction and yesterday, or its end."""
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    last = min(restriction.last_day(), look.today - timedelta(days=1))
    count = 0
    for slot in slots:
        weekday = days.index(slot.partition(" ")[0])
        first = restriction.starts_on + timedelta(days=(weekday - restriction.starts_on.weekday()) % 7 or 7)
        count += max(0, (last - first).days // 7 + 1)
    return count


def _interim(look: Look, restriction: Restriction) -> Finding:
    """An interim restriction is confirmed or over within the baseline's days, and never longer (baseline 13)."""
    latest = last_day(restriction.decided_on, look.baseline.interim_lasts.period, look.policy.nation)
    verdict = Verdict.MET if restriction.last_day() <= latest else Verdict.NOT_MET
    return Owed(
        "interim_ends",
        look.baseline_clause("urgent"),
        restriction.id,
        "It ends within days, unless the policy's decider confirms it.",
    ).found(
        verdict,
        due_on=latest,
        done_on=restriction.last_day() if restriction.over_on(look.today) else None,
        events=look.shown(e.InterimRestrictionApplied, restriction=restriction.id),
    )


def _safety(look: Look, warning: SafetyWarning) -> Iterator[Finding]:
    clause = look.baseline_clause("safety_warnings")
    proposed = look.shown(e.SafetyWarningProposed, warning=warning.id)
    approved = look.shown(e.SafetyWarningApproved, warning=warning.id)
    if warning.declined_on is not None:
        verdict = Verdict.NOT_APPLICABLE
    elif warning.approved_on is None:
        verdict = look.by_its_day(None, None)
    else:
        verdict = Verdict.NOT_MET if warning.approved_by == warning.proposed_by else Verdict.MET
    yield Owed("second_approval", clause, warning.id, "A second person approves a safety warning.").found(
        verdict, done_on=warning.approved_on, events=(*proposed, *approved)
    )
    if warning.approved_on is None:
        return
    if warning.tells_person:
        events = look.shown(e.SafetyWarningTold, warning=warning.id)
        asks = "The person is told that the warning stands."
        verdict = look.at_once(warning.approved_on, warning.told_on)
        yield Owed("safety_told", clause, warning.id, asks).found(verdict, done_on=warning.told_on, events=events)
    yield from _safety_reviews(look, warning, clause)
    if warning.over_on(look.today):
        for told in warning.others_told:
            yield Owed(
                "ending_is_undone_everywhere",
                look.baseline_clause("ending_is_undone_everywhere"),
                warning.id,
                f"{told.key} is undone once the safety warning is over.",
            ).found(look.undone(warning.wrong_on, told.undone_on), done_on=told.undone_on)


def _safety_reviews(look: Look, warning: SafetyWarning, clause: Clause) -> Iterator[Finding]:
    """Each look by the day that the one before it set; the last day of a warning ends what is due."""
    next_on: date | None = next(
        f.review_on
        for event in look.history
        if isinstance(f := event.fact, e.SafetyWarningProposed) and f.warning == warning.id
    )
    over = warning.over_from or warning.expires_on + timedelta(days=1)
    asks = "The safety warning is looked at by its day."
    for event in look.history:
        fact = event.fact
        if isinstance(fact, e.SafetyWarningReviewed) and fact.warning == warning.id:
            verdict = look.by_its_day(next_on, fact.reviewed_on)
            yield Owed("safety_reviewed", clause, warning.id, asks).found(
                verdict, due_on=next_on, done_on=fact.reviewed_on, events=(event.event_id,)
            )
            next_on = fact.review_on
    if next_on is not None:
        verdict = Verdict.NOT_APPLICABLE if over <= next_on else look.by_its_day(next_on, None)
        yield Owed("safety_reviewed", clause, warning.id, asks).found(verdict, due_on=next_on)


def _urgent(look: Look) -> Iterator[Finding]:
    """What the policy wants done once somebody acted at once: talked over, planned, looked at afterwards."""
    shows = {
        UrgentStep.SENIOR_DISCUSSION: e.SeniorDiscussionHeld,
        UrgentStep.ACTION_PLAN: e.ActionPlanMade,
        UrgentStep.REVIEW: e.UrgentCaseReviewed,
        UrgentStep.POLICE: e.PoliceInformed,
    }
    for duty in urgent_duties(look.case, look.policy):
        if duty.asked_by.strength is Strength.MAY:
            continue
        kind = shows.get(duty.step)
        asks = f"Once somebody has acted at once, this follows: {duty.step.replace('_', ' ')}."
        yield Owed(f"urgent_{duty.step}", Clause.of(duty.asked_by), duty.incident, asks, by=duty.by).found(
            look.by_its_day(duty.due_on, duty.met_on),
            due_on=duty.due_on,
            done_on=duty.met_on,
            events=look.shown(kind, incident=duty.incident) if kind else (),
        )


def _disposals(look: Look) -> Iterator[Finding]:
    """What is destroyed was agreed to by a second person (baseline 16)."""
    clause = look.baseline_clause("retention")
    for disposal in look.case.disposals:
        if disposal.approved is None:
            verdict = Verdict.OPEN
        else:
            verdict = Verdict.NOT_MET if disposal.decided_by == disposal.proposed_by else Verdict.MET
        yield Owed("second_approval_of_disposal", clause, disposal.id, "A second person approves the disposal.").found(
            verdict,
            done_on=disposal.decided_on,
            events=look.shown(e.DisposalProposed, disposal=disposal.id)
            + look.shown(e.RetentionDecided, disposal=disposal.id),
        )


def _kept_too_long(look: Look) -> Iterator[Finding]:
    """Records whose time is over: disposed of, held by something, kept for a stated reason, or kept too long."""
    for clock in due(look.case, look.policy, look.baseline, look.today):
        if not clock.ran_out(look.today):
            continue
        about = [d for d in look.case.disposals if clock.records in d.classes]
        if clock.stopped_by:
            verdict = Verdict.NOT_APPLICABLE
        elif any(d.approved is False for d in about):
            verdict = Verdict.MET
        else:
            verdict = Verdict.OPEN if any(d.open for d in about) else Verdict.NOT_MET
        rule = look.baseline_clause("retention")
        clause = Clause(clock.clause, rule.strength, rule.source)
        asks = f"{clock.records.replace('_', ' ').capitalize()} are kept for {clock.period} and no longer."
        events = tuple(i for d in about for i in look.shown(e.DisposalProposed, disposal=d.id))
        yield Owed("retention", clause, clock.records.value, asks).found(verdict, due_on=clock.from_on, events=events)
