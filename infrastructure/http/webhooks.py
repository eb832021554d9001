"""Webhooks over HTTP: endpoints of subscribers, their secrets, test calls, and what was tried and done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import uuid6
from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from application.desk import NotFound
from domain.decisions.judgement import impossible, judge
from infrastructure.downstream.wanted import wanted_of
from infrastructure.downstream.webhooks.addresses import NotCallable, target
from infrastructure.downstream.webhooks.calls import a_test, agrees, brought
from infrastructure.downstream.webhooks.records import BY_HAND, Endpoint, NewEndpoint, NoSuchEndpoint, NotNow
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.commands import Sent, sent
from infrastructure.http.documented import Documented
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.parameters import LAST_POSITION, Limit
from infrastructure.http.problems import Problem, misshapen
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.http.webhooks_answers import (
    CaseBehind,
    DeleteWebhook,
    DeliveriesAnswer,
    DeliveryShown,
    DisableWebhook,
    RegisterWebhook,
    ResumeWebhook,
    RotateWebhookSecret,
    SecretMade,
    StartWebhookOver,
    TestAnswer,
    TestWebhook,
    WebhookActsAnswer,
    WebhookActShown,
    WebhookAnswer,
    WebhookMade,
    WebhooksAnswer,
    WebhookShown,
)
from infrastructure.office import Office
from infrastructure.tokens import Caller

if TYPE_CHECKING:
    from infrastructure.downstream.webhooks.outside import Line

SCOPE: Final = "administer"
# A receiver that hangs holds a thread for seconds, and those who decide cases need the same threads.
CALLING: Final = BoundedSemaphore(4)

LIST: Final = "Lists the endpoints that events are brought to, with how far each is."
SHOW: Final = "Shows one endpoint, and the cases that it is behind on."
DELIVERIES: Final = """Lists what was tried, the latest first: when, what came of it, and how long it took.

