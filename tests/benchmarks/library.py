"""The peer from the event-sourcing library: its default recorder and repository, as it sets them up by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

from infrastructure.mapper import LENGTH_BYTES

if TYPE_CHECKING:
    from eventsourcing.persistence import StoredEvent

# Seen on eventsourcing 9.5.6: a save of a thousand events at once never returns; why, we did not find out.
SAVED_AT_ONCE: Final = 50
SEED: Final = 1


class LibraryCase(Aggregate):
    """A case in the library's manner. It keeps what it was told and decides nothing, so its fold is the cheapest."""

    def __init__(self, case: UUID) -> None:
        self.case = case
        self.told: list[tuple[str, dict[str, Any], str]] = []

    @staticmethod
    def create_id(case: UUID) -> UUID:
        """The id of the case that it stands for."""
        return case

    @event("Told")
    def tell(self, kind: str, record: dict[str, Any], sealed: str) -> None:
        """One more fact: its name, the clear record, and the sealed values as the text that they are stored as."""
        self.told.append((kind, record, sealed))


class LibraryCases(Application[UUID]):
    """Cases kept by the library."""

    def write(self, stored: Sequence[StoredEvent]) -> UUID:
        """Keep a whole history; returns its id."""
        case = LibraryCase(UUID(str(stored[0].originator_id)))
        for number, one in enumerate(stored, start=1):
            case.tell(one.topic, *_parts(one.state))
            if number % SAVED_AT_ONCE == 0:
                self.save(case)
        self.save(case)
        return case.id

    def write_mixed(self, histories: Iterator[Sequence[StoredEvent]], events: int, under_way: int) -> int:
        """Keep at least so many facts of these histories, many at a time and in random order; the last position.

        The library adds an event of its own to each case.
        """
        random = Random(SEED)  # noqa: S311 - the same order each time, and no secret
        cases = [_Told.begun(histories) for _ in range(under_way)]
        while (self.recorder.max_notification_id() or 0) < events:
            chosen = random.sample(range(under_way), min(SAVED_AT_ONCE, under_way))
            for place in chosen:
                cases[place].tell_next()
            self.save(*(cases[place].case for place in chosen))
            for place in chosen:
                if not cases[place].left:
                    cases[place] = _Told.begun(histories)
        return self.recorder.max_notification_id() or 0


@dataclass(slots=True)
class _Told:
    """A case under way, and what is still to be told of it, the next last."""

    case: LibraryCase
    left: list[StoredEvent]

    @classmethod
    def begun(cls, histories: Iterator[Sequence[StoredEvent]]) -> _Told:
        history = next(histories)
        return cls(LibraryCase(UUID(str(history[0].originator_id))), list(reversed(history)))

    def tell_next(self) -> None:
        one = self.left.pop()
        self.case.tell(one.topic, *_parts(one.state))


def environment(dsn: str) -> dict[str, str]:
    """What tells the library to use this server, everything else at its defaults."""
    parts = conninfo_to_dict(dsn)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts["port"]),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": "never asked for",
    }


def library_cases(dsn: str) -> LibraryCases:
    """The library's application over this server."""
    return LibraryCases(environment(dsn))


def _parts(state: bytes) -> tuple[dict[str, Any], str]:
    middle = LENGTH_BYTES + int.from_bytes(state[:LENGTH_BYTES], "big")
    return json.loads(state[LENGTH_BYTES:middle]), state[middle + LENGTH_BYTES :].decode()
