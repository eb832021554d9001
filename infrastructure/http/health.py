"""Whether the service is ready: its databases answer, its schemas are at this release, and the follower is alive."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from time import monotonic
from typing import Final, NamedTuple

from eventsourcing.persistence import PersistenceError
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from infrastructure.http.answers import HealthAnswer
from infrastructure.http.documented import Documented
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.office import Office

COUNTED_FOR: Final = 5.0  # seconds for which a count of blocked cases is good: there may be a thousand landlords
SILENT_FOR: Final = 45.0  # seconds; a follower with nothing to do gives a sign of life every ten


def health_routes(service: Service, documented: Documented) -> APIRouter:
    """Readiness, for whoever watches over the service; takes no token and tells no secret."""
    router = APIRouter(tags=["Operations"])
    says = "Says whether the service is ready; takes no token. 503 while something is missing, with what."
    told = documented.question(says, HealthAnswer, None)
    told["responses"][503] = {**told["responses"][200], "description": "Not ready"}

    blocked = _Blocked(service)

    @router.get("/health", **told)
    def show_health() -> JSONResponse:
        missing = tuple(dict.fromkeys(_missing(service)))
        ready = not missing
        found = HealthAnswer(
            ready=ready,
            missing=missing,
            blocked=blocked.counts() if ready else {},
            clock=_clock(service),
            broker={landlord: one.state for landlord, one in service.broker().items() if one.is_in_trouble},
        )
        return JSONResponse(Page().part(found), 200 if ready else 503)

    return router


class _Counted(NamedTuple):
    by_landlord: dict[str, int]
    good_until: float  # by the monotonic clock


class _Blocked:
    """How many cases are blocked, for each landlord with any; asked of everybody now and then, however many look."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._counting = Lock()
        self._counted: _Counted | None = None

    def counts(self) -> dict[str, int]:
        """The counts of a few seconds ago at most, and while somebody counts anew those from before that."""
        counted = self._counted
        fresh = counted is not None and monotonic() < counted.good_until
        # Nobody waits for another's counting, but for the very first one.
        if counted is not None and (fresh or not self._counting.acquire(blocking=False)):
            return counted.by_landlord
        if counted is None:
            self._counting.acquire()
        try:
            if self._counted is None or self._counted is counted:  # nobody was faster
                self._counted = _Counted(self._count(), monotonic() + COUNTED_FOR)
            return self._counted.by_landlord
        finally:
            self._counting.release()

    def _count(self) -> dict[str, int]:
        healths = {landlord: self._service.office(landlord).projector.health() for landlord in self._service.landlords}
        counts = {landlord: len({one.case_id for one in health.blocked}) for landlord, health in healths.items()}
        return {landlord: count for landlord, count in counts.items() if count}


def _clock(service: Service) -> dict[str, str]:
    """What is wrong with the clock of each landlord, where anything is."""
    return {landlord: last.trouble for landlord, last in service.last_ticks().items() if last.trouble is not None}


def _missing(service: Service) -> Iterator[str]:
    offices = [service.office(landlord) for landlord in service.landlords]
    if not offices:
        yield "no landlord is served"
    # One landlord stands for all on its server: they share one database and one follower.
    for office in {id(office.recorder.server): office for office in offices}.values():
        yield from _missing_on_its_server(office)


def _missing_on_its_server(office: Office) -> Iterator[str]:
    try:
        health = office.projector.health()
    except PersistenceError:
        yield "a database does not answer"
        return
    # What is paused or awaits a rebuild is left alone on purpose.
    kept = [one for one in health.progress if one.serving and not one.paused and office.projector.computes(one)]
    if any(one.heartbeat_age is None or one.heartbeat_age > SILENT_FOR for one in kept):
        yield "the follower of the read models gives no sign of life; commands and reads of one case go on"
