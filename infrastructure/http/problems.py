"""Every way in which the service says no: one stable type each, what it means and what to do (RFC 9457).

An error names fields, rules and clauses; it never repeats a value that somebody sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from fastapi.responses import JSONResponse

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = "1"  # seconds; a follower that runs is milliseconds behind
AFTER_OPERATIONS: Final = "60"  # seconds; somebody has to act first


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of error: its name is the last part of the URI reference under which it is documented."""

    name: str
    status: int
    title: str
    means: str
    remedy: str

    @property
    def uri(self) -> str:
        """The `type` of its answers, which leads to its documentation."""
        return f"/problems/{self.name}"


NOT_JSON: Final = ProblemType(
    "not-json",
    400,
    "The body is not JSON",
    "The body is not one JSON value in UTF-8 (RFC 8259), names a field twice, holds a number that JSON does not "
    "have, or is nested too deeply.",
    "Send one JSON object, every field once.",
)
BAD_HEADER: Final = ProblemType(
    "bad-header",
    400,
    "A header cannot be read",
    "A header of the request is not in the form that it is documented in.",
    "Correct the header that the detail names.",
)
NO_TOKEN: Final = ProblemType(
    "no-token",
    401,
    "A token is needed",
    "The request carries no bearer token (RFC 6750).",
    "Send `Authorization: Bearer TOKEN`.",
)
TOKEN_EXPIRED: Final = ProblemType(
    "token-expired",
    401,
    "The token has expired",
    "The token was good, and its time is over.",
    "Ask for a new token and send the request again.",
)
TOKEN_INVALID: Final = ProblemType(
    "token-invalid",
    401,
    "The token is not valid",
    "The token was not issued for this service, was altered, is not valid yet, or names nobody here.",
    "Ask for a token of this service.",
)
SCOPE_MISSING: Final = ProblemType(
    "scope-missing",
    403,
    "The token does not cover this",
    "The token says who you are, and was not issued for this kind of request.",
    "Ask for a token with the scope that the detail names.",
)
POST_MISSING: Final = ProblemType(
    "post-missing",
    403,
    "This is for another post",
    "Only whoever holds the post that the detail names, or stands in for them, may ask for this.",
    "Ask the holder of that post; an administrator of posts says who that is.",
)
NOT_SUBSCRIBER: Final = ProblemType(
    "not-a-subscriber",
    403,
    "This is for subscribers",
    "Whoever the token names is registered with the landlord as no subscriber, or is one no more.",
    "Have an administrator of the landlord register the subscriber with the id that it signs in under.",
)
REFERENCES_WITHHELD: Final = ProblemType(
    "references-withheld",
    403,
    "This subscriber is given no references",
    "Customer references are personal data. The subscriber's registration does not say that it may have them.",
    "Work with the opaque ids, or have an administrator of the landlord register the subscriber anew.",
)
NOT_FOUND: Final = ProblemType(
    "not-found",
    404,
    "There is nothing here",
    "Nothing with this address belongs to your landlord; whether it exists elsewhere is not said.",
    "Check the address, and that the token is of the right landlord.",
)
METHOD_NOT_ALLOWED: Final = ProblemType(
    "method-not-allowed",
    405,
    "This method is not used here",
    "The address exists and takes other methods, which the header Allow lists.",
    "Use one of those methods.",
)
REFUSED: Final = ProblemType(
    "refused",
    409,
    "Rules stand in the way",
    "The command breaks rules of the landlord's policy, of the baseline or of the record itself. `violations` lists "
    "all of them, each with its rule, clause, strength, source, what it asks, and the field at fault where one is.",
    "Do what each violation asks. One of strength `should` can be set aside by whoever decides, with a reason, in "
    "`overrides`; a `must` cannot.",
)
WEBHOOK_NOT_AGREED: Final = ProblemType(
    "webhook-not-agreed",
    409,
    "The receiver does not agree",
    "Before events are brought anywhere, the receiver there has to agree: to `OPTIONS` with `WebHook-Request-Origin` "
    "it answers with `WebHook-Allowed-Origin`. Nothing was registered; `outcome` is a code for what came of asking.",
    "Do what the detail says, or register with `validation` as `test-call` and have the receiver take a test call.",
)
WEBHOOK_NOT_NOW: Final = ProblemType(
    "webhook-not-now",
    409,
    "This does not go with the state of the webhook",
    "What was asked for needs an endpoint whose receiver has agreed, or a moment without so many others being asked.",
    "Do what the detail says.",
)
REFERENCE_TAKEN: Final = ProblemType(
    "reference-taken",
    409,
    "The reference belongs to somebody else",
    "Another person of the directory has this customer reference.",
    "Look the person up by this reference, or correct it.",
)
ERASED: Final = ProblemType(
    "erased",
    409,
    "The person was erased",
    "The personal data of the person was erased, and nothing more can be written about them.",
    "Nothing can be done; a new contact of this person starts a new entry.",
)
RECEIPT_BEHIND: Final = ProblemType(
    "receipt-behind",
    409,
    "More than this was acknowledged before",
    "The last receipt of the subscriber, in `known`, is further than what it acknowledges now, and it does not say "
    "that it began anew.",
    "Go on from there; or send `restarted` where you began anew, from a snapshot or from the start of the feed.",
)
JOB_UNDER_WAY: Final = ProblemType(
    "job-under-way",
    409,
    "Another long act is under way",
    "A landlord's read models are rebuilt, verified or rolled back one at a time.",
    "Look at the job that the header Location leads to, and ask again when it has ended.",
)
REBUILD_REFUSED: Final = ProblemType(
    "rebuild-refused",
    409,
    "The read models cannot be rebuilt as things are",
    "A rebuild, a verification or a rollback found that it cannot be done; nothing that is read was changed.",
    "Do what the detail says. It stands in `error` of the job.",
)
FILE_GONE: Final = ProblemType(
    "file-gone",
    410,
    "The file is not there any more",
    "The evidence was erased, or its time was over; that there was a file, and what it showed, stays in the history.",
    "Nothing can be done.",
)
CURSOR_GONE: Final = ProblemType(
    "cursor-gone",
    410,
    "The log is not the one that this cursor was given out for",
    "The cursor was given out here, and the log does not reach its position, or another event stands there: the log "
    "was restored from a backup. What was told after the backup may be told again under other positions, or never.",
    "Take the present state from the address in `resynchronise`, replace all that you hold with it, and follow on from "
    "the cursor in its `feed`.",
)
LETTER_TEMPLATE: Final = ProblemType(
    "letter-template",
    409,
    "The letter cannot be written from its template",
    "The landlord's template of this letter cannot be used, or there is none in the language that was asked for.",
    "Have whoever runs the service mend the file that the detail names, and start the service again.",
)
LETTER_NOT_MADE: Final = ProblemType(
    "letter-not-made",
    500,
    "The letter could not be made into a document",
    "Typesetting took too long, needed too much memory, or failed; nothing was kept.",
    "Ask for the letter as plain text, and tell whoever runs the service.",
)
STALE: Final = ProblemType(
    "stale",
    412,
    "The case has moved on",
    "`If-Match` names another version than the one that the case is at, which the header ETag of this answer gives.",
    "Read the case again, and decide on what it says now.",
)
TOO_LARGE: Final = ProblemType(
    "too-large",
    413,
    "The body is too large",
    "A body is at most 256 KiB; longer material is evidence and goes in a file. An evidence file is at most as large "
    "as the detail says.",
    "Shorten it; a recording can be sent in parts.",
)
NOT_JSON_MEDIA: Final = ProblemType(
    "unsupported-media-type",
    415,
    "The body must be sent as JSON",
    "A body is taken as `application/json` in UTF-8 and without a content coding, and nothing else.",
    "Send `Content-Type: application/json`.",
)
EVIDENCE_TYPE: Final = ProblemType(
    "evidence-type",
    422,
    "A file of this type is not taken",
    "An evidence file is of one of the types that the OpenAPI document lists, says so in `Content-Type`, and begins as "
    "files of that type do.",
    "Send the file as the type that it is; turn a document of another type into a PDF.",
)
SHAPE: Final = ProblemType(
    "shape",
    422,
    "Something in the request is not in its shape",
    "Fields of the body, or parameters, are missing, unknown, of another type or out of range. `errors` lists them "
    "all, each with the path of the field and the reason; what was sent is not repeated.",
    "Correct each field; the OpenAPI document gives its shape.",
)
KEY_REUSED: Final = ProblemType(
    "idempotency-key-reused",
    422,
    "This key was used for another request",
    "An accepted request of this caller carried the same `Idempotency-Key` with another body or to another address.",
    "Take a fresh key for every new request; keep a key for repeats of the very same one.",
)
UNEXPECTED: Final = ProblemType(
    "unexpected",
    500,
    "Something went wrong here",
    "The service failed in a way that was not foreseen. Nothing was half-written. The `incident` is in our log.",
    "Send the request again, with the same Idempotency-Key; if it fails again, tell operations the incident.",
)
UNAVAILABLE: Final = ProblemType(
    "unavailable",
    503,
    "The service cannot answer just now",
    "The database cannot be reached, or others wrote to the same case again and again. Nothing was half-written.",
    "Send the request again after the time in Retry-After, with the same Idempotency-Key.",
)
UNREADABLE: Final = ProblemType(
    "unreadable",
    503,
    "This release cannot tell what is recorded here",
    "A later release, or somebody by hand, wrote something about this case that this release does not know. Nothing "
    "can be decided or taken down on a history that cannot be read to its end, and nothing was written.",
    "Its history, the customer's alert and the register say what can be told and since when more is unknown. Have "
    "operations run the release that wrote it, or a later one.",
)
NOT_YET: Final = ProblemType(
    "not-yet",
    503,
    "The position has not been reached yet",
    "What is read does not yet account for the log position that was asked for.",
    "Ask again after the time in Retry-After.",
)
PAUSED: Final = ProblemType(
    "paused",
    503,
    "What is read stands still for the moment",
    "The position was asked for that an answer must account for. Operations paused the read model that this list is "
    "answered from: it comes no further until they let it go on.",
    "Ask without the position to get the list as it stands, or again after the time in Retry-After.",
)
AWAITING_REBUILD: Final = ProblemType(
    "awaiting-rebuild",
    503,
    "What is read has to be rebuilt first",
    "The rows that this list is answered from were made by another release, and this one cannot read them or cannot "
    "add to them.",
    "Have operations rebuild the read model that the detail names, then ask again. Questions about one customer or "
    "one case are answered meanwhile.",
)

