"""A tick of the clock by hand, over HTTP: what went by is taken down, or only said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from application.clockwork import DeadlinesUnread, Due, HowFar
from domain.decisions.judgement import Day
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.commands import Sent, sent
from infrastructure.http.documented import Documented
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.problems import AFTER_OPERATIONS, Problem, misshapen
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.tokens import Caller

SCOPE: Final = "operate"
T = TypeVar("T")


class TickByHand(BaseModel):
    """Takes down what went by and was not done: ends, reviews that fell due, deadlines that passed.

    The service does this by itself, every minute. Each is taken down once, at its true date, however often and by
    whomever the clock is asked. At most 500 are taken down by one request; `left` says whether there are more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    at: Day | None = None
    """As of the beginning of this day; today unless given. A day to come is for a dry run alone."""
    dry_run: bool = False
    """Only say what would be taken down, if nobody did any of it; nothing is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WentBy:
    """The last day of something that a case owes, by its key."""

    due_on: date
    case: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTakenDown:
    """What could not be taken down now, and the name of what stood in the way; it is tried again at the next tick."""

    due_on: date
    case: str
    key: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TickAnswer:
    """What went by, in the order in which it did.

    `complete` says that nothing was left out: the list of deadlines accounted for the whole log, every case could be
    told, and there was no more than is done at once.
    """

    at: date
    dry_run: bool
    went_by: tuple[WentBy, ...]
    failed: tuple[NotTakenDown, ...]
    left: bool
    complete: bool


def clock_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """One route; the thread of the service needs none."""
    router = APIRouter(tags=["Operations"])
    may_operate, a_tick = Depends(needs(SCOPE)), Depends(sent(TickByHand))
    told = documented.entry(
        TickByHand, EXAMPLES["tick"], SCOPE, problems.AWAITING_REBUILD, answer=TickAnswer, status=200
    )

    @router.post("/v1/ops/tick", **told)
    def tick(who: Caller = may_operate, command: Sent[TickByHand] = a_tick) -> JSONResponse:
        clockwork, says = service.office(who.landlord).clockwork, command.says
        today = clockwork.today
        day = says.at or today
        if day > today and not says.dry_run:
            raise misshapen([("at", f"lies ahead: today is {today}; only a dry run tells of a day to come")])
        if says.dry_run:
            found, far = _read(lambda: clockwork.would_go_by(day))
            return _answered(TickAnswer(at=day, dry_run=True, went_by=_lines(found), failed=(), **_whole(far)))
        ticked = _read(lambda: clockwork.tick(day))
        failed = tuple(
            NotTakenDown(due_on=one.due.due_on, case=one.due.case, key=one.due.key, why=one.why)
            for one in ticked.failed
        )
        return _answered(
            TickAnswer(
                at=day,
                dry_run=False,
                went_by=_lines(ticked.recorded),
                failed=failed,
                left=ticked.left,
                complete=ticked.complete,
            )
        )

    return router


def _read(work: Callable[[], T]) -> T:
    try:
        return work()
    except DeadlinesUnread as unread:
        words = str(unread)
        detail = f"{words[:1].upper()}{words[1:]}."
        raise Problem(problems.AWAITING_REBUILD, detail, headers={"Retry-After": AFTER_OPERATIONS}) from unread


def _whole(far: HowFar) -> dict[str, bool]:
    return {"left": False, "complete": far.position >= far.head and not far.untold}


def _lines(found: Sequence[Due]) -> tuple[WentBy, ...]:
    return tuple(WentBy(due_on=one.due_on, case=one.case, key=one.key) for one in found)


def _answered(told: TickAnswer) -> JSONResponse:
    return JSONResponse(Page().part(told))
