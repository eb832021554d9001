"""May this contact proceed? Asked by whoever is about to answer, call or visit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from domain.advice import Advice, advise, case_cannot_be_read
from domain.advice_words import NAMED_CONTACT
from domain.codes import Channel, Direction, Purpose, StaffId, SubjectId
from domain.decisions.judgement import Id
from domain.handling import Question
from infrastructure.http import problems
from infrastructure.http.answers import NamedColleague
from infrastructure.http.auth import Gate
from infrastructure.http.disclosure import Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.parameters import Clean, InstantAsked, min_position, reached
from infrastructure.http.people import existing
from infrastructure.http.problems import misshapen
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.office import Office
from infrastructure.tokens import Caller

ADVICE: Final = """Says whether and how a contact may proceed: who takes it, what to ask first, what to say and heed.

Emergencies are always taken, and a contact whose purpose nobody knows is never turned away. `no_case`: nothing is
recorded of this person, proceed as with anybody. `not_known`: their case cannot be read; take calls normally, say
nothing about restrictions, ask the duty manager before visiting. Part of an answer that cannot be given yet says
`not_known`, which never means none. Asking counts nothing: log the contact with this `answer_id`."""

UNREADABLE: Final = (UnknownFact, UnreadableEvent, LookupError)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceAnswer(Advice):
    """What to do with one contact; `answer_id` goes with the contact when it is logged."""

    answer_id: str
    person: str | None
    position: int
    colleagues: tuple[NamedColleague, ...]


@dataclass(frozen=True, slots=True)
class Who:
    """The person asked about: by id or by reference."""

    person: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The contact asked about; what nobody knows yet is None."""

    channel: Channel
    direction: Direction
    issue: str | None
    purpose: Purpose | None
    at: datetime | None


async def who_is_asked_about(
    person: Annotated[str | None, Query(max_length=80, description="The person's id.")] = None,
    reference: Annotated[
        str | None, Query(min_length=1, max_length=100, description="The landlord's own customer reference."), Clean
    ] = None,
) -> Who:
    """One person. Raises `Problem` for none or two."""
    if (person is None) == (reference is None):
        raise misshapen([("person", "name the person by id or by reference, one of the two")])
    return Who(person, reference)


async def question(
    channel: Annotated[Channel, Query(description="The way in, or out.")],
    direction: Annotated[Direction, Query(description="Who begins it.")] = Direction.INBOUND,
    issue: Annotated[Id | None, Query(description="The matter it is about, when known.")] = None,
    purpose: Annotated[Purpose | None, Query(description="What it is for, when known.")] = None,
    at: Annotated[
        InstantAsked | None, Query(description="When; now unless given.", examples=["2026-03-02T12:00:00Z"])
    ] = None,
) -> Asked:
    """The contact as far as it is known."""
    return Asked(channel, direction, issue, purpose, at)


def advice_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """The one question."""
    router = APIRouter(tags=["Advice"])
    may_read = Depends(needs("read"))

    told = documented.question(ADVICE, AdviceAnswer, "read", problems.NOT_FOUND, problems.NOT_YET)

    @router.get("/v1/advice", **told)
    def show_advice(
        who: Caller = may_read,
        about: Who = Depends(who_is_asked_about),
        contact: Asked = Depends(question),
        position: int = Depends(min_position),
        asked: Asking = Depends(asking),
    ) -> JSONResponse:
        office = service.office(who.landlord)
        reached(office, position)
        head = office.recorder.head().position
        person = _person(office, about)
        advice = _advice(office, person, contact)
        disclosure = Disclosure(office, who, asked)
        answer = AdviceAnswer(
            **{field.name: getattr(advice, field.name) for field in fields(Advice)},
            answer_id=str(uuid4()),
            person=person,
            position=head,
            colleagues=disclosure.colleagues(_named(advice), head, subject=person),
        )
        page = Page()
        shown = page.part(answer)
        disclosure.open(page, head, subject=person)
        return JSONResponse(shown)

    return router


def _person(office: Office, about: Who) -> SubjectId | None:
    """Whom it is about; None for a reference that nobody has, which is how a new customer looks. Raises `NotFound`."""
    if about.reference is not None:
        return office.directory.person_by_reference(about.reference)
    return existing(office, SubjectId(about.person or ""))


def _advice(office: Office, person: SubjectId | None, contact: Asked) -> Advice:
    now = office.clock.now()
    baseline = office.policies.baseline.baseline
    asked = Question(
        direction=contact.direction,
        channel=contact.channel,
        at=contact.at or now,
        issue=contact.issue,
        purpose=contact.purpose,
    )
    try:
        cases = [] if person is None else [office.desk.case(case) for case in office.desk.cases_of(person)]
    except UNREADABLE:
        return case_cannot_be_read(baseline, now)
    return advise(cases, asked, baseline, now)


def _named(advice: Advice) -> tuple[StaffId, ...]:
    """Whom the answer speaks of: those who answer instead, and those whom an instruction calls the people named."""
    instead = advice.redirect_to.staff if advice.redirect_to else ()
    spoken_of = any(instruction == NAMED_CONTACT for instruction in advice.instructions)
    named = (staff for rests in advice.rests_on if spoken_of and rests.reaches for staff in rests.contact_staff)
    return tuple(dict.fromkeys((*instead, *named)))
