"""`evenhand policy lint`: of a file or of all, for people and for programs, strict on request."""

from __future__ import annotations

import json
from pathlib import Path

from tests.infrastructure.a_command_line import run
from tests.infrastructure.test_cli import told
from tests.policies import PACKAGED


def test_every_policy_at_hand_is_remarked_on_and_that_is_no_failure() -> None:
    done = run("policy", "lint", "--on", "2026-11-22")
    assert (done.returncode, done.stderr) == (0, "")
    for said in (
        "Citizen (citizen.2022-02-01.toml): ",
        "    document.review_due [7]: The policy was to be reviewed by 2025-02-28, 632 days ago. It stays in force.",
        "STAR Housing (star.2025-12-28.toml): ",
        "Every restriction is reviewed in 3 cadences",
    ):
        assert said in done.stdout


def test_one_file_is_remarked_on_as_json_and_strictly() -> None:
    [file] = PACKAGED.glob("star.*.toml")
    done = run("policy", "lint", str(file), "--json", "--strict")
    assert (done.returncode, done.stderr) == (1, "")
    [(name, remarks)] = json.loads(done.stdout).items()
    assert name == file.name
    assert {"kind": "repetition", "path": "repeats.section_16", "clause": "16.1"}.items() <= next(
        remark.items() for remark in remarks if remark["path"] == "repeats.section_16"
    )


def test_a_file_that_is_not_there_or_cannot_be_taken_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in told(run("policy", "lint", str(tmp_path / "absent.toml")))
    broken = tmp_path / "derby.2027-01-01.toml"
    broken.write_text("landlord = 1", encoding="utf-8")
    said = run("policy", "lint", str(broken))
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
