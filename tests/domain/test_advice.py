"""What a call-handler, a letter-opener or a visitor is told about one contact."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.advice import Advice, AnswerKind, advise, case_cannot_be_read
from domain.case import Case
from domain.codes import Channel, Direction, Purpose
from domain.decisions.appeals import AppointAppealReviewer, LodgeAppeal, SuspendMeasures
from domain.decisions.endings import LiftRestriction
from domain.decisions.notices import RecordReturn, TellByTelephone
from domain.decisions.support import DecideAdjustment, EndAdjustment, RequestAdjustment
from domain.handling import Handling, NotKnown, Question
from tests.domain.world import Road, staff, words
from tests.policies import baseline


def question(road: Road, channel: Channel = Channel.TELEPHONE, **fields: Any) -> Question:
    """An ordinary enquiry of the customer's own, now, unless a field says otherwise."""
    ordinary: dict[str, Any] = {"direction": Direction.INBOUND, "at": road.world.now, "purpose": Purpose.ENQUIRY}
    return Question(channel=channel, **{**ordinary, **fields})


def ask(road: Road, channel: Channel = Channel.TELEPHONE, **fields: Any) -> Advice:
    """The answer to such a question about the one case of this road."""
    return advise([road.world.case], question(road, channel, **fields), baseline(), road.world.now)


def codes(phrases: tuple[Any, ...]) -> list[str]:
    """The codes of phrases, in order."""
    return [p.code for p in phrases]


def letters_only(**changes: Any) -> Road:
    """Derby's customer who may write letters, told today."""
    road = Road("derby")
    road.restricted(road.measure("letter_only", **changes))
    return road


# nobody restricted


def test_a_person_without_a_case_is_taken_as_anybody_is() -> None:
    road = Road("derby")
    for cases in ([], [Case()]):
        answer = advise(cases, question(road), baseline(), road.world.now)
        assert (answer.kind, answer.handling, answer.rests_on) == (AnswerKind.NO_CASE, Handling.TAKE, ())
        assert codes(answer.instructions) == ["take_normally"]


def test_a_case_that_cannot_be_read_is_no_missing_case() -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    asked = Question(direction=Direction.INBOUND, channel=Channel.TELEPHONE, at=now)
    answer = case_cannot_be_read(asked, baseline(), now)
    assert (answer.kind, answer.handling) == (AnswerKind.NOT_KNOWN, Handling.TAKE)
    assert codes(answer.do_not_say) == ["nothing_about_restrictions"]
    assert codes(answer.instructions) == ["take_normally", "ask_the_duty_manager"]
    assert answer.notice_received is NotKnown.NOT_KNOWN
    assert answer.valid_until == now


def test_somebody_who_was_only_warned_is_restricted_in_nothing() -> None:
    road = Road("derby").opened()
    road.warned()
    answer = ask(road, purpose=None)
    assert (answer.kind, answer.handling) == (AnswerKind.ADVICE, Handling.TAKE)
    assert (answer.first_questions, answer.rests_on, answer.notice_received) == ((), (), None)


# where a contact goes


def test_a_call_goes_to_the_channels_left_open_when_the_telephone_is_closed() -> None:
    answer = ask(letters_only())
    assert answer.handling is Handling.REDIRECT
    assert answer.redirect_to is not None
    assert answer.redirect_to.channels == (Channel.LETTER, Channel.OFFICE_VISIT, Channel.THIRD_PARTY)
    assert codes(answer.say) == ["turn_to"]
    assert [(r.code, r.clause, r.restriction, r.reaches) for r in answer.rests_on] == [
        ("letter_only", "Step 2 r2", "restriction-1", True)
    ]


def test_a_letter_is_taken_where_letters_are_open() -> None:
    answer = ask(letters_only(), Channel.LETTER)
    assert (answer.handling, answer.redirect_to) == (Handling.TAKE, None)


def test_somebody_who_speaks_for_the_customer_is_not_sent_away() -> None:
    assert ask(letters_only(), Channel.THIRD_PARTY).handling is Handling.TAKE


