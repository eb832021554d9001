"""Facts of ending: lifted, reached its date, overturned, withdrawn as wrong; undone elsewhere; the case closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.personal import DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionLifted:
    """It is no longer needed; `from_on` is the first day without it."""

    restriction: str
    from_on: date
    reasons: DecisionText
    because_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionEnded:
    """Its last day passed; whoever records this, and whenever, it was over the day after."""

    restriction: str
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionOverturned:
    """An appeal found that it should not stand."""

    restriction: str
    from_on: date
    appeal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionWithdrawnAsWrong:
    """The landlord itself found that it should never have been made."""

    restriction: str
    from_on: date
    reasons: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalConfirmed:
    """A trace of an ended restriction elsewhere (alert, channel block, somebody who was told) is undone."""

    restriction: str  # or the safety warning
    removal: str  # id of the removal task
    confirmed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed:
    """Nothing is in force, open or owed; the file rests until its retention ends."""

    closed_on: date
    reasons: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalFailed:
    """Something that was said to be undone still stood: the landlord's failure, never the customer's (baseline 15)."""

    restriction: str
    removal: str
    found_on: date
    detail: DecisionText
