"""Which subscriber asks, and what it may be told: for every route of those who follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from application.ports import Access
from domain.codes import CaseId, SubjectId
from infrastructure.code_version import CODE_VERSION
from infrastructure.downstream.feed_cursors import CursorGone, CursorRefused, FeedCursors
from infrastructure.downstream.wanted import wanted_of
from infrastructure.http.problems import CURSOR_GONE, NOT_SUBSCRIBER, Problem, misshapen
from infrastructure.http.security import operation, route_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from domain.landlord import Landlord, Subscriber
    from infrastructure.downstream.public_log import PublicLog
    from infrastructure.downstream.wanted import Wanted
    from infrastructure.office import Office
    from infrastructure.tokens import Caller

FOLLOW: Final = "follow"  # the scope
RESYNCHRONISE: Final = "/v1/snapshot"


@dataclass(frozen=True, slots=True)
class Question:
    """What a subscriber asks for, and the places in it."""

    office: Office
    caller: Caller
    subscriber: Subscriber
    wanted: Wanted
    cursors: FeedCursors

    @classmethod
    def of(cls, office: Office, caller: Caller, *, current: bool = False, **filters: object) -> Question:
        """What this caller asks for, with the filters of `wanted_of`, which raises ValueError. Raises `Problem`.

        With `current`, the landlord as it was read last is how it is.
        """
        subscriber = subscriber_of(office.desk.last_state() if current else office.desk.state(), caller)
        wanted = wanted_of(office.landlord, subscriber, **filters)  # type: ignore[arg-type]
        return cls(office, caller, subscriber, wanted, FeedCursors(office.keys, wanted))

    @property
    def log(self) -> PublicLog:
        """The public events of the landlord."""
        return self.office.public_log

    def stands(self) -> bool:
        """Whether the subscriber is registered as it was when it asked, by the last news from the log."""
        return self.office.desk.last_state().subscriber_of(self.caller.staff) == self.subscriber

    def position(self, cursor: str, field: str) -> int:
        """The position of a cursor of this question. Raises `Problem` for one that does not count."""
        try:
            return self.cursors.checked(cursor, self.log)
        except CursorRefused as refused:
            raise misshapen([(field, str(refused))]) from None
        except CursorGone as gone:
            raise cursor_gone(str(gone)) from None

    def is_at_the_end(self, cursor: str) -> int | None:
        """The position of a cursor, if nothing came after it by the last look; asks nobody."""
        try:
            position, mark = self.cursors.place(cursor)
        except CursorRefused:
            return None
        return position if self.log.ends_at(position, mark) else None

    def cursor(self, position: int) -> str:
        """The cursor of a position that was read. Raises `Problem` when the log does not reach it any more."""
        mark = self.log.mark(position)
        if mark is None:
            raise cursor_gone("The log became shorter while it was read.")
        return self.cursors.cursor(position, mark)

    def references(
        self, request: Request, position: int, read: Sequence[tuple[str | None, str]]
    ) -> Mapping[SubjectId, str | None]:
        """The customer references of (case, person) pairs, for a subscriber that may have them; on record first."""
        if not self.subscriber.references or not read:
            return {}
        access = Access(
            actor=self.caller.staff,
            role=f"subscriber {self.subscriber.id}",
            purpose=operation(request.scope["route"]),
            query=f"{request.method} {route_of(request.scope)}",
            fields=(),
            case=None,
            subject=None,
            position=position,
            code_version=CODE_VERSION,
        )
        return self.office.reader.references_for(
            access, [(CaseId(case) if case else None, SubjectId(person)) for case, person in dict.fromkeys(read)]
        )


def subscriber_of(landlord: Landlord, caller: Caller) -> Subscriber:
    """The subscriber that signs in as this caller. Raises `Problem`."""
    found = landlord.subscriber_of(caller.staff)
    if found is None:
        raise Problem(NOT_SUBSCRIBER, "The token names no subscriber that is registered and has not ended.")
    return found


def cursor_gone(detail: str) -> Problem:
    """The problem of a place that the log does not have any more, and how to go on."""
    return Problem(CURSOR_GONE, f"{detail} Begin again from {RESYNCHRONISE}.", {"resynchronise": RESYNCHRONISE})


__all__ = ["FOLLOW", "RESYNCHRONISE", "Question", "cursor_gone", "subscriber_of"]
