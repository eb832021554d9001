"""The command line: starting the service, and what is done before anybody can use it."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Final

import psycopg
import typer
from eventsourcing.persistence import PersistenceError

from application.desk import NotFound
from application.letters import NoTemplate, NothingToWriteAbout, NotTypeset, TemplateBroken, WordsGone
from application.ports import Conflict
from domain.calendar import london_date
from domain.decisions import Refused
from domain.policy_file import PolicyRefused
from domain.register_import import RegisterRefused
from infrastructure.bootstrap import Evenhand, LandlordRefused
from infrastructure.cli_broker import broker_commands
from infrastructure.cli_compliance import compliance
from infrastructure.cli_contact_points import contact_point_commands
from infrastructure.cli_due import due, tick
from infrastructure.cli_import import import_register
from infrastructure.cli_landlord import landlord_commands, post_commands
from infrastructure.cli_letters import letter_commands
from infrastructure.cli_policy import policy_commands
from infrastructure.cli_projections import projection_commands
from infrastructure.cli_receipts import subscribers
from infrastructure.cli_report import report
from infrastructure.cli_retention import retention_commands
from infrastructure.cli_subscribers import subscriber_commands
from infrastructure.cli_webhooks import webhooks
from infrastructure.cli_worklist import worklist
from infrastructure.clock import SystemClock
from infrastructure.demonstration_people import DemonstrationPeople
from infrastructure.http.auth import SCOPES
from infrastructure.key_files import FileKeys, KeysRefused
from infrastructure.postgres.account import ServerRefused
from infrastructure.service import (
    ServiceRefused,
    address_of,
    listening,
    opened,
    say_what_awaits_a_rebuild,
    serve,
    until_stopped,
)
from infrastructure.settings import Settings, SettingsRefused, read_settings
from infrastructure.tokens import IssuerRefused, issue_for_demonstration

app = typer.Typer(
    name="evenhand",
    help="Runs landlords' policies on unreasonable customer contact: every decision a fact, every fact provable.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(policy_commands, name="policy")
app.add_typer(landlord_commands, name="landlord")
app.add_typer(post_commands, name="post")
app.add_typer(contact_point_commands, name="contact-point")
app.add_typer(subscriber_commands, name="subscriber")
app.add_typer(projection_commands, name="projections")
app.add_typer(retention_commands, name="retention")
app.add_typer(letter_commands, name="letters")
app.add_typer(broker_commands, name="broker")
app.command()(compliance)
app.command()(report)
app.command("import")(import_register)
app.command()(due)
app.command()(tick)
app.command()(worklist)
app.command()(subscribers)
app.command()(webhooks)

# What people are told in a sentence: something is not as it has to be, and nothing is wrong with the program.
TOLD: Final = (
    SettingsRefused,
    ServiceRefused,
    ServerRefused,
    PolicyRefused,
    RegisterRefused,
    KeysRefused,
    IssuerRefused,
    LandlordRefused,
    NotFound,
    Conflict,
    TemplateBroken,
    NoTemplate,
    NothingToWriteAbout,
    WordsGone,
    NotTypeset,
)


def main() -> None:
    """The entry point `evenhand`."""
    try:
        app()
    except Refused as refused:
        _end(*(violation.asks for violation in refused.violations))
    except (psycopg.OperationalError, PersistenceError) as error:
        _end(f"The database does not answer or does not do what it was asked: {' '.join(str(error).split())}")
    except TOLD as told:
        _end(*str(told).splitlines())


def _end(*sentences: str) -> None:
    for sentence in sentences:
        typer.echo(f"evenhand: {sentence}", err=True)
    sys.exit(1)


@app.command("serve")
def serve_in_production() -> None:
    """Serve the landlords that are set up, with the tokens of the configured issuer; no demonstrations."""
    settings = read_settings(os.environ)
    _refuse_what_is_missing(settings)
    _log_to_stderr(logging.INFO)
    with (
        until_stopped(),
        listening(settings.host, settings.port) as taken,
        opened(settings, production=True) as evenhand,
    ):
        if not evenhand.landlords:
            raise ServiceRefused(_nobody(evenhand))
        evenhand.follow()
        evenhand.keep_time()

        def ready() -> None:
            typer.echo(f"Evenhand serves {', '.join(evenhand.landlords)} on {address_of(taken)}")

        _answer(evenhand, settings, taken, ready)


@app.command()
def demo() -> None:
    """Serve five demonstration landlords, each with one full history and made-up people."""
    settings = read_settings(os.environ)
    _log_to_stderr(logging.WARNING)
    with until_stopped(), listening(settings.host, settings.port) as taken, opened(settings) as evenhand:
        told = _played(evenhand, address_of(taken))

        def ready() -> None:
            typer.echo(told)
            typer.echo(f"Evenhand serves on {address_of(taken)}; Ctrl-C stops everything that was started.")

        _answer(evenhand, settings, taken, ready)


@app.command()
def token(
    landlord: Annotated[str, typer.Option(help="A landlord of the demonstration.")],
    person: Annotated[str, typer.Option("--as", help="The login of a made-up member of its staff.")],
    scope: Annotated[
        str | None,
        typer.Option(
            help="What it is good for, separated by spaces; everything, or for a system `follow`, if not given."
        ),
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="How long it is good for.")] = 480,
) -> None:
    """Print a token with which somebody of the demonstration, or a system that follows, can use the API."""
    settings = read_settings(os.environ)
    people = DemonstrationPeople(settings.data).everybody()
    if landlord not in people:
        where = f"the demonstration in {settings.data}; run `evenhand demo` first, with the same EVENHAND_DATA"
        raise LandlordRefused(_choice("landlord", landlord, people, where))
    if person not in people[landlord]:
        raise LandlordRefused(_choice("login", person, people[landlord], f"the demonstration of {landlord}"))
    scopes = _good_for(landlord, person) if scope is None else frozenset(scope.split())
    if unknown := scopes - SCOPES.keys():
        raise LandlordRefused(_choice("scope", ", ".join(sorted(unknown)), SCOPES, "the API"))
    key = FileKeys(settings.keys, landlord).token_key
    lasts = timedelta(minutes=minutes)
    typer.echo(issue_for_demonstration(key, landlord, person, scopes, SystemClock().now(), lasts))


def _good_for(landlord: str, login: str) -> frozenset[str]:
    """What a token of the demonstration is good for; a system that follows does nothing else."""
    from application.demonstrations import STORIES  # noqa: PLC0415 - only a demonstration waits for its stories

    story = STORIES[landlord](london_date(SystemClock().now())) if landlord in STORIES else None
    systems = () if story is None else (*story.partners, *story.systems)
    return frozenset({"follow"} if any(system.login == login for system in systems) else SCOPES)


@app.command()
def migrate() -> None:
    """Bring every landlord's schema to the shape of this release."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        for landlord in evenhand.landlords:
            typer.echo(f"{landlord}: ready")
        if evenhand.refusals:
            raise typer.Exit(1)


