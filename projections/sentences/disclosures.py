"""Sentences for disclosures: which partner was shown what of a case, on which basis, and that it deleted it."""

from __future__ import annotations

from typing import assert_never

from domain.codes import DisclosureEndReason
from domain.events import DisclosureDecided, DisclosureDeleted, DisclosureEnded
from domain.evolve_disclosures import DisclosuresFact
from projections.sentences.words import capitalised, counted, listed, said, words


def disclosure_sentence(fact: DisclosuresFact) -> str:
    """What a partner may see from here on, or no more."""
    match fact:
        case DisclosureDecided():
            until = f" until {said(fact.until)}" if fact.until else ""
            return (
                f"It was decided that {words(fact.partner)} may see {_shown(fact)} from {said(fact.starts_on)} "
                f"on{until}, on the basis of {words(fact.basis)} ({fact.disclosure}); it deletes that within "
                f"{fact.delete_within} of the end."
            )
        case DisclosureEnded():
            return (
                f"{capitalised(words(fact.partner))} sees nothing more of {fact.disclosure} from "
                f"{said(fact.ended_on)} on: {_because(fact.because)}. It deletes what it keeps by "
                f"{said(fact.delete_by)}."
            )
        case DisclosureDeleted():
            return (
                f"{capitalised(words(fact.partner))} confirmed on {said(fact.confirmed_on)} that it deleted what "
                f"{fact.disclosure} had shown it."
            )
        case _:
            assert_never(fact)


def _shown(fact: DisclosureDecided) -> str:
    parts = [f"{counted(len(one.measures), 'measure')} of {one.restriction}" for one in fact.restrictions]
    return listed([*parts, *(f"the precautions of {one.warning}" for one in fact.warnings)], "nothing")


def _because(reason: DisclosureEndReason) -> str:
    match reason:
        case DisclosureEndReason.DECIDED:
            return "somebody decided so"
        case DisclosureEndReason.OVER:
            return "everything that it disclosed is over"
        case DisclosureEndReason.DATE:
            return "its last day went by"
        case DisclosureEndReason.ERASED:
            return "the customer's records were erased"
        case _:
            assert_never(reason)
