"""Every fact told in one plain English sentence, so that an auditor can read a history without knowing its codes.

A sentence is made of codes, days, counts and opaque ids. What people wrote stays sealed beside it, and is never part
of it.
"""

from __future__ import annotations

from typing import assert_never

from domain.events import LandlordFact
from domain.evolve import HistoryStep
from domain.evolve_disclosures import DisclosuresFact
from domain.evolve_letters import LettersFact
from domain.evolve_people import PeopleFact
from domain.evolve_rights import RightsFact
from domain.evolve_safety import SafetyFact
from projections.sentences.appeals import AppealFact, appeal_sentence
from projections.sentences.decision import DecisionFact, decision_sentence
from projections.sentences.disclosures import disclosure_sentence
from projections.sentences.endings import EndingFact, ending_sentence
from projections.sentences.in_force import InForceFact, in_force_sentence
from projections.sentences.intake import IntakeFact, intake_sentence
from projections.sentences.landlord import landlord_sentence
from projections.sentences.letters import letter_sentence
from projections.sentences.notices import NoticeFact, notice_sentence
from projections.sentences.people import people_sentence
from projections.sentences.reviews import ReviewFact, review_sentence
from projections.sentences.rights import rights_sentence
from projections.sentences.safety import safety_sentence
from projections.sentences.steps import BeforeFact, before_sentence
from projections.sentences.support import SupportFact, support_sentence


def sentence(step: HistoryStep) -> str:
    """What happened, in one sentence; who, when and under which clause stand beside it."""
    fact, before = step.event.fact, step.before
    if isinstance(fact, IntakeFact):
        return intake_sentence(fact, before)
    if isinstance(fact, SupportFact):
        return support_sentence(fact)
    if isinstance(fact, BeforeFact):
        return before_sentence(fact)
    if isinstance(fact, DecisionFact):
        return decision_sentence(fact)
    if isinstance(fact, NoticeFact):
        return notice_sentence(fact, before)
    if isinstance(fact, InForceFact):
        return in_force_sentence(fact)
    if isinstance(fact, AppealFact):
        return appeal_sentence(fact)
    if isinstance(fact, ReviewFact):
        return review_sentence(fact)
    if isinstance(fact, EndingFact):
        return ending_sentence(fact)
    if isinstance(fact, PeopleFact):
        return people_sentence(fact)
    if isinstance(fact, SafetyFact):
        return safety_sentence(fact)
    if isinstance(fact, RightsFact):
        return rights_sentence(fact)
    if isinstance(fact, LettersFact):
        return letter_sentence(fact)
    if isinstance(fact, DisclosuresFact):
        return disclosure_sentence(fact)
    if isinstance(fact, LandlordFact):
        return landlord_sentence(fact)
    assert_never(fact)
