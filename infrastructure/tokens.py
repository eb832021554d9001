"""Who somebody is, by the token that they bring: a signed JWT that names a landlord and a member of staff (RFC 7519).

Each key signs with one algorithm, which follows from the key and never from the token (RFC 8725, section 3.1). In
service only the configured issuer's tokens count. A demonstration signs its own, each landlord's under a key of that
landlord's, and they count for landlords that were set up as demonstrations and for nobody else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from domain.codes import StaffId
from domain.personal import has_control_characters

DEMONSTRATION: Final = "evenhand-demonstration"  # who issues the tokens of a demonstration
MOST_BYTES: Final = 8192  # of a token; servers commonly cut a header there
LEEWAY: Final = timedelta(seconds=30)  # between our clock and the issuer's
LONGEST: Final = timedelta(days=1)  # of a demonstration's token
REMEMBERED: Final = 1000  # tokens that were found good; the longest ones make that some eight megabytes
LEAST_RSA_BITS: Final = 2048  # RFC 7518, section 3.3
LAST_INSTANT: Final = 253_402_300_799  # seconds until the end of the year 9999
NEEDED: Final = ("iss", "sub", "landlord", "scope", "exp", "iat")

PublicKey = Ed25519PublicKey | RSAPublicKey | EllipticCurvePublicKey


class Flaw(StrEnum):
    """What is wrong with a token."""

    MALFORMED = "malformed"  # no JWT, or a claim is missing or of another type
    ALGORITHM = "algorithm"  # unsigned, or signed in another way than the key does
    FORGED = "forged"  # the signature is not the key's
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    ISSUER = "issuer"  # nobody whose tokens count here
    AUDIENCE = "audience"  # issued for another service
    LANDLORD = "landlord"  # names a landlord whom this issuer cannot speak for
    STAFF = "staff"  # names nobody whom this landlord knows


class TokenRefused(Exception):
    """A token that does not count. The message says why in our words, and repeats nothing of the token."""

    def __init__(self, flaw: Flaw, message: str) -> None:
        super().__init__(message)
        self.flaw = flaw


class IssuerRefused(Exception):
    """A file of public keys that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a member of a landlord's staff, and what the token is good for."""

    landlord: str
    staff: StaffId
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Admitted:
    """Who brought a token that was found good, and what can still change about that: the time, and whether the
    landlord's own signature counts. `secret` is what a demonstration signed with, None for the issuer.
    """

    caller: Caller
    claims: Mapping[str, Any]
    secret: bytes | None


@dataclass(frozen=True, slots=True)
class Signer:
    """A public key and the one algorithm that goes with it; `kid` is the key's name in a JWKS."""

    key: PublicKey
    algorithm: str
    kid: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """Somebody outside whose tokens count for every landlord in service."""

    name: str
    signers: tuple[Signer, ...]
    audience: str | None = None