def _played(evenhand: Evenhand, address: str) -> str:
    from infrastructure.demo import play  # noqa: PLC0415 - only a demonstration waits for its stories
    from infrastructure.demo_announcement import announcement  # noqa: PLC0415 - likewise

    untold = play(evenhand, london_date(SystemClock().now()))
    evenhand.follow()
    evenhand.keep_time()
    return announcement(evenhand, untold, address, os.path.relpath(sys.argv[0]))


def _answer(evenhand: Evenhand, settings: Settings, taken: socket.socket, ready: Callable[[], None]) -> None:
    from infrastructure.http.app import create_app  # noqa: PLC0415 - only who serves waits for its imports

    say_what_awaits_a_rebuild(evenhand)
    if not settings.effects:
        typer.echo("evenhand: EVENHAND_EFFECTS is off: no letter, no webhook, nothing to a broker goes out.", err=True)
    serve(create_app(evenhand), taken, ready, evenhand.loss, every_core=settings.every_core)


def _refuse_what_is_missing(settings: Settings) -> None:
    if settings.token_issuer is None:
        raise SettingsRefused(
            "Nobody's tokens would count: name who issues them with EVENHAND_TOKEN_ISSUER, and a file with the "
            "issuer's public keys with EVENHAND_TOKEN_KEYS. To look around without, run `evenhand demo`."
        )


def _nobody(evenhand: Evenhand) -> str:
    if evenhand.refusals:
        return "None of the landlords here can be served, for the reasons above."
    known = ", ".join(evenhand.shelf.landlords)
    return (
        "No landlord is set up: run `evenhand landlord set-up LANDLORD`, then `evenhand post appoint` for the first "
        f"post. There are policies of {known}; EVENHAND_POLICIES names a folder with more."
    )


def _choice(what: str, given: str, known: Mapping[str, object], where: str) -> str:
    return f"There is no {what} {given} in {where}; there are {', '.join(sorted(known)) or 'none'}."


def _log_to_stderr(level: int) -> None:
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
