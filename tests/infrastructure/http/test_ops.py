"""Operations staff over HTTP: what they are told, what they may do, and that it is on record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from projections import ALL
from tests.infrastructure.http.a_house import Caller, House, a_server, accepted, answered

PATIENCE = 60.0  # seconds
BOTH = ["alert_state", "audit_trail"]


def ended(caller: Caller, response: httpx.Response) -> dict[str, Any]:
    """A job once it has ended, from the answer that began it."""
    assert response.status_code == 202, response.text
    place = response.headers["Location"]
    assert place == f"/v1/ops/jobs/{response.json()['job']}"
    until = monotonic() + PATIENCE
    while (job := answered(caller.get(place)))["state"] == "running":
        assert monotonic() < until, job
        sleep(0.05)
    return job


def act(caller: Caller, wanted: str, **body: object) -> httpx.Response:
    return caller.post(f"/v1/ops/projections/{wanted}", {"why": "a test", **body})


def states(caller: Caller) -> dict[str, dict[str, Any]]:
    told = answered(caller.get("/v1/ops/projections"))["projections"]
    return {one["projection"]: one for one in told}


def acts(caller: Caller, **params: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answered(caller.get("/v1/ops/projections/history", **params))["acts"]
    return found


def dsn(house: House) -> str:
    return house.evenhand.office("derby").recorder.server.dsn


@contextmanager
def builds_locked(house: House, landlord: str) -> Iterator[None]:
    """Whatever asks for the builds of a landlord waits."""
    with psycopg.connect(dsn(house)) as connection:
        builds = Identifier(f"landlord_{landlord}", "build")
        connection.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(builds))
        yield
        connection.rollback()


@pytest.fixture
def alert_is_kept_up(neighbour: Caller) -> Iterator[Caller]:
    """A caller of Derby's, whose register holds a case."""
    position = neighbour.contact()["position"]
    assert neighbour.get("/v1/register", min_position=position).status_code == 200
    yield neighbour
    act(neighbour, "resume", names=BOTH)


def test_the_state_of_each_read_model_is_told(alert_is_kept_up: Caller) -> None:
    told = states(alert_is_kept_up)

    assert set(told) == {view.name for view in ALL}
    assert {one["state"] for one in told.values()} == {"serving"}
    assert all(one["position"] == one["head"] > 0 and one["awaits"] is None for one in told.values())


def test_a_rebuild_is_begun_followed_to_its_end_and_on_record_under_who_asked(alert_is_kept_up: Caller) -> None:
    before = states(alert_is_kept_up)["alert_state"]["build"]

    job = ended(alert_is_kept_up, act(alert_is_kept_up, "rebuild", names=BOTH, why="to be sure"))

    assert (job["state"], job["error"], job["act"]) == ("done", None, "rebuild")
    assert [(one["projection"], one["switched"]) for one in job["builds"]] == [(name, True) for name in BOTH]
    assert states(alert_is_kept_up)["alert_state"]["build"] == before + 1
    last = acts(alert_is_kept_up, limit=1)[0]
    staff = alert_is_kept_up.house.staff("derby")
    assert (last["act"], last["actor"], last["why"]) == ("switched", staff, "to be sure")


def test_a_plan_says_what_a_rebuild_would_go_through_and_does_nothing(alert_is_kept_up: Caller) -> None:
    before = states(alert_is_kept_up), acts(alert_is_kept_up)
    head = before[0]["alert_state"]["head"]

    [one] = answered(alert_is_kept_up.get("/v1/ops/projections/plan", name="alert_state"))["plans"]
    every = answered(alert_is_kept_up.get("/v1/ops/projections/plan"))["plans"]

    assert (one["projection"], one["events"], one["filled"]) == ("alert_state", head, 0)
    assert [plan["projection"] for plan in every] == [view.name for view in ALL]
    assert acts(alert_is_kept_up) == before[1]


def test_a_verification_finds_what_was_changed_by_hand_and_repairs_it(alert_is_kept_up: Caller, house: House) -> None:
    build = states(alert_is_kept_up)["audit_trail"]
    table = Identifier("landlord_derby", f"audit_trail_v{build['version']}_b{build['build']}")
    with psycopg.connect(dsn(house)) as connection:
        taken = connection.execute(SQL("DELETE FROM {} WHERE version = 1").format(table)).rowcount
    assert taken > 0

    found = ended(alert_is_kept_up, act(alert_is_kept_up, "verify", names=BOTH, repair=True))

    assert found["verification"]["differences"] == taken
    assert {one["kind"] for one in found["verification"]["shown"]} == {"missing"}
    until = monotonic() + PATIENCE
    differences = taken
    while differences and monotonic() < until:
        again = ended(alert_is_kept_up, act(alert_is_kept_up, "verify", names=BOTH))
        differences = again["verification"]["differences"]
    assert differences == 0


def test_what_is_paused_stays_where_it_is_until_it_is_resumed(alert_is_kept_up: Caller) -> None:
    changed = answered(act(alert_is_kept_up, "pause", names=["alert_state"]))
    again = answered(act(alert_is_kept_up, "pause", names=["alert_state"]))

    assert (changed["names"], again["names"]) == (["alert_state"], [])
    assert states(alert_is_kept_up)["alert_state"]["state"] == "paused"
    assert answered(act(alert_is_kept_up, "resume", names=BOTH))["names"] == ["alert_state"]
    position = alert_is_kept_up.contact()["position"]
    assert alert_is_kept_up.get("/v1/register", min_position=position).status_code == 200


