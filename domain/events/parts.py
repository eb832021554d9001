"""What several facts are made of: a measure with its parameters, a scheduled review, the terms of an appeal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.codes import Channel, Effect, Purpose, RoleCode, StaffId, SubjectId, UrgentStep
from domain.personal import DecisionText


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One limit on contact, complete: whoever reads it needs neither the policy nor the rest of the case.

    `open` are the channels that stay open under it, as codes; `issue` limits it to one matter, `None` means all;
    `exceptions` are purposes that the policy or the decision lets through beyond the baseline's own.
    """

    id: str  # "<id of what decided it>.<n>", so that a notice of that decision is known to cover it
    code: str  # in the policy's catalogue
    effect: Effect
    clause: str
    open: tuple[Channel, ...]
    reason: DecisionText
    issue: str | None = None
    exceptions: tuple[Purpose, ...] = ()
    contact_staff: tuple[StaffId, ...] = ()  # named contacts
    contact_role: RoleCode | None = None
    reader: StaffId | None = None  # who reads what is filed
    third_party: SubjectId | None = None
    count: int | None = None  # contacts or calls …
    per: str | None = None  # … in each such period, as `Period` writes it
    minutes: int | None = None
    slots: tuple[str, ...] = ()  # agreed times, "weekday HH:MM" in London
    office: str | None = None  # code of an office in the landlord's own list
    review_every: str | None = None  # a cadence of this measure's own, as `Period` writes it
    until: date | None = None  # a measure may end before its restriction does
    limits_contact: bool = True  # False: advice only (a statement, an agreement, an `other` without codes)
    words: DecisionText | None = None  # what the customer is told of it, for `other` and agreements


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledReview:
    """One look that the policy's cadence asks for; `opens_on` is the first day on which it may be held and count."""

    cadence: str  # code in the policy's reviews
    due_on: date
    opens_on: date
    by: tuple[RoleCode, ...]
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What the policy asks for after somebody acted at once: `step` is the policy's code of it."""

    step: UrgentStep
    due_on: date
    by: tuple[RoleCode, ...]
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealTerms:
    """What an appeal against a decision means, fixed when it was decided so that a later policy cannot take it away.

    `window` runs from receipt of the notice, as `Period` writes it; `None`: no limit while the restriction is in force.
    `answer_within` runs from receipt of the appeal; `None`: the policy gives none.
    `suspends` says whether lodging one suspends the measures (it does not, in any policy so far).
    """

    right: bool  # False: the landlord may look again, the customer has no right to it
    window: str | None
    answer_within: str | None
    heard_by: tuple[RoleCode, ...]
    suspends: bool
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRef:
    """Which text a fact was decided under: the landlord's policy and the baseline, each to the byte."""

    landlord: str
    effective: date
    sha256: str
    baseline_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A *should* that was set aside by somebody entitled to, and why."""

    rule: str
    clause: str
    reason: DecisionText
