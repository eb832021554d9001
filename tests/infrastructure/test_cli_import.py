"""An earlier register on the command line: tried, taken, taken again; what is not taken costs no other line."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from application.ports import PersonDetails
from domain.calendar import london_date
from domain.codes import StaffId, SubjectId
from domain.decisions.intake import LogContact
from domain.decisions.landlord import AppointPost
from domain.events import SYSTEM, RestrictionImported
from infrastructure.bootstrap import build
from infrastructure.office import Office
from infrastructure.settings import read_settings
from tests.domain.world import words
from tests.infrastructure.a_command_line import EVENHAND, Done, environment, run
from tests.infrastructure.test_cli import told

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
HEADING = "reference,name,starts_on,ends_on,measures\n"
TODAY = london_date(datetime.now(UTC))
BEGAN, ENDS = TODAY - timedelta(days=30), TODAY + timedelta(days=30)
NAME = "Somebody Unmistakable"


@pytest.fixture
def given(database: str, tmp_path: Path) -> Mapping[str, object]:
    """Settings with a database and keys, and Maidstone set up."""
    settings = {"DATABASE_URL": database, "EVENHAND_DATA": tmp_path}
    with build(read_settings({name: str(value) for name, value in settings.items()})) as evenhand:
        evenhand.set_up("maidstone")
    return settings


def register(tmp_path: Path, *lines: str, heading: str = HEADING) -> Path:
    path = tmp_path / "register.csv"
    path.write_text(heading + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def imported(path: Path, given: Mapping[str, object], *more: str) -> Done:
    return run("import", str(path), "--landlord", "maidstone", *more, **given)


def outcomes(done: Done) -> list[dict[str, object]]:
    """What `--json` says of each line; the sum is the last."""
    assert done.returncode in (0, 3), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def head(database: object) -> int:
    with psycopg.connect(str(database)) as connection:
        row = connection.execute("SELECT count(*) FROM landlord_maidstone.event").fetchone()
    assert row is not None
    return int(row[0])


def people(database: object) -> int:
    with psycopg.connect(str(database)) as connection:
        row = connection.execute("SELECT count(*) FROM landlord_maidstone.person").fetchone()
    assert row is not None
    return int(row[0])


class Opened:
    """The landlord's office, for a look at what an import left."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self.evenhand = build(read_settings({name: str(value) for name, value in given.items()}))

    def __enter__(self) -> Office:
        return self.evenhand.office("maidstone")

    def __exit__(self, *_: object) -> None:
        self.evenhand.close()


def test_a_line_becomes_a_restriction_of_a_person_whom_the_directory_then_knows(
    given: Mapping[str, object], tmp_path: Path
) -> None:
    path = register(tmp_path, f"C-1,{NAME},{BEGAN},{ENDS},single_contact")
    [line, total] = outcomes(imported(path, given, "--json"))
    assert (line["line"], line["fate"], line["restriction"]) == (2, "taken", "restriction-1")
    assert total == {"dry_run": False, "taken": 1, "there_already": 0, "not_taken": 0}
    with Opened(given) as office:
        person = office.directory.person_by_reference("C-1")
        assert person is not None
        details = office.directory.person(person)
        assert isinstance(details, PersonDetails)
        assert details.name == NAME
        case = office.desk.open_case_of(person)
        assert case is not None
        assert case == line["case"]
        [_, fact] = [event.fact for event in office.desk.history(case)]
        assert isinstance(fact, RestrictionImported)
        assert (fact.starts_on, fact.ends_on, fact.source, fact.line) == (BEGAN, ENDS, "register", 2)
        assert {"told_on", "warned_on", "decided_on"} <= set(fact.missing)


def test_what_is_missing_is_a_result_of_compliance(given: Mapping[str, object], tmp_path: Path) -> None:
    path = register(tmp_path, f"C-1,{NAME},{BEGAN},{ENDS},single_contact")
    [line, _] = outcomes(imported(path, given, "--json"))
    looked = run("compliance", "maidstone", str(line["case"]), **given)
    assert (
        "cannot be shown   6.3 (should), restriction-1: A written warning came first and was received." in looked.stdout
    )
    assert (
        "cannot be shown   6.3 (must), restriction-1: The customer is told of the decision in writing." in looked.stdout
    )


def test_a_dry_run_says_what_would_be_taken_and_writes_nothing(given: Mapping[str, object], tmp_path: Path) -> None:
    path = register(tmp_path, f"C-1,{NAME},{BEGAN},{ENDS},single_contact", f"C-2,{NAME},31/02/2026,,single_contact")
    before = head(given["DATABASE_URL"])
    done = imported(path, given, "--dry-run")
    assert done.returncode == 3
    taken, refused, total = done.stdout.splitlines()
    assert taken.startswith(f"line 2: taken, restriction-1 of a new case: in force from {BEGAN} to {ENDS}; missing: ")
    assert refused == "line 3: not taken; impossible_date (starts_on): starts_on is no day of the calendar."
    assert total == "1 would be taken, 0 there already, 1 not taken."
    assert (head(given["DATABASE_URL"]), people(given["DATABASE_URL"])) == (before, 0)
    assert NAME not in done.stdout + done.stderr


