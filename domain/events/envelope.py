"""The envelope around every fact: who, in which post, under which policy and clauses, when it took effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from domain.calendar import london_date
from domain.codes import RoleCode, StaffId
from domain.events.parts import Override, PolicyRef

if TYPE_CHECKING:
    from domain.events import Fact

NOT_RECORDED: Final = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact with its envelope, as decided or as read back; `position` and `recorded_at` are the store's to give.

    `effective_at` is when it happened or took effect, an instant in UTC; `recorded_at` is when the store took it
    down. A fact whose day alone is known is effective at the start of that London day.
    """

    event_id: str  # UUIDv7, minted before sealing
    stream: str  # UUID of the case or of the landlord
    version: int  # 1 is the first fact of a stream
    fact: Fact
    effective_at: datetime
    actor: StaffId  # the member of staff, or `SYSTEM`
    post: RoleCode | None  # the post held that day that entitled the actor
    policy: PolicyRef | None  # None on facts of the landlord's own stream that precede any policy
    clauses: tuple[str, ...] = ()  # the landlord's clauses and baseline rules relied on
    overrides: tuple[Override, ...] = ()
    cause: str | None = None  # event id of what this follows from
    position: int = 0  # 0: not stored yet
    recorded_at: datetime = NOT_RECORDED

    @property
    def effective_on(self) -> date:
        """The London date on which it took effect."""
        return london_date(self.effective_at)

    @property
    def recorded_on(self) -> date:
        """The London date on which it was recorded."""
        return london_date(self.recorded_at)


SYSTEM: Final = StaffId("system")
