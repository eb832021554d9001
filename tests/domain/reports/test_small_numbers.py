"""Counts under five are withheld from outsiders, and none of them can be worked out from what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reports.followed import BY_RULE
from domain.reports.lines import OVERRIDE, SUMS, Sum
from domain.reports.report import Figure, Report, Section
from domain.reports.small_numbers import for_outsiders, withheld

THREE = Sum("total", ("a", "b", "c"))
BALANCE = Sum("end", ("start", "came"), ("went",))
TWO = (THREE, Sum("total", ("x", "y")))
MOST = 24  # counts that an outsider would think of in these tests


def solutions(shown: dict[str, int], hidden: Sequence[str], sums: Iterable[Sum], most: int) -> list[tuple[int, ...]]:
    """Everything that the withheld counts could be, found by trying all of it."""
    return [
        tried
        for tried in product(range(most + 1), repeat=len(hidden))
        if all(_holds(one, {**shown, **dict(zip(hidden, tried, strict=True))}) for one in sums)
    ]


def _holds(one: Sum, values: dict[str, int]) -> bool:
    return sum(values[c] for c in one.plus) - sum(values[c] for c in one.less) == values[one.total]


@pytest.mark.parametrize("count", range(5))
def test_a_count_under_five_is_withheld(count: int) -> None:
    assert withheld({"alone": count}, ()) == {"alone"}


def test_five_is_shown() -> None:
    assert withheld({"alone": 5}, ()) == set()


def test_a_lone_small_count_takes_the_smallest_other_with_it() -> None:
    counts = {"total": 30, "a": 3, "b": 20, "c": 7}

    assert withheld(counts, (THREE,)) == {"a", "c"}


def test_two_small_counts_hide_each_other() -> None:
    assert withheld({"total": 14, "a": 3, "b": 10, "c": 1}, (THREE,)) == {"a", "c"}


def test_counts_that_are_nothing_between_them_would_be_known_as_well() -> None:
    assert withheld({"total": 12, "a": 12, "b": 0, "c": 0}, (THREE,)) == {"a", "b", "c"}


def test_what_is_left_between_two_sums_is_not_known_either() -> None:
    counts = {"total": 20, "a": 2, "b": 9, "c": 9, "x": 10, "y": 10}

    assert withheld(counts, TWO) == {"a", "b"}


def test_a_balance_gives_nothing_away() -> None:
    gone = withheld({"start": 20, "came": 6, "went": 2, "end": 24}, (BALANCE,))

    assert "went" in gone
    assert len(gone) == 2


def test_what_the_report_on_the_days_after_tells_as_well_is_not_what_hides_a_count() -> None:
    balance = SUMS[0]
    first = {"restrictions_at_start": 40, "restrictions_begun": 2, "restrictions_ended": 30, "restrictions_at_end": 12}
    after = {"restrictions_at_start": 12, "restrictions_begun": 8, "restrictions_ended": 7, "restrictions_at_end": 13}

    # Shown as the first count of the days after, the last one of these days would give the two that began away.
    assert withheld(first, (balance,)) == {"restrictions_begun", "restrictions_ended"}
    assert withheld(after, (balance,)) == set()


def test_who_came_newly_is_not_told_by_two_reports_on_adjoining_days() -> None:
    first = {"people_at_start": 20, "people_at_end": 20, "people_during": 26}
    after = {"people_at_start": 20, "people_at_end": 30, "people_during": 31}

    # 31 of the days after and the 30 of their end would tell who was restricted no longer.
    assert for_outsiders(report(**first)).values().items() >= first.items()
    assert for_outsiders(report(**after)).values().items() >= {**after, "people_during": None}.items()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 8), min_size=3, max_size=3), st.integers(0, 24))
def test_no_withheld_count_is_the_only_one_that_fits(parts: list[int], split: int) -> None:
    total = sum(parts)
    counts = {"total": total, **dict(zip("abc", parts, strict=True)), "x": min(split, total)}
    counts["y"] = total - counts["x"]

    gone = sorted(withheld(counts, TWO))

    shown = {code: count for code, count in counts.items() if code not in gone}
    if len(gone) > 3:
        return  # all but nothing is shown, and trying everything takes too long
    possible = solutions(shown, gone, TWO, MOST)
    for place, code in enumerate(gone):
        assert len({tried[place] for tried in possible}) > 1, f"{code} can be worked out from {shown}"


CODES = sorted({code for one in SUMS for code in one.codes})


@given(st.data())
def test_no_withheld_line_of_a_report_follows_by_subtraction(data: st.DataObject) -> None:
    counts = made_up(data)

    gone = withheld(counts, SUMS)

    # By hand, and not as the code under test does it: whenever a sum lacks one line alone, that line follows, and
    # whatever follows is known from then on.
    known = set(counts) - gone
    found = True
    while found:
        found = False
        for one in SUMS:
            missing = [code for code in one.codes if code not in known]
            if len(missing) == 1:
                known.add(missing[0])
                found = True
    assert not known & gone
    assert all(counts[code] >= 5 for code in known)


def made_up(data: st.DataObject) -> dict[str, int]:
    """Counts that add up as those of a report do."""
    small = st.integers(0, 9)
    counts = {code: data.draw(small, code) for code in CODES}
    kinds, bands = SUMS[1], SUMS[2]
    ended = sum(counts[c] for c in kinds.plus)
    left = ended
    for code in bands.plus[:-1]:
        counts[code] = data.draw(st.integers(0, left), code)
        left -= counts[code]
    counts[bands.plus[-1]] = left
    counts["restrictions_ended"] = ended
    for one in SUMS:
        if one.total == "restrictions_ended":
            continue
        rest = sum(counts[c] for c in one.plus) - sum(counts[c] for c in one.less)
        if rest < 0:
            counts[one.plus[0]] -= rest
            rest = 0
        counts[one.total] = rest
    return counts


# Who is in the first and not in the second of these is a count as well, although no report has it.
WITHIN = [
    ("people_during", "people_at_end"),
    ("people_during", "people_at_start"),
    ("households_during", "households_at_end"),
    ("households_during", "households_at_start"),
    ("restrictions_at_end", "suspended_at_end"),
]


@given(st.data())
def test_nothing_small_stands_between_two_lines_that_are_shown(data: st.DataObject) -> None:
    counts = made_up(data)
    for whole, part in WITHIN:
        counts.setdefault(whole, data.draw(st.integers(0, 30), whole))
        counts[part] = data.draw(st.integers(0, counts[whole]), part)

    external = for_outsiders(report(**counts)).values()

    assert all(value is None or value >= 5 for code, value in external.items() if code != "median_days")
    for whole, part in WITHIN:
        larger, smaller = external[whole], external[part]
        if larger is not None and smaller is not None:
            assert not 0 < larger - smaller < 5, f"{whole} less {part}"


def report(**values: int) -> Report:
    figures = tuple(Figure(code=code, title=code, value=value) for code, value in values.items())
    days = (Figure(code="median_days", title="Median", value=31, unit="days"),)
    return Report(
        code="common",
        title="Figures",
        to_whom=None,
        clause="baseline",
        source="baseline",
        says=(),
        landlord="elm",
        policy=date(2020, 1, 1),
        first=date(2026, 1, 1),
        last=date(2026, 3, 31),
        known_at=None,
        known_on=date(2026, 4, 1),
        position=7,
        audience="internal",
        case=None,
        counts="people",
        sections=(Section(code="one", title="One", figures=figures + days),),
        cases=9,
        untold=0,
    )


def test_a_report_for_outsiders_says_what_it_withholds() -> None:
    external = for_outsiders(report(breaches=4, incidents=12))

    by_code = {figure.code: figure for section in external.sections for figure in section.figures}
    assert external.audience == "external"
    assert (by_code["breaches"].value, by_code["breaches"].withheld) == (None, True)
    assert (by_code["incidents"].value, by_code["incidents"].withheld) == (12, False)


def test_a_median_of_few_is_withheld_with_their_number() -> None:
    few = for_outsiders(report(restrictions_ended=4)).sections[0].figures[-1]
    enough = for_outsiders(report(restrictions_ended=5)).sections[0].figures[-1]

    assert (few.value, few.withheld) == (None, True)
    assert (enough.value, enough.withheld) == (31, False)


def test_a_small_difference_between_two_counts_is_not_shown() -> None:
    external = for_outsiders(report(people_during=13, people_at_end=12)).values()

    assert None in (external["people_during"], external["people_at_end"])


def test_counts_that_differ_by_nobody_are_both_shown() -> None:
    external = for_outsiders(report(people_during=13, people_at_end=13)).values()

    assert (external["people_during"], external["people_at_end"]) == (13, 13)


def test_rules_that_were_set_aside_are_a_sum_of_their_own() -> None:
    external = for_outsiders(report(overrides=15, **{"override:a": 3, "override:b": 12})).values()

    assert external["override:a"] is None
    assert None in (external["overrides"], external["override:b"])


@pytest.mark.parametrize("kind", [OVERRIDE, BY_RULE])
def test_a_rule_that_is_listed_was_broken_once_at_least_and_an_outsider_reckons_with_that(kind: str) -> None:
    total = "overrides" if kind == OVERRIDE else "fell_short"
    few = {f"{kind}{rule}": 1 for rule in "bcdefg"}

    external = for_outsiders(report(**{total: 26, f"{kind}a": 20, **few})).values()

    # Six lines that come to six, and each of them one at least, are one each.
    assert None in (external[total], external[f"{kind}a"])


@pytest.mark.parametrize("kind", [OVERRIDE, BY_RULE])
def test_the_order_of_what_is_withheld_says_nothing_of_its_size(kind: str) -> None:
    by_size = {f"{kind}d": 12, f"{kind}c": 9, f"{kind}b": 8, f"{kind}z": 2, f"{kind}a": 1}

    external = for_outsiders(report(**by_size))

    told = [(figure.code.removeprefix(kind), figure.value) for figure in external.sections[0].figures[:-1]]
    assert told == [("d", 12), ("c", 9), ("b", 8), ("a", None), ("z", None)]
