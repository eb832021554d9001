"""The data keys of one landlord: made when first needed, kept wrapped, destroyed for good.

For opening, a key is read from its store each time, once for all values of an answer: so a destruction holds at once
and in every process, and nobody reads what was erased. For sealing, a key that was read is good for a second. A fact
that is sealed while its key is being destroyed, or within that second by another process, is appended and reads as
erased, for everybody, from the start.
"""

from __future__ import annotations

from importlib.resources import files
from ssl import RAND_bytes
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, LiteralString
from uuid import UUID, uuid4

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from application.ports import KeyDestroyed
from domain.codes import CaseId, SubjectId
from domain.personal import KeyClass
from infrastructure.postgres.arrays import byteas, texts, uuids
from infrastructure.postgres.migrate import Outcome, migrate, released_migrations
from infrastructure.postgres.server import schema_of
from infrastructure.postgres.straight import straight
from infrastructure.sealing import DataKey, KeyMissing, KeyName, bound
from infrastructure.together import Together

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from psycopg import Connection
    from psycopg.rows import DictRow

    from infrastructure.key_files import LandlordKeys
    from infrastructure.postgres.arrays import Packed
    from infrastructure.postgres.server import PostgresServer

KEY_BYTES: Final = 32  # AES-256
ID_BYTES: Final = 16
LOOKS_TOGETHER: Final = 64  # answers that ask the store in one query
RECENT: Final = 1.0  # seconds for which a key that was read is good for sealing
KEYS_TOGETHER: Final = 5_000  # for so many keys at most, unless one answer needs more
LOOKS_AT_ONCE: Final = 2  # such queries
REWRAPPED_AT_ONCE: Final = 500  # rows of a batch, so that no batch keeps a destruction waiting

# The keys of these names, and the tombstones among them, each with the number of its name. Every name is looked up
# by itself: planned as one join while the store was nearly empty, it would go on reading the store from end to end.
_BY_NAME: Final = """
    SELECT wanted.number, known.id, known.wrapping_key, known.wrapped
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (person, case_id, class, number),
        LATERAL (
            SELECT id::text, wrapping_key, wrapped FROM {schema}.data_key
            WHERE person = wanted.person AND case_id = wanted.case_id AND class = wanted.class LIMIT 1
        ) AS known
"""

# The keys of these ids, and the tombstones among them.
_BY_ID: Final = """
    SELECT id::text, person, case_id, class, wrapping_key, wrapped
    FROM {schema}.data_key WHERE id = ANY(%b::uuid[])
"""

# Makes sure that a person has a row to lock.
_ADD_HOLDER: Final = "INSERT INTO {schema}.holder (person) VALUES (%s) ON CONFLICT DO NOTHING"

# Makes keys, or tells of somebody who is to have none: the store's second migration says how.
_MAKE_KEYS: Final = """
    SELECT added, gone
    FROM {schema}.make_keys($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
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
    SELECT id::text, person, case_id, class, wrapping_key, wrapped
    FROM {schema}.data_key WHERE wrapping_key <> %s ORDER BY id LIMIT %s
"""

# The cases in which these people have keys, destroyed or not.
_CASES_OF: Final = "SELECT DISTINCT case_id FROM {schema}.data_key WHERE person = ANY(%s) AND case_id <> ''"

# Replaces a wrapping, unless the key was destroyed or rewrapped in the meantime.
_REWRAP: Final = """
    UPDATE {schema}.data_key SET wrapping_key = %s, wrapped = %s WHERE id = %s AND wrapped = %s
"""

_STATEMENTS: Final[tuple[LiteralString, ...]] = (
    _BY_NAME,
    _BY_ID,
    _ADD_HOLDER,
    _MAKE_KEYS,
    _DESTROY_HOLDER,
    _DESTROY_ALL,
    _DESTROY_ONE,
    _WRAPPED_OTHERWISE,
    _CASES_OF,
    _REWRAP,
)

