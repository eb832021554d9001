"""What is owed to the customer beside a restriction's own course: letters, answers to appeals and requests."""

from __future__ import annotations

from collections.abc import Iterator

from domain import events as e
from domain.case_parts import Appeal
from domain.codes import NoticeKind
from domain.compliance.findings import Finding, Verdict
from domain.compliance.owed import Clause, Look, Owed, letter_sent
from domain.conflicts import conflicts
from domain.policy import Cited, StepCode, Strength


def owed_to_the_customer(look: Look) -> Iterator[Finding]:
    """Warnings sent, appeals answered, copies, adjustments, allegations, complaints and rights requests answered."""
    yield from _warnings(look)
    for appeal in look.case.appeals:
        yield from _appeal(look, appeal)
    yield from _policy_copies(look)
    yield from _adjustments(look)
    yield from _conflicts(look)
    yield from _review_requests(look)
    yield from _allegations(look)
    yield from _complaints(look)
    yield from _rights(look)


def _warnings(look: Look) -> Iterator[Finding]:
    notice = look.policy.notices.get(NoticeKind.WARNING)
    required = look.policy.warning.required
    value: Cited | None = notice or required
    clause = Clause.of(value) if value else look.baseline_clause("warning_first")
    for warning in look.case.warnings:
        sent, events = letter_sent(look, warning.id, NoticeKind.WARNING)
        verdict = Verdict.NOT_APPLICABLE if warning.withdrawn and not sent else look.letter(warning.issued_on, sent)
        shown = look.shown(e.WarningIssued, warning=warning.id)
        asks = "The warning goes out in writing."
        yield Owed("warning_sent", clause, warning.id, asks).found(verdict, done_on=sent, events=(*shown, *events))


def _appeal(look: Look, appeal: Appeal) -> Iterator[Finding]:
    """An appeal is answered in the time that the policy gives; a late one is taken or declined (baseline 11)."""
    terms = look.policy.appeal
    shown = look.shown(e.AppealLodged, appeal=appeal.id)
    if not appeal.in_time:
        due_on, decided_on = appeal.decide_late_by_on, appeal.late_decided_on
        verdict = look.by_its_day(due_on, decided_on)
        yield Owed(
            "late_appeal_decided",
            look.baseline_clause("appeals"),
            appeal.id,
            "A late appeal is accepted or declined with reasons.",
        ).found(
            Verdict.NOT_APPLICABLE if appeal.withdrawn and decided_on is None else verdict,
            due_on=due_on,
            done_on=decided_on,
            events=(*shown, *look.shown(e.LateAppealDecided, appeal=appeal.id)),
        )
    notice = look.policy.notices.get(NoticeKind.APPEAL_OUTCOME)
    if appeal.declined and appeal.late_decided_on is not None:
        # The reasons that baseline 11 asks for are given to the customer, also where the policy has no such letter.
        sent, letters = letter_sent(look, appeal.id, NoticeKind.APPEAL_OUTCOME)
        yield Owed(
            "appeal_outcome_told",
            Clause.of(notice) if notice else look.baseline_clause("appeals"),
            appeal.id,
            "The customer is told in writing why a late appeal is not heard.",
            by=notice.by if notice else (),
        ).found(look.letter(appeal.late_decided_on, sent), done_on=sent, events=letters)
    clause = Clause.of(terms.answer_within) if terms.answer_within else look.baseline_clause("appeals")
    events = look.shown(e.AppealDetermined, appeal=appeal.id)
    if appeal.declined or appeal.withdrawn:
        verdict = Verdict.NOT_APPLICABLE
    elif not appeal.accepted:
        return
    else:
        verdict = look.by_its_day(appeal.answer_due_on, appeal.determined_on)
    yield Owed(
        "appeal_answered",
        clause,
        appeal.id,
        "The appeal is determined in time.",
        by=terms.heard_by.value if terms.heard_by else (),
    ).found(verdict, due_on=appeal.answer_due_on, done_on=appeal.determined_on, events=(*shown, *events))
    if notice is not None and appeal.determined_on is not None:
        sent, letters = letter_sent(look, appeal.id, NoticeKind.APPEAL_OUTCOME)
        yield Owed(
            "appeal_outcome_told",
            Clause.of(notice),
            appeal.id,
            "The customer is told in writing what came of the appeal.",
            by=notice.by,
        ).found(look.letter(appeal.determined_on, sent), done_on=sent, events=letters)


