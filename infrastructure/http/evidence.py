"""Evidence files: one sent with what it shows, and given again to whoever may see it, on record first."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import JSONResponse, Response
from starlette.requests import ClientDisconnect, Request

from application.desk import NotFound, Stale
from application.ports import Conflict, KeyDestroyed, KeyReused, Receipt, RequestKey
from domain.codes import CaseId
from domain.decisions.intake import AttachEvidence, AttachFile
from domain.decisions.judgement import Refused
from domain.events import EvidenceAttached
from domain.personal import ERASED, Erased
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.bodies import in_shape
from infrastructure.http.disclosure import READS_PERSONAL, Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.parameters import DayAsked
from infrastructure.http.problems import (
    BAD_HEADER,
    EVIDENCE_TYPE,
    FILE_GONE,
    NOT_FOUND,
    NOT_JSON,
    STALE,
    TOO_LARGE,
    Problem,
)
from infrastructure.http.requests import Conditions, conditions, written
from infrastructure.http.service import Service
from infrastructure.log import request_key
from infrastructure.media_types import MEDIA_TYPES, extension_of
from infrastructure.office import Office
from infrastructure.tokens import Caller

LONGEST_DESCRIPTION: Final = 12_000  # characters of the header, percent-encoded; all headers together have 64 KiB
REFUSALS: Final = (Refused, Stale, NotFound, Conflict, KeyDestroyed, KeyReused)  # after which nothing was written
SWALLOWED: Final = 4  # times the largest file that is read to its end before it is refused, so that the answer arrives

ATTACH: Final = """Attaches an evidence file to a contact or an incident.

The body is the file itself; `Content-Type` says what it is. The bytes are sealed under the person's key and durable
before the case says that they are there; erasing the person destroys them."""

SHOW: Final = """Gives an evidence file as it was sent; that it was read goes to the access log first.

A file that was moved with its entry to another person's case is given there. Here the data protection officer alone
gets it for a day or so; then its bytes are there only."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was sent."""

    media_type: str
    content: bytes


def received(service: Service) -> Callable[[Request], Awaitable[File]]:
    """The dependency that reads a file of a type and size that are taken."""

    async def read(request: Request) -> File:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        kind = MEDIA_TYPES.get(media_type)
        if kind is None or request.headers.get("content-encoding", "identity").lower() != "identity":
            raise Problem(
                EVIDENCE_TYPE, f"These are taken, without a content coding: {', '.join(sorted(MEDIA_TYPES))}."
            )
        content = await _bounded(request, service.evidence_bytes)
        if not content:
            raise Problem(EVIDENCE_TYPE, "The file is empty.")
        if not kind.looks_right(content):
            raise Problem(EVIDENCE_TYPE, f"The file does not begin as one of type {media_type} does.")
        return File(media_type, content)

    return read


async def _bounded(request: Request, largest: int) -> bytes:
    """All bytes of the body. Raises `Problem` when there are too many: 413."""
    content = bytearray()
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= largest:
                content += chunk
            elif size > SWALLOWED * largest:
                break
    except ClientDisconnect as gone:
        raise Problem(NOT_JSON, "The body ended before its announced end.") from gone
    if size > largest:
        raise Problem(TOO_LARGE, f"An evidence file has at most {largest} bytes here.")
    return bytes(content)


def evidence_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """Sending a file, and getting it again."""
    router = APIRouter(tags=["Evidence files"])
    may_send, may_see = Depends(needs("record")), Depends(needs(READS_PERSONAL))
    a_file, what_it_shows = Depends(received(service)), Depends(words)
    told = documented.upload(ATTACH, sorted(MEDIA_TYPES), "record", NOT_FOUND, STALE, problems.ERASED, EVIDENCE_TYPE)

    @router.post("/v1/cases/{case}/evidence", **told)
    def attach_file(
        case: str,
        request: Request,
        who: Caller = may_send,
        given: Conditions = Depends(conditions),
        command: AttachEvidence = what_it_shows,
        file: File = a_file,
    ) -> JSONResponse:
        office = service.office(who.landlord)
        key = _key_of(office, who, given, request, command, file)
        receipt = _attached(office, CaseId(case), command, file, who, given.if_match, key)
        office.sweep_evidence()
        return written(receipt)

    given_again = documented.file(SHOW, sorted(MEDIA_TYPES), READS_PERSONAL, NOT_FOUND, FILE_GONE)

    @router.get("/v1/cases/{case}/evidence/{evidence}", **given_again)
    def show_file(case: str, evidence: str, who: Caller = may_see, asked: Asking = Depends(asking)) -> Response:
        office = service.office(who.landlord)
        disclosure = Disclosure(office, who, asked)
        fact = _file_of(disclosure, CaseId(case), evidence)
        found = office.desk.case(CaseId(case))
        access = disclosure.access(found.position, case=case, subject=found.person)
        content = office.reader.file_for(access, f"{evidence}.file", fact.blob or "", fact.digest or "")
        if content is None or isinstance(content, Erased):
            raise Problem(FILE_GONE, "The bytes of this file were destroyed.")
        name = f"{evidence}.{extension_of(fact.media_type)}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=fact.media_type, headers=headers)

    return router


