"""What can be said of a restriction that an old register told of: what the register does not show stays unshown."""

from __future__ import annotations

from collections.abc import Iterator

from domain import events as e
from domain.case_parts import Restriction
from domain.compliance.findings import Finding, Verdict
from domain.compliance.owed import Clause, Look, Owed
from domain.policy import StepCode


def as_imported(look: Look, restriction: Restriction) -> Iterator[Finding]:
    """Every step that policy and baseline ask for before a decision: no register shows that it was taken."""
    policy = look.policy
    asked: list[tuple[str, Clause, str]] = []
    required = policy.warning.required
    warned = Clause.of(required) if required and required.value else look.baseline_clause("warning_first")
    asked.append(("warning_first", warned, "A written warning came first and was received."))
    asked += [(f"check_{code}", Clause.of(check), check.asks) for code, check in policy.checks.items()]
    if policy.panel is not None:
        asked.append(("panel_view", Clause.of(policy.panel), "The panel gave its view."))
    asked += [
        (f"step_{code}", Clause.of(step), step.says)
        for code, step in policy.steps.items()
        if step.before_decision and code is not StepCode.MITIGATION
    ]
    adjustments = look.baseline.rules["adjustments"]
    asked.append(("adjustments", look.baseline_clause("adjustments"), adjustments.asks))
    asked.append(("post_held", Clause.of(policy.decision.by), "The decision falls to the post that the policy names."))
    for rule in ("reasons_and_evidence", "a_usable_channel_stays_open"):
        asked.append((rule, look.baseline_clause(rule), look.baseline.rules[rule].asks))
    events = look.shown(e.RestrictionImported, restriction=restriction.id)
    for rule, clause, asks in asked:
        yield Owed(rule, clause, restriction.id, asks).found(Verdict.CANNOT_BE_SHOWN, events=events)
    end = look.baseline_clause("an_end_and_a_review")
    unsaid = any(name.startswith(("ends_on", "review")) for name in restriction.missing)
    verdict = Verdict.CANNOT_BE_SHOWN if unsaid else Verdict.MET
    asks = look.baseline.rules["an_end_and_a_review"].asks
    yield Owed("an_end_and_a_review", end, restriction.id, asks).found(verdict, events=events)
