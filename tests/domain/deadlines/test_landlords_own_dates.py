"""What a landlord has to do by a day without any case: its policy looked at again, its reports made."""

from __future__ import annotations

from datetime import date

import pytest

from domain.landlord import Landlord
from domain.landlord_work import of_landlord
from domain.policy_lint import Kind, lint
from domain.reports.promised import promised
from domain.worklist import State, Viewed, Work
from tests.domain.saying import told
from tests.domain.world import World
from tests.policies import baseline, policy


def work(landlord: str, day: date) -> list[Work]:
    """The landlord's own lines on a day."""
    return list(of_landlord(Viewed(Landlord(), policy(landlord), baseline(), day), {}, (0, False), within=28))


def policy_review(landlord: str, day: date) -> Work | None:
    """That its policy is to be looked at again, on a day; None while that is far away, or asked by nothing."""
    return next((one for one in work(landlord, day) if one.kind == "policy_review"), None)


# By hand: the date in the text, else as many years after the day from which it holds as the text says.
LAST_DAYS = [
    pytest.param("citizen", date(2025, 2, 28), "7", marks=pytest.mark.clause("CIT-57", "DATA"), id="citizen"),
    pytest.param("star", date(2028, 12, 31), "Header", marks=pytest.mark.clause("STA-75", "TIMER"), id="star"),
    pytest.param(
        "wolverhampton", date(2024, 3, 1), "11.1", marks=pytest.mark.clause("WOL-74", "TIMER"), id="wolverhampton"
    ),
]


@pytest.mark.parametrize(("landlord", "last", "clause"), LAST_DAYS)
def test_a_policy_is_due_to_be_looked_at_again_up_to_its_day_and_overdue_from_the_next(
    landlord: str, last: date, clause: str
) -> None:
    before, on_it, after = (policy_review(landlord, date.fromordinal(last.toordinal() + n)) for n in (-1, 0, 1))
    assert before is not None
    assert on_it is not None
    assert after is not None
    assert [(one.state, one.days_late) for one in (before, on_it, after)] == [
        (State.UPCOMING, 0),
        (State.DUE, 0),
        (State.OVERDUE, 1),
    ]
    assert {(one.due_on, one.clause) for one in (before, on_it, after)} == {(last, clause)}


@pytest.mark.parametrize("landlord", ["derby", "maidstone"])
def test_a_policy_that_names_no_day_is_never_overdue(landlord: str) -> None:
    assert policy_review(landlord, date(2099, 12, 31)) is None


@pytest.mark.clause("STA-75", "TIMER")
def test_stars_policy_says_that_it_is_looked_at_after_three_years_or_when_the_law_changes() -> None:
    lines = told("star")
    assert "To be reviewed every: 3 years. [clause 19.1, must]" in lines
    changes = "Changes follow: a change in the law, also before the three years are over. [clause 19.1, must]"
    assert changes in lines


@pytest.mark.clause("WOL-74", "TIMER")
def test_wolverhamptons_policy_is_looked_at_every_year_and_has_been_overdue_since_march_2024() -> None:
    lines = told("wolverhampton")
    assert any(line.startswith("To be reviewed every: 1 year. We read it so: No date is filled in") for line in lines)
    changes = "new law or what the business needs, also before the yearly look. [clause 11.1, may]"
    assert f"Changes follow: {changes}" in lines
    for day, lapsed in ((date(2024, 3, 1), []), (date(2024, 3, 2), ["document.reviewed_every"])):
        remarks = lint(policy("wolverhampton"), baseline(), day)
        assert [remark.path for remark in remarks if remark.kind is Kind.LAPSED] == lapsed


@pytest.mark.parametrize(
    ("day", "lines"),
    [  # within four weeks of the end of a quarter, before and after
        (date(2026, 9, 2), []),
        (date(2026, 9, 3), [("quarterly:2026-07-01", State.UPCOMING, date(2026, 10, 1))]),
        (date(2026, 9, 30), [("quarterly:2026-07-01", State.UPCOMING, date(2026, 10, 1))]),
        (date(2026, 10, 1), [("quarterly:2026-07-01", State.DUE, date(2026, 10, 1))]),
        (date(2026, 10, 28), [("quarterly:2026-07-01", State.DUE, date(2026, 10, 1))]),
        (date(2026, 10, 29), []),
    ],
)
def test_citizens_quarterly_figures_are_listed_once_the_quarter_is_over(
    day: date, lines: list[tuple[str, State, date]]
) -> None:
    found = [one for one in work("citizen", day) if one.kind == "report"]
    assert [(one.about, one.state, one.due_on) for one in found] == lines
    assert all(one.clause == "5¶3" and one.days_late == 0 for one in found)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 11, 26), None),
        (date(2026, 11, 27), State.UPCOMING),
        (date(2026, 12, 24), State.UPCOMING),
        (date(2026, 12, 25), State.DUE),
        (date(2026, 12, 26), None),
    ],
)
def test_an_absence_ends_with_its_last_day(day: date, state: State | None) -> None:
    world = World("derby", today=day)
    world.away("head_of_service", date(2026, 11, 2), date(2026, 12, 25))
    viewed = Viewed(world.landlord, policy("derby"), baseline(), day)
    found = [one for one in of_landlord(viewed, {}, (0, False), within=28) if one.kind == "absence"]
    assert [(one.state, one.due_on) for one in found] == ([(state, date(2026, 12, 25))] if state else [])
    assert all([one.role for one in line.roles] == ["head_of_service"] for line in found)


# A quarter is over with its last day, London time; a year ends with March, as financial years do (assumed).
@pytest.mark.parametrize(
    ("landlord", "report", "day", "first", "last"),
    [
        pytest.param(landlord, report, day, first, last, marks=pytest.mark.clause(row, "TIMER"), id=f"{report}-{day}")
        for row, landlord, report, day, first, last in [
            ("CIT-55", "citizen", "quarterly", date(2026, 9, 30), date(2026, 4, 1), date(2026, 6, 30)),
            ("CIT-55", "citizen", "quarterly", date(2026, 10, 1), date(2026, 7, 1), date(2026, 9, 30)),
            ("CIT-55", "citizen", "quarterly", date(2026, 12, 31), date(2026, 7, 1), date(2026, 9, 30)),
            ("CIT-55", "citizen", "quarterly", date(2027, 1, 1), date(2026, 10, 1), date(2026, 12, 31)),
            ("CIT-55", "citizen", "quarterly", date(2028, 3, 31), date(2027, 10, 1), date(2027, 12, 31)),
            ("CIT-55", "citizen", "quarterly", date(2028, 4, 1), date(2028, 1, 1), date(2028, 3, 31)),
            ("STA-71", "star", "board", date(2027, 3, 31), date(2025, 4, 1), date(2026, 3, 31)),
            ("STA-71", "star", "board", date(2027, 4, 1), date(2026, 4, 1), date(2027, 3, 31)),
            ("STA-71", "star", "board", date(2028, 3, 31), date(2026, 4, 1), date(2027, 3, 31)),
            ("STA-71", "star", "board", date(2028, 4, 1), date(2027, 4, 1), date(2028, 3, 31)),
        ]
    ],
)
def test_a_report_made_at_regular_times_is_owed_for_its_stretch_once_that_is_over(
    landlord: str, report: str, day: date, first: date, last: date
) -> None:
    [found] = [one for one in promised(policy(landlord)) if one.code == report]
    owed_for = found.latest(day)
    assert owed_for is not None
    assert (owed_for.first, owed_for.last) == (first, last)
