"""A landlord whose events go to receivers on this machine: cases to write to, endpoints, and workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import uuid6

from domain.codes import CaseId, StaffId, SubscriberKind, Topic
from domain.decisions.subscribers import EndSubscriber, RegisterSubscriber
from domain.events import Event
from infrastructure.downstream.webhooks.addresses import Allowed
from infrastructure.downstream.webhooks.outside import Outside, Resolve
from infrastructure.downstream.webhooks.records import Endpoint, NewEndpoint
from infrastructure.downstream.webhooks.worker import WebhookWorker
from infrastructure.office import Office
from tests.golden.samples import sample
from tests.infrastructure.a_landlord import changed, opened_case, somebody
from tests.infrastructure.downstream.webhooks.a_receiver import Receiver
from tests.infrastructure.http.a_house import House

PATIENCE = 20.0  # seconds
WHY = "A test asked for it."
FACTS = ("ContactLogged", "IncidentRecorded", "IncidentRecorded")  # a few of one case, after its opening


class TestClock:
    """The machine's time, and what a test adds to it."""

    __test__ = False

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC) + self.ahead

    def pass_by(self, **long: float) -> None:
        """So much time goes by at once."""
        self.ahead += timedelta(**long)


@dataclass
class Post:
    """One landlord's webhooks."""

    house: House
    office: Office
    clock: TestClock = field(default_factory=TestClock)
    outcomes: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def subscriber(self, code: str | None = None, *topics: Topic) -> str:
        """A system of the landlord's own, that is told of these topics or of all."""
        code = code or f"s_{uuid4().hex[:10]}"
        command = RegisterSubscriber(
            subscriber=code,
            kind=SubscriberKind.OWN,
            signs_in=StaffId(self.house.staff(self.office.landlord, code)),
            topics=topics or tuple(Topic),
        )
        self.office.desk.manage(command, self.administrator())
        return code

    def end_subscriber(self, code: str) -> None:
        """It follows no more."""
        self.office.desk.manage(EndSubscriber(subscriber=code), self.administrator())

    def administrator(self) -> Any:
        """Who does so."""
        return StaffId(self.house.staff(self.office.landlord, "administrator"))

    def endpoint(self, receiver: Receiver | str, **said: Any) -> tuple[Endpoint, str]:
        """An endpoint of a subscriber at this receiver, from now on unless said otherwise; and its secret."""
        url = receiver if isinstance(receiver, str) else receiver.address
        said.setdefault("subscriber", None)
        said["subscriber"] = said["subscriber"] or self.subscriber()
        said.setdefault("position", self.office.public_log.head())
        new = NewEndpoint(url=url, confirmed=True, **said)
        endpoint, secret = self.office.webhooks.register(new, "tester", WHY)
        return endpoint, secret.for_receiver()

    def case(self, *facts: str) -> str:
        """A new case with these facts after its opening; its id."""
        events = opened_case(somebody(), *facts)
        stamped = [changed(event, event_id=str(uuid6.uuid7())) for event in events]
        self.office.log.append(stamped)
        return str(stamped[0].stream)

    def add(self, case: str, fact: str = "IncidentRecorded") -> int:
        """One more fact of a case; its version."""
        version = len(self.office.log.history(CaseId(case))) + 1
        known: Event = sample(fact, version=version)
        self.office.log.append([changed(known, stream=case, event_id=str(uuid6.uuid7()))])
        return version

    def place(self, endpoint: Endpoint) -> int:
        """How far the endpoint is."""
        return self.office.webhooks.one(endpoint.endpoint).position

    def told_of(self, endpoint: Endpoint) -> bool:
        """Whether everything that there is was taken."""
        name = endpoint.endpoint
        return self.place(endpoint) >= self.office.public_log.head() and not self.office.webhooks.cases(name)

    @contextmanager
    def worker(self, resolve: Resolve | None = None, answering: float = 5.0) -> Iterator[WebhookWorker]:
        """Somebody brings events until the block ends."""
        worker = self.made(resolve, answering)
        worker.start()
        try:
            yield worker
        finally:
            worker.stop()

    def made(self, resolve: Resolve | None = None, answering: float = 5.0) -> WebhookWorker:
        """Somebody who has not begun."""
        return WebhookWorker(
            self.office.recorder.server,
            [self.office],
            lambda: Outside(Allowed.read("127.0.0.0/8"), resolve=resolve, answering=answering),
            "evenhand.example",
            poll=0.05,
            observe=self._observe,
            now=self.clock,
        )

    def _observe(self, _: str, outcome: str) -> None:
        with self.lock:
            self.outcomes.append(outcome)


def eventually(holds: Callable[[], object], patience: float = PATIENCE) -> None:
    """Waits until something holds; fails when it never does."""
    until = monotonic() + patience
    while not holds():
        assert monotonic() < until, "it never came about"
        sleep(0.01)
