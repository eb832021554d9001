"""Who the opaque ids of the log are: people and staff, sealed, found through keyed hashes, and deletable."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, LiteralString
from uuid import UUID, uuid4

import msgspec
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

from application.ports import KeyDestroyed, PersonDetails, ReferenceTaken
from domain.codes import StaffId, SubjectId
from domain.personal import ERASED, Erased, KeyClass, Personal
from infrastructure.access_log import PostgresAccessLog
from infrastructure.postgres.server import schema_of
from infrastructure.sealing import KeyName, Sealing, ToSeal, bound, from_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from psycopg import Connection
    from psycopg.rows import DictRow

    from application.ports import Access, KeyRing
    from infrastructure.key_files import LandlordKeys
    from infrastructure.postgres.server import PostgresServer

# Logins whose holder is remembered, and staff whose name is; each is a few short strings, so this is some megabytes.
LOGINS_REMEMBERED: Final = 10_000

# Whose key seals the names of staff: no customer's, so that no erasure takes a decider's name away.
LANDLORD: Final = SubjectId("landlord")

# Adds a person under an id that was just made at random.
_ADD_PERSON: Final = "INSERT INTO {schema}.person (id, details, made_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"

# Takes a reference for a person unless somebody has it.
_ADD_REFERENCE: Final = """
    INSERT INTO {schema}.person_reference (hash, person) VALUES (%s, %s) ON CONFLICT DO NOTHING
"""

# Who has a reference.
_BY_REFERENCE: Final = "SELECT person FROM {schema}.person_reference WHERE hash = %s"

# What is kept of a person; the details are null after erasure.
_PERSON: Final = "SELECT details FROM {schema}.person WHERE id = %s"

# Likewise of several people.
_PERSONS: Final = "SELECT id::text, details FROM {schema}.person WHERE id = ANY(%s)"

# Puts other details in the place of those that were read. Each writing is sealed anew, so no two have the same bytes.
_CHANGE_PERSON: Final = "UPDATE {schema}.person SET details = %s WHERE id = %s AND details = %s"

# Takes away the references of a person other than this one; all of them when it is null.
_REMOVE_OTHER_REFERENCES: Final = """
    DELETE FROM {schema}.person_reference WHERE person = %s AND hash IS DISTINCT FROM %s
"""

# Since when these people stand in the directory, and who of them is erased.
_MADE: Final = "SELECT id::text, made_at, erased_at IS NOT NULL FROM {schema}.person WHERE id = ANY(%s)"

# The next people who are not erased, in order of their ids.
_AFTER: Final = """
    SELECT id::text FROM {schema}.person WHERE erased_at IS NULL AND id > %s ORDER BY id LIMIT %s
"""

# Takes away every way to find a person.
_REMOVE_REFERENCES: Final = "DELETE FROM {schema}.person_reference WHERE person = %s"

# Leaves the bare id of a person, known as erased.
_ERASE_PERSON: Final = """
    UPDATE {schema}.person SET details = NULL, erased_at = clock_timestamp()
    WHERE id = %s AND erased_at IS NULL
