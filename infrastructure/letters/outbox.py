"""The outbox of one landlord: which released letters have still to go, found in the log once and never by a rebuild.

A row is one sending of one letter, under the name that its carrier knows it by; it holds no word of the letter and no
address. That a carrier is about to be asked is durable before it is asked, and what it answered before anything else is
done: so whoever is killed in between leaves a row that says how far it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Identifier

from domain.calendar import DeliveryMethod
from domain.codes import CaseId, LetterTrouble
from domain.events import LetterReleased, LetterTakenUpAgain
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from psycopg import Connection
    from psycopg.rows import DictRow

    from domain.events import Event
    from infrastructure.postgres.server import PostgresServer

READ_TOGETHER: Final = 200

# How far the log was looked through; whoever looks on waits for who does so already.
_HEAD: Final = "SELECT position FROM {schema}.outbox_head FOR UPDATE"

# What can put a letter into the outbox, through an index of its own: behind a position, or left unread before.
_FOUND: Final = """
    SELECT stream::text, version, type, position, recorded_at, state
    FROM {schema}.event
    WHERE type IN ('LetterReleased', 'LetterTakenUpAgain') AND (position > %s OR position = ANY(%s))
    ORDER BY position LIMIT %s
"""
_UNREAD: Final = "SELECT position FROM {schema}.outbox_unread ORDER BY position LIMIT %s"
_LEAVE_UNREAD: Final = "INSERT INTO {schema}.outbox_unread (position) VALUES (%s) ON CONFLICT DO NOTHING"
_NOW_READ: Final = "DELETE FROM {schema}.outbox_unread WHERE position = ANY(%s)"
_LOOKED: Final = "UPDATE {schema}.outbox_head SET position = greatest(position, %s)"

# A letter that was released; the same once more, when it was found before.
_ADD: Final = """
    INSERT INTO {schema}.outbox (dispatch, case_id, letter, method) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""

# A letter that goes again under its own name.
_AGAIN: Final = """
    UPDATE {schema}.outbox SET state = 'pending', attempts = 0, next_at = clock_timestamp(), because = NULL
    WHERE case_id = %s AND letter = %s AND state IN ('parking', 'parked')
"""

# A letter that goes again under another name, or had gone: nothing more comes of the name that it had.
_OVER_WITH: Final = """
    UPDATE {schema}.outbox SET state = 'over' WHERE case_id = %s AND letter = %s AND state IN ('parking', 'parked')
"""
_ADD_ANEW: Final = """
    INSERT INTO {schema}.outbox (dispatch, case_id, letter, method)
    SELECT %s, case_id, letter, method FROM {schema}.outbox WHERE case_id = %s AND letter = %s LIMIT 1
    ON CONFLICT DO NOTHING
"""

# What is to be done by now, the longest due first; so many of each way of sending that no way crowds out another.
_DUE: Final = """
    SELECT dispatch::text, case_id, letter, method, state, attempts, carrier, sent_at, because
    FROM (
        SELECT *, row_number() OVER (PARTITION BY state, method ORDER BY next_at) AS place
        FROM {schema}.outbox
        WHERE state IN ('pending', 'sending', 'sent', 'parking') AND next_at <= clock_timestamp()
    ) AS due
    WHERE place <= %s ORDER BY next_at
"""

# What waits for a person.
_PARKED: Final = """
    SELECT dispatch::text, case_id, letter, method, state, attempts, carrier, sent_at, because
    FROM {schema}.outbox WHERE state IN ('parking', 'parked') ORDER BY case_id, letter
"""

# In how many seconds something is due.
_NEXT: Final = """
    SELECT extract(epoch FROM min(next_at) - clock_timestamp())::float8
    FROM {schema}.outbox WHERE state IN ('pending', 'sending', 'sent', 'parking')
"""

