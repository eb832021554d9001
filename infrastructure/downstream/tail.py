"""Where listeners wait for what comes next: a thousand of them hold no thread and no connection.

One thread for each PostgreSQL server is woken when a log grows, and looks every second as well, for a wake-up may be
lost. It takes the new rows in once for everybody, and hands all who wait at the same place with the same question the
same page.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from threading import Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from infrastructure.downstream.public_log import PublicPage
    from infrastructure.downstream.wanted import Wanted
    from infrastructure.postgres.wake_up import Follower, WakeUps

logger = logging.getLogger(__name__)

AT_MOST: Final = 100  # events that are handed on at once
PARTNERS_AT_ONCE: Final = 0.02  # seconds of reading for partners, then whoever rang meanwhile has a turn
NOBODY_WAITS: Final = 60.0  # seconds between two turns of a thread that has nothing to look for
JOINED_WITHIN: Final = 5.0  # seconds that stopping waits for a read under way


class Log(Protocol):
    """What is read: the public events of one landlord."""

    def read(self, wanted: Wanted, after: int, limit: int = ..., *, tail: bool = ...) -> PublicPage:
        """The next events after a position; with `tail`, from what `refresh` took in where that reaches."""
        ...

    def refresh(self) -> int:
        """Take in what came since; how far the log goes."""
        ...


class Source(NamedTuple):
    """A landlord's log; `news` is called when it has grown, before anybody is told."""

    landlord: str
    log: Log
    news: Callable[[], object] = lambda: None


class Heard(NamedTuple):
    """What waiting came to: a page, None when nothing came; `upto` is how far everything was looked through."""

    page: PublicPage | None
    upto: int


Question = tuple["Wanted", int]  # what is asked for, and the position after which


@dataclass(slots=True, eq=False)
class _Waiter:
    loop: asyncio.AbstractEventLoop
    come: asyncio.Future[PublicPage | None]
    at: Question  # moves on while nothing comes that it asked for


@dataclass(slots=True, eq=False)
class _Watched:
    """One landlord whom somebody listens to, or did; `rung` counts how often there were news.

    `looked` is that count before the last look, `head` how far the log went then, and `looked_at` when that was.
    """

    source: Source
    waiting: dict[Question, set[_Waiter]]
    rung: int = 0
    looked: int = -1
    head: int = -1
    looked_at: float = -inf


