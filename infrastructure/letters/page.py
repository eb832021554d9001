"""A letter with all that stands around its words: who writes, to whom, when, and who signs; and as plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from domain.codes import LetterFormat
from infrastructure.letters.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.letter_template import Block, Written

OF_A_COUNTRY: Final = 2  # letters; what has four is a script
SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")  # where a sentence ends and the next begins

# Size of type in points and space between lines in em. 12 and 16 to 18 are what the RNIB asks of print and large print.
TYPE: Final = {
    LetterFormat.STANDARD: (12, 0.65),
    LetterFormat.LARGE_PRINT: (18, 0.8),
    LetterFormat.EASY_READ: (15, 1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LetterPage:
    """Everything that is printed; `address` are lines, the name first, and none of them on a sheet for colleagues."""

    landlord: str
    date: str
    reference: str
    written: Written
    address: tuple[str, ...] = ()
    signer: str | None = None
    signer_post: str | None = None
    enclosures: tuple[str, ...] = ()
    language: str = "en-GB"
    format: LetterFormat = field(default=LetterFormat.STANDARD)

    def as_data(self) -> dict[str, object]:
        """What the typesetting template reads."""
        size, leading = TYPE.get(self.format, TYPE[LetterFormat.STANDARD])
        language, *parts = self.language.split("-")
        region = next((part for part in parts if len(part) == OF_A_COUNTRY and part.isalpha()), None)
        told = {
            "landlord": self.landlord,
            "date": self.date,
            "reference": self.reference,
            "address": list(self.address),
            "subject": self.written.subject,
            "salutation": self.written.salutation,
            "blocks": [self._block(block) for block in self.written.blocks],
            "closing": self.written.closing,
            "signer": self.signer,
            "post": self.signer_post,
            "enclosures": list(self.enclosures),
            "language": language,
            "region": region,
            "size": size,
            "leading": leading,
            "easy": self.format is LetterFormat.EASY_READ,
        }
        return {name: _printable(value) for name, value in told.items()}

    def _block(self, block: Block) -> dict[str, object]:
        return {
            "heading": block.heading,
            "paragraphs": list(self._sentences(block.paragraphs)),
            "items": [{"title": item.title, "lines": list(self._sentences(item.lines))} for item in block.items],
            "after": list(self._sentences(block.after)),
        }

    def _sentences(self, paragraphs: tuple[str, ...]) -> Iterator[str]:
        """In easy read each sentence stands alone."""
        for paragraph in paragraphs:
            yield from SENTENCE.split(paragraph) if self.format is LetterFormat.EASY_READ else [paragraph]

    def as_text(self) -> str:
        """The same words for an e-mail, a screen reader, a braille printer or whoever reads them aloud."""
        lines = [self.landlord, "", *self.address, *([""] if self.address else ()), self.date]
        lines += [f"Our reference: {self.reference}", ""]
        if self.written.salutation:
            lines += [self.written.salutation, ""]
        lines += [self.written.subject, ""]
        for block in self.written.blocks:
            lines += [*self._block_lines(block), ""]
        if self.written.closing:
            lines += [self.written.closing, ""]
        lines += [line for line in (self.signer, self.signer_post, self.landlord) if line]
        if self.enclosures:
            lines += ["", "With this letter:", *(f"- {name}" for name in self.enclosures)]
        return "\n".join(lines).rstrip() + "\n"

    def _block_lines(self, block: Block) -> Iterator[str]:
        paragraphs = [[block.heading]] if block.heading else []
        paragraphs += [[paragraph] for paragraph in block.paragraphs]
        listed = [list(_item_lines(item.title, item.lines)) for item in block.items]
        if any(len(item) > 1 for item in listed):
            paragraphs += listed
        elif listed:
            paragraphs.append([line for item in listed for line in item])
        paragraphs += [[paragraph] for paragraph in block.after]
        for n, paragraph in enumerate(paragraphs):
            if n:
                yield ""
            yield from paragraph


def _printable(value: object) -> object:
    """Every text of the data as it can be printed."""
    match value:
        case str():
            return printable(value)
        case list():
            return [_printable(item) for item in value]
        case dict():
            return {name: _printable(item) for name, item in value.items()}
        case _:
            return value


def _item_lines(title: str | None, lines: tuple[str, ...]) -> Iterator[str]:
    first, *others = (title, *lines) if title else lines
    yield f"- {first}"
    yield from (f"  {line}" for line in others)
