"""Entries of people without a case that were kept long enough, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from application.ports import PersonDetails
from infrastructure.bootstrap import build
from infrastructure.settings import read_settings
from tests.infrastructure.a_command_line import run


def test_entries_that_were_never_used_are_listed_a_year_after_they_were_made(database: str, tmp_path: Path) -> None:
    given = {"DATABASE_URL": database, "EVENHAND_DATA": tmp_path}
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        evenhand.set_up("derby")
        person = evenhand.directory("derby").add_person(PersonDetails(name="Quentin Neighbour"))

    done = run("retention", "entries", "derby", "--on", "2098-01-01", **given)
    assert (done.returncode, done.stderr) == (0, "")
    first, line = done.stdout.splitlines()
    assert first == "derby, as of 2098-01-01: 1 entry without a case kept long enough"
    assert line.startswith(f"{person} since ")
    assert "baseline 16 (assumed)" in line
    assert "Quentin" not in done.stdout

    told = json.loads(run("retention", "entries", "derby", "--on", "2098-01-01", "--json", **given).stdout)
    assert [entry["person"] for entry in told["entries"]] == [person]
    assert run("retention", "entries", "derby", **given).stdout.endswith(
        ": 0 entries without a case kept long enough\n"
    )
