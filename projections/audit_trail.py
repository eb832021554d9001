"""Every event of a history as an auditor reads it: what happened, who did it, when, under what and on what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from domain.case import Case
from domain.events import (
    FACTS,
    ActionPlanMade,
    BreachRecorded,
    CheckConfirmed,
    ConcernRaised,
    EvidenceAttached,
    ImportCompleted,
    IncidentRecorded,
    InterimRestrictionApplied,
    LegalActionConsidered,
    NewIssueRaised,
    Override,
    PoliceInformed,
    PolicyRef,
    ReferredElsewhere,
    RestrictionApplied,
    RestrictionExtended,
    RestrictionProposed,
    RestrictionVaried,
    SafetyWarningProposed,
    SeniorDiscussionHeld,
    SpokenWarningGiven,
    UrgentActionTaken,
    UrgentCaseReviewed,
    WarningIssued,
)
from domain.evolve import HistoryStep
from domain.personal import Personal
from domain.values import made
from projections.sentences import sentence
from projections.view import View, personal_values

STORED_NAMES: Final[Mapping[type, str]] = {kind: name for name, kind in FACTS.items()}


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """One event told: the sentence holds no personal value, `personal` the sealed ones by their field."""

    case_id: str
    person: str | None
    as_of: int
    position: int
    event_id: str
    version: int
    type: str
    sentence: str
    actor: str
    post: str | None
    recorded_at: datetime
    effective_at: datetime
    effective_on: date
    late_days: int  # London days between taking effect and being recorded
    clauses: tuple[str, ...]
    evidence: tuple[str, ...]
    overrides: tuple[Override, ...]
    cause: str | None
    policy: PolicyRef | None
    personal: Mapping[str, Personal]


def trail(steps: Sequence[HistoryStep]) -> Iterator[AuditRow]:
    """One row for each event, in order; a row is as of its own event."""
    for step in steps:
        event = step.event
        effective_on = event.effective_on
        yield made(
            AuditRow,
            case_id=event.stream,
            person=step.after.person or None,
            as_of=event.position,
            position=event.position,
            event_id=event.event_id,
            version=event.version,
            type=STORED_NAMES[type(event.fact)],
            sentence=sentence(step),
            actor=event.actor,
            post=event.post,
            recorded_at=event.recorded_at,
            effective_at=event.effective_at,
            effective_on=effective_on,
            late_days=max(0, (event.recorded_on - effective_on).days),
            clauses=event.clauses,
            evidence=evidence_of(step),
            overrides=event.overrides,
            cause=event.cause,
            policy=event.policy,
            personal=dict(personal_values(event.fact)),
        )


def evidence_of(step: HistoryStep) -> tuple[str, ...]:
    """Ids of the evidence that an event rested on when it was recorded: its own, or that of what it names."""
    match step.event.fact:
        case EvidenceAttached() as fact:
            return (fact.evidence,)
        case CheckConfirmed() as fact:
            return fact.evidence
        case IncidentRecorded() as fact:
            return _shown(step.after, [fact.incident])
        case (
            ConcernRaised()
            | WarningIssued()
            | RestrictionProposed()
            | RestrictionApplied()
            | RestrictionVaried()
            | RestrictionExtended()
            | InterimRestrictionApplied()
            | ImportCompleted()
            | LegalActionConsidered() as fact
        ):
            return _shown(step.after, fact.incidents)
        case (
            ReferredElsewhere(incident=str(incident))
            | UrgentActionTaken(incident=incident)
            | UrgentCaseReviewed(incident=incident)
            | SeniorDiscussionHeld(incident=incident)
            | ActionPlanMade(incident=incident)
            | PoliceInformed(incident=str(incident))
            | SafetyWarningProposed(incident=incident)
        ):
            return _shown(step.after, [incident])
        case BreachRecorded() | SpokenWarningGiven() | NewIssueRaised() as fact:
            return step.after.evidence_of(fact.contact)
        case _:
            return ()


def _shown(case: Case, incidents: Iterable[str]) -> tuple[str, ...]:
    """Evidence of incidents, and of the contacts that they happened in."""
    found: list[str] = []
    for code in incidents:
        incident = case.incident(code)
        items = [code, *([incident.contact] if incident and incident.contact else [])]
        found += [evidence for item in items for evidence in case.evidence_of(item)]
    return tuple(dict.fromkeys(found))


# The events of one case after a position and up to another, in order.
OF_CASE: Final = """
    SELECT row_to_json(trail)::text FROM {table} AS trail
    WHERE case_id = %(case)s AND position > %(after)s AND position <= %(upto)s
    ORDER BY position LIMIT %(limit)s
"""

AUDIT_TRAIL: Final = View(
    "audit_trail",
    version=2,
    row=AuditRow,
    rows=trail,
    key=("case_id", "position"),
    indexes=(("person",),),
    per_event=True,
)
