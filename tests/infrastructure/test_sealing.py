"""What is sealed opens for its person, event and field alone; one disclosed value proves itself and no other."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.personal import ERASED, KeyClass, Personal
from infrastructure.sealing import (
    DataKey,
    Disclosure,
    KeyName,
    NotSealed,
    Sealed,
    Sealing,
    ToSeal,
    bound,
    from_copy,
    sealed_copy,
    verify_disclosure,
)
from tests.golden.corpus import GoldenKeys
from tests.infrastructure.a_landlord import a_case, somebody

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
PERSON, CASE = somebody(), a_case()
SEALING = Sealing(GoldenKeys())


class NoKeysLeft(GoldenKeys):
    """The golden keys after every one of them was destroyed."""

    def for_opening(self, key_ids: Collection[str]) -> Mapping[str, DataKey | None]:
        """None for each."""
        return dict.fromkeys(key_ids)


def seal(text: str, event_id: str = "event-1", field: str = "summary", key_class: KeyClass = KeyClass.CONTACT) -> bytes:
    """The JSON of a text sealed."""
    [sealed] = SEALING.seal([ToSeal(KeyName(PERSON, CASE, key_class), event_id, field, Personal(text))])
    return as_json(sealed)


def as_json(sealed: Sealed) -> bytes:
    encoded = {
        name: base64.b64encode(part).decode() for name, part in zip("ncd", (sealed.n, sealed.c, sealed.d), strict=True)
    }
    return json.dumps({"p": sealed.p, "e": sealed.e, "f": sealed.f, "k": sealed.k, **encoded}).encode()


def altered(copy: bytes, **changes: str) -> Personal:
    return from_copy(json.dumps(json.loads(copy) | changes).encode())


def disclosed(copy: bytes) -> Disclosure:
    disclosure = SEALING.disclose(from_copy(copy))
    assert isinstance(disclosure, Disclosure)
    return disclosure


@given(TEXT)
def test_any_text_opens_unchanged_and_is_nowhere_to_be_seen(text: str) -> None:
    copy = seal(text)
    assert SEALING.reveal(from_copy(copy)) == text
    assert len(text) < 8 or text.encode() not in base64.b64decode(json.loads(copy)["c"])


def test_a_fresh_value_reveals_as_it_was_written() -> None:
    assert SEALING.reveal(Personal("just written")) == "just written"


@pytest.mark.parametrize(
    "change",
    [{"p": somebody()}, {"e": "event-2"}, {"f": "reason"}],
    ids=["another person", "another event", "another field"],
)
def test_a_value_whose_labels_were_altered_does_not_open(change: dict[str, str]) -> None:
    with pytest.raises(NotSealed, match="altered"):
        SEALING.reveal(altered(seal("the upstairs neighbour"), **change))


@pytest.mark.parametrize("part", ["n", "c", "d"])
@pytest.mark.parametrize("place", [0, -1])
def test_a_value_of_which_one_bit_was_altered_does_not_open(part: str, place: int) -> None:
    copy = seal("the upstairs neighbour")
    held = bytearray(base64.b64decode(json.loads(copy)[part]))
    held[place] ^= 1
    with pytest.raises(NotSealed, match="altered"):
        SEALING.reveal(altered(copy, **{part: base64.b64encode(held).decode()}))


def test_a_value_does_not_open_under_the_key_of_another_class() -> None:
    other = json.loads(seal("the upstairs neighbour", key_class=KeyClass.NOTICE))["k"]
    with pytest.raises(NotSealed, match="altered"):
        SEALING.reveal(altered(seal("the upstairs neighbour"), k=other))


def test_ciphertexts_of_two_values_cannot_be_exchanged() -> None:
    one, two = json.loads(seal("yes")), json.loads(seal("no", field="reason"))
    with pytest.raises(NotSealed, match="altered"):
        SEALING.reveal(from_copy(json.dumps(one | {name: two[name] for name in "ncd"}).encode()))


@pytest.mark.parametrize("garbage", [b"", b"7", b'{"p": 1}', b"{", b'"the upstairs neighbour"'])
def test_garbage_is_refused_without_being_quoted(garbage: bytes) -> None:
    with pytest.raises(NotSealed) as refused:
        SEALING.reveal(from_copy(garbage))
    assert "neighbour" not in str(refused.value)


def test_equal_values_look_different_in_every_part() -> None:
    one, two = json.loads(seal("the same")), json.loads(seal("the same", field="reason"))
    three = json.loads(seal("the same", event_id="event-2"))
    for part in "ncd":
        assert len({one[part], two[part], three[part]}) == 3


def test_labels_that_run_together_alike_are_bound_differently() -> None:
    assert bound("ab", "c") != bound("a", "bc")
    assert bound("a", "") != bound("a")


def test_one_disclosed_value_is_checked_with_a_plain_hash_and_no_key() -> None:
    copy = seal("the upstairs neighbour")
    disclosure = disclosed(copy)
    assert disclosure.value == "the upstairs neighbour"
    assert verify_disclosure(disclosure)
    # What an auditor would do with the log's line and nothing of ours:
    by_hand = sha256(disclosure.salt + b"the upstairs neighbour").digest()
    assert base64.b64encode(by_hand).decode() == json.loads(copy)["d"]


def test_a_disclosure_proves_no_other_value() -> None:
    disclosure = disclosed(seal("the upstairs neighbour"))
    assert not verify_disclosure(disclosure._replace(value="the downstairs neighbour"))
    assert not verify_disclosure(disclosure._replace(salt=bytes(32)))


def test_a_disclosed_salt_opens_nothing_else() -> None:
    disclosure = disclosed(seal("yes"))
    for other in (seal("yes", field="reason"), seal("yes", event_id="event-2"), seal("yes", key_class=KeyClass.NOTICE)):
        digest = base64.b64decode(json.loads(other)["d"])
        # Somebody who guesses the right value still cannot check the guess with this salt.
        assert not verify_disclosure(Disclosure("yes", disclosure.salt, digest))
        assert disclosed(other).salt != disclosure.salt


def test_a_destroyed_key_leaves_an_erased_value_and_nothing_to_disclose() -> None:
    value = from_copy(seal("the upstairs neighbour"))
    erased = Sealing(NoKeysLeft())
    assert erased.reveal(value) is ERASED
    assert erased.disclose(value) is ERASED


def test_a_copy_opens_wherever_a_database_put_it() -> None:
    copy = sealed_copy(from_copy(seal("the upstairs neighbour")))
    reordered = json.dumps(json.loads(copy), sort_keys=True, indent=3).encode()
    assert SEALING.reveal_all([from_copy(copy), from_copy(reordered)]) == ["the upstairs neighbour"] * 2


def test_a_value_that_was_never_stored_has_neither_copy_nor_proof() -> None:
    with pytest.raises(NotSealed):
        sealed_copy(Personal("just written"))
    with pytest.raises(NotSealed):
        SEALING.disclose(Personal("just written"))


def test_many_values_are_revealed_in_their_order() -> None:
    values = [from_copy(seal("a")), Personal("b"), from_copy(seal("c", key_class=KeyClass.NOTICE))]
    assert SEALING.reveal_all(values) == ["a", "b", "c"]
    assert SEALING.reveal_all([]) == []
