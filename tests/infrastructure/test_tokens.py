"""Whose tokens count: what an issuer signed for us and in time, and nothing that only looks like it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from domain.codes import StaffId
from infrastructure.tokens import (
    DEMONSTRATION,
    LEEWAY,
    REMEMBERED,
    Caller,
    Flaw,
    Issuer,
    IssuerRefused,
    TokenRefused,
    Tokens,
    issue_for_demonstration,
    read_issuer,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ISSUER = "https://login.example"
ANN = StaffId("staff-ann")
SECRETS = {"maidstone": bytes(range(32)), "derby": bytes(range(1, 33))}
ED = Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34)))
P256 = ec.derive_private_key(123456789, ec.SECP256R1())


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def staff(landlord: str, issuer: str, login: str) -> StaffId | None:
    """Ann alone is known, to Maidstone and Derby, and to each issuer."""
    if landlord not in SECRETS:
        raise LookupError(landlord)
    return ANN if login == "ann" and issuer in (ISSUER, DEMONSTRATION) else None


def checked_by(issuer: Issuer | None = None, *, demonstrations: tuple[str, ...] = ("maidstone", "derby")) -> Tokens:
    return Tokens(staff, lambda slug: SECRETS[slug] if slug in demonstrations else None, lambda: NOW, issuer)


def pem_file(folder: Path, key: PrivateKeyTypes) -> Path:
    file = folder / "issuer.pem"
    file.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return file


def jwks_file(folder: Path, *keys: dict[str, Any]) -> Path:
    file = folder / "issuer.json"
    file.write_text(json.dumps({"keys": keys}), encoding="utf-8")
    return file


def claims(**changed: object) -> dict[str, object]:
    """Good claims, with some changed; a claim that is changed to None is left out."""
    good: dict[str, object] = {
        "iss": ISSUER,
        "sub": "ann",
        "landlord": "maidstone",
        "scope": "read record",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 60,
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def flaw(tokens: Tokens, token: str) -> Flaw:
    with pytest.raises(TokenRefused) as refused:
        tokens.caller(token)
    assert token not in str(refused.value)
    return refused.value.flaw


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    """In service: one issuer with an Ed25519 key."""
    return checked_by(read_issuer(ISSUER, pem_file(tmp_path, ED)), demonstrations=())


# What counts


def test_an_issuers_token_says_who_somebody_is_for_which_landlord_and_what_for(tokens: Tokens) -> None:
    caller = tokens.caller(jwt.encode(claims(), ED, "EdDSA"))

    assert caller == Caller("maidstone", ANN, frozenset({"read", "record"}))


def test_issuers_may_sign_with_a_p_256_or_an_rsa_key(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    for key, algorithm in ((P256, "ES256"), (rsa_key, "RS256")):
        tokens = checked_by(read_issuer(ISSUER, pem_file(tmp_path, key)))

        assert tokens.caller(jwt.encode(claims(), key, algorithm)).staff == ANN


def test_of_several_published_keys_the_one_that_the_token_names_counts(
    tmp_path: Path, rsa_key: rsa.RSAPrivateKey
) -> None:
    published = [
        {**OKPAlgorithm.to_jwk(ED.public_key(), as_dict=True), "kid": "a", "alg": "EdDSA"},
        {**ECAlgorithm.to_jwk(P256.public_key(), as_dict=True), "kid": "b"},
        {**RSAAlgorithm.to_jwk(rsa_key.public_key(), as_dict=True), "kid": "c", "use": "sig"},
        {"kty": "RSA", "kid": "for-encryption", "use": "enc"},
    ]
    tokens = checked_by(read_issuer(ISSUER, jwks_file(tmp_path, *published)))

    for key, algorithm, kid in ((ED, "EdDSA", "a"), (P256, "ES256", "b"), (rsa_key, "RS256", "c")):
        token = jwt.encode(claims(), key, algorithm, headers={"kid": kid})
        assert tokens.caller(token).staff == ANN
    assert flaw(tokens, jwt.encode(claims(), ED, "EdDSA", headers={"kid": "b"})) is Flaw.ALGORITHM
    assert flaw(tokens, jwt.encode(claims(), ED, "EdDSA", headers={"kid": "z"})) is Flaw.FORGED
    assert flaw(tokens, jwt.encode(claims(), ED, "EdDSA")) is Flaw.FORGED


def test_a_demonstrations_own_token_counts_for_its_landlord() -> None:
    token = issue_for_demonstration(
        SECRETS["maidstone"], "maidstone", "ann", frozenset({"read"}), NOW, timedelta(minutes=5)
    )

    assert checked_by().caller(token) == Caller("maidstone", ANN, frozenset({"read"}))


def test_clocks_may_differ_by_half_a_minute(tokens: Tokens) -> None:
    now = int(NOW.timestamp())

    assert tokens.caller(jwt.encode(claims(exp=now - 29), ED, "EdDSA")).staff == ANN
    assert tokens.caller(jwt.encode(claims(iat=now + 29, nbf=now + 29), ED, "EdDSA")).staff == ANN


# What does not


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"exp": int(NOW.timestamp()) - 31}, Flaw.EXPIRED),
        ({"iat": int(NOW.timestamp()) + 31}, Flaw.NOT_YET_VALID),
        ({"nbf": int(NOW.timestamp()) + 31}, Flaw.NOT_YET_VALID),
        ({"iss": "https://elsewhere.example"}, Flaw.ISSUER),
        ({"iss": None}, Flaw.ISSUER),
        ({"iss": DEMONSTRATION}, Flaw.LANDLORD),
        ({"landlord": "star"}, Flaw.LANDLORD),
        ({"sub": "bob"}, Flaw.STAFF),
        ({"aud": "another-service"}, Flaw.AUDIENCE),
        ({"exp": None}, Flaw.MALFORMED),
        ({"iat": None}, Flaw.MALFORMED),
        ({"sub": None}, Flaw.MALFORMED),
        ({"landlord": None}, Flaw.MALFORMED),
        ({"scope": None}, Flaw.MALFORMED),
        ({"scope": ["read"]}, Flaw.MALFORMED),
        ({"landlord": ["maidstone"]}, Flaw.MALFORMED),
        ({"landlord": ""}, Flaw.MALFORMED),
        ({"exp": "tomorrow"}, Flaw.MALFORMED),
        ({"exp": True}, Flaw.MALFORMED),
        ({"exp": float("nan")}, Flaw.MALFORMED),
        ({"exp": float("inf")}, Flaw.MALFORMED),
        ({"exp": 10**400}, Flaw.MALFORMED),
        ({"iat": float("nan")}, Flaw.MALFORMED),
        ({"sub": "ann\ud800"}, Flaw.MALFORMED),
        ({"landlord": "maidstone\x00"}, Flaw.MALFORMED),
    ],
)
def test_a_signed_token_with_a_wrong_claim_is_refused(
    tokens: Tokens, changed: dict[str, object], expected: Flaw
) -> None:
    assert flaw(tokens, jwt.encode(claims(**changed), ED, "EdDSA")) is expected


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "." * 2, "é.é.é", "x" * 10_000])
def test_what_is_no_token_is_refused(tokens: Tokens, text: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        tokens.caller(text)

    assert refused.value.flaw is Flaw.MALFORMED


def test_an_unsigned_token_is_refused(tokens: Tokens) -> None:
    def part(content: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    for spelt in ("none", "None", "NONE"):
        assert flaw(tokens, f"{part({'alg': spelt, 'typ': 'JWT'})}.{part(claims())}.") is Flaw.ALGORITHM


def test_a_token_signed_with_the_public_key_as_if_it_were_a_shared_secret_is_refused(tokens: Tokens) -> None:
    public = ED.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    assert flaw(tokens, jwt.encode(claims(), public, "HS256")) is Flaw.ALGORITHM


def test_a_token_signed_by_somebody_else_is_refused(tokens: Tokens) -> None:
    assert flaw(tokens, jwt.encode(claims(), Ed25519PrivateKey.generate(), "EdDSA")) is Flaw.FORGED


def test_a_token_whose_claims_were_altered_is_refused(tokens: Tokens) -> None:
    ours = jwt.encode(claims(), ED, "EdDSA").split(".")
    theirs = jwt.encode(claims(landlord="derby"), ED, "EdDSA").split(".")

    assert flaw(tokens, ".".join((ours[0], theirs[1], ours[2]))) is Flaw.FORGED


def test_a_demonstrations_token_counts_neither_for_another_landlord_nor_in_service() -> None:
    for_derby_by_maidstone = issue_for_demonstration(
        SECRETS["maidstone"], "derby", "ann", frozenset({"read"}), NOW, timedelta(minutes=5)
    )
    good = issue_for_demonstration(
        SECRETS["maidstone"], "maidstone", "ann", frozenset({"read"}), NOW, timedelta(minutes=5)
    )

    assert flaw(checked_by(), for_derby_by_maidstone) is Flaw.FORGED
    assert flaw(checked_by(demonstrations=()), good) is Flaw.LANDLORD
    assert flaw(checked_by(demonstrations=("derby",)), good) is Flaw.LANDLORD


def test_where_an_audience_is_set_a_token_without_it_is_refused(tmp_path: Path) -> None:
    tokens = checked_by(read_issuer(ISSUER, pem_file(tmp_path, ED), "evenhand"))

    assert tokens.caller(jwt.encode(claims(aud=["other", "evenhand"]), ED, "EdDSA")).staff == ANN
    assert flaw(tokens, jwt.encode(claims(aud="other"), ED, "EdDSA")) is Flaw.AUDIENCE
    assert flaw(tokens, jwt.encode(claims(), ED, "EdDSA")) is Flaw.MALFORMED


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(minutes=-1), timedelta(days=1, seconds=1)])
def test_a_demonstration_signs_no_token_for_longer_than_a_day(lasts: timedelta) -> None:
    with pytest.raises(ValueError, match="from one minute to a day"):
        issue_for_demonstration(SECRETS["maidstone"], "maidstone", "ann", frozenset(), NOW, lasts)


# Files of keys


def refusal(file: Path, name: str = ISSUER) -> str:
    with pytest.raises(IssuerRefused) as refused:
        read_issuer(name, file)
    return str(refused.value)


def test_a_file_with_a_private_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "issuer.pem"
    file.write_bytes(ED.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    assert "holds a private key" in refusal(file)


def test_a_file_without_keys_that_we_take_is_refused(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is what is wrong with it
    secret = {"kty": "oct", "k": "AAAA", "kid": "a"}
    shown = OKPAlgorithm.to_jwk(ED.public_key(), as_dict=True)

    assert "RSA with at least 2048 bits" in refusal(pem_file(tmp_path, weak))
    assert "RSA with at least 2048 bits" in refusal(pem_file(tmp_path, ec.generate_private_key(ec.SECP384R1())))
    assert "is not a public key of" in refusal(jwks_file(tmp_path, secret))
    assert "holds no key that signs" in refusal(jwks_file(tmp_path))
    assert "not each has a `kid`" in refusal(jwks_file(tmp_path, shown, shown))
    padded = RSAAlgorithm.to_jwk(rsa_key.public_key(), as_dict=True)
    assert "is for another algorithm than RS256" in refusal(jwks_file(tmp_path, {**padded, "alg": "PS256"}))
    private = OKPAlgorithm.to_jwk(ED, as_dict=True)
    assert "is not a public key of" in refusal(jwks_file(tmp_path, private))
    for content in ("", "{", "[]", '{"keys": 1}', "ssh-ed25519 AAAA"):
        (tmp_path / "issuer.txt").write_text(content, encoding="utf-8")
        refusal(tmp_path / "issuer.txt")
    assert "cannot be read" in refusal(tmp_path / "absent")


def test_nobody_outside_is_taken_for_a_demonstration(tmp_path: Path) -> None:
    assert "another one" in refusal(pem_file(tmp_path, ED), DEMONSTRATION)


# What is remembered


def test_a_token_that_was_found_good_is_not_looked_at_again_and_its_time_still_counts(tmp_path: Path) -> None:
    asked: list[str] = []
    now = [NOW]

    def counted(landlord: str, issuer: str, login: str) -> StaffId | None:
        asked.append(login)
        return staff(landlord, issuer, login)

    tokens = Tokens(counted, lambda _: None, lambda: now[0], read_issuer(ISSUER, pem_file(tmp_path, ED)))
    token = jwt.encode(claims(), ED, "EdDSA")
    assert tokens.remembered(token) is None
    assert tokens.caller(token) == tokens.caller(token) == tokens.remembered(token)
    assert asked == ["ann"]

    now[0] = NOW + timedelta(seconds=60) + LEEWAY
    assert flaw(tokens, token) == Flaw.EXPIRED


def test_a_token_that_was_refused_is_looked_at_again(tmp_path: Path) -> None:
    known: set[str] = set()
    tokens = Tokens(
        lambda _, __, login: ANN if login in known else None,
        lambda _: None,
        lambda: NOW,
        read_issuer(ISSUER, pem_file(tmp_path, ED)),
    )
    token = jwt.encode(claims(), ED, "EdDSA")
    assert flaw(tokens, token) == Flaw.STAFF
    assert tokens.remembered(token) is None

    known.add("ann")
    assert tokens.caller(token).staff == ANN


def test_a_remembered_token_lends_nothing_to_one_with_another_signature(tokens: Tokens) -> None:
    token = jwt.encode(claims(), ED, "EdDSA")
    tokens.caller(token)
    head, said, _ = token.split(".")
    other = jwt.encode(claims(sub="bob"), ED, "EdDSA").rpartition(".")[2]

    assert flaw(tokens, f"{head}.{said}.{other}") == Flaw.FORGED


def test_a_remembered_token_of_a_demonstration_counts_only_as_long_as_its_key_does() -> None:
    keys = dict(SECRETS)
    tokens = Tokens(staff, keys.get, lambda: NOW)
    token = issue_for_demonstration(keys["derby"], "derby", "ann", frozenset({"read"}), NOW, timedelta(hours=1))
    assert tokens.caller(token).landlord == "derby"

    keys["derby"] = bytes(32)
    assert flaw(tokens, token) == Flaw.FORGED
    del keys["derby"]
    assert flaw(tokens, token) == Flaw.LANDLORD


def test_only_so_many_tokens_are_remembered_the_latest_ones(tokens: Tokens) -> None:
    made = [jwt.encode(claims(jti=str(number)), ED, "EdDSA") for number in range(REMEMBERED + 5)]
    for token in made:
        tokens.caller(token)

    assert [tokens.remembered(token) is None for token in made] == [True] * 5 + [False] * REMEMBERED
