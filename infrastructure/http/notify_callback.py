"""What GOV.UK Notify reports of letters that it was given: delivered, failed, or returned to the sender."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from domain.decisions.judgement import Instant, Refused
from domain.decisions.letters import ReportDelivery
from domain.events import SYSTEM
from infrastructure.http import problems
from infrastructure.http.bodies import in_shape, read_json
from infrastructure.http.documented import Documented
from infrastructure.http.problems import NO_TOKEN, NOT_FOUND, NOT_YET, TOKEN_INVALID, Problem
from infrastructure.http.service import Service
from infrastructure.office import Office

# Of an e-mail (Notify, "Delivery receipts"); whatever else it says is no end.
ENDS: Final = {
    "delivered": True,
    "permanent-failure": False,
    "temporary-failure": False,
    "technical-failure": False,
}
RETURNED: Final = "returned-letter"  # what a letter's return goes down as; its callback has no status
EXAMPLE: Final = {
    "id": "740e5834-3a29-46b4-9a6f-16142fde533a",
    "reference": "5f4a2a3e-8f1c-5c0e-9a43-0e8d9c0b7a11",
    "to": "zoe@example.org",
    "status": "delivered",
    "created_at": "2026-01-12T12:15:30.000000Z",
    "completed_at": "2026-01-12T12:15:31.000000Z",
    "sent_at": "2026-01-12T12:15:30.000000Z",
    "notification_type": "email",
}
AFTER_SENDING: Final = "60"  # seconds; by then it is on record that the letter went

BEARER: Final = HTTPBearer(
    scheme_name="notify", auto_error=False, description="The token that the landlord's Notify service was given."
)

Short = Annotated[str, Field(max_length=200)]


class NotifyReport(BaseModel):
    """Takes what GOV.UK Notify reports of a letter: a delivery receipt, or that it was returned to the sender.

    It proves itself by the bearer token that the landlord's Notify service was given. A repeat changes nothing. A
    report of a letter that Notify was not given from here is answered with 404, and is no fault.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    reference: Short | None = None
    """The dispatch of the letter."""
    status: Short | None = None
    """How the delivery ended; a returned letter has none."""
    notification_id: Short | None = None
    """Notify's own id of a returned letter."""
    completed_at: Instant | None = None
    """When it came to that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyTaken:
    """Whether the report said anything new."""

    recorded: bool


def notify_routes(service: Service, documented: Documented) -> APIRouter:
    """Where Notify calls."""
    router = APIRouter(tags=["Letters"])
    known = Depends(_proven(service))
    told = documented.entry(
        NotifyReport,
        EXAMPLE,
        None,
        NO_TOKEN,
        TOKEN_INVALID,
        NOT_FOUND,
        NOT_YET,
        problems.SHAPE,
        problems.UNAVAILABLE,
        problems.UNREADABLE,
        answer=NotifyTaken,
        status=200,
    )

    @router.post("/v1/letters/notify-callback/{landlord}", **told)
    def take_notify_report(office: Office = known, body: bytes = Depends(read_json)) -> JSONResponse:
        report = in_shape(NotifyReport, body)
        sending = office.outbox.carried(report.reference or "")
        if sending is None:
            raise Problem(NOT_FOUND, "No letter of this reference was given to Notify from here.")
        returned = report.status is None and report.notification_id is not None
        delivered = False if returned else ENDS.get(report.status or "")
        if delivered is None:
            return JSONResponse({"recorded": False})
        command = ReportDelivery(
            letter=sending.letter,
            delivered=delivered,
            status=RETURNED if returned else str(report.status),
            reported_at=report.completed_at or datetime.now(UTC),
        )
        try:
            office.desk.execute(sending.case, command, SYSTEM)
        except Refused as refused:
            rules = {violation.rule for violation in refused.violations}
            if "not_sent_yet" in rules:
                detail = "That the letter was sent is not on record yet."
                raise Problem(NOT_YET, detail, headers={"Retry-After": AFTER_SENDING}) from None
            if rules != {"already_recorded"}:
                raise
            return JSONResponse({"recorded": False})
        return JSONResponse({"recorded": True})

    return router


def _proven(service: Service) -> Callable[..., Awaitable[Office]]:
    """The landlord in whose name Notify calls. A landlord that is not here is not told from a token that is wrong."""

    async def proven(landlord: str, given: HTTPAuthorizationCredentials | None = Depends(BEARER)) -> Office:
        if given is None:
            challenge = {"WWW-Authenticate": 'Bearer realm="evenhand"'}
            raise Problem(NO_TOKEN, "The request carries no bearer token.", headers=challenge)
        right = [compare_digest(one.encode(), given.credentials.encode()) for one in service.callback_tokens(landlord)]
        if not any(right):
            challenge = {"WWW-Authenticate": 'Bearer realm="evenhand", error="invalid_token"'}
            raise Problem(TOKEN_INVALID, "This is not the token of these callbacks.", headers=challenge)
        return service.office(landlord)

    return proven
