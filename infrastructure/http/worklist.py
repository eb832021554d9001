"""What is to be done, over HTTP: a role's or a colleague's list, one case's, and a calendar to subscribe to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import StringConstraints

from domain.calendar import london_date
from domain.codes import CaseId, RoleCode, StaffId
from domain.worklist import Place as WorkPlace
from domain.worklist import State, Wanted, Work
from infrastructure.calendar_file import CALENDAR
from infrastructure.http import problems
from infrastructure.http.answers import NamedColleague
from infrastructure.http.auth import Gate
from infrastructure.http.cursors import WRONG, cursor, texts
from infrastructure.http.disclosure import Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.parameters import On, Place, min_position, place, projected, reached
from infrastructure.http.problems import misshapen
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.office import Office
from infrastructure.tokens import Caller
from infrastructure.worklists import YEAR_AHEAD, WorkLine, calendar_of, roles_of, shown, worklists_of
from projections.deadlines import DEADLINES

LIST: Final = """Lists what is to be done on a day: everything that cases owe, by its due date, what has none last.

`role` asks for one post's; `mine` for what falls to the caller by name, as the officer of a case, or by a post held
that day, also as a deputy. Whoever decides sees what is overdue as well. Without `state`, all of them are listed. What
comes up is listed for so many days as `within` says; `on` is the day looked at, with what is recorded by now.

A case that this release cannot tell is listed with `state` `unknown`, whatever is asked for. `behind_since` says since
when something was recorded that the list does not account for. `landlord`, on the first page, is what the landlord
itself owes: the policy's own review, posts that nobody holds though something waits there, records kept long enough,
subscribers that drifted. What a required subscriber has not acknowledged in its time stands with its case (`receipt`).
Nothing here is personal but the names of colleagues in `colleagues`."""

OF_CASE: Final = """Lists what one case owes on a day, as the worklist would; folded from the log, never behind."""

CALENDAR_SAYS: Final = """Gives a role's deadlines as an iCalendar file (RFC 5545), for a calendar to subscribe to.

Each is an event of a whole day, with opaque ids alone. Its UID stays while its due date moves, so that a calendar that
reads this again changes the event and adds none."""

Role = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,60}$"), Query(description="A post, by its code in the policy.")
]
Within = Annotated[int, Query(ge=0, le=3660, description="How many days ahead upcoming work is listed.")]
FOUR_WEEKS: Final = 28


class StateAsked(StrEnum):
    """Which lines are asked for; `blocked` are those that nobody can do as things are."""

    DUE = "due"
    OVERDUE = "overdue"
    UPCOMING = "upcoming"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose list is asked for, and of which day."""

    role: str | None
    mine: bool
    state: StateAsked | None
    on: date | None
    within: int

    def wanted(self, caller: StaffId) -> Wanted:
        """The lines that are asked for."""
        blocked = self.state is StateAsked.BLOCKED
        return Wanted(
            role=None if self.role is None else RoleCode(self.role),
            staff=caller if self.mine else None,
            state=None if self.state is None or blocked else State(self.state.value),
            blocked=blocked,
            within=self.within,
        )


async def asked_for(
    role: Role | None = None,
    mine: Annotated[bool, Query(description="What falls to the caller.")] = False,
    state: Annotated[StateAsked | None, Query(description="How it stands; all unless given.")] = None,
    on: On = None,
    within: Within = FOUR_WEEKS,
) -> Asked:
    """What the query says."""
    return Asked(role, mine, state, on, within)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistAnswer:
    """A page of the worklist. `colleagues` names whoever `held_by` speaks of, to callers who see personal values."""

    on: date
    entries: tuple[WorkLine, ...]
    landlord: tuple[WorkLine, ...]
    colleagues: tuple[NamedColleague, ...]
    next: str | None
    position: int
    behind_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationsAnswer:
    """What a case owes on a day, as of a version and log position."""

    case: str
    version: int
    on: date
    entries: tuple[WorkLine, ...]
    colleagues: tuple[NamedColleague, ...]
    position: int


