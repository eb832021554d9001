"""Was the policy followed? What looking back at every case finds of some days, by verdict and by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from domain.compliance import SHORT, Finding, Verdict
from domain.reports.lines import Sum
from domain.reports.report import Figure, Section
from domain.reports.stretch import Stretch

FINDINGS = "findings"
SHORT_TOTAL = "fell_short"
BY_RULE = "short:"
TITLES = {
    Verdict.MET: "Followed",
    Verdict.LATE: "Followed late",
    Verdict.NOT_MET: "Not followed",
    Verdict.CANNOT_BE_SHOWN: "Cannot be shown",
    Verdict.OVERRIDDEN: "Set aside by somebody entitled to, with reasons",
    Verdict.NOT_APPLICABLE: "Did not apply",
    Verdict.OPEN: "Still owed, in time",
}


class Followed:
    """Adds up the findings of one case after another; keeps counts, and no case."""

    def __init__(self, days: Stretch) -> None:
        self.cases = 0
        self.untold = 0
        self._days = days
        self._verdicts: Counter[Verdict] = Counter()
        self._short: Counter[tuple[str, str]] = Counter()

    def add(self, findings: Iterable[Finding], *, told: bool = True) -> None:
        """One more case: what was due on one of the days, or done on one where no day was set."""
        self.cases += 1
        self.untold += not told
        for finding in findings:
            if self._days.holds(finding.due_on or finding.done_on):
                self._verdicts[finding.verdict] += 1
                if finding.verdict in SHORT:
                    self._short[finding.clause, finding.rule] += 1

    def sections(self) -> tuple[Section, ...]:
        """By verdict, then by clause and rule what fell short, most often first."""
        return (
            Section(code="verdicts", title="What the policy asked of these days", figures=tuple(self._by_verdict())),
            Section(code="short", title="What fell short, by clause", figures=tuple(self._by_rule())),
        )

    def _by_verdict(self) -> Iterator[Figure]:
        for verdict, title in TITLES.items():
            yield Figure(code=verdict.value, title=title, value=self._verdicts[verdict])
        yield Figure(code=FINDINGS, title="In all", value=self._verdicts.total())
        yield Figure(
            code=SHORT_TOTAL, title="Fell short: late, not followed, cannot be shown", value=self._fell_short()
        )

    def _fell_short(self) -> int:
        return sum(self._verdicts[verdict] for verdict in SHORT)

    def _by_rule(self) -> Iterator[Figure]:
        for (clause, rule), count in sorted(self._short.items(), key=lambda one: (-one[1], one[0])):
            title = f"{clause}: {rule.replace('_', ' ')}"
            yield Figure(code=f"{BY_RULE}{clause}:{rule}", title=title, value=count)


def sums(codes: Iterable[str]) -> tuple[Sum, ...]:
    """What holds between the lines of such a report."""
    by_rule = tuple(sorted(code for code in codes if code.startswith(BY_RULE)))
    every = (
        Sum(FINDINGS, tuple(verdict.value for verdict in TITLES)),
        Sum(SHORT_TOTAL, tuple(sorted(verdict.value for verdict in SHORT))),
    )
    return (*every, Sum(SHORT_TOTAL, by_rule)) if by_rule else every
