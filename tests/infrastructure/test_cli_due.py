"""What is due, and a tick by hand, on the command line: in sentences, as JSON, and what it says to a bad date."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from domain.calendar import london_date
from domain.codes import CaseId, SubjectId
from domain.decisions.importing import ImportedMeasure, ImportRestriction
from infrastructure.bootstrap import build
from infrastructure.settings import read_settings
from tests.infrastructure.a_command_line import run

MEASURE = ImportedMeasure(code="one_channel", open=("letter",))


@pytest.fixture
def given(database: str, tmp_path: Path) -> Mapping[str, object]:
    """Settings with a database and keys."""
    return {"DATABASE_URL": database, "EVENHAND_DATA": tmp_path}


@pytest.fixture
def case(given: Mapping[str, object]) -> tuple[CaseId, date]:
    """A case of Maidstone's, with a restriction that ended five days ago; and today."""
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        office = evenhand.set_up("maidstone")
        today = london_date(office.clock.now())
        began = today - timedelta(days=60)
        command = ImportRestriction(
            source="register",
            line=1,
            measures=(MEASURE,),
            decided_on=began,
            told_on=began,
            starts_on=began,
            ends_on=today - timedelta(days=5),
        )
        receipt = office.desk.bring_along(SubjectId(str(uuid4())), command)
        return CaseId(str(receipt.answer["case"])), today


def test_a_tick_by_hand_takes_down_what_went_by_once(given: Mapping[str, object], case: tuple[CaseId, date]) -> None:
    found, today = case
    ended = today - timedelta(days=5)
    done = run("tick", "maidstone", **given)
    assert (done.returncode, done.stderr) == (0, "")
    first, *lines = done.stdout.splitlines()
    assert first == f"maidstone, as {today} begins: {len(lines)} taken down"
    assert lines[-1] == f"{ended}  {found}  term:restriction-1"
    again = run("tick", "maidstone", "--json", **given)
    assert json.loads(again.stdout) == {"at": str(today), "complete": True, "taken_down": []}


def test_a_dry_run_says_what_would_be_taken_down_also_on_a_day_to_come_and_takes_nothing_down(
    given: Mapping[str, object], case: tuple[CaseId, date]
) -> None:
    found, today = case
    run("tick", "maidstone", "--at", str(today - timedelta(days=30)), **given)
    ahead = today + timedelta(days=100)
    for _ in range(2):
        done = run("tick", "maidstone", "--dry-run", "--at", str(ahead), "--json", **given)
        told = json.loads(done.stdout)
        assert (done.returncode, told["at"]) == (0, str(ahead))
        assert told["would_be_taken_down"][-1]["key"] == "term:restriction-1"
        assert {one["case"] for one in told["would_be_taken_down"]} == {found}


def test_a_day_to_come_is_refused_without_a_dry_run(given: Mapping[str, object], case: tuple[CaseId, date]) -> None:
    ahead = case[1] + timedelta(days=1)
    done = run("tick", "maidstone", "--at", str(ahead), **given)
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"evenhand: {ahead} lies ahead: nothing can be taken down before it went by.")


@pytest.mark.parametrize("command", ["tick", "due"])
@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "30/03/2026"])
def test_what_is_no_date_is_told_so(given: Mapping[str, object], command: str, day: str) -> None:
    done = run(command, "maidstone", "--at" if command == "tick" else "--on", day, **given)
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not match the format" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("day", ["1066-10-14", "9999-12-31"])
def test_a_date_of_another_time_is_told_so(given: Mapping[str, object], day: str) -> None:
    for command in (["due", "maidstone", "--upcoming", "3660", "--on"], ["tick", "maidstone", "--dry-run", "--at"]):
        done = run(*command, day, **given)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"evenhand: {day} is not a date of this service's time: give one from 1950 to 2099.\n"


@pytest.mark.usefixtures("case")
def test_somebody_who_is_not_set_up_has_nothing_due(given: Mapping[str, object]) -> None:
    for command in ("tick", "due"):
        done = run(command, "nobody", **given)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "evenhand: nobody is not set up here; there are maidstone.\n"


def test_what_is_due_overdue_and_to_come_is_listed_with_its_clause_and_what_to_do(
    given: Mapping[str, object], case: tuple[CaseId, date]
) -> None:
    found, today = case
    run("tick", "maidstone", **given)  # and so the list is up to date
    began = today - timedelta(days=60)
    done = run("due", "maidstone", "--on", str(began), "--upcoming", "60", "--json", **given)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["on"] == str(began)
    assert all(one["case"] == found and one["clause"] and one["says"] and one["by"] for one in told["due"])
    said = run("due", "maidstone", "--on", str(began), "--upcoming", "60", **given)
    assert said.stdout.splitlines()[0].startswith(f"maidstone, as of {began}: ")
    assert len(said.stdout.splitlines()) == 1 + len(told["due"])
