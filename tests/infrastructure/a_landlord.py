"""A landlord with everything that keeps and opens what it knows: keys, key store, log, directory, access log."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg

from domain.codes import CaseId, SubjectId
from domain.events import Event
from domain.personal import Personal
from infrastructure.access_log import PostgresAccessLog, Reader
from infrastructure.blobs import PostgresBlobs
from infrastructure.directory import PostgresDirectory
from infrastructure.event_store import LandlordRecorder
from infrastructure.key_files import FileKeys
from infrastructure.keyring import PostgresKeyRing, migrate_keys
from infrastructure.log import PostgresEventLog
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import Mapper
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.server import PostgresServer
from infrastructure.sealing import Sealing
from tests.golden.samples import plain, sample
from tests.infrastructure.a_log import NOON, SetClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from eventsourcing.persistence import StoredEvent

ELM = "elm"


@dataclass
class Landlord:
    """The parts of one landlord, over one server."""

    dsn: str
    server: PostgresServer
    key_folder: Path
    keys: FileKeys
    clock: SetClock

    @cached_property
    def ring(self) -> PostgresKeyRing:
        """The key ring."""
        return PostgresKeyRing(self.server, ELM, self.keys)

    @cached_property
    def sealing(self) -> Sealing:
        """What seals and opens."""
        return Sealing(self.ring)

    @cached_property
    def mapper(self) -> Mapper:
        """What turns events to bytes."""
        return Mapper(self.sealing)

    @cached_property
    def log(self) -> PostgresEventLog:
        """The log."""
        return PostgresEventLog(LandlordRecorder(self.server, ELM, self.clock), self.mapper)

    @cached_property
    def directory(self) -> PostgresDirectory:
        """The directory."""
        return PostgresDirectory(self.server, ELM, self.keys, self.sealing, self.ring)

    @cached_property
    def access_log(self) -> PostgresAccessLog:
        """The access log."""
        return PostgresAccessLog(self.server, ELM, self.clock)

    @cached_property
    def blobs(self) -> PostgresBlobs:
        """The evidence files."""
        return PostgresBlobs(self.server, ELM, self.ring)

    @cached_property
    def reader(self) -> Reader:
        """The edge's way to personal values."""
        return Reader(self.access_log, self.sealing, self.directory, self.blobs)

    def connect(self) -> psycopg.Connection:
        """A connection that finds the tables of the landlord and of its key store by their bare names."""
        schemas = f"-c search_path=landlord_{ELM},landlord_{ELM}_keys"
        return psycopg.connect(self.dsn, autocommit=True, options=schemas)

    def shown(self, value: object) -> Any:
        """Events or facts as JSON, with what every personal value reads as now."""
        return plain(value, self.sealing.reveal)


@contextmanager
def a_landlord(dsn: str, folder: Path) -> Iterator[Landlord]:
    """A landlord that was just set up, with key files under `folder`."""
    for outcomes in (migrate(dsn, [ELM]), migrate_keys(dsn, [ELM])):
        assert outcomes[ELM].failure is None, outcomes[ELM].failure
    with PostgresServer(dsn) as server:
        yield Landlord(dsn, server, folder, FileKeys.set_up(folder, ELM), SetClock())
        server.close()


def opened_case(person: SubjectId, *stored_names: str) -> list[Event]:
    """A new case of a person: its opening, then a sample of each of these facts."""
    stream = str(uuid4())
    events = []
    for version, stored_name in enumerate(("CaseOpened", *stored_names), start=1):
        known: Any = sample(stored_name, version=version)
        fact = changed(known.fact, person=person) if stored_name == "CaseOpened" else known.fact
        events.append(changed(known, stream=stream, event_id=str(uuid4()), fact=fact))
    return events


def changed(value: Any, **fields: object) -> Any:
    """The same event or fact with other fields; the library's own `replace` is not typed for a union."""
    return type(value)(**({name: getattr(value, name) for name in value.__dataclass_fields__} | fields))


def as_row(stored: StoredEvent, position: int = 7) -> StoredRow:
    """What was to be written, as if it had been read back."""
    return StoredRow(
        str(stored.originator_id),
        stored.originator_version,
        stored.topic,
        position,
        NOON,
        stored.state,
    )


def somebody() -> SubjectId:
    """A person nobody has heard of yet."""
    return SubjectId(str(uuid4()))


def a_case() -> CaseId:
    """A case id nobody has used yet."""
    return CaseId(str(uuid4()))


def fresh(text: str) -> Personal:
    """A personal value that was just written."""
    return Personal(text)
