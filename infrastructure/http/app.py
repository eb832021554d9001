"""The HTTP interface of the service, whole: routes, errors, and the OpenAPI document that tells of them."""

from __future__ import annotations

from typing import Any, Final

from eventsourcing.persistence import InterfaceError, OperationalError, PersistenceError
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request

from application.desk import NotFound, Stale
from application.ports import Conflict, KeyDestroyed, KeyReused
from domain.decisions.judgement import Refused
from domain.policy import Strength
from infrastructure.code_version import CODE_VERSION
from infrastructure.http import problems
from infrastructure.http.advice import advice_routes
from infrastructure.http.auth import gate
from infrastructure.http.bodies import rewritten
from infrastructure.http.broker import broker_routes
from infrastructure.http.cases import case_routes
from infrastructure.http.clock import clock_routes
from infrastructure.http.commands import command_routes
from infrastructure.http.compliance import compliance_routes
from infrastructure.http.contacts import contact_routes
from infrastructure.http.disclosures import disclosure_routes
from infrastructure.http.documented import Documented
from infrastructure.http.draining import Draining
from infrastructure.http.event_schemas import event_schema_routes
from infrastructure.http.evidence import evidence_routes
from infrastructure.http.export import export_routes
from infrastructure.http.feed import feed_routes
from infrastructure.http.health import health_routes
from infrastructure.http.letters import answer_letter_errors, letter_preview_routes
from infrastructure.http.letters_kept import letter_routes
from infrastructure.http.lists import list_routes
from infrastructure.http.notify_callback import notify_routes
from infrastructure.http.ops import metrics_routes, ops_routes
from infrastructure.http.people import people_routes
from infrastructure.http.policy import policy_routes
from infrastructure.http.problem_pages import problem_routes
from infrastructure.http.problems import AFTER_OPERATIONS, Problem, answer, misshapen
from infrastructure.http.receipts import receipt_routes
from infrastructure.http.reports import report_routes
from infrastructure.http.retention import retention_routes
from infrastructure.http.schemas import Components
from infrastructure.http.security import Envelope, operation
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.http.snapshot import snapshot_routes
from infrastructure.http.turns import Turns
from infrastructure.http.webhooks import webhook_routes
from infrastructure.http.worklist import worklist_routes
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.reads import AwaitingRebuild

DESCRIPTION: Final = """Runs a landlord's policy on unreasonable customer contact, from the first logged contact to the
last review. Every decision is a fact in a log; everything read here is folded from that log.

**Commands** are bodies: `POST /v1/cases/{case}/record-incident` takes the command itself. An answer carries the log
position of what was written and the case's ETag. `If-Match` makes a command conditional on a version,
`Idempotency-Key` makes it safe to send twice.

**A reader sees its own write** by passing the position back, as `min_position` or in the header `Evenhand-Position`.
Answers about one case are never behind; lists wait a moment, then answer 503 with `Retry-After`.

**Errors** are problem details (RFC 9457). `type` leads to what each means. A refusal lists every rule in the way.

**Personal values** come as `{"state": "shown" | "withheld" | "erased", "text": …}`. Showing one takes the scope
`read-personal`, and goes to the access log first. Ids are opaque and name nobody.

**Days** are London days as `2026-03-02`, **instants** are UTC. The landlord and who acts come from the token alone."""


def create_app(service: Service) -> FastAPI:
    """The application that serves these landlords."""
    components = Components()
    documented = Documented(components)
    needs = gate(service.tokens)
    tails, turns = service.tails(), Turns()
    app = FastAPI(
        title="Evenhand",
        version=CODE_VERSION,
        description=DESCRIPTION,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # the usual page fetches its scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation,
    )
    app.add_middleware(Envelope, observe=service.metrics.answered)
    app.add_middleware(Draining)
    _answer_errors(app)
    answer_letter_errors(app)
    # Tried in this order, and there are many commands: the one question that every call begins with comes first, then
    # the one that is asked again and again.
    for routes in (
        list_routes(service, needs, documented),
        feed_routes(service, tails, turns, needs, documented),
        contact_routes(service, needs, documented),
        people_routes(service, needs, documented),
        case_routes(service, needs, documented),
        command_routes(service, needs, documented),
        compliance_routes(service, needs, documented),
        evidence_routes(service, needs, documented),
        letter_preview_routes(service, needs, documented),
        letter_routes(service, needs, documented),
        notify_routes(service, documented),
        export_routes(service, needs, documented),
        advice_routes(service, needs, documented),
        report_routes(service, needs, documented),
        retention_routes(service, needs, documented),
        disclosure_routes(service, needs, documented),
        worklist_routes(service, needs, documented),
        policy_routes(service, needs, documented),
        snapshot_routes(service, turns, needs, documented),
        receipt_routes(service, turns, needs, documented),
        webhook_routes(service, needs, documented),
        ops_routes(service, needs, documented),
        broker_routes(service, needs, documented),
        clock_routes(service, needs, documented),
        metrics_routes(service, needs, documented),
        health_routes(service, documented),
        problem_routes(documented),
        event_schema_routes(documented),
    ):
        app.include_router(routes)
    app.state.let_go = tails.let_go  # to be called when the server stops
    app.openapi = lambda: _document(app, components)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


