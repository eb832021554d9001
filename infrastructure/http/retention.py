"""Whose records have been kept long enough, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from starlette.requests import Request

from domain.calendar import london_date
from domain.codes import SubjectId
from infrastructure.entries_run_out import EntryLine, entries_run_out
from infrastructure.http.auth import Gate
from infrastructure.http.cursors import cursor, numbers, texts
from infrastructure.http.documented import Documented
from infrastructure.http.parameters import On, Place, place
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.run_out import RetentionLine, run_out
from infrastructure.tokens import Caller

RUN_OUT: Final = """Lists the closed cases with records that have been kept long enough on a day.

Each class of records has a clock; one that ran out may be disposed of by `propose-disposal` and `decide-disposal`
once nothing in `stopped_by` is left. `limit` is how many closed cases a page looks at, in the order in which they
were closed: a page can list fewer, or none, and still have a `next`. A case that this release cannot read to its end
is listed as `readable: false`, never left out. Nothing in the list is personal."""


ENTRIES: Final = """Lists the directory's entries of people without a case whose time is over on a day.

One that no case ever named is kept for a time, one that cases name as long as the last of these. They go by
`propose-entry-disposal` and `decide-entry-disposal`. `limit` is how many people a page looks at, those with a case
among them: a page can list fewer, or none, and still have a `next`. Each page reads through the whole log, which can
take seconds. Nothing in the list is personal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesAnswer:
    """A page of entries whose time is over on a day."""

    on: date
    entries: tuple[EntryLine, ...]
    next: str | None


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
        day = on or london_date(office.clock.now())
        name = f"retention on {day}"
        (after,) = numbers(name, page.cursor, 1)
        found = run_out(office, day, after, page.limit)
        following = None
        if found.next is not None:
            url = request.url.include_query_params(on=day.isoformat(), cursor=cursor(name, found.next))
            following = f"{url.path}?{url.query}"
        return JSONResponse(Page().part(RetentionAnswer(on=day, entries=found.lines, next=following)))

    @router.get("/v1/retention/entries", **documented.question(ENTRIES, EntriesAnswer, "read"))
    def list_entries_run_out(
        request: Request, on: On = None, page: Place = Depends(place), who: Caller = may_read
    ) -> JSONResponse:
        office = service.office(who.landlord)
        day = on or london_date(office.clock.now())
        name = f"entries on {day}"
        (after,) = texts(name, page.cursor, ("",))
        found = entries_run_out(office, day, SubjectId(after) if after else None, page.limit)
        following = None
        if found.next is not None:
            url = request.url.include_query_params(on=day.isoformat(), cursor=cursor(name, found.next))
            following = f"{url.path}?{url.query}"
        return JSONResponse(Page().part(EntriesAnswer(on=day, entries=found.lines, next=following)))

    return router
