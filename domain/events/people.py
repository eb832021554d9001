"""Facts about the people around a case: who speaks for the customer, who handles it, who somebody turned out to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.calendar import DeliveryMethod
from domain.codes import (
    AllegationOutcome,
    Authority,
    CaseId,
    ComplaintExclusion,
    OmbudsmanOutcome,
    RoleCode,
    StaffId,
    SubjectId,
)
from domain.events.parts import ScheduledReview
from domain.personal import AdjustmentText, ContactText, DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class RepresentativeAuthorised:
    """Somebody may speak for the customer; restricting them later leaves the customer free to name another."""

    representative: str
    person: SubjectId  # the representative's own subject id
    authority: Authority
    issue: str | None  # limited to one matter; None: all
    from_on: date
    until: date | None  # the last day, where the authority has one
    detail: ContactText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepresentativeEnded:
    """They no longer speak for the customer; `ended_on` is the last day."""

    representative: str
    ended_on: date
    reason: ContactText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReassigned:
    """Another officer looks after the case from now on, with what was open on it."""

    to: StaffId
    previous: StaffId | None
    from_on: date
    obligations: tuple[str, ...]  # what was open when it passed, as codes with ids
    reason: ContactText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeRecorded:
    """Which household the customer belongs to and which home they live in, both as opaque ids of the landlord's."""

    household: str | None
    home: str | None
    from_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecordsMerged:
    """Two records turned out to be one person; stands in the case of each, under one id, and changes neither."""

    merge: str  # the same in both cases
    other: SubjectId
    other_case: CaseId
    kept: SubjectId  # the record that new cases are opened under
    conflicts: tuple[str, ...]  # restrictions of this case that are in force beside one of the other
    merged_on: date
    reason: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecordsUnmerged:
    """They are two people after all; each case is what it was."""

    merge: str
    unmerged_on: date
    reason: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeConflictSettled:
    """A named person looked at the restrictions that a merge brought together and said what stands.

    `looked_at` is None where it was those that the merge itself had named.
    """

    merge: str
    stands: tuple[str, ...]  # those of this case that stand; the others are lifted by decisions of their own
    settled_on: date
    reasons: DecisionText
    looked_at: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenancyEnded:
    """The tenancy is over: what is in force is looked at again, nothing ends by itself (baseline 16)."""

    ended_on: date
    learnt_on: date  # what is in force on this day is looked at
    reviews: tuple[ScheduledReview, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDied:
    """The customer has died: restrictions end, letters stop, the warning at the address is cleared; reversible."""

    died_on: date | None
    learnt_on: date
    detail: ContactText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathWithdrawn:
    """The report was wrong, and everything that it ended stands as before; what was never told is owed again."""

    withdrawn_on: date
    reason: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeContactInstructed:
    """How the customer can be reached without harm: an abuser in the home, a shared letterbox (baseline 8)."""

    instruction: str
    methods: tuple[DeliveryMethod, ...]  # the only ways in which a notice may go
    no_visits: bool  # nobody calls at the home unannounced
    from_on: date
    until: date | None
    words: AdjustmentText  # what a colleague must heed, never why


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeContactEnded:
    """The customer said that the instruction is no longer needed."""

    instruction: str
    ended_on: date
    reason: AdjustmentText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterAllegationRecorded:
    """The customer alleges something of a member of staff; it is routed to somebody else and shown to the decider."""

    allegation: str
    against: StaffId
    contact: str | None
    routed_to: RoleCode
    received_on: date
    account: ContactText
    conclude_by_on: date | None = None  # None: nothing was promised yet


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterAllegationConcluded:
    """Somebody independent looked at it and said what was found."""

    allegation: str
    outcome: AllegationOutcome
    concluded_on: date
    findings: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintConcluded:
    """A linked complaint came to its end in its own procedure."""

    complaint: str
    concluded_on: date
    outcome_sent_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintDeclined:
    """A complaint was not accepted, with a reason of its own, in writing, and the ombudsman named (baseline 10)."""

    complaint: str
    declined_on: date
    because: ComplaintExclusion
    ombudsman: str  # code of the body that the customer was told of
    reasons: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class OmbudsmanInvolved:
    """An ombudsman took the matter up; until it is determined nothing of it is disposed of."""

    referral: str
    ombudsman: str  # code in the list of policy or baseline, else "other"
    about: str | None  # id of a complaint, of a decision or appeal, or of a counter-allegation
    opened_on: date
    reference: ContactText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OmbudsmanDetermined:
    """What the ombudsman found; what follows for a restriction is decided by whoever decides on it."""

    referral: str
    outcome: OmbudsmanOutcome
    determined_on: date
    orders: DecisionText | None
