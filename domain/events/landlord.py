"""Facts of the landlord's own stream: how it was set up, which policies it adopted, who held which post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import EntryReason, OpenDay, PointKind, RoleCode, StaffId, SubjectId, SubscriberKind, Topic
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """A time of one day of the week, by London's clocks as "HH:MM"; what goes on past midnight closes at "24:00"."""

    weekday: OpenDay
    opens: str
    closes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPointSet:
    """How an office, a post or a colleague is reached from a day on; one without number and hours ends it.

    A colleague's own number is no part of it: that is personal, and stands in the directory.
    """

    of: PointKind
    code: str  # of the office or the role, or the id of the colleague
    from_on: date
    telephone: str | None  # a published one, of an office or a post
    hours: tuple[OpeningHours, ...]
    messages_to: RoleCode | None  # who takes messages while it is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDisposalProposed:
    """Somebody says that entries of the directory without a case are to go; a second person has to agree.

    Here, because these people have no case. Once it is agreed to, a `PersonErased` for each follows in this stream.
    """

    disposal: str
    persons: tuple[SubjectId, ...]
    because: EntryReason
    requested_on: date | None  # when the person asked, where that is the reason
    due_on: date | None  # the last day to answer them
    proposed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDisposalDecided:
    """A second person agreed that the entries go, or said to keep them."""

    disposal: str
    approved: bool
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberRegistered:
    """A system outside may follow what happens; registered again under the same code, it is what is said last.

    Its token signs in as `signs_in`, an id of the directory like a colleague's, who holds no post. With `references` it
    may have the customer's reference resolved. A required one acknowledges restrictions `within_minutes`.
    """

    subscriber: str  # its code
    kind: SubscriberKind
    signs_in: StaffId
    topics: tuple[Topic, ...]
    partner: str | None  # code of the partner whose system it is
    references: bool
    within_minutes: int | None  # None: nobody waits for it
    from_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberEnded:
    """It may follow nothing any more; `ended_on` is the first day without it."""

    subscriber: str
    ended_on: date
