"""Keys are made once, kept wrapped, rewrapped at will, and once destroyed neither read nor made again by anybody."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Barrier
from time import monotonic
from uuid import uuid4

import msgspec
import psycopg
import pytest

from application.ports import KeyDestroyed
from domain.codes import SubjectId
from domain.personal import ERASED, KeyClass, Personal
from infrastructure.key_files import FileKeys, KeysRefused
from infrastructure.keyring import OF_A_CASE, RECENT, PostgresKeyRing, migrate_keys
from infrastructure.postgres.server import PostgresServer
from infrastructure.sealing import DataKey, KeyMissing, KeyName, Sealing, ToSeal, from_copy
from tests.infrastructure.a_landlord import ELM, Landlord, a_case, a_landlord, somebody
from tests.infrastructure.test_sealing import as_json


@pytest.fixture
def landlord(database: str, tmp_path: Path) -> Iterator[Landlord]:
    with a_landlord(database, tmp_path / "keys") as landlord:
        yield landlord


def a_name(person: SubjectId | None = None, key_class: KeyClass = KeyClass.CONTACT) -> KeyName:
    return KeyName(person or somebody(), a_case(), key_class)


def one(ring: PostgresKeyRing, name: KeyName) -> tuple[str, bytes]:
    key = ring.for_sealing({name})[name]
    return key.id, key.secret


def stored_keys(landlord: Landlord) -> list[tuple[object, ...]]:
    with landlord.connect() as conn:
        return conn.execute("SELECT * FROM data_key").fetchall()


def another_process(landlord: Landlord) -> PostgresKeyRing:
    """A ring that shares nothing with the landlord's but the stores."""
    return PostgresKeyRing(PostgresServer(landlord.dsn), ELM, landlord.keys)


def test_a_key_is_made_once_and_is_the_same_afterwards(landlord: Landlord) -> None:
    name = a_name()
    made = one(landlord.ring, name)
    assert len(made[1]) == 32
    assert one(landlord.ring, name) == made == one(another_process(landlord), name)
    key = landlord.ring.for_opening({made[0]})[made[0]]
    assert key is not None
    assert key.secret == made[1]


def test_every_person_case_and_class_has_a_key_of_its_own(landlord: Landlord) -> None:
    person = somebody()
    names = {KeyName(person, case, kind) for case in (a_case(), a_case(), None) for kind in KeyClass}
    names |= {name._replace(person=somebody()) for name in names}
    keys = landlord.ring.for_sealing(names)
    assert len({key.secret for key in keys.values()}) == len({key.id for key in keys.values()}) == len(names)


def test_the_store_holds_no_key_in_clear(landlord: Landlord) -> None:
    _, secret = one(landlord.ring, a_name())
    stored = [column for row in stored_keys(landlord) for column in row if isinstance(column, bytes)]
    assert stored
    assert not any(secret in column for column in stored)


def test_a_key_is_committed_before_it_is_handed_out(landlord: Landlord) -> None:
    key_id, _ = one(landlord.ring, a_name())
    assert key_id in [str(row[0]) for row in stored_keys(landlord)]


def test_with_the_first_key_of_a_case_come_those_of_its_other_classes_and_nobody_elses(landlord: Landlord) -> None:
    first = a_name()
    one(landlord.ring, first)
    made = {(row[1], row[2], row[3]): str(row[0]) for row in stored_keys(landlord)}
    assert set(made) == {(first.person, first.case, kind.value) for kind in OF_A_CASE}
    for kind in OF_A_CASE:
        assert one(landlord.ring, first._replace(key_class=kind))[0] == made[(first.person, first.case, kind.value)]
    assert len(stored_keys(landlord)) == len(made)


def test_a_third_party_and_the_directory_get_the_one_key_they_need(landlord: Landlord) -> None:
    one(landlord.ring, a_name(key_class=KeyClass.THIRD_PARTY))
    one(landlord.ring, KeyName(somebody(), None, KeyClass.DIRECTORY))
    assert {row[3] for row in stored_keys(landlord)} == {"directory", "third_party"}
    assert len(stored_keys(landlord)) == 2


def test_a_class_that_was_destroyed_before_its_case_had_keys_stays_destroyed(landlord: Landlord) -> None:
    name = a_name(key_class=KeyClass.SAFETY)
    landlord.ring.destroy_one(name.person, name.case, name.key_class)
    one(landlord.ring, name._replace(key_class=KeyClass.CONTACT))
    with pytest.raises(KeyDestroyed):
        landlord.ring.for_sealing({name})
    assert len(stored_keys(landlord)) == len(OF_A_CASE)


