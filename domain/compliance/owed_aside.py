"""What is owed beside a restriction's own course: to whoever appeals, asks or is filed, on safety and on urgent days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from domain import events as e
from domain.calendar import last_day
from domain.case_parts import Appeal, Restriction
from domain.case_safety import SafetyWarning
from domain.codes import NoticeKind
from domain.compliance.findings import Finding, Verdict
from domain.compliance.owed import Clause, Look, letter_sent
from domain.policy import StepCode, Strength


def owed_to_the_customer(look: Look) -> Iterator[Finding]:
    """Warnings sent, appeals answered, copies, adjustments, allegations and rights requests answered."""
    yield from _warnings(look)
    for appeal in look.case.appeals:
        yield from _appeal(look, appeal)
    yield from _policy_copies(look)
    yield from _adjustments(look)
    yield from _allegations(look)
    yield from _rights(look)


def owed_in_force(look: Look) -> Iterator[Finding]:
    """Breaches reported, filed items read, agreed calls kept, interim restrictions confirmed or over."""
    yield from _breaches(look)
    yield from _filed(look)
    for restriction in look.case.restrictions:
        yield from _agreed_calls(look, restriction)
        if restriction.interim:
            yield _interim(look, restriction)


def owed_on_safety(look: Look) -> Iterator[Finding]:
    """Safety warnings approved by a second person, looked at by their day and told; urgent cases talked over."""
    for warning in look.case.safety:
        yield from _safety(look, warning)
    yield from _urgent(look)
    yield from _disposals(look)


def _warnings(look: Look) -> Iterator[Finding]:
    notice = look.policy.notices.get(NoticeKind.WARNING)
    required = look.policy.warning.required
    clause = Clause.of(notice or required) if notice or required else look.baseline_clause("warning_first")  # type: ignore[arg-type]
    for warning in look.case.warnings:
        sent, events = letter_sent(look, warning.id, NoticeKind.WARNING)
        verdict = Verdict.NOT_APPLICABLE if warning.withdrawn and not sent else look.at_once(warning.issued_on, sent)
        shown = look.shown(e.WarningIssued, warning=warning.id)
        asks = "The warning goes out in writing."
        yield look.finding("warning_sent", clause, warning.id, asks, verdict, done_on=sent, events=(*shown, *events))


def _appeal(look: Look, appeal: Appeal) -> Iterator[Finding]:
    """An appeal is answered in the time that the policy gives; a late one is taken or declined (baseline 11)."""
    terms = look.policy.appeal
    shown = look.shown(e.AppealLodged, appeal=appeal.id)
    if not appeal.in_time:
        decided = appeal.accepted or appeal.declined
        events = look.shown(e.LateAppealDecided, appeal=appeal.id)
        yield look.finding(
            "late_appeal_decided",
            look.baseline_clause("appeals"),
            appeal.id,
            "A late appeal is accepted or declined with reasons.",
            Verdict.MET if decided else look.by_its_day(None, None),
            events=(*shown, *events),
        )
    clause = Clause.of(terms.answer_within) if terms.answer_within else look.baseline_clause("appeals")
    events = look.shown(e.AppealDetermined, appeal=appeal.id)
    if appeal.declined or appeal.withdrawn:
        verdict = Verdict.NOT_APPLICABLE
    elif not appeal.accepted:
        return
    else:
        verdict = look.by_its_day(appeal.answer_due_on, appeal.determined_on)
    yield look.finding(
        "appeal_answered",
        clause,
        appeal.id,
        "The appeal is determined in time.",
        verdict,
        due_on=appeal.answer_due_on,
        done_on=appeal.determined_on,
        by=terms.heard_by.value if terms.heard_by else (),
        events=(*shown, *events),
    )
    notice = look.policy.notices.get(NoticeKind.APPEAL_OUTCOME)
    if notice is not None and appeal.determined_on is not None:
        sent, letters = letter_sent(look, appeal.id, NoticeKind.APPEAL_OUTCOME)
        yield look.finding(
            "appeal_outcome_told",
            Clause.of(notice),
            appeal.id,
            "The customer is told in writing what came of the appeal.",
            look.at_once(appeal.determined_on, sent),
            done_on=sent,
            by=notice.by,
            events=letters,
        )


def _policy_copies(look: Look) -> Iterator[Finding]:
    step = look.policy.steps.get(StepCode.POLICY_COPY)
    if step is None:
        return
    for request, sent in look.case.policy_copies:
        shown = look.shown(e.PolicyCopyRequested, request=request) + look.shown(e.PolicyCopySent, request=request)
        verdict = Verdict.MET if sent else look.by_its_day(None, None)
        yield look.finding("policy_copy_sent", Clause.of(step), request, step.says, verdict, by=step.by, events=shown)


def _adjustments(look: Look) -> Iterator[Finding]:
    for adjustment in look.case.adjustments:
        kinds = (e.AdjustmentRequested, e.AdjustmentDecided)
        yield look.finding(
            "adjustment_answered",
            look.baseline_clause("adjustments"),
            adjustment.id,
            "A request for an adjustment is answered.",
            look.by_its_day(None, adjustment.decided_on),
            done_on=adjustment.decided_on,
            events=tuple(i for kind in kinds for i in look.shown(kind, adjustment=adjustment.id)),
        )


def _allegations(look: Look) -> Iterator[Finding]:
    for allegation in look.case.allegations:
        kinds = (e.CounterAllegationRecorded, e.CounterAllegationConcluded)
        yield look.finding(
            "counter_allegations",
            look.baseline_clause("counter_allegations"),
            allegation.id,
            "What the customer alleges against staff is looked at by somebody independent.",
            look.by_its_day(None, allegation.concluded_on),
            done_on=allegation.concluded_on,
            by=(allegation.routed_to,),
            events=tuple(i for kind in kinds for i in look.shown(kind, allegation=allegation.id)),
        )


def _rights(look: Look) -> Iterator[Finding]:
    clause = Clause("UK GDPR, art 12(3)", Strength.MUST, look.baseline_clause("retention").source)
    for request in look.case.rights:
        kinds = (e.RightsRequestReceived, e.RightsRequestAnswered)
        yield look.finding(
            "rights_request_answered",
            clause,
            request.id,
            "A request under data protection law is answered in time.",
            look.by_its_day(request.due_on, request.answered_on),
            due_on=request.due_on,
            done_on=request.answered_on,
            events=tuple(i for kind in kinds for i in look.shown(kind, request=request.id)),
        )


def _breaches(look: Look) -> Iterator[Finding]:
    """Whoever watches over restrictions is told of every breach, where the policy names somebody."""
    told = look.policy.breach_reported_to
    if told is None:
        return
    for breach in look.case.breaches:
        if breach.withdrawn:
            verdict = Verdict.NOT_APPLICABLE
        else:
            verdict = look.at_once(breach.happened_on, breach.reported_on)
        yield look.finding(
            "breach_reported",
            Clause.of(told),
            breach.id,
            "The breach is reported.",
            verdict,
            done_on=breach.reported_on,
            by=told.value,
            events=look.shown(e.BreachRecorded, breach=breach.id) + look.shown(e.BreachReported, breach=breach.id),
        )


def _filed(look: Look) -> Iterator[Finding]:
    for item in look.case.filed:
        yield look.finding(
            "filed_is_still_read",
            look.baseline_clause("filed_is_still_read"),
            item.contact,
            "What was filed without an answer is read and triaged in time.",
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
        own = [call for call in taken if call.measure == measure.id]
        for call in own:
            verdict = Verdict.MET if call.kept else Verdict.NOT_MET if call.by_landlord else Verdict.NOT_APPLICABLE
            events = look.shown(e.AgreedCallKept, call=call.id) + look.shown(e.AgreedCallMissed, call=call.id)
            yield look.finding(
                "agreed_calls", clause, call.id, "The agreed call is made.", verdict, due_on=call.due_on, events=events
            )
        due = _slots_due(look, restriction, measure.slots)
        silent = due - len(own)
        if silent > 0:
            asks = f"Calls are made at the agreed times; of {due} that were due {silent} were not taken down."
            yield look.finding("agreed_calls", clause, measure.id, asks, Verdict.CANNOT_BE_SHOWN)


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
    return look.finding(
        "interim_ends",
        look.baseline_clause("urgent"),
        restriction.id,
        "It ends within days, unless the policy's decider confirms it.",
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
    yield look.finding(
        "second_approval",
        clause,
        warning.id,
        "A second person approves a safety warning.",
        verdict,
        done_on=warning.approved_on,
        events=(*proposed, *approved),
    )
    if warning.approved_on is None:
        return
    if warning.tells_person:
        events = look.shown(e.SafetyWarningTold, warning=warning.id)
        asks = "The person is told that the warning stands."
        verdict = look.at_once(warning.approved_on, warning.told_on)
        yield look.finding("safety_told", clause, warning.id, asks, verdict, done_on=warning.told_on, events=events)
    yield from _safety_reviews(look, warning, clause)
    if warning.over_on(look.today):
        for told in warning.others_told:
            yield look.finding(
                "ending_is_undone_everywhere",
                look.baseline_clause("ending_is_undone_everywhere"),
                warning.id,
                f"{told.key} is undone once the safety warning is over.",
                look.by_its_day(None, told.undone_on),
                done_on=told.undone_on,
            )


def _safety_reviews(look: Look, warning: SafetyWarning, clause: Clause) -> Iterator[Finding]:
    """Each look by the day that the one before it set; the last day of a warning ends what is due."""
    due: date | None = next(
        f.review_on for event in look.history
        if isinstance(f := event.fact, e.SafetyWarningProposed) and f.warning == warning.id
    )
    over = warning.over_from or warning.expires_on + timedelta(days=1)
    asks = "The safety warning is looked at by its day."
    for event in look.history:
        fact = event.fact
        if isinstance(fact, e.SafetyWarningReviewed) and fact.warning == warning.id:
            verdict = look.by_its_day(due, fact.reviewed_on)
            yield look.finding(
                "safety_reviewed",
                clause,
                warning.id,
                asks,
                verdict,
                due_on=due,
                done_on=fact.reviewed_on,
                events=(event.event_id,),
            )
            due = fact.review_on
    if due is not None:
        verdict = Verdict.NOT_APPLICABLE if over <= due else look.by_its_day(due, None)
        yield look.finding("safety_reviewed", clause, warning.id, asks, verdict, due_on=due)


def _urgent(look: Look) -> Iterator[Finding]:
    """Where the policy wants an urgent case talked over and planned, that this was done."""
    for urgent in look.case.urgent:
        done = {
            "senior_discussion": (e.SeniorDiscussionHeld, urgent.discussions[0][1] if urgent.discussions else None),
            "action_plan": (e.ActionPlanMade, urgent.plans[0][1] if urgent.plans else None),
        }
        begun = min((on for *_, on in urgent.actions), default=None)
        for code, (kind, on) in done.items():
            said = look.policy.urgent.get(code)
            if said is None or said.strength is Strength.MAY or begun is None:
                continue
            yield look.finding(
                f"urgent_{code}",
                Clause.of(said),
                urgent.incident,
                said.says,
                look.at_once(begun, on),
                done_on=on,
                events=look.shown(kind, incident=urgent.incident),
            )


def _disposals(look: Look) -> Iterator[Finding]:
    """What is destroyed was agreed to by a second person (baseline 16)."""
    clause = look.baseline_clause("retention")
    for disposal in look.case.disposals:
        if disposal.approved is None:
            verdict = Verdict.OPEN
        else:
            verdict = Verdict.NOT_MET if disposal.decided_by == disposal.proposed_by else Verdict.MET
        yield look.finding(
            "second_approval_of_disposal",
            clause,
            disposal.id,
            "A second person approves the disposal.",
            verdict,
            done_on=disposal.decided_on,
            events=look.shown(e.DisposalProposed, disposal=disposal.id)
            + look.shown(e.RetentionDecided, disposal=disposal.id),
        )
