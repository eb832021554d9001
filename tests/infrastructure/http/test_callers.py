"""Who may ask: tokens, scopes, and what a caller of another landlord gets to see, which is nothing."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic, sleep
from typing import Any

import jwt
import pytest

from infrastructure.http.auth import SCOPES
from infrastructure.tokens import issue_for_demonstration
from tests.infrastructure.http.a_house import SECRET, Caller, House, a_contact

EVERY = frozenset(SCOPES)


def challenged(house: House, token: str | None, kind: str) -> None:
    """The answer must be 401 of this kind, with a challenge that says nothing of the token."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    head = house.head("maidstone")
    for response in (
        house.http.get("/v1/register", headers=headers),
        house.http.post("/v1/contacts", json=a_contact(), headers=headers),
        house.http.post("/v1/contacts", content=b"no json", headers=headers),
    ):
        assert response.status_code == 401, response.text
        assert response.json()["type"] == f"/problems/{kind}"
        assert response.headers["WWW-Authenticate"].startswith('Bearer realm="evenhand"')
        assert token is None or token not in response.text
    assert house.head("maidstone") == head


def test_without_a_token_nothing_is_answered(house: House) -> None:
    challenged(house, None, "no-token")


@pytest.mark.parametrize("scheme", ["Basic dXNlcjpwYXNz", "Bearer", "Token abc"])
def test_another_way_to_sign_in_is_no_token(house: House, scheme: str) -> None:
    response = house.http.get("/v1/register", headers={"Authorization": scheme})
    assert (response.status_code, response.json()["type"]) == (401, "/problems/no-token")


def test_an_expired_token_is_told_so(house: House) -> None:
    expired = house.token("maidstone", now=datetime.now(UTC) - timedelta(hours=2))
    challenged(house, expired, "token-expired")


def test_a_forged_token_is_refused(house: House) -> None:
    good = house.token("maidstone")
    header, body, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))

    def encoded(part: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")

    stretched = encoded({**claims, "scope": "administer", "exp": claims["exp"] + 10_000})
    unsigned = encoded({"alg": "none", "typ": "JWT"})
    shared = jwt.encode(claims, "guess" * 10, algorithm="HS256")
    for forged in (f"{header}.{stretched}.{signature}", f"{unsigned}.{body}.", shared, good[:-4], "abc", "a.b.c"):
        challenged(house, forged, "token-invalid")


def test_a_landlords_own_key_signs_for_no_other_landlord(house: House) -> None:
    key = house.evenhand.office("derby").keys.token_key
    token = house.token("maidstone")
    claims = jwt.decode(token, options={"verify_signature": False})
    forged = issue_for_demonstration(key, "maidstone", claims["sub"], EVERY, datetime.now(UTC), timedelta(minutes=5))
    challenged(house, forged, "token-invalid")


def test_somebody_whom_the_landlord_does_not_know_is_nobody(house: House) -> None:
    key = house.evenhand.office("maidstone").keys.token_key
    token = issue_for_demonstration(key, "maidstone", SECRET, EVERY, datetime.now(UTC), timedelta(minutes=5))
    challenged(house, token, "token-invalid")


SCOPED = [
    ("GET", "/v1/register", "read"),
    ("GET", "/v1/policy", "read"),
    ("GET", "/v1/persons?reference=a", "read"),
    ("POST", "/v1/contacts", "record"),
    ("POST", "/v1/persons", "record"),
    ("PATCH", "/v1/persons/x", "record"),
    ("POST", "/v1/cases", "record"),
    ("POST", "/v1/cases/x/record-incident", "record"),
    ("POST", "/v1/cases/x/apply-restriction", "decide"),
    ("POST", "/v1/landlord/appoint-post", "administer"),
]


@pytest.mark.parametrize(("method", "path", "scope"), SCOPED)
def test_every_other_scope_together_does_not_stand_for_the_one_that_is_needed(
    house: House, method: str, path: str, scope: str
) -> None:
    caller = house.caller("maidstone", scopes=EVERY - {scope})
    response = house.http.request(method, path, headers=caller.headers, json=None if method == "GET" else {})
    assert response.status_code == 403, response.text
    assert response.json()["type"] == "/problems/scope-missing"
    assert f'scope="{scope}"' in response.headers["WWW-Authenticate"]
    enough = house.caller("maidstone", scopes=frozenset({scope}))
    assert house.http.request(method, path, headers=enough.headers, json={}).status_code not in {401, 403}


def test_seeing_who_read_what_takes_a_scope_of_its_own(house: House, officer: Caller) -> None:
    case = officer.contact()["case"]
    reader = house.caller("maidstone", scopes=frozenset({"read"}))
    assert reader.get(f"/v1/cases/{case}/history").status_code == 200
    assert reader.get(f"/v1/cases/{case}/history", include="access").status_code == 403


def test_every_answer_has_an_id_and_is_kept_by_nobody(house: House, officer: Caller) -> None:
    for response in (officer.get("/v1/policy"), officer.get("/nowhere"), house.http.get("/health")):
        assert len(response.headers["X-Request-Id"]) == 32
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "server" not in response.headers or response.headers["server"] != SECRET


def test_the_log_says_which_route_and_never_who(officer: Caller, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "evenhand.http")
    person = officer.contact()["person"]
    officer.get(f"/v1/persons/{person}")
    officer.get("/v1/persons", reference=SECRET)
    for expected in ("GET /v1/persons/{person} 200 ", "GET /v1/persons 404 "):
        eventually(partial(_logged, caplog, expected))
    assert person not in "\n".join(lines(caplog))
    assert SECRET not in caplog.text


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the interface has logged so far."""
    return [record.getMessage() for record in caplog.records if record.name == "evenhand.http"]


def _logged(caplog: pytest.LogCaptureFixture, beginning: str) -> bool:
    return any(line.startswith(beginning) for line in lines(caplog))


def eventually(holds: Callable[[], bool]) -> None:
    """A line is written once the answer is out, so the caller may be faster."""
    until = monotonic() + 10
    while not holds():
        assert monotonic() < until
        sleep(0.01)
