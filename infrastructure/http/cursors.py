"""Places in a list, given to callers as opaque text: they come back unread, and may change form at any release."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final

from domain.personal import has_control_characters
from infrastructure.http.problems import Problem, misshapen

LONGEST: Final = 400  # characters
WRONG: Final = "is not a cursor of this list; begin without one, then follow `next`"


def cursor(of: str, *place: str | int) -> str:
    """A place in the list called `of`."""
    return base64.urlsafe_b64encode(json.dumps([of, *place], separators=(",", ":")).encode()).decode().rstrip("=")


def texts(of: str, given: str | None, start: tuple[str, ...]) -> tuple[str, ...]:
    """A place that is told by texts, `start` when there is none. Raises `Problem` for a cursor of another list."""
    if given is None:
        return start
    place = _place(of, given)
    told = tuple(part for part in place if isinstance(part, str) and not has_control_characters(part))
    if len(place) != len(start) or len(told) != len(start):
        raise _wrong()
    return told


def numbers(of: str, given: str | None, count: int) -> tuple[int, ...]:
    """A place that is told by so many numbers, all 0 when there is none. Raises `Problem` as `texts` does."""
    if given is None:
        return (0,) * count
    place = _place(of, given)
    # `type`, for JSON's `true` is an `int` as well.
    told = tuple(part for part in place if type(part) is int and 0 <= part < 2**62)
    if len(place) != count or len(told) != count:
        raise _wrong()
    return told


def _place(of: str, given: str) -> list[object]:
    try:
        padded = given + "=" * (-len(given) % 4)
        match json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)):
            case [str() as name, *place] if name == of:
                return place
    except (binascii.Error, ValueError, RecursionError):
        raise _wrong() from None
    raise _wrong()


def _wrong() -> Problem:
    return misshapen([("cursor", WRONG)])
