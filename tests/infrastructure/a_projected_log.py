"""A landlord's log with its read models, and what their rows would be if every case were folded afresh."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent

from domain.codes import SubjectId
from domain.events import Event
from infrastructure.engine.fold_cache import FoldCache
from infrastructure.engine.keeper import Keeper
from infrastructure.engine.projecting import project
from infrastructure.engine.projection_tables import ProjectionTable, Values
from infrastructure.engine.projector import Projector
from infrastructure.event_store import LandlordRecorder, Save
from infrastructure.mapper import Mapper
from infrastructure.postgres.leading import connected
from infrastructure.postgres.server import PostgresServer
from infrastructure.reads import Reads
from projections import ALL
from projections.view import View
from tests.golden.corpus import golden_sealing
from tests.histories import History, case_of
from tests.infrastructure.a_log import SetClock, a_log

Rows = dict[str, list[dict[str, Any]]]


class ProjectedLog:
    """One landlord's log and read models, with sealing by the committed test key."""

    def __init__(self, recorder: LandlordRecorder, views: Sequence[View[Any]] = ALL) -> None:
        self.recorder = recorder
        self.server: PostgresServer = recorder.server
        self.sealing = golden_sealing()
        self.mapper = Mapper(self.sealing)
        self.projector = Projector(recorder, self.mapper.decode, views)
        self.projector.prepare()

    @cached_property
    def reads(self) -> Reads:
        """What the read models answer, when they are those of this release."""
        return Reads(self.projector, case_of)

    def append(self, events: Sequence[Event]) -> int:
        """The position of the last of these events of one case."""
        person = SubjectId(str(events[0].stream))
        stored = self.mapper.encode(events, lambda _: person)
        return self.recorder.append(Save(stored)).last_position

    def append_whole(self, *histories: History) -> int:
        """The position of the last event of the last of these histories."""
        return [self.append(history.events) for history in histories][-1]

    def append_unknown(self, history: History, version: int | None = None) -> int:
        """The position of a fact in this case that only a later release knows."""
        event = StoredEvent(UUID(history.case), version or len(history.events) + 1, "FactOfTomorrow", b"SECRET")
        return self.recorder.append(Save([event])).last_position

    def keeper(self, owner: str = "test") -> Keeper:
        """Somebody who keeps what is read, with nothing remembered."""
        return Keeper(self.projector, owner, FoldCache())

    def catch_up(self, owner: str = "test") -> None:
        """Everything that a follower would do until it has nothing to do."""
        keeper = self.keeper(owner)
        with connected(self.server.dsn, "test") as conn:
            keeper.claim(conn)
            while keeper.advance(conn):
                pass

    def tables(self) -> dict[str, ProjectionTable[Any]]:
        """The tables that are read, by view."""
        with psycopg.connect(self.server.dsn, autocommit=True) as conn:
            builds = self.projector.builds.all(conn)
        read = [build for build in builds if build.serving and self.projector.computes(build)]
        return {build.projection: self.projector.table_of(build) for build in read}

    def stored(self) -> Rows:
        """All rows there are, by view."""
        with psycopg.connect(self.server.dsn) as conn:
            return {
                name: plain(table, [*table.of_cases(conn, self.cases()), *table.unfounded(conn)])
                for name, table in self.tables().items()
            }

    def fresh(self) -> Rows:
        """The rows that folding every case afresh gives, up to what cannot be told."""
        tables = self.tables()
        rows: dict[str, list[Values]] = {name: [] for name in tables}
        for case in self.cases():
            projected = project(self.projector.views, self.recorder.read_stream(UUID(case)), self.mapper.decode)
            for name, found in projected.rows.items():
                assert found is not None
                rows[name] += [tables[name].values(row) for row in found]
        return {name: plain(table, rows[name]) for name, table in tables.items()}

    def cases(self) -> list[str]:
        """Every stream of the log."""
        return sorted({str(row.stream) for row in self.recorder.read_log(0, 1_000_000)})

    def is_up_to_date(self) -> bool:
        """Whether what is read is at the head, and its rows are those of a fresh fold and no more."""
        return self.projector.position() == self.recorder.head().position and self.stored() == self.fresh()


@contextmanager
def a_projected_log(
    dsn: str, landlord: str = "elm", *, clock: SetClock | None = None, views: Sequence[View[Any]] = ALL
) -> Iterator[ProjectedLog]:
    """The log of a landlord whose schema exists afterwards, with its read models, over a pool of its own."""
    with a_log(dsn, landlord, clock) as recorder:
        yield ProjectedLog(recorder, views)


def plain(table: ProjectionTable[Any], rows: Iterable[Values]) -> list[dict[str, Any]]:
    """Rows by column, what is structured as it reads, in the order of the key."""
    told = [
        dict(
            zip(table.columns, (json.loads(value) if isinstance(value, bytes) else value for value in row), strict=True)
        )
        for row in rows
    ]
    return sorted(told, key=lambda row: [row[column] for column in table.view.key])
