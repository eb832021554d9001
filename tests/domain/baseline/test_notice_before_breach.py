"""Baseline 8: a measure binds from the day on which notice of it was received, in a form that the customer can use.

The day of receipt has hours before it, so that only contact of a later day can be a breach.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import Answer, NoticeKind
from domain.decisions.breaches import RecordBreach
from domain.decisions.changes import VaryRestriction
from domain.decisions.notices import RecordReceipt, RecordReturn, SendNotice, TellByTelephone
from tests.domain.saying import in_the_way_of_a_breach, refusals
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, words

NOT_TOLD = {"notice_before_breach"}


def decided() -> tuple[Road, str]:
    """Derby's customer is to write letters only, and nobody has told them yet: 9 March 2026."""
    road = Road("derby")
    return road, road.restricted(road.measure("letter_only"), told=False)


def test_three_dates_are_three_dates() -> None:
    road, restriction = decided()
    road.world.wait(1)
    posted = datetime(2026, 3, 10, 10, tzinfo=UTC)
    road.letter(NoticeKind.DECISION, restriction, method=DeliveryMethod.FIRST_CLASS_POST, sent_at=posted)
    found = road.world.case.restrictions[0]
    (letter,) = road.world.case.notices_about(restriction)
    assert (found.decided_on, letter.sent_on, letter.received_on) == (
        date(2026, 3, 9),
        date(2026, 3, 10),
        date(2026, 3, 12),
    )


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_nothing_binds_before_the_letter_and_something_does_after_it(landlord: str) -> None:
    road = Road(landlord)
    restriction = road.restricted(told=False)
    assert not list(road.world.case.binding_on(road.world.today))
    road.told(restriction)
    assert [b.restriction.id for b in road.world.case.binding_on(road.world.today)] == [restriction]


def test_a_call_before_receipt_is_no_breach_and_one_after_it_is() -> None:
    road, restriction = decided()
    assert in_the_way_of_a_breach(road, restriction) == NOT_TOLD
    road.letter(NoticeKind.DECISION, restriction, method=DeliveryMethod.FIRST_CLASS_POST)
    assert in_the_way_of_a_breach(road, restriction) == NOT_TOLD  # posted, and not received yet
    assert in_the_way_of_a_breach(road, restriction) == NOT_TOLD  # received on this day, and nobody knows when
    assert in_the_way_of_a_breach(road, restriction) == set()


@pytest.mark.parametrize(
    "tell",
    [
        lambda road, restriction: road.letter(NoticeKind.DECISION, restriction),
        lambda road, restriction: road.world.do(
            TellByTelephone(restriction=restriction, measures=(f"{restriction}.1",))
        ),
    ],
    ids=["by letter", "by telephone"],
)
def test_a_call_on_the_day_of_the_telling_is_no_breach_and_one_on_the_next_day_is(
    tell: Callable[[Road, str], object],
) -> None:
    road, restriction = decided()
    road.world.wait(1)
    tell(road, restriction)
    assert in_the_way_of_a_breach(road, restriction, happened_on=date(2026, 3, 10)) == NOT_TOLD
    road.world.wait(1)
    assert in_the_way_of_a_breach(road, restriction, happened_on=date(2026, 3, 10)) == NOT_TOLD
    assert in_the_way_of_a_breach(road, restriction, happened_on=date(2026, 3, 11)) == set()


def test_a_call_of_yesterday_does_not_become_a_breach_by_a_letter_of_today() -> None:
    road, restriction = decided()
    road.world.wait(1)
    road.letter(NoticeKind.DECISION, restriction)
    yesterday = road.world.today - timedelta(days=1)
    assert in_the_way_of_a_breach(road, restriction, happened_on=yesterday) == NOT_TOLD


def test_after_a_letter_came_back_nothing_is_a_breach_until_another_arrives() -> None:
    road, restriction = decided()
    notice = road.letter(NoticeKind.DECISION, restriction, method=DeliveryMethod.FIRST_CLASS_POST)
    road.world.wait(5)
    road.world.do(RecordReturn(notice=notice))
    assert in_the_way_of_a_breach(road, restriction) == NOT_TOLD
    road.letter(NoticeKind.DECISION, restriction)
    assert in_the_way_of_a_breach(road, restriction) == set()


def test_explaining_by_telephone_is_receipt_of_what_was_explained_and_of_no_more() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("letter_only"), road.measure("appointment_at_office"), told=False)
    road.world.do(TellByTelephone(restriction=restriction, measures=(f"{restriction}.1",)))
    assert in_the_way_of_a_breach(road, restriction) == set()
    assert [b.measure.code for b in road.world.case.binding_on(road.world.today)] == ["letter_only"]
    assert [m.code for _, m in road.world.case.untold_on(road.world.today)] == ["appointment_at_office"]


