"""Where a follower keeps its place: how far it has come and how cases stand, together or not at all."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """How far a follower has come.

    `round` counts how often it began with a snapshot; 0 is a follower from the start of the log. `cursor` is where it
    goes on in the feed. `paging` is the next page of a snapshot that it is still reading. `whole` says that the
    snapshot of this round has been read to its end. `restarted`: the service was not told yet that it began anew.
    """

    cursor: str | None = None
    paging: str | None = None
    whole: bool = False
    round: int = 0
    restarted: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What is held of a case: the version seen of it, in which round, and its state with the version that it is of."""

    seen: int
    round: int
    state: Mapping[str, Any] | None = None

    @property
    def state_version(self) -> int:
        """The version that the state accounts for; 0 without one."""
        return int(self.state["caseversion"]) if self.state else 0


class Store(Protocol):
    """Keeps place and cases. One follower uses it at a time."""

    def place(self) -> Place:
        """How far the follower has come; the first place when nothing was ever kept."""

    def known(self, cases: Iterable[str]) -> dict[str, Known]:
        """What is held of those of these cases of which anything is."""

    def everything(self) -> Iterator[tuple[str, Known]]:
        """Every case of which anything is held."""

    def keep(self, place: Place, known: Mapping[str, Known | None], also: Callable[[], object]) -> None:
        """Do `also` and keep all of this, or nothing: what `also` raises comes through. None forgets a case."""


class FileStore:
    """One JSON file of mode 0600, replaced whole each time: for up to some thousands of cases.

    `also` may have been done when the process dies before the file is replaced: then the same is handed on again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        read = json.loads(path.read_bytes()) if path.exists() else {"place": asdict(Place()), "cases": {}}
        self._place = Place(**read["place"])
        self._cases = {case: Known(**held) for case, held in read["cases"].items()}

    def place(self) -> Place:
        """See `Store`."""
        return self._place

    def known(self, cases: Iterable[str]) -> dict[str, Known]:
        """See `Store`."""
        return {case: self._cases[case] for case in cases if case in self._cases}

    def everything(self) -> Iterator[tuple[str, Known]]:
        """See `Store`."""
        return iter(tuple(self._cases.items()))

    def keep(self, place: Place, known: Mapping[str, Known | None], also: Callable[[], object]) -> None:
        """See `Store`."""
        also()
        cases = {case: held for case, held in {**self._cases, **known}.items() if held is not None}
        said = {"place": asdict(place), "cases": {case: asdict(held) for case, held in cases.items()}}
        beside = self._path.with_name(self._path.name + ".new")
        with open(beside, "wb", opener=_private) as written:
            written.write(json.dumps(said).encode())
            written.flush()
            os.fsync(written.fileno())
        beside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name itself must survive a loss of power
        finally:
            os.close(folder)
        self._place, self._cases = place, cases


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


_TABLES: Final = """
CREATE TABLE IF NOT EXISTS follower_place (one INTEGER PRIMARY KEY CHECK (one = 1), said TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS follower_case (
    case_id TEXT PRIMARY KEY, seen INTEGER NOT NULL, round INTEGER NOT NULL, state TEXT
) WITHOUT ROWID;
"""
_MANY: Final = 500  # parameters in a statement: any SQLite takes 999


class SqliteStore:
    """An SQLite database: for any number of cases.

    `also` runs inside the transaction: what it writes through `connection` is kept together with the place, so that
    every event takes effect exactly once. It must not commit.
    """

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.executescript(_TABLES)

    def place(self) -> Place:
        """See `Store`."""
        row = self.connection.execute("SELECT said FROM follower_place").fetchone()
        return Place(**json.loads(row[0])) if row else Place()

    def known(self, cases: Iterable[str]) -> dict[str, Known]:
        """See `Store`."""
        asked = list(cases)
        found: dict[str, Known] = {}
        for first in range(0, len(asked), _MANY):
            some = asked[first : first + _MANY]
            marks = ",".join("?" * len(some))
            query = f"SELECT case_id, seen, round, state FROM follower_case WHERE case_id IN ({marks})"  # noqa: S608 - question marks
            found.update(map(_held, self.connection.execute(query, some)))
        return found

    def everything(self) -> Iterator[tuple[str, Known]]:
        """See `Store`."""
        with closing(self.connection.execute("SELECT case_id, seen, round, state FROM follower_case")) as rows:
            yield from map(_held, rows)

    def keep(self, place: Place, known: Mapping[str, Known | None], also: Callable[[], object]) -> None:
        """See `Store`."""
        do = self.connection
        do.execute("BEGIN IMMEDIATE")
        try:
            also()
            do.executemany(
                "DELETE FROM follower_case WHERE case_id = ?", [[c] for c, held in known.items() if not held]
            )
            do.executemany(
                "INSERT OR REPLACE INTO follower_case (case_id, seen, round, state) VALUES (?, ?, ?, ?)",
                [
                    (case, held.seen, held.round, None if held.state is None else json.dumps(held.state))
                    for case, held in known.items()
                    if held
                ],
            )
            do.execute("INSERT OR REPLACE INTO follower_place (one, said) VALUES (1, ?)", [json.dumps(asdict(place))])
        except BaseException:
            do.execute("ROLLBACK")
            raise
        do.execute("COMMIT")

    def close(self) -> None:
        """Close the database."""
        self.connection.close()


def _held(row: tuple[str, int, int, str | None]) -> tuple[str, Known]:
    case, seen, rounds, state = row
    return case, Known(seen, rounds, None if state is None else json.loads(state))
