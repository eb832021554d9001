"""An empty log for a test to write to, the facts to write, and a clock that goes where the test says."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent

from infrastructure.event_store import LandlordRecorder, Request
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.server import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class SetClock:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time it was set to."""
        return self.now


@contextmanager
def a_log(dsn: str, landlord: str = "elm", clock: SetClock | None = None) -> Iterator[LandlordRecorder]:
    """The log of a landlord whose schema exists afterwards, over a pool of its own."""
    outcome = migrate(dsn, [landlord])[landlord]
    assert outcome.failure is None, outcome.failure
    with PostgresServer(dsn) as server:
        yield LandlordRecorder(server, landlord, clock or SetClock())
        server.close()


def fact(stream: UUID, version: int, state: bytes = b"state") -> StoredEvent:
    """One fact of a stream."""
    return StoredEvent(stream, version, "contact_logged", state)


def facts(count: int, stream: UUID | None = None, first: int = 1) -> list[StoredEvent]:
    """The next facts of a stream, or the first ones of a new stream."""
    chosen = stream or uuid4()
    return [fact(chosen, version) for version in range(first, first + count)]


def asked(key: str, body: bytes = b"mac of the body", caller: str = "phone room") -> Request:
    """A request, with an answer that JSON must bring back unchanged."""
    return Request(caller, key, body, {"case": "c-1", "steps": [1, None, "ž"], "open": True})
