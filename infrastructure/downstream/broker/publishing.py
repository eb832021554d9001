"""Publishes one landlord's events to its stream: each once, in the order of the log, resumed from the stream's own end.

Nothing is remembered here. The last message of the stream says which place of the log comes next, and carries a digest
of what stood there, so that a log which was restored from a backup is not mistaken for the one that was published.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

from eventsourcing.persistence import PersistenceError

from domain.codes import Topic
from infrastructure.downstream import tail
from infrastructure.downstream.broker.connecting import Diverged, Lost, NotLetIn, connected
from infrastructure.downstream.broker.stream import Last, Pipeline, last_of
from infrastructure.downstream.public_log import PublicPage
from infrastructure.downstream.tail import Source
from infrastructure.downstream.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from infrastructure.downstream.broker.connecting import Access
    from infrastructure.downstream.tail import Tail

PAGE: Final = 1000  # events that are read at once
DECIDED: Final = 5  # times as long as between two looks at a log: whether a stream that diverged was started over
FIRST_PAUSE: Final = 0.2  # seconds before a broker that was lost is tried again
LONGEST_PAUSE: Final = 10.0

T = TypeVar("T")
State = Literal["standby", "publishing", "unreachable", "refused", "diverged"]


class Log(tail.Log, Protocol):
    """What is read of a landlord's log, by one thread at a time."""

    def mark(self, position: int, *, tail: bool = False) -> bytes | None:
        """The digest of what the log holds at a position, None where it does not reach it; `tail` as of `read`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a landlord's stream is, as this process knows it. `head` is that of the log when it was read last.

    `standby`: another process publishes, or none has begun yet. `detail` is a sentence about what is wrong.
    """

    landlord: str
    state: State = "standby"
    position: int = 0
    sequence: int = 0
    head: int = 0
    since: datetime | None = None
    detail: str | None = None

    @property
    def is_in_trouble(self) -> bool:
        """Whether nothing can be published just now."""
        return self.state in ("unreachable", "refused", "diverged")


@dataclass(frozen=True, slots=True)
class _GoesOn:
    """A log as it goes on behind the end of a stream; another one, restored meanwhile, raises `Diverged` when read."""

    log: Log
    last: Last

    def refresh(self) -> int:
        return self.log.refresh()

    def read(self, wanted: Wanted, after: int, limit: int = PAGE, *, tail: bool = False) -> PublicPage:
        self.refuse_another_log()
        return self.log.read(wanted, after, limit, tail=tail)

    def refuse_another_log(self) -> None:
        found = self.log.mark(self.last.position, tail=True)
        if found is None:
            raise Diverged("ahead")
        if found != self.last.mark:
            raise Diverged("unequal")


class Publisher:
    """Publishes one landlord's events for as long as it leads: one more who listens at the end of the log.

    `readers` read what is far from that end. `poll` is the time in seconds between two looks at whether the log and
    the stream are still the same ones.
    """

    def __init__(
        self,
        log: Log,
        access: Access,
        listening: Tail,
        readers: Executor,
        *,
        poll: float,
        observe: Callable[[str, int], None] | None = None,
    ) -> None:
        self.standing = Standing(landlord=access.landlord)
        self._wanted = Wanted(landlord=access.landlord, subscriber="broker", topics=frozenset(Topic))
        self._log = log
        self._access = access
        self._tail = listening
        self._readers = readers
        self._poll = poll
        self._observe = observe
        self._pipeline: Pipeline | None = None

    def stand_by(self) -> None:
        """It leads no longer."""
        self._stands("standby", None)

    def stumble(self, kind: str) -> None:
        """An error that nobody foresaw, by the name of its kind; whoever leads next tries again."""
        self._stands("unreachable", f"Publishing ended of an error ({kind}), and is tried again.")

    async def run(self) -> None:
        """Publish until cancelled. Raises `SteppedDown` when somebody else does."""
        pause = FIRST_PAUSE
        while True:
            before = self.standing.position
            try:
                await self._publish()
            except Diverged as diverged:
                self._stands("diverged", f"{diverged} {self._remedy()}")
                await asyncio.sleep(DECIDED * self._poll)
                continue
            except Lost as lost:
                self._stands("refused" if isinstance(lost, NotLetIn) else "unreachable", str(lost))
            except (PersistenceError, OSError) as error:
                self._stands("unreachable", f"The log cannot be read ({type(error).__qualname__}).")
            pause = FIRST_PAUSE if self.standing.position > before else min(2 * pause, LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _publish(self) -> None:
        async with connected(self._access, self._hurry) as client:
            last = await last_of(client, self._access)
            await self._in_thread(_GoesOn(self._log, last).refuse_another_log)
            self._pipeline = Pipeline(client, self._access, last.sequence)
            await self._pipeline.open()
            await self._follow(self._pipeline, last, lambda: client.is_closed)

    def _hurry(self) -> None:
        """The connection is gone: no answer is waited for."""
        if self._pipeline is not None:
            self._pipeline.hurry()

    async def _follow(self, pipeline: Pipeline, last: Last, is_lost: Callable[[], bool]) -> None:
        # That it publishes is said when the first event is stored, or when there is none to store.
        self.standing = replace(self.standing, position=last.position, sequence=last.sequence)
        looked = last.position
        page = await self._read(looked)
        while True:
            looked = max(page.upto, looked)
            behind = looked < page.head
            # The next page is read while this one is on its way.
            reading = asyncio.ensure_future(self._read(looked)) if behind else None
            try:
                if page.told:
                    await pipeline.send(page.told)
                    if not behind:
                        await pipeline.settle()
                    end = page.told[-1]
                    last = Last(pipeline.stored, end.position, end.mark)
                    if self._observe is not None:
                        self._observe(self._access.landlord, len(page.told))
                self._is_at(looked, pipeline.stored, page.head)
                if reading is not None:
                    page = await reading
                else:
                    await pipeline.settle()
                    page = await self._wait(last, looked)
                    if is_lost():
                        raise Lost("The broker was lost.")
            finally:
                if reading is not None:
                    reading.cancel()

    async def _wait(self, last: Last, looked: int) -> PublicPage:
        """What comes next, or nothing for a while."""
        goes_on = _GoesOn(self._log, last)
        heard = await self._tail.wait(Source(self._access.landlord, goes_on), self._wanted, looked, self._poll)
        if heard.page is not None:
            return heard.page
        await self._in_thread(goes_on.refuse_another_log)  # nothing was read, of which log it ever is by now
        return PublicPage((), heard.upto, heard.upto)

    async def _read(self, looked: int) -> PublicPage:
        return await self._in_thread(self._log.read, self._wanted, looked, PAGE)

    async def _in_thread(self, work: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, lambda: work(*given))

    def _stands(self, state: State, detail: str | None) -> None:
        since = self.standing.since if self.standing.state == state else datetime.now(UTC)
        self.standing = replace(self.standing, state=state, detail=detail, since=since)

    def _is_at(self, position: int, sequence: int, head: int) -> None:
        self._stands("publishing", None)
        self.standing = replace(self.standing, position=position, sequence=sequence, head=head)

    def _remedy(self) -> str:
        return (
            f"Nothing is published until it is decided: `evenhand broker start-over {self._access.landlord}` makes the "
            "stream anew, and whoever follows it takes a snapshot first."
        )
