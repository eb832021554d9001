"""The bytes of evidence files and letters: sealed in chunks under the person's key, durable before a fact names them.

A file is bound to its id, so that no other's chunks stand in for its own, and to the number of its chunks, so that
none can be left off its end. Its salted digest stands on the event that names it; the salt comes from the data key,
so that nothing can be guessed at once the key is gone.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from ssl import RAND_bytes
from typing import TYPE_CHECKING, Final, LiteralString, NamedTuple
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from application.ports import Kept
from domain.codes import CaseId, SubjectId
from domain.personal import ERASED, Erased, KeyClass
from infrastructure.postgres.server import schema_of
from infrastructure.sealing import NONCE_BYTES, DataKey, DataKeys, KeyName, NotSealed, bound

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from psycopg import Connection
    from psycopg.rows import DictRow

    from infrastructure.postgres.server import PostgresServer

CHUNK_BYTES: Final = 256 * 1024  # of content; a row of a size that PostgreSQL moves about without pain
SWEPT_TOGETHER: Final = 100

# Adds a file; the same once more, when a lost connection hid that it was added.
_ADD: Final = """
    INSERT INTO {schema}.evidence (id, person, case_id, key_id, chunks, key_class)
    VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""

# Adds one chunk of a file.
_ADD_CHUNK: Final = """
    INSERT INTO {schema}.evidence_chunk (evidence, number, sealed) VALUES (%s, %s, %b) ON CONFLICT DO NOTHING
"""

# Under which key a file is sealed, and how many chunks it has.
_FILE: Final = "SELECT key_id, chunks FROM {schema}.evidence WHERE id = %s"

# The chunks of a file in order.
_CHUNKS: Final = "SELECT sealed FROM {schema}.evidence_chunk WHERE evidence = %s ORDER BY number"

# Removes files with their chunks.
_REMOVE: Final = "DELETE FROM {schema}.evidence WHERE id = ANY(%s)"

# Removes whatever there is of a person, in one case or in all, of one class or of all.
_REMOVE_OF: Final = """
    DELETE FROM {schema}.evidence
    WHERE person = %s AND (%s::text IS NULL OR case_id = %s) AND (%s::text IS NULL OR key_class = %s)
"""

# Has a file looked at once more by the next sweeps.
_DOUBT: Final = "UPDATE {schema}.evidence SET checked = false, kept_at = clock_timestamp() WHERE id = ANY(%s)"

# Files that no sweep has found an event of yet, kept longer ago than any request lasts.
_UNCHECKED: Final = """
    SELECT id, case_id FROM {schema}.evidence
    WHERE NOT checked AND kept_at < clock_timestamp() - %s ORDER BY kept_at LIMIT %s
"""

# Notes that an event names a file.
_CHECKED: Final = "UPDATE {schema}.evidence SET checked = true WHERE id = ANY(%s)"


class _File(NamedTuple):
    key_id: str
    chunks: int


