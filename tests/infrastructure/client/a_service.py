"""A double of the service's routes for followers: a log in memory, which misbehaves when told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from infrastructure.client import Service

Answer = Callable[[httpx.Request], httpx.Response]


class Died(BaseException):
    """The client's process is killed while it waits for an answer."""


@dataclass
class ADouble:
    """Cases with a counter each, which is their state; `life` changes with a restored backup."""

    events: list[dict[str, Any]] = field(default_factory=list)
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    asked: list[httpx.Request] = field(default_factory=list)
    next_answers: list[Answer] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    token: str = "one"
    tokens: int = 0
    life: int = 1
    rows_in_a_page: int = 2
    dies_after: int | None = None

    def service(self, **said: Any) -> Service:
        """A client of it that never really pauses."""
        transport = httpx.MockTransport(self._answer)
        return Service("http://double", self._given_token, pause=self.pauses.append, transport=transport, **said)

    def happens(self, case: str, *, restricted: bool = True) -> dict[str, Any]:
        """Something in a case, and the case as it is then."""
        version = self.version(case) + 1
        event = an_event(case, version, sequence=len(self.events) + 1)
        self.events.append(event)
        self.states[case] = a_state(case, version, restricted=restricted)
        return event

    def version(self, case: str) -> int:
        """How many events a case has."""
        return sum(event["subject"] == case for event in self.events)

    def _given_token(self) -> str:
        self.tokens += 1
        return self.token

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.dies_after is not None:
            self.dies_after -= 1
            if self.dies_after < 0:
                raise Died
        if self.next_answers:
            return self.next_answers.pop(0)(request)
        if request.headers["Authorization"] != f"Bearer {self.token}":
            return httpx.Response(401, json={"type": "/problems/token-expired", "title": "The token has expired"})
        routes = {"/v1/feed": self.feed, "/v1/snapshot": self.snapshot, "/v1/receipts": self._receipt}
        return routes[request.url.path](request)

    def _cursor(self, position: int) -> str:
        return f"{self.life}-{position}"

    def feed(self, request: httpx.Request) -> httpx.Response:
        """The answer to a question for events."""
        streamed = request.headers.get("Accept") == "text/event-stream"
        after = request.headers.get("Last-Event-ID") or request.url.params.get("after") or self._cursor(0)
        life, position = map(int, after.split("-"))
        if life != self.life:
            return httpx.Response(410, json={"type": "/problems/cursor-gone", "resynchronise": "/v1/snapshot"})
        limit = 10_000 if streamed else int(request.url.params["limit"])
        some = self.events[position : position + limit]
        if streamed:
            lines = [
                f"id: {self._cursor(event['sequence'])}\r\ndata: {json.dumps(event)}\r\n\r\n"
                for event in map(dict, some)
            ]
            return httpx.Response(200, text="".join([": here\n\n", *lines]))
        upto = position + len(some)
        headers = {
            "Evenhand-Cursor": self._cursor(upto),
            "Evenhand-Position": str(upto),
            "Evenhand-Head": str(len(self.events)),
        }
        return httpx.Response(200, json=some, headers=headers)

    def snapshot(self, request: httpx.Request) -> httpx.Response:
        """The answer to a question for cases."""
        if cases := request.url.params.get_list("case"):
            assert len(cases) <= 200
            rows = [self.states[case] for case in cases if case in self.states]
            return httpx.Response(200, json={"cases": rows, "feed": self._cursor(len(self.events)), "next": None})
        feed, _, first = (request.url.params.get("cursor") or f"{self._cursor(len(self.events))}/0").partition("/")
        listed = [state for _, state in sorted(self.states.items()) if state["restrictions"]]
        begin, end = int(first), int(first) + self.rows_in_a_page
        following = f"{feed}/{end}" if end < len(listed) else None
        return httpx.Response(200, json={"cases": listed[begin:end], "feed": feed, "next": following})

    def _receipt(self, request: httpx.Request) -> httpx.Response:
        self.receipts.append(json.loads(request.content))
        return httpx.Response(201, json={"verdict": "agreed"})


def an_event(case: str, version: int, *, sequence: int = 1, previous: int | None = None) -> dict[str, Any]:
    """One CloudEvent as JSON."""
    return {
        "specversion": "1.0",
        "id": f"{case}-{version}",
        "source": "urn:evenhand:landlord:elm",
        "type": "evenhand.restriction-varied",
        "subject": case,
        "time": "2026-01-12T12:00:00Z",
        "datacontenttype": "application/json",
        "sequence": f"{sequence:020}",
        "caseversion": version,
        "previous": version - 1 if previous is None else previous,
        "data": {"case": case, "person": f"person of {case}", "effective_on": "2026-01-12", "alert": True},
    }


def a_state(case: str, version: int, *, restricted: bool = True) -> dict[str, Any]:
    """A row of the snapshot."""
    restriction = {"starts_on": "2026-01-01", "last_day": "2026-12-31", "suspended": []}
    return {
        "case": case,
        "person": f"person of {case}",
        "caseversion": version,
        "restrictions": [restriction] if restricted else [],
    }


def answers(status: int, body: object = None, **headers: str) -> Answer:
    """Always the same; header names with underscores for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, json={} if body is None else body, headers=named)


def breaks(_: httpx.Request) -> httpx.Response:
    """Closes the connection."""
    raise httpx.ReadError("closed")
