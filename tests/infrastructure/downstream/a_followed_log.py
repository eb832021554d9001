"""A landlord's log with subscribers: registered in its stream, told of cases, and acknowledging."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID, uuid4

from application.streams import landlord_stream
from domain.codes import CaseId, RoleCode, StaffId, SubscriberKind, Topic
from domain.events import Event, LandlordFact, SubscriberEnded, SubscriberRegistered
from domain.landlord import Landlord, fold_landlord
from domain.public.receipts import Acknowledgement, Claim, Receipt
from infrastructure.downstream.followers import Followers
from infrastructure.downstream.public_log import PublicLog
from tests.histories import MONDAY, OFFICER, History
from tests.infrastructure.a_log import SetClock
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log

STREAM = landlord_stream("elm")
BOTH = (Topic.RESTRICTIONS, Topic.SAFETY)


class FollowedLog:
    """A projected log, a clock, and subscribers."""

    def __init__(self, log: ProjectedLog, clock: SetClock) -> None:
        self.log = log
        self.clock = clock
        self.public = PublicLog(log.recorder, log.mapper, STREAM)
        # What is asked of a desk and of a landlord's clock.
        self.followers = Followers(self, log.projector, self.public, self)  # type: ignore[arg-type]
        self._version = 0

    # What is asked of a desk

    def now(self) -> datetime:
        """The landlord's time."""
        return self.clock.now

    def landlord_history(self) -> list[Event]:
        """The landlord's own events."""
        return self.history(CaseId(STREAM))

    def state(self) -> Landlord:
        """The landlord."""
        return fold_landlord(self.landlord_history())

    def history(self, case: CaseId) -> list[Event]:
        """The events of a stream."""
        return [self.log.mapper.decode(row) for row in self.log.recorder.read_stream(UUID(case))]

    # What happens

    def registers(
        self,
        code: str = "housing",
        topics: tuple[Topic, ...] = BOTH,
        *,
        within: int | None = 60,
        partner: str | None = None,
    ) -> int:
        """A subscriber is registered; the position."""
        return self._own(
            SubscriberRegistered(
                subscriber=code,
                kind=SubscriberKind.PARTNER if partner else SubscriberKind.OWN,
                signs_in=StaffId(f"signs-in-{code}"),
                topics=topics,
                partner=partner,
                references=False,
                within_minutes=within,
                from_on=MONDAY,
            )
        )

    def ends(self, code: str = "housing") -> int:
        """A subscriber ends; the position."""
        return self._own(SubscriberEnded(subscriber=code, ended_on=MONDAY))

    def adds(self, history: History, since: int = 0) -> int:
        """The events of a case from a number on; the position of the last."""
        return self.log.append(history.events[since:])

    def acknowledges(
        self, position: int, code: str = "housing", *, restarted: bool = False, claim: Claim | None = None
    ) -> Receipt:
        """A subscriber has processed everything up to there."""
        subscriber = self.state().subscriber(code)
        assert subscriber is not None
        return self.followers.acknowledge(subscriber, Acknowledgement(position, restarted, claim))

    def _own(self, fact: LandlordFact) -> int:
        self._version += 1
        event = Event(
            event_id=str(uuid4()),
            stream=STREAM,
            version=self._version,
            fact=fact,
            effective_at=self.clock.now,
            actor=OFFICER,
            post=RoleCode("administrator"),
            policy=None,
        )
        return self.log.append([event])


@contextmanager
def a_followed_log(database: str) -> Iterator[FollowedLog]:
    """An empty log without subscribers."""
    clock = SetClock()
    with a_projected_log(database, clock=clock) as log:
        yield FollowedLog(log, clock)
