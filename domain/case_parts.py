"""What a case is made of once its facts are folded: contacts, incidents, warnings, proposals, restrictions, appeals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from domain.codes import (
    Answer,
    AppealOutcome,
    Channel,
    Direction,
    EndKind,
    NoticeKind,
    PanelView,
    Purpose,
    ReviewOutcome,
    RoleCode,
    StaffId,
    SubjectId,
    Triage,
)
from domain.events.parts import AppealTerms, Measure, PolicyRef, ScheduledReview
from domain.personal import Personal


@dataclass(frozen=True)
class Contact:
    """A logged communication, as last corrected."""

    id: str
    event_id: str
    channel: Channel
    direction: Direction
    happened_on: date
    happened_at: datetime | None
    purpose: Purpose | None
    issue: str | None
    completed: bool
    customer_initiated: bool
    disputed: bool = False
    moved: bool = False  # it was about somebody else, and stands in their case


@dataclass(frozen=True)
class Incident:
    """A contact, or another event, that somebody says was unreasonable."""

    id: str
    contact: str | None
    happened_on: date
    conduct_of: SubjectId
    grounds: tuple[str, ...]
    categories: tuple[str, ...]
    issue: str | None
    complaint: str | None
    recorded_by: StaffId
    recorded_on: date
    referred_to: str | None = None
    allegation: str | None = None  # the counter-allegation that it says was unreasonable
    moved: bool = False
    other_person: SubjectId | None = None  # whom it speaks of beside the customer


@dataclass(frozen=True)
class Notice:
    """A letter to the customer and what became of it."""

    id: str
    kind: NoticeKind
    about: str
    signed_by: StaffId | None = None
    sent_on: date | None = None
    deemed_on: date | None = None
    proved_on: date | None = None
    returned_on: date | None = None
    accessible: bool = True
    contents: tuple[str, ...] = ()
    enclosures: tuple[str, ...] = ()
    appeal_until: date | None = None
    lapses_on: date | None = None
    recorded_on: date | None = None  # when it was taken down that it went

    @property
    def received_on(self) -> date | None:
        """The day from which it counts as received; None while unsent, returned, or not in a usable form.

        Proof that it arrived overcomes a return, and not a form that the customer cannot read (baseline 8).
        """
        if not self.accessible:
            return None
        if self.proved_on is not None:
            return self.proved_on
        return None if self.returned_on is not None else self.deemed_on

    @property
    def held_from(self) -> date | None:
        """The day from which its receipt can be held against the customer: one that nobody proved, not before it was
        taken down that it went, so that what is entered later makes nothing a breach (baseline 8).
        """
        received = self.received_on
        if received is None or self.proved_on is not None or self.recorded_on is None:
            return received
        return max(received, self.recorded_on)


@dataclass(frozen=True)
class WrittenWarning:
    """A written warning; what it supports depends on its notice."""

    id: str
    incidents: tuple[str, ...]
    categories: tuple[str, ...]
    issued_on: date
    issued_by: StaffId
    lapses_after: str
    withdrawn: bool = False
    recorded_on: date | None = None


@dataclass(frozen=True)
class Check:
    """The standing answer to one pre-decision check."""

    code: str
    answer: Answer
    by: StaffId
    on: date
    recorded_on: date | None = None


@dataclass(frozen=True)
class Delegation:
    """A decision that its owner gave to somebody else."""

    id: str
    role: RoleCode
    by: StaffId
    to: StaffId
    from_on: date
    until: date | None

    def runs_on(self, day: date) -> bool:
        """Whether it had been given by that day and was not over."""
        return self.from_on <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Proposal:
    """A request for a restriction and what was confirmed for it."""

    id: str
    incidents: tuple[str, ...]
    grounds: tuple[str, ...]
    categories: tuple[str, ...]
    measures: tuple[str, ...]
    proposed_by: StaffId
    proposed_on: date
    area: str | None
    checks: Mapping[str, Check] = field(default_factory=dict)
    panel_view: PanelView | None = None
    panel_members: tuple[StaffId, ...] = ()
    delegation: Delegation | None = None
    involved: frozenset[StaffId] = (
        frozenset()
    )  # whoever answered a check, advised or delegated, also before another did
    outcome: str | None = None  # "returned", "declined" or "applied"
    decided_on: date | None = None  # when it had that outcome
    recorded_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether it still waits for its decision."""
        return self.outcome is None


@dataclass(frozen=True)
class MeasureSet:
    """The measures of a restriction from a day on, until the next set."""

    from_on: date
    measures: tuple[Measure, ...]
    decided_by: StaffId


@dataclass(frozen=True)
class TermEnd:
    """The last day of a term, as decided on a day; an extension adds one."""

    decided_on: date
    ends_on: date
    exceptional: bool


@dataclass(frozen=True)
class ReviewHeld:
    """A completed review."""

    id: str
    cadence: str
    due_on: date | None
    held_on: date
    outcome: ReviewOutcome
    by: StaffId
    appeal: AppealTerms | None


