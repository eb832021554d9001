"""Letting a caller who was refused early finish what it sends, so that it gets to read why.

A connection closed with bytes unread is reset, and the answer is lost with it. So what is left of a body is read and
thrown away before the answer goes out, up to a size and a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST: Final = 4 * 1024 * 1024  # bytes
PATIENCE: Final = 5.0  # seconds


class Draining:
    """ASGI middleware around whatever may answer before it has read the whole body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        left = _expects_body(dict(scope["headers"]))
        if not left:
            await self._app(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left = left and bool(message.get("more_body"))
            return message

        async def answered(message: Message) -> None:
            nonlocal left
            if left and message["type"] == "http.response.start":
                left = False
                await _drain(receive)
            await send(message)

        await self._app(scope, counted, answered)


def _expects_body(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the rest of a body is on its way, and worth waiting for."""
    if b"expect" in headers:  # the caller waits for leave to send it (RFC 9110, section 10.1.1)
        return False
    announced = headers.get(b"content-length", b"")
    return int(announced) <= MOST if announced.isdigit() else b"transfer-encoding" in headers


async def _drain(receive: Receive) -> None:
    size = 0
    try:
        async with asyncio.timeout(PATIENCE):
            while size <= MOST:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body"):
                    return
    except TimeoutError:
        return
