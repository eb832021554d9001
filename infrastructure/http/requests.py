"""What every command brings beside its body: the version that it was decided on, and the key that makes it one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from fastapi import Header
from fastapi.responses import JSONResponse
from starlette.requests import Request

from application.ports import Receipt, RequestKey
from infrastructure.http.bodies import parsed
from infrastructure.http.problems import BAD_HEADER, Problem
from infrastructure.log import request_key
from infrastructure.office import Office
from infrastructure.tokens import Caller

POSITION: Final = "Evenhand-Position"
ENTITY_TAG: Final = re.compile(r'(?P<weak>W/)?"(?P<tag>[^"]*)"')
KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
ANY_CALLER: Final = "answer"  # where a caller's id stands otherwise
NO_VERSION: Final = -1  # of any case: a precondition that cannot hold


@dataclass(frozen=True, slots=True)
class Conditions:
    """`If-Match` and `Idempotency-Key`, as given."""

    if_match: int | None
    idempotency_key: str | None


async def conditions(
    if_match: str | None = Header(
        None,
        alias="If-Match",
        description="The ETag of the case as you read it. When the case is at another version by now, nothing is "
        "written and the answer is 412.",
        examples=['"7"'],
    ),
    idempotency_key: str | None = Header(
        None,
        alias="Idempotency-Key",
        description="A text of your choice, 1 to 200 visible ASCII characters, fresh for every new request. A repeat "
        "of a request that was accepted gets its first answer and writes nothing; another request under the same key "
        "gets 422. A refusal is not kept: its repeat is decided anew.",
        examples=["6f1d2c1e-4b7a-4a57-9d2e-0a3c0d5f9b11"],
    ),
) -> Conditions:
    """The conditions of a command on a case. Raises `Problem` for a header that cannot be read."""
    return Conditions(_version(if_match), _key(idempotency_key))


async def repeatable(
    request: Request,
    idempotency_key: str | None = Header(
        None,
        alias="Idempotency-Key",
        description="As for commands of a case: a repeat of an accepted request gets its first answer.",
        examples=["6f1d2c1e-4b7a-4a57-9d2e-0a3c0d5f9b11"],
    ),
) -> Conditions:
    """The conditions of a command that has no earlier version to match. Raises `Problem` for one all the same."""
    if "if-match" in request.headers:  # passing over it would break a promise
        raise Problem(BAD_HEADER, "If-Match is for commands on a case that stands in the path.")
    return Conditions(None, _key(idempotency_key))


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":  # any version, as long as the case is there (RFC 9110, 13.1.1)
        return None
    found = ENTITY_TAG.fullmatch(if_match.strip())
    if found is None:
        raise Problem(BAD_HEADER, 'If-Match takes one ETag in double quotes, such as "7".')
    tag = found["tag"]
    # A weak tag never matches (RFC 9110, section 13.1.1), nor does one that we never gave.
    ours = not found["weak"] and tag.isascii() and tag.isdigit() and len(tag) < 10
    return int(tag) if ours else NO_VERSION


def _key(idempotency_key: str | None) -> str | None:
    if idempotency_key is not None and not KEY.fullmatch(idempotency_key):
        raise Problem(BAD_HEADER, "Idempotency-Key takes 1 to 200 visible ASCII characters.")
    return idempotency_key


def key_of(office: Office, caller: Caller, given: Conditions, request: Request, body: bytes) -> RequestKey | None:
    """The key under which the answer is kept: of this caller, for this address and what the body says.

    The same JSON in another order or spacing is the same body.
    """
    if given.idempotency_key is None:
        return None
    return request_key(office.keys, caller.staff, given.idempotency_key, _whole(request, body))


def key_of_answer(office: Office, answer: str, request: Request, body: bytes) -> RequestKey:
    """The key of whatever confirms an answer, whoever sends it: an answer is to one contact."""
    return request_key(office.keys, ANY_CALLER, answer, _whole(request, body))


def _whole(request: Request, body: bytes) -> bytes:
    said = json.dumps(parsed(body), sort_keys=True, separators=(",", ":"))
    return f"{request.method} {request.url.path}\n{said}".encode()


def written(receipt: Receipt) -> JSONResponse:
    """The answer to a command that was accepted, now or before."""
    headers = {POSITION: str(receipt.last_position)}
    if "case" in receipt.answer:
        headers |= {"ETag": f'"{receipt.answer["version"]}"', "Location": f"/v1/cases/{receipt.answer['case']}"}
    return JSONResponse(dict(receipt.answer), 201, headers)
