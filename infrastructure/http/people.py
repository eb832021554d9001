"""Persons: the directory's entries, and opening a case for one."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from starlette.requests import Request

from application.desk import NotFound
from application.ports import PersonDetails, ReferenceTaken
from domain.codes import SubjectId, SubjectKind
from domain.decisions.intake import OpenCase
from domain.decisions.judgement import Command, Id
from domain.personal import ERASED
from infrastructure.http import problems
from infrastructure.http.answers import PersonAnswer
from infrastructure.http.auth import Gate
from infrastructure.http.commands import Sent, sent
from infrastructure.http.disclosure import Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.parameters import Clean
from infrastructure.http.problems import Problem
from infrastructure.http.requests import Conditions, key_of, repeatable, written
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


def _without_defaults(schema: dict[str, Any]) -> None:
    """A field that is left out is not null: a client that filled in what the document gives would take it away."""
    for field in schema["properties"].values():
        field.pop("default", None)


class ChangePerson(BaseModel):
    """Changes what the directory knows of a person: what the body names, and nothing else; null takes it away.

    The same body sent again changes nothing more, so it takes no Idempotency-Key. Who changed which fields goes to the
    access log as `change.address` and the like, never what they say. Letters that were prepared before stay as they
    are. Where the answer's `kept` is another person, letters go by that one's entry.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, json_schema_extra=_without_defaults
    )

    reference: Reference | None = None
    """The landlord's own customer reference; the one before it leads to nobody any more."""
    name: Detail | None = None
    address: Detail | None = None
    telephone: Detail | None = None
    email: Detail | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> ChangePerson:
        if not self.model_fields_set:
            raise ValueError("names what changes: reference, name, address, telephone or email")
        return self


class StartCase(Command):
    """Opens a case for a person of the directory who has none open."""

    person: Id
    kind: SubjectKind = SubjectKind.UNKNOWN
    household: Id | None = None


ABOUT: Final = (problems.NOT_FOUND, problems.ERASED)


def people_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """Adding, finding and changing persons, opening cases."""
    router = APIRouter(tags=["Persons and contacts"])
    may_read = Depends(needs("read"))
    may_record = Depends(needs("record"))
    a_start, an_entry, a_change = Depends(sent(StartCase)), Depends(sent(AddPerson)), Depends(sent(ChangePerson))

    @router.post("/v1/cases", **documented.command(StartCase, EXAMPLES["cases"], "record", *ABOUT))
    def start_case(
        request: Request,
        who: Caller = may_record,
        given: Conditions = Depends(repeatable),
        command: Sent[StartCase] = a_start,
    ) -> JSONResponse:
        office, says = service.office(who.landlord), command.says
        key = key_of(office, who, given, request, command.body)
        person = writable(office, SubjectId(says.person))
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

    @router.patch(
        "/v1/persons/{person}",
        **documented.entry(
            ChangePerson,
            EXAMPLES["change-person"],
            "record",
            *ABOUT,
            problems.REFERENCE_TAKEN,
            answer=PersonAnswer,
            status=200,
        ),
    )
    def change_person(
        person: str,
        who: Caller = may_record,
        asked: Asking = Depends(asking),
        command: Sent[ChangePerson] = a_change,
    ) -> JSONResponse:
        office = service.office(who.landlord)
        subject, changes = writable(office, SubjectId(person)), command.says.model_dump(exclude_unset=True)
        disclosure = Disclosure(office, who, asked)
        access = disclosure.access(office.recorder.head().position, subject=subject)
        try:
            if office.directory.change_person(subject, changes, access) is None:
                raise NotFound("the directory has no entry of this id")
        except ReferenceTaken:
            raise Problem(problems.REFERENCE_TAKEN, "Another person has this customer reference.") from None
        return _shown(disclosure, subject)

    return router


def existing(office: Office, person: SubjectId) -> SubjectId:
    """The person, when the landlord knows them: from the directory, or by a case. Raises `NotFound`."""
    if office.directory.person(person) is None and not office.desk.cases_of(person):
        raise NotFound("nobody has this id")
    return person


def writable(office: Office, person: SubjectId) -> SubjectId:
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
