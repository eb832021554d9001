"""What every command on read models does around its act: for whom, by whom and why, what came of it, how it ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import msgspec
import psycopg
import typer
from eventsourcing.persistence import PersistenceError

from infrastructure.bootstrap import LandlordRefused
from infrastructure.engine.acts import By
from infrastructure.engine.operations import Operations
from infrastructure.engine.rebuilding import RebuildRefused
from infrastructure.engine.workers import WorkerFailed
from infrastructure.postgres.data_folder import owner_name
from infrastructure.service import until_stopped
from projections import ALL

if TYPE_CHECKING:
    from infrastructure.bootstrap import Evenhand

FAILED: Final = 1
DIFFERS: Final = 3
INTERRUPTED: Final = 130

P = ParamSpec("P")
T = TypeVar("T")

# What stops one landlord's work, and not that of the others.
TROUBLE: Final = (RebuildRefused, LookupError, WorkerFailed, psycopg.Error, PersistenceError)


class Work:
    """One command over some landlords: what stops one of them is told and stops no other."""

    def __init__(self, evenhand: Evenhand, chosen: Sequence[str] | None, *, json: bool = False) -> None:
        self.chosen = tuple(dict.fromkeys(chosen or evenhand.landlords))
        self.differs = False
        self.failed = False
        self._evenhand = evenhand
        self._json = json
        self._document: list[dict[str, object]] = []
        for landlord in self.chosen:
            evenhand.office(landlord)  # raises for one that is not served, before anything is done
        if not self.chosen:
            raise LandlordRefused("No landlord is served here.")

    def landlords(self) -> Iterator[tuple[str, Operations]]:
        """Each landlord, and what can be done to its read models."""
        for landlord in self.chosen:
            yield landlord, Operations(self._evenhand.projector(landlord))

    def attempt(self, landlord: str, act: Callable[P, T], *args: P.args, **options: P.kwargs) -> T | None:
        """What the act gives; None once it was said why not."""
        try:
            return act(*args, **options)
        except TROUBLE as trouble:
            self.failed = True
            why = " ".join(str(trouble).split()) or type(trouble).__name__
            self._document.append({"landlord": landlord, "error": why})
            typer.echo(f"evenhand: {landlord}: {why}", err=True)
            return None

    def tell(self, landlord: str, lines: Iterable[str], **found: object) -> None:
        """Say what came of one landlord's part, in lines or later in the document."""
        self._document.append({"landlord": landlord, "error": None, **found})
        if not self._json:
            for line in lines:
                typer.echo(line)

    def end(self) -> None:
        """Print the document if that was asked for, and end with the code of what was found."""
        if self._json:
            typer.echo(msgspec.json.format(msgspec.json.encode({"landlords": self._document})).decode())
        if self.failed or self.differs:
            raise typer.Exit(FAILED if self.failed else DIFFERS)


@contextmanager
def resumable() -> Iterator[None]:
    """An interruption of a rebuild ends it in good order and says how to go on."""
    with until_stopped():
        try:
            yield
        except KeyboardInterrupt:
            typer.echo("evenhand: interrupted. What was filled stays: the same command goes on with it.", err=True)
            raise typer.Exit(INTERRUPTED) from None


@contextmanager
def leavable() -> Iterator[None]:
    """An interruption leaves nothing behind."""
    with until_stopped():
        try:
            yield
        except KeyboardInterrupt:
            typer.echo("evenhand: interrupted. Nothing was changed.", err=True)
            raise typer.Exit(INTERRUPTED) from None


def known(names: Sequence[str]) -> list[str]:
    """These read models, each once. Raises typer's BadParameter for an unknown one."""
    known = [view.name for view in ALL]
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"There is no read model {name}; there are {', '.join(known)}.")
    return list(dict.fromkeys(names))


def refuse_unnamed(landlords: Sequence[str] | None, *, everybody: bool) -> None:
    """What changes something is done to landlords that were named. Raises typer's BadParameter."""
    if bool(landlords) == everybody:
        raise typer.BadParameter("Name each landlord with --landlord, or give --all.")


def by_whom(why: str | None, by: str | None) -> By:
    """Who acts and why. Raises typer's BadParameter without a reason."""
    if why is None or not why.strip():
        raise typer.BadParameter("Say why, with --why: it goes into the history.")
    return By(by or owner_name(os.getuid()), why.strip())
