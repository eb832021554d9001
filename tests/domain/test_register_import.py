"""Lines of a register: what each tells, and a clear answer to whatever it cannot mean, without repeating a cell."""

from __future__ import annotations

from datetime import date

import pytest

from domain.codes import SubjectId
from domain.register_import import Told, content_of, read_day, read_header, read_line
from tests.policies import policy_file

WIDE = (
    "reference", "name", "household", "warned_on", "decided_on", "told_on", "starts_on", "ends_on", "measures", "open",
    "issue", "count", "per", "minutes", "contact_role", "contact_staff", "reader", "third_party", "office", "grounds",
    "behaviour",
)  # fmt: skip
FIVE = ("customer", "warning", "applied", "last_reviewed", "notes")
SECRET = "Jane Unmistakable"


def line(landlord: str = "maidstone", **cells: str) -> Told | dict[tuple[str, str | None], str]:
    """What a line of the wide form tells, or its problems by rule and column."""
    said = {"reference": "C-1", "starts_on": "2026-01-05", "measures": "single_contact", **cells}
    return told(WIDE, [said.get(column, "") for column in WIDE], landlord)


def five(landlord: str = "maidstone", **cells: str) -> Told | dict[tuple[str, str | None], str]:
    said = {"customer": f"{SECRET}; 1 Elm Row", "applied": "2026-02-16", **cells}
    return told(FIVE, [said.get(column, "") for column in FIVE], landlord)


def told(columns: tuple[str, ...], cells: list[str], landlord: str) -> Told | dict[tuple[str, str | None], str]:
    found = read_line(read_header(columns), cells, 2, "register", policy_file(landlord).policy)
    if isinstance(found, Told):
        return found
    for problem in found:
        assert SECRET not in problem.asks
    return {(problem.rule, problem.column): problem.asks for problem in found}


def test_a_measure_takes_those_parameters_that_its_kind_asks_for() -> None:
    found = line(measures="single_contact; call_count", count="2", per="1 week", contact_role="policy_and_information")
    assert isinstance(found, Told)
    contact, calls = found.command.measures
    assert (contact.contact_role, contact.count) == ("policy_and_information", None)
    assert (calls.count, str(calls.per), calls.contact_role) == (2, "1 week", None)


def test_who_answers_reads_is_met_and_speaks_goes_to_the_measures_that_ask_for_it() -> None:
    cells = {"contact_staff": "tenure-1; tenure-2", "reader": "tenure-3", "third_party": "C-9", "issue": "issue-1"}
    found = line("citizen", measures="named_staff; filed; third_party", **cells)
    assert isinstance(found, Told)
    named, filed, spoken = found.command.measures
    assert (named.contact_staff, named.reader) == (("tenure-1", "tenure-2"), None)
    assert (filed.reader, filed.contact_staff) == ("tenure-3", ())
    assert (found.third_party, spoken.third_party) == ("C-9", None)
    assert [m.third_party for m in found.with_third_party(SubjectId("somebody")).measures] == [None, None, "somebody"]
    [met] = line("derby", measures="appointment_at_office", office="town-hall").command.measures  # type: ignore[union-attr]
    assert met.office == "town-hall"


@pytest.mark.parametrize(
    ("written", "day"),
    [("2026-03-31", date(2026, 3, 31)), ("31/03/2026", date(2026, 3, 31)), ("3/4/2026", date(2026, 4, 3))],
)
def test_days_are_read_in_two_ways_with_the_day_before_the_month(written: str, day: date) -> None:
    assert read_day(written) == day


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("31/02/2026", "no day of the calendar"),
        ("2026-02-30", "no day of the calendar"),
        ("00/01/2026", "no day of the calendar"),
        ("12/31/2026", "the day comes before the month"),
        ("01/02/26", "another way"),
        ("1 March 2026", "another way"),
        ("01.02.2026", "another way"),
        ("20260301", "another way"),
        ("٠١/٠٢/٢٠٢٦", "another way"),
        ("2126-01-01", "1950 to 2099"),
        ("46023", "another way"),
    ],
)
def test_a_day_that_cannot_be_or_could_be_two_is_told(written: str, why: str) -> None:
    problems = line(starts_on=written)
    assert isinstance(problems, dict)
    assert why in problems["impossible_date", "starts_on"]
    assert written not in problems["impossible_date", "starts_on"]


