"""What partners see of cases, over HTTP: the list of it, and a partner's word that it deleted what it kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from application.desk import NotFound
from domain.codes import CaseId, Topic
from domain.decisions.disclosures import ConfirmDeletion
from domain.decisions.judgement import Day
from infrastructure.disclosures_listed import DisclosureLine, DisclosureState, disclosures_listed, disclosures_of
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.commands import Sent, sent
from infrastructure.http.cursors import cursor, numbers
from infrastructure.http.documented import Documented
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.following import FOLLOW, subscriber_of
from infrastructure.http.parameters import Clean, Place, place
from infrastructure.http.problems import Problem
from infrastructure.http.requests import POSITION, Conditions, key_of, repeatable
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.office import Office
from infrastructure.tokens import Caller

LISTED: Final = """Lists what partners see of cases, or saw: which case, to whom, on which basis, until when.

With `state` only those that are `open`, or whose deletion is owed (`deletion_owed`), late (`deletion_late`) or
confirmed (`deleted`). A partner's own system sees what was disclosed to that partner. `limit` is how many cases a page
looks at, in the order of their first disclosure: a page can list fewer lines, or none, and still have a `next`. A case
that this release cannot read to its end is listed as `readable: false`, never left out. Nothing in the list is
personal; why it was decided stands in the history of the case."""


class DeletionConfirmed(BaseModel):
    """Confirms, as the partner's own system, that everything that a disclosure had shown was deleted.

    Once it ended. What was confirmed before is answered again, and nothing more is written.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    on: Day | None = None
    """The day on which it was deleted, today unless given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionAnswer:
    """What is on record of a deletion."""

    case: str
    disclosure: str
    ended_on: date
    delete_by: date
    deleted_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosuresAnswer:
    """A page of what partners see or saw."""

    entries: tuple[DisclosureLine, ...]
    next: str | None


Partner = Annotated[
    str | None, Query(max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$", description="Only those to this partner."), Clean
]


OfCase = Annotated[str | None, Query(max_length=36, description="Only those of this case, all on one page."), Clean]


def disclosure_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """The list of disclosures, and the confirmation that one was deleted."""
    router = APIRouter(tags=["Disclosures"])
    may_list, may_follow = Depends(needs("read", FOLLOW)), Depends(needs(FOLLOW))
    told = documented.question(
        LISTED, DisclosuresAnswer, f"read or {FOLLOW}", problems.NOT_SUBSCRIBER, problems.NOT_FOUND
    )

    @router.get("/v1/disclosures", **told)
    def list_disclosures(
        request: Request,
        case: OfCase = None,
        partner: Partner = None,
        state: Annotated[DisclosureState | None, Query(description="Only those that are so far.")] = None,
        page: Place = Depends(place),
        who: Caller = may_list,
    ) -> JSONResponse:
        office = service.office(who.landlord)
        own = _partner_of(office, who)
        if case is not None:
            if own is not None:
                _shown_to(own, case, office)
            seen = disclosures_of(office, CaseId(case), partner=own)
            lines = tuple(one for one in seen if partner in (None, one.partner) and state in (None, one.state))
            return JSONResponse(Page().part(DisclosuresAnswer(entries=lines, next=None)))
        name = "disclosures"
        (after,) = numbers(name, page.cursor, 1)
        found = disclosures_listed(
            office, after, page.limit, partner=own or partner, state=state, alone=own is not None
        )
        if own is not None:  # whatever it asked for; and not even that there is a case which nobody can read
            kept = (line for line in found.lines if line.readable and partner in (None, own))
            found = found._replace(lines=tuple(kept))
        following = None
        if found.next is not None:
            url = request.url.include_query_params(cursor=cursor(name, found.next))
            following = f"{url.path}?{url.query}"
        return JSONResponse(Page().part(DisclosuresAnswer(entries=found.lines, next=following)))

    read = sent(DeletionConfirmed)

    async def said(request: Request) -> Sent[DeletionConfirmed]:
        """What stands in the body; without one it was deleted today."""
        if "transfer-encoding" not in request.headers and request.headers.get("content-length", "0") == "0":
            return Sent(b"{}", DeletionConfirmed())
        return await read(request)

    body = Depends(said)
    wanted = documented.command(
        DeletionConfirmed,
        EXAMPLES["deleted"],
        FOLLOW,
        problems.NOT_SUBSCRIBER,
        problems.NOT_FOUND,
        answer=DeletionAnswer,
    )

    @router.post("/v1/disclosures/{case}/{disclosure}/deleted", **wanted)
    def confirm_deleted(
        case: str,
        disclosure: str,
        request: Request,
        who: Caller = may_follow,
        given: Conditions = Depends(repeatable),
        command: Sent[DeletionConfirmed] = body,
    ) -> JSONResponse:
        office = service.office(who.landlord)
        subscriber = subscriber_of(office.desk.state(), who)  # whether there is such a case is for subscribers alone
        _shown_to(subscriber.partner, case, office)
        known = office.desk.case(CaseId(case)).disclosure(disclosure)
        if known is None or known.partner != subscriber.partner:
            raise NotFound  # also where there is one, to somebody else
        if known.deleted_on is not None:
            return JSONResponse(_answer(office, case, disclosure), 200)
        confirms = ConfirmDeletion(disclosure=disclosure, on=command.says.on)
        key = key_of(office, who, given, request, command.body)
        receipt = office.desk.execute(CaseId(case), confirms, who.staff, request=key)
        return JSONResponse(_answer(office, case, disclosure), 201, {POSITION: str(receipt.last_position)})

    return router


def _partner_of(office: Office, who: Caller) -> str | None:
    """Whose disclosures alone a caller sees: a partner's system those to it; None for whoever sees all.

    Those are colleagues, and systems of the landlord's own that follow disclosures. Raises `Problem`.
    """
    landlord = office.desk.state()
    if landlord.subscriber_of(who.staff) is None and "read" in who.scopes:
        return None
    found = subscriber_of(landlord, who)
    if found.partner is None and Topic.DISCLOSURES not in found.topics:
        raise Problem(problems.SCOPE_MISSING, "This subscriber does not follow disclosures.")
    return found.partner


def _shown_to(partner: str | None, case: str, office: Office) -> None:
    """Before the case is read: of one that the partner was never shown anything of, not even that nobody can read it.

    Raises `NotFound`.
    """
    if partner is None or case not in office.public_log.grants().cases(partner):
        raise NotFound


def _answer(office: Office, case: str, disclosure: str) -> object:
    known = office.desk.case(CaseId(case)).disclosure(disclosure)
    if known is None or known.ended_on is None or known.delete_by is None or known.deleted_on is None:
        raise NotFound
    return Page().part(
        DeletionAnswer(
            case=case,
            disclosure=disclosure,
            ended_on=known.ended_on,
            delete_by=known.delete_by,
            deleted_on=known.deleted_on,
        )
    )
