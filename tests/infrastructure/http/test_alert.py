"""The alert of one customer: one read, the same to everybody but for what is personal; and lists that stand still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier, Thread, current_thread
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.infrastructure.http.a_house import SECRET, Caller, House, accepted, answered
from tests.infrastructure.http.road import HttpWorld, a_road

READS = frozenset({"read"})
UNTIL_KEPT_AGAIN = 30.0  # seconds; a follower that was told nothing looks every few


@pytest.fixture
def reader(house: House) -> Caller:
    """Somebody who may read, and sees nothing personal."""
    return house.caller("maidstone", scopes=READS)


def test_an_alert_takes_one_read_of_the_database(
    house: House, officer: Caller, reader: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = officer.contact()["person"]
    path = f"/v1/customers/{person}/alert"
    assert answered(reader.get(path))["restricted"] == "no"  # the token and the build are known from here on
    office = house.evenhand.office("maidstone")
    assert office.projector.wait_for(office.log.head(), 20)  # until then it is folded from the history
    server = office.recorder.server
    given: list[str] = []
    run = server.run

    def counted(work: Any) -> Any:
        given.append(current_thread().name)
        return run(work)

    monkeypatch.setattr(server, "run", counted)
    for _ in range(3):
        answered(reader.get(path))
    assert len([name for name in given if name.startswith("AnyIO")]) == 3  # the follower's own are its own


def test_an_alert_is_the_same_for_those_who_see_nothing_personal_but_for_that(everybody: House) -> None:
    road = a_road(everybody, "wolverhampton")
    road.restricted()
    assert isinstance(road.world, HttpWorld)
    path = f"/v1/customers/{road.world.person}/alert"
    seeing = everybody.caller("wolverhampton", "case_officer").get(path)
    reading = everybody.caller("wolverhampton", "case_officer", READS).get(path)

    assert answered(reading)["restricted"] == "yes"
    assert _withheld(answered(seeing)) == answered(reading) != answered(seeing)
    told = ("date", "server", "content-length", "x-request-id")
    assert [
        {name: value for name, value in response.headers.items() if name not in told} for response in (seeing, reading)
    ] == [
        {
            "content-type": "application/json",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        }
    ] * 2


def _withheld(part: Any) -> Any:
    match part:
        case {"state": "shown", "text": str()}:
            return {"state": "withheld", "text": None}
        case dict():
            return {name: _withheld(value) for name, value in part.items()}
        case list():
            return [_withheld(value) for value in part]
        case _:
            return part


def test_an_alert_of_somebody_without_a_case_is_no_and_of_nobody_is_404(officer: Caller, reader: Caller) -> None:
    person = accepted(officer.post("/v1/persons", {"name": SECRET}))["person"]
    answer = answered(reader.get(f"/v1/customers/{person}/alert"))
    assert (answer["restricted"], answer["cases"]) == ("no", [])
    for nobody in (str(uuid4()), person.upper(), "nobody"):
        response = reader.get(f"/v1/customers/{nobody}/alert")
        assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")


def test_an_alert_accounts_for_the_position_that_is_asked_for_or_says_not_yet(officer: Caller, reader: Caller) -> None:
    written = officer.contact()
    path, position = f"/v1/customers/{written['person']}/alert", written["position"]
    assert answered(reader.get(path, min_position=position))["position"] >= position
    response = reader.get(path, min_position=position + 1000)
    assert (response.status_code, response.json()["type"]) == (503, "/problems/not-yet")


# Lists


@contextmanager
def _while_it_says(house: House, setting: str, after: str) -> Iterator[None]:
    """Something said of the alert of Maidstone's in its database, and taken back at the end."""
    with psycopg.connect(house.evenhand.office("maidstone").recorder.server.dsn, autocommit=True) as connection:
        connection.execute(setting)
        try:
            yield
        finally:
            connection.execute(after)


def _kept_again(officer: Caller) -> None:
    """Wait until the register accounts for what is written now."""
    position = officer.contact()["position"]
    until = monotonic() + UNTIL_KEPT_AGAIN
    while (response := officer.get("/v1/register", min_position=position)).status_code == 503 and monotonic() < until:
        sleep(0.2)
    answered(response)


def test_a_register_that_is_paused_is_given_as_it_stands_and_says_so_to_whoever_asks_for_more(
    house: House, officer: Caller, reader: Caller
) -> None:
    pause = "UPDATE landlord_maidstone.serving SET paused = {} WHERE projection = 'alert_state'"
    with _while_it_says(house, pause.format("true"), pause.format("false")):
        position = officer.contact()["position"]
        response = reader.get("/v1/register", min_position=position)
        answered(reader.get("/v1/register"))
    assert (response.status_code, response.json()["type"]) == (503, "/problems/paused")
    assert "alert_state" in response.json()["detail"]
    assert int(response.headers["Retry-After"]) > 1
    _kept_again(officer)


def test_a_register_of_another_releases_rows_awaits_a_rebuild_and_an_alert_does_not(
    house: House, officer: Caller, reader: Caller
) -> None:
    version = "UPDATE landlord_maidstone.build SET version = version {} 90 WHERE projection = 'alert_state'"
    written = officer.contact()
    with _while_it_says(house, version.format("+"), version.format("-")):
        responses = [reader.get("/v1/register"), reader.get("/v1/register", min_position=written["position"])]
    for response in responses:
        assert (response.status_code, response.json()["type"]) == (503, "/problems/awaiting-rebuild")
        assert "alert_state" in response.json()["detail"]
        assert int(response.headers["Retry-After"]) > 1
    assert answered(reader.get(f"/v1/customers/{written['person']}/alert"))["restricted"] == "no"
    _kept_again(officer)


# Health


def test_however_many_look_at_once_each_landlord_is_asked_for_blocked_cases_once_in_a_while(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infrastructure.http import health  # noqa: PLC0415

    monkeypatch.setattr(health, "COUNTED_FOR", 0.0)
    answered(house.http.get("/health"))  # good for no time: from here on everybody would count
    monkeypatch.setattr(health, "COUNTED_FOR", 5.0)
    answered(house.http.get("/health"))
    asked: list[str] = []
    projectors = {name: house.evenhand.projector(name) for name in house.evenhand.landlords}
    for name, projector in projectors.items():
        monkeypatch.setattr(projector, "health", _counted(projector.health, name, asked))
    start = Barrier(5)

    def look() -> None:
        start.wait()
        answered(house.http.get("/health"))

    lookers = [Thread(target=look) for _ in range(5)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert len(asked) == 5  # whether the follower lives is looked at each time, once for the server


def _counted(health: Any, name: str, asked: list[str]) -> Any:
    def counted() -> Any:
        asked.append(name)
        return health()

    return counted
