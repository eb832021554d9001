"""What the directory knows of a person is changed field by field, with a record of who did it, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from application.ports import Access, KeyDestroyed, PersonDetails, ReferenceTaken
from domain.codes import StaffId, SubjectId
from domain.personal import ERASED
from infrastructure.access_log import PostgresAccessLog
from infrastructure.directory import PostgresDirectory
from tests.infrastructure.a_landlord import Landlord, a_landlord

ROSA = PersonDetails(
    reference="T-100/é",
    name="Rosa Quillfeather",
    address="3 Elm Street",
    telephone="01632 960123",
    email="rosa@example.org",
)
BY_OTTO = Access(
    actor=StaffId("otto"),
    role="case_officer",
    purpose="change-person",
    query="PATCH /v1/persons/{person}",
    fields=(),
    case=None,
    subject=None,
    position=7,
    code_version="1",
)


@pytest.fixture
def landlord(database: str, tmp_path: Path) -> Iterator[Landlord]:
    with a_landlord(database, tmp_path / "keys") as landlord:
        yield landlord


def change(landlord: Landlord, person: SubjectId, **changes: str | None) -> PersonDetails | None:
    """What a change gives."""
    return landlord.directory.change_person(person, changes, BY_OTTO)


def recorded(landlord: Landlord, person: SubjectId) -> list[tuple[str, ...]]:
    """The fields of each record of a person."""
    return [tuple(access.fields) for _, access in landlord.access_log.all_of_subject(person)]


def rows(landlord: Landlord, query: str) -> list[Any]:
    """What stands in the tables."""
    with landlord.connect() as conn:
        return conn.execute(query.encode()).fetchall()


def test_what_is_named_changes_null_takes_away_and_the_rest_is_kept(landlord: Landlord) -> None:
    rosa, other = landlord.directory.add_person(ROSA), landlord.directory.add_person(PersonDetails(name="Otto"))
    moved = replace(ROSA, address="9 Oak Road", email=None)
    assert change(landlord, rosa, address="9 Oak Road", email=None) == moved
    assert landlord.directory.person(rosa) == moved
    assert landlord.directory.person_by_reference("T-100/é") == rosa
    assert landlord.directory.person(other) == PersonDetails(name="Otto")
    assert change(landlord, rosa, email="r@example.org") == replace(moved, email="r@example.org")


def test_an_entry_of_nothing_can_be_filled_and_emptied(landlord: Landlord) -> None:
    nobody = landlord.directory.add_person(PersonDetails())
    assert change(landlord, nobody, **asdict(ROSA)) == ROSA
    assert landlord.directory.person_by_reference("T-100/é") == nobody
    assert change(landlord, nobody, **dict.fromkeys(asdict(ROSA))) == PersonDetails()
    assert landlord.directory.person(nobody) == PersonDetails()
    assert landlord.directory.person_by_reference("T-100/é") is None


def test_who_changed_which_fields_is_recorded_and_never_what_they_say(landlord: Landlord) -> None:
    rosa = landlord.directory.add_person(ROSA)
    change(landlord, rosa, name="Rosa Quillfeather", address="9 Oak Road", email=None)
    [(_, access)] = landlord.access_log.all_of_subject(rosa)
    assert (access.actor, access.purpose, access.fields) == (
        "otto",
        "change-person",
        ("change.address", "change.email"),
    )
    assert "Oak" not in str(rows(landlord, "SELECT access::text FROM access"))


def test_the_same_change_again_writes_and_records_nothing(landlord: Landlord) -> None:
    rosa = landlord.directory.add_person(ROSA)
    change(landlord, rosa, address="9 Oak Road", reference="T-2")
    before = rows(landlord, "SELECT details FROM person")
    assert change(landlord, rosa, address="9 Oak Road", reference="T-2") == landlord.directory.person(rosa)
    assert rows(landlord, "SELECT details FROM person") == before
    assert len(recorded(landlord, rosa)) == 1


def test_the_reference_moves_with_its_hash(landlord: Landlord) -> None:
    rosa = landlord.directory.add_person(ROSA)
    assert change(landlord, rosa, reference="T-200") == replace(ROSA, reference="T-200")
    assert landlord.directory.person_by_reference("T-100/é") is None
    assert landlord.directory.person_by_reference("t-200") == rosa
    assert landlord.directory.add_person(PersonDetails(reference="T-100/é")) != rosa  # it is free again
    assert change(landlord, rosa, reference="t-200") == replace(ROSA, reference="t-200")  # only its letters' case
    assert landlord.directory.person_by_reference("T-200") == rosa
    change(landlord, rosa, reference=None)
    assert landlord.directory.person_by_reference("T-200") is None


def test_a_reference_that_somebody_has_is_refused_and_nothing_of_the_change_is_written(landlord: Landlord) -> None:
    rosa, other = landlord.directory.add_person(ROSA), landlord.directory.add_person(PersonDetails(reference="T-2"))
    with pytest.raises(ReferenceTaken):
        change(landlord, rosa, address="9 Oak Road", reference=" t-2 ")
    assert landlord.directory.person(rosa) == ROSA
    assert landlord.directory.person_by_reference("T-100/é") == rosa
    assert landlord.directory.person_by_reference("T-2") == other
    assert recorded(landlord, rosa) == []


def test_without_a_record_nothing_is_changed(landlord: Landlord, monkeypatch: pytest.MonkeyPatch) -> None:
    rosa = landlord.directory.add_person(ROSA)

    def full_disk(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(PostgresAccessLog, "record_with", full_disk)
    with pytest.raises(ConnectionError):
        change(landlord, rosa, address="9 Oak Road", reference="T-200")
    assert landlord.directory.person(rosa) == ROSA
    assert landlord.directory.person_by_reference("T-200") is None


def test_what_was_changed_stands_nowhere_in_clear_and_goes_with_the_persons_key(landlord: Landlord) -> None:
    rosa = landlord.directory.add_person(PersonDetails(reference="T-1"))
    change(landlord, rosa, name="Zanzibar", reference="Quill-7")
    held = rows(landlord, "SELECT details, hash FROM person JOIN person_reference ON person.id = person")
    for word in (b"zanzibar", b"quill"):
        assert all(word not in bytes(column).lower() for row in held for column in row)
    landlord.ring.destroy(rosa)
    assert landlord.directory.person(rosa) is ERASED


@pytest.mark.parametrize("gone", ["key and row", "key alone", "row alone"])
@pytest.mark.parametrize("address", ["9 Oak Road", None])
def test_nothing_is_written_about_an_erased_person(landlord: Landlord, gone: str, address: str | None) -> None:
    rosa = landlord.directory.add_person(ROSA)
    if "key" in gone:
        landlord.ring.destroy(rosa)
    if "row" in gone:
        landlord.directory.erase(rosa)
    with pytest.raises(KeyDestroyed):
        change(landlord, rosa, address=address, reference="T-200")
    assert landlord.directory.person(rosa) is ERASED
    assert landlord.directory.person_by_reference("T-200") is None
    assert recorded(landlord, rosa) == []


@pytest.mark.parametrize("subject", ["0f0f0f0f-0000-4000-8000-000000000000", "nobody", ""])
def test_an_unknown_id_has_nothing_to_change(landlord: Landlord, subject: str) -> None:
    assert change(landlord, SubjectId(subject), name="Rosa") is None
    assert rows(landlord, "SELECT id FROM person") == []


def test_a_person_who_is_erased_during_a_change_stays_erased(
    landlord: Landlord, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = landlord.directory.add_person(ROSA)
    sealed = PostgresDirectory._sealed  # noqa: SLF001 - between the reading and the writing

    def erased_meanwhile(self: PostgresDirectory, *args: Any) -> Any:
        done = sealed(self, *args)
        landlord.directory.erase(rosa)
        return done

    monkeypatch.setattr(PostgresDirectory, "_sealed", erased_meanwhile)
    with pytest.raises(KeyDestroyed):
        change(landlord, rosa, reference="T-200")
    assert landlord.directory.person(rosa) is ERASED
    assert rows(landlord, "SELECT * FROM person_reference") == []


def test_of_changes_at_once_to_different_fields_none_is_lost(landlord: Landlord) -> None:
    nobody = landlord.directory.add_person(PersonDetails())
    start = Barrier(5)

    def set_one(field: str) -> None:
        start.wait()
        change(landlord, nobody, **{field: asdict(ROSA)[field]})

    with ThreadPoolExecutor(5) as threads:
        list(threads.map(set_one, asdict(ROSA)))
    assert landlord.directory.person(nobody) == ROSA
    assert landlord.directory.person_by_reference("T-100/é") == nobody
    assert sorted(recorded(landlord, nobody)) == sorted((f"change.{field}",) for field in asdict(ROSA))


def test_of_many_who_want_one_reference_at_once_one_has_it(landlord: Landlord) -> None:
    people = [landlord.directory.add_person(PersonDetails(reference=f"old-{n}")) for n in range(5)]
    start = Barrier(5)

    def want(person: SubjectId) -> bool:
        start.wait()
        try:
            change(landlord, person, reference="new")
        except ReferenceTaken:
            return False
        return True

    with ThreadPoolExecutor(5) as threads:
        had = dict(zip(people, threads.map(want, people), strict=True))
    [winner] = [person for person in people if had[person]]
    assert landlord.directory.person_by_reference("new") == winner
    for n, person in enumerate(people):
        details = landlord.directory.person(person)
        assert isinstance(details, PersonDetails)
        assert details.reference == ("new" if person == winner else f"old-{n}")
        assert landlord.directory.person_by_reference(f"old-{n}") == (None if person == winner else person)


def test_two_who_want_each_others_reference_are_both_told_no(landlord: Landlord) -> None:
    one, other = (landlord.directory.add_person(PersonDetails(reference=text)) for text in ("T-1", "T-2"))
    start = Barrier(2)

    def want(person: SubjectId, reference: str) -> None:
        start.wait()
        with pytest.raises(ReferenceTaken):
            change(landlord, person, reference=reference)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(want, (one, other), ("T-2", "T-1")))
    assert [landlord.directory.person_by_reference(text) for text in ("T-1", "T-2")] == [one, other]