class Tokens:
    """Checks tokens against the issuer, if there is one, and against the demonstration keys of `demonstrations`.

    `demonstration_key` gives the 32 secret bytes of a landlord whose self-signed tokens count, None for any other.
    `staff` finds a member of a landlord's staff by issuer and login, None for somebody unknown; it raises LookupError
    for a landlord who is not served. Whom a login belongs to never changes, nor whose signature a token bears, so that
    both are found out once for each token. Safe to share between threads.
    """

    def __init__(
        self,
        staff: Callable[[str, str, str], StaffId | None],
        demonstration_key: Callable[[str], bytes | None],
        clock: Callable[[], datetime],
        issuer: Issuer | None = None,
    ) -> None:
        self._staff = staff
        self._demonstration_key = demonstration_key
        self._clock = clock
        self._issuer = issuer
        self._admitted: dict[str, _Admitted] = {}
        self._lock = Lock()

    def remembered(self, token: str) -> Caller | None:
        """Who brings this token, if it was found good before; asks nobody. Raises `TokenRefused` once it expired."""
        known = self._admitted.get(token)
        if known is None:
            return None
        if known.secret is not None and known.secret != self._demonstration_key(known.caller.landlord):
            return None
        self._in_time(known.claims)
        return known.caller

    def caller(self, token: str) -> Caller:
        """Who brings this token. Raises `TokenRefused`."""
        if (known := self.remembered(token)) is not None:
            return known
        if len(token) > MOST_BYTES:
            raise TokenRefused(Flaw.MALFORMED, f"a token is at most {MOST_BYTES} characters long")
        header, claimed = _unverified(token)
        signer, audience = self._signer(header, claimed)
        claims = _verified(token, signer, audience)
        self._in_time(claims)
        landlord, login = _text(claims, "landlord"), _text(claims, "sub")
        scopes = frozenset(_text(claims, "scope").split())
        try:
            staff = self._staff(landlord, _text(claims, "iss"), login)
        except LookupError:
            raise TokenRefused(Flaw.LANDLORD, "the token names a landlord who is not served here") from None
        if staff is None:
            raise TokenRefused(Flaw.STAFF, "the token names nobody whom this landlord knows")
        caller = Caller(landlord, staff, scopes)
        secret = self._demonstration_key(landlord) if claims["iss"] == DEMONSTRATION else None
        self._remember(token, _Admitted(caller, claims, secret))
        return caller

    def _remember(self, token: str, admitted: _Admitted) -> None:
        with self._lock:
            if len(self._admitted) >= REMEMBERED:
                self._admitted.pop(next(iter(self._admitted)))  # the oldest, so the soonest to expire
            self._admitted[token] = admitted

    def _signer(self, header: Mapping[str, Any], claimed: Mapping[str, Any]) -> tuple[Signer, str | None]:
        """The only key that could have signed this token, by what it says of itself so far unproved."""
        issuer = claimed.get("iss")
        if self._issuer is not None and issuer == self._issuer.name:
            return _by_name(self._issuer.signers, header.get("kid")), self._issuer.audience
        if issuer == DEMONSTRATION:
            secret = self._demonstration_key(_text(claimed, "landlord"))
            if secret is None:
                raise TokenRefused(Flaw.LANDLORD, "self-signed tokens are for landlords of a demonstration alone")
            return Signer(Ed25519PrivateKey.from_private_bytes(secret).public_key(), "EdDSA"), None
        raise TokenRefused(Flaw.ISSUER, "the token was issued by nobody whose tokens count here")

    def _in_time(self, claims: Mapping[str, Any]) -> None:
        # By our own clock, so that a test can move it; the library would look at the machine's.
        now = self._clock().timestamp()
        leeway = LEEWAY.total_seconds()
        if now >= _number(claims, "exp") + leeway:
            raise TokenRefused(Flaw.EXPIRED, "the token has expired")
        if max(_number(claims, "iat"), _number(claims, "nbf") if "nbf" in claims else 0) > now + leeway:
            raise TokenRefused(Flaw.NOT_YET_VALID, "the token is not valid yet")


def issue_for_demonstration(
    secret: bytes, landlord: str, login: str, scopes: frozenset[str], now: datetime, lasts: timedelta
) -> str:
    """A token that a demonstration signs itself, under the 32 secret bytes of the landlord. Raises ValueError."""
    if not timedelta(0) < lasts <= LONGEST:
        raise ValueError("a demonstration's token lasts from one minute to a day")
    claims = {
        "iss": DEMONSTRATION,
        "sub": login,
        "landlord": landlord,
        "scope": " ".join(sorted(scopes)),
        "iat": int(now.timestamp()),
        "exp": int((now + lasts).timestamp()),
    }
    return jwt.encode(claims, Ed25519PrivateKey.from_private_bytes(secret), algorithm="EdDSA")


def read_issuer(name: str, keys: Path, audience: str | None = None) -> Issuer:
    """An issuer with the public keys of a file: one key in PEM, or a JWKS (RFC 7517). Raises `IssuerRefused`."""
    if name == DEMONSTRATION:
        raise IssuerRefused(f"{name} is the name of our own demonstrations; an issuer in service has another one")
    try:
        content = keys.read_bytes()
    except OSError as error:
        raise IssuerRefused(f"{keys} cannot be read ({error.strerror})") from error
    signers = _from_jwks(content, keys) if content.lstrip()[:1] == b"{" else (_from_pem(content, keys),)
    return Issuer(name, signers, audience)


