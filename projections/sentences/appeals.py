"""Sentences for an appeal, from the day it came to what came of it."""

from __future__ import annotations

from typing import Final, assert_never

from domain.codes import AppealOutcome
from domain.events import (
    AppealAcknowledged,
    AppealDetermined,
    AppealLodged,
    AppealReviewerAppointed,
    AppealWithdrawn,
    LateAppealDecided,
    MeasuresSuspended,
)
from projections.sentences.words import capitalised, measures, said, staff

AppealFact = (
    AppealLodged
    | AppealAcknowledged
    | LateAppealDecided
    | AppealReviewerAppointed
    | MeasuresSuspended
    | AppealWithdrawn
    | AppealDetermined
)

OUTCOMES: Final = {
    AppealOutcome.UPHELD: "the decision stands",
    AppealOutcome.VARIED: "the decision stands with other measures",
    AppealOutcome.OVERTURNED: "the decision does not stand",
}


def appeal_sentence(fact: AppealFact) -> str:
    """Where the appeal stands now."""
    match fact:
        case AppealLodged():
            late = "" if fact.in_time else ", outside its window"
            due = f"; an answer is due by {said(fact.answer_due_on)}" if fact.answer_due_on else ""
            if fact.decide_late_by_on:
                due = f"; whether it is taken is said by {said(fact.decide_late_by_on)}"
            rest = "; the measures rest until the outcome" if fact.suspended else ""
            return (
                f"{capitalised(fact.appeal)} against {fact.against} was received on {said(fact.received_on)}"
                f"{late}{due}{rest}."
            )
        case AppealAcknowledged():
            return f"{capitalised(fact.appeal)} was acknowledged on {said(fact.acknowledged_on)}."
        case LateAppealDecided(accepted=True):
            due = f"; an answer is due by {said(fact.answer_due_on)}" if fact.answer_due_on else ""
            return f"{capitalised(fact.appeal)} was taken although late{due}."
        case LateAppealDecided():
            return f"{capitalised(fact.appeal)} came late and was not taken, with reasons."
        case AppealReviewerAppointed():
            junior = ", who is junior to the decider" if fact.junior else ""
            instead = " as a substitute" if fact.substitute else ""
            return f"{capitalised(fact.appeal)} was given to {staff([fact.reviewer])}{instead}{junior}."
        case MeasuresSuspended():
            return f"The measures of {fact.restriction} rest from {said(fact.from_on)} to the outcome of {fact.appeal}."
        case AppealWithdrawn():
            by = f", as they said in {fact.contact}" if fact.contact is not None else ""
            return f"The customer withdrew {fact.appeal} on {said(fact.withdrawn_on)}{by}."
        case AppealDetermined():
            standing = f": {measures(fact.measures)}" if fact.measures else ""
            return (
                f"{capitalised(fact.appeal)} was determined on {said(fact.decided_on)}: {OUTCOMES[fact.outcome]}"
                f"{standing}."
            )
        case _:
            assert_never(fact)
