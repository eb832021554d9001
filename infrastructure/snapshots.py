"""Long cases written down as they were folded, so that whoever loads one reads on from there.

A snapshot is never the truth: it counts while the log still holds the event that it was made at, for the code that
made it, and with the landlord's own keyed hash over all of it. Anything else is as if there were none. Personal values
stand in it sealed, as in the events, so no key is needed for it, and destroying one erases them here too.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

import msgspec
from eventsourcing.persistence import PersistenceError
from psycopg.rows import args_row
from psycopg.sql import SQL, Identifier

import domain
from application.ports import Known
from domain.case import Case
from domain.personal import Personal
from infrastructure.code_version import CODE_VERSION
from infrastructure.log_entries import StoredRow
from infrastructure.postgres.server import schema_of
from infrastructure.sealing import bound, from_copy, sealed_copy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import LiteralString

    from domain.events import Event
    from infrastructure.key_files import LandlordKeys
    from infrastructure.postgres.server import PostgresServer

logger = logging.getLogger(__name__)

PURPOSE: Final = "snapshot of a case"  # of the keyed hash

# Beside the domain, which folds: what makes events of rows, and a snapshot of a case.
READING_AND_WRITING: Final = ("codec", "log_entries", "mapper", "sealing", "snapshots")

# How long writing waits for a free connection, in seconds, and for anybody's lock: a command stands behind it.
PATIENCE: Final = 0.1

# The snapshot of a stream, if this code made it, and the events from the one that it was made at; all of them where
# there is none.
_READ: Final = """
    WITH held AS (
        SELECT stream, version, position, event_id, mac, state
        FROM {schema}.snapshot WHERE stream = %b AND code_version = %b
    )
    SELECT stream::text, version, event_id AS name, position, NULL::timestamptz AS recorded_at, state, mac FROM held
    UNION ALL
    SELECT stream::text, version, type, position, recorded_at, state, NULL FROM {schema}.event
    WHERE stream = %b AND version >= coalesce((SELECT version FROM held), 0)
    ORDER BY version
"""

# Nobody waits for the disk: a snapshot that is lost in a failure is made again. The lock of the table is taken before a
# statement begins to run, so this is a statement of its own.
_HASTE: Final = (
    f"SELECT set_config('lock_timeout', '{round(PATIENCE * 1000)}ms', true),"
    " set_config('synchronous_commit', 'off', true)"
).encode()

# Writes a snapshot down, unless this code has a later one of the stream.
_WRITE: Final = """
    INSERT INTO {schema}.snapshot AS held (stream, version, position, event_id, code_version, mac, state)
    VALUES (%b, %b, %b, %b, %b, %b, %b)
    ON CONFLICT (stream) DO UPDATE SET version = excluded.version, position = excluded.position,
        event_id = excluded.event_id, code_version = excluded.code_version, mac = excluded.mac, state = excluded.state
    WHERE held.version < excluded.version OR held.code_version <> excluded.code_version
