"""A long case is loaded from where it was written down, and nothing that stands in the table can make it another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import namedtuple_row

from application.desk import Desk
from application.ports import Known
from application.recall import Recall
from application.stamping import stamped
from domain.case import Case
from domain.codes import CaseId, Channel, StaffId
from domain.decisions import CaseCommand, Refused, Situation, decide
from domain.decisions.changes import EaseRestriction
from domain.decisions.endings import CloseCase, LiftRestriction
from domain.decisions.intake import CorrectContact, DisputeContact, LogContact
from domain.decisions.support import RequestAdjustment
from domain.events import Event, RestrictionEased
from domain.evolve import fold
from domain.personal import ERASED, Personal
from infrastructure.event_store import LandlordRecorder
from infrastructure.log import PostgresEventLog
from infrastructure.office import mint_event_id
from infrastructure.postgres.server import PostgresServer
from infrastructure.sealing import sealed_copy
from infrastructure.snapshots import Snapshots, folding_code
from tests.application.a_desk import MAIDSTONE, MANAGER, NOON, TENANT, a_call, on_postgres
from tests.benchmarks.workload import retold
from tests.domain.test_erasure_blindness import moves
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, World
from tests.histories import History, main_road
from tests.infrastructure.a_landlord import ELM, Landlord, a_landlord, changed
from tests.random_histories import histories

SOONEST: Final = 1  # a case is written down at every event
SAID: Final = Personal("said just now")


@pytest.fixture
def landlord(database: str, tmp_path: Path) -> Iterator[Landlord]:
    with a_landlord(database, tmp_path / "keys") as landlord:
        yield landlord


class ReadLog(PostgresEventLog):
    """A log as the service has it; counts the events that are read to know a case."""

    def __init__(self, landlord: Landlord) -> None:
        """Over the parts of this landlord."""
        snapshots = Snapshots(landlord.server, ELM, landlord.keys)
        super().__init__(LandlordRecorder(landlord.server, ELM, landlord.clock), landlord.mapper, snapshots)
        self.read = 0

    def history(self, stream: str, *, since: int = 1, upto: int | None = None) -> list[Event]:
        """As the log."""
        events = super().history(stream, since=since, upto=upto)
        self.read += len(events)
        return events

    def known(self, stream: str) -> tuple[Known | None, list[Event]]:
        """As the log."""
        known, events = super().known(stream)
        self.read += len(events)
        return known, events


def loaded(landlord: Landlord, stream: str) -> tuple[Case, int]:
    """The case as a process finds it that has not seen it yet, and how many events it read."""
    log = ReadLog(landlord)
    return Recall().case(log, stream), log.read


def whole(landlord: Landlord, stream: str) -> Case:
    """The case folded from its first event."""
    return fold(landlord.log.history(stream))


def written_down(landlord: Landlord, events: list[Event]) -> str:
    """Append a history and write the case down as it is then; its stream."""
    landlord.log.append(events)
    Recall(every=SOONEST).case(ReadLog(landlord), events[0].stream)
    return events[0].stream


def kept(landlord: Landlord) -> list[Any]:
    """Every snapshot there is."""
    with landlord.connect() as conn:
        return conn.cursor(row_factory=namedtuple_row).execute("SELECT * FROM snapshot ORDER BY stream").fetchall()


def told(value: object) -> object:
    """Everything of a value, types and all, with what is personal as it is sealed, so that two can be compared."""
    if isinstance(value, Personal):
        return value.content() if isinstance(value.content(), str) else sealed_copy(value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), [(field.name, told(getattr(value, field.name))) for field in fields(value)]
    if isinstance(value, Mapping):
        return [(key, told(item)) for key, item in value.items()]
    if isinstance(value, tuple):
        return tuple(told(item) for item in value)
    return type(value), value


def outcome(command: CaseCommand, situation: Situation) -> object:
    """What a command comes to: the facts that follow, or what stands in its way."""
    try:
        decision = decide(command, situation)
    except Refused as refused:
        return [(violation.rule, violation.clause, violation.asks) for violation in refused.violations]
    return told((decision.facts, decision.clauses, decision.overrides, decision.post))


# the same case

ANYTIME: Final[list[Callable[[Case], CaseCommand]]] = [
    lambda _: LogContact(channel=Channel.EMAIL, summary=SAID),
    lambda case: CorrectContact(contact=case.contacts[-1].id if case.contacts else "none", reason=SAID),
    lambda case: DisputeContact(contact=case.contacts[0].id if case.contacts else "none", statement=SAID),
    lambda _: RequestAdjustment(kind="large_print", needs=SAID),
    lambda case: LiftRestriction(restriction=case.restrictions[-1].id if case.restrictions else "none", reasons=SAID),
    lambda _: CloseCase(reasons=None),
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), cut=st.integers(1, 40), later=st.integers(0, 40))
def test_a_case_that_was_written_down_anywhere_is_the_case_that_its_history_folds_to(
    shared: Landlord, history: History, cut: int, later: int
) -> None:
    events = retold(history.events)
    stream = written_down(shared, events[:cut])
    if events[cut:]:
        shared.log.append(events[cut:])

    case, read = loaded(shared, stream)

    assert read == len(events[cut:])
    assert told(case) == told(whole(shared, stream))
    world = World(MAIDSTONE, today=events[-1].effective_on + timedelta(days=later))
    for command in ANYTIME:
        outcomes = []
        for each in (case, whole(shared, stream)):
            world.case = each
            outcomes.append(outcome(command(each), world.situation("case_officer")))
        assert outcomes[0] == outcomes[1]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policy=st.sampled_from(LANDLORDS), part=st.floats(0, 1), later=st.integers(0, 40))
def test_whatever_is_done_next_is_decided_alike(shared: Landlord, policy: str, part: float, later: int) -> None:
    road = Road(policy)
    road.restricted()
    road.proposed()
    road.world.wait(later)
    events = retold(road.world.history)
    cut = 1 + round(part * (len(events) - 1))
    stream = written_down(shared, events[:cut])
    if events[cut:]:
        shared.log.append(events[cut:])

    case, read = loaded(shared, stream)

    assert read == len(events) - cut
    everything = moves(road, lambda: SAID)
    for command, by in everything:
        outcomes = []
        for each in (case, whole(shared, stream)):
            road.world.case = each
            outcomes.append(outcome(command, road.world.situation(by)))
        assert outcomes[0] == outcomes[1]


def test_what_is_decided_on_it_carries_sealed_values_on_and_they_open(landlord: Landlord) -> None:
    road = Road(MAIDSTONE)
    reasons = [Personal("calls every hour"), Personal("shouts at the desk")]
    road.restricted(*(road.measure(reason=reason) for reason in reasons))
    road.world.wait(3)
    stream = written_down(landlord, retold(road.world.history))
    road.world.case, _ = loaded(landlord, stream)
    [first, _] = road.world.case.restrictions[0].sets[0].measures
    assert landlord.sealing.reveal(first.reason) == "calls every hour"

    easing = EaseRestriction(restriction="restriction-1", keep=(first.id,), reasons=Personal("quieter"))
    decision = decide(easing, road.world.situation(road.decider()))
    at = road.world.case.version
    landlord.log.append(stamped(decision, mint_event_id, stream, at, StaffId("staff"), road.world.ref))

    fact = landlord.log.history(stream)[-1].fact
    assert isinstance(fact, RestrictionEased)
    [kept_measure] = fact.measures
    assert sealed_copy(kept_measure.reason) == sealed_copy(first.reason)
    assert landlord.sealing.reveal_all([kept_measure.reason, fact.reasons]) == ["calls every hour", "quieter"]


# what is written, and when


def test_a_short_case_is_never_written_down_and_a_long_one_each_time_it_has_grown(landlord: Landlord) -> None:
    events = retold(main_road().events)
    stream, log = events[0].stream, ReadLog(landlord)
    landlord.log.append(events[:9])
    Recall().case(log, stream)
    Recall(every=10).case(log, stream)
    assert kept(landlord) == []

    process = Recall(every=5)  # which has the case in memory from here on
    for version in range(9, len(events) + 1):
        process.case(log, stream)
        assert [row.version for row in kept(landlord)] == [9 if version < 14 else 14]
        if version < len(events):
            landlord.log.append([events[version]])
    assert loaded(landlord, stream)[1] == len(events) - 14


def test_what_stands_in_the_table_is_sealed_and_goes_with_its_key(landlord: Landlord) -> None:
    history = History(str(uuid4())).opened().contact().incident().adjustment(main_road().events[0].effective_on)
    stream = written_down(landlord, retold(history.events))
    [row] = kept(landlord)
    assert b"large_print" in row.state
    assert b"SECRET" not in row.state

    case, _ = loaded(landlord, stream)
    instruction = case.adjustments[0].instruction
    assert instruction is not None
    assert landlord.sealing.reveal(instruction) == "SECRET instruction"
    landlord.ring.destroy(case.person)
    assert landlord.sealing.reveal(instruction) is ERASED
    again, read = loaded(landlord, stream)
    assert read == 0
    assert again.adjustments[0].instruction is not None
    assert landlord.sealing.reveal(again.adjustments[0].instruction) is ERASED


def test_a_later_version_stays_whoever_writes_last(landlord: Landlord) -> None:
    events = retold(main_road().events)
    stream = written_down(landlord, events)
    log = ReadLog(landlord)
    [row] = kept(landlord)

    history = log.history(stream)
    log.write_down(Known(fold(history[:5]), history[4]))

    assert kept(landlord) == [row]


def test_many_processes_at_once_leave_one_snapshot_and_all_know_the_case(landlord: Landlord) -> None:
    events = retold(main_road().events)
    stream = events[0].stream
    landlord.log.append(events)
    start = Barrier(8)

    def process(_: int) -> object:
        log = ReadLog(landlord)
        start.wait(timeout=10)
        return told(Recall(every=SOONEST).case(log, stream))

    with ThreadPoolExecutor(8) as pool:
        cases = list(pool.map(process, range(8)))

    assert cases == [told(whole(landlord, stream))] * 8
    assert [row.version for row in kept(landlord)] == [len(events)]


def test_who_dies_while_writing_leaves_no_trace_and_the_next_one_writes(landlord: Landlord) -> None:
    events = retold(main_road().events)
    stream = written_down(landlord, events)
    [row] = kept(landlord)
    with landlord.connect() as dying, ThreadPoolExecutor(1) as pool:
        dying.execute("BEGIN")
        dying.execute("DELETE FROM snapshot")
        dying.execute("INSERT INTO snapshot VALUES (%s, 99, 99, 'x', 'x', 'x', 'x')", [stream])
        landlord.log.append([changed(events[-1], version=len(events) + 1, event_id=mint_event_id())])
        waiting = pool.submit(Recall(every=SOONEST).case, ReadLog(landlord), stream)
        assert waiting.result(timeout=20).version == len(events) + 1
        dying.close()
    with landlord.connect() as conn:
        conn.execute("SELECT FROM snapshot FOR UPDATE")  # until the server has noticed
    assert kept(landlord) == [row]
    Recall(every=SOONEST).case(ReadLog(landlord), stream)
    [later] = kept(landlord)
    assert (row.version, later.version) == (len(events), len(events) + 1)
    assert told(loaded(landlord, stream)[0]) == told(whole(landlord, stream))


@pytest.mark.parametrize("held", ["SELECT FROM snapshot FOR UPDATE", "LOCK TABLE snapshot IN SHARE MODE"])
def test_no_load_waits_for_who_holds_the_row_or_the_table(
    landlord: Landlord, caplog: pytest.LogCaptureFixture, held: str
) -> None:
    events = retold(main_road().events)
    stream = written_down(landlord, events[:-1])
    before = kept(landlord)
    landlord.log.append(events[-1:])
    with landlord.server.get_connection() as conn:
        conn.execute("SET lock_timeout = 0")  # the one connection there is so far: it would wait for ever

    with ThreadPoolExecutor(1) as pool, landlord.connect() as holder, holder.transaction():
        holder.execute(held.encode())
        with caplog.at_level(logging.WARNING):
            case = pool.submit(Recall(every=SOONEST).case, ReadLog(landlord), stream).result(timeout=20)

    assert told(case) == told(whole(landlord, stream))
    assert caplog.messages == ["a snapshot in landlord_elm was not written: LockNotAvailable"]
    assert kept(landlord) == before


def test_no_load_waits_for_a_connection_to_write_with(landlord: Landlord, caplog: pytest.LogCaptureFixture) -> None:
    events = retold(main_road().events)
    landlord.log.append(events)
    history = landlord.log.history(events[0].stream)
    known = Known(fold(history), history[-1])
    with PostgresServer(landlord.dsn, connections=1, patience=20) as server:
        snapshots = Snapshots(server, ELM, landlord.keys)
        with server.get_connection(), caplog.at_level(logging.WARNING):
            snapshots.write_down(known)
    assert caplog.messages == ["a snapshot in landlord_elm was not written: PoolTimeout"]
    assert kept(landlord) == []


def test_a_case_that_cannot_be_written_down_is_known_all_the_same(
    landlord: Landlord, caplog: pytest.LogCaptureFixture
) -> None:
    events = retold(main_road().events)
    landlord.log.append(events)
    with landlord.connect() as conn:
        conn.execute("ALTER TABLE snapshot ADD CHECK (version < 0)")  # the server's answer quotes the row

    with caplog.at_level(logging.WARNING):
        case = Recall(every=SOONEST).case(ReadLog(landlord), events[0].stream)

    assert told(case) == told(whole(landlord, case.id))
    [said] = caplog.messages
    assert said == "a snapshot in landlord_elm was not written: CheckViolation"


# what cannot be read


REFUSING: Final = """
    ALTER TABLE snapshot RENAME TO damaged;
    CREATE FUNCTION damage(state bytea) RETURNS bytea LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'could not read block 7 of %', state USING ERRCODE = '{}'; END $$;
    CREATE VIEW snapshot AS SELECT stream, version, position, event_id, code_version, mac, damage(state) AS state
        FROM damaged
