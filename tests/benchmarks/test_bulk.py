"""A log that was filled in bulk is a log like any other to whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import psycopg
import pytest

from domain.events import CaseOpened
from tests.benchmarks.bulk import Filled, fill
from tests.benchmarks.workload import told
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log

EVENTS = 3_000


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


def filled(log: ProjectedLog) -> Filled:
    with psycopg.connect(log.server.dsn, autocommit=True) as conn:
        return fill(conn, log.projector.schema, log.mapper, told(), EVENTS)


def test_every_row_made_from_a_filled_log_is_that_of_a_fresh_fold(log: ProjectedLog) -> None:
    filled(log)
    log.catch_up()

    assert log.projector.health().blocked == ()
    assert log.is_up_to_date()
    assert len(log.stored()["audit_trail"]) == EVENTS
    assert log.stored()["alert_state"]


def test_positions_times_and_versions_are_those_of_a_log_without_a_gap(log: ProjectedLog) -> None:
    told_of = filled(log)
    rows = log.recorder.read_log(0, EVENTS + 1)
    head = log.recorder.head()

    assert [row.position for row in rows] == list(range(1, EVENTS + 1))
    assert [row.recorded_at for row in rows] == sorted(row.recorded_at for row in rows)
    assert (head.position, head.recorded_at) == (EVENTS, rows[-1].recorded_at)
    assert len(log.cases()) == told_of.cases
    versions: dict[str, int] = {}
    for row in rows:
        assert row.version == versions.get(str(row.stream), 0) + 1
        versions[str(row.stream)] = row.version


def test_cases_are_mixed_in_the_log(log: ProjectedLog) -> None:
    filled(log)
    streams = [row.stream for row in log.recorder.read_log(0, EVENTS)]

    followed = sum(one == other for one, other in pairwise(streams))
    assert followed < EVENTS // 10
    assert len(set(streams[:100])) > 20


def test_ids_of_cases_persons_and_events_are_nobody_elses(log: ProjectedLog) -> None:
    filled(log)
    rows = log.recorder.read_log(0, EVENTS)
    events = [log.mapper.decode(row) for row in rows]
    persons = [event.fact.person for event in events if isinstance(event.fact, CaseOpened)]
    owners = {event.stream: event.fact.person for event in events if isinstance(event.fact, CaseOpened)}

    assert len({event.event_id for event in events}) == EVENTS
    assert len(set(persons)) == len(persons) == len(log.cases())
    sealed = 0
    for row, event in zip(rows, events, strict=True):
        others = [other for other in set(persons) - {owners[event.stream]} if other.encode() in row.state]
        assert others == []
        sealed += row.state.count(b'"p":"%s","e":"%s"' % (owners[event.stream].encode(), event.event_id.encode()))
    assert sealed > EVENTS // 2


def test_what_is_filled_in_stands_behind_what_a_log_holds(log: ProjectedLog) -> None:
    log.append(told()[0])
    before = log.recorder.head()
    filled(log)
    rows = log.recorder.read_log(0, EVENTS + before.position)

    assert [row.position for row in rows] == list(range(1, before.position + EVENTS + 1))
    assert [row.recorded_at for row in rows] == sorted(row.recorded_at for row in rows)
    log.catch_up()
    assert log.is_up_to_date()


def test_the_same_cases_are_not_told_twice(log: ProjectedLog) -> None:
    filled(log)

    with pytest.raises(psycopg.errors.UniqueViolation):
        filled(log)
    assert log.recorder.head().position == EVENTS
