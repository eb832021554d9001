"""Follows one landlord's events: from a snapshot or from the start, over restarts, cuts and restored backups."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from .events import Batch, Event, fresh
from .restricted import london_day, restricted_on
from .service import Gone, Page, Refused, Service, Unavailable
from .stores import Known, Place, Store

RECEIPTS_APART: Final = timedelta(seconds=5)
CONFLICT: Final = 409  # to a receipt: the last one is further

log: Final = logging.getLogger(__name__)

Told = Callable[[Batch], object]
State = Mapping[str, Any]


class Follower:
    """Hands on every event once and in order, and how cases stand, as they come; says so to the service.

    `told` gets each `Batch` before the store keeps it, inside its transaction if it has one. `filters` are the feed's
    own (`type`, `shard`, `dataschema`); the same each time, since a cursor is good for one filter. With `states` False
    cases' states are neither fetched nor kept: for whoever wants the events alone, from the start of the log. One that
    reads a shard acknowledges nothing: its owner does, with the sequence that all parts have come to.
    """

    def __init__(
        self,
        service: Service,
        store: Store,
        told: Told,
        *,
        filters: Mapping[str, Any] | None = None,
        states: bool = True,
        acknowledges: bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._service = service
        self._store = store
        self._told = told
        self._filters = dict(filters or {})
        self._states = states
        self._acknowledges = acknowledges and "shard" not in self._filters
        self._now = now
        self._said: tuple[object, object] | None = None
        self._said_at: datetime | None = None
        self._unsaid: str | int | None = None

    @property
    def place(self) -> Place:
        """How far it has come."""
        return self._store.place()

    def run(self, over: Callable[[], bool] = lambda: False, *, stream: bool = False) -> None:
        """Follow until it is over, by long polls or as a stream. Raises `Refused` when the service says no."""
        while not over():
            with suppress(Unavailable):  # it was asked for long enough; the place is kept, and it is asked again
                self.begin()
                if stream:
                    self.catch_up()
                    self._stream(over)
                else:
                    self.step()

    def begin(self, cursor: str | None = None) -> None:
        """Read the snapshot, or the rest of it, unless that was done; then go on from `cursor` rather than the feed's.

        Such a cursor is of another road, and was taken before the first page was read.
        """
        while self._states and not self.place.whole:
            self._begin(self.place, cursor)

    def step(self, wait: float | None = None) -> int:
        """Take one page of the feed; how many of its events were new."""
        return self._step(wait) or 0

    def catch_up(self) -> int:
        """Take pages until the feed has nothing new; how many events were new."""
        taken = 0
        while (some := self._step(wait=0)) != 0:
            taken += some or 0
        return taken

    def take(self, page: Page, sequence: int | None = None) -> int:
        """Hand on what is new of a page and keep the place after it; how many events were new.

        A road that is not the feed says by which position of the log it has been followed, to be acknowledged.
        """
        new = self._hand_on(page.events, replace(self.place, cursor=page.cursor))
        # Only here the states that are held are surely those of the cursor: elsewhere some are ahead of it.
        at_head = page.at_head and not page.events
        self._acknowledge(page.cursor if sequence is None else sequence, at_head=at_head)
        return new

    def receive(self, event: Event) -> bool:
        """Hand on one event that came by itself; whether it was new. The place in the feed stays."""
        self.begin()
        return bool(self._hand_on([event], self.place))

    def idle(self) -> None:
        """Nothing came for a while: acknowledge what was not worth a receipt of its own until now."""
        if self._unsaid is not None:
            self._acknowledge(self._unsaid, at_head=False)

    def start_over(self) -> None:
        """The log is no longer the one that was followed. What is held stays until the new snapshot is read."""
        log.warning("the service no longer knows this place: starting over")
        anew = Place(round=self.place.round + (not self._states))
        self._store.keep(anew, {}, lambda: None)

    def _step(self, wait: float | None) -> int | None:
        """How many events were new; None when it has to start over."""
        self.begin()
        try:
            page = self._service.feed(self.place.cursor, self._filters, wait=wait)
        except Gone:
            self.start_over()
            return None
        return self.take(page)

    def _begin(self, place: Place, cursor: str | None) -> None:
        """One page of the snapshot; with the last one, the cases that are held and that it left out."""
        if place.paging is None:
            place = replace(place, round=place.round + 1, cursor=None)
        try:
            page = self._service.snapshot(place.paging, self._filters)
        except Gone:
            self.start_over()
            return
        rows: dict[str, State | None] = {row["case"]: row for row in page.rows}
        place = replace(place, cursor=place.cursor or cursor or page.feed, paging=page.next, whole=page.next is None)
        if place.whole:
            held = {c for c, known in self._store.everything() if known.round != place.round and c not in rows}
            rows |= self._service.states(held, self._filters)
        self._keep(place, Batch(states=rows), {}, {})

    def _hand_on(self, events: Sequence[Event], place: Place) -> int:
        known = self._store.known({event.case for event in events})
        new, seen, gaps = fresh(events, known, place.round)
        if gaps:
            log.warning("events of %d cases never came before those that did", len(gaps))
        touched = gaps | _touched(new, known, place.round) if self._states else set()
        states = self._service.states(touched, self._filters)
        self._keep(place, Batch(tuple(new), states, tuple(sorted(gaps))), seen, known)
        return len(new)

    def _keep(self, place: Place, batch: Batch, seen: Mapping[str, int], known: Mapping[str, Known]) -> None:
        kept: dict[str, Known | None] = {}
        for case in {**seen, **batch.states}:
            held = known.get(case)
            state = batch.states.get(case, held.state if held else None)
            if case in seen:
                kept[case] = Known(seen[case], place.round, state)
            else:
                kept[case] = Known(int(state["caseversion"]), place.round, state) if state else None
        told = (lambda: self._told(batch)) if batch != Batch() else (lambda: None)
        self._store.keep(place, kept, told)

    def _acknowledge(self, upto: str | int, *, at_head: bool) -> None:
        """Once in a while: a receipt is kept for good. At the head at once, for there it may be long to the next."""
        if not self._acknowledges:
            return
        now = self._now()
        if not at_head and self._said_at is not None and self._said_at <= now < self._said_at + RECEIPTS_APART:
            self._unsaid = upto
            return
        self._unsaid = None
        compared = None
        if at_head and self._states:
            held = (known.state for _, known in self._store.everything())
            compared = restricted_on(london_day(now), [state for state in held if state])
        if self._said is not None and self._said[0] == upto and compared in (None, self._said[1]):
            return
        place = self.place
        try:
            self._service.acknowledge(upto, compared, restarted=place.restarted, filters=self._filters)
        except Gone:
            return  # the log was restored a moment ago: the next page says so, and what to do
        except Refused as refused:
            if refused.status != CONFLICT:
                raise
            log.warning("more was acknowledged before than this follower has processed: is there another one?")
        self._said, self._said_at = (upto, compared), now
        if place.restarted:
            self._store.keep(replace(place, restarted=False), {}, lambda: None)

    def _stream(self, over: Callable[[], bool]) -> None:
        try:
            with self._service.stream(self.place.cursor, self._filters) as pages:
                for page in pages:
                    if page.events or page.cursor not in ("", self.place.cursor):
                        self.take(page)
                    else:
                        self.idle()
                    if over():
                        return
        except Gone:
            self.start_over()


def _touched(events: Collection[Event], known: Mapping[str, Known], rounds: int) -> set[str]:
    """The cases whose alert these events can have changed since the state that is held of them."""

    def accounted_for(event: Event) -> bool:
        held = known.get(event.case)
        return held is not None and held.round == rounds and event.version <= held.state_version

    return {event.case for event in events if event.data.get("alert") and not accounted_for(event)}
