"""One call of an endpoint: the event as its body, signed anew, and what the answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING, Final

from infrastructure.downstream.webhooks.outside import NoAnswer
from infrastructure.downstream.webhooks.schedule import asked_to_wait
from infrastructure.downstream.webhooks.signing import signed_headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from infrastructure.downstream.webhooks.outside import Line
    from infrastructure.downstream.webhooks.records import LiveSecret

MEDIA_TYPE: Final = "application/cloudevents+json"  # an event in structured mode (CloudEvents HTTP binding 1.0, 3.2)
GONE: Final = 410
TAKEN: Final = "taken"
OTHER_STATUS: Final = "status"


@dataclass(frozen=True, slots=True)
class Message:
    """An event to bring: its id, type and body, and where it stands in the log, if it does."""

    id: str
    type: str
    body: bytes
    case: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call. `outcome` is `taken`, `status`, or why there was no answer; `asked` is in seconds."""

    outcome: str
    status: int | None
    at: datetime
    took_ms: int
    asked: float | None = None

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return self.outcome == TAKEN

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing any more."""
        return self.status == GONE


async def brought(
    line: Line, message: Message, secrets: Sequence[LiveSecret], origin: str, now: Callable[[], datetime]
) -> Outcome:
    """What came of bringing a message to the end of a line. Any status of 200 to 299 takes it, and nothing else."""
    at, begun = now(), perf_counter()
    live = [one.secret for one in secrets if one.until is None or one.until > at]
    headers = {
        "Content-Type": MEDIA_TYPE,
        "User-Agent": "Evenhand",
        "WebHook-Request-Origin": origin,
        **signed_headers(live, message.id, at, message.body),
    }
    try:
        answer = await line.call("POST", headers, message.body)
    except NoAnswer as none:
        return Outcome(none.kind, None, at, _since(begun))
    if 200 <= answer.status < 300:
        return Outcome(TAKEN, answer.status, at, _since(begun))
    asked = asked_to_wait(answer.headers.get("retry-after"), now())
    return Outcome(OTHER_STATUS, answer.status, at, _since(begun), asked)


async def agrees(line: Line, origin: str) -> str | None:
    """Ask a receiver whether it takes events from us; None when it does, or else a code that says why not.

    CloudEvents HTTP Web Hooks 1.0.2, section 4: a status is no consent, only the header is.
    """
    try:
        answer = await line.call("OPTIONS", {"WebHook-Request-Origin": origin, "User-Agent": "Evenhand"}, b"")
    except NoAnswer as none:
        return none.kind
    allowed = answer.headers.get("webhook-allowed-origin", "").strip().lower()
    return None if allowed in ("*", origin.lower()) else "not_allowed"


def a_test(landlord: str, endpoint: str, event: str, at: datetime) -> Message:
    """An event that says nothing, for a receiver to show that it takes events and can check their signature."""
    return _made(landlord, "evenhand.test", event, at, {"endpoint": endpoint})


def a_new_start(landlord: str, event: str, at: datetime, position: int) -> Message:
    """Word that events before a position are not brought: the present state has to be read, and what follows comes."""
    data = {"sequence": f"{position:020}", "links": {"snapshot": "/v1/snapshot"}}
    return _made(landlord, "evenhand.start-over", event, at, data)


def _made(landlord: str, kind: str, event: str, at: datetime, data: Mapping[str, object]) -> Message:
    body = {
        "specversion": "1.0",
        "id": event,
        "source": f"urn:evenhand:landlord:{landlord}",
        "type": kind,
        "time": at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": data,
    }
    return Message(event, kind, json.dumps(body, separators=(",", ":")).encode())


def _since(begun: float) -> int:
    return round(1000 * (perf_counter() - begun))
