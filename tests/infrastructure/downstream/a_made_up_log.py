"""A log that is worked out from its numbers alone: as many events as a test says, the same in every process."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from uuid import NAMESPACE_OID, uuid5

from infrastructure.downstream.broker.names import TOPICS
from infrastructure.downstream.public_log import PublicPage
from infrastructure.downstream.telling import Told
from infrastructure.downstream.wanted import Wanted
from tests.infrastructure.a_log import NOON

NAMES = sorted(TOPICS)
BODY = b'{"specversion": "1.0", "id": "%s", "data": {"of": "%s", "padding": "' + b"-" * 500 + b'"}}'


@dataclass
class MadeUpLog:
    """Events at the positions 1 to `head`; another `story` has others. Every tenth position is of no case."""

    length: int
    story: str = "first"
    parts_at: int = 0  # up to here, every story is the same

    def head(self) -> int:
        """The last position."""
        return self.length

    def refresh(self) -> int:
        """The last position; nothing is remembered."""
        return self.length

    def mark(self, position: int, *, tail: bool = False) -> bytes | None:  # noqa: ARG002 - as it is anyway
        """The digest of a position."""
        if position == 0:
            return b""
        return None if position > self.length else self._mark(position)

    def read(self, wanted: Wanted, after: int, limit: int = 500, *, tail: bool = False) -> PublicPage:  # noqa: ARG002
        """The next events."""
        assert wanted.partner is None
        end = min(after + limit, self.length)
        told = tuple(self.told(position) for position in range(after + 1, end + 1) if position % 10)
        return PublicPage(told, max(end, after), self.length)

    def ids(self) -> list[str]:
        """The ids of all events."""
        return [self._id(position) for position in range(1, self.length + 1) if position % 10]

    def told(self, position: int) -> Told:
        """One event."""
        known = self._id(position)
        case = str(uuid5(NAMESPACE_OID, f"case {position % 97}"))
        name = NAMES[position % len(NAMES)]
        body = BODY % (known.encode(), case.encode())
        return Told(position, case, position, known, name, None, NOON, self._mark(position), body)

    def _id(self, position: int) -> str:
        return str(uuid5(NAMESPACE_OID, f"{self._story(position)} {position}"))

    def _mark(self, position: int) -> bytes:
        return blake2b(f"{self._story(position)} {position}".encode(), digest_size=16).digest()

    def _story(self, position: int) -> str:
        return "first" if position <= self.parts_at else self.story
