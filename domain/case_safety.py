"""What a case knows of safety: warnings that staff may be at risk, and what was done at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from domain.case_parts import Told
from domain.codes import EndedBecause, InteractionKind, Precaution, StaffId
from domain.personal import Personal


@dataclass(frozen=True)
class SafetyWarning:
    """A warning that staff may be at risk; shown from its approval to its last day."""

    id: str
    incident: str
    incident_on: date
    home: str | None
    precautions: tuple[Precaution, ...]
    audience: tuple[str, ...]
    review_on: date
    expires_on: date
    proposed_by: StaffId
    proposed_on: date
    precaution_words: Personal | None
    approved_by: StaffId | None = None
    approved_on: date | None = None
    declined_on: date | None = None
    tells_person: bool | None = None
    told_on: date | None = None
    reviewed_on: tuple[date, ...] = ()
    over_from: date | None = None  # first day without it, when it did not simply expire
    as_wrong: bool = False
    wrong_on: date | None = None  # the day on which it was found that it should never have been made
    by_death: bool = False
    others_told: tuple[Told, ...] = ()

    def stands_on(self, day: date) -> bool:
        """Whether it is to be heeded on that day."""
        return (
            self.approved_on is not None
            and self.approved_on <= day <= self.expires_on
            and (self.over_from is None or day < self.over_from)
        )

    def over_on(self, day: date) -> bool:
        """Whether it was declined or came to its end before that day."""
        return (
            self.declined_on is not None
            or day > self.expires_on
            or (self.over_from is not None and day >= self.over_from)
        )

    def last_day(self) -> date:
        """The last day on which it is to be heeded, once it was approved."""
        return self.expires_on if self.over_from is None else min(self.expires_on, self.over_from - timedelta(days=1))

    @property
    def state(self) -> Literal["proposed", "approved", "declined"]:
        """How far its second approval is."""
        if self.declined_on is not None:
            return "declined"
        return "proposed" if self.approved_on is None else "approved"

    def owes_telling(self, day: date) -> bool:
        """Whether the person has still to be told of it, as was decided when it was approved."""
        return self.stands_on(day) and self.tells_person is True and self.told_on is None

    def still_told(self, day: date) -> tuple[Told, ...]:
        """Who or what still has to be told, or cleared, that it is over."""
        return tuple(t for t in self.others_told if t.undone_on is None) if self.over_on(day) else ()


@dataclass(frozen=True)
class EndedInteraction:
    """A call, meeting or visit that the officer ended."""

    id: str
    contact: str
    kind: InteractionKind
    ended_on: date
    because: EndedBecause
    warned_first: bool
    by: StaffId


@dataclass(frozen=True)
class Urgent:
    """What was done about one incident outside the usual steps, each as (id, day)."""

    incident: str
    actions: tuple[tuple[str, str, date], ...] = ()  # id, kind, day
    discussions: tuple[tuple[str, date], ...] = ()
    plans: tuple[tuple[str, date, date, StaffId], ...] = ()  # id, made on, review on, owner
    reviews: tuple[tuple[str, date], ...] = ()
    police: tuple[tuple[str, date], ...] = ()
    involved: frozenset[StaffId] = field(default_factory=frozenset)
