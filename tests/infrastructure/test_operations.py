"""What operations staff see and do: status in one word, plans, pauses, retries, and a record of it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from infrastructure.engine.acts import By
from infrastructure.engine.operations import Operations
from infrastructure.engine.rebuilding import Options
from infrastructure.reads import TableLost
from projections import ALL
from projections.alert_state import ALERT_STATE
from tests.histories import MONDAY, main_road
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.a_rebuild import BY, NAMES, PATIENCE, following, is_right, operations, rebuild, soon, tamper

IN_PROCESS = Options(in_process=True)


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        projected.append_whole(*(main_road(str(number)) for number in range(3)))
        yield projected


@pytest.fixture
def ops(log: ProjectedLog) -> Operations:
    return operations(log)


def states(ops: Operations) -> dict[str, str]:
    return {one.projection: one.state for one in ops.status()}


def test_the_state_of_a_read_model_is_one_word(log: ProjectedLog, ops: Operations) -> None:
    assert states(ops) == dict.fromkeys(NAMES, "catching up")
    log.catch_up()
    assert states(ops) == dict.fromkeys(NAMES, "serving")
    log.append_unknown(main_road("1"))
    log.catch_up()
    assert states(ops) == dict.fromkeys(NAMES, "degraded")
    ops.pause(["alert_state"], BY)
    assert states(ops) == {**dict.fromkeys(NAMES, "degraded"), "alert_state": "paused"}
    ops.resume(["alert_state"], BY)
    log.projector.views = (replace(ALERT_STATE, version=3), *ALL[1:])
    assert states(ops) == {**dict.fromkeys(NAMES, "degraded"), "alert_state": "awaiting rebuild"}
    assert [one.awaits for one in ops.status()] == [3, *(None for _ in ALL[1:])]


def test_status_tells_of_what_is_under_way_and_of_what_can_be_returned_to(log: ProjectedLog, ops: Operations) -> None:
    log.catch_up()
    rebuild(log)
    log.catch_up()
    tamper(log, "alert_state", "household = NULL", main_road("1").case)
    rebuild(log, "alert_state")
    alert, trail, *_ = ops.status()

    assert (alert.build, alert.standby, alert.under_way and alert.under_way.state) == (2, 1, "differing")
    assert (trail.build, trail.standby, trail.under_way) == (2, 1, None)


def test_a_table_that_somebody_dropped_is_told_of_and_built_anew(log: ProjectedLog, ops: Operations) -> None:
    log.catch_up()
    table = Identifier(log.projector.schema, f"alert_state_v{ALERT_STATE.version}_b1")
    with psycopg.connect(log.server.dsn, autocommit=True) as conn:
        conn.execute(SQL("DROP TABLE {}").format(table))

    assert states(ops)["alert_state"] == "lost"
    assert [plan.rows for plan in ops.plan(["alert_state"])] == [0]
    with pytest.raises(TableLost):
        log.reads.register(MONDAY)
    [held] = rebuild(log, "alert_state")
    assert (held.switched, held.compared and held.compared.differences) == (False, 3)
    [mended] = rebuild(log, "alert_state", accept=True)
    assert mended.switched
    assert log.reads.register(MONDAY).behind_since is None
    assert states(ops)["alert_state"] == "serving"


def test_a_plan_says_what_a_rebuild_would_go_through_and_does_nothing(log: ProjectedLog, ops: Operations) -> None:
    log.catch_up()
    [plan] = ops.plan(["alert_state"])

    assert (plan.version, plan.from_version, plan.events, plan.cases, plan.rows) == (
        2,
        2,
        3 * len(main_road().events),
        3,
        3,
    )
    assert (plan.slices, plan.filled) == (1, 0)
    assert [one.build for one in ops.status()] == [1 for _ in ALL]


def test_everything_that_is_done_is_on_record_with_who_and_why(log: ProjectedLog, ops: Operations) -> None:
    log.catch_up()
    by = By("jo", "the register looked odd")
    ops.pause(["alert_state"], by)
    ops.resume(["alert_state"], by)
    ops.verify(["alert_state"], by, options=IN_PROCESS)
    ops.rebuild(["alert_state"], by, IN_PROCESS)
    ops.roll_back("alert_state", by)
    done = ops.history()

    assert [act.act for act in reversed(done)] == [
        "paused",
        "resumed",
        "verified",
        "rebuild begun",
        "switched",
        "rolled back",
    ]
    assert {(act.actor, act.why) for act in done} == {("jo", "the register looked odd")}
    assert [act.number for act in ops.history(2, before=done[1].number)] == [one.number for one in done[2:4]]


def test_an_unknown_read_model_is_refused_with_the_names_of_those_there_are(ops: Operations) -> None:
    for act in (ops.plan, lambda names: ops.pause(names, BY), lambda names: ops.rebuild(names, BY, IN_PROCESS)):
        with pytest.raises(LookupError, match="no read model nothing; there are alert_state, audit_trail"):
            act(["nothing"])


def test_a_retry_is_of_blocked_cases_only_and_leaves_those_that_still_cannot_be_told(
    log: ProjectedLog, ops: Operations
) -> None:
    stuck = main_road("1")
    last = log.append_unknown(stuck)
    with following(log):
        assert log.projector.wait_for(last, PATIENCE)
        assert ops.retry([main_road("2").case, "nothing of the kind"], BY) == []
        assert ops.retry(None, BY) == [stuck.case]
        assert soon(lambda: {one.attempts for one in log.projector.health().blocked} == {2})
        assert is_right(log)


def test_what_is_asked_for_again_while_it_is_done_is_done_again(log: ProjectedLog) -> None:
    case = main_road("1").case
    builds = log.projector.builds
    log.server.run(lambda conn: builds.ask_refold(conn, [case]))
    seen = log.server.run(lambda conn: builds.asked_refold(conn, 10))
    log.server.run(lambda conn: builds.ask_refold(conn, [case]))
    log.server.run(lambda conn: builds.refolded(conn, seen))

    again = log.server.run(lambda conn: builds.asked_refold(conn, 10))
    assert list(again) == [case]
    log.server.run(lambda conn: builds.refolded(conn, again))
    assert log.server.run(lambda conn: builds.asked_refold(conn, 10)) == {}


def test_blocked_cases_of_a_read_model_are_tried_again_when_it_is_resumed(log: ProjectedLog, ops: Operations) -> None:
    stuck = main_road("1")
    last = log.append_unknown(stuck)
    with following(log):
        assert log.projector.wait_for(last, PATIENCE)
        ops.pause(["alert_state"], BY)
        ops.retry(None, BY)
        assert soon(lambda: attempts(log)["audit_trail"] == 2)
        ops.resume(["alert_state"], BY)
        assert soon(lambda: attempts(log)["alert_state"] == 2)


def attempts(log: ProjectedLog) -> dict[str, int]:
    return {one.projection: one.attempts for one in log.projector.health().blocked}