def test_whoever_rings_is_put_through_to_the_named_person_and_what_is_written_is_passed_on() -> None:
    road = Road("maidstone")
    road.restricted(road.measure("single_contact"))
    call, letter = ask(road), ask(road, Channel.LETTER)
    assert (call.handling, letter.handling) == (Handling.REDIRECT, Handling.TAKE_AND_PASS_ON)
    assert call.redirect_to is not None
    assert call.redirect_to.staff == (staff("case_officer"),)
    assert codes(letter.say) == ["will_be_passed_on"]


def test_contact_through_somebody_else_names_that_person() -> None:
    road = Road("citizen")
    road.restricted(road.measure("third_party"), extremis_reason=words())
    answer = ask(road, Channel.EMAIL)
    assert answer.handling is Handling.REDIRECT
    assert answer.redirect_to is not None
    assert answer.redirect_to.third_parties == ("person-2",)


def test_an_office_visit_by_appointment_is_arranged_by_the_ways_that_stay_open() -> None:
    road = Road("derby")
    road.restricted(road.measure("appointment_at_office"))
    answer = ask(road, Channel.OFFICE_VISIT)
    assert answer.handling is Handling.REDIRECT
    assert answer.redirect_to is not None
    assert answer.redirect_to.offices == ("main-office",)
    assert Channel.OFFICE_VISIT not in answer.redirect_to.channels
    assert Channel.TELEPHONE in answer.redirect_to.channels
    assert codes(answer.instructions) == ["appointment"]


def test_a_call_about_the_matter_on_which_calls_are_ended_turns_to_writing() -> None:
    road = Road("star")
    road.restricted(road.measure("repeated_calls_ended"))
    answer = ask(road, issue="issue-1")
    assert answer.handling is Handling.REDIRECT
    assert answer.redirect_to is not None
    assert Channel.TELEPHONE not in answer.redirect_to.channels
    assert ask(road, issue="issue-2").handling is Handling.TAKE


def test_a_letter_about_the_closed_matter_is_filed_after_reading_and_says_by_whom_it_is_read() -> None:
    road = Road("citizen")
    road.restricted(road.measure("filed"))
    answer = ask(road, Channel.LETTER, issue="issue-1")
    assert answer.handling is Handling.FILE_AFTER_READING
    assert answer.redirect_to is not None
    assert answer.redirect_to.staff == (staff("case_officer"),)
    assert codes(answer.instructions) == ["read_it_whole"]
    assert ask(road, Channel.LETTER, issue="issue-2").handling is Handling.TAKE


def test_a_call_about_the_closed_matter_is_listened_to() -> None:
    road = Road("citizen")
    road.restricted(road.measure("filed"))
    answer = ask(road, issue="issue-1")
    assert answer.handling is Handling.TAKE
    assert codes(answer.instructions) == ["listen_for_news"]


def test_what_is_not_registered_again_is_taken_all_the_same() -> None:
    road = Road("maidstone")
    road.restricted(road.measure("not_registered"))
    answer = ask(road, Channel.EMAIL, issue="issue-1")
    assert answer.handling is Handling.TAKE
    assert codes(answer.instructions) == ["not_registered"]


def test_an_other_measure_limits_what_its_codes_say() -> None:
    road = Road("derby")
    other = road.measure("witness").model_copy(update={"code": "other", "open": (Channel.EMAIL, Channel.TELEPHONE)})
    road.restricted(other)
    assert ask(road, Channel.LETTER).handling is Handling.REDIRECT
    assert ask(road, Channel.EMAIL).handling is Handling.TAKE


def test_an_other_measure_without_codes_is_advice_and_limits_nothing() -> None:
    road = Road("derby")
    road.restricted(road.measure("witness").model_copy(update={"code": "other"}))
    for channel in Channel:
        answer = ask(road, channel)
        assert (answer.handling, answer.rests_on, answer.first_questions) == (Handling.TAKE, (), ())


def test_a_statement_changes_nothing() -> None:
    road = Road("star")
    road.restricted(road.measure("zero_tolerance"))
    assert {ask(road, channel).handling for channel in Channel} == {Handling.TAKE}


# what is not known yet


