"""Model subscribers from outside: started, killed, and asked what they heard, beside the table of events."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]

Heard = tuple[str, int, int]  # case, version, position


@dataclass
class Model:
    """A subscriber by one road: what it is told to do, and the process that does it."""

    road: str
    folder: Path
    said: dict[str, Any]
    subscriber: str
    killed: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def path(self) -> Path:
        """Where it keeps what it heard."""
        return self.folder / f"{self.road}.db"

    def start(self) -> None:
        """Begin, or go on."""
        self.tell()
        command = [sys.executable, "-m", "tests.soak.model_subscriber", self.road, str(self.folder)]
        with (self.folder / f"{self.road}.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def tell(self) -> None:
        """Write down what it is told to do; it reads its token from there whenever one has expired."""
        beside = self.folder / f"{self.road}.new"
        beside.write_text(json.dumps(self.said), encoding="utf-8")
        beside.replace(self.folder / f"{self.road}.json")

    def look(self) -> None:
        """Raises AssertionError when it ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            told = (self.folder / f"{self.road}.log").read_text(encoding="utf-8", errors="replace")
            raise AssertionError(f"the subscriber by {self.road} ended by itself:\n{told[-3000:]}")

    def kill(self) -> None:
        """End it as a loss of power does."""
        self.look()
        self.stop()
        self.killed += 1

    def stop(self) -> None:
        """End it, whatever became of it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def heard(self) -> list[Heard]:
        """Everything that it heard, in the order in which it did."""
        return self._asked("SELECT case_id, version, sequence FROM heard ORDER BY number")

    def count(self) -> int:
        """How much it heard."""
        return sum(count for (count,) in self._asked("SELECT count(*) FROM heard"))

    def gaps(self) -> list[Any]:
        """The cases of which it missed something."""
        return self._asked("SELECT case_id FROM gap")

    def _asked(self, query: str) -> list[Any]:
        if not self.path.exists():
            return []
        with closing(sqlite3.connect(self.path, timeout=30)) as connection:
            try:
                return connection.execute(query).fetchall()
            except sqlite3.OperationalError:  # it has not made its tables yet
                return []


def heard_everything(model: Model, table: Sequence[Heard], count: int) -> None:
    """The first so many events of the log at least, and then what came, each once and in its place."""
    heard = model.heard()
    assert len(heard) >= count, (model.road, len(heard), count)
    assert heard == list(table[: len(heard)]), model.road
    assert model.gaps() == [], model.road


def heard_by_case(model: Model, table: Sequence[Heard], count: int) -> None:
    """Likewise, in the order of each case."""
    written, heard = _by_case(table), _by_case(model.heard())
    for case, versions in heard.items():
        assert versions == written[case][: len(versions)], (model.road, case)
    for case, versions in _by_case(table[:count]).items():
        assert len(heard.get(case, ())) >= len(versions), (model.road, case)


def heard_the_rest(model: Model, table: Sequence[Heard]) -> None:
    """Of each case that it heard of since its snapshot, everything from there on, in order."""
    written, heard = _by_case(table), _by_case(model.heard())
    assert heard, model.road
    for case, versions in heard.items():
        begins = written[case].index(versions[0])
        assert versions == written[case][begins : begins + len(versions)], (model.road, case)
    assert model.gaps() == [], model.road


def _by_case(events: Sequence[Heard]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for case, version, _ in events:
        found.setdefault(case, []).append(version)
    return found
