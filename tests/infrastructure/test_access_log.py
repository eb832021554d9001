"""Every reading of personal values is written down before anything is shown, and stays written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from application.ports import Access, PersonDetails
from domain.codes import CaseId, StaffId, SubjectId
from domain.events import ContactDisputed
from domain.personal import ERASED, Personal
from infrastructure.access_log import Reader
from infrastructure.sealing import DataKey, Disclosure, Sealing, verify_disclosure
from tests.golden.corpus import GoldenKeys
from tests.infrastructure.a_landlord import Landlord, a_case, a_landlord, opened_case, somebody
from tests.infrastructure.a_log import NOON


@pytest.fixture
def landlord(database: str, tmp_path: Path) -> Iterator[Landlord]:
    with a_landlord(database, tmp_path / "keys") as landlord:
        yield landlord


def reading(case: CaseId | None = None, query: str = "GET /v1/cases/{case}") -> Access:
    return Access(
        actor=StaffId("5f0c6c8e-0d7b-4c53-8f39-2b1a7d9e6c55"),
        role="head_of_service",
        purpose="casework",
        query=query,
        fields=(),
        case=case,
        subject=somebody(),
        position=17,
        code_version="1.2.3",
    )


class BrokenLog:
    """An access log that cannot be written."""

    def record(self, access: Access) -> None:
        """Fails."""
        raise ConnectionError(f"cannot record the query {access.query}")

    def record_each(self, access: Access, read: Sequence[tuple[CaseId | None, SubjectId]]) -> None:
        """Fails for all of them."""
        raise ConnectionError(f"cannot record the query {access.query} of {len(read)} people")

    def of_case(self, case: CaseId, *, after: int = 0, limit: int = 100) -> list[tuple[int, Access]]:
        """Fails as well."""
        raise ConnectionError(f"cannot read {case} after {after}, {limit} at most")


class CountingKeys(GoldenKeys):
    """Keys that count how often somebody wanted to open something."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = 0

    def for_opening(self, key_ids: Collection[str]) -> Mapping[str, DataKey | None]:
        """The keys, counted."""
        self.opened += 1
        return super().for_opening(key_ids)


def a_stored_value(landlord: Landlord) -> Personal:
    return statement_of(landlord, somebody())


def statement_of(landlord: Landlord, person: SubjectId) -> Personal:
    """What a person said when disputing a contact, as read from the log."""
    receipt = landlord.log.append(opened_case(person, "ContactDisputed"))
    [event] = landlord.log.after(receipt.last_position - 1, 1)
    assert isinstance(event.fact, ContactDisputed)
    return event.fact.statement


def test_what_is_recorded_is_read_back_with_its_number_and_time(landlord: Landlord) -> None:
    case = a_case()
    landlord.access_log.record(reading(case))
    landlord.clock.now = NOON + timedelta(hours=1)
    landlord.access_log.record(reading(a_case()))
    landlord.access_log.record(reading(case, query="GET /v1/cases/{case}/history"))
    [first, second] = landlord.access_log.of_case(case)
    assert (first[0], second[0]) == (1, 3)
    assert (first[1].at, second[1].at) == (NOON, NOON + timedelta(hours=1))
    assert second[1].query == "GET /v1/cases/{case}/history"
    assert (first[1].case, first[1].position, first[1].role) == (case, 17, "head_of_service")
    assert landlord.access_log.of_case(case, after=1, limit=5) == [second]
    assert landlord.access_log.of_case(case, limit=1) == [first]


def test_records_are_neither_changed_nor_removed(landlord: Landlord) -> None:
    landlord.access_log.record(reading())
    with landlord.connect() as conn:
        for statement in (
            "UPDATE access SET purpose = 'none'",
            "DELETE FROM access",
            "TRUNCATE access",
            "DELETE FROM access_head",
        ):
            with pytest.raises(psycopg.errors.RestrictViolation):
                conn.execute(statement.encode())


def test_records_of_many_readers_are_numbered_without_a_gap(landlord: Landlord) -> None:
    case = a_case()
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: landlord.access_log.record(reading(case)), range(60)))
    assert [number for number, _ in landlord.access_log.of_case(case)] == list(range(1, 61))


