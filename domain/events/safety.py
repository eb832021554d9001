"""Facts of a safety warning: that staff may be at risk, a regime of its own beside restrictions (baseline 14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import Precaution, SafetyOutcome
from domain.personal import SafetyText


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyWarningProposed:
    """Somebody asks for a warning that rests on one specific, dated incident; nothing is shown before it is approved.

    `home` attaches it to a home as well, for those who go there and need the precaution without the name.
    """

    warning: str
    incident: str
    incident_on: date
    home: str | None
    precautions: tuple[Precaution, ...]
    audience: tuple[str, ...]  # codes of those with a need to know
    review_on: date
    expires_on: date  # the last day
    reasons: SafetyText
    precaution_words: SafetyText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyWarningApproved:
    """A second person agreed: it is shown from here. The person is told, or it is said why not."""

    warning: str
    approved_on: date
    tells_person: bool
    not_told_because: SafetyText | None
    reasons: SafetyText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyWarningDeclined:
    """The second person did not agree; it was never shown."""

    warning: str
    declined_on: date
    reasons: SafetyText


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyWarningTold:
    """The person was told that the warning stands and how to challenge it."""

    warning: str
    told_on: date
    notes: SafetyText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyAudienceInformed:
    """An audience or a system outside was given the warning; undone when it ends."""

    warning: str
    audience: str
    informed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyWarningReviewed:
    """The warning was looked at again: it stands, it changed, or it goes."""

    warning: str
    outcome: SafetyOutcome
    reviewed_on: date
    review_on: date | None  # the next look, when it stands
    expires_on: date | None
    precautions: tuple[Precaution, ...]
    audience: tuple[str, ...]
    reasons: SafetyText
    precaution_words: SafetyText | None  # what stands from here on


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyWarningRemoved:
    """It is over before its date; `from_on` is the first day without it."""

    warning: str
    from_on: date
    as_wrong: bool  # it should never have been made
    reasons: SafetyText
