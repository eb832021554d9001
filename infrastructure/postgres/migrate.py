"""Brings each landlord's schema to the shape that this release writes, one landlord at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg.sql import SQL, Identifier

from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.resources.abc import Traversable

FILE_NAME: Final = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")

# Makes the schema and the list of what was applied to it.
_PREPARE: Final = """
    CREATE SCHEMA IF NOT EXISTS {schema};
    CREATE TABLE IF NOT EXISTS {schema}.migration (
        number integer PRIMARY KEY,
        name text NOT NULL,
        sha256 text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
"""


class MigrationRefused(Exception):
    """A schema and this release do not belong together; the message says which and what to do."""


@dataclass(frozen=True)
class Migration:
    """One numbered change to a landlord's schema, in SQL with unqualified names."""

    number: int
    name: str
    sha256: str
    sql: str


@dataclass(frozen=True)
class Outcome:
    """What became of one landlord: the numbers applied now, and why it stopped, if it did."""

    landlord: str
    applied: tuple[int, ...]
    failure: str | None = None


def released_migrations(folder: Traversable | None = None) -> tuple[Migration, ...]:
    """The migrations of this release in order, from ``folder`` or from where the package keeps them.

    Raises MigrationRefused for a misnamed file, and unless the numbers are 1, 2, 3 and so on.
    """
    found = []
    for file in (folder or files("infrastructure.postgres") / "migrations").iterdir():
        if not file.name.endswith(".sql"):
            continue
        named = FILE_NAME.fullmatch(file.name)
        if named is None:
            msg = f"{file.name} is not named like 0001_log.sql; rename it"
            raise MigrationRefused(msg)
        body = file.read_bytes()
        found.append(Migration(int(named[1]), named[2], sha256(body).hexdigest(), body.decode()))
    found.sort(key=lambda migration: migration.number)
    numbers = [migration.number for migration in found]
    if numbers != list(range(1, len(numbers) + 1)):
        msg = f"the migrations are numbered {numbers}; number them from 1 without a gap or a double"
        raise MigrationRefused(msg)
    return tuple(found)


def migrate(dsn: str, landlords: Iterable[str], migrations: Sequence[Migration] | None = None) -> dict[str, Outcome]:
    """Apply what is missing to each landlord's schema on the server ``dsn``; the outcome of each.

    Each migration is one transaction, held apart from other processes by a lock on the schema's name, so it
    is applied wholly and once. What goes wrong for one landlord stops that landlord there, and no other.
    """
    released = released_migrations() if migrations is None else tuple(migrations)
    outcomes = {}
    for landlord in landlords:
        outcome = Outcome(landlord, ())
        try:
            schema = schema_of(landlord)
            # A connection for each: whatever state one landlord's failure leaves behind ends with it.
            with psycopg.connect(dsn, autocommit=True, application_name="evenhand migrations") as conn:
                for migration in () if _has_all(conn, schema, released) else released:
                    if _apply(conn, schema, migration, newest=released[-1].number):
                        outcome = replace(outcome, applied=(*outcome.applied, migration.number))
        except psycopg.Error as error:
            # The server's detail can quote a row; its primary message cannot.
            reason = error.diag.message_primary or f"no answer from the server: {error}"
            outcome = replace(outcome, failure=reason)
        except (MigrationRefused, ValueError) as refusal:
            outcome = replace(outcome, failure=str(refusal))
        outcomes[landlord] = outcome
    return outcomes


def _has_all(conn: psycopg.Connection, schema: str, released: Sequence[Migration]) -> bool:
    """Whether nothing is missing, changed or too much, as for most landlords at most starts: then no lock is needed."""
    there = conn.execute("SELECT to_regclass(quote_ident(%s) || '.migration') IS NOT NULL", (schema,)).fetchone()
    if there != (True,):
        return False
    known = conn.execute(SQL("SELECT number, sha256 FROM {}.migration").format(Identifier(schema))).fetchall()
    return dict(known) == {migration.number: migration.sha256 for migration in released}


def _apply(conn: psycopg.Connection, schema: str, migration: Migration, newest: int) -> bool:
    """Whether ``migration`` was missing from ``schema`` and has been applied now."""
    with conn.transaction():
        # A table in use is waited for, but not so long that one busy landlord holds up all others.
        conn.execute("SET LOCAL lock_timeout = '30s'")
        conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (schema,))
        conn.execute(SQL(_PREPARE).format(schema=Identifier(schema)))
        conn.execute(SQL("SET LOCAL search_path = {}").format(Identifier(schema)))
        known: dict[int, str] = dict(conn.execute("SELECT number, sha256 FROM migration").fetchall())
        if known and max(known) > newest:
            msg = (
                f"{schema} has migration {max(known)}, and this release ends with {newest}: "
                "run the release that brought it, or a later one"
            )
            raise MigrationRefused(msg)
        if migration.number in known:
            if known[migration.number] != migration.sha256:
                msg = (
                    f"migration {migration.number} ({migration.name}) has changed since it was applied to "
                    f"{schema}: restore the file as it was released, and put the change in a new migration"
                )
                raise MigrationRefused(msg)
            return False
        conn.execute(migration.sql.encode())
        conn.execute(
            "INSERT INTO migration (number, name, sha256) VALUES (%s, %s, %s)",
            (migration.number, migration.name, migration.sha256),
        )
        return True
