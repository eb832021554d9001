"""Was the policy followed? A case looked back at, and all of a landlord's cases a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from application.looking_back import ClauseTally, LookingBack, Tally, verdicts
from domain.calendar import london_date
from domain.codes import CaseId
from domain.compliance import SHORT, Compliance, Finding
from infrastructure.case_list import FIRST, cases_after
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.cursors import cursor, texts
from infrastructure.http.disclosure import Asking, asking
from infrastructure.http.documented import Documented
from infrastructure.http.parameters import KnownAt, On, Place, min_position, place, reached
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.office import Office
from infrastructure.tokens import Caller

LIST: Final = "compliance"

CASE: Final = """Says for each clause whether a case was handled as it asks, as of a day.

Every step is judged by the rules that its command is judged by, under the policy of its day; what was owed afterwards
is looked at as of `on`, today unless given. Verdicts: `met`, `not_met`, `late` with `days_late`, `overridden`,
`not_applicable`, `cannot_be_shown`, and `open` for what is still owed in time. `events` are the ids of the events that
show it; why somebody set a rule aside stands, sealed, on the first event of what was overridden."""

ALL: Final = """Looks back at the landlord's cases, in the order of their ids: what fell short in each, and by clause.

`clauses` counts over the cases of this page, those that fell short most often first. A case that this release cannot
tell to its end is listed with `told` false, never left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceAnswer:
    """How a case was handled: every finding, and how many there are of each verdict."""

    case: str
    version: int
    on: date
    known_at: datetime | None
    verdicts: dict[str, int]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case of the list: how many findings of each verdict, and those that fell short."""

    case: str
    told: bool
    verdicts: dict[str, int]
    short: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceOfAllAnswer:
    """A page of cases looked back at, and the same by clause; `next` leads to the page after."""

    on: date
    cases: tuple[CaseLine, ...]
    clauses: tuple[ClauseTally, ...]
    next: str | None
    position: int


def compliance_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """One case, and all of them."""
    router = APIRouter(tags=["Compliance"])
    may_read = Depends(needs("read"))
    asked = (problems.NOT_FOUND, problems.NOT_YET)

    @router.get("/v1/cases/{case}/compliance", **documented.question(CASE, ComplianceAnswer, "read", *asked))
    def show_compliance(
        case: str,
        on: On = None,
        known_at: KnownAt = None,
        who: Caller = may_read,
        position: int = Depends(min_position),
    ) -> JSONResponse:
        office = service.office(who.landlord)
        reached(office, position)
        found = _look(office, on).case(CaseId(case), known_at=known_at)
        answer = ComplianceAnswer(
            case=found.case,
            version=found.version,
            on=found.on,
            known_at=known_at,
            verdicts=verdicts(found.findings),
            findings=found.findings,
        )
        return JSONResponse(Page().part(answer))

    @router.get("/v1/compliance", **documented.question(ALL, ComplianceOfAllAnswer, "read", problems.NOT_YET))
    def show_compliance_of_all(
        on: On = None,
        page: Place = Depends(place),
        who: Caller = may_read,
        position: int = Depends(min_position),
        request: Asking = Depends(asking),
    ) -> JSONResponse:
        office = service.office(who.landlord)
        reached(office, position)
        look = _look(office, on)
        # Whoever follows `next` over midnight goes on with the day that they began with.
        name = f"{LIST} on {look.on}"
        (after,) = texts(name, page.cursor, (FIRST,))
        head = office.recorder.head().position
        cases = cases_after(office.recorder, after, page.limit + 1)
        tally = Tally()
        lines = [_line(look, case, tally) for case in cases[: page.limit]]
        following = None
        if len(cases) > page.limit:
            place_of = cursor(name, cases[page.limit - 1])
            url = request.request.url.include_query_params(on=look.on.isoformat(), cursor=place_of)
            following = f"{url.path}?{url.query}"
        answer = ComplianceOfAllAnswer(
            on=look.on, cases=tuple(lines), clauses=tuple(tally.lines()), next=following, position=head
        )
        return JSONResponse(Page().part(answer))

    return router


def _look(office: Office, on: date | None) -> LookingBack:
    return LookingBack.at(office.desk, office.log, office.policies, on or london_date(office.clock.now()))


def _line(look: LookingBack, case: CaseId, tally: Tally) -> CaseLine:
    try:
        found: Compliance = look.case(case)
    except (UnknownFact, UnreadableEvent):
        return CaseLine(case=case, told=False, verdicts={}, short=())
    tally.add(found)
    return CaseLine(case=case, told=True, verdicts=verdicts(found.findings), short=found.of(*SHORT))
