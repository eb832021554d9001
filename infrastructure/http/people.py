"""Persons and their contacts: the directory's entries, opening a case, and a contact in one request."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from application.desk import NotFound
from application.ports import KeyReused, PersonDetails, ReferenceTaken, RequestKey
from domain.codes import Channel, Direction, Purpose, SubjectId, SubjectKind
from domain.decisions.intake import LogContact, OpenCase
from domain.decisions.judgement import Command, Day, Id, Instant, Refused, impossible
from domain.personal import ERASED, ContactText, Personal
from infrastructure.answer_ids import LONGEST, AnsweredQuestion, UnknownAnswer
from infrastructure.http import problems
from infrastructure.http.answers import PersonAnswer
from infrastructure.http.auth import Gate
from infrastructure.http.commands import Sent, sent
from infrastructure.http.disclosure import Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.parameters import Clean
from infrastructure.http.problems import KEY_REUSED, Problem
from infrastructure.http.requests import Conditions, key_of, key_of_answer, repeatable, written
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.office import Office
from infrastructure.tokens import Caller


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    return text


Detail = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_not_blank)]
Reference = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_not_blank)]


class AddPerson(BaseModel):
    """Adds a person to the directory: who they are, apart from everything that is recorded of them.

    The directory keeps no Idempotency-Key: after a lost answer, look the reference up before sending it again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    reference: Reference | None = None
    """The landlord's own customer reference, by which the person is found again."""
    name: Detail | None = None
    address: Detail | None = None
    telephone: Detail | None = None
    email: Detail | None = None

    @model_validator(mode="after")
    def _says_something(self) -> AddPerson:
        if not any(self.model_dump().values()):
            raise ValueError("an entry says something of the person: a reference, a name, an address, a number")
        return self


AnswerId = Annotated[str, Field(pattern=rf"^[A-Za-z0-9_-]{{1,{LONGEST}}}$")]


class TakeContact(Command):
    """Takes down one contact: who, by which channel, when, and what happened.

    `reference` or `person` says who; a reference that the directory does not know yet is added to it; neither is an
    unknown caller, who gets an id of their own. The contact goes to the person's open case; where there is none, one
    is opened in state `logged`, outside the register and alerts, of this `kind` and `household`.

    The `answer_id` of advice that was asked within a day says all of this by itself: with it alone the contact is
    taken down in one step, and once, for without an Idempotency-Key the answer_id is one. What else is given counts
    before what was asked. Without it, `channel` and `summary` are needed.
    """

    answer_id: AnswerId | None = None
    """The answer to `GET /v1/advice` about this very contact."""
    channel: Annotated[Channel | None, Field(validate_default=True)] = None
    summary: Annotated[ContactText | None, Field(validate_default=True)] = None
    happened_on: Day | None = None
    happened_at: Instant | None = None
    direction: Direction | None = None
    """Who began it; the customer unless said otherwise."""
    purpose: Purpose | None = None
    issue: Id | None = None
    completed: bool = True
    customer_initiated: bool | None = None
    """Whether the customer wanted it; so it is with what the customer began, unless said otherwise."""
    filed_under: Id | None = None
    """The measure under which it is filed without an answer, for its reader to read."""
    reference: Reference | None = None
    """The landlord's own customer reference."""
    person: Id | None = None
    """The person's id in the directory."""
    kind: SubjectKind = SubjectKind.UNKNOWN
    household: Id | None = None

    @field_validator("channel", "summary")
    @classmethod
    def _said(cls, value: object, info: ValidationInfo) -> object:
        if value is None and info.data.get("answer_id", "out of shape") is None:
            raise PydanticCustomError("missing", "Field required")
        return value

    @model_validator(mode="after")
    def _one_person(self) -> TakeContact:
        if self.reference is not None and self.person is not None:
            raise ValueError("name the person by reference or by person, not by both")
        return self

    def contact(self, answered: AnsweredQuestion | None, now: datetime) -> LogContact:
        """What there is to be logged of it, now."""
        said = {name: getattr(self, name) for name in _AS_SAID}
        if answered is None:
            direction = self.direction or Direction.INBOUND
            wanted = True if self.customer_initiated is None else self.customer_initiated
            return LogContact(**said, direction=direction, customer_initiated=wanted)
        asked = answered.question
        direction = self.direction or asked.direction
        wanted = direction is Direction.INBOUND if self.customer_initiated is None else self.customer_initiated
        when = self.happened_at if self.happened_at or self.happened_on or self.on else min(asked.at, now)
        said |= {
            "channel": self.channel or asked.channel,
            "summary": self.summary if self.summary is not None else Personal(NOTHING_NOTED),
            "purpose": self.purpose or asked.purpose,
            "issue": self.issue or asked.issue,
            "happened_at": when,
            "answer_id": answered.name,
        }
        return LogContact(**said, direction=direction, customer_initiated=wanted)


