"""Sentences for deciding: the proposal, what was confirmed for it, and the decision."""

from __future__ import annotations

from typing import Final, assert_never

from domain.codes import Answer, PanelView
from domain.events import (
    CheckConfirmed,
    DelegationEnded,
    DelegationRecorded,
    ImportCompleted,
    InterimRestrictionApplied,
    PanelViewRecorded,
    ProposalReturned,
    RestrictionApplied,
    RestrictionDeclined,
    RestrictionImported,
    RestrictionProposed,
)
from projections.sentences.words import appeal_terms, capitalised, listed, measures, reviews, said, staff, words

DecisionFact = (
    RestrictionProposed
    | ProposalReturned
    | CheckConfirmed
    | PanelViewRecorded
    | DelegationRecorded
    | DelegationEnded
    | RestrictionDeclined
    | RestrictionApplied
    | InterimRestrictionApplied
    | RestrictionImported
    | ImportCompleted
)

ANSWERS: Final = {
    Answer.YES: "yes",
    Answer.NO: "no",
    Answer.NOT_APPLICABLE: "not applicable",
    Answer.NOT_KNOWN: "not known",
}
VIEWS: Final = {
    PanelView.SUPPORTS: "supported it",
    PanelView.SUPPORTS_WITH_CHANGES: "supported it with changes",
    PanelView.DOES_NOT_SUPPORT: "did not support it",
}


def decision_sentence(fact: DecisionFact) -> str:
    """What was asked for, confirmed or decided."""
    match fact:
        case RestrictionProposed():
            return (
                f"A restriction was proposed ({fact.proposal}) because of {listed(fact.incidents)}, with the measures "
                f"{listed(fact.measures)}."
            )
        case ProposalReturned():
            return f"{capitalised(fact.proposal)} was returned for more work."
        case CheckConfirmed():
            return f"The check “{words(fact.check)}” for {fact.proposal} was answered: {ANSWERS[fact.answer]}."
        case PanelViewRecorded():
            return (
                f"The {words(fact.panel)} ({staff(fact.members)}) looked at {fact.proposal} on {said(fact.given_on)} "
                f"and {VIEWS[fact.view]}."
            )
        case DelegationRecorded():
            until = f" until {said(fact.until)}" if fact.until else ""
            return (
                f"The {words(fact.role)}'s decision on {fact.proposal} was given to {staff([fact.to])}{until} "
                f"({fact.delegation})."
            )
        case DelegationEnded():
            return f"The decision on {fact.proposal} went back on {said(fact.ended_on)} ({fact.delegation})."
        case RestrictionDeclined():
            return f"{capitalised(fact.proposal)} was declined; the customer is not restricted."
        case RestrictionApplied():
            exceptional = ", as an exceptional term" if fact.exceptional else ""
            confirms = f"; it takes the place of {fact.confirms}" if fact.confirms else ""
            return (
                f"{capitalised(fact.restriction)} was decided on {said(fact.decided_on)}: {measures(fact.measures)}, "
                f"from {said(fact.starts_on)} to {said(fact.ends_on)}{exceptional}; it rests on "
                f"{listed(fact.incidents)}, leaves open {listed(fact.left_open, 'no channel of its own')}, "
                f"{reviews(fact.reviews)}, and {appeal_terms(fact.appeal)}{confirms}."
            )
        case InterimRestrictionApplied():
            return (
                f"{capitalised(fact.restriction)} was put in force for safety on {said(fact.decided_on)}: "
                f"{measures(fact.measures)}, from {said(fact.starts_on)} to {said(fact.ends_on)} and no longer unless "
                f"the policy's decider confirms it; it rests on {listed(fact.incidents)}, and leaves open "
                f"{listed(fact.left_open, 'no channel of its own')}."
            )
        case RestrictionImported():
            missing = f"; the register does not say: {listed(fact.missing)}" if fact.missing else ""
            return (
                f"{capitalised(fact.restriction)} was taken over from the register {fact.source}, line {fact.line}: "
                f"{measures(fact.measures)}, from {said(fact.starts_on)} to {said(fact.ends_on)}{missing}."
            )
        case ImportCompleted():
            return _completed(fact)
        case _:
            assert_never(fact)


def _completed(fact: ImportCompleted) -> str:
    told = [*fact.supplied, *(step.rule for step in fact.steps), *(["incidents"] if fact.incidents else [])]
    parts = (
        f"supplied {listed(told)}" if told else "",
        f"found that these were never done: {listed(fact.not_done)}" if fact.not_done else "",
        f"looked in vain for {listed(fact.not_found)}" if fact.not_found else "",
    )
    said_of_it = "; ".join(part for part in parts if part)
    return f"Of what the register did not say of {fact.restriction}, somebody {said_of_it}."
