"""Which PostgreSQL server keeps whose log and whose data keys: one for everybody, unless the settings say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from infrastructure.postgres.landlords import landlords_on
from infrastructure.postgres.server import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Mapping


class Servers:
    """One pool for each connection string, however many landlords it serves. `apart` gives those with another one."""

    def __init__(self, main: str, apart: Mapping[str, str], keys: str | None) -> None:
        self._main = main
        self._apart = apart
        self._keys = keys
        self._pools = {dsn: PostgresServer(dsn) for dsn in {main, *apart.values(), *([keys] if keys else [])}}

    def of_log(self, landlord: str) -> PostgresServer:
        """The server of a landlord's log, directory and read models."""
        return self._pools[self._apart.get(landlord, self._main)]

    def of_keys(self, landlord: str) -> PostgresServer:
        """The server of a landlord's data keys; that of the log unless keys have one of their own."""
        return self.of_log(landlord) if self._keys is None else self._pools[self._keys]

    def landlords(self) -> tuple[str, ...]:
        """Everybody who has a log on the server that is theirs, and those apart whose server does not answer.

        A log on any other server is what a move left behind. Raises psycopg's OperationalError for the main server.
        """
        found = {landlord for landlord in landlords_on(self._main) if landlord not in self._apart}
        for landlord, dsn in self._apart.items():
            try:
                there = landlords_on(dsn)
            except psycopg.OperationalError:
                there = (landlord,)  # opening it will say so
            found |= {landlord} & set(there)
        return tuple(sorted(found))

    def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            pool.close()
