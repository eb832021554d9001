"""Listeners sleep until something comes for them, and nothing that comes in between is slept through."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.codes import Topic
from infrastructure.downstream import tail
from infrastructure.downstream.public_log import PublicPage
from infrastructure.downstream.tail import Source, Tail, Tails
from infrastructure.downstream.telling import Told
from infrastructure.downstream.wanted import Wanted
from infrastructure.postgres.wake_up import Follower, WakeUps

ALL = Wanted(landlord="elm", subscriber="housing_system", topics=frozenset(Topic))
FEW = Wanted(landlord="elm", subscriber="telephony", topics=frozenset({Topic.SAFETY}))
SOON = 20.0  # seconds, which no test comes to


def told(position: int, name: str = "restriction-applied") -> Told:
    """An event at a position."""
    at = datetime(2026, 1, 12, tzinfo=UTC)
    return Told(position, "case", position, f"id-{position}", name, None, at, bytes(16), b"{}")


class Log:
    """A log in memory, which counts how often it is read."""

    def __init__(self) -> None:
        self.events: list[Told] = []
        self.reads = 0
        self.breaks = False

    def refresh(self) -> int:
        """How far it goes."""
        return len(self.events)

    def read(self, wanted: Wanted, after: int, limit: int = 500, *, tail: bool = False) -> PublicPage:
        """What comes after a position; whoever asked for few gets the safety warnings."""
        assert tail
        self.reads += 1
        if self.breaks:
            raise ConnectionError("gone")
        seen = [e for e in self.events[after:] if wanted is ALL or e.name.startswith("safety")][:limit]
        return PublicPage(tuple(seen), len(self.events), len(self.events))


class Bells(WakeUps):
    """Wake-ups within this process alone; any of them can be lost."""

    def __init__(self) -> None:
        super().__init__("")
        self.lost = False

    def follow(self, *channels: str) -> Follower:
        """A follower whose channels nobody listens to in the database."""
        follower = Follower(self, frozenset(channels))
        self._followers.append(follower)
        return follower

    def ring(self, channel: str) -> None:
        """Wake whoever follows, unless it is lost."""
        if not self.lost:
            self._wake(channel)


class Ground:
    """A log, its bell and its tail."""

    def __init__(self) -> None:
        self.log = Log()
        self.bells = Bells()
        self.tail = Tail(self.bells, poll=0.05)
        self.source = Source("elm", self.log)

    def happens(self, name: str = "restriction-applied") -> None:
        """One more event."""
        self.log.events.append(told(len(self.log.events) + 1, name))
        self.bells.ring("landlord_elm")

    async def listening(self, count: int) -> None:
        """Return when so many listen."""
        async with asyncio.timeout(SOON):
            while self.tail.listeners() < count:  # noqa: ASYNC110 - nobody rings for this
                await asyncio.sleep(0.01)


@pytest.fixture
def ground() -> Iterator[Ground]:
    """A log that nothing stands in yet."""
    made = Ground()
    yield made
    made.tail.stop()


def test_an_event_reaches_everybody_who_waits_for_it_by_one_read(ground: Ground) -> None:
    async def listen() -> None:
        waits = [asyncio.create_task(ground.tail.wait(ground.source, ALL, 0, SOON)) for _ in range(300)]
        await ground.listening(300)
        reads = ground.log.reads
        ground.happens()
        heard = await asyncio.gather(*waits)
        assert {one.upto for one in heard} == {1}
        assert ground.log.reads == reads + 1

    threads = threading.active_count()
    asyncio.run(listen())
    assert threading.active_count() <= threads + 1
    assert ground.tail.listeners() == 0


def test_what_happened_between_the_read_and_the_wait_is_not_slept_through(ground: Ground) -> None:
    ground.tail._poll = SOON  # noqa: SLF001 - nothing but the look before sleeping may help

    async def listen() -> None:
        for after in range(20):
            ground.happens()  # read up to `after` before, and nobody waited when it rang
            assert (await ground.tail.wait(ground.source, ALL, after, SOON)).upto == after + 1

    asyncio.run(listen())


def test_an_event_comes_although_its_wake_up_was_lost(ground: Ground) -> None:
    ground.bells.lost = True

    async def listen() -> None:
        wait = asyncio.create_task(ground.tail.wait(ground.source, ALL, 0, SOON))
        await ground.listening(1)
        ground.happens()
        assert (await wait).upto == 1

    asyncio.run(listen())


def test_many_partners_keep_no_system_of_the_landlords_own_waiting(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "PARTNERS_AT_ONCE", 0.0)
    partners = [replace(ALL, subscriber=f"partner-{n}", partner=f"partner-{n}") for n in range(30)]
    order: list[str | None] = []
    read = ground.log.read

    def noted(wanted: Wanted, after: int, limit: int = 500, *, tail: bool = False) -> PublicPage:
        order.append(wanted.partner)
        return read(ALL, after, limit, tail=tail)

    monkeypatch.setattr(ground.log, "read", noted)

    async def listen() -> None:
        waits = [asyncio.create_task(ground.tail.wait(ground.source, one, 0, SOON)) for one in (*partners, ALL)]
        await ground.listening(31)
        ground.happens()
        assert {heard.upto for heard in await asyncio.gather(*waits)} == {1}

    asyncio.run(listen())
    assert order[0] is None
    assert len(order) == 31


def test_whoever_waits_for_something_else_waits_on_and_knows_how_far_was_looked(ground: Ground) -> None:
    async def listen() -> None:
        wait = asyncio.create_task(ground.tail.wait(ground.source, FEW, 0, SOON))
        brief = asyncio.create_task(ground.tail.wait(ground.source, FEW, 0, 1.0))
        await ground.listening(2)
        ground.happens()
        ground.happens()
        nothing = await brief
        assert (nothing.page, nothing.upto) == (None, 2)
        assert not wait.done()
        ground.happens("safety-warning-approved")
        heard = await wait
        assert heard.page is not None
        assert [one.position for one in heard.page.told] == [3]

    asyncio.run(listen())


def test_everybody_is_let_go_when_it_stops_and_nobody_waits_again(ground: Ground) -> None:
    async def listen() -> None:
        wait = asyncio.create_task(ground.tail.wait(ground.source, ALL, 0, SOON))
        await ground.listening(1)
        ground.tail.let_go()
        assert (await wait).page is None
        assert (await ground.tail.wait(ground.source, ALL, 0, SOON)).page is None

    asyncio.run(listen())


def test_a_log_that_cannot_be_read_is_told_to_those_who_wait_and_not_to_the_next(ground: Ground) -> None:
    async def listen() -> None:
        wait = asyncio.create_task(ground.tail.wait(ground.source, ALL, 0, SOON))
        await ground.listening(1)
        ground.log.breaks = True
        ground.happens()
        with pytest.raises(ConnectionError):
            await wait
        ground.log.breaks = False
        assert (await ground.tail.wait(ground.source, ALL, 0, SOON)).upto == 1

    asyncio.run(listen())


def test_a_cancelled_listener_leaves_nothing_behind(ground: Ground) -> None:
    async def listen() -> None:
        wait = asyncio.create_task(ground.tail.wait(ground.source, ALL, 0, SOON))
        await ground.listening(1)
        wait.cancel()
        with pytest.raises(asyncio.CancelledError):
            await wait
        assert ground.tail.listeners() == 0

    asyncio.run(listen())


def test_there_is_one_tail_for_each_server_and_none_begins_after_the_end() -> None:
    tails, bells = Tails(), Bells()
    assert tails.of(bells) is tails.of(bells)
    tails.stop()
    assert tails.of(Bells()).stopping
