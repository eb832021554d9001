"""A landlord's own keys, as files that only the service's account may read: wrapping keys, lookup key, token key."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes
from ssl import RAND_bytes
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infrastructure.postgres.server import schema_of

if TYPE_CHECKING:
    from typing import Self

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12  # NIST SP 800-38D, 8.2.2
FOR_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

_WRAPPING_KEY: Final = re.compile(r"wrapping-([1-9][0-9]{0,5})")


class KeysRefused(Exception):
    """Key files that are missing, open to others or damaged; the message says which and what to do."""


class LandlordKeys(Protocol):
    """What one landlord's own keys do. Files hold them by default; a key service can stand in their place."""

    def wrap(self, *secrets: tuple[bytes, bytes]) -> tuple[str, list[bytes]]:
        """The id of today's wrapping key, and each secret wrapped under it for the use beside it alone."""
        ...

    def unwrap(self, wrapping_key: str, wrapped: bytes, bound_to: bytes) -> bytes:
        """The secret again. Raises `KeysRefused` for another wrapping key, another use or altered bytes."""
        ...

    def wrapping_key(self) -> str:
        """The id of the wrapping key that is used today."""
        ...

    def keyed_hash(self, purpose: str, value: bytes) -> bytes:
        """HMAC-SHA256 under the lookup key; the same value gives different hashes for different purposes."""
        ...


class FileKeys:
    """Keys in `folder`/`landlord`: one hexadecimal line of 256 bits in each file, mode 0600.

    `wrapping-1.key`, `wrapping-2.key` … wrap data keys, the one with the highest number today's; `lookup.key`
    makes keyed hashes; `token.key` signs tokens that the service issues itself.
    """

    def __init__(self, folder: Path, landlord: str) -> None:
        """Raises `KeysRefused` when the folder or a key is missing, damaged, or open to other accounts."""
        schema_of(landlord)  # a slug, so it cannot lead out of the folder
        self._folder = folder / landlord
        _refuse_if_open(self._folder)
        self._lookup = _read(self._folder / "lookup.key")
        self._token = _read(self._folder / "token.key")
        self._ciphers: dict[str, AESGCM] = {}
        self._cipher(self.wrapping_key())

    @classmethod
    def set_up(cls, folder: Path, landlord: str) -> Self:
        """Make all keys of a new landlord, wholly or not at all. Raises `KeysRefused` when it has some already."""
        schema_of(landlord)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made beside its place and moved there whole: nobody ever sees, or is left with, half of the keys.
        making = Path(tempfile.mkdtemp(prefix=f".{landlord}-", dir=folder))  # of mode 0700
        try:
            for name in ("wrapping-1", "lookup", "token"):
                _write(making / f"{name}.key")
            making.rename(folder / landlord)
        except OSError as error:
            shutil.rmtree(making, ignore_errors=True)
            if not (folder / landlord).exists():
                raise
            raise KeysRefused(
                f"{folder / landlord} exists already: keys are never replaced, because what was sealed under them "
                "would be lost; restore the missing ones from a backup, or name another folder"
            ) from error
        _sync(folder)
        return cls(folder, landlord)

    @property
    def token_key(self) -> bytes:
        """32 bytes that sign the tokens which the service issues itself."""
        return self._token

    def wrap(self, *secrets: tuple[bytes, bytes]) -> tuple[str, list[bytes]]:
        """AES-256-GCM under today's wrapping key: for each secret nonce, then ciphertext with its tag."""
        wrapping_key = self.wrapping_key()
        cipher = self._cipher(wrapping_key)
        drawn = RAND_bytes(NONCE_BYTES * len(secrets))
        nonces = [drawn[start : start + NONCE_BYTES] for start in range(0, len(drawn), NONCE_BYTES)]
        return wrapping_key, [
            nonce + cipher.encrypt(nonce, secret, bound_to)
            for nonce, (secret, bound_to) in zip(nonces, secrets, strict=True)
        ]

    def unwrap(self, wrapping_key: str, wrapped: bytes, bound_to: bytes) -> bytes:
        """The secret again. Raises `KeysRefused` for a missing or another wrapping key, or another use."""
        cipher = self._cipher(wrapping_key)
        with suppress(InvalidTag, ValueError):
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound_to)
        raise KeysRefused(
            f"{self._folder / wrapping_key}.key does not open a data key that was wrapped under this name: "
            "key files and key store are not of the same landlord or the same backup"
        )

    def wrapping_key(self) -> str:
        """The id of today's wrapping key; looked up each time, so that a running service follows a rotation."""
        numbers = [int(named[1]) for file in self._folder.iterdir() if (named := _named(file))]
        if not numbers:
            raise KeysRefused(f"{self._folder} holds no wrapping key: restore it, nothing can be opened without it")
        return f"wrapping-{max(numbers)}"

    def add_wrapping_key(self) -> str:
        """Make a new wrapping key, which is today's from now on; returns its id. Older ones stay until rewrapped."""
        number = int(self.wrapping_key().removeprefix("wrapping-")) + 1
        _write(self._folder / f"wrapping-{number}.key")
        return f"wrapping-{number}"

    def keyed_hash(self, purpose: str, value: bytes) -> bytes:
        """HMAC-SHA256 under the lookup key of the purpose, a zero byte and the value; `purpose` holds no zero."""
        return hmac.digest(self._lookup, purpose.encode() + b"\0" + value, hashlib.sha256)

    def _cipher(self, wrapping_key: str) -> AESGCM:
        if wrapping_key not in self._ciphers:
            if not _WRAPPING_KEY.fullmatch(wrapping_key):
                raise KeysRefused(f"{wrapping_key!r} is no name of a wrapping key")
            self._ciphers[wrapping_key] = AESGCM(_read(self._folder / f"{wrapping_key}.key"))
        return self._ciphers[wrapping_key]


def _named(file: Path) -> re.Match[str] | None:
    return _WRAPPING_KEY.fullmatch(file.stem) if file.suffix == ".key" else None


def _refuse_if_open(folder: Path) -> None:
    if not folder.is_dir():
        raise KeysRefused(f"{folder} is missing: set the landlord up, or restore its keys from a backup")
    if folder.stat().st_mode & FOR_OTHERS:
        raise KeysRefused(f"{folder} is open to other accounts: take their rights away (chmod 700)")


def _read(path: Path) -> bytes:
    """The key in a file. Never follows a link, and asks the opened file itself who else may read it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise KeysRefused(f"{path} cannot be read as a plain file ({error.strerror}): restore it") from error
    with os.fdopen(descriptor) as file:
        if os.fstat(descriptor).st_mode & FOR_OTHERS:
            raise KeysRefused(f"{path} is open to other accounts: take their rights away (chmod 600)")
        line = file.read(2 * KEY_BYTES + 2).strip()
    if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", line):
        raise KeysRefused(f"{path} is not one line of {2 * KEY_BYTES} hexadecimal digits: restore it")
    return bytes.fromhex(line)


def _write(path: Path) -> None:
    """A new random key, durable and complete under its name from the first moment. Never replaces a file."""
    descriptor, beside = tempfile.mkstemp(prefix=".new-", dir=path.parent)  # of mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(token_bytes(KEY_BYTES).hex() + "\n")
            file.flush()
            os.fsync(descriptor)
        os.link(beside, path)
    finally:
        Path(beside).unlink()
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