_AS_SAID: Final = (
    "on",
    "channel",
    "summary",
    "happened_on",
    "happened_at",
    "purpose",
    "issue",
    "completed",
    "filed_under",
)
CONFIRMED_OTHERWISE: Final = (
    "A contact was taken down with this answer_id already, and this request says something else of it. Put that "
    "contact right with correct-contact; for another contact ask again."
)
NOTHING_NOTED: Final = "Taken as advised; nothing more was noted."


class StartCase(Command):
    """Opens a case for a person of the directory who has none open."""

    person: Id
    kind: SubjectKind = SubjectKind.UNKNOWN
    household: Id | None = None


ABOUT: Final = (problems.NOT_FOUND, problems.ERASED)


def people_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """Adding and finding persons, opening cases, taking contacts."""
    router = APIRouter(tags=["Persons and contacts"])
    may_read = Depends(needs("read"))
    may_record = Depends(needs("record"))
    a_contact, a_start, an_entry = Depends(sent(TakeContact)), Depends(sent(StartCase)), Depends(sent(AddPerson))

    @router.post("/v1/contacts", **documented.command(TakeContact, EXAMPLES["contacts"], "record", *ABOUT))
    def take_contact(
        request: Request,
        who: Caller = may_record,
        given: Conditions = Depends(repeatable),
        command: Sent[TakeContact] = a_contact,
    ) -> JSONResponse:
        office, says = service.office(who.landlord), command.says
        answered = None if says.answer_id is None else _answered(office, says.answer_id)
        contact = says.contact(answered, office.clock.now())
        key = key_of(office, who, given, request, command.body)
        if answered is not None:
            key = key or key_of_answer(office, answered.name, request, command.body)
        reference = says.reference
        if answered is not None and says.person is None and reference is None:
            reference = answered.reference
        try:
            if answered is not None:
                _refuse_if_old(office, answered, key)
            receipt = office.desk.log_contact(
                _whose(office, says, answered, reference),
                contact,
                who.staff,
                kind=says.kind,
                household=says.household,
                request=key,
                enter=None if reference is None else lambda: _entered(office, reference),
            )
        except KeyReused:
            if answered is None or given.idempotency_key is not None:
                raise
            raise Problem(KEY_REUSED, CONFIRMED_OTHERWISE) from None
        return written(receipt)

    @router.post("/v1/cases", **documented.command(StartCase, EXAMPLES["cases"], "record", *ABOUT))
    def start_case(
        request: Request,
        who: Caller = may_record,
        given: Conditions = Depends(repeatable),
        command: Sent[StartCase] = a_start,
    ) -> JSONResponse:
        office, says = service.office(who.landlord), command.says
        key = key_of(office, who, given, request, command.body)
        person = _known(office, SubjectId(says.person))
        opening = OpenCase(on=says.on, person=person, kind=says.kind, household=says.household)
        return written(office.desk.open_case(person, opening, who.staff, request=key))

    @router.post(
        "/v1/persons",
        **documented.entry(AddPerson, EXAMPLES["persons"], "record", problems.REFERENCE_TAKEN, answer=PersonAnswer),
    )
    def add_person(who: Caller = may_record, command: Sent[AddPerson] = an_entry) -> JSONResponse:
        office = service.office(who.landlord)
        try:
            person = office.directory.add_person(PersonDetails(**command.says.model_dump()))
        except ReferenceTaken:
            raise Problem(problems.REFERENCE_TAKEN, "Another person has this customer reference.") from None
        answer = PersonAnswer(person=person, kept=person, state="withheld")
        return JSONResponse(Page().part(answer), 201, {"Location": f"/v1/persons/{person}"})

    finding = "Finds the person with a customer reference, and their cases."

    @router.get("/v1/persons", **documented.question(finding, PersonAnswer, "read", problems.NOT_FOUND))
    def look_up_person(
        reference: Annotated[
            str, Query(min_length=1, max_length=100, description="The landlord's own customer reference."), Clean
        ],
        who: Caller = may_read,
        asked: Asking = Depends(asking),
    ) -> JSONResponse:
        office = service.office(who.landlord)
        person = office.directory.person_by_reference(reference)
        if person is None:
            raise NotFound("nobody has this reference")
        return _shown(Disclosure(office, who, asked), person)

    showing = "Says who a person is, and which cases they have."

    @router.get("/v1/persons/{person}", **documented.question(showing, PersonAnswer, "read", problems.NOT_FOUND))
    def show_person(
        person: str,
        who: Caller = may_read,
        asked: Asking = Depends(asking),
    ) -> JSONResponse:
        office = service.office(who.landlord)
        return _shown(Disclosure(office, who, asked), existing(office, SubjectId(person)))

    return router