class PostgresBlobs:
    """The evidence files and letters of one landlord, in its schema. Safe to share between threads."""

    def __init__(self, server: PostgresServer, landlord: str, keys: DataKeys) -> None:
        self._server = server
        self._keys = keys
        self._schema = Identifier(schema_of(landlord))

    def keep(self, person: SubjectId, case: CaseId, content: bytes, key_class: KeyClass = KeyClass.EVIDENCE) -> Kept:
        """Seal and write bytes; durable, key and all, on return. Raises `KeyDestroyed`, ValueError for no bytes."""
        if not content:
            raise ValueError("a file has at least one byte")
        name = KeyName(person, case, key_class)
        key = self._keys.for_sealing([name])[name]
        blob = uuid4()
        chunks = -(-len(content) // CHUNK_BYTES)

        def work(conn: Connection[DictRow]) -> None:
            with conn.transaction():
                conn.execute(self._sql(_ADD), [blob, person, case, key.id, chunks, key_class.value])
                for number in range(chunks):
                    part = content[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
                    conn.execute(self._sql(_ADD_CHUNK), [blob, number, _sealed(key, part, str(blob), number, chunks)])

        self._server.run(work)
        return Kept(str(blob), _digest(key, str(blob), content), len(content))

    def content(self, blob: str, digest: str) -> bytes | Erased | None:
        """The bytes that the event's digest belongs to, `ERASED` when their key is destroyed, None when they are gone.

        Raises `NotSealed` for bytes that were altered, `KeyMissing` for a key that was never made.
        """

        def work(conn: Connection[DictRow]) -> tuple[_File, list[bytes]] | None:
            with conn.transaction():
                cursor = conn.cursor(row_factory=tuple_row, binary=True)
                found = cursor.execute(self._sql(_FILE), [UUID(blob)]).fetchone()
                if found is None:
                    return None
                return _File(*found), [part for (part,) in cursor.execute(self._sql(_CHUNKS), [UUID(blob)])]

        found = self._server.run(work)
        if found is None:
            return None
        file, parts = found
        key = self._keys.for_opening([file.key_id])[file.key_id]
        if key is None:
            return ERASED
        opened = b"".join(_opened(key, part, blob, number, file.chunks) for number, part in enumerate(parts))
        if len(parts) != file.chunks or not compare_digest(_digest(key, blob, opened), digest):
            raise NotSealed(f"the evidence file {blob} is not the one that its event tells of")
        return opened

    def discard(self, *blobs: str) -> None:
        """Remove files; those that are not there are no matter."""
        self._do(_REMOVE, [UUID(blob) for blob in blobs])

    def discard_of(self, person: SubjectId, case: CaseId | None = None, key_class: KeyClass | None = None) -> None:
        """Remove every file of a person, in one case or in all; for an erasure, beside destroying the key."""
        self._do(_REMOVE_OF, person, case, case, key_class, key_class)

    def doubt(self, *blobs: str) -> None:
        """Let a later sweep find out whether these files still stand for an event that is shown."""
        self._do(_DOUBT, [UUID(blob) for blob in blobs])

    def sweep(self, stands: Callable[[CaseId, str], bool], older_than: timedelta) -> int:
        """Remove files for which nothing `stands` in their case; how many went. Nothing younger is looked at."""
        removed = 0
        while found := self._unchecked(older_than):
            standing = {blob: stands(case, str(blob)) for blob, case in found}
            self._do(_CHECKED, [blob for blob, stood in standing.items() if stood])
            orphans = [blob for blob, stood in standing.items() if not stood]
            self._do(_REMOVE, orphans)
            removed += len(orphans)
        return removed

    def _unchecked(self, older_than: timedelta) -> list[tuple[UUID, CaseId]]:
        query, params = self._sql(_UNCHECKED), [older_than, SWEPT_TOGETHER]
        rows = self._server.run(lambda conn: conn.cursor(row_factory=tuple_row).execute(query, params).fetchall())
        return [(blob, CaseId(case)) for blob, case in rows]

    def _do(self, statement: LiteralString, *params: object) -> None:
        self._server.run(lambda conn: conn.execute(self._sql(statement), params))

    def _sql(self, statement: LiteralString) -> bytes:
        return SQL(statement).format(schema=self._schema).as_bytes(None)


def _place(blob: str, number: int, chunks: int) -> bytes:
    return bound("evenhand evidence", blob, str(number), str(chunks))


def _sealed(key: DataKey, part: bytes, blob: str, number: int, chunks: int) -> bytes:
    nonce = RAND_bytes(NONCE_BYTES)
    return nonce + key.cipher.encrypt(nonce, part, _place(blob, number, chunks))


def _opened(key: DataKey, sealed: bytes, blob: str, number: int, chunks: int) -> bytes:
    try:
        return key.cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _place(blob, number, chunks))
    except (InvalidTag, ValueError):
        raise NotSealed(f"chunk {number} of the evidence file {blob} was altered since it was sealed") from None


def _digest(key: DataKey, blob: str, content: bytes) -> str:
    return sha256(key.salt(blob, "content") + content).hexdigest()