def test_the_same_file_again_adds_nothing(given: Mapping[str, object], tmp_path: Path) -> None:
    path = register(tmp_path, f"C-1,{NAME},{BEGAN},{ENDS},single_contact", f"C-2,,{BEGAN},,single_contact")
    first = outcomes(imported(path, given, "--json"))
    there = head(given["DATABASE_URL"]), people(given["DATABASE_URL"])
    again = imported(path, given, "--json")
    assert again.returncode == 0
    assert [line.get("fate") for line in outcomes(again)] == ["there_already", "there_already", None]
    assert [line.get("case") for line in outcomes(again)] == [line.get("case") for line in first]
    assert (head(given["DATABASE_URL"]), people(given["DATABASE_URL"])) == there
    dry = outcomes(imported(path, given, "--json", "--dry-run"))
    assert dry[-1] == {"dry_run": True, "taken": 0, "there_already": 2, "not_taken": 0}


def test_an_open_case_of_the_person_takes_it_in(given: Mapping[str, object], tmp_path: Path) -> None:
    with Opened(given) as office:
        staff = StaffId("3c7a4b7a-5f1e-4a39-a1b6-0f4a0a2b7b10")
        office.desk.manage(AppointPost(role="manager", staff=staff, starts_on=TODAY), SYSTEM)
        person = office.directory.add_person(PersonDetails(reference="c-1", name="As it was"))
        contact = LogContact(channel="telephone", summary=words())
        case = office.desk.log_contact(person, contact, staff).answer["case"]
    path = register(tmp_path, f"C-1,{NAME},{BEGAN},{ENDS},single_contact")
    done = imported(path, given)
    assert f"restriction-1 of case {case}" in done.stdout
    assert "the person is known, and their details stay as they are" in done.stdout
    with Opened(given) as office:
        assert office.directory.person(SubjectId(person)) == PersonDetails(reference="c-1", name="As it was")


def test_the_examples_of_the_guide_are_taken_but_for_who_was_not_restricted(given: Mapping[str, object]) -> None:
    wide = outcomes(imported(EXAMPLES / "register-wide.csv", given, "--json"))
    assert [line.get("fate") for line in wide] == ["taken", "taken", None]
    done = imported(EXAMPLES / "register-five-columns.csv", given, "--json", "--source", "maidstone_register")
    first, second, third, total = outcomes(done)
    assert (first["starts_on"], first["ends_on"]) == ("2026-10-01", "2027-01-01")
    assert "ends_on" in first["missing"]  # type: ignore[operator]
    assert "reference" in first["missing"]  # type: ignore[operator]
    assert second["over"] is True
    assert [p["rule"] for p in third["problems"]] == ["not_restricted"]  # type: ignore[attr-defined]
    assert (done.returncode, total["taken"], total["not_taken"]) == (3, 2, 1)
    again = outcomes(
        imported(EXAMPLES / "register-five-columns.csv", given, "--json", "--source", "maidstone_register")
    )
    assert again[-1]["there_already"] == 2


def test_a_register_that_is_killed_half_way_goes_on_where_it_was(given: Mapping[str, object], tmp_path: Path) -> None:
    path = register(tmp_path, *(f"C-{n},{NAME},{BEGAN},{ENDS},single_contact" for n in range(400)))
    begun = head(given["DATABASE_URL"])
    arguments = [str(EVENHAND), "import", str(path), "--landlord", "maidstone", "--json"]
    with subprocess.Popen(arguments, env=environment(**given), stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + 60
        while head(given["DATABASE_URL"]) < begun + 20 and time.monotonic() < until:
            time.sleep(0.02)
        process.kill()
    total = outcomes(imported(path, given, "--json"))[-1]
    there, new = total["there_already"], total["taken"]
    assert isinstance(there, int)
    assert there >= 10
    assert (new, total["not_taken"]) == (400 - there, 0)
    assert head(given["DATABASE_URL"]) == begun + 800
    assert people(given["DATABASE_URL"]) == 400


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty."),
        (HEADING.encode(), "no line below"),
        (b"Somebody,Unmistakable,1 Elm Row\n", "The first line is no heading that is known"),
        ("reference\n".encode("utf-16"), "UTF-16"),
    ],
    ids=["empty", "heading alone", "no heading", "UTF-16"],
)
def test_a_file_that_is_no_register_is_told_so_at_once(
    content: bytes, says: str, given: Mapping[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(content)
    done = imported(path, given)
    assert done.returncode == 1
    assert says in told(done)
    assert "Unmistakable" not in done.stderr


def test_a_file_or_a_landlord_that_is_not_there_is_told_so(given: Mapping[str, object], tmp_path: Path) -> None:
    assert imported(tmp_path / "nowhere.csv", given).returncode == 2
    path = register(tmp_path, f"C-1,{NAME},{BEGAN},{ENDS},single_contact")
    assert "not set up" in told(run("import", str(path), "--landlord", "elm", **given))
