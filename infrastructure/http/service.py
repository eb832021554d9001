"""What the HTTP interface asks of the service behind it; the composition root has it all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from infrastructure.downstream.broker.publishing import Standing
from infrastructure.downstream.tail import Tails
from infrastructure.downstream.webhooks.outside import Outside
from infrastructure.jobs import Jobs
from infrastructure.metrics import Metrics
from infrastructure.office import Office
from infrastructure.scheduler import LastTick
from infrastructure.tokens import Tokens


class Service(Protocol):
    """Who may come in, and the office of each landlord."""

    @property
    def tokens(self) -> Tokens:
        """Who brings a token."""
        ...

    @property
    def landlords(self) -> tuple[str, ...]:
        """Everybody who is served."""
        ...

    @property
    def jobs(self) -> Jobs:
        """What was begun over HTTP and takes long."""
        ...

    @property
    def webhooks_origin(self) -> str:
        """The name under which receivers are asked whether they agree, and called."""
        ...

    def outside(self) -> Outside:
        """The guarded way out to receivers, for one event loop."""
        ...

    @property
    def metrics(self) -> Metrics:
        """What a monitoring system reads."""
        ...

    @property
    def metrics_open(self) -> bool:
        """Whether everybody may read them."""
        ...

    @property
    def evidence_bytes(self) -> int:
        """The size of the largest evidence file that is taken."""
        ...

    def last_ticks(self) -> Mapping[str, LastTick]:
        """What came of the clock's last look at each landlord; nothing where no time is kept."""
        ...

    def broker(self) -> Mapping[str, Standing]:
        """How far the streams at the message broker are; nothing for landlords that have none."""
        ...

    def office(self, landlord: str) -> Office:
        """Everything of one landlord. Raises `LookupError` for one that is not served."""
        ...

    def tails(self) -> Tails:
        """A place of its own where those who ask an interface wait for what comes next."""
        ...

    def callback_tokens(self, landlord: str) -> tuple[str, ...]:
        """The tokens with which whoever carries the landlord's letters proves what it reports; maybe none."""
        ...
