"""Reading the feed over HTTP as a subscriber does: to its end, all of it, and as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import monotonic, sleep
from typing import Any

import httpx

from infrastructure.http.feed import BATCH, CURSOR, HEAD
from infrastructure.http.requests import POSITION
from tests.infrastructure.http.a_house import Caller, House


def page(response: httpx.Response) -> list[dict[str, Any]]:
    """The events of a page."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == BATCH
    events: list[dict[str, Any]] = response.json()
    return events


def now(caller: Caller, **filters: Any) -> str:
    """The cursor at the end of the log."""
    after: dict[str, Any] = {}
    while True:
        found = caller.get("/v1/feed", **filters, **after, limit=2000)
        if not page(found) and found.headers[POSITION] == found.headers[HEAD]:
            return str(found.headers[CURSOR])
        after = {"after": found.headers[CURSOR]}


def everything(caller: Caller, after: str | None = None, **params: Any) -> list[dict[str, Any]]:
    """All events after a cursor, from the first one without, following `next`."""
    events: list[dict[str, Any]] = []
    found = caller.get("/v1/feed", **({} if after is None else {"after": after}), **params)
    while more := page(found):
        events += more
        url = found.links["next"]["url"]
        found = caller.house.http.get(url, headers=caller.headers)
    return events


def listening(house: House, count: int) -> None:
    """Return when so many listen."""
    until = monotonic() + 10
    while house.evenhand.listeners() != count:
        assert monotonic() < until, house.evenhand.listeners()
        sleep(0.01)


def stream(caller: Caller, headers: dict[str, str], count: int) -> list[tuple[str, dict[str, Any]]]:
    """The first events of a stream with their ids; fewer when it ends."""
    asked = {**caller.headers, "Accept": "text/event-stream", **headers}
    events: list[tuple[str, dict[str, Any]]] = []
    with caller.house.http.stream("GET", "/v1/feed", headers=asked) as response:
        assert response.status_code == 200, response.read()
        for cursor, data in _blocks(response.iter_lines()):
            if data is not None:
                events.append((cursor, json.loads(data)))
            if len(events) == count:
                break
    return events


def _blocks(lines: Iterator[str]) -> Iterator[tuple[str, str | None]]:
    cursor, data = "", None
    for line in lines:
        name, _, value = line.partition(": ")
        match name:
            case "id":
                cursor = value
            case "data":
                data = value
            case "":
                if not line:
                    yield cursor, data
                    data = None
