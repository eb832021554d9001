"""What a save may rest on without writing it: another stream as it was read, looked at behind the lock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from infrastructure.event_store import Appended, Conflict, LandlordRecorder, Save
from infrastructure.log_entries import GoneOn
from tests.infrastructure.a_log import SetClock, a_log, asked, fact, facts
from tests.infrastructure.test_event_store_batches import outcomes, sharing_a_commit

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def log(database: str) -> Iterator[LandlordRecorder]:
    with a_log(database) as recorder:
        yield LandlordRecorder(recorder.server, "elm", SetClock())


def test_of_two_saves_in_one_commit_that_rest_on_each_others_streams_the_first_stands_alone(
    log: LandlordRecorder, database: str
) -> None:
    one, other = uuid4(), uuid4()
    with sharing_a_commit(
        log,
        database,
        Save([fact(one, 1)], unchanged={other: 0}),
        Save([fact(other, 1)], unchanged={one: 0}),
        Save(facts(3)),
    ) as futures:
        first, second, third = outcomes(futures)

    assert isinstance(first, Appended)
    assert isinstance(second, GoneOn)
    assert (second.stream, second.version) == (one, 0)
    assert isinstance(third, Appended)
    assert (first.first_position, third.first_position, third.last_position) == (1, 2, 4)
    assert log.read_stream(other) == []


def test_a_save_is_not_refused_for_what_comes_after_it_in_the_same_commit(log: LandlordRecorder, database: str) -> None:
    later = uuid4()
    with sharing_a_commit(log, database, Save(facts(1), unchanged={later: 0}), Save([fact(later, 1)])) as futures:
        positions = [future.result(timeout=20).first_position for future in futures]
    assert positions == [1, 2]


def test_a_conflict_of_one_save_touches_nobody_beside_it(log: LandlordRecorder, database: str) -> None:
    known = uuid4()
    log.append(Save([fact(known, 1), fact(known, 2)]))
    with sharing_a_commit(
        log,
        database,
        Save(facts(1)),
        Save(facts(2), asked("stale"), unchanged={known: 1}),
        Save(facts(1), asked("fresh"), unchanged={known: 2, uuid4(): 0}),
    ) as futures:
        before, stale, after = outcomes(futures)
    assert isinstance(before, Appended)
    assert isinstance(stale, GoneOn)
    assert isinstance(after, Appended)
    assert log.head().position == 4
    assert log.find_request("phone room", "stale") is None


def test_a_request_that_was_accepted_keeps_its_answer_whatever_went_on_since(log: LandlordRecorder) -> None:
    rests_on = uuid4()
    first = log.append(Save(facts(1), asked("k"), unchanged={rests_on: 0}))
    log.append(Save([fact(rests_on, 1)]))
    again = log.append(Save(facts(1), asked("k"), unchanged={rests_on: 0}))
    assert again.repeated
    assert again.first_position == first.first_position


def test_a_save_cannot_rest_on_what_it_writes(log: LandlordRecorder) -> None:
    stream = uuid4()
    with pytest.raises(ValueError, match="rest on a stream that it writes"):
        log.append(Save([fact(stream, 1)], unchanged={stream: 0}))


def test_however_two_meet_one_alone_gets_through(log: LandlordRecorder) -> None:
    for _ in range(20):
        one, other, start = uuid4(), uuid4(), Barrier(2)

        def tried(written: UUID, rests_on: UUID, start: Barrier = start) -> bool:
            start.wait(10)
            try:
                log.append(Save([fact(written, 1)], unchanged={rests_on: 0}))
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(2) as threads:
            got_through = list(threads.map(tried, (one, other), (other, one)))
        assert got_through.count(True) == 1
