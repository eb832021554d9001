"""Breaches that a decision takes the ground from: a letter came back, a contact was corrected, the end was earlier."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.case import Case
from domain.case_parts import Breach
from domain.conflicts import adjustment_went_before
from domain.decisions.judgement import Decision, New, Situation
from domain.events import (
    AdjustmentDecided,
    BreachWithdrawn,
    ContactCorrected,
    Event,
    ImportCompleted,
    InterimRestrictionApplied,
    NoticeReceived,
    NoticeReturned,
    RestrictionApplied,
    RestrictionImported,
    RestrictionWithdrawnAsWrong,
)
from domain.evolve import evolve
from domain.measures import breach_stands
from domain.personal import Personal

# What puts a new restriction in force takes the ground from no breach of another one.
NO_MATTER: Final = (RestrictionApplied, InterimRestrictionApplied, RestrictionImported)


def with_withdrawals(decision: Decision, situation: Situation) -> Decision:
    """The decision, and with it the withdrawal of each breach that stood until now and no longer does.

    Nothing counts against a customer that rests on a letter which never came, on a contact that was otherwise, or on
    a restriction that was over or should never have been (baseline 8 and 15).
    """
    standing = [b for b in situation.case.breaches if _stands(situation.case, b, situation)]
    if not standing:
        return decision
    case, gone = situation.case, list[New]()
    for new in decision.facts:
        if new.elsewhere or isinstance(new.fact, NO_MATTER):
            continue
        case = evolve(case, _event(new, case, situation))
        fallen = [b for b in standing if not _stands(case, b, situation)]
        standing = [b for b in standing if b not in fallen]
        if not isinstance(new.fact, BreachWithdrawn):
            reason = Personal(_because(new))
            gone += [New(BreachWithdrawn(breach=b.id, reason=reason), new.effective_at) for b in fallen]
    return replace(decision, facts=(*decision.facts, *gone)) if gone else decision


def _stands(case: Case, breach: Breach, situation: Situation) -> bool:
    latest = next(b for b in case.breaches if b.id == breach.id)
    return breach_stands(case, latest, situation.baseline.always_open) and not adjustment_went_before(
        (case, *situation.others), latest, situation.baseline.adjustments
    )


def _event(new: New, case: Case, situation: Situation) -> Event:
    """The fact as it would stand in the history, as far as a fold asks."""
    return Event(
        event_id="",
        stream=case.id,
        version=case.version + 1,
        fact=new.fact,
        effective_at=new.effective_at,
        actor=situation.actor,
        post=None,
        policy=None,
    )


def _because(new: New) -> str:
    match new.fact:
        case NoticeReturned():
            return "The letter that told the customer of the measure came back."
        case NoticeReceived():
            return "The letter that told the customer of the measure arrived later than was assumed."
        case ImportCompleted():
            return "What became known of the restriction since shows that it was none."
        case ContactCorrected():
            return "A contact that it rested on was corrected."
        case AdjustmentDecided():
            return "By what was agreed for the customer, the measure could not be held against them then."
        case RestrictionWithdrawnAsWrong():
            return "The restriction should never have been made."
        case _:
            return "By what was taken down with this, the measure did not bind the customer then."