async def words(
    of: Annotated[str, Query(max_length=80, description="The contact or incident that it shows.")],
    kind: Annotated[str, Query(max_length=80, description="What it is, as a code: `recording`, `letter`, …")],
    description: Annotated[
        str,
        Header(
            alias="Evenhand-Description",
            max_length=LONGEST_DESCRIPTION,
            description="What it shows, in words: UTF-8, percent-encoded as in RFC 3986.",
            examples=["Recording%20of%20the%20call%20of%202%20March"],
        ),
    ],
    on: Annotated[DayAsked | None, Query(description="The day on which it was attached, if not today.")] = None,
) -> AttachEvidence:
    """What is said of the file. Raises `Problem` with every field at fault."""
    try:
        if not description.isascii():  # as which encoding the bytes were meant, nobody knows
            raise Problem(BAD_HEADER, "Evenhand-Description takes percent-encoded UTF-8.")
        said = unquote(description, errors="strict")
    except UnicodeDecodeError:
        raise Problem(BAD_HEADER, "Evenhand-Description takes percent-encoded UTF-8.") from None
    told = {"of": of, "kind": kind, "description": said, "on": None if on is None else on.isoformat()}
    return in_shape(AttachEvidence, json.dumps(told).encode())


def _key_of(
    office: Office, who: Caller, given: Conditions, request: Request, command: AttachEvidence, file: File
) -> RequestKey | None:
    """The key under which the answer is kept: of this caller, for this address, these words and these bytes."""
    if given.idempotency_key is None:
        return None
    said = [request.url.path, command.of, command.kind, command.description.content(), str(command.on), file.media_type]
    return request_key(office.keys, who.staff, given.idempotency_key, f"{json.dumps(said)}\n".encode() + file.content)


def _attached(
    office: Office,
    case: CaseId,
    command: AttachEvidence,
    file: File,
    who: Caller,
    if_match: int | None,
    key: RequestKey | None,
) -> Receipt:
    """First the bytes, then the fact; bytes whose fact is refused, or was there already, go at once."""
    person = office.desk.case(case).person
    kept = office.blobs.keep(person, case, file.content)
    said = {name: getattr(command, name) for name in AttachEvidence.model_fields}
    attaching = AttachFile(**said, blob=kept.blob, digest=kept.digest, size=kept.size, media_type=file.media_type)
    named = False
    try:
        receipt = office.desk.execute(case, attaching, who.staff, if_match=if_match, request=key)
        named = not receipt.repeated
    except Exception as error:
        # Whether an append that lost its connection was committed is not known: a sweep finds out.
        named = not isinstance(error, REFUSALS)
        raise
    finally:
        if not named:
            office.blobs.discard(kept.blob)
    return receipt


def _file_of(disclosure: Disclosure, case: CaseId, evidence: str) -> EvidenceAttached:
    """The fact that names the file. Raises `NotFound`, also for one that is hidden from this caller."""
    office = disclosure.office
    moved = {event: moved.to_person for moved in office.desk.case(case).moved for event in moved.hidden}
    for event in office.desk.history(case):
        fact = event.fact
        if isinstance(fact, EvidenceAttached) and fact.evidence == evidence and fact.blob is not None:
            whose = moved.get(event.event_id)
            if whose is None or (disclosure.is_protection_officer() and office.directory.person(whose) is not ERASED):
                return fact
    raise NotFound("this case has no file of this id")
