"""The tools that say which test carries which clause, and that alter values to see whether a test notices."""

import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.policy_file import load_policy
from tests.clauses import ROOT, Row, mistakes_in, read_rows, value_at
from tests.clauses.alterations import CannotAlterError, alter, as_toml
from tests.policies import FOLDER, PACKAGED, policy

MAIDSTONE = max(PACKAGED.glob("maidstone.*.toml"))


@dataclass(frozen=True)
class Project:
    """A folder with tests, lists and policies of its own, on which the tool runs as somebody would run it."""

    folder: Path

    def lists(self, *rows: str) -> None:
        """Give it a list of clauses with these rows."""
        (self.folder / "rows").mkdir()
        text = "\n".join(["id,clause,class,text,values,owed_to", *rows])
        (self.folder / "rows" / "maidstone.csv").write_text(text + "\n", encoding="utf-8")

    def tests(self, source: str) -> None:
        """Give it one module of tests."""
        (self.folder / "tests").mkdir()
        text = f"import pytest\nfrom tests.policies import policy\n\n{source}"
        (self.folder / "tests" / "test_of_the_project.py").write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> tuple[int, str]:
        """The tool's exit status, and all that it says."""
        command = [sys.executable, "-m", "tests.clauses", *arguments]
        command += [f"--root={self.folder}", f"--tests={self.folder / 'tests'}", f"--rows={self.folder / 'rows'}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\naddopts = ["--strict-markers"]\nmarkers = ["clause(id, cls): a clause"]\n',
        encoding="utf-8",
    )
    return Project(tmp_path)


FIRST_TERM = "M-1,6.4,DATA,The first term.,term.first,"
LOOKS_AT_THE_TERM = """
@pytest.mark.clause("M-1", "DATA")
def test_the_first_term():
    assert str(policy("maidstone").term.first.value) == "3 months"
"""


def test_every_row_names_values_that_its_landlords_policy_has() -> None:
    documents = {
        file.name.partition(".")[0]: tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted(PACKAGED.glob("*.*.toml"))
    }
    rows = read_rows()
    assert len(rows) == 320
    assert [mistake for row in rows for mistake in mistakes_in(row, documents[row.landlord])] == []


@pytest.mark.parametrize(
    ("row", "mistake"),
    [
        (Row("M-1", "m", "1", ("DATA",), "", (), {}), "M-1: no value of the policy carries it"),
        (Row("M-1", "m", "1", ("DATA",), "", ("a.c",), {}), "M-1: the policy has nothing at a.c"),
        (Row("M-1", "m", "1", ("DATA",), "", ("a.b",), {"DATA": "later"}), "M-1: DATA cannot be owed"),
        (Row("M-1", "m", "1", ("RULE",), "", (), {"TIMER": "later"}), "M-1: owes TIMER, which is not among"),
        (Row("M-1", "m", "1", ("RULE",), "", (), {"RULE": ""}), "M-1: does not say to which change RULE"),
        (Row("M-1", "m", "1", ("RULES",), "", (), {}), "M-1: there is no class RULES"),
    ],
)
def test_a_row_that_cannot_be_right_is_reported(row: Row, mistake: str) -> None:
    assert [found for found in mistakes_in(row, {"a": {"b": 1}}) if found.startswith(mistake)]


def test_a_policy_written_again_is_the_same_policy() -> None:
    source = MAIDSTONE.read_bytes()
    again = as_toml(tomllib.loads(source.decode("utf-8"))).encode("utf-8")
    assert load_policy(again, MAIDSTONE.name).policy == load_policy(source, MAIDSTONE.name).policy


@pytest.mark.parametrize(
    ("path", "at", "after"),
    [
        ("term.first", "term.first.is", "4 months"),
        ("term.fixed", "term.fixed.is", False),
        ("decision.evidence_at_least", "decision.evidence_at_least.is", 2),
        ("measures.call_count.asks", "measures.call_count.asks", ["count"]),
        ("appeal.offered", "appeal.offered.is", "discretionary"),
        ("warning.required.strength", "warning.required.strength", "may"),
        ("categories.conduct", "grounds.assault.category", "demands"),
        ("roles.director_of_finance", "appeal.heard_by.is", ["staff"]),
    ],
)
def test_a_value_becomes_another_of_its_kind_and_the_policy_still_loads(path: str, at: str, after: object) -> None:
    alteration = alter(MAIDSTONE.read_bytes(), path)
    document = tomllib.loads(alteration.source.decode("utf-8"))
    assert value_at(document, at) == after
    assert load_policy(alteration.source, alteration.name).policy != policy("maidstone")


