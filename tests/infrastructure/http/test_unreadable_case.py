"""A case about which a later release has written something: blocked by itself, told as far as it can be, never lost."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Any

import psycopg

from infrastructure.http.health import COUNTED_FOR
from tests.infrastructure.http.a_house import Caller, House, a_contact, accepted, answered

# Writes the last fact of a case once more, as a type that no release knows yet.
A_LATER_FACT = """
    WITH here AS (UPDATE landlord_maidstone.head SET position = position + 1 RETURNING position, recorded_at)
    INSERT INTO landlord_maidstone.event (stream, version, type, position, recorded_at, state)
    SELECT stream, version + 1, 'NotKnownYet', here.position, here.recorded_at, state
    FROM landlord_maidstone.event, here WHERE stream = %s ORDER BY version DESC LIMIT 1
    RETURNING position
"""


def a_case_from_a_later_release(house: House, officer: Caller, *, closed: bool = False) -> tuple[dict[str, Any], int]:
    """A contact's answer, and the position of what was written about its case after that, and after its end."""
    known = officer.contact()
    if closed:
        accepted(officer.post(f"/v1/cases/{known['case']}/close-case", {}))
    server = house.evenhand.office("maidstone").recorder.server
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute(A_LATER_FACT, [known["case"]]).fetchone()
    assert row is not None
    assert house.evenhand.projector("maidstone").wait_for(row[0], 20)
    return known, row[0]


def blocked_cases(house: House) -> int:
    """How many of Maidstone's cases health says are blocked; what it says may be some seconds old."""
    until = monotonic() + 2 * COUNTED_FOR
    while not (counted := answered(house.http.get("/health"))["blocked"].get("maidstone", 0)) and monotonic() < until:
        sleep(0.2)
    return int(counted)


def test_what_cannot_be_told_is_said_with_where_to_look_and_nothing_is_decided_on_it(
    house: House, officer: Caller
) -> None:
    known, position = a_case_from_a_later_release(house, officer)
    case, person = known["case"], known["person"]
    asked = [
        officer.get(f"/v1/cases/{case}"),
        officer.get(f"/v1/persons/{person}"),
        officer.post(f"/v1/cases/{case}/request-policy-copy", {}),
        officer.post("/v1/contacts", a_contact(reference=None, person=person)),
    ]
    for response in asked:
        problem = response.json()
        assert (response.status_code, problem["type"]) == (503, "/problems/unreadable")
        assert str(position) in problem["detail"]
        assert int(response.headers["Retry-After"]) > 60
    assert house.head("maidstone") == position


def test_whoever_reads_on_sees_that_something_is_unknown_and_nobody_else_is_held_up(
    house: House, officer: Caller
) -> None:
    known, position = a_case_from_a_later_release(house, officer)
    case, person = known["case"], known["person"]
    history = answered(officer.get(f"/v1/cases/{case}/history"))
    assert (len(history["entries"]), history["unknown_since"]) == (2, position)
    assert answered(officer.get(f"/v1/customers/{person}/alert"))["restricted"] == "not_known"
    assert answered(officer.get("/v1/advice", person=person, channel="telephone"))["kind"] == "not_known"
    listed = answered(officer.get("/v1/register", limit=200))["entries"]
    assert {entry["unknown_since"] for entry in listed if entry["case"] == case} == {position}
    assert blocked_cases(house) >= 1
    accepted(officer.post("/v1/contacts", a_contact()))


def test_a_closed_case_that_cannot_be_read_is_listed_with_those_that_were_kept_long_enough(
    house: House, officer: Caller
) -> None:
    known, _ = a_case_from_a_later_release(house, officer, closed=True)
    listed = answered(officer.get("/v1/retention", on="2098-01-01", limit=200))["entries"]
    [line] = [entry for entry in listed if entry["case"] == known["case"]]
    assert (line["readable"], line["run_out"]) == (False, [])
