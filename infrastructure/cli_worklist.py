"""The command line's worklist: what is to be done, for a role or a colleague, and a role's deadlines as a calendar."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from application.worklists import WorkPage
from domain.calendar import london_date
from domain.codes import RoleCode, StaffId
from domain.worklist import Blocked, State, Wanted
from infrastructure.bootstrap import Evenhand, LandlordRefused
from infrastructure.cli_policy import ISO_DAY, of_our_time
from infrastructure.engine.follower import ProjectionFollower
from infrastructure.http.showing import Page
from infrastructure.office import Office
from infrastructure.reads import AwaitingRebuild
from infrastructure.service import opened
from infrastructure.settings import read_settings
from infrastructure.tokens import DEMONSTRATION
from infrastructure.worklists import WorkLine, calendar_of, roles_of, shown, worklists_of
from projections.deadlines import DEADLINES

PATIENCE: Final = 30.0  # seconds in which the list catches up with the log

COUNTED: Final[Mapping[State, str]] = {
    State.OVERDUE: "overdue",
    State.DUE: "due",
    State.UPCOMING: "coming up",
    State.UNKNOWN: "not known",
}


def worklist(
    landlord: Annotated[str, typer.Argument(help="A landlord that is set up.")],
    role: Annotated[str | None, typer.Option(help="What falls to a post, by its code in the policy.")] = None,
    login: Annotated[str | None, typer.Option(help="What falls to whoever signs in like this.")] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=ISO_DAY, callback=of_our_time, help="As of a day; today unless given.")
    ] = None,
    within: Annotated[int, typer.Option(min=0, max=3660, help="Days ahead that are listed too.")] = 28,
    ics: Annotated[Path | None, typer.Option(help="Write a role's deadlines to this file, as a calendar.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List what is to be done: overdue, due and coming up, by whom, under which clause and how."""
    if ics is not None and (role is None or login or on or as_json):
        raise typer.BadParameter("A calendar is of a role, from today on: give --role with --ics, and nothing else.")
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        _keep_up(office)
        try:
            if ics is not None and role is not None:
                _written(ics, calendar_of(office, _known(office, role)))
                return
            staff = None if login is None else _staff(evenhand, landlord, login)
            wanted = Wanted(role=None if role is None else _known(office, role), staff=staff, within=within)
            day = on.date() if on else london_date(office.clock.now())
            found = worklists_of(office).page(wanted, day, limit=None)
        except AwaitingRebuild as awaiting:
            raise LandlordRefused(f"{landlord}: {awaiting}.") from awaiting
        lines = tuple(map(shown, (*found.landlord, *found.lines)))
        names = {h.staff: office.directory.staff_name(h.staff) for line in lines for h in line.held_by}
    if as_json:
        told = {"on": found.day, "entries": lines, "position": found.position, "behind_since": found.behind_since}
        typer.echo(json.dumps(Page().part(told), indent=2, ensure_ascii=False))
        return
    for sentence in _told(landlord, found, lines, names):
        typer.echo(sentence)


def _told(
    landlord: str, found: WorkPage, lines: tuple[WorkLine, ...], names: Mapping[StaffId, str | None]
) -> Iterator[str]:
    counted = {state: sum(line.state is state for line in lines) for state in State}
    told = ", ".join(f"{n} {COUNTED[state]}" for state, n in counted.items() if n) or "nothing to be done"
    yield f"{landlord}, as of {found.day}: {told}"
    for line in sorted(lines, key=lambda line: list(COUNTED).index(line.state)):
        yield from _sentences(line, names)
    if found.behind_since is not None:
        yield f"What was recorded from {found.behind_since:%Y-%m-%d %H:%M} UTC on is not accounted for yet."


def _sentences(line: WorkLine, names: Mapping[StaffId, str | None]) -> Iterator[str]:
    late = f", {line.days_late} day{'' if line.days_late == 1 else 's'} late" if line.days_late else ""
    by = f"by {line.due_on}" if line.due_on else "no day was set"
    yield f"{COUNTED[line.state]}, {by}{late}: {line.says} ({line.clause})"
    post = " or ".join(role.title for role in line.roles)
    acting = [names[holder.staff] or holder.staff for holder in line.held_by if holder.acts]
    if line.blocked is Blocked.NOBODY:
        yield f"    {post}: nobody is there who holds it"
    elif all(holder.role is None for holder in line.held_by):  # they were named, whatever post they hold
        yield f"    {', '.join(acting) or post}"
    else:
        yield f"    {post}: {', '.join(acting)}"
    for command in line.commands:
        yield f"    POST {command.path}"
    if not line.commands and line.see is not None:
        yield f"    GET {line.see}"


def _keep_up(office: Office) -> None:
    """The list accounts for everything that is recorded, also where no service runs that keeps it."""
    with ProjectionFollower(office.recorder.server, [office.projector]):
        office.projector.wait_for(office.recorder.head().position, PATIENCE, DEADLINES.name)


def _known(office: Office, role: str) -> RoleCode:
    """A role of the policy or the baseline. Raises `LandlordRefused`."""
    known = roles_of(office)
    if role not in known:
        raise LandlordRefused(f"There is no role {role} at {office.landlord}; there are {', '.join(sorted(known))}.")
    return RoleCode(role)


def _staff(evenhand: Evenhand, landlord: str, login: str) -> StaffId:
    """Whoever signs in under a login. Raises `LandlordRefused`."""
    of = DEMONSTRATION if landlord in evenhand.demonstrations else evenhand.settings.token_issuer
    if of is None:
        raise LandlordRefused("Whose login this is depends on who issues tokens: set EVENHAND_TOKEN_ISSUER.")
    found = evenhand.directory(landlord).staff_by_login(of, login)
    if found is None:
        raise LandlordRefused(f"Nobody signs in at {landlord} as {login}.")
    return found


def _written(file: Path, content: bytes) -> None:
    """The file is never there in halves: whoever has subscribed to it may read at any moment."""
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.write_bytes(content)
        beside.replace(file)
    except OSError as error:
        raise LandlordRefused(f"{file} cannot be written: {error.strerror or error}.") from error
    typer.echo(f"{file} is written; a calendar that reads it again changes its events and doubles none.")
