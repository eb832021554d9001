"""What is known of a landlord's subscribers and of what they acknowledged, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING

from domain.calendar import london_date, london_datetime
from domain.codes import Topic
from domain.downstream_work import Drifted, FollowersOwe, RoadBlocked
from infrastructure.downstream.known_by import KnownBy
from infrastructure.downstream.receipts import Receipts
from infrastructure.downstream.restricted import RestrictedPeople
from infrastructure.downstream.standing import Standings
from infrastructure.downstream.unacknowledged import Registrations, UnacknowledgedChanges

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from application.desk import Desk
    from application.ports import Clock
    from domain.landlord import Subscriber
    from domain.public.receipts import Acknowledgement, Claim, Receipt, Restricted
    from infrastructure.downstream.public_log import PublicLog
    from infrastructure.engine.projector import Projector

# What needs a person, at an instant, on a road by which subscribers are told.
Troubles = Callable[[datetime], Sequence[RoadBlocked]]


class Followers:
    """One landlord's subscribers, as far as they acknowledge. Safe to share between threads."""

    def __init__(self, desk: Desk, projector: Projector, log: PublicLog, clock: Clock) -> None:
        recorder = projector.recorder
        self._desk = desk
        self._clock = clock
        self._log = log
        self._troubles: tuple[Troubles, ...] = ()
        self._restricted = RestrictedPeople(projector)
        registered = Registrations(desk)
        self.receipts = Receipts(recorder.server, recorder.landlord, clock.now)
        self.unacknowledged = UnacknowledgedChanges(desk, recorder, log, self.receipts, registered)
        self.known_by = KnownBy(desk, log, self.receipts, registered)
        self.standings = Standings(desk, recorder, log, self.receipts, self.unacknowledged)

    def listen_to(self, troubles: Troubles) -> None:
        """List what this says, too, among what the landlord owes."""
        self._troubles = (*self._troubles, troubles)

    def acknowledge(self, subscriber: Subscriber, said: Acknowledgement) -> Receipt:
        """Take down what a subscriber acknowledges, compared with the log where it claims anything. Raises `Behind`."""
        expected = () if said.claim is None else self._expected(subscriber, said.position, said.claim)
        return self.receipts.record(subscriber.id, said, expected)

    def owed(self, day: date, case: str | None = None) -> FollowersOwe:
        """What is owed because of those who follow, now or by the end of another day; of one case where it is named."""
        now = self._clock.now()
        instant = now if day == london_date(now) else london_datetime(day, time.max)
        unacknowledged, further = self.unacknowledged.by(instant, case=case)
        blocked = [one for troubles in self._troubles for one in troubles(now) if case in (None, one.case)]
        return FollowersOwe(
            unacknowledged=unacknowledged,
            further=further,
            drifted=list(self._drifted()) if case is None else (),
            blocked=blocked,
        )

    def _drifted(self) -> Iterator[Drifted]:
        for subscriber in self._desk.state().subscribers:
            first = self.receipts.drifted(subscriber.id) if subscriber.active else None
            if first is not None and first.claim is not None:
                yield Drifted(subscriber=subscriber.id, on=first.claim.on)

    def _expected(self, subscriber: Subscriber, position: int, claim: Claim) -> Sequence[Restricted]:
        """Whom the log takes to be restricted at a position, and where that is not what is claimed, by now as well."""
        if Topic.RESTRICTIONS not in subscriber.topics:
            return ()
        disclosed = None if subscriber.partner is None else self._log.grants().cases(subscriber.partner)
        there = self._restricted.at(position, claim.on, disclosed)
        if there is None or claim.restricted.agrees_with(there):
            return () if there is None else (there,)
        now = self._restricted.at(self._log.head(), claim.on, disclosed)
        return () if now is None else (there, now)
