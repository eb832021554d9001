"""The command line's broker: as whom it is read and from where, and how a stream is started over."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Annotated

import typer

from infrastructure.bootstrap import LandlordRefused
from infrastructure.downstream.broker.accounts import READER, Logins, lent, permissions_of
from infrastructure.downstream.broker.connecting import Access, Lost, connected
from infrastructure.downstream.broker.embedded import folder_of
from infrastructure.downstream.broker.names import subject_of
from infrastructure.downstream.broker.roads import Road, road_for_a_command
from infrastructure.downstream.broker.stream import start_over as started_over
from infrastructure.settings import EMBEDDED, read_settings

broker_commands = typer.Typer(name="broker", help="Events by a message broker, NATS JetStream.", no_args_is_help=True)

WhoseStream = Annotated[str, typer.Argument(help="A landlord whose events are published.")]


@broker_commands.command("credentials")
def credentials(landlord: WhoseStream) -> None:
    """Say where a landlord's stream is, and as whom its own systems read it; no password is printed."""
    settings = read_settings(os.environ)
    access = _access(road_for_a_command(settings), landlord)
    typer.echo(f"servers:  {', '.join(access.servers)}")
    typer.echo(f"stream:   {access.stream}")
    typer.echo(f"subjects: evenhand.{landlord}.TOPIC.EVENT, such as {subject_of(landlord, 'restriction-applied')}")
    if settings.broker == EMBEDDED:
        logins = Logins(folder_of(settings.data) / "logins")
        typer.echo(f"user:     {logins.of(landlord, READER).user}")
        typer.echo(f"password: in {logins.file(landlord, READER)}, which the service's account alone can read")
    else:
        exports, imports = lent(landlord, landlord, f"{landlord}_readers")
        typer.echo(f"Whoever runs the servers lets the account {landlord}, which holds the stream, have these exports:")
        typer.echo(json.dumps(exports, indent=1))
        typer.echo(f"the account {landlord}_readers these imports:")
        typer.echo(json.dumps(imports, indent=1))
        typer.echo("and gives each of the landlord's systems a user there with these permissions:")
        typer.echo(json.dumps(permissions_of(landlord)[READER], indent=1))
    typer.echo("Whoever has them sees all of the landlord's events. Partners follow by the feed or a webhook.")


@broker_commands.command("start-over")
def start_over(
    landlord: WhoseStream,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a landlord's stream with all its consumers; the running service publishes the log anew.

    For a log or a stream that was restored from a backup. Those who follow make their consumers again, and take a
    snapshot first.
    """
    access = _access(road_for_a_command(read_settings(os.environ)), landlord)
    if not yes:
        typer.confirm(f"Delete {access.stream} with all its consumers? Whoever follows it must begin anew.", abort=True)
    try:
        there = asyncio.run(_start_over(access))
    except Lost as lost:
        raise LandlordRefused(str(lost)) from None
    gone = f"{access.stream} is deleted" if there else f"There was no {access.stream}"
    typer.echo(f"{gone}; a running service makes it anew within seconds, and publishes the log from its beginning.")


async def _start_over(access: Access) -> bool:
    async with connected(access) as client:
        return await started_over(client, access)


def _access(road: Road, landlord: str) -> Access:
    access = road.access(landlord)
    if access is None:
        raise LandlordRefused(
            f"{landlord} has no login at the broker: a running service with EVENHAND_BROKER={EMBEDDED} makes one for "
            "everybody whom it serves; for a broker of your own, its file names the landlords."
        )
    return access
