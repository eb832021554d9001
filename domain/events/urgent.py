"""Facts of the urgent path: a call ended, action at once, the interim restriction, police and lawyers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import Answer, Channel, EndedBecause, InteractionKind, LegalStep, RoleCode, StaffId
from domain.events.parts import AppealTerms, FollowUp, Measure, ScheduledReview
from domain.personal import ContactText, DecisionText, SafetyText


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionEnded:
    """The officer ended a call, a meeting or a visit."""

    ending: str
    contact: str
    kind: InteractionKind
    ended_on: date
    because: EndedBecause
    warned_first: bool  # a spoken warning went before
    reason: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentActionTaken:
    """Something was done at once, because it could not wait for the usual steps."""

    action: str
    kind: str  # code in the policy's urgent actions, or "other"
    incident: str
    taken_on: date
    detail: SafetyText
    follow_ups: tuple[FollowUp, ...] = ()  # for the first action about the incident


@dataclass(frozen=True, slots=True, kw_only=True)
class SeniorDiscussionHeld:
    """The roles that the policy names talked the incident over."""

    discussion: str
    incident: str
    held_on: date
    roles: tuple[RoleCode, ...]
    members: tuple[StaffId, ...]
    outcome: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPlanMade:
    """What is done about the incident, by whom and by when."""

    plan: str
    incident: str
    made_on: date
    review_on: date
    owner: StaffId
    detail: SafetyText


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentCaseReviewed:
    """What was done at once about an incident was looked at, once it was over."""

    review: str
    incident: str
    held_on: date
    clause: str  # that asks for it
    assessment: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class InterimRestrictionApplied:
    """The duty manager limits contact as far as safety needs, for days; not renewable (baseline 13)."""

    restriction: str
    incidents: tuple[str, ...]
    grounds: tuple[str, ...]
    categories: tuple[str, ...]
    measures: tuple[Measure, ...]
    decided_on: date
    starts_on: date
    ends_on: date  # the last day
    reviews: tuple[ScheduledReview, ...]
    appeal: AppealTerms
    channels_usable: Answer  # not known is allowed here, and nowhere else
    left_open: tuple[Channel, ...]
    household: str | None
    behaviour: DecisionText
    safety_reason: DecisionText
    extremis_reason: DecisionText | None = None
    follow_ups: tuple[FollowUp, ...] = ()  # for each incident that nobody had acted on before


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliceInformed:
    """The police were told of an incident."""

    report: str
    incident: str | None
    informed_on: date
    reference: SafetyText | None
    detail: SafetyText


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalActionConsidered:
    """Whether to go to court was looked at, and what follows."""

    consideration: str
    step: LegalStep
    incidents: tuple[str, ...]
    considered_on: date
    reasons: DecisionText
