"""What one writer and one reader may rely on in a landlord's log."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, ProgrammingError

from infrastructure.event_store import (
    Conflict,
    Head,
    KeyReused,
    LandlordRecorder,
    PolicyChanged,
    Save,
    StoredRow,
)
from infrastructure.postgres.server import PostgresServer, schema_of
from tests.infrastructure.a_log import NOON, SetClock, a_log, asked, fact, facts

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def log(database: str, clock: SetClock) -> Iterator[LandlordRecorder]:
    with a_log(database, clock=clock) as recorder:
        yield recorder


def test_what_was_appended_is_read_back_as_it_was(log: LandlordRecorder) -> None:
    stream, state = uuid4(), bytes(range(256)) * 4000

    appended = log.append(Save([fact(stream, 1, b""), fact(stream, 2, state)]))

    assert (appended.first_position, appended.last_position, appended.recorded_at) == (1, 2, NOON)
    assert (appended.answer, appended.repeated) == (None, False)
    assert log.read_stream(stream) == [
        StoredRow(str(stream), 1, "contact_logged", 1, NOON, b""),
        StoredRow(str(stream), 2, "contact_logged", 2, NOON, state),
    ]
    assert isinstance(log.read_stream(stream)[0].state, bytes)


def test_a_save_may_touch_several_streams_and_its_order_is_the_order_of_the_log(
    log: LandlordRecorder,
) -> None:
    one, other = uuid4(), uuid4()

    log.append(Save([fact(one, 1), fact(other, 1), fact(one, 2)]))

    assert [(row.stream, row.version, row.position) for row in log.read_log(0, 10)] == [
        (str(one), 1, 1),
        (str(other), 1, 2),
        (str(one), 2, 3),
    ]


def test_an_empty_log_has_a_head_and_nothing_else(log: LandlordRecorder) -> None:
    assert log.head() == Head(0, None)
    assert log.read_log(0, 10) == []
    assert log.read_stream(uuid4()) == []
    assert log.position_at(NOON) == 0
    assert log.find_request("phone room", "k") is None


def test_the_log_is_read_in_pages(log: LandlordRecorder) -> None:
    log.append(Save(facts(5)))

    assert [row.position for row in log.read_log(0, 2)] == [1, 2]
    assert [row.position for row in log.read_log(2, 2)] == [3, 4]
    assert [row.position for row in log.read_log(4, 2)] == [5]
    assert log.read_log(5, 2) == []


def test_a_history_is_read_as_it_was_known_at_a_position(log: LandlordRecorder) -> None:
    stream = uuid4()
    log.append(Save([fact(stream, 1)]))
    log.append(Save(facts(1)))
    log.append(Save([fact(stream, 2), fact(stream, 3)]))

    known = {upto: [row.version for row in log.read_stream(stream, upto)] for upto in range(5)}

    assert known == {0: [], 1: [1], 2: [1], 3: [1, 2], 4: [1, 2, 3]}


def test_recorded_times_never_go_back_when_the_clock_does(log: LandlordRecorder, clock: SetClock) -> None:
    minute = timedelta(minutes=1)
    for minutes in (0, 5, 3, -60, 6):
        clock.now = NOON + minutes * minute
        log.append(Save(facts(1)))

    assert [(row.recorded_at - NOON) // minute for row in log.read_log(0, 10)] == [0, 5, 5, 5, 6]
    assert log.head() == Head(5, NOON + 6 * minute)


def test_what_was_known_at_an_instant_is_a_prefix_of_the_log(log: LandlordRecorder, clock: SetClock) -> None:
    recorded = {1: 0, 2: 0, 3: 10, 4: 10, 5: 10, 6: 11, 7: 40}  # position: seconds after noon
    for seconds in recorded.values():
        clock.now = NOON + timedelta(seconds=seconds)
        log.append(Save(facts(1)))

    found = {seconds: log.position_at(NOON + timedelta(seconds=seconds)) for seconds in (-1, 0, 9, 10, 11, 39, 40, 99)}

    assert found == {-1: 0, 0: 2, 9: 2, 10: 5, 11: 6, 39: 6, 40: 7, 99: 7}


def test_a_time_without_an_offset_is_refused(log: LandlordRecorder, clock: SetClock) -> None:
    clock.now = NOON.replace(tzinfo=None)

    with pytest.raises(ValueError, match="without an offset"):
        log.append(Save(facts(1)))

    assert log.head().position == 0


def test_a_taken_version_is_a_conflict_that_names_it_and_leaves_nothing_behind(log: LandlordRecorder) -> None:
    one, other = uuid4(), uuid4()
    log.append(Save([fact(one, 1), fact(one, 2)]))

    with pytest.raises(Conflict) as conflict:
        log.append(Save([fact(other, 1), fact(one, 2, b"late"), fact(one, 3)], asked("k")))

    assert (conflict.value.stream, conflict.value.version) == (one, 2)
    assert isinstance(conflict.value, IntegrityError)
    assert log.read_stream(other) == []
    assert [row.state for row in log.read_stream(one)] == [b"state", b"state"]
    assert log.find_request("phone room", "k") is None
    assert log.head().position == 2
    assert log.append(Save(facts(1))).first_position == 3


def test_a_save_that_writes_one_version_twice_conflicts_with_itself(log: LandlordRecorder) -> None:
    stream = uuid4()

    with pytest.raises(Conflict):
        log.append(Save([fact(stream, 1, b"this"), fact(stream, 1, b"or that")]))

    assert log.head().position == 0


def test_an_accepted_request_is_kept_with_its_answer_and_positions(log: LandlordRecorder) -> None:
    log.append(Save(facts(3)))
    request = asked("k")

    appended = log.append(Save(facts(2), request))

    kept = log.find_request("phone room", "k")
    assert kept is not None
    assert kept == ("phone room", "k", b"mac of the body", 4, 5, request.answer, NOON)
    assert (appended.first_position, appended.last_position, appended.answer) == (4, 5, request.answer)


def test_a_repeated_request_gets_its_first_answer_and_writes_nothing(log: LandlordRecorder, clock: SetClock) -> None:
    save = Save(facts(2), asked("k"))
    first = log.append(save)
    log.append(Save(facts(1)))
    clock.now = NOON + timedelta(hours=1)

    # Decided anew, as a retry is: other facts and another answer to the same body.
    decided_anew = Save(facts(3), asked("k"))
    for repeat in (save, decided_anew):
        again = log.append(repeat)
        assert again.repeated
        assert (again.first_position, again.last_position) == (1, 2)
        assert (again.recorded_at, again.answer) == (first.recorded_at, first.answer)

    assert log.head() == Head(3, NOON)


def test_a_key_belongs_to_its_body_and_to_its_caller(log: LandlordRecorder) -> None:
    log.append(Save(facts(1), asked("k")))

    with pytest.raises(KeyReused, match="another body"):
        log.append(Save(facts(1), asked("k", body=b"another")))
    elsewhere = log.append(Save(facts(1), asked("k", caller="repairs desk")))

    assert not elsewhere.repeated
    assert log.head().position == 2


def test_a_request_that_changed_nothing_is_remembered_all_the_same(log: LandlordRecorder) -> None:
    log.append(Save(facts(1)))

    appended = log.append(Save([], asked("k")))
    again = log.append(Save([], asked("k")))

    assert (appended.first_position, appended.last_position) == (2, 1)
    assert (again.first_position, again.last_position, again.repeated) == (2, 1, True)
    assert log.append(Save(facts(1))).first_position == 2


def test_a_save_of_nothing_is_refused(log: LandlordRecorder) -> None:
    with pytest.raises(ValueError, match="needs an event"):
        log.append(Save([]))


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE landlord_elm.event SET state = 'x'",
        "DELETE FROM landlord_elm.event WHERE position = 1",
        "DELETE FROM landlord_elm.event WHERE position = 99",
        "TRUNCATE landlord_elm.event",
        "UPDATE landlord_elm.policy_identity SET sha256 = repeat('b', 64)",
        "DELETE FROM landlord_elm.policy_identity",
        "DELETE FROM landlord_elm.head",
        "TRUNCATE landlord_elm.head",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_written(
    log: LandlordRecorder, database: str, change: str, role: str
) -> None:
    log.append(Save(facts(1)))
    log.remember_policy("elm", date(2026, 1, 1), "a" * 64)
    before = log.read_log(0, 10)

    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute(f"SET session_replication_role = {role}")
        with pytest.raises(psycopg.errors.RestrictViolation, match="kept as they were first written"):
            conn.execute(change.encode())

    assert log.read_log(0, 10) == before


def test_landlords_on_one_server_share_a_pool_and_nothing_else(database: str) -> None:
    with a_log(database, "elm") as elm, a_log(database, "oak"):
        oak = LandlordRecorder(elm.server, "oak", SetClock())
        stream = uuid4()

        elm.append(Save([fact(stream, 1, b"elm")], asked("k")))
        appended = oak.append(Save([fact(stream, 1, b"oak")], asked("k")))

        assert (appended.first_position, appended.repeated) == (1, False)
        assert [row.state for row in elm.read_log(0, 10)] == [b"elm"]
        assert [row.state for row in oak.read_log(0, 10)] == [b"oak"]


def test_a_thousand_recorders_cost_no_thread_and_no_connection() -> None:
    before = set(threading.enumerate())

    server = PostgresServer("host=127.0.0.1 port=1")  # nobody answers there
    recorders = [LandlordRecorder(server, f"landlord{n}", SetClock()) for n in range(1000)]

    assert len({recorder.channel_name for recorder in recorders}) == 1000
    assert set(threading.enumerate()) <= before  # one of an earlier test may have ended meanwhile


@pytest.mark.parametrize("name", ["", "Elm", "9elm", "elm-tree", 'elm"; DROP SCHEMA x', "e" * 42, "elm\n"])
def test_a_name_that_is_no_slug_never_becomes_a_schema(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a landlord's schema"):
        schema_of(name)


def test_a_policy_is_known_by_the_file_it_was_first_used_with(log: LandlordRecorder) -> None:
    log.remember_policy("elm", date(2026, 1, 1), "a" * 64)
    log.remember_policy("elm", date(2026, 1, 1), "a" * 64)
    log.remember_policy("elm", date(2027, 1, 1), "b" * 64)
    log.remember_policy("baseline", date(2026, 1, 1), "c" * 64)

    with pytest.raises(PolicyChanged, match=r"policy elm effective 2026-01-01 is known by a file with SHA-256 a"):
        log.remember_policy("elm", date(2026, 1, 1), "b" * 64)


def test_a_head_that_lost_its_row_stops_every_save_with_a_reason(log: LandlordRecorder, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("ALTER TABLE landlord_elm.head DISABLE TRIGGER never_lost")
        conn.execute("DELETE FROM landlord_elm.head")

    with pytest.raises(ProgrammingError, match="has lost its row"):
        log.append(Save(facts(1)))

    assert log.read_log(0, 10) == []


def test_the_log_takes_nothing_that_it_could_not_keep(log: LandlordRecorder) -> None:
    with pytest.raises(ProgrammingError, match="was handed tracking"):
        log.insert_events(facts(1), tracking=object())


def test_times_come_back_as_instants_in_utc(log: LandlordRecorder, clock: SetClock, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as conn:
        name = conn.info.dbname
        conn.execute(f"ALTER DATABASE \"{name}\" SET timezone = 'Asia/Tokyo'".encode())
    clock.now = datetime(2026, 7, 1, 0, 30, 0, 123456, tzinfo=UTC)

    log.append(Save(facts(1)))

    [row] = log.read_log(0, 1)
    assert row.recorded_at == clock.now
    assert row.recorded_at.utcoffset() == timedelta(0)
