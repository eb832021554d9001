"""Signatures are those of the Standard Webhooks specification, and its own library takes them."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from infrastructure.downstream.webhooks.signing import Scheme, Secret, signed_headers, stamp

# The vectors of the specification's reference libraries.
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'


@pytest.mark.parametrize(
    ("scheme", "key", "signature"),
    [
        ("v1", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        (
            "v1a",
            "VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=",
            "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==",
        ),
    ],
)
def test_the_specifications_vectors_come_out(scheme: Scheme, key: str, signature: str) -> None:
    secret = Secret(scheme, b64decode(key))
    assert secret.signature(MESSAGE, AT, BODY) == signature
    if scheme == "v1":
        assert secret.for_receiver() == f"whsec_{key}"


def test_the_library_takes_what_is_signed_with_a_fresh_secret_and_nothing_altered() -> None:
    secret, now = Secret.fresh("v1"), datetime.now(UTC)
    headers = signed_headers([secret], MESSAGE, now, BODY)
    assert Webhook(secret.for_receiver()).verify(BODY, headers) == {"test": 2432232314}
    for other, said in ((BODY + b" ", headers), (BODY, {**headers, "webhook-id": "msg_other"})):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret.for_receiver()).verify(other, said)


def test_whoever_knows_the_public_key_alone_can_check_an_asymmetric_signature() -> None:
    secret = Secret.fresh("v1a")
    public = secret.for_receiver()
    assert public.startswith("whpk_")
    key = Ed25519PublicKey.from_public_bytes(b64decode(public.removeprefix("whpk_")))
    headers = signed_headers([secret], MESSAGE, AT, BODY)
    signature = b64decode(headers["webhook-signature"].removeprefix("v1a,"))
    key.verify(signature, f"{MESSAGE}.{stamp(AT)}.".encode() + BODY)
    with pytest.raises(InvalidSignature):
        key.verify(signature, f"{MESSAGE}.{stamp(AT + timedelta(seconds=1))}.".encode() + BODY)


def test_while_two_secrets_are_good_whoever_knows_either_of_them_can_check() -> None:
    older, newer = Secret.fresh("v1"), Secret.fresh("v1")
    headers = signed_headers([newer, older], MESSAGE, datetime.now(UTC), BODY)
    for secret in (older, newer):
        assert Webhook(secret.for_receiver()).verify(BODY, headers)


def test_a_secret_has_32_bytes_and_does_not_show_itself() -> None:
    for scheme in get_args(Scheme):
        secret = Secret.fresh(scheme)
        assert len(secret.key) == 32
        assert repr(secret) == object.__repr__(secret)


def test_an_id_with_a_full_stop_is_never_signed() -> None:
    with pytest.raises(ValueError, match="full stop"):
        signed_headers([Secret.fresh("v1")], "a.b", AT, BODY)
