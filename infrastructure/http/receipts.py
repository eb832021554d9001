"""Receipts over HTTP: a subscriber says how far it is; whoever looks after subscribers sees who knows of what."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from application.desk import NotFound
from domain.codes import CaseId
from domain.decisions.judgement import Day, Id
from domain.public.receipts import Acknowledgement, Behind, Claim, Restricted
from infrastructure.downstream.feed_cursors import LONGEST
from infrastructure.downstream.standing import Standing
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.commands import Sent, sent
from infrastructure.http.documented import Documented
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.feed_filters import Filters, filters
from infrastructure.http.following import FOLLOW, Question, cursor_gone, subscriber_of
from infrastructure.http.problems import Problem, misshapen
from infrastructure.http.receipts_answers import (
    KnownByAnswer,
    OwnStandingAnswer,
    ReceiptAnswer,
    SubscriberAnswer,
    SubscribersAnswer,
    change_told,
    lag_told,
    overdue_told,
    receipt_told,
    sequence_of,
    shown_subscribers,
    subscribers_answered,
)
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.http.turns import Turns
from infrastructure.office import Office
from infrastructure.tokens import Caller

SEES_SUBSCRIBERS: Final = ("operate", "audit", "administer")
SEES_CASES: Final = frozenset({"audit", "administer"})
SCOPES_TOLD: Final = " or ".join(SEES_SUBSCRIBERS)

OWN: Final = """Says what the caller acknowledged last, how far it is behind, and what it should know by now."""

LIST: Final = """Lists the subscribers: what each acknowledged and when, how far it is behind, whether it has drifted.

`behind` counts events that the subscriber is told and has not acknowledged. `overdue` counts the cases of which a
required one has not acknowledged in its time what changed in them; which these are says
`GET /v1/subscribers/{subscriber}` to callers with the scope `audit` or `administer`. One that has `drifted` takes other
people to be restricted than are, by the last comparison."""

SHOW: Final = """Shows one subscriber as the list does, with the cases of which it should know by now."""

KNOWN: Final = """Says for each change of what is in force in a case who was entitled to know of it, and knew by when.

A subscriber knew from its first receipt at or behind the change. `told_at` is the sequence by which it was told: later
than the change where a disclosure to a partner came after it. `began_anew` says that it started over since and has not
come as far again."""


class ClaimedRestricted(BaseModel):
    """Whom the subscriber takes to be restricted on a London day, as far as it processed what it was told."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    on: Day
    count: Annotated[int, Field(ge=0, le=10**9)] | None = None
    """How many people have a restriction in force that day; one that is suspended is not."""
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """SHA-256 in hexadecimal over their ids, each once, sorted, joined by a line feed."""

    @model_validator(mode="after")
    def _claims_something(self) -> ClaimedRestricted:
        if self.count is None and self.hash is None:
            raise ValueError("says how many they are, or their hash")
        return self