def _answered(office: Office, answer_id: str) -> AnsweredQuestion:
    """What was asked. Raises `Refused` for an id that is none of this landlord's."""
    try:
        return office.answer_ids.open(answer_id)
    except UnknownAnswer:
        asks = "This landlord gave no answer of this id; ask again, or say what the contact was without it."
        raise Refused([impossible("answer_known", asks, "answer_id")]) from None


def _refuse_if_old(office: Office, answered: AnsweredQuestion, key: RequestKey | None) -> None:
    """An answer of yesterday confirms no contact of today, but for one that was confirmed then and is repeated."""
    if not answered.is_good_at(office.clock.now()) and (key is None or office.log.accepted(key) is None):
        asks = "The answer is more than a day old; ask again, or say what the contact was without it."
        raise Refused([impossible("answer_of_the_day", asks, "answer_id")])


def _whose(
    office: Office, says: TakeContact, answered: AnsweredQuestion | None, reference: str | None
) -> SubjectId | None:
    """Whose contact it is, None for somebody whom the directory does not have. Raises `Refused` for two people.

    Two records that were merged are one person.
    """
    asked = None if answered is None else answered.person
    if says.person is not None:
        named: SubjectId | None = SubjectId(says.person)
    else:
        named = None if reference is None else office.directory.person_by_reference(reference)
    if asked is not None and (says.person or reference) and not _are_one(office, named, asked):
        asks = "The answer was about somebody else; ask about this person, or leave the answer_id out."
        raise Refused([impossible("answer_about_this_person", asks, "answer_id")])
    person = asked if named is None else named
    known = reference is not None and person is not None
    return person if known or person is None else _known(office, person)


def _are_one(office: Office, named: SubjectId | None, asked: SubjectId) -> bool:
    return named is not None and (named == asked or office.desk.kept_record(named) == office.desk.kept_record(asked))


def _entered(office: Office, reference: str) -> SubjectId:
    """The person with a reference, added to the directory when new.

    An entry stays once it is made: a colleague may be writing under it already, and what is written about somebody
    whose entry is taken back could be read by nobody.
    """
    while (found := office.directory.person_by_reference(reference)) is None:
        try:
            return office.directory.add_person(PersonDetails(reference=reference))
        except ReferenceTaken:  # by somebody who was faster
            continue
    return found


def existing(office: Office, person: SubjectId) -> SubjectId:
    """The person, when the landlord knows them: from the directory, or by a case. Raises `NotFound`."""
    if office.directory.person(person) is None and not office.desk.cases_of(person):
        raise NotFound("nobody has this id")
    return person


def _known(office: Office, person: SubjectId) -> SubjectId:
    """The person, when something can be written about them. Raises `NotFound`, and `Problem` for an erased one."""
    if office.directory.person(person) is ERASED:
        raise Problem(problems.ERASED, "The person was erased; nothing more can be written about them.")
    return existing(office, person)


def _shown(disclosure: Disclosure, person: SubjectId) -> JSONResponse:
    office = disclosure.office
    kept = office.desk.kept_record(person)
    cases, open_case = tuple(office.desk.cases_of(person)), office.desk.open_case_of(kept)
    details: dict[str, Any] = disclosure.person(person, office.recorder.head().position)
    answer = PersonAnswer(person=person, kept=kept, open_case=open_case, cases=cases, **details)
    return JSONResponse(Page().part(answer))
