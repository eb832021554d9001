"""Letters as documents: released by a named person once every rule holds, handed over once, and looked after since."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from domain.calendar import DeliveryMethod, london_datetime
from domain.case_letters import Letter
from domain.codes import LetterFormat, LetterTrouble, NoticeKind
from domain.decisions import Situation, decide
from domain.decisions.appeals import LodgeAppeal
from domain.decisions.changes import ChangeNamedContact
from domain.decisions.endings import LiftRestriction
from domain.decisions.judgement import OverrideRequest
from domain.decisions.letters import (
    DiscardLetter,
    ParkLetter,
    PrepareLetter,
    RecordDispatch,
    ReleaseLetter,
    ReportDelivery,
    TakeUpLetter,
    lacking,
)
from domain.decisions.notices import RecordReceipt, SignNotice
from domain.decisions.people import RecordDeath
from domain.decisions.safe_contact import InstructSafeContact
from domain.decisions.steps import OfferMeeting
from domain.decisions.support import DecideAdjustment, RequestAdjustment
from domain.events import (
    SYSTEM,
    DeliveryReported,
    LetterPrepared,
    LetterReleased,
    LetterTakenUpAgain,
    NoticeReturned,
    NoticeSent,
)
from tests.domain.world import Road, staff, words

POST = DeliveryMethod.FIRST_CLASS_POST


def letter(road: Road) -> Letter:
    """The last letter of the case."""
    return road.world.case.letters[-1]


def written(landlord: str = "derby", **changes: Any) -> Road:
    """A restriction whose decision letter was prepared."""
    road = Road(landlord)
    restriction = road.restricted(told=False)
    road.prepared(NoticeKind.DECISION, restriction, **changes)
    return road


def signer(road: Road) -> str:
    """Who signs decision letters."""
    notice = road.policy.notices.get(NoticeKind.DECISION)
    return notice.signed_by[0] if notice and notice.signed_by else "case_officer"


def released(road: Road, method: DeliveryMethod = POST) -> Road:
    """The last letter is let go."""
    road.world.do(ReleaseLetter(letter=letter(road).id, method=method), by=signer(road))
    return road


def sent(road: Road) -> Road:
    """It was handed over just now."""
    road.world.do(RecordDispatch(letter=letter(road).id, sent_at=road.world.now), by=SYSTEM)
    return road


def parked(road: Road, because: LetterTrouble = LetterTrouble.OUTCOME_UNKNOWN) -> Road:
    """It waits for somebody."""
    road.world.do(ParkLetter(letter=letter(road).id, because=because), by=SYSTEM)
    return road


def release_refused(road: Road, by: str | None = None, **changes: Any) -> set[str]:
    """The rules that keep the last letter from going."""
    command = ReleaseLetter(**{"letter": letter(road).id, "method": POST, **changes})
    return road.world.rules(command, by=by or signer(road))


# prepared


def test_preparing_a_letter_tells_nobody_anything() -> None:
    road = written()
    assert road.world.case.notices_about("restriction-1", NoticeKind.DECISION) == ()
    assert letter(road).waits
    fact = road.world.facts(LetterPrepared)[-1]
    assert (fact.letter, fact.blob[:8], fact.media_type) == ("letter-1", "00000000", "application/pdf")


def test_a_letter_is_about_something_that_the_case_has() -> None:
    road = written()
    with pytest.raises(Exception, match="unknown_subject"):
        road.prepared(NoticeKind.DECISION, "restriction-9")


def test_what_a_letter_lacks_is_told_when_it_is_prepared_and_keeps_it_from_going() -> None:
    road = written("maidstone", contents=("behaviour",), enclosures=(), enclosed=())
    assert {"says_measures", "says_appeal", "encloses_policy"} <= release_refused(road)
    situation: Situation = road.world.situation("case_officer")
    command = _prepare_of(road)
    assert {"says_measures", "says_appeal", "encloses_policy"} <= {v.rule for v in lacking(command, situation)}


def _prepare_of(road: Road) -> PrepareLetter:
    fact = road.world.facts(LetterPrepared)[-1]
    return PrepareLetter(**{name: getattr(fact, name) for name in PrepareLetter.model_fields if name != "on"})


# released


@pytest.mark.parametrize("landlord", ["citizen", "derby", "maidstone", "star", "wolverhampton"])
def test_a_complete_letter_is_released_by_whoever_signs_it_and_goes_once(landlord: str) -> None:
    road = Road(landlord)
    restriction = road.restricted(told=False)
    road.world.do(OfferMeeting(detail=words(), explains=restriction))
    road.prepared(NoticeKind.DECISION, restriction)
    released(road)
    fact = road.world.facts(LetterReleased)[-1]
    assert (fact.method, fact.released_on) == (POST, road.world.today)
    assert letter(road).on_its_way
    assert release_refused(road) == {"released_already"}
    assert road.world.case.notices_about(restriction, NoticeKind.DECISION) == ()


def test_only_the_signatory_releases_a_letter_that_nobody_signed() -> None:
    road = written("maidstone")
    assert "signatory" in release_refused(road, by="case_officer")
    road.world.do(SignNotice(kind=NoticeKind.DECISION, about="restriction-1"), by=signer(road))
    road.prepared(NoticeKind.DECISION, "restriction-1", notice=road.world.case.notices[-1].id)
    road.world.do(ReleaseLetter(letter=letter(road).id, method=POST), by="case_officer")
    assert letter(road).on_its_way


def test_a_letter_that_the_policy_explains_in_a_meeting_waits_for_the_meeting() -> None:
    road = written("wolverhampton")
    assert "step_meeting_after" in release_refused(road)
    given = OverrideRequest(rule="step_meeting_after", reason=words())
    road.world.do(ReleaseLetter(letter=letter(road).id, method=POST, overrides=(given,)), by=road.decider())
    assert letter(road).on_its_way


def test_a_letter_goes_only_as_the_customer_can_safely_be_reached() -> None:
    road = written()
    road.world.do(InstructSafeContact(methods=(DeliveryMethod.EMAIL,), words=words()))
    assert release_refused(road) == {"safe_contact"}
    released(road, DeliveryMethod.EMAIL)


def test_no_letter_goes_to_the_dead() -> None:
    road = written()
    road.world.do(RecordDeath(detail=words()))
    assert "no_letters_after_death" in release_refused(road)


def test_a_letter_is_released_now_and_for_no_other_day() -> None:
    road = written()
    road.world.wait(1)
    assert "released_now" in release_refused(road, on=road.world.today - timedelta(days=1))


def test_a_letter_comes_in_the_form_that_was_agreed() -> None:
    road = written("star")
    road.world.do(RequestAdjustment(kind="large_print", needs=words()))
    agreed = DecideAdjustment(adjustment="adjustment-1", agreed=True, reason=words(), instruction=words())
    road.world.do(agreed)
    assert {"accessible_form", "overtaken"} <= release_refused(road)
    road.world.do(OfferMeeting(detail=words(), explains="restriction-1"))
    road.prepared(NoticeKind.DECISION, "restriction-1", format=LetterFormat.LARGE_PRINT)
    released(road)


def test_nothing_goes_in_writing_to_somebody_who_cannot_use_it() -> None:
    road = written()
    road.world.do(RequestAdjustment(kind="no_writing", needs=words()))
    agreed = DecideAdjustment(adjustment="adjustment-1", agreed=True, reason=words(), instruction=words())
    road.world.do(agreed)
    road.prepared(NoticeKind.DECISION, "restriction-1")
    assert "accessible_form" in release_refused(road)
    released(road, DeliveryMethod.BY_HAND)


def test_what_changed_since_a_letter_was_written_keeps_it_back_and_is_named() -> None:
    road = written()
    measure = road.world.case.restrictions[-1].sets[-1].measures[0].id
    road.world.do(
        ChangeNamedContact(restriction="restriction-1", measure=measure, contact_staff=(staff("head_of_service"),))
    )
    found = road.world.refused(ReleaseLetter(letter="letter-1", method=POST), by=signer(road))
    assert [v.rule for v in found] == ["overtaken"]
    assert "somebody else answers the customer" in found[0].asks


def test_a_contact_that_comes_in_meanwhile_keeps_no_letter_back() -> None:
    road = written()
    road.contact()
    released(road)


def test_a_letter_that_went_out_in_another_way_meanwhile_is_not_sent_again() -> None:
    road = written()
    road.letter(NoticeKind.DECISION, "restriction-1")
    assert release_refused(road) == {"overtaken"}


def test_two_letters_of_the_same_do_not_go_side_by_side() -> None:
    road = released(written())
    road.prepared(NoticeKind.DECISION, "restriction-1")
    assert release_refused(road) == {"on_its_way"}
    road.world.do(DiscardLetter(letter="letter-1"))
    released(road)


def test_a_discarded_letter_is_not_released() -> None:
    road = written()
    road.world.do(DiscardLetter(letter="letter-1", reason=words()))
    assert release_refused(road) == {"discarded"}
    assert road.world.rules(DiscardLetter(letter="letter-1")) == {"discarded"}


# handed over


def test_what_was_handed_over_counts_as_received_by_the_rules_and_names_its_letter() -> None:
    road = sent(released(written()))
    fact = road.world.facts(NoticeSent)[-1]
    assert (fact.letter, fact.kind, fact.about) == ("letter-1", NoticeKind.DECISION, "restriction-1")
    assert fact.deemed_on > road.world.today
    assert fact.appeal_until is not None
    assert letter(road).sent_on == road.world.today
    assert letter(road).notice == fact.notice
    assert road.world.rules(RecordDispatch(letter="letter-1", sent_at=road.world.now), by=SYSTEM) == {"sent_before"}


def test_an_email_handed_over_after_half_past_four_counts_the_next_working_day() -> None:
    road = written()
    road.world.clock = time(16, 31)
    released(road, DeliveryMethod.EMAIL)
    sent(road)
    assert road.world.facts(NoticeSent)[-1].deemed_on > road.world.today


def test_nothing_is_handed_over_that_nobody_released() -> None:
    road = written()
    assert road.world.rules(RecordDispatch(letter="letter-1", sent_at=road.world.now), by=SYSTEM) == {"not_released"}


def test_a_letter_goes_neither_before_it_was_released_nor_tomorrow() -> None:
    road = released(written())
    early = london_datetime(road.world.today - timedelta(days=1), time(12))
    assert road.world.rules(RecordDispatch(letter="letter-1", sent_at=early), by=SYSTEM) == {"end_before_start"}
    late = road.world.now + timedelta(minutes=1)
    assert road.world.rules(RecordDispatch(letter="letter-1", sent_at=late), by=SYSTEM) == {"not_in_the_future"}


def about_to_go(road: Road) -> set[str]:
    """What keeps the last letter back at the moment of sending."""
    return road.world.rules(RecordDispatch(letter=letter(road).id, sent_at=road.world.now, gone=False), by=SYSTEM)


def test_the_rules_are_asked_again_when_a_released_letter_is_about_to_go() -> None:
    road = released(written())
    command = RecordDispatch(letter="letter-1", sent_at=road.world.now, gone=False)
    decide(command, road.world.situation(SYSTEM))
    road.world.do(InstructSafeContact(methods=(DeliveryMethod.BY_HAND,), words=words()))
    assert about_to_go(road) == {"safe_contact"}
    road.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=road.decider())
    assert about_to_go(road) == {"safe_contact", "overtaken"}
    road.world.do(DiscardLetter(letter="letter-1"))
    assert "discarded" in about_to_go(road)


def test_what_had_gone_when_it_was_discarded_is_taken_down_all_the_same() -> None:
    road = released(written())
    road.world.do(DiscardLetter(letter="letter-1"))
    sent(road)
    assert road.world.facts(NoticeSent)[-1].letter == "letter-1"


# parked


def test_a_letter_of_unknown_fate_waits_until_somebody_says_that_it_had_gone_and_when() -> None:
    road = parked(released(written()))
    assert letter(road).stuck
    assert road.world.rules(TakeUpLetter(letter="letter-1", had_gone=True)) == {"when_it_went"}
    went = road.world.now - timedelta(minutes=10)
    road.world.do(TakeUpLetter(letter="letter-1", had_gone=True, sent_at=went))
    assert road.world.facts(NoticeSent)[-1].sent_at == went
    assert not letter(road).stuck
    assert road.world.rules(TakeUpLetter(letter="letter-1", had_gone=False)) >= {"not_parked", "sent_before"}


def test_a_letter_of_unknown_fate_is_tried_again_under_another_name_and_any_other_under_its_own() -> None:
    road = parked(released(written()))
    first = letter(road).dispatch
    road.world.do(TakeUpLetter(letter="letter-1", had_gone=False))
    second = letter(road).dispatch
    assert letter(road).on_its_way
    assert second != first
    parked(road, LetterTrouble.NO_ADDRESS)
    road.world.do(TakeUpLetter(letter="letter-1", had_gone=False))
    assert letter(road).dispatch == second
    assert road.world.facts(LetterTakenUpAgain)[-1].dispatch is None


def test_what_is_tried_again_obeys_the_rules_of_that_day() -> None:
    road = parked(released(written()), LetterTrouble.REFUSED)
    road.world.do(LodgeAppeal(against="restriction-1", reasons=words()))
    road.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=road.decider())
    assert road.world.rules(TakeUpLetter(letter="letter-1", had_gone=False)) == {"overtaken"}
    road.world.do(DiscardLetter(letter="letter-1"))


def test_a_letter_is_parked_once() -> None:
    road = parked(released(written()))
    command = ParkLetter(letter="letter-1", because=LetterTrouble.REFUSED)
    assert road.world.rules(command, by=SYSTEM) == {"already_parked"}


# what its carrier says


def reported(road: Road, *, delivered: bool, at: datetime | None = None) -> ReportDelivery:
    """A carrier's word on the last letter."""
    when = at or road.world.now
    return ReportDelivery(letter=letter(road).id, delivered=delivered, status="word", reported_at=when)


