"""The data keys of one landlord: made when first needed, kept wrapped, destroyed for good.

Nothing is cached. A key is read from its store whenever values are sealed or opened, once for all values of an
append or an answer, so a destruction holds at once and in every process: none has a copy left to go on with. A fact
that is sealed while its key is being destroyed is appended and reads as erased, for everybody, from the start.
"""

from __future__ import annotations

from importlib.resources import files
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final, LiteralString
from uuid import UUID, uuid4

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

from application.ports import KeyDestroyed
from domain.codes import CaseId, SubjectId
from domain.personal import KeyClass
from infrastructure.postgres.migrate import Outcome, migrate, released_migrations
from infrastructure.postgres.server import schema_of
from infrastructure.sealing import DataKey, KeyMissing, KeyName, bound

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from psycopg import Connection
    from psycopg.rows import DictRow

    from infrastructure.key_files import LandlordKeys
    from infrastructure.postgres.server import PostgresServer

KEY_BYTES: Final = 32  # AES-256
REWRAPPED_AT_ONCE: Final = 500  # rows of a batch, so that no batch keeps a destruction waiting

# The keys of these names, and the tombstones among them.
_BY_NAME: Final = """
    SELECT id, person, case_id, class, wrapping_key, wrapped
    FROM {schema}.data_key JOIN unnest(%s::text[], %s::text[], %s::text[]) AS wanted (person, case_id, class)
        USING (person, case_id, class)
"""

# The keys of these ids, and the tombstones among them.
_BY_ID: Final = """
    SELECT id, person, case_id, class, wrapping_key, wrapped
    FROM {schema}.data_key WHERE id = ANY(%s::uuid[])
"""

# Makes sure that everybody who is to have a key has a row to lock.
_ADD_HOLDERS: Final = "INSERT INTO {schema}.holder (person) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING"

# Holds off whoever would destroy keys of these people, and tells whose were destroyed already.
_LOCK_HOLDERS: Final = """
    SELECT person, destroyed_at IS NOT NULL
    FROM {schema}.holder WHERE person = ANY(%s::text[]) ORDER BY person FOR SHARE
"""

# Adds a key unless another process was first.
_ADD_KEY: Final = """
    INSERT INTO {schema}.data_key (id, person, case_id, class, wrapping_key, wrapped)
    VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""

# Marks a person as having no keys any more. Waits for whoever is making one just now, and locks out the next.
_DESTROY_HOLDER: Final = """
    INSERT INTO {schema}.holder AS known (person, destroyed_at) VALUES (%s, clock_timestamp())
    ON CONFLICT (person) DO UPDATE SET destroyed_at = EXCLUDED.destroyed_at WHERE known.destroyed_at IS NULL
"""

# Destroys whatever keys the person has.
_DESTROY_ALL: Final = """
    UPDATE {schema}.data_key SET wrapped = NULL, wrapping_key = NULL, destroyed_at = clock_timestamp()
    WHERE person = %s AND destroyed_at IS NULL
"""

# Destroys one key, or leaves its tombstone when it was never made.
_DESTROY_ONE: Final = """
    INSERT INTO {schema}.data_key AS known (id, person, case_id, class, destroyed_at)
    VALUES (%s, %s, %s, %s, clock_timestamp())
    ON CONFLICT (person, case_id, class) DO UPDATE
    SET wrapped = NULL, wrapping_key = NULL, destroyed_at = EXCLUDED.destroyed_at
    WHERE known.destroyed_at IS NULL
"""

# Some keys that are not wrapped under today's wrapping key.
_WRAPPED_OTHERWISE: Final = """
    SELECT id, person, case_id, class, wrapping_key, wrapped
    FROM {schema}.data_key WHERE wrapping_key <> %s ORDER BY id LIMIT %s
"""

# Replaces a wrapping, unless the key was destroyed or rewrapped in the meantime.
_REWRAP: Final = """
    UPDATE {schema}.data_key SET wrapping_key = %s, wrapped = %s WHERE id = %s AND wrapped = %s
"""


def migrate_keys(dsn: str, landlords: Iterable[str]) -> dict[str, Outcome]:
    """Bring each landlord's key store on the server `dsn` to the shape of this release; the outcome of each."""
    released = released_migrations(files("infrastructure.postgres") / "key_migrations")
    outcomes = migrate(dsn, [f"{landlord}_keys" for landlord in landlords], released)
    return {name.removesuffix("_keys"): outcome for name, outcome in outcomes.items()}


