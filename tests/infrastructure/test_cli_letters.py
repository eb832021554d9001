"""Letters on the command line: templates checked before the service starts, their fields, and a letter to look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import pytest

from domain.codes import SubjectId
from domain.decisions.intake import LogContact, RecordIssueAnswered
from domain.decisions.landlord import AppointPost
from domain.events import SYSTEM
from infrastructure.bootstrap import build
from infrastructure.settings import read_settings
from tests.domain.world import words
from tests.infrastructure.a_command_line import run

THERE = sum(one.name.endswith(".toml") for one in (files("infrastructure.letters") / "templates").iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of letters with one for Derby."""
    (tmp_path / "letters" / "derby" / "enclosures").mkdir(parents=True)
    return tmp_path / "letters"


def test_templates_are_checked_without_a_database(folder: Path) -> None:
    ours = run("letters", "check", "derby")
    assert (ours.returncode, ours.stderr) == (0, "")
    assert ours.stdout == f"derby: {THERE} templates can be used, none of them its own.\n"
    (folder / "derby" / "breach.toml").write_text('subject = "x"\n[parts.a]\ntext = "{account}"\n', encoding="utf-8")
    own = run("letters", "check", "derby", EVENHAND_LETTERS=folder)
    assert own.stdout == f"derby: {THERE} templates can be used, breach.toml of them its own.\n"
    (folder / "derby" / "breach.toml").write_text('subject = "x"\n[parts.a]\ntext = "{acount}"\n', encoding="utf-8")
    broken = run("letters", "check", "derby", EVENHAND_LETTERS=folder)
    assert broken.returncode == 1
    assert "breach.toml: parts.a.text: there is no field {acount}" in broken.stderr


def test_what_should_be_enclosed_and_is_not_at_hand_is_said() -> None:
    done = run("letters", "check", "maidstone")
    assert done.returncode == 0
    assert "letters of kind decision enclose (policy), which is not at hand: set EVENHAND_LETTERS." in done.stdout


def test_the_fields_of_a_template_are_listed() -> None:
    done = run("letters", "fields", "decision")
    assert "{behaviour}: what the customer did that was found unreasonable\n" in done.stdout
    assert 'each = "measures"\n    {title}: what the policy calls it\n' in done.stdout
    unknown = run("letters", "fields", "love_letter")
    assert unknown.returncode == 1
    assert "There is no template love_letter" in unknown.stderr


@pytest.fixture
def given(database: str, tmp_path: Path) -> Mapping[str, object]:
    """Settings with a database and keys."""
    return {"DATABASE_URL": database, "EVENHAND_DATA": tmp_path}


@pytest.fixture
def case(given: Mapping[str, object]) -> str:
    """A case of STAR's with a matter that was answered in full."""
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        evenhand.set_up("star")
        officer = evenhand.enrol("star", "officer", "The officer", issuer="https://login.example")
        desk = evenhand.desk("star")
        desk.manage(AppointPost(role="staff", staff=officer, starts_on=date(2015, 1, 1)), SYSTEM)
        contact = LogContact(channel="telephone", summary=words())
        found = str(desk.log_contact(SubjectId(str(uuid4())), contact, officer).answer["case"])
        answered = RecordIssueAnswered(issue="the-fence", next_steps=words("You can ask for a surveyor."))
        desk.execute(found, answered, officer)  # type: ignore[arg-type]
        return found


def test_a_letter_is_looked_at(given: Mapping[str, object], case: str, tmp_path: Path) -> None:
    done = run("letters", "preview", "star", case, "closure", "the-fence", **given)
    assert done.returncode == 0, done.stderr
    assert "You can ask for a surveyor." in done.stdout
    assert "STAR Housing" in done.stdout
    assert done.stderr == ""
    pdf = tmp_path / "letter.pdf"
    again = run("letters", "preview", "star", case, "closure", "the-fence", "--out", str(pdf), **given)
    assert again.returncode == 0, again.stderr
    assert pdf.read_bytes().startswith(b"%PDF-")
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        read = [one for _, one in evenhand.access_log("star").all_of_case(case)]  # type: ignore[arg-type]
        assert {one.purpose for one in read} == {"letter-preview"}
        assert any(name.endswith(".next_steps") for one in read for name in one.fields)


def test_a_letter_about_nothing_is_refused_in_a_sentence(given: Mapping[str, object], case: str) -> None:
    done = run("letters", "preview", "star", case, "decision", "restriction-1", **given)
    assert done.returncode == 1
    assert "This case has no decision restriction-1; it has none yet." in done.stderr
    unknown = run("letters", "preview", "star", case, "love_letter", "x", **given)
    assert "There is no letter of kind love_letter" in unknown.stderr


def test_a_broken_template_is_told_of_at_the_start_and_stops_nothing_but_its_letters(
    given: Mapping[str, object], case: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "star").mkdir()
    (folder / "star" / "closure.toml").write_text('subject = "{sbject}"\n[parts.a]\ntext = "x"\n', encoding="utf-8")
    settings = {name: str(value) for name, value in given.items()} | {"EVENHAND_LETTERS": str(folder)}
    with caplog.at_level("WARNING"), build(read_settings(settings)) as evenhand:
        assert evenhand.landlords == ("star",)
    assert (
        "star: no letter is written from a template that cannot be used: closure.toml: subject: there is no field"
        in (caplog.text)
    )
    done = run("letters", "preview", "star", case, "closure", "the-fence", **settings)
    assert done.returncode == 1
    assert "closure.toml: subject: there is no field {sbject}" in done.stderr
