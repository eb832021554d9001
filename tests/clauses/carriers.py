"""Collecting the tests of the repository, to learn which clauses each of them says that it carries."""

import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clauses import Row


@dataclass(frozen=True, slots=True)
class Carrier:
    """A test with the row and class that one of its markers names."""

    item: pytest.Item
    row: str
    cls: str

    @property
    def test(self) -> str:
        """Its file and function, without parameters."""
        file, _, function = self.item.nodeid.partition("::")
        return f"{file}::{function.partition('[')[0]}"


class CollectionFailedError(Exception):
    """The tests cannot be collected, so nothing can be said about them; the message is pytest's."""


class _Collecting:
    """A plugin that hands over what was collected instead of running it."""

    def __init__(self, then: Callable[[pytest.Session, list[Carrier]], None]) -> None:
        self.then = then
        self.problems: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(f"{report.nodeid}: {report.longreprtext}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not self.problems:
            self.then(session, [carrier for item in session.items for carrier in _carriers(item)])
        return True


def collected(root: Path, tests: Path, then: Callable[[pytest.Session, list[Carrier]], None]) -> None:
    """Collect what is under `tests`, with the settings at `root`, and call `then` while it can still be run.

    Raises CollectionFailedError when a module cannot be imported.
    """
    collecting = _Collecting(then)
    said = io.StringIO()
    with redirect_stdout(said):
        code = pytest.main(
            # Printing is left to the tests' own streams: a forked run must not share pytest's capture files.
            [
                f"--rootdir={root}",
                f"--config-file={root / 'pyproject.toml'}",
                "-s",
                "--tb=native",
                "-pno:cacheprovider",
                str(tests),
            ],
            plugins=[collecting],
        )
    if collecting.problems:
        raise CollectionFailedError("\n".join(collecting.problems))
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise CollectionFailedError(said.getvalue())


def _carriers(item: pytest.Item) -> Iterator[Carrier]:
    for marker in item.iter_markers("clause"):
        row, *classes = marker.args or ("a marker without a row",)
        for cls in classes or ("no class",):
            yield Carrier(item, row, cls)


def unknown(carriers: list[Carrier], rows: list[Row]) -> list[str]:
    """Markers that name a row or class which no list has."""
    classes = {row.id: row.classes for row in rows}
    found = []
    for carrier in carriers:
        if carrier.row not in classes:
            found.append(f"{carrier.test}: there is no row {carrier.row}")
        elif carrier.cls not in classes[carrier.row]:
            found.append(f"{carrier.test}: row {carrier.row} has no class {carrier.cls}")
    return sorted(set(found))
