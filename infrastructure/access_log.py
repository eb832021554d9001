"""Who read what is personal, and why: written down first, shown after. No record, no answer."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Final

from psycopg.sql import SQL, Identifier

from application.ports import Access, PersonDetails
from domain.codes import CaseId, StaffId, SubjectId
from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection
    from psycopg.rows import DictRow

    from application.ports import AccessLog, Blobs, Directory
    from domain.personal import Erased, Personal
    from infrastructure.postgres.server import PostgresServer
    from infrastructure.sealing import Disclosure, Sealing

# Takes the next number, waiting for whoever is being recorded just now, and writes the record under it.
_RECORD: Final = """
    WITH taken AS (UPDATE {schema}.access_head SET number = number + 1 RETURNING number)
    INSERT INTO {schema}.access
        (number, at, actor, role, purpose, query, fields, case_id, subject, position, code_version)
    SELECT number, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM taken
"""

# Likewise for several people, of whom the same was read for the same reason; each with the case that it was read of.
_RECORD_EACH: Final = """
    WITH taken AS (UPDATE {schema}.access_head SET number = number + cardinality(%(subjects)s::text[]) RETURNING number)
    INSERT INTO {schema}.access
        (number, at, actor, role, purpose, query, fields, case_id, subject, position, code_version)
    SELECT number - cardinality(%(subjects)s::text[]) + place, %(at)s, %(actor)s, %(role)s, %(purpose)s, %(query)s,
        %(fields)s, case_id, subject, %(position)s, %(code_version)s
    FROM taken, unnest(%(cases)s::text[], %(subjects)s::text[]) WITH ORDINALITY AS read (case_id, subject, place)
"""

# A page of what was read of one case, in the order in which it was recorded.
_OF_CASE: Final = """
    SELECT number, at, actor, role, purpose, query, fields, case_id, subject, position, code_version
    FROM {schema}.access WHERE case_id = %s AND number > %s ORDER BY number LIMIT %s
"""

# Everything that was read of one person, in the order in which it was recorded.
_OF_SUBJECT: Final = """
    SELECT number, at, actor, role, purpose, query, fields, case_id, subject, position, code_version
    FROM {schema}.access WHERE subject = %s ORDER BY number
"""

# Likewise of one case.
_ALL_OF_CASE: Final = """
    SELECT number, at, actor, role, purpose, query, fields, case_id, subject, position, code_version
    FROM {schema}.access WHERE case_id = %s ORDER BY number
