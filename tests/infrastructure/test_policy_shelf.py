"""Policy files at hand: the released ones, those of a folder, and what a bad one spoils."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

import tests.golden
from domain.policy_file import PolicyRefused
from infrastructure.policy_shelf import PolicyShelf
from tests.policies import PACKAGED

HASHES = Path(tests.golden.__file__).parent / "policy_hashes.json"
FIVE = ("citizen", "derby", "maidstone", "star", "wolverhampton")


def maidstone_as(landlord: str, effective: date) -> str:
    """Maidstone's policy under another name and date."""
    [source] = PACKAGED.glob("maidstone.*.toml")
    released = source.name.split(".")[1]
    return (
        source.read_text(encoding="utf-8")
        .replace('landlord = "maidstone"', f'landlord = "{landlord}"')
        .replace(f"is = {released}", f"is = {effective}")
    )


def put(folder: Path, landlord: str, effective: date, text: str | None = None) -> Path:
    """A file in the folder, by default a good one."""
    file = folder / f"{landlord}.{effective}.toml"
    file.write_text(text or maidstone_as(landlord, effective), encoding="utf-8")
    return file


def test_a_released_policy_never_changes_and_each_one_is_known() -> None:
    released = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(PACKAGED.glob("*.toml"))}

    assert released == json.loads(HASHES.read_text(encoding="utf-8")), (
        "A changed policy is a new file with an effective date of its own; add a new file's hash to policy_hashes.json."
    )


def test_the_released_policies_are_at_hand_with_their_hashes() -> None:
    shelf = PolicyShelf.stocked()

    assert shelf.landlords == FIVE
    assert shelf.problems == {}
    [maidstone] = shelf.of("maidstone").files()
    content = (PACKAGED / f"maidstone.{maidstone.effective}.toml").read_bytes()
    assert maidstone.sha256 == hashlib.sha256(content).hexdigest()


def test_a_new_landlord_is_one_new_file(tmp_path: Path) -> None:
    put(tmp_path, "elm_homes", date(2024, 5, 1))

    shelf = PolicyShelf.stocked(tmp_path)

    assert shelf.landlords == (*FIVE[:2], "elm_homes", *FIVE[2:])
    assert shelf.of("elm_homes").files()[0].effective == date(2024, 5, 1)


def test_a_new_version_of_a_policy_is_one_new_file_and_applies_from_its_date(tmp_path: Path) -> None:
    put(tmp_path, "maidstone", date(2026, 4, 1))

    policies = PolicyShelf.stocked(tmp_path).of("maidstone")

    first, second = policies.files()
    assert policies.on(date(2026, 3, 31)) == policies.file(first.effective) == first
    assert policies.on(date(2026, 4, 1)) == policies.file(date(2026, 4, 1)) == second
    assert policies.on(date(2020, 1, 1)) is None


def test_a_bad_file_is_told_with_file_key_and_reason_and_stops_its_own_landlord_alone(tmp_path: Path) -> None:
    bad = maidstone_as("derby", date(2026, 4, 1)).replace("[scope]", "[scope]\ncolour = 1", 1)
    put(tmp_path, "derby", date(2026, 4, 1), bad)

    shelf = PolicyShelf.stocked(tmp_path)

    assert set(FIVE) - set(shelf.landlords) == {"derby"}
    [problem] = shelf.problems["derby"]
    assert problem.startswith("derby.2026-04-01.toml: scope.colour: ")
    with pytest.raises(PolicyRefused) as refused:
        shelf.of("derby")
    assert refused.value.problems == [problem]


def test_a_released_policy_is_not_replaced_from_the_folder_but_may_lie_there_too(tmp_path: Path) -> None:
    for file in PACKAGED.glob("*.toml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    [changed] = tmp_path.glob("star.*.toml")
    changed.write_bytes(changed.read_bytes() + b"\n# a remark\n")

    shelf = PolicyShelf.stocked(tmp_path)

    assert shelf.landlords == tuple(landlord for landlord in FIVE if landlord != "star")
    assert shelf.problems["star"][0].startswith(f"{changed.name}: the file as a whole: differs from the released one")


def test_another_baseline_is_refused_for_everybody(tmp_path: Path) -> None:
    (tmp_path / "baseline.toml").write_bytes((PACKAGED / "baseline.toml").read_bytes() + b"\n")

    with pytest.raises(PolicyRefused, match=r"baseline\.toml: the file as a whole: differs"):
        PolicyShelf.stocked(tmp_path)


def test_other_files_of_the_folder_are_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Policies of our partners.", encoding="utf-8")
    (tmp_path / ".hidden.toml").write_text("x", encoding="utf-8")

    assert PolicyShelf.stocked(tmp_path).problems == {}


def test_a_landlord_without_a_policy_is_answered_with_those_who_have_one() -> None:
    with pytest.raises(PolicyRefused, match="no policy file of 'elm'; there are policies of citizen, derby"):
        PolicyShelf.stocked().of("elm")
