"""What was asked before a contact, sealed into the answer's id: with it alone the contact is taken down, once.

An id is AES-256-GCM under a key of the landlord's own, so nobody else can make one or read what it says, and nothing
of it is kept. It is written in the letters that an address takes. A customer reference that nobody had is in it, so
that the contact that it confirms is found under that reference again.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ssl import RAND_bytes
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.codes import CaseId, Channel, Direction, Purpose, SubjectId
from domain.handling import Question
from infrastructure.key_files import NONCE_BYTES

if TYPE_CHECKING:
    from infrastructure.key_files import LandlordKeys

PURPOSE: Final = "answer id"  # of the keyed hash that is its key
GOOD_FOR: Final = timedelta(days=1)
LONGEST: Final = 1000  # characters of an id, with a matter, a home and a reference as long as they may be


class UnknownAnswer(Exception):
    """No answer of this landlord's has this id."""


class _Stored(msgspec.Struct, array_like=True, frozen=True):
    """The parts of an id, in the order in which they are written; instants are microseconds since 1970."""

    asked_at: int
    at: int
    person: bytes | None
    home: str | None
    channel: Channel
    direction: Direction
    purpose: Purpose | None
    issue: str | None
    reference: str | None = None
    case: bytes | None = None
    measure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredQuestion:
    """A question that was answered: about whom, and about which contact; `asked_at` is when, by the landlord's clock.

    `reference` is one that nobody had yet when it was asked about, else None. `filed` is the case and the measure of
    it by which the answer said to file the contact, else None. `name` is a short id of the answer that says nothing; it
    stands on the contact that it was confirmed with.
    """

    name: str
    asked_at: datetime
    person: SubjectId | None
    home: str | None
    question: Question
    reference: str | None = None
    filed: tuple[CaseId, str] | None = None

    def is_good_at(self, now: datetime) -> bool:
        """Whether a contact can still be confirmed with it."""
        return now - self.asked_at <= GOOD_FOR


class AnswerIds:
    """Makes and reads the ids of one landlord's answers."""

    def __init__(self, keys: LandlordKeys, landlord: str) -> None:
        self._cipher = AESGCM(keys.keyed_hash(PURPOSE, landlord.encode()))
        self._bound_to = landlord.encode()

    def seal(
        self,
        asked_at: datetime,
        person: SubjectId | None,
        home: str | None,
        question: Question,
        reference: str | None = None,
        filed: tuple[CaseId, str] | None = None,
    ) -> str:
        """A fresh id that says this; two answers to one question have two. `reference` is one that nobody has."""
        stored = _Stored(
            _microseconds(asked_at),
            _microseconds(question.at),
            None if person is None else UUID(person).bytes,
            home,
            question.channel,
            question.direction,
            question.purpose,
            question.issue,
            reference,
            None if filed is None else UUID(filed[0]).bytes,
            None if filed is None else filed[1],
        )
        nonce = RAND_bytes(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, msgspec.msgpack.encode(stored), self._bound_to)
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, answer_id: str) -> AnsweredQuestion:
        """What an id says. Raises `UnknownAnswer` for one of another landlord's, or altered, or made up."""
        try:
            sealed = urlsafe_b64decode(answer_id.encode("ascii") + b"=" * (-len(answer_id) % 4))
            nonce = sealed[:NONCE_BYTES]
            stored = _STORED.decode(self._cipher.decrypt(nonce, sealed[NONCE_BYTES:], self._bound_to))
        except (UnicodeEncodeError, NotBase64, InvalidTag, ValueError, msgspec.DecodeError):
            raise UnknownAnswer("this landlord gave no answer of this id") from None
        return AnsweredQuestion(
            name=f"answer-{nonce.hex()}",
            asked_at=_instant(stored.asked_at),
            person=None if stored.person is None else SubjectId(str(UUID(bytes=stored.person))),
            home=stored.home,
            question=Question(
                direction=stored.direction,
                channel=stored.channel,
                at=_instant(stored.at),
                issue=stored.issue,
                purpose=stored.purpose,
            ),
            reference=stored.reference,
            filed=(
                None
                if stored.case is None or stored.measure is None
                else (CaseId(str(UUID(bytes=stored.case))), stored.measure)
            ),
        )


_STORED: Final = msgspec.msgpack.Decoder(_Stored)
_BEGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def _microseconds(instant: datetime) -> int:
    return (instant - _BEGIN) // _MICROSECOND


def _instant(microseconds: int) -> datetime:
    return _BEGIN + microseconds * _MICROSECOND
