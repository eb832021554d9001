"""What queries are asked with: days, instants, places in lists, and the log position that must be accounted for.

What only looks at the request is `async` here and elsewhere: it is done where it stands, and needs no thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, get_args, get_origin

from fastapi import Header, Query
from fastapi.dependencies.models import Dependant
from pydantic import AfterValidator, BeforeValidator
from starlette.requests import Request

from domain.decisions.judgement import Day, Instant
from domain.personal import has_control_characters
from infrastructure.http.bodies import path_of
from infrastructure.http.cursors import LONGEST as LONGEST_CURSOR
from infrastructure.http.problems import (
    AFTER_OPERATIONS,
    AWAITING_REBUILD,
    BAD_HEADER,
    NOT_YET,
    PAUSED,
    Problem,
    misshapen,
)
from infrastructure.http.requests import POSITION
from infrastructure.office import Office

PATIENCE: Final = 2.0  # seconds that a list waits for a position before it says: not yet
LAST_POSITION: Final = 2**62
POSITION_TEXT: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


def _written_as_day(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
        raise ValueError("is a day as in 2026-03-02")
    return value


def _written_as_instant(value: object) -> object:
    if isinstance(value, str) and not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", value, re.ASCII):
        raise ValueError("is an instant as in 2026-03-02T12:00:00Z")
    return value


def _clean(value: str) -> str:
    if has_control_characters(value):
        raise ValueError("holds a control character")
    return value


DayAsked = Annotated[Day, BeforeValidator(_written_as_day)]
InstantAsked = Annotated[Instant, BeforeValidator(_written_as_instant)]
Clean = AfterValidator(_clean)

Limit = Annotated[int, Query(ge=1, le=200, description="How many entries a page holds at most.")]
Cursor = Annotated[
    str | None, Query(max_length=LONGEST_CURSOR, description="The place to go on after; it comes in `next`.")
]
KnownAt = Annotated[
    InstantAsked | None,
    Query(description="Answer with what had been recorded by this instant.", examples=["2026-03-02T12:00:00Z"]),
]
On = Annotated[DayAsked | None, Query(description="The day asked about, in London; today unless given.")]


def refuse_unknown_parameters(request: Request) -> None:
    """A misspelt `known_at` must not be answered as if it had not been asked. Raises `Problem`."""
    if not request.scope["query_string"]:
        return
    known = dict(_parameters(request.scope["route"].dependant))
    given = [name for name, _ in request.query_params.multi_items()]
    errors = [(path_of([name]), "is not a parameter here") for name in given if name not in known]
    errors += [
        (name, "is given more than once") for name, many in sorted(known.items()) if not many and given.count(name) > 1
    ]
    if errors:
        raise misshapen(errors)


def _parameters(asked: Dependant) -> Iterator[tuple[str, bool]]:
    """The names of all query parameters that a route and what it depends on take, and whether one may come often."""
    yield from ((one.alias, _is_list(one.field_info.annotation)) for one in asked.query_params)
    for further in asked.dependencies:
        yield from _parameters(further)


def _is_list(annotation: Any) -> bool:  # noqa: ANN401 - whatever a parameter is annotated with
    return any(get_origin(one) is list for one in (annotation, *get_args(annotation)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list to go on, and how far."""

    cursor: str | None
    limit: int


async def place(cursor: Cursor = None, limit: Limit = 100) -> Place:
    """The page asked for."""
    return Place(cursor, limit)


async def min_position(
    wanted: Annotated[
        int | None,
        Query(
            alias="min_position",
            ge=0,
            le=LAST_POSITION,
            description="A log position, as an answer to a command gives it, that this answer must account for.",
        ),
    ] = None,
    header: Annotated[
        str | None, Header(alias=POSITION, description="The same as `min_position`; the larger one counts.")
    ] = None,
) -> int:
    """The position that the answer must account for, 0 when none was asked for. Raises `Problem`."""
    if header is not None and not POSITION_TEXT.fullmatch(header):
        raise Problem(BAD_HEADER, f"{POSITION} takes a log position, a whole number.")
    return max(wanted or 0, int(header or 0))


def reached(office: Office, position: int) -> None:
    """Whatever folds the log itself accounts for all of it. Raises `Problem` for a position that the log has not."""
    if position and office.recorder.head().position < position:
        raise Problem(NOT_YET, "The log has not come to that position.")


def projected(office: Office, position: int, name: str) -> None:
    """Wait, for a bounded time and holding no connection, until a read model accounts for a position.

    Raises `Problem`, at once for a read model that is not moved just now.
    """
    if not position:
        return
    reached(office, position)
    if office.projector.wait_for(position, PATIENCE, name):
        return
    read = [one for one in office.projector.health().progress if one.serving and one.projection == name]
    if not all(office.projector.computes(one) for one in read):
        raise Problem(AWAITING_REBUILD, f"Rebuild {name}.", headers={"Retry-After": AFTER_OPERATIONS})
    if any(one.paused for one in read):
        raise Problem(PAUSED, f"{name} is paused.", headers={"Retry-After": AFTER_OPERATIONS})
    raise Problem(NOT_YET, "Lists do not account for that position yet.")


def upto(office: Office, known_at: datetime | None) -> int | None:
    """The log position that "known at" means."""
    return None if known_at is None else office.recorder.position_at(known_at)
