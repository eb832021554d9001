"""Everything that is owed within so many working days, across Christmas and Easter, in each nation, at its last day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

import pytest

from domain.codes import NoticeKind, ReviewOutcome
from domain.decisions.appeals import LodgeAppeal
from domain.decisions.intake import LinkComplaint, RequestPolicyCopy
from domain.decisions.people import EndTenancy
from domain.decisions.reviews import AppointReviewer, CompleteReview, RequestReview
from domain.decisions.support import RequestAdjustment
from domain.obligation import Duty
from tests.domain.deadlines.boundary import goes_by_after, owed, road_in
from tests.domain.test_allegations import alleged
from tests.domain.test_filing import filed
from tests.domain.test_interim import interim
from tests.domain.world import Road, staff, words

# The n-th working day after a day, for each nation: (after, nation) -> n -> day. From the calendars of gov.uk.
WEDNESDAY_BEFORE_CHRISTMAS = date(2026, 12, 23)  # Boxing Day is a Saturday, made up for on Monday the 28th
WEDNESDAY_BEFORE_EASTER = date(2026, 4, 1)  # Good Friday is the 3rd everywhere, Easter Monday not in Scotland
FRIDAY_BEFORE_LEAP_DAY = date(2028, 2, 25)  # St Patrick's Day of that year is a Friday
THURSDAY_BEFORE_THE_BOYNE = date(2026, 7, 9)  # 12 July is a Sunday, made up for on Monday the 13th

Days = dict[int, date]
NTH: dict[tuple[date, str], Days] = {
    (WEDNESDAY_BEFORE_CHRISTMAS, "E"): {
        1: date(2026, 12, 24),
        2: date(2026, 12, 29),
        5: date(2027, 1, 4),
        10: date(2027, 1, 11),
        15: date(2027, 1, 18),
        20: date(2027, 1, 25),
    },
    (WEDNESDAY_BEFORE_CHRISTMAS, "S"): {  # 2 January is a Saturday, made up for on Monday the 4th
        1: date(2026, 12, 24),
        2: date(2026, 12, 29),
        5: date(2027, 1, 5),
        10: date(2027, 1, 12),
        15: date(2027, 1, 19),
        20: date(2027, 1, 26),
    },
    (WEDNESDAY_BEFORE_CHRISTMAS, "N"): {
        1: date(2026, 12, 24),
        2: date(2026, 12, 29),
        5: date(2027, 1, 4),
        10: date(2027, 1, 11),
        15: date(2027, 1, 18),
        20: date(2027, 1, 25),
    },
    (WEDNESDAY_BEFORE_EASTER, "E"): {
        1: date(2026, 4, 2),
        2: date(2026, 4, 7),
        5: date(2026, 4, 10),
        10: date(2026, 4, 17),
        15: date(2026, 4, 24),
        20: date(2026, 5, 1),
    },
    (WEDNESDAY_BEFORE_EASTER, "S"): {
        1: date(2026, 4, 2),
        2: date(2026, 4, 6),
        5: date(2026, 4, 9),
        10: date(2026, 4, 16),
        15: date(2026, 4, 23),
        20: date(2026, 4, 30),
    },
    (WEDNESDAY_BEFORE_EASTER, "N"): {
        1: date(2026, 4, 2),
        2: date(2026, 4, 7),
        5: date(2026, 4, 10),
        10: date(2026, 4, 17),
        15: date(2026, 4, 24),
        20: date(2026, 5, 1),
    },
    (FRIDAY_BEFORE_LEAP_DAY, "E"): {
        1: date(2028, 2, 28),
        2: date(2028, 2, 29),
        5: date(2028, 3, 3),
        10: date(2028, 3, 10),
        15: date(2028, 3, 17),
        20: date(2028, 3, 24),
    },
    (FRIDAY_BEFORE_LEAP_DAY, "S"): {
        1: date(2028, 2, 28),
        2: date(2028, 2, 29),
        5: date(2028, 3, 3),
        10: date(2028, 3, 10),
        15: date(2028, 3, 17),
        20: date(2028, 3, 24),
    },
    (FRIDAY_BEFORE_LEAP_DAY, "N"): {
        1: date(2028, 2, 28),
        2: date(2028, 2, 29),
        5: date(2028, 3, 3),
        10: date(2028, 3, 10),
        15: date(2028, 3, 20),
        20: date(2028, 3, 27),
    },
    (THURSDAY_BEFORE_THE_BOYNE, "E"): {
        1: date(2026, 7, 10),
        2: date(2026, 7, 13),
        5: date(2026, 7, 16),
        10: date(2026, 7, 23),
        15: date(2026, 7, 30),
        20: date(2026, 8, 6),
    },
    (THURSDAY_BEFORE_THE_BOYNE, "S"): {  # the summer holiday is the first Monday of August
        1: date(2026, 7, 10),
        2: date(2026, 7, 13),
        5: date(2026, 7, 16),
        10: date(2026, 7, 23),
        15: date(2026, 7, 30),
        20: date(2026, 8, 7),
    },
    (THURSDAY_BEFORE_THE_BOYNE, "N"): {
        1: date(2026, 7, 10),
        2: date(2026, 7, 14),
        5: date(2026, 7, 17),
        10: date(2026, 7, 24),
        15: date(2026, 7, 31),
        20: date(2026, 8, 7),
    },
}
WHEN = list(NTH)
NAMES = [f"{after}-{nation}" for after, nation in WHEN]


class Asked(NamedTuple):
    """Something that is owed within working days: what it is, how many, and how it comes to be owed on a day."""

    duty: Duty
    within: int
    on: Callable[[str, date], Road]


def _a_copy_is_asked_for(nation: str, day: date) -> Road:
    road = road_in(nation, "citizen", day).opened()
    road.world.do(RequestPolicyCopy())
    return road


def _an_adjustment_is_asked_for(nation: str, day: date) -> Road:
    road = road_in(nation, "star", day).opened()
    road.world.do(RequestAdjustment(kind="home_visits", needs=words()))
    return road


def _a_complaint_is_linked(nation: str, day: date) -> Road:
    road = road_in(nation, "maidstone", day).opened()
    road.world.do(LinkComplaint(reference=words()))
    return road


def _somebody_is_accused(nation: str, day: date) -> Road:
    road = road_in(nation, "wolverhampton", day).opened()
    alleged(road, "staff")
    return road


def restricted_on(day: date, nation: str, landlord: str) -> Road:
    """Somebody was restricted on a day and told on it; it is that day."""
    road = road_in(nation, landlord, day - timedelta(days=7))
    road.restricted()
    assert road.world.today == day
    return road


def _an_appeal_comes(landlord: str) -> Callable[[str, date], Road]:
    def lodged(nation: str, day: date) -> Road:
        road = restricted_on(day, nation, landlord)
        road.world.do(LodgeAppeal(against="restriction-1", reasons=words()))
        return road

    return lodged


def _an_appeal_comes_late(nation: str, day: date) -> Road:
    road = restricted_on(day - timedelta(days=400), nation, "star")
    road.world.today = day
    road.world.do(LodgeAppeal(against="restriction-1", reasons=words()))
    return road


def _a_review_is_asked_for(nation: str, day: date) -> Road:
    road = restricted_on(day, nation, "wolverhampton")
    road.world.do(RequestReview(restriction="restriction-1", reasons=words()))
    return road


def _something_is_filed(nation: str, day: date) -> Road:
    road = road_in(nation, "wolverhampton", day - timedelta(days=7))
    road.restricted(road.measure("filed"))
    filed(road)
    return road


def _somebody_is_restricted_at_once(nation: str, day: date) -> Road:
    road = road_in(nation, "derby", day).opened()
    road.world.do(interim(road), by="duty_manager")
    return road


def _a_tenancy_ends(nation: str, day: date) -> Road:
    road = restricted_on(day, nation, "derby")
    road.world.do(EndTenancy())
    return road


OWED = [
    Asked(Duty.POLICY_COPY, 5, _a_copy_is_asked_for),
    Asked(Duty.ADJUSTMENT, 10, _an_adjustment_is_asked_for),
    Asked(Duty.COMPLAINT, 15, _a_complaint_is_linked),
    Asked(Duty.ALLEGATION, 20, _somebody_is_accused),
    Asked(Duty.APPEAL, 20, _an_appeal_comes("maidstone")),
    Asked(Duty.ACKNOWLEDGEMENT, 5, _an_appeal_comes("citizen")),
    Asked(Duty.LATE_APPEAL, 5, _an_appeal_comes_late),
    Asked(Duty.REQUEST, 20, _a_review_is_asked_for),
    Asked(Duty.FILED, 2, _something_is_filed),
    Asked(Duty.INTERIM, 5, _somebody_is_restricted_at_once),
    Asked(Duty.TERM, 5, _somebody_is_restricted_at_once),
    Asked(Duty.REVIEW, 1, _somebody_is_restricted_at_once),
    Asked(Duty.LETTER, 1, _somebody_is_restricted_at_once),
]


@pytest.mark.parametrize(("after", "nation"), WHEN, ids=NAMES)
@pytest.mark.parametrize("asked", OWED, ids=[one.duty for one in OWED])
def test_what_is_owed_within_working_days_is_due_on_the_last_and_overdue_the_day_after(
    asked: Asked, after: date, nation: str
) -> None:
    road = asked.on(nation, after)
    [one] = owed(road.world, asked.duty)
    goes_by_after(road.world, one.key, NTH[after, nation][asked.within])


@pytest.mark.clause("DER-47", "TIMER")
@pytest.mark.parametrize(("after", "nation"), WHEN, ids=NAMES)
def test_derby_answers_an_appeal_in_twenty_working_days_from_its_receipt(after: date, nation: str) -> None:
    road = _an_appeal_comes("derby")(nation, after)
    goes_by_after(road.world, "appeal:appeal-1", NTH[after, nation][20])


@pytest.mark.clause("DER-46", "TIMER")
@pytest.mark.parametrize(("after", "nation"), WHEN, ids=NAMES)
def test_derbys_window_for_an_appeal_ends_with_the_twentieth_working_day_from_receipt(after: date, nation: str) -> None:
    road = restricted_on(after, nation, "derby")
    [window] = owed(road.world, Duty.APPEAL_WINDOW)
    last = NTH[after, nation][20]
    assert (window.due_on, window.about) == (last, "restriction-1")
    for day, in_time in ((last, True), (last + timedelta(days=1), False)):
        road.world.today = day
        road.world.do(LodgeAppeal(against="restriction-1", reasons=words()))
        assert road.world.case.appeals[-1].in_time is in_time
    assert road.world.case.notices_about("restriction-1", NoticeKind.DECISION)


@pytest.mark.clause("DER-57", "TIMER")
@pytest.mark.parametrize(("after", "nation"), WHEN, ids=NAMES)
def test_what_derbys_yearly_review_found_can_be_appealed_through_the_twentieth_working_day(
    after: date, nation: str
) -> None:
    road = restricted_on(after.replace(year=after.year - 1), nation, "derby")
    road.world.today = after  # on which the review is due, and the term ends
    reviewer = staff("departmental_manager")
    appoint = AppointReviewer(restriction="restriction-1", cadence="twelve_monthly", reviewer=reviewer)
    road.world.do(appoint, by="head_of_service")
    review = CompleteReview(
        restriction="restriction-1",
        cadence="twelve_monthly",
        outcome=ReviewOutcome.UNCHANGED,
        assessment=words(),
        answers=("volume_and_nature", "still_unreasonable"),
    )
    road.world.do(review, by=reviewer)
    road.letter(NoticeKind.REVIEW_OUTCOME, "review-1")
    last = NTH[after, nation][20]
    [window] = [one for one in owed(road.world, Duty.APPEAL_WINDOW) if one.about == "review-1"]
    assert window.due_on == last
    for day, in_time in ((last, True), (last + timedelta(days=1), False)):
        road.world.today = day
        road.world.do(LodgeAppeal(against="review-1", about="review", reasons=words()))
        assert road.world.case.appeals[-1].in_time is in_time


@pytest.mark.parametrize(("after", "nation"), WHEN, ids=NAMES)
def test_the_end_of_a_tenancy_asks_for_a_look_in_twenty_working_days(after: date, nation: str) -> None:
    road = _a_tenancy_ends(nation, after)
    [one] = [one for one in owed(road.world, Duty.REVIEW) if one.code == "tenancy_ended"]
    goes_by_after(road.world, one.key, NTH[after, nation][20])
