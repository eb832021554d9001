"""An answer that goes on: server-sent events (WHATWG HTML, section 9.2), one chunk at a time as the reader takes them.

A reader that takes nothing holds one chunk and no more, and is let go after a while. So is everybody whose connection
is closed, at once.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

    from starlette.types import Receive, Scope, Send

TAKEN_WITHIN: Final = 30.0  # seconds in which a reader takes a chunk before it is let go
MEDIA_TYPE: Final = "text/event-stream"

T = TypeVar("T")


class EventStream(Response):
    """Sends what `chunks` gives until it ends, the reader closes the connection, or takes no more."""

    media_type = MEDIA_TYPE

    def __init__(self, chunks: AsyncGenerator[bytes], *, taken_within: float = TAKEN_WITHIN) -> None:
        super().__init__()
        del self.headers["content-length"]
        self.headers["x-accel-buffering"] = "no"  # a proxy that collects the whole answer would never pass it on
        self._chunks = chunks
        self._taken_within = taken_within

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Answer one request."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        with suppress(TimeoutError, OSError):
            await unless_left(receive, self._send(send))

    async def _send(self, send: Send) -> None:
        async with aclosing(self._chunks) as chunks:
            async for chunk in chunks:
                async with asyncio.timeout(self._taken_within):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        async with asyncio.timeout(self._taken_within):
            await send({"type": "http.response.body", "body": b""})


async def unless_left(receive: Receive, work: Coroutine[Any, Any, T]) -> T | None:
    """What the work comes to; None, and the work is cancelled, when whoever asked closes the connection first."""
    working, leaving = asyncio.create_task(work), asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, leaving):
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def _left(receive: Receive) -> None:
    """Returns when the connection is closed."""
    while (await receive())["type"] != "http.disconnect":
        pass
