"""How often the policy was followed, added up over cases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.compliance import Finding, Verdict
from domain.policy import Source, Strength
from domain.reports.followed import Followed, sums
from domain.reports.small_numbers import withheld
from domain.reports.stretch import Stretch

MARCH = Stretch(date(2026, 3, 1), date(2026, 3, 31))
IN_MARCH = date(2026, 3, 15)


def finding(verdict: Verdict = Verdict.MET, **changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "rule": "warning_first",
        "clause": "5.1",
        "strength": Strength.MUST,
        "source": Source.POLICY,
        "about": "restriction-1",
        "verdict": verdict,
        "asks": "A warning comes first.",
        "done_on": IN_MARCH,
    }
    return Finding(**{**fields, **changes})


def figures(*cases: tuple[Finding, ...]) -> dict[str, int | None]:
    tally = Followed(MARCH)
    for findings in cases:
        tally.add(findings)
    return {figure.code: figure.value for section in tally.sections() for figure in section.figures}


def test_what_fell_short_is_told_by_clause_and_rule_most_often_first() -> None:
    late, never = finding(Verdict.LATE, rule="review", clause="7.2"), finding(Verdict.NOT_MET)

    found = figures((finding(), late), (late, never))

    assert (found["met"], found["late"], found["not_met"]) == (1, 2, 1)
    assert (found["findings"], found["fell_short"]) == (4, 3)
    by_rule = [(code, count) for code, count in found.items() if code.startswith("short:")]
    assert by_rule == [("short:7.2:review", 2), ("short:5.1:warning_first", 1)]


@pytest.mark.parametrize(
    ("due", "done", "counts"),
    [
        (None, date(2026, 3, 1), True),
        (None, date(2026, 2, 28), False),
        (date(2026, 3, 31), date(2026, 4, 2), True),
        (date(2026, 4, 1), date(2026, 3, 31), False),
        (None, None, False),
    ],
)
def test_a_finding_belongs_to_the_day_on_which_it_was_due_else_done(
    due: date | None, done: date | None, *, counts: bool
) -> None:
    assert figures((finding(due_on=due, done_on=done),))["findings"] == int(counts)


def test_every_verdict_has_a_line_of_its_own() -> None:
    found = figures(tuple(finding(verdict) for verdict in Verdict))

    assert all(found[verdict.value] == 1 for verdict in Verdict)


def test_what_fell_short_by_rule_gives_no_small_number_away() -> None:
    many, few = (finding(Verdict.NOT_MET, rule="many"),) * 9, (finding(Verdict.NOT_MET, rule="few"),) * 2
    counts = {code: value or 0 for code, value in figures(many, few).items()}

    gone = withheld(counts, sums(counts))

    assert "short:5.1:few" in gone
    assert "short:5.1:many" in gone or "fell_short" in gone
