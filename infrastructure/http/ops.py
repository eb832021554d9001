"""What operations staff do to their landlord's read models and learn of them; long acts are jobs of the service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from application.desk import NotFound
from infrastructure.engine.acts import By
from infrastructure.engine.operations import Operations, Status
from infrastructure.engine.rebuilding import Options, Tell
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.commands import Sent, sent
from infrastructure.http.documented import Documented
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.jobs_told import told_of
from infrastructure.http.ops_answers import (
    ActsAnswer,
    ActShown,
    BlockedShown,
    Changed,
    JobAnswer,
    PauseReadModels,
    PlanAnswer,
    PlannedRebuild,
    ReadModel,
    ReadModelState,
    RebuildReadModels,
    ResumeReadModels,
    Retried,
    RetryCases,
    RollBackReadModel,
    StatusAnswer,
    UnderWay,
    VerifyReadModels,
)
from infrastructure.http.parameters import Limit
from infrastructure.http.problems import Problem
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.jobs import Act as JobAct
from infrastructure.jobs import Busy, Interrupted, Job
from infrastructure.tokens import Caller
from projections import ALL

SCOPE: Final = "operate"

STATUS: Final = """Says how each read model is: which version is read, how far behind the log, which cases are blocked.

Also what is being built beside it, and which build a rollback would return to."""

PLAN: Final = "Says what a rebuild would go through, without doing it: events, cases, rows, and what is filled already."

HISTORY: Final = "Lists what was done to the read models, by whom and why, latest first."

JOB: Final = "Says how a rebuild, a verification or a rollback goes, and what came of it."

METRICS: Final = """Tells a monitoring system how far read models are, in Prometheus' text format.

With a token, it is about the caller's own landlord. A service with `EVENHAND_METRICS=open` answers without one, about
everybody, and about its requests and saves too. What a database has to be asked for is some seconds old."""

Act = Callable[[Operations, Tell], object]


def ops_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """State, plan, history and jobs of read models, and the acts on them."""
    router = APIRouter(tags=["Operations"])
    may_operate = Depends(needs(SCOPE))

    def operations(who: Caller) -> Operations:
        return Operations(service.office(who.landlord).projector)

    @router.get("/v1/ops/projections", **documented.question(STATUS, StatusAnswer, SCOPE))
    def show_projections(who: Caller = may_operate) -> JSONResponse:
        states = tuple(_state(status) for status in operations(who).status())
        return JSONResponse(Page().part(StatusAnswer(projections=states)))

    @router.get("/v1/ops/projections/plan", **documented.question(PLAN, PlanAnswer, SCOPE))
    def plan_rebuild(
        name: Annotated[ReadModel | None, Query(description="One read model; all of them unless given.")] = None,
        who: Caller = may_operate,
    ) -> JSONResponse:
        names = [view.name for view in ALL] if name is None else [name]
        plans = tuple(PlannedRebuild(**asdict(plan)) for plan in operations(who).plan(names))
        return JSONResponse(Page().part(PlanAnswer(plans=plans)))

    @router.get("/v1/ops/projections/history", **documented.question(HISTORY, ActsAnswer, SCOPE))
    def list_acts(
        limit: Limit = 100,
        before: Annotated[int, Query(ge=1, le=2**62, description="Only acts before this number.")] = 2**62,
        who: Caller = may_operate,
    ) -> JSONResponse:
        found = operations(who).history(limit, before)
        following = f"/v1/ops/projections/history?limit={limit}&before={found[-1].number}" if found else None
        acts = tuple(ActShown(**asdict(act)) for act in found)
        return JSONResponse(Page().part(ActsAnswer(acts=acts, next=following if len(acts) == limit else None)))

    @router.get("/v1/ops/jobs/{job}", **documented.question(JOB, JobAnswer, SCOPE, problems.NOT_FOUND))
    def show_job(job: str, who: Caller = may_operate) -> JSONResponse:
        found = service.jobs.find(who.landlord, job)
        if found is None:
            raise NotFound("no job of this landlord's has this id")
        return JSONResponse(Page().part(told_of(found)))

    _add_jobs(router, service, may_operate, documented)
    _add_acts(router, operations, may_operate, documented)
    return router


def metrics_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """Metrics: of the caller's landlord, or of everybody where the settings say so."""
    router = APIRouter(tags=["Operations"])
    may_operate = Depends(needs(SCOPE))
    if service.metrics_open:

        @router.get("/metrics", **documented.text(METRICS, None))
        def show_all_metrics() -> Response:
            return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    else:

        @router.get("/metrics", **documented.text(METRICS, SCOPE))
        def show_metrics(who: Caller = may_operate) -> Response:
            return Response(service.metrics.text(who.landlord), media_type=CONTENT_TYPE_LATEST)

    return router