def _document(app: FastAPI, components: Components) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        components.into(made)
        app.openapi_schema = made
    return app.openapi_schema


def _answer_errors(app: FastAPI) -> None:
    """One problem for everything that a route can raise; what is not listed is answered by `Envelope`."""

    @app.exception_handler(Problem)
    def problem(_: Request, error: Problem) -> JSONResponse:
        return answer(error)

    @app.exception_handler(NotFound)
    def not_found(_: Request, __: NotFound) -> JSONResponse:
        return answer(Problem(problems.NOT_FOUND, NOTHING_HERE))

    @app.exception_handler(Refused)
    def refused(_: Request, error: Refused) -> JSONResponse:
        found = error.violations
        count = "One rule stands" if len(found) == 1 else f"{len(found)} rules stand"
        detail = f"{count} in the way."
        if any(violation.strength is Strength.SHOULD for violation in found):
            detail += " A should can be set aside by whoever decides, with overrides: [{rule, reason}]; a must cannot."
        return answer(Problem(problems.REFUSED, detail, {"violations": Page().part(found)}))

    @app.exception_handler(Stale)
    def stale(_: Request, error: Stale) -> JSONResponse:
        detail = f"The case is at version {error.current} by now."
        return answer(Problem(problems.STALE, detail, {"version": error.current}, {"ETag": f'"{error.current}"'}))

    @app.exception_handler(KeyReused)
    def key_reused(_: Request, __: KeyReused) -> JSONResponse:
        return answer(Problem(problems.KEY_REUSED, "Another request was accepted under this Idempotency-Key."))

    @app.exception_handler(KeyDestroyed)
    def erased(_: Request, __: KeyDestroyed) -> JSONResponse:
        return answer(Problem(problems.ERASED, "Somebody whom this is about was erased."))

    @app.exception_handler(Conflict)
    def conflict(_: Request, __: Conflict) -> JSONResponse:
        return answer(Problem(problems.UNAVAILABLE, "Others wrote to the same case again and again."))

    @app.exception_handler(UnknownFact)
    @app.exception_handler(UnreadableEvent)
    def unreadable(_: Request, error: UnknownFact | UnreadableEvent) -> JSONResponse:
        detail = f"What stands at position {error.position} of the log cannot be told by this release."
        return answer(Problem(problems.UNREADABLE, detail, headers={"Retry-After": AFTER_ANOTHER_RELEASE}))

    @app.exception_handler(AwaitingRebuild)
    def awaiting_rebuild(_: Request, error: AwaitingRebuild) -> JSONResponse:
        words = str(error)
        detail = f"{words[:1].upper()}{words[1:]}."
        return answer(Problem(problems.AWAITING_REBUILD, detail, headers={"Retry-After": AFTER_OPERATIONS}))

    # What the database says against our own statements is none of these, and is answered as unforeseen.
    @app.exception_handler(OperationalError)
    @app.exception_handler(InterfaceError)
    def unavailable(_: Request, __: PersistenceError) -> JSONResponse:
        return answer(Problem(problems.UNAVAILABLE, "The database cannot be reached or is overloaded."))

    @app.exception_handler(RequestValidationError)
    def shape(_: Request, error: RequestValidationError) -> JSONResponse:
        # The first part of a place says where a parameter stands, which its name says as well.
        return answer(misshapen(list(rewritten({**e, "loc": e["loc"][1:]} for e in error.errors()))))

    @app.exception_handler(HTTPException)
    def http(_: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == problems.METHOD_NOT_ALLOWED.status:
            told = "The header Allow lists those that are."
            return answer(Problem(problems.METHOD_NOT_ALLOWED, told, headers=error.headers or {}))
        if error.status_code == problems.NOT_FOUND.status:
            return answer(Problem(problems.NOT_FOUND, NOTHING_HERE))
        raise error


AFTER_ANOTHER_RELEASE: Final = "3600"  # seconds
NOTHING_HERE: Final = "Nothing of your landlord's has this address."
