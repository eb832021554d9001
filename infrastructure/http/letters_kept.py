"""Letters of a case: prepared, listed with what became of them, and given as they are or went, on record first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from starlette.requests import Request

from application.letters import LetterAsked
from domain.calendar import DeliveryMethod
from domain.case_letters import Letter
from domain.codes import CaseId, LetterFormat, LetterTrouble, NoticeKind, StaffId
from domain.decisions.judgement import Id
from domain.events import LetterPrepared
from domain.personal import Erased
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.bodies import in_shape, read_json
from infrastructure.http.disclosure import READS_PERSONAL, Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.letters import PDF, TEXT, PreviewLetter, refuse_blanks
from infrastructure.http.problems import Problem
from infrastructure.http.requests import Conditions, conditions, key_of, written
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.letters.preparing import prepared
from infrastructure.tokens import Caller

LIST: Final = """Lists the letters of a case that were prepared here, in order, with what became of each.

Nothing in the list is personal. A letter that is `parked` waits for somebody, who sends `take-up-letter` or
`discard-letter`."""

SHOW: Final = """Gives a letter as it is, or as it went out; that it was read goes to the access log first.

As a PDF, or as plain text where `Accept` asks for that."""

State = Literal["prepared", "released", "parked", "sent", "discarded"]


class NewLetter(PreviewLetter):
    """Prepares a letter: writes it from the case as it stands and keeps it sealed. Nobody is told anything by it.

    `lacks` in the answer is what it could not be released without. Sent by `release-letter`, once every rule holds.
    """

    kind: NoticeKind
    """The kind of letter."""
    notice: Id | None = None
    """The notice that it is the letter of: one that was signed, or that came back and goes out again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    """A letter, and what became of it; `delivered` is what its carrier said, and no proof that anybody read it."""

    letter: str
    state: State
    kind: NoticeKind
    about: str
    notice: str | None
    format: LetterFormat
    language: str | None
    prepared_on: date
    prepared_by: StaffId
    released_on: date | None
    released_by: StaffId | None
    method: DeliveryMethod | None
    dispatch: str | None
    sent_on: date | None
    parked: LetterTrouble | None
    parked_on: date | None
    delivered: bool | None
    discarded_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LettersAnswer:
    """The letters of a case."""

    case: str
    version: int
    letters: tuple[LetterLine, ...]


def letter_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """Preparing letters, and looking at them."""
    router = APIRouter(tags=["Letters"])
    may_write, may_read, may_see = Depends(needs("record")), Depends(needs("read")), Depends(needs(READS_PERSONAL))
    told = documented.command(
        NewLetter,
        EXAMPLES["letters"],
        "record",
        problems.NOT_FOUND,
        problems.STALE,
        problems.ERASED,
        problems.LETTER_TEMPLATE,
        problems.LETTER_NOT_MADE,
    )

    @router.post("/v1/cases/{case}/letters", **told)
    def prepare_letter(
        case: str,
        request: Request,
        who: Caller = may_write,
        given: Conditions = Depends(conditions),
        asked: Asking = Depends(asking),
        body: bytes = Depends(read_json),
    ) -> JSONResponse:
        wanted = in_shape(NewLetter, body)
        refuse_blanks(wanted)
        office = service.office(who.landlord)
        found = office.desk.case(CaseId(case))
        letter = LetterAsked(
            case=CaseId(case),
            kind=wanted.kind,
            about=wanted.about,
            format=wanted.format,
            language=wanted.language,
            remarks=wanted.remarks,
            to_customer_address=wanted.with_address,
            translation=wanted.translation,
        )
        receipt = prepared(
            office,
            letter,
            wanted.notice,
            Disclosure(office, who, asked).access(found.position, case=case, subject=found.person),
            who.staff,
            if_match=given.if_match,
            request=key_of(office, who, given, request, body),
        )
        office.sweep_evidence()
        return written(receipt)

    @router.get("/v1/cases/{case}/letters", **documented.question(LIST, LettersAnswer, "read", problems.NOT_FOUND))
    def list_letters(case: str, who: Caller = may_read) -> JSONResponse:
        found = service.office(who.landlord).desk.case(CaseId(case))
        lines = tuple(_line(letter) for letter in found.letters)
        return JSONResponse(Page().part(LettersAnswer(case=found.id, version=found.version, letters=lines)))

    shown = documented.file(SHOW, [PDF, TEXT], READS_PERSONAL, problems.NOT_FOUND, problems.FILE_GONE)

    @router.get("/v1/cases/{case}/letters/{letter}", **shown)
    def show_letter(
        case: str, letter: str, request: Request, who: Caller = may_see, asked: Asking = Depends(asking)
    ) -> Response:
        office = service.office(who.landlord)
        found = office.desk.case(CaseId(case))
        wanted = next((one for one in found.letters if one.id == letter), None)
        if wanted is None:
            raise Problem(problems.NOT_FOUND, "This case has no letter of this id.")
        access = Disclosure(office, who, asked).access(found.position, case=case, subject=found.person)
        kinds = [kind.partition(";")[0].strip().lower() for kind in request.headers.get("accept", "").split(",")]
        if next((kind for kind in kinds if kind in (PDF, TEXT)), PDF) == TEXT:
            fact = next(
                event.fact
                for event in office.desk.history(CaseId(case))
                if isinstance(event.fact, LetterPrepared) and event.fact.letter == letter
            )
            text = office.reader.reveal_for(access, {f"{letter}.text": fact.text})[f"{letter}.text"]
            if isinstance(text, Erased):
                raise Problem(problems.FILE_GONE, "The words of this letter were destroyed.")
            return Response(text, media_type="text/plain; charset=utf-8")
        content = office.reader.file_for(access, f"{letter}.file", wanted.blob, wanted.digest)
        if content is None or isinstance(content, Erased):
            raise Problem(problems.FILE_GONE, "The bytes of this letter were destroyed.")
        return Response(content, media_type=PDF, headers={"Content-Disposition": f'inline; filename="{letter}.pdf"'})

    return router


def _line(letter: Letter) -> LetterLine:
    return LetterLine(
        letter=letter.id,
        state=_state(letter),
        kind=letter.kind,
        about=letter.about,
        notice=letter.notice,
        format=letter.format,
        language=letter.language,
        prepared_on=letter.prepared_on,
        prepared_by=letter.prepared_by,
        released_on=letter.released_on,
        released_by=letter.released_by,
        method=letter.method,
        dispatch=letter.dispatch,
        sent_on=letter.sent_on,
        parked=letter.parked if letter.stuck else None,
        parked_on=letter.parked_on if letter.stuck else None,
        delivered=letter.delivered,
        discarded_on=letter.discarded_on,
    )


def _state(letter: Letter) -> State:
    if letter.sent_on is not None:
        return "sent"
    if letter.discarded_on is not None:
        return "discarded"
    if letter.stuck:
        return "parked"
    return "released" if letter.released_on is not None else "prepared"
