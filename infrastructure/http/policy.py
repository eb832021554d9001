"""The landlord's policy as data and in words."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from application.desk import NotFound
from domain.calendar import london_date
from domain.policy_words import words
from infrastructure.http import problems
from infrastructure.http.answers import PolicyAnswer
from infrastructure.http.auth import Gate
from infrastructure.http.documented import Documented
from infrastructure.http.parameters import On
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.tokens import Caller

POLICY: Final = """Gives the policy that applies on a day: every value with its clause and strength, and in words.

A value that no clause states is marked `assumed`, one that law or a regulator asks of every landlord `baseline`; what
the text does not say is listed as silent."""


def policy_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """The policy of a day."""
    router = APIRouter(tags=["The landlord"])
    may_read = Depends(needs("read"))

    told = documented.question(POLICY, PolicyAnswer, "read", problems.NOT_FOUND)

    @router.get("/v1/policy", **told)
    def show_policy(
        on: On = None,
        who: Caller = may_read,
    ) -> JSONResponse:
        office = service.office(who.landlord)
        today = london_date(office.clock.now())
        day = on or today
        ref = office.desk.state().policy_on(day)
        if ref is None:
            raise NotFound("no policy applied on that day")
        policy = office.desk.policy_of(ref).policy
        answer = Page().part(
            {
                "on": day,
                "ref": ref,
                "policy": policy.model_dump(mode="json"),
                "words": tuple(words(policy, today)),
            }
        )
        return JSONResponse(answer)

    return router
