"""Sentences for support: adjustments, help, and what was considered before anything is taken away."""

from __future__ import annotations

from typing import assert_never

from domain.events import (
    AdjustmentDecided,
    AdjustmentEnded,
    AdjustmentRequested,
    EqualityDutyConsidered,
    MitigationConsidered,
    SupportOffered,
)
from projections.sentences.words import capitalised, listed, said, words

SupportFact = (
    AdjustmentRequested
    | AdjustmentDecided
    | AdjustmentEnded
    | SupportOffered
    | MitigationConsidered
    | EqualityDutyConsidered
)


def support_sentence(fact: SupportFact) -> str:
    """What was offered, agreed or considered; of circumstances only which kinds were looked at, not what was found."""
    match fact:
        case AdjustmentRequested():
            how = "was seen to be needed" if fact.anticipated else "was asked for"
            return f"A reasonable adjustment {how} on {said(fact.requested_on)} ({fact.adjustment})."
        case AdjustmentDecided(agreed=True):
            return f"{capitalised(fact.adjustment)} was agreed, from {said(fact.starts_on)} on."
        case AdjustmentDecided():
            return f"{capitalised(fact.adjustment)} was refused."
        case AdjustmentEnded():
            return f"{capitalised(fact.adjustment)} ended; its last day was {said(fact.ended_on)}."
        case SupportOffered():
            about = f" with {fact.issue}" if fact.issue else ""
            return f"Help was offered{about} on {said(fact.offered_on)}: {words(fact.kind)} ({fact.support})."
        case MitigationConsidered():
            return (
                f"What is known of the customer was considered on {said(fact.considered_on)}; looked at: "
                f"{listed(fact.considered)}."
            )
        case EqualityDutyConsidered():
            return (
                f"Due regard to equality was paid on {said(fact.considered_on)}; characteristics looked at: "
                f"{listed(fact.characteristics)}."
            )
        case _:
            assert_never(fact)
