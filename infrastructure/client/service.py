"""The service's routes for followers over HTTP, asked with patience: what is busy or away is asked again."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from random import uniform
from time import monotonic, sleep
from typing import Any, Final, Self

import httpx

from .events import Event, event_of
from .restricted import Restricted

CASES_AT_ONCE: Final = 150  # the service takes 200, and many a proxy in between 8 KiB
CURSOR: Final = "Evenhand-Cursor"
POSITION: Final = "Evenhand-Position"
HEAD: Final = "Evenhand-Head"
CURSORS: Final = frozenset({"after", "Last-Event-ID", "cursor"})  # fields that hold one
BUSY: Final = frozenset({429, 502, 503, 504})
LONGEST_PAUSE: Final = 60.0  # seconds, whatever `Retry-After` says: then it is asked again
ANSWERED_WITHIN: Final = 30.0  # seconds, and those that the question itself asks to wait
HEARTBEAT: Final = 90.0  # seconds of silence after which a stream counts as cut

Pause = Callable[[float], object]


class Refused(Exception):
    """The service said no, and would again: `status`, and its problem (RFC 9457), if it gave one."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status}: {problem.get('title', 'refused')} {problem.get('detail', '')}".strip())
        self.status = status
        self.problem = problem


class Gone(Refused):
    """The cursor leads nowhere any more: begin again with a snapshot.

    A backup was restored, or what this subscriber is told has changed: its topics, or the filters that it asks with.
    """


class Unavailable(Exception):
    """The service did not answer for as long as it was asked."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some events in order, and the cursor after the last of them; whether the log had nothing more to look through."""

    events: tuple[Event, ...]
    cursor: str
    at_head: bool = False


@dataclass(frozen=True, slots=True)
class SnapshotPage:
    """Some cases as they stand; where the feed goes on from this snapshot; the next page, None at the end."""

    rows: tuple[Mapping[str, Any], ...]
    feed: str
    next: str | None


