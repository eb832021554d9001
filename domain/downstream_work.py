"""What the landlord owes because of those who follow: a subscriber that does not know, that drifted, or has trouble."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from domain.calendar import london_date
from domain.landlord_work import ADMINISTRATOR, landlord_line
from domain.worklist import State, Viewed, Work

# Whatever was told elsewhere is kept right there; whoever looks after posts and subscribers does (assumed).
UNDONE_EVERYWHERE: Final = "baseline 15"
SAFETY_WARNINGS: Final = "baseline 14"
SAFETY: Final = "safety-"  # the public names of what belongs to safety warnings begin like this
NAMED_AT_MOST: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Unacknowledged:
    """What changed in one case, and a subscriber that people rely on has not acknowledged in its time.

    `events` are public names in their order, the first of them recorded at `since` and to be known by `due_at`.
    """

    subscriber: str
    case: str
    person: str | None
    events: tuple[str, ...]
    since: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherCases:
    """That more cases than are listed hold something a subscriber should know by now; `at_least` so many."""

    subscriber: str
    at_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """A subscriber that takes other people to be restricted on a London day than the log says."""

    subscriber: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadBlocked:
    """Something on a road by which subscribers are told needs a person: what in one sentence, and where to look."""

    kind: str
    about: str
    says: str
    since: datetime
    case: str | None = None
    see: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowersOwe:
    """Everything of this kind at one moment."""

    unacknowledged: Sequence[Unacknowledged] = ()
    further: Sequence[FurtherCases] = ()
    drifted: Sequence[Drifted] = ()
    blocked: Sequence[RoadBlocked] = ()


def of_cases(owed: FollowersOwe, viewed: Viewed) -> Iterator[Work]:
    """The lines that stand with a case."""
    for one in owed.unacknowledged:
        yield _unacknowledged(one, viewed)
    for blocked in owed.blocked:
        if blocked.case is not None:
            yield replace(_blocked(blocked, viewed), case=blocked.case)


def without_case(owed: FollowersOwe, viewed: Viewed) -> Iterator[Work]:
    """The lines that stand with no case."""
    for further in owed.further:
        yield _further(further, viewed)
    for drifted in owed.drifted:
        yield replace(
            landlord_line(viewed, "drifted", drifted.subscriber, ADMINISTRATOR),
            clause=UNDONE_EVERYWHERE,
            says=f"{drifted.subscriber} takes other people to be restricted on {drifted.on} than are: have it start "
            "over from a snapshot, and find out what it missed.",
            see=f"/v1/subscribers/{drifted.subscriber}",
        )
    for blocked in owed.blocked:
        if blocked.case is None:
            yield _blocked(blocked, viewed)


def _further(further: FurtherCases, viewed: Viewed) -> Work:
    return replace(
        landlord_line(viewed, "receipts", further.subscriber, ADMINISTRATOR),
        clause=UNDONE_EVERYWHERE,
        says=f"At least {further.at_least} more cases hold a change that {further.subscriber} has not acknowledged in "
        "its time: find out why it does not follow.",
        see=f"/v1/subscribers/{further.subscriber}",
        state=State.OVERDUE,
        count=further.at_least,
    )


def _unacknowledged(one: Unacknowledged, viewed: Viewed) -> Work:
    due_on = london_date(one.due_at)
    names = ", ".join(one.events[:NAMED_AT_MOST]) + (" and more" if len(one.events) > NAMED_AT_MOST else "")
    of_safety = any(name.startswith(SAFETY) for name in one.events)
    return replace(
        landlord_line(viewed, "receipt", one.subscriber, ADMINISTRATOR),
        case=one.case,
        person=one.person,
        due_on=due_on,
        days_late=max(0, (viewed.day - due_on).days),
        state=State.OVERDUE,
        clause=SAFETY_WARNINGS if of_safety else UNDONE_EVERYWHERE,
        says=f"{one.subscriber} has not acknowledged {names} of this case, recorded {one.since:%Y-%m-%d %H:%M} UTC: "
        "find out why, and tell whoever relies on it meanwhile.",
        see=f"/v1/cases/{one.case}/known-by",
    )


def _blocked(one: RoadBlocked, viewed: Viewed) -> Work:
    return replace(
        landlord_line(viewed, one.kind, one.about, ADMINISTRATOR),
        clause=UNDONE_EVERYWHERE,
        says=one.says,
        see=one.see,
    )
