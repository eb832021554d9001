"""What a case knows of the people around it: representatives, other records of the same person, complaints, death."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.calendar import DeliveryMethod
from domain.codes import AllegationOutcome, Authority, CaseId, OmbudsmanOutcome, RoleCode, StaffId, SubjectId
from domain.personal import Personal


@dataclass(frozen=True)
class Representative:
    """Somebody who may speak for the customer."""

    id: str
    person: SubjectId
    authority: Authority
    issue: str | None
    from_on: date
    last_day: date | None

    def speaks_on(self, day: date) -> bool:
        """Whether the authority holds on that day."""
        return self.from_on <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True)
class Merge:
    """Another record of the same person."""

    id: str
    other: SubjectId
    other_case: CaseId
    kept: SubjectId
    conflicts: tuple[str, ...]  # restrictions of this case that a person had to look at when it was made
    merged_on: date
    undone: bool = False
    settled_on: date | None = None
    stands: tuple[str, ...] = ()
    looked_at: tuple[str, ...] = ()  # restrictions of this case of which a person said whether they stand

    @property
    def to_be_lifted(self) -> tuple[str, ...]:
        """Restrictions of this case of which a person said that they do not stand."""
        return () if self.undone else tuple(r for r in self.looked_at if r not in self.stands)

    @property
    def unsettled(self) -> bool:
        """Whether somebody still has to say which of the restrictions that it brought together at once stand.

        What was decided since is asked of both cases: `domain.merge_conflicts`.
        """
        return bool(self.conflicts) and not self.undone and self.settled_on is None


@dataclass(frozen=True)
class Death:
    """That the customer died, and what that ended."""

    died_on: date | None
    learnt_on: date
    withdrawn_on: date | None = None


@dataclass(frozen=True)
class SafeContact:
    """How the customer can be reached without harm."""

    id: str
    methods: tuple[DeliveryMethod, ...]
    no_visits: bool
    from_on: date
    last_day: date | None
    words: Personal

    def holds_on(self, day: date) -> bool:
        """Whether it has to be heeded on that day."""
        return self.from_on <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True)
class CounterAllegation:
    """What the customer alleges of a member of staff, and what was found."""

    id: str
    against: StaffId
    contact: str | None
    routed_to: RoleCode
    received_on: date
    recorded_by: StaffId
    outcome: AllegationOutcome | None = None
    concluded_on: date | None = None
    conclude_by_on: date | None = None

    def open_on(self, day: date) -> bool:
        """Whether it had been made and was not concluded by that day."""
        return self.received_on <= day and (self.concluded_on is None or day < self.concluded_on)


@dataclass(frozen=True)
class Complaint:
    """A complaint that bears on the case; its own procedure and deadlines go on."""

    id: str
    concluded_on: date | None = None
    outcome_sent_on: date | None = None
    declined_on: date | None = None
    about: str | None = None  # the restriction that it complains of
    received_on: date | None = None
    answer_by_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether its own procedure still goes on."""
        return self.concluded_on is None and self.declined_on is None


@dataclass(frozen=True)
class OmbudsmanCase:
    """What an ombudsman looks at, and what came of it."""

    id: str
    ombudsman: str
    about: str | None
    opened_on: date
    outcome: OmbudsmanOutcome | None = None
    determined_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether the ombudsman has still to determine it."""
        return self.determined_on is None