def test_only_blocked_cases_are_tried_again(alert_is_kept_up: Caller) -> None:
    case = alert_is_kept_up.contact()["case"]

    assert answered(act(alert_is_kept_up, "retry", cases=[case]))["cases"] == []
    assert answered(act(alert_is_kept_up, "retry"))["cases"] == []


def test_a_rollback_returns_to_the_build_before(alert_is_kept_up: Caller) -> None:
    ended(alert_is_kept_up, act(alert_is_kept_up, "rebuild", names=["alert_state"]))
    before = states(alert_is_kept_up)["alert_state"]

    job = ended(alert_is_kept_up, act(alert_is_kept_up, "rollback", name="alert_state"))

    assert job["builds"][0]["build"] == before["standby"] == states(alert_is_kept_up)["alert_state"]["build"]
    assert states(alert_is_kept_up)["alert_state"]["standby"] == before["build"]


def test_what_cannot_be_done_is_told_as_a_problem_of_the_job(officer: Caller, house: House) -> None:
    with psycopg.connect(dsn(house), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtextextended('evenhand rebuild of landlord_maidstone', 0))")
        job = ended(officer, act(officer, "rebuild", names=["alert_state"]))

    assert job["state"] == "failed"
    assert (job["error"]["type"], job["error"]["status"]) == ("/problems/rebuild-refused", 409)
    assert "Somebody else is rebuilding" in job["error"]["detail"]


def test_one_long_act_of_a_landlord_is_under_way_at_a_time(officer: Caller, neighbour: Caller, house: House) -> None:
    with builds_locked(house, "maidstone"):
        first = act(officer, "verify", names=BOTH)
        second = act(officer, "rebuild", names=BOTH)
        elsewhere = act(neighbour, "verify", names=BOTH)

    assert (second.status_code, second.json()["type"]) == (409, "/problems/job-under-way")
    assert second.headers["Location"] == first.headers["Location"]
    assert ended(officer, first)["state"] == "done"
    assert ended(neighbour, elsewhere)["state"] == "done"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"names": ["nobody_knows"], "why": "x"}, "names.0"),
        ({"names": [], "why": "x"}, "names"),
        ({"names": ["alert_state"]}, "why"),
        ({"names": ["alert_state"], "why": " "}, "why"),
        ({"names": ["alert_state"], "why": "x", "processes": 0}, "processes"),
    ],
)
def test_what_is_not_asked_rightly_is_refused_by_field(officer: Caller, body: dict[str, Any], field: str) -> None:
    response = officer.post("/v1/ops/projections/rebuild", body)

    assert response.status_code == 422, response.text
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert "nobody_knows" not in response.text


def test_a_job_that_nobody_began_is_not_found(officer: Caller) -> None:
    assert officer.get("/v1/ops/jobs/nothing").status_code == 404


def test_without_the_scope_nothing_is_told_or_done(house: House) -> None:
    caller = house.caller("derby", scopes=frozenset({"read", "administer", "audit"}))

    assert caller.get("/v1/ops/projections").status_code == 403
    assert caller.get("/metrics").status_code == 403
    assert act(caller, "pause", names=BOTH).status_code == 403


# Metrics


def test_metrics_with_a_token_are_those_of_its_landlord(alert_is_kept_up: Caller) -> None:
    response = alert_is_kept_up.get("/metrics")

    assert response.headers["content-type"].startswith("text/plain; version=")
    assert 'evenhand_projection_lag_events{landlord="derby",projection="alert_state"}' in response.text
    assert 'evenhand_projection_events_taken_in_total{landlord="derby"}' in response.text
    assert "maidstone" not in response.text
    assert "evenhand_request_seconds" not in response.text


def test_metrics_take_a_token_unless_the_settings_open_them(house: House, officer: Caller) -> None:
    assert house.http.get("/metrics").status_code == 401
    contact = officer.contact()
    officer.get(f"/v1/cases/{contact['case']}")

    house.evenhand.metrics_open = True
    try:
        with a_server(house.evenhand) as address:
            text = httpx.get(f"{address}/metrics").text
    finally:
        house.evenhand.metrics_open = False

    assert 'landlord="derby"' in text
    assert 'landlord="maidstone"' in text
    assert 'evenhand_request_seconds_count{method="GET",route="/v1/cases/{case}",status="200"}' in text
    assert "evenhand_append_seconds_bucket" in text
    assert not any(value in text for value in (contact["case"], contact["person"], house.staff("maidstone")))


def test_a_method_that_somebody_invents_makes_no_series_of_its_own(house: House) -> None:
    for number in range(3):
        house.http.request(f"INVENTED{number}", "/health")

    text = house.evenhand.metrics.text().decode()

    assert "INVENTED" not in text
    assert 'method="other"' in text


def test_an_act_over_http_changes_no_fact(alert_is_kept_up: Caller, house: House) -> None:
    head = house.head("derby")
    ended(alert_is_kept_up, act(alert_is_kept_up, "rebuild", names=BOTH))
    assert house.head("derby") == head
    accepted(alert_is_kept_up.post("/v1/contacts", {"channel": "email", "summary": "x"}))
