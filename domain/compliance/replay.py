"""Each step of a history judged by the rules that its command is judged by, as of the moment at which it was taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain import events as e
from domain.baseline import Baseline
from domain.case import NOBODY, Case
from domain.codes import SubjectId
from domain.compliance.asked import Asked, asked
from domain.compliance.findings import Finding, Verdict
from domain.compliance.redone import redone
from domain.compliance.taken_down import taken_down
from domain.decisions import CaseCommand, Refused, Situation, decide
from domain.decisions.judgement import DecidingCommand, OverrideRequest, Violation, impossible
from domain.events import Event, PolicyRef
from domain.evolve import evolve
from domain.landlord import Landlord
from domain.policy import Policy, Strength

PolicyOf = Callable[[PolicyRef], Policy | None]
LandlordAt = Callable[[int], Landlord]  # who held which post, as was known at a position of the log
# The cases of these people but the one that is looked at, with what was recorded of them before an instant.
Beside = Callable[[tuple[SubjectId, ...], datetime], tuple[Case, ...]]

THE_RECORD: Final = "the record itself"
# What a fact does not keep, so that the rule about it can neither be shown to hold nor to be broken.
NOT_KEPT: Final = frozenset({(e.RestrictionVaried, "a_usable_channel_stays_open")})
# What the fact leaves to the one that follows it.
ELSEWHERE: Final = frozenset({(e.FiledItemTriaged, "issue_needed"), (e.FiledItemTriaged, "summary_needed")})
# Whether an override was needed is for the moment of deciding; looking back, one too many broke nothing.
OF_THE_OVERRIDE: Final = frozenset({"override_not_needed", "cannot_be_overridden"})


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known around the case that is looked at."""

    landlord_at: LandlordAt
    policy_of: PolicyOf
    baseline: Baseline
    beside: Beside


def nothing_beside(_whose: tuple[SubjectId, ...], _before: datetime) -> tuple[Case, ...]:
    """No other case is known."""
    return ()


def replay(
    history: Sequence[Event],
    landlord_at: LandlordAt,
    policy_of: PolicyOf,
    baseline: Baseline,
    beside: Beside = nothing_beside,
) -> tuple[Case, list[Finding]]:
    """The case that a history adds up to, and what is to be said of each of its steps.

    A step that speaks of something that never happened, or that was decided under a policy which is not at hand,
    cannot be shown to be right, and what it would have changed is left out.
    """
    case = Case()
    known = _Known(landlord_at, policy_of, baseline, beside)
    findings: list[Finding] = []
    for event in history:
        said = list(_said(event, case, known, history))
        try:
            case = evolve(case, event)
        except (LookupError, StopIteration):
            case = replace(case, version=event.version, position=event.position)
            if not any(finding.clause == THE_RECORD for finding in said):
                found = impossible("what_it_rests_on", "What this speaks of is not in the record.")
                said.append(_finding(found, event, Verdict.CANNOT_BE_SHOWN))
        findings += said
    return case, findings


def _said(event: Event, before: Case, known: _Known, history: Sequence[Event]) -> Iterator[Finding]:
    if event is history[0] and not isinstance(event.fact, e.CaseOpened):
        nobody = impossible("case_opened", "That the case was opened, and for whom, is not in the record.")
        yield _finding(nobody, event, Verdict.CANNOT_BE_SHOWN)
    if event.policy is None:
        return
    policy = known.policy_of(event.policy)
    if policy is None:
        told = impossible("policy_at_hand", f"The policy effective {event.policy.effective} is not at hand.")
        yield _finding(told, event, Verdict.CANNOT_BE_SHOWN)
        return
    situation = _situation(event, before, known, policy)
    command = redone(event, before, policy, history)
    if command is not None and command.asks_of_others and event.position > 0 and before.person != NOBODY:
        situation = replace(situation, others=known.beside(command.whose_cases(before), event.recorded_at))
    yield from _judged(event, before, command, situation, history)
    yield from taken_down(event, about(event), situation)


def _situation(event: Event, case: Case, known: _Known, policy: Policy) -> Situation:
    """What was known when the event was taken down; an event of the same day stands at its own moment."""
    late = event.position > 0 and event.recorded_on != event.effective_on
    return Situation(
        case=case,
        landlord=known.landlord_at(event.position),
        policy=policy,
        baseline=known.baseline,
        now=event.recorded_at if late else event.effective_at,
        actor=event.actor,
    )


def _judged(
    event: Event, before: Case, command: CaseCommand | None, situation: Situation, history: Sequence[Event]
) -> Iterator[Finding]:
    violations = [] if command is None else list(_violations(command, event, situation))
    broken = {v.rule for v in violations}
    for violation in violations:
        if violation.strength is not Strength.MAY:
            yield _finding(violation, event, _verdict(violation, event, before))
    if any(v.clause == THE_RECORD for v in violations):
        return  # what else was asked then is not known: the first thing that is not there ends the judging
    for rule in asked(event, situation):
        if rule.rule not in broken and not (rule.group and rule.group & broken):
            yield _met(rule, event, history)


def _violations(command: CaseCommand, event: Event, situation: Situation) -> Iterator[Violation]:
    """Everything in the way of the command, each once; overrides are asked about apart, so that all are seen."""
    seen: set[tuple[str, str]] = set()
    tries = [command]
    if event.overrides and isinstance(command, DecidingCommand):
        overrides = tuple(OverrideRequest.model_construct(rule=o.rule, reason=o.reason) for o in event.overrides)
        tries.append(command.model_copy(update={"overrides": overrides}))
    for one in tries:
        try:
            decide(one, situation)
        except Refused as refused:
            for violation in refused.violations:
                aside = violation.rule in OF_THE_OVERRIDE or (type(event.fact), violation.rule) in ELSEWHERE
                if not aside and (violation.rule, violation.clause) not in seen:
                    seen.add((violation.rule, violation.clause))
                    yield violation


def _verdict(violation: Violation, event: Event, before: Case) -> Verdict:
    unknown_whose = before.person == NOBODY and violation.rule == "one_person_one_decision"
    if violation.clause == THE_RECORD or (type(event.fact), violation.rule) in NOT_KEPT or unknown_whose:
        return Verdict.CANNOT_BE_SHOWN
    if violation.strength is Strength.SHOULD and any(o.rule == violation.rule for o in event.overrides):
        return Verdict.OVERRIDDEN
    return Verdict.NOT_MET


def _finding(violation: Violation, event: Event, verdict: Verdict) -> Finding:
    return Finding(
        rule=violation.rule,
        clause=violation.clause,
        strength=violation.strength,
        source=violation.source,
        about=about(event),
        verdict=verdict,
        asks=violation.asks,
        done_on=event.effective_on,
        events=(event.event_id,),
    )


def _met(rule: Asked, event: Event, history: Sequence[Event]) -> Finding:
    shown = [other.event_id for other in history if other.version < event.version and rule.shown_by(other)]
    return Finding(
        rule=rule.rule,
        clause=rule.clause,
        strength=rule.strength,
        source=rule.source,
        about=about(event),
        verdict=Verdict.NOT_APPLICABLE if rule.waived else Verdict.MET,
        asks=rule.asks,
        done_on=event.effective_on,
        by=rule.by,
        events=(*shown, event.event_id),
    )


def about(event: Event) -> str:
    """What an event made or is about, by its id; "case" for what concerns the case as a whole."""
    fact = event.fact
    for name in ("restriction", "warning", "proposal", "appeal", "breach", "notice", "incident", "disclosure"):
        value = getattr(fact, name, None)
        if isinstance(value, str) and value:
            return value
    return "case"
