"""What is to be done on a day and by whom: the last day is in time, the day after is late, deputies see it too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from application.demonstrations import STORIES
from domain.calendar import london_date
from domain.case_letters import Letter
from domain.codes import LetterFormat, LetterTrouble, NoticeKind, RoleCode
from domain.decisions.agreed_calls import KeepAgreedCall
from domain.decisions.appeals import LodgeAppeal
from domain.decisions.deadlines import RecordDeadlinePassed
from domain.decisions.notices import InformPartner, InformStaff, PlaceAlert
from domain.decisions.people import ReassignCase
from domain.decisions.support import RequestAdjustment
from domain.obligation import Duty, Obligation
from domain.obligations import obligations, open_obligations
from domain.others_told import tellings
from domain.worklist import Blocked, CaseOwes, State, Viewed, Wanted, Work, state_on, worklist
from tests.domain.a_stage import Stage
from tests.domain.world import START, Road, World, staff, words

R = "restriction-1"


def owing(world: World) -> CaseOwes:
    """The case as the list knows it."""
    case = world.case
    return CaseOwes(
        case=case.id,
        person=case.person,
        as_of=case.position,
        officer=case.officer,
        owed=tuple(obligations(case)),
        telling=tuple(tellings(case)),
    )


def listed(world: World, day: date | None = None, **wanted: object) -> dict[str, Work]:
    """The lines of a day by their keys."""
    viewed = Viewed(world.landlord, world.policy, world.baseline.baseline, day or world.today)
    return {one.key: one for one in worklist([owing(world)], viewed, Wanted(**wanted))}  # type: ignore[arg-type]


def test_the_last_day_is_in_time_and_the_day_after_is_late() -> None:
    road = Road("maidstone")
    road.restricted()  # on Monday, 9 March 2026; reviewed every three months
    key = f"review:{R}:three_monthly:2026-06-09"
    assert key not in listed(road.world)
    assert listed(road.world, date(2026, 5, 12), within=28)[key].state is State.DUE  # 20 working days before, it opens
    last = listed(road.world, date(2026, 6, 9))[key]
    assert (last.state, last.days_late, last.escalated_to) == (State.DUE, 0, ())


def test_an_overdue_review_says_how_late_it_is_and_what_to_do() -> None:
    road = Road("wolverhampton")
    road.restricted()
    line = listed(road.world, date(2026, 4, 14))[f"review:{R}:monthly:2026-04-09"]
    assert (line.state, line.days_late, line.clause) == (State.OVERDUE, 5, "10.1")
    assert line.says == f"Hold this review of {R}: Monthly look at the customer's status."
    assert line.commands == ("complete-review",)
    assert [one.title for one in line.roles][-1] == "Customer Experience Manager"
    assert [one.role for one in line.escalated_to] == ["head_of_customer_experience"]


def test_whoever_decides_sees_what_is_overdue_and_not_what_is_still_in_time() -> None:
    road = Road("wolverhampton")
    road.restricted()
    key = f"review:{R}:monthly:2026-04-09"
    head = RoleCode("head_of_customer_experience")
    assert key not in listed(road.world, date(2026, 4, 9), role=head)
    assert key in listed(road.world, date(2026, 4, 10), role=head)


@pytest.mark.parametrize(
    ("late_evening", "after_midnight"),
    [
        ("2026-03-28T23:30", "2026-03-29T00:30"),  # the night in which the clocks go forward
        ("2026-10-24T23:30", "2026-10-25T00:30"),  # and back
        ("2026-06-30T23:30", "2026-07-01T00:30"),  # when it is still the day before in UTC
    ],
)
def test_a_day_ends_at_midnight_in_london(late_evening: str, after_midnight: str) -> None:
    before, after = (in_london(text) for text in (late_evening, after_midnight))
    owed = Obligation(duty=Duty.ADJUSTMENT, about="adjustment-1", due_on=date.fromisoformat(late_evening[:10]))
    assert state_on(owed, london_date(before)) is State.DUE
    assert state_on(owed, london_date(after)) is State.OVERDUE


def in_london(text: str) -> datetime:
    """An instant by London's clocks, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)


def test_an_end_is_announced_and_is_no_work_once_it_passed() -> None:
    road = Road("maidstone")
    road.restricted()
    key = f"term:{R}"
    assert listed(road.world, date(2026, 5, 20))[key].state is State.UPCOMING
    assert listed(road.world, date(2026, 6, 9))[key].state is State.DUE
    assert key not in listed(road.world, date(2026, 6, 10))
    assert key not in listed(road.world, date(2026, 6, 9), ends=False)


def test_upcoming_work_is_listed_as_far_ahead_as_is_asked() -> None:
    road = Road("maidstone")
    road.restricted()
    assert f"term:{R}" in listed(road.world, within=92)
    assert f"term:{R}" not in listed(road.world, within=91)
    assert listed(road.world, date.max, within=3000) == {}


