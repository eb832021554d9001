"""Sentences for reviews: asked for, given to somebody, fallen due, held."""

from __future__ import annotations

from typing import Final, assert_never

from domain.codes import ReviewOutcome
from domain.events import (
    DeadlinePassed,
    ReviewCompleted,
    ReviewerAppointed,
    ReviewFellDue,
    ReviewRequestDeclined,
    ReviewRequested,
)
from projections.sentences.words import capitalised, counted, listed, said, staff, words

ReviewFact = (
    DeadlinePassed | ReviewRequested | ReviewRequestDeclined | ReviewerAppointed | ReviewFellDue | ReviewCompleted
)

OUTCOMES: Final = {
    ReviewOutcome.UNCHANGED: "it stays as it is",
    ReviewOutcome.EASED: "it is to be eased",
    ReviewOutcome.VARIED: "it is to be varied",
    ReviewOutcome.EXTENDED: "it is to be extended",
    ReviewOutcome.LIFTED: "it is to be lifted",
}


def review_sentence(fact: ReviewFact) -> str:
    """What became of the review."""
    match fact:
        case ReviewRequested():
            who = "The customer" if fact.by_customer else "A colleague"
            due = f"; to be answered by {said(fact.answer_due_on)}" if fact.answer_due_on else ""
            return f"{who} asked on {said(fact.requested_on)} for a review of {fact.restriction} ({fact.request}){due}."
        case ReviewRequestDeclined():
            declined_on = said(fact.declined_on)
            return f"{capitalised(fact.request)} for a review of {fact.restriction} was declined on {declined_on}."
        case ReviewerAppointed():
            return f"The {words(fact.cadence)} review of {fact.restriction} was given to {staff([fact.reviewer])}."
        case ReviewFellDue():
            return (
                f"The {words(fact.cadence)} review of {fact.restriction} was due on {said(fact.due_on)} and not held."
            )
        case DeadlinePassed():
            due_on = said(fact.due_on)
            return f"{words(fact.duty).capitalize()} {fact.about}{_which(fact)} was due on {due_on} and not done."
        case ReviewCompleted():
            due = f", due on {said(fact.due_on)}," if fact.due_on else ""
            looked = (
                ""
                if fact.contacts_looked_at is None
                else f"; {counted(fact.contacts_looked_at, 'contact')} of the period were looked at"
            )
            answered = f"; answered: {listed(fact.answers)}" if fact.answers else ""
            by = f"; recommended by {staff([fact.recommended_by])}" if fact.recommended_by else ""
            return (
                f"The {words(fact.cadence)} review of {fact.restriction}{due} was held on {said(fact.held_on)} "
                f"({fact.review}): {OUTCOMES[fact.outcome]}{looked}{answered}{by}."
            )
        case _:
            assert_never(fact)


def _which(passed: DeadlinePassed) -> str:
    """What tells it apart from the others that the same thing owes, by the rest of its key: its day is said anyway."""
    rest = passed.obligation.removeprefix(f"{passed.duty}:{passed.about}").strip(":")
    detail = rest.removesuffix(passed.due_on.isoformat()).strip(":")
    return f" ({words(detail.replace(':', ', '))})" if detail else ""
