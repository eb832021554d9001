"""Facts while a restriction is in force: breaches, new issues, and each way its terms change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import StaffId
from domain.events.parts import AppealTerms, Measure, ScheduledReview
from domain.personal import ContactText, DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachRecorded:
    """Completed contact that the customer began, against a measure that they knew of, outside every exception."""

    breach: str
    contact: str
    restriction: str
    measure: str
    happened_on: date
    account: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachWithdrawn:
    """It was no breach after all."""

    breach: str
    reason: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachReported:
    """The role that watches over restrictions was told of a breach."""

    breach: str
    reported_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIssueRaised:
    """The customer brings a matter that the restriction was not about."""

    issue: str
    contact: str
    raised_on: date
    reviews: tuple[ScheduledReview, ...]  # what the policy asks to be looked at because of it
    summary: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedContactChanged:
    """Another person answers from now on; a notice, not a new decision."""

    restriction: str
    measure: str
    contact_staff: tuple[StaffId, ...]
    from_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionVaried:
    """The measures are replaced, the term stays."""

    change: str
    restriction: str
    measures: tuple[Measure, ...]
    from_on: date
    reasons: DecisionText
    proportionality: DecisionText
    incidents: tuple[str, ...]
    tightens: bool
    appeal: AppealTerms
    because_of: str | None  # id of the review or appeal that it follows from


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionEased:
    """Some measures fall away, or less is asked; nothing is added."""

    change: str
    restriction: str
    measures: tuple[Measure, ...]  # those that remain
    from_on: date
    reasons: DecisionText
    because_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionExtended:
    """The term is made longer, for reasons of its own."""

    change: str
    restriction: str
    decided_on: date
    ends_on: date
    reviews: tuple[ScheduledReview, ...]  # those of the added term
    appeal: AppealTerms
    incidents: tuple[str, ...]
    exceptional: bool
    notice: str | None  # the notice of it, sent before the end that it moves
    reasons: DecisionText
    proportionality: DecisionText
    pattern: DecisionText | None
    because_of: str | None
