"""Systems outside that follow what happens at a landlord, each with a sign-in of its own."""

from __future__ import annotations

from typing import Any

from domain.codes import Topic
from tests.infrastructure.http.a_house import Caller, House, accepted

FOLLOW = frozenset({"follow"})


def subscribe(house: House, landlord: str, code: str, **said: Any) -> Caller:
    """Register a system under a code and a login of the same name; it follows everything unless told otherwise."""
    body = {"subscriber": code, "kind": "own", "topics": list(Topic), "signs_in": house.staff(landlord, code), **said}
    accepted(house.caller(landlord, "administrator").post("/v1/landlord/register-subscriber", body))
    return house.caller(landlord, code, FOLLOW)


def end(house: House, landlord: str, code: str) -> None:
    """It follows nothing any more."""
    body = {"subscriber": code}
    accepted(house.caller(landlord, "administrator").post("/v1/landlord/end-subscriber", body))
