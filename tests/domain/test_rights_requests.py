"""What a person asks for under data protection law, and legal holds: who may, by when, and what each does."""

from __future__ import annotations

from datetime import date

import pytest

from domain.codes import HoldReason, RecordClass, Right, RightsOutcome
from domain.decisions.rights import AnswerRightsRequest, PlaceLegalHold, ReceiveRightsRequest, ReleaseLegalHold
from domain.events import LegalHoldPlaced, LegalHoldReleased, RightsRequestAnswered, RightsRequestReceived
from tests.domain.a_closed_case import DPO, RECORDS, declined, disposed, erasure, lifted, only_logged
from tests.domain.world import Road, words


def asked(right: Right = Right.ACCESS, today: date = date(2026, 3, 2), **changes: object) -> Road:
    """A customer asked for something today."""
    road = Road("citizen", today=today).opened()
    road.world.do(ReceiveRightsRequest(right=right, **changes))
    return road


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 3, 2), date(2026, 4, 2)),
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2026, 8, 31), date(2026, 9, 30)),
        (date(2026, 12, 31), date(2027, 1, 31)),
    ],
)
def test_a_request_is_answered_within_a_month_that_ends_with_the_month(received: date, due: date) -> None:
    road = asked(today=received)
    (fact,) = road.world.facts(RightsRequestReceived)
    assert (fact.request, fact.received_on, fact.due_on) == ("rights-1", received, due)


def test_the_month_begins_on_the_day_on_which_they_asked_whenever_it_is_taken_down() -> None:
    road = asked(today=date(2026, 3, 10), on=date(2026, 3, 2))
    assert road.world.case.rights[0].due_on == date(2026, 4, 2)


def test_anybody_takes_a_request_down_and_the_data_protection_officer_answers_it() -> None:
    road = asked(detail=words())
    answer = AnswerRightsRequest(request="rights-1", outcome=RightsOutcome.GRANTED)
    assert road.world.rules(answer, by="case_officer") == {"post_held"}
    assert road.world.rules(answer, by=RECORDS) == {"post_held"}
    road.world.do(answer, by=DPO)
    (fact,) = road.world.facts(RightsRequestAnswered)
    assert fact.outcome is RightsOutcome.GRANTED
    assert not road.world.case.rights[0].open


def test_a_refusal_says_why_and_a_request_is_answered_once() -> None:
    road = asked()
    refusal = AnswerRightsRequest(request="rights-1", outcome=RightsOutcome.REFUSED)
    assert road.world.rules(refusal, by=DPO) == {"refusal_says_why"}
    road.world.do(refusal.model_copy(update={"reasons": words()}), by=DPO)
    assert road.world.rules(refusal, by=DPO) == {"already_answered"}
    assert road.world.rules(refusal.model_copy(update={"request": "rights-2"}), by=DPO) == {"unknown_request"}


def test_a_request_is_not_answered_before_it_came() -> None:
    road = asked()
    early = AnswerRightsRequest(request="rights-1", outcome=RightsOutcome.GRANTED, on=date(2026, 3, 1))
    assert road.world.rules(early, by=DPO) == {"end_before_start"}


def test_erasure_is_granted_by_erasing() -> None:
    road = asked(Right.ERASURE)
    answer = AnswerRightsRequest(request="rights-1", outcome=RightsOutcome.GRANTED)
    assert road.world.rules(answer, by=DPO) == {"erased_by_erasing"}


def test_whoever_asks_for_erasure_again_has_it_already() -> None:
    road = only_logged()
    road.world.do(erasure(road), by=DPO)
    assert road.world.rules(erasure(road), by=DPO) == {"already_erased"}
    again = road.world.case.rights[-1].id
    road.world.do(AnswerRightsRequest(request=again, outcome=RightsOutcome.GRANTED), by=DPO)
    assert not road.world.case.rights[-1].open


def test_a_closed_case_takes_requests_and_holds() -> None:
    road = lifted()
    road.world.do(ReceiveRightsRequest(right=Right.ACCESS, detail=words()))
    road.world.do(PlaceLegalHold(because=HoldReason.AUDIT, reason=words()), by=RECORDS)
    assert road.world.case.rights[0].open
    assert road.world.case.holds[0].open


def test_a_hold_is_placed_and_released_by_those_who_keep_records() -> None:
    road = asked()
    place = PlaceLegalHold(because=HoldReason.CLAIM, reason=words(), review_on=date(2026, 9, 2))
    assert road.world.rules(place) == {"post_held"}
    assert road.world.rules(place.model_copy(update={"review_on": date(2026, 3, 1)}), by=DPO) == {"end_before_start"}
    road.world.do(place, by=RECORDS)
    (placed,) = road.world.facts(LegalHoldPlaced)
    assert (placed.hold, placed.because, placed.review_on) == ("hold-1", HoldReason.CLAIM, date(2026, 9, 2))
    release = ReleaseLegalHold(hold="hold-1", reason=words())
    assert road.world.rules(release) == {"post_held"}
    early = release.model_copy(update={"on": date(2026, 3, 1)})
    assert road.world.rules(early, by=DPO) == {"end_before_start"}
    road.world.do(release, by=DPO)
    assert road.world.facts(LegalHoldReleased)[0].released_on == road.world.today
    assert road.world.rules(release, by=DPO) == {"already_released"}
    assert road.world.rules(release.model_copy(update={"hold": "hold-2"}), by=DPO) == {"unknown_hold"}


def test_words_are_refused_where_the_key_for_them_is_gone_and_the_rest_is_taken() -> None:
    road = declined()
    road.world.wait(400)
    disposed(road, RecordClass.NOT_RESTRICTED)
    hold = PlaceLegalHold(because=HoldReason.AUDIT, reason=words())
    assert road.world.rules(hold, by=RECORDS) == {"words_are_gone"}
    road.world.do(hold.model_copy(update={"reason": None}), by=RECORDS)
    road.world.do(ReceiveRightsRequest(right=Right.ACCESS, detail=words()))
    refusal = AnswerRightsRequest(request="rights-1", outcome=RightsOutcome.REFUSED, reasons=words())
    assert road.world.rules(refusal, by=DPO) == {"words_are_gone"}
    road.world.do(refusal.model_copy(update={"reasons": None}), by=DPO)
