"""Sentences for the urgent path and for safety warnings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from domain.codes import EndedBecause, LegalStep
from domain.events import (
    ActionPlanMade,
    InteractionEnded,
    LegalActionConsidered,
    PoliceInformed,
    SafetyAudienceInformed,
    SafetyWarningApproved,
    SafetyWarningDeclined,
    SafetyWarningProposed,
    SafetyWarningRemoved,
    SafetyWarningReviewed,
    SafetyWarningTold,
    SeniorDiscussionHeld,
    UrgentActionTaken,
    UrgentCaseReviewed,
)
from domain.evolve_safety import SafetyFact
from projections.sentences.words import capitalised, listed, said, staff, words

ENDED: Final[Mapping[EndedBecause, str]] = {
    EndedBecause.ABUSE: "abuse",
    EndedBecause.THREAT: "a threat",
    EndedBecause.NO_PROGRESS: "the same ground gone over again",
    EndedBecause.LIMIT_REACHED: "a limit that was reached",
    EndedBecause.OTHER: "something else",
}


def safety_sentence(fact: SafetyFact) -> str:
    """What was done at once, or said of a risk to staff."""
    match fact:
        case InteractionEnded():
            warned = "after a spoken warning" if fact.warned_first else "without a spoken warning"
            return (
                f"The {words(fact.kind)} {fact.contact} was ended {warned} on {said(fact.ended_on)}, because of "
                f"{ENDED[fact.because]}."
            )
        case UrgentActionTaken():
            return f"On {said(fact.taken_on)} something was done at once about {fact.incident}: {words(fact.kind)}."
        case SeniorDiscussionHeld():
            return f"{capitalised(fact.incident)} was talked over on {said(fact.held_on)} by {listed(fact.roles)}."
        case ActionPlanMade():
            return (
                f"A plan for {fact.incident} was made on {said(fact.made_on)}, to be looked at on "
                f"{said(fact.review_on)} by {staff([fact.owner])}."
            )
        case UrgentCaseReviewed():
            return f"What was done about {fact.incident} was looked at on {said(fact.held_on)}, as {fact.clause} asks."
        case PoliceInformed():
            about = f" of {fact.incident}" if fact.incident else ""
            return f"The police were informed{about} on {said(fact.informed_on)}."
        case LegalActionConsidered():
            what = "none follows" if fact.step is LegalStep.NONE else words(fact.step)
            return f"Court action was considered on {said(fact.considered_on)}: {what}."
        case SafetyWarningProposed():
            return (
                f"{capitalised(fact.warning)} was proposed for {fact.incident} of {said(fact.incident_on)}: "
                f"{listed(fact.precautions)}; for {listed(fact.audience)}; until {said(fact.expires_on)}."
            )
        case SafetyWarningApproved():
            told = "the person is told" if fact.tells_person else "the person is not told, for a stated reason"
            return f"{capitalised(fact.warning)} was approved by a second person on {said(fact.approved_on)}; {told}."
        case SafetyWarningDeclined():
            return f"{capitalised(fact.warning)} was not approved on {said(fact.declined_on)}; it was never shown."
        case SafetyWarningTold():
            return f"The person was told of {fact.warning} on {said(fact.told_on)}."
        case SafetyAudienceInformed():
            given = f"Those with a need to know were given {fact.warning} on {said(fact.informed_on)}"
            return f"{given}: {words(fact.audience)}."
        case SafetyWarningReviewed():
            following = f"; to be looked at again on {said(fact.review_on)}" if fact.review_on else ""
            return (
                f"{capitalised(fact.warning)} was looked at again on {said(fact.reviewed_on)}: "
                f"{words(fact.outcome)}{following}."
            )
        case SafetyWarningRemoved():
            wrong = ", because it should never have been made" if fact.as_wrong else ""
            return (
                f"{capitalised(fact.warning)} was taken away; {said(fact.from_on)} is the first day without it{wrong}."
            )
        case _:
            assert_never(fact)
