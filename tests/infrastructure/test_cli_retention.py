"""What has been kept long enough, on the command line: in sentences and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from domain.codes import CaseId, HoldReason, SubjectId
from domain.decisions.endings import CloseCase
from domain.decisions.intake import LogContact
from domain.decisions.landlord import AppointPost
from domain.decisions.rights import PlaceLegalHold
from domain.events import SYSTEM
from infrastructure.bootstrap import build
from infrastructure.settings import read_settings
from tests.domain.world import words
from tests.infrastructure.a_command_line import run


@pytest.fixture
def given(database: str, tmp_path: Path) -> Mapping[str, object]:
    """Settings with a database and keys, and Derby set up in it."""
    return {"DATABASE_URL": database, "EVENHAND_DATA": tmp_path}


@pytest.fixture
def cases(given: Mapping[str, object]) -> list[str]:
    """Two closed cases of Derby's with one contact each, of which the second is held."""
    found: list[str] = []
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        evenhand.set_up("derby")
        officer = evenhand.enrol("derby", "officer", "The officer", issuer="https://login.example")
        desk = evenhand.desk("derby")
        for role in ("staff", "data_protection_officer"):
            desk.manage(AppointPost(role=role, staff=officer, starts_on=date(2015, 1, 1)), SYSTEM)
        for _ in range(2):
            contact = LogContact(channel="telephone", summary=words())
            case = CaseId(str(desk.log_contact(SubjectId(str(uuid4())), contact, officer).answer["case"]))
            desk.execute(case, CloseCase(), officer)
            found.append(case)
        desk.execute(CaseId(found[1]), PlaceLegalHold(because=HoldReason.CLAIM, reason=words()), officer)
    return found


def test_what_ran_out_is_told_case_by_case_with_what_stops_it(given: Mapping[str, object], cases: list[str]) -> None:
    done = run("retention", "due", "derby", "--on", "2098-01-01", **given)

    assert (done.returncode, done.stderr) == (0, "")
    first, *lines = done.stdout.splitlines()
    assert first == "derby, as of 2098-01-01: 2 closed cases with records kept long enough"
    assert [line.split(",")[0] for line in lines if not line.startswith(" ")] == cases
    classes = [line.split()[0] for line in lines if line.startswith("    ") and line[4] != " "]
    assert classes == ["contacts", "contacts"]
    assert [line for line in lines if line.startswith("        ")] == [
        "        stays: hold-1 holds everything until it is released."
    ]


def test_as_json_it_is_what_the_route_answers(given: Mapping[str, object], cases: list[str]) -> None:
    done = run("retention", "due", "derby", "--on", "2098-01-01", "--json", **given)
    told = json.loads(done.stdout)

    assert told["on"] == "2098-01-01"
    assert [entry["case"] for entry in told["entries"]] == cases
    assert [[one["rule"] for one in entry["run_out"][0]["stopped_by"]] for entry in told["entries"]] == [
        [],
        ["legal_hold"],
    ]


def test_before_their_time_nothing_is_listed(given: Mapping[str, object], cases: list[str]) -> None:
    assert len(cases) == 2
    done = run("retention", "due", "derby", **given)

    assert done.stdout.endswith(": 0 closed cases with records kept long enough\n")
    nobody = run("retention", "due", "nobody", **given)
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert nobody.stderr.startswith("evenhand: ")
