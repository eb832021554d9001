"""A tick by hand over HTTP, and what /health says of the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from infrastructure.scheduler import Scheduler
from tests.infrastructure.http.a_house import Caller, House, a_house, accepted, answered


@pytest.fixture
def later(database: str, tmp_path: Path) -> Iterator[House]:
    """A landlord, whose clock goes on when a test says so."""
    with a_house(database, tmp_path, ["maidstone"]) as house:
        yield house


@pytest.fixture
def case(later: House) -> str:
    """A case in which an adjustment was asked for on 12 January, and by 20 February nobody has answered."""
    officer = later.caller("maidstone")
    found: str = officer.contact()["case"]
    accepted(officer.post(f"/v1/cases/{found}/request-adjustment", {"kind": "home_visits", "needs": "Cannot travel."}))
    later.evenhand.demonstration_clock("maidstone").set(datetime(2026, 2, 20, 12, tzinfo=UTC))
    kept_up(later)
    return found


def kept_up(house: House) -> None:
    assert house.evenhand.projector("maidstone").wait_for(house.head("maidstone"), 30.0, "deadlines")


def operations(house: House) -> Caller:
    return house.caller("maidstone", scopes=frozenset({"operate"}))


def test_a_tick_takes_down_what_went_by_once_and_says_so(later: House, case: str) -> None:
    caller, before = operations(later), later.head("maidstone")
    dry = answered(caller.post("/v1/ops/tick", {"dry_run": True}))
    assert later.head("maidstone") == before
    told = answered(caller.post("/v1/ops/tick", {}))
    assert later.head("maidstone") == before + 1
    [one] = told["went_by"]
    assert (one["case"], one["key"]) == (case, "adjustment:adjustment-1")
    assert date(2026, 1, 12) < date.fromisoformat(one["due_on"]) < date(2026, 2, 20)
    assert (dry["went_by"], dry["dry_run"], told["dry_run"]) == (told["went_by"], True, False)
    assert (told["at"], told["failed"], told["left"], told["complete"]) == ("2026-02-20", [], False, True)
    kept_up(later)
    assert answered(caller.post("/v1/ops/tick", {}))["went_by"] == []
    history = answered(later.caller("maidstone").get(f"/v1/cases/{case}/history"))
    assert "DeadlinePassed" in str(history)


@pytest.mark.usefixtures("case")
def test_a_day_to_come_is_for_a_dry_run_alone(later: House) -> None:
    caller = operations(later)
    refused = caller.post("/v1/ops/tick", {"at": "2026-02-21"})
    assert refused.status_code == 422
    assert "lies ahead: today is 2026-02-20" in refused.text
    assert answered(caller.post("/v1/ops/tick", {"at": "2026-02-21", "dry_run": True}))["went_by"]
    assert answered(caller.post("/v1/ops/tick", {"at": "2026-01-13"}))["went_by"] == []


def test_the_clock_is_for_operations(later: House) -> None:
    caller = later.caller("maidstone", scopes=frozenset({"record", "decide"}))
    assert caller.post("/v1/ops/tick", {}).status_code == 403


def test_a_list_that_is_gone_is_a_problem_with_what_to_do_and_health_says_it_too(later: House, case: str) -> None:
    office = later.evenhand.office("maidstone")
    builds = office.recorder.server.run(office.projector.builds.all)
    table = office.projector.table_of(next(b for b in builds if b.projection == "deadlines" and b.serving)).table
    with psycopg.connect(office.recorder.server.dsn, autocommit=True) as conn:
        conn.execute(SQL("DROP TABLE {}").format(Identifier(office.projector.schema, table)))
    response = operations(later).post("/v1/ops/tick", {})
    assert (response.status_code, response.json()["type"]) == (503, "/problems/awaiting-rebuild")
    assert "rebuild deadlines" in response.json()["detail"]
    scheduler = Scheduler(lambda: {"maidstone": office.clockwork}, every=60)
    scheduler.tick()
    later.evenhand._scheduler = scheduler  # noqa: SLF001 - as if its thread had ticked
    assert "rebuild deadlines" in answered(later.http.get("/health"))["clock"]["maidstone"]
    assert case not in later.http.get("/health").text