class PostgresKeyRing:
    """Data keys in the schema `<landlord's schema>_keys` of a server of their own, or of the log's.

    Safe to share between threads; holds no connection between calls.
    """

    def __init__(self, server: PostgresServer, landlord: str, keys: LandlordKeys) -> None:
        self._server = server
        self._keys = keys
        self._schema = Identifier(f"{schema_of(landlord)}_keys")

    def for_sealing(self, names: Collection[KeyName]) -> Mapping[KeyName, DataKey]:
        """The key of each name; one that is not there yet is made, and committed before this returns.

        Raises `KeyDestroyed` when any of them is destroyed; then none was made.
        """
        if not names:
            return {}
        found = self._by_name(names)
        if missing := names - found.keys():
            self._make(missing)
            found |= self._by_name(missing)
        return found

    def for_opening(self, key_ids: Collection[str]) -> Mapping[str, DataKey | None]:
        """The key of each id, None for a destroyed one. Raises `KeyMissing` for one that was never made."""
        if not key_ids:
            return {}
        wanted = {_uuid(key_id): key_id for key_id in key_ids}
        rows = self._server.run(lambda conn: self._fetch(conn, _BY_ID, [list(wanted)]))
        found = {wanted[row[0]]: None if row[5] is None else self._opened(*row) for row in rows}
        for key_id in key_ids:
            if key_id not in found:
                raise KeyMissing(key_id)
        return found

    def destroy(self, person: SubjectId) -> None:
        """Destroy every key that the person has, in every case and the directory, and that none is made again."""

        def work(conn: Connection[DictRow]) -> None:
            with conn.transaction():
                conn.execute(self._sql(_DESTROY_HOLDER), [person])
                # A statement of its own: it sees the keys of a maker for whom the one before has waited.
                conn.execute(self._sql(_DESTROY_ALL), [person])

        self._server.run(work)

    def destroy_one(self, person: SubjectId, case: CaseId | None, key_class: KeyClass) -> None:
        """Destroy one key and that it is made again, also when it was never made."""

        def work(conn: Connection[DictRow]) -> None:
            with conn.transaction():
                conn.execute(self._sql(_ADD_HOLDERS), [[person]])
                conn.execute(self._sql(_DESTROY_ONE), [uuid4(), person, case or "", key_class])

        self._server.run(work)

    def rewrap(self) -> int:
        """Wrap every key anew that is not under today's wrapping key; how many there were.

        Once it gives 0, no key needs the older wrapping keys. The data keys themselves stay the same.
        """
        rewrapped = 0
        while rows := self._server.run(self._rewrap_some):
            rewrapped += rows
        return rewrapped

    def _rewrap_some(self, conn: Connection[DictRow]) -> int:
        today = self._keys.wrapping_key()
        rows = self._fetch(conn, _WRAPPED_OTHERWISE, [today, REWRAPPED_AT_ONCE])
        with conn.transaction():
            for row in rows:
                wrapping_key, wrapped = self._keys.wrap(self._opened(*row).secret, _bound(row[0], *row[1:4]))
                conn.execute(self._sql(_REWRAP), [wrapping_key, wrapped, row[0], row[5]])
        return len(rows)

    def _by_name(self, names: Collection[KeyName]) -> dict[KeyName, DataKey]:
        columns = [list(column) for column in zip(*map(_columns, names), strict=True)]
        rows = self._server.run(lambda conn: self._fetch(conn, _BY_NAME, columns))
        found = {}
        for row in rows:
            name = KeyName(SubjectId(row[1]), CaseId(row[2]) if row[2] else None, KeyClass(row[3]))
            if row[5] is None:
                raise KeyDestroyed(name.person, name.key_class)
            found[name] = self._opened(*row)
        return found

    def _make(self, names: Collection[KeyName]) -> None:
        # In one order for everybody, so that two processes never wait for each other.
        ordered = sorted(names, key=_columns)
        persons = sorted({name.person for name in ordered})

        def work(conn: Connection[DictRow]) -> None:
            with conn.transaction():
                conn.execute(self._sql(_ADD_HOLDERS), [persons])
                destroyed = {person for person, gone in self._fetch(conn, _LOCK_HOLDERS, [persons]) if gone}
                for name in ordered:
                    if name.person in destroyed:
                        raise KeyDestroyed(name.person, name.key_class)
                    key_id = uuid4()
                    columns = _columns(name)
                    wrapping_key, wrapped = self._keys.wrap(token_bytes(KEY_BYTES), _bound(key_id, *columns))
                    conn.execute(self._sql(_ADD_KEY), [key_id, *columns, wrapping_key, wrapped])

        self._server.run(work)

    def _opened(
        self, key_id: UUID, person: str, case: str, key_class: str, wrapping_key: str, wrapped: bytes
    ) -> DataKey:
        secret = self._keys.unwrap(wrapping_key, wrapped, _bound(key_id, person, case, key_class))
        return DataKey(str(key_id), secret)

    def _fetch(self, conn: Connection[DictRow], statement: LiteralString, params: list[Any]) -> list[tuple[Any, ...]]:
        return conn.cursor(row_factory=tuple_row).execute(self._sql(statement), params).fetchall()

    def _sql(self, statement: LiteralString) -> Composed:
        return SQL(statement).format(schema=self._schema)


def _columns(name: KeyName) -> tuple[str, str, str]:
    return name.person, name.case or "", name.key_class.value


def _bound(key_id: UUID, person: str, case: str, key_class: str) -> bytes:
    """What a wrapped key is tied to, so that no row's bytes do in another row."""
    return bound("evenhand data key", str(key_id), person, case, key_class)


def _uuid(key_id: str) -> UUID:
    try:
        return UUID(key_id)
    except ValueError:
        pass
    raise KeyMissing(key_id)
