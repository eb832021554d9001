"""What cannot be told blocks its own case and no other, whoever tells it; what the engine stands on blocks nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from domain.events import Event
from domain.evolve import HistoryStep
from infrastructure.engine.rebuilding import Options
from infrastructure.engine.workers import WorkerFailed
from infrastructure.event_store import Save
from infrastructure.log_entries import StoredRow
from infrastructure.postgres.leading import connected
from projections.view import View
from tests.histories import History, main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.a_rebuild import (
    BY,
    NAMES,
    PATIENCE,
    builds,
    following,
    grow,
    is_right,
    nothing_is_left_over,
    operations,
    rebuild,
    serving,
    small_slices,
    soon,
)

__all__ = ["small_slices"]

MANY: Final = 10_000
PROCESSES: Final = Options(processes=2)
IN_PROCESS: Final = Options(in_process=True)


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


def many_small_cases(log: ProjectedLog, cases: int) -> None:
    """Cases of one event each; what is sealed in them is the same."""
    [opening] = log.mapper.encode(History("any").opened().events, lambda _: History("any").person)
    for first in range(0, cases, 2_000):
        events = [
            StoredEvent(uuid4(), 1, opening.topic, opening.state) for _ in range(first, min(first + 2_000, cases))
        ]
        log.recorder.append(Save(events))


def blocked(log: ProjectedLog, build: int) -> set[tuple[str, str, int, int]]:
    """Read model, case, position and attempts of whatever one build blocks."""
    noted = log.projector.health().blocked
    return {(one.projection, one.case_id, one.position, one.attempts) for one in noted if one.build == build}


def in_every_one(*noted: object) -> set[tuple[object, ...]]:
    return {(name, *noted) for name in NAMES}


def test_one_poisoned_event_in_ten_thousand_cases_blocks_one_case_everywhere_until_it_can_be_read(
    log: ProjectedLog,
) -> None:
    many_small_cases(log, MANY // 2)
    stuck, later = main_road("stuck"), main_road("later")
    log.append(stuck.events[:5])
    poison = log.append_unknown(stuck, version=6)
    log.append(stuck.events[6:8])
    many_small_cases(log, MANY // 2)
    with following(log):
        assert log.projector.wait_for(log.recorder.head().position, 60)  # catching up
        assert blocked(log, 1) == in_every_one(stuck.case, poison, 1)
        assert log.projector.wait_for(log.append_whole(later), PATIENCE)  # live
        log.append(stuck.events[8:9])
        assert soon(lambda: blocked(log, 1) == in_every_one(stuck.case, poison, 2))

        found = operations(log).verify(NAMES, BY, options=PROCESSES)
        assert (found.differences, found.blocked) == (0, len(NAMES))
        assert operations(log).rebuild(["alert_state"], BY, PROCESSES)[0].switched
        assert operations(log).rebuild(["audit_trail"], BY, IN_PROCESS)[0].switched
        assert soon(lambda: {(one[1], one[2]) for one in blocked(log, 2)} == {(stuck.case, poison)})
        assert told_of(log, stuck.case) == 5

        # Two read models were switched; all builds note it. A release comes that knows the fact.
        log.projector.decode = knowing(log, stuck.events[5], poison)
        assert operations(log).retry([stuck.case], BY) == [stuck.case]
        assert soon(lambda: blocked(log, 2) == set())
        assert told_of(log, stuck.case) == 9
        assert operations(log).retry(None, BY) == [stuck.case]  # in the builds that nobody keeps now
        operations(log).roll_back("audit_trail", BY)
        assert soon(lambda: ("audit_trail", stuck.case) not in {one[:2] for one in blocked(log, 1)})
        assert told_of(log, stuck.case) == 9


def told_of(log: ProjectedLog, case: str) -> int:
    """How many rows the trail has of a case."""
    return len(log.server.run(lambda conn: log.tables()["audit_trail"].of_cases(conn, [case])))


def knowing(log: ProjectedLog, event: Event, position: int) -> Callable[[StoredRow], Event]:
    """Reads the fact at a position as this one."""
    decode = log.projector.decode
    [stored] = log.mapper.encode([event], lambda _: History("stuck").person)
    return lambda row: decode(row._replace(type=stored.topic, state=stored.state) if row.position == position else row)


def test_a_value_that_no_column_can_hold_blocks_its_own_case_in_a_rebuild_too(database: str) -> None:
    stuck, free = main_road("stuck"), main_road("free")
    for number, impossible in enumerate((2**63, "half of a pair: \ud800", "\x00", ["SECRET"])):
        with a_projected_log(database, f"elm{number}", views=[counting(stuck.case, impossible)]) as log:
            log.append_whole(stuck, free)
            log.catch_up()
            assert [row["case_id"] for row in log.stored()["counted"]] == [free.case]
            assert rebuild(log)[0].switched
            assert [row["case_id"] for row in log.stored()["counted"]] == [free.case]
            noted = log.projector.health().blocked
            assert {(one.build, one.case_id) for one in noted} == {(1, stuck.case), (2, stuck.case)}
            assert "SECRET" not in str(noted)
            assert log.projector.position() == log.recorder.head().position


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A row with a number and a word."""

    case_id: str
    person: str | None
    as_of: int
    number: int
    word: str


