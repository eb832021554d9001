"""Telling that is taken down later: nothing entered afterwards makes earlier contact a breach (baseline 8)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import NoticeKind, Purpose
from domain.decisions.breaches import RecordBreach
from domain.decisions.notices import RecordReceipt, SendNotice, TellByTelephone
from domain.measures import breach_stands
from tests.domain.saying import refusals
from tests.domain.world import Road, words

NOT_TOLD = {"notice_before_breach": "baseline 8"}


def a_call_after_the_decision() -> tuple[Road, str, str]:
    """A fortnight after a contact, of whose restriction nobody had told: the road, the restriction, the contact."""
    road = Road("derby")
    restriction = road.restricted(told=False)
    road.world.wait(5)
    contact = road.contact()
    road.world.wait(14)
    return road, restriction, contact


def breach(restriction: str, contact: str) -> RecordBreach:
    return RecordBreach(contact=contact, restriction=restriction, measure=f"{restriction}.1", account=words())


def told(restriction: str, on: date | None = None) -> TellByTelephone:
    return TellByTelephone(restriction=restriction, measures=(f"{restriction}.1",), on=on)


def a_letter(road: Road, restriction: str, sent_on: date) -> SendNotice:
    """A letter that went out on an earlier day, taken down now."""
    return SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.BY_HAND,
        contents=road.contents(NoticeKind.DECISION),
        sent_at=datetime.combine(sent_on, time(11), UTC),
        already_sent=True,
    )


def test_a_conversation_that_is_taken_down_later_makes_no_earlier_contact_a_breach() -> None:
    road, restriction, contact = a_call_after_the_decision()
    before = road.world.case.contacts[-1].happened_on - timedelta(days=3)
    road.world.do(told(restriction, on=before))
    assert road.world.case.restrictions[0].told_on == {f"{restriction}.1": before}
    assert refusals(road, breach(restriction, contact)) == NOT_TOLD
    assert refusals(road, breach(restriction, road.contact())) == NOT_TOLD  # on the day on which it was taken down
    road.world.wait(1)
    road.world.do(breach(restriction, road.contact()))


def test_a_conversation_that_is_taken_down_the_next_day_binds_from_that_day() -> None:
    road = Road("derby")
    restriction = road.restricted(told=False)
    road.world.wait(1)
    road.world.do(told(restriction, on=road.world.today - timedelta(days=1)))
    (binding,) = road.world.case.binding_on(road.world.today)
    assert binding.told_on == road.world.today


def test_a_second_conversation_entered_for_an_earlier_day_changes_nothing() -> None:
    road, restriction, contact = a_call_after_the_decision()
    road.world.do(told(restriction))
    road.world.do(told(restriction, on=road.world.today - timedelta(days=18)))
    assert refusals(road, breach(restriction, contact)) == NOT_TOLD


def test_a_letter_that_is_taken_down_later_makes_nothing_a_breach_unless_its_receipt_is_shown() -> None:
    road, restriction, contact = a_call_after_the_decision()
    sent_on = road.world.case.contacts[-1].happened_on - timedelta(days=2)
    road.world.do(a_letter(road, restriction, sent_on))
    assert road.world.case.notices[-1].received_on == sent_on
    assert refusals(road, breach(restriction, contact)) == NOT_TOLD
    road.world.do(RecordReceipt(notice=road.world.case.notices[-1].id, received_on=sent_on, how="signed_for"))
    road.world.do(breach(restriction, contact))
    recorded = road.world.case.breaches[-1]
    assert breach_stands(road.world.case, recorded, road.world.baseline.baseline.always_open)


@pytest.mark.parametrize("purpose", [Purpose.ENQUIRY, Purpose.REPAIR])
def test_calls_before_the_telling_was_taken_down_use_up_no_allowance(purpose: Purpose) -> None:
    road = Road("maidstone")
    restriction = road.restricted(road.measure("call_count", count=1), told=False)
    road.world.wait(2)
    road.contact(purpose=purpose)
    road.world.wait(1)
    road.world.do(told(restriction, on=road.world.today - timedelta(days=2)))
    road.world.wait(1)
    contact = road.contact()
    assert set(refusals(road, breach(restriction, contact))) == {"goes_against_the_measure"}