Tries are kept for 30 days, and the latest 200,000 of a landlord at most."""
ACTS: Final = "Lists what was done to an endpoint, by whom and why, the latest first."

# Why a receiver did not agree, in words.
SAID: Final = {
    "not_allowed": "Its answer to OPTIONS does not allow this origin in WebHook-Allowed-Origin.",
    "address_refused": "Its name leads to an address that webhooks may not lead to.",
    "name_unknown": "Its name is not known.",
    "not_connected": "Nobody answers at its address.",
    "timeout": "It did not answer in time.",
    "tls": "Its certificate is not that of its name, or is not trusted.",
    "broken_answer": "It broke off its answer.",
}

T = TypeVar("T")
Before = Annotated[int, Query(ge=1, le=LAST_POSITION, description="Only what comes before this number.")]


def webhook_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """Registering endpoints, and everything that is done to them."""
    router = APIRouter(tags=["Webhooks"])
    may_administer = Depends(needs(SCOPE))
    _add_questions(router, service, may_administer, documented)
    _add_acts(router, service, may_administer, documented)

    a_webhook = Depends(sent(RegisterWebhook))
    told = documented.entry(
        RegisterWebhook,
        EXAMPLES["webhooks"],
        SCOPE,
        problems.REFUSED,
        problems.WEBHOOK_NOT_AGREED,
        problems.WEBHOOK_NOT_NOW,
        answer=WebhookMade,
    )

    @router.post("/v1/webhooks", **told)
    def register_webhook(who: Caller = may_administer, command: Sent[RegisterWebhook] = a_webhook) -> JSONResponse:
        office, says = service.office(who.landlord), command.says
        subscriber = office.desk.state().subscriber(says.subscriber)
        if subscriber is None or not subscriber.active:
            asks = "No system that follows today is registered under this code; `register-subscriber` does that."
            judge([impossible("unknown_subscriber", asks, "subscriber")])
            raise AssertionError("unreachable")
        try:
            wanted_of(who.landlord, subscriber, types=says.types)
        except ValueError as error:
            raise misshapen([("types", str(error))]) from None
        try:
            wanted_of(who.landlord, subscriber, schemas=says.schemas)
        except ValueError as error:
            raise misshapen([("schemas", str(error))]) from None
        _refuse_target(service, says.url)
        head = office.public_log.head()
        if says.validation == "handshake":
            said = _outside(service, says.url, lambda line: agrees(line, service.webhooks_origin))
            if said is not None:
                detail = SAID.get(said, "It could not be asked.")
                raise Problem(problems.WEBHOOK_NOT_AGREED, detail, {"outcome": said})
        new = NewEndpoint(
            subscriber=subscriber.id,
            url=says.url,
            position=head if says.begins == "now" else 0,
            confirmed=says.validation == "handshake",
            types=None if says.types is None else frozenset(says.types),
            schemas=says.schemas,
            scheme=says.signature,
        )
        endpoint, secret = office.webhooks.register(new, who.staff, says.why)
        made = WebhookMade(webhook=_shown(office, endpoint), secret=secret.for_receiver())
        return JSONResponse(Page().part(made), 201, {"Location": f"/v1/webhooks/{endpoint.endpoint}", **NOT_KEPT})

    return router


NOT_KEPT: Final = {"Cache-Control": "no-store"}  # a secret is in it


def _add_questions(router: APIRouter, service: Service, may_administer: Any, documented: Documented) -> None:  # noqa: ANN401 - FastAPI's
    @router.get("/v1/webhooks", **documented.question(LIST, WebhooksAnswer, SCOPE))
    def list_webhooks(who: Caller = may_administer) -> JSONResponse:
        office = service.office(who.landlord)
        return JSONResponse(Page().part(WebhooksAnswer(webhooks=_all_shown(office, office.webhooks.all()))))

    @router.get("/v1/webhooks/{endpoint}", **documented.question(SHOW, WebhookAnswer, SCOPE, problems.NOT_FOUND))
    def show_webhook(endpoint: str, who: Caller = may_administer) -> JSONResponse:
        office = service.office(who.landlord)
        found = _found(office, endpoint)
        cases = tuple(
            CaseBehind(
                case=one.case_id,
                position=one.position,
                event=one.event,
                tries=one.tries,
                since=one.since,
                next_at=one.next_at,
                parked=one.parked,
            )
            for one in office.webhooks.cases(endpoint)
        )
        return JSONResponse(Page().part(WebhookAnswer(webhook=_shown(office, found), cases=cases)))

    @router.get(
        "/v1/webhooks/{endpoint}/deliveries",
        **documented.question(DELIVERIES, DeliveriesAnswer, SCOPE, problems.NOT_FOUND),
    )
    def list_deliveries(
        endpoint: str, limit: Limit = 100, before: Before = LAST_POSITION, who: Caller = may_administer
    ) -> JSONResponse:
        office = service.office(who.landlord)
        _found(office, endpoint)
        found = office.webhooks.deliveries(endpoint, limit, before)
        shown = tuple(DeliveryShown(**asdict(one)) for one in found)
        following = f"/v1/webhooks/{endpoint}/deliveries?limit={limit}&before={found[-1].number}" if found else None
        answer = DeliveriesAnswer(deliveries=shown, next=following if len(found) == limit else None)
        return JSONResponse(Page().part(answer))

    @router.get(
        "/v1/webhooks/{endpoint}/history", **documented.question(ACTS, WebhookActsAnswer, SCOPE, problems.NOT_FOUND)
    )
    def list_webhook_acts(
        endpoint: str, limit: Limit = 100, before: Before = LAST_POSITION, who: Caller = may_administer
    ) -> JSONResponse:
        office = service.office(who.landlord)
        found = _acted(lambda: office.webhooks.acts(endpoint, limit, before))
        shown = tuple(
            WebhookActShown(
                number=one.number,
                at=one.at,
                act=one.act,
                actor=one.actor,
                why=one.why,
                detail=None if one.detail is None else dict(one.detail),
            )
            for one in found
        )
        following = f"/v1/webhooks/{endpoint}/history?limit={limit}&before={found[-1].number}" if found else None
        answer = WebhookActsAnswer(acts=shown, next=following if len(found) == limit else None)
        return JSONResponse(Page().part(answer))


def _add_acts(router: APIRouter, service: Service, may_administer: Any, documented: Documented) -> None:  # noqa: ANN401 - FastAPI's
    a_rotation, a_call = Depends(sent(RotateWebhookSecret)), Depends(sent(TestWebhook))

    def of_act(kind: type, name: str, answer: type, *also: problems.ProblemType) -> dict[str, Any]:
        return documented.entry(kind, EXAMPLES[name], SCOPE, problems.NOT_FOUND, *also, answer=answer, status=200)

    @router.post("/v1/webhooks/{endpoint}/rotate", **of_act(RotateWebhookSecret, "rotate", SecretMade))
    def rotate_webhook_secret(
        endpoint: str, who: Caller = may_administer, command: Sent[RotateWebhookSecret] = a_rotation
    ) -> JSONResponse:
        office, says = service.office(who.landlord), command.says
        keep = timedelta(hours=says.old_lives_hours)
        secret, until = _acted(lambda: office.webhooks.rotate(endpoint, says.signature, keep, who.staff, says.why))
        made = SecretMade(endpoint=endpoint, secret=secret.for_receiver(), old_until=until)
        return JSONResponse(Page().part(made), headers=NOT_KEPT)

    @router.post("/v1/webhooks/{endpoint}/test", **of_act(TestWebhook, "test", TestAnswer, problems.WEBHOOK_NOT_NOW))
    def test_webhook(endpoint: str, who: Caller = may_administer, command: Sent[TestWebhook] = a_call) -> JSONResponse:
        office = service.office(who.landlord)
        found = _found(office, endpoint)
        now = datetime.now(UTC)
        message = a_test(who.landlord, endpoint, str(uuid6.uuid7()), now)
        secrets = office.webhooks.secrets(endpoint)
        outcome = _outside(
            service,
            found.url,
            lambda line: brought(line, message, secrets, service.webhooks_origin, lambda: datetime.now(UTC)),
        )
        office.webhooks.tested(endpoint, who.staff, command.says.why, outcome.outcome)
        if outcome.taken:
            _acted(lambda: office.webhooks.confirm(endpoint, who.staff, command.says.why))
        answer = TestAnswer(
            endpoint=endpoint,
            event=message.id,
            outcome=outcome.outcome,
            status=outcome.status,
            took_ms=outcome.took_ms,
            state=_found(office, endpoint).state,  # type: ignore[arg-type]  # one of these
        )
        return JSONResponse(Page().part(answer))

    def add(name: str, kind: type[Any], act: Callable[[Office, str, str, str], None]) -> None:
        body = Depends(sent(kind))

        def change(endpoint: str, who: Caller = may_administer, command: Sent[Any] = body) -> JSONResponse:
            office = service.office(who.landlord)
            before = _found(office, endpoint)
            _acted(lambda: act(office, endpoint, who.staff, command.says.why))
            after = next((one for one in office.webhooks.all() if one.endpoint == endpoint), None)
            return JSONResponse(Page().part(_shown(office, after or before)))

        router.add_api_route(
            f"/v1/webhooks/{{endpoint}}/{name}",
            change,
            methods=["POST"],
            name=f"{name}-webhook",
            **of_act(kind, name if name != "resume" else "resume-webhook", WebhookShown, problems.WEBHOOK_NOT_NOW),
        )

    add("disable", DisableWebhook, lambda office, one, *by: office.webhooks.disable(one, BY_HAND, *by))
    add("resume", ResumeWebhook, lambda office, one, *by: office.webhooks.resume(one, *by))
    add(
        "start-over",
        StartWebhookOver,
        lambda office, one, *by: office.webhooks.start_over(one, office.public_log.head(), *by),
    )
    add("delete", DeleteWebhook, lambda office, one, *by: office.webhooks.delete(one, *by))


def _found(office: Office, endpoint: str) -> Endpoint:
    return _acted(lambda: office.webhooks.one(endpoint))


def _acted(work: Callable[[], T]) -> T:
    try:
        return work()
    except NoSuchEndpoint:
        raise NotFound("no endpoint of this landlord's has this id") from None
    except NotNow as why:
        raise Problem(problems.WEBHOOK_NOT_NOW, str(why)) from None


def _refuse_target(service: Service, url: str) -> None:
    """What the text of a URL gives away; the addresses of its name are looked at whenever it is called."""
    outside = service.outside()
    try:
        target(url, outside.allowed)
    except NotCallable as refused:
        raise misshapen([("url", str(refused))]) from None
    finally:
        outside.close()


def _outside(service: Service, url: str, call: Callable[[Line], Awaitable[T]]) -> T:
    """What one call of a URL comes to, which takes some seconds at most. Raises `Problem` while others take them."""
    if not CALLING.acquire(blocking=False):
        raise Problem(problems.WEBHOOK_NOT_NOW, "Other receivers are being asked just now: send it again in a moment.")
    try:
        return asyncio.run(_called(service, url, call))
    finally:
        CALLING.release()


async def _called(service: Service, url: str, call: Callable[[Line], Awaitable[T]]) -> T:
    outside = service.outside()
    line = outside.line(url)
    try:
        return await call(line)
    finally:
        await line.close()
        outside.close()


def _shown(office: Office, one: Endpoint) -> WebhookShown:
    return _all_shown(office, [one])[0]


def _all_shown(office: Office, endpoints: Sequence[Endpoint]) -> tuple[WebhookShown, ...]:
    waiting, head = office.webhooks.behind(), office.public_log.head()
    active = {subscriber.id for subscriber in office.desk.state().subscribers if subscriber.active}
    return tuple(
        _one_shown(one, waiting.get(one.endpoint, (0, 0)), head, stopped=one.subscriber not in active)
        for one in endpoints
    )


def _one_shown(one: Endpoint, waiting: tuple[int, int], head: int, *, stopped: bool) -> WebhookShown:
    behind, parked = waiting
    return WebhookShown(
        endpoint=one.endpoint,
        subscriber=one.subscriber,
        url=one.url,
        types=None if one.types is None else tuple(sorted(one.types)),
        schemas=dict(one.schemas),
        state=one.state,  # type: ignore[arg-type]  # deleted ones are not shown
        because=one.because,  # type: ignore[arg-type]  # one of these
        stopped=stopped,
        created_at=one.created_at,
        changed_at=one.changed_at,
        position=one.position,
        head=head,
        failing_since=one.failing_since,
        behind=behind,
        parked=parked,
    )
