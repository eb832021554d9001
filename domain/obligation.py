"""What an obligation is: something that a case owes by a day, or that ends on one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from domain.codes import RoleCode, StaffId


class Duty(StrEnum):
    """What is owed, or ends by itself on its day; the code begins the key of each obligation."""

    PROPOSAL = "proposal"
    ADJUSTMENT = "adjustment"
    APPEAL = "appeal"
    LATE_APPEAL = "late_appeal"
    ACKNOWLEDGEMENT = "acknowledgement"
    FILED = "filed"
    REVIEW = "review"
    MEASURE_REVIEW = "measure_review"
    SAFETY_REVIEW = "safety_review"
    TELLING = "telling"
    APPROVAL = "approval"
    NAMED_CONTACT = "named_contact"
    REMOVAL = "removal"
    LETTER = "letter"
    STUCK = "stuck"
    MERGE = "merge"
    LIFTING = "lifting"
    ALLEGATION = "allegation"
    COMPLAINT = "complaint"
    OMBUDSMAN = "ombudsman"
    POLICY_COPY = "policy_copy"
    AGREEMENT = "agreement"
    RIGHTS = "rights"
    AGREED_CALL = "agreed_call"
    CALL_MISSED = "call_missed"
    INTERIM = "interim"
    URGENT = "urgent"
    PLAN = "plan"
    REQUEST = "review_request"
    MISSING = "missing"
    BREACH = "breach"
    HOLD = "hold"
    DISPOSAL = "disposal"
    TERM = "term"
    APPEAL_WINDOW = "appeal_window"
    WARNING_LAPSES = "warning_lapses"
    DELEGATION = "delegation"
    AUTHORITY = "authority"
    SAFETY_EXPIRY = "safety_expiry"
    SAFE_CONTACT = "safe_contact"
    DISCLOSURE = "disclosure"
    DELETION = "deletion"
    DISCLOSING = "disclosing"
    # What is owed follows from the landlord's policy, or from the baseline, as well: `domain.others_told`, `conflicts`.
    INFORM = "inform"
    VARYING = "varying"


# What comes about by itself once its day is over, and asks nobody for anything before.
ENDS_BY_ITSELF: Final = frozenset(
    {
        Duty.TERM,
        Duty.APPEAL_WINDOW,
        Duty.WARNING_LAPSES,
        Duty.DELEGATION,
        Duty.AUTHORITY,
        Duty.SAFETY_EXPIRY,
        Duty.SAFE_CONTACT,
        Duty.DISCLOSURE,
    }
)
# What ends by itself, and is taken down once it did.
END_TAKEN_DOWN: Final = frozenset({Duty.TERM, Duty.DISCLOSURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One thing that is owed, or that ends, in one case.

    `from_on` is the first day on which it can be done, `due_on` the last on which it is done in time (None: no day was
    ever set), `until_on` the last on which it is owed at all (None: until it is done). `by`, `staff` and `clause` are
    what the facts say; where they say nothing, the policy does. `barred` are those who had a part in what it is about,
    and so cannot do it. `passed` says that its day went by is on record.
    With `weekly`, it comes up again every seven days after `due_on` until `until_on`, but for the days in `settled`;
    those in `gone_by` are owed still, and that they went by is on record.
    """

    duty: Duty
    about: str
    detail: str = ""
    from_on: date = date.min
    due_on: date | None = None
    until_on: date | None = None
    by: tuple[RoleCode, ...] = ()
    staff: StaffId | None = None
    barred: tuple[StaffId, ...] = ()
    clause: str | None = None
    code: str = ""
    passed: bool = False
    weekly: bool = False
    settled: tuple[date, ...] = ()
    gone_by: tuple[date, ...] = ()

    @property
    def key(self) -> str:
        """What tells it apart from the others of its case, whatever becomes of its dates."""
        return f"{self.duty}:{self.about}:{self.detail}" if self.detail else f"{self.duty}:{self.about}"

    @property
    def ends_by_itself(self) -> bool:
        """Whether it is a date on which something ends, and asks nobody for anything."""
        return self.duty in ENDS_BY_ITSELF

    @property
    def goes_by_on(self) -> date | None:
        """The next last day that is taken down once it went by; None when there is none, or that is on record.

        What is owed no more by then, because what it was about ended first, never goes by.
        """
        if self.passed or self.due_on is None or self.duty in ENDS_BY_ITSELF - END_TAKEN_DOWN:
            return None
        return next(self.occurrences(self.until_on or date.max), None)

    def open_on(self, day: date) -> bool:
        """Whether it can be done, and is still owed, on a day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def occurrences(self, upto: date) -> Iterator[date]:
        """The days by which it is or was due up to a day, but for those settled or on record; in order."""
        return (day for day in self.still_open(upto) if day not in self.gone_by)

    def still_open(self, upto: date) -> Iterator[date]:
        """The days by which it is or was due up to a day, but for those settled; in order."""
        if self.due_on is None:
            return
        day = self.due_on
        while day <= upto and (self.until_on is None or day <= self.until_on):
            if day not in self.settled:
                yield day
            if not self.weekly:
                return
            day += timedelta(days=7)
