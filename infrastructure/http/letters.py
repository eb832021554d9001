"""A letter as it would go out today, to be looked at before anything is prepared; nothing of it is kept."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from application.letters import (
    Draft,
    LetterAsked,
    NoTemplate,
    NothingToWriteAbout,
    NotTypeset,
    Sheet,
    TemplateBroken,
    WordsGone,
)
from domain.codes import CaseId, LetterFormat, NoticeKind
from domain.decisions.judgement import Id, impossible
from domain.personal import LONGEST_TEXT
from infrastructure.http import problems
from infrastructure.http.auth import Gate
from infrastructure.http.bodies import in_shape, read_json
from infrastructure.http.disclosure import READS_PERSONAL, Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.examples import EXAMPLES
from infrastructure.http.problems import Problem, answer, misshapen
from infrastructure.http.service import Service
from infrastructure.http.showing import Page
from infrastructure.letters.shelf import LANGUAGE
from infrastructure.office import Office
from infrastructure.tokens import Caller

PDF: Final = "application/pdf"
TEXT: Final = "text/plain"
JSON: Final = "application/json"
LONGEST_REMARKS: Final = 4_000  # characters; what is longer is a letter of its own


class PreviewLetter(BaseModel):
    """Writes a letter as it would go out today, for somebody to look at; nothing is kept, and nothing goes out.

    Answers with a PDF, with plain text, or with JSON that says what the letter says and lacks, as `Accept` asks. That
    its personal values were read goes to the access log first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    kind: NoticeKind | Sheet
    """The kind of letter, or of information sheet."""
    about: Id
    """What it is about: the id of a warning, restriction, change, review, appeal, breach, complaint or measure."""
    format: LetterFormat | None = None
    """The form; unless given, the one that was agreed with the customer as an adjustment, or else `standard`."""
    language: Annotated[str, Field(pattern=f"^{LANGUAGE.pattern}$", max_length=35)] | None = None
    """A BCP 47 tag, for a translation that the landlord has a template for."""
    remarks: Annotated[str, Field(min_length=1, max_length=LONGEST_REMARKS)] | None = None
    """What the sender adds in their own words."""
    translation: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)] | None = None
    """The whole letter in that language, by a translator: its subject, then paragraphs; a heading begins with #."""
    with_address: bool = True
    """Whether the customer's address goes on it; never where a safe-contact instruction keeps post away."""


class PreviewAnswer(BaseModel):
    """A letter as it would go out: its words, the contents that it says, and what policy or baseline still miss."""

    template: str
    template_sha256: str
    format: LetterFormat
    contents: tuple[str, ...]
    enclosures: tuple[str, ...]
    lacks: tuple[str, ...]
    not_enclosed: tuple[str, ...]
    text: str


def letter_preview_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """Looking at a letter."""
    router = APIRouter(tags=["Letters"])
    may_see = Depends(needs(READS_PERSONAL))
    told = documented.entry(
        PreviewLetter,
        EXAMPLES["preview"],
        READS_PERSONAL,
        problems.NOT_FOUND,
        problems.REFUSED,
        problems.ERASED,
        problems.LETTER_TEMPLATE,
        problems.LETTER_NOT_MADE,
        answer=PreviewAnswer,
        status=200,
    )
    binary = {PDF: {"schema": {"type": "string", "format": "binary"}}, TEXT: {"schema": {"type": "string"}}}
    told["responses"][200]["content"] = {**told["responses"][200]["content"], **binary}

    @router.post("/v1/cases/{case}/letters/preview", **told)
    def preview_letter(
        case: str,
        request: Request,
        who: Caller = may_see,
        asked: Asking = Depends(asking),
        body: bytes = Depends(read_json),
    ) -> Response:
        wanted = in_shape(PreviewLetter, body)
        refuse_blanks(wanted)
        office = service.office(who.landlord)
        found = office.desk.case(CaseId(case))
        access = Disclosure(office, who, asked).access(found.position, case=case, subject=found.person)
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
        return _as_asked(office.letters.draft(letter, access), office, request.headers.get("accept", ""))

    return router


def refuse_blanks(wanted: PreviewLetter) -> None:
    """Raises `Problem` for words that say nothing, and for a translation into nobody knows which language."""
    said = {"remarks": wanted.remarks, "translation": wanted.translation}
    errors = [(name, "is blank") for name, words in said.items() if words is not None and not words.strip()]
    if wanted.translation and wanted.translation.strip() and len(wanted.translation.strip().splitlines()) == 1:
        errors.append(("translation", "has a subject and no words below it"))
    if wanted.translation is not None and wanted.language is None:
        errors.append(("language", "is needed with a translation"))
    if errors:
        raise misshapen(errors)


def _as_asked(draft: Draft, office: Office, accept: str) -> Response:
    """As the first of the three forms that the caller names; a PDF where none is named."""
    asked = [kind.partition(";")[0].strip().lower() for kind in accept.split(",")]
    form = next((kind for kind in asked if kind in (PDF, TEXT, JSON)), PDF)
    if form == TEXT:
        return Response(draft.text, media_type="text/plain; charset=utf-8")
    if form == PDF:
        name = f"{draft.template}-preview.pdf"
        return Response(draft.pdf, media_type=PDF, headers={"Content-Disposition": f'inline; filename="{name}"'})
    lacks, not_enclosed = office.letters.lacking(draft)
    told = PreviewAnswer(
        template=draft.template,
        template_sha256=draft.template_sha256,
        format=draft.format,
        contents=draft.contents,
        enclosures=draft.enclosures,
        lacks=lacks,
        not_enclosed=not_enclosed,
        text=draft.text,
    )
    return JSONResponse(told.model_dump(mode="json"))


def answer_letter_errors(app: FastAPI) -> None:
    """One problem for everything for which no letter is written, whichever route asked for it."""

    @app.exception_handler(NothingToWriteAbout)
    def nothing(_: Request, error: NothingToWriteAbout) -> JSONResponse:
        found = impossible("unknown_subject", str(error), "about")
        return answer(Problem(problems.REFUSED, "One rule stands in the way.", {"violations": Page().part((found,))}))

    @app.exception_handler(TemplateBroken)
    @app.exception_handler(NoTemplate)
    def template(_: Request, error: TemplateBroken | NoTemplate) -> JSONResponse:
        return answer(Problem(problems.LETTER_TEMPLATE, "; ".join(str(error).splitlines())))

    @app.exception_handler(WordsGone)
    def gone(_: Request, __: WordsGone) -> JSONResponse:
        return answer(Problem(problems.ERASED, "Whom the letter would go to was erased."))

    @app.exception_handler(NotTypeset)
    def not_made(_: Request, error: NotTypeset) -> JSONResponse:
        return answer(Problem(problems.LETTER_NOT_MADE, str(error)))