def counting(refused: str, impossible: Any) -> View[Counted]:
    """A view that gives something impossible for one case."""

    def rows(steps: Sequence[HistoryStep]) -> Iterator[Counted]:
        case = steps[-1].after
        number, word = (impossible, "") if isinstance(impossible, int) else (0, impossible)
        if case.id != refused:
            number, word = 0, ""
        yield Counted(case_id=case.id, person=case.person, as_of=case.position, number=number, word=word)

    return View("counted", 1, Counted, rows, ("case_id",))


def test_a_row_that_somebody_put_in_the_way_is_written_over(log: ProjectedLog) -> None:
    history = main_road("one")
    log.append(history.events[:4])
    log.catch_up()
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute(
            "CREATE TEMP TABLE one AS SELECT * FROM landlord_elm.audit_trail_v2_b1 LIMIT 1;"
            "UPDATE one SET position = 6;"
            "INSERT INTO landlord_elm.audit_trail_v2_b1 SELECT * FROM one"
        )
    log.append(history.events[4:])
    log.catch_up()

    assert log.projector.health().blocked == ()
    assert is_right(log)


# What the engine stands on

TROUBLES: Final = ["a table renamed away", "a full disk", "a table locked", "statements cancelled", "connections cut"]


@contextmanager
def trouble(log: ProjectedLog, kind: str, table: str, then: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Something is wrong with the tables of a build, or with the connections, that is nobody's case's fault.

    `then` is begun once it is wrong, or is about to be.
    """
    with psycopg.connect(log.server.dsn, autocommit=True) as conn:
        if kind == "a table renamed away":
            conn.execute(f"ALTER TABLE landlord_elm.{table} RENAME TO lost")
            then()
            yield
            conn.execute(f"ALTER TABLE landlord_elm.lost RENAME TO {table}")
        elif kind == "a full disk":
            conn.execute(
                "CREATE FUNCTION landlord_elm.full_disk() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$"
            )
            conn.execute(
                f"CREATE TRIGGER full_disk BEFORE INSERT ON landlord_elm.{table}"
                " FOR EACH ROW EXECUTE FUNCTION landlord_elm.full_disk()"
            )
            then()
            yield
            conn.execute(f"DROP TRIGGER full_disk ON landlord_elm.{table}")
        elif kind == "a table locked":
            with conn.transaction():
                conn.execute(f"LOCK TABLE landlord_elm.{table}")
                then()
                yield
        else:
            stop = (
                "SELECT CASE WHEN %s THEN pg_cancel_backend(pid) ELSE pg_terminate_backend(pid) END"
                " FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name LIKE 'evenhand %%' AND wait_event_type = 'Lock'"
            )
            # Looked for over another connection: within a transaction, what others do is seen as of the first look.
            with psycopg.connect(log.server.dsn, autocommit=True) as other, conn.transaction():
                conn.execute(f"LOCK TABLE landlord_elm.{table}")
                then()
                assert soon(lambda: other.execute(stop, [kind == "statements cancelled"]).rowcount > 0)
                yield


@pytest.mark.parametrize("kind", TROUBLES)
def test_what_the_follower_stands_on_makes_it_wait_and_blocks_no_case(
    log: ProjectedLog, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.engine.follower.PATIENCE", 1)
    log.append_whole(main_road("before"))
    with following(log), ThreadPoolExecutor(1) as pool:
        assert log.projector.wait_for(log.recorder.head().position, PATIENCE)
        growing: list[Future[int]] = []
        with trouble(log, kind, "alert_state_v2_b1", lambda: growing.append(pool.submit(grow, log, "meanwhile"))):
            assert growing[0].result(PATIENCE) > 0
            assert not log.projector.wait_for(log.recorder.head().position, 1.2)
        assert is_right(log)
    assert log.projector.health().blocked == ()


@pytest.mark.parametrize("kind", TROUBLES[:2])
@pytest.mark.parametrize("how", [IN_PROCESS, PROCESSES], ids=["in this process", "in processes"])
@pytest.mark.usefixtures("small_slices")
def test_what_a_rebuild_stands_on_ends_it_in_words_and_it_can_be_run_again(
    log: ProjectedLog, kind: str, how: Options
) -> None:
    log.append_whole(*(main_road(str(number)) for number in range(6)))
    log.catch_up()
    table = begun(log)
    with trouble(log, kind, table), pytest.raises((psycopg.Error, WorkerFailed)) as told:
        operations(log).rebuild(["alert_state"], BY, how)
    assert any(
        word in str(told.value) for word in ("UndefinedTable", "does not exist", "53100", "space", "55P03", "lock")
    )
    assert serving(log, "alert_state").build == 1
    assert {one.state for one in builds(log) if not one.serving} == {"failed"}
    assert blocked(log, 2) == set()

    assert operations(log).rebuild(["alert_state"], BY, how)[0].switched
    log.catch_up()
    assert nothing_is_left_over(log)
    assert is_right(log)


def begun(log: ProjectedLog) -> str:
    """The table of a rebuild of the alert that was stopped at once."""

    def stop(_stage: str, _done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(log, "alert_state", tell=stop)
    [build] = [one for one in builds(log) if not one.serving]
    return f"alert_state_v2_b{build.build}"


def test_memory_that_is_gone_is_not_the_cases_fault(log: ProjectedLog) -> None:
    def gone(_row: StoredRow) -> Event:
        raise MemoryError

    log.append_whole(main_road())
    log.projector.decode = gone
    with connected(log.server.dsn, "test") as conn:
        keeper = log.keeper()
        keeper.claim(conn)
        with pytest.raises(MemoryError):
            keeper.advance(conn)
    assert log.projector.health().blocked == ()


def test_long_histories_are_followed_few_at_a_time(log: ProjectedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infrastructure.engine.keeper.STEPS_AT_ONCE", 30)
    histories = [main_road(str(number)) for number in range(6)]
    for history in histories:
        log.append(history.events[:13])
    log.catch_up()
    for history in histories:
        log.append(history.events[13:])
    with connected(log.server.dsn, "test") as conn:
        keeper = log.keeper()
        keeper.claim(conn)
        taken = []
        while now := keeper.advance(conn):
            taken.append(now)

    assert max(taken) <= 4  # cases of fourteen events, of which two or so fit
    assert is_right(log)
