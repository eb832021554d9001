"""Was the policy followed? Asked of one case or of many, with what their landlord had in post and in force."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from application.desk import Desk, NotFound
from application.ports import EventLog, Policies
from application.streams import landlord_stream
from domain.case import Case
from domain.codes import CaseId, SubjectId
from domain.compliance import SHORT, Compliance, Finding, Verdict, compliance
from domain.events import Event, PolicyRef
from domain.evolve import fold
from domain.landlord import Landlord, fold_landlord
from domain.policy import Policy


@dataclass(frozen=True, slots=True)
class LookingBack:
    """One look at a landlord's cases as of a day: the posts and policies are read once for all of them."""

    desk: Desk
    policies: Policies
    landlords: tuple[tuple[int, Landlord], ...]  # each from a position of the log on, in order
    on: date

    @classmethod
    def at(cls, desk: Desk, log: EventLog, policies: Policies, on: date) -> LookingBack:
        """A look as of a London day."""
        own = log.history(landlord_stream(desk.landlord))
        known = tuple((event.position, fold_landlord(own[: n + 1])) for n, event in enumerate(own))
        return cls(desk, policies, known, on)

    def case(self, case: CaseId, *, known_at: datetime | None = None) -> Compliance:
        """How one case was handled, or what of it was known at an instant. Raises `NotFound`.

        The customer's other cases are read with it where a rule asked of them; so whatever cannot be read of one of
        those is raised for this one too.
        """
        return self.of(self.desk.history(case, known_at=known_at))

    def of(self, history: Sequence[Event]) -> Compliance:
        """How a case was handled as far as this much of its history tells."""
        case = CaseId(history[0].stream) if history else CaseId("")
        baseline = self.policies.baseline.baseline
        return compliance(history, self._landlord, self._policy, baseline, self.on, beside=_Beside(self.desk, case))

    def _landlord(self, position: int) -> Landlord:
        found = bisect_right(self.landlords, position, key=lambda known: known[0])
        return self.landlords[found - 1][1] if found else Landlord()

    def _policy(self, ref: PolicyRef) -> Policy | None:
        try:
            return self.desk.policy_of(ref).policy
        except NotFound:
            return None


@dataclass(slots=True)
class _Beside:
    """The cases beside one, each as it was known before an instant; what was saved at the same time was not known."""

    desk: Desk
    case: CaseId
    histories: dict[CaseId, Sequence[Event]] = field(default_factory=dict)

    def __call__(self, whose: tuple[SubjectId, ...], before: datetime) -> tuple[Case, ...]:
        known = dict.fromkeys(other for person in whose for other in self.desk.cases_of(person) if other != self.case)
        found = (fold(self._until(other, before)) for other in known)
        return tuple(case for case in found if case.version)

    def _until(self, other: CaseId, before: datetime) -> Sequence[Event]:
        if other not in self.histories:
            self.histories[other] = self.desk.history(other)
        history = self.histories[other]
        return history[: bisect_left(history, before, key=lambda event: event.recorded_at)]


@dataclass(slots=True)
class Tally:
    """How often each clause was followed or not over several cases, and in which cases it fell short."""

    counts: dict[tuple[str, str], Counter[Verdict]] = field(default_factory=dict)
    cases: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)

    def add(self, found: Compliance) -> None:
        """Count the findings of one more case."""
        for finding in found.findings:
            key = (finding.clause, finding.rule)
            self.counts.setdefault(key, Counter())[finding.verdict] += 1
            if finding.verdict in SHORT:
                self.cases.setdefault(key, {})[found.case] = None

    def lines(self) -> Iterator[ClauseTally]:
        """Each clause and rule once, those that fell short most often first."""
        order = sorted(self.counts, key=lambda key: (-sum(self.counts[key][v] for v in SHORT), key))
        for clause, rule in order:
            yield ClauseTally(
                clause=clause,
                rule=rule,
                verdicts={verdict.value: n for verdict, n in sorted(self.counts[clause, rule].items())},
                cases=tuple(self.cases.get((clause, rule), ())),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseTally:
    """One rule of one clause over several cases: how often with which verdict, and the cases in which it fell short."""

    clause: str
    rule: str
    verdicts: dict[str, int]
    cases: tuple[str, ...]


def verdicts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings have which verdict."""
    counted = Counter(finding.verdict for finding in findings)
    return {verdict.value: counted[verdict] for verdict in Verdict if counted[verdict]}
