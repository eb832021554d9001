"""The command line's part in how offices, posts and colleagues are reached."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final

import typer
from pydantic import ValidationError

from domain.calendar import london_date
from domain.codes import OpenDay, PointKind
from domain.decisions.contact_points import Hours, SetContactPoint, is_telephone
from domain.events import SYSTEM, ContactPointSet
from domain.landlord import Landlord
from domain.personal import Personal
from infrastructure.cli_policy import ISO_DAY
from infrastructure.contact_points import set_point
from infrastructure.office import Office
from infrastructure.service import opened
from infrastructure.settings import read_settings

contact_point_commands = typer.Typer(
    help="How offices, posts and colleagues are reached: numbers, hours, who takes messages.", no_args_is_help=True
)

LandlordName = Annotated[str, typer.Argument(help="The landlord's short name.")]

DAYS: Final = tuple(OpenDay)
WEEK: Final = DAYS[:7]
NO_NUMBER: Final = "none"
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,79}", re.ASCII)
_HOURS: Final = re.compile(r"([a-z_]+)(?:-([a-z]+))? ([0-9:]{5})-([0-9:]{5})", re.ASCII)
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", re.ASCII)
_SUCH_AS: Final = 'such as "monday 09:00-17:00", "monday-friday 09:00-17:00" or "bank_holiday 10:00-14:00"'


@contact_point_commands.command("set")
def set_contact_point(
    landlord: LandlordName,
    of: Annotated[PointKind, typer.Argument(help="What is reached.")],
    code: Annotated[
        str,
        typer.Argument(
            help="The code of the office or role; for a colleague a post of theirs, as `post list` shows it."
        ),
    ],
    telephone: Annotated[
        str | None,
        typer.Option(
            help="The number; `-` reads it from standard input, which no history keeps; `none` ends a colleague's."
        ),
    ] = None,
    hours: Annotated[list[str] | None, typer.Option(help=f"London time, {_SUCH_AS}; may be repeated.")] = None,
    messages_to: Annotated[str | None, typer.Option(help="The role that takes messages while it is closed.")] = None,
    starts: Annotated[datetime | None, typer.Option("--from", formats=ISO_DAY, help="Today unless given.")] = None,
) -> None:
    """Say how an office, a post or a colleague is reached, in the place of what was said before.

    Without a number and hours it ends what stood. A colleague's own number is kept sealed, beside the name, and stays
    when hours are given without one.
    """
    forget = of is PointKind.STAFF and telephone == NO_NUMBER
    number = None if forget else _number(telephone)
    times = tuple(time for text in hours or () for time in _times(text))
    for given in (code, messages_to):
        if given is not None and not _CODE.fullmatch(given):
            raise typer.BadParameter("A code is written in lower-case letters, digits, - and _.")
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        day = starts.date() if starts else london_date(office.clock.now())
        own = of is PointKind.STAFF
        try:
            command = SetContactPoint(
                of=of,
                code=_colleague(office.desk.state(), code) if own else code,
                from_on=day,
                telephone=None if own else number,
                own_telephone=Personal(number) if own and number is not None else None,
                forget_own_telephone=forget,
                hours=times,
                messages_to=messages_to,
            )
        except ValidationError as error:
            raise typer.BadParameter("; ".join(_wrong(error))) from None
        set_point(office, command, SYSTEM)
        ended = not times and number is None
        typer.echo(f"How {of} {code} of {landlord} is reached {'is not kept' if ended else 'is kept'} from {day} on.")


@contact_point_commands.command("list")
def list_contact_points(landlord: LandlordName) -> None:
    """Print how everybody is reached, now and from later days on; of colleagues whether a number is kept."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        state, today = office.desk.state(), london_date(office.clock.now())
        for of, code in dict.fromkeys((point.of, point.code) for point in state.points):
            now = state.point_on(of, code, today)
            later = (point for point in state.points if (point.of, point.code) == (of, code) and point.from_on > today)
            for point in (*((now,) if now else ()), *sorted(later, key=lambda point: point.from_on)):
                typer.echo(_line(office, state, point))


def _line(office: Office, state: Landlord, point: ContactPointSet) -> str:
    whom = point.code
    number = point.telephone
    if point.of is PointKind.STAFF:
        tenure = next(t for t in state.tenures if t.staff == point.code)
        whom = office.directory.staff_name(tenure.staff) or point.code
        number = "a number of their own" if office.directory.staff_telephone(tenure.staff, state.version) else None
    if point.telephone is None and not point.hours:
        return f"{point.of} {whom}: not kept from {point.from_on} on"
    told = [number or "no number", *(f"{h.weekday} {h.opens}-{h.closes}" for h in point.hours)]
    told += [f"messages to {point.messages_to}"] if point.messages_to else []
    return f"{point.of} {whom}: {'; '.join(told)}; from {point.from_on}"


def _colleague(state: Landlord, given: str) -> str:
    """The colleague's id, from a post of theirs."""
    return next((tenure.staff for tenure in state.tenures if tenure.id == given), given)


def _wrong(error: ValidationError) -> Iterator[str]:
    """What is wrong, by field, without what was given."""
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        yield f"{'.'.join(map(str, found['loc']))}: {found['msg']}"


def _number(given: str | None) -> str | None:
    number = sys.stdin.readline().strip() if given == "-" else given
    if number is not None and not is_telephone(number):
        raise typer.BadParameter("That is no telephone number, such as 01632 960123 or +44 1632 960123.")
    return number


def _times(text: str) -> Iterator[Hours]:
    found = _HOURS.fullmatch(text.strip().lower())
    if found is None:
        raise typer.BadParameter(f"Hours are written {_SUCH_AS}.")
    first, last, opens, closes = found.groups()
    if first not in DAYS or (last is not None and (first not in WEEK or last not in WEEK)):
        raise typer.BadParameter(f"The days are {', '.join(DAYS)}; a range is of days of the week.")
    if not _CLOCK.fullmatch(opens) or not _CLOCK.fullmatch(closes) or opens == "24:00":
        raise typer.BadParameter("Times are written HH:MM, from 00:00; 24:00 only closes.")
    begins = OpenDay(first)
    ends = begins if last is None else OpenDay(last)
    if DAYS.index(ends) < DAYS.index(begins):
        raise typer.BadParameter("A range of days runs from monday towards sunday.")
    for day in DAYS[DAYS.index(begins) : DAYS.index(ends) + 1]:
        yield Hours(weekday=day, opens=opens, closes=closes)
