"""The endpoints of one landlord: where they are, what they want, their secrets, and everything that people did to them.

A secret is sealed under the landlord's wrapping key and shown once. Each act goes on record in the transaction that
does it, with who did it and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, LiteralString, TypeVar
from uuid import UUID, uuid4

from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Json

from infrastructure.downstream.webhooks.records import (
    BY_HAND,
    Act,
    Behind,
    Delivery,
    Endpoint,
    LiveSecret,
    NewEndpoint,
    NoSuchEndpoint,
    NotNow,
    WebhookTask,
)
from infrastructure.downstream.webhooks.sealed_secrets import SealedSecrets
from infrastructure.downstream.webhooks.signing import Scheme, Secret
from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection
    from psycopg.rows import DictRow

    from infrastructure.key_files import LandlordKeys
    from infrastructure.postgres.server import PostgresServer

T = TypeVar("T")

_FIELDS: Final = """endpoint::text, subscriber, url, types, schemas, state, because, created_at, changed_at, position,
        failing_since, start_over::text, changes, secret"""

_ALL: Final = f"SELECT {_FIELDS} FROM {{schema}}.webhook WHERE state <> 'deleted' ORDER BY created_at, endpoint"  # noqa: S608
_ACTIVE: Final = f"SELECT {_FIELDS} FROM {{schema}}.webhook WHERE state = 'active'"  # noqa: S608 - our own words
# One of them; whoever changes it waits for whoever does so already.
_ONE: Final = f"SELECT {_FIELDS} FROM {{schema}}.webhook WHERE endpoint = %s AND state <> 'deleted'"  # noqa: S608

_ADD: Final = """
    INSERT INTO {schema}.webhook (endpoint, subscriber, url, types, schemas, state, created_at, changed_at, position)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_RECORD: Final = """
    INSERT INTO {schema}.webhook_act (at, endpoint, act, actor, why, detail) VALUES (%s, %s, %s, %s, %s, %s)
"""
_STATE: Final = """
    UPDATE {schema}.webhook SET state = %s, because = %s, changed_at = %s, changes = changes + 1, owner = NULL
    WHERE endpoint = %s
"""

# From its place on: parked cases from their first event that was not taken, and all of them now.
_GO_ON: Final = """
    UPDATE {schema}.webhook_case SET tries = 0, since = %s, next_at = %s, parked = false WHERE endpoint = %s
"""
_WELL_AGAIN: Final = "UPDATE {schema}.webhook SET failing_since = NULL WHERE endpoint = %s"

# From the head of the log on; the receiver is told first that it has to read the present state.
_HEAD_NOW: Final = (
    "UPDATE {schema}.webhook SET position = %s, start_over = %s, failing_since = NULL WHERE endpoint = %s"
)
_NO_CASES: Final = "DELETE FROM {schema}.webhook_case WHERE endpoint = %s"

# How many cases of each endpoint are behind, and how many of these wait for a person.
_BEHIND: Final = """
    SELECT endpoint::text, count(*)::int AS waiting, (count(*) FILTER (WHERE parked))::int AS parked
    FROM {schema}.webhook_case WHERE case_id <> '' GROUP BY endpoint
"""
_PARKED: Final = """
    SELECT endpoint::text, subscriber, case_id, webhook_case.position, event, since
    FROM {schema}.webhook_case JOIN {schema}.webhook USING (endpoint) WHERE parked AND state = 'active'
    ORDER BY since, case_id
"""
_CASES: Final = """
    SELECT case_id, position, event, tries, since, next_at, parked FROM {schema}.webhook_case
    WHERE endpoint = %s AND case_id <> '' ORDER BY parked DESC, since, case_id LIMIT %s
"""
_ACTS: Final = """
    SELECT number, at, act, actor, why, detail FROM {schema}.webhook_act
    WHERE endpoint = %s AND number < %s ORDER BY number DESC LIMIT %s
"""
_DELIVERIES: Final = """
    SELECT number, at, event, type, case_id AS case, position, tries, outcome, status, took_ms
    FROM {schema}.webhook_delivery WHERE endpoint = %s AND number < %s ORDER BY number DESC LIMIT %s
"""


