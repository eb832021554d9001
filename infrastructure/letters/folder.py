"""Letters into a folder: one folder for each, there whole or not at all, for a print room or a mail system to fetch."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from infrastructure.letters.carriers import HandedOver, NotTaken, Outcome, Parcel, TryLater
from infrastructure.media_types import MEDIA_TYPES

UNFINISHED: Final = ".unfinished"  # where letters are written before they get their name
ABANDONED_AFTER: Final = 24 * 3600.0  # seconds; nobody writes one letter for so long


class FolderCarrier:
    """Puts each letter into a folder of its own below `root`, named by its dispatch.

    In it are `letter.pdf`, `letter.txt`, `to.txt` with name and address, `letter.json` with what it is and the SHA-256
    of each file, and `enclosure-1.pdf` and so on. All of it is on disk before the folder gets its name; one that has
    its name is left as it is. So a letter that is carried twice is there once.
    """

    tells_apart = True
    any_form = True
    longest = 0.0

    def __init__(self, name: str, root: Path) -> None:
        self.name = name
        self._root = root

    def carry(self, parcel: Parcel) -> Outcome:
        """Write it down, with its name last."""
        final = self._root / str(UUID(parcel.dispatch))
        try:
            if not final.is_dir():
                self._write(final, _files(parcel))
            _to_disk(self._root)
            return HandedOver(datetime.fromtimestamp((final / "letter.json").stat().st_mtime, UTC))
        except PermissionError:
            return TryLater("the folder of letters cannot be written to")
        except OSError as error:
            return TryLater(f"the folder of letters cannot be written: {os.strerror(error.errno or 0)}")
        except UnicodeError:
            return NotTaken("the letter holds what no file can hold")

    def _write(self, final: Path, files: dict[str, bytes]) -> None:
        unfinished = self._root / UNFINISHED
        unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear(unfinished)
        begun = unfinished / uuid4().hex
        begun.mkdir(mode=0o700)
        for name, content in files.items():
            with (begun / name).open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        _to_disk(begun)
        try:
            begun.rename(final)  # onto nothing, or onto the same letter: then it fails, for that one is not empty
        except OSError:
            shutil.rmtree(begun, ignore_errors=True)
            if not final.is_dir():
                raise


def _files(parcel: Parcel) -> dict[str, bytes]:
    files = {"letter.pdf": parcel.pdf, "letter.txt": parcel.text.encode()}
    for number, attached in enumerate(parcel.attached, start=1):
        known = MEDIA_TYPES.get(attached.media_type)
        files[f"enclosure-{number}.{known.extension if known else 'bin'}"] = attached.content
    where = parcel.to_email if parcel.method == "email" else parcel.to_address
    files["to.txt"] = "\n".join(part for part in (parcel.to_name, where) if part).encode() + b"\n"
    told = {
        "dispatch": parcel.dispatch,
        "landlord": parcel.landlord,
        "method": parcel.method,
        "kind": parcel.kind,
        "format": parcel.format,
        "language": parcel.language,
        "sha256": {name: sha256(content).hexdigest() for name, content in files.items()},
    }
    files["letter.json"] = json.dumps(told, indent=2, sort_keys=True).encode() + b"\n"
    return files


def _to_disk(folder: Path) -> None:
    """The names in a folder survive a crash of the machine, too."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _clear(unfinished: Path) -> None:
    """Remove what a killed process left half-written."""
    oldest = datetime.now(UTC).timestamp() - ABANDONED_AFTER
    for begun in unfinished.iterdir():
        with suppress(OSError):
            if begun.stat().st_mtime < oldest:
                shutil.rmtree(begun, ignore_errors=True)
