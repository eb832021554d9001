"""An answer that goes on ends with its reader: who leaves is noticed at once, who takes nothing is let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

import pytest

from infrastructure.http.event_stream import EventStream, unless_left

SCOPE: dict[str, Any] = {"type": "http"}


class Chunks:
    """Endless chunks, of which it is counted how many were made; and whether they were ended."""

    def __init__(self) -> None:
        self.made = 0
        self.ended = False

    async def __call__(self) -> AsyncGenerator[bytes]:
        """A chunk at a time."""
        try:
            while True:
                self.made += 1
                yield b": more\n\n"
        finally:
            self.ended = True


async def stays() -> dict[str, Any]:
    """A connection that nobody closes."""
    await asyncio.Event().wait()
    return {}


async def leaves() -> dict[str, Any]:
    """A connection that is closed."""
    return {"type": "http.disconnect"}


def test_a_reader_that_takes_nothing_holds_one_chunk_and_is_let_go() -> None:
    chunks = Chunks()

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    asyncio.run(EventStream(chunks(), taken_within=0.05)(SCOPE, stays, send))
    assert (chunks.made, chunks.ended) == (1, True)


def test_a_reader_that_leaves_ends_it_at_once() -> None:
    chunks = Chunks()

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.sleep(0.01)

    asyncio.run(EventStream(chunks())(SCOPE, leaves, send))
    assert chunks.ended or chunks.made == 0


def test_a_stream_that_ends_by_itself_is_a_whole_answer() -> None:
    sent: list[dict[str, Any]] = []

    async def two() -> AsyncGenerator[bytes]:
        yield b"1"
        yield b"2"

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(EventStream(two())(SCOPE, stays, send))
    assert [message.get("body") for message in sent] == [None, b"1", b"2", b""]
    assert [message.get("more_body", False) for message in sent] == [False, True, True, False]
    assert (b"content-type", b"text/event-stream; charset=utf-8") in sent[0]["headers"]
    assert not [name for name, _ in sent[0]["headers"] if name == b"content-length"]


def test_a_wait_ends_with_the_connection_and_otherwise_gives_what_it_came_to() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    async def soon() -> int:
        return 7

    async def fails() -> int:
        raise LookupError

    assert asyncio.run(unless_left(leaves, forever())) is None
    assert asyncio.run(unless_left(stays, soon())) == 7
    with pytest.raises(LookupError):
        asyncio.run(unless_left(stays, fails()))
