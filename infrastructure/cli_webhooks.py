"""The command line's look at webhooks: where events are brought, how far each endpoint is, and what waits."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from infrastructure.downstream.webhooks.schedule import TRIES
from infrastructure.service import opened
from infrastructure.settings import read_settings

if TYPE_CHECKING:
    from infrastructure.downstream.webhooks.records import Endpoint


def webhooks(landlord: Annotated[str, typer.Argument(help="The landlord's short name.")]) -> None:
    """Print the endpoints that events are brought to, and the cases that each is behind on.

    Administrators change them over HTTP: /v1/webhooks.
    """
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        head = office.public_log.head()
        active = {subscriber.id for subscriber in office.desk.state().subscribers if subscriber.active}
        for one in office.webhooks.all():
            typer.echo(f"{one.endpoint} {one.subscriber}: {_state(one, stopped=one.subscriber not in active)}")
            typer.echo(f"  {one.url}, taken up to {one.position} of {head}")
            for behind in office.webhooks.cases(one.endpoint):
                then = "parked" if behind.parked else f"again at {behind.next_at:%Y-%m-%d %H:%M} UTC"
                typer.echo(
                    f"  case {behind.case_id}: {behind.tries} of {TRIES} tries, from position {behind.position}, {then}"
                )


def _state(one: Endpoint, *, stopped: bool) -> str:
    if stopped:
        return "its subscriber follows no more"
    if one.because is not None:
        return f"disabled ({one.because}) since {one.changed_at:%Y-%m-%d %H:%M} UTC"
    if one.state == "active" and one.failing_since is not None:
        return f"active, nothing taken since {one.failing_since:%Y-%m-%d %H:%M} UTC"
    return one.state