class AcknowledgeEvents(BaseModel):
    """Acknowledges that everything up to a place is processed. The same sent twice gets the same receipt.

    The place is a `cursor` of the feed, asked for with the same filters, or the `sequence` of an event. Whoever reads
    in parts acknowledges the sequence that all of them have come to. One behind the last receipt is refused unless
    `restarted` says that the subscriber began anew there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    cursor: Annotated[str, Field(min_length=1, max_length=LONGEST)] | None = None
    sequence: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")] | None = None
    """As events have it; "0" is before the first."""
    restarted: bool = False
    restricted: ClaimedRestricted | None = None

    @model_validator(mode="after")
    def _one_place(self) -> AcknowledgeEvents:
        if (self.cursor is None) == (self.sequence is None):
            raise ValueError("names one place: a cursor or a sequence")
        return self


def receipt_routes(service: Service, turns: Turns, needs: Gate, documented: Documented) -> APIRouter:
    """Acknowledging, and seeing who did."""
    router = APIRouter(tags=["Downstream"])
    an_acknowledgement = Depends(sent(AcknowledgeEvents))
    may_follow, may_see, may_audit = Depends(needs(FOLLOW)), Depends(needs(*SEES_SUBSCRIBERS)), Depends(needs("audit"))
    taken = documented.entry(
        AcknowledgeEvents,
        EXAMPLES["receipts"],
        FOLLOW,
        problems.NOT_SUBSCRIBER,
        problems.CURSOR_GONE,
        problems.RECEIPT_BEHIND,
        answer=ReceiptAnswer,
    )

    @router.post("/v1/receipts", **taken)
    async def acknowledge_events(
        who: Caller = may_follow,
        asked: Filters = Depends(filters),
        command: Sent[AcknowledgeEvents] = an_acknowledgement,
    ) -> JSONResponse:
        def answered() -> JSONResponse:
            office, says = service.office(who.landlord), command.says
            question = asked.question(office, who)
            said = Acknowledgement(_position(question, says), says.restarted, _claim(says.restricted))
            try:
                receipt = office.followers.acknowledge(question.subscriber, said)
            except Behind as behind:
                known = {"sequence": sequence_of(behind.known.position), "at": Page().part(behind.known.at)}
                detail = "Your last receipt is further: go on from it, or say that you began anew, with restarted."
                raise Problem(problems.RECEIPT_BEHIND, detail, {"known": known}) from None
            return JSONResponse(Page().part(receipt_told(receipt)), 201)

        return await turns.run(who, answered)

    own = documented.question(OWN, OwnStandingAnswer, FOLLOW, problems.NOT_SUBSCRIBER)

    @router.get("/v1/receipts", **own)
    async def show_own_receipts(who: Caller = may_follow) -> JSONResponse:
        def answered() -> JSONResponse:
            office = service.office(who.landlord)
            subscriber = subscriber_of(office.desk.state(), who)
            standing = _standing(office, subscriber.id)
            answer = OwnStandingAnswer(
                subscriber=subscriber.id,
                acknowledged=None if standing.last is None else receipt_told(standing.last),
                behind=lag_told(standing),
                within_minutes=subscriber.within_minutes,
                overdue=tuple(overdue_told(standing)),
            )
            return JSONResponse(Page().part(answer))

        return await turns.run(who, answered)

    @router.get("/v1/subscribers", **documented.question(LIST, SubscribersAnswer, SCOPES_TOLD))
    def list_subscribers(who: Caller = may_see) -> JSONResponse:
        return JSONResponse(Page().part(subscribers_answered(service.office(who.landlord))))

    @router.get(
        "/v1/subscribers/{subscriber}", **documented.question(SHOW, SubscriberAnswer, SCOPES_TOLD, problems.NOT_FOUND)
    )
    def show_subscriber(subscriber: str, who: Caller = may_see) -> JSONResponse:
        office = service.office(who.landlord)
        head = office.recorder.head().position
        standing = _standing(office, subscriber)
        [shown] = shown_subscribers(office, [standing])
        cases = tuple(overdue_told(standing)) if SEES_CASES & who.scopes else ()
        return JSONResponse(Page().part(SubscriberAnswer(subscriber=shown, cases=cases, position=head)))

    @router.get("/v1/cases/{case}/known-by", **documented.question(KNOWN, KnownByAnswer, "audit", problems.NOT_FOUND))
    def show_who_knew(
        case: str,
        restriction: Annotated[
            Id | None, Query(description="Only what changed this restriction, or this safety warning.")
        ] = None,
        who: Caller = may_audit,
    ) -> JSONResponse:
        office = service.office(who.landlord)
        head = office.recorder.head().position
        changes = office.followers.known_by.of_case(CaseId(case), restriction)
        answer = KnownByAnswer(case=case, changes=tuple(map(change_told, changes)), position=head)
        return JSONResponse(Page().part(answer))

    return router


def _position(question: Question, says: AcknowledgeEvents) -> int:
    """The position that is acknowledged. Raises `Problem` for one that the log does not have, or of a part of it."""
    if says.cursor is not None:
        if question.wanted.shard[1] > 1:
            raise misshapen([("cursor", "is of a part of the cases; send the sequence that all parts have come to")])
        return question.position(says.cursor, "cursor")
    position = int(says.sequence or "0")
    if position > question.log.head():
        raise cursor_gone("The log does not reach this sequence.")
    return position


def _claim(claimed: ClaimedRestricted | None) -> Claim | None:
    return None if claimed is None else Claim(claimed.on, Restricted(claimed.count, claimed.hash))


def _standing(office: Office, subscriber: str) -> Standing:
    standing = office.followers.standings.one(subscriber, office.clock.now())
    if standing is None:
        raise NotFound("no subscriber has this code")
    return standing
