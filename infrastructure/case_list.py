"""Every case of a landlord by its id, a page at a time, straight from the log."""

from __future__ import annotations

from typing import Any, Final

from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from domain.codes import CaseId
from infrastructure.event_store import LandlordRecorder

FIRST: Final = "00000000-0000-0000-0000-000000000000"

# The first event of every case after a place, by the primary key; the landlord's own stream opens no case.
_CASES: Final = """
    SELECT stream::text FROM {schema}.event
    WHERE version = 1 AND type = 'CaseOpened' AND stream > %(after)s::uuid
    ORDER BY stream LIMIT %(limit)s
"""


def cases_after(recorder: LandlordRecorder, after: str, limit: int) -> list[CaseId]:
    """The ids of up to `limit` cases after one, in their order; `after` is `FIRST` for the beginning."""

    def work(conn: Connection[Any]) -> list[tuple[str]]:
        statement = SQL(_CASES).format(schema=Identifier(recorder.channel_name))
        return conn.cursor(row_factory=tuple_row).execute(statement, {"after": after, "limit": limit}).fetchall()

    return [CaseId(case) for (case,) in recorder.server.run(work)]
