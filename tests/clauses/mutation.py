"""Altering the values behind the clauses one at a time, each time running the tests that say they carry them."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clauses import Row
from tests.clauses.alterations import Alteration, CannotAlterError, alter
from tests.clauses.carriers import Carrier
from tests.policies import FOLDER

AT_ONCE = 2  # the machines that build this have two cores


class CannotRunError(Exception):
    """The marked tests do not pass before anything is altered, or end without an outcome; says which."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which of the tests of one run failed, and which were skipped."""

    failed: tuple[str, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a row's tests made of one value; `survived` says why it counts as carried by none of them."""

    row: Row
    path: str
    survived: str | None


@dataclass(frozen=True, slots=True)
class _Job:
    row: Row
    alteration: Alteration
    items: tuple[pytest.Item, ...]


def mutate(
    session: pytest.Session, carriers: Sequence[Carrier], rows: Sequence[Row], policies: Path
) -> Iterator[Result]:
    """Each value of each row with what became of it; the rows' tests must pass before anything is altered.

    CannotRunError names the tests that fail or are skipped on the policies as they are.
    """
    items = {row.id: _items_of(row, carriers) for row in rows}
    with tempfile.TemporaryDirectory(prefix="evenhand-clauses-") as scratch:
        _unaltered_must_pass(session, items.values(), policies, Path(scratch))
        jobs: list[_Job] = []
        for row in rows:
            if not items[row.id]:
                yield from (Result(row, path, "no test is marked with this row") for path in row.values)
                continue
            for path in row.values:
                try:
                    jobs.append(_Job(row, alter(_source(policies, row.landlord), path), items[row.id]))
                except (CannotAlterError, KeyError) as error:
                    yield Result(row, path, str(error))
        yield from _run_all(session, jobs, policies, Path(scratch))


def _items_of(row: Row, carriers: Sequence[Carrier]) -> tuple[pytest.Item, ...]:
    marked = {carrier.item.nodeid: carrier.item for carrier in carriers if carrier.row == row.id}
    # Those of the domain take milliseconds, so they come first; a run ends with the first failure.
    return tuple(sorted(marked.values(), key=lambda item: ("/domain/" not in item.nodeid, item.nodeid)))


def _source(policies: Path, landlord: str) -> bytes:
    return max(policies.glob(f"{landlord}.*.toml")).read_bytes()


def _unaltered_must_pass(
    session: pytest.Session, groups: Iterable[tuple[pytest.Item, ...]], policies: Path, scratch: Path
) -> None:
    every = {item.nodeid: item for items in groups for item in items}
    report = scratch / "unaltered.json"
    pid = _start(session, tuple(every.values()), policies, report, to_the_first_failure=False)
    os.waitpid(pid, 0)
    outcome = _outcome(report)
    if outcome.failed or outcome.skipped:
        lines = [f"{test} fails" for test in outcome.failed] + [f"{test} is skipped" for test in outcome.skipped]
        raise CannotRunError("These tests do not pass on the policies as they are:\n" + "\n".join(lines))


def _run_all(session: pytest.Session, jobs: Sequence[_Job], policies: Path, scratch: Path) -> Iterator[Result]:
    waiting = list(reversed(jobs))
    running: dict[int, tuple[_Job, Path]] = {}
    number = 0
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            job, number = waiting.pop(), number + 1
            folder = scratch / str(number)
            _copy_with(policies, job, folder)
            pid = _start(session, job.items, folder, folder / "outcome.json", to_the_first_failure=True)
            running[pid] = (job, folder)
        pid, _ = os.wait()
        job, folder = running.pop(pid)
        failed = _outcome(folder / "outcome.json").failed
        shutil.rmtree(folder)
        yield Result(job.row, job.alteration.path, None if failed else job.alteration.done)


def _copy_with(policies: Path, job: _Job, folder: Path) -> None:
    shutil.copytree(policies, folder)
    for original in folder.glob(f"{job.row.landlord}.*.toml"):
        original.unlink()
    (folder / job.alteration.name).write_bytes(job.alteration.source)


def _start(
    session: pytest.Session,
    items: tuple[pytest.Item, ...],
    policies: Path,
    report: Path,
    *,
    to_the_first_failure: bool,
) -> int:
    """Fork a child that runs the tests on these policies and writes its outcome; gives its process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os.environ[FOLDER] = str(policies)
        outcome = _run(session, items, to_the_first_failure=to_the_first_failure)
        report.write_text(json.dumps({"failed": outcome.failed, "skipped": outcome.skipped}), encoding="utf-8")
        status = 0
    finally:
        os._exit(status)  # whatever happens, the child never goes on with the parent's work


class _Watching:
    """A plugin that takes down which tests failed or were skipped."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)
        elif report.skipped:
            self.skipped.append(report.nodeid)


def _run(session: pytest.Session, items: tuple[pytest.Item, ...], *, to_the_first_failure: bool) -> Outcome:
    watching = _Watching()
    session.config.pluginmanager.register(watching)
    for index, item in enumerate(items):
        following = items[index + 1] if index + 1 < len(items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if watching.failed and to_the_first_failure:
            break
    # Ends whatever a test that is not followed by its successor has left open, servers above all.
    session.config.hook.pytest_sessionfinish(session=session, exitstatus=pytest.ExitCode.OK)
    return Outcome(failed=tuple(watching.failed), skipped=tuple(watching.skipped))


def _outcome(report: Path) -> Outcome:
    if not report.exists():
        raise CannotRunError("A run of the tests ended without saying how; run them by themselves to see why.")
    said = json.loads(report.read_text(encoding="utf-8"))
    return Outcome(failed=tuple(said["failed"]), skipped=tuple(said["skipped"]))