# The carrier is asked next, by one sender alone; until `next_at` nobody wonders what became of it.
_BEGIN: Final = """
    UPDATE {schema}.outbox SET state = 'sending', attempts = attempts + 1, carrier = %s, sender = %s,
        sending_since = clock_timestamp(), next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE dispatch = %s AND state = 'pending'
"""

# The carrier has it, whatever was thought of it meanwhile.
_HANDED: Final = """
    UPDATE {schema}.outbox SET state = 'sent', sent_at = %s, next_at = clock_timestamp()
    WHERE dispatch = %s AND state IN ('pending', 'sending', 'parking', 'parked')
"""

# It is tried again, or told again, in so many seconds.
_LATER: Final = """
    UPDATE {schema}.outbox SET state = CASE WHEN state = 'sending' THEN 'pending' ELSE state END,
        next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE dispatch = %s AND state IN ('pending', 'sending', 'sent', 'parking')
"""

# It stays as it is, unless it has moved on, and is looked at again in so many seconds.
_PUT_OFF: Final = """
    UPDATE {schema}.outbox SET next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE dispatch = %s AND state = %s
"""

# A person has to look at it.
_TROUBLE: Final = """
    UPDATE {schema}.outbox SET state = 'parking', because = %s, next_at = clock_timestamp()
    WHERE dispatch = %s AND state IN ('pending', 'sending')
"""

# The case knows.
_TOLD: Final = "UPDATE {schema}.outbox SET state = %s WHERE dispatch = %s AND state = %s"

# Which letter goes, or went, under a name.
_BY_DISPATCH: Final = "SELECT case_id, letter, method, state FROM {schema}.outbox WHERE dispatch = %s"

# How many there are in each state that is not the end of them.
_COUNTS: Final = """
    SELECT state, count(*)::int FROM {schema}.outbox
    WHERE state IN ('pending', 'sending', 'sent', 'parking', 'parked') GROUP BY state
"""


@dataclass(frozen=True, slots=True)
class Sending:
    """One sending of one letter, and how far it came."""

    dispatch: str
    case: CaseId
    letter: str
    method: DeliveryMethod
    state: str
    attempts: int
    carrier: str | None
    sent_at: datetime | None
    because: LetterTrouble | None


@dataclass(frozen=True, slots=True)
class Carried:
    """Which letter goes, or went, under a name."""

    case: CaseId
    letter: str
    method: DeliveryMethod
    state: str


