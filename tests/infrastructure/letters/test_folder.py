"""Letters into a folder: there whole or not at all, and once."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from domain.calendar import DeliveryMethod
from infrastructure.letters.carriers import HandedOver, TryLater
from infrastructure.letters.folder import UNFINISHED, FolderCarrier
from tests.infrastructure.letters.a_parcel import a_parcel


def test_a_letter_is_a_folder_of_its_own_with_everything_in_it(tmp_path: Path) -> None:
    parcel = a_parcel()
    assert isinstance(FolderCarrier("folder", tmp_path).carry(parcel), HandedOver)
    files = {file.name: file.read_bytes() for file in (tmp_path / parcel.dispatch).iterdir()}
    told = json.loads(files.pop("letter.json"))
    assert files == {
        "letter.pdf": parcel.pdf,
        "letter.txt": parcel.text.encode(),
        "enclosure-1.pdf": parcel.attached[0].content,
        "to.txt": b"Zo\xc3\xab Quill\nquill@example.org\n",
    }
    assert told["sha256"] == {name: sha256(content).hexdigest() for name, content in files.items()}
    assert "Quill" not in json.dumps(told)
    assert list((tmp_path / UNFINISHED).iterdir()) == []


def test_what_is_posted_goes_to_an_address(tmp_path: Path) -> None:
    parcel = a_parcel(method=DeliveryMethod.FIRST_CLASS_POST)
    FolderCarrier("folder", tmp_path).carry(parcel)
    assert (tmp_path / parcel.dispatch / "to.txt").read_text() == "Zoë Quill\n1 Elm Row\nElmton\n"


def test_the_same_letter_again_changes_nothing(tmp_path: Path) -> None:
    parcel, carrier = a_parcel(), FolderCarrier("folder", tmp_path)
    first = carrier.carry(parcel)
    kept = tmp_path / parcel.dispatch / "letter.pdf"
    before = kept.stat()
    assert carrier.carry(a_parcel(dispatch=parcel.dispatch, pdf=b"another")) == first
    assert (kept.stat().st_ino, kept.read_bytes()) == (before.st_ino, parcel.pdf)


def test_many_at_once_make_one(tmp_path: Path) -> None:
    parcel, carrier = a_parcel(), FolderCarrier("folder", tmp_path)
    with ThreadPoolExecutor(8) as many:
        outcomes = list(many.map(lambda _: carrier.carry(parcel), range(24)))
    assert all(isinstance(outcome, HandedOver) for outcome in outcomes)
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([UNFINISHED, parcel.dispatch])
    assert list((tmp_path / UNFINISHED).iterdir()) == []


def test_what_a_killed_process_left_half_written_is_no_letter_and_goes_in_time(tmp_path: Path) -> None:
    left = tmp_path / UNFINISHED / "left"
    left.mkdir(parents=True)
    (left / "letter.pdf").write_bytes(b"%PDF-1.7 half a let")
    carrier = FolderCarrier("folder", tmp_path)
    carrier.carry(a_parcel())
    assert left.exists()
    os.utime(left, (0, 0))
    carrier.carry(a_parcel())
    assert not left.exists()


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    blocked = tmp_path / "letters"
    blocked.write_text("a file, and no folder")
    outcome = FolderCarrier("folder", blocked).carry(a_parcel())
    assert isinstance(outcome, TryLater)
    assert "letters" not in outcome.why.replace("folder of letters", "")


def test_a_dispatch_that_is_no_id_leads_out_of_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="badly formed"):
        FolderCarrier("folder", tmp_path / "letters").carry(a_parcel(dispatch="../out"))
    assert list(tmp_path.iterdir()) == []
