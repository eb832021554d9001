"""What every answer passes on its way out: its headers, a line in the log, and a net under what nobody foresaw.

The log says which route was asked and how it went: no query, no body, no address of a person, no words of an
exception, for any of these can hold what somebody said or who they are.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from time import perf_counter
from types import TracebackType
from typing import Final
from uuid import uuid4

from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infrastructure.http.problems import UNEXPECTED, Problem, answer

LOG: Final = logging.getLogger("evenhand.http")

# Answers are personal, of the moment, and never a page with scripts of its own.
# In the form that they are sent in, names in lower case.
HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
REQUEST_ID: Final = b"x-request-id"
OURS: Final = frozenset({REQUEST_ID, *(name for name, _ in HEADERS)})


class Envelope:
    """ASGI middleware around everything else; `observe` is told method, route, status and seconds of each answer."""

    def __init__(self, app: ASGIApp, observe: Callable[[str, str, int, float], None]) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex
        began = perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = (header for header in message["headers"] if header[0] not in OURS)
                message["headers"] = [*given, (REQUEST_ID, request_id.encode()), *HEADERS]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last net; its own words may quote what somebody sent
            LOG.error("incident %s: %s", request_id, "; ".join(where(error)))  # noqa: TRY400 - likewise
            if status:  # the answer had begun: the connection ends, so that nobody takes a half for the whole
                raise ConnectionAbortedError(f"incident {request_id}") from None
            detail = "This request met an error that was not foreseen."
            problem = answer(Problem(UNEXPECTED, detail, {"incident": request_id}))
            await problem(scope, receive, send_with_headers)
        finally:
            took = perf_counter() - began
            self._observe(scope["method"], route_of(scope), status, took)
            LOG.info("%s %s %d %.0f ms %s", scope["method"], route_of(scope), status, took * 1000, request_id)


def operation(route: APIRoute) -> str:
    """The name of a route's operation, as commands are named."""
    return route.name.replace("_", "-")


def route_of(scope: Scope) -> str:
    """The pattern of the route, never the path itself."""
    route = scope.get("route")
    return getattr(route, "path", "no route")


def where(error: BaseException) -> Iterator[str]:
    """An exception by its types and places, without its words."""
    seen: BaseException | None = error
    while seen is not None:
        yield f"{type(seen).__qualname__} at {_place(seen.__traceback__)}"
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _place(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-6:]
    return " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)) or "no place"
