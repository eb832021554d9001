"""The command line's part in systems outside that follow what happens: bringing them in, ending and listing them."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from pydantic import ValidationError

from domain.codes import SubscriberKind, Topic
from domain.decisions.subscribers import FOR_PARTNERS, EndSubscriber, RegisterSubscriber
from domain.events import SYSTEM
from domain.landlord import Subscriber
from infrastructure.service import opened
from infrastructure.settings import read_settings

subscriber_commands = typer.Typer(
    help="Systems outside that follow what happens, of the landlord's own and of partners.", no_args_is_help=True
)

Landlord = Annotated[str, typer.Argument(help="The landlord's short name.")]
Code = Annotated[str, typer.Argument(help="The code by which the system is known, such as housing_system.")]


@subscriber_commands.command()
def register(  # noqa: PLR0913, PLR0917 - an option each
    landlord: Landlord,
    code: Code,
    login: Annotated[str, typer.Option(help="Who it is to the issuer of tokens: the claim `sub` of its own tokens.")],
    topic: Annotated[
        list[Topic] | None,
        typer.Option(
            help="What it is told of; may be repeated. All but casework unless given; a partner's part of it."
        ),
    ] = None,
    partner: Annotated[str | None, typer.Option(help="The partner whose system it is; else it is our own.")] = None,
    references: Annotated[bool, typer.Option("--references", help="It may have customers' references.")] = False,
    within_minutes: Annotated[
        int | None, typer.Option(min=1, help="It has to acknowledge restrictions within this time.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The name that colleagues see; its code unless given.")] = None,
    issuer: Annotated[str | None, typer.Option(help="Another issuer than EVENHAND_TOKEN_ISSUER.")] = None,
) -> None:
    """Let a system follow what happens, under a login of its own; a code that is known takes what is said now."""
    topics = topic or [t for t in (Topic if partner is None else FOR_PARTNERS) if t is not Topic.CASEWORK]
    try:
        command = RegisterSubscriber(
            subscriber=code,
            kind=SubscriberKind.OWN if partner is None else SubscriberKind.PARTNER,
            signs_in="nobody-yet",
            topics=tuple(dict.fromkeys(topics)),
            partner=partner,
            references=references,
            within_minutes=within_minutes,
        )
    except ValidationError as error:
        wrong = ", ".join(dict.fromkeys(str(one["loc"][0]).replace("subscriber", "code") for one in error.errors()))
        raise typer.BadParameter(
            f"See {wrong}: codes are up to 40 lower-case letters, digits, - and _; a time is up to 43200 minutes."
        ) from None
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        # Before the login is kept: what is refused leaves nobody behind in the directory.
        office.desk.check(command, SYSTEM)
        staff = evenhand.enrol(landlord, login, name or code, issuer)
        office.desk.manage(command.model_copy(update={"signs_in": staff}), SYSTEM)
        typer.echo(f"{code} may follow {', '.join(topics)} of {landlord}, with tokens of the scope `follow`.")


@subscriber_commands.command()
def end(landlord: Landlord, code: Code) -> None:
    """Let a system follow nothing any more, from today on; what a partner was shown is ended case by case."""
    try:
        command = EndSubscriber(subscriber=code)
    except ValidationError:
        raise typer.BadParameter("A code is up to 40 lower-case letters, digits, - and _.") from None
    with opened(read_settings(os.environ), beside=True) as evenhand:
        evenhand.office(landlord).desk.manage(command, SYSTEM)
        typer.echo(f"{code} follows nothing of {landlord} any more.")


@subscriber_commands.command("list")
def list_subscribers(landlord: Landlord) -> None:
    """Print who may follow what, and who could until when."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        for subscriber in evenhand.office(landlord).desk.state().subscribers:
            typer.echo(_line(subscriber))


def whose(subscriber: Subscriber) -> str:
    """The landlord's own, or which partner's."""
    return "own" if subscriber.partner is None else f"of {subscriber.partner}"


def _line(subscriber: Subscriber) -> str:
    told = [", ".join(subscriber.topics)]
    told += ["with references"] if subscriber.references else []
    told += [f"acknowledges within {subscriber.within_minutes} minutes"] if subscriber.within_minutes else []
    until = f" until {subscriber.ended_on}" if subscriber.ended_on else ""
    return f"{subscriber.id}, {whose(subscriber)}: {'; '.join(told)}; from {subscriber.from_on}{until}"