def test_with_an_unknown_purpose_the_contact_is_taken_and_the_first_questions_are_asked() -> None:
    answer = ask(letters_only(), purpose=None)
    assert answer.handling is Handling.TAKE
    assert codes(answer.first_questions) == [
        "danger",
        "repair",
        "appeal",
        "adjustment",
        "protected_matter",
        "official",
    ]
    assert codes(answer.instructions) == ["ask_first"]
    assert answer.redirect_to is not None
    assert Channel.LETTER in answer.redirect_to.channels


def test_a_letter_of_unknown_purpose_about_a_closed_matter_is_not_filed() -> None:
    road = Road("citizen")
    road.restricted(road.measure("filed"))
    assert ask(road, Channel.LETTER, purpose=None, issue="issue-1").handling is Handling.TAKE


def test_with_an_unknown_matter_the_question_is_asked_that_decides_it() -> None:
    road = Road("citizen")
    road.restricted(road.measure("filed"))
    answer = ask(road, Channel.LETTER, issue=None)
    assert answer.handling is Handling.TAKE
    assert codes(answer.first_questions) == ["about:issue-1"]
    assert [r.reaches for r in answer.rests_on] == [False]


# what always gets through


def test_a_repair_reported_by_a_closed_channel_is_taken_and_passed_on() -> None:
    answer = ask(letters_only(), purpose=Purpose.REPAIR)
    assert answer.handling is Handling.TAKE_AND_PASS_ON
    assert answer.first_questions == ()


def test_an_emergency_is_taken_by_a_closed_channel_in_the_middle_of_the_night() -> None:
    road = letters_only()
    answer = ask(road, purpose=Purpose.DANGER, at=datetime(2026, 3, 9, 23, 59, tzinfo=UTC))
    assert (answer.handling, answer.redirect_to, answer.say) == (Handling.TAKE, None, ())


def test_a_councillor_who_rings_for_the_customer_is_no_contact_of_the_customer() -> None:
    assert ask(letters_only(), purpose=Purpose.COUNCILLOR).handling is Handling.TAKE


def test_the_exceptions_of_a_measure_open_it_and_no_other() -> None:
    road = letters_only(exceptions=(Purpose.ENQUIRY,))
    assert ask(road).handling is Handling.TAKE
    road.restricted(road.measure("telephone_through_third_party"))
    assert ask(road).handling is Handling.REDIRECT


def test_the_routes_that_are_always_open_stand_in_every_answer() -> None:
    road = letters_only()
    for answer in (ask(road), ask(road, purpose=None), advise([], question(road), baseline(), road.world.now)):
        assert Purpose.DANGER in answer.always_open.any_channel_any_hour
        assert Purpose.APPEAL in answer.always_open.always_received
        assert Purpose.OMBUDSMAN in answer.always_open.not_the_customers_contact


# when


def test_before_the_notice_is_received_the_call_is_taken_and_the_decision_explained() -> None:
    road = Road("derby")
    road.restricted(road.measure("letter_only"), told=False)
    answer = ask(road)
    assert (answer.handling, answer.notice_received) == (Handling.TAKE, False)
    assert codes(answer.say) == ["explain_what_was_decided"]
    assert codes(answer.instructions) == ["record_telling"]
    assert [(r.code, r.told_on) for r in answer.rests_on] == [("letter_only", None)]


def test_once_it_was_explained_by_telephone_it_binds() -> None:
    road = Road("derby")
    restriction = road.restricted(road.measure("letter_only"), told=False)
    road.world.do(TellByTelephone(restriction=restriction, measures=(f"{restriction}.1",)))
    answer = ask(road)
    assert (answer.handling, answer.notice_received) == (Handling.REDIRECT, True)


def test_a_letter_that_came_back_binds_nobody() -> None:
    road = letters_only()
    road.world.do(RecordReturn(notice=road.world.case.notices[-1].id))
    assert (ask(road).handling, ask(road).notice_received) == (Handling.TAKE, False)


def test_a_restriction_is_over_after_its_last_day_whether_or_not_anybody_recorded_it() -> None:
    road = Road("maidstone")
    road.restricted(road.measure("one_channel", open=(Channel.LETTER,)))
    assert road.world.today == date(2026, 3, 9)
    last_minute = datetime(2026, 6, 9, 22, 59, tzinfo=UTC)  # 23:59 in London, where it is summer
    midnight = last_minute + timedelta(minutes=1)
    on_the_last_day, after = ask(road, at=last_minute), ask(road, at=midnight)
    assert (on_the_last_day.handling, on_the_last_day.valid_until) == (Handling.REDIRECT, midnight)
    assert (after.handling, after.rests_on) == (Handling.TAKE, ())


