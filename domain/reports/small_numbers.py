"""What leaves the organisation names nobody: counts under five are withheld, and whatever would give them away.

A count that is withheld could be worked out again where all the others of a sum are shown, so more of them are
withheld until none can be. Both carry the same sign, so that the sign itself does not tell which of them are small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from operator import attrgetter
from typing import Final

from domain.reports import followed
from domain.reports.lines import COMMON, OVERRIDE, SUMS, Line, Sum
from domain.reports.report import Figure, Report

FEWEST: Final = 5  # counts under this are withheld (domain: reports)
SIGN: Final = "*"
MEANING: Final = f"{SIGN} stands for a count under {FEWEST}, or for one from which such a count could be worked out."

# Lines that are there only if there was something to count.
_LISTED: Final = (OVERRIDE, followed.BY_RULE)

# Counts that stand in no report and are the difference of two that do: those who are in one and not in the other.
# Nobody's being left over says nothing of anybody.
_BETWEEN: Final = (
    Sum("~no_longer", ("people_during",), ("people_at_end",)),
    Sum("~newly", ("people_during",), ("people_at_start",)),
    Sum("~households_no_longer", ("households_during",), ("households_at_end",)),
    Sum("~households_newly", ("households_during",), ("households_at_start",)),
    Sum("~of_known_household", ("people_during",), ("household_not_known",)),
    Sum("~not_suspended", ("restrictions_at_end",), ("suspended_at_end",)),
    Sum(
        "~heard_in_time",
        ("appeals_upheld", "appeals_varied", "appeals_overturned"),
        ("appeals_answered_late",),
    ),
)

_DAYS_OF: Final[Mapping[str, Line]] = {
    line.code: line for part in COMMON for line in part.lines if line.unit == "days" and line.of is not None
}


def for_outsiders(report: Report) -> Report:
    """The report as it may leave the organisation."""
    counts = {
        figure.code: figure.value
        for section in report.sections
        for figure in section.figures
        if figure.unit == "count" and figure.value is not None
    }
    counts |= _between(counts)
    gone = withheld(counts, sums_over(counts))
    gone |= {code for code, line in _DAYS_OF.items() if line.of in gone}
    sections = tuple(
        replace(
            section,
            figures=_unordered(
                replace(figure, value=None, withheld=True) if figure.code in gone else figure
                for figure in section.figures
            ),
        )
        for section in report.sections
    )
    untold = report.untold or 0
    return replace(
        report,
        sections=sections,
        audience="external",
        cases=report.cases if (report.cases or 0) >= FEWEST else None,
        untold=None if 0 < untold < FEWEST else untold,
    )


def _unordered(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """The figures of a part; rules, of which the most frequent comes first, so that a place tells no withheld count."""
    lines = tuple(figures)
    rules = [figure for figure in lines if figure.code.startswith(_LISTED)]
    shown = [figure for figure in rules if not figure.withheld]
    ordered = iter([*shown, *sorted((one for one in rules if one.withheld), key=attrgetter("code"))])
    return tuple(next(ordered) if figure.code.startswith(_LISTED) else figure for figure in lines)


def sums_over(codes: Iterable[str]) -> tuple[Sum, ...]:
    """What holds between these lines: the sums that are always there, and overrides by their rule."""
    known = set(codes)
    by_rule = tuple(sorted(code for code in known if code.startswith(OVERRIDE)))
    sums = (*SUMS, *_BETWEEN, *([Sum("overrides", by_rule)] if by_rule else []), *followed.sums(known))
    return tuple(one for one in sums if known.issuperset(one.codes))


def _between(counts: Mapping[str, int]) -> dict[str, int]:
    """The small counts between those that are shown."""
    found: dict[str, int] = {}
    for one in _BETWEEN:
        if counts.keys() >= {*one.plus, *one.less}:
            rest = sum(counts[code] for code in one.plus) - sum(counts[code] for code in one.less)
            if 0 < rest < FEWEST:
                found[one.total] = rest
    return found


def withheld(counts: Mapping[str, int], sums: Sequence[Sum]) -> set[str]:
    """The codes of the counts that are not shown: those under five, and as few others as keep them from being known.

    What more is withheld is the smallest count of a sum that gives one away, and of those that adjoining reports tell
    as well only if there is no other.
    """
    gone = {code for code, count in counts.items() if count < FEWEST}
    while known := derivable(gone, counts, sums):
        touching = [one for one in sums if known & {*one.codes}]
        shown = {code for one in touching for code in one.codes if code not in gone}
        if not shown:
            # Nothing of these sums is shown: whatever can still be said of them comes from no figure of ours.
            break
        gone.add(min(shown, key=lambda code: (_told_twice(code), counts[code], code)))
    return gone


def _told_twice(code: str) -> bool:
    """Whether the report on the days before or after tells it too: the one's last counts are the other's first.

    What is withheld here and shown there would be no secret.
    """
    return code.endswith(("_at_start", "_at_end"))


def derivable(gone: Iterable[str], counts: Mapping[str, int], sums: Sequence[Sum]) -> set[str]:
    """Which withheld counts follow from those that are shown: by adding and subtracting, or as no count is below 0.

    An outsider knows every sum, which counts are shown, and that those withheld are whole numbers from 0, or from 1
    for a rule, which is listed only if it was set aside or not followed.
    """
    hidden = sorted(gone)
    place = {code: number for number, code in enumerate(hidden)}
    rows: list[list[Fraction]] = []
    for one in sums:
        row = [Fraction(0)] * (len(hidden) + 1)  # coefficients of what is withheld, then what they come to
        for code, factor in ((one.total, -1), *((c, 1) for c in one.plus), *((c, -1) for c in one.less)):
            if code in place:
                row[place[code]] += factor
            else:
                row[-1] -= factor * counts[code]
        if any(row[:-1]):
            rows.append(row)
    solved = _reduced(rows, len(hidden))
    found: set[str] = set()
    for row in solved:
        involved = [n for n in range(len(hidden)) if row[n]]
        # One unknown alone is known; and unknowns of one sign that come to the least that they can are all least.
        if len(involved) == 1 or _all_least(row, hidden):
            found.update(hidden[n] for n in involved)
    for row in rows:
        if _all_least(row, hidden):
            found.update(code for code, factor in zip(hidden, row, strict=False) if factor)
    return found


def _all_least(row: Sequence[Fraction], hidden: Sequence[str]) -> bool:
    """Whether withheld counts come to as little between them as they can, so that each is known."""
    factors = {code: factor for code, factor in zip(hidden, row, strict=False) if factor}
    least = sum(factor for code, factor in factors.items() if code.startswith(_LISTED))
    return len({factor > 0 for factor in factors.values()}) == 1 and row[-1] == least


def _reduced(rows: list[list[Fraction]], unknowns: int) -> list[list[Fraction]]:
    """The rows in reduced echelon form (Gauss and Jordan): a row with one unknown in it is that unknown, solved."""
    rows = [list(row) for row in rows]
    done = 0
    for column in range(unknowns):
        pivot = next((n for n in range(done, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        top = rows[done] = [value / rows[done][column] for value in rows[done]]
        for n, row in enumerate(rows):
            if n != done and row[column]:
                rows[n] = [value - row[column] * of for value, of in zip(row, top, strict=True)]
        done += 1
    return [row for row in rows if any(row[:-1])]
