"""The command line's list of records that have been kept long enough."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Final

import typer

from domain.calendar import london_date
from infrastructure.cli_policy import ISO_DAY
from infrastructure.entries_run_out import EntryLine, entries_run_out
from infrastructure.http.showing import Page
from infrastructure.office import Office
from infrastructure.run_out import RetentionLine, RunOut, run_out
from infrastructure.service import opened
from infrastructure.settings import read_settings

retention_commands = typer.Typer(help="What is kept, and how long.", no_args_is_help=True)

AT_ONCE: Final = 200  # closed cases, or people, looked at a time


@retention_commands.command()
def due(
    landlord: Annotated[str, typer.Argument(help="A landlord that is set up.")],
    on: Annotated[datetime | None, typer.Option(formats=ISO_DAY, help="As of a day; today unless given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List the closed cases with records kept long enough, and what still stops them from going."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        day = on.date() if on else london_date(office.clock.now())
        lines = [line for page in _pages(office, day) for line in page]
    if as_json:
        typer.echo(json.dumps(Page().part({"on": day, "entries": tuple(lines)}), indent=2, ensure_ascii=False))
        return
    cases = "1 closed case" if len(lines) == 1 else f"{len(lines)} closed cases"
    typer.echo(f"{landlord}, as of {day}: {cases} with records kept long enough")
    for line in lines:
        for sentence in _told(line):
            typer.echo(sentence)


@retention_commands.command()
def entries(
    landlord: Annotated[str, typer.Argument(help="A landlord that is set up.")],
    on: Annotated[datetime | None, typer.Option(formats=ISO_DAY, help="As of a day; today unless given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List the directory's entries of people without a case that were kept long enough; reads the whole log."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        day = on.date() if on else london_date(office.clock.now())
        lines = [line for page in _pages_of_entries(office, day) for line in page]
    if as_json:
        typer.echo(json.dumps(Page().part({"on": day, "entries": tuple(lines)}), indent=2, ensure_ascii=False))
        return
    counted = "1 entry" if len(lines) == 1 else f"{len(lines)} entries"
    typer.echo(f"{landlord}, as of {day}: {counted} without a case kept long enough")
    for line in lines:
        since = (
            f"since {line.from_on} ({line.clause}): {line.because}"
            if line.readable
            else "cannot be told by this release"
        )
        typer.echo(f"{line.person} {since}")


def _pages_of_entries(office: Office, day: date) -> Iterator[tuple[EntryLine, ...]]:
    lines, after = entries_run_out(office, day, None, AT_ONCE)
    yield lines
    while after is not None:
        lines, after = entries_run_out(office, day, after, AT_ONCE)
        yield lines


def _pages(office: Office, day: date) -> Iterator[tuple[RetentionLine, ...]]:
    after: int | None = 0
    while after is not None:
        lines, after = run_out(office, day, after, AT_ONCE)
        yield lines


def _told(line: RetentionLine) -> Iterator[str]:
    if not line.readable:
        yield f"{line.case} cannot be told by this release"
        return
    yield f"{line.case}, closed on {line.closed_on}"
    for records in line.run_out:
        yield f"    {_of(records)}"
        for stop in records.stopped_by:
            yield f"        stays: {stop.says}"


def _of(records: RunOut) -> str:
    named = records.records.replace("_", " ")
    return f"{named} since {records.from_on} ({records.clause}): {records.because}"
