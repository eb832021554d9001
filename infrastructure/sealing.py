"""Personal values sealed and opened: each under its person's key, bound to the fact and the field it stands in.

A sealed value is AES-256-GCM ciphertext whose associated data are person, event id and field, so a copy of it in
a read model still opens, and one whose labels were altered never does. Beside it stands a salted digest, by which
one disclosed value can be checked without any key; the salt is derived from the data key, so once the key is gone
the digest cannot be guessed at either.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from hmac import compare_digest
from ssl import RAND_bytes
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from domain.codes import SubjectId
from domain.personal import ERASED, Erased, KeyClass, Personal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from domain.codes import CaseId

# Random bytes come from OpenSSL's generator, which the system seeds: asking the system itself lets go of the
# interpreter lock, and with many threads at work whoever seals for all of them would wait to come by it again.
NONCE_BYTES: Final = 12  # NIST SP 800-38D, 8.2.2: a random 96-bit nonce
SALT_BYTES: Final = 32

_SHA256: Final = SHA256()


class NotSealed(Exception):
    """A sealed value that does not open as it stands: altered, moved to another place, or sealed by another key."""


class KeyMissing(Exception):
    """A sealed value names a key that the key store never made: the store is not this log's, or an old backup."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"the key store holds neither data key {key_id} nor a trace of its destruction: it belongs to another "
            "log, or was restored from a backup older than the log"
        )
        self.key_id = key_id


class KeyName(NamedTuple):
    """Whose key, in which case, for what; `case` is None for keys that belong to no case."""

    person: SubjectId
    case: CaseId | None
    key_class: KeyClass


class DataKey:
    """An opened data key of 256 bits and its id. It shows itself to nobody, so that no log or traceback holds it."""

    def __init__(self, key_id: str, secret: bytes) -> None:
        self.id = key_id
        self.secret = secret

    @cached_property
    def cipher(self) -> AESGCM:
        """What seals and opens under it."""
        return AESGCM(self.secret)

    def salt(self, event_id: str, field: str) -> bytes:
        """That of one value: RFC 5869, without a salt of its own, for the data key is uniformly random already."""
        info = bound("evenhand digest salt", event_id, field)
        return HKDFExpand(algorithm=_SHA256, length=SALT_BYTES, info=info).derive(self._extracted)

    @cached_property
    def _extracted(self) -> bytes:
        return HKDF.extract(_SHA256, None, self.secret)


class DataKeys(Protocol):
    """Where data keys come from; both questions take many at once, so that a whole append costs one look."""

    def for_sealing(self, names: Collection[KeyName], begun: Collection[str] = ()) -> Mapping[KeyName, DataKey]:
        """The key of each name, made and durable if it was not there. Raises `KeyDestroyed`.

        Cases that are `begun` only now most likely have none: theirs are made without looking for them first.
        """
        ...

    def for_opening(self, key_ids: Collection[str]) -> Mapping[str, DataKey | None]:
        """The key of each id, None for a destroyed one. Raises `KeyMissing` for an id that was never made."""
        ...


class Sealed(msgspec.Struct, frozen=True):
    """A sealed value as stored: short names, since every personal value carries them; bytes are base64 in JSON."""

    p: str  # person
    e: str  # id of the event that it was first written with
    f: str  # field path in that event
    k: str  # id of the data key
    n: bytes  # nonce
    c: bytes  # ciphertext with its tag
    d: bytes  # SHA-256 of salt and value


class SealedAt:
    """A place in a sealed part: its JSON array, not parsed before somebody opens it, and an index into it."""

    __slots__ = ("_index", "_part")

    def __init__(self, part: bytes, index: int) -> None:
        self._part = part
        self._index = index

    def raw(self) -> msgspec.Raw:
        """The JSON of this one value. Raises `NotSealed` when the part has no such place."""
        try:
            return _RAW.decode(self._part)[self._index]
        except (msgspec.DecodeError, IndexError):
            pass  # the parser's own words may quote what it read
        raise NotSealed(f"the sealed part of this event has no readable value at place {self._index}")

    def sealed(self) -> Sealed:
        """This one value. Raises `NotSealed` when it is not the shape of one."""
        try:
            return _SEALED.decode(self.raw())
        except msgspec.DecodeError:
            pass
        raise NotSealed(f"the value at place {self._index} of the sealed part is not a sealed value")


_RAW: Final = msgspec.json.Decoder(list[msgspec.Raw])
_SEALED: Final = msgspec.json.Decoder(Sealed)


class ToSeal(NamedTuple):
    """A freshly written value and the place that it is bound to."""

    key: KeyName
    event_id: str
    field: str
    value: Personal


class Disclosure(NamedTuple):
    """One value with the salt that proves it; `digest` is what the sealed value in the log shows."""

    value: str
    salt: bytes
    digest: bytes


