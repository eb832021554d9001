"""What has to have happened before a restriction: a warning that was not heeded, checks, panel, steps, adjustments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.case_parts import Proposal
from domain.codes import Answer
from domain.decisions.judgement import Situation, Violation, against, against_baseline
from domain.personal import DecisionText
from domain.policy import DecisionAsk, StepCode


def warning_came_first(
    proposal: Proposal,
    day: date,
    extreme_reason: DecisionText | None,
    same_behaviour_reason: DecisionText | None,
    situation: Situation,
) -> Iterator[Violation]:
    """A received written warning that has not lapsed was followed by a similar incident (baseline 5, policy's clause).

    Similar is what shares a category with the warning, or what somebody says repeats it, with the reason. Where the
    policy lets extreme conduct go without a warning, `extreme_reason` says why this was such conduct.
    """
    warning = situation.policy.warning
    if extreme_reason is not None and warning.waived_when and warning.waived_when.value:
        return
    required = warning.required
    standing = list(situation.case.standing_warnings(day))
    least = warning.at_least.value if warning.at_least else 1
    received = len({given.id for given, _ in standing})  # one that went twice is one
    if received < least:
        asks = f"The customer received {received} of {least} written warnings that still stand on {day}."
        if required is not None and required.value:
            yield against(required, "warning_first", asks)
        else:
            yield against_baseline(situation, "warning_first", asks)
        return
    persisted = any(
        incident.happened_on > received_on
        and (same_behaviour_reason is not None or set(incident.categories) & set(given.categories))
        for given, received_on in standing
        for incident in situation.case.incidents
        if incident.id in proposal.incidents
    )
    if not persisted:
        asks = "No similar incident of this proposal happened after the warning was received."
        if warning.behaviour_must_persist is not None and warning.behaviour_must_persist.value:
            yield against(warning.behaviour_must_persist, "behaviour_persisted", asks)
        else:
            yield against_baseline(situation, "warning_first", asks)


def supporting_warning(day: date, situation: Situation) -> str | None:
    """The latest warning that stands on that day."""
    return max(((received, w.id) for w, received in situation.case.standing_warnings(day)), default=(day, None))[1]


def checks_confirmed(proposal: Proposal, situation: Situation) -> Iterator[Violation]:
    """Every check of the policy was answered yes, or found not to apply where that can be."""
    for code, check in situation.policy.checks.items():
        given = proposal.checks.get(code)
        if given is None:
            yield against(check, f"check_{code}", f"Nobody has confirmed: {check.asks}")
        elif given.answer is Answer.NO:
            yield against(check, f"check_{code}", f"It was answered no: {check.asks}")


def panel_was_asked(proposal: Proposal, situation: Situation) -> Iterator[Violation]:
    """The panel's view is on the proposal before the decision; it advises, the decider decides."""
    panel = situation.policy.panel
    if panel is not None and proposal.panel_view is None:
        yield against(panel, "panel_view", "The panel has not given its view on this proposal.")


def steps_were_taken(day: date, situation: Situation) -> Iterator[Violation]:
    """Steps that the policy places before a decision were taken in this spell of the case."""
    for code, step in situation.policy.steps.items():
        if step.before_decision and code is not StepCode.MITIGATION and not _taken(code, day, situation):
            yield against(step, f"step_{code}", step.says)


def circumstances_were_considered(day: date, situation: Situation) -> Iterator[Violation]:
    """What is known of somebody's circumstances was looked at, and open requests are answered (baseline 7)."""
    if not _taken(StepCode.MITIGATION, day, situation):
        step = situation.policy.steps.get(StepCode.MITIGATION)
        asks = "Nobody has taken down that the customer's circumstances were considered."
        if step is not None and step.before_decision:
            yield against(step, "step_mitigation", asks)
        else:
            yield against_baseline(situation, "adjustments", asks)
    for case in (situation.case, *situation.others):
        for adjustment in case.adjustments:
            if adjustment.open:
                where = "" if case is situation.case else f" in case {case.id}"
                yield against_baseline(
                    situation,
                    "adjustments",
                    f"{adjustment.id} was asked for on {adjustment.requested_on}{where}; answer it first.",
                )


def _taken(code: StepCode, day: date, situation: Situation) -> bool:
    case = situation.case
    since = case.since_last_decision(situation.today)  # what was decided since that day used it up as well
    match code:
        case StepCode.MEETING_BEFORE:
            return any(m.explains is None and since <= m.offered_on <= day for m in case.meetings)
        case StepCode.MEETING_AFTER:
            return any(m.explains is not None and m.offered_on <= day for m in case.meetings)
        case StepCode.AGREEMENT:
            return any(since <= a.made_on <= day for a in case.agreements)
        case StepCode.POLICY_COPY:
            return any(not copy.open for copy in case.policy_copies)
        case _:
            return case.was_taken(code, day, since=since)


def decision_says(
    asked: dict[DecisionAsk, DecisionText | None], proposal: Proposal, extreme: bool, situation: Situation
) -> Iterator[Violation]:
    """What the policy wants a decision to say is said."""
    for ask, statement in situation.policy.decision.asks.items():
        if ask is DecisionAsk.SINGLE_GROUND_REASON and (len(proposal.grounds) != 1 or extreme):
            continue
        if asked[ask] is None:
            yield against(statement, f"decision_says_{ask}", statement.says, ask.value)


def evidence_is_there(proposal: Proposal, situation: Situation) -> Iterator[Violation]:
    """The incidents are shown by as many pieces of evidence as the policy asks for."""
    least = situation.policy.decision.evidence_at_least
    if least is None:
        return
    case = situation.case
    incidents = [i for i in case.incidents if i.id in proposal.incidents]
    shown = {e for i in incidents for item in (i.id, i.contact) if item for e in case.evidence_of(item)}
    if len(shown) < least.value:
        yield against(
            least, "evidence", f"{len(shown)} of {least.value} pieces of evidence are attached to the incidents."
        )
