"""Sentences for endings: how a restriction ended, what was undone elsewhere, and the case closed."""

from __future__ import annotations

from typing import assert_never

from domain.events import (
    CaseClosed,
    RemovalConfirmed,
    RemovalFailed,
    RestrictionEnded,
    RestrictionLifted,
    RestrictionOverturned,
    RestrictionWithdrawnAsWrong,
)
from projections.sentences.words import capitalised, said, words

EndingFact = (
    RestrictionLifted
    | RestrictionEnded
    | RestrictionOverturned
    | RestrictionWithdrawnAsWrong
    | RemovalConfirmed
    | RemovalFailed
    | CaseClosed
)


def ending_sentence(fact: EndingFact) -> str:
    """How it ended."""
    match fact:
        case RestrictionLifted():
            because = f" because of {fact.because_of}" if fact.because_of else ""
            without = f"{said(fact.from_on)} is the first day without it"
            return f"{capitalised(fact.restriction)} was lifted{because}; {without}."
        case RestrictionEnded():
            return f"{capitalised(fact.restriction)} reached its date; its last day was {said(fact.last_day)}."
        case RestrictionOverturned():
            return (
                f"{capitalised(fact.restriction)} was overturned by {fact.appeal}; {said(fact.from_on)} is the first "
                "day without it."
            )
        case RestrictionWithdrawnAsWrong():
            return (
                f"{capitalised(fact.restriction)} was withdrawn as wrongly made; {said(fact.from_on)} is the first day "
                "without it."
            )
        case RemovalConfirmed():
            what = words(fact.removal.replace(":", " "))
            return f"A trace of {fact.restriction} elsewhere ({what}) was undone on {said(fact.confirmed_on)}."
        case RemovalFailed():
            what = words(fact.removal.replace(":", " "))
            return (
                f"On {said(fact.found_on)} a trace of {fact.restriction} elsewhere ({what}) still stood, though it was "
                "said to be undone."
            )
        case CaseClosed():
            return f"The case was closed on {said(fact.closed_on)}."
        case _:
            assert_never(fact)
