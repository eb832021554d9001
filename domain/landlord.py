"""The landlord that its own stream folds to: who held which post on which day, and which policies apply from when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from domain.codes import EntryReason, PointKind, RoleCode, StaffId, SubjectId, SubscriberKind, Topic
from domain.events import (
    AbsenceEnded,
    AbsenceRecorded,
    ContactPointSet,
    EntryDisposalDecided,
    EntryDisposalProposed,
    Event,
    LandlordSetUp,
    PersonErased,
    PolicyAdopted,
    PolicyRef,
    PostAppointed,
    PostEnded,
    SubscriberEnded,
    SubscriberRegistered,
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
    recorded_by: StaffId | None = None

    def covers(self, day: date) -> bool:
        """Whether they are away on that day."""
        return self.from_on <= day and (self.last_day is None or day <= self.last_day)

    def meets(self, first: date, last: date | None) -> bool:
        """Whether it shares a day with those from a first to a last one; None: for a time that nobody knows."""
        begins_in_time = last is None or self.from_on <= last
        ends_too_late = self.last_day is None or first <= self.last_day
        never_was = self.last_day is not None and self.last_day < self.from_on
        return begins_in_time and ends_too_late and not never_was


@dataclass(frozen=True, slots=True)
class EntryDisposal:
    """Entries of the directory without a case that are to go, and whether a second person agreed to it."""

    id: str
    persons: tuple[SubjectId, ...]
    because: EntryReason
    due_on: date | None
    proposed_by: StaffId
    proposed_on: date
    approved: bool | None = None
    decided_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether it waits for the second person."""
        return self.approved is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A system outside that may follow what happens: the landlord's own, or a partner's that sees what is disclosed."""

    id: str  # its code
    kind: SubscriberKind
    signs_in: StaffId
    topics: tuple[Topic, ...]
    partner: str | None
    references: bool
    within_minutes: int | None
    from_on: date
    ended_on: date | None = None  # first day without it

    @property
    def active(self) -> bool:
        """Whether no end of it is on record."""
        return self.ended_on is None


@dataclass(frozen=True, slots=True)
class Landlord:
    """An organisation as its stream tells it."""

    id: str = ""
    version: int = 0
    demonstration: bool = False
    tenures: tuple[Tenure, ...] = ()
    absences: tuple[Absence, ...] = ()
    policies: tuple[PolicyRef, ...] = ()
    disposals: tuple[EntryDisposal, ...] = ()
    points: tuple[ContactPointSet, ...] = ()  # in the order in which they were set
    subscribers: tuple[Subscriber, ...] = ()  # in the order of their first registration
    erased: frozenset[SubjectId] = frozenset()  # people who had no case when they were erased; those with one: there

    def subscriber(self, code: str) -> Subscriber | None:
        """The subscriber of this code as it was registered last, ended or not."""
        return next((s for s in self.subscribers if s.id == code), None)

    def subscriber_of(self, staff: StaffId) -> Subscriber | None:
        """The subscriber that signs in under this id, of those that have not ended."""
        return next((s for s in self.subscribers if s.signs_in == staff and s.active), None)

    def disposal(self, wanted: str) -> EntryDisposal | None:
        """The disposal of entries of this id."""
        return next((d for d in self.disposals if d.id == wanted), None)

    def tenures_on(self, staff: StaffId, day: date) -> tuple[Tenure, ...]:
        """The posts that somebody held on a day, their own first; a deputy's are held whether or not they act."""
        held = (t for t in self.tenures if t.staff == staff and t.covers(day))
        return tuple(sorted(held, key=lambda t: t.deputy))

    def away_on(self, tenure: Tenure, day: date) -> bool:
        """Whether the holder of a post is absent from it on a day."""
        return any(a.tenure == tenure.id and a.covers(day) for a in self.absences)

    def is_away(self, staff: StaffId, day: date) -> bool:
        """Whether somebody who was named cannot be turned to on a day: absent, or without any post by then.

        An absence is from one post; who is ill in one of theirs is ill in all of them.
        """
        held = self.tenures_on(staff, day)
        return not held or any(self.away_on(tenure, day) for tenure in held)

    def deputies_of(self, staff: StaffId, day: date) -> tuple[StaffId, ...]:
        """Who stands in on a day for somebody who was named and is away: deputies in their posts who are there.

        They are of the same area. Of whoever holds no post any more it is the posts that they held. Whether others
        hold the same post, on which `acting_on` depends, does not matter here: a person was named, and not the post.
        """
        posts = self.tenures_on(staff, day) or tuple(t for t in self.tenures if t.staff == staff)
        found = (
            t.staff
            for post in posts
            for t in self.tenures
            if t.deputy and t.role == post.role and t.covers(day) and t.area in (None, post.area)
        )
        return tuple(d for d in dict.fromkeys(found) if d != staff and not self.is_away(d, day))

    def acting_on(self, staff: StaffId, day: date, barred: frozenset[StaffId] = frozenset()) -> tuple[Tenure, ...]:
        """The posts in which somebody can act on a day.

        Nobody acts while they are absent. A deputy acts only while nobody whom they stand in for can: every holder is
        absent, or `barred` from the matter at hand, or the post is vacant.
        """
        return tuple(t for t in self.tenures_on(staff, day) if self._acts(t, day, barred))

    def _acts(self, tenure: Tenure, day: date, barred: frozenset[StaffId]) -> bool:
        if self.away_on(tenure, day):
            return False
        return not tenure.deputy or all(
            holder.staff in barred or self.away_on(holder, day) for holder in self.stood_in_for(tenure, day)
        )

    def deputy_for(self, staff: StaffId, holder: Tenure, day: date) -> Tenure | None:
        """The post in which somebody who is there stands in on a day for the holder of a post; None when in none."""
        held = (t for t in self.tenures_on(staff, day) if t.deputy and not self.away_on(t, day))
        return next((t for t in held if holder in self.stood_in_for(t, day)), None)

    def stood_in_for(self, deputy: Tenure, day: date) -> tuple[Tenure, ...]:
        """Those whose post it is: all of its holders, or for a deputy of one area those who cover that area."""
        return tuple(
            t
            for t in self.tenures
            if t.role == deputy.role
            and not t.deputy
            and t.covers(day)
            and (deputy.area is None or t.area in (None, deputy.area))
        )

    def post_among(
        self, staff: StaffId, roles: Iterable[RoleCode], day: date, barred: frozenset[StaffId] = frozenset()
    ) -> RoleCode | None:
        """The first of these roles in which somebody could act on a day; see `acting_on`."""
        held = {t.role for t in self.acting_on(staff, day, barred)}
        return next((role for role in roles if role in held), None)

    def stands_in(
        self, staff: StaffId, roles: Iterable[RoleCode], day: date, barred: frozenset[StaffId] = frozenset()
    ) -> bool:
        """Whether somebody could act in one of these roles on a day as a deputy alone."""
        wanted = set(roles)
        acting = [t for t in self.acting_on(staff, day, barred) if t.role in wanted]
        return bool(acting) and all(t.deputy for t in acting)

    def holders(self, role: RoleCode, day: date, barred: frozenset[StaffId] = frozenset()) -> tuple[StaffId, ...]:
        """Who could act in a post on a day: its holders who are there, and deputies once none of those is left."""
        everybody = dict.fromkeys(t.staff for t in self.tenures if t.role == role and t.covers(day))
        return tuple(s for s in everybody if self.post_among(s, (role,), day, barred) is not None)

    def point_on(self, of: PointKind, code: str, day: date) -> ContactPointSet | None:
        """How an office, a post or a colleague is reached on a day: what was said for the latest day up to it."""
        said = [p for p in self.points if (p.of, p.code) == (of, code) and p.from_on <= day]
        latest = max(enumerate(said), key=lambda numbered: (numbered[1].from_on, numbered[0]), default=(0, None))[1]
        ended = latest is None or (latest.telephone is None and not latest.hours)
        return None if ended else latest

    def policy_on(self, day: date) -> PolicyRef | None:
        """The policy that applied on a day: the adopted one with the latest effective date up to it."""
        return max((p for p in self.policies if p.effective <= day), key=lambda p: p.effective, default=None)


