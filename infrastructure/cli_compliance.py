"""The command line's question whether policies were followed: in one case, or in all of a landlord's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from application.looking_back import LookingBack, Tally, verdicts
from domain.calendar import london_date
from domain.codes import CaseId
from domain.compliance import SHORT, Compliance, Finding, Verdict
from infrastructure.case_list import FIRST, cases_after
from infrastructure.cli_policy import ISO_DAY
from infrastructure.http.showing import Page
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.office import Office
from infrastructure.service import opened
from infrastructure.settings import read_settings

AT_ONCE = 200  # cases listed at a time


def compliance(
    landlord: Annotated[str, typer.Argument(help="A landlord that is set up.")],
    case: Annotated[str | None, typer.Argument(help="The id of a case.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every case of the landlord, by clause.")] = False,
    on: Annotated[datetime | None, typer.Option(formats=ISO_DAY, help="As of a day; today unless given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Say for each clause whether it was followed: met, late, not met, overridden, or what cannot be shown."""
    if (case is None) is not every:
        raise typer.BadParameter("Name a case, or ask with --all.")
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        day = on.date() if on else london_date(office.clock.now())
        look = LookingBack.at(office.desk, office.log, office.policies, day)
        if case is not None:
            _say_of_one(look.case(CaseId(case)), as_json)
        else:
            _say_of_all(office, look, as_json)


def _say_of_one(found: Compliance, as_json: bool) -> None:
    if as_json:
        told = {"case": found.case, "version": found.version, "on": found.on, "findings": found.findings}
        typer.echo(_json(told))
        return
    typer.echo(f"Case {found.case} as of {found.on}: {_counted(verdicts(found.findings))}")
    for verdict in Verdict:
        for finding in found.of(verdict):
            typer.echo(_sentence(finding))


def _say_of_all(office: Office, look: LookingBack, as_json: bool) -> None:
    tally, untold, looked_at = Tally(), [], 0
    for case in _cases(office):
        try:
            tally.add(look.case(case))
            looked_at += 1
        except (UnknownFact, UnreadableEvent):
            untold.append(case)
    if as_json:
        told = {"on": look.on, "cases": looked_at, "cannot_be_told": untold, "clauses": tuple(tally.lines())}
        typer.echo(_json(told))
        return
    typer.echo(f"{office.landlord}, {looked_at} cases as of {look.on}")
    for line in tally.lines():
        typer.echo(f"{line.clause}  {line.rule}: {_counted(line.verdicts)}")
        for short in line.cases:
            typer.echo(f"    {short}")
    for case in untold:
        typer.echo(f"{case} cannot be told by this release")


def _cases(office: Office) -> Iterator[CaseId]:
    after = FIRST
    while page := cases_after(office.recorder, after, AT_ONCE):
        yield from page
        after = page[-1]


def _sentence(finding: Finding) -> str:
    verdict = finding.verdict.replace("_", " ")
    if finding.days_late is not None:
        verdict = f"late by {finding.days_late} day{'' if finding.days_late == 1 else 's'}"
    due = f" Due {finding.due_on}." if finding.due_on else ""
    done = f" Done {finding.done_on}." if finding.done_on and finding.verdict not in SHORT - {Verdict.LATE} else ""
    return f"{verdict:<17} {finding.clause} ({finding.strength}), {finding.about}: {finding.asks}{due}{done}"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {verdict.replace('_', ' ')}" for verdict, n in counts.items()) or "nothing to look at"


def _json(told: dict[str, Any]) -> str:
    return json.dumps(Page().part(told), indent=2, ensure_ascii=False)
