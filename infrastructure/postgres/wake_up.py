"""Wakes whoever follows a landlord's log soon after it has grown.

A wake-up is a hint and may be lost; followers poll as well, and the poll is what makes them correct. Within
the process it is immediate. Other processes hear a NOTIFY that is sent after the commit, never within it
(a transaction that notifies serialises commits across the whole server), and throttled.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg.sql import SQL, Identifier

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

logger = logging.getLogger(__name__)

# The time between two notifications of one process, in seconds: so much for each ring that the last one told of, and no
# more than that. At two hundred saves a second others hear of each at once; at ten thousand, of two hundred together.
FOR_EACH_RING: Final = 0.001
THROTTLE: Final = 0.02
# How long the listener waits before it looks at which channels are wanted, in seconds.
LISTEN_SLICE: Final = 0.25
# How long a thread that lost its connection waits before it connects again, in seconds.
RECONNECT_AFTER: Final = 1.0


class Follower:
    """One reader's place to sleep until a channel it follows rings. Close it, or use it in ``with``."""

    def __init__(self, wake_ups: WakeUps, channels: frozenset[str]) -> None:
        self.channels = channels
        self._wake_ups = wake_ups
        self._lock = Lock()
        self._woken = Event()
        self._rung: set[str] = set()

    def wait(self, timeout: float) -> frozenset[str]:
        """The channels that rang since the last call; empty when none did within ``timeout`` seconds."""
        self._woken.wait(timeout)
        with self._lock:
            self._woken.clear()
            rung, self._rung = frozenset(self._rung), set()
        return rung

    def wake(self, *channels: str) -> None:
        """End the current or next wait, naming ``channels``."""
        with self._lock:
            self._rung.update(channels)
            self._woken.set()

    def has_company(self) -> bool:
        """Whether anybody else follows one of these channels."""
        return self._wake_ups.has_others(self)

    def close(self) -> None:
        """Follow no more."""
        self._wake_ups.forget(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class WakeUps:
    """All wake-ups between this process and one PostgreSQL server: two threads, however many channels."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._lock = Lock()
        self._due: set[str] = set()
        self._rung = 0  # times since the last notification
        self._is_due = Event()
        self._closing = Event()
        self._followers: list[Follower] = []
        self._threads: dict[str, Thread] = {}

    def ring(self, channel: str) -> None:
        """Say that ``channel`` has news: at once to followers in this process, soon to all others."""
        self._wake(channel)
        with self._lock:
            self._due.add(channel)
            self._rung += 1
            self._start("notify", self._notify)
        self._is_due.set()

    def follow(self, *channels: str) -> Follower:
        """A follower of ``channels``."""
        follower = Follower(self, frozenset(channels))
        with self._lock:
            self._followers.append(follower)
            self._start("listen", self._listen)
        return follower

    def has_others(self, follower: Follower) -> bool:
        """Whether anybody but this one follows one of its channels."""
        with self._lock:
            return any(other is not follower and other.channels & follower.channels for other in self._followers)

    def forget(self, follower: Follower) -> None:
        """Wake ``follower`` no more."""
        with self._lock, suppress(ValueError):  # forgotten already
            self._followers.remove(follower)

    def close(self) -> None:
        """Stop both threads and wait until they have ended."""
        with self._lock:
            self._closing.set()
            threads = list(self._threads.values())
        self._is_due.set()
        for thread in threads:
            thread.join()

    def _start(self, name: str, target: Callable[[psycopg.Connection], None]) -> None:
        """Start a thread at its first use; the lock is held."""
        if name not in self._threads and not self._closing.is_set():
            thread = Thread(target=self._keep_up, args=(target,), name=f"wake-ups-{name}", daemon=True)
            self._threads[name] = thread
            thread.start()

    def _keep_up(self, work: Callable[[psycopg.Connection], None]) -> None:
        """Give ``work`` a connection of its own, and another one whenever that is lost, until closed."""
        while not self._closing.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True, application_name="evenhand wake-ups") as conn:
                    # A notification may be lost, so its commit waits for no disk; what it tells of is on disk already.
                    conn.execute("SET synchronous_commit = off")
                    work(conn)
            except psycopg.Error as lost:
                logger.warning("wake-ups are down and followers poll (%s); reconnecting", type(lost).__name__)
                self._closing.wait(RECONNECT_AFTER)

    def _notify(self, conn: psycopg.Connection) -> None:
        while not self._closing.is_set():
            self._is_due.wait()
            self._is_due.clear()
            with self._lock:
                due, self._due = sorted(self._due), set()
                rung, self._rung = self._rung, 0
            if due:
                try:
                    # Tells every other process which logs have grown, in one commit for all of them.
                    conn.execute("SELECT pg_notify(channel, '') FROM unnest(%s::text[]) AS channel", (due,))
                except psycopg.Error:
                    with self._lock:
                        self._due.update(due)
                    self._is_due.set()
                    raise
            self._closing.wait(min(FOR_EACH_RING * rung, THROTTLE))

    def _listen(self, conn: psycopg.Connection) -> None:
        heard: frozenset[str] = frozenset()
        while not self._closing.is_set():
            with self._lock:
                wanted = frozenset[str]().union(*(follower.channels for follower in self._followers))
            for channel in wanted - heard:
                conn.execute(SQL("LISTEN {}").format(Identifier(channel)))
                self._wake(channel)  # it may have rung while nobody listened
            for channel in heard - wanted:
                conn.execute(SQL("UNLISTEN {}").format(Identifier(channel)))
            heard = wanted
            for notification in conn.notifies(timeout=LISTEN_SLICE, stop_after=1):
                self._wake(notification.channel)

    def _wake(self, channel: str) -> None:
        with self._lock:
            woken = [follower for follower in self._followers if channel in follower.channels]
        # Whoever waits for an answer came after those who follow for good, and has less to do: it goes first.
        for follower in reversed(woken):
            follower.wake(channel)
