"""Which kinds of file are taken as evidence, and whether bytes begin as a file of the kind that they are said to be.

Nothing that runs or calls out when it is opened: no office documents, no web pages, no archives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from domain.personal import has_control_characters

HEADER_LINE: Final = re.compile(rb"[!-9;-~]{1,76}:[ \t]")  # RFC 5322, section 2.2
MPEG_FRAME: Final = 0xE0  # the last three of eleven set bits that begin a frame (ISO/IEC 11172-3, 2.4.2.3)


class MediaType(NamedTuple):
    """How files of a type are named, and what tells that bytes are one."""

    extension: str
    looks_right: Callable[[bytes], bool]


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(marks)


def _iso_media(*brands: bytes) -> Callable[[bytes], bool]:
    """ISO/IEC 14496-12, 4.3: the box `ftyp` comes first and names the brand."""
    return lambda content: content[4:8] == b"ftyp" and content[8:12].startswith(brands)


def _wav(content: bytes) -> bool:
    return content.startswith(b"RIFF") and content[8:12] == b"WAVE"


def _mp3(content: bytes) -> bool:
    framed = len(content) > 1 and content[0] == 0xFF and content[1] & MPEG_FRAME == MPEG_FRAME
    return content.startswith(b"ID3") or framed


def _text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not has_control_characters(text.replace("\r\n", "\n"))


def _message(content: bytes) -> bool:
    return HEADER_LINE.match(content) is not None and b"\0" not in content


MEDIA_TYPES: Final[Mapping[str, MediaType]] = MappingProxyType(
    {
        "application/pdf": MediaType("pdf", _begins(b"%PDF-")),
        "image/jpeg": MediaType("jpg", _begins(b"\xff\xd8\xff")),
        "image/png": MediaType("png", _begins(b"\x89PNG\r\n\x1a\n")),
        "image/heic": MediaType("heic", _iso_media(b"heic", b"heix", b"mif1", b"msf1")),
        "audio/mpeg": MediaType("mp3", _mp3),
        "audio/wav": MediaType("wav", _wav),
        "audio/ogg": MediaType("ogg", _begins(b"OggS")),
        "audio/mp4": MediaType("m4a", _iso_media(b"M4A", b"mp4", b"iso", b"dash")),
        "video/mp4": MediaType("mp4", _iso_media(b"mp4", b"iso", b"avc1", b"M4V", b"3gp")),
        "video/quicktime": MediaType("mov", _iso_media(b"qt  ")),
        "text/plain": MediaType("txt", _text),
        "message/rfc822": MediaType("eml", _message),
    }
)


def extension_of(media_type: str | None) -> str:
    """The ending of a file's name; `bin` for a type that this release does not take."""
    known = MEDIA_TYPES.get(media_type or "")
    return "bin" if known is None else known.extension