"""

# Adds a member of staff unless the login is known.
_ADD_STAFF: Final = "INSERT INTO {schema}.staff (id, login_hash, name) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"

# Whose login this is.
_BY_LOGIN: Final = "SELECT id FROM {schema}.staff WHERE login_hash = %s"

# The name of a member of staff.
_STAFF_NAME: Final = "SELECT name FROM {schema}.staff WHERE id = %s"

# The number on which a member of staff is reached; null takes it away.
_SET_TELEPHONE: Final = "UPDATE {schema}.staff SET telephone = %s WHERE id = %s"

# What it is.
_TELEPHONE: Final = "SELECT telephone FROM {schema}.staff WHERE id = %s"


class _UnknownLogin(LookupError):
    """Nobody has this login by now."""


class _UnknownStaff(LookupError):
    """Nobody of the staff has this id by now."""


def _now() -> datetime:
    return datetime.now(UTC)


class PostgresDirectory:
    """One landlord's directory, in the landlord's schema; the values in it are sealed, the ways to find them hashed."""

    def __init__(
        self,
        server: PostgresServer,
        landlord: str,
        keys: LandlordKeys,
        sealing: Sealing,
        key_ring: KeyRing,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._server = server
        self._keys = keys
        self._sealing = sealing
        self._key_ring = key_ring
        self._now = now
        self._access_log = PostgresAccessLog(server, landlord, now)
        self._schema = Identifier(schema_of(landlord))
        self._known_staff = lru_cache(LOGINS_REMEMBERED)(self._staff_of)
        self._known_names = lru_cache(LOGINS_REMEMBERED)(self._name_of)
        self._known_numbers = lru_cache(LOGINS_REMEMBERED)(self._number_of)

    def person_by_reference(self, reference: str) -> SubjectId | None:
        """The person with this customer reference, however its letters are cased or composed."""
        found = self._row(_BY_REFERENCE, self.reference_hash(reference))
        return None if found is None else SubjectId(str(found[0]))

    def reference_hash(self, reference: str) -> bytes:
        """What the directory finds the person with this customer reference by."""
        return self._keys.keyed_hash("customer reference", _normalised(reference).encode())

    def add_person(self, details: PersonDetails) -> SubjectId:
        """A fresh subject id with these details. Raises `ReferenceTaken` when the reference is another person's."""
        reference = None if details.reference is None else self.reference_hash(details.reference)
        if reference is not None and self._row(_BY_REFERENCE, reference) is not None:
            raise ReferenceTaken("another person has this customer reference")
        subject = uuid4()
        key = KeyName(SubjectId(str(subject)), None, KeyClass.DIRECTORY)
        said = {field: text for field, text in asdict(details).items() if text is not None}
        sealed = msgspec.json.encode(self._sealed(key, said))

        def work(conn: Connection[DictRow]) -> None:
            with conn.transaction():
                conn.execute(self._sql(_ADD_PERSON), [subject, sealed, self._now()])
                if reference is not None:
                    self._take(conn, reference, subject)

        try:
            self._server.run(work)
        except ReferenceTaken:
            self._key_ring.destroy(key.person)  # somebody was faster; nobody will ever use this key
            raise
        return key.person

    def person(self, subject: SubjectId) -> PersonDetails | Erased | None:
        """The details, `ERASED` once erased, None for an unknown id."""
        known = self._row(_PERSON, _uuid(subject))
        if known is None:
            return None
        [details] = known
        return ERASED if details is None else self._details(details)

    def references(self, subjects: Collection[SubjectId]) -> dict[SubjectId, str | None]:
        """The customer references of these people; None for whoever has none or was erased, nothing for a stranger."""
        wanted = [known for subject in subjects if (known := _uuid(subject)) is not None]
        rows = self._server.run(
            lambda conn: conn.cursor(row_factory=tuple_row).execute(self._sql(_PERSONS), [wanted]).fetchall()
        )
        found: dict[SubjectId, str | None] = {}
        copies: dict[SubjectId, Personal] = {}
        for person, details in rows:
            found[SubjectId(person)] = None
            said = {} if details is None else msgspec.json.decode(details, type=dict[str, msgspec.Raw])
            if "reference" in said:
                copies[SubjectId(person)] = from_copy(bytes(said["reference"]))
        for person, text in zip(copies, self._sealing.reveal_all(copies.values()), strict=True):
            found[person] = None if isinstance(text, Erased) else text
        return found

    def change_person(
        self, subject: SubjectId, changes: Mapping[str, str | None], access: Access
    ) -> PersonDetails | None:
        """Change these fields and keep the others; None takes a value away. The details after it.

        The change, the reference's hash and the record of which fields became different are written together or not
        at all; where nothing is different nothing is. None for an unknown id. Raises `ReferenceTaken`, and
        `KeyDestroyed` for an erased person.
        """
        while True:  # somebody who was faster has changed something, so that each further turn is one change of theirs
            known = self._row(_PERSON, _uuid(subject))
            if known is None:
                return None
            [stored] = known
            before = ERASED if stored is None else self._details(stored)
            if isinstance(before, Erased):
                raise KeyDestroyed(subject, KeyClass.DIRECTORY)
            after = replace(before, **changes)
            other = {field: said for field, said in changes.items() if said != getattr(before, field)}
            if not other or self._changed(subject, stored, other, access):
                return after

    def _changed(self, subject: SubjectId, stored: bytes, other: Mapping[str, str | None], access: Access) -> bool:
        """Whether these fields were changed: not when other details than `stored` are there by now."""
        person = _uuid(subject)
        copies: dict[str, Any] = msgspec.json.decode(stored, type=dict[str, msgspec.Raw])
        said = {field: text for field, text in other.items() if text is not None}
        sealed = self._sealed(KeyName(subject, None, KeyClass.DIRECTORY), said)
        kept = {field: copy for field, copy in copies.items() if field not in other}
        written = msgspec.json.encode(kept | sealed)
        record = replace(access, fields=tuple(f"change.{field}" for field in other), subject=subject)

        def work(conn: Connection[DictRow]) -> bool:
            with conn.transaction():
                if not conn.execute(self._sql(_CHANGE_PERSON), [written, person, stored]).rowcount:
                    return False
                if "reference" in other:
                    reference = None if (text := other["reference"]) is None else self.reference_hash(text)
                    # First the new one: two people who want each other's then both hear no, and neither waits.
                    if reference is not None:
                        self._take(conn, reference, person)
                    conn.execute(self._sql(_REMOVE_OTHER_REFERENCES), [person, reference])
                self._access_log.record_with(conn, record)  # last, since all who are recorded wait for it
                return True

        return self._server.run(work)

    def _take(self, conn: Connection[DictRow], reference: bytes, person: UUID | None) -> None:
        """Take a reference for a person, who may have it already. Raises `ReferenceTaken`."""
        conn.execute(self._sql(_ADD_REFERENCE), [reference, person])
        holder = conn.cursor(row_factory=tuple_row).execute(self._sql(_BY_REFERENCE), [reference])
        if holder.fetchone() != (person,):
            raise ReferenceTaken("another person has this customer reference")

    def made(self, subjects: Collection[SubjectId]) -> Mapping[SubjectId, tuple[datetime, bool]]:
        """Since when these people stand in the directory, and whether they are erased; an unknown id is left out."""
        wanted = [found for subject in subjects if (found := _uuid(subject)) is not None]
        rows = self._server.run(
            lambda conn: conn.cursor(row_factory=tuple_row).execute(self._sql(_MADE), [wanted]).fetchall()
        )
        return {SubjectId(person): (made_at, erased) for person, made_at, erased in rows}

    def after(self, subject: SubjectId | None, limit: int) -> list[SubjectId]:
        """The next people who are not erased, in order of their ids, from the first one on when there is None."""
        params = [UUID(int=0) if subject is None else _uuid(subject), limit]
        rows = self._server.run(
            lambda conn: conn.cursor(row_factory=tuple_row).execute(self._sql(_AFTER), params).fetchall()
        )
        return [SubjectId(person) for (person,) in rows]

    def erase(self, subject: SubjectId) -> None:
        """Remove all that is kept of a person and every way to find it, but for the id; the key is the key ring's."""

        def work(conn: Connection[DictRow]) -> None:
            with conn.transaction():
                # Waits for whoever changes the person just now; only then is it known which references there are.
                conn.execute(self._sql(_ERASE_PERSON), [_uuid(subject)])
                conn.execute(self._sql(_REMOVE_REFERENCES), [_uuid(subject)])

        self._server.run(work)

    def staff_by_login(self, issuer: str, login: str) -> StaffId | None:
        """The opaque id of whoever signs in as (issuer, login), both taken to the letter (RFC 7519, section 4.1.2)."""
        try:
            return self._known_staff(issuer, login)
        except _UnknownLogin:
            return None

    def add_staff(self, issuer: str, login: str, name: str) -> StaffId:
        """The staff id of (issuer, login); made at the first call, and the same for everybody who calls at once."""
        if known := self.staff_by_login(issuer, login):
            return known
        staff = uuid4()
        [sealed] = self._sealed(KeyName(LANDLORD, None, KeyClass.DIRECTORY), {"name": name}).values()
        params = [staff, self._login_hash(issuer, login), msgspec.json.encode(sealed)]
        self._server.run(lambda conn: conn.execute(self._sql(_ADD_STAFF), params))
        # Whoever was first has the login, and perhaps it was somebody else.
        return self.staff_by_login(issuer, login) or StaffId(str(staff))

    def staff_name(self, staff: StaffId) -> str | None:
        """Name of a member of staff, None for an unknown id.

        It is written once, never changes, and no erasure takes it away: so it is read once, and remembered.
        """
        try:
            return self._known_names(staff)
        except _UnknownStaff:
            return None

    def set_staff_telephone(self, staff: StaffId, telephone: str | None) -> None:
        """Keep the number on which a member of staff is reached, or none any more; of an unknown id nothing is kept."""
        sealed = None
        if telephone is not None:
            values = self._sealed(KeyName(LANDLORD, None, KeyClass.DIRECTORY), {"telephone": telephone})
            sealed = msgspec.json.encode(values["telephone"])
        self._server.run(lambda conn: conn.execute(self._sql(_SET_TELEPHONE), [sealed, _uuid(staff)]))

    def staff_telephone(self, staff: StaffId, landlord_version: int) -> str | None:
        """The number on which a member of staff is reached, None where none is kept.

        It is set before the landlord's own stream says so: while that has the same version the number is the same, so
        it is read once a version, and remembered.
        """
        return self._known_numbers(staff, landlord_version)

    def _number_of(self, staff: StaffId, _landlord_version: int) -> str | None:
        known = self._row(_TELEPHONE, _uuid(staff))
        number = None if known is None or known[0] is None else self._sealing.reveal(from_copy(known[0]))
        return None if isinstance(number, Erased) else number

    def _staff_of(self, issuer: str, login: str) -> StaffId:
        """Whose login this is, for good. Raises `_UnknownLogin`, which is not remembered: tomorrow somebody has it."""
        found = self._row(_BY_LOGIN, self._login_hash(issuer, login))
        if found is None:
            raise _UnknownLogin
        return StaffId(str(found[0]))

    def _name_of(self, staff: StaffId) -> str:
        """The name, for good. Raises `_UnknownStaff`, which is not remembered: tomorrow somebody has the id."""
        known = self._row(_STAFF_NAME, _uuid(staff))
        name = ERASED if known is None else self._sealing.reveal(from_copy(known[0]))
        if isinstance(name, Erased):
            raise _UnknownStaff
        return name

    def _sealed(self, key: KeyName, said: Mapping[str, str]) -> dict[str, Any]:
        entry = str(uuid4())  # stands where an event's id stands: no two writings share a salt
        values = [ToSeal(key, entry, field, Personal(text)) for field, text in said.items()]
        return dict(zip(said, self._sealing.seal(values), strict=True))

    def _details(self, stored: bytes) -> PersonDetails | Erased:
        copies = msgspec.json.decode(stored, type=dict[str, msgspec.Raw])
        texts = self._sealing.reveal_all(from_copy(bytes(copy)) for copy in copies.values())
        said = {}
        for field, text in zip(copies, texts, strict=True):
            if isinstance(text, Erased):  # the key is gone, the row will follow
                return ERASED
            said[field] = text
        return PersonDetails(**said)

    def _login_hash(self, issuer: str, login: str) -> bytes:
        return self._keys.keyed_hash("staff login", bound(issuer, login))

    def _row(self, statement: LiteralString, param: object) -> tuple[Any, ...] | None:
        return self._server.run(
            lambda conn: conn.cursor(row_factory=tuple_row).execute(self._sql(statement), [param]).fetchone()
        )

    def _sql(self, statement: LiteralString) -> Composed:
        return SQL(statement).format(schema=self._schema)


def _normalised(reference: str) -> str:
    """How two writings of one reference are the same: composed, without case, without space around."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", reference).casefold()).strip()


def _uuid(known_as: str) -> UUID | None:
    """The id, or None, which no row has, for a text that is none.

    An id is written in one way only: the cases of a person are found by the very text, so that somebody found under
    another spelling would look as if nothing was recorded of them.
    """
    try:
        found = UUID(known_as)
    except ValueError:
        return None
    return found if str(found) == known_as else None
