"""Preparing a letter: written from the case as it stands, its bytes kept sealed, and then taken down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from application.desk import TRIES, NotFound, Stale
from application.letters import Sheet
from application.ports import Conflict, KeyDestroyed, KeyReused
from application.stamping import shown_answer
from domain.decisions.judgement import Refused
from domain.decisions.letters import PrepareLetter
from domain.personal import KeyClass, Personal

if TYPE_CHECKING:
    from application.letters import Draft, LetterAsked
    from application.ports import Access, Kept, Receipt, RequestKey
    from domain.codes import StaffId
    from infrastructure.office import Office

PDF: Final = "application/pdf"
REFUSALS: Final = (Refused, Stale, NotFound, Conflict, KeyDestroyed, KeyReused)  # after which nothing was written


def prepared(
    office: Office,
    asked: LetterAsked,
    notice: str | None,
    access: Access,
    actor: StaffId,
    *,
    if_match: int | None = None,
    request: RequestKey | None = None,
) -> Receipt:
    """Write a letter of the case as it stands and take it down on exactly that version, anew when it has moved on.

    Raises as `Letters.draft` and `Desk.execute` do.
    """
    if request is not None and (known := office.log.accepted(request)):
        return shown_answer(known)  # nobody's words are read for a repeat
    for tried in range(1, TRIES + 1):
        version = office.desk.case(asked.case).version if if_match is None else if_match
        draft = office.letters.draft(asked, access)
        try:
            return _taken_down(office, asked, draft, notice, actor, version, request)
        except Stale:
            if if_match is not None or tried == TRIES:
                raise
    raise Conflict("others wrote to the case each time")


def _taken_down(
    office: Office,
    asked: LetterAsked,
    draft: Draft,
    notice: str | None,
    actor: StaffId,
    version: int,
    request: RequestKey | None,
) -> Receipt:
    """First the bytes, then the fact; bytes whose fact is refused, or was there already, go at once."""
    person = office.desk.case(asked.case).person
    kept = office.blobs.keep(person, asked.case, draft.pdf, KeyClass.NOTICE)
    named = False
    try:
        receipt = office.desk.execute(
            asked.case, _command(draft, notice, kept), actor, if_match=version, request=request
        )
        named = not receipt.repeated
    except Exception as error:
        # Whether an append that lost its connection was committed is not known: a sweep finds out.
        named = not isinstance(error, REFUSALS)
        raise
    finally:
        if not named:
            office.blobs.discard(kept.blob)
    return receipt


def _command(draft: Draft, notice: str | None, kept: Kept) -> PrepareLetter:
    if isinstance(draft.kind, Sheet):
        raise TypeError("an information sheet is no letter to the customer")
    return PrepareLetter(
        kind=draft.kind,
        about=draft.about,
        notice=notice,
        template=draft.template,
        template_sha256=draft.template_sha256,
        contents=draft.contents,
        enclosures=draft.enclosures,
        enclosed=tuple(one.sha256 for one in draft.enclosed),
        format=draft.format,
        language=draft.language,
        blob=kept.blob,
        digest=kept.digest,
        size=kept.size,
        media_type=PDF,
        text=Personal(draft.text),
    )
