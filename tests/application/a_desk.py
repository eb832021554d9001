"""A landlord that has just begun, with one manager in post, on whichever log a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from application.desk import Desk
from application.founding import found
from application.memory import MemoryLog
from application.ports import EventLog, Known, Receipt, RequestKey
from application.streams import landlord_stream
from domain.codes import Channel, StaffId, SubjectId
from domain.decisions.intake import LogContact
from domain.decisions.landlord import AppointPost
from domain.events import SYSTEM, Event
from domain.personal import Personal
from infrastructure.key_files import FileKeys
from infrastructure.keyring import migrate_keys
from infrastructure.office import Office, mint_event_id
from infrastructure.policy_shelf import LandlordPolicies
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.server import PostgresServer
from tests.policies import baseline_file, policy_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MAIDSTONE = "maidstone"
MANAGER = StaffId("2f6b0a52-2a0c-4df0-9f0c-8d3c4f1c9b11")
TENANT = SubjectId("7a5d2d5e-6f0a-4c83-bb9b-0a7f6f6f1a01")


@dataclass
class HandsOnAClock:
    """A clock that stands still until it is set."""

    at: datetime = NOON

    def now(self) -> datetime:
        """The time it was set to."""
        return self.at


@dataclass
class World:
    """A desk, and what it stands on."""

    desk: Desk
    log: EventLog
    clock: HandsOnAClock
    policies: LandlordPolicies

    def on(self, log: EventLog) -> Desk:
        """Another desk of the same landlord, on another way to its log."""
        return Desk(MAIDSTONE, log, self.policies, self.clock, mint_event_id)


def maidstones_policies() -> LandlordPolicies:
    """The one policy of Maidstone."""
    file = policy_file(MAIDSTONE)
    return LandlordPolicies(baseline_file(), {file.effective: file})


def begun(log: EventLog, clock: HandsOnAClock) -> World:
    """The landlord set up, and the manager appointed."""
    policies = maidstones_policies()
    found(MAIDSTONE, log, policies, clock, mint_event_id, demonstration=False)
    world = World(Desk(MAIDSTONE, log, policies, clock, mint_event_id), log, clock, policies)
    world.desk.manage(AppointPost(role="manager", staff=MANAGER, starts_on=date(2026, 1, 1)), SYSTEM)
    return world


def in_memory() -> World:
    """On a log in memory."""
    clock = HandsOnAClock()
    return begun(MemoryLog(clock), clock)


@contextmanager
def on_postgres(dsn: str, folder: Path) -> Iterator[World]:
    """On a real log, with real keys under `folder`."""
    for outcomes in (migrate(dsn, [MAIDSTONE]), migrate_keys(dsn, [MAIDSTONE])):
        assert outcomes[MAIDSTONE].failure is None, outcomes[MAIDSTONE].failure
    FileKeys.set_up(folder, MAIDSTONE)
    clock = HandsOnAClock()
    with PostgresServer(dsn, connections=20) as server:
        office = Office.of(MAIDSTONE, clock, maidstones_policies(), folder, server, server)
        yield begun(office.log, clock)
        server.close()


def a_call(summary: str = "Asked when the plumber comes.", **more: object) -> LogContact:
    """The command for a telephone call that has just ended."""
    return LogContact.model_validate({"channel": Channel.TELEPHONE, "summary": Personal(summary), **more})


def asked(key: str, body: bytes = b"mac of the body") -> RequestKey:
    """A request under a key."""
    return RequestKey("phone room", key, body)


def landlords_own() -> str:
    """The landlord's own stream."""
    return landlord_stream(MAIDSTONE)


@dataclass
class Interrupted:
    """The same log, seen by somebody to whom things happen just before they append, or once before they read."""

    log: EventLog
    before_append: Callable[[], object]
    times: int = 1
    before_reading: Callable[[], object] | None = None
    offered: list[list[Event]] = field(default_factory=list)

    def append(
        self,
        events: Sequence[Event],
        *,
        request: RequestKey | None = None,
        answer: Mapping[str, object] | None = None,
        unchanged: Mapping[str, int] | None = None,
    ) -> Receipt:
        """Let it happen, as often as it is to; then append."""
        self.offered.append(list(events))
        if len(self.offered) <= self.times:
            self.before_append()
        return self.log.append(events, request=request, answer=answer, unchanged=unchanged)

    def accepted(self, request: RequestKey) -> Receipt | None:
        """As the log itself."""
        return self.log.accepted(request)

    def history(self, stream: str, *, since: int = 1, upto: int | None = None) -> list[Event]:
        """Let it happen, the first time; then read."""
        self._happens()
        return self.log.history(stream, since=since, upto=upto)

    def known(self, stream: str) -> tuple[Known | None, list[Event]]:
        """Let it happen, the first time; then read."""
        self._happens()
        return self.log.known(stream)

    def write_down(self, known: Known) -> None:
        """As the log itself."""
        self.log.write_down(known)

    def _happens(self) -> None:
        happens, self.before_reading = self.before_reading, None
        if happens is not None:
            happens()

    def after(self, position: int, limit: int) -> list[Event]:
        """As the log itself."""
        return self.log.after(position, limit)

    def head(self) -> int:
        """As the log itself."""
        return self.log.head()

    def position_at(self, instant: datetime) -> int:
        """As the log itself."""
        return self.log.position_at(instant)