def test_a_letter_that_was_delivered_is_not_thereby_received() -> None:
    road = sent(released(written()))
    road.world.do(reported(road, delivered=True), by=SYSTEM)
    assert letter(road).delivered is True
    assert road.world.case.notices[-1].proved_on is None
    assert road.world.rules(reported(road, delivered=True), by=SYSTEM) == {"already_recorded"}


def test_a_letter_that_came_back_was_not_received_and_is_owed_again() -> None:
    road = sent(released(written()))
    road.world.wait(5)
    road.world.do(reported(road, delivered=False), by=SYSTEM)
    assert road.world.facts(NoticeReturned)[-1].returned_on == road.world.today
    assert road.world.case.notices[-1].received_on is None
    road.prepared(NoticeKind.DECISION, "restriction-1", notice=road.world.case.notices[-1].id)
    sent(released(road))
    assert letter(road).id == "letter-2"
    assert road.world.case.notices[-1].sent_on == road.world.today


def test_proof_of_receipt_beats_what_its_carrier_says() -> None:
    road = sent(released(written()))
    notice = road.world.case.notices[-1].id
    road.world.do(RecordReceipt(notice=notice, received_on=road.world.today, how="reply"))
    road.world.do(reported(road, delivered=False), by=SYSTEM)
    assert road.world.facts(NoticeReturned) == []


