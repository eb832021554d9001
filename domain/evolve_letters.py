"""How facts of letters as documents change a case; pure, as all folding is."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from domain import events as e
from domain.calendar import london_date
from domain.case import Case
from domain.case_changes import added, with_changed
from domain.case_letters import Letter
from domain.values import changed

LettersFact = (
    e.LetterPrepared | e.LetterReleased | e.LetterDiscarded | e.LetterParked | e.LetterTakenUpAgain | e.DeliveryReported
)


def letters(case: Case, event: e.Event, fact: LettersFact) -> Case:
    """The case after a fact of a letter."""
    match fact:
        case e.LetterPrepared():
            prepared = Letter(
                id=fact.letter,
                kind=fact.kind,
                about=fact.about,
                notice=fact.notice,
                contents=fact.contents,
                enclosures=fact.enclosures,
                enclosed=fact.enclosed,
                format=fact.format,
                language=fact.language,
                prepared_by=event.actor,
                prepared_on=event.effective_on,
                version=event.version,
                blob=fact.blob,
                digest=fact.digest,
            )
            return changed(case, letters=added(case.letters, prepared))
        case e.LetterReleased():
            return _letter(
                case,
                fact.letter,
                lambda one: changed(
                    one,
                    method=fact.method,
                    dispatch=fact.dispatch,
                    released_by=event.actor,
                    released_on=fact.released_on,
                ),
            )
        case e.LetterDiscarded():
            return _letter(case, fact.letter, lambda one: changed(one, discarded_on=fact.discarded_on))
        case e.LetterParked():
            on = london_date(fact.parked_at)
            return _letter(case, fact.letter, lambda one: changed(one, parked=fact.because, parked_on=on))
        case e.LetterTakenUpAgain():
            return _letter(
                case,
                fact.letter,
                lambda one: changed(one, parked=None, parked_on=None, dispatch=fact.dispatch or one.dispatch),
            )
        case e.DeliveryReported():
            return _letter(case, fact.letter, lambda one: changed(one, delivered=fact.delivered))
        case _:
            assert_never(fact)


def _letter(case: Case, wanted: str, change: Callable[[Letter], Letter]) -> Case:
    return changed(case, letters=with_changed(case.letters, wanted, change))