def test_a_lifted_restriction_is_over_from_the_day_of_lifting() -> None:
    road = letters_only()
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=road.decider())
    assert ask(road).handling is Handling.TAKE


def test_measures_that_rest_during_an_appeal_limit_nothing() -> None:
    road = Road("maidstone")
    restriction = road.restricted(road.measure("one_channel", open=(Channel.LETTER,)))
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("director_of_finance")))
    road.world.do(SuspendMeasures(appeal="appeal-1", reasons=words()), by="director_of_finance")
    answer = ask(road)
    assert (answer.handling, answer.notice_received) == (Handling.TAKE, None)


def test_a_question_without_a_time_zone_is_no_question() -> None:
    road = letters_only()
    with pytest.raises(ValueError, match="zone"):
        ask(road, at=datetime(2026, 3, 9, 12))  # noqa: DTZ001 - that is the point


def test_the_answer_holds_until_the_next_midnight_in_london() -> None:
    road = letters_only()
    answer = ask(road)
    assert answer.as_of == road.world.now
    assert answer.valid_until == datetime(2026, 3, 10, tzinfo=UTC)


# the landlord's own contact


@pytest.mark.parametrize("channel", Channel)
def test_the_landlord_may_always_get_in_touch(channel: Channel) -> None:
    answer = ask(letters_only(), channel, direction=Direction.OUTBOUND, purpose=None)
    assert (answer.handling, answer.first_questions, answer.redirect_to) == (Handling.TAKE, (), None)


def test_a_visit_brings_a_witness_where_one_was_decided() -> None:
    road = Road("derby")
    road.restricted(road.measure("witness"))
    visit = ask(road, Channel.HOME_VISIT, direction=Direction.OUTBOUND)
    call = ask(road, direction=Direction.OUTBOUND)
    assert (codes(visit.instructions), codes(call.instructions)) == (["witness"], [])


def test_a_call_back_falls_to_the_named_person_at_the_agreed_times() -> None:
    road = Road("derby")
    road.restricted(road.measure("single_contact"))
    answer = ask(road, direction=Direction.OUTBOUND)
    assert codes(answer.instructions) == ["named_contact", "agreed_times"]


# what travels with every answer


def test_adjustments_in_force_travel_sealed_with_every_answer_emergencies_included() -> None:
    road = Road("derby").opened()
    road.world.do(RequestAdjustment(kind="other", needs=words()))
    road.world.do(
        DecideAdjustment(
            adjustment="adjustment-1", agreed=True, reason=words(), instruction=(instruction := words("Speak slowly."))
        )
    )
    for purpose in (Purpose.DANGER, Purpose.ENQUIRY, None):
        answer = ask(road, purpose=purpose)
        assert answer.adjustments is not NotKnown.NOT_KNOWN
        (given,) = answer.adjustments
        assert (given.adjustment, given.kind) == ("adjustment-1", "other")
        assert given.instruction is instruction
        assert codes(answer.do_not_say) == ["not_why"]
    road.world.do(EndAdjustment(adjustment="adjustment-1", reason=words()))
    road.world.wait(1)
    assert ask(road).adjustments == ()


def test_nobody_but_the_customer_hears_of_a_restriction() -> None:
    assert codes(ask(letters_only()).do_not_say) == ["only_to_the_customer"]


# allowances


def one_a_month() -> Road:
    """Citizen's customer with one contact a month, on the day after being told: 10 March 2026."""
    road = Road("citizen")
    road.restricted(road.measure("once_a_month"))
    road.world.wait(1)
    return road


def test_an_unused_allowance_lets_a_contact_in() -> None:
    answer = ask(one_a_month())
    assert (answer.handling, answer.allowance_left, answer.period) == (Handling.TAKE, 1, "1 month")


