"""One PostgreSQL server, and the single pool of connections that all landlords kept on it share."""

from __future__ import annotations

import re
from time import sleep
from typing import TYPE_CHECKING, Final, TypeVar

from eventsourcing.persistence import InterfaceError, OperationalError
from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from infrastructure.postgres.arrays import understand
from infrastructure.postgres.straight import StraightConnection
from infrastructure.postgres.wake_up import WakeUps

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

LANDLORD_SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")

# Pauses before the second and third try of work whose connection was lost: a pool right after a restart
# of the server holds only dead connections, and the server itself needs a moment.
PAUSES_AFTER_A_LOST_CONNECTION: Final = (0.05, 0.5)


# Texts are sent as UTF-8, whatever the environment says. A machine that vanished is noticed within a minute or so.
_LINE: Final = {
    "client_encoding": "utf8",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


def schema_of(landlord: str) -> str:
    """The schema that holds everything of one landlord; it is also the channel its log wakes followers on.

    Raises ValueError for a name that is not a slug: it becomes part of an SQL identifier, where
    PostgreSQL allows 63 bytes.
    """
    if not LANDLORD_SLUG.fullmatch(landlord):
        msg = (
            f"{landlord!r} cannot name a landlord's schema: use 1 to 41 characters, lower-case letters, "
            "digits and underscores, beginning with a letter"
        )
        raise ValueError(msg)
    return f"landlord_{landlord}"


class PostgresServer(PostgresDatastore):
    """The library's datastore over a connection string, with one pool for any number of landlords.

    ``dsn`` is any libpq connection string. ``connections`` bounds the pool; a caller waits ``patience``
    seconds for a free one, then gets OperationalError. Nothing connects before the first use. Close it,
    or use it as a context manager.
    """

    def __init__(self, dsn: str, *, connections: int = 10, patience: float = 10.0) -> None:
        # The parent builds its pool from five separate values, which leaves no room for TLS or for several
        # hosts. It opens nothing until used, so replacing the pool costs nothing.
        super().__init__(dbname="", host="", port="", user="", password="")
        self.dsn = dsn
        self.pool = ConnectionPool(
            dsn,
            connection_class=StraightConnection,
            kwargs={"row_factory": dict_row, "autocommit": True, **_LINE},
            min_size=1,
            max_size=connections,
            open=False,
            configure=_configure,
            timeout=patience,
        )
        self.wake_ups = WakeUps(dsn)

    def run(self, work: Callable[[Connection[DictRow]], T]) -> T:
        """What ``work`` returns for a pooled connection, tried again when that connection is lost under it.

        So ``work`` must be safe to do twice. Errors are the library's (OperationalError and so on).
        """
        for pause in PAUSES_AFTER_A_LOST_CONNECTION:
            used: Connection[DictRow] | None = None
            try:
                with self.get_connection() as used:
                    return work(used)
            except (OperationalError, InterfaceError):
                if used is None or not used.closed:
                    raise
            sleep(pause)
            self.pool.check()
        with self.get_connection() as conn:
            return work(conn)

    def close(self) -> None:
        """Stop the wake-ups and close every connection."""
        if "wake_ups" in vars(self):  # also called for an object whose construction failed
            self.wake_ups.close()
        super().close()


def _configure(conn: Connection[DictRow]) -> None:
    """Sessions speak UTC, and none may hold a landlord's head while its process hangs or waits for ever.

    What a session sees after it waited must be what was committed meanwhile, whatever default the server was given.
    """
    understand(conn)
    conn.execute(
        "SELECT set_config('TimeZone', 'UTC', false),"
        " set_config('default_transaction_isolation', 'read committed', false),"
        " set_config('DateStyle', 'ISO', false), set_config('bytea_output', 'hex', false),"
        " set_config('idle_in_transaction_session_timeout', '30s', false),"
        " set_config('lock_timeout', '10s', false)"
    )
