"""Of an erasure and a contact that meet, one wins whole: nobody is erased with words in an open case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest

from application.desk import Desk
from application.ports import EventLog, KeyDestroyed, PersonDetails
from domain.codes import Authority, Channel, EntryReason, Right, SubjectId
from domain.decisions import Refused
from domain.decisions.endings import CloseCase
from domain.decisions.entries import DecideEntryDisposal, ProposeEntryDisposal
from domain.decisions.intake import LogContact
from domain.decisions.landlord import AppointPost
from domain.decisions.people import AuthoriseRepresentative, EndRepresentative
from domain.decisions.retention import ErasePerson
from domain.decisions.rights import ReceiveRightsRequest
from domain.events import SYSTEM
from domain.personal import Personal
from infrastructure.key_files import FileKeys
from infrastructure.keyring import migrate_keys
from infrastructure.office import Office, mint_event_id
from infrastructure.policy_shelf import LandlordPolicies
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.server import PostgresServer
from tests.application.a_desk import HandsOnAClock, Interrupted
from tests.policies import baseline_file, policy_file

POSTS = {"officer": "head_of_service", "guardian": "data_protection_officer", "archivist": "records_officer"}
TRIES = 6
TODAY = date(2021, 1, 11)


class Meeting:
    """One landlord over a real database, with people who are to be erased."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.desk = office.desk
        self.staff = {login: office.directory.add_staff("issuer", login, login.title()) for login in POSTS}
        for login, role in POSTS.items():
            self.desk.manage(AppointPost(role=role, staff=self.staff[login], starts_on=date(2021, 1, 1)), SYSTEM)

    def entered(self) -> SubjectId:
        """Somebody who is in the directory alone."""
        return self.office.directory.add_person(PersonDetails(reference=f"E-{uuid4().hex}", name="Xylo"))

    def on(self, log: EventLog) -> Desk:
        """Another desk, on another way to the log."""
        beside = self.desk._beside  # noqa: SLF001 - what the office gave its own
        return Desk("derby", log, self.office.policies, self.office.clock, mint_event_id, beside=beside)

    def call(self, person: SubjectId, desk: Desk | None = None) -> None:
        """They ring."""
        call = LogContact(channel=Channel.TELEPHONE, summary=Personal("Asked about the bins."))
        (desk or self.desk).log_contact(person, call, self.staff["officer"])

    def entry(self) -> tuple[SubjectId, Callable[[Desk], None]]:
        """Somebody without a case whose entry is to go, and what agrees to it."""
        person = self.entered()
        asks = ProposeEntryDisposal(persons=(person,), because=EntryReason.REQUEST, requested_on=TODAY)
        disposal = str(self._made(self.desk.manage(asks, self.staff["archivist"]).answer))
        agreed = DecideEntryDisposal(disposal=disposal, approved=True)
        return person, lambda desk: _done(desk.manage(agreed, self.staff["guardian"]))

    def customer(self) -> tuple[SubjectId, Callable[[Desk], None]]:
        """A customer whose only case is closed, who asked to be erased, and what erases them."""
        person = self.entered()
        self.call(person)
        return person, self._erases(person, None, CloseCase())

    def sister(self) -> tuple[SubjectId, Callable[[Desk], None]]:
        """Somebody who is only spoken of in another person's case and asked to be erased, and what erases them."""
        person, customer = self.entered(), self.entered()
        self.call(customer)
        given = AuthoriseRepresentative(
            person=person, authority=Authority.WRITTEN, detail=Personal("A letter."), on=date(2021, 1, 4)
        )
        case = self.desk.cases_of(customer)[-1]
        self.desk.execute(case, given, self.staff["officer"])
        return person, self._erases(
            customer, person, EndRepresentative(representative="representative-1", on=date(2021, 1, 8))
        )

    def _erases(
        self, customer: SubjectId, third: SubjectId | None, *before: CloseCase | EndRepresentative
    ) -> Callable[[Desk], None]:
        case = self.desk.cases_of(customer)[-1]
        asks = ReceiveRightsRequest(right=Right.ERASURE)
        request = str(self._made(self.desk.execute(case, asks, self.staff["officer"]).answer))
        for command in before:
            self.desk.execute(case, command, self.staff["officer"])
        erases = ErasePerson(request=request, person=third)
        return lambda desk: _done(desk.execute(case, erases, self.staff["guardian"]))

    def _made(self, answer: object) -> object:
        assert isinstance(answer, dict)
        return answer["facts"][0]["id"]

    def erased_on_record(self, person: SubjectId) -> bool:
        """Whether an erasure of all of theirs is in the log."""
        found = self.office.retention.erasures(0, 1000)
        return any(e.fact is not None and e.fact.person == person and not e.fact.classes for e in found)

    def an_open_case(self, person: SubjectId) -> bool:
        """Whether they have one."""
        return self.desk.open_case_of(person) is not None


