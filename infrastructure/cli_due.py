"""The command line's clock: what is due or overdue, and a tick by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

import typer

from application.clockwork import DeadlinesUnread, Due, HowFar, Ticked
from domain.calendar import london_date
from domain.duties import asked
from infrastructure.bootstrap import LandlordRefused
from infrastructure.cli_policy import ISO_DAY
from infrastructure.engine.follower import ProjectionFollower
from infrastructure.http.showing import Page
from infrastructure.office import Office
from infrastructure.service import opened
from infrastructure.settings import read_settings
from projections.deadlines import DEADLINES

PATIENCE: Final = 30.0  # seconds in which the list of deadlines catches up with the log

A_LANDLORD = Annotated[str, typer.Argument(help="A landlord that is set up.")]
AS_JSON = Annotated[bool, typer.Option("--json", help="As JSON.")]


class TickRefused(LandlordRefused):
    """A tick by hand that cannot be; the message says why and what to do."""


def due(
    landlord: A_LANDLORD,
    on: Annotated[datetime | None, typer.Option(formats=ISO_DAY, help="As of a day; today unless given.")] = None,
    upcoming: Annotated[int, typer.Option(min=0, max=3660, help="Days ahead that are listed too.")] = 0,
    as_json: AS_JSON = False,
) -> None:
    """List what is due and overdue, with the clause, whose it is and what to do; and what comes in so many days."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        today = office.clockwork.today
        day = _of_our_time(on) or today
        try:
            found, how_far = office.clockwork.owed_by(day + timedelta(days=upcoming), day)
        except DeadlinesUnread as unread:
            raise LandlordRefused(f"{landlord}: {unread}.") from unread
        lines = [_line(one, office, day, today) for one in found]
    if as_json:
        told = {"on": day, "complete": _accounts_for_all(how_far), "due": tuple(lines)}
        typer.echo(json.dumps(Page().part(told), indent=2, ensure_ascii=False))
        return
    overdue = sum(line["days_late"] > 0 for line in lines)
    now = sum(line["days_late"] == 0 for line in lines)
    ahead = f", {len(lines) - overdue - now} in the {upcoming} days after" if upcoming else ""
    typer.echo(f"{landlord}, as of {day}: {overdue} overdue, {now} due that day{ahead}")
    for line in lines:
        typer.echo(_sentence(line))
    for words in _what_is_left_out(how_far):
        typer.echo(words, err=True)


def tick(
    landlord: A_LANDLORD,
    at: Annotated[
        datetime | None,
        typer.Option(formats=ISO_DAY, help="As of the beginning of a day; today unless given, not ahead of it."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken down; write nothing.")] = False,
    as_json: AS_JSON = False,
) -> None:
    """Take down, by hand, what went by and was not done: ends, reviews that fell due, deadlines that passed."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        today = london_date(office.clock.now())
        day = _of_our_time(at) or today
        if day > today and not dry_run:
            raise TickRefused(
                f"{day} lies ahead: nothing can be taken down before it went by. Today is {today}; ask with --dry-run "
                "what will have gone by then."
            )
        try:
            if dry_run:
                found, how_far = office.clockwork.would_go_by(day)
                _say(landlord, day, "would be taken down", found, how_far, as_json)
                return
            ticks = list(_ticks(office, day))
        except DeadlinesUnread as unread:
            raise TickRefused(f"{landlord}: {unread}.") from unread
    taken = [one for ticked in ticks for one in ticked.recorded]
    _say(landlord, day, "taken down", taken, ticks[-1].how_far, as_json)
    failed = ticks[-1].failed
    for one in failed:
        typer.echo(
            f"evenhand: {one.due.case} {one.due.key} of {one.due.due_on} was not taken down: {one.why}", err=True
        )
    if failed or not ticks[-1].complete:
        raise typer.Exit(1)


def _of_our_time(given: datetime | None) -> date | None:
    if given is None or date(1950, 1, 1) <= given.date() <= date(2099, 12, 31):
        return None if given is None else given.date()
    raise TickRefused(f"{given.date()} is not a date of this service's time: give one from 1950 to 2099.")


def _ticks(office: Office, day: date) -> Iterator[Ticked]:
    """Ticks until nothing is left; the list of deadlines is kept up meanwhile, if nobody else does it."""
    with ProjectionFollower(office.recorder.server, [office.projector]):
        while True:
            office.projector.wait_for(office.recorder.head().position, PATIENCE, DEADLINES.name)
            ticked = office.clockwork.tick(day)
            yield ticked
            if not (ticked.left and ticked.recorded):
                return


def _say(landlord: str, day: date, done: str, found: Sequence[Due], how_far: HowFar, as_json: bool) -> None:
    if as_json:
        lines = tuple({"due_on": one.due_on, "case": one.case, "key": one.key} for one in found)
        told = {"at": day, "complete": _accounts_for_all(how_far), done.replace(" ", "_"): lines}
        typer.echo(json.dumps(Page().part(told), indent=2, ensure_ascii=False))
        return
    typer.echo(f"{landlord}, as {day} begins: {len(found)} {done}")
    for one in found:
        typer.echo(f"{one.due_on}  {one.case}  {one.key}")
    for words in _what_is_left_out(how_far):
        typer.echo(words, err=True)


def _line(one: Due, office: Office, day: date, today: date) -> dict[str, Any]:
    found = asked(one.owed, office.desk.policy_on(today).policy, office.policies.baseline.baseline)
    return {
        "due_on": one.due_on,
        "days_late": (day - one.due_on).days,
        "case": one.case,
        "key": one.key,
        "by": found.by,
        "clause": found.clause,
        "says": found.says,
    }


def _sentence(line: dict[str, Any]) -> str:
    late = line["days_late"]
    state = f"{late} day{'' if late == 1 else 's'} overdue" if late > 0 else "due" if late == 0 else "to come"
    who = " or ".join(role.replace("_", " ") for role in line["by"])
    return f"{line['due_on']}  {state:<16}  {line['case']}  {line['says']} ({who}; {line['clause']})"


def _accounts_for_all(how_far: HowFar) -> bool:
    return how_far.position >= how_far.head and not how_far.untold


def _what_is_left_out(how_far: HowFar) -> Iterator[str]:
    if how_far.position < how_far.head:
        why = "is paused" if how_far.paused else "is behind"
        yield (
            f"evenhand: the list of deadlines {why}: it accounts for the log up to {how_far.position} of "
            f"{how_far.head}, and what happened after that is left out."
        )
    for case in how_far.untold:
        yield f"evenhand: {case} cannot be told to its end by this release; what is said of it may be incomplete."