def _add_jobs(router: APIRouter, service: Service, may_operate: Any, documented: Documented) -> None:  # noqa: ANN401 - FastAPI's
    """Rebuild, verify and roll back: begun here, looked at under their own address."""

    def begun(who: Caller, act: JobAct, names: Sequence[str], work: Act) -> JSONResponse:
        operations = Operations(service.office(who.landlord).projector)
        try:
            job = service.jobs.start(who.landlord, act, tuple(names), lambda tell: work(operations, tell))
        except Busy as busy:
            place = {"Location": _place(busy.job)}
            detail = "Another long act on your landlord's read models is under way; the header Location leads to it."
            raise Problem(problems.JOB_UNDER_WAY, detail, headers=place) from None
        except Interrupted:
            raise Problem(problems.UNAVAILABLE, "The service is stopping.") from None
        return _accepted(job)

    def of_job(kind: type, name: str) -> dict[str, Any]:
        return documented.entry(kind, EXAMPLES[name], SCOPE, problems.JOB_UNDER_WAY, answer=JobAnswer, status=202)

    a_rebuild, a_verification = Depends(sent(RebuildReadModels)), Depends(sent(VerifyReadModels))
    a_rollback = Depends(sent(RollBackReadModel))

    @router.post("/v1/ops/projections/rebuild", **of_job(RebuildReadModels, "rebuild"))
    def rebuild(who: Caller = may_operate, command: Sent[RebuildReadModels] = a_rebuild) -> JSONResponse:
        says, by = command.says, By(who.staff, command.says.why)
        options = Options(accept=says.accept, fresh=says.fresh, processes=says.processes)
        if says.abandon:
            return begun(who, "rebuild", says.names, lambda operations, _: operations.abandon(says.names, by))
        return begun(
            who, "rebuild", says.names, lambda operations, tell: operations.rebuild(says.names, by, options, tell)
        )

    @router.post("/v1/ops/projections/verify", **of_job(VerifyReadModels, "verify"))
    def verify(who: Caller = may_operate, command: Sent[VerifyReadModels] = a_verification) -> JSONResponse:
        says, by = command.says, By(who.staff, command.says.why)
        options = Options(processes=says.processes)
        return begun(
            who,
            "verify",
            says.names,
            lambda operations, tell: operations.verify(says.names, by, repair=says.repair, options=options, tell=tell),
        )

    @router.post("/v1/ops/projections/rollback", **of_job(RollBackReadModel, "rollback"))
    def rollback(who: Caller = may_operate, command: Sent[RollBackReadModel] = a_rollback) -> JSONResponse:
        says, by = command.says, By(who.staff, command.says.why)
        return begun(who, "rollback", [says.name], lambda operations, _: [operations.roll_back(says.name, by)])


def _add_acts(
    router: APIRouter,
    operations: Callable[[Caller], Operations],
    may_operate: Any,  # noqa: ANN401 - FastAPI's
    documented: Documented,
) -> None:
    """What is done before the answer goes out."""

    def of_act(kind: type, name: str, answer: type) -> dict[str, Any]:
        return documented.entry(kind, EXAMPLES[name], SCOPE, answer=answer, status=200)

    a_pause, a_resumption = Depends(sent(PauseReadModels)), Depends(sent(ResumeReadModels))
    a_retrial = Depends(sent(RetryCases))

    @router.post("/v1/ops/projections/pause", **of_act(PauseReadModels, "pause", Changed))
    def pause(who: Caller = may_operate, command: Sent[PauseReadModels] = a_pause) -> JSONResponse:
        says = command.says
        changed = operations(who).pause(says.names, By(who.staff, says.why))
        return JSONResponse(Page().part(Changed(names=tuple(changed))))

    @router.post("/v1/ops/projections/resume", **of_act(ResumeReadModels, "resume", Changed))
    def resume(who: Caller = may_operate, command: Sent[ResumeReadModels] = a_resumption) -> JSONResponse:
        says = command.says
        changed = operations(who).resume(says.names, By(who.staff, says.why))
        return JSONResponse(Page().part(Changed(names=tuple(changed))))

    @router.post("/v1/ops/projections/retry", **of_act(RetryCases, "retry", Retried))
    def retry(who: Caller = may_operate, command: Sent[RetryCases] = a_retrial) -> JSONResponse:
        says = command.says
        tried = operations(who).retry(says.cases, By(who.staff, says.why))
        return JSONResponse(Page().part(Retried(cases=tuple(tried))))


def _accepted(job: Job) -> JSONResponse:
    return JSONResponse(Page().part(told_of(job)), 202, {"Location": _place(job.id)})


def _place(job: str) -> str:
    return f"/v1/ops/jobs/{job}"


def _state(one: Status) -> ReadModelState:
    blocked = tuple(
        BlockedShown(
            case=case.case_id,
            position=case.position,
            error=case.error,
            attempts=case.attempts,
            since=case.since,
            code_version=case.code_version,
        )
        for case in one.blocked
    )
    build = one.under_way
    return ReadModelState(
        projection=one.projection,
        state=one.state,
        version=one.version,
        build=one.build,
        awaits=one.awaits,
        position=one.position,
        head=one.head,
        behind_since=one.behind_since,
        heartbeat_age=one.heartbeat_age,
        blocked=blocked,
        under_way=None
        if build is None
        else UnderWay(
            build=build.build, version=build.version, state=build.state, slices=build.slices, filled=build.filled
        ),
        standby=one.standby,
    )
