"""The worklist on the command line: of a role, of a colleague, of a day, as JSON and as a calendar."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from icalendar import Calendar

from infrastructure.bootstrap import build
from infrastructure.settings import read_settings
from tests.infrastructure.a_command_line import run
from tests.infrastructure.test_cli import KEY, told
from tests.infrastructure.test_cli_compliance import case, given

__all__ = ["case", "given"]

SAYS = "Answer adjustment-1: agree the adjustment, or one that works as well, or say why not. (baseline 7)"


def test_it_says_what_to_do_by_when_and_where_to_send_it(given: Mapping[str, object], case: str) -> None:
    done = run("worklist", "derby", "--role", "case_officer", **given)
    assert (done.returncode, done.stderr) == (0, "")
    head, *lines = done.stdout.splitlines()
    assert head.endswith(": 1 due")
    assert lines[0].startswith("due, by ")
    assert lines[0].endswith(SAYS)
    assert lines[1:] == [
        "    Case officer: nobody is there who holds it",
        f"    POST /v1/cases/{case}/decide-adjustment",
    ]


def test_the_day_after_the_last_it_is_late_and_the_landlord_owes_somebody_in_the_post(
    given: Mapping[str, object], case: str
) -> None:
    answer = json.loads(run("worklist", "derby", "--json", **given).stdout)
    due_on = next(entry["due_on"] for entry in answer["entries"] if entry["case"] == case)
    later = json.loads(run("worklist", "derby", "--json", "--on", "2030-01-01", **given).stdout)
    line, vacant = (next(e for e in later["entries"] if e["kind"] == kind) for kind in ("adjustment", "vacant_post"))
    assert (line["due_on"], line["state"], line["blocked"]) == (due_on, "overdue", "nobody")
    assert line["days_late"] > 1000
    assert vacant["says"].startswith("Give somebody the post Case officer, or a deputy")
    assert vacant["blocked"] == "nobody"


def test_of_a_colleague_it_is_what_falls_to_them(given: Mapping[str, object], case: str, tmp_path: Path) -> None:
    keys = tmp_path / "issuer.pem"
    keys.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    issuer = {**given, "EVENHAND_TOKEN_ISSUER": "https://login.example", "EVENHAND_TOKEN_KEYS": keys}
    nothing = run("worklist", "derby", "--login", "officer", **issuer)
    assert nothing.stdout.splitlines()[0].endswith(": nothing to be done")
    assert "Nobody signs in at derby as somebody." in told(run("worklist", "derby", "--login", "somebody", **issuer))
    assert "set EVENHAND_TOKEN_ISSUER" in told(run("worklist", "derby", "--login", "officer", **given))
    assert case


def test_a_calendar_is_written_whole_and_over_the_last_one(
    given: Mapping[str, object], case: str, tmp_path: Path
) -> None:
    file = tmp_path / "case_officer.ics"
    file.write_text("something older")
    done = run("worklist", "derby", "--role", "case_officer", "--ics", str(file), **given)
    assert (done.returncode, done.stderr) == (0, "")
    [event] = Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    assert case in str(event["DESCRIPTION"])
    assert sorted(path.name for path in tmp_path.glob("*.new")) == []


def test_what_cannot_be_asked_is_told(given: Mapping[str, object], tmp_path: Path) -> None:
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        evenhand.set_up("derby")
    assert "There is no role king at derby; there are administrator," in told(
        run("worklist", "derby", "--role", "king", **given)
    )
    assert run("worklist", "derby", "--ics", str(tmp_path / "x.ics"), **given).returncode == 2
    assert "cannot be written" in told(
        run("worklist", "derby", "--role", "staff", "--ics", str(tmp_path / "no" / "x.ics"), **given)
    )
    assert run("worklist", "derby", "--on", "tomorrow", **given).returncode == 2
    assert run("worklist", "derby", "--on", "9999-12-31", **given).returncode == 2
    assert run("worklist", "derby", "--within", "-1", **given).returncode == 2
