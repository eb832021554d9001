"""Sentences for letters as documents: prepared, released, parked, and what a provider said of them."""

from __future__ import annotations

from typing import assert_never

from domain.calendar import london_date
from domain.events import (
    DeliveryReported,
    LetterDiscarded,
    LetterParked,
    LetterPrepared,
    LetterReleased,
    LetterTakenUpAgain,
)
from domain.evolve_letters import LettersFact
from projections.sentences.words import capitalised, said, words


def letter_sentence(fact: LettersFact) -> str:
    """What was done with a letter, or what became of it."""
    match fact:
        case LetterPrepared():
            form = "" if fact.format == "standard" else f", in {words(fact.format)}"
            return f"{capitalised(fact.letter)} was prepared: {words(fact.kind)} about {fact.about}{form}."
        case LetterReleased():
            return f"{capitalised(fact.letter)} was released on {said(fact.released_on)}, to go {words(fact.method)}."
        case LetterDiscarded():
            return f"{capitalised(fact.letter)} was discarded on {said(fact.discarded_on)}; it does not go out."
        case LetterParked():
            on = said(london_date(fact.parked_at))
            return f"{capitalised(fact.letter)} waits for somebody since {on}: {words(fact.because)}."
        case LetterTakenUpAgain():
            came = "had gone out" if fact.had_gone else "is tried again"
            return f"{capitalised(fact.letter)} was looked at on {said(fact.taken_up_on)}: it {came}."
        case DeliveryReported():
            on = said(london_date(fact.reported_at))
            came = "was handed over" if fact.delivered else "could not be handed over"
            return f"{capitalised(fact.letter)} {came}, as its carrier reported on {on}."
        case _:
            assert_never(fact)
