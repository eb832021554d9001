"""Sentences for the steps before a restriction: warning, meeting, mediation, agreement."""

from __future__ import annotations

from typing import assert_never

from domain.events import (
    AgreementEnded,
    AgreementMade,
    MediationOffered,
    MeetingDeclined,
    MeetingHeld,
    MeetingOffered,
    SpokenWarningGiven,
    WarningIssued,
    WarningWithdrawn,
)
from projections.sentences.words import capitalised, listed, said

BeforeFact = (
    WarningIssued
    | WarningWithdrawn
    | SpokenWarningGiven
    | MeetingOffered
    | MeetingHeld
    | MeetingDeclined
    | MediationOffered
    | AgreementMade
    | AgreementEnded
)


def before_sentence(fact: BeforeFact) -> str:
    """Which step was taken."""
    match fact:
        case WarningIssued():
            measures = f", with initial measures: {listed(fact.initial_measures)}" if fact.initial_measures else ""
            return (
                f"A written warning ({fact.warning}) was decided on because of {listed(fact.incidents)}{measures}; "
                f"it can support a restriction for {fact.lapses_after} from its receipt."
            )
        case WarningWithdrawn():
            return f"{capitalised(fact.warning)} was withdrawn and supports nothing any more."
        case SpokenWarningGiven():
            return f"A spoken warning was given in {fact.contact} on {said(fact.given_on)}."
        case MeetingOffered():
            purpose = f"to explain {fact.explains}" if fact.explains else "to look for a way forward"
            return f"A meeting {purpose} was offered on {said(fact.offered_on)} ({fact.meeting})."
        case MeetingHeld():
            explained = f"; explained: {listed(fact.explained)}" if fact.explained else ""
            return f"{capitalised(fact.meeting)} took place on {said(fact.held_on)}{explained}."
        case MeetingDeclined():
            return f"The customer did not take up {fact.meeting} ({said(fact.declined_on)})."
        case MediationOffered():
            return f"Mediation was offered on {said(fact.offered_on)} ({fact.mediation})."
        case AgreementMade():
            return (
                f"Customer and landlord agreed on {said(fact.made_on)} how contact will go ({fact.agreement}); "
                f"they look at it again on {said(fact.review_on)}."
            )
        case AgreementEnded():
            return f"{capitalised(fact.agreement)} ended on {said(fact.ended_on)}."
        case _:
            assert_never(fact)
