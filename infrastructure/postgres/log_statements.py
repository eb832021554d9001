"""The SQL of one landlord's log, spelled out once for its schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg.sql import SQL, Identifier

if TYPE_CHECKING:
    from typing import LiteralString

# Appends saves, in one transaction and each of them whole or not at all: migrations 0004 and 0011 say how.
_APPEND = """
    SELECT before, instant, refused FROM {schema}.append(
        $1::timestamptz, $2::uuid[], $3::bigint[], $4::text[], $5::bytea[],
        $6::integer[], $7::integer[], $8::text[], $9::text[], $10::bytea[], $11::text[],
        $12::integer[], $13::uuid[], $14::bigint[])
"""

# Which of these places in streams are taken, the earliest written first.
_TAKEN = """
    SELECT stream, version
    FROM {schema}.event JOIN unnest(%b::uuid[], %b::bigint[]) AS wanted (stream, version)
        USING (stream, version)
    ORDER BY position LIMIT 1
"""

# Which of these streams went beyond the version given.
_GONE_ON = """
    SELECT rest.stream, rest.version FROM unnest(%b::uuid[], %b::bigint[]) AS rest (stream, version)
    CROSS JOIN LATERAL (
        SELECT FROM {schema}.event WHERE event.stream = rest.stream AND event.version > rest.version LIMIT 1
    ) AS later
    LIMIT 1
"""

# The request a caller made under a key, as it was accepted.
_FIND_REQUEST = """
    SELECT caller, key, body_mac, first_position, last_position, answer, recorded_at
    FROM {schema}.request WHERE caller = %s AND key = %s
"""

# The history of one stream from a version on, as far as it was known at a position.
_READ_STREAM = """
    SELECT stream::text, version, type, position, recorded_at, state
    FROM {schema}.event WHERE stream = %b AND version >= %b AND position <= %b ORDER BY version
"""

# A page of the log.
_READ_LOG = """
    SELECT stream::text, version, type, position, recorded_at, state
    FROM {schema}.event WHERE position > %b ORDER BY position LIMIT %b
"""

# How far the log goes.
_HEAD = "SELECT position, recorded_at FROM {schema}.head"

# The last position written at or before an instant. Positions have no gap and their times never decrease,
# so halving the log finds it through the index on positions, and appends pay for no index on times.
_POSITION_AT = """
    WITH RECURSIVE search (low, high) AS (
        SELECT 0::bigint, position FROM {schema}.head
        UNION ALL
        SELECT CASE WHEN middle.recorded_at <= %(instant)s THEN middle.position ELSE low END,
               CASE WHEN middle.recorded_at <= %(instant)s THEN high ELSE middle.position - 1 END
        FROM search CROSS JOIN LATERAL (
            SELECT position, recorded_at FROM {schema}.event
            WHERE position = (low + high + 1) / 2 OFFSET 0
        ) AS middle
        WHERE low < high
    )
    SELECT low FROM search WHERE low = high
"""

# A slice of one stream by versions, in either order (the event-sourcing library's interface).
_SELECT_EVENTS = """
    SELECT stream, version, type, state
    FROM {schema}.event WHERE stream = %b AND version > %b AND version <= %b
    ORDER BY version {order} LIMIT %b
"""

# A slice of the log by positions (the event-sourcing library's interface).
_SELECT_NOTIFICATIONS = """
    SELECT stream, version, type, state, position
    FROM {schema}.event WHERE position >= %b AND position <= %b
    ORDER BY position LIMIT %b
"""

# The same for some types only.
_SELECT_NOTIFICATIONS_OF_TYPES = """
    SELECT stream, version, type, state, position
    FROM {schema}.event WHERE position >= %b AND position <= %b AND type = ANY(%b::text[])
    ORDER BY position LIMIT %b
"""

# Remembers the file behind a policy, unless one is known already.
_REMEMBER_POLICY = """
    INSERT INTO {schema}.policy_identity (landlord, effective, sha256, first_seen)
    VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""

# The file a policy is known by.
_KNOWN_POLICY = "SELECT sha256, first_seen FROM {schema}.policy_identity WHERE landlord = %s AND effective = %s"


@dataclass(frozen=True, slots=True)
class LogStatements:
    """Each statement of the log as the bytes to send, with one landlord's schema filled in."""

    append: bytes
    taken: bytes
    gone_on: bytes
    find_request: bytes
    read_stream: bytes
    read_log: bytes
    head: bytes
    position_at: bytes
    select_events: bytes
    select_events_backwards: bytes
    select_notifications: bytes
    select_notifications_of_types: bytes
    remember_policy: bytes
    known_policy: bytes


def log_statements(schema: str) -> LogStatements:
    """The statements of the log kept in ``schema``."""

    def filled(statement: LiteralString, **parts: SQL) -> bytes:
        return SQL(statement).format(schema=Identifier(schema), **parts).as_bytes(None)

    return LogStatements(
        append=filled(_APPEND),
        taken=filled(_TAKEN),
        gone_on=filled(_GONE_ON),
        find_request=filled(_FIND_REQUEST),
        read_stream=filled(_READ_STREAM),
        read_log=filled(_READ_LOG),
        head=filled(_HEAD),
        position_at=filled(_POSITION_AT),
        select_events=filled(_SELECT_EVENTS, order=SQL("ASC")),
        select_events_backwards=filled(_SELECT_EVENTS, order=SQL("DESC")),
        select_notifications=filled(_SELECT_NOTIFICATIONS),
        select_notifications_of_types=filled(_SELECT_NOTIFICATIONS_OF_TYPES),
        remember_policy=filled(_REMEMBER_POLICY),
        known_policy=filled(_KNOWN_POLICY),
    )
