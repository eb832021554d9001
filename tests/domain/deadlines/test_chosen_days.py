"""Days that somebody chose, or that follow in months: the last one counts whole, and the next one not at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.codes import Authority, HoldReason, NoticeKind, Precaution, Right, SubjectId
from domain.decisions.notices import RecordReturn
from domain.decisions.people import AuthoriseRepresentative
from domain.decisions.proposals import DelegateDecision
from domain.decisions.rights import PlaceLegalHold, ReceiveRightsRequest
from domain.decisions.safe_contact import InstructSafeContact
from domain.decisions.safety import ApproveSafetyWarning, InformSafetyAudience, ProposeSafetyWarning
from domain.decisions.steps import MakeAgreement
from domain.decisions.urgent import MakeActionPlan, TakeUrgentAction
from domain.obligation import Duty
from domain.worklist import State, state_on
from tests.domain.deadlines.boundary import goes_by_after, owed, road_in
from tests.domain.world import Road, staff, words

DAY = timedelta(days=1)
# Each on a day that matters: Christmas, Good Friday, a leap day, and the days on which clocks change.
LAST_DAYS = [date(2026, 12, 25), date(2027, 3, 26), date(2028, 2, 29), date(2026, 10, 25), date(2027, 3, 28)]


def ends_with(road: Road, duty: Duty, last: date) -> None:
    """What ends by itself stands on its last day, and is in no list from the next day on."""
    [one] = owed(road.world, duty)
    assert one.due_on == last
    assert one.ends_by_itself
    assert (state_on(one, last), state_on(one, last + DAY)) == (State.DUE, None)


# what is asked again once its day went by


@pytest.mark.parametrize("last", LAST_DAYS)
def test_an_agreement_is_looked_at_by_the_day_that_it_names(last: date) -> None:
    road = road_in("E", "citizen", last - timedelta(days=60)).opened()
    road.world.do(MakeAgreement(terms=words(), review_on=last))
    goes_by_after(road.world, f"agreement:agreement-1:{last}", last)


@pytest.mark.parametrize("last", LAST_DAYS)
def test_a_hold_is_looked_at_by_the_day_that_it_names(last: date) -> None:
    road = road_in("S", "star", last - timedelta(days=60)).opened()
    hold = PlaceLegalHold(because=HoldReason.CLAIM, reason=words(), review_on=last)
    road.world.do(hold, by="data_protection_officer")
    goes_by_after(road.world, "hold:hold-1", last)


@pytest.mark.parametrize(
    ("received_on", "last"),
    [  # a month, and a month without that day ends it; working days have no part in it
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2028, 3, 29)),
        (date(2026, 11, 25), date(2026, 12, 25)),
        (date(2026, 9, 25), date(2026, 10, 25)),
        (date(2026, 8, 31), date(2026, 9, 30)),
    ],
)
@pytest.mark.parametrize("nation", ["E", "S", "N"])
def test_a_request_under_data_protection_law_is_answered_within_a_month(
    nation: str, received_on: date, last: date
) -> None:
    road = road_in(nation, "derby", received_on).opened()
    road.world.do(ReceiveRightsRequest(right=Right.ACCESS, detail=words()))
    goes_by_after(road.world, f"rights:rights-1:{last}", last)


def warned(last: date, expires: date) -> Road:
    """A safety warning stands, to be looked at again by a day; the customer is told of it."""
    road = road_in("E", "wolverhampton", last - timedelta(days=90)).opened()
    road.world.do(
        ProposeSafetyWarning(
            incident=road.incident(),
            precautions=(Precaution.TWO_STAFF,),
            audience=("visiting_staff",),
            review_on=last,
            expires_on=expires,
            reasons=words(),
        )
    )
    road.world.do(ApproveSafetyWarning(warning="safety-1", tells_person=True), by="duty_manager")
    return road


@pytest.mark.parametrize("last", LAST_DAYS)
def test_a_safety_warning_is_looked_at_again_by_its_day_and_ends_with_its_last(last: date) -> None:
    expires = last + timedelta(days=30)
    road = warned(last, expires)
    road.world.do(InformSafetyAudience(warning="safety-1", audience="visiting_staff"))
    began = road.world.today
    goes_by_after(road.world, f"safety_review:safety-1:{last}", last)
    ends_with(road, Duty.SAFETY_EXPIRY, expires)
    [standing] = road.world.case.safety
    assert (standing.stands_on(expires), standing.stands_on(expires + DAY)) == (True, False)
    goes_by_after(road.world, "removal:safety-1:audience:visiting_staff", expires + DAY)
    goes_by_after(road.world, "telling:safety-1", began)


@pytest.mark.clause("WOL-57", "TIMER")
@pytest.mark.clause("WOL-56", "TIMER")
@pytest.mark.parametrize(
    ("nation", "acted_on", "discussed_by", "planned_by", "reviewed_by"),
    [  # the senior manager hears of it by the next day, bank holiday or not; the others wait for working days
        ("E", date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 30), date(2026, 12, 29)),
        ("E", date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 5), date(2027, 1, 4)),
        ("S", date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 6), date(2027, 1, 5)),
        ("E", date(2027, 3, 25), date(2027, 3, 26), date(2027, 3, 31), date(2027, 3, 30)),
        ("S", date(2027, 3, 25), date(2027, 3, 26), date(2027, 3, 30), date(2027, 3, 29)),
        ("E", date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2028, 2, 29)),
    ],
)
def test_what_follows_on_an_urgent_action_is_due_in_its_time(
    nation: str, acted_on: date, discussed_by: date, planned_by: date, reviewed_by: date
) -> None:
    road = road_in(nation, "wolverhampton", acted_on).opened()
    incident = road.incident()
    road.world.do(TakeUrgentAction(incident=incident, kind="zero_tolerance", detail=words()))
    goes_by_after(road.world, f"urgent:{incident}:senior_discussion", discussed_by)
    goes_by_after(road.world, f"urgent:{incident}:action_plan", planned_by)
    goes_by_after(road.world, f"urgent:{incident}:review", reviewed_by)


@pytest.mark.parametrize("last", LAST_DAYS)
def test_a_plan_is_looked_at_by_the_day_that_it_names(last: date) -> None:
    road = road_in("E", "star", last - timedelta(days=20)).opened()
    incident = road.incident()
    road.world.do(MakeActionPlan(incident=incident, owner=staff("case_officer"), review_on=last, detail=words()))
    goes_by_after(road.world, "plan:plan-1", last)


# what ends by itself


@pytest.mark.parametrize("last", LAST_DAYS)
def test_somebody_speaks_for_the_customer_through_the_last_day_of_their_authority(last: date) -> None:
    road = road_in("E", "derby", last - timedelta(days=60)).opened()
    speaks = AuthoriseRepresentative(person=SubjectId("person-2"), authority=Authority.WRITTEN, until=last)
    road.world.do(speaks)
    ends_with(road, Duty.AUTHORITY, last)
    [representative] = road.world.case.representatives
    assert (representative.speaks_on(last), representative.speaks_on(last + DAY)) == (True, False)


@pytest.mark.parametrize("last", LAST_DAYS)
def test_an_instruction_on_safe_contact_holds_through_its_last_day(last: date) -> None:
    road = road_in("E", "derby", last - timedelta(days=60)).opened()
    road.world.do(InstructSafeContact(methods=(), words=words(), until=last))
    ends_with(road, Duty.SAFE_CONTACT, last)
    [safe] = road.world.case.safe_contacts
    assert (safe.holds_on(last), safe.holds_on(last + DAY)) == (True, False)


@pytest.mark.parametrize("last", LAST_DAYS)
def test_a_decision_that_was_given_away_goes_back_after_the_last_day(last: date) -> None:
    road = road_in("E", "star", last - timedelta(days=20))
    proposal = road.ready()
    delegates = road.policy.decision.delegates
    assert delegates is not None
    given = DelegateDecision(proposal=proposal, to=staff(delegates.value[0]), reason=words(), until=last)
    road.world.do(given, by=road.decider())
    ends_with(road, Duty.DELEGATION, last)
    for day, in_the_way in ((last, False), (last + DAY, True)):
        road.world.today = day
        decision = road.application(proposal, term_reason=words())
        if in_the_way:
            assert "post_held" in road.world.rules(decision, by=delegates.value[0])
    road.world.today = last
    road.world.do(road.application(proposal), by=delegates.value[0])


@pytest.mark.parametrize(
    ("received_on", "last"),
    [  # twelve months (assumed), from receipt
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 2, 28), date(2028, 2, 28)),
        (date(2026, 3, 29), date(2027, 3, 29)),
        (date(2025, 12, 25), date(2026, 12, 25)),
        (date(2025, 10, 25), date(2026, 10, 25)),
    ],
)
@pytest.mark.parametrize("landlord", ["citizen", "derby", "maidstone", "star", "wolverhampton"])
def test_a_warning_supports_a_restriction_through_its_last_day(landlord: str, received_on: date, last: date) -> None:
    road = road_in("E", landlord, received_on).opened()
    road.warned()
    ends_with(road, Duty.WARNING_LAPSES, last)
    case = road.world.case
    assert [w.id for w, _ in case.standing_warnings(last)] == ["warning-1"]
    assert list(case.standing_warnings(last + DAY)) == []


# letters


@pytest.mark.parametrize(
    "day", [date(2026, 12, 24), date(2026, 10, 25), date(2027, 3, 28), date(2028, 2, 29), date(2026, 4, 3)]
)
def test_a_letter_is_owed_on_the_day_of_the_decision_and_late_from_the_next(day: date) -> None:
    road = road_in("E", "wolverhampton", day - timedelta(days=7))
    road.restricted(told=False)
    goes_by_after(road.world, f"letter:restriction-1:{NoticeKind.DECISION}", day)


def test_a_letter_that_came_back_is_owed_again_from_the_day_on_which_it_did() -> None:
    road = road_in("E", "wolverhampton", date(2026, 12, 17))
    road.restricted()
    road.world.today = date(2027, 1, 4)
    road.world.do(RecordReturn(notice=road.world.case.notices[-1].id))
    goes_by_after(road.world, f"letter:restriction-1:{NoticeKind.DECISION}", date(2027, 1, 4))
