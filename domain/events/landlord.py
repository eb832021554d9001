"""Facts of the landlord's own stream: how it was set up, which policies it adopted, who held which post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import RoleCode, StaffId
from domain.events.parts import PolicyRef


@dataclass(frozen=True, slots=True, kw_only=True)
class LandlordSetUp:
    """A landlord begins; a demonstration may start its clock in the past, no other can."""

    landlord: str
    demonstration: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAdopted:
    """A policy file applies from its effective date on."""

    adopted: PolicyRef


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAppointed:
    """A member of staff holds a role from a day on; `area` limits it to a part of the landlord's work."""

    tenure: str
    role: RoleCode
    staff: StaffId
    starts_on: date
    area: str | None
    deputy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEnded:
    """The tenure's last day."""

    tenure: str
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceRecorded:
    """Somebody cannot act in a post for a time; a deputy of the post acts meanwhile."""

    absence: str
    tenure: str
    from_on: date
    until: date | None  # the last day, when known


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceEnded:
    """They are back; `last_day` is the last day of the absence."""

    absence: str
    last_day: date
