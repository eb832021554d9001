"""Facts of rights and retention: what a person asked for, what was put right, kept, held and destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import CaseId, HoldReason, RecordClass, Right, RightsOutcome, SubjectId
from domain.personal import ContactText, DecisionText, KeyClass


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsRequestReceived:
    """The person asked for something that data protection law gives them; `due_on` is the last day to answer."""

    request: str
    right: Right
    received_on: date
    due_on: date
    detail: ContactText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsRequestAnswered:
    """What the data protection officer answered, and when it went out."""

    request: str
    outcome: RightsOutcome
    answered_on: date
    reasons: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRectified:
    """What one field of an earlier fact says is wrong, and this is right; both are shown from now on."""

    rectification: str
    event: str  # id of the fact
    field: str  # the path of its personal value
    rectified_on: date
    correct: ContactText
    reason: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedToRightPerson:
    """An entry was about somebody else; what it says is hidden here and stands in that person's case."""

    entry: str  # id of the contact or incident
    to_case: CaseId
    to_person: SubjectId
    hidden: tuple[str, ...]  # ids of the events whose content is hidden from this person's readers
    moved_on: date
    reason: ContactText


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFromOtherPerson:
    """This entry was first taken down in somebody else's case."""

    entry: str  # its id in this case
    from_case: CaseId
    from_event: str
    moved_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHoldPlaced:
    """Nothing of the case is destroyed while this stands."""

    hold: str
    because: HoldReason
    placed_on: date
    review_on: date | None
    reason: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHoldReleased:
    """The hold is over."""

    hold: str
    released_on: date
    reason: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalProposed:
    """Somebody says that the time of these records is over; a second person has to agree."""

    disposal: str
    classes: tuple[RecordClass, ...]
    proposed_on: date
    reason: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionDecided:
    """A second person agreed to a disposal, or said to keep the records."""

    disposal: str
    approved: bool
    decided_on: date
    reason: DecisionText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased:
    """The keys of a person's values are destroyed from here on: appended first, then carried out until it is done.

    `person` is the person of the case, or a third party that it speaks of.
    """

    erasure: str
    person: SubjectId
    classes: tuple[KeyClass, ...]  # empty: every key that the person has, in every case and the directory
    because: str  # id of the disposal or of the rights request
    erased_on: date
