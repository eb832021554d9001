"""Sentences for the people around a case: who speaks for the customer, who they turned out to be, what they allege."""

from __future__ import annotations

from typing import assert_never

from domain.events import (
    CaseReassigned,
    ComplaintConcluded,
    ComplaintDeclined,
    CounterAllegationConcluded,
    CounterAllegationRecorded,
    CustomerDied,
    CustomerRecordsMerged,
    CustomerRecordsUnmerged,
    DeathWithdrawn,
    HomeRecorded,
    MergeConflictSettled,
    OmbudsmanDetermined,
    OmbudsmanInvolved,
    RepresentativeAuthorised,
    RepresentativeEnded,
    SafeContactEnded,
    SafeContactInstructed,
    TenancyEnded,
)
from domain.evolve_people import PeopleFact
from projections.sentences.words import capitalised, counted, listed, said, staff, words


def people_sentence(fact: PeopleFact) -> str:
    """What changed about the people around the case."""
    match fact:
        case RepresentativeAuthorised():
            until = f" until {said(fact.until)}" if fact.until else ""
            about = f" about {fact.issue}" if fact.issue else ""
            return (
                f"{capitalised(fact.representative)} may speak for the customer{about} from {said(fact.from_on)}"
                f"{until} (authority: {words(fact.authority)})."
            )
        case RepresentativeEnded():
            return f"{capitalised(fact.representative)} spoke for the customer until {said(fact.ended_on)}."
        case CaseReassigned():
            before = f" from {staff([fact.previous])}" if fact.previous else ""
            return (
                f"The case passed{before} to {staff([fact.to])} on {said(fact.from_on)}, "
                f"with what was open on it: {listed(fact.obligations, 'nothing')}."
            )
        case HomeRecorded():
            return (
                f"From {said(fact.from_on)} on the customer belongs to household {fact.household or 'unknown'} "
                f"and lives in home {fact.home or 'unknown'}."
            )
        case CustomerRecordsMerged():
            conflict = f"; to be looked at together: {listed(fact.conflicts)}" if fact.conflicts else ""
            return f"On {said(fact.merged_on)} this record and another one were found to be one person{conflict}."
        case CustomerRecordsUnmerged():
            return f"On {said(fact.unmerged_on)} they were found to be two people after all."
        case MergeConflictSettled():
            stands = listed(fact.stands, "nothing")
            return f"Of the restrictions that a merge brought together stands in this case: {stands}."
        case TenancyEnded():
            looked = f"; {counted(len(fact.reviews), 'review')} follows" if fact.reviews else ""
            return f"The tenancy ended on {said(fact.ended_on)}{looked}."
        case CustomerDied():
            on = f" on {said(fact.died_on)}" if fact.died_on else ""
            return f"The customer died{on}; the landlord learnt of it on {said(fact.learnt_on)}, and what stood ended."
        case DeathWithdrawn():
            return f"On {said(fact.withdrawn_on)} the report of a death was found wrong; what it ended stands again."
        case SafeContactInstructed():
            visits = ", with no visits" if fact.no_visits else ""
            until = f" until {said(fact.until)}" if fact.until else ""
            only = f"only by {listed(fact.methods)}" if fact.methods else "in no way in writing"
            return (
                f"From {said(fact.from_on)} on{until} notices go to the customer {only}{visits} ({fact.instruction})."
            )
        case SafeContactEnded():
            return f"{capitalised(fact.instruction)} was no longer needed after {said(fact.ended_on)}."
        case CounterAllegationRecorded():
            due = f", to be looked into by {said(fact.conclude_by_on)}" if fact.conclude_by_on else ""
            return (
                f"The customer alleged something of {staff([fact.against])} on {said(fact.received_on)}; "
                f"{fact.allegation} went to the {words(fact.routed_to)}{due}."
            )
        case CounterAllegationConcluded():
            return f"{capitalised(fact.allegation)} was looked at by {said(fact.concluded_on)}: {words(fact.outcome)}."
        case ComplaintConcluded():
            told = f"; its outcome went out on {said(fact.outcome_sent_on)}" if fact.outcome_sent_on else ""
            return f"{capitalised(fact.complaint)} was concluded on {said(fact.concluded_on)}{told}."
        case ComplaintDeclined():
            return (
                f"{capitalised(fact.complaint)} was not accepted on {said(fact.declined_on)} "
                f"({words(fact.because)}); the customer was told why, and where to turn: {words(fact.ombudsman)}."
            )
        case OmbudsmanInvolved():
            about = f" about {fact.about}" if fact.about else ""
            return f"An ombudsman took the matter up on {said(fact.opened_on)}{about}: {words(fact.ombudsman)}."
        case OmbudsmanDetermined():
            return f"The ombudsman determined {fact.referral} on {said(fact.determined_on)}: {words(fact.outcome)}."
        case _:
            assert_never(fact)
