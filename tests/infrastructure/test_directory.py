"""People and staff are found by what they are called, kept so that nobody can read it, and forgotten on demand."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier

from application.ports import PersonDetails, ReferenceTaken
from domain.codes import StaffId, SubjectId
from domain.personal import ERASED
from tests.infrastructure.a_landlord import Landlord, a_landlord

ROSA = PersonDetails(
    reference="T-100/é",
    name="Rosa Quillfeather",
    address="3 Elm Street",
    telephone="01632 960123",
    email="rosa@example.org",
)


@pytest.fixture
def landlord(database: str, tmp_path: Path) -> Iterator[Landlord]:
    with a_landlord(database, tmp_path / "keys") as landlord:
        yield landlord


def everything_stored(landlord: Landlord) -> bytes:
    """All rows of the directory and of the key store, as bytes."""
    with landlord.connect() as conn:
        rows = [
            conn.execute(SQL("SELECT * FROM {}").format(Identifier(table))).fetchall()
            for table in ("person", "person_reference", "staff", "data_key")
        ]
    return b"\n".join(
        column if isinstance(column, bytes) else str(column).encode()
        for table in rows
        for row in table
        for column in row
    )


def test_a_person_is_found_by_reference_and_described_in_full(landlord: Landlord) -> None:
    rosa = landlord.directory.add_person(ROSA)
    assert landlord.directory.person_by_reference("T-100/é") == rosa
    assert landlord.directory.person(rosa) == ROSA


@pytest.mark.parametrize(
    "spelling",
    ["t-100/É", "  T-100/é\n", unicodedata.normalize("NFD", "T-100/é"), unicodedata.normalize("NFD", "t-100/É")],
)
def test_a_reference_is_found_however_it_is_cased_spaced_or_composed(landlord: Landlord, spelling: str) -> None:
    rosa = landlord.directory.add_person(ROSA)
    assert landlord.directory.person_by_reference(spelling) == rosa
    with pytest.raises(ReferenceTaken):
        landlord.directory.add_person(PersonDetails(reference=spelling))


def test_every_detail_may_be_absent(landlord: Landlord) -> None:
    nobody = landlord.directory.add_person(PersonDetails())
    also_nobody = landlord.directory.add_person(PersonDetails(name="Rosa Quillfeather"))
    assert nobody != also_nobody
    assert landlord.directory.person(nobody) == PersonDetails()
    assert landlord.directory.person(also_nobody) == PersonDetails(name="Rosa Quillfeather")


@pytest.mark.parametrize("spelling", ["upper case", "hex", "braces", "urn"])
def test_an_id_is_written_in_one_way_only(landlord: Landlord, spelling: str) -> None:
    person = landlord.directory.add_person(PersonDetails(reference="T-1"))
    other = {"upper case": person.upper(), "hex": person.replace("-", "")}
    other |= {"braces": f"{{{person}}}", "urn": f"urn:uuid:{person}"}
    assert landlord.directory.person(person) == PersonDetails(reference="T-1")
    assert landlord.directory.person(SubjectId(other[spelling])) is None


@pytest.mark.parametrize("subject", ["0f0f0f0f-0000-4000-8000-000000000000", "nobody", ""])
def test_an_unknown_id_is_nobody(landlord: Landlord, subject: str) -> None:
    assert landlord.directory.person(SubjectId(subject)) is None
    assert landlord.directory.person_by_reference("T-999") is None
    assert landlord.directory.staff_name(StaffId(subject)) is None


def test_nothing_of_a_person_stands_in_clear(landlord: Landlord) -> None:
    landlord.directory.add_person(ROSA)
    otto = landlord.directory.add_staff("https://login.elm.example", "o.bramble", "Otto Bramble")
    landlord.directory.set_staff_telephone(otto, "07700 900417")
    held = everything_stored(landlord).lower()
    for word in (b"rosa", b"quill", b"t-100", b"elm street", b"960123", b"example", b"otto", b"bramble", b"900417"):
        assert word not in held


def test_details_show_themselves_in_no_text() -> None:
    assert "Rosa" not in f"{ROSA!r}{ROSA}"


def test_of_many_who_add_one_reference_at_once_one_succeeds(landlord: Landlord) -> None:
    start = Barrier(5)

    def add(_: int) -> SubjectId | None:
        start.wait()
        try:
            return landlord.directory.add_person(ROSA)
        except ReferenceTaken:
            return None

    with ThreadPoolExecutor(5) as threads:
        added = [subject for subject in threads.map(add, range(5)) if subject is not None]
    assert added == [landlord.directory.person_by_reference("T-100/é")]
    with landlord.connect() as conn:
        people = conn.execute("SELECT id::text FROM person").fetchall()
    assert people == [(added[0],)]  # nothing is left of those who were too late


def test_an_erased_person_is_known_as_erased_and_found_no_more(landlord: Landlord) -> None:
    rosa, other = landlord.directory.add_person(ROSA), landlord.directory.add_person(PersonDetails(reference="T-2"))
    landlord.directory.erase(rosa)
    landlord.directory.erase(rosa)  # as a retry would
    assert landlord.directory.person(rosa) is ERASED
    assert landlord.directory.person_by_reference("T-100/é") is None
    assert landlord.directory.person_by_reference("T-2") == other
    assert landlord.directory.add_person(ROSA) != rosa  # the reference is free again


def test_a_person_whose_keys_are_destroyed_reads_as_erased_before_the_row_is_gone(landlord: Landlord) -> None:
    rosa = landlord.directory.add_person(ROSA)
    landlord.ring.destroy(rosa)
    assert landlord.directory.person(rosa) is ERASED


def test_staff_have_one_opaque_id_for_each_login(landlord: Landlord) -> None:
    directory = landlord.directory
    otto = directory.add_staff("https://login.elm.example", "o.bramble", "Otto Bramble")
    assert directory.add_staff("https://login.elm.example", "o.bramble", "Another Name") == otto
    assert directory.staff_by_login("https://login.elm.example", "o.bramble") == otto
    assert directory.staff_name(otto) == "Otto Bramble"
    # To the letter: another issuer, another case, or the two running together alike are somebody else.
    for issuer, login in (
        ("https://login.oak.example", "o.bramble"),
        ("https://login.elm.example", "O.Bramble"),
        ("https://login.elm.exampleo", ".bramble"),
    ):
        assert directory.staff_by_login(issuer, login) is None


def test_the_number_of_a_colleague_is_the_one_that_was_set_last_read_once_a_version(landlord: Landlord) -> None:
    directory = landlord.directory
    otto = directory.add_staff("issuer", "o.bramble", "Otto Bramble")
    told = [directory.staff_telephone(otto, 1)]
    for version, number in ((2, "07700 900417"), (3, "07700 900555"), (4, None)):
        directory.set_staff_telephone(otto, number)
        told.append(directory.staff_telephone(otto, version))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(landlord.server, "run", lambda _: pytest.fail("it is remembered"))
            assert directory.staff_telephone(otto, version) == number
    assert told == [None, "07700 900417", "07700 900555", None]
    assert directory.staff_name(otto) == "Otto Bramble"
    directory.set_staff_telephone(StaffId("nobody"), "07700 900417")
    assert directory.staff_telephone(StaffId("nobody"), 4) is None


def test_many_first_sign_ins_at_once_give_one_id(landlord: Landlord) -> None:
    start = Barrier(5)

    def sign_in(_: int) -> StaffId:
        start.wait()
        return landlord.directory.add_staff("issuer", "o.bramble", "Otto Bramble")

    with ThreadPoolExecutor(5) as threads:
        assert len(set(threads.map(sign_in, range(5)))) == 1


def test_erasing_customers_leaves_the_names_of_staff(landlord: Landlord) -> None:
    otto = landlord.directory.add_staff("issuer", "o.bramble", "Otto Bramble")
    rosa = landlord.directory.add_person(ROSA)
    landlord.directory.erase(rosa)
    landlord.ring.destroy(rosa)
    assert landlord.directory.staff_name(otto) == "Otto Bramble"


def test_a_login_is_looked_up_once_and_one_that_nobody_has_each_time(
    landlord: Landlord, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, run = landlord.directory, landlord.server.run
    asked: list[Callable[..., Any]] = []

    def counted(work: Callable[..., Any]) -> Any:
        asked.append(work)
        return run(work)

    monkeypatch.setattr(landlord.server, "run", counted)
    assert [directory.staff_by_login("issuer", "o.bramble") for _ in range(2)] == [None, None]
    assert len(asked) == 2
    otto = directory.add_staff("issuer", "o.bramble", "Otto Bramble")
    asked.clear()
    assert [directory.staff_by_login("issuer", "o.bramble") for _ in range(2)] == [otto, otto]
    assert not asked
