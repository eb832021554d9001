"""Who knew of which restriction by when: for each change of a case, each subscriber entitled to it and its receipt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.events import DisclosureDecided
from domain.evolve import fold
from domain.public import PUBLIC
from domain.public.concerns import concerned
from domain.public.in_force import CHANGES_IN_FORCE, concerns
from domain.public.registered import Registration
from infrastructure.downstream.receipts import Place
from infrastructure.downstream.wanted import wanted_of

if TYPE_CHECKING:
    from datetime import datetime

    from application.desk import Desk
    from domain.case import Case
    from domain.codes import CaseId, SubscriberKind
    from domain.events import Event
    from domain.landlord import Subscriber
    from domain.public.receipts import Receipt
    from infrastructure.downstream.public_log import PublicLog
    from infrastructure.downstream.receipts import Receipts
    from infrastructure.downstream.unacknowledged import Registrations

READ_TOGETHER: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowing:
    """One subscriber and one change. It was told of it at position `told_at`; None in `receipt`: not acknowledged yet.

    `told_at` is later than the change where a disclosure to a partner came after it. `began_anew`: the subscriber
    started over since, and has not come as far again.
    """

    subscriber: str
    kind: SubscriberKind
    told_at: int
    receipt: Receipt | None
    began_anew: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownChange:
    """A change, by its public name, what it is about, and who knew of it."""

    event_id: str
    name: str
    position: int
    version: int
    recorded_at: datetime
    about: tuple[str, ...]
    known: tuple[Knowing, ...]


class KnownBy:
    """Answers for one landlord. Safe to share between threads."""

    def __init__(self, desk: Desk, log: PublicLog, receipts: Receipts, registered: Registrations) -> None:
        self._desk = desk
        self._log = log
        self._receipts = receipts
        self._registered = registered

    def of_case(self, case: CaseId, about: str | None = None) -> tuple[KnownChange, ...]:
        """The changes of a case in their order; of one restriction or safety warning where it is named.

        Raises `NotFound`.
        """
        history = self._desk.history(case)
        now = fold(history)
        changes = [
            (event, things)
            for event in history
            if type(event.fact).__name__ in CHANGES_IN_FORCE
            for things in [concerned(now, event)]
            if about is None or about in things
        ]
        subscribers = self._desk.state().subscribers
        told = {subscriber.id: self._told(subscriber, now, history) for subscriber in subscribers}
        receipts = {code: self._receipts.first_reaching(code, set(places.values())) for code, places in told.items()}
        lasts = {code: self._receipts.last(code) for code in told}
        kinds = {subscriber.id: subscriber.kind for subscriber in subscribers}

        def known(event: Event) -> Iterator[Knowing]:
            for code, places in told.items():
                place = places.get(event.event_id)
                if place is not None:
                    at, receipt, last = place.position, receipts[code].get(place), lasts[code]
                    anew = receipt is not None and last is not None and last.position < at
                    yield Knowing(subscriber=code, kind=kinds[code], told_at=at, receipt=receipt, began_anew=anew)

        return tuple(
            KnownChange(
                event_id=event.event_id,
                name=PUBLIC[type(event.fact).__name__].name,
                position=event.position,
                version=event.version,
                recorded_at=event.recorded_at,
                about=tuple(sorted(things)),
                known=tuple(known(event)),
            )
            for event, things in changes
        )

    def _told(self, subscriber: Subscriber, case: Case, history: Sequence[Event]) -> dict[str, Place]:
        """By the event's id, where a subscriber is told of a change, and since when it can have been."""
        registered = self._registered.of_all().get(subscriber.id, ())
        if subscriber.partner is None:
            told = {event.event_id: event.position for event in history}
        else:
            told = self._told_to_partner(subscriber, case, history)
        return {
            event.event_id: Place(told[event.event_id], since)
            for event in history
            if event.event_id in told and type(event.fact).__name__ in CHANGES_IN_FORCE
            for since in _entitled_since(registered, event, told[event.event_id])
        }

    def _told_to_partner(self, subscriber: Subscriber, case: Case, history: Sequence[Event]) -> dict[str, int]:
        """What it was told itself, and before that what a disclosure showed it later."""
        wanted, after = wanted_of(self._log.landlord, subscriber), 0
        themselves: dict[str, int] = {}
        while True:
            page = self._log.read(wanted, after, READ_TOGETHER, cases=[case.id])
            themselves |= {told.event_id: told.position for told in page.told}
            if len(page.told) < READ_TOGETHER:
                break
            after = page.told[-1].position
        shown: dict[str, int] = {}
        for decided in history:
            if isinstance(decided.fact, DisclosureDecided) and decided.event_id in themselves:
                things = concerned(case, decided)
                for event in history:
                    if event.position < decided.position and things & concerned(case, event):
                        shown.setdefault(event.event_id, decided.position)
        return shown | themselves


def _entitled_since(registered: Sequence[Registration], event: Event, told_at: int) -> list[int]:
    """The position of the first registration for its topic that held then, or came later; empty where there is none.

    Whoever registers reads the log from its start. What they acknowledged before, they were not told this of.
    """
    told = PUBLIC[type(event.fact).__name__]
    return [
        one.since for one in registered if concerns(told, one.topics) and (one.until is None or told_at < one.until)
    ][:1]
