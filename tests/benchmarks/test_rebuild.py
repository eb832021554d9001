"""What is measured as a rebuild is one: read models stand at the head afterwards, and what is wrong is no success."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.sql import SQL

from projections import ALL
from tests.benchmarks.bulk import fill
from tests.benchmarks.memory import Watched, watched
from tests.benchmarks.workload import told
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log

EVENTS = 1_000
NAMES = [view.name for view in ALL]


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        with psycopg.connect(projected.server.dsn, autocommit=True) as conn:
            fill(conn, projected.projector.schema, projected.mapper, told(), EVENTS)
        yield projected


def worked(log: ProjectedLog, act: str) -> Watched:
    return watched("tests.benchmarks.rebuild", act, log.server.dsn, log.projector.schema, *NAMES)


def test_a_log_is_rebuilt_and_verified_in_a_process_that_is_watched(log: ProjectedLog) -> None:
    first = worked(log, "accept")
    assert log.is_up_to_date()
    tables = {name: table.table for name, table in log.tables().items()}

    worked(log, "rebuild")
    assert log.is_up_to_date()
    assert all(table.table != tables[name] for name, table in log.tables().items())

    worked(log, "verify")
    assert float(first.printed) > 0
    assert 10 < first.peak_mb < 300


def test_a_row_that_is_not_what_the_log_says_fails_both(log: ProjectedLog) -> None:
    worked(log, "accept")
    table = log.tables()["alert_state"]
    with psycopg.connect(log.server.dsn, autocommit=True) as conn:
        spoilt = conn.execute(SQL("UPDATE {} SET person = 'nobody'").format(table.name)).rowcount
    assert spoilt

    with pytest.raises(RuntimeError, match="verify ended with 1"):
        worked(log, "verify")
    with pytest.raises(RuntimeError, match="rebuild ended with 1"):
        worked(log, "rebuild")
