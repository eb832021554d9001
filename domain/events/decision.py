"""Facts of deciding: a proposal, what was confirmed before it, and the decision with its term and reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import Answer, Channel, Characteristic, PanelView, RoleCode, StaffId
from domain.events.parts import AppealTerms, Measure, ScheduledReview
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
