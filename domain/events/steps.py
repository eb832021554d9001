"""Facts before a restriction: warning, meeting, mediation, agreement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.personal import DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningIssued:
    """The customer is told in writing what was unreasonable, what to change and what may follow."""

    warning: str
    incidents: tuple[str, ...]
    grounds: tuple[str, ...]
    categories: tuple[str, ...]
    lapses_after: str  # period from receipt for which it can support a restriction, as `Period` writes it
    initial_measures: tuple[str, ...]  # informal handling only; blocks no channel
    behaviour: DecisionText
    change_asked: DecisionText
    consequences: DecisionText
    initial_measures_words: DecisionText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningWithdrawn:
    """The warning should not have been given, or no longer stands; it supports nothing any more."""

    warning: str
    reason: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWarningGiven:
    """A polite and clear warning in the conversation itself, before an officer ends it."""

    contact: str
    given_on: date
    words: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingOffered:
    """A meeting was offered: before a decision to look for a way forward, or after one to explain it."""

    meeting: str
    explains: str | None  # id of the restriction that it explains, None for a meeting before a decision
    offered_on: date
    detail: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingHeld:
    """The meeting took place."""

    meeting: str
    held_on: date
    explained: tuple[str, ...]  # codes of what the policy asks to be explained
    notes: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingDeclined:
    """The customer did not want the meeting, or did not come; never counted against them."""

    meeting: str
    declined_on: date
    notes: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediationOffered:
    """Somebody from outside was offered to help both sides."""

    mediation: str
    offered_on: date
    detail: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementMade:
    """Customer and landlord agreed how contact will go."""

    agreement: str
    made_on: date
    review_on: date
    terms: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementEnded:
    """The agreement is over."""

    agreement: str
    ended_on: date
    reason: DecisionText
