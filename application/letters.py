"""Letters as documents: what is asked for, what is written for it, and who writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from application.ports import Access
from domain.codes import CaseId, LetterFormat, NoticeKind
from domain.letter_parts import NothingToWriteAbout
from domain.letters import Sheet

__all__ = [
    "Draft",
    "Enclosure",
    "LetterAsked",
    "Letters",
    "NoTemplate",
    "NotTypeset",
    "NothingToWriteAbout",
    "Sheet",
    "TemplateBroken",
    "WordsGone",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterAsked:
    """A letter that is to be written: of which kind, about what in the case, and in which form.

    Without a `format` it comes in the one that was agreed with the customer. `remarks` is what the sender adds in words
    of their own; it goes where the template has a place for it. `language` is a BCP 47 tag when a translation is
    wanted. `to_customer_address` says whether the address that the directory has goes on it; without it the letter
    bears the name alone. `translation` is the whole letter in that language, by a translator who had the English one
    before them: it takes the place of the template's words, and says what those say.
    """

    case: CaseId
    kind: NoticeKind | Sheet
    about: str
    format: LetterFormat | None = None
    language: str | None = None
    remarks: str | None = None
    to_customer_address: bool = True
    translation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # a log line must not spell out a letter
class Enclosure:
    """Something that goes with a letter: its code in the policy's notice, and the file that it is."""

    code: str
    name: str  # of the file, as the customer sees it
    media_type: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Draft:
    """A letter as written. `contents` are the codes of what it says, of policy and baseline, in one order.

    `enclosures` are the codes of what really goes with it, `enclosed` the files; what the policy wants and nobody
    supplied is in neither. `pdf` is there in every format: for braille and audio it is what a printer or reader works
    from. The same draft gives the same bytes.
    """

    kind: NoticeKind | Sheet
    about: str
    contents: tuple[str, ...]
    enclosures: tuple[str, ...]
    text: str
    pdf: bytes
    template: str  # code of the template: the kind, or a variant of it such as `decision_interim`
    template_sha256: str
    format: LetterFormat
    language: str | None
    enclosed: tuple[Enclosure, ...] = field(default=())


class TemplateBroken(Exception):
    """Templates that cannot be used; `problems` are lines of "file: part: what is wrong"."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class NoTemplate(LookupError):
    """There is no template for this kind in this language; the message says which there are."""


class WordsGone(Exception):
    """What the letter would say was erased, or the case is about somebody whose keys are gone."""


class NotTypeset(Exception):
    """The document could not be made within its time or size; nothing of it was kept."""


class Letters(Protocol):
    """Whoever writes one landlord's letters. Writing one changes nothing; it takes part of a second."""

    def draft(self, asked: LetterAsked, access: Access) -> Draft:
        """The letter as it would go out today, its personal values read under `access`, on record first.

        Raises `NotFound` for an unknown case, `NothingToWriteAbout`, `NoTemplate`, `TemplateBroken`, `WordsGone`,
        `NotTypeset`, and whatever the access log raises.
        """
        ...

    def enclosure(self, case: CaseId, code: str) -> Enclosure | None:
        """The file that goes with letters of this case under that code, None when nobody supplied it."""
        ...

    def templates(self) -> Mapping[str, str]:
        """Every template of this landlord with the SHA-256 of its bytes."""
        ...