def _done(_: object) -> None:
    """Whatever was answered."""


@pytest.fixture
def meeting(database: str, tmp_path: Path) -> Iterator[Meeting]:
    """Derby in 2021."""
    for outcomes in (migrate(database, ["derby"]), migrate_keys(database, ["derby"])):
        assert outcomes["derby"].failure is None
    FileKeys.set_up(tmp_path, "derby")
    file = policy_file("derby")
    policies = LandlordPolicies(baseline_file(), {file.effective: file})
    with PostgresServer(database) as server:
        clock = HandsOnAClock(datetime(2021, 1, 11, 12, tzinfo=UTC))
        office = Office.of("derby", clock, policies, tmp_path, server, server)
        office.found(demonstration=False)
        office.open()
        yield Meeting(office)
        server.close()


@pytest.fixture(params=["entry", "customer", "sister"])
def whose(request: pytest.FixtureRequest) -> str:
    """Who is to be erased: somebody without a case, with a closed one, or in another person's."""
    return str(request.param)


def test_a_contact_just_before_an_erasure_stands_and_the_erasure_is_refused(meeting: Meeting, whose: str) -> None:
    person, erase = getattr(meeting, whose)()
    late = meeting.on(Interrupted(meeting.office.log, lambda: meeting.call(person)))
    with pytest.raises(Refused):
        erase(late)
    assert not meeting.erased_on_record(person)
    assert meeting.an_open_case(person)


def test_an_erasure_just_before_a_contact_stands_and_the_contact_is_refused(meeting: Meeting, whose: str) -> None:
    person, erase = getattr(meeting, whose)()
    late = meeting.on(Interrupted(meeting.office.log, lambda: erase(meeting.desk)))
    with pytest.raises(KeyDestroyed):
        meeting.call(person, late)
    assert meeting.erased_on_record(person)
    assert not meeting.an_open_case(person)


def test_a_contact_after_an_erasure_that_is_not_carried_out_yet_is_refused(meeting: Meeting, whose: str) -> None:
    person, erase = getattr(meeting, whose)()
    erase(meeting.desk)
    with pytest.raises(KeyDestroyed):
        meeting.call(person)
    assert meeting.office.erasures.sweep() == 0


def test_an_erasure_and_a_contact_at_once_never_both_succeed(meeting: Meeting, whose: str) -> None:
    for _ in range(TRIES):
        person, erase = getattr(meeting, whose)()
        start = Barrier(2)

        def ring(person: SubjectId = person, start: Barrier = start) -> bool:
            start.wait(10)
            try:
                meeting.call(person)
            except KeyDestroyed:
                return False
            return True

        def go(erase: Callable[[Desk], None] = erase, start: Barrier = start) -> bool:
            start.wait(10)
            try:
                erase(meeting.desk)
            except Refused:
                return False
            return True

        with ThreadPoolExecutor(2) as threads:
            rang, erased = threads.submit(ring), threads.submit(go)
        assert rang.result() is not erased.result()
        assert meeting.an_open_case(person) is rang.result()
        assert meeting.erased_on_record(person) is erased.result()
