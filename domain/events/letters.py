"""Facts of letters as documents: prepared, released by a named person, handed over, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import DeliveryMethod
from domain.codes import LetterFormat, LetterTrouble, NoticeKind
from domain.personal import NoticeText


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPrepared:
    """A letter was written from a template and the case; nobody has it yet, and nothing of it is said to be so.

    `blob` are its bytes in the sealed store, `digest` their salted SHA-256, as of evidence. `notice` is a notice of the
    case that it is the letter of: one that was signed, or that came back and goes out again. It says what the case was
    at the version before this one.
    """

    letter: str
    kind: NoticeKind
    about: str  # id of the warning, restriction, change, appeal, review or breach
    notice: str | None
    template: str  # code of the template
    template_sha256: str
    contents: tuple[str, ...]  # codes of what it says, in the policy's notice and the baseline's
    enclosures: tuple[str, ...]
    enclosed: tuple[str, ...]  # SHA-256 of each of these files, in the same order
    format: LetterFormat
    language: str | None  # as a BCP 47 tag, when it is a translation
    blob: str
    digest: str
    size: int  # bytes
    media_type: str
    text: NoticeText  # the same words as plain text


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterReleased:
    """A named person lets the letter go; whoever carries it finds it by `dispatch`, and never carries it twice."""

    letter: str
    method: DeliveryMethod
    dispatch: str  # a UUID, the same in every attempt: what a provider is asked about before it is asked to send
    released_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterDiscarded:
    """A letter that was prepared does not go out."""

    letter: str
    discarded_on: date
    reason: NoticeText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterParked:
    """A released letter could not be handed over, or nobody knows whether it was; a person looks at it."""

    letter: str
    because: LetterTrouble
    parked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterTakenUpAgain:
    """A person looked at a parked letter: it had gone out, or it is tried once more."""

    letter: str
    had_gone: bool
    dispatch: str | None  # of the next attempt, when the last one may have got somewhere; otherwise it stays the same
    taken_up_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReported:
    """What a provider says of a letter that it took: handed over, or not; no proof that anybody read it."""

    letter: str
    delivered: bool
    status: str  # the provider's own word
    reported_at: datetime
