"""Reports from a real log: the same however it is read, rebuilt or copied; and what spreadsheets and printers get."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest

from application.reporting import Basis
from domain.calendar import DeliveryMethod
from domain.codes import CaseId
from domain.events import CustomerRecordsMerged
from domain.policy import Policy
from domain.reports.of_case import of_case
from domain.reports.promised import promised
from domain.reports.report import Figure, Report, Section
from domain.reports.small_numbers import SIGN, for_outsiders
from domain.reports.stretch import Stretch
from domain.reports.tally import Tally
from infrastructure.engine import slices
from infrastructure.reports.histories import case_histories
from infrastructure.reports.register import Told, cells, register_pdf
from infrastructure.reports.showing import as_csv, as_pdf, csv_text
from projections.register_lines import LineOfRegister
from tests.histories import MONDAY, OFFICER, History, main_road, text
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.a_rebuild import rebuild, tamper
from tests.policies import policy

DAYS = Stretch(MONDAY, MONDAY + timedelta(days=150))
KNOWN_ON = MONDAY + timedelta(days=400)
CASES = 12


def roads(number: int = CASES) -> list[History]:
    found = [main_road(f"person {n}", start=MONDAY + timedelta(days=5 * n)) for n in range(number)]
    found[1].add(merged(found[2]), MONDAY + timedelta(days=300))
    return found


def merged(other: History) -> CustomerRecordsMerged:
    return CustomerRecordsMerged(
        merge="merge-1",
        other=other.person,
        other_case=CaseId(other.case),
        kept=other.person,
        conflicts=(),
        merged_on=MONDAY + timedelta(days=300),
        reason=text("reason"),
    )


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        projected.append_whole(*roads())
        projected.catch_up()
        yield projected


def reported(log: ProjectedLog, position: int | None = None) -> tuple[tuple[Section, ...], int, int]:
    """The figures, and how many cases were looked at and could not be told."""
    tally = Tally()
    upto = log.recorder.head().position if position is None else position
    for steps, told in case_histories(log.recorder, log.mapper.decode)(upto):
        found = of_case(steps, DAYS, KNOWN_ON)
        if found is not None:
            tally.add(found, told=told)
    return tally.sections("people"), tally.cases, tally.untold


def values(sections: tuple[Section, ...]) -> dict[str, int | None]:
    return {figure.code: figure.value for section in sections for figure in section.figures}


def test_every_case_counts_once(log: ProjectedLog) -> None:
    sections, cases, untold = reported(log)

    assert (cases, untold) == (CASES, 0)
    assert values(sections)["restrictions_begun"] == CASES
    assert values(sections)["people_during"] == CASES - 1


def test_figures_do_not_depend_on_how_much_is_read_at_a_time(
    log: ProjectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = reported(log)

    for size in (1, 7, 50):
        monkeypatch.setattr(slices, "EVENTS_IN_A_SLICE", size)
        assert reported(log) == at_once


def test_figures_are_the_same_once_the_read_models_were_tampered_with_and_rebuilt(log: ProjectedLog) -> None:
    before = reported(log)
    tamper(log, "alert_state", "ends_on = ends_on + 1, household = NULL", main_road("person 2").case)
    assert reported(log) == before

    rebuild(log)

    assert reported(log) == before


def test_figures_of_a_store_that_was_written_anew_are_the_same(log: ProjectedLog, database: str) -> None:
    with a_projected_log(database, "oak") as copy:
        copy.append_whole(*reversed(roads()))

        assert reported(copy) == reported(log)


def test_figures_as_of_a_position_do_not_change_with_what_comes_after(log: ProjectedLog) -> None:
    position = log.recorder.head().position
    before = reported(log)
    log.append_whole(main_road("somebody else"))

    assert reported(log) != before
    assert reported(log, position) == before


def test_a_case_that_cannot_be_told_to_its_end_counts_as_far_as_it_can(log: ProjectedLog) -> None:
    before = values(reported(log)[0])
    log.append_unknown(main_road("person 4"))

    sections, cases, untold = reported(log)

    assert (cases, untold) == (CASES, 1)
    assert values(sections) == before


def test_an_empty_log_has_figures_too(database: str) -> None:
    with a_projected_log(database) as empty:
        sections, cases, _ = reported(empty)

    assert cases == 0
    assert {value for value in values(sections).values() if value} == set()


# given out


def a_report(*sections: Section) -> Report:
    return Report(
        code="board",
        title="Households with restrictions",
        to_whom="Board",
        clause="15.3",
        source="policy",
        says=(),
        landlord="star",
        policy=date(2025, 12, 28),
        first=DAYS.first,
        last=DAYS.last,
        known_at=None,
        known_on=KNOWN_ON,
        position=99,
        audience="internal",
        case=None,
        counts="households",
        sections=sections,
        cases=CASES,
        untold=0,
    )


@pytest.mark.parametrize(
    "text",
    [
        "=HYPERLINK(1)",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        '=cmd|"/c calc"!A1',
        "＝1",
    ],
)
def test_no_cell_is_a_formula_to_a_spreadsheet(text: str) -> None:
    [_, [cell, number]] = list(csv.reader(StringIO(csv_text(["one", "two"], [[text, 7]]), newline="")))

    assert cell == f"'{text}"
    assert number == "7"


def test_csv_keeps_to_its_standard() -> None:
    written = csv_text(["a", "b"], [['say "hello", please', "two\r\nlines"], ["Zoë", None]])

    assert written == 'a,b\r\n"say ""hello"", please","two\r\nlines"\r\nZoë,\r\n'


def test_what_is_withheld_carries_its_sign_in_csv() -> None:
    section = Section(code="one", title="One", figures=(Figure(code="breaches", title="Breaches", value=3),))

    [row] = list(csv.DictReader(StringIO(as_csv(for_outsiders(a_report(section))))))

    assert row["value"] == SIGN


def test_a_report_is_one_accessible_page_with_words_for_its_charts(log: ProjectedLog) -> None:
    report = a_report(*reported(log)[0])

    for given in (report, for_outsiders(report)):
        pdf = as_pdf(given, "STAR Housing")
        assert b"pdfuaid" in pdf
        assert b"/Count 1" in pdf
        assert as_pdf(given, "STAR Housing") == pdf


LINE = LineOfRegister(
    case="case-1",
    person="person-1",
    restriction="restriction-1",
    considered_on=date(2026, 3, 2),
    warned_on=date(2026, 3, 2),
    warning_method=DeliveryMethod.FIRST_CLASS_POST,
    initial_measures=("informal_handling",),
    initial_words=None,
    decided_on=date(2026, 3, 9),
    told_on=date(2026, 3, 11),
    contacts=(OFFICER,),
    last_day=date(2026, 6, 9),
    last_reviewed_on=date(2026, 4, 1),
    behaviour=None,
    pattern=None,
)


def told_line(maidstone: Policy, **told: object) -> dict[str, str]:
    """The register's line under each of the columns that the policy asks for."""
    [register] = [one for one in promised(maidstone) if one.kind == "register"]
    texts = cells(LINE, Told(**{"contacts": {}, **told}), maidstone, register.columns)  # type: ignore[arg-type]
    return dict(zip((code for code, _ in register.columns), texts, strict=True))


