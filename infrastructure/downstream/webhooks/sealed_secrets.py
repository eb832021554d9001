"""What calls of an endpoint are signed with: kept sealed under the landlord's wrapping key, and opened here alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, LiteralString

from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from infrastructure.downstream.webhooks.records import LiveSecret
from infrastructure.downstream.webhooks.signing import Scheme, Secret
from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from psycopg import Connection
    from psycopg.rows import DictRow

    from infrastructure.key_files import LandlordKeys

_ADD: Final = """
    INSERT INTO {schema}.webhook_secret (endpoint, number, scheme, wrapping_key, sealed) VALUES (%s, %s, %s, %s, %s)
"""
_LATEST: Final = "UPDATE {schema}.webhook SET secret = %s WHERE endpoint = %s"
_SCHEME: Final = "SELECT scheme FROM {schema}.webhook_secret WHERE endpoint = %s AND number = %s"
_LIVE: Final = """
    SELECT number, scheme, wrapping_key, sealed, until FROM {schema}.webhook_secret
    WHERE endpoint = %s AND (until IS NULL OR until > %s) ORDER BY number DESC
"""
_END: Final = """
    UPDATE {schema}.webhook_secret SET until = %s WHERE endpoint = %s AND (until IS NULL OR until > %s)
"""
_OVER: Final = "DELETE FROM {schema}.webhook_secret WHERE endpoint = %s AND until <= %s"
_ALL: Final = "DELETE FROM {schema}.webhook_secret WHERE endpoint = %s"


class SealedSecrets:
    """The secrets of one landlord's endpoints, within whatever transaction they are asked for in."""

    def __init__(self, landlord: str, keys: LandlordKeys) -> None:
        self._schema = Identifier(schema_of(landlord))
        self._keys = keys

    def live(self, conn: Connection[Any], endpoint: UUID, now: datetime) -> list[LiveSecret]:
        """What its calls are signed with now, the newest first. Raises `KeysRefused`."""
        return [
            LiveSecret(
                Secret(
                    row["scheme"], self._keys.unwrap(row["wrapping_key"], row["sealed"], _use(endpoint, row["number"]))
                ),
                row["until"],
            )
            for row in self._rows(conn, _LIVE, endpoint, now)
        ]

    def scheme(self, conn: Connection[Any], endpoint: UUID, number: int) -> Scheme:
        """What kind of signature is made with the secret of this number."""
        scheme: Scheme = self._rows(conn, _SCHEME, endpoint, number)[0]["scheme"]
        return scheme

    def add(self, conn: Connection[Any], endpoint: UUID, number: int, secret: Secret) -> None:
        """The latest secret from now on."""
        wrapping_key, (sealed,) = self._keys.wrap((secret.key, _use(endpoint, number)))
        conn.execute(self._sql(_ADD), [endpoint, number, secret.scheme, wrapping_key, sealed])
        conn.execute(self._sql(_LATEST), [number, endpoint])

    def end(self, conn: Connection[Any], endpoint: UUID, until: datetime, now: datetime) -> None:
        """Those that are good sign no longer than that; those that are over by now are destroyed."""
        conn.execute(self._sql(_END), [until, endpoint, until])
        conn.execute(self._sql(_OVER), [endpoint, now])

    def destroy(self, conn: Connection[Any], endpoint: UUID) -> None:
        """All of them."""
        conn.execute(self._sql(_ALL), [endpoint])

    def _rows(self, conn: Connection[Any], statement: LiteralString, *params: object) -> Sequence[DictRow]:
        return conn.cursor(row_factory=dict_row).execute(self._sql(statement), params).fetchall()

    def _sql(self, statement: LiteralString) -> bytes:
        return SQL(statement).format(schema=self._schema).as_bytes(None)


def _use(endpoint: UUID, number: int) -> bytes:
    """What a sealed secret is for: it opens in no other place."""
    return b"webhook secret\0" + endpoint.bytes + number.to_bytes(4, "big")
