"""The peer from the event-sourcing library: its default recorder and repository, as it sets them up by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

from infrastructure.mapper import LENGTH_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventsourcing.persistence import StoredEvent

# Seen on eventsourcing 9.5.6: a save of a thousand events at once never returns; why, we did not find out.
SAVED_AT_ONCE: Final = 50


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
