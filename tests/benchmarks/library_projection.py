"""The peer of the follower: the library's projection of the same facts to the same rows, one event at a time."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

from domain.evolve import HistoryStep
from infrastructure.engine.projection_tables import ProjectionTable
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import LENGTH_BYTES, Mapper
from projections.alert_state import ALERT_STATE, AlertRow
from projections.view import steps_of
from tests.benchmarks.library import LibraryCase, LibraryCases
from tests.golden.corpus import golden_sealing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventsourcing.persistence import Tracking

SCHEMA: Final = "public"  # where the library keeps everything unless told otherwise
TABLE: Final[ProjectionTable[AlertRow]] = ProjectionTable(SCHEMA, ALERT_STATE, 1)
_DELETE: Final = SQL("DELETE FROM {} WHERE case_id = %s").format(TABLE.name)


class AlertRows(PostgresTrackingRecorder):
    """The rows of the alert, with how far they have come, in the library's manner."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        with self.datastore.transaction(commit=True) as cursor:
            for statement in (TABLE.definition(), *TABLE.indexes()):
                cursor.execute(statement)

    def replace(self, case: str, rows: Sequence[AlertRow], tracking: Tracking) -> None:
        """Put the rows of a case in the place of those there were, and note the event: one transaction."""
        with self.datastore.get_connection() as conn, conn.transaction():
            with conn.cursor() as cursor:
                self._insert_tracking(cursor, tracking)
            conn.execute(_DELETE, [case], prepare=True)
            TABLE.insert(conn, [TABLE.values(row) for row in rows])


class Alerts(Projection[AlertRows]):
    """Folds each event onto what it remembers of the case, and writes the case's rows anew."""

    name = "alerts"

    def __init__(self, view: AlertRows) -> None:
        super().__init__(view)
        self._decode = Mapper(golden_sealing()).decode  # reading needs no key
        self._steps: dict[UUID, list[HistoryStep]] = defaultdict(list)

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Take in one event."""
        case = domain_event.originator_id
        steps = self._steps[case]
        if not isinstance(domain_event, LibraryCase.Created):
            event = self._decode(_row(domain_event, tracking.notification_id))
            steps += steps_of([event], steps[-1].after if steps else None)
        self.view.replace(str(case), list(ALERT_STATE.rows(steps)) if steps else [], tracking)


class AlertRunner(ProjectionRunner[LibraryCases, AlertRows]):
    """Runs the projection from where its table says it stopped."""

    def __init__(self, env: dict[str, str]) -> None:
        super().__init__(application_class=LibraryCases, projection_class=Alerts, view_class=AlertRows, env=env)


def _row(told: Any, position: int) -> StoredRow:
    """The fact as our own log would have kept it; the library's first event of a case is one that we do not have."""
    clear, sealed = json.dumps(told.record).encode(), told.sealed.encode()
    parts = (len(clear).to_bytes(LENGTH_BYTES, "big"), clear, len(sealed).to_bytes(LENGTH_BYTES, "big"), sealed)
    at = told.timestamp.astimezone(UTC)
    return StoredRow(str(told.originator_id), told.originator_version - 1, told.kind, position, at, b"".join(parts))