PROBLEMS: Final[Mapping[str, ProblemType]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            NOT_JSON,
            BAD_HEADER,
            NO_TOKEN,
            TOKEN_EXPIRED,
            TOKEN_INVALID,
            SCOPE_MISSING,
            POST_MISSING,
            NOT_SUBSCRIBER,
            REFERENCES_WITHHELD,
            NOT_FOUND,
            METHOD_NOT_ALLOWED,
            REFUSED,
            WEBHOOK_NOT_AGREED,
            WEBHOOK_NOT_NOW,
            REFERENCE_TAKEN,
            ERASED,
            RECEIPT_BEHIND,
            JOB_UNDER_WAY,
            REBUILD_REFUSED,
            FILE_GONE,
            CURSOR_GONE,
            LETTER_TEMPLATE,
            LETTER_NOT_MADE,
            STALE,
            TOO_LARGE,
            NOT_JSON_MEDIA,
            EVIDENCE_TYPE,
            SHAPE,
            KEY_REUSED,
            UNEXPECTED,
            UNAVAILABLE,
            UNREADABLE,
            NOT_YET,
            PAUSED,
            AWAITING_REBUILD,
        )
    }
)


@dataclass(eq=False)  # not frozen: the interpreter notes on an exception where it was raised
class Problem(Exception):
    """An error on its way to the caller: its type, what is particular to this one, and further members."""

    kind: ProblemType
    detail: str
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(problem: Problem) -> JSONResponse:
    """The problem as an answer (RFC 9457, section 3)."""
    kind = problem.kind
    body = {"type": kind.uri, "title": kind.title, "status": kind.status, "detail": problem.detail, **problem.members}
    headers = dict(problem.headers)
    if kind.status == UNAVAILABLE.status:
        headers.setdefault("Retry-After", RETRY_AFTER)
    return JSONResponse(body, kind.status, headers, MEDIA_TYPE)


def misshapen(errors: Sequence[tuple[str, str]]) -> Problem:
    """A problem of shape, from (path of the field, reason) pairs."""
    count = "one field" if len(errors) == 1 else f"{len(errors)} fields"
    listed = [{"field": path, "reason": reason} for path, reason in errors]
    return Problem(SHAPE, f"The request is not taken because of {count}.", {"errors": listed})