def test_many_who_make_the_same_keys_at_once_get_the_same_ones(landlord: Landlord) -> None:
    names = {a_name() for _ in range(6)}
    rings, start = [another_process(landlord) for _ in range(6)], Barrier(6)

    def make(ring: PostgresKeyRing) -> dict[KeyName, str]:
        start.wait()
        return {name: key.id for name, key in ring.for_sealing(names).items()}

    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(make, rings))
    assert all(keys == made[0] for keys in made)
    assert len(made[0]) == 6
    assert len(stored_keys(landlord)) == 6 * len(OF_A_CASE)


def test_a_destroyed_person_has_no_key_left_and_gets_none_again(landlord: Landlord) -> None:
    person, other = somebody(), a_name()
    names = [a_name(person, KeyClass.CONTACT), a_name(person, KeyClass.NOTICE)]
    ids = [one(landlord.ring, name)[0] for name in names]
    kept = one(landlord.ring, other)
    landlord.ring.destroy(person)
    landlord.ring.destroy(person)  # as a retry would
    for ring in (landlord.ring, another_process(landlord)):
        assert ring.for_opening(ids) == dict.fromkeys(ids)
        for name in (*names, a_name(person, KeyClass.EVIDENCE)):  # the last was never made
            with pytest.raises(KeyDestroyed):
                ring.for_sealing({name})
        assert one(ring, other) == kept
    assert {row[5] for row in stored_keys(landlord) if row[1] == person} == {None}


def test_one_destroyed_key_leaves_the_persons_others(landlord: Landlord) -> None:
    person = somebody()
    gone, kept, never_made = a_name(person), a_name(person, KeyClass.NOTICE), a_name(person, KeyClass.SAFETY)
    ids = {name: one(landlord.ring, name)[0] for name in (gone, kept)}
    for name in (gone, never_made):
        landlord.ring.destroy_one(person, name.case, name.key_class)
        landlord.ring.destroy_one(person, name.case, name.key_class)
    assert landlord.ring.for_opening({ids[gone]}) == {ids[gone]: None}
    assert one(landlord.ring, kept)[0] == ids[kept]
    for name in (gone, never_made):
        with pytest.raises(KeyDestroyed):
            landlord.ring.for_sealing({name})


def test_when_one_of_many_is_destroyed_none_is_made(landlord: Landlord) -> None:
    erased = a_name()
    landlord.ring.destroy(erased.person)
    with pytest.raises(KeyDestroyed):
        landlord.ring.for_sealing({erased, a_name(), a_name()})
    assert stored_keys(landlord) == []


def test_destroying_beats_whoever_makes_a_key_at_the_same_moment(landlord: Landlord) -> None:
    destroyers, makers = another_process(landlord), another_process(landlord)
    for _ in range(20):
        name, start = a_name(), Barrier(2)

        def make(name: KeyName = name, start: Barrier = start) -> str | None:
            start.wait()
            try:
                return one(makers, name)[0]
            except KeyDestroyed:
                return None

        def destroy(name: KeyName = name, start: Barrier = start) -> None:
            start.wait()
            destroyers.destroy(name.person)

        with ThreadPoolExecutor(2) as threads:
            making, destroying = threads.submit(make), threads.submit(destroy)
            destroying.result()
            key_id = making.result()
        # Whoever came first: the key is gone, and there will be no other.
        assert key_id is None or landlord.ring.for_opening({key_id}) == {key_id: None}
        with pytest.raises(KeyDestroyed):
            landlord.ring.for_sealing({name})


def test_a_maker_waits_for_a_destroyer_who_has_not_committed(landlord: Landlord) -> None:
    name = a_name()
    one(landlord.ring, name._replace(key_class=KeyClass.THIRD_PARTY))
    with landlord.connect() as destroyer, ThreadPoolExecutor(1) as threads:
        destroyer.autocommit = False
        destroyer.execute("UPDATE holder SET destroyed_at = now() WHERE person = %s", [name.person])
        making = threads.submit(one, landlord.ring, name)
        with pytest.raises(TimeoutError):
            making.result(timeout=0.3)
        destroyer.commit()
        with pytest.raises(KeyDestroyed):
            making.result(timeout=10)


