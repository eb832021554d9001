"""The command line's part in a landlord's beginning: setting it up, and bringing in colleagues with a first post."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Annotated

import typer

from domain.calendar import london_date
from domain.decisions.landlord import AppointPost, EndAbsence, EndPost, RecordAbsence
from domain.events import SYSTEM
from infrastructure.cli_policy import ISO_DAY
from infrastructure.service import opened
from infrastructure.settings import read_settings

landlord_commands = typer.Typer(help="The landlords of this service.", no_args_is_help=True)
post_commands = typer.Typer(help="Who holds which post.", no_args_is_help=True)

Landlord = Annotated[str, typer.Argument(help="The landlord's short name.")]


@landlord_commands.command("set-up")
def set_up(landlord: Annotated[str, typer.Argument(help="The short name, as its policy files begin.")]) -> None:
    """Make a landlord's schemas and keys, and adopt the policy files that are at hand for it."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.set_up(landlord)
        days = ", ".join(str(file.effective) for file in office.policies.files())
        typer.echo(f"{landlord} is set up, with its policies effective {days}.")
        typer.echo(f"Its keys are in {evenhand.settings.keys / landlord}: keep a copy apart from the database's.")
        typer.echo(
            "Next, bring in somebody who gives posts: "
            f"evenhand post appoint {landlord} administrator --login LOGIN --name NAME"
        )


@landlord_commands.command("list")
def list_landlords() -> None:
    """Print every landlord that is set up here."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        for landlord in evenhand.landlords:
            kind = " (demonstration)" if landlord in evenhand.demonstrations else ""
            typer.echo(f"{landlord}{kind}")


@post_commands.command()
def appoint(
    landlord: Landlord,
    role: Annotated[str, typer.Argument(help="A role of the policy, such as head_of_service.")],
    login: Annotated[str, typer.Option(help="Who it is to the issuer of tokens: the claim `sub`.")],
    name: Annotated[str, typer.Option(help="The name that colleagues see.")],
    issuer: Annotated[str | None, typer.Option(help="Another issuer than EVENHAND_TOKEN_ISSUER.")] = None,
    starts: Annotated[datetime | None, typer.Option("--from", formats=ISO_DAY, help="Today unless given.")] = None,
    deputy: Annotated[bool, typer.Option("--deputy", help="As somebody's deputy.")] = False,
) -> None:
    """Give somebody a post; whoever is new is brought in by it.

    Further posts of a colleague can be given by an administrator over HTTP.
    """
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        day = starts.date() if starts else london_date(office.clock.now())
        command = AppointPost(role=role, staff="nobody-yet", starts_on=day, deputy=deputy)
        # Before the login is kept: a refused post leaves nobody behind in the directory.
        office.desk.check(command, SYSTEM)
        staff = evenhand.enrol(landlord, login, name, issuer)
        command = command.model_copy(update={"staff": staff})
        office.desk.manage(command, SYSTEM)
        typer.echo(f"{name} is {role} of {landlord} from {day}: {office.desk.state().tenures[-1].id}.")


@post_commands.command()
def end(
    landlord: Landlord,
    tenure: Annotated[str, typer.Argument(help="Which one, as `evenhand post list` shows it.")],
    last_day: Annotated[datetime, typer.Option(formats=ISO_DAY, help="The last day of the post.")],
) -> None:
    """End somebody's time in a post."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        office.desk.manage(EndPost(tenure=tenure, last_day=last_day.date()), SYSTEM)
        typer.echo(f"{tenure} of {landlord} ends with {last_day.date()}.")


@post_commands.command()
def away(
    landlord: Landlord,
    tenure: Annotated[str, typer.Argument(help="Which one, as `evenhand post list` shows it.")],
    from_on: Annotated[datetime, typer.Option("--from", formats=ISO_DAY, help="The first day of the absence.")],
    until: Annotated[datetime | None, typer.Option(formats=ISO_DAY, help="The last day, when it is known.")] = None,
) -> None:
    """Take down that somebody cannot act in a post for a time; a deputy of the post acts meanwhile."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        command = RecordAbsence(tenure=tenure, from_on=from_on.date(), until=until.date() if until else None)
        office.desk.manage(command, SYSTEM)
        to = f" to {command.until}" if command.until else ""
        absence = office.desk.state().absences[-1].id
        typer.echo(f"{tenure} of {landlord} is away from {command.from_on}{to}: {absence}.")


@post_commands.command()
def back(
    landlord: Landlord,
    absence: Annotated[str, typer.Argument(help="Which one, as `evenhand post list` shows it.")],
    last_day: Annotated[datetime, typer.Option(formats=ISO_DAY, help="The last day of the absence.")],
) -> None:
    """End an absence, or make it shorter."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        office.desk.manage(EndAbsence(absence=absence, last_day=last_day.date()), SYSTEM)
        typer.echo(f"{absence} of {landlord} ends with {last_day.date()}.")


@post_commands.command("list")
def list_posts(landlord: Landlord) -> None:
    """Print who holds and held which post, as a deputy or not, and when they were away from it."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        state = office.desk.state()
        for tenure in state.tenures:
            name = office.directory.staff_name(tenure.staff) or tenure.staff
            until = f" to {tenure.last_day}" if tenure.last_day else ""
            post = f"deputy {tenure.role}" if tenure.deputy else tenure.role
            area = f" for {tenure.area}" if tenure.area else ""
            typer.echo(f"{tenure.id}: {name}, {post}{area} from {tenure.starts_on}{until}")
            for absence in state.absences:
                if absence.tenure == tenure.id:
                    to = f" to {absence.last_day}" if absence.last_day else ""
                    typer.echo(f"  {absence.id}: away from {absence.from_on}{to}")
