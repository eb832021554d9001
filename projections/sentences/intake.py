"""Sentences for what is taken in: the case, contacts, incidents, evidence, concern."""

from __future__ import annotations

from typing import Final, assert_never

from domain.case import Case
from domain.codes import Channel, Direction
from domain.events import (
    CaseOpened,
    ComplaintLinked,
    ConcernRaised,
    ContactCorrected,
    ContactDisputed,
    ContactLogged,
    EvidenceAttached,
    IncidentRecorded,
    IssueAnswered,
    PolicyCopyRequested,
    PolicyCopySent,
    ReferredElsewhere,
)
from projections.sentences.words import capitalised, listed, said, words

IntakeFact = (
    CaseOpened
    | ReferredElsewhere
    | ContactLogged
    | ContactCorrected
    | ContactDisputed
    | IncidentRecorded
    | EvidenceAttached
    | ConcernRaised
    | ComplaintLinked
    | IssueAnswered
    | PolicyCopyRequested
    | PolicyCopySent
)

WAYS: Final = {
    Channel.TELEPHONE: "a telephone call",
    Channel.EMAIL: "an e-mail",
    Channel.LETTER: "a letter",
    Channel.ONLINE_FORM: "an online form",
    Channel.OFFICE_VISIT: "a visit to an office",
    Channel.HOME_VISIT: "a visit to the home",
    Channel.MEETING: "a meeting",
    Channel.SOCIAL_MEDIA: "a message on social media",
    Channel.THIRD_PARTY: "contact through somebody else",
}


def intake_sentence(fact: IntakeFact, before: Case) -> str:
    """What was taken down; `before` says who the customer is."""
    match fact:
        case CaseOpened():
            return f"Case number {fact.ordinal} of this customer was opened ({words(fact.kind)})."
        case ReferredElsewhere():
            what = fact.incident or "The matter"
            return f"{capitalised(what)} was passed on under another policy: {words(fact.to)}."
        case ContactLogged():
            return _contact(fact)
        case ContactCorrected():
            return f"What had been taken down of {fact.contact} was corrected: {_corrections(fact)}."
        case ContactDisputed():
            return f"The customer said that {fact.contact} went otherwise; both accounts stand."
        case IncidentRecorded():
            return _incident(fact, before)
        case EvidenceAttached():
            return f"{capitalised(fact.evidence)} ({words(fact.kind)}) was attached to {fact.of}."
        case ConcernRaised():
            to = f"to the {words(fact.to)} " if fact.to else ""
            about = f", resting on {listed(fact.incidents)}" if fact.incidents else ""
            return f"Concern was raised {to}that contact may have become unreasonable{about}."
        case ComplaintLinked():
            concluded = f", which was concluded on {said(fact.concluded_on)}" if fact.concluded_on else ""
            told = f" and whose outcome went out on {said(fact.outcome_sent_on)}" if fact.outcome_sent_on else ""
            about = f" about {fact.about}" if fact.about else ""
            due = f"; it is to be answered by {said(fact.answer_by_on)}" if fact.answer_by_on else ""
            return f"The customer's {fact.complaint}{about} was linked to the case{concluded}{told}{due}."
        case IssueAnswered():
            return f"{capitalised(fact.issue)} was answered in full on {said(fact.answered_on)}."
        case PolicyCopyRequested():
            due = f", to be sent by {said(fact.send_by_on)}" if fact.send_by_on else ""
            return f"A copy of the policy was asked for on {said(fact.requested_on)} ({fact.request}){due}."
        case PolicyCopySent():
            return f"The copy of the policy ({fact.request}) went out on {said(fact.sent_on)}: {words(fact.method)}."
        case _:
            assert_never(fact)


def _contact(fact: ContactLogged) -> str:
    """Both directions are those of the conversation; who began it in truth may differ, and is said when it does."""
    way, inbound = WAYS[fact.channel], fact.direction is Direction.INBOUND
    began = "" if fact.customer_initiated == inbound else _began(by_customer=fact.customer_initiated)
    about = f" about {fact.issue}" if fact.issue else ""
    purpose = f" for the purpose of {words(fact.purpose)}" if fact.purpose else ""
    attempt = "" if fact.completed else "; it did not come about"
    return (
        f"{capitalised(way)} {'from' if inbound else 'to'} the customer on {said(fact.happened_on)}{about}{purpose} "
        f"was taken down as {fact.contact}{began}{attempt}."
    )


def _began(*, by_customer: bool) -> str:
    return f", begun by the {'customer' if by_customer else 'landlord'}"


def _corrections(fact: ContactCorrected) -> str:
    said_now = [
        f"the way in is {words(fact.channel)}" if fact.channel else "",
        f"the day is {said(fact.happened_on)}" if fact.happened_on else "",
        f"the purpose is {words(fact.purpose)}" if fact.purpose else "",
        f"the matter is {fact.issue}" if fact.issue else "",
        "" if fact.completed is None else f"it {'came' if fact.completed else 'did not come'} about",
    ]
    return listed([one for one in said_now if one], "only its account")


def _incident(fact: IncidentRecorded, before: Case) -> str:
    grounds = [*fact.grounds, *(["a ground outside the catalogue"] if fact.other_ground is not None else [])]
    of = f" in {fact.contact}" if fact.contact else ""
    about = f", about {fact.issue}" if fact.issue else ""
    whose = "" if fact.conduct_of == before.person else "; it was somebody else's conduct"
    return (
        f"{capitalised(fact.incident)} was recorded: conduct on {said(fact.happened_on)}{of} towards "
        f"{listed(fact.towards, 'nobody in particular')}{about}; grounds: {listed(grounds)}{whose}."
    )