def fold_landlord(history: Iterable[Event], onto: Landlord | None = None) -> Landlord:
    """The landlord that its stream adds up to, or further events `onto` one that was folded before.

    Raises `LookupError` on facts that belong to a case.
    """
    landlord = onto or Landlord()
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
            away = Absence(fact.absence, fact.tenure, fact.from_on, fact.until, event.actor)
            return replace(landlord, absences=(*landlord.absences, away))
        case AbsenceEnded() as fact:
            return replace(
                landlord,
                absences=tuple(
                    replace(a, last_day=fact.last_day) if a.id == fact.absence else a for a in landlord.absences
                ),
            )
        case ContactPointSet() as fact:
            return replace(landlord, points=(*landlord.points, fact))
        case EntryDisposalProposed() as fact:
            proposed = EntryDisposal(
                fact.disposal, fact.persons, fact.because, fact.due_on, event.actor, fact.proposed_on
            )
            return replace(landlord, disposals=(*landlord.disposals, proposed))
        case EntryDisposalDecided() as fact:
            return replace(
                landlord,
                disposals=tuple(
                    replace(d, approved=fact.approved, decided_on=fact.decided_on) if d.id == fact.disposal else d
                    for d in landlord.disposals
                ),
            )
        case SubscriberRegistered() as fact:
            return replace(landlord, subscribers=_registered(landlord.subscribers, fact))
        case SubscriberEnded() as fact:
            return replace(
                landlord,
                subscribers=tuple(
                    replace(s, ended_on=fact.ended_on) if s.id == fact.subscriber else s for s in landlord.subscribers
                ),
            )
        case PersonErased() as fact:
            return replace(landlord, erased=landlord.erased | {fact.person})
        case _:
            raise LookupError(f"{type(event.fact).__name__} stands in the stream of a landlord")


def _registered(known: tuple[Subscriber, ...], fact: SubscriberRegistered) -> tuple[Subscriber, ...]:
    """The latest registration of a code stands, in the place of the one before."""
    latest = Subscriber(
        id=fact.subscriber,
        kind=fact.kind,
        signs_in=fact.signs_in,
        topics=fact.topics,
        partner=fact.partner,
        references=fact.references,
        within_minutes=fact.within_minutes,
        from_on=fact.from_on,
    )
    if all(s.id != latest.id for s in known):
        return (*known, latest)
    return tuple(latest if s.id == latest.id else s for s in known)
