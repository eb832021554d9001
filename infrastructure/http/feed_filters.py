"""What of the feed a follower asks for: by type, in parts by case, in earlier schemas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query

from infrastructure.downstream.wanted import LARGEST_SHARD, NAMES
from infrastructure.http.following import Question
from infrastructure.http.problems import misshapen

if TYPE_CHECKING:
    from infrastructure.office import Office
    from infrastructure.tokens import Caller

SHARD: Final = re.compile(r"([0-9]{1,4})/([0-9]{1,4})", re.ASCII)
SCHEMA: Final = re.compile(r"urn:evenhand:schema:([a-z-]{1,60}):([0-9]{1,4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the feed is asked for."""

    types: list[str] | None
    shard: str | None
    dataschemas: list[str] | None

    def question(self, office: Office, caller: Caller, *, current: bool = False) -> Question:
        """The question of this caller; `current` as of `Question.of`. Raises `Problem`, which says what is allowed."""
        errors = []
        if set(self.types or ()) - NAMES:
            errors.append(("type", "is no public name of an event; /v1/schemas lists them"))
        shard = SHARD.fullmatch(self.shard or "0/1")
        part = (int(shard[1]), int(shard[2])) if shard else (0, 0)
        if not part[0] < part[1] <= LARGEST_SHARD:
            errors.append(("shard", f"is i/n, with i from 0 to n - 1 and n at most {LARGEST_SHARD}: the first is 0"))
        named = [SCHEMA.fullmatch(one) for one in self.dataschemas or ()]
        schemas = {one[1]: int(one[2]) for one in named if one}
        if len(schemas) < len(named):
            errors.append(("dataschema", "is urn:evenhand:schema:NAME:VERSION, as events name it, once for each name"))
        if errors:
            raise misshapen(errors)
        try:
            return Question.of(office, caller, current=current, types=self.types, shard=part, schemas=schemas)
        except ValueError:
            known = "names a schema that there is not; /v1/schemas lists them"
            raise misshapen([("dataschema", known)]) from None


async def filters(
    types: Annotated[
        list[str] | None,
        Query(
            alias="type",
            max_length=100,
            description="Only events of this public name, such as `restriction-applied`; may be given several times.",
        ),
    ] = None,
    shard: Annotated[
        str | None, Query(max_length=9, description="Only part i of n of the cases, as `i/n`, for parallel readers.")
    ] = None,
    dataschemas: Annotated[
        list[str] | None,
        Query(
            alias="dataschema",
            max_length=100,
            description="An earlier schema that this subscriber stays on; may be given once for each type.",
        ),
    ] = None,
) -> Filters:
    """The filters of a request."""
    return Filters(types, shard, dataschemas)