def _from_pem(content: bytes, file: Path) -> Signer:
    if b"PRIVATE KEY" in content:
        raise IssuerRefused(f"{file} holds a private key; only the issuer may have that. Put its public key there")
    try:
        key = load_pem_public_key(content)
    except ValueError as error:
        raise IssuerRefused(f"{file} holds neither a public key in PEM nor a JWKS") from error
    return _signer_of(key, None, f"{file}")


def _from_jwks(content: bytes, file: Path) -> tuple[Signer, ...]:
    try:
        described = json.loads(content)["keys"]
        signers = tuple(
            _signer_of(jwt.PyJWK(key).key, key.get("kid"), f"key {number} of {file}", key)
            for number, key in enumerate(described, start=1)
            if key.get("use", "sig") == "sig"
        )
    except (ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as error:
        raise IssuerRefused(f"{file} is no JWKS of keys that sign with EdDSA, ES256 or RS256") from error
    if not signers:
        raise IssuerRefused(f"{file} holds no key that signs")
    names = [signer.kid for signer in signers]
    if len(signers) > 1 and (None in names or len(set(names)) < len(names)):
        raise IssuerRefused(f"{file} holds several keys, and not each has a `kid` of its own")
    return signers


def _signer_of(key: object, kid: str | None, where: str, described: Mapping[str, Any] | None = None) -> Signer:
    """A key with the algorithm that it alone is used with; a secret key shared with the issuer is none of ours."""
    match key:
        case Ed25519PublicKey():
            signer = Signer(key, "EdDSA", kid)
        case EllipticCurvePublicKey() if isinstance(key.curve, SECP256R1):
            signer = Signer(key, "ES256", kid)
        case RSAPublicKey() if key.key_size >= LEAST_RSA_BITS:
            signer = Signer(key, "RS256", kid)
        case _:
            raise IssuerRefused(f"{where} is not a public key of Ed25519, P-256, or RSA with at least 2048 bits")
    if described is not None and described.get("alg", signer.algorithm) != signer.algorithm:
        raise IssuerRefused(f"{where} is for another algorithm than {signer.algorithm}")
    return signer


def _by_name(signers: tuple[Signer, ...], kid: object) -> Signer:
    if kid is None and len(signers) == 1:
        return signers[0]
    for signer in signers:
        if signer.kid == kid or (signer.kid is None and len(signers) == 1):
            return signer
    raise TokenRefused(Flaw.FORGED, "the token names a key that its issuer has not published here")


def _unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What a token says of itself, believed only as far as choosing the key that it has to be checked with."""
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError):  # the library's words may quote the token
        raise TokenRefused(Flaw.MALFORMED, "this is no token as RFC 7519 describes it") from None
    return header, claims


def _verified(token: str, signer: Signer, audience: str | None) -> dict[str, Any]:
    checks = {"require": [*NEEDED, *(["aud"] if audience else [])], "verify_exp": False}
    checks |= {"verify_iat": False, "verify_nbf": False}  # by our own clock instead
    try:
        return jwt.decode(token, signer.key, [signer.algorithm], options=checks, audience=audience)  # type: ignore[arg-type]
    except jwt.InvalidAlgorithmError:
        flaw, words = Flaw.ALGORITHM, f"a token of this issuer is signed with {signer.algorithm} and in no other way"
    except jwt.InvalidAudienceError:
        flaw, words = Flaw.AUDIENCE, "the token was issued for another service"
    except jwt.InvalidSignatureError:
        flaw, words = Flaw.FORGED, "the token's signature is not its issuer's"
    except jwt.MissingRequiredClaimError as missing:
        flaw, words = Flaw.MALFORMED, f"the token has no claim {missing.claim}"
    except (jwt.PyJWTError, ValueError):
        flaw, words = Flaw.MALFORMED, "a claim of the token is not of its type"
    raise TokenRefused(flaw, words)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value or has_control_characters(value):
        raise TokenRefused(Flaw.MALFORMED, f"the token's claim {name} is missing or no text")
    return value


def _number(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    # What is not a number at all is neither before nor after now, and would never expire.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LAST_INSTANT:
        raise TokenRefused(Flaw.MALFORMED, f"the token's claim {name} is no time")
    return value
