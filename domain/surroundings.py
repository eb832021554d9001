"""What advice takes into account beside the customer's own cases: the home, the policy of the day, who is in post."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from domain import advice_words as words
from domain.advice_words import Phrase
from domain.calendar import Nation, london_date
from domain.case import Case
from domain.case_people import SafeContact
from domain.case_safety import SafetyWarning
from domain.codes import PointKind, RoleCode, StaffId
from domain.events import ContactPointSet
from domain.handling import NotKnown, Redirect
from domain.landlord import Landlord
from domain.personal import SafetyText
from domain.policy import Policy
from domain.reached import Reached, nobody_there, reached


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


def answering(redirect: Redirect, around: Surroundings, at: datetime) -> Redirect:
    """The redirect with who answers on that day and how they are reached: whoever is away gives way to their deputies.

    What is not kept here is said in words, and so is what to do when nobody is there.
    """
    landlord, day = around.landlord, london_date(at)
    notes: list[Phrase] = []
    there, away = list(redirect.staff), []
    found: tuple[Reached, ...] = ()
    if landlord is not None:
        away = [one for one in redirect.staff if landlord.is_away(one, day)]
        deputies = [d for one in away for d in landlord.deputies_of(one, day)]
        posts = [holder for role in redirect.roles for holder in landlord.holders(role, day)]
        there = list(dict.fromkeys([*(s for s in there if s not in away), *deputies, *posts]))
        if away:
            notes.append(words.DEPUTY_ANSWERS if deputies else words.TAKE_A_MESSAGE)
        elif redirect.roles and not posts and not there:
            notes.append(words.TAKE_A_MESSAGE)
        nation = around.policy.nation if around.policy is not None else None
        found = tuple(_reached(redirect, there, away, landlord, at, nation))
    if redirect.by_appointment:
        notes.append(words.BY_APPOINTMENT)
    if words.TAKE_A_MESSAGE not in notes and found and all(one.is_open is False for one in found):
        notes.append(words.CLOSED_THEN)
    if _not_kept(redirect, there, away, found):
        notes.append(words.HOURS_NOT_KEPT)
    return replace(redirect, staff=tuple(there), away=tuple(away), reached=found, notes=tuple(notes))


def _reached(
    redirect: Redirect,
    there: Sequence[StaffId],
    away: Sequence[StaffId],
    landlord: Landlord,
    at: datetime,
    nation: Nation | None,
) -> Iterator[Reached]:
    """How each one named is reached: offices, posts, then colleagues; of those away only who takes messages."""
    day = london_date(at)
    for of, codes in ((PointKind.OFFICE, redirect.offices), (PointKind.ROLE, redirect.roles)):
        for code in codes:
            if (point := landlord.point_on(of, code, day)) is not None:
                yield reached(point, at, nation, landlord)
    for one in there:
        if (point := _point_of(one, redirect, landlord, day)) is not None:
            yield reached(point, at, nation, landlord, staff=one)
    for one in away if not there else ():
        if (point := _point_of(one, redirect, landlord, day)) is not None:
            yield nobody_there(point, at, landlord, one)


def _point_of(staff: StaffId, redirect: Redirect, landlord: Landlord, day: date) -> ContactPointSet | None:
    """A colleague's own, else that of a post of theirs: the one that they are named for before the others."""
    own = landlord.point_on(PointKind.STAFF, staff, day)
    if own is not None:
        return own
    posts = sorted({t.role: None for t in landlord.tenures_on(staff, day)}, key=lambda role: role not in redirect.roles)
    found = (landlord.point_on(PointKind.ROLE, role, day) for role in posts)
    return next((point for point in found if point is not None), None)


def _not_kept(redirect: Redirect, there: Sequence[StaffId], away: Sequence[StaffId], found: Sequence[Reached]) -> bool:
    """Whether of anybody named it is not kept how to reach them; a post may be reached through those who hold it."""
    kept = {(one.of, one.code) for one in found if one.kept}
    named = [(PointKind.OFFICE, office) for office in redirect.offices]
    named += [(PointKind.ROLE, role) for role in redirect.roles if not there]
    named += [(PointKind.STAFF, one) for one in (there or away)]
    return any(one not in kept for one in named)


def duty_manager(
    told: Iterable[Phrase], roles: Sequence[RoleCode], around: Surroundings, at: datetime
) -> Reached | None:
    """How the duty manager is reached, where something told sends staff there and it is kept."""
    landlord = around.landlord
    if landlord is None or words.SENDS_TO_DUTY_MANAGER.isdisjoint(told):
        return None
    points = (landlord.point_on(PointKind.ROLE, role, london_date(at)) for role in roles)
    point = next((point for point in points if point is not None), None)
    return None if point is None else reached(point, at, around.policy.nation if around.policy else None, landlord)
