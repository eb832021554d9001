"""What was done to the read models of one landlord, by whom and why: kept for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from psycopg.rows import args_row
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Json

if TYPE_CHECKING:
    from psycopg import Connection

_RECORD: Final = """
    INSERT INTO {schema}.projection_act (act, projection, build, actor, why, detail)
    VALUES (%(act)s, %(projection)s, %(build)s, %(actor)s, %(why)s, %(detail)s)
"""

# The latest acts before a number.
_LATEST: Final = """
    SELECT number, at, act, projection, build, actor, why, detail
    FROM {schema}.projection_act WHERE number < %(before)s ORDER BY number DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class By:
    """Who does something to the read models, and why: a login or a staff id, and their reason in their own words."""

    actor: str
    why: str


@dataclass(frozen=True, slots=True)
class Act:
    """One act; `detail` holds counts and states, never a row's values."""

    number: int
    at: datetime
    act: str
    projection: str
    build: int | None
    actor: str
    why: str | None
    detail: Mapping[str, Any] | None


class Acts:
    """The acts in one landlord's schema. Every method works within the caller's transaction."""

    def __init__(self, schema: str) -> None:
        self._record = SQL(_RECORD).format(schema=Identifier(schema)).as_bytes(None)
        self._latest = SQL(_LATEST).format(schema=Identifier(schema)).as_bytes(None)

    def record(self, conn: Connection[Any], act: str, key: tuple[str, int | None], by: By, **detail: object) -> None:
        """Note one act on a read model and, where one is meant, a build of it."""
        params = {"act": act, "projection": key[0], "build": key[1], "actor": by.actor, "why": by.why}
        conn.execute(self._record, {**params, "detail": Json(detail) if detail else None})

    def latest(self, conn: Connection[Any], limit: int, before: int = 2**62) -> list[Act]:
        """The last acts, latest first; those before a number, to go on."""
        cursor = conn.cursor(row_factory=args_row(Act))
        return cursor.execute(self._latest, {"before": before, "limit": limit}).fetchall()
