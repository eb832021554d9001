"""What a use case may rely on in any log: the one in memory keeps the same promises as the real one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from application.ports import Conflict, EventLog, KeyReused
from domain.codes import SubjectId, SubjectKind
from domain.events import SYSTEM, CaseClosed, CaseOpened, Event
from infrastructure.office import mint_event_id
from tests.application.a_desk import NOON, World, asked, in_memory, on_postgres


@pytest.fixture(params=["memory", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A log that holds the facts of a landlord's beginning."""
    if request.param == "memory":
        yield in_memory()
        return
    with on_postgres(request.getfixturevalue("database"), tmp_path / "keys") as real:
        yield real


def facts(count: int, stream: str | None = None, first: int = 1) -> list[Event]:
    """The next facts of a stream, or the first ones of a new one."""
    stream = stream or str(uuid4())
    opened = CaseOpened(person=SubjectId("tenant"), ordinal=1, kind=SubjectKind.TENANT, household=None)
    closed = CaseClosed(closed_on=date(2026, 3, 2), reasons=None)
    return [
        Event(
            event_id=mint_event_id(),
            stream=stream,
            version=version,
            fact=opened if version == 1 else closed,
            effective_at=NOON,
            actor=SYSTEM,
            post=None,
            policy=None,
        )
        for version in range(first, first + count)
    ]


def ids(events: Sequence[Event]) -> list[str]:
    return [event.event_id for event in events]


def contents(log: EventLog) -> list[str]:
    return ids(log.after(0, 1000))


def test_what_was_appended_comes_back_in_order_with_positions_and_time(world: World) -> None:
    start = world.log.head()
    two = facts(2)

    receipt = world.log.append(two)

    assert (receipt.first_position, receipt.last_position, receipt.recorded_at) == (start + 1, start + 2, NOON)
    assert not receipt.repeated
    assert world.log.head() == start + 2
    stored = [replace(event, position=start + n, recorded_at=NOON) for n, event in enumerate(two, start=1)]
    assert world.log.history(two[0].stream) == stored
    assert world.log.after(start, 1) == stored[:1]
    assert world.log.after(start + 1, 5) == stored[1:]
    assert world.log.history(two[0].stream, upto=start + 1) == stored[:1]
    assert world.log.history(two[0].stream, upto=start) == []
    assert world.log.history(str(uuid4())) == []


def test_a_version_that_is_taken_is_a_conflict_and_nothing_of_its_save_is_written(world: World) -> None:
    here = facts(2)
    world.log.append(here)
    before = contents(world.log)

    for save in (
        [*facts(1), *facts(1, here[0].stream, first=2)],
        [*facts(1, stream := str(uuid4())), *facts(1, stream)],
    ):
        with pytest.raises(Conflict):
            world.log.append(save, request=asked("a"))

    assert contents(world.log) == before
    assert world.log.accepted(asked("a")) is None


def test_a_save_across_streams_is_one(world: World) -> None:
    one, other = facts(1), facts(2)

    receipt = world.log.append([*one, *other])

    assert receipt.last_position - receipt.first_position == 2
    assert contents(world.log)[-3:] == ids([*one, *other])


def test_an_accepted_request_is_known_with_its_answer_and_is_not_carried_out_twice(world: World) -> None:
    first = world.log.append(facts(1), request=asked("a"), answer={"case": "c", "facts": [{"version": 1}]})
    before = contents(world.log)

    again = world.log.append(facts(1), request=asked("a"), answer={"case": "another"})

    assert again == world.log.accepted(asked("a")) == replace(first, repeated=True)
    assert dict(again.answer) == {"case": "c", "facts": [{"version": 1}]}
    assert contents(world.log) == before
    assert world.log.accepted(asked("b")) is None


def test_one_key_with_two_bodies_is_refused(world: World) -> None:
    world.log.append(facts(1), request=asked("a"))
    before = contents(world.log)

    with pytest.raises(KeyReused):
        world.log.append(facts(1), request=asked("a", b"another mac"))
    with pytest.raises(KeyReused):
        world.log.accepted(asked("a", b"another mac"))

    assert contents(world.log) == before


def test_a_request_can_be_accepted_without_a_fact_and_a_save_without_either_is_none(world: World) -> None:
    head = world.log.head()

    receipt = world.log.append([], request=asked("a"), answer={"nothing": True})

    assert (receipt.first_position, receipt.last_position, world.log.head()) == (head + 1, head, head)
    assert world.log.accepted(asked("a")) == replace(receipt, repeated=True)
    with pytest.raises(ValueError, match="a save needs an event"):
        world.log.append([])


def test_recorded_time_never_goes_back_and_tells_what_was_known(world: World) -> None:
    start = world.log.head()
    world.clock.at = NOON + timedelta(hours=2)
    world.log.append(facts(1))
    world.clock.at = NOON + timedelta(hours=1)
    world.log.append(facts(2))
    world.clock.at = NOON + timedelta(hours=3)
    world.log.append(facts(1))

    times = [event.recorded_at - NOON for event in world.log.after(start, 10)]
    assert times == [timedelta(hours=hours) for hours in (2, 2, 2, 3)]
    assert [world.log.position_at(NOON + timedelta(hours=hours)) - start for hours in (-1, 1, 2, 3, 4)] == [
        -start, 0, 3, 4, 4,
    ]  # fmt: skip


def test_a_save_that_rests_on_another_stream_is_a_conflict_once_that_has_gone_on(world: World) -> None:
    rests_on, absent, wanted = facts(2), str(uuid4()), facts(1)
    world.log.append(rests_on)
    before = contents(world.log)

    for gone_on in ({rests_on[0].stream: 1}, {absent: 0, rests_on[0].stream: 0}):
        with pytest.raises(Conflict):
            world.log.append(wanted, request=asked("once"), unchanged=gone_on)
    assert contents(world.log) == before
    assert world.log.accepted(asked("once")) is None

    world.log.append(wanted, request=asked("once"), unchanged={rests_on[0].stream: 2, absent: 0})
    world.log.append(facts(1, rests_on[0].stream, first=3))
    repeated = world.log.append(facts(1), request=asked("once"), unchanged={rests_on[0].stream: 2})
    assert repeated.repeated
    assert contents(world.log)[-2] == wanted[0].event_id
