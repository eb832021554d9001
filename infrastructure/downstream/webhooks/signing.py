"""Secrets of an endpoint and the signatures made with them, after the Standard Webhooks specification 1.0.0.

What is signed is "id.timestamp.body". `v1` is HMAC-SHA256 under a secret that both sides know (`whsec_…`); `v1a` is
Ed25519, where the receiver knows the public key alone (`whpk_…`) and the private one never leaves us.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from secrets import token_bytes
from typing import TYPE_CHECKING, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Scheme = Literal["v1", "v1a"]

KEY_BYTES: Final = 32  # the specification asks for 24 to 64, an Ed25519 key is made from 32 (RFC 8032, section 5.1.5)

SHARED: Final = "whsec_"
PUBLIC: Final = "whpk_"


@dataclass(frozen=True, slots=True, repr=False)  # it holds a secret
class Secret:
    """What one kind of signature is made with: 32 random bytes, or the 32-byte seed of an Ed25519 key."""

    scheme: Scheme
    key: bytes

    @classmethod
    def fresh(cls, scheme: Scheme) -> Secret:
        """A new one."""
        return cls(scheme, token_bytes(KEY_BYTES))

    def for_receiver(self) -> str:
        """What the receiver checks signatures with: the shared secret itself, or the public key alone."""
        if self.scheme == "v1":
            return SHARED + b64encode(self.key).decode()
        public = Ed25519PrivateKey.from_private_bytes(self.key).public_key()
        return PUBLIC + b64encode(public.public_bytes_raw()).decode()

    def signature(self, message: str, at: datetime, body: bytes) -> str:
        """One signature, such as `v1,…`, of the message of this id, tried at this instant of UTC."""
        if self.scheme == "v1":
            return Webhook(self.key).sign(message, at, body.decode())
        signed = f"{message}.{stamp(at)}.".encode() + body
        return "v1a," + b64encode(Ed25519PrivateKey.from_private_bytes(self.key).sign(signed)).decode()


def stamp(at: datetime) -> str:
    """The value of `webhook-timestamp`: whole seconds since 1970."""
    return str(int(at.timestamp()))


def signed_headers(secrets: Iterable[Secret], message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of one try; a signature for every secret that is good just now, the newest first."""
    if "." in message:
        raise ValueError("the id of a message holds no full stop: it would not be clear what was signed")
    return {
        "webhook-id": message,
        "webhook-timestamp": stamp(at),
        "webhook-signature": " ".join(secret.signature(message, at, body) for secret in secrets),
    }
