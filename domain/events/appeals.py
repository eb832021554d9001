"""Facts of an appeal: lodged, acknowledged, given to somebody uninvolved, and determined."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import AppealOutcome, StaffId, SubjectId
from domain.events.parts import Measure
from domain.personal import DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealLodged:
    """The customer, or somebody for them, challenges a decision; taken down whenever it comes."""

    appeal: str
    against: str  # id of the restriction, or of the review or extension that kept it
    about: str  # "decision", "measures" or "review"
    received_on: date
    by: SubjectId
    in_time: bool
    answer_due_on: date | None
    suspended: bool  # lodging it suspended the measures
    reasons: DecisionText
    acknowledge_by_on: date | None = None  # None: nothing was promised yet
    decide_late_by_on: date | None = None  # of a late one: by when somebody says whether it is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealAcknowledged:
    """The customer was told that the appeal arrived."""

    appeal: str
    acknowledged_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LateAppealDecided:
    """An appeal outside its window is taken all the same, or not, with reasons."""

    appeal: str
    accepted: bool
    answer_due_on: date | None
    reasons: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealReviewerAppointed:
    """Who hears it; `junior` flags somebody of lower rank than the decider, `substitute` somebody's deputy."""

    appeal: str
    reviewer: StaffId
    junior: bool
    substitute: bool = False  # whoever the policy names is absent, or had a part in what it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuresSuspended:
    """The appeal reviewer lets the measures rest until the outcome."""

    appeal: str
    restriction: str
    from_on: date
    reasons: DecisionText


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealWithdrawn:
    """The customer no longer pursues it, in their words or by a contact in which they said so."""

    appeal: str
    withdrawn_on: date
    reasons: DecisionText | None
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealDetermined:
    """What came of it."""

    appeal: str
    outcome: AppealOutcome
    decided_on: date
    measures: tuple[Measure, ...]  # what stands afterwards, when varied
    reasons: DecisionText
    allegations_seen: tuple[str, ...] = ()  # counter-allegations that the reviewer looked at
