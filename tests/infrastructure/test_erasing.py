"""Erasure over real parts: what is recorded as erased ends destroyed, whoever is killed or away meanwhile."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID, uuid4

import psycopg
import pytest

from application.ports import KeyDestroyed, PersonDetails
from domain.codes import CaseId, Channel, Mitigation, RecordClass, Right, StaffId, SubjectId
from domain.decisions import CaseCommand
from domain.decisions.endings import CloseCase
from domain.decisions.intake import LogContact, RecordIncident
from domain.decisions.landlord import AppointPost
from domain.decisions.retention import DecideDisposal, ErasePerson, ProposeDisposal
from domain.decisions.rights import ReceiveRightsRequest
from domain.decisions.support import ConsiderMitigation
from domain.events import SYSTEM, ContactLogged, IncidentRecorded, MitigationConsidered, PersonErased
from domain.personal import ERASED, Erased, Personal
from infrastructure.bootstrap import build
from infrastructure.engine.projecting import project
from infrastructure.erasing import Eraser, swept
from infrastructure.key_files import FileKeys
from infrastructure.keyring import migrate_keys
from infrastructure.office import Office
from infrastructure.policy_shelf import LandlordPolicies
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.server import PostgresServer
from infrastructure.sealing import Sealing
from infrastructure.settings import Settings
from projections import ALL
from tests.application.a_desk import HandsOnAClock
from tests.domain.test_erasure_blindness import without_words
from tests.infrastructure import doomed_eraser
from tests.policies import baseline_file, policy_file

PATIENCE = 60  # seconds
WORDS = "Xylographer Quandary"
POSTS = {"officer": "head_of_service", "guardian": "data_protection_officer", "archivist": "records_officer"}


@dataclass
class Closed:
    """A customer whose case is closed."""

    person: SubjectId
    case: CaseId
    reference: str


@dataclass
class Archive:
    """One landlord over a real database, with a clock that is set and three members of staff."""

    office: Office
    clock: HandsOnAClock
    staff: dict[str, StaffId]
    folder: Path

    def do(self, case: CaseId, command: CaseCommand, by: str = "officer") -> None:
        """A command of one of them."""
        self.office.desk.execute(case, command, self.staff[by])

    def read(self, value: Personal | None) -> str | Erased:
        """What a sealed value reads as now."""
        assert value is not None
        return Sealing(self.office.key_ring).reveal(value)

    def fact(self, case: CaseId, kind: type) -> object:
        """The last fact of a kind in a case."""
        return [event.fact for event in self.office.log.history(case) if isinstance(event.fact, kind)][-1]

    def a_closed_case(self, *commands: CaseCommand) -> Closed:
        """Somebody new rings, these follow, and the case is closed."""
        reference = f"T-{uuid4().hex}"
        person = self.office.directory.add_person(PersonDetails(reference=reference, name=WORDS))
        call = LogContact(channel=Channel.TELEPHONE, summary=Personal(WORDS))
        case = CaseId(str(self.office.desk.log_contact(person, call, self.staff["officer"]).answer["case"]))
        for command in (*commands, CloseCase()):
            self.do(case, command)
        return Closed(person, case, reference)

    def disposed(self, case: CaseId, *classes: RecordClass) -> None:
        """These records are disposed of, and the keys destroyed."""
        self.do(case, ProposeDisposal(classes=classes), "archivist")
        number = len(self.office.desk.case(case).disposals)
        self.do(case, DecideDisposal(disposal=f"disposal-{number}", approved=True), "guardian")
        assert self.office.erasures.sweep() == 0


@pytest.fixture
def archive(database: str, tmp_path: Path) -> Iterator[Archive]:
    """Derby in 2015."""
    for outcomes in (migrate(database, ["derby"]), migrate_keys(database, ["derby"])):
        assert outcomes["derby"].failure is None
    FileKeys.set_up(tmp_path, "derby")
    file = policy_file("derby")
    clock = HandsOnAClock(datetime(2021, 1, 11, 12, tzinfo=UTC))
    policies = LandlordPolicies(baseline_file(), {file.effective: file})
    with PostgresServer(database) as server:
        office = Office.of("derby", clock, policies, tmp_path, server, server)
        office.found(demonstration=False)
        office.open()
        yield Archive(office, clock, with_posts(office), tmp_path)
        server.close()


def with_posts(office: Office) -> dict[str, StaffId]:
    """Three members of staff in their posts."""
    staff = {login: office.directory.add_staff("issuer", login, login.title()) for login in POSTS}
    for login, role in POSTS.items():
        office.desk.manage(AppointPost(role=role, staff=staff[login], starts_on=date(2021, 1, 1)), SYSTEM)
    return staff


def test_disposed_classes_read_as_erased_and_the_others_as_before(archive: Archive) -> None:
    closed = archive.a_closed_case(
        ConsiderMitigation(considered=(Mitigation.HEALTH,), conclusion=Personal(WORDS)),
    )
    archive.clock.at = datetime(2022, 2, 1, 12, tzinfo=UTC)
    archive.disposed(closed.case, RecordClass.ADJUSTMENTS)
    mitigation, contact = archive.fact(closed.case, MitigationConsidered), archive.fact(closed.case, ContactLogged)
    assert isinstance(mitigation, MitigationConsidered)
    assert isinstance(contact, ContactLogged)
    assert archive.read(mitigation.conclusion) is ERASED
    assert archive.read(contact.summary) == WORDS
    assert archive.office.directory.person_by_reference(closed.reference) == closed.person

    archive.clock.at = datetime(2023, 2, 1, 12, tzinfo=UTC)
    archive.disposed(closed.case, RecordClass.CONTACTS)
    assert archive.read(contact.summary) is ERASED
    assert archive.office.directory.person_by_reference(closed.reference) is None
    assert archive.office.directory.person(closed.person) is ERASED


def test_what_was_said_of_a_third_party_goes_with_the_case_and_stays_in_others(archive: Archive) -> None:
    lodger = str(uuid4())

    def told(words: str) -> RecordIncident:
        return RecordIncident(
            happened_on=date(2021, 1, 11),
            grounds=("other",),
            other_ground=Personal("in words"),
            other_category="abusive",
            account=Personal("in words"),
            other_party=Personal(words),
            other_person=lodger,
        )

    first, second = archive.a_closed_case(told("first")), archive.a_closed_case(told("second"))
    archive.clock.at = datetime(2023, 2, 1, 12, tzinfo=UTC)
    archive.disposed(first.case, RecordClass.CONTACTS)
    incidents = [archive.fact(closed.case, IncidentRecorded) for closed in (first, second)]
    read = [archive.read(fact.other_party) for fact in incidents if isinstance(fact, IncidentRecorded)]
    assert read == [ERASED, "second"]


def test_one_case_of_a_person_can_go_while_another_is_kept(archive: Archive) -> None:
    first = archive.a_closed_case()
    archive.clock.at = datetime(2023, 2, 1, 12, tzinfo=UTC)
    call = LogContact(channel=Channel.TELEPHONE, summary=Personal("again"))
    again = archive.office.desk.log_contact(first.person, call, archive.staff["officer"]).answer
    archive.disposed(first.case, RecordClass.CONTACTS)
    old = archive.fact(first.case, ContactLogged)
    new = archive.fact(CaseId(str(again["case"])), ContactLogged)
    assert isinstance(old, ContactLogged)
    assert isinstance(new, ContactLogged)
    assert archive.read(old.summary) is ERASED
    assert archive.read(new.summary) == "again"
    assert archive.office.directory.person_by_reference(first.reference) == first.person


def test_erasing_a_person_reaches_all_their_cases_in_one_append(archive: Archive) -> None:
    first = archive.a_closed_case()
    call = LogContact(channel=Channel.TELEPHONE, summary=Personal("again"))
    second = CaseId(str(archive.office.desk.log_contact(first.person, call, archive.staff["officer"]).answer["case"]))
    archive.do(second, ReceiveRightsRequest(right=Right.ERASURE))
    archive.do(second, CloseCase())
    archive.do(second, ErasePerson(request="rights-1"), "guardian")
    assert [isinstance(archive.fact(case, PersonErased), PersonErased) for case in (first.case, second)] == [True, True]
    archive.office.erasures.sweep()
    for case in (first.case, second):
        contact = archive.fact(case, ContactLogged)
        assert isinstance(contact, ContactLogged)
        assert archive.read(contact.summary) is ERASED
    with pytest.raises(KeyDestroyed):
        archive.office.desk.log_contact(first.person, call, archive.staff["officer"])


def erased_on_record(archive: Archive) -> Closed:
    """Somebody whose erasure is recorded and not carried out."""
    closed = archive.a_closed_case(ReceiveRightsRequest(right=Right.ERASURE))
    archive.do(closed.case, ErasePerson(request="rights-1"), "guardian")
    return closed


def test_nothing_is_written_about_somebody_whose_keys_are_about_to_go(archive: Archive) -> None:
    closed = erased_on_record(archive)
    head = archive.office.log.head()
    call = LogContact(channel=Channel.TELEPHONE, summary=Personal("again"))
    with pytest.raises(KeyDestroyed):
        archive.office.desk.log_contact(closed.person, call, archive.staff["officer"])
    assert archive.office.log.head() == head


def test_the_rows_of_every_read_model_are_the_same_before_and_after_the_keys_are_gone(archive: Archive) -> None:
    people = [erased_on_record(archive) for _ in range(4)]
    office = archive.office
    rows = [office.recorder.read_stream(UUID(closed.case)) for closed in people]
    before = [without_words(project(ALL, history, office.projector.decode).rows) for history in rows]
    assert office.erasures.sweep() == 0
    assert [without_words(project(ALL, history, office.projector.decode).rows) for history in rows] == before
    assert all(all(told is not None for told in one.values()) for one in before if isinstance(one, dict))


def test_keys_that_come_back_with_a_backup_are_destroyed_at_the_next_start(archive: Archive, database: str) -> None:
    closed = erased_on_record(archive)
    with psycopg.connect(database, autocommit=True) as conn:
        kept = conn.execute("SELECT * FROM landlord_derby_keys.data_key WHERE person = %s", [closed.person]).fetchall()
        archive.office.erasures.sweep()
        conn.execute("ALTER TABLE landlord_derby_keys.data_key DISABLE TRIGGER USER")
        conn.execute("ALTER TABLE landlord_derby_keys.holder DISABLE TRIGGER USER")
        conn.execute("DELETE FROM landlord_derby_keys.data_key WHERE person = %s", [closed.person])
        conn.execute("UPDATE landlord_derby_keys.holder SET destroyed_at = NULL WHERE person = %s", [closed.person])
        for row in kept:
            conn.execute("INSERT INTO landlord_derby_keys.data_key VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", row)
        conn.execute("ALTER TABLE landlord_derby_keys.data_key ENABLE TRIGGER USER")
        conn.execute("ALTER TABLE landlord_derby_keys.holder ENABLE TRIGGER USER")
    contact = archive.fact(closed.case, ContactLogged)
    assert isinstance(contact, ContactLogged)
    assert archive.read(contact.summary) == WORDS
    restarted = another(archive)
    assert swept("derby", restarted.erasures)
    assert archive.read(contact.summary) is ERASED


def another(archive: Archive) -> Office:
    """The same landlord in another process."""
    office = archive.office
    server = office.recorder.server
    return Office.of("derby", archive.clock, office.policies, archive.folder, server, server)


def test_two_services_that_erase_at_once_do_so_once(archive: Archive) -> None:
    people = [erased_on_record(archive) for _ in range(10)]
    directory = archive.office.directory
    with ExitStack() as stack:
        for office in (archive.office, another(archive)):
            eraser = Eraser([("derby", office.erasures)])
            eraser.start()
            stack.callback(eraser.stop)
        soon(lambda: all(directory.person(closed.person) is ERASED for closed in people))


def test_while_the_keys_are_away_the_erasure_waits(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = erased_on_record(archive)
    contact = archive.fact(closed.case, ContactLogged)
    assert isinstance(contact, ContactLogged)

    def away(*_: object) -> None:
        raise ConnectionError(WORDS)

    with monkeypatch.context() as patched:
        patched.setattr(type(archive.office.key_ring), "destroy", away)
        assert not swept("derby", archive.office.erasures)
        assert archive.read(contact.summary) == WORDS
    assert swept("derby", archive.office.erasures)
    assert archive.read(contact.summary) is ERASED


def test_what_fails_is_noted_without_its_words(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    erased_on_record(archive)
    position = archive.office.log.head()

    def away(*_: object) -> None:
        raise ConnectionError(WORDS)

    ring = archive.office.key_ring
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(ring), "destroy", away)
        swept("derby", archive.office.erasures)
    assert f"position {position}" in caplog.text
    assert "ConnectionError" in caplog.text
    assert WORDS not in caplog.text


# killed


@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_beside_the_destruction_the_next_service_finishes_it(database: str, tmp_path: Path, side: str) -> None:
    settings = Settings(data=tmp_path, keys=tmp_path / "keys", database=database)
    with build(settings) as evenhand:
        office = evenhand.set_up("derby")
        archive = Archive(office, HandsOnAClock(), with_posts(office), tmp_path)
        closed = archive.a_closed_case(ReceiveRightsRequest(right=Right.ERASURE))
    command = [sys.executable, "-m", doomed_eraser.__name__, str(tmp_path), database, side, closed.case]
    killed = subprocess.run([*command, archive.staff["guardian"]], timeout=PATIENCE, check=False)
    assert killed.returncode == -signal.SIGKILL

    with build(settings) as evenhand:
        office = evenhand.office("derby")
        assert any(isinstance(event.fact, PersonErased) for event in office.log.history(closed.case))
        assert office.directory.person_by_reference(closed.reference) == closed.person
        evenhand.follow()
        soon(lambda: office.directory.person_by_reference(closed.reference) is None)
        assert office.directory.person(closed.person) is ERASED
        [contact] = [e.fact for e in office.log.history(closed.case) if isinstance(e.fact, ContactLogged)]
        assert Sealing(office.key_ring).reveal(contact.summary) is ERASED


def soon(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    until = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < until
        sleep(0.05)
