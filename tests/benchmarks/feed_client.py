"""Followers of the feed that cost little: one that asks page by page, and one that is sent events as they come."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec

from tests.benchmarks.http_load import answered, connected, question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket

CURSOR: Final = "evenhand-cursor"
PAGE: Final = 500  # events
WAIT: Final = 1  # seconds that an answer without any event is held back
_SEQUENCE: Final = re.compile(rb'"sequence":"(\d{20})"')
_LONGEST_EVENT: Final = 1 << 16  # bytes that may hold the first half of what is looked for
SSE: Final = "text/event-stream"


class Pages:
    """One client's way through the feed, over a connection that it keeps."""

    def __init__(self, connection: socket, token: str, limit: int = PAGE) -> None:
        self.cursor = ""
        self._connection = connection
        self._token = token
        self._limit = limit

    def next(self, wait: int = 0) -> bytes:
        """The next page as it came; `[]` when there was nothing for so many seconds."""
        after = f"&after={quote(self.cursor)}" if self.cursor else ""
        path = f"/v1/feed?limit={self._limit}&wait={wait}{after}"
        answer = answered(self._connection, question(path, self._token))
        self.cursor = answer.header(CURSOR)
        return answer.body


@contextmanager
def pages(port: int, token: str, limit: int = PAGE) -> Iterator[Pages]:
    """The feed from its first event."""
    connection = connected(port)
    try:
        yield Pages(connection, token, limit)
    finally:
        connection.close()


def read_whole(port: int, token: str, limit: int = PAGE) -> tuple[int, str]:
    """How many events the feed has, each parsed, and the place behind the last."""
    count = 0
    with pages(port, token, limit) as feed:
        while events := msgspec.json.decode(feed.next()):
            count += len(events)
        return count, feed.cursor


def poll(port: int, token: str, cursor: str, seen: dict[int, float], ready: Callable[[], object]) -> Iterator[None]:
    """Asks for what came since, again and again, and takes down when each position was seen; yields after each."""
    with pages(port, token) as feed:
        feed.cursor = cursor
        ready()
        while True:
            see(feed.next(WAIT), seen)
            yield


def listen(port: int, token: str, cursor: str, seen: dict[int, float], ready: Callable[[], object]) -> Iterator[None]:
    """Likewise of what is sent to whoever asks once."""
    connection = connected(port)
    try:
        ask = question(f"/v1/feed?after={quote(cursor)}", token, SSE)
        connection.sendall(ask.content)
        received = connection.recv(_LONGEST_EVENT)
        if not received.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"answered {received[:500]!r}")
        ready()
        connection.settimeout(WAIT)
        while True:
            whole = see(received, seen)
            yield
            received = received[whole:][-_LONGEST_EVENT:]
            with suppress(TimeoutError):
                if not (more := connection.recv(_LONGEST_EVENT)):
                    raise RuntimeError("the connection was closed")
                received += more
    finally:
        connection.close()


def see(received: bytes, seen: dict[int, float]) -> int:
    """Take down what is told of here; where the last of it ends."""
    end = 0
    at = perf_counter()
    for found in _SEQUENCE.finditer(received):
        seen.setdefault(int(found[1]), at)
        end = found.end()
    return end