@pytest.mark.clause("MAI-49", "RECORD")
def test_maidstones_register_says_who_it_is_and_how_to_reach_them() -> None:
    reached = ("Robin Example", "1 High Street", "01622 000000")

    assert told_line(policy("maidstone"), customer=reached)["customer"] == "\n".join(reached)
    assert told_line(policy("maidstone"))["customer"] == "person-1"


def test_the_other_columns_say_warning_decision_review_and_notes() -> None:
    line = told_line(policy("maidstone"), behaviour="What happened.", pattern="Each spring.")

    assert line["warning"].startswith("Warned 2026-03-02\nBy first class post\nFirst measure: Informal handling")
    assert line["applied"] == f"Decided 2026-03-09\nTold 2026-03-11\nContact: {OFFICER}\nEnds 2026-06-09"
    assert line["last_reviewed"] == "2026-04-01"
    assert line["notes"] == "Case case-1\nWhat happened.\nCycles: Each spring."


def test_who_was_sent_no_letter_does_not_read_as_warned_or_told() -> None:
    maidstone = policy("maidstone")
    [register] = [one for one in promised(maidstone) if one.kind == "register"]
    unsent = replace(LINE, warned_on=None, warning_method=None, told_on=None, initial_measures=())

    _, warning, applied, *_ = cells(unsent, Told(contacts={}), maidstone, register.columns)

    assert warning == "No letter of a warning on record"
    assert "No letter of it on record" in applied.splitlines()


@pytest.mark.parametrize(("name", "accessible"), [("Zoë Łukasz", True), ("محمد علي", True), ("আরিফ", False)])
def test_a_register_can_be_printed_whatever_script_a_name_is_in(name: str, *, accessible: bool) -> None:
    maidstone = policy("maidstone")
    [register] = [one for one in promised(maidstone) if one.kind == "register"]
    basis = Basis(register, maidstone, date(2021, 1, 1), DAYS, None, KNOWN_ON, 99)
    rows = [cells(LINE, Told(contacts={}, customer=[name]), maidstone, register.columns)]

    pdf = register_pdf(basis, register.columns, rows)

    assert pdf.startswith(b"%PDF")
    assert (b"pdfuaid" in pdf) is accessible
