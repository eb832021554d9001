"""Sentences for the landlord's own stream: its beginning, its policies, who held which post."""

from __future__ import annotations

from typing import assert_never

from domain.codes import EntryReason, PointKind
from domain.events import (
    AbsenceEnded,
    AbsenceRecorded,
    ContactPointSet,
    EntryDisposalDecided,
    EntryDisposalProposed,
    LandlordFact,
    LandlordSetUp,
    PolicyAdopted,
    PostAppointed,
    PostEnded,
    SubscriberEnded,
    SubscriberRegistered,
)
from projections.sentences.words import capitalised, counted, listed, said, staff, words


def landlord_sentence(fact: LandlordFact) -> str:
    """What was set up, adopted or appointed."""
    match fact:
        case LandlordSetUp():
            purpose = " as a demonstration" if fact.demonstration else ""
            return f"The landlord {fact.landlord} was set up{purpose}."
        case PolicyAdopted():
            adopted = fact.adopted
            return (
                f"The policy of {adopted.landlord} effective from {said(adopted.effective)} was adopted "
                f"(SHA-256 {adopted.sha256[:12]}…)."
            )
        case PostAppointed():
            area = f" for {words(fact.area)}" if fact.area else ""
            what = "deputy " if fact.deputy else ""
            return (
                f"{capitalised(staff([fact.staff]))} holds the post of {what}{words(fact.role)}{area} from "
                f"{said(fact.starts_on)} on ({fact.tenure})."
            )
        case PostEnded():
            return f"A post ({fact.tenure}) was given up; its last day was {said(fact.last_day)}."
        case AbsenceRecorded():
            until = f" until {said(fact.until)}" if fact.until else ""
            return f"Whoever holds a post ({fact.tenure}) is away from {said(fact.from_on)}{until} ({fact.absence})."
        case AbsenceEnded():
            return f"An absence ({fact.absence}) is over; its last day was {said(fact.last_day)}."
        case ContactPointSet():
            return _reached(fact)
        case EntryDisposalProposed():
            why = "their time is over" if fact.because is EntryReason.RETENTION else "the person asks"
            return (
                f"{counted(len(fact.persons), 'directory record')} of people without a case may go, as {why} "
                f"({fact.disposal}); somebody else has to agree."
            )
        case EntryDisposalDecided():
            what = "go, and their keys were destroyed" if fact.approved else "are kept"
            return f"It was decided on {said(fact.decided_on)} that the directory records of {fact.disposal} {what}."
        case SubscriberRegistered():
            return _follows(fact)
        case SubscriberEnded():
            return f"The subscriber {fact.subscriber} follows nothing from {said(fact.ended_on)} on."
        case _:
            assert_never(fact)


def _follows(fact: SubscriberRegistered) -> str:
    whose = "the landlord's own" if fact.partner is None else f"a system of {words(fact.partner)}"
    references = ", with the customer's reference" if fact.references else ""
    required = f"; it acknowledges restrictions within {fact.within_minutes} minutes" if fact.within_minutes else ""
    return (
        f"{capitalised(fact.subscriber)}, {whose}, may follow {listed(fact.topics)} from {said(fact.from_on)} "
        f"on{references}{required}."
    )


def _reached(fact: ContactPointSet) -> str:
    match fact.of:
        case PointKind.STAFF:
            whom = staff([fact.code])
        case PointKind.ROLE:
            whom = f"the post of {words(fact.code)}"
        case PointKind.OFFICE:
            whom = f"the office {fact.code}"
        case _:
            assert_never(fact.of)
    if fact.telephone is None and not fact.hours:
        return f"From {said(fact.from_on)} on it is not kept any more how {whom} is reached."
    number = f" on {fact.telephone}" if fact.telephone else ""
    times = [f"{words(h.weekday)} {h.opens} to {h.closes}" for h in fact.hours]
    opens = f"; open on {listed(times)}" if times else ""
    messages = f"; {words(fact.messages_to)} takes messages" if fact.messages_to else ""
    return f"{capitalised(whom)} is reached{number} from {said(fact.from_on)} on{opens}{messages}."