def test_only_measures_in_force_can_be_explained() -> None:
    road, restriction = decided()
    assert road.world.rules(TellByTelephone(restriction=restriction, measures=("restriction-1.9",))) == {
        "unknown_measure"
    }


def test_a_letter_that_the_customer_cannot_read_is_received_by_nobody_even_with_proof() -> None:
    road, restriction = decided()
    notice = road.letter(NoticeKind.DECISION, restriction, accessible=False)
    assert in_the_way_of_a_breach(road, restriction) == NOT_TOLD
    road.world.do(RecordReceipt(notice=notice, received_on=road.world.today, how="signed_for"))
    assert in_the_way_of_a_breach(road, restriction) == NOT_TOLD
    road.letter(NoticeKind.DECISION, restriction, accessible=True)
    assert in_the_way_of_a_breach(road, restriction) == set()


def test_proof_of_receipt_beats_what_is_deemed() -> None:
    road, restriction = decided()
    notice = road.letter(NoticeKind.DECISION, restriction, method=DeliveryMethod.FIRST_CLASS_POST)
    road.world.wait(4)
    road.world.do(RecordReceipt(notice=notice, received_on=date(2026, 3, 13), how="signed_for"))
    assert in_the_way_of_a_breach(road, restriction, happened_on=date(2026, 3, 12)) == NOT_TOLD
    assert in_the_way_of_a_breach(road, restriction, happened_on=date(2026, 3, 13)) == NOT_TOLD
    road.world.wait(1)
    assert in_the_way_of_a_breach(road, restriction, happened_on=date(2026, 3, 14)) == set()


def test_a_letter_is_not_received_before_it_was_sent() -> None:
    road, restriction = decided()
    notice = road.letter(NoticeKind.DECISION, restriction)
    too_soon = RecordReceipt(notice=notice, received_on=date(2026, 3, 8), how="signed_for")
    assert road.world.rules(too_soon) == {"end_before_start"}


def test_a_stricter_measure_binds_once_its_own_letter_is_received() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("witness"))
    tighter = VaryRestriction(
        restriction=restriction,
        measures=(road.measure("letter_only"),),
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
        incidents=("incident-1",),
    )
    road.world.do(tighter, by=road.decider())
    call = RecordBreach(contact=road.contact(), restriction=restriction, measure="change-1.1", account=words())
    assert road.world.rules(call) == NOT_TOLD
    road.letter(NoticeKind.VARIATION, "change-1")
    road.world.wait(1)
    assert road.world.rules(call) == NOT_TOLD  # it stays a call of the day before
    road.world.do(call.model_copy(update={"contact": road.contact()}))


def test_a_contact_on_the_last_day_can_be_a_breach_and_one_on_the_next_day_cannot() -> None:
    road = Road("maidstone")
    restriction = road.restricted(road.measure("single_contact"))
    road.world.today = date(2026, 6, 10)
    assert in_the_way_of_a_breach(road, restriction, happened_on=date(2026, 6, 9)) == set()
    assert in_the_way_of_a_breach(road, restriction, happened_on=date(2026, 6, 10)) == NOT_TOLD


@pytest.mark.parametrize("missing", ["measures", "always_open", "adjustments", "record_held", "who_is_informed"])
@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_letter_that_lacks_what_the_baseline_wants_said_is_refused_under_every_policy(
    landlord: str, missing: str
) -> None:
    road = Road(landlord)
    restriction = road.restricted()
    whole = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.BY_HAND,
        contents=road.contents(NoticeKind.DECISION),
        enclosures=tuple(road.policy.notices[NoticeKind.DECISION].enclosures),
    )
    signer = (*road.policy.notices[NoticeKind.DECISION].signed_by, "case_officer")[0]
    lacking = whole.model_copy(update={"contents": tuple(c for c in whole.contents if c != missing)})
    assert f"says_{missing}" in refusals(road, lacking, by=signer)
    road.world.do(whole, by=signer)


def test_a_letter_goes_in_writing() -> None:
    road, restriction = decided()
    spoken = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.READ_ALOUD,
        contents=road.contents(NoticeKind.DECISION),
        enclosures=tuple(road.policy.notices[NoticeKind.DECISION].enclosures),
    )
    by = (*road.policy.notices[NoticeKind.DECISION].signed_by, "case_officer")[0]
    assert set(refusals(road, spoken, by=by)) == NOT_TOLD
