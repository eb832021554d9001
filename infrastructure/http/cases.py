"""A case as it was known and as it holds on a day, and its history as an auditor reads it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Final, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from starlette.requests import Request

from application.desk import NotFound
from application.ports import Access
from application.streams import is_stream_id, landlord_stream
from domain.calendar import london_date
from domain.case import Case
from domain.codes import CaseId, StaffId, SubjectId
from domain.conflicts import Kinds
from domain.events import SYSTEM, Fact, MovedToRightPerson, RecordRectified
from domain.merge_conflicts import conflicts_on
from domain.obligations import open_obligations
from domain.personal import ERASED
from infrastructure.http import problems
from infrastructure.http.answers import (
    CarriedAdjustment,
    CaseAnswer,
    HistoryAccess,
    HistoryAnswer,
    HistoryEvent,
    InForce,
    OnTheDay,
    OwedReview,
    PutRight,
    StandingWarning,
)
from infrastructure.http.auth import Gate
from infrastructure.http.cursors import cursor, numbers
from infrastructure.http.disclosure import Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.parameters import DayAsked, KnownAt, Place, min_position, place, reached, upto
from infrastructure.http.problems import SCOPE_MISSING, Problem
from infrastructure.http.service import Service
from infrastructure.http.showing import JSON, Page
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.office import Office
from infrastructure.reads import TrailPage
from infrastructure.tokens import Caller
from projections.audit_trail import AuditRow

AUDITS: Final = "audit"
ACCESS: Final = "access"

# How a sentence speaks of a colleague, by an opaque id that stands for a name.
MENTIONED: Final = re.compile(r"[Ss]taff member ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")

# Facts that say something of earlier events: that they are hidden, or what is right in them.
ABOUT_OTHER_EVENTS: Final = frozenset({"MovedToRightPerson", "RecordRectified"})
MOVED_AWAY: Final = "An entry that was about somebody else; it stands in their case now."

CASE: Final = """Gives a case: what is recorded of it, and what of that holds on a day.

`known_at` takes away what was recorded later; `valid_on` is the day that is asked about, today unless given. The two
can be asked together: "what did we know then of what holds now?" The answer is folded from the log, never behind."""

HISTORY: Final = """Tells a case's events in order, each in a sentence with who, when, under what and on what.

`include=access` merges in who read what of the case; that takes the scope `audit` as well."""

LANDLORD_HISTORY: Final = "Tells the landlord's own events in order: policies adopted, posts given and ended."


def case_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """A case and its history, and the landlord's own history."""
    router = APIRouter(tags=["Cases"])
    may_read = Depends(needs("read"))
    asked = (problems.NOT_FOUND, problems.NOT_YET)

    @router.get("/v1/cases/{case}", **documented.question(CASE, CaseAnswer, "read", *asked))
    def show_case(
        case: str,
        known_at: KnownAt = None,
        valid_on: Annotated[DayAsked | None, Query(description="The day asked about.")] = None,
        who: Caller = may_read,
        position: int = Depends(min_position),
        asked: Asking = Depends(asking),
    ) -> JSONResponse:
        office = service.office(who.landlord)
        reached(office, position)
        found = office.desk.case(CaseId(case), known_at=known_at)
        day = valid_on or london_date(office.clock.now())
        etag = f'"{found.version}"'
        others = office.desk.others_of(found, known_at=known_at)
        answer = CaseAnswer(
            case=found.without_moved(found if known_at is None else office.desk.case(CaseId(case))),
            etag=etag,
            position=found.position,
            known_at=known_at,
            valid_on=_on_the_day(found, others, day, office.policies.baseline.baseline.adjustments),
        )
        page = Page()
        told = page.part(answer)
        Disclosure(office, who, asked).open(page, found.position, case=case, subject=found.person)
        return JSONResponse(told, headers={} if known_at else {"ETag": etag})

    @router.get("/v1/cases/{case}/history", **documented.question(HISTORY, HistoryAnswer, "read", *asked))
    def show_history(
        case: str,
        known_at: KnownAt = None,
        include: Annotated[str | None, Query(pattern=f"^{ACCESS}$", description="`access`: readings, too.")] = None,
        page: Place = Depends(place),
        who: Caller = may_read,
        position: int = Depends(min_position),
        asked: Asking = Depends(asking),
    ) -> JSONResponse:
        office = service.office(who.landlord)
        if include and AUDITS not in who.scopes:
            raise Problem(SCOPE_MISSING, f"To see who read what takes a token with the scope {AUDITS}.")
        reached(office, position)
        if not is_stream_id(case) or case == landlord_stream(office.landlord):
            raise NotFound("no case has this id")
        disclosure = Disclosure(office, who, asked)
        return _history(disclosure, asked.request, case, known_at, page, with_access=include is not None)

    told = documented.question(LANDLORD_HISTORY, HistoryAnswer, "read")

    @router.get("/v1/landlord/history", tags=["The landlord"], **told)
    def show_landlord_history(
        known_at: KnownAt = None,
        page: Place = Depends(place),
        who: Caller = may_read,
        asked: Asking = Depends(asking),
    ) -> JSONResponse:
        office = service.office(who.landlord)
        disclosure = Disclosure(office, who, asked)
        return _history(disclosure, asked.request, landlord_stream(office.landlord), known_at, page)

    return router


