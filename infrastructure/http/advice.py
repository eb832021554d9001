"""May this contact proceed? Asked by whoever is about to answer, call or visit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from application.desk import NotFound
from domain.advice import Advice, advise, case_cannot_be_read
from domain.advice_words import NAMED_CONTACT, NUMBER_NOT_KNOWN
from domain.calendar import london_date
from domain.codes import Channel, Direction, PointKind, Purpose, StaffId, SubjectId
from domain.decisions.judgement import Id
from domain.handling import Question
from domain.landlord import Landlord
from domain.policy import Policy
from domain.surroundings import Surroundings
from infrastructure.advice_lookup import AskedAbout, Known
from infrastructure.http import problems
from infrastructure.http.answers import ReachedColleague
from infrastructure.http.auth import Gate
from infrastructure.http.disclosure import Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.parameters import Clean, InstantAsked, min_position
from infrastructure.http.problems import NOT_YET, Problem, misshapen
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.office import Office
from infrastructure.tokens import Caller

ADVICE: Final = """Says whether and how a contact may proceed: who takes it, what to ask first, what to say and heed.

Ask by customer, by home, or by both, of a contact that comes in or one that you are about to make. Emergencies are
always taken, and a contact whose purpose nobody knows is never turned away. Precautions, adjustments and safe ways go
with every answer; those of a home name nobody. `no_case`: nothing is recorded, proceed as with anybody. `not_known`:
the case cannot be read; take calls normally, say nothing about restrictions, ask the duty manager before visiting.
Part of an answer that cannot be given says `not_known`, which never means none. `may_end_call` is the most that may be
done should `call_ends` come about; nothing ends a call of itself. What is handled as `file_after_reading` goes to the
reader of `files_under`, once it is confirmed. Asking counts nothing: log the contact with this `answer_id`, within a
day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceAnswer(Advice):
    """What to do with one contact; `answer_id` alone logs it, once, at `POST /v1/contacts`."""

    answer_id: str
    person: str | None
    home: str | None
    position: int
    colleagues: tuple[ReachedColleague, ...]


@dataclass(frozen=True, slots=True)
class Who:
    """Whom or what is asked about: a person by id or by reference, a home, or both."""

    person: str | None
    reference: str | None
    home: str | None


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
    home: Annotated[Id | None, Query(description="The home that it is about, by its opaque id.")] = None,
) -> Who:
    """One person, a home, or both. Raises `Problem` for none, and for two persons."""
    if person is not None and reference is not None:
        raise misshapen([("person", "name the person by id or by reference, one of the two")])
    if reference is not None and not reference.strip():
        raise misshapen([("reference", "is blank")])
    if person is None and reference is None and home is None:
        raise misshapen([("person", "name the person by id or by reference, or the home, or person and home")])
    return Who(person, reference, home)


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
        known = office.advice.about(_asked_about(office, about))
        if known.head < position:
            raise Problem(NOT_YET, "The log has not come to that position.")
        if about.person is not None and not (known.entered or known.cases or known.unread):
            raise NotFound("nobody has this id")
        landlord = office.posts.at(known.landlord)
        now = office.clock.now()
        of_contact = Question(
            direction=contact.direction,
            channel=contact.channel,
            at=contact.at or now,
            issue=contact.issue,
            purpose=contact.purpose,
        )
        around = _around(office, known, about, of_contact.at, landlord)
        advice = _advice(office, known, of_contact, around, now)
        disclosure = Disclosure(office, who, asked, landlord)
        if disclosure.may_see:  # to others no number is shown, and theirs is no answer that could lack one
            advice = _missing_numbers_told(advice, office, landlord)
        page = Page()
        shown = page.part(advice)
        if not isinstance(shown, dict):
            raise TypeError("advice is an object")
        colleagues = disclosure.open_with_names(
            page, _named(advice), known.head, rung=_rung(advice), landlord=landlord, **_whose(known)
        )
        new = about.reference if known.person is None else None
        filed = None if advice.files_under is None else (advice.files_under.case, advice.files_under.measure)
        answer_id = office.answer_ids.seal(now, known.person, about.home, of_contact, new, filed)
        rest = {"answer_id": answer_id, "person": known.person, "home": about.home, "position": known.head}
        return JSONResponse({**shown, **rest, "colleagues": page.part(colleagues)})

    return router


def _asked_about(office: Office, about: Who) -> AskedAbout:
    return AskedAbout(
        person=None if about.person is None else SubjectId(about.person),
        reference=None if about.reference is None else office.directory.reference_hash(about.reference),
        home=about.home,
    )


def _around(office: Office, known: Known, about: Who, at: datetime, landlord: Landlord) -> Surroundings:
    return Surroundings(
        homes=frozenset(known.homes),
        at_home=tuple(known.at_home.values()),
        home_unread=known.home_unread,
        by_person=about.person is not None or about.reference is not None,
        policy=_policy(office, landlord, at),
        landlord=landlord,
    )


def _advice(office: Office, known: Known, contact: Question, around: Surroundings, now: datetime) -> Advice:
    """The answer from what is known; a reference that nobody has is how a new customer looks."""
    baseline = office.policies.baseline.baseline
    if known.unread:
        return case_cannot_be_read(contact, baseline, now, around)
    return advise(tuple(known.cases.values()), contact, baseline, now, around)


def _policy(office: Office, landlord: Landlord, at: datetime) -> Policy | None:
    """The policy of the day; None before the first, and then what law and regulators ask holds alone."""
    ref = landlord.policy_on(london_date(at))
    return None if ref is None else office.desk.policy_of(ref).policy


def _missing_numbers_told(advice: Advice, office: Office, landlord: Landlord) -> Advice:
    """The answer, saying so where a colleague is there now and no number of theirs is known: the domain sees none."""
    redirect = advice.redirect_to
    if redirect is None:
        return advice
    open_now = (one for one in redirect.reached if one.is_open and one.code in _rung(advice))
    if all(office.directory.staff_telephone(StaffId(one.code), landlord.version) for one in open_now):
        return advice
    return replace(advice, redirect_to=replace(redirect, notes=(*redirect.notes, NUMBER_NOT_KNOWN)))


def _whose(known: Known) -> dict[str, str | None]:
    """Of whom reading the answer is recorded: the customer, or for a home alone whoever its one warning is about."""
    if known.person is not None or len(known.at_home) != 1:
        return {"subject": known.person}
    [case] = known.at_home.values()
    return {"case": case.id, "subject": case.person}


def _named(advice: Advice) -> tuple[StaffId, ...]:
    """Whom the answer speaks of: those who answer instead, and those whom an instruction calls the people named."""
    redirect = advice.redirect_to
    reached = (*(redirect.reached if redirect else ()), *((advice.duty_manager,) if advice.duty_manager else ()))
    messages = (staff for one in reached for staff in one.message_staff)
    instead = (*((*redirect.staff, *redirect.away) if redirect else ()), *messages)
    spoken_of = any(instruction == NAMED_CONTACT for instruction in advice.instructions)
    named = (staff for rests in advice.rests_on if spoken_of and rests.reaches for staff in rests.contact_staff)
    reader = advice.files_under.reader if advice.files_under else None
    return tuple(dict.fromkeys((*instead, *named, *((reader,) if reader else ()))))


def _rung(advice: Advice) -> frozenset[StaffId]:
    """Whom the customer is sent to on a number of their own, if the directory has one."""
    reached = advice.redirect_to.reached if advice.redirect_to else ()
    own = (one for one in reached if one.of is PointKind.STAFF and one.through is None and one.hours)
    return frozenset(StaffId(one.code) for one in own)
