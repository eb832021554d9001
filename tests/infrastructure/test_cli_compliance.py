"""Looking back on the command line: one case in sentences, all of a landlord's as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
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
from tests.infrastructure.test_cli import told


@pytest.fixture
def given(database: str, tmp_path: Path) -> Mapping[str, object]:
    """Settings with a database and keys."""
    return {"DATABASE_URL": database, "EVENHAND_DATA": tmp_path}


@pytest.fixture
def case(given: Mapping[str, object]) -> str:
    """A case of Derby's with one contact and an adjustment that was asked for and not answered."""
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


def test_a_case_is_told_finding_by_finding(given: Mapping[str, object], case: str) -> None:
    done = run("compliance", "derby", case, **given)
    assert (done.returncode, done.stderr) == (0, "")
    head, line = done.stdout.splitlines()
    assert head.startswith(f"Case {case} as of ")
    assert head.endswith(": 1 open")
    said, _, due = line.rpartition(" Due ")
    assert said == "open              baseline 7 (must), adjustment-1: A request for an adjustment is answered."
    assert date.fromisoformat(due.rstrip(".")) > date(2026, 1, 1)


def test_all_cases_are_told_by_clause(given: Mapping[str, object], case: str) -> None:
    done = run("compliance", "derby", "--all", "--json", "--on", "2030-01-01", **given)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert (answer["on"], answer["cases"], answer["cannot_be_told"]) == ("2030-01-01", 1, [])
    [line] = answer["clauses"]
    assert (line["clause"], line["rule"], line["verdicts"]) == ("baseline 7", "adjustment_answered", {"not_met": 1})
    assert case in line["cases"]


def test_a_case_that_is_not_there_and_a_question_without_one_are_answered(given: Mapping[str, object]) -> None:
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        evenhand.set_up("derby")
    assert "has no" in told(run("compliance", "derby", str(uuid4()), **given))
    refused = run("compliance", "derby", **given)
    assert refused.returncode == 2
    assert "Name a case, or ask with --all." in refused.stderr
