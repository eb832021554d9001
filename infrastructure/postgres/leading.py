"""Who leads: of several processes on one server, one alone works at each landlord's read models, letters or events.

A lead is an advisory lock of the session. It lasts as long as its connection, so that whoever dies leaves it to the
next; keep a connection of one's own for it, for one that goes back to a pool keeps its locks.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from psycopg.rows import tuple_row

from infrastructure.postgres.straight import StraightConnection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

_LEAD: Final = """
    SELECT schema FROM unnest(%s::text[]) AS schema
    WHERE pg_try_advisory_lock(hashtextextended('evenhand ' || %s || ' of ' || schema, 0))
"""
_YIELD: Final = "SELECT pg_advisory_unlock(hashtextextended('evenhand ' || %s || ' of ' || %s, 0))"


def take_the_lead(conn: Connection[Any], work: str, schemas: Sequence[str]) -> list[str]:
    """Those of these landlords' schemas in whose `work` nobody else leads; from now on, whoever holds `conn` does.

    Ask also for none: a connection that is gone, and the locks with it, is noticed by that.
    """
    free = conn.cursor(row_factory=tuple_row).execute(_LEAD, [list(schemas), work]).fetchall()
    return [schema for (schema,) in free]


def yield_the_lead(conn: Connection[Any], work: str, schema: str) -> None:
    """Leave one landlord's `work` to whoever asks next."""
    conn.execute(_YIELD, [work, schema])


def owner_name() -> str:
    """A name for one keeper of builds that no other has: host, process and a few random characters."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


def connected(dsn: str, name: str, patience: int = 10) -> Connection[Any]:
    """A connection of one's own, on which neither another's lock nor a server that is gone keeps one for ever.

    `patience` is for locks, in seconds. Either end finds within a minute that the other's machine is gone, so that the
    server lets its advisory locks go.
    """
    return StraightConnection.connect(
        dsn,
        autocommit=True,
        application_name=name,
        connect_timeout=10,
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        tcp_user_timeout=60_000,
        client_encoding="utf8",
        options="-c TimeZone=UTC -c default_transaction_isolation=read\\ committed"
        " -c idle_in_transaction_session_timeout=30s -c statement_timeout=60s"
        " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
        f" -c lock_timeout={patience}s",
    )
