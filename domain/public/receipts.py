"""What a subscriber acknowledges: how far it has processed what it is told, and whom it then takes to be restricted.

Who is restricted is told in one line: the ids of the people with a restriction in force on a London day, suspended ones
left out, each once, sorted, joined by a line feed, as UTF-8, under SHA-256 (FIPS 180-4) in hexadecimal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self


class Verdict(StrEnum):
    """What came of comparing whom a subscriber takes to be restricted with what the log says."""

    AGREED = "agreed"
    DRIFTED = "drifted"
    NOT_COMPARED = "not_compared"


@dataclass(frozen=True, slots=True)
class Restricted:
    """How many people are restricted, and who, as a hash (64 hexadecimal digits); None: not said."""

    count: int | None
    hash: str | None

    @classmethod
    def of(cls, persons: Iterable[str]) -> Self:
        """Of these people, by their opaque ids."""
        once = sorted(set(persons))
        return cls(len(once), hashlib.sha256("\n".join(once).encode()).hexdigest())

    def agrees_with(self, expected: Restricted) -> bool:
        """Whether everything that is said here is so there."""
        return self.count in (None, expected.count) and self.hash in (None, expected.hash)


@dataclass(frozen=True, slots=True)
class Claim:
    """Whom a subscriber takes to be restricted on a London day."""

    on: date
    restricted: Restricted

    def verdict(self, expected: Sequence[Restricted]) -> Verdict:
        """What comes of comparing it with what the log says at the place acknowledged, and perhaps further on.

        Whoever asks for the state of a case is told how it stands by now, and so can be ahead of that place in one case
        and not in another: while these differ, what agrees with neither of them is no drift. Empty: nothing is known.
        """
        if any(self.restricted.agrees_with(one) for one in expected):
            return Verdict.AGREED
        return Verdict.DRIFTED if len(set(expected)) == 1 else Verdict.NOT_COMPARED


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Everything up to a position is processed. `restarted`: it began anew there, whatever it had processed before."""

    position: int
    restarted: bool
    claim: Claim | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An acknowledgement as it was taken down, the `number`th of its subscriber, by the landlord's clock.

    `run` counts how often the subscriber began anew; `reached` is the furthest position that it ever acknowledged.
    """

    subscriber: str
    number: int
    run: int
    position: int
    reached: int
    at: datetime
    restarted: bool
    claim: Claim | None
    expected: Restricted | None
    verdict: Verdict | None  # None: nothing was claimed

    def is_of(self, said: Acknowledgement) -> bool:
        """Whether it is the receipt of this very acknowledgement, sent again."""
        return (self.position, self.restarted, self.claim) == (said.position, said.restarted, said.claim)


class Behind(Exception):
    """An acknowledgement of less than is known already, by a subscriber that does not say that it began anew."""

    def __init__(self, known: Receipt) -> None:
        super().__init__("an acknowledgement behind the last one has to say that the subscriber began anew")
        self.known = known


def receipt_of(
    subscriber: str, last: Receipt | None, said: Acknowledgement, at: datetime, expected: Sequence[Restricted]
) -> Receipt:
    """The next receipt of a subscriber. Its time never lies before that of the one before. Raises `Behind`.

    `expected` is as `Claim.verdict` takes it.
    """
    if last is not None and said.position < last.position and not said.restarted:
        raise Behind(last)
    return Receipt(
        subscriber=subscriber,
        number=1 if last is None else last.number + 1,
        run=1 if last is None else last.run + said.restarted,
        position=said.position,
        reached=said.position if last is None else max(said.position, last.reached),
        at=at if last is None else max(at, last.at),
        restarted=said.restarted,
        claim=said.claim,
        expected=expected[0] if said.claim is not None and expected else None,
        verdict=None if said.claim is None else said.claim.verdict(expected),
    )
