"""The commands: one route each, whose body is the command itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.requests import Request

from domain.codes import CaseId, StaffId, SubjectId
from domain.decisions import COMMANDS, LANDLORD_COMMANDS
from domain.decisions.appeals import LodgeAppeal
from domain.decisions.completing import CompleteImport
from domain.decisions.contact_points import SetContactPoint
from domain.decisions.entries import DecideEntryDisposal
from domain.decisions.intake import LogContact, OpenCase, RecordIncident
from domain.decisions.judgement import Command, DecidingCommand, impossible, judge
from domain.decisions.landlord import AppointPost, EndAbsence, RecordAbsence
from domain.decisions.people import AuthoriseRepresentative
from domain.decisions.retention import DecideDisposal, ErasePerson
from domain.decisions.subscribers import RegisterSubscriber
from domain.personal import Erased
from infrastructure.contact_points import set_point
from infrastructure.erasing import swept
from infrastructure.http.answers import LandlordWritten
from infrastructure.http.auth import Gate, Scope
from infrastructure.http.bodies import in_shape, read_json
from infrastructure.http.documented import Documented
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.problems import ERASED, NOT_FOUND, STALE
from infrastructure.http.requests import Conditions, conditions, key_of, repeatable, written
from infrastructure.http.service import Service
from infrastructure.office import Office
from infrastructure.tokens import Caller

M = TypeVar("M", bound=BaseModel)

# A case is opened where cases are, at /v1/cases: there is none yet that could stand in the path. A contact can be
# confirmed by the id of an answer, which is more than its command (`infrastructure.http.contacts`).
OF_A_CASE: Final = {name: kind for name, kind in COMMANDS.items() if kind not in (OpenCase, LogContact)}

# Fields that say by an id of the directory whom something is about, beside the person whose case it is.
WHOSE: Final[dict[type[Command], tuple[str, ...]]] = {
    AuthoriseRepresentative: ("person",),
    LodgeAppeal: ("by",),
    RecordIncident: ("conduct_of", "other_person"),
}


@dataclass(frozen=True, slots=True)
class Sent(Generic[M]):
    """A body as it came and what it says."""

    body: bytes
    says: M


def sent(kind: type[M]) -> Callable[[Request], Awaitable[Sent[M]]]:
    """The dependency that reads a body as `kind`."""

    async def read(request: Request) -> Sent[M]:
        body = await read_json(request)
        return Sent(body, in_shape(kind, body))

    return read


def scope_of(kind: type[Command]) -> str:
    """Which scope a command of a case takes."""
    return "decide" if issubclass(kind, DecidingCommand) else "record"


def scopes_of(kind: type[Command]) -> tuple[str, ...]:
    """Which scopes a command of the landlord takes, one of them; deputies, who decide at night, say who is absent."""
    if issubclass(kind, RecordAbsence | EndAbsence):
        return "administer", "decide"
    return ("decide",) if issubclass(kind, DecidingCommand) else ("administer",)


def command_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """One route for every command of the registry, of cases and of the landlord."""
    router = APIRouter()
    for name, kind in OF_A_CASE.items():
        scope = scope_of(kind)
        router.add_api_route(
            f"/v1/cases/{{case}}/{name}",
            _of_a_case(service, needs(scope), kind),
            methods=["POST"],
            name=name,
            tags=["Deciding commands" if scope == "decide" else "Recording commands"],
            **documented.command(kind, EXAMPLES[name], scope, NOT_FOUND, STALE, ERASED),
        )
    for name, landlord_kind in LANDLORD_COMMANDS.items():
        scopes = scopes_of(landlord_kind)
        router.add_api_route(
            f"/v1/landlord/{name}",
            _of_the_landlord(service, needs(*scopes), landlord_kind),
            methods=["POST"],
            name=name,
            tags=["The landlord's own commands"],
            **documented.command(landlord_kind, EXAMPLES[name], " or ".join(scopes), answer=LandlordWritten),
        )
    return router


def _of_a_case(service: Service, caller: Scope, kind: type[Any]) -> Callable[..., JSONResponse]:
    body = Depends(sent(kind))
    may_send = Depends(caller)

    def execute(
        case: str,
        request: Request,
        who: Caller = may_send,
        given: Conditions = Depends(conditions),
        command: Sent[Any] = body,
    ) -> JSONResponse:
        office = service.office(who.landlord)
        _known_persons(office, CaseId(case), command.says)
        key = key_of(office, who, given, request, command.body)
        receipt = office.desk.execute(CaseId(case), command.says, who.staff, if_match=given.if_match, request=key)
        if isinstance(command.says, DecideDisposal | ErasePerson):
            swept(office.landlord, office.erasures)  # what it cannot do just now is tried again by itself
        return written(receipt)

    return execute


def _of_the_landlord(service: Service, caller: Scope, kind: type[Any]) -> Callable[..., JSONResponse]:
    body = Depends(sent(kind))
    may_send = Depends(caller)

    def manage(
        request: Request,
        who: Caller = may_send,
        given: Conditions = Depends(repeatable),
        command: Sent[Any] = body,
    ) -> JSONResponse:
        office = service.office(who.landlord)
        if isinstance(command.says, AppointPost):
            _known_to_colleagues(office, command.says)
        if isinstance(command.says, RegisterSubscriber):
            _known_sign_in(office, command.says)
        key = key_of(office, who, given, request, command.body)
        if isinstance(command.says, SetContactPoint):
            return written(set_point(office, command.says, who.staff, key))
        receipt = office.desk.manage(command.says, who.staff, request=key)
        if isinstance(command.says, DecideEntryDisposal):
            swept(office.landlord, office.erasures)  # what it cannot do just now is tried again by itself
        return written(receipt)

    return manage


def _known_persons(office: Office, case: CaseId, command: Command) -> None:
    """What is said of a slip of the pen would be said of nobody, and give nobody a voice. Raises `Refused`."""
    unknown = []
    for field, named in _named(command):
        known = None if named is None else office.directory.person(named)
        if isinstance(known, Erased):
            asks = "This person was erased; nothing more can be written about them."
            unknown.append(impossible("already_erased", asks, field))
        elif named is not None and known is None and not office.desk.cases_of(named):
            unknown.append(impossible("unknown_person", "Nobody has this id; POST /v1/persons adds somebody.", field))
    if unknown:
        office.desk.case(case)  # whether there is such a case comes first
    judge(unknown)


def _named(command: Command) -> Iterator[tuple[str, SubjectId | None]]:
    """Whom a command names beside the person whose case it is, by the field that does."""
    yield from ((field, getattr(command, field)) for field in WHOSE.get(type(command), ()))
    if isinstance(command, CompleteImport):
        yield from (("measures", None if m.third_party is None else SubjectId(m.third_party)) for m in command.measures)


def _known_to_colleagues(office: Office, command: AppointPost) -> None:
    """A post goes to somebody who can sign in; a slip of the pen would give it to nobody. Raises `Refused`."""
    if office.directory.staff_name(StaffId(command.staff)) is None:
        asks = "The directory has no colleague of this id; `evenhand post appoint` brings in whoever is new."
        judge([impossible("unknown_colleague", asks, "staff")])


def _known_sign_in(office: Office, command: RegisterSubscriber) -> None:
    """A system follows by a sign-in that there is. Raises `Refused`."""
    if office.directory.staff_name(StaffId(command.signs_in)) is None:
        asks = "The directory has nobody of this id; `evenhand subscriber register` brings in a system that is new."
        judge([impossible("unknown_colleague", asks, "signs_in")])