class Service:
    """One landlord's service, for one subscriber. Not to be shared between threads.

    `token` gives a token with the scope `follow`; it is called again when one has expired. `patience` is for how many
    seconds a question is asked again before `Unavailable` is raised; `poll` for how many a page of the feed waits for
    something new; `limit` how many events it has at most.
    """

    def __init__(
        self,
        address: str,
        token: Callable[[], str],
        *,
        patience: float = 300.0,
        poll: float = 30.0,
        limit: int = 500,
        pause: Pause = sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(base_url=address, timeout=ANSWERED_WITHIN, transport=transport)
        self._token = token
        self._held: str | None = None
        self._patience = patience
        self._poll = poll
        self._limit = limit
        self._pause = pause

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def feed(self, after: str | None, filters: Mapping[str, Any] | None = None, *, wait: float | None = None) -> Page:
        """The next events; none after waiting for one in vain. Raises `Gone`, `Refused`, `Unavailable`."""
        wait = self._poll if wait is None else wait
        asked = {**(filters or {}), "limit": self._limit, "wait": int(wait)} | ({"after": after} if after else {})
        answer = self._get("/v1/feed", asked, ANSWERED_WITHIN + wait)
        at_head = int(answer.headers[POSITION]) >= int(answer.headers[HEAD])
        return Page(tuple(map(event_of, answer.json())), answer.headers[CURSOR], at_head)

    @contextmanager
    def stream(self, after: str | None, filters: Mapping[str, Any] | None = None) -> Iterator[Iterator[Page]]:
        """The same as server-sent events: a page for whatever arrived at once, without events for a heartbeat.

        Ends when the service ends it. Raises as `feed` does; a connection that is cut raises `Unavailable`.
        """
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        asked = self._http.build_request(
            "GET", "/v1/feed", params=dict(filters or {}), headers=headers, timeout=HEARTBEAT
        )
        answer = self._send(asked, stream=True)
        try:
            yield _pages(answer, after or "")
        except httpx.TransportError as cut:
            raise Unavailable(f"the stream was cut: {type(cut).__name__}") from None
        finally:
            answer.close()

    def snapshot(self, page: str | None = None, filters: Mapping[str, Any] | None = None) -> SnapshotPage:
        """The first or a further page of all cases with anything in force or to come. Raises as `feed` does."""
        told = self._get("/v1/snapshot", {**(filters or {}), **({"cursor": page} if page else {})}).json()
        return SnapshotPage(tuple(told["cases"]), told["feed"], told.get("next"))

    def states(
        self, cases: Collection[str], filters: Mapping[str, Any] | None = None
    ) -> dict[str, Mapping[str, Any] | None]:
        """These cases as they stand now; None for one that this subscriber may not see. Raises as `feed` does."""
        asked = sorted(cases)
        found: dict[str, Mapping[str, Any] | None] = dict.fromkeys(asked)
        for first in range(0, len(asked), CASES_AT_ONCE):
            some = asked[first : first + CASES_AT_ONCE]
            told = self._get("/v1/snapshot", {**(filters or {}), "case": some}).json()
            found.update((row["case"], row) for row in told["cases"])
        return found

    def acknowledge(
        self,
        upto: str | int,
        restricted: Restricted | None = None,
        *,
        restarted: bool = False,
        filters: Mapping[str, Any] | None = None,
    ) -> Mapping[str, Any]:
        """Say that everything up to here, a cursor or a sequence, has been processed; the service's receipt.

        A cursor is of the feed with these filters. `restricted` is by what is held now, for the service to compare.
        `restarted` says that this subscriber began anew, so that its place may go back. Raises as `feed` does.
        """
        said: dict[str, Any] = {"cursor": upto} if isinstance(upto, str) else {"sequence": f"{upto:020}"}
        if restricted is not None:
            said["restricted"] = {"on": restricted.on.isoformat(), "count": restricted.count, "hash": restricted.hash}
        if restarted:
            said["restarted"] = True
        asked = self._http.build_request("POST", "/v1/receipts", params=dict(filters or {}), json=said)
        receipt: Mapping[str, Any] = self._send(asked).json()
        return receipt

    def confirm_deleted(self, case: str, disclosure: str) -> Mapping[str, Any]:
        """Say that what a partner was shown of a case has been deleted; the same once more changes nothing."""
        asked = self._http.build_request("POST", f"/v1/disclosures/{case}/{disclosure}/deleted", json={})
        answer: Mapping[str, Any] = self._send(asked).json()
        return answer

    def _get(self, path: str, asked: Mapping[str, Any], timeout: float = ANSWERED_WITHIN) -> httpx.Response:
        return self._send(self._http.build_request("GET", path, params=dict(asked), timeout=timeout))

    def _send(self, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
        until = monotonic() + self._patience
        renewed = False
        for tried in range(1_000_000):
            request.headers["Authorization"] = f"Bearer {self._bearer()}"
            try:
                answer = self._http.send(request, stream=stream)
                if stream and not answer.is_success:
                    answer.read()
            except httpx.TransportError as failed:
                pause, why = _pause(tried), type(failed).__name__
            else:
                if answer.is_success:
                    return answer
                if answer.status_code == httpx.codes.UNAUTHORIZED and not renewed:
                    self._held, renewed = None, True
                    continue
                if answer.status_code not in BUSY:
                    raise _refusal(answer)
                pause, why = _pause(tried, answer.headers.get("Retry-After")), str(answer.status_code)
            if monotonic() + pause > until:
                raise Unavailable(f"{request.url.path} was not answered: {why}")
            self._pause(pause)
        raise AssertionError("nobody is that patient")

    def _bearer(self) -> str:
        if self._held is None:
            self._held = self._token()
        return self._held


def _pause(tried: int, asked_for: str | None = None) -> float:
    """Seconds: what the service asked for, or twice as long each time; and some more, so that not all come at once."""
    least = float(asked_for) if asked_for and asked_for.isdigit() else min(0.25 * 2 ** min(tried, 10), LONGEST_PAUSE)
    return min(least * uniform(1.0, 1.5), LONGEST_PAUSE)  # noqa: S311 - a pause is no secret


def _refusal(answer: httpx.Response) -> Refused:
    try:
        said = answer.json()
    except ValueError:
        said = None
    problem: dict[str, Any] = said if isinstance(said, dict) else {}
    fields = {error.get("field") for error in problem.get("errors", ()) if isinstance(error, dict)}
    gone = answer.status_code == httpx.codes.GONE or not fields.isdisjoint(CURSORS)
    return (Gone if gone else Refused)(answer.status_code, problem)


def _pages(answer: httpx.Response, cursor: str) -> Iterator[Page]:
    """What arrived at once, event by event (WHATWG HTML, 9.2): blocks of lines, ended by an empty one."""
    left = b""
    for chunk in answer.iter_bytes():
        *blocks, left = (left + chunk).replace(b"\r\n", b"\n").split(b"\n\n")
        events = []
        for block in blocks:
            fields = dict(_field(line) for line in block.split(b"\n") if line and not line.startswith(b":"))
            if b"data" in fields:
                events.append(event_of(json.loads(fields[b"data"])))
            if b"id" in fields:
                cursor = fields[b"id"].decode()
        yield Page(tuple(events), cursor)


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name, value.removeprefix(b" ")
