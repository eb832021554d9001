"""Brings one endpoint its events: in order of each case, several cases at once, until each was taken.

One place in the log for the endpoint, and a row of its own for each case that is behind: the place passes on, and other
cases go on. While nothing at all is taken, no new case is begun, so that an endpoint that is down for days costs a few
calls an hour and a few rows. Everything here runs in one event loop; the database is asked in other threads.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from infrastructure.downstream.webhooks.book import Book
from infrastructure.downstream.webhooks.calls import Message, Outcome, a_new_start, brought
from infrastructure.downstream.webhooks.outside import AT_REST
from infrastructure.downstream.webhooks.patience import ALONE, AT_ONCE, Patience
from infrastructure.downstream.webhooks.progress import Deposed, Tried, Waiting
from infrastructure.downstream.webhooks.records import FAILING, GONE, THE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from infrastructure.downstream.telling import Told
    from infrastructure.downstream.wanted import Wanted
    from infrastructure.downstream.webhooks.ground import Ground
    from infrastructure.downstream.webhooks.records import Endpoint, LiveSecret

logger = logging.getLogger(__name__)

ROOM: Final = 128  # events of one endpoint that are in memory
OF_ONE_CASE: Final = 50  # events of a case that was behind, read together
AFTER_TROUBLE: Final = 2.0  # seconds until the log is read again that could not be
FAREWELL: Final = 3.0  # seconds that stopping waits for calls under way


class Courier:
    """One endpoint that this process leads. `wake` says that the log grew; `stop` ends `run`."""

    def __init__(self, ground: Ground, endpoint: Endpoint, wanted: Wanted, secrets: list[LiveSecret]) -> None:
        self.endpoint = endpoint
        self.wanted = wanted
        self.secrets = secrets
        self._ground = ground
        self._book = Book(ground, endpoint, self._overtaken)
        self._patience = Patience(self._book, ground.now)
        self._line = ground.outside.line(endpoint.url, AT_ONCE)
        self._news = asyncio.Event()
        self._stopping = False
        self._over = False
        self._grew = True
        self._read_to = 0
        self._lines: dict[str, deque[Told]] = {}  # events that were read, by case, the first perhaps under way
        self._ready: deque[str] = deque()  # of these, cases with none under way
        self._open: OrderedDict[int, None] = OrderedDict()  # positions that were read and not taken, in order
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._called_at = 0.0

    def wake(self) -> None:
        """The log has grown, or may have."""
        self._grew = True
        self._news.set()

    def stop(self) -> None:
        """Begin no more calls."""
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        """Bring events until stopped, overtaken or disabled."""
        try:
            await self._book.open()
        except Deposed:
            return
        self._read_to = self._book.place.position
        self._patience.begin()
        try:
            while not self._stopping and not self._over:
                self._news.clear()
                try:
                    await self._read()
                except Exception as error:  # noqa: BLE001 - the log cannot be read just now
                    self._trouble(error)
                    self._grew = True
                    await asyncio.sleep(AFTER_TROUBLE)
                self._begin()
                await self._rest()
        finally:
            await self._end()

    # Reading

    async def _read(self) -> None:
        while self._grew and not self._stopping and len(self._open) < ROOM and self._patience.reads:
            self._grew = False
            page = await self._ground.elsewhere(
                self._ground.log.read, self.wanted, self._read_to, ROOM - len(self._open), tail=True
            )
            for told in page.told:
                if told.case in self._book.waiting:
                    continue  # read again when it is its turn
                self._open[told.position] = None
                line = self._lines.get(told.case)
                if line is None:
                    self._lines[told.case] = line = deque()
                    self._ready.append(told.case)
                line.append(told)
            if page.upto > self._read_to:
                self._read_to = page.upto
                self._move()
            self._grew = self._grew or page.upto < page.head
            if page.told:
                self._begin()

    # Calling

    def _begin(self) -> None:
        """Begin as many calls as there is room for."""
        if self._stopping or self._over or self._patience.quiet:
            return
        for case, one in self._patience.due(self._under_way):
            self._start(case, self._catch_up(case, one))
        while self._ready and self._patience.tells and len(self._under_way) < AT_ONCE:
            case = self._ready.popleft()
            self._start(case, self._tell(case))

    def _start(self, name: str, work: Coroutine[None, None, None]) -> None:
        self._under_way[name] = asyncio.create_task(self._done(name, work))

    async def _done(self, name: str, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - one case's trouble keeps no other waiting
            self._trouble(error)
            await asyncio.sleep(AFTER_TROUBLE)
        finally:
            del self._under_way[name]
            if name in self._lines:
                self._ready.append(name)
            self._news.set()

    def _trouble(self, error: Exception) -> None:
        kind = type(error).__qualname__
        logger.warning("%s: webhook %s goes on later (%s)", self._ground.landlord, self.endpoint.endpoint, kind)

    async def _tell(self, case: str) -> None:
        """Bring a case's events as they were read, each once the one before was taken."""
        line = self._lines[case]
        while line and not self._stopping and not self._patience.quiet:
            told = line[0]
            outcome = await self._bring(_message(told), 1)
            if self._over:
                return
            if not outcome.taken:
                # What follows of this case waits in the log.
                for later in line:
                    del self._open[later.position]
                del self._lines[case]
                at = outcome.at
                one = Waiting(position=told.position, event=told.event_id, tries=0, since=at, next_at=at)
                self._not_taken(case, one, outcome)
                return
            line.popleft()
            del self._open[told.position]
            self._taken()
        if not line:
            del self._lines[case]

    async def _catch_up(self, case: str, one: Waiting) -> None:
        """Bring a case that is behind its events, up to where all others are; then it goes on with them."""
        if case == ALONE:
            message = a_new_start(self._ground.landlord, one.event or "", one.since, one.position)
            outcome = await self._bring(message, one.tries + 1)
            if outcome.taken:
                self._book.place.start_over = None
                self._caught_up(case)
                self._taken()
            elif not self._over:
                self._not_taken(case, one, outcome)
            return
        while not self._stopping and not self._patience.quiet:
            page = await self._ground.elsewhere(
                self._ground.log.read, self.wanted, one.position - 1, OF_ONE_CASE, cases=[case]
            )
            left = [told for told in page.told if told.position <= self._read_to]
            if not left and page.upto >= self._read_to:
                self._caught_up(case)
                return
            for told in left:
                if self._patience.quiet:
                    break
                if one.event != told.event_id:
                    one.event, one.tries = told.event_id, 0
                outcome = await self._bring(_message(told), one.tries + 1)
                if self._over or self._stopping:
                    if outcome.taken:
                        self._patience.further(case, one, told.position)
                    return
                if not outcome.taken:
                    one.position = told.position
                    self._not_taken(case, one, outcome)
                    return
                self._patience.further(case, one, told.position)
                self._taken()
            if not left:
                one.position = page.upto + 1

    async def _bring(self, message: Message, tries: int) -> Outcome:
        outcome = await brought(self._line, message, self.secrets, self._ground.origin, self._ground.now)
        self._called_at = asyncio.get_running_loop().time()
        if self._ground.observe is not None:
            self._ground.observe(self._ground.landlord, outcome.outcome)
        self._book.tried(
            Tried(
                outcome.at,
                message.id,
                message.type,
                message.case,
                message.position,
                tries,
                outcome.outcome,
                outcome.status,
                outcome.took_ms,
            )
        )
        self._patience.answered(outcome)
        if outcome.gone:
            await self._disable(GONE)
        return outcome

    # What came of it

    def _taken(self) -> None:
        self._patience.taken()
        self._move()
        self._book.save_soon()

    def _not_taken(self, case: str, one: Waiting, outcome: Outcome) -> None:
        is_over = self._patience.not_taken(case, one, outcome)
        self._move()
        if is_over:
            self._over = True  # nothing was taken since: whoever looks at it resumes from here
            self._start(f"disable, {FAILING}", self._disable(FAILING))
        elif one.parked:
            where = (self._ground.landlord, self.endpoint.endpoint, case)
            logger.warning("%s: webhook %s does not take the events of case %s, which is parked", *where)

    def _caught_up(self, case: str) -> None:
        self._patience.caught_up(case)
        self._grew = True

    def _overtaken(self) -> None:
        self._over = True
        self._news.set()

    async def _disable(self, because: str) -> None:
        """Everything that is known is written down, and nothing more is brought; it keeps its place."""
        if self._over and because == GONE:
            return
        self._over = True
        await self._book.save_all()
        name, landlord = self.endpoint.endpoint, self._ground.landlord
        changes = self.endpoint.changes
        await self._ground.elsewhere(self._ground.endpoints.disable, name, because, THE_SERVICE, None, changes=changes)
        logger.warning("%s: webhook %s is disabled (%s)", landlord, name, because)
        self._news.set()

    def _move(self) -> None:
        """The place goes up to the first event that was read and neither taken nor left to a case of its own."""
        self._book.move(next(iter(self._open)) - 1 if self._open else self._read_to)

    async def _rest(self) -> None:
        """Sleep until there is something to do; a connection that nobody needs is let go."""
        loop = asyncio.get_running_loop()
        waits = []
        if (look := self._patience.next_look(self._under_way, self._ground.poll)) is not None:
            waits.append(look)
        if (due := self._book.save_what_is_due()) is not None:
            waits.append(due)
        if self._called_at and not self._under_way:
            waits.append(max(self._called_at + AT_REST - loop.time(), 0.0))
        with suppress(TimeoutError):
            async with asyncio.timeout(min(waits) if waits else None):
                await self._news.wait()
        if self._called_at and not self._under_way and loop.time() >= self._called_at + AT_REST:
            self._called_at = 0.0
            await self._line.close()

    async def _end(self) -> None:
        """Let calls under way come to their end for a while, and write down what came of them."""
        self._stopping = True
        under_way = list(self._under_way.values())
        if under_way:
            await asyncio.wait(under_way, timeout=FAREWELL)
        for task in list(self._under_way.values()):
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        with suppress(Exception):
            await self._book.save_all(closing=True)
        await self._line.close()


def _message(told: Told) -> Message:
    return Message(told.event_id, f"evenhand.{told.name}", told.body, told.case, told.position)