def test_an_agreed_call_comes_up_each_week_with_the_last_open_ones_and_the_next() -> None:
    road = Road("wolverhampton")
    road.restricted(road.measure("single_contact", slots=("tuesday 10:00",)))
    key = f"agreed_call:{R}.1:tuesday 10:00"
    road.world.today = date(2026, 3, 10)
    road.world.do(KeepAgreedCall(restriction=R, measure=f"{R}.1", slot="tuesday 10:00"))
    found = {k: w for k, w in listed(road.world, date(2026, 4, 21)).items() if k.startswith(key)}
    assert [k.rpartition("@")[2] for k in found] == [
        "2026-03-31", "2026-04-07", "2026-04-14", "2026-04-21", "2026-04-28",
    ]  # fmt: skip
    assert [w.state for w in found.values()] == [*[State.OVERDUE] * 3, State.DUE, State.UPCOMING]
    assert [w.earlier for w in found.values()] == [2, 0, 0, 0, 0]
    assert "(tuesday 10:00)" in found[f"{key}@2026-04-21"].says


def test_a_call_whose_day_went_by_on_record_is_overdue_all_the_same() -> None:
    road = Road("wolverhampton")
    road.restricted(road.measure("single_contact", slots=("tuesday 10:00",)))
    key = f"agreed_call:{R}.1:tuesday 10:00"
    road.world.today = date(2026, 3, 11)
    road.world.do(RecordDeadlinePassed(obligation=key, due_on=date(2026, 3, 10)))
    assert listed(road.world)[f"{key}@2026-03-10"].state is State.OVERDUE
    assert "already_recorded" in road.world.rules(RecordDeadlinePassed(obligation=key, due_on=date(2026, 3, 10)))


def test_a_policy_that_owes_no_calls_lists_none() -> None:
    road = Road("star")
    road.restricted(road.measure("timed_access", slots=("tuesday 10:00",)))
    assert not [one for one in listed(road.world, date(2026, 3, 31)).values() if one.kind == Duty.AGREED_CALL]


def test_everything_falls_to_whoever_looks_after_the_case_and_to_who_stands_in_for_them() -> None:
    road = Road("maidstone").opened()
    world = road.world
    world.do(ReassignCase(to=staff("staff")))
    world.do(RequestAdjustment(kind="home_visits", needs=words()))
    (line,) = (one for one in listed(world).values() if one.kind == Duty.ADJUSTMENT)
    assert [one.staff for one in line.held_by] == [staff("staff")]

    def mine(who: str) -> list[str]:
        return [one for one in listed(world, staff=who) if one.startswith("adjustment")]

    assert mine(staff("staff"))
    assert not mine(staff("case_officer"))
    world.appoint(staff("stand-in"), "staff", deputy=True)
    assert not mine(staff("stand-in"))
    world.away("staff", world.today)
    assert mine(staff("stand-in"))
    (line,) = (one for one in listed(world).values() if one.kind == Duty.ADJUSTMENT)
    assert [(one.staff, one.deputy, one.acts) for one in line.held_by] == [
        (staff("staff"), False, False),
        (staff("stand-in"), True, True),
    ]


def test_a_deputy_sees_the_work_of_a_post_also_while_nobody_is_away() -> None:
    road = Road("maidstone")
    road.proposed(road.opened().incident())
    road.world.appoint(staff("second"), "head_of_policy", deputy=True)
    (line,) = listed(road.world, staff=staff("second")).values()
    assert line.kind == Duty.PROPOSAL
    assert [(one.staff, one.deputy, one.acts) for one in line.held_by] == [
        (staff("head_of_policy"), False, True),
        (staff("second"), True, False),
    ]


def test_an_appeal_is_for_nobody_who_had_a_part_in_the_decision() -> None:
    road = Road("derby")
    restriction = road.restricted()
    world = road.world
    world.appoint(staff("head_of_service"), "executive_team")  # promoted since, and decided it
    world.wait(3)
    world.do(LodgeAppeal(against=restriction, reasons=words()))
    line = next(one for one in listed(world).values() if one.kind == Duty.APPEAL)
    assert [one.staff for one in line.held_by] == [staff("executive_team")]
    assert staff("head_of_service") in line.barred
    assert line.key not in listed(world, staff=staff("head_of_service"))
    assert line.key in listed(world, staff=staff("executive_team"))


def test_what_nobody_there_can_do_is_said_so() -> None:
    road = Road("maidstone")
    road.proposed(road.opened().incident())
    road.world.away("head_of_policy", road.world.today)
    (line,) = listed(road.world, blocked=True).values()
    assert (line.kind, line.blocked, line.state) == (Duty.PROPOSAL, Blocked.NOBODY, State.DUE)