@dataclass(frozen=True)
class ReviewRequest:
    """A wish for a look at a restriction before its time, and what came of it."""

    id: str
    restriction: str
    requested_on: date
    by_customer: bool
    answer_due_on: date | None
    reviewed_on: date | None = None
    declined_on: date | None = None

    @property
    def answered_on(self) -> date | None:
        """When the restriction was looked at, or it was said why not."""
        return self.reviewed_on or self.declined_on


@dataclass(frozen=True)
class Told:
    """Somebody beside the customer who was told, or a system that was marked; undone when the restriction ends."""

    key: str  # "alert:<code>", "audience:<code>", "partner:<code>" or "block:<system>:<channel>"
    on: date
    undone_on: date | None = None

    @property
    def is_somebody(self) -> bool:
        """Whether people were told, who can know only what they are told; a system is just cleared."""
        return self.key.startswith(("audience:", "partner:"))


@dataclass(frozen=True)
class BroughtAlong:
    """What is known of the past of a restriction that an earlier register told of."""

    on: date  # the day on which it was brought along
    warned_on: date | None
    told_on: date | None  # when the customer was told of it, before
    explained: bool  # what the customer did is told
    proportionate: bool = False  # why it was no more than was needed is told
    looked_on: tuple[date, ...] = ()  # days on which it was looked at before
    all_looks_told: bool = False  # those are all that there were
    shown: Mapping[str, date] = field(default_factory=dict)  # rule -> when the step that it asks for was taken
    never: tuple[str, ...] = ()  # items and rules that are known never to have been done
    sought: tuple[str, ...] = ()  # items that were looked for, and are still missing


@dataclass(frozen=True)
class Restriction:
    """A decision that puts measures in force for a term, with all its dated timelines."""

    id: str
    proposal: str
    incidents: tuple[str, ...]
    grounds: tuple[str, ...]
    categories: tuple[str, ...]
    decided_by: StaffId
    decided_on: date
    starts_on: date
    terms: tuple[TermEnd, ...]
    sets: tuple[MeasureSet, ...]
    schedule: tuple[ScheduledReview, ...]
    appeal: AppealTerms
    policy: PolicyRef
    household: str | None
    involved: frozenset[StaffId]
    deciders: frozenset[StaffId] = frozenset()  # whoever decided it or a change of it, of those with a part
    tightened_on: tuple[date, ...] = ()  # days on which a variation asked for more
    contacts_changed: Mapping[str, date] = field(default_factory=dict)  # measure id -> day of its latest named contact
    changes: Mapping[str, date] = field(default_factory=dict)  # id of what varied, eased or extended it -> its day
    told_on: Mapping[str, date] = field(default_factory=dict)  # measure id -> day it was explained by telephone
    told_late: Mapping[str, date] = field(default_factory=dict)  # measure id -> day it was taken down, where later
    others_told: tuple[Told, ...] = ()
    reviews: tuple[ReviewHeld, ...] = ()
    reviewers: Mapping[str, StaffId] = field(default_factory=dict)  # cadence -> appointed
    fell_due: tuple[tuple[str, date], ...] = ()
    suspended: tuple[tuple[date, date | None], ...] = ()  # first day, first day after
    over_from: date | None = None  # first day without it, when it did not simply reach its date
    end_kind: EndKind | None = None
    wrong_on: date | None = None  # the day on which it was found that it should never have been made
    interim: bool = False  # by the duty manager, for days (baseline 13)
    confirms: str | None = None  # the interim restriction that it took the place of
    imported_from: str | None = None  # the register that told of it
    missing: tuple[str, ...] = ()  # what that register did not say, and nobody has supplied since
    brought: BroughtAlong | None = None

    @property
    def ends_on(self) -> date:
        """The last day of the term as it stands."""
        return self.terms[-1].ends_on

    @property
    def exceptional(self) -> bool:
        """Whether its length was justified as exceptional."""
        return any(term.exceptional for term in self.terms)

    @property
    def never_made(self) -> bool:
        """Whether it counts in no figure, because it should never have been made."""
        return self.end_kind is EndKind.WITHDRAWN_AS_WRONG

    def in_force_on(self, day: date) -> bool:
        """Whether it is decided, begun and not over on that day; the customer may not know of it yet."""
        return (
            self.starts_on <= day <= self.ends_on
            and (self.over_from is None or day < self.over_from)
            and not any(start <= day and (end is None or day < end) for start, end in self.suspended)
        )

    def includes(self, decision: str) -> bool:
        """Whether a decision is this one, a change of it or the outcome of one of its reviews."""
        return decision == self.id or decision in self.changes or any(r.id == decision for r in self.reviews)

    def over_on(self, day: date) -> bool:
        """Whether it came to its end before that day, by its date or sooner."""
        return day > self.ends_on or (self.over_from is not None and day >= self.over_from)

    def measures_on(self, day: date) -> tuple[Measure, ...]:
        """The measures decided for that day, known to the customer or not; none when it is not in force."""
        if not self.in_force_on(day):
            return ()
        standing = [s for s in self.sets if s.from_on <= day]
        if not standing:
            return ()
        return tuple(m for m in standing[-1].measures if m.until is None or day <= m.until)

    def pending_reviews(self) -> tuple[ScheduledReview, ...]:
        """Scheduled reviews still owed, soonest first; one that was missed is not owed once a later one was held."""
        latest: dict[str, date] = {}
        for held in self.reviews:
            if held.due_on is not None:
                latest[held.cadence] = max(held.due_on, latest.get(held.cadence, date.min))
        pending = (s for s in self.schedule if s.due_on > latest.get(s.cadence, date.min))
        return tuple(sorted(pending, key=lambda s: (s.due_on, s.cadence)))

    def missed_reviews(self, day: date) -> tuple[ScheduledReview, ...]:
        """Scheduled reviews whose date had passed by that day without them, held late or never, soonest first."""
        held_on = {(r.cadence, r.due_on): r.held_on for r in self.reviews}
        last = min(day, self.last_day() + timedelta(days=1))
        return tuple(
            s
            for s in sorted(self.schedule, key=lambda s: (s.due_on, s.cadence))
            if s.due_on < last and held_on.get((s.cadence, s.due_on), date.max) > s.due_on
        )

    def had_a_part(self) -> frozenset[StaffId]:
        """Whoever had a part in the decision or in a review of it, or was ever the named contact (baseline 9)."""
        named = {staff for mset in self.sets for measure in mset.measures for staff in measure.contact_staff}
        return self.involved | named | {review.by for review in self.reviews}

    def last_day(self) -> date:
        """The last day on which it was or will be in force."""
        if self.over_from is None:
            return self.ends_on
        return min(self.ends_on, self.over_from - timedelta(days=1))

    def still_told(self, day: date) -> tuple[Told, ...]:
        """Who or what still has to be told, or cleared, that it is over."""
        return tuple(t for t in self.others_told if t.undone_on is None) if self.over_on(day) else ()


