"""Who can be played in the demonstrations of a data folder: made-up people, so that their names may lie in the open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class DemonstrationPeople:
    """Landlords, logins and names in one file of the data folder, which the command line reads without a database."""

    def __init__(self, data: Path) -> None:
        self._file = data / "demonstration.json"

    def everybody(self) -> Mapping[str, Mapping[str, str]]:
        """Names by landlord and login; empty where no demonstration was set up."""
        if not self._file.exists():
            return {}
        known: dict[str, dict[str, str]] = json.loads(self._file.read_text(encoding="utf-8"))
        return known

    def add(self, landlord: str, login: str, name: str) -> None:
        """Note somebody; the file is never there in halves."""
        known = {slug: dict(people) for slug, people in self.everybody().items()}
        known.setdefault(landlord, {})[login] = name
        beside = self._file.with_suffix(".new")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(known, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        beside.replace(self._file)
