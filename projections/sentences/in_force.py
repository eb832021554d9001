"""Sentences for a restriction in force: breaches, new matters, and each way its terms change."""

from __future__ import annotations

from typing import assert_never

from domain.events import (
    AgreedCallKept,
    AgreedCallMissed,
    BreachRecorded,
    BreachReported,
    BreachWithdrawn,
    ContactFiled,
    FiledItemTriaged,
    NamedContactChanged,
    NewIssueRaised,
    RestrictionEased,
    RestrictionExtended,
    RestrictionVaried,
)
from projections.sentences.words import appeal_terms, capitalised, listed, measures, reviews, said, staff, words

InForceFact = (
    BreachRecorded
    | BreachWithdrawn
    | BreachReported
    | NewIssueRaised
    | NamedContactChanged
    | ContactFiled
    | FiledItemTriaged
    | AgreedCallKept
    | AgreedCallMissed
    | RestrictionVaried
    | RestrictionEased
    | RestrictionExtended
)


def in_force_sentence(fact: InForceFact) -> str:
    """What happened to the restriction."""
    match fact:
        case BreachRecorded():
            return (
                f"{capitalised(fact.contact)} on {said(fact.happened_on)} was recorded as {fact.breach}, against "
                f"measure {fact.measure} of {fact.restriction}."
            )
        case BreachWithdrawn():
            return f"{capitalised(fact.breach)} was withdrawn: it was no breach."
        case BreachReported():
            return (
                f"{capitalised(fact.breach)} was reported on {said(fact.reported_on)} to the role that watches over it."
            )
        case NewIssueRaised():
            return (
                f"The customer raised a new matter in {fact.contact} on {said(fact.raised_on)} ({fact.issue}); "
                f"{reviews(fact.reviews)}."
            )
        case NamedContactChanged():
            return (
                f"From {said(fact.from_on)} the customer is answered under measure {fact.measure} of "
                f"{fact.restriction} by {staff(fact.contact_staff)}."
            )
        case ContactFiled():
            return (
                f"{capitalised(fact.contact)} was filed without an answer under measure {fact.measure} of "
                f"{fact.restriction}; it is to be read by {said(fact.read_by_on)}."
            )
        case FiledItemTriaged():
            return f"{capitalised(fact.contact)} was read on {said(fact.triaged_on)}: {words(fact.triage)}."
        case AgreedCallKept():
            return f"The call agreed for {fact.slot} on {said(fact.due_on)} was made ({fact.call})."
        case AgreedCallMissed():
            whose = "the landlord" if fact.by_landlord else "the customer"
            return f"The call agreed for {fact.slot} on {said(fact.due_on)} was missed by {whose} ({fact.call})."
        case RestrictionVaried():
            how = "tightened" if fact.tightens else "varied"
            because = f" because of {fact.because_of}" if fact.because_of else ""
            return (
                f"{capitalised(fact.restriction)} was {how}{because} ({fact.change}): from {said(fact.from_on)} on, "
                f"{measures(fact.measures)}; {appeal_terms(fact.appeal)}."
            )
        case RestrictionEased():
            because = f" because of {fact.because_of}" if fact.because_of else ""
            return (
                f"{capitalised(fact.restriction)} was eased{because} ({fact.change}): from {said(fact.from_on)} on, "
                f"{measures(fact.measures)}."
            )
        case RestrictionExtended():
            because = f" because of {fact.because_of}" if fact.because_of else ""
            exceptional = " as an exceptional term" if fact.exceptional else ""
            rests = f"; it rests on {listed(fact.incidents)}" if fact.incidents else ""
            return (
                f"It was decided on {said(fact.decided_on)} to extend {fact.restriction} to {said(fact.ends_on)}"
                f"{exceptional}{because} ({fact.change}){rests}; {reviews(fact.reviews)}, and "
                f"{appeal_terms(fact.appeal)}."
            )
        case _:
            assert_never(fact)
