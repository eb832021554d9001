"""What is asked of whoever carries letters, and the answers that tell a letter that went from one that did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.calendar import DeliveryMethod
from domain.codes import LetterFormat, NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # a log line must not spell out a letter
class Attached:
    """A file that goes with a letter."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Parcel:
    """One letter on its way: what it is, where it goes, and the name under which it goes once.

    `to_name`, `to_address` and `to_email` were read from the directory just now, and are kept nowhere.
    """

    dispatch: str  # a UUID
    landlord: str
    sender: str  # what the landlord is called
    method: DeliveryMethod
    kind: NoticeKind
    format: LetterFormat
    language: str | None
    subject: str
    text: str
    pdf: bytes
    attached: Sequence[Attached] = field(default=())
    to_name: str | None = None
    to_address: str | None = None
    to_email: str | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The carrier has it; `at` when it says so itself, otherwise it has it by now."""

    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TryLater:
    """It certainly did not go, or the carrier can be asked whether it did before it is asked again.

    `after` are the seconds that the carrier itself asked for; `why` is for operators and quotes nothing.
    """

    why: str
    after: float | None = None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The carrier will not take it, however often it is asked; `why` is for operators and quotes nothing."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have gone, and the carrier cannot be asked: only a person can find out."""

    why: str


Outcome = HandedOver | TryLater | NotTaken | Unknown


class Carrier(Protocol):
    """Whoever carries letters one way. Safe to share between threads; every call is bounded in time."""

    @property
    def name(self) -> str:
        """What it is called in settings, logs and metrics."""
        ...

    @property
    def tells_apart(self) -> bool:
        """Whether a letter may be given to it again under the same name: it finds out that it has it."""
        ...

    @property
    def any_form(self) -> bool:
        """Whether it takes what somebody has still to make from the text, as braille or a recording."""
        ...

    @property
    def longest(self) -> float:
        """Seconds after which a call that somebody else began has ended, one way or the other."""
        ...

    def carry(self, parcel: Parcel) -> Outcome:
        """Take a letter; never raises for what a carrier can do wrong."""
        ...


Carriers = Mapping[DeliveryMethod, Carrier]
"""Who carries one landlord's letters, by the way in which they go; what nobody carries waits for a person."""
