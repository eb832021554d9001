"""A place in a subscriber's feed, given out as signed, opaque text: it comes back unread, or it does not count.

A cursor holds a position, the digest of what the log holds there, and whose feed with which filter it is of. One that
names a place which the log does not have any more tells a follower that the log was restored from a backup.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from hmac import compare_digest
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from infrastructure.downstream.telling import MARK_BYTES

if TYPE_CHECKING:
    from infrastructure.downstream.wanted import Wanted
    from infrastructure.key_files import LandlordKeys

PURPOSE: Final = "feed cursor"
FORM: Final = 1  # of the bytes; another one is another number
TAG_BYTES: Final = 8  # by which a foreign landlord's, or another filter's, is told apart
MAC_BYTES: Final = 16  # half of HMAC-SHA256 (RFC 2104, section 5)
LONGEST: Final = 120  # characters; ours have 76
NO_CURSOR: Final = "is no cursor of this service; begin without one, or from a snapshot"

_PLACE: Final = struct.Struct(f">BQ{MARK_BYTES}s{TAG_BYTES}s{TAG_BYTES}s")
AT_THE_START: Final = bytes(MARK_BYTES)


class MarkOf(Protocol):
    """What says how the log was at a position."""

    def mark(self, position: int) -> bytes | None:
        """A digest of the event there, empty at 0, None where the log does not reach."""
        ...


class Place(NamedTuple):
    """A position, and the digest of the event there."""

    position: int
    mark: bytes


class CursorRefused(Exception):
    """A cursor that does not count here; the message says why and repeats nothing of it."""


class CursorGone(Exception):
    """A cursor of ours whose place the log does not have any more; the message says how that was found."""


class FeedCursors:
    """Gives out and checks the cursors of one question: a subscriber with its filter. Safe to share between threads."""

    def __init__(self, keys: LandlordKeys, wanted: Wanted) -> None:
        self._keys = keys
        self._landlord = _tag(wanted.landlord)
        self._filter = _tag(wanted.digest())

    def cursor(self, position: int, mark: bytes) -> str:
        """The cursor of a place."""
        told = _PLACE.pack(FORM, position, mark or AT_THE_START, self._landlord, self._filter)
        return base64.urlsafe_b64encode(told + self._mac(told)).rstrip(b"=").decode()

    def place(self, cursor: str) -> Place:
        """The place of a cursor that was given out for this very question. Raises `CursorRefused`."""
        told, mac = _parts(cursor)
        form, position, mark, landlord, asked = _PLACE.unpack(told)
        if form != FORM:
            raise CursorRefused(NO_CURSOR)
        if not compare_digest(mac, self._mac(told)):
            # Whose it says it is nobody has proved, and it is refused either way.
            if landlord != self._landlord:
                raise CursorRefused("is a cursor of another landlord's feed")
            raise CursorRefused("is no cursor that was given out here, or was altered")
        if asked != self._filter:
            raise CursorRefused(
                "belongs to another subscriber or filter (topics, type, shard): a cursor goes on with the "
                "question that it was given out for"
            )
        return Place(position, b"" if position == 0 else mark)

    def checked(self, cursor: str, log: MarkOf) -> int:
        """The position of a cursor whose place the log still has. Raises `CursorRefused` and `CursorGone`."""
        place = self.place(cursor)
        there = log.mark(place.position)
        if there is None:
            raise CursorGone("The log does not reach the position of this cursor.")
        if there != place.mark:
            raise CursorGone("Another event stands at the position of this cursor.")
        return place.position

    def _mac(self, told: bytes) -> bytes:
        return self._keys.keyed_hash(PURPOSE, told)[:MAC_BYTES]


def _parts(cursor: str) -> tuple[bytes, bytes]:
    """What a cursor says, and its signature. Raises `CursorRefused`."""
    wrong = CursorRefused(NO_CURSOR)
    if len(cursor) > LONGEST or not cursor.isascii():
        raise wrong
    try:
        told = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise wrong from None
    if len(told) != _PLACE.size + MAC_BYTES:
        raise wrong
    return told[: _PLACE.size], told[_PLACE.size :]


def _tag(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:TAG_BYTES]