def test_a_destroyer_waits_for_a_maker_who_has_not_committed(landlord: Landlord) -> None:
    name = a_name()
    one(landlord.ring, name)  # so that the person is known already
    made = ([uuid4()], [name.person], [a_case()], ["contact"], ["wrapping-1"], [b"wrapped"])
    with landlord.connect() as maker, ThreadPoolExecutor(1) as threads:
        maker.autocommit = False
        statement = "SELECT * FROM make_keys(%s, %s, %s, %s, %s, %s)"
        assert maker.execute(statement, made).fetchone() == (1, None)
        destroying = threads.submit(landlord.ring.destroy, name.person)
        with pytest.raises(TimeoutError):
            destroying.result(timeout=0.3)
        maker.commit()
        destroying.result(timeout=10)
    assert [row[5] for row in stored_keys(landlord)] == [None] * (len(OF_A_CASE) + 1)


def test_the_store_refuses_to_revive_or_forget_what_was_destroyed(landlord: Landlord) -> None:
    name = a_name()
    one(landlord.ring, name)
    landlord.ring.destroy(name.person)
    with landlord.connect() as conn:
        for statement in (
            "UPDATE data_key SET wrapped = 'x', wrapping_key = 'x', destroyed_at = NULL",
            "UPDATE holder SET destroyed_at = NULL",
            "DELETE FROM data_key",
            "TRUNCATE holder CASCADE",
        ):
            with pytest.raises(psycopg.errors.RestrictViolation):
                conn.execute(statement.encode())


def test_a_key_that_was_never_made_is_missed_and_not_taken_for_destroyed(landlord: Landlord) -> None:
    for key_id in (str(uuid4()), "no id at all"):
        with pytest.raises(KeyMissing, match=key_id):
            landlord.ring.for_opening({key_id})


def test_nothing_asked_is_nothing_made(landlord: Landlord) -> None:
    assert not landlord.ring.for_sealing(set())
    assert not landlord.ring.for_opening(set())
    assert stored_keys(landlord) == []


def test_a_new_wrapping_key_takes_over_without_changing_any_data_key(landlord: Landlord) -> None:
    names, gone = [a_name() for _ in range(5)], a_name()
    before = [one(landlord.ring, name) for name in (*names, gone)][:5]
    landlord.ring.destroy(gone.person)
    other = another_process(landlord)
    assert landlord.keys.add_wrapping_key() == "wrapping-2"
    assert other.rewrap() == 5 * len(OF_A_CASE)
    assert landlord.ring.rewrap() == 0
    (landlord.key_folder / ELM / "wrapping-1.key").unlink()  # as an operator would
    fresh = PostgresKeyRing(landlord.server, ELM, FileKeys(landlord.key_folder, ELM))
    for ring in (landlord.ring, other, fresh):
        assert [one(ring, name) for name in names] == before
    assert {row[4] for row in stored_keys(landlord)} == {"wrapping-2", None}


def test_a_running_service_wraps_under_the_new_key_as_soon_as_it_is_there(landlord: Landlord) -> None:
    one(landlord.ring, a_name())
    FileKeys(landlord.key_folder, ELM).add_wrapping_key()  # another process did it
    one(landlord.ring, a_name())
    wrapped_under = [row[4] for row in stored_keys(landlord)]
    assert wrapped_under == ["wrapping-1"] * len(OF_A_CASE) + ["wrapping-2"] * len(OF_A_CASE)


def test_wrapped_bytes_do_in_no_other_row(landlord: Landlord) -> None:
    mine, theirs = a_name(), a_name()
    one(landlord.ring, mine)
    one(landlord.ring, theirs)
    with landlord.connect() as conn:
        conn.execute(
            "UPDATE data_key SET wrapped = "
            "(SELECT wrapped FROM data_key WHERE person = %s AND class = %s) WHERE person = %s",
            [theirs.person, theirs.key_class, mine.person],
        )
    with pytest.raises(KeysRefused, match="not of the same"):
        one(another_process(landlord), mine)


def test_what_is_sealed_in_the_second_after_a_destruction_elsewhere_reads_as_erased(landlord: Landlord) -> None:
    name = a_name()
    key_id, _ = one(landlord.ring, name)
    another_process(landlord).destroy(name.person)
    value = ToSeal(name, "event-1", "summary", Personal("the upstairs neighbour"))
    [sealed] = landlord.sealing.seal([value])

    assert sealed.k == key_id
    assert landlord.sealing.reveal(from_copy(msgspec.json.encode(sealed))) is ERASED


