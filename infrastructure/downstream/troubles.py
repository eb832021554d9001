"""What needs a person on the roads by which subscribers are told, as lines of the worklist."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from domain.downstream_work import RoadBlocked
from infrastructure.downstream.webhooks.records import FAILING, GONE

if TYPE_CHECKING:
    from datetime import datetime

    from infrastructure.downstream.broker.publishing import Standing
    from infrastructure.downstream.webhooks.endpoints import Endpoints
    from infrastructure.downstream.webhooks.records import WebhookTask

# Why the service disabled an endpoint, in words.
BECAUSE: Final[Mapping[str, str]] = {
    GONE: "its receiver said that it is gone for good",
    FAILING: "nothing could be brought to it for as long as is tried",
}


def of_webhooks(endpoints: Endpoints) -> Callable[[datetime], Sequence[RoadBlocked]]:
    """Cases that are parked at an endpoint, and endpoints that were disabled by the service."""

    def blocked(now: datetime) -> Sequence[RoadBlocked]:
        return [_blocked(task) for task in endpoints.open_tasks(now)]

    return blocked


def of_broker(standing: Callable[[], Standing | None]) -> Callable[[datetime], Sequence[RoadBlocked]]:
    """That nothing is published any more because stream and log are not of one history, as far as is known here."""

    def blocked(now: datetime) -> Sequence[RoadBlocked]:
        found = standing()
        if found is None or found.state != "diverged":
            return ()
        return (
            RoadBlocked(
                kind="broker_diverged",
                about="broker",
                says="The broker's stream and the log are not of one history, as after a restored backup, and nothing "
                "is published: start the stream over, and have those who read it start over from a snapshot.",
                since=found.since or now,
                see="/v1/ops/broker",
            ),
        )

    return blocked


def _blocked(task: WebhookTask) -> RoadBlocked:
    see = f"/v1/webhooks/{task.endpoint}"
    if task.kind == "parked":
        says = (
            f"{task.subscriber} could not be told of this case by its webhook, and nothing more is tried: have the "
            "receiver put right, then resume the endpoint."
        )
    else:
        because = BECAUSE.get(task.because, task.because.replace("_", " "))
        says = (
            f"A webhook of {task.subscriber} is disabled, because {because}: have the receiver put right, then resume "
            "it or start it over."
        )
    return RoadBlocked(
        kind=f"webhook_{task.kind}", about=task.endpoint, says=says, since=task.since, case=task.case, see=see
    )