def test_an_entry_of_a_catalogue_is_left_out() -> None:
    alteration = alter(MAIDSTONE.read_bytes(), "grounds.scatter_gun")
    altered = load_policy(alteration.source, alteration.name).policy
    assert set(policy("maidstone").grounds) - set(altered.grounds) == {"scatter_gun"}


def test_what_is_left_out_becomes_a_silence() -> None:
    alteration = alter(MAIDSTONE.read_bytes(), "decision.asks.pattern")
    assert "decision.asks" in load_policy(alteration.source, alteration.name).policy.silent


def test_a_whole_section_is_not_a_value() -> None:
    with pytest.raises(CannotAlterError, match="decision cannot be altered"):
        alter(MAIDSTONE.read_bytes(), "decision")


def test_a_path_to_nothing_is_refused() -> None:
    with pytest.raises(KeyError, match=r"grounds\.none"):
        alter(MAIDSTONE.read_bytes(), "grounds.none")


def test_policies_come_from_the_folder_that_the_run_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alteration = alter(MAIDSTONE.read_bytes(), "term.first")
    (tmp_path / alteration.name).write_bytes(alteration.source)
    before = policy("maidstone").term.first
    monkeypatch.setenv(FOLDER, os.fspath(tmp_path))
    assert policy("maidstone").term.first != before
    with pytest.raises(LookupError, match="no policy of derby"):
        policy("derby")


def test_the_list_is_clean_when_every_class_is_carried_owed_or_for_people(project: Project) -> None:
    project.lists(FIRST_TERM, "M-2,7,OUT TIMER,Something else.,,TIMER:deadlines")
    project.tests(LOOKS_AT_THE_TERM)
    status, said = project.run()
    assert status == 0
    assert [line.split() for line in said.splitlines()[:3]] == [
        ["M-1", "6.4", "DATA", "carried", "tests/test_of_the_project.py::test_the_first_term"],
        ["M-2", "7", "OUT", "for", "people"],
        ["M-2", "7", "TIMER", "owed", "deadlines"],
    ]
    assert "3 classes of clauses:   1 carried,   1 for people,   1 owed,   0 NOTHING" in said


@pytest.mark.parametrize(
    ("rows", "marker", "mistake"),
    [
        ((FIRST_TERM, "M-2,7,RULE,Another.,,"), '"M-1", "DATA"', "M-2: RULE is carried by no test"),
        ((FIRST_TERM,), '"M-1", "DATA", "RULE"', "row M-1 has no class RULE"),
        ((FIRST_TERM, "M-2,7,OUT,Another.,,"), '"M-3", "DATA"', "there is no row M-3"),
        ((FIRST_TERM.replace("first,", "none,"),), '"M-1", "DATA"', "M-1: the policy has nothing at term.none"),
    ],
)
def test_the_list_fails_on_what_nothing_carries_and_on_what_does_not_exist(
    project: Project, rows: tuple[str, ...], marker: str, mistake: str
) -> None:
    project.lists(*rows)
    project.tests(LOOKS_AT_THE_TERM.replace('"M-1", "DATA"', marker))
    status, said = project.run()
    assert status == 1
    assert mistake in said


def test_a_test_that_fails_on_the_altered_value_carries_it(project: Project) -> None:
    project.lists(FIRST_TERM)
    project.tests(LOOKS_AT_THE_TERM)
    assert project.run("mutate") == (0, "1 values of 1 rows altered, 0 of them unnoticed.\n")


def test_a_marked_test_that_passes_anyway_carries_nothing(project: Project) -> None:
    project.lists(FIRST_TERM)
    project.tests('@pytest.mark.clause("M-1", "DATA")\ndef test_idle():\n    assert policy("maidstone").term.first\n')
    status, said = project.run("mutate")
    assert status == 1
    assert 'M-1     term.first.is: "3 months" became "4 months"' in said


@pytest.mark.parametrize(("body", "complaint"), [("assert False", "fails"), ('pytest.skip("not today")', "is skipped")])
def test_nothing_is_altered_while_a_marked_test_does_not_pass(project: Project, body: str, complaint: str) -> None:
    project.lists(FIRST_TERM)
    project.tests(f'@pytest.mark.clause("M-1", "DATA")\ndef test_broken():\n    {body}\n')
    status, said = project.run("mutate")
    assert status == 1
    assert f"test_broken {complaint}" in said


def test_a_module_that_reads_a_policy_while_it_is_imported_is_refused(project: Project) -> None:
    project.lists(FIRST_TERM)
    project.tests(f'EARLY = policy("maidstone")\n{LOOKS_AT_THE_TERM}')
    status, said = project.run("mutate", "--ids", "M-1")
    assert status == 1
    assert "Ask for a policy inside a test or fixture" in said
