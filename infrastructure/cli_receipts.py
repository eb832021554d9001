"""The command line's view of subscribers: what each acknowledged, how far it is behind, and whether it has drifted."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from infrastructure.cli_subscribers import whose
from infrastructure.downstream.standing import Lag, Standing
from infrastructure.http.receipts_answers import subscribers_answered
from infrastructure.http.showing import Page
from infrastructure.office import Office
from infrastructure.service import opened
from infrastructure.settings import read_settings


def subscribers(
    landlord: Annotated[str, typer.Argument(help="A landlord that is set up.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, as `GET /v1/subscribers` tells it.")] = False,
) -> None:
    """Show who follows: how far each has acknowledged, how far it is behind, and who has drifted."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        if as_json:
            typer.echo(json.dumps(Page().part(subscribers_answered(office)), indent=2, ensure_ascii=False))
            return
        for sentence in _told(office, office.followers.standings.all(office.clock.now())):
            typer.echo(sentence)


def _told(office: Office, standings: Sequence[Standing]) -> Iterator[str]:
    if not standings:
        yield f"{office.landlord}: nobody follows"
    for one in standings:
        known = one.subscriber
        ended = f", ended on {known.ended_on}" if known.ended_on else ""
        yield f"{known.id} ({whose(known)}{ended}): {', '.join(known.topics)}"
        if one.last is None:
            yield "    has acknowledged nothing"
        else:
            yield f"    acknowledged position {one.last.position} at {one.last.at:%Y-%m-%d %H:%M} UTC"
        yield f"    {_lag(one.lag)}"
        if one.drifted is not None and one.drifted.claim is not None:
            yield (
                f"    has drifted since {one.drifted.at:%Y-%m-%d %H:%M} UTC: it takes other people to be restricted "
                f"on {one.drifted.claim.on} than are"
            )
        if overdue := len(one.overdue) + one.overdue_more:
            least = "at least " if one.overdue_more else ""
            cases = "1 case" if overdue == 1 else f"{overdue} cases"
            yield f"    has not acknowledged within {known.within_minutes} minutes what changed in {least}{cases}"


def _lag(lag: Lag) -> str:
    if not lag.events and not lag.more:
        return "nothing waits for it"
    count = f"{'more than ' if lag.more else ''}{lag.events} event{'' if lag.events == 1 else 's'}"
    since = f" since {lag.since:%Y-%m-%d %H:%M} UTC" if lag.since else ""
    return f"behind by {count}{since}"
