"""What each type of problem means, at the address that its answers name as their type."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from application.desk import NotFound
from infrastructure.http import problems
from infrastructure.http.answers import ProblemPage
from infrastructure.http.documented import Documented
from infrastructure.http.problems import PROBLEMS
from infrastructure.http.showing import Page


def problem_routes(documented: Documented) -> APIRouter:
    """One page for each type; they take no token."""
    router = APIRouter(tags=["Operations"])
    says = "Says what a type of problem means, and what to do about it; takes no token."

    @router.get("/problems/{name}", **documented.question(says, ProblemPage, None, problems.NOT_FOUND, problems.SHAPE))
    def show_problem(name: str) -> JSONResponse:
        kind = PROBLEMS.get(name)
        if kind is None:
            raise NotFound("no problem has this name")
        page = ProblemPage(type=kind.uri, title=kind.title, status=kind.status, means=kind.means, remedy=kind.remedy)
        return JSONResponse(Page().part(page))

    return router
