"""Sentences for rights and retention: what was asked for, put right, held, destroyed."""

from __future__ import annotations

from typing import assert_never

from domain.events import (
    DisposalProposed,
    LegalHoldPlaced,
    LegalHoldReleased,
    MovedToRightPerson,
    PersonErased,
    RecordRectified,
    RetentionDecided,
    RightsRequestAnswered,
    RightsRequestReceived,
    TakenFromOtherPerson,
)
from domain.evolve_rights import RightsFact
from projections.sentences.words import capitalised, listed, said, words


def rights_sentence(fact: RightsFact) -> str:
    """What was done for a right of the person, or for the records themselves."""
    match fact:
        case RightsRequestReceived():
            return (
                f"A request came on {said(fact.received_on)} for {words(fact.right)} ({fact.request}); it is to be "
                f"answered by {said(fact.due_on)}."
            )
        case RightsRequestAnswered():
            return f"{capitalised(fact.request)} was answered on {said(fact.answered_on)}: {words(fact.outcome)}."
        case RecordRectified():
            return f"What an earlier fact says was put right on {said(fact.rectified_on)}; both are shown."
        case MovedToRightPerson():
            on = said(fact.moved_on)
            return f"{capitalised(fact.entry)} was about somebody else and moved to their case on {on}."
        case TakenFromOtherPerson():
            return f"{capitalised(fact.entry)} was first taken down in somebody else's case."
        case LegalHoldPlaced():
            return f"From {said(fact.placed_on)} on nothing of the case is destroyed ({words(fact.because)})."
        case LegalHoldReleased():
            return f"{capitalised(fact.hold)} was released on {said(fact.released_on)}."
        case DisposalProposed():
            return f"It was proposed on {said(fact.proposed_on)} to destroy these records: {listed(fact.classes)}."
        case RetentionDecided():
            agreed = "agreed to" if fact.approved else "not agreed to"
            return f"{capitalised(fact.disposal)} was {agreed} by a second person on {said(fact.decided_on)}."
        case PersonErased():
            what = listed(fact.classes, "everything personal")
            return f"From {said(fact.erased_on)} on the keys to this are destroyed: {what} ({fact.because})."
        case _:
            assert_never(fact)
