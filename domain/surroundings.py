"""What advice takes into account beside the customer's own cases: the home, the policy of the day, who is in post."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from domain import advice_words as words
from domain.advice_words import Phrase
from domain.case import Case
from domain.case_people import SafeContact
from domain.case_safety import SafetyWarning
from domain.codes import StaffId
from domain.handling import NotKnown, Redirect
from domain.landlord import Landlord
from domain.personal import SafetyText
from domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known around one question.

    `homes` are the home asked about and those in which the customer lives; `at_home` the cases of other people that
    attach something to one of these homes, and `home_unread` says that there may be one which cannot be read.
    `by_person` is False when the home alone was asked about.
    """

    homes: frozenset[str] = frozenset()
    at_home: Sequence[Case] = ()
    home_unread: bool = False
    by_person: bool = True
    policy: Policy | None = None
    landlord: Landlord | None = None


NOTHING_AROUND: Final = Surroundings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """What staff do because a safety warning stands. It says neither whose it is nor what happened."""

    steps: tuple[Phrase, ...]
    words: SafetyText | None


def cautions(
    cases: Sequence[Case], around: Surroundings, day: date
) -> tuple[Caution, ...] | Literal[NotKnown.NOT_KNOWN]:
    """The precautions that go with every answer: those about the customer, then those about the homes.

    A warning about somebody else at the home is told as what to do, and nothing of that person goes with it. When
    not all can be read, those that can be are told; none at all is then not known.
    """
    own = [w for case in cases for w in case.safety if w.stands_on(day)]
    others = [w for case in around.at_home for w in case.safety if w.stands_on(day) and w.home in around.homes]
    told = tuple(_caution(warning) for warning in (*own, *others))
    return told if told or not around.home_unread else NotKnown.NOT_KNOWN


def _caution(warning: SafetyWarning) -> Caution:
    return Caution(steps=tuple(words.PRECAUTIONS[p] for p in warning.precautions), words=warning.precaution_words)


def safe_contact(cases: Sequence[Case], day: date) -> Iterator[SafeContact]:
    """The instructions on how to reach the customer without harm that hold on a day."""
    return (held for case in cases for held in case.safe_contacts if held.holds_on(day))


def no_visits(cases: Sequence[Case], around: Surroundings, day: date) -> bool:
    """Whether nobody may call unannounced on the customer, or at a home that was asked about."""
    concerned = (*cases, *(case for case in around.at_home if case.home in around.homes))
    return any(held.no_visits for held in safe_contact(concerned, day))


def died(case: Case, day: date) -> bool:
    """Whether the customer was known on that day to have died."""
    death = case.death
    return death is not None and death.learnt_on <= day and (death.withdrawn_on is None or day < death.withdrawn_on)


def answering(redirect: Redirect, landlord: Landlord | None, day: date) -> Redirect:
    """The redirect with who answers on that day: whoever is away gives way to their deputies.

    What is not kept here is said in words: numbers, hours, and what to do when nobody is there.
    """
    notes: list[Phrase] = []
    there, away = list(redirect.staff), []
    if landlord is not None:
        away = [one for one in redirect.staff if _is_away(landlord, one, day)]
        deputies = [d for one in away for d in _deputies(landlord, one, day)]
        posts = [holder for role in redirect.roles for holder in landlord.holders(role, day)]
        there = list(dict.fromkeys([*(s for s in there if s not in away), *deputies, *posts]))
        if away:
            notes.append(words.DEPUTY_ANSWERS if deputies else words.TAKE_A_MESSAGE)
        elif redirect.roles and not posts and not there:
            notes.append(words.TAKE_A_MESSAGE)
    if there or away or redirect.roles or redirect.offices:
        notes.append(words.HOURS_NOT_KEPT)
    return replace(redirect, staff=tuple(there), away=tuple(away), notes=tuple(notes))


def _is_away(landlord: Landlord, staff: StaffId, day: date) -> bool:
    """Whether somebody is absent from a post of theirs; who is ill is ill in all of them."""
    return any(landlord.away_on(tenure, day) for tenure in landlord.tenures_on(staff, day))


def _deputies(landlord: Landlord, staff: StaffId, day: date) -> Iterator[StaffId]:
    """Deputies in the posts of somebody who is away, in the same area, who are not away themselves."""
    for post in landlord.tenures_on(staff, day):
        for tenure in landlord.tenures:
            stands_in = tenure.deputy and tenure.role == post.role and tenure.covers(day)
            if stands_in and tenure.area in (None, post.area) and not _is_away(landlord, tenure.staff, day):
                yield tenure.staff
