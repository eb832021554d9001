"""The landlord that its own stream folds to: who held which post on which day, and which policies apply from when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from domain.codes import RoleCode, StaffId
from domain.events import (
    AbsenceEnded,
    AbsenceRecorded,
    Event,
    LandlordSetUp,
    PolicyAdopted,
    PolicyRef,
    PostAppointed,
    PostEnded,
)


@dataclass(frozen=True, slots=True)
class Tenure:
    """One person in one post, from a first to a last day."""

    id: str
    role: RoleCode
    staff: StaffId
    starts_on: date
    last_day: date | None
    area: str | None
    deputy: bool

    def covers(self, day: date) -> bool:
        """Whether the post was held on that day."""
        return self.starts_on <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which somebody cannot act in a post."""

    id: str
    tenure: str
    from_on: date
    last_day: date | None

    def covers(self, day: date) -> bool:
        """Whether they are away on that day."""
        return self.from_on <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class Landlord:
    """An organisation as its stream tells it."""

    id: str = ""
    version: int = 0
    demonstration: bool = False
    tenures: tuple[Tenure, ...] = ()
    absences: tuple[Absence, ...] = ()
    policies: tuple[PolicyRef, ...] = ()

    def tenures_on(self, staff: StaffId, day: date) -> tuple[Tenure, ...]:
        """The posts that somebody held on a day."""
        return tuple(t for t in self.tenures if t.staff == staff and t.covers(day))

    def post_among(self, staff: StaffId, roles: Iterable[RoleCode], day: date) -> RoleCode | None:
        """The first of these roles that somebody held on a day."""
        held = {t.role for t in self.tenures_on(staff, day)}
        return next((role for role in roles if role in held), None)

    def holders(self, role: RoleCode, day: date) -> tuple[StaffId, ...]:
        """Who held a post on a day."""
        return tuple(t.staff for t in self.tenures if t.role == role and t.covers(day))

    def policy_on(self, day: date) -> PolicyRef | None:
        """The policy that applied on a day: the adopted one with the latest effective date up to it."""
        return max((p for p in self.policies if p.effective <= day), key=lambda p: p.effective, default=None)


def fold_landlord(history: Iterable[Event]) -> Landlord:
    """The landlord that its stream adds up to. Raises `LookupError` on facts that belong to a case."""
    landlord = Landlord()
    for event in history:
        landlord = replace(_apply(landlord, event), version=event.version)
    return landlord


def _apply(landlord: Landlord, event: Event) -> Landlord:
    match event.fact:
        case LandlordSetUp() as fact:
            return replace(landlord, id=fact.landlord, demonstration=fact.demonstration)
        case PolicyAdopted() as fact:
            others = tuple(p for p in landlord.policies if p.effective != fact.adopted.effective)
            return replace(landlord, policies=(*others, fact.adopted))
        case PostAppointed() as fact:
            tenure = Tenure(fact.tenure, fact.role, fact.staff, fact.starts_on, None, fact.area, fact.deputy)
            return replace(landlord, tenures=(*landlord.tenures, tenure))
        case PostEnded() as fact:
            return replace(
                landlord,
                tenures=tuple(
                    replace(t, last_day=fact.last_day) if t.id == fact.tenure else t for t in landlord.tenures
                ),
            )
        case AbsenceRecorded() as fact:
            away = Absence(fact.absence, fact.tenure, fact.from_on, fact.until)
            return replace(landlord, absences=(*landlord.absences, away))
        case AbsenceEnded() as fact:
            return replace(
                landlord,
                absences=tuple(
                    replace(a, last_day=fact.last_day) if a.id == fact.absence else a for a in landlord.absences
                ),
            )
        case _:
            raise LookupError(f"{type(event.fact).__name__} stands in the stream of a landlord")