def test_a_second_after_a_destruction_elsewhere_nothing_is_sealed_any_more(
    landlord: Landlord, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = a_name()
    one(landlord.ring, name)
    another_process(landlord).destroy(name.person)
    monkeypatch.setattr("infrastructure.keyring.monotonic", lambda: monotonic() + RECENT)

    with pytest.raises(KeyDestroyed):
        landlord.ring.for_sealing({name})


def test_whoever_destroys_keys_seals_with_none_of_them(landlord: Landlord) -> None:
    name, other = a_name(), a_name()
    one(landlord.ring, name)
    one(landlord.ring, other)
    landlord.ring.destroy(name.person)
    landlord.ring.destroy_one(other.person, other.case, other.key_class)

    for gone in (name, other):
        with pytest.raises(KeyDestroyed):
            landlord.ring.for_sealing({gone})


@pytest.mark.parametrize("destroyed_by", ["itself", "another process, a second before"])
def test_a_look_that_took_long_brings_no_key_that_was_destroyed_meanwhile(
    landlord: Landlord, monkeypatch: pytest.MonkeyPatch, destroyed_by: str
) -> None:
    name, asked = a_name(), monotonic()
    one(another_process(landlord), name)
    looked = landlord.ring._by_name  # noqa: SLF001 - between the look and what becomes of it

    def slowly(names: Collection[KeyName]) -> dict[KeyName, DataKey]:
        found = looked(names)
        if destroyed_by == "itself":
            landlord.ring.destroy(name.person)
        else:
            another_process(landlord).destroy(name.person)
            monkeypatch.setattr("infrastructure.keyring.monotonic", lambda: asked + 2 * RECENT)
            monkeypatch.setattr(landlord.ring, "_by_name", looked)
            landlord.ring.for_sealing({a_name()})  # is known a moment later than what is looked for here
        monkeypatch.setattr(landlord.ring, "_by_name", looked)
        return found

    monkeypatch.setattr(landlord.ring, "_by_name", slowly)
    landlord.ring.for_sealing({name})

    with pytest.raises(KeyDestroyed):
        landlord.ring.for_sealing({name})


def test_whoever_only_opens_holds_no_key_for_long(landlord: Landlord, monkeypatch: pytest.MonkeyPatch) -> None:
    key_id, _ = one(landlord.ring, a_name())
    monkeypatch.setattr("infrastructure.keyring.monotonic", lambda: monotonic() + RECENT)
    landlord.ring.for_opening({key_id})

    assert not landlord.ring._recent._keys  # noqa: SLF001 - that nothing is kept cannot be seen from outside


def test_what_was_sealed_before_a_destruction_reads_as_erased_in_every_process(landlord: Landlord) -> None:
    name = a_name()
    [sealed] = landlord.sealing.seal([ToSeal(name, "event-1", "summary", Personal("the upstairs neighbour"))])
    value = from_copy(as_json(sealed))
    elsewhere = Sealing(another_process(landlord))
    assert elsewhere.reveal(value) == landlord.sealing.reveal(value) == "the upstairs neighbour"
    landlord.ring.destroy(name.person)
    assert elsewhere.reveal(value) is landlord.sealing.reveal(value) is ERASED


def test_an_opened_key_shows_itself_in_no_text(landlord: Landlord) -> None:
    name = a_name()
    key = landlord.ring.for_sealing({name})[name]
    assert key.secret.hex() not in f"{key!r}{key}"
    assert repr(key.secret)[2:-1] not in f"{key!r}{key}"


def test_the_key_stores_own_migrations_apply_twice(landlord: Landlord) -> None:
    assert migrate_keys(landlord.dsn, [ELM])[ELM].applied == ()


# The landlord's own keys, as files


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_setting_up_makes_three_keys_that_nobody_else_may_read(tmp_path: Path) -> None:
    keys = FileKeys.set_up(tmp_path / "keys", ELM)
    folder = tmp_path / "keys" / ELM
    assert names_in(folder) == ["lookup.key", "token.key", "wrapping-1.key"]
    assert names_in(tmp_path / "keys") == [ELM]  # nothing left of the making
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert len({file.read_text() for file in folder.iterdir()}) == 3
    assert len(keys.token_key) == 32
    again = FileKeys(tmp_path / "keys", ELM)
    assert again.token_key == keys.token_key
    assert again.keyed_hash("a", b"b") == keys.keyed_hash("a", b"b")
    wrapping_key, [wrapped] = keys.wrap((b"secret", b"use"))
    assert again.unwrap(wrapping_key, wrapped, b"use") == b"secret"


def test_setting_up_twice_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    keys = FileKeys.set_up(tmp_path, ELM)
    with pytest.raises(KeysRefused, match="never replaced"):
        FileKeys.set_up(tmp_path, ELM)
    assert FileKeys(tmp_path, ELM).token_key == keys.token_key
    assert names_in(tmp_path) == [ELM]


def test_of_many_who_set_up_at_once_one_succeeds(tmp_path: Path) -> None:
    turns = count()

    def set_up(_: int) -> str:
        try:
            FileKeys.set_up(tmp_path, ELM)
        except KeysRefused:
            return "refused"
        return f"done {next(turns)}"

    with ThreadPoolExecutor(5) as threads:
        assert sorted(threads.map(set_up, range(5))) == ["done 0", *["refused"] * 4]
    assert names_in(tmp_path) == [ELM]


@pytest.mark.parametrize("name", ["lookup.key", "token.key", "wrapping-1.key"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_key_file_that_is_open_to_others_is_refused(tmp_path: Path, name: str, mode: int) -> None:
    FileKeys.set_up(tmp_path, ELM)
    (tmp_path / ELM / name).chmod(mode)
    with pytest.raises(KeysRefused, match=rf"{name} is open to other accounts.*chmod 600"):
        FileKeys(tmp_path, ELM)


def test_a_folder_that_is_open_to_others_is_refused(tmp_path: Path) -> None:
    FileKeys.set_up(tmp_path, ELM)
    (tmp_path / ELM).chmod(0o750)
    with pytest.raises(KeysRefused, match="chmod 700"):
        FileKeys(tmp_path, ELM)


@pytest.mark.parametrize("held", [b"", b"abc\n", b"z" * 64, b"0" * 63, b"0" * 66])
def test_a_damaged_key_file_is_refused_without_being_quoted(tmp_path: Path, held: bytes) -> None:
    FileKeys.set_up(tmp_path, ELM)
    (tmp_path / ELM / "lookup.key").write_bytes(held)
    with pytest.raises(KeysRefused, match="64 hexadecimal digits") as refused:
        FileKeys(tmp_path, ELM)
    assert "zzz" not in str(refused.value)


def test_a_missing_key_or_folder_is_refused_and_never_made_up(tmp_path: Path) -> None:
    with pytest.raises(KeysRefused, match="missing"):
        FileKeys(tmp_path, ELM)
    FileKeys.set_up(tmp_path, ELM)
    (tmp_path / ELM / "wrapping-1.key").unlink()
    with pytest.raises(KeysRefused, match="no wrapping key"):
        FileKeys(tmp_path, ELM)


def test_a_link_is_no_key_file(tmp_path: Path) -> None:
    FileKeys.set_up(tmp_path, ELM)
    key = tmp_path / ELM / "lookup.key"
    key.rename(tmp_path / "elsewhere.key")
    key.symlink_to(tmp_path / "elsewhere.key")
    with pytest.raises(KeysRefused, match="plain file"):
        FileKeys(tmp_path, ELM)


@pytest.mark.parametrize("landlord", ["../elm", "Elm", "", "a/b"])
def test_a_landlords_name_leads_nowhere_else(tmp_path: Path, landlord: str) -> None:
    with pytest.raises(ValueError, match="cannot name a landlord"):
        FileKeys.set_up(tmp_path, landlord)
    with pytest.raises(ValueError, match="cannot name a landlord"):
        FileKeys(tmp_path, landlord)


def test_landlords_share_no_key(tmp_path: Path) -> None:
    elm, oak = FileKeys.set_up(tmp_path, ELM), FileKeys.set_up(tmp_path, "oak")
    assert elm.keyed_hash("customer reference", b"T-100") != oak.keyed_hash("customer reference", b"T-100")
    wrapping_key, [wrapped] = elm.wrap((b"secret", b"use"))
    with pytest.raises(KeysRefused):
        oak.unwrap(wrapping_key, wrapped, b"use")


def test_one_value_hashes_differently_for_each_purpose(tmp_path: Path) -> None:
    keys = FileKeys.set_up(tmp_path, ELM)
    assert keys.keyed_hash("customer reference", b"T-100") != keys.keyed_hash("staff login", b"T-100")
