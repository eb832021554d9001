"""Who webhooks are sent to: a server that takes down what it was told and says yes, as cheaply as there is one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event as Signal
from threading import Thread
from typing import Final

from tests.benchmarks.feed_client import see

PATIENCE: Final = 10.0  # seconds to start and to end in
_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_ORIGIN: Final = re.compile(rb"(?i)\r\nwebhook-request-origin: *([^\r\n]+)")
_YES: Final = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass(slots=True)
class Received:
    """What was told at each path: when each position was seen first, and how many calls there were."""

    port: int
    seen: dict[bytes, dict[int, float]] = field(default_factory=dict)
    calls: int = 0


class _Calls(asyncio.Protocol):
    """One connection, with one request after another."""

    def __init__(self, received: Received) -> None:
        self._received = received
        self._waiting = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._waiting[:end])
            length = _LENGTH.search(head)
            last = end + 4 + (int(length[1]) if length else 0)
            if len(self._waiting) < last:
                return
            body = bytes(self._waiting[end + 4 : last])
            del self._waiting[:last]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        assert self._transport is not None
        if head.startswith(b"OPTIONS") and (origin := _ORIGIN.search(head)):
            allowed = b"WebHook-Allowed-Origin: %s\r\nWebHook-Allowed-Rate: *\r\n" % origin[1]
            self._transport.write(b"HTTP/1.1 200 OK\r\n%sContent-Length: 0\r\n\r\n" % allowed)
            return
        self._received.calls += 1
        see(body, self._received.seen.setdefault(head.split(b" ", 2)[1], {}))
        self._transport.write(_YES)


@contextmanager
def a_receiver() -> Iterator[Received]:
    """A receiver on a free port of this machine, in a thread of its own."""
    received = Received(0)
    started = Signal()
    loop = asyncio.new_event_loop()

    def run() -> None:
        server = loop.run_until_complete(loop.create_server(lambda: _Calls(received), "127.0.0.1", 0))
        received.port = server.sockets[0].getsockname()[1]
        started.set()
        loop.run_forever()
        server.close()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = Thread(target=run, name="receiver")
    thread.start()
    try:
        if not started.wait(PATIENCE):
            raise RuntimeError("the receiver did not start")
        yield received
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
