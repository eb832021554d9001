"""Reading a request's body: a bounded number of bytes of strict JSON, in the shape of a command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from domain.personal import has_control_characters
from infrastructure.http.problems import NOT_JSON, NOT_JSON_MEDIA, TOO_LARGE, Problem, misshapen

LARGEST_BODY: Final = 256 * 1024  # bytes; the longest text of a field, 20,000 characters, is at most 120,000 as \u….
MOST_ERRORS: Final = 50
CODE_PATTERN: Final = "[a-z0-9_.:-]"  # in the pattern of an `Id` alone
OF_A_CODE: Final = "must be a code: lower-case letters, digits and _ . : -, at most 80 characters"
FIELD_NAME: Final = re.compile(r"(?:Evenhand-)?[A-Za-z][A-Za-z0-9_]{0,39}", re.ASCII)  # or a header of ours

M = TypeVar("M", bound=BaseModel)


async def read_json(request: Request) -> bytes:
    """The body of a request that says it is JSON, once it is known to be strict JSON without control characters.

    Raises `Problem`: 415, 413, 400, 422.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem(NOT_JSON_MEDIA, "The body is taken as application/json only.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(NOT_JSON_MEDIA, "The body is taken without a content coding.")
    body = await _bounded(request)
    errors = [(path, "holds a control character other than tab and newline") for path in _control(parsed(body))]
    if errors:
        raise misshapen(errors[:MOST_ERRORS])
    return body


async def _bounded(request: Request) -> bytes:
    """All bytes of the body, whether or not their number was announced. Raises `Problem` when there are too many."""
    if int(request.headers.get("content-length", "0")) > LARGEST_BODY:
        raise Problem(TOO_LARGE, "The body is larger than 256 KiB.")
    body = bytearray()
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > LARGEST_BODY:
                raise Problem(TOO_LARGE, "The body is larger than 256 KiB.")
            body += chunk
    except ClientDisconnect as gone:
        raise Problem(NOT_JSON, "The body ended before its announced end.") from gone
    return bytes(body)


def parsed(body: bytes) -> object:
    """The JSON value of a body. Raises `Problem` with the place of the error, never with what stands there."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_such_number)
    except UnicodeDecodeError as error:
        raise Problem(NOT_JSON, f"The body is not UTF-8 at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        raise Problem(NOT_JSON, f"The body is not JSON at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise Problem(NOT_JSON, "The body is nested too deeply.") from None
    except ValueError:  # Python reads no whole number of more than 4,300 digits
        raise Problem(NOT_JSON, "The body holds a number that is too long.") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Problem(NOT_JSON, f"The body names {_shown(twice)} twice.")
    return found


def _no_such_number(name: str) -> NoReturn:
    raise Problem(NOT_JSON, f"The body holds {name}, which JSON does not have.")


def _control(value: object) -> Iterator[str]:
    """Paths of texts and of names that hold what no text may hold; without recursion, however deep the value is."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        path, found = waiting.pop()
        match found:
            case str() if has_control_characters(found):
                yield path or "body"
            case list():
                waiting += [(_joined(path, place), item) for place, item in enumerate(found)]
            case dict():
                waiting += [(_joined(path, name), item) for name, item in found.items()]
                if any(has_control_characters(name) for name in found):
                    yield path or "body"
            case _:
                pass


def in_shape(model: type[M], body: bytes) -> M:
    """The body as a `model`, types taken to the letter. Raises `Problem` with every field at fault."""
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
        raise misshapen(list(rewritten(errors))[:MOST_ERRORS]) from None


def rewritten(errors: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Errors as pydantic lists them, as (path, reason) without the values that were found.

    A list whose items are at fault is called too short as well, since it counts without them; that is left out.
    """
    listed = list(errors)
    within = {error["loc"][:depth] for error in listed for depth in range(len(error["loc"]))}
    for error in listed:
        if error["type"] == "too_short" and error["loc"] in within:
            continue
        yield path_of(error["loc"]), reason_of(error["type"], error["msg"])


def path_of(location: Sequence[int | str]) -> str:
    """The path of a field as "field.0.field"; a name that is no field's name may be anything, and is not repeated."""
    path = ""
    for part in location:
        path = _joined(path, part)
    return path or "body"


def reason_of(kind: str, message: str) -> str:
    """Why a field is not taken, in a few words."""
    match kind:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field here"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "must be an object"
        case "string_pattern_mismatch":
            # Not every pattern is a code's: an answer_id has capitals, an agreed time is "tuesday 10:00".
            return OF_A_CODE if CODE_PATTERN in message else message.removeprefix("String ")
        case "too_short" | "too_long":
            # "Tuple should have at least 1 item after validation, not 0": what to do is between the two.
            return f"should have{message.partition('should have')[2].partition(' after validation')[0]}"
        case "string_too_short" | "string_too_long":
            return message.removeprefix("String ")
        case "value_error":
            return message.removeprefix("Value error, ")
        case _:
            return message.removeprefix("Input ")


def _joined(path: str, part: int | str) -> str:
    shown = str(part) if isinstance(part, int) else _shown(part)
    return f"{path}.{shown}" if path else shown


def _shown(name: str) -> str:
    return name if FIELD_NAME.fullmatch(name) else "(a name that is not a field's)"
