"""Facts while a restriction is in force: breaches, new issues, and each way its terms change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import StaffId, Triage
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
    allegations_seen: tuple[str, ...] = ()  # counter-allegations that the decider looked at


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
    allegations_seen: tuple[str, ...] = ()  # counter-allegations that the decider looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFiled:
    """A contact was filed without an answer; the named reader or a deputy reads it all the same (baseline 10)."""

    contact: str
    restriction: str
    measure: str
    reader: StaffId | None
    read_by_on: date  # the last day on which it is to be read


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledItemTriaged:
    """The reader read it and said what is in it; anything but `filed` goes on in its own way."""

    contact: str
    triage: Triage
    triaged_on: date
    notes: ContactText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedCallKept:
    """The landlord called at the agreed time; `contact` is the call as it was taken down."""

    call: str
    restriction: str
    measure: str
    slot: str  # the agreed time, "weekday HH:MM" in London
    due_on: date
    contact: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedCallMissed:
    """The agreed call did not come about; when the landlord missed it, it is owed."""

    call: str
    restriction: str
    measure: str
    slot: str
    due_on: date
    by_landlord: bool
    reason: ContactText
