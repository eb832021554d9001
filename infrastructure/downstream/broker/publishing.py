"""Publishes one landlord's events to its stream: each once, in the order of the log, resumed from the stream's own end.

Nothing is remembered here. The last message of the stream says which place of the log comes next, and carries a digest
of what stood there, so that a log which was restored from a backup is not mistaken for the one that was published.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

from eventsourcing.persistence import PersistenceError

from domain.codes import Topic
from infrastructure.downstream.broker.connecting import Diverged, Lost, NotLetIn, connected
from infrastructure.downstream.broker.stream import Last, Pipeline, last_of
from infrastructure.downstream.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from infrastructure.downstream.broker.connecting import Access
    from infrastructure.downstream.public_log import PublicPage

PAGE: Final = 1000  # events that are read at once
DECIDED: Final = 5  # times as long as between two looks at a log: whether a stream that diverged was started over
FIRST_PAUSE: Final = 0.2  # seconds before a broker that was lost is tried again
LONGEST_PAUSE: Final = 10.0

T = TypeVar("T")
State = Literal["standby", "publishing", "unreachable", "refused", "diverged"]


class Log(Protocol):
    """What is read of a landlord's log, by one thread at a time."""

    def read(self, wanted: Wanted, after: int, limit: int = 500, *, tail: bool = False) -> PublicPage:
        """The next events after a position; with `tail`, from what `refresh` took in where that reaches."""
        ...

    def refresh(self) -> int:
        """Take in what came since; how far the log goes."""
        ...

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


class Publisher:
    """Publishes one landlord's events for as long as it leads. `wake` says that the log has grown."""

    def __init__(
        self,
        log: Log,
        access: Access,
        readers: Executor,
        *,
        poll: float,
        observe: Callable[[str, int], None] | None = None,
    ) -> None:
        self.standing = Standing(landlord=access.landlord)
        self._wanted = Wanted(landlord=access.landlord, subscriber="broker", topics=frozenset(Topic))
        self._log = log
        self._access = access
        self._readers = readers
        self._poll = poll
        self._observe = observe
        self._grown = asyncio.Event()
        self._pipeline: Pipeline | None = None

    def wake(self) -> None:
        """The log has grown."""
        self._grown.set()

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
            await self._in_thread(self._refuse_another_log, last)
            self._pipeline = Pipeline(client, self._access, last.sequence)
            await self._pipeline.open()
            await self._follow(self._pipeline, last, lambda: client.is_closed)

    def _hurry(self) -> None:
        """The connection is gone: neither an answer nor a rest is waited for."""
        self._grown.set()
        if self._pipeline is not None:
            self._pipeline.hurry()

    async def _follow(self, pipeline: Pipeline, last: Last, is_lost: Callable[[], bool]) -> None:
        looked = last.position
        # That it publishes is said when the first event is stored, or when there is none to store.
        self.standing = replace(self.standing, position=looked, sequence=last.sequence)
        reading = asyncio.ensure_future(self._read(last, looked))
        try:
            while True:
                page = await reading
                looked = max(page.upto, looked)
                behind = looked < page.head
                if behind:  # the next page is read while this one is on its way
                    reading = asyncio.ensure_future(self._read(None, looked))
                if page.told:
                    await pipeline.send(page.told)
                    if not behind:
                        await pipeline.settle()
                    end = page.told[-1]
                    last = Last(pipeline.stored, end.position, end.mark)
                    if self._observe is not None:
                        self._observe(self._access.landlord, len(page.told))
                self._is_at(looked, pipeline.stored, page.head)
                if not behind:
                    await pipeline.settle()
                    await self._rest()
                    if is_lost():
                        raise Lost("The broker was lost.")
                    reading = asyncio.ensure_future(self._read(last, looked))
        finally:
            reading.cancel()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._grown.wait(), self._poll)

    async def _read(self, last: Last | None, looked: int) -> PublicPage:
        self._grown.clear()
        return await self._in_thread(self._page, last, looked)

    def _page(self, last: Last | None, looked: int) -> PublicPage:
        if last is None:
            return self._log.read(self._wanted, looked, PAGE)
        self._log.refresh()
        self._refuse_another_log(last)  # the log may have been restored while nobody looked
        return self._log.read(self._wanted, looked, PAGE, tail=True)

    def _refuse_another_log(self, last: Last) -> None:
        found = self._log.mark(last.position, tail=True)
        if found is None:
            raise Diverged("ahead")
        if found != last.mark:
            raise Diverged("unequal")

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