@dataclass(frozen=True)
class Breach:
    """A contact against a measure."""

    id: str
    contact: str
    restriction: str
    measure: str
    happened_on: date
    withdrawn: bool = False
    reported_on: date | None = None


@dataclass(frozen=True)
class Appeal:
    """A challenge and where it stands."""

    id: str
    against: str
    restriction: str
    about: str
    received_on: date
    in_time: bool
    answer_due_on: date | None
    accepted: bool  # True at once when in time
    declined: bool = False
    acknowledged_on: date | None = None
    reviewer: StaffId | None = None
    outcome: AppealOutcome | None = None
    determined_on: date | None = None
    withdrawn: bool = False
    withdrawn_in: str | None = None  # the contact in which the customer said so
    acknowledge_by_on: date | None = None
    decide_late_by_on: date | None = None
    late_decided_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether somebody still owes the customer something on it."""
        return not (self.declined or self.withdrawn or self.outcome is not None)


@dataclass(frozen=True)
class Adjustment:
    """A reasonable adjustment, from the request to its end."""

    id: str
    kind: str
    requested_on: date
    decided_on: date | None = None
    agreed: bool = False
    starts_on: date | None = None
    ended_on: date | None = None
    instruction: Personal | None = None
    needs_channels: tuple[Channel, ...] = ()  # that have to stay open for it, beyond what its kind says
    unusable_channels: tuple[Channel, ...] = ()  # that this customer cannot use
    answer_by_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.decided_on is None

    def in_force_on(self, day: date) -> bool:
        """Whether it is given on that day."""
        return (
            self.agreed
            and self.starts_on is not None
            and self.starts_on <= day
            and (self.ended_on is None or day <= self.ended_on)
        )


@dataclass(frozen=True)
class PolicyCopy:
    """A copy of the policy that somebody asked for."""

    id: str
    requested_on: date
    send_by_on: date | None = None
    sent_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether it has still to be sent."""
        return self.sent_on is None


@dataclass(frozen=True)
class FiledItem:
    """A contact that was filed without an answer, and what its reader found in it."""

    contact: str
    restriction: str
    measure: str
    reader: StaffId | None
    read_by_on: date
    triage: Triage | None = None
    triaged_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether somebody has still to read it."""
        return self.triage is None


@dataclass(frozen=True)
class AgreedCall:
    """A call at an agreed time: kept, or missed by one side."""

    id: str
    restriction: str
    measure: str
    slot: str
    due_on: date
    on: date  # the day on which it was made, or missed
    kept: bool
    by_landlord: bool  # the landlord missed it


@dataclass(frozen=True)
class Meeting:
    """A meeting that was offered."""

    id: str
    explains: str | None
    offered_on: date
    held_on: date | None = None
    declined_on: date | None = None
    explained: tuple[str, ...] = ()


@dataclass(frozen=True)
class Agreement:
    """An agreement on how contact will go."""

    id: str
    made_on: date
    review_on: date
    ended_on: date | None = None


@dataclass(frozen=True)
class Step:
    """A step that was taken on a day: mitigation considered, equality duty, mediation, concern, support."""

    code: str
    on: date
    by: StaffId
    issue: str | None = None
    contact: str | None = None  # in which it was taken
