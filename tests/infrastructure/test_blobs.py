"""Evidence files as they are kept: sealed in chunks, bound to their place, gone with their key, swept when orphaned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from application.ports import KeyDestroyed
from domain.codes import CaseId
from domain.personal import ERASED, KeyClass
from infrastructure.blobs import CHUNK_BYTES
from infrastructure.sealing import NotSealed
from tests.infrastructure.a_landlord import Landlord, a_case, a_landlord, somebody

NOW = timedelta(0)
WORDS = b"Zanzibar Quillfeather shouted. "
LONG = WORDS * (3 * CHUNK_BYTES // len(WORDS))


@pytest.fixture
def landlord(database: str, tmp_path: Path) -> Iterator[Landlord]:
    with a_landlord(database, tmp_path / "keys") as landlord:
        yield landlord


@pytest.mark.parametrize("content", [b"x", WORDS, LONG[:CHUNK_BYTES], LONG[: CHUNK_BYTES + 1], LONG])
def test_a_file_comes_back_as_it_was_sent(landlord: Landlord, content: bytes) -> None:
    kept = landlord.blobs.keep(somebody(), a_case(), content)
    assert kept.size == len(content)
    assert landlord.blobs.content(kept.blob, kept.digest) == content


def test_nothing_of_a_file_can_be_read_in_the_database(landlord: Landlord) -> None:
    landlord.blobs.keep(somebody(), a_case(), LONG)
    with landlord.connect() as conn:
        stored = b"".join(row[0] for row in conn.execute("SELECT sealed FROM evidence_chunk"))
    assert len(stored) > len(LONG)
    assert b"Quillfeather" not in stored


def test_the_digests_of_the_same_bytes_differ(landlord: Landlord) -> None:
    person, case = somebody(), a_case()
    first, second = (landlord.blobs.keep(person, case, WORDS) for _ in range(2))
    assert first.digest != second.digest


@pytest.mark.parametrize(
    "alteration",
    [
        "UPDATE evidence_chunk SET sealed = set_byte(sealed, 40, (get_byte(sealed, 40) + 1) % 256) WHERE number = 1",
        "DELETE FROM evidence_chunk WHERE number = 2",
        "UPDATE evidence SET chunks = chunks - 1; DELETE FROM evidence_chunk WHERE number = 2",
        "UPDATE evidence_chunk SET number = number + 7; UPDATE evidence_chunk SET number = (17 - number) % 3",
    ],
)
def test_a_file_that_was_altered_does_not_open(landlord: Landlord, alteration: str) -> None:
    kept = landlord.blobs.keep(somebody(), a_case(), LONG)
    with landlord.connect() as conn:
        for statement in alteration.split(";"):
            conn.execute(statement.encode())
    with pytest.raises(NotSealed):
        landlord.blobs.content(kept.blob, kept.digest)


def test_a_file_does_not_open_as_the_one_of_another_event(landlord: Landlord) -> None:
    person, case = somebody(), a_case()
    first, second = (landlord.blobs.keep(person, case, WORDS) for _ in range(2))
    with pytest.raises(NotSealed):
        landlord.blobs.content(first.blob, second.digest)


def test_a_file_is_gone_with_the_persons_evidence_key(landlord: Landlord) -> None:
    person, case = somebody(), a_case()
    kept = landlord.blobs.keep(person, case, WORDS)
    landlord.ring.destroy_one(person, case, KeyClass.EVIDENCE)
    assert landlord.blobs.content(kept.blob, kept.digest) is ERASED


def test_no_file_is_kept_about_an_erased_person(landlord: Landlord) -> None:
    person = somebody()
    landlord.ring.destroy(person)
    with pytest.raises(KeyDestroyed):
        landlord.blobs.keep(person, a_case(), WORDS)


def test_an_erasure_removes_the_bytes_of_one_case_or_of_all(landlord: Landlord) -> None:
    person, case = somebody(), a_case()
    kept = [landlord.blobs.keep(person, one, WORDS) for one in (case, a_case(), a_case())]
    theirs = landlord.blobs.keep(somebody(), case, WORDS)
    landlord.blobs.discard_of(person, case)
    assert [landlord.blobs.content(k.blob, k.digest) is None for k in kept] == [True, False, False]
    landlord.blobs.discard_of(person)
    assert all(landlord.blobs.content(k.blob, k.digest) is None for k in kept)
    assert landlord.blobs.content(theirs.blob, theirs.digest) == WORDS


def test_a_sweep_removes_what_no_event_names_and_asks_once_of_what_one_does(landlord: Landlord) -> None:
    person, case = somebody(), a_case()
    named, orphan = (landlord.blobs.keep(person, case, WORDS) for _ in range(2))
    asked: list[tuple[CaseId, str]] = []

    def stands(of: CaseId, blob: str) -> bool:
        asked.append((of, blob))
        return blob == named.blob

    assert landlord.blobs.sweep(stands, timedelta(hours=1)) == 0
    assert asked == []
    assert landlord.blobs.sweep(stands, NOW) == 1
    assert sorted(asked) == sorted([(case, named.blob), (case, orphan.blob)])
    assert landlord.blobs.sweep(stands, NOW) == 0
    assert len(asked) == 2
    assert landlord.blobs.content(orphan.blob, orphan.digest) is None
    assert landlord.blobs.content(named.blob, named.digest) == WORDS


def test_a_file_that_is_doubted_is_asked_about_again(landlord: Landlord) -> None:
    kept = landlord.blobs.keep(somebody(), a_case(), WORDS)
    landlord.blobs.sweep(lambda _case, _blob: True, NOW)
    landlord.blobs.doubt(kept.blob)
    assert landlord.blobs.sweep(lambda _case, _blob: False, NOW) == 1
