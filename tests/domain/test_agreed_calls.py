"""Calls at agreed times: made or missed, once for each time, and owed when the landlord missed them."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from domain.codes import Direction
from domain.decisions.agreed_calls import KeepAgreedCall, MissAgreedCall
from domain.decisions.endings import LiftRestriction
from domain.events import AgreedCallKept, AgreedCallMissed
from tests.domain.saying import told
from tests.domain.world import Road, words

SLOT = "tuesday 10:00"
OTHER_SLOT = "tuesday 15:30"
R = "restriction-1"
TUESDAY = date(2026, 3, 10)  # the day after the decision
WEDNESDAY = date(2026, 3, 11)


def agreed(landlord: str = "wolverhampton", code: str = "single_contact", today: date = TUESDAY) -> Road:
    """Two calls on Tuesdays are agreed, and it is Tuesday noon."""
    road = Road(landlord)
    road.restricted(road.measure(code, slots=(SLOT, OTHER_SLOT)))
    road.world.today = today
    return road


def kept(**changes: Any) -> KeepAgreedCall:
    """The call of the morning was made."""
    return KeepAgreedCall(**{"restriction": R, "measure": f"{R}.1", "slot": SLOT, **changes})


def missed(**changes: Any) -> MissAgreedCall:
    """Nobody called the customer in the morning."""
    fields = {"restriction": R, "measure": f"{R}.1", "slot": SLOT, "by_landlord": True, "reason": words()}
    return MissAgreedCall(**{**fields, **changes})


def owed(road: Road) -> list[str]:
    """The calls that the landlord owes today."""
    return [call.id for call in road.world.case.calls_owed(road.world.today)]


@pytest.mark.clause("WOL-45", "RECORD")
def test_calls_kept_and_missed_are_taken_down_and_a_missed_one_is_the_landlords_to_make_up_for() -> None:
    statement = next(line for line in told("wolverhampton") if line.startswith("Agreed calls: "))
    assert "those kept and those missed" in statement
    assert "The landlord owes: reasons in writing; agreed calls;" in "\n".join(told("wolverhampton"))
    road = Road("wolverhampton")
    assert "measure_needs_slots" in {
        v.rule
        for v in road.world.refused(
            road.application(road.ready(), road.measure("single_contact", slots=())), by=road.decider()
        )
    }
    road = agreed()
    call = road.contact(direction=Direction.OUTBOUND, customer_initiated=False)
    road.world.do(kept(contact=call))
    road.world.wait(7)
    road.world.do(missed())
    (made,), (not_made,) = road.world.facts(AgreedCallKept), road.world.facts(AgreedCallMissed)
    assert (made.due_on, made.slot, made.contact) == (TUESDAY, SLOT, call)
    assert (not_made.due_on, not_made.by_landlord) == (date(2026, 3, 17), True)
    assert owed(road) == ["call-2"]


@pytest.mark.parametrize(
    ("landlord", "code"), [("derby", "single_contact"), ("wolverhampton", "single_contact"), ("star", "timed_access")]
)
def test_every_measure_with_agreed_times_has_calls_to_keep(landlord: str, code: str) -> None:
    road = agreed(landlord, code)
    road.world.do(kept())
    assert [c.kept for c in road.world.case.agreed_calls] == [True]


def test_a_call_is_made_or_missed_once_for_each_time_of_a_day() -> None:
    road = agreed()
    road.world.do(kept())
    assert road.world.rules(kept()) == {"already_recorded"}
    assert road.world.rules(missed()) == {"already_recorded"}
    road.world.clock = time(16, 0)
    road.world.do(missed(slot=OTHER_SLOT))
    assert road.world.rules(missed(slot=OTHER_SLOT)) == {"already_recorded"}
    road.world.wait(7)
    road.world.do(kept())


def test_a_call_is_not_missed_before_its_hour() -> None:
    road = agreed()
    assert road.world.rules(missed(slot=OTHER_SLOT)) == {"not_due_yet"}
    road.world.do(kept(slot=OTHER_SLOT))  # ringing a little early is keeping it


def test_yesterdays_call_is_entered_today() -> None:
    road = agreed(today=WEDNESDAY)
    road.world.do(kept(due_on=TUESDAY))
    assert [(c.due_on, c.on) for c in road.world.case.agreed_calls] == [(TUESDAY, TUESDAY)]
    assert road.world.history[-1].recorded_on == WEDNESDAY
    road.world.do(missed(on=TUESDAY, slot=OTHER_SLOT))
    assert owed(road) == ["call-2"]


@pytest.mark.parametrize("command", [kept, missed])
@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"due_on": WEDNESDAY, "on": None}, {"no_such_day"}),
        ({"due_on": date(2026, 3, 3)}, {"unknown_measure"}),  # before the decision
        ({"due_on": date(2026, 3, 24), "on": date(2026, 3, 24)}, {"not_in_the_future"}),
        ({"due_on": date(2027, 3, 9)}, {"not_in_the_future", "unknown_measure"}),  # after the end, too
        ({"slot": "tuesday 11:00", "due_on": TUESDAY}, {"unknown_slot"}),
        ({"slot": "monday 10:00", "due_on": TUESDAY}, {"unknown_slot", "no_such_day"}),
        ({"measure": f"{R}.2", "due_on": TUESDAY}, {"unknown_measure"}),
        ({"restriction": "restriction-9"}, {"unknown_restriction"}),
        ({"due_on": TUESDAY, "on": date(2026, 3, 9)}, {"end_before_start"}),
    ],
)
def test_only_a_time_that_was_agreed_is_kept_or_missed(command: Any, changes: dict[str, Any], rules: set[str]) -> None:
    road = agreed(today=WEDNESDAY)
    assert road.world.rules(command(**changes)) == rules


def test_a_measure_without_agreed_times_has_no_calls() -> None:
    road = Road("wolverhampton")
    road.restricted(road.measure("witness"))
    road.world.today = TUESDAY
    assert road.world.rules(kept()) == {"unknown_measure"}


def test_a_call_that_the_landlord_missed_is_owed_until_it_is_made_up_for() -> None:
    road = agreed(today=WEDNESDAY)
    road.world.do(missed(due_on=TUESDAY))
    assert owed(road) == ["call-1"]
    road.world.do(kept(due_on=TUESDAY, on=WEDNESDAY))
    assert owed(road) == []
    assert [(c.kept, c.due_on, c.on) for c in road.world.case.agreed_calls] == [
        (False, TUESDAY, TUESDAY),
        (True, TUESDAY, WEDNESDAY),
    ]
    assert road.world.rules(kept(due_on=TUESDAY, on=WEDNESDAY)) == {"already_recorded"}


def test_a_call_that_the_customer_missed_is_not_owed_and_not_made_up_for() -> None:
    road = agreed(today=WEDNESDAY)
    road.world.do(missed(due_on=TUESDAY, by_landlord=False))
    assert owed(road) == []
    assert "already_recorded" in road.world.rules(kept(due_on=TUESDAY, on=WEDNESDAY))


def test_nothing_is_made_up_for_that_nobody_missed() -> None:
    road = agreed(today=WEDNESDAY)
    assert road.world.rules(kept(due_on=TUESDAY, on=WEDNESDAY)) == {"nothing_to_make_up_for"}


def test_the_call_as_it_was_taken_down_is_of_that_day_and_of_this_case() -> None:
    road = agreed(today=WEDNESDAY)
    assert road.world.rules(kept(due_on=TUESDAY, contact=road.contact())) == {"one_date"}
    assert road.world.rules(kept(due_on=TUESDAY, contact="contact-99")) == {"unknown_contact"}


def test_when_the_restriction_is_over_no_call_is_owed_under_it() -> None:
    road = agreed()
    road.world.do(missed())
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction=R, reasons=words()), by=road.decider())
    assert owed(road) == []
