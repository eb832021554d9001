"""Facts of deciding: a proposal, what was confirmed before it, and the decision with its term and reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import Answer, Channel, Characteristic, PanelView, RoleCode, StaffId, SubjectId
from domain.events.parts import AppealTerms, Measure, PolicyRef, ScheduledReview
from domain.personal import DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionProposed:
    """Somebody entitled asks for a restriction."""

    proposal: str
    incidents: tuple[str, ...]
    grounds: tuple[str, ...]
    categories: tuple[str, ...]
    measures: tuple[str, ...]  # codes in the policy's catalogue
    area: str | None
    reasons: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalReturned:
    """The proposal went back for more work."""

    proposal: str
    reasons: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckConfirmed:
    """One pre-decision check was answered by the role that the policy names; a later answer replaces it."""

    proposal: str
    check: str
    answer: Answer
    evidence: tuple[str, ...]
    reason: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelViewRecorded:
    """The panel looked at the proposal (or at a restriction, in a panel review) and gave its view."""

    proposal: str
    panel: RoleCode
    view: PanelView
    members: tuple[StaffId, ...]
    given_on: date
    reasons: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRecorded:
    """The decider gave this decision to somebody whom the policy allows to have it."""

    delegation: str
    proposal: str
    role: RoleCode  # whose decision it is
    to: StaffId
    until: date | None
    reason: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionDeclined:
    """The decider said no; the customer is not restricted."""

    proposal: str
    reasons: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionApplied:
    """One or more measures are put in force for a term; every date that follows from the policy is in here."""

    restriction: str
    proposal: str
    incidents: tuple[str, ...]
    grounds: tuple[str, ...]
    categories: tuple[str, ...]
    measures: tuple[Measure, ...]
    decided_on: date
    starts_on: date
    ends_on: date  # the last day
    reviews: tuple[ScheduledReview, ...]
    appeal: AppealTerms
    exceptional: bool
    channels_usable: Answer  # can the customer use what remains open?
    left_open: tuple[Channel, ...]
    household: str | None
    behaviour: DecisionText
    proportionality: DecisionText
    impact: DecisionText | None
    allowances: DecisionText | None
    pattern: DecisionText | None  # cycles of behaviour that bear on the length
    single_ground_reason: DecisionText | None
    term_reason: DecisionText | None
    exceptional_reason: DecisionText | None
    same_behaviour_reason: DecisionText | None  # why an incident of another category repeats what was warned of
    characteristics: tuple[Characteristic, ...] = ()
    warning: str | None = None  # the warning that it rests on
    extreme_reason: DecisionText | None = None  # why no warning came first, where the policy allows that
    extremis_reason: DecisionText | None = None  # why only a third party remains
    confirms: str | None = None  # the interim restriction that it takes the place of
    allegations_seen: tuple[str, ...] = ()  # counter-allegations that the decider looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationEnded:
    """The decision went back to whoever gave it away."""

    delegation: str
    proposal: str
    ended_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionImported:
    """A restriction that was in force before the landlord used this service, as its old register tells it.

    What the register does not say is listed in `missing`; where a date has to stand all the same, it is the one that
    the policy would have given, and is listed too. No step is taken as done that the register does not tell of.
    """

    restriction: str
    source: str  # code of the register
    line: int  # in the file
    measures: tuple[Measure, ...]
    grounds: tuple[str, ...]
    categories: tuple[str, ...]
    warned_on: date | None
    decided_on: date | None
    told_on: date | None
    starts_on: date
    ends_on: date  # the last day
    last_reviewed_on: date | None
    reviews: tuple[ScheduledReview, ...]
    appeal: AppealTerms
    household: str | None
    missing: tuple[str, ...]
    behaviour: DecisionText | None
    detail: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureNamed:
    """What a register did not say of a measure, and is known since; what stays unknown is absent."""

    measure: str
    contact_staff: tuple[StaffId, ...]
    contact_role: RoleCode | None
    reader: StaffId | None
    third_party: SubjectId | None
    slots: tuple[str, ...]
    office: str | None
    review_every: str | None
    words: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShown:
    """A step before a decision, by the rule that asks for it, and when it was taken."""

    rule: str
    done_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCompleted:
    """What an earlier register did not say of a restriction, found elsewhere, with the days on which it really was.

    `supplied`, `not_done` and `not_found` name items of what was missing, or rules, as the import and looking back do.
    """

    restriction: str
    supplied: tuple[str, ...]
    not_done: tuple[str, ...]  # known by now never to have been done
    not_found: tuple[str, ...]  # looked for, and still not known
    found_in: DecisionText
    warned_on: date | None
    decided_on: date | None
    told_on: date | None
    starts_on: date | None
    ends_on: date | None  # the last day
    reviewed_on: tuple[date, ...]  # before it was brought along
    rescheduled: bool
    reviews: tuple[ScheduledReview, ...]  # all that are scheduled now, when that changed
    grounds: tuple[str, ...]
    categories: tuple[str, ...]
    incidents: tuple[str, ...]
    household: str | None
    policy: PolicyRef | None  # under which it was decided
    measures: tuple[MeasureNamed, ...]
    steps: tuple[StepShown, ...]
    behaviour: DecisionText | None
    proportionality: DecisionText | None