def worklist_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """The list, the calendar, and one case's part of them."""
    router = APIRouter(tags=["Worklist"])
    may_read = Depends(needs("read"))
    listed = (problems.NOT_FOUND, problems.NOT_YET, problems.PAUSED, problems.AWAITING_REBUILD)

    @router.get("/v1/worklist", **documented.question(LIST, WorklistAnswer, "read", *listed))
    def show_worklist(
        query: Asked = Depends(asked_for),
        page: Place = Depends(place),
        who: Caller = may_read,
        position: int = Depends(min_position),
        asked: Asking = Depends(asking),
    ) -> JSONResponse:
        office = service.office(who.landlord)
        projected(office, position, DEADLINES.name)
        day = query.on or london_date(office.clock.now())
        _refuse_unknown_role(office, query.role)
        # Whoever follows `next` over midnight goes on with the day that they began with.
        name = f"worklist on {day}"
        _refuse_day_without_policy(office, day)
        found = worklists_of(office).page(query.wanted(who.staff), day, _after(name, page.cursor), page.limit)
        following = None
        if found.next is not None:
            told = (found.next.due_on.isoformat(), found.next.case, found.next.key)
            url = asked.request.url.include_query_params(on=day.isoformat(), cursor=cursor(name, *told))
            following = f"{url.path}?{url.query}"
        answer = WorklistAnswer(
            on=day,
            entries=tuple(map(shown, found.lines)),
            landlord=tuple(map(shown, found.landlord)),
            colleagues=_colleagues(Disclosure(office, who, asked), (*found.lines, *found.landlord), found.position),
            next=following,
            position=found.position,
            behind_since=found.behind_since,
        )
        return JSONResponse(Page().part(answer))

    file = documented.file(CALENDAR_SAYS, [CALENDAR], "read", *listed)

    @router.get("/v1/worklist.ics", **file)
    def show_calendar(
        role: Role,
        within: Within = YEAR_AHEAD,
        who: Caller = may_read,
        position: int = Depends(min_position),
    ) -> Response:
        office = service.office(who.landlord)
        projected(office, position, DEADLINES.name)
        _refuse_unknown_role(office, role)
        content = calendar_of(office, RoleCode(role), within)
        headers = {"Content-Disposition": f'inline; filename="{role}.ics"'}
        return Response(content, media_type=f"{CALENDAR}; charset=utf-8", headers=headers)

    one = documented.question(OF_CASE, ObligationsAnswer, "read", problems.NOT_FOUND, problems.NOT_YET)

    @router.get("/v1/cases/{case}/obligations", **one)
    def show_obligations(
        case: str,
        on: On = None,
        within: Within = YEAR_AHEAD,
        who: Caller = may_read,
        position: int = Depends(min_position),
        asked: Asking = Depends(asking),
    ) -> JSONResponse:
        office = service.office(who.landlord)
        reached(office, position)
        day = on or london_date(office.clock.now())
        _refuse_day_without_policy(office, day)
        found, lines = worklists_of(office).of_case(CaseId(case), day, within)
        answer = ObligationsAnswer(
            case=found.id,
            version=found.version,
            on=day,
            entries=tuple(map(shown, lines)),
            colleagues=_colleagues(Disclosure(office, who, asked), lines, found.position),
            position=found.position,
        )
        return JSONResponse(Page().part(answer))

    return router


def _refuse_unknown_role(office: Office, role: str | None) -> None:
    """A misspelt role must not look like one that has nothing to do. Raises `Problem`."""
    if role is not None and role not in (known := roles_of(office)):
        raise misshapen([("role", f"is none of {', '.join(sorted(known))}")])


def _refuse_day_without_policy(office: Office, day: date) -> None:
    """Nothing was owed under a policy before there was one. Raises `Problem`."""
    if office.desk.state().policy_on(day) is None:
        raise misshapen([("on", f"is {day}, when no policy applied")])


def _after(name: str, given: str | None) -> WorkPlace | None:
    """The place that a cursor tells. Raises `Problem` for a cursor of another list."""
    if given is None:
        return None
    due_on, case, key = texts(name, given, ("", "", ""))
    try:
        return WorkPlace(date.fromisoformat(due_on), case, key)
    except ValueError:
        raise misshapen([("cursor", WRONG)]) from None


def _colleagues(disclosure: Disclosure, lines: tuple[Work, ...], position: int) -> tuple[NamedColleague, ...]:
    staff = dict.fromkeys(holder.staff for line in lines for holder in line.held_by)
    return disclosure.colleagues(tuple(staff), position, subject=None)