def _on_the_day(case: Case, others: Sequence[Case], day: date, kinds: Kinds) -> OnTheDay:
    in_force = case.in_force_on(day)
    return OnTheDay(
        day=day,
        restrictions=tuple(r.id for r in in_force),
        measures=tuple(
            InForce(restriction=r.id, measure=m, told_on=case.told_of(r, m))
            for r in in_force
            for m in r.measures_on(day)
        ),
        warnings=tuple(StandingWarning(warning=w.id, received_on=on) for w, on in case.standing_warnings(day)),
        adjustments=tuple(a for a in case.adjustments if a.in_force_on(day)),
        carried_adjustments=tuple(
            CarriedAdjustment(
                case=other.id,
                adjustment=a.id,
                kind=a.kind,
                needs_channels=a.needs_channels,
                unusable_channels=a.unusable_channels,
            )
            for other in others
            for a in other.adjustments
            if a.in_force_on(day)
        ),
        reviews=tuple(
            OwedReview(restriction=r.id, review=review, overdue=review.due_on < day)
            for r in in_force
            for review in r.pending_reviews()
        ),
        merge_conflicts=tuple(conflicts_on(case, others, day)),
        owed=open_obligations(case, day, kinds, others),
    )


def _history(
    disclosure: Disclosure,
    request: Request,
    stream: str,
    known_at: datetime | None,
    asked: Place,
    *,
    with_access: bool = False,
) -> JSONResponse:
    office = disclosure.office
    name = f"history of {stream}"
    after, read_after = numbers(name, asked.cursor, 2)
    trail = office.reads.trail(stream, after=after, limit=asked.limit, upto=upto(office, known_at))
    if trail is None or not (trail.rows or after or trail.unknown_since is not None):
        raise NotFound("no case has this id, or had it by then")
    accesses = office.access_log.of_case(CaseId(stream), after=read_after, limit=asked.limit + 1) if with_access else []
    known = [(number, access) for number, access in accesses if known_at is None or access.at <= known_at]
    entries: list[AuditRow | tuple[int, Access]] = [*trail.rows, *known]
    entries.sort(key=_when)
    shown = entries[: asked.limit]
    page = Page()
    read = _read(office, stream, trail)
    sees_hidden = bool(read.hidden) and disclosure.is_protection_officer()
    shown_hidden = read.hidden.keys() - read.gone if sees_hidden else frozenset[str]()
    person = trail.rows[0].person if trail.rows else None
    colleagues = disclosure.colleagues(_spoken_of(shown), trail.position, subject=person)
    names = {f"staff member {one.staff}": one.name for one in colleagues if one.name is not None}
    told = [
        page.part(_event(entry, read, names, shown_hidden), str(entry.version))
        if isinstance(entry, AuditRow)
        else page.part(_access(*entry))
        for entry in shown
    ]
    last_event = max((entry.position for entry in shown if isinstance(entry, AuditRow)), default=after)
    last_access = max((entry[0] for entry in shown if isinstance(entry, tuple)), default=read_after)
    more = len(entries) > asked.limit or trail.next is not None
    following = request.url.include_query_params(cursor=cursor(name, last_event, last_access)) if more else None
    answer: dict[str, JSON] = {
        "entries": told,
        "colleagues": page.part(colleagues),
        "next": None if following is None else f"{following.path}?{following.query}",
        "position": trail.position,
        "known_at": page.part(known_at),
        "unknown_since": trail.unknown_since,
    }
    disclosure.open(page, trail.position, case=stream, subject=person)
    return JSONResponse(answer)


