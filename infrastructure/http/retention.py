"""Whose records have been kept long enough: the closed cases with a clock that ran out, and what still stops it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from starlette.requests import Request

from application.desk import NotFound
from domain.calendar import london_date
from domain.codes import RecordClass
from domain.retention import due
from infrastructure.http.auth import Gate
from infrastructure.http.cursors import cursor, numbers
from infrastructure.http.documented import Documented
from infrastructure.http.parameters import On, Place, place
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.tokens import Caller

if TYPE_CHECKING:
    from domain.baseline import Baseline
    from domain.policy import Policy
    from infrastructure.office import Office
    from infrastructure.retention_log import ClosedCase

RUN_OUT: Final = """Lists the closed cases with records that have been kept long enough on a day.

Each class of records has a clock; one that ran out may be disposed of by `propose-disposal` and `decide-disposal`
once nothing in `stopped_by` is left. `limit` is how many closed cases a page looks at, in the order in which they
were closed: a page can list fewer, or none, and still have a `next`. A case that this release cannot read to its end
is listed as `readable: false`, never left out. Nothing in the list is personal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedBy:
    """Something for which records stay beyond their time."""

    rule: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOut:
    """Records of one class that may go from a day on; `goes_with` is the class that decided the day."""

    records: RecordClass
    from_on: date
    clause: str
    because: str
    goes_with: RecordClass
    stopped_by: tuple[StoppedBy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionLine:
    """A closed case with records whose time is over."""

    case: str
    person: str | None
    closed_on: date | None
    readable: bool
    run_out: tuple[RunOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionAnswer:
    """A page of cases with records whose time is over on a day."""

    on: date
    entries: tuple[RetentionLine, ...]
    next: str | None


def retention_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """The list of what may be disposed of."""
    router = APIRouter(tags=["Rights and retention"])
    may_read = Depends(needs("read"))

    @router.get("/v1/retention", **documented.question(RUN_OUT, RetentionAnswer, "read"))
    def list_run_out(
        request: Request, on: On = None, page: Place = Depends(place), who: Caller = may_read
    ) -> JSONResponse:
        office = service.office(who.landlord)
        today = london_date(office.clock.now())
        day = on or today
        name = f"retention on {day}"
        (after,) = numbers(name, page.cursor, 1)
        looked_at = office.retention.closed(after, page.limit)
        policy, baseline = office.desk.policy_on(today).policy, office.policies.baseline.baseline
        lines = (_line(office, one, policy, baseline, today, day) for one in looked_at)
        following = None
        if len(looked_at) == page.limit:
            url = request.url.include_query_params(on=day.isoformat(), cursor=cursor(name, looked_at[-1].position))
            following = f"{url.path}?{url.query}"
        answer = RetentionAnswer(on=day, entries=tuple(line for line in lines if line is not None), next=following)
        return JSONResponse(Page().part(answer))

    return router


def _line(
    office: Office, closed: ClosedCase, policy: Policy, baseline: Baseline, today: date, day: date
) -> RetentionLine | None:
    try:
        case = office.desk.case(closed.case)
    except (UnknownFact, UnreadableEvent, NotFound):
        return RetentionLine(case=closed.case, person=None, closed_on=None, readable=False, run_out=())
    run_out = tuple(
        RunOut(
            records=clock.records,
            from_on=clock.from_on,
            clause=clock.clause,
            because=clock.because,
            goes_with=clock.goes_with,
            stopped_by=tuple(StoppedBy(rule=stop.rule, says=stop.says) for stop in clock.stopped_by),
        )
        for clock in due(case, policy, baseline, today)
        if clock.from_on is not None and clock.from_on <= day
    )
    if not run_out:
        return None
    return RetentionLine(case=case.id, person=case.person, closed_on=case.closed_on, readable=True, run_out=run_out)
