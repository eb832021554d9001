"""What a case knows of rights and retention: requests, holds, disposals, what was moved, put right or erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import CaseId, HoldReason, RecordClass, Right, RightsOutcome, StaffId, SubjectId
from domain.personal import KeyClass


@dataclass(frozen=True)
class RightsRequest:
    """Something that data protection law gives the person, asked for."""

    id: str
    right: Right
    received_on: date
    due_on: date
    outcome: RightsOutcome | None = None
    answered_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether it still waits for its answer."""
        return self.answered_on is None


@dataclass(frozen=True)
class LegalHold:
    """Why nothing of the case is destroyed, until released."""

    id: str
    because: HoldReason
    placed_on: date
    review_on: date | None
    released_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether it still holds."""
        return self.released_on is None


@dataclass(frozen=True)
class Disposal:
    """Records whose time is over, and whether a second person agreed to destroy them."""

    id: str
    classes: tuple[RecordClass, ...]
    proposed_by: StaffId
    proposed_on: date
    approved: bool | None = None
    decided_by: StaffId | None = None
    decided_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether it waits for the second person."""
        return self.approved is None


@dataclass(frozen=True)
class Erasure:
    """Keys that were destroyed, or are about to be."""

    id: str
    person: SubjectId
    classes: tuple[KeyClass, ...]
    because: str
    erased_on: date


@dataclass(frozen=True)
class Moved:
    """An entry that was about somebody else and stands in their case now."""

    entry: str
    to_case: CaseId
    to_person: SubjectId
    hidden: tuple[str, ...]
    moved_on: date


@dataclass(frozen=True)
class Rectification:
    """A field of an earlier fact that is shown together with what is right."""

    id: str
    event: str
    field: str
    rectified_on: date
