"""Sentences for the landlord's own stream: its beginning, its policies, who held which post."""

from __future__ import annotations

from typing import assert_never

from domain.events import (
    AbsenceEnded,
    AbsenceRecorded,
    LandlordFact,
    LandlordSetUp,
    PolicyAdopted,
    PostAppointed,
    PostEnded,
)
from projections.sentences.words import capitalised, said, staff, words


def landlord_sentence(fact: LandlordFact) -> str:
    """What was set up, adopted or appointed."""
    match fact:
        case LandlordSetUp():
            purpose = " as a demonstration" if fact.demonstration else ""
            return f"The landlord {fact.landlord} was set up{purpose}."
        case PolicyAdopted():
            adopted = fact.adopted
            return (
                f"The policy of {adopted.landlord} effective from {said(adopted.effective)} was adopted "
                f"(SHA-256 {adopted.sha256[:12]}…)."
            )
        case PostAppointed():
            area = f" for {words(fact.area)}" if fact.area else ""
            what = "deputy " if fact.deputy else ""
            return (
                f"{capitalised(staff([fact.staff]))} holds the post of {what}{words(fact.role)}{area} from "
                f"{said(fact.starts_on)} on ({fact.tenure})."
            )
        case PostEnded():
            return f"A post ({fact.tenure}) was given up; its last day was {said(fact.last_day)}."
        case AbsenceRecorded():
            until = f" until {said(fact.until)}" if fact.until else ""
            return f"Whoever holds a post ({fact.tenure}) is away from {said(fact.from_on)}{until} ({fact.absence})."
        case AbsenceEnded():
            return f"An absence ({fact.absence}) is over; its last day was {said(fact.last_day)}."
        case _:
            assert_never(fact)