def _complaints(look: Look) -> Iterator[Finding]:
    """No restriction stops a complaint: it is answered by the last day of its own procedure (baseline 10)."""
    for complaint in look.case.complaints:
        due_on, done_on = complaint.answer_by_on, complaint.concluded_on or complaint.declined_on
        if due_on is None:
            continue
        kinds = (e.ComplaintLinked, e.ComplaintConcluded, e.ComplaintDeclined)
        yield Owed(
            "complaint_answered",
            look.baseline_clause("filed_is_still_read"),
            complaint.id,
            "An open complaint keeps its deadline.",
        ).found(
            look.by_its_day(due_on, done_on),
            due_on=due_on,
            done_on=done_on,
            events=tuple(i for kind in kinds for i in look.shown(kind, complaint=complaint.id)),
        )


def _policy_copies(look: Look) -> Iterator[Finding]:
    step = look.policy.steps.get(StepCode.POLICY_COPY)
    if step is None:
        return
    for copy in look.case.policy_copies:
        shown = look.shown(e.PolicyCopyRequested, request=copy.id) + look.shown(e.PolicyCopySent, request=copy.id)
        yield Owed("policy_copy_sent", Clause.of(step), copy.id, step.says, by=step.by).found(
            look.by_its_day(copy.send_by_on, copy.sent_on), due_on=copy.send_by_on, done_on=copy.sent_on, events=shown
        )


def _adjustments(look: Look) -> Iterator[Finding]:
    for adjustment in look.case.adjustments:
        kinds = (e.AdjustmentRequested, e.AdjustmentDecided)
        yield Owed(
            "adjustment_answered",
            look.baseline_clause("adjustments"),
            adjustment.id,
            "A request for an adjustment is answered.",
        ).found(
            look.by_its_day(adjustment.answer_by_on, adjustment.decided_on),
            due_on=adjustment.answer_by_on,
            done_on=adjustment.decided_on,
            events=tuple(i for kind in kinds for i in look.shown(kind, adjustment=adjustment.id)),
        )


def _review_requests(look: Look) -> Iterator[Finding]:
    """A customer's wish for a review is answered in time, by one or by the reasons why not; moot once nothing is on."""
    for request in look.case.review_requests:
        restriction = look.case.restriction(request.restriction)
        if not request.by_customer or restriction is None:
            continue
        moot = request.answered_on is None and restriction.over_on(look.today)
        due_on = request.answer_due_on
        missed = moot and due_on is not None and due_on < restriction.last_day()
        verdict = look.by_its_day(due_on, request.answered_on)
        events = look.shown(e.ReviewRequested, request=request.id)
        events += look.shown(e.ReviewRequestDeclined, request=request.id)
        asks = "The customer's wish for a review is answered, by a review or by the reasons why not."
        yield Owed("review_request_answered", look.baseline_clause("an_end_and_a_review"), request.id, asks).found(
            Verdict.NOT_APPLICABLE if moot and not missed else verdict,
            due_on=due_on,
            done_on=request.answered_on,
            events=events,
        )


def _conflicts(look: Look) -> Iterator[Finding]:
    """A measure that takes away what was agreed since is varied; until then it only gives way (baseline 7)."""
    agreed = {a.id: a for a in look.case.adjustments}
    for conflict in conflicts([look.case], look.today, look.baseline.adjustments):
        since = agreed[conflict.adjustment].decided_on or look.today
        asks = f"The measure is varied, so that it goes with {conflict.adjustment}."
        events = look.shown(e.AdjustmentDecided, adjustment=conflict.adjustment)
        yield Owed("measure_varied", look.baseline_clause("adjustments"), conflict.measure, asks).found(
            look.at_once(since, None), events=events
        )


def _allegations(look: Look) -> Iterator[Finding]:
    for allegation in look.case.allegations:
        kinds = (e.CounterAllegationRecorded, e.CounterAllegationConcluded)
        yield Owed(
            "counter_allegations",
            look.baseline_clause("counter_allegations"),
            allegation.id,
            "What the customer alleges against staff is looked at by somebody independent.",
            by=(allegation.routed_to,),
        ).found(
            look.by_its_day(allegation.conclude_by_on, allegation.concluded_on),
            due_on=allegation.conclude_by_on,
            done_on=allegation.concluded_on,
            events=tuple(i for kind in kinds for i in look.shown(kind, allegation=allegation.id)),
        )


def _rights(look: Look) -> Iterator[Finding]:
    clause = Clause("UK GDPR, art 12(3)", Strength.MUST, look.baseline_clause("retention").source)
    for request in look.case.rights:
        kinds = (e.RightsRequestReceived, e.RightsRequestAnswered)
        yield Owed(
            "rights_request_answered", clause, request.id, "A request under data protection law is answered in time."
        ).found(
            look.by_its_day(request.due_on, request.answered_on),
            due_on=request.due_on,
            done_on=request.answered_on,
            events=tuple(i for kind in kinds for i in look.shown(kind, request=request.id)),
        )
