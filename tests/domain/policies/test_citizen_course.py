"""Citizen, clause 3.5: meetings and mediation, reviews, and a second look at the decision."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.codes import ReviewOutcome
from domain.decisions.appeals import AppointAppealReviewer, LodgeAppeal
from domain.decisions.changes import EaseRestriction
from domain.decisions.reviews import CompleteReview
from domain.decisions.steps import DeclineMeeting, HoldMeeting, OfferMediation, OfferMeeting
from domain.events import (
    AppealLodged,
    MediationOffered,
    MeetingDeclined,
    MeetingHeld,
    MeetingOffered,
    RestrictionApplied,
    RestrictionEased,
    RestrictionLifted,
    ReviewCompleted,
)
from tests.domain.saying import told
from tests.domain.world import START, Road, staff, words

DECIDER = "head_of_service"


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=f"{number} {values[0][:30]}")


def review(restriction: str, **changes: Any) -> CompleteReview:
    """A regular review with its question answered."""
    fields: dict[str, Any] = {
        "restriction": restriction,
        "cadence": "regular",
        "outcome": ReviewOutcome.UNCHANGED,
        "assessment": words(),
        "answers": ("changed_behaviour",),
    }
    return CompleteReview(**{**fields, **changes})


@pytest.mark.parametrize(
    "line",
    [
        row(
            "CIT-43",
            "Meeting before: A meeting can be offered, to talk about the behaviour and to find a way on together. "
            "[clause 3.5¶5, may]",
            cls="RECORD",
        ),
        row(
            "CIT-44",
            "Mediation: If a solution needs it, experts from outside are brought in, for example a neutral mediator. "
            "[clause 3.5¶5, may]",
            cls="RECORD",
        ),
        row(
            "CIT-46",
            "Regular review of restricted customers. When: while a restriction is in force. Every: 6 months "
            "(assumed). The decision sets its own interval. It can end in: unchanged; eased; varied; lifted; "
            "extended. We read it so: The text says regularly; each decision sets its interval, and six months "
            "stands where it sets none. [clause 3.5¶7, must]",
            cls="TIMER",
        ),
        row(
            "CIT-47",
            "Regular review of restricted customers. When: while a restriction is in force. Every: 6 months "
            "(assumed). The decision sets its own interval. It can end in: unchanged; eased; varied; lifted; "
            "extended. We read it so: The text says regularly; each decision sets its interval, and six months "
            "stands where it sets none. [clause 3.5¶7, must]",
            cls="RULE",
        ),
        row("CIT-47", "A restriction can be lifted early: yes. [clause 3.5¶7, must]", cls="RULE"),
        row(
            "CIT-48",
            "Offered as: discretionary. We read it so: The landlord may look at its decision a second time; the "
            "customer is told that they can ask. [clause 3.5¶7, may]",
        ),
        row("CIT-48", "It can be made against: decision. [clause 3.5¶7, may]"),
    ],
)
def test_the_policy_says(line: str) -> None:
    assert line in told("citizen")


# A way forward together


@pytest.mark.clause("CIT-43", "RECORD")
def test_a_meeting_that_was_offered_is_on_record_with_what_came_of_it() -> None:
    road = Road("citizen").opened()
    road.world.do(OfferMeeting(detail=words()))
    road.world.do(OfferMeeting(detail=words()))
    road.world.wait(3)

    road.world.do(HoldMeeting(meeting="meeting-1", notes=words()))
    road.world.do(DeclineMeeting(meeting="meeting-2"))

    assert [(f.meeting, f.offered_on) for f in road.world.facts(MeetingOffered)] == [
        ("meeting-1", START),
        ("meeting-2", START),
    ]
    assert [f.held_on for f in road.world.facts(MeetingHeld)] == [date(2026, 3, 5)]
    assert [f.declined_on for f in road.world.facts(MeetingDeclined)] == [date(2026, 3, 5)]
    assert road.world.rules(DeclineMeeting(meeting="meeting-1")) == {"unknown_meeting"}


@pytest.mark.clause("CIT-43", "RECORD")
def test_a_meeting_may_be_offered_and_need_not_be() -> None:
    road = Road("citizen")

    road.restricted()

    assert road.world.case.meetings == ()


@pytest.mark.clause("CIT-44", "RECORD")
def test_help_from_outside_is_on_record() -> None:
    road = Road("citizen").opened()

    road.world.do(OfferMediation(detail=words()))

    assert [(f.mediation, f.offered_on) for f in road.world.facts(MediationOffered)] == [("mediation-1", START)]


# Reviews


@pytest.mark.clause("CIT-46", "TIMER")
@pytest.mark.parametrize(
    ("every", "due"),
    [
        (None, [date(2026, 9, 9), date(2027, 3, 9)]),
        ("4 months", [date(2026, 7, 9), date(2026, 11, 9), date(2027, 3, 9)]),
    ],
    ids=["every six months", "as the decision says"],
)
def test_reviews_come_at_the_interval_of_the_decision_else_every_six_months(every: str | None, due: list[date]) -> None:
    road = Road("citizen")
    command = road.application(road.ready(), ends_on=date(2027, 3, 31), review_every=every)

    road.world.do(command, by=DECIDER)

    assert [s.due_on for s in road.world.case.restrictions[0].schedule] == due


@pytest.mark.clause("CIT-47", "RULE", "RECORD")
def test_a_review_asks_whether_the_behaviour_changed_and_then_the_restriction_is_lifted() -> None:
    road = Road("citizen")
    restriction = road.restricted()
    road.world.today = date(2026, 9, 1)

    (violation,) = road.world.refused(review(restriction, answers=()), by=DECIDER)
    road.world.do(review(restriction, outcome=ReviewOutcome.LIFTED), by=DECIDER)

    assert (violation.rule, violation.clause) == ("answers_changed_behaviour", "3.5¶7")
    (fact,), (lifted,) = road.world.facts(ReviewCompleted), road.world.facts(RestrictionLifted)
    assert (fact.held_on, fact.outcome, lifted.because_of) == (date(2026, 9, 1), "lifted", fact.review)
    assert road.world.case.in_force_on(road.world.today) == ()


@pytest.mark.clause("CIT-47", "RULE", "RECORD")
def test_a_review_can_end_in_easing_and_what_remains_goes_on() -> None:
    road = Road("citizen")
    restriction = road.restricted(road.measure("named_staff"), road.measure("writing_only"))
    road.world.today = date(2026, 9, 1)

    road.world.do(review(restriction, outcome=ReviewOutcome.EASED), by="manager")
    easing = EaseRestriction(restriction=restriction, keep=("restriction-1.1",), reasons=words(), because_of="review-1")
    refused = road.world.rules(easing, by="manager")
    road.world.do(easing, by=DECIDER)

    assert refused == {"post_held"}
    assert [f.because_of for f in road.world.facts(RestrictionEased)] == ["review-1"]
    assert [b.measure.code for b in road.world.case.binding_on(road.world.today)] == ["named_staff"]


# A second look


@pytest.mark.clause("CIT-48", "DATA")
@pytest.mark.parametrize(("asked_on", "in_time"), [(date(2026, 9, 5), True), (date(2026, 9, 6), False)])
def test_a_second_look_is_no_right_and_can_be_asked_for_while_the_restriction_lasts(
    asked_on: date, in_time: bool
) -> None:
    road = Road("citizen")
    restriction = road.restricted()
    road.world.today = asked_on

    road.world.do(LodgeAppeal(against=restriction, reasons=words()))

    (lodged,) = road.world.facts(AppealLodged)
    assert not road.world.facts(RestrictionApplied)[0].appeal.right
    assert (lodged.in_time, lodged.suspended) == (in_time, False)


@pytest.mark.clause("CIT-48", "DATA")
def test_whoever_decided_does_not_take_the_second_look() -> None:
    road = Road("citizen")
    restriction = road.restricted()
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))

    def given_to(role: str) -> AppointAppealReviewer:
        return AppointAppealReviewer(appeal="appeal-1", reviewer=staff(role))

    own = road.world.rules(given_to("head_of_service"))
    road.world.do(given_to("director_of_customer_services"))

    assert own == {"independence"}
    assert road.world.case.appeals[0].reviewer == staff("director_of_customer_services")
