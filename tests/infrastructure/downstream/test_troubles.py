"""What needs a person on the roads by which subscribers are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from domain.downstream_work import (
    Drifted,
    FollowersOwe,
    FurtherCases,
    RoadBlocked,
    Unacknowledged,
    of_cases,
    without_case,
)
from domain.worklist import Blocked, State, Viewed
from infrastructure.downstream.broker.publishing import Standing
from infrastructure.downstream.troubles import of_broker, of_webhooks
from infrastructure.downstream.webhooks.records import WebhookTask
from tests.domain.world import World
from tests.histories import MONDAY
from tests.infrastructure.a_log import NOON


class Tasks:
    """What stands for the endpoints."""

    def __init__(self, *tasks: WebhookTask) -> None:
        self.tasks = tasks

    def open_tasks(self, now: datetime) -> Sequence[WebhookTask]:
        """Those."""
        assert now == NOON
        return self.tasks


def webhooks(*tasks: WebhookTask) -> Sequence[RoadBlocked]:
    return of_webhooks(Tasks(*tasks))(NOON)  # type: ignore[arg-type]


def test_a_parked_case_stands_with_the_case_and_a_disabled_endpoint_alone() -> None:
    parked = WebhookTask(
        endpoint="e-1", subscriber="housing", kind="parked", because="tries_used_up", since=NOON, case="c-1"
    )
    disabled = WebhookTask(endpoint="e-2", subscriber="housing", kind="disabled", because="gone", since=NOON)
    one, two = webhooks(parked, disabled)
    assert (one.kind, one.case, one.see) == ("webhook_parked", "c-1", "/v1/webhooks/e-1")
    assert (two.kind, two.case) == ("webhook_disabled", None)
    assert "gone for good" in two.says


@pytest.mark.parametrize("state", ["standby", "publishing", "unreachable", "refused", "diverged"])
def test_only_a_stream_that_diverged_needs_somebody(state: str) -> None:
    standing = Standing(landlord="elm", state=state)  # type: ignore[arg-type]
    found = of_broker(lambda: standing)(NOON)
    assert [one.kind for one in found] == (["broker_diverged"] if state == "diverged" else [])
    assert not of_broker(lambda: None)(NOON)


def test_each_is_a_line_for_the_administrator() -> None:
    world = World("maidstone")
    viewed = Viewed(world.landlord, world.policy, world.baseline.baseline, MONDAY)
    names = ("restriction-applied", "notice-sent", "restriction-varied", "measures-suspended", "restriction-lifted")
    owed = FollowersOwe(
        unacknowledged=[
            Unacknowledged(subscriber="housing", case="c-1", person="p-1", events=names, since=NOON, due_at=NOON),
            Unacknowledged(
                subscriber="phone",
                case="c-1",
                person="p-1",
                events=("safety-warning-approved",),
                since=NOON,
                due_at=NOON,
            ),
        ],
        further=[FurtherCases(subscriber="housing", at_least=7)],
        drifted=[Drifted(subscriber="phone", on=MONDAY)],
        blocked=[
            RoadBlocked(kind="webhook_parked", about="e-1", says="Look.", since=NOON, case="c-2"),
            RoadBlocked(kind="broker_diverged", about="broker", says="Look.", since=NOON),
        ],
    )
    with_cases, alone = list(of_cases(owed, viewed)), list(without_case(owed, viewed))
    assert [(work.case, work.key, work.clause) for work in with_cases] == [
        ("c-1", "receipt:housing", "baseline 15"),
        ("c-1", "receipt:phone", "baseline 14"),
        ("c-2", "webhook_parked:e-1", "baseline 15"),
    ]
    assert "restriction-lifted" not in with_cases[0].says
    assert "and more" in with_cases[0].says
    assert (with_cases[0].state, with_cases[0].due_on, with_cases[0].days_late) == (State.OVERDUE, MONDAY, 0)
    assert [(work.key, work.count) for work in alone] == [
        ("receipts:housing", 7), ("drifted:phone", 1), ("broker_diverged:broker", 1),
    ]  # fmt: skip
    assert alone[0].state is State.OVERDUE
    for work in (*with_cases, *alone):
        assert [role.role for role in work.roles] == ["administrator"]
        assert (work.blocked is Blocked.NOBODY) == (not any(holder.acts for holder in work.held_by))