def test_a_carriers_clock_that_is_ahead_writes_nothing_of_tomorrow() -> None:
    road = sent(released(written()))
    road.world.do(reported(road, delivered=False, at=road.world.now + timedelta(days=2)), by=SYSTEM)
    assert road.world.facts(NoticeReturned)[-1].returned_on == road.world.today


def test_a_report_that_comes_late_or_twice_takes_nothing_back() -> None:
    road = sent(released(written()))
    went = road.world.now
    road.world.wait(2)
    road.world.do(reported(road, delivered=True, at=went + timedelta(hours=20)), by=SYSTEM)
    older = reported(road, delivered=False, at=went + timedelta(hours=10))
    assert road.world.rules(older, by=SYSTEM) == {"already_recorded"}
    road.world.do(reported(road, delivered=False, at=went + timedelta(hours=30)), by=SYSTEM)
    again = reported(road, delivered=True, at=went + timedelta(hours=20))
    assert road.world.rules(again, by=SYSTEM) == {"already_recorded"}
    assert letter(road).delivered is False


def test_a_carriers_clock_that_is_behind_writes_nothing_of_before_the_letter_went() -> None:
    road = sent(released(written()))
    road.world.do(reported(road, delivered=False, at=road.world.now - timedelta(days=400)), by=SYSTEM)
    assert road.world.facts(DeliveryReported)[-1].reported_at == road.world.now
    assert road.world.facts(NoticeReturned)[-1].returned_on == road.world.today


def test_nothing_is_said_of_a_letter_that_was_not_sent() -> None:
    road = released(written())
    assert road.world.rules(reported(road, delivered=True), by=SYSTEM) == {"not_sent_yet"}
    unknown = ReportDelivery(letter="letter-9", delivered=True, status="word", reported_at=road.world.now)
    assert road.world.rules(unknown, by=SYSTEM) == {"unknown_letter"}


def test_a_letter_across_christmas_counts_from_the_first_working_days_after() -> None:
    road = Road("derby", today=date(2026, 12, 8))
    restriction = road.restricted(told=False)
    road.world.today = date(2026, 12, 24)
    road.prepared(NoticeKind.DECISION, restriction)
    sent(released(road))
    assert road.world.facts(NoticeSent)[-1].deemed_on == date(2026, 12, 30)  # the 28th makes up for Boxing Day