def _when(entry: AuditRow | tuple[int, Access]) -> tuple[datetime, int, int]:
    """The order of a history: by time, what happened before who read it."""
    if isinstance(entry, AuditRow):
        return entry.recorded_at, 0, entry.position
    number, access = entry
    return access.at, 1, number


class _Read(NamedTuple):
    """Facts of a page's events by position; what is hidden today and why, and what was put right.

    `hidden` gives for an event whose it is; those in `gone` are an erased person's, and shown to nobody any more.
    """

    facts: Mapping[int, Fact]
    hidden: Mapping[str, SubjectId]
    gone: frozenset[str]
    put_right: Mapping[str, tuple[PutRight, ...]]


def _read(office: Office, stream: str, trail: TrailPage) -> _Read:
    """What a page is told from. Whatever was known at the instant asked for, what is hidden today is hidden."""
    wanted = {row.position for row in trail.rows}
    facts: dict[int, Fact] = {}
    hidden: dict[str, SubjectId] = {}
    put_right: dict[str, tuple[PutRight, ...]] = {}
    upto = None if _speaks_of_earlier_events(office, stream) else max(wanted, default=0)
    for row in office.recorder.read_stream(UUID(stream), upto):
        if row.position not in wanted and row.type not in ABOUT_OTHER_EVENTS:
            continue
        event = office.projector.decode(row)
        if row.position in wanted:
            facts[row.position] = event.fact
        match event.fact:
            case MovedToRightPerson() as fact:
                hidden |= dict.fromkeys(fact.hidden, fact.to_person)
            case RecordRectified() as fact if row.position <= trail.position:
                right = PutRight(field=fact.field, correct=fact.correct, event=event.event_id)
                put_right[fact.event] = (*put_right.get(fact.event, ()), right)
            case _:
                pass
    erased = {person for person in {*hidden.values()} if office.directory.person(person) is ERASED}
    return _Read(facts, hidden, frozenset(one for one, whose in hidden.items() if whose in erased), put_right)


def _speaks_of_earlier_events(office: Office, stream: str) -> bool:
    """Whether something of the case was moved away or put right, as far as that can be told without reading it all."""
    try:
        case = office.desk.case(CaseId(stream))
    except (NotFound, UnknownFact, UnreadableEvent):
        return True
    return bool(case.moved or case.rectified)


def _spoken_of(shown: Sequence[AuditRow | tuple[int, Access]]) -> tuple[StaffId, ...]:
    """Colleagues who acted, read, or are spoken of in a sentence; each once."""
    actors = {entry.actor if isinstance(entry, AuditRow) else entry[1].actor for entry in shown} - {SYSTEM}
    mentioned = {one for entry in shown if isinstance(entry, AuditRow) for one in MENTIONED.findall(entry.sentence)}
    return tuple(StaffId(one) for one in sorted(actors | mentioned))


def _event(row: AuditRow, read: _Read, names: Mapping[str, str], shown_hidden: Collection[str]) -> HistoryEvent:
    told = {name: getattr(row, name) for name in HistoryEvent.__slots__ if hasattr(row, name)}
    told["sentence"] = MENTIONED.sub(lambda found: names.get(found[0].lower(), found[0]), row.sentence)
    hidden = row.event_id in read.hidden
    if hidden and row.event_id not in shown_hidden:
        told |= {"sentence": MOVED_AWAY, "clauses": (), "evidence": (), "overrides": ()}
        return HistoryEvent(**told, fact=None, hidden=True, put_right=())
    put_right = read.put_right.get(row.event_id, ())
    return HistoryEvent(**told, fact=read.facts[row.position], hidden=hidden, put_right=put_right)


def _access(number: int, access: Access) -> HistoryAccess:
    told = {name: getattr(access, name) for name in HistoryAccess.__slots__ if name not in ("kind", "number")}
    return HistoryAccess(number=number, **told)
