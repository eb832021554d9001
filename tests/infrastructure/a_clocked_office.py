"""An office of Maidstone's on a real database, with a clock that is set and read models that are kept up when asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from uuid import uuid4

from domain.calendar import london_datetime
from domain.codes import CaseId, SubjectId
from domain.decisions.importing import ImportedMeasure, ImportRestriction
from domain.events import DeadlinePassed, Event, RestrictionEnded, ReviewFellDue
from infrastructure.engine.fold_cache import FoldCache
from infrastructure.engine.keeper import Keeper
from infrastructure.key_files import FileKeys
from infrastructure.keyring import migrate_keys
from infrastructure.office import Office
from infrastructure.postgres.leading import connected
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.server import PostgresServer
from tests.application.a_desk import MAIDSTONE, HandsOnAClock, begun, maidstones_policies

OF_THE_CLOCK = (DeadlinePassed, ReviewFellDue, RestrictionEnded)


class ClockedOffice:
    """The office, its clock, and what a test does with them."""

    def __init__(self, office: Office, clock: HandsOnAClock) -> None:
        self.office = office
        self.clock = clock

    def to(self, day: date) -> None:
        """It is noon of that day."""
        self.clock.at = london_datetime(day, time(12))

    def restricted(self, starts_on: date, ends_on: date) -> CaseId:
        """A case of somebody new with a restriction from a register."""
        command = ImportRestriction(
            source="register",
            line=1,
            measures=(ImportedMeasure(code="one_channel", open=("letter",)),),
            decided_on=starts_on,
            told_on=starts_on,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        return CaseId(str(self.office.desk.bring_along(SubjectId(str(uuid4())), command).answer["case"]))

    def catch_up(self) -> None:
        """The read models take in what is in the log."""
        keeper = Keeper(self.office.projector, "test", FoldCache())
        with connected(self.office.recorder.server.dsn, "test") as conn:
            keeper.claim(conn)
            while keeper.advance(conn):
                pass

    def taken_down(self) -> list[Event]:
        """What the clock took down, in the order of the log."""
        return [event for event in self.office.log.after(0, 1_000_000) if isinstance(event.fact, OF_THE_CLOCK)]

    def terms(self) -> list[tuple[str, date]]:
        """The cases whose term was taken down as ended, with the day on which that takes effect; in order."""
        ended = (event for event in self.taken_down() if isinstance(event.fact, RestrictionEnded))
        return [(event.stream, event.effective_on) for event in ended]


def landlord_with_schema(dsn: str, folder: Path) -> None:
    """Schemas and keys of the landlord, made where they are missing."""
    for outcomes in (migrate(dsn, [MAIDSTONE]), migrate_keys(dsn, [MAIDSTONE])):
        assert outcomes[MAIDSTONE].failure is None, outcomes[MAIDSTONE].failure
    if not (folder / MAIDSTONE).exists():
        FileKeys.set_up(folder, MAIDSTONE)


@contextmanager
def a_clocked_office(dsn: str, folder: Path, *, again: bool = False) -> Iterator[ClockedOffice]:
    """The office of a landlord that has just begun; `again` opens one that is there already."""
    landlord_with_schema(dsn, folder)
    clock = HandsOnAClock()
    with PostgresServer(dsn) as server:
        office = Office.of(MAIDSTONE, clock, maidstones_policies(), folder, server, server)
        if not again:
            begun(office.log, clock)
        office.projector.prepare()
        yield ClockedOffice(office, clock)
        server.close()
