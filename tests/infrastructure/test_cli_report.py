"""Reports on the command line: listed, in every form, and refused in a sentence."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from domain.codes import SubjectId
from domain.decisions.intake import LogContact
from domain.decisions.landlord import AppointPost
from domain.decisions.support import RequestAdjustment
from domain.events import SYSTEM
from infrastructure.bootstrap import build
from infrastructure.settings import read_settings
from tests.domain.world import words
from tests.infrastructure.a_command_line import run

TODAY = date.today()  # noqa: DTZ011 - the command line has no other clock; a day more or less changes nothing here
DAYS = ("--from", (TODAY - timedelta(days=40)).isoformat(), "--to", TODAY.isoformat())


@pytest.fixture
def given(database: str, tmp_path: Path) -> Mapping[str, object]:
    """Settings with a database and keys."""
    return {"DATABASE_URL": database, "EVENHAND_DATA": tmp_path}


@pytest.fixture
def case(given: Mapping[str, object]) -> str:
    """A case of Derby's in which an adjustment was asked for today."""
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        evenhand.set_up("derby")
        officer = evenhand.enrol("derby", "officer", "The officer", issuer="https://login.example")
        desk = evenhand.desk("derby")
        desk.manage(AppointPost(role="staff", staff=officer, starts_on=date(2015, 1, 1)), SYSTEM)
        contact = LogContact(channel="telephone", summary=words())
        answer = desk.log_contact(SubjectId(str(uuid4())), contact, officer).answer
        found = str(answer["case"])
        desk.execute(found, RequestAdjustment(kind="other", needs=words()), officer)  # type: ignore[arg-type]
        return found


def figures(told: dict[str, Any]) -> dict[str, int | None]:
    return {f["code"]: f["value"] for section in told["sections"] for f in section["figures"]}


@pytest.mark.usefixtures("case")
def test_the_reports_of_a_landlord_are_listed(given: Mapping[str, object]) -> None:
    done = run("report", "derby", **given)

    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["common", "followed", "review_pack"]


@pytest.mark.usefixtures("case")
def test_a_report_is_told_in_every_form(given: Mapping[str, object], tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"

    text = run("report", "derby", "common", *DAYS, **given)
    told = run("report", "derby", "common", *DAYS, "--format", "json", **given)
    listed = run("report", "derby", "common", *DAYS, "--format", "csv", **given)
    printed = run("report", "derby", "common", *DAYS, "--format", "pdf", "--out", str(out), **given)

    assert "       1  Asked for" in text.stdout.splitlines()
    assert figures(json.loads(told.stdout))["adjustments_asked"] == 1
    rows = {row["figure"]: row["value"] for row in csv.DictReader(StringIO(listed.stdout))}
    assert rows["adjustments_at_end"] == "1"
    assert (printed.returncode, printed.stdout, printed.stderr) == (0, "", "")
    assert out.read_bytes().startswith(b"%PDF")
    assert [path.name for path in tmp_path.glob("*.part")] == []


@pytest.mark.usefixtures("case")
def test_what_leaves_the_organisation_withholds_small_numbers(given: Mapping[str, object]) -> None:
    told = run("report", "derby", "common", *DAYS, "--format", "json", "--audience", "external", **given)

    assert figures(json.loads(told.stdout))["adjustments_asked"] is None


def test_a_report_on_one_case_takes_its_id(given: Mapping[str, object], case: str) -> None:
    told = run("report", "derby", "review_pack", "--case", case, "--format", "json", **given)

    assert figures(json.loads(told.stdout))["contacts"] == 1


@pytest.mark.usefixtures("case")
def test_before_anything_was_recorded_there_was_nothing_to_report(given: Mapping[str, object]) -> None:
    done = run("report", "derby", "common", *DAYS, "--known-at", "2020-01-01T00:00:00Z", **given)

    assert done.returncode == 2
    assert "lies ahead: what is asked for is known up to 2020-01-01" in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("common", "--from", "2026-02-01", "--to", "2026-01-01"), "before the first day of the period"),
        (("common", "--from", "2026-02-01", "--to", "2090-01-01"), "lies ahead"),
        (("common", "--to", "2026-01-01"), "the first day of the period"),
        (("quarterly", *DAYS), "There are common, followed, review_pack"),
        (("review_pack",), "is about one case"),
        (("review_pack", "--audience", "external"), "stays inside"),
        (("common", *DAYS, "--format", "pdf"), "name one"),
        (("common", *DAYS, "--out", "/nowhere/at/all.txt"), "cannot be written"),
    ],
)
@pytest.mark.usefixtures("case")
def test_what_no_report_answers_is_refused_in_a_sentence(
    given: Mapping[str, object], arguments: tuple[str, ...], says: str
) -> None:
    done = run("report", "derby", *arguments, **given)

    assert done.returncode == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    "days",
    [
        ("--from", "0001-01-01"),
        ("--from", "2026-01-01", "--to", "9999-12-31"),
        ("--from", "2026-01-01", "--known-at", "0001-01-01T00:00:00+1400"),
    ],
)
def test_days_that_are_not_of_our_time_are_refused_by_their_option(
    given: Mapping[str, object], days: tuple[str, ...]
) -> None:
    done = run("report", "derby", "common", *days, **given)

    assert done.returncode == 2
    assert f"Invalid value for '{days[-2]}'" in done.stderr
    assert "is not a date of this service's time: 1950 to 2099" in " ".join(done.stderr.split())
