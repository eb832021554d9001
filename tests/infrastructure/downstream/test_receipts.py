"""Receipts in a real database: one after another, twice, late, at once, and under a clock that goes back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.resources import files

import psycopg
import pytest

from domain.public.in_force import CHANGES_IN_FORCE
from domain.public.receipts import Acknowledgement, Behind, Claim, Receipt, Restricted, Verdict
from infrastructure.downstream.in_force_types import IN_FORCE_TYPES
from infrastructure.downstream.receipts import Place, Receipts
from infrastructure.event_store import LandlordRecorder, Save
from infrastructure.postgres.server import PostgresServer
from tests.histories import MONDAY
from tests.infrastructure.a_log import NOON, SetClock, a_log, facts
from tests.infrastructure.lossy_line import a_lossy_line

EMPTY = Restricted.of([])


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def log(database: str, clock: SetClock) -> Iterator[LandlordRecorder]:
    with a_log(database, clock=clock) as recorder:
        recorder.append(Save(facts(9)))
        yield recorder


@pytest.fixture
def receipts(log: LandlordRecorder, clock: SetClock) -> Receipts:
    return Receipts(log.server, "elm", clock)


def upto(position: int, *, restarted: bool = False, claim: Claim | None = None) -> Acknowledgement:
    return Acknowledgement(position, restarted, claim)


def test_a_receipt_reads_back_as_it_was_given(receipts: Receipts) -> None:
    claim = Claim(MONDAY, Restricted(3, "ab" * 32))
    given = receipts.record("housing", upto(4, claim=claim), [EMPTY])
    assert receipts.last("housing") == given
    assert (given.number, given.at, given.verdict, given.expected) == (1, NOON, Verdict.DRIFTED, EMPTY)
    assert receipts.last("telephony") is None


def test_sent_twice_it_is_the_same_receipt(receipts: Receipts, clock: SetClock) -> None:
    first = receipts.record("housing", upto(4))
    clock.now += timedelta(minutes=1)
    assert receipts.record("housing", upto(4)) == first
    receipts.record("housing", upto(6))
    assert receipts.record("housing", upto(4)) == first  # the answer was lost, and the next had gone already


def test_one_behind_the_last_is_refused_unless_it_says_that_it_began_anew(receipts: Receipts) -> None:
    receipts.record("housing", upto(6))
    with pytest.raises(Behind) as behind:
        receipts.record("housing", upto(4))
    assert behind.value.known.position == 6
    anew = receipts.record("housing", upto(0, restarted=True))
    assert receipts.record("housing", upto(0, restarted=True)) == anew
    assert receipts.record("housing", upto(4)).run == 2
    with pytest.raises(Behind):
        receipts.record("housing", upto(2))


def test_one_that_begins_anew_twice_at_the_same_place_is_back_there(receipts: Receipts) -> None:
    receipts.record("housing", upto(0, restarted=True))
    receipts.record("housing", upto(6))
    anew = receipts.record("housing", upto(0, restarted=True))
    assert (anew.number, anew.position, receipts.last("housing")) == (3, 0, anew)
    assert receipts.record("housing", upto(4)).position == 4


def test_who_knew_first_stays_known_when_a_subscriber_begins_anew(receipts: Receipts, clock: SetClock) -> None:
    first = receipts.record("housing", upto(6))
    clock.now += timedelta(hours=1)
    receipts.record("housing", upto(0, restarted=True))
    receipts.record("housing", upto(3))
    last = receipts.record("housing", upto(8))
    found = receipts.first_reaching("housing", [Place(position) for position in (1, 3, 6, 7, 8, 9)])
    assert {place.position: receipt for place, receipt in found.items()} == {
        1: first, 3: first, 6: first, 7: last, 8: last,
    }  # fmt: skip


def test_neither_clock_nor_log_makes_a_receipt_earlier_than_what_it_acknowledges(
    receipts: Receipts, clock: SetClock
) -> None:
    clock.now = NOON - timedelta(days=1)  # by another machine's clock the events are of tomorrow
    assert receipts.record("housing", upto(4)).at == NOON
    clock.now = NOON + timedelta(hours=2)
    later = receipts.record("housing", upto(5)).at
    clock.now = NOON
    assert receipts.record("housing", upto(6)).at == later == NOON + timedelta(hours=2)


def test_receipts_of_one_subscriber_at_once_are_one_after_another(receipts: Receipts) -> None:
    def send(position: int) -> Receipt | None:
        try:
            return receipts.record("housing", upto(position))
        except Behind:
            return None

    with ThreadPoolExecutor(8) as pool:
        given = [receipt for receipt in pool.map(send, [*range(1, 10)] * 4) if receipt is not None]
    by_number = {receipt.number: receipt for receipt in given}
    assert sorted(by_number) == list(range(1, len(by_number) + 1))
    positions = [by_number[number].position for number in sorted(by_number)]
    assert positions == sorted(set(positions))
    assert positions[-1] == 9
    assert receipts.last("housing") == by_number[max(by_number)]


@pytest.mark.parametrize("words", [b"pg_advisory_xact_lock", b"INSERT INTO", b"COMMIT"])
def test_whichever_answer_is_lost_the_acknowledgement_is_taken_down_once(
    receipts: Receipts, database: str, clock: SetClock, words: bytes
) -> None:
    with a_lossy_line(database) as line, PostgresServer(line.dsn, connections=1) as server:
        lossy = Receipts(server, "elm", clock)
        lossy.record("housing", upto(3))
        line.lose_the_answer_to(words)
        given = lossy.record("housing", upto(5))
        assert line.lost.is_set()
        assert (given.number, given.position) == (2, 5)
        assert receipts.last("housing") == given == lossy.record("housing", upto(5))
        server.close()


def test_drift_is_told_since_when_until_it_agrees_again(receipts: Receipts, clock: SetClock) -> None:
    wrong, right = (Claim(MONDAY, Restricted(count, None)) for count in (1, 0))
    receipts.record("housing", upto(1, claim=right), [EMPTY])
    assert receipts.drifted("housing") is None
    since = receipts.record("housing", upto(2, claim=wrong), [EMPTY])
    clock.now += timedelta(hours=1)
    receipts.record("housing", upto(3, claim=wrong), [EMPTY])
    receipts.record("housing", upto(4, claim=right))  # nothing was compared: nothing is better
    receipts.record("housing", upto(5))
    assert receipts.drifted("housing") == since
    agreed = receipts.record("housing", upto(6, claim=right), [EMPTY])
    assert receipts.drifted("housing") is None
    assert receipts.compared("housing") == agreed


def test_no_receipt_is_ever_changed_or_lost(receipts: Receipts, database: str) -> None:
    receipts.record("housing", upto(4))
    with psycopg.connect(database, autocommit=True) as conn:
        for statement in ("UPDATE landlord_elm.receipt SET position = 9", "DELETE FROM landlord_elm.receipt"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                conn.execute(statement)


def test_statements_and_index_look_for_what_changes_something_in_force() -> None:
    folder = files("infrastructure.postgres") / "migrations"
    [migration] = [file for file in folder.iterdir() if file.name.endswith("_receipts.sql")]
    indexed = migration.read_text().partition("event_in_force ON event (position) WHERE type IN (")[2]
    for listed in (IN_FORCE_TYPES, indexed.partition(")")[0]):
        assert {name.strip().strip("'") for name in listed.split(",")} == CHANGES_IN_FORCE