"""

# Takes a snapshot away that does not count, so that its version keeps no good one out; and no other one.
_DROP: Final = "DELETE FROM {schema}.snapshot WHERE stream = %b AND mac = %b"


class StoredSnapshot(NamedTuple):
    """A row as it lies in the table; `event_id` and `position` are those of the event that it was made at."""

    stream: str
    version: int
    position: int
    event_id: str
    mac: bytes
    state: bytes


class Snapshots:
    """The snapshots of one landlord's cases. Safe to share between threads; holds no connection between calls."""

    def __init__(self, server: PostgresServer, landlord: str, keys: LandlordKeys) -> None:
        self._server = server
        self._keys = keys
        self._schema = schema_of(landlord)
        self._code = FOLDING_CODE
        self._read, self._write, self._drop = (_filled(statement, self._schema) for statement in (_READ, _WRITE, _DROP))

    def read(self, stream: str) -> tuple[StoredSnapshot | None, list[StoredRow]] | None:
        """The snapshot that this code made of a stream, unchecked, and the events from its own on; or all events.

        None when the server refuses to say, as for a damaged table. Raises as the log does when no server answers.
        """
        number = UUID(stream)
        try:
            rows = self._server.run(
                lambda conn: (
                    conn.cursor(binary=True, row_factory=args_row(_row))
                    .execute(self._read, (number, self._code, number), prepare=True)
                    .fetchall()
                )
            )
        except PersistenceError as error:
            # Only a server that answers gives a code. Whether the log is well shows when it is read alone.
            if getattr(error.__cause__, "sqlstate", None) is None:
                raise
            self._complain("read", error)
            return None
        # Of the two at the snapshot's version, either may come first.
        snapshot = next((row for row in rows[:2] if isinstance(row, StoredSnapshot)), None)
        return snapshot, [row for row in rows if isinstance(row, StoredRow)]

    def checked(self, snapshot: StoredSnapshot, at: Event | None) -> Known | None:
        """The case, if the snapshot counts beside `at`, the log's event of its version; if not, it is dropped."""
        ours = compare_digest(snapshot.mac, self._mac(snapshot))
        if ours and at is not None and (at.event_id, at.position) == (snapshot.event_id, snapshot.position):
            with suppress(msgspec.DecodeError):
                return Known(_CASE.decode(snapshot.state), at)
        with self._best_effort("dropped"):
            self._execute(self._drop, UUID(snapshot.stream), snapshot.mac)
        return None

    def write_down(self, known: Known) -> None:
        """Keep a case for its next load. Never raises: without it, that load takes longer."""
        with self._best_effort("written"):
            last = known.last
            state = _STATE.encode(known.case)
            mac = self._mac(StoredSnapshot(last.stream, last.version, last.position, last.event_id, b"", state))
            stream = UUID(last.stream)
            self._execute(self._write, stream, last.version, last.position, last.event_id, self._code, mac, state)

    def _mac(self, snapshot: StoredSnapshot) -> bytes:
        """Over every field and the code, so that whoever can write to the table cannot change what is decided."""
        digest = sha256(snapshot.state).hexdigest()
        place = (snapshot.stream, str(snapshot.version), str(snapshot.position), snapshot.event_id)
        return self._keys.keyed_hash(PURPOSE, bound(*place, self._code, digest))

    def _execute(self, statement: bytes, *params: object) -> None:
        # Tried once, and given up at once: nobody is to wait for what nobody needs.
        self._server.pool.open()
        with self._server.pool.connection(PATIENCE) as conn, conn.transaction():
            conn.execute(_HASTE, prepare=True)
            conn.execute(statement, params, prepare=True)

    @contextmanager
    def _best_effort(self, done: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - no load fails for want of a snapshot; the error may quote values
            self._complain(done, error)

    def _complain(self, done: str, error: Exception) -> None:
        logger.warning("a snapshot in %s was not %s: %s", self._schema, done, type(error).__name__)


def folding_code(folding: Path, beside: Iterable[Path]) -> str:
    """Which code made a snapshot: the release, and a digest of every module under `folding`, of those `beside` it, and
    of the library that writes cases as bytes.

    Between two releases a fold changes without a new number, and a case folded by another one must not count. Raises
    `RuntimeError` when there is no module to be found, and `OSError` for one that cannot be read.
    """
    modules = sorted((file.relative_to(folding).as_posix(), file) for file in folding.rglob("*.py"))
    if not modules:
        raise RuntimeError("no module of the domain was found, so nothing says which code folds a case")
    modules += sorted((file.name, file) for file in beside)
    told = (part for name, file in modules for part in (name, sha256(file.read_bytes()).hexdigest()))
    digest = sha256(bound(msgspec.__version__, *told)).hexdigest()
    return f"{CODE_VERSION} {digest}"


# Read when the process starts, so that it names the code that runs, whatever is put in its place meanwhile.
FOLDING_CODE: Final = folding_code(
    Path(domain.__file__).parent, (Path(__file__).with_name(f"{name}.py") for name in READING_AND_WRITING)
)


def _row(
    stream: str, version: int, name: str, position: int, recorded_at: datetime, state: bytes, mac: bytes | None
) -> StoredRow | StoredSnapshot:
    if mac is None:
        return StoredRow(stream, version, name, position, recorded_at, state)
    return StoredSnapshot(stream, version, position, name, mac, state)


def _filled(statement: LiteralString, schema: str) -> bytes:
    return SQL(statement).format(schema=Identifier(schema)).as_bytes(None)


def _sealed(value: object) -> bytes:
    if isinstance(value, Personal):
        return sealed_copy(value)
    raise TypeError(f"a case holds a {type(value).__name__}, which has no form in a snapshot")


def _unread(kind: type, stored: object) -> Personal:
    if kind is Personal and isinstance(stored, bytes):
        return from_copy(stored)
    raise TypeError("a personal value stands in a snapshot as its sealed copy")


_STATE: Final = msgspec.msgpack.Encoder(enc_hook=_sealed)
_CASE: Final = msgspec.msgpack.Decoder(Case, dec_hook=_unread)
