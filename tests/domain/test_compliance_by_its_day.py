"""Looking back on what was to be answered by a day: met up to its last, late from the next, missed until then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.calendar import DeliveryMethod
from domain.codes import AllegationOutcome, ReviewOutcome
from domain.compliance import Verdict
from domain.decisions import CaseCommand
from domain.decisions.allegations import ConcludeCounterAllegation
from domain.decisions.appeals import DecideLateAppeal, LodgeAppeal, WithdrawAppeal
from domain.decisions.complaints import ConcludeComplaint
from domain.decisions.intake import LinkComplaint, RequestPolicyCopy, SendPolicyCopy
from domain.decisions.reviews import CompleteReview
from domain.decisions.support import DecideAdjustment, RequestAdjustment
from domain.obligation import Duty
from domain.obligations import obligations
from domain.worklist import State, state_on
from tests.domain.any_command import AnyCommand, walked
from tests.domain.test_allegations import LOOKER, alleged
from tests.domain.test_compliance import looked_back, one
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, words

MONDAY = date(2026, 3, 2)  # the Easter of that year is 5 April


class Asked(NamedTuple):
    """What was asked on a Monday, by when it is answered, and the answer."""

    rule: str
    clause: str
    road: Callable[[], Road]
    due_on: date
    answer: CaseCommand
    by: str = "case_officer"


def after(landlord: str, command: CaseCommand) -> Callable[[], Road]:
    """A case that was opened on that Monday, and this command."""

    def road() -> Road:
        begun = Road(landlord, today=MONDAY).opened()
        begun.world.do(command)
        return begun

    return road


def accused() -> Road:
    road = Road("star", today=MONDAY).opened()
    alleged(road, "staff")
    return road


def late() -> Road:
    """An appeal on that Monday against what was over."""
    road = Road("maidstone", today=MONDAY - timedelta(days=400))
    road.restricted()
    road.world.today = MONDAY
    road.world.do(LodgeAppeal(against="restriction-1", reasons=words()))
    return road


ASKED = [
    Asked(
        "adjustment_answered",
        "baseline 7",
        after("star", RequestAdjustment(kind="home_visits", needs=words())),
        date(2026, 3, 16),
        DecideAdjustment(adjustment="adjustment-1", agreed=False, reason=words()),
    ),
    Asked(
        "policy_copy_sent",
        "3.4 b1",
        after("citizen", RequestPolicyCopy()),
        date(2026, 3, 9),
        SendPolicyCopy(request="copy-1", method=DeliveryMethod.EMAIL),
    ),
    Asked(
        "complaint_answered",
        "baseline 10",
        after("derby", LinkComplaint(reference=words())),
        date(2026, 3, 23),
        ConcludeComplaint(complaint="complaint-1"),
    ),
    Asked(
        "counter_allegations",
        "baseline 12",
        accused,
        date(2026, 3, 30),
        ConcludeCounterAllegation(allegation="allegation-1", outcome=AllegationOutcome.NOT_FOUNDED, findings=words()),
        LOOKER,
    ),
    Asked(
        "late_appeal_decided",
        "baseline 11",
        late,
        date(2026, 3, 9),
        DecideLateAppeal(appeal="appeal-1", accepted=False, reasons=words()),
        "director_of_finance",
    ),
]


@pytest.mark.parametrize("asked", ASKED, ids=[one.rule for one in ASKED])
@pytest.mark.parametrize(("days", "verdict"), [(0, Verdict.MET), (1, Verdict.LATE), (40, Verdict.LATE)])
def test_an_answer_is_in_time_up_to_its_last_day_and_late_from_the_next(
    asked: Asked, days: int, verdict: Verdict
) -> None:
    world = asked.road().world
    open_still, missed = (looked_back(world, asked.due_on + timedelta(days=n)) for n in (0, 1))
    assert one(open_still, asked.rule).verdict is Verdict.OPEN
    assert one(missed, asked.rule).verdict is Verdict.NOT_MET
    world.today = asked.due_on + timedelta(days=days)
    world.do(asked.answer, by=asked.by)
    found = one(looked_back(world), asked.rule)
    assert (found.verdict, found.clause, found.due_on) == (verdict, asked.clause, asked.due_on)
    assert found.days_late == (days or None)
    assert found.events


def test_a_complaint_keeps_the_day_of_its_own_procedure() -> None:
    command = LinkComplaint(reference=words(), received_on=date(2026, 2, 16), answer_by_on=date(2026, 3, 20))
    world = after("derby", command)().world
    found = one(looked_back(world, date(2026, 3, 21)), "complaint_answered")
    assert (found.verdict, found.due_on) == (Verdict.NOT_MET, date(2026, 3, 20))


def test_a_complaint_that_came_earlier_is_due_from_then() -> None:
    world = after("derby", LinkComplaint(reference=words(), received_on=date(2026, 2, 16)))().world
    assert one(looked_back(world), "complaint_answered").due_on == date(2026, 3, 9)


def test_of_a_complaint_that_was_over_when_it_was_linked_nobody_asks_when_it_was_due() -> None:
    world = after("derby", LinkComplaint(reference=words(), concluded_on=date(2026, 2, 20)))().world
    assert [f for f in looked_back(world).findings if f.rule == "complaint_answered"] == []


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        ({"received_on": date(2026, 3, 3)}, {"not_in_the_future", "received_before"}),
        ({"received_on": date(2026, 2, 20), "concluded_on": date(2026, 2, 19)}, {"received_before"}),
        ({"received_on": date(2026, 2, 20), "answer_by_on": date(2026, 2, 19)}, {"answered_after"}),
    ],
)
def test_the_days_of_a_complaint_follow_each_other(said: dict[str, date], rules: set[str]) -> None:
    world = Road("derby", today=MONDAY).opened().world
    assert world.rules(LinkComplaint.model_validate({"reference": words(), **said})) == rules


def test_a_late_appeal_that_was_withdrawn_is_nobodys_failure() -> None:
    world = late().world
    world.do(WithdrawAppeal(appeal="appeal-1", reasons=words()), by="records_officer")
    assert one(looked_back(world, date(2026, 6, 1)), "late_appeal_decided").verdict is Verdict.NOT_APPLICABLE


def test_a_measure_is_looked_at_in_time_late_or_never() -> None:
    road = Road("wolverhampton", today=MONDAY)
    road.restricted(road.measure("single_contact", review_every="2 months"))  # on 9 March
    look = CompleteReview(
        restriction="restriction-1", cadence="monthly", outcome=ReviewOutcome.UNCHANGED, assessment=words()
    )
    for day in (date(2026, 5, 9), date(2026, 7, 13)):
        road.world.today = day
        road.world.do(look, by="staff")
    found = [f for f in looked_back(road.world, date(2026, 9, 10)).findings if f.rule == "measure_review"]
    assert [(f.due_on, f.verdict, f.days_late, f.clause) for f in found] == [
        (date(2026, 5, 9), Verdict.MET, None, "6.3 r5"),
        (date(2026, 7, 9), Verdict.LATE, 4, "6.3 r5"),
        (date(2026, 9, 9), Verdict.NOT_MET, None, "6.3 r5"),  # what was done for July is not done for September
    ]


# the same days as the worklist's

RULES = {
    Duty.ADJUSTMENT: "adjustment_answered",
    Duty.ALLEGATION: "counter_allegations",
    Duty.APPEAL: "appeal_answered",
    Duty.COMPLAINT: "complaint_answered",
    Duty.FILED: "filed_is_still_read",
    Duty.LATE_APPEAL: "late_appeal_decided",
    Duty.MEASURE_REVIEW: "measure_review",
    Duty.REQUEST: "review_request_answered",
    Duty.RIGHTS: "rights_request_answered",
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(landlord=st.sampled_from(LANDLORDS), seed=st.integers(0, 10_000), how_far=st.integers(0, 5))
def test_in_whatever_history_what_is_overdue_is_found_as_missed_by_the_same_day(
    landlord: str, seed: int, how_far: int
) -> None:
    anything = AnyCommand(walked(Road(landlord), how_far), seed)
    for _ in range(80):
        anything.step()
    world = anything.world
    for later in (0, 40, 200):
        day = world.today + timedelta(days=later)
        missed = {
            (f.rule, f.about, f.due_on)
            for f in looked_back(world, day).findings
            if f.verdict is Verdict.NOT_MET and f.due_on is not None
        }
        overdue = {
            (f"review_{one.code}" if one.duty is Duty.REVIEW else RULES[one.duty], one.about, one.due_on)
            for one in obligations(world.case)
            if one.duty in {Duty.REVIEW, *RULES} and state_on(one, day) is State.OVERDUE
        }
        assert overdue <= missed
        # Of what is over a missed review or wish stays missed, and nobody is asked for it any more.
        standing = {of for of in missed if of[0] in {*RULES.values()} - {"measure_review", "review_request_answered"}}
        assert standing <= overdue