# A third party has a word in a case or two, and no keys for anything else.
OF_A_CASE: Final = tuple(each for each in KeyClass if each not in (KeyClass.DIRECTORY, KeyClass.THIRD_PARTY))


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
        schema = Identifier(f"{schema_of(landlord)}_keys")
        self._sql = {statement: SQL(statement).format(schema=schema).as_bytes(None) for statement in _STATEMENTS}
        self._recent = _Recent()
        self._opening = Together(
            self._found_by_id, most=LOOKS_TOGETHER, heaviest=KEYS_TOGETHER, weight=len, at_once=LOOKS_AT_ONCE
        )

    def for_sealing(self, names: Collection[KeyName], begun: Collection[str] = ()) -> Mapping[KeyName, DataKey]:
        """The key of each name; one that is not there yet is made, and committed before this returns.

        Whoever has no key in a case yet gets those of all its classes; in a case that is `begun` only now nobody is
        expected to have one. Raises `KeyDestroyed` when any of these keys is destroyed; then none was made.
        """
        if not names:
            return {}
        found = self._recent.of(names)
        if unknown := [name for name in names if name not in found]:
            asked, forgotten = monotonic(), self._recent.forgotten
            sought = [name for name in unknown if name.case not in begun]
            stored = self._by_name(sought) if sought else {}
            if missing := set(unknown) - stored.keys():
                stored |= self._made(missing)
            self._recent.add(stored, asked, forgotten)
            found |= {name: stored[name] for name in unknown}
        return found

    def for_opening(self, key_ids: Collection[str]) -> Mapping[str, DataKey | None]:
        """The key of each id, None for a destroyed one. Raises `KeyMissing` for one that was never made.

        Threads that ask at the same time ask the store together.
        """
        self._recent.prune()
        return self._opening.do(key_ids) if key_ids else {}

    def destroy(self, person: SubjectId) -> None:
        """Destroy every key that the person has, in every case and the directory, and that none is made again."""

        def work(conn: Connection[DictRow]) -> None:
            with conn.transaction():
                conn.execute(self._sql[_DESTROY_HOLDER], [person])
                # A statement of its own: it sees the keys of a maker for whom the one before has waited.
                conn.execute(self._sql[_DESTROY_ALL], [person])

        self._server.run(work)
        self._recent.forget(person)

    def destroy_one(self, person: SubjectId, case: CaseId | None, key_class: KeyClass) -> None:
        """Destroy one key and that it is made again, also when it was never made."""

        def work(conn: Connection[DictRow]) -> None:
            with conn.transaction():
                conn.execute(self._sql[_ADD_HOLDER], [person])
                conn.execute(self._sql[_DESTROY_ONE], [uuid4(), person, case or "", key_class])

        self._server.run(work)
        self._recent.forget(person)

    def cases_of(self, persons: Collection[SubjectId]) -> tuple[CaseId, ...]:
        """The cases, their own and other people's, in which something may be sealed under one of these people's keys.

        A key is durable before anything is sealed under it, so that a case can be named that never came about.
        """
        rows = self._server.run(lambda conn: self._fetch(conn, _CASES_OF, list(persons)))
        return tuple(sorted(CaseId(case) for (case,) in rows))

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
        rows = self._fetch(conn, _WRAPPED_OTHERWISE, today, REWRAPPED_AT_ONCE)
        with conn.transaction():
            for key_id, person, case, key_class, wrapping_key, wrapped in rows:
                use = _bound(key_id, person, case, key_class)
                secret = self._keys.unwrap(wrapping_key, wrapped, use)
                today, [anew] = self._keys.wrap((secret, use))
                conn.execute(self._sql[_REWRAP], [today, anew, key_id, wrapped])
        return len(rows)

    def _by_name(self, names: Collection[KeyName]) -> dict[KeyName, DataKey]:
        ordered = list(names)
        columns = _columns(ordered)
        rows = self._server.run(lambda conn: straight(conn).ask(self._sql[_BY_NAME], columns))
        found = {}
        for number, key_id, wrapping_key, wrapped in rows:
            name = ordered[int(number or 0) - 1]
            if key_id is None or wrapping_key is None or wrapped is None:
                raise KeyDestroyed(name.person, name.key_class)
            secret = bytes.fromhex(wrapped[2:].decode())  # after the mark that it is hexadecimal
            found[name] = self._opened(key_id.decode(), *_texts(name), wrapping_key.decode(), secret)
        return found

    def _made(self, names: Collection[KeyName]) -> dict[KeyName, DataKey]:
        """Make the keys of these names, and the others of the cases in which these are the first."""
        # In one order for everybody, so that two processes never wait for each other.
        ordered = sorted({name._replace(key_class=each) for name in names for each in _made_with(name)}, key=_texts)
        drawn = RAND_bytes((ID_BYTES + KEY_BYTES) * len(ordered))
        ids, secrets = [], []
        for start in range(0, len(drawn), ID_BYTES + KEY_BYTES):
            ids.append(UUID(bytes=drawn[start : start + ID_BYTES], version=4))
            secrets.append(drawn[start + ID_BYTES : start + ID_BYTES + KEY_BYTES])
        made = {name: DataKey(str(key_id), secret) for name, key_id, secret in zip(ordered, ids, secrets, strict=True)}
        wrapping_key, wrapped = self._keys.wrap(
            *((key.secret, _bound(key.id, *_texts(name))) for name, key in made.items())
        )
        columns = (uuids(ids), *_columns(ordered), texts([wrapping_key] * len(ids)), byteas(wrapped))
        [(added, gone)] = self._server.run(lambda conn: straight(conn).ask(self._sql[_MAKE_KEYS], columns))
        for name in names:
            if gone is not None and name.person == gone.decode():
                raise KeyDestroyed(name.person, name.key_class)
        # Where another process was first, its keys are the ones.
        return made if int(added or 0) == len(made) else self._by_name(names)

    def _found_by_id(self, asked: Sequence[Collection[str]]) -> list[Mapping[str, DataKey | None] | Exception]:
        """For each of these questions the keys of its ids, or what is to be raised for it."""
        wanted = {key_id: _uuid(key_id) for key_ids in asked for key_id in key_ids}
        ids = uuids([known for known in wanted.values() if known is not None])
        rows = self._server.run(lambda conn: self._fetch(conn, _BY_ID, ids))
        stored = {row[0]: None if row[5] is None else self._opened(*row) for row in rows}
        found = {key_id: stored[str(known)] for key_id, known in wanted.items() if str(known) in stored}
        return [_of_each(key_ids, found) for key_ids in asked]

    def _opened(
        self, key_id: str, person: str, case: str, key_class: str, wrapping_key: str, wrapped: bytes
    ) -> DataKey:
        return DataKey(key_id, self._keys.unwrap(wrapping_key, wrapped, _bound(key_id, person, case, key_class)))

    def _fetch(self, conn: Connection[DictRow], statement: LiteralString, *params: object) -> list[tuple[Any, ...]]:
        cursor = conn.cursor(binary=True, row_factory=tuple_row)
        return cursor.execute(self._sql[statement], params, prepare=True).fetchall()