class Tail:
    """The listeners of all landlords on one server. `poll` is the time between two looks that nobody rang for."""

    def __init__(self, wake_ups: WakeUps, *, poll: float = 1.0) -> None:
        self._wake_ups = wake_ups
        self._poll = poll
        self._lock = Lock()
        self._watched: dict[str, _Watched] = {}  # by channel
        self._due: set[str] = set()
        self._bell: Follower | None = None
        self._thread: Thread | None = None
        self._sleeps = False  # for long, because nobody waits
        self.stopping = False

    async def wait(self, source: Source, wanted: Wanted, after: int, seconds: float) -> Heard:
        """What comes after a place within so many seconds; at once when the tail is stopped.

        Raises whatever reading raised.
        """
        loop = asyncio.get_running_loop()
        waiter = _Waiter(loop, loop.create_future(), (wanted, after))
        channel = schema_of(source.landlord)
        with self._lock:
            if self.stopping:
                return Heard(None, after)
            watched = self._watched.get(channel)
            if watched is None:
                watched = self._watched[channel] = _Watched(source, {})
                self._listen()
            watched.source = source
            watched.waiting.setdefault(waiter.at, set()).add(waiter)
            # Unless it was looked since the last news, and the place was the end of the log, something may be there.
            if watched.looked != watched.rung or watched.head != after:
                self._due.add(channel)
            if channel in self._due or self._sleeps:
                self._ring()
        page: PublicPage | None = None
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    page = await waiter.come
        finally:
            self._gone(watched, waiter)
        return Heard(None, waiter.at[1]) if page is None else Heard(page, page.upto)

    def is_current(self, landlord: str) -> bool:
        """Whether this landlord's log was looked at within the time of two looks, and nothing rang since."""
        with self._lock:
            watched = self._watched.get(schema_of(landlord))
            return (
                watched is not None
                and watched.looked == watched.rung
                and monotonic() - watched.looked_at <= 2 * self._poll
                and not self.stopping
            )

    def listeners(self) -> int:
        """How many wait at this moment."""
        with self._lock:
            return sum(len(those) for one in self._watched.values() for those in one.waiting.values())

    def let_go(self) -> None:
        """End every wait, and begin none any more; the thread ends by itself."""
        with self._lock:
            self.stopping = True
            waiters = [waiter for one in self._watched.values() for those in one.waiting.values() for waiter in those]
            for one in self._watched.values():
                one.waiting.clear()
            self._ring()
        _hand(waiters, None)

    def stop(self) -> None:
        """Likewise, and wait for the thread."""
        self.let_go()
        if self._thread is not None:
            self._thread.join(JOINED_WITHIN)
        if self._bell is not None:
            self._bell.close()

    def _gone(self, watched: _Watched, waiter: _Waiter) -> None:
        """Take a waiter out of wherever it stands by now."""
        with self._lock:
            those = watched.waiting.get(waiter.at, set())
            those.discard(waiter)
            if not those:
                watched.waiting.pop(waiter.at, None)

    def _listen(self) -> None:
        """Follow one more landlord; the lock is held."""
        if self.stopping:
            return
        before, self._bell = self._bell, self._wake_ups.follow(*self._watched)
        if before is not None:
            before.wake()  # its thread goes on with the new one
        if self._thread is None:
            self._thread = Thread(target=self._run, name="tail", daemon=True)
            self._thread.start()

    def _ring(self) -> None:
        if self._bell is not None:
            self._bell.wake()

    def _run(self) -> None:
        poll_at = 0.0
        bell = self._bell
        while bell is not None and not self.stopping:
            rung = bell.wait(max(poll_at - monotonic(), 0.0))
            if bell is not self._bell:
                bell.close()
                bell = self._bell
            now = monotonic()
            with self._lock:
                for channel in rung & self._watched.keys():
                    self._watched[channel].rung += 1
                due, self._due = {*rung, *self._due}, set()
                waited_for = {channel for channel, one in self._watched.items() if one.waiting}
                polled = now >= poll_at
                look_at = [self._watched[channel] for channel in sorted(waited_for if polled else waited_for & due)]
                self._sleeps = not waited_for
            if self._sleeps:
                poll_at = now + NOBODY_WAITS
            elif polled or poll_at > now + self._poll:
                poll_at = now + self._poll
            for watched in look_at:
                self._look(watched)

    def _look(self, watched: _Watched) -> None:
        """Read on for everybody who waits for this landlord."""
        with self._lock:
            source, questions, rung = watched.source, list(watched.waiting), watched.rung
        try:
            head = source.log.refresh()
            if head != watched.head:
                source.news()
            with self._lock:
                watched.looked, watched.head, watched.looked_at = rung, head, monotonic()
            # A log that is shorter than it was has been restored: whoever reads on is told so.
            questions = [(wanted, after) for wanted, after in questions if after != head]
            for wanted, after in (question for question in questions if question[0].partner is None):
                self._read(watched, wanted, after)
            # What a partner may see is read from the database for each of them: not for all of them at once.
            until = monotonic() + PARTNERS_AT_ONCE
            for wanted, after in (question for question in questions if question[0].partner is not None):
                self._read(watched, wanted, after)
                if monotonic() > until:
                    self._look_again(watched)  # where these stand behind the others
                    break
        except Exception as error:  # noqa: BLE001 - whoever waits is told of it; the other landlords go on
            logger.warning("%s: listeners are let go (%s)", source.landlord, type(error).__qualname__)
            self._deliver(watched, questions, error)

    def _read(self, watched: _Watched, wanted: Wanted, after: int) -> None:
        page = watched.source.log.read(wanted, after, AT_MOST, tail=True)
        if page.told or page.head < after:
            self._deliver(watched, [(wanted, after)], page)
        elif page.upto > after:
            self._move(watched, (wanted, after), (wanted, page.upto))
            if page.upto < page.head:
                self._look_again(watched)

    def _look_again(self, watched: _Watched) -> None:
        """Come back to this landlord at once, after those who ring meanwhile."""
        with self._lock:
            self._due.add(schema_of(watched.source.landlord))
            self._ring()

    def _move(self, watched: _Watched, here: Question, there: Question) -> None:
        """Nothing came for those who wait here: they wait on from there."""
        with self._lock:
            moved = watched.waiting.pop(here, set())
            for waiter in moved:
                waiter.at = there
            if moved:
                watched.waiting.setdefault(there, set()).update(moved)

    def _deliver(self, watched: _Watched, questions: Sequence[Question], what: PublicPage | Exception) -> None:
        with self._lock:
            waiters = [waiter for question in questions for waiter in watched.waiting.pop(question, ())]
        _hand(waiters, what)


def _hand(waiters: Sequence[_Waiter], what: PublicPage | Exception | None) -> None:
    """Give it to all of them: one call for each loop, however many wait there."""
    by_loop: Mapping[asyncio.AbstractEventLoop, list[_Waiter]] = defaultdict(list)
    for waiter in waiters:
        by_loop[waiter.loop].append(waiter)
    for loop, those in by_loop.items():
        with suppress(RuntimeError):  # the loop has ended, and nobody waits there
            loop.call_soon_threadsafe(_resolve, those, what)


def _resolve(waiters: Sequence[_Waiter], what: PublicPage | Exception | None) -> None:
    for waiter in waiters:
        if waiter.come.done():
            continue
        if isinstance(what, Exception):
            waiter.come.set_exception(what)
        else:
            waiter.come.set_result(what)


class Tails:
    """The tail of each server, made when somebody first listens there. Safe to share between threads."""

    def __init__(self) -> None:
        self._tails: dict[WakeUps, Tail] = {}
        self._lock = Lock()
        self.stopping = False

    def of(self, wake_ups: WakeUps) -> Tail:
        """The tail of the server that these wake-ups are of."""
        with self._lock:
            tail = self._tails.get(wake_ups)
            if tail is None:
                tail = self._tails[wake_ups] = Tail(wake_ups)
                tail.stopping = self.stopping
            return tail

    def listeners(self) -> int:
        """How many wait at this moment, over all servers."""
        return sum(tail.listeners() for tail in self._all())

    def let_go(self) -> None:
        """End every wait, and begin none any more."""
        for tail in self._all(stopping=True):
            tail.let_go()

    def stop(self) -> None:
        """Likewise, and wait for the threads."""
        for tail in self._all(stopping=True):
            tail.stop()

    def _all(self, *, stopping: bool = False) -> list[Tail]:
        with self._lock:
            self.stopping = self.stopping or stopping
            return list(self._tails.values())
