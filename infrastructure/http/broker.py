"""What operations staff learn of their landlord's stream at the message broker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from infrastructure.downstream.broker.names import stream_of, subjects_of
from infrastructure.downstream.broker.publishing import Standing
from infrastructure.http.auth import Gate
from infrastructure.http.documented import Documented
from infrastructure.http.ops import SCOPE
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.tokens import Caller

STATUS: Final = """Says how far the landlord's stream at the message broker is, and what is wrong with it.

`standby`: another process of the service publishes, or none has begun. `unreachable`, `refused`: nothing is lost, and
it goes on from where it stopped as soon as the broker answers. `diverged`: stream and log are not of one history, as
after a restored backup; nothing is published until somebody starts the stream over. `off`: there is no broker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAnswer:
    """Log positions up to `position` were published, of `head`; `sequence` is the last message of the stream.

    `detail` says what is wrong and what to do, `since` when the state began.
    """

    state: Literal["off", "standby", "publishing", "unreachable", "refused", "diverged"]
    stream: str
    subjects: str
    position: int
    head: int
    sequence: int
    since: datetime | None
    detail: str | None


def broker_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """How far the stream is."""
    router = APIRouter(tags=["Operations"])
    may_operate = Depends(needs(SCOPE))

    @router.get("/v1/ops/broker", **documented.question(STATUS, BrokerAnswer, SCOPE))
    def show_broker(who: Caller = may_operate) -> JSONResponse:
        standing = service.broker().get(who.landlord)
        head = service.office(who.landlord).public_log.head()
        return JSONResponse(Page().part(_told(who.landlord, standing, head)))

    return router


def _told(landlord: str, standing: Standing | None, head: int) -> BrokerAnswer:
    return BrokerAnswer(
        state="off" if standing is None else standing.state,
        stream=stream_of(landlord),
        subjects=subjects_of(landlord),
        position=0 if standing is None else standing.position,
        head=head,
        sequence=0 if standing is None else standing.sequence,
        since=None if standing is None else standing.since,
        detail=None if standing is None else standing.detail,
    )