"""

DIRECTORY_FIELDS: Final = tuple(field.name for field in fields(PersonDetails))


class PostgresAccessLog:
    """One landlord's access log: its rows are only ever added, and numbered without a gap.

    `clock` gives the present instant. What is recorded holds ids and names of fields, never a value; a `query`
    that could quote one is recorded as its pattern.
    """

    def __init__(self, server: PostgresServer, landlord: str, clock: Callable[[], datetime]) -> None:
        self._server = server
        self._clock = clock
        schema = Identifier(schema_of(landlord))
        self._record = SQL(_RECORD).format(schema=schema)
        self._record_each = SQL(_RECORD_EACH).format(schema=schema)
        self._of_case = SQL(_OF_CASE).format(schema=schema)
        self._of_subject = SQL(_OF_SUBJECT).format(schema=schema)
        self._all_of_case = SQL(_ALL_OF_CASE).format(schema=schema)

    def record(self, access: Access) -> None:
        """Write it down, at the present instant; durable on return, raises when it could not be."""
        self._server.run(lambda conn: self.record_with(conn, access))

    def record_with(self, conn: Connection[DictRow], access: Access) -> None:
        """Likewise in the transaction of `conn`, to be there with what else it does. Everybody waits for its end."""
        params = [
            self._clock(),
            access.actor,
            access.role,
            access.purpose,
            access.query,
            list(access.fields),
            access.case,
            access.subject,
            access.position,
            access.code_version,
        ]
        conn.execute(self._record, params)

    def record_each(self, access: Access, read: Sequence[tuple[CaseId | None, SubjectId]]) -> None:
        """Write the same reading down for each of these people, in one transaction; `access` names neither of the two.

        Durable on return, raises when it could not be.
        """
        params = {
            "at": self._clock(),
            "actor": access.actor,
            "role": access.role,
            "purpose": access.purpose,
            "query": access.query,
            "fields": list(access.fields),
            "position": access.position,
            "code_version": access.code_version,
            "cases": [case for case, _ in read],
            "subjects": [subject for _, subject in read],
        }
        if read:
            self._server.run(lambda conn: conn.execute(self._record_each, params))

    def of_case(self, case: CaseId, *, after: int = 0, limit: int = 100) -> list[tuple[int, Access]]:
        """What was read of a case, numbered; `after` is the last number of the page before."""
        rows = self._server.run(lambda conn: conn.execute(self._of_case, [case, after, limit]).fetchall())
        return [(row["number"], _access(row)) for row in rows]

    def all_of_subject(self, subject: SubjectId) -> list[tuple[int, Access]]:
        """Everything that was read of a person, numbered."""
        rows = self._server.run(lambda conn: conn.execute(self._of_subject, [subject]).fetchall())
        return [(row["number"], _access(row)) for row in rows]

    def all_of_case(self, case: CaseId) -> list[tuple[int, Access]]:
        """Everything that was read of a case, numbered."""
        rows = self._server.run(lambda conn: conn.execute(self._all_of_case, [case]).fetchall())
        return [(row["number"], _access(row)) for row in rows]


class Reader:
    """The edge's only way to personal values: each reading is recorded before anything is opened.

    Hand this to whatever answers people, and neither the sealing nor what else is behind it.
    """

    def __init__(self, log: AccessLog, sealing: Sealing, directory: Directory, blobs: Blobs) -> None:
        self._log = log
        self._sealing = sealing
        self._directory = directory
        self._blobs = blobs

    def reveal_for(
        self, access: Access, values: Mapping[str, Personal], *, beside: Sequence[str] = ()
    ) -> dict[str, str | Erased]:
        """The texts of these values, by the names of fields under which they are recorded.

        `access.fields` is set from `values`, so that what is recorded is what is read, and from `beside`, whatever is
        read elsewhere under the same record. Reading nothing records nothing. Whatever the access log raises is raised
        here, and then nothing was opened.
        """
        if not values and not beside:
            return {}
        self._log.record(replace(access, fields=(*values, *beside)))
        return dict(zip(values, self._sealing.reveal_all(values.values()), strict=True))

    def disclose_for(self, access: Access, field: str, value: Personal) -> Disclosure | Erased:
        """One value with what proves it to somebody without any key."""
        self._log.record(replace(access, fields=(field,)))
        return self._sealing.disclose(value)

    def file_for(self, access: Access, field: str, blob: str, digest: str) -> bytes | Erased | None:
        """The bytes of an evidence file, None when they are gone; as `Blobs.content` gives them."""
        self._log.record(replace(access, fields=(field,)))
        return self._blobs.content(blob, digest)

    def references_for(
        self, access: Access, read: Sequence[tuple[CaseId | None, SubjectId]]
    ) -> Mapping[SubjectId, str | None]:
        """The customer references of these people, each with the case that it is read of; as the directory has them."""
        self._log.record_each(replace(access, fields=("reference",)), list(dict.fromkeys(read)))
        return self._directory.references({subject for _, subject in read})

    def person_for(self, access: Access, subject: SubjectId) -> PersonDetails | Erased | None:
        """What the directory says of a person."""
        self._log.record(replace(access, fields=DIRECTORY_FIELDS, subject=subject))
        return self._directory.person(subject)


def _access(row: DictRow) -> Access:
    return Access(
        actor=StaffId(row["actor"]),
        role=row["role"],
        purpose=row["purpose"],
        query=row["query"],
        fields=tuple(row["fields"]),
        case=None if row["case_id"] is None else CaseId(row["case_id"]),
        subject=None if row["subject"] is None else SubjectId(row["subject"]),
        position=row["position"],
        code_version=row["code_version"],
        at=row["at"],
    )
