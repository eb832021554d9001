"""The reports that each policy promises: for whom, how often, what they count, and the clause that asks for it."""

from __future__ import annotations

from datetime import date

import pytest

from domain.calendar import Period
from domain.reports.promised import Promised, promised
from domain.reports.stretch import Stretch, StretchRefused, latest_whole, stretch
from domain.reports.tally import Tally
from tests.policies import policy


def report(landlord: str, code: str) -> Promised:
    return next(one for one in promised(policy(landlord)) if one.code == code)


@pytest.mark.clause("CIT-49", "REPORT")
def test_citizens_board_is_shown_that_the_policy_is_carried_out() -> None:
    assurance = report("citizen", "assurance")

    assert (assurance.to_whom, assurance.clause, assurance.kind) == ("Board", "4¶1", "figures")
    assert "The Board seeks assurance that the policy is put into practice." in assurance.says
    parts = [section.code for section in Tally().sections(assurance.counts)]
    assert {"restrictions", "reviews", "letters", "set_aside", "warnings"} <= {*parts}


@pytest.mark.clause("CIT-55", "REPORT")
def test_citizens_figures_are_made_each_quarter() -> None:
    quarterly = report("citizen", "quarterly")

    assert (quarterly.to_whom, quarterly.clause) == ("those who receive the quarterly reports", "5¶3")
    assert str(quarterly.every) == "3 months"
    assert quarterly.latest(date(2026, 11, 22)) == Stretch(date(2026, 7, 1), date(2026, 9, 30))


@pytest.mark.clause("STA-71", "REPORT")
def test_stars_board_learns_each_year_how_many_households_are_restricted() -> None:
    board = report("star", "board")

    assert (board.clause, board.counts) == ("15.3", "households")
    assert board.to_whom == "STAR Board, through its Customer Services subcommittee"
    assert board.latest(date(2026, 11, 22)) == Stretch(date(2025, 4, 1), date(2026, 3, 31))
    assert Tally().sections(board.counts)[0].figures[0].code == "households_at_start"


@pytest.mark.clause("WOL-73", "REPORT")
def test_wolverhamptons_senior_managers_get_figures_on_people_whenever_they_ask() -> None:
    managers = report("wolverhampton", "senior_management")

    assert (managers.to_whom, managers.clause, managers.every) == ("Senior Management Team", "10.4", None)
    assert managers.title == "Members of the public treated as unreasonable or persistent"
    assert managers.latest(date(2026, 11, 22)) is None
    assert Tally().sections(managers.counts)[0].code == "people"


def test_maidstones_register_has_the_five_columns_of_its_policy() -> None:
    register = report("maidstone", "register")

    columns = [code for code, _ in register.columns]
    assert columns == ["customer", "warning", "applied", "last_reviewed", "notes"]
    assert (register.kind, register.clause, register.keeps_unrestricted) == ("register", "7.4", True)


def test_derbys_reviewer_gets_the_contact_of_the_past_twelve_months() -> None:
    pack = report("derby", "review_pack")

    assert (pack.kind, pack.clause, str(pack.looks_back)) == ("review_pack", "6¶2", "12 months")


@pytest.mark.parametrize("landlord", ["citizen", "derby", "maidstone", "star", "wolverhampton"])
def test_every_landlord_has_the_common_figures_and_no_two_reports_of_one_code(landlord: str) -> None:
    codes = [one.code for one in promised(policy(landlord))]

    assert codes[0] == "common"
    assert len(codes) == len({*codes})


@pytest.mark.parametrize(
    ("every", "known_on", "first", "last"),
    [
        ("3 months", date(2026, 3, 31), date(2025, 10, 1), date(2025, 12, 31)),
        ("3 months", date(2026, 4, 1), date(2026, 1, 1), date(2026, 3, 31)),
        ("3 months", date(2028, 4, 1), date(2028, 1, 1), date(2028, 3, 31)),
        ("1 month", date(2028, 3, 1), date(2028, 2, 1), date(2028, 2, 29)),
        ("6 months", date(2026, 10, 1), date(2026, 4, 1), date(2026, 9, 30)),
        ("1 year", date(2026, 3, 31), date(2024, 4, 1), date(2025, 3, 31)),
        ("1 year", date(2026, 4, 1), date(2025, 4, 1), date(2026, 3, 31)),
        ("12 months", date(2026, 4, 1), date(2025, 4, 1), date(2026, 3, 31)),
    ],
)
def test_a_period_is_owed_from_the_day_after_its_last(every: str, known_on: date, first: date, last: date) -> None:
    assert latest_whole(Period.parse(every), known_on) == Stretch(first, last)


@pytest.mark.parametrize("every", ["5 months", "18 months", "10 working days", "2 weeks"])
def test_a_cadence_that_fits_into_no_year_is_refused(every: str) -> None:
    with pytest.raises(ValueError, match="no cadence of whole months"):
        latest_whole(Period.parse(every), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        (date(2026, 2, 1), date(2026, 1, 31), "before the first day"),
        (date(2026, 2, 1), date(2026, 3, 2), "lies ahead"),
    ],
)
def test_days_that_no_report_can_be_about_are_refused(first: date, last: date, says: str) -> None:
    with pytest.raises(StretchRefused, match=says):
        stretch(first, last, date(2026, 3, 1))


def test_one_day_is_a_period_and_so_are_days_up_to_today() -> None:
    today = date(2026, 3, 1)

    assert stretch(today, today, today) == Stretch(today, today)