def test_a_case_that_cannot_be_told_is_listed_as_unknown() -> None:
    world = World("maidstone")
    viewed = Viewed(world.landlord, world.policy, world.baseline.baseline, world.today)
    untold = CaseOwes(case="case-9", person=None, as_of=7, officer=None, owed=(), unknown_since=8)
    (line,) = worklist([untold], viewed, Wanted(blocked=True))
    assert (line.state, line.blocked, line.unknown_since, line.due_on) == (State.UNKNOWN, Blocked.UNREADABLE, 8, None)
    assert {one.role for one in line.escalated_to} == {"head_of_policy"}


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(role=RoleCode("director_of_finance")),
        Wanted(staff=staff("nobody")),
        Wanted(state=State.OVERDUE),
        Wanted(state=State.UPCOMING, within=0),
    ],
    ids=["role", "colleague", "state", "horizon"],
)
def test_a_case_that_cannot_be_told_is_on_every_list(wanted: Wanted) -> None:
    world = World("maidstone")
    viewed = Viewed(world.landlord, world.policy, world.baseline.baseline, world.today)
    untold = CaseOwes(case="case-9", person=None, as_of=7, officer=None, owed=(), unknown_since=8)
    assert [one.case for one in worklist([untold], viewed, wanted)] == ["case-9"]


def test_whom_a_policy_wants_told_of_every_restriction_is_owed_until_they_are() -> None:
    road = Road("wolverhampton")
    road.restricted()
    world = road.world

    def owed() -> dict[str, Work]:
        return {k: w for k, w in listed(world).items() if w.kind == Duty.INFORM}

    assert {k: (w.clause, w.commands) for k, w in owed().items()} == {
        f"inform:{R}:alert:housing_system": ("6.6", ("place-alert",)),
        f"inform:{R}:audience:relevant_staff": ("6.6", ("inform-staff",)),
        f"inform:{R}:partner:city_of_wolverhampton_council": ("8.2 b3", ("inform-partner",)),
    }
    world.do(PlaceAlert(restriction=R, alert="housing_system"))
    world.do(InformStaff(restriction=R, audience="relevant_staff"))
    world.wait(1)
    (line,) = owed().values()
    assert (line.about, line.state, line.days_late) == (R, State.OVERDUE, 1)
    world.do(InformPartner(restriction=R, partner="city_of_wolverhampton_council", audience="council", basis=words()))
    assert owed() == {}


@pytest.mark.parametrize(
    ("landlord", "keys"),
    [
        ("citizen", []),
        ("derby", []),
        ("star", []),
        ("maidstone", ["inform:restriction-1:audience:affected_managers"]),
    ],
)
def test_a_policy_that_only_allows_telling_others_makes_no_work_of_it(landlord: str, keys: list[str]) -> None:
    road = Road(landlord)
    road.restricted()
    assert [k for k, w in listed(road.world).items() if w.kind == Duty.INFORM] == keys


def test_a_letter_that_was_let_go_and_waits_is_for_whoever_let_it_go() -> None:
    road = Road("derby")
    road.restricted(told=False)
    waiting = Letter(
        id="letter-1",
        kind=NoticeKind.DECISION,
        about=R,
        notice=None,
        contents=(),
        enclosures=(),
        enclosed=(),
        format=LetterFormat.STANDARD,
        language=None,
        prepared_by=staff("case_officer"),
        prepared_on=START,
        version=20,
        blob="blob-1",
        digest="",
        released_by=staff("head_of_service"),
        released_on=START,
        parked=LetterTrouble.NO_ADDRESS,
        parked_on=START,
    )
    road.world.case = replace(road.world.case, letters=(waiting,))
    line = listed(road.world)["stuck:letter-1"]
    assert (line.state, line.due_on, line.commands) == (State.DUE, None, ("take-up-letter", "discard-letter"))
    assert "waits (no address)" in line.says
    assert [one.staff for one in line.held_by] == [staff("head_of_service")]
    road.world.case = replace(road.world.case, letters=(replace(waiting, parked=None, parked_on=None),))
    assert "stuck:letter-1" not in listed(road.world)


def test_a_letter_that_was_not_sent_on_its_day_is_late_the_day_after() -> None:
    road = Road("derby")
    road.restricted(told=False)
    line = listed(road.world)[f"letter:{R}:{NoticeKind.DECISION}"]
    assert (line.state, [one.role for one in line.roles], line.clause) == (
        State.DUE,
        ["head_of_service"],
        "Step 2 end",
    )
    assert listed(road.world, road.world.today + timedelta(days=1))[line.key].days_late == 1


@pytest.mark.parametrize("landlord", sorted(STORIES))
def test_whatever_passes_on_to_a_new_officer_is_on_the_list_of_any_day(landlord: str) -> None:
    story = STORIES[landlord](date(2026, 11, 23))
    stage = Stage(story)
    for step in story.steps:
        stage.take(step)
    world = World(landlord)
    for customer in story.customers:
        world.case = stage.case(customer.alias)
        for day in (story.today + timedelta(days=n) for n in range(0, 500, 9)):
            lines = listed(world, day, within=3660)
            assert set(open_obligations(world.case, day)) <= {*lines}
            for line in lines.values():
                assert (line.state is State.OVERDUE) == (line.due_on is not None and line.due_on < day)
                assert line.days_late == (max(0, (day - line.due_on).days) if line.due_on else 0)
                assert line.clause
                assert line.roles
