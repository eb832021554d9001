"""The event-sourcing library's own conformance suites, run against a landlord's log."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from eventsourcing import cryptography

from infrastructure.event_store import LandlordRecorder
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.server import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eventsourcing.persistence import StoredEvent

# The module of the suites imports a cipher from a package that we do not use, for other suites than these.
# The library carries a second cipher of the same name and interface, from a package that we do use.
with pytest.MonkeyPatch.context() as stand_in:
    stand_in.setitem(sys.modules, "eventsourcing.cipher", cryptography)
    from eventsourcing.tests.persistence import (
        AggregateRecorderTestCase,
        ApplicationRecorderTestCase,
        NonInterleavingNotificationIDsBaseCase,
        RecorderTestCase,
    )


class StreamsOnly(LandlordRecorder):
    """The log seen as a recorder of streams alone, which by the library's contract gives out no positions."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        """Append, and say nothing of where."""
        super().insert_events(stored_events, **kwargs)


class OnALandlordsLog(RecorderTestCase):
    """Gives each test of a suite an empty log of its own."""

    @pytest.fixture(autouse=True)
    def landlord(self, database: str) -> Iterator[None]:
        """An empty log on a fresh database."""
        assert migrate(database, ["conformance"])["conformance"].failure is None
        with PostgresServer(database) as server:
            self.server = server
            yield
            server.close()

    def create_recorder(self) -> LandlordRecorder:
        """The recorder under test."""
        return LandlordRecorder(self.server, "conformance", clock=lambda: datetime.now(UTC))


class TestStreams(OnALandlordsLog, AggregateRecorderTestCase):
    """A landlord's log records streams as the library means it."""

    def create_recorder(self) -> LandlordRecorder:
        """The recorder under test, without positions."""
        return StreamsOnly(self.server, "conformance", clock=lambda: datetime.now(UTC))


class TestLog(OnALandlordsLog, ApplicationRecorderTestCase[LandlordRecorder]):
    """A landlord's log is an ordered log as the library means it."""

    def test_insert_subscribe(self) -> None:
        """The suite leaves subscriptions to those who have them; we do."""
        self.optional_test_insert_subscribe()


class TestTwoWritersDoNotInterleave(OnALandlordsLog, NonInterleavingNotificationIDsBaseCase):
    """The facts of one save stand together in the log, whoever else writes."""


def test_every_suite_has_run_all_of_its_tests() -> None:
    """A suite that lost its tests in an upgrade, or was collected empty, would pass in silence."""
    told = {
        suite: sorted(name for name in dir(suite) if name.startswith("test"))
        for suite in (TestStreams, TestLog, TestTwoWritersDoNotInterleave)
    }
    assert told == {
        TestStreams: ["test_insert_and_select", "test_performance"],
        TestLog: [
            "test_concurrent_no_conflicts",
            "test_concurrent_throughput",
            "test_insert_select",
            "test_insert_subscribe",
            "test_performance",
        ],
        TestTwoWritersDoNotInterleave: ["test"],
    }
