"""Places in a list, given to callers as opaque text: they come back unread, and may change form at any release."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final

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
    if len(place) != len(start) or not all(isinstance(part, str) for part in place):
        raise _wrong()
    return tuple(str(part) for part in place)


def numbers(of: str, given: str | None, count: int) -> tuple[int, ...]:
    """A place that is told by so many numbers, all 0 when there is none. Raises `Problem` as `texts` does."""
    if given is None:
        return (0,) * count
    place = tuple(part for part in _place(of, given) if isinstance(part, int) and 0 <= part < 2**62)
    if len(place) != count:
        raise _wrong()
    return place


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