def test_a_reading_is_recorded_with_exactly_the_fields_that_are_shown(landlord: Landlord) -> None:
    value, case = a_stored_value(landlord), a_case()
    shown = landlord.reader.reveal_for(reading(case), {"statement": value, "note": Personal("a note")})
    assert shown == {"statement": "ContactDisputed.statement: said in words, with ž, 家 and 🙂", "note": "a note"}
    [(_, access)] = landlord.access_log.of_case(case)
    assert access.fields == ("statement", "note")


def test_no_record_no_answer(landlord: Landlord) -> None:
    keys = CountingKeys()
    rosa = landlord.directory.add_person(PersonDetails(name="Rosa Quillfeather"))
    reader = Reader(BrokenLog(), Sealing(keys), landlord.directory, landlord.blobs)
    value = a_stored_value(landlord)
    with pytest.raises(ConnectionError):
        reader.reveal_for(reading(), {"statement": value})
    with pytest.raises(ConnectionError):
        reader.disclose_for(reading(), "statement", value)
    with pytest.raises(ConnectionError):
        reader.person_for(reading(), rosa)
    with pytest.raises(ConnectionError):
        reader.references_for(reading(), [(None, rosa)])
    assert keys.opened == 0


def test_reading_nothing_records_nothing(landlord: Landlord) -> None:
    case = a_case()
    assert landlord.reader.reveal_for(reading(case), {}) == {}
    assert landlord.access_log.of_case(case) == []


def test_an_erased_value_is_shown_as_erased_and_the_look_at_it_is_recorded(landlord: Landlord) -> None:
    person, case = somebody(), a_case()
    value = statement_of(landlord, person)
    landlord.ring.destroy(person)
    assert landlord.reader.reveal_for(reading(case), {"statement": value}) == {"statement": ERASED}
    assert len(landlord.access_log.of_case(case)) == 1


def test_a_disclosure_is_recorded_and_proves_itself(landlord: Landlord) -> None:
    case = a_case()
    disclosure = landlord.reader.disclose_for(reading(case), "statement", a_stored_value(landlord))
    assert isinstance(disclosure, Disclosure)
    assert verify_disclosure(disclosure)
    [(_, access)] = landlord.access_log.of_case(case)
    assert access.fields == ("statement",)


def test_a_look_into_the_directory_is_recorded_with_whom_it_was_about(landlord: Landlord) -> None:
    rosa, case = landlord.directory.add_person(PersonDetails(name="Rosa Quillfeather")), a_case()
    details = landlord.reader.person_for(reading(case), rosa)
    assert details == PersonDetails(name="Rosa Quillfeather")
    [(_, access)] = landlord.access_log.of_case(case)
    assert access.subject == rosa
    assert access.fields == ("reference", "name", "address", "telephone", "email")


def test_references_of_many_are_recorded_person_by_person_under_one_reading(landlord: Landlord) -> None:
    people = [landlord.directory.add_person(PersonDetails(reference=f"T-{number}")) for number in range(3)]
    nameless, case = landlord.directory.add_person(PersonDetails(name="Rosa Quillfeather")), a_case()
    read = [(case, people[0]), (None, people[1]), (case, people[2]), (None, nameless), (case, people[0])]
    with ThreadPoolExecutor(4) as threads:
        several = list(threads.map(lambda _: landlord.reader.references_for(reading(), read), range(4)))
    assert several == [{people[0]: "T-0", people[1]: "T-1", people[2]: "T-2", nameless: None}] * 4
    for person, of in ((people[0], case), (people[1], None), (nameless, None)):
        recorded = landlord.access_log.all_of_subject(person)
        assert [(a.case, a.fields, a.actor) for _, a in recorded] == [(of, ("reference",), reading().actor)] * 4
    with landlord.connect() as conn:
        numbers = [number for (number,) in conn.execute("SELECT number FROM access ORDER BY number").fetchall()]
    assert numbers == list(range(1, 17))


def test_no_record_holds_a_personal_value(landlord: Landlord) -> None:
    rosa = landlord.directory.add_person(PersonDetails(name="Rosa Quillfeather"))
    landlord.reader.person_for(reading(), rosa)
    landlord.reader.reveal_for(reading(), {"note": Personal("about Rosa Quillfeather")})
    with landlord.connect() as conn:
        assert "Quillfeather" not in str(conn.execute("SELECT * FROM access").fetchall())
