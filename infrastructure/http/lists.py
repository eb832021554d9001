"""Whom a landlord restricts: one customer's alert on a day, and the register of all."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from application.desk import NotFound
from domain.calendar import london_date
from domain.codes import SubjectId
from infrastructure import reads
from infrastructure.http import problems
from infrastructure.http.answers import AlertAnswer, PersonShown, RegisterAnswer, RegisterLine
from infrastructure.http.auth import Gate
from infrastructure.http.cursors import cursor as place_of
from infrastructure.http.cursors import texts
from infrastructure.http.disclosure import Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.parameters import KnownAt, On, Place, min_position, place, projected, reached, upto
from infrastructure.http.plain import PlainRoute
from infrastructure.http.service import Service
from infrastructure.http.showing import Page, withheld
from infrastructure.reads import ListPlace
from infrastructure.tokens import Caller
from projections.alert_state import ALERT_STATE

REGISTER: Final = "register"

ALERT: Final = """Says whether a customer is restricted on a day, by what, and what a colleague must know.

Right for any day, past or to come, although nothing runs at midnight. A measure with `told_on` null has not been
explained to the customer yet: contact goes on normally, and it is explained."""

REGISTERED: Final = """Lists the restrictions in force on a day, in the order of case and restriction.

A case of which too little can be told to say is listed without `standing`, never left out. With `include=customer`
each line says who it is; every one of them is a reading of that person's data, and on record."""


def list_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """Alert and register."""
    router = APIRouter(tags=["Alerts"], route_class=PlainRoute)
    may_read = Depends(needs("read"))
    told = documented.question(ALERT, AlertAnswer, "read", problems.NOT_FOUND, problems.NOT_YET)

    @router.get("/v1/customers/{person}/alert", **told)
    def show_alert(
        person: str,
        on: On = None,
        known_at: KnownAt = None,
        who: Caller = may_read,
        position: int = Depends(min_position),
        asked: Asking = Depends(asking),
    ) -> Response:
        office = service.office(who.landlord)
        reached(office, position)
        subject = SubjectId(person)
        day = on or london_date(office.clock.now())
        found = office.reads.alert(subject, day, upto=upto(office, known_at))
        if not found.known:
            raise NotFound("nobody has this id")
        answer = AlertAnswer(
            person=subject,
            on=day,
            restricted=_restricted(found),
            standing=found.standing,
            cases=found.cases,
            position=found.position,
            unknown_since=found.unknown_since,
        )
        disclosure = Disclosure(office, who, asked)
        if not disclosure.may_see:
            return Response(withheld(answer), media_type="application/json")
        page = Page()
        shown = page.part(answer)
        disclosure.open(page, found.position, subject=subject)
        return JSONResponse(shown)

    listed = (problems.NOT_YET, problems.PAUSED, problems.AWAITING_REBUILD)

    @router.get("/v1/register", **documented.question(REGISTERED, RegisterAnswer, "read", *listed))
    def show_register(
        on: On = None,
        include: Annotated[Literal["customer"] | None, Query(description="Say of each customer who they are.")] = None,
        page: Place = Depends(place),
        who: Caller = may_read,
        position: int = Depends(min_position),
        asked: Asking = Depends(asking),
    ) -> JSONResponse:
        office = service.office(who.landlord)
        projected(office, position, ALERT_STATE.name)
        day = on or london_date(office.clock.now())
        # Whoever follows `next` over midnight goes on with the day that they began with.
        name = f"{REGISTER} on {day}"
        after = ListPlace(*texts(name, page.cursor, ("", ""))) if page.cursor else None
        found = office.reads.register(day, after=after, limit=page.limit)
        following = None
        if found.next is not None:
            url = asked.request.url.include_query_params(on=day.isoformat(), cursor=place_of(name, *found.next))
            following = f"{url.path}?{url.query}"
        disclosure = Disclosure(office, who, asked)
        entries = tuple(
            RegisterLine(
                case=e.case_id,
                person=e.person,
                standing=e.standing,
                unknown_since=e.unknown_since,
                customer=_customer(disclosure, e, found.position) if include else None,
            )
            for e in found.entries
        )
        told = Page()
        shown = told.part(
            RegisterAnswer(
                on=day, entries=entries, next=following, position=found.position, behind_since=found.behind_since
            )
        )
        disclosure.open(told, found.position)
        return JSONResponse(shown)

    return router


def _customer(disclosure: Disclosure, entry: reads.RegisterEntry, position: int) -> PersonShown:
    if entry.person is None:
        return PersonShown(state="unknown")
    details: dict[str, Any] = disclosure.person(SubjectId(entry.person), position, case=entry.case_id)
    return PersonShown(**details)


def _restricted(found: reads.AlertAnswer) -> Literal["yes", "no", "not_known"]:
    if found.unknown_since is not None:
        return "not_known"
    return "yes" if found.standing else "no"
