"""However histories are interleaved, cut into batches and slices, and remembered or not: the rows are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.evolve import HistoryStep
from infrastructure.engine.fold_cache import FoldCache
from infrastructure.engine.keeper import Keeper
from infrastructure.engine.operations import Operations
from infrastructure.engine.projecting import project
from infrastructure.engine.projection_tables import ProjectionTable, Values
from infrastructure.engine.rebuilding import Options
from infrastructure.engine.slices import Slices, Stretches
from infrastructure.event_store import Save
from infrastructure.postgres.leading import connected
from projections import ALL
from projections.view import View
from tests.histories import History
from tests.infrastructure.a_projected_log import ProjectedLog, Rows, a_projected_log, plain
from tests.infrastructure.a_rebuild import BY, rebuild
from tests.random_histories import histories


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long a case is: one row that every event changes."""

    case_id: str
    person: str | None
    as_of: int
    events: int
    kinds: tuple[str, ...]


def lengths(steps: Sequence[HistoryStep]) -> Iterator[Length]:
    """One row of each case; this view fails on histories of seven events."""
    if len(steps) == 7:
        raise ValueError("seven")
    case = steps[-1].after
    kinds = tuple(type(step.event.fact).__name__ for step in steps)
    yield Length(case_id=case.id, person=case.person, as_of=steps[-1].event.position, events=len(steps), kinds=kinds)


VIEWS = (*ALL, View("length", 1, Length, lengths, ("case_id",)))


@st.composite
def interleaved(draw: st.DrawFn) -> list[list[tuple[History, int]]]:
    """Some cases with their events in any order that keeps each case's own, cut into appends of one case each."""
    cases = [draw(histories(f"interleaved {number}", longest=6)) for number in range(draw(st.integers(1, 4)))]
    places = [number for number, case in enumerate(cases) for _ in case.events]
    order = draw(st.permutations(places))
    told = [0] * len(cases)
    appends: list[list[tuple[History, int]]] = []
    for number in order:
        one = (cases[number], told[number])
        told[number] += 1
        if appends and appends[-1][0][0] is cases[number] and draw(st.booleans()):
            appends[-1].append(one)
        else:
            appends.append([one])
    return appends


def append(log: ProjectedLog, some: list[tuple[History, int]], unreadable: set[str]) -> None:
    """One append of a case; an unreadable event is one of tomorrow."""
    history = some[0][0]
    stored = log.mapper.encode([history.events[place] for _, place in some], lambda _: history.person)
    log.recorder.append(
        Save(
            [
                StoredEvent(UUID(history.case), event.originator_version, "FactOfTomorrow", b"SECRET")
                if f"{history.case} {event.originator_version}" in unreadable
                else event
                for event in stored
            ]
        )
    )


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(appends=interleaved(), data=st.data())
def test_slices_in_any_order_batches_of_any_size_and_any_memory_give_the_same_rows(
    database: str, appends: list[list[tuple[History, int]]], data: st.DataObject
) -> None:
    with a_projected_log(database, f"elm_{uuid4().hex}", views=VIEWS) as log:
        everything_is_the_same(log, appends, data)


def everything_is_the_same(log: ProjectedLog, appends: list[list[tuple[History, int]]], data: st.DataObject) -> None:
    """Live, in slices, verified and rebuilt."""
    places = sorted({f"{history.case} {place + 1}" for some in appends for history, place in some})
    unreadable = {data.draw(st.sampled_from(places))} if data.draw(st.booleans()) else set()
    cache = FoldCache(data.draw(st.sampled_from([0, 1, 5, 20_000])))
    keeper = Keeper(log.projector, "any", cache)
    with connected(log.server.dsn, "any") as conn:
        keeper.claim(conn)
        for some in appends:
            append(log, some, unreadable)
            if data.draw(st.booleans()):
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr("infrastructure.engine.keeper.BATCH", data.draw(st.integers(1, 9)))
                    for _ in range(data.draw(st.integers(1, 3))):
                        keeper.advance(conn)
        while keeper.advance(conn):
            pass
    apart = failing(log)
    live = without(log.stored(), apart)
    noted = {(one.projection, one.case_id, one.position) for one in log.projector.health().blocked}

    assert fresh(log) == live
    assert without(partitioned(log, data), apart) == live
    found = Operations(log.projector).verify([view.name for view in VIEWS], BY, options=Options(in_process=True))
    assert found.differences == 0
    outcomes = rebuild(log)
    assert all(one.switched for one in outcomes)
    assert without(log.stored(), apart) == live
    serving = {one.build for one in outcomes}
    blocked = log.projector.health().blocked
    assert {(one.projection, one.case_id, one.position) for one in blocked if one.build in serving} == noted


def failing(log: ProjectedLog) -> set[tuple[str, str]]:
    """What a view fails on: what rows there are is what was last known of it."""
    return {
        (name, case)
        for case in log.cases()
        for name, rows in project(VIEWS, log.recorder.read_stream(UUID(case)), log.mapper.decode).rows.items()
        if rows is None
    }


def without(rows: Rows, apart: set[tuple[str, str]]) -> Rows:
    return {name: [row for row in some if (name, row["case_id"]) not in apart] for name, some in rows.items()}


def fresh(log: ProjectedLog) -> Rows:
    """The rows of every case that its views do not fail on."""
    tables = log.tables()
    rows: dict[str, list[Values]] = {name: [] for name in tables}
    for case in log.cases():
        projected = project(VIEWS, log.recorder.read_stream(UUID(case)), log.mapper.decode)
        for name, found in projected.rows.items():
            rows[name] += [tables[name].values(row) for row in found or ()]
    return {name: plain(table, rows[name]) for name, table in tables.items()}


def partitioned(log: ProjectedLog, data: st.DataObject) -> Rows:
    """The rows of tables filled in any number of slices in any order by two who share them in any way."""
    head = log.recorder.head().position
    stretches = Stretches(head, data.draw(st.integers(1, 6)))
    order = data.draw(st.permutations(range(stretches.count + 1)))
    with (
        connected(log.server.dsn, "one") as one,
        connected(log.server.dsn, "two") as two,
    ):
        tables = []
        for view in VIEWS:
            number = log.projector.builds.add(one, view, "building", head, stretches.count)
            tables.append(ProjectionTable(log.projector.schema, view, number))
            one.execute(tables[-1].definition())
        workers = [Slices(conn, log.projector.schema, tables, stretches, log.projector.decode) for conn in (one, two)]
        for number in order:
            workers[data.draw(st.integers(0, 1))].fill(number)
            if data.draw(st.booleans()):
                workers[data.draw(st.integers(0, 1))].fill(number)  # done twice, taken once
        rows = {table.view.name: plain(table, table.of_cases(one, log.cases())) for table in tables}
    Operations(log.projector).abandon([view.name for view in VIEWS], BY)
    return rows