class Sealing:
    """Seals values for the mapper, and opens them for the edge, with the keys of one landlord."""

    def __init__(self, keys: DataKeys) -> None:
        self._keys = keys

    def prepare(self, names: Collection[KeyName], begun: Collection[str] = ()) -> None:
        """Have these keys made that something will be sealed under, if any are missing. Raises `KeyDestroyed`.

        `begun` are the cases that are opened by what they are for.
        """
        if names:
            self._keys.for_sealing(names, begun)

    def seal(self, values: Sequence[ToSeal]) -> list[Sealed]:
        """Each value sealed; its key is durable before this returns. Raises `KeyDestroyed`."""
        if not values:
            return []
        keys = self._keys.for_sealing({value.key for value in values})
        drawn = RAND_bytes(NONCE_BYTES * len(values))
        nonces = [drawn[start : start + NONCE_BYTES] for start in range(0, len(drawn), NONCE_BYTES)]
        return [_seal(keys[value.key], value, nonce) for value, nonce in zip(values, nonces, strict=True)]

    def reveal(self, value: Personal) -> str | Erased:
        """The text, or `ERASED` when its key is destroyed. Raises `NotSealed`, and `KeyMissing` for a lost key."""
        return self.reveal_all([value])[0]

    def reveal_all(self, values: Iterable[Personal]) -> list[str | Erased]:
        """The texts of many values in their order, their keys fetched in one look."""
        contents = [_content(value) for value in values]
        keys = self._opening(content for content in contents if isinstance(content, Sealed))
        return [content if isinstance(content, str) else _text(content, keys[content.k]) for content in contents]

    def disclose(self, value: Personal) -> Disclosure | Erased:
        """What lets somebody without any key check this one value, and no other, against the log."""
        sealed = _content(value)
        if isinstance(sealed, str):
            raise NotSealed("a value that was never stored has nothing to be checked against")
        key = self._opening([sealed])[sealed.k]
        text = _text(sealed, key)
        if key is None or isinstance(text, Erased):
            return ERASED
        return Disclosure(text, key.salt(sealed.e, sealed.f), sealed.d)

    def _opening(self, values: Iterable[Sealed]) -> Mapping[str, DataKey | None]:
        key_ids = {value.k for value in values}
        return self._keys.for_opening(key_ids) if key_ids else {}


def verify_disclosure(disclosure: Disclosure) -> bool:
    """Whether value and salt are those that the digest was made of; needs no key."""
    return compare_digest(_digest(disclosure.salt, disclosure.value), disclosure.digest)


def person_of(value: Personal) -> SubjectId:
    """Whose key a stored value is sealed under, as it says itself. Raises `NotSealed` for one that never was."""
    sealed = _content(value)
    if isinstance(sealed, str):
        raise NotSealed("a value that was never stored is under nobody's key yet")
    return SubjectId(sealed.p)


def sealed_copy(value: Personal) -> bytes:
    """The sealed value as JSON, for a row of a read model; it opens wherever it is copied to."""
    content = value.content()
    if not isinstance(content, SealedAt):
        raise NotSealed("a value that was never stored has no sealed copy yet")
    return bytes(content.raw())


def from_copy(copy: bytes) -> Personal:
    """The value that `sealed_copy` copied, as it stands; JSON that was written anew by a database is as good."""
    return Personal(SealedAt(b"[" + copy + b"]", 0))


def bound(*parts: str) -> bytes:
    """Texts as bytes that no other texts give: each with its length before it."""
    framed: list[bytes] = []
    for part in parts:
        encoded = part.encode()
        framed += (len(encoded).to_bytes(4, "big"), encoded)
    return b"".join(framed)


def _seal(key: DataKey, value: ToSeal, nonce: bytes) -> Sealed:
    text = _fresh_text(value)
    person, event_id, field = value.key.person, value.event_id, value.field
    ciphertext = key.cipher.encrypt(nonce, text.encode(), bound(person, event_id, field))
    digest = _digest(key.salt(event_id, field), text)
    return Sealed(p=person, e=event_id, f=field, k=key.id, n=nonce, c=ciphertext, d=digest)


def _fresh_text(value: ToSeal) -> str:
    text = value.value.content()
    if isinstance(text, str):
        # A lone surrogate has no bytes; Python's own error about it would quote the text.
        with suppress(UnicodeEncodeError):
            text.encode()
            return text
    raise TypeError(f"the personal value {value.field} of event {value.event_id} is not text that can be stored")


def _content(value: Personal) -> str | Sealed:
    content = value.content()
    if isinstance(content, str):
        return content
    if isinstance(content, SealedAt):
        return content.sealed()
    raise NotSealed("a personal value here is neither text nor sealed")


def _text(sealed: Sealed, key: DataKey | None) -> str | Erased:
    if key is None:
        return ERASED
    try:
        text = key.cipher.decrypt(sealed.n, sealed.c, bound(sealed.p, sealed.e, sealed.f)).decode()
    except (InvalidTag, ValueError):
        text = None
    # The digest is not among the associated data, so it is checked by making it again.
    if text is None or not compare_digest(_digest(key.salt(sealed.e, sealed.f), text), sealed.d):
        raise NotSealed(f"the value {sealed.f} of event {sealed.e} was altered since it was sealed")
    return text


def _digest(salt: bytes, text: str) -> bytes:
    return sha256(salt + text.encode()).digest()
