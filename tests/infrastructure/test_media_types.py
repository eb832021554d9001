"""Which files are taken as evidence, by how they begin."""

from __future__ import annotations

import pytest

from infrastructure.media_types import MEDIA_TYPES, extension_of

# The beginnings of real files of each type, written down by hand.
BEGINNINGS = {
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3",
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "image/heic": b"\x00\x00\x00\x18ftypheic\x00\x00",
    "audio/mpeg": b"ID3\x04\x00\x00",
    "audio/wav": b"RIFF\x24\x08\x00\x00WAVEfmt ",
    "audio/ogg": b"OggS\x00\x02",
    "audio/mp4": b"\x00\x00\x00\x20ftypM4A \x00",
    "video/mp4": b"\x00\x00\x00\x20ftypisom\x00",
    "video/quicktime": b"\x00\x00\x00\x14ftypqt  \x00",
    "text/plain": "Grüße\r\nfrom\tMaidstone\n".encode(),
    "message/rfc822": b"Received: from example.org\r\nSubject: the lift\r\n\r\nIt is broken.",
}


@pytest.mark.parametrize("kind", sorted(MEDIA_TYPES))
def test_a_file_of_each_type_is_known_by_its_beginning(kind: str) -> None:
    assert MEDIA_TYPES[kind].looks_right(BEGINNINGS[kind])


@pytest.mark.parametrize("kind", sorted(set(MEDIA_TYPES) - {"text/plain", "message/rfc822"}))
def test_a_program_or_a_page_is_none_of_them(kind: str) -> None:
    for content in (b"", b"MZ\x90\x00", b"\x7fELF", b"PK\x03\x04", b"<html><script>", b"#!/bin/sh\n"):
        assert not MEDIA_TYPES[kind].looks_right(content)


def test_plain_text_is_utf_8_without_control_characters() -> None:
    taken = MEDIA_TYPES["text/plain"].looks_right
    assert not taken(b"\xff\xfe")
    assert not taken(b"a\x00b")
    assert not taken(b"MZ\x90\x00")


def test_a_sound_is_no_picture_whatever_it_is_called() -> None:
    assert not MEDIA_TYPES["image/png"].looks_right(BEGINNINGS["audio/mpeg"])
    assert not MEDIA_TYPES["audio/mp4"].looks_right(BEGINNINGS["image/heic"])


def test_a_file_of_another_release_still_has_an_ending() -> None:
    assert extension_of("audio/mpeg") == "mp3"
    assert extension_of("model/unknown") == "bin"
    assert extension_of(None) == "bin"
