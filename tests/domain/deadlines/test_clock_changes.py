"""London's clocks change twice a year: which day an event falls on, and which day a letter counts as received."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from domain.calendar import DeliveryMethod, end_of_day, london_date, london_datetime, start_of_day
from domain.codes import NoticeKind
from domain.decisions.endings import RecordEnd
from domain.decisions.support import RequestAdjustment
from domain.events import NoticeSent
from domain.obligation import Duty
from tests.domain.deadlines.boundary import goes_by_after, owed, road_in
from tests.domain.world import words

# Back on Sunday 25 October 2026, forward on Sunday 29 March 2026 and on Easter Sunday, 28 March 2027.
HALF_PAST_ELEVEN, HALF_PAST_MIDNIGHT = time(23, 30), time(0, 30)


@pytest.mark.parametrize(
    ("asked_on", "at", "instant", "due"),
    [
        # In summer time half past midnight is still yesterday by UTC.
        (date(2026, 3, 28), HALF_PAST_ELEVEN, datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 4, 14)),
        (date(2026, 3, 29), HALF_PAST_MIDNIGHT, datetime(2026, 3, 29, 0, 30, tzinfo=UTC), date(2026, 4, 14)),
        (date(2026, 3, 29), HALF_PAST_ELEVEN, datetime(2026, 3, 29, 22, 30, tzinfo=UTC), date(2026, 4, 14)),
        (date(2026, 3, 30), HALF_PAST_MIDNIGHT, datetime(2026, 3, 29, 23, 30, tzinfo=UTC), date(2026, 4, 15)),
        (date(2026, 10, 23), HALF_PAST_ELEVEN, datetime(2026, 10, 23, 22, 30, tzinfo=UTC), date(2026, 11, 6)),
        (date(2026, 10, 25), HALF_PAST_MIDNIGHT, datetime(2026, 10, 24, 23, 30, tzinfo=UTC), date(2026, 11, 6)),
        (date(2026, 10, 25), HALF_PAST_ELEVEN, datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 11, 6)),
        (date(2026, 10, 26), HALF_PAST_MIDNIGHT, datetime(2026, 10, 26, 0, 30, tzinfo=UTC), date(2026, 11, 9)),
    ],
)
def test_ten_working_days_run_from_the_day_in_london_on_which_it_was_asked(
    asked_on: date, at: time, instant: datetime, due: date
) -> None:
    road = road_in("E", "star", asked_on).opened()
    road.world.clock = at
    assert road.world.now == instant
    road.world.do(RequestAdjustment(kind="home_visits", needs=words()))
    [asked] = owed(road.world, Duty.ADJUSTMENT)
    assert asked.from_on == asked_on
    goes_by_after(road.world, "adjustment:adjustment-1", due)


@pytest.mark.parametrize("fold", [0, 1])
def test_the_hour_that_comes_twice_is_of_one_day_both_times(fold: int) -> None:
    twice = london_datetime(date(2026, 10, 25), time(1, 30, fold=fold))
    assert twice == datetime(2026, 10, 25, fold, 30, tzinfo=UTC)
    assert london_date(twice) == date(2026, 10, 25)


@pytest.mark.parametrize(
    ("day", "begins", "is_over"),
    [
        (date(2026, 10, 25), datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 26, 0, tzinfo=UTC)),
        (date(2027, 3, 28), datetime(2027, 3, 28, 0, tzinfo=UTC), datetime(2027, 3, 28, 23, tzinfo=UTC)),
    ],
)
def test_a_day_on_which_clocks_change_has_twenty_five_hours_or_twenty_three(
    day: date, begins: datetime, is_over: datetime
) -> None:
    assert (start_of_day(day), end_of_day(day)) == (begins, is_over)


@pytest.mark.parametrize(
    ("decided_on", "ends_on", "over_at"),
    [
        (date(2026, 7, 25), date(2026, 10, 25), datetime(2026, 10, 26, 0, tzinfo=UTC)),
        (date(2026, 12, 28), date(2027, 3, 28), datetime(2027, 3, 28, 23, tzinfo=UTC)),
        (date(2026, 7, 24), date(2026, 10, 24), datetime(2026, 10, 24, 23, tzinfo=UTC)),
    ],
)
def test_a_term_that_ends_when_clocks_change_is_over_with_londons_midnight(
    decided_on: date, ends_on: date, over_at: datetime
) -> None:
    road = road_in("E", "maidstone", decided_on - timedelta(days=7))
    road.restricted()
    road.world.today, road.world.clock = ends_on, time(23, 59)
    assert road.world.now == over_at - timedelta(minutes=1)
    assert road.world.rules(RecordEnd(restriction="restriction-1")) == {"not_over_yet"}
    road.world.today, road.world.clock = ends_on + timedelta(days=1), time(0, 0)
    assert road.world.now == over_at
    road.world.do(RecordEnd(restriction="restriction-1"))
    assert road.world.history[-1].effective_at == over_at


# From the day on which an e-mail counts as received, and to the end of Derby's twenty working days to appeal.
@pytest.mark.clause("DER-46", "TIMER")
@pytest.mark.parametrize(
    ("nation", "sent_on", "at", "received_on", "appeal_until"),
    [
        ("E", date(2026, 10, 23), time(16, 30), date(2026, 10, 23), date(2026, 11, 20)),
        ("E", date(2026, 10, 23), time(16, 31), date(2026, 10, 26), date(2026, 11, 23)),
        ("E", date(2026, 10, 25), time(16, 30), date(2026, 10, 25), date(2026, 11, 20)),  # 16:30 by UTC as well
        ("E", date(2026, 10, 25), time(16, 31), date(2026, 10, 26), date(2026, 11, 23)),
        ("E", date(2027, 3, 25), time(16, 30), date(2027, 3, 25), date(2027, 4, 26)),  # Maundy Thursday
        ("E", date(2027, 3, 25), time(16, 31), date(2027, 3, 30), date(2027, 4, 27)),  # after Easter Monday
        ("S", date(2027, 3, 25), time(16, 31), date(2027, 3, 29), date(2027, 4, 26)),  # which is none in Scotland
        ("E", date(2027, 3, 28), time(16, 30), date(2027, 3, 28), date(2027, 4, 26)),  # 15:30 by UTC
        ("E", date(2027, 3, 28), time(16, 31), date(2027, 3, 30), date(2027, 4, 27)),
        ("E", date(2026, 12, 24), time(16, 31), date(2026, 12, 29), date(2027, 1, 27)),
        ("S", date(2026, 12, 31), time(16, 31), date(2027, 1, 5), date(2027, 2, 2)),
        ("E", date(2026, 12, 31), time(16, 31), date(2027, 1, 4), date(2027, 2, 1)),
        ("E", date(2028, 2, 28), time(16, 31), date(2028, 2, 29), date(2028, 3, 28)),
    ],
)
def test_an_email_after_half_past_four_counts_the_next_working_day_and_the_time_to_appeal_runs_from_it(
    nation: str, sent_on: date, at: time, received_on: date, appeal_until: date
) -> None:
    road = road_in(nation, "derby", sent_on - timedelta(days=7))
    restriction = road.restricted(told=False)
    road.world.clock = time(18, 0)
    road.letter(
        NoticeKind.DECISION,
        restriction,
        method=DeliveryMethod.EMAIL,
        sent_at=london_datetime(sent_on, at),
        already_sent=True,
    )
    sent = road.world.facts(NoticeSent)[-1]
    assert (sent.deemed_on, sent.appeal_until) == (received_on, appeal_until)
    [window] = owed(road.world, Duty.APPEAL_WINDOW)
    assert (window.from_on, window.due_on) == (received_on, appeal_until)


@pytest.mark.parametrize(
    ("nation", "posted_on", "received_on"),
    [
        ("E", date(2026, 12, 24), date(2026, 12, 30)),
        ("S", date(2026, 12, 31), date(2027, 1, 6)),
        ("E", date(2026, 12, 31), date(2027, 1, 5)),
        ("E", date(2026, 4, 2), date(2026, 4, 8)),
        ("S", date(2026, 4, 2), date(2026, 4, 7)),
        ("N", date(2026, 3, 16), date(2026, 3, 19)),  # St Patrick's Day lies between
        ("E", date(2028, 2, 28), date(2028, 3, 1)),
    ],
)
def test_a_letter_by_first_class_post_counts_two_working_days_later(
    nation: str, posted_on: date, received_on: date
) -> None:
    road = road_in(nation, "derby", posted_on - timedelta(days=7))
    restriction = road.restricted(told=False)
    road.letter(NoticeKind.DECISION, restriction, method=DeliveryMethod.FIRST_CLASS_POST)
    assert road.world.facts(NoticeSent)[-1].deemed_on == received_on
