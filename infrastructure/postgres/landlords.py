"""Which landlords have a log on a server."""

from __future__ import annotations

from typing import Final

import psycopg

# Schemas that hold a log; those of key stores have no head.
_WITH_A_LOG: Final = """
    SELECT substr(nspname, length('landlord_') + 1)
    FROM pg_namespace JOIN pg_class ON relnamespace = pg_namespace.oid AND relname = 'head' AND relkind = 'r'
    WHERE starts_with(nspname, 'landlord_') ORDER BY nspname
"""


def landlords_on(dsn: str) -> tuple[str, ...]:
    """The landlords who have a log on the server `dsn`. Raises psycopg's OperationalError when it does not answer."""
    with psycopg.connect(dsn, autocommit=True, application_name="evenhand") as conn:
        return tuple(landlord for (landlord,) in conn.execute(_WITH_A_LOG))