@pytest.mark.parametrize(
    ("cells", "rule", "column"),
    [
        ({"reference": ""}, "reference_needed", "reference"),
        ({"reference": "x" * 101}, "too_long", "reference"),
        ({"reference": "C\x071"}, "control_character", "reference"),
        ({"reference": "C\n1"}, "control_character", "reference"),
        ({"name": "a\x00b"}, "control_character", "name"),
        ({"behaviour": "x" * 20_001}, "too_long", "behaviour"),
        ({"measures": ""}, "measure_needed", "measures"),
        ({"measures": SECRET}, "no_code", "measures"),
        ({"grounds": SECRET}, "no_code", "grounds"),
        ({"household": SECRET}, "no_code", "household"),
        ({"issue": SECRET}, "no_code", "issue"),
        ({"contact_role": SECRET}, "no_code", "contact_role"),
        ({"contact_staff": SECRET}, "no_code", "contact_staff"),
        ({"reader": SECRET}, "no_code", "reader"),
        ({"office": SECRET}, "no_code", "office"),
        ({"third_party": "x" * 101}, "too_long", "third_party"),
        ({"open": SECRET}, "unknown_channel", "open"),
        ({"count": "two"}, "no_number", "count"),
        ({"count": "²"}, "no_number", "count"),
        ({"minutes": "481"}, "no_number", "minutes"),
        ({"per": "fortnight"}, "no_period", "per"),
    ],
)
def test_a_cell_that_means_nothing_is_named_by_its_column(cells: dict[str, str], rule: str, column: str) -> None:
    problems = line(**cells)
    assert isinstance(problems, dict)
    assert (rule, column) in problems


def test_everything_that_is_wrong_with_a_line_is_said_at_once() -> None:
    problems = line(reference="", starts_on="31/02/2026", count="many", measures="")
    assert isinstance(problems, dict)
    assert {rule for rule, _ in problems} == {"reference_needed", "impossible_date", "no_number", "measure_needed"}


@pytest.mark.parametrize("cells", [["C-1"], ["C-1", *[""] * len(WIDE), SECRET]], ids=["too few", "too many"])
def test_a_line_with_another_number_of_columns_than_its_heading_is_told(cells: list[str]) -> None:
    problems = told(WIDE, cells, "maidstone")
    assert isinstance(problems, dict)
    assert set(problems) == {("number_of_columns", None)}


def test_a_line_is_the_same_whatever_the_order_of_its_columns() -> None:
    one = content_of(read_header(["reference", "starts_on", "measures"]), ["C-1", " 2026-01-05", "filed"])
    other = content_of(
        read_header(["measures", "notes", "reference", "start date"]), ["filed", "", "C-1", "2026-01-05"]
    )
    assert one == other


# Maidstone's five columns (7.4)


def test_the_five_columns_tell_of_warning_decision_telling_and_review() -> None:
    found = five(
        warning="By letter on 12/01/2026: one officer",
        applied="16/02/2026, told 2026-02-18, the complaints officer",
        last_reviewed="15/05/2026",
        notes="Quiet since 01/04/2026",
    )
    assert isinstance(found, Told)
    command = found.command
    assert (command.warned_on, command.decided_on, command.told_on) == (
        date(2026, 1, 12),
        date(2026, 2, 16),
        date(2026, 2, 18),
    )
    assert (command.starts_on, command.ends_on, command.last_reviewed_on) == (
        date(2026, 2, 16),
        None,
        date(2026, 5, 15),
    )
    assert [measure.code for measure in command.measures] == ["single_contact"]
    assert (found.reference, command.also_missing) == (None, ("reference",))
    assert found.details == {"name": SECRET, "address": "1 Elm Row"}


@pytest.mark.parametrize(
    ("cells", "rule", "column"),
    [
        ({"applied": ""}, "not_restricted", "applied"),
        ({"customer": ""}, "customer_needed", "customer"),
        ({"applied": "in February, I think"}, "decided_on_needed", "applied"),
        ({"applied": "31/02/2026"}, "impossible_date", "applied"),
        ({"applied": "16/02/26"}, "impossible_date", "applied"),
        ({"applied": "16/02/2026, 17/02/2026, 18/02/2026"}, "too_many_dates", "applied"),
        ({"last_reviewed": "16/05/2026 and 18/08/2026"}, "too_many_dates", "last_reviewed"),
        ({"warning": "2026-13-01"}, "impossible_date", "warning"),
        ({"customer": "x" * 1001}, "too_long", "customer"),
        ({"notes": "bell \x07"}, "control_character", "notes"),
    ],
)
def test_what_the_five_columns_cannot_mean_is_told(cells: dict[str, str], rule: str, column: str) -> None:
    problems = five(**cells)
    assert isinstance(problems, dict)
    assert (rule, column) in problems