"""


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("ALTER TABLE snapshot RENAME TO mislaid", "ProgrammingError"),
        ("ALTER TABLE snapshot DROP COLUMN mac", "ProgrammingError"),
        ("ALTER TABLE snapshot ALTER state TYPE text USING encode(state, 'hex')", "ProgrammingError"),
        (REFUSING.format("XX001"), "InternalError"),  # a page that is not as it should be
        (REFUSING.format("58P01"), "OperationalError"),  # a file that is not there
    ],
)
def test_a_table_that_cannot_be_read_is_as_if_it_held_nothing(
    landlord: Landlord, caplog: pytest.LogCaptureFixture, harm: str, said: str
) -> None:
    stream = written_down(landlord, retold(main_road().events))
    with landlord.connect() as conn:
        conn.execute(harm.encode())

    with caplog.at_level(logging.WARNING):
        case, read = loaded(landlord, stream)

    assert told(case) == told(whole(landlord, stream))
    assert read >= case.version
    assert caplog.messages == [f"a snapshot in landlord_elm was not read: {said}"]


def test_a_table_that_nobody_may_read_is_as_if_it_held_nothing(
    landlord: Landlord, caplog: pytest.LogCaptureFixture
) -> None:
    stream = written_down(landlord, retold(main_road().events))
    with landlord.connect() as conn:
        conn.execute("GRANT USAGE ON SCHEMA landlord_elm TO pg_monitor; GRANT SELECT ON event TO pg_monitor")
    dsn = psycopg.conninfo.make_conninfo(landlord.dsn, options="-c role=pg_monitor")

    with PostgresServer(dsn) as server, caplog.at_level(logging.WARNING):
        case, read = loaded(replace(landlord, server=server), stream)

    assert told(case) == told(whole(landlord, stream))
    assert read >= case.version
    assert caplog.messages == ["a snapshot in landlord_elm was not read: ProgrammingError"]


def test_a_server_that_does_not_answer_is_said_to_be_lost_and_not_asked_again(
    landlord: Landlord, caplog: pytest.LogCaptureFixture
) -> None:
    stream = written_down(landlord, retold(main_road().events))
    with PostgresServer(landlord.dsn, connections=1, patience=0.1) as server:
        log = ReadLog(replace(landlord, server=server))
        with server.get_connection(), caplog.at_level(logging.WARNING), pytest.raises(OperationalError):
            log.known(stream)
    assert caplog.messages == []


# which code made it


def test_any_other_code_of_what_folds_reads_and_writes_is_another_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folding, beside = tmp_path / "domain", tmp_path / "codec.py"
    (folding / "events").mkdir(parents=True)
    files = [folding / "case.py", folding / "events" / "parts.py", beside]
    for file in files:
        file.write_bytes(b"one\n")
    codes = [folding_code(folding, [beside])]
    assert folding_code(folding, [beside]) == codes[0]

    for file in files:
        file.write_bytes(b"one\r\n")
        codes.append(folding_code(folding, [beside]))
    files[0].rename(folding / "cases.py")
    codes.append(folding_code(folding, [beside]))
    monkeypatch.setattr("msgspec.__version__", "another")
    codes.append(folding_code(folding, [beside]))

    assert len(set(codes)) == len(codes) == 6


def test_where_no_code_is_found_there_is_no_name_for_it(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no module of the domain"):
        folding_code(tmp_path, [])
    (tmp_path / "case.py").touch()
    with pytest.raises(FileNotFoundError):
        folding_code(tmp_path, [tmp_path / "codec" / "gone.py"])


# what does not count


@pytest.mark.parametrize(
    "change",
    [
        "state = other.state",
        "state = other.state, mac = other.mac",
        "state = set_byte(held.state, 40, get_byte(held.state, 40) # 1)",
        "state = ''",
        "mac = ''",
        "mac = set_byte(held.mac, 0, get_byte(held.mac, 0) # 1)",
        "version = held.version - 1, position = held.position - 1",
        "version = held.version + 1",
        "position = held.position + 1",
        "event_id = other.event_id",
        "code_version = 'another release'",
    ],
)
def test_a_row_that_somebody_changed_is_not_believed_and_is_replaced(landlord: Landlord, change: str) -> None:
    stream = written_down(landlord, retold(main_road().events))
    written_down(landlord, retold(main_road().events[:9]))
    before = kept(landlord)
    with landlord.connect() as conn:
        conn.execute(
            f"UPDATE snapshot AS held SET {change} FROM snapshot AS other"  # noqa: S608 - from the list above
            " WHERE held.stream = %s AND other.stream <> held.stream".encode(),
            [stream],
        )
    assert kept(landlord) != before

    case, read = loaded(landlord, stream)

    assert told(case) == told(whole(landlord, stream))
    assert read >= case.version
    Recall(every=SOONEST).case(ReadLog(landlord), stream)
    assert kept(landlord) == before
    assert loaded(landlord, stream)[1] == 0


def test_the_snapshot_of_another_case_is_not_believed(landlord: Landlord) -> None:
    streams = [written_down(landlord, retold(main_road(name).events)) for name in ("one", "other")]
    with landlord.connect() as conn:
        conn.execute("ALTER TABLE snapshot DROP CONSTRAINT snapshot_stream")
        conn.execute(
            "UPDATE snapshot SET stream = CASE WHEN stream = %(one)s THEN %(other)s ELSE %(one)s END::uuid",
            {"one": streams[0], "other": streams[1]},
        )

    for stream in streams:
        assert told(loaded(landlord, stream)[0]) == told(whole(landlord, stream))


def test_an_older_snapshot_that_is_put_back_is_read_on_from(landlord: Landlord) -> None:
    events = retold(main_road().events)
    stream = written_down(landlord, events[:9])
    [older] = kept(landlord)
    landlord.log.append(events[9:])
    Recall(every=SOONEST).case(ReadLog(landlord), stream)
    put_back(landlord, older)

    case, read = loaded(landlord, stream)

    assert read == len(events) - 9
    assert told(case) == told(whole(landlord, stream))


def test_a_log_that_lost_its_end_is_folded_anew_and_so_is_one_that_went_on_otherwise(landlord: Landlord) -> None:
    events = retold(main_road().events)
    stream = written_down(landlord, events)
    [row] = kept(landlord)
    with landlord.connect() as conn:
        conn.execute("ALTER TABLE event DISABLE TRIGGER append_only")
        conn.execute("DELETE FROM event WHERE version > 9")
        conn.execute("UPDATE head SET position = 9")

    case, _ = loaded(landlord, stream)
    assert case.version == 9
    assert told(case) == told(whole(landlord, stream))
    assert kept(landlord) == []

    put_back(landlord, row)
    landlord.log.append([changed(event, event_id=mint_event_id()) for event in events[9:]])
    landlord.log.append([changed(events[-1], version=len(events) + 1, event_id=mint_event_id())])
    case, _ = loaded(landlord, stream)
    assert case.version == len(events) + 1
    assert told(case) == told(whole(landlord, stream))
    assert kept(landlord) == []


def test_without_its_rows_the_table_is_made_again(landlord: Landlord) -> None:
    stream = written_down(landlord, retold(main_road().events))
    before = kept(landlord)
    with landlord.connect() as conn:
        conn.execute("DELETE FROM snapshot")

    case = Recall(every=SOONEST).case(ReadLog(landlord), stream)

    assert told(case) == told(whole(landlord, stream))
    assert kept(landlord) == before


def put_back(landlord: Landlord, row: Any) -> None:
    """Make the table hold this row alone."""
    with landlord.connect() as conn:
        conn.execute("DELETE FROM snapshot")
        conn.execute("INSERT INTO snapshot VALUES (%s, %s, %s, %s, %s, %s, %s)", row)


# what never rests on it


def test_a_history_and_a_case_as_it_was_known_are_read_from_the_log_alone(database: str, tmp_path: Path) -> None:
    with on_postgres(database, tmp_path / "keys") as world:
        receipt = world.desk.log_contact(TENANT, a_call(), MANAGER)
        case = CaseId(str(receipt.answer["case"]))
        history = world.log.history(case)
        false = changed(fold(history), household="a household that no event names")
        world.log.write_down(Known(false, history[-1]))
        desk: Desk = world.on(world.log)

        assert desk.case(case).household == "a household that no event names"  # so a snapshot would show
        assert told(desk.case(case, known_at=NOON)) == told(fold(history))
        assert [event.event_id for event in desk.history(case)] == [event.event_id for event in history]