class _Recent:
    """The keys that were read from the store within the last moment, for sealing only; safe between threads.

    Each is here for a second after it was asked for, however often it is used meanwhile.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._keys: dict[KeyName, tuple[float, DataKey]] = {}  # mostly the oldest first
        self.forgotten = 0  # how often keys were taken away

    def of(self, names: Collection[KeyName]) -> dict[KeyName, DataKey]:
        """Those of these keys that are here."""
        with self._lock:
            good = self._drop()
            held = [(name, self._keys.get(name)) for name in names]
        return {name: one[1] for name, one in held if one is not None and one[0] >= good}

    def prune(self) -> None:
        """Drop whatever is too old, so that a process which seals nothing any more holds no key for long."""
        with self._lock:
            self._drop()

    def add(self, keys: Mapping[KeyName, DataKey], asked: float, forgotten: int) -> None:
        """Keep these keys, which the store was asked for at that time, unless some were taken away since then."""
        with self._lock:
            if forgotten != self.forgotten:
                return
            for name, key in keys.items():
                self._keys.pop(name, None)
                self._keys[name] = (asked, key)

    def forget(self, person: SubjectId) -> None:
        """Keep no key of this person."""
        with self._lock:
            self.forgotten += 1
            for name in [name for name in self._keys if name.person == person]:
                del self._keys[name]

    def _drop(self) -> float:
        good = monotonic() - RECENT
        while self._keys and next(iter(self._keys.values()))[0] < good:
            del self._keys[next(iter(self._keys))]
        return good


def _of_each(key_ids: Collection[str], found: Mapping[str, DataKey | None]) -> Mapping[str, DataKey | None] | Exception:
    for key_id in key_ids:
        if key_id not in found:
            return KeyMissing(key_id)
    return {key_id: found[key_id] for key_id in key_ids}


def _made_with(name: KeyName) -> Iterable[KeyClass]:
    """The classes that a key is made together with: those of a case; a case is soon told in all of them."""
    alone = name.case is None or name.key_class not in OF_A_CASE
    return (name.key_class,) if alone else OF_A_CASE


def _texts(name: KeyName) -> tuple[str, str, str]:
    return name.person, name.case or "", name.key_class.value


def _columns(names: Sequence[KeyName]) -> tuple[Packed, Packed, Packed]:
    persons, cases, classes = zip(*map(_texts, names), strict=True)
    return texts(persons), texts(cases), texts(classes)


def _bound(key_id: str, person: str, case: str, key_class: str) -> bytes:
    """What a wrapped key is tied to, so that no row's bytes do in another row."""
    return bound("evenhand data key", key_id, person, case, key_class)


def _uuid(key_id: str) -> UUID | None:
    try:
        return UUID(key_id)
    except ValueError:
        return None
