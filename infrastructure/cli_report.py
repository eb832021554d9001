"""The command line's reports: which there are, and one of them for any days."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from application.reporting import Asked, Basis, Reporting, ReportRefused, ReportUnknown
from domain.calendar import london_date
from domain.codes import CaseId
from domain.reports.report import Audience, Report
from domain.reports.stretch import StretchRefused
from infrastructure.cli_policy import ISO_DAY, of_our_time
from infrastructure.http.showing import Page
from infrastructure.reports.histories import reporting_of
from infrastructure.reports.register import Told, cells, columns_of, lines_of, register_csv, register_pdf
from infrastructure.reports.showing import as_csv, as_pdf, as_value, shown
from infrastructure.service import opened
from infrastructure.settings import read_settings

Form = Literal["text", "json", "csv", "pdf"]
ISO_INSTANT = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"]
BY_OPTION = {"audience": "--audience", "case": "--case", "from": "--from", "known_at": "--known-at", "to": "--to"}


def report(  # noqa: PLR0913, PLR0917 - the options of one command
    landlord: Annotated[str, typer.Argument(help="A landlord that is set up.")],
    code: Annotated[
        str | None, typer.Argument(metavar="REPORT", help="Which report; without it, all are listed.")
    ] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=ISO_DAY, callback=of_our_time, help="The first day.")
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=ISO_DAY, callback=of_our_time, help="The last day; today unless given."),
    ] = None,
    known_at: Annotated[
        datetime | None,
        typer.Option(
            formats=ISO_INSTANT, callback=of_our_time, help="With what was recorded by then, as 2026-03-02T12:00:00Z."
        ),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How it is given out; a PDF takes --out.")] = "text",
    audience: Annotated[Audience, typer.Option(help="With `external`, small numbers are withheld.")] = "internal",
    case: Annotated[str | None, typer.Option(help="The id of a case, for a report on one.")] = None,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="A file to write it to.")] = None,
) -> None:
    """Make a report of a landlord's cases for the days from one to another, both included.

    People are told by their opaque ids: names are shown over HTTP, to those who may see them.
    """
    if form == "pdf" and out is None:
        raise typer.BadParameter("A PDF goes to a file: name one.", param_hint="--out")
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        reporting = reporting_of(office)
        if code is None:
            _list(reporting)
            return
        if known_at is not None and known_at.tzinfo is None:
            known_at = known_at.replace(tzinfo=UTC)
        day = last.date() if last else london_date(known_at or office.clock.now())
        asked = Asked(
            code=code,
            first=first.date() if first else None,
            last=day,
            known_at=known_at,
            audience=audience,
            case=None if case is None else CaseId(case),
        )
        content = _made(reporting, asked, form)
    if out is None:
        typer.echo(content, nl=not isinstance(content, str) or not content.endswith("\n"))
    else:
        _write(out, content if isinstance(content, bytes) else content.encode())


def _list(reporting: Reporting) -> None:
    today = reporting.today()
    for one in reporting.promised():
        latest = one.latest(today)
        owed = f"; the latest is of {latest.first} to {latest.last}" if latest else ""
        whom = f", for {one.to_whom}" if one.to_whom else ""
        typer.echo(f"{one.code}: {one.title}{whom} ({one.clause}){owed}")


def _made(reporting: Reporting, asked: Asked, form: Form) -> str | bytes:
    try:
        basis = reporting.basis(asked)
    except ReportUnknown as unknown:
        raise typer.BadParameter(str(unknown), param_hint="REPORT") from None
    except (StretchRefused, ReportRefused) as refused:
        raise typer.BadParameter(str(refused), param_hint=BY_OPTION[refused.field]) from None
    if basis.promised.kind == "register":
        return _register(reporting, basis, form)
    found = reporting.report(basis, asked)
    match form:
        case "json":
            return _json(as_value(found))
        case "csv":
            return as_csv(found)
        case "pdf":
            return as_pdf(found, basis.policy.name)
        case "text":
            return "\n".join(_in_lines(found, basis.policy.name))


def _in_lines(found: Report, name: str) -> Sequence[str]:
    lines = [f"{name}: {found.title}, {found.first} to {found.last}, as known on {found.known_on} ({found.clause})"]
    for section in found.sections:
        lines += ["", section.title]
        lines += [f"  {shown(figure):>6}  {figure.title}" for figure in section.figures]
    told = as_value(found)
    return [*lines, *(["", told["withheld"]] if told["withheld"] else [])]


def _register(reporting: Reporting, basis: Basis, form: Form) -> str | bytes:
    lines, columns = lines_of(reporting, basis), columns_of(basis)
    if form == "json":
        return _json(
            {"register": basis.promised.code, "first": basis.days.first, "last": basis.days.last, "lines": lines}
        )
    rows = [cells(line, Told(contacts={}), basis.policy, columns) for line in lines]
    return register_pdf(basis, columns, rows) if form == "pdf" else register_csv(columns, rows)


def _json(told: dict[str, Any]) -> str:
    return json.dumps(Page().part(told), indent=2, ensure_ascii=False)


def _write(out: Path, content: bytes) -> None:
    """The file is there whole or not at all."""
    beside = out.with_name(f".{out.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise typer.BadParameter(f"It cannot be written: {error.strerror}.", param_hint="--out") from None


__all__ = ["report"]
