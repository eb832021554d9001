"""Facts of a review: asked for, given to somebody, fallen due, completed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import ReviewOutcome, StaffId
from domain.events.parts import AppealTerms
from domain.personal import DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequested:
    """The customer, or a colleague, asks for a look before the policy's own date."""

    request: str
    restriction: str
    requested_on: date
    by_customer: bool
    reasons: DecisionText
    answer_due_on: date | None = None  # None: a colleague asked, or nothing was promised yet


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequestDeclined:
    """Nobody looks before the policy's own date, for these reasons."""

    request: str
    restriction: str
    declined_on: date
    reasons: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerAppointed:
    """Who will hold a review."""

    restriction: str
    cadence: str
    reviewer: StaffId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFellDue:
    """A review's date passed without it; counted once, at its true date."""

    restriction: str
    cadence: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCompleted:
    """Somebody looked at the restriction, answered what the policy asks, and said what follows."""

    review: str
    restriction: str
    cadence: str  # "requested" when no cadence asked for it
    due_on: date | None  # the scheduled review that it discharges
    held_on: date
    outcome: ReviewOutcome
    answers: tuple[str, ...]  # codes of the policy's questions that were answered
    contacts_looked_at: int | None  # volume over the period that the policy names
    appeal: AppealTerms | None  # where the policy gives a right of appeal against the outcome
    assessment: DecisionText
    recommended_by: StaffId | None = None
    allegations_seen: tuple[str, ...] = ()  # counter-allegations that the reviewer looked at
