"""Reports of one landlord: which there are, and each for any days, as of now or of any instant before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from application.desk import Desk, NotFound
from application.looking_back import LookingBack
from application.ports import Clock, EventLog, Policies
from application.streams import landlord_stream
from domain.calendar import days_before, london_date
from domain.codes import CaseId
from domain.evolve import HistoryStep, fold
from domain.landlord import fold_landlord
from domain.policy import Policy
from domain.reports.contact_of_case import contact_of_case
from domain.reports.followed import Followed
from domain.reports.of_case import of_case
from domain.reports.promised import FOLLOWED, REGISTER, REVIEW_PACK, Promised, promised
from domain.reports.report import Audience, Report, Section
from domain.reports.small_numbers import for_outsiders
from domain.reports.stretch import DAY, Stretch, StretchRefused, stretch
from domain.reports.tally import Tally

# The history of each case up to a log position, one after another, and whether it can be told to its end.
Cases = Callable[[int], Iterator[tuple[Sequence[HistoryStep], bool]]]
Unreadable = tuple[type[Exception], ...]
OUTSIDE: Final = "external"


class ReportUnknown(Exception):
    """The policy of those days promises no such report; names those that there are, and not what was asked for."""

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__(f"The policy of those days has no such report. There are {', '.join(known)}.")


class ReportRefused(Exception):
    """This report cannot be made like that; says why, and `field` is what is wrong with the question."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for. `first` may be left out where the report itself says how far it looks back."""

    code: str
    first: date | None
    last: date
    known_at: datetime | None = None
    audience: Audience = "internal"
    case: CaseId | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a report rests on: its place in the log, the policy of its last day, and what the report is."""

    promised: Promised
    policy: Policy
    effective: date
    days: Stretch
    known_at: datetime | None
    known_on: date
    position: int


class Reporting:
    """Makes one landlord's reports; what is read of a case is forgotten before the next."""

    def __init__(
        self, desk: Desk, log: EventLog, policies: Policies, clock: Clock, cases: Cases, unreadable: Unreadable = ()
    ) -> None:
        """`unreadable` is raised by the desk for a history that this release cannot tell to its end."""
        self._desk = desk
        self._log = log
        self._policies = policies
        self._clock = clock
        self._cases = cases
        self._unreadable = unreadable

    def promised(self) -> tuple[Promised, ...]:
        """Every report that there is today. Raises `NotFound` for a landlord without a policy."""
        return tuple(promised(self._desk.policy_on(self.today()).policy))

    def today(self) -> date:
        """Today in London."""
        return london_date(self._clock.now())

    def basis(self, asked: Asked) -> Basis:
        """What the report rests on.

        Raises `StretchRefused`, `ReportUnknown`, and `ReportRefused` for days before the landlord had a policy.
        """
        now = self._clock.now()
        if asked.known_at is not None and asked.known_at > now:
            raise ReportRefused("known_at", "lies ahead: nobody knows yet what will have been recorded by then")
        known_on = london_date(asked.known_at or now)
        position = self._log.head() if asked.known_at is None else self._log.position_at(asked.known_at)
        stretch(asked.last, asked.last, known_on)
        landlord = fold_landlord(self._log.history(landlord_stream(self._desk.landlord), upto=position))
        ref = landlord.policy_on(asked.last)
        if ref is None:
            raise ReportRefused("to", f"no policy was known to apply on {asked.last}")
        policy = self._desk.policy_of(ref).policy
        known = {one.code: one for one in promised(policy)}
        if asked.code not in known:
            raise ReportUnknown(tuple(known))
        wanted = known[asked.code]
        first = asked.first
        if first is None:
            first = _first(asked.last, wanted)
        days = stretch(first, asked.last, known_on)
        _refuse_what_does_not_fit(asked, wanted)
        return Basis(wanted, policy, ref.effective, days, asked.known_at, known_on, position)

    def report(self, basis: Basis, asked: Asked) -> Report:
        """A report of figures. Raises `NotFound` for a case that there is not, or was not then."""
        if asked.case is not None:
            return self._review_pack(basis, asked.case)
        report = self._followed(basis) if basis.promised.kind == FOLLOWED else self._figures(basis)
        return for_outsiders(report) if asked.audience == OUTSIDE else report

    def _figures(self, basis: Basis) -> Report:
        """What all cases add up to."""
        tally = Tally()
        for steps, told in self._cases(basis.position):
            found = of_case(steps, basis.days, basis.known_on)
            if found is not None:
                tally.add(found, told=told)
        return self._report(basis, tally.sections(basis.promised.counts), tally.cases, tally.untold)

    def _followed(self, basis: Basis) -> Report:
        """What looking back at all cases finds, as of the day up to which is known."""
        tally = Followed(basis.days)
        look = LookingBack.at(self._desk, self._log, self._policies, basis.known_on)
        for steps, told in self._cases(basis.position):
            if not (steps and steps[-1].after.person):
                continue
            try:
                tally.add(look.of([step.event for step in steps]).findings, told=told)
            except self._unreadable:  # another case of the same customer, which a rule asks for
                tally.add((), told=False)
        return self._report(basis, tally.sections(), tally.cases, tally.untold)

    def _review_pack(self, basis: Basis, case: CaseId) -> Report:
        """The contact in one case. Raises `NotFound`."""
        self._desk.history(case)  # that it is a case of this landlord's
        history = self._log.history(case, upto=basis.position)
        if not history:
            raise NotFound("nothing was known of this case")
        sections = contact_of_case(fold(history), basis.policy, basis.days)
        return self._report(basis, sections, 1, 0, case)

    def of_nobody(self, basis: Basis) -> Report:
        """What a report says of itself, without any figure: a register has lines instead."""
        return self._report(basis, (), 0, 0)

    def histories(self, basis: Basis) -> Iterator[tuple[Sequence[HistoryStep], bool]]:
        """Every case as it was known, one after another."""
        return self._cases(basis.position)

    def _report(
        self, basis: Basis, sections: tuple[Section, ...], cases: int, untold: int, case: CaseId | None = None
    ) -> Report:
        wanted, days = basis.promised, basis.days
        return Report(
            code=wanted.code,
            title=wanted.title,
            to_whom=wanted.to_whom,
            clause=wanted.clause,
            source=wanted.source,
            says=wanted.says,
            landlord=self._desk.landlord,
            policy=basis.effective,
            first=days.first,
            last=days.last,
            known_at=basis.known_at,
            known_on=basis.known_on,
            position=basis.position,
            audience="internal",
            case=case,
            counts=wanted.counts,
            sections=sections,
            cases=cases,
            untold=untold,
        )


def _first(last: date, wanted: Promised) -> date:
    """The first day of a report that says itself how far it looks; a register is as it stands on a day."""
    if wanted.kind == REGISTER:
        return last
    if wanted.looks_back is None:
        raise ReportRefused("from", "is needed: the first day of the period")
    return days_before(last, wanted.looks_back) + DAY


def _refuse_what_does_not_fit(asked: Asked, wanted: Promised) -> None:
    if wanted.kind in {REGISTER, REVIEW_PACK} and asked.audience == OUTSIDE:
        raise ReportRefused("audience", f"is external, and {wanted.code} is about people one by one: it stays inside")
    if wanted.kind == REVIEW_PACK and asked.case is None:
        raise ReportRefused("case", f"is needed: {wanted.code} is about one case")
    if wanted.kind != REVIEW_PACK and asked.case is not None:
        raise ReportRefused("case", f"is given, and {wanted.code} is about all cases")


__all__ = ["REGISTER", "Asked", "Basis", "ReportRefused", "ReportUnknown", "Reporting", "StretchRefused"]