class Endpoints:
    """The endpoints in one landlord's schema. Safe to share between threads; `now` gives the present instant."""

    def __init__(self, server: PostgresServer, landlord: str, keys: LandlordKeys, now: Callable[[], datetime]) -> None:
        self.channel = f"{schema_of(landlord)}_webhooks"  # rings when something was done to one of them
        self._server = server
        self._schema = Identifier(schema_of(landlord))
        self._sealed = SealedSecrets(landlord, keys)
        self._now = now

    # Asking

    def all(self) -> list[Endpoint]:
        """Those that were not deleted, the oldest first."""
        return [_endpoint(row) for row in self._rows(_ALL)]

    def active(self) -> list[Endpoint]:
        """Those that events are brought to."""
        return [_endpoint(row) for row in self._rows(_ACTIVE)]

    def one(self, endpoint: str) -> Endpoint:
        """One of them. Raises `NoSuchEndpoint`."""
        for row in self._rows(_ONE, _uuid(endpoint)):
            return _endpoint(row)
        raise NoSuchEndpoint

    def behind(self) -> Mapping[str, tuple[int, int]]:
        """By endpoint: how many cases it is behind on, and how many of these are parked."""
        return {row["endpoint"]: (row["waiting"], row["parked"]) for row in self._rows(_BEHIND)}

    def cases(self, endpoint: str, limit: int = 100) -> list[Behind]:
        """The cases that one endpoint is behind on, parked ones first."""
        return [Behind(**row) for row in self._rows(_CASES, _uuid(endpoint), limit)]

    def acts(self, endpoint: str, limit: int, before: int = 2**62) -> list[Act]:
        """What was done to one endpoint, the latest first; also to one that was deleted. Raises `NoSuchEndpoint`."""
        found = [Act(**row) for row in self._rows(_ACTS, _uuid(endpoint), before, limit)]
        if not found and not self._rows(_ACTS, _uuid(endpoint), 2**62, 1):
            raise NoSuchEndpoint
        return found

    def deliveries(self, endpoint: str, limit: int, before: int = 2**62) -> list[Delivery]:
        """What was tried, the latest first."""
        return [Delivery(**row) for row in self._rows(_DELIVERIES, _uuid(endpoint), before, limit)]

    def open_tasks(self, now: datetime) -> list[WebhookTask]:
        """What a person has to look at, as of now: parked cases, and endpoints that were disabled by the service."""
        disabled = [
            WebhookTask(
                endpoint=one.endpoint,
                subscriber=one.subscriber,
                kind="disabled",
                because=one.because,
                since=min(one.changed_at, now),
            )
            for one in self.all()
            if one.because is not None and one.because != BY_HAND
        ]
        parked = [
            WebhookTask(
                endpoint=row["endpoint"],
                subscriber=row["subscriber"],
                kind="parked",
                because="tries_used_up",
                since=row["since"],
                case=row["case_id"],
                position=row["position"],
                event=row["event"],
            )
            for row in self._rows(_PARKED)
        ]
        return [*disabled, *parked]

    def secrets(self, endpoint: str) -> list[LiveSecret]:
        """What its calls are signed with now, the newest first. Raises `KeysRefused`."""
        which, now = _uuid(endpoint), self._now()
        return self._server.run(lambda conn: self._sealed.live(conn, which, now))

    # Acting

    def register(self, new: NewEndpoint, actor: str, why: str) -> tuple[Endpoint, Secret]:
        """Add an endpoint; with its first secret."""
        endpoint, secret, now = str(uuid4()), Secret.fresh(new.scheme), self._now()
        listed = None if new.types is None else sorted(new.types)

        def add(conn: Connection[DictRow]) -> None:
            state = "active" if new.confirmed else "unconfirmed"
            schemas = Json(dict(new.schemas))
            params = [UUID(endpoint), new.subscriber, new.url, listed, schemas, state, now, now, new.position]
            conn.execute(self._sql(_ADD), params)
            self._sealed.add(conn, UUID(endpoint), 1, secret)
            detail = {
                "subscriber": new.subscriber,
                "signature": new.scheme,
                "position": new.position,
                "confirmed": new.confirmed,
            }
            self._record(conn, endpoint, "registered", (actor, why), detail)

        self._within(add)
        return self.one(endpoint), secret

    def rotate(
        self, endpoint: str, scheme: Scheme | None, keep: timedelta, actor: str, why: str
    ) -> tuple[Secret, datetime]:
        """A new secret, of the same scheme unless one is given, and until when those before it sign beside it.

        Raises `NoSuchEndpoint`.
        """
        now = self._now()
        until = now + keep

        def rotate(conn: Connection[DictRow]) -> Secret:
            found = self._locked(conn, endpoint)
            which = UUID(found.endpoint)
            secret = Secret.fresh(scheme or self._sealed.scheme(conn, which, found.secret))
            self._sealed.end(conn, which, until, now)
            self._sealed.add(conn, which, found.secret + 1, secret)
            detail = {"signature": secret.scheme, "old_until": until.isoformat()}
            self._record(conn, found.endpoint, "rotated", (actor, why), detail)
            return secret

        return self._within(rotate), until

    def confirm(self, endpoint: str, actor: str, why: str | None) -> None:
        """Its receiver agreed. Nothing happens unless it still had to. Raises `NoSuchEndpoint`."""

        def confirm(conn: Connection[DictRow]) -> None:
            if self._locked(conn, endpoint).state == "unconfirmed":
                conn.execute(self._sql(_STATE), ["active", None, self._now(), UUID(endpoint)])
                self._record(conn, endpoint, "confirmed", (actor, why))

        self._within(confirm)

    def disable(self, endpoint: str, because: str, actor: str, why: str | None, *, changes: int | None = None) -> None:
        """Bring it no more events; it keeps its place. Raises `NoSuchEndpoint`, `NotNow` for an unconfirmed one.

        With `changes`, only while nobody did anything to it since it had so many.
        """

        def disable(conn: Connection[DictRow]) -> None:
            found = self._locked(conn, endpoint)
            if changes is not None and (found.changes, found.state) != (changes, "active"):
                return
            if found.state == "unconfirmed":
                raise NotNow("Nothing is brought to this endpoint yet; delete it if it is not wanted.")
            conn.execute(self._sql(_STATE), ["disabled", because, self._now(), UUID(endpoint)])
            self._record(conn, endpoint, "disabled", (actor, why), {"because": because})

        self._within(disable)

    def resume(self, endpoint: str, actor: str, why: str) -> None:
        """Go on from its place, with whatever was parked. Raises `NoSuchEndpoint`, `NotNow` for an unconfirmed one."""

        def resume(conn: Connection[DictRow]) -> None:
            self._refuse_unconfirmed(conn, endpoint)
            now = self._now()
            conn.execute(self._sql(_STATE), ["active", None, now, UUID(endpoint)])
            conn.execute(self._sql(_WELL_AGAIN), [UUID(endpoint)])
            conn.execute(self._sql(_GO_ON), [now, now, UUID(endpoint)])
            self._record(conn, endpoint, "resumed", (actor, why))

        self._within(resume)

    def start_over(self, endpoint: str, head: int, actor: str, why: str) -> None:
        """Go on from the head of the log; the receiver is told to read the present state first, and nothing before."""

        def start_over(conn: Connection[DictRow]) -> None:
            found = self._refuse_unconfirmed(conn, endpoint)
            conn.execute(self._sql(_STATE), ["active", None, self._now(), UUID(endpoint)])
            conn.execute(self._sql(_HEAD_NOW), [head, uuid4(), UUID(endpoint)])
            conn.execute(self._sql(_NO_CASES), [UUID(endpoint)])
            detail = {"from": found.position, "to": head}
            self._record(conn, endpoint, "started_over", (actor, why), detail)

        self._within(start_over)

    def delete(self, endpoint: str, actor: str, why: str) -> None:
        """Bring it nothing more and destroy its secrets; what was done and tried stays. Raises `NoSuchEndpoint`."""

        def delete(conn: Connection[DictRow]) -> None:
            self._locked(conn, endpoint)
            conn.execute(self._sql(_STATE), ["deleted", None, self._now(), UUID(endpoint)])
            conn.execute(self._sql(_NO_CASES), [UUID(endpoint)])
            self._sealed.destroy(conn, UUID(endpoint))
            self._record(conn, endpoint, "deleted", (actor, why))

        self._within(delete)

    def tested(self, endpoint: str, actor: str, why: str | None, outcome: str) -> None:
        """Note that a test call was made."""
        self._within(lambda conn: self._record(conn, endpoint, "tested", (actor, why), {"outcome": outcome}))

    def _record(
        self,
        conn: Connection[DictRow],
        endpoint: str,
        act: str,
        by: tuple[str, str | None],
        detail: Mapping[str, object] | None = None,
    ) -> None:
        params = [self._now(), UUID(endpoint), act, *by, None if detail is None else Json(dict(detail))]
        conn.execute(self._sql(_RECORD), params)

    def _locked(self, conn: Connection[DictRow], endpoint: str) -> Endpoint:
        for row in conn.execute(self._sql(_ONE + " FOR UPDATE"), [_uuid(endpoint)]):
            return _endpoint(row)
        raise NoSuchEndpoint

    def _refuse_unconfirmed(self, conn: Connection[DictRow], endpoint: str) -> Endpoint:
        found = self._locked(conn, endpoint)
        if found.state == "unconfirmed":
            raise NotNow("Its receiver has not agreed yet: make a test call, which it has to take.")
        return found

    def _within(self, work: Callable[[Connection[DictRow]], T]) -> T:
        def whole(conn: Connection[DictRow]) -> T:
            with conn.transaction():
                return work(conn)

        done = self._server.run(whole)
        self._server.wake_ups.ring(self.channel)
        return done

    def _rows(self, statement: LiteralString, *params: object) -> Sequence[DictRow]:
        query = self._sql(statement)
        return self._server.run(lambda conn: conn.cursor(row_factory=dict_row).execute(query, params).fetchall())

    def _sql(self, statement: LiteralString) -> bytes:
        return SQL(statement).format(schema=self._schema).as_bytes(None)


def _endpoint(row: DictRow) -> Endpoint:
    return Endpoint(**{**row, "types": None if row["types"] is None else frozenset(row["types"])})


def _uuid(endpoint: str) -> UUID:
    try:
        found = UUID(endpoint)
    except ValueError:
        raise NoSuchEndpoint from None
    if str(found) != endpoint:  # another spelling of the same id is not an id that we gave
        raise NoSuchEndpoint
    return found
