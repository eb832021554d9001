"""A contact in one request: said whole, or confirmed by the id of the answer that was given before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from application.ports import KeyReused, PersonDetails, Receipt, ReferenceTaken, RequestKey
from domain.codes import CaseId, Channel, Direction, Purpose, SubjectId, SubjectKind
from domain.decisions.intake import ConfirmContact, LogContact
from domain.decisions.judgement import Command, Day, Id, Instant, Refused, impossible
from domain.personal import ContactText, Personal
from infrastructure.answer_ids import LONGEST, AnsweredQuestion, UnknownAnswer
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.commands import Sent, sent
from infrastructure.http.documented import Documented
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.people import Reference, writable
from infrastructure.http.problems import KEY_REUSED, Problem
from infrastructure.http.requests import Conditions, conditions, key_of, key_of_answer, repeatable, written
from infrastructure.http.service import Service
from infrastructure.office import Office
from infrastructure.tokens import Caller

AnswerId = Annotated[str, Field(pattern=rf"^[A-Za-z0-9_-]{{1,{LONGEST}}}$")]


class Contact(Command):
    """What can be said of a contact, in whosever case it is taken down."""

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

    @field_validator("channel", "summary")
    @classmethod
    def _said(cls, value: object, info: ValidationInfo) -> object:
        if value is None and info.data.get("answer_id", "out of shape") is None:
            raise PydanticCustomError("missing", "Field required")
        return value

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
            "direction": direction,
            "customer_initiated": wanted,
        }
        if answered.filed is None or self.filed_under is not None:
            return LogContact(**said)
        case, measure = answered.filed
        return ConfirmContact(**said, advised_in=case, advised=measure)


class TakeContact(Contact):
    """Takes down one contact: who, by which channel, when, and what happened.

    `reference` or `person` says who; a reference that the directory does not know yet is added to it; neither is an
    unknown caller, who gets an id of their own. The contact goes to the person's open case; where there is none, one
    is opened in state `logged`, outside the register and alerts, of this `kind` and `household`.

    The `answer_id` of advice that was asked within a day says all of this by itself: with it alone the contact is
    taken down in one step, and once, whatever Idempotency-Key it is sent with. What else is given counts before what
    was asked. What the answer said to file goes to the reader of that measure, in whose case it is taken down then;
    `filing` says so, or that the measure ended meanwhile and the contact is to be answered. Without an `answer_id`,
    `channel` and `summary` are needed.
    """

    reference: Reference | None = None
    """The landlord's own customer reference."""
    person: Id | None = None
    """The person's id in the directory."""
    kind: SubjectKind = SubjectKind.UNKNOWN
    household: Id | None = None

    @model_validator(mode="after")
    def _one_person(self) -> TakeContact:
        if self.reference is not None and self.person is not None:
            raise ValueError("name the person by reference or by person, not by both")
        return self


class TakeContactOfCase(Contact):
    """Takes down one communication in this case; channel, summary and the time are enough.

    `filed_under` names the measure by which it is filed without an answer, for its reader to read. The `answer_id` of
    advice about this customer, asked within a day, says all of this by itself, and once, as at `POST /v1/contacts`.
    """


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
ABOUT_ANOTHER: Final = "The answer was about somebody else; ask about this person, or leave the answer_id out."


ABOUT: Final = (problems.NOT_FOUND, problems.ERASED)


def contact_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """Taking contacts: of anybody, and in a case that stands in the path."""
    router = APIRouter()
    may_record = Depends(needs("record"))
    of_anybody, of_a_case = Depends(sent(TakeContact)), Depends(sent(TakeContactOfCase))

    @router.post(
        "/v1/contacts",
        tags=["Persons and contacts"],
        **documented.command(TakeContact, EXAMPLES["contacts"], "record", *ABOUT),
    )
    def take_contact(
        request: Request,
        who: Caller = may_record,
        given: Conditions = Depends(repeatable),
        command: Sent[TakeContact] = of_anybody,
    ) -> JSONResponse:
        office, says = service.office(who.landlord), command.says
        confirmed = _confirmed(office, who, given, request, command)
        answered, reference = confirmed.answered, says.reference
        if answered is not None and says.person is None and reference is None:
            reference = answered.reference
        return confirmed.once(
            lambda: office.desk.log_contact(
                _whose(office, says, answered, reference),
                confirmed.contact,
                who.staff,
                kind=says.kind,
                household=says.household,
                request=confirmed.key,
                enter=None if reference is None else lambda: _entered(office, reference),
            )
        )

    @router.post(
        "/v1/cases/{case}/log-contact",
        name="log-contact",
        tags=["Recording commands"],
        **documented.command(TakeContactOfCase, EXAMPLES["log-contact"], "record", *ABOUT, problems.STALE),
    )
    def take_contact_of_case(
        case: str,
        request: Request,
        who: Caller = may_record,
        given: Conditions = Depends(conditions),
        command: Sent[TakeContactOfCase] = of_a_case,
    ) -> JSONResponse:
        office = service.office(who.landlord)
        confirmed = _confirmed(office, who, given, request, command)

        def log() -> Receipt:
            if confirmed.answered is not None:
                _refuse_another(office, CaseId(case), confirmed.answered)
            return office.desk.execute(
                CaseId(case), confirmed.contact, who.staff, if_match=given.if_match, request=confirmed.key
            )

        return confirmed.once(log)

    return router


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """A contact as it is to be logged, the answer that it is confirmed by, and the key that makes it one."""

    office: Office
    answered: AnsweredQuestion | None
    contact: LogContact
    key: RequestKey | None

    def once(self, log: Callable[[], Receipt]) -> JSONResponse:
        """Log it, or give the first answer again. Raises `Problem` when the answer confirmed another contact."""
        if self.answered is None:
            return written(log())
        try:
            _refuse_if_old(self.office, self.answered, self.key)
            return written(log())
        except KeyReused:
            raise Problem(KEY_REUSED, CONFIRMED_OTHERWISE) from None


def _confirmed(office: Office, who: Caller, given: Conditions, request: Request, command: Sent[Any]) -> _Confirmed:
    """The contact that a body tells of. Raises `Refused` for an id that is none of this landlord's.

    An answer is to one contact, whoever confirms it and under whichever Idempotency-Key: its id is the key then.
    """
    says: Contact = command.says
    answered = None if says.answer_id is None else _answered(office, says.answer_id)
    key = key_of(office, who, given, request, command.body)
    if answered is not None:
        if key is not None:
            office.log.accepted(key)  # raises when the key was given to another request
        key = key_of_answer(office, answered.name, request, command.body)
    return _Confirmed(office, answered, says.contact(answered, office.clock.now()), key)


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
        raise Refused([impossible("answer_about_this_person", ABOUT_ANOTHER, "answer_id")])
    person = asked if named is None else named
    known = reference is not None and person is not None
    return person if known or person is None else writable(office, person)


def _refuse_another(office: Office, case: CaseId, answered: AnsweredQuestion) -> None:
    """An answer about somebody else confirms no contact of this case; one about a home alone says not who it was."""
    person = answered.person
    if answered.reference is not None:
        person = office.directory.person_by_reference(answered.reference)
    elif person is None:
        return
    if not _are_one(office, person, office.desk.case(case).person):
        raise Refused([impossible("answer_about_this_person", ABOUT_ANOTHER, "answer_id")])


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