class Outbox:
    """The outbox of one landlord, in its schema. Safe to share between threads."""

    def __init__(self, server: PostgresServer, landlord: str, decode: Callable[[StoredRow], Event]) -> None:
        self._server = server
        self._decode = decode
        self._schema = Identifier(schema_of(landlord))

    # Finding letters

    def take_in(self) -> int:
        """Look on through the log for letters to carry; how many facts were found. What is found is durable."""
        return self._server.run(self._look_on)

    def _look_on(self, conn: Connection[DictRow]) -> int:
        with conn.transaction():
            cursor = conn.cursor(row_factory=tuple_row)
            (head,) = cursor.execute(self._sql(_HEAD)).fetchone() or (0,)
            unread = [position for (position,) in cursor.execute(self._sql(_UNREAD), [READ_TOGETHER])]
            rows = conn.cursor(row_factory=args_row(StoredRow), binary=True)
            found = rows.execute(self._sql(_FOUND), [head, unread, READ_TOGETHER]).fetchall()
            read = []
            for row in found:
                try:
                    event = self._decode(row)
                except (UnknownFact, UnreadableEvent):  # of a later release: it is tried again, and holds up nothing
                    conn.execute(self._sql(_LEAVE_UNREAD), [row.position])
                else:
                    self._put(conn, event)
                    read.append(row.position)
            if found:
                conn.execute(self._sql(_NOW_READ), [read])
                conn.execute(self._sql(_LOOKED), [found[-1].position])
            return len([position for position in read if position > head])

    def _put(self, conn: Connection[DictRow], event: Event) -> None:
        match event.fact:
            case LetterReleased() as fact:
                conn.execute(self._sql(_ADD), [UUID(fact.dispatch), event.stream, fact.letter, fact.method])
            case LetterTakenUpAgain(had_gone=False, dispatch=None) as fact:
                conn.execute(self._sql(_AGAIN), [event.stream, fact.letter])
            case LetterTakenUpAgain() as fact:
                conn.execute(self._sql(_OVER_WITH), [event.stream, fact.letter])
                if fact.dispatch is not None:
                    conn.execute(self._sql(_ADD_ANEW), [UUID(fact.dispatch), event.stream, fact.letter])
            case _:
                raise TypeError("the log gave something that was not asked for")

    # Carrying them

    def due(self, limit: int) -> Sequence[Sending]:
        """What is to be carried, wondered about or told by now; at most `limit` of each state and way of sending."""
        return [_sending(row) for row in self._rows(_DUE, limit)]

    def parked(self) -> Sequence[Sending]:
        """What waits for a person, by case."""
        return [_sending(row) for row in self._rows(_PARKED)]

    def next_in(self) -> float | None:
        """Seconds until something is due; None when nothing is left to do."""
        ((seconds,),) = self._rows(_NEXT)
        return None if seconds is None else float(seconds)

    def begin(self, dispatch: str, carrier: str, sender: str, longest: float) -> bool:
        """Note that the carrier is asked next; False when somebody else does. After `longest` seconds it is over."""
        return self._change(_BEGIN, carrier, sender, longest, UUID(dispatch))

    def handed(self, dispatch: str, sent_at: datetime) -> None:
        """Note that the carrier has it since then."""
        self._change(_HANDED, sent_at, UUID(dispatch))

    def later(self, dispatch: str, seconds: float) -> None:
        """Note that it is tried, or told, again."""
        self._change(_LATER, seconds, UUID(dispatch))

    def put_off(self, sending: Sending, seconds: float) -> None:
        """Note that it is looked at again later; nothing happens when the row has moved on since."""
        self._change(_PUT_OFF, seconds, UUID(sending.dispatch), sending.state)

    def trouble(self, dispatch: str, because: LetterTrouble) -> None:
        """Note that a person has to look."""
        self._change(_TROUBLE, because, UUID(dispatch))

    def told(self, sending: Sending, state: str) -> None:
        """Note that the case knows; nothing happens when the row has moved on since."""
        self._change(_TOLD, state, UUID(sending.dispatch), sending.state)

    # Asking

    def carried(self, dispatch: str) -> Carried | None:
        """Which letter goes, or went, under this name; None for one that is not ours."""
        try:
            rows = self._rows(_BY_DISPATCH, UUID(dispatch))
        except ValueError:
            return None
        for case, letter, method, state in rows:
            return Carried(CaseId(case), letter, DeliveryMethod(method), state)
        return None

    def counts(self) -> Mapping[str, int]:
        """How many letters are on their way, or wait for a person, by state."""
        return dict(self._rows(_COUNTS))

    def _change(self, statement: LiteralString, *params: object) -> bool:
        return self._server.run(lambda conn: conn.execute(self._sql(statement), params).rowcount) > 0

    def _rows(self, statement: LiteralString, *params: object) -> list[tuple[Any, ...]]:
        query = self._sql(statement)
        return self._server.run(lambda conn: conn.cursor(row_factory=tuple_row).execute(query, params).fetchall())

    def _sql(self, statement: LiteralString) -> bytes:
        return SQL(statement).format(schema=self._schema).as_bytes(None)


def _sending(row: tuple[Any, ...]) -> Sending:
    dispatch, case, letter, method, state, attempts, carrier, sent_at, because = row
    return Sending(
        dispatch=dispatch,
        case=CaseId(case),
        letter=letter,
        method=DeliveryMethod(method),
        state=state,
        attempts=attempts,
        carrier=carrier,
        sent_at=sent_at,
        because=None if because is None else LetterTrouble(because),
    )