def test_a_used_allowance_says_from_when_the_next_contact_is_possible() -> None:
    road = one_a_month()
    road.contact()
    road.world.wait(1)
    answer = ask(road, Channel.EMAIL)
    assert (answer.handling, answer.allowance_left) == (Handling.REDIRECT, 0)
    assert answer.redirect_to is not None
    assert answer.redirect_to.from_on == date(2026, 4, 10)
    assert codes(answer.say) == ["turn_to", "allowance_used"]
    assert "10.04.2026" in answer.say[1].words
    road.world.today = date(2026, 4, 10)
    assert ask(road, Channel.EMAIL).handling is Handling.TAKE


def test_emergencies_calls_not_answered_and_contact_of_the_landlords_own_use_up_nothing() -> None:
    road = one_a_month()
    road.contact(purpose=Purpose.EMERGENCY_REPAIR)
    road.contact(purpose=Purpose.NEW_COMPLAINT)
    road.contact(purpose=None)
    road.contact(completed=False)
    road.contact(direction=Direction.OUTBOUND, customer_initiated=False)
    assert ask(road).allowance_left == 1


def test_what_the_measure_itself_lets_through_uses_up_nothing() -> None:
    road = Road("citizen")
    road.restricted(road.measure("once_a_month", exceptions=(Purpose.ENQUIRY,)))
    road.world.wait(1)
    road.contact()
    assert ask(road).allowance_left == 1


def test_contact_before_the_customer_knew_of_the_limit_uses_up_nothing() -> None:
    road = Road("citizen")
    restriction = road.restricted(road.measure("once_a_month"), told=False)
    road.world.wait(1)
    road.contact()
    road.told(restriction)
    assert ask(road).allowance_left == 1


def test_only_calls_use_up_an_allowance_of_calls() -> None:
    road = Road("maidstone")
    road.restricted(road.measure("call_count"))  # two a week
    road.world.wait(1)
    road.contact(channel=Channel.EMAIL)
    road.contact()
    assert ask(road).allowance_left == 1
    road.contact()
    call = ask(road)
    assert (call.handling, ask(road, Channel.EMAIL).handling) == (Handling.REDIRECT, Handling.TAKE)
    assert call.redirect_to is not None
    assert Channel.TELEPHONE not in call.redirect_to.channels


def test_a_limit_on_the_length_of_calls_is_said_at_their_beginning() -> None:
    road = Road("maidstone")
    road.restricted(road.measure("call_minutes"))
    answer = ask(road)
    assert (answer.handling, codes(answer.instructions)) == (Handling.TAKE, ["call_minutes"])
    assert "15 minutes" in answer.instructions[0].words


# several at once


def test_what_is_in_force_in_several_cases_of_a_person_unites() -> None:
    letters, witness = letters_only(), Road("derby")
    witness.restricted(witness.measure("witness"))
    cases = [letters.world.case, witness.world.case]
    answer = advise(cases, question(letters, Channel.MEETING), baseline(), letters.world.now)
    assert [r.code for r in answer.rests_on] == ["letter_only", "witness"]
    assert codes(answer.instructions) == ["witness"]
    call = advise(cases, question(letters), baseline(), letters.world.now)
    assert call.handling is Handling.REDIRECT


def test_a_closed_channel_goes_before_filing_so_that_nobody_is_filed_without_knowing_where_to_turn() -> None:
    road = Road("maidstone")
    road.restricted(road.measure("filed"), road.measure("one_channel", open=(Channel.EMAIL,)), channels_usable="yes")
    by_letter = ask(road, Channel.LETTER, issue="issue-1")
    by_mail = ask(road, Channel.EMAIL, issue="issue-1")
    assert (by_letter.handling, by_mail.handling) == (Handling.REDIRECT, Handling.FILE_AFTER_READING)


def test_measures_that_together_leave_nowhere_to_go_close_nothing() -> None:
    by_letter, by_mail = Road("maidstone"), Road("maidstone")
    by_letter.restricted(by_letter.measure("one_channel", open=(Channel.LETTER,)))
    by_mail.restricted(by_mail.measure("one_channel", open=(Channel.EMAIL,)))
    cases = [by_letter.world.case, by_mail.world.case]
    for channel in Channel:
        answer = advise(cases, question(by_letter, channel), baseline(), by_letter.world.now)
        assert answer.handling in (Handling.TAKE, Handling.TAKE_AND_PASS_ON)
