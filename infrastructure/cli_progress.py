"""How long work is shown while it goes on: bars on a terminal, a plain line every few seconds elsewhere.

Everything goes to standard error, so that standard output holds nothing but the answer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from infrastructure.engine.rebuilding import Tell
from infrastructure.pace import Pace, Paced

PLAIN_EVERY: Final = 5.0  # seconds


@contextmanager
def shown(landlord: str, counted: str = "events") -> Iterator[Tell]:
    """What the work of one landlord tells its progress to, in what is `counted`."""
    if sys.stderr.isatty():
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[says]}"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            yield _Bars(progress, landlord, counted)
    else:
        yield _Lines(landlord, counted)


class _Bars:
    """One bar, which begins anew with every stage."""

    def __init__(self, progress: Progress, landlord: str, counted: str) -> None:
        self._counted = counted
        self._progress = progress
        self._landlord = landlord
        self._paced = Paced()
        self._task: TaskID = progress.add_task(landlord, total=None, says="")

    def __call__(self, stage: str, done: int, of: int) -> None:
        self._paced.tell(stage, done, of)
        pace = self._paced.now()
        self._progress.update(
            self._task,
            description=f"{self._landlord}: {stage}",
            completed=done if is_counted(pace) else 0,
            total=of if is_counted(pace) else None,
            says=said(pace, self._counted),
        )


class _Lines:
    """A line at the beginning of every stage, and then every few seconds."""

    def __init__(self, landlord: str, counted: str) -> None:
        self._counted = counted
        self._landlord = landlord
        self._paced = Paced()
        self._stage = ""
        self._due = 0.0

    def __call__(self, stage: str, done: int, of: int) -> None:
        self._paced.tell(stage, done, of)
        if stage == self._stage and monotonic() < self._due:
            return
        self._stage, self._due = stage, monotonic() + PLAIN_EVERY
        typer.echo(
            " ".join(filter(None, (f"{self._landlord}: {stage}", said(self._paced.now(), self._counted)))), err=True
        )


def is_counted(pace: Pace) -> bool:
    """Whether a stage is told in events, and not just that it is under way."""
    return pace.of > 1


def said(pace: Pace, counted: str = "events") -> str:
    """How far, how fast and how long still; empty for a stage of which only the name is told."""
    if not is_counted(pace):
        return ""
    parts = [f"{pace.done:,} of {pace.of:,} {counted}"]
    if pace.rate is not None and pace.left is not None:
        parts += [f"{pace.rate:,.0f} a second", f"{lasting(pace.left)} left"]
    return ", ".join(parts)


def lasting(seconds: float) -> str:
    """A length of time in the two largest units that it has."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
