"""What people wrote, as a printer can show it: an emoji by its name, and nothing that has no form at all."""

from __future__ import annotations

import unicodedata
from typing import Final

# Left out: byte order marks and the like, which PDF/UA forbids, and what says only how the sign before it is drawn.
DROPPED: Final = frozenset("\ufeff\ufffe\uffff\ufe0e\ufe0f")
NO_FORM: Final = frozenset({"Co", "Cn", "Cs"})  # private, unassigned, halves of a pair: nobody knows how they look
PICTURES: Final = 0x1F000  # from here on a symbol is a picture, and no font of letters has it
TONES: Final = range(0x1F3FB, 0x1F400)  # of the skin of the picture before
JOINER: Final = "\u200d"  # between two pictures it makes them one; between letters it is part of writing


def printable(text: str) -> str:
    """The text without what cannot be printed, and with an emoji as "[grinning face]", as a screen reader says it."""
    if text.isascii():
        return text
    said: list[str] = []
    after_picture = False
    for sign in text:
        category = unicodedata.category(sign)
        if sign in DROPPED or category in NO_FORM or ord(sign) in TONES or (sign == JOINER and after_picture):
            continue
        after_picture = ord(sign) >= PICTURES and category in ("So", "Sk")
        said.append(f"[{unicodedata.name(sign, 'picture').lower()}]" if after_picture else sign)
    return "".join(said)
