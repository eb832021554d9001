"""A landlord's log in memory: what tests and experiments use where PostgreSQL would only add time.

It keeps every promise of `EventLog` but durability, and seals nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hmac import compare_digest
from threading import Lock

from application.ports import Clock, Conflict, KeyReused, Known, Receipt, RequestKey
from domain.events import Event

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class MemoryLog:
    """Facts in one list, with the places that are taken and the requests that were accepted. Safe between threads."""

    clock: Clock
    _events: list[Event] = field(default_factory=list)
    _taken: set[tuple[str, int]] = field(default_factory=set)
    _requests: dict[tuple[str, str], tuple[bytes, Receipt]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def append(
        self,
        events: Sequence[Event],
        *,
        request: RequestKey | None = None,
        answer: Mapping[str, object] | None = None,
        unchanged: Mapping[str, int] | None = None,
    ) -> Receipt:
        """Write all events or none. Raises `Conflict` when a (stream, version) is taken, `KeyReused`.

        Likewise when a stream that this rests on is not `unchanged`.
        """
        if not events and request is None:
            raise ValueError("a save needs an event, or a request that was accepted without one")
        with self._lock:
            if request is not None and (known := self._accepted(request)):
                return known
            places = [(event.stream, event.version) for event in events]
            if len(set(places)) < len(places) or self._taken.intersection(places):
                raise Conflict("this version of the stream is written already: read it again and decide anew")
            if unchanged and any(version > unchanged.get(stream, version) for stream, version in self._taken):
                raise Conflict("a stream on which this rests has gone on: read it again and decide anew")
            before = len(self._events)
            now = max(self.clock.now(), self._events[-1].recorded_at if before else LONG_AGO)
            self._events += [
                replace(event, position=before + n, recorded_at=now) for n, event in enumerate(events, start=1)
            ]
            self._taken.update(places)
            receipt = Receipt(before + 1, before + len(events), now, dict(answer or {}), repeated=False)
            if request is not None:
                self._requests[request.caller, request.key] = (request.body_mac, replace(receipt, repeated=True))
            return receipt

    def accepted(self, request: RequestKey) -> Receipt | None:
        """The receipt of this request if it was accepted before. Raises `KeyReused`."""
        with self._lock:
            return self._accepted(request)

    def history(self, stream: str, *, since: int = 1, upto: int | None = None) -> list[Event]:
        """The events of a stream in order, from version `since` and at most up to a log position; maybe none."""
        known = self._events[:upto]
        found = (event for event in known if event.stream == stream and event.version >= since)
        return sorted(found, key=lambda event: event.version)

    def known(self, stream: str) -> tuple[Known | None, list[Event]]:
        """Nothing, and the whole history."""
        return None, self.history(stream)

    def write_down(self, known: Known) -> None:
        """Nothing is: it would take no less time."""

    def after(self, position: int, limit: int) -> list[Event]:
        """The next events of the whole log in order of position."""
        return self._events[position : position + limit]

    def head(self) -> int:
        """Position of the last event of the log, 0 when empty."""
        return len(self._events)

    def position_at(self, instant: datetime) -> int:
        """Position of the last event recorded at or before the instant."""
        return sum(1 for event in list(self._events) if event.recorded_at <= instant)

    def _accepted(self, request: RequestKey) -> Receipt | None:
        body_mac, receipt = self._requests.get((request.caller, request.key), (b"", None))
        if receipt is not None and not compare_digest(body_mac, request.body_mac):
            raise KeyReused("this key was used before for a request with another body: choose a new key")
        return receipt
