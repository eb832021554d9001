"""The interim restriction: for days, by the duty manager, for safety; confirmed with every check, or over."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import DeliveryMethod
from domain.case_parts import Restriction
from domain.codes import (
    Answer,
    AppealOutcome,
    CaseId,
    Channel,
    EndKind,
    Mitigation,
    NoticeKind,
    Purpose,
    ReviewOutcome,
)
from domain.decisions import CaseCommand, Refused
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.breaches import RecordBreach
from domain.decisions.changes import EaseRestriction, VaryRestriction
from domain.decisions.endings import LiftRestriction, RecordEnd, WithdrawAsWrong
from domain.decisions.interim import ApplyInterim
from domain.decisions.judgement import OverrideRequest
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import NotifyEnding, PlaceAlert, TellByTelephone
from domain.decisions.proposals import DeclineRestriction
from domain.decisions.reviews import CompleteReview
from domain.decisions.support import ConsiderMitigation
from domain.events import BreachRecorded, InterimRestrictionApplied, ReviewCompleted
from tests.domain.world import Road, override, staff, words

LANDLORDS = ("citizen", "derby", "maidstone", "star", "wolverhampton")
SATURDAY = date(2026, 3, 7)
FRIDAY = date(2026, 3, 13)  # the fifth working day after that Saturday


def interim(road: Road, *incidents: str, measures: Sequence[MeasureRequest] = (), **changes: Any) -> ApplyInterim:
    """The command of a duty manager on a Saturday night, on a new incident when none is given."""
    fields: dict[str, Any] = {
        "incidents": incidents or (road.incident(),),
        "measures": tuple(measures) or (road.measure(),),
        "behaviour": words(),
        "safety_reason": words(),
        "channels_usable": Answer.NOT_KNOWN,
    }
    return ApplyInterim(**{**fields, **changes})


def restricted(landlord: str = "wolverhampton", **changes: Any) -> tuple[Road, Restriction]:
    """A customer under an interim restriction since Saturday 7 March 2026."""
    road = Road(landlord, today=SATURDAY).opened()
    road.world.do(interim(road, **changes), by="duty_manager")
    return road, road.world.case.restrictions[-1]


def current(road: Road, restriction: Restriction) -> Restriction:
    found = road.world.case.restriction(restriction.id)
    assert found is not None
    return found


def proposal_on(road: Road, *incidents: str) -> str:
    """Everything before the decision as the policy wants it; the warning alone is waived or overridden."""
    road.circumstances()
    proposal = road.proposed(*incidents)
    road.confirmed(proposal)
    return proposal


WAIVED = (OverrideRequest(rule="warning_first", reason=words()),)


# applying


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_the_duty_manager_limits_contact_at_once_without_warning_check_or_panel(landlord: str) -> None:
    road, restriction = restricted(landlord)
    assert restriction.interim
    assert restriction.in_force_on(SATURDAY)
    assert restriction.decided_by == staff("duty_manager")
    assert "baseline 13" in road.world.history[-1].clauses


def test_nobody_but_the_duty_manager_applies_one_not_even_who_decides_under_the_policy() -> None:
    road = Road("wolverhampton").opened()
    command = interim(road)
    for somebody in (road.decider(), "case_officer", "senior_management"):
        assert road.world.rules(command, by=somebody) == {"post_held"}


def test_it_ends_after_five_working_days_and_sooner_if_asked() -> None:
    assert restricted()[1].ends_on == FRIDAY
    assert restricted(ends_on=date(2026, 3, 9))[1].ends_on == date(2026, 3, 9)
    road = Road("wolverhampton", today=SATURDAY).opened()
    longer = interim(road, ends_on=FRIDAY + timedelta(days=1))
    (refusal,) = road.world.refused(longer, by="duty_manager")
    assert (refusal.rule, refusal.clause, refusal.field) == ("urgent", "baseline 13", "ends_on")
    yesterday = interim(road, ends_on=date(2026, 3, 6))
    assert road.world.rules(yesterday, by="duty_manager") == {"end_before_start"}


def test_bank_holidays_do_not_shorten_it() -> None:
    road = Road("derby", today=date(2026, 4, 2)).opened()  # the Thursday before Easter
    road.world.do(interim(road), by="duty_manager")
    assert road.world.case.restrictions[-1].ends_on == date(2026, 4, 13)


def test_it_is_over_the_day_after_its_end_whoever_forgot() -> None:
    road, restriction = restricted()
    assert current(road, restriction).in_force_on(FRIDAY)
    assert not current(road, restriction).in_force_on(FRIDAY + timedelta(days=1))
    road.world.today = FRIDAY + timedelta(days=3)
    road.world.do(RecordEnd(restriction=restriction.id))
    assert current(road, restriction).end_kind is EndKind.REACHED_ITS_DATE


def test_it_rests_on_logged_conduct_of_the_customer_themselves() -> None:
    road = Road("wolverhampton").opened()
    assert "unknown_incident" in road.world.rules(interim(road, "incident-9"), by="duty_manager")
    others = road.incident(conduct_of="person-2")
    assert road.world.rules(interim(road, others), by="duty_manager") == {"one_person_one_decision"}


@pytest.mark.parametrize("code", ["filed", "contact_limits", "conduct_agreement"])
def test_what_keeps_nobody_safe_is_no_interim_measure(code: str) -> None:
    road = Road("wolverhampton").opened()
    command = interim(road, measures=[road.measure(code)])
    assert "urgent" in road.world.rules(command, by="duty_manager")


def test_not_known_whether_the_customer_can_use_what_remains_is_allowed_here_alone_and_no_is_not() -> None:
    road = Road("wolverhampton").opened()
    refusing = interim(road, channels_usable=Answer.NO)
    assert road.world.rules(refusing, by="duty_manager") == {"a_usable_channel_stays_open"}
    proposal = road.ready()
    decision = road.application(proposal, channels_usable=Answer.NOT_KNOWN)
    assert "a_usable_channel_stays_open" in road.world.rules(decision, by=road.decider())


def test_a_usable_channel_stays_open_even_in_an_emergency() -> None:
    road = Road("wolverhampton").opened()
    alone = interim(road, measures=[road.measure("through_somebody")])
    assert road.world.rules(alone, by="duty_manager") == {"a_usable_channel_stays_open"}
    road.world.do(alone.model_copy(update={"extremis_reason": words()}), by="duty_manager")


def test_a_decision_still_in_force_leaves_no_room_to_close_what_it_left_open() -> None:
    road = Road("wolverhampton")
    road.restricted(road.measure("one_channel", open=(Channel.LETTER,)))
    command = interim(road, measures=[road.measure("one_channel", open=(Channel.TELEPHONE,))])
    assert road.world.rules(command, by="duty_manager") == {"a_usable_channel_stays_open"}


# never twice


def test_there_is_no_second_one_for_the_same_incident_or_while_one_is_in_force() -> None:
    road, first = restricted()
    again = interim(road, *first.incidents)
    assert road.world.rules(again, by="duty_manager") == {"urgent"}
    assert road.world.rules(interim(road), by="duty_manager") == {"urgent"}


def test_one_that_ended_unconfirmed_is_followed_by_none_until_the_decider_has_decided() -> None:
    road, first = restricted()
    road.world.today = FRIDAY + timedelta(days=10)
    following = interim(road)
    assert road.world.rules(following, by="duty_manager") == {"urgent"}
    proposal = road.proposed(*first.incidents)
    road.world.do(DeclineRestriction(proposal=proposal, reasons=words()), by=road.decider())
    assert road.world.rules(interim(road, *first.incidents), by="duty_manager") == {"urgent"}
    road.world.do(following, by="duty_manager")


def test_records_that_were_merged_are_one_person_who_gets_one_and_no_second() -> None:
    merged, first = restricted()
    road = Road("wolverhampton", today=SATURDAY).opened()
    road.world.others = (replace(merged.world.case, id=CaseId("case-merged")),)
    following = interim(road)
    [refusal] = road.world.refused(following, by="duty_manager")
    assert (refusal.rule, refusal.asks.partition(" is in force")[0]) == ("urgent", f"{first.id} of case case-merged")
    road.world.today = FRIDAY + timedelta(days=10)
    assert road.world.rules(following, by="duty_manager") == {"urgent"}
    road.world.others = (replace(road.world.others[0], stage="closed"),)
    assert road.world.rules(following, by="duty_manager") == {"urgent"}  # for what happened before it was over
    road.world.do(interim(road), by="duty_manager")  # what happens after the case was closed is another course


def test_lifting_one_is_no_way_to_begin_its_days_anew() -> None:
    road, first = restricted()
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction=first.id, reasons=words()), by="duty_manager")
    assert road.world.rules(interim(road), by="duty_manager") == {"urgent"}


# telling


def test_it_binds_from_the_conversation_in_which_it_was_told_and_the_letter_follows() -> None:
    road, restriction = restricted()
    measure = restriction.sets[0].measures[0].id
    early = road.contact(purpose=Purpose.ENQUIRY)
    breach = RecordBreach(contact=early, restriction=restriction.id, measure=measure, account=words())
    assert "notice_before_breach" in road.world.rules(breach)
    road.world.do(TellByTelephone(restriction=restriction.id, measures=(measure,)), by="duty_manager")
    same_day = breach.model_copy(update={"contact": road.contact(purpose=Purpose.ENQUIRY)})
    (refused,) = [v for v in road.world.refused(same_day) if v.rule == "notice_before_breach"]
    assert f"was told of {measure} on {road.world.today}, the day of the contact" in refused.asks
    assert "from the next day on" in refused.asks
    road.world.wait(1)
    contact = road.contact(purpose=Purpose.ENQUIRY)
    road.world.do(RecordBreach(contact=contact, restriction=restriction.id, measure=measure, account=words()))
    assert [b.contact for b in road.world.facts(BreachRecorded)] == [contact]
    road.world.wait(1)
    letter = road.letter(NoticeKind.DECISION, restriction.id, by="duty_manager")
    assert road.world.case.notice(letter) is not None


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_the_duty_manager_signs_and_sends_its_letter_which_says_all_that_a_decision_letter_says(landlord: str) -> None:
    road, restriction = restricted(landlord)
    road.letter(NoticeKind.DECISION, restriction.id, by="duty_manager", method=DeliveryMethod.EMAIL)
    assert road.world.case.received_on(restriction.id, NoticeKind.DECISION) is not None


# the review at the first opportunity


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_it_is_looked_at_on_the_next_working_day(landlord: str) -> None:
    _, restriction = restricted(landlord)
    assert [(s.due_on, s.opens_on) for s in restriction.schedule] == [(date(2026, 3, 9), SATURDAY)]


def test_where_the_policy_names_nobody_the_look_is_the_deciders() -> None:
    road, restriction = restricted("derby")
    (first,) = restriction.schedule
    assert (first.cadence, first.by, first.clause) == ("baseline", ("head_of_service",), "baseline 13")
    road.world.wait(2)
    command = CompleteReview(
        restriction=restriction.id, cadence="baseline", outcome=ReviewOutcome.UNCHANGED, assessment=words()
    )
    road.world.do(command, by="head_of_service")
    assert [r.due_on for r in road.world.facts(ReviewCompleted)] == [date(2026, 3, 9)]
    assert current(road, restriction).pending_reviews() == ()


def test_the_look_comes_on_the_last_day_of_one_that_is_over_before_the_next_working_day() -> None:
    _, restriction = restricted(ends_on=date(2026, 3, 8))
    assert [s.due_on for s in restriction.schedule] == [date(2026, 3, 8)]


def test_a_review_does_not_make_it_longer_and_can_end_it() -> None:
    road, restriction = restricted("derby")
    road.world.wait(2)
    longer = CompleteReview(
        restriction=restriction.id, cadence="baseline", outcome=ReviewOutcome.EXTENDED, assessment=words()
    )
    assert "urgent" in road.world.rules(longer, by="head_of_service")
    road.world.do(longer.model_copy(update={"outcome": ReviewOutcome.LIFTED}), by="duty_manager")
    assert current(road, restriction).end_kind is EndKind.LIFTED


# what can and cannot become of it


def test_nobody_extends_it() -> None:
    road, restriction = restricted()
    command = road.extension(restriction.id, FRIDAY + timedelta(days=30))
    assert "urgent" in road.world.rules(command, by=road.decider())


def test_it_is_not_varied_to_more() -> None:
    road, restriction = restricted()
    more = VaryRestriction(
        restriction=restriction.id,
        measures=(road.measure(), road.measure("witness")),
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
        incidents=restriction.incidents,
    )
    for somebody in (road.decider(), "duty_manager"):
        assert "urgent" in road.world.rules(more, by=somebody)


def test_whoever_applied_it_or_decides_under_the_policy_may_ease_or_lift_it_and_nobody_else() -> None:
    road = Road("wolverhampton", today=SATURDAY).opened()
    road.world.do(interim(road, measures=[road.measure(), road.measure("witness")]), by="duty_manager")
    (restriction,) = road.world.case.restrictions
    ease = EaseRestriction(restriction=restriction.id, keep=(f"{restriction.id}.1",), reasons=words())
    assert "post_held" in road.world.rules(ease, by="case_officer")
    road.world.do(ease, by="duty_manager")
    assert [m.id for m in current(road, restriction).measures_on(SATURDAY)] == [f"{restriction.id}.1"]
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction=restriction.id, reasons=words()), by=road.decider())
    assert current(road, restriction).end_kind is EndKind.LIFTED


def test_it_can_be_found_to_be_wrong() -> None:
    road, restriction = restricted()
    road.world.do(WithdrawAsWrong(restriction=restriction.id, reasons=words()), by="duty_manager")
    assert current(road, restriction).end_kind is EndKind.WITHDRAWN_AS_WRONG


@pytest.mark.parametrize("outcome", list(AppealOutcome))
def test_an_appeal_can_overturn_or_lessen_it_and_never_moves_its_end(outcome: AppealOutcome) -> None:
    road, restriction = restricted(measures=())
    road.world.wait(2)
    road.world.do(LodgeAppeal(against=restriction.id, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("director")))
    measures = (road.measure(),) if outcome is AppealOutcome.VARIED else ()
    command = DetermineAppeal(appeal="appeal-1", outcome=outcome, reasons=words(), measures=measures)
    road.world.do(command, by="director")
    found = current(road, restriction)
    assert found.ends_on == FRIDAY
    assert found.in_force_on(road.world.today) == (outcome is not AppealOutcome.OVERTURNED)


def test_the_duty_manager_who_applied_it_does_not_hear_the_appeal() -> None:
    road, restriction = restricted()
    road.world.appoint(staff("duty_manager"), "director")
    road.world.do(LodgeAppeal(against=restriction.id, reasons=words()))
    command = AppointAppealReviewer(appeal="appeal-1", reviewer=staff("duty_manager"))
    assert "independence" in road.world.rules(command)


# confirming


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_the_decider_confirms_it_with_every_check_and_from_then_on_it_is_over(landlord: str) -> None:
    road, restriction = restricted(landlord)
    road.world.wait(3)
    proposal = proposal_on(road, *restriction.incidents)
    extreme = road.policy.warning.waived_when is not None
    command = road.application(
        proposal,
        confirms=restriction.id,
        extreme_reason=words() if extreme else None,
        overrides=() if extreme else WAIVED,
    )
    road.world.do(command, by=road.decider())
    ended, decided = current(road, restriction), road.world.case.restrictions[-1]
    assert (ended.end_kind, ended.last_day()) == (EndKind.CONFIRMED, road.world.today - timedelta(days=1))
    assert (decided.confirms, decided.interim) == (restriction.id, False)
    assert road.world.case.in_force_on(road.world.today) == (decided,)
    assert decided.ends_on > FRIDAY


def test_confirming_asks_for_everything_that_any_decision_asks_for() -> None:
    road, restriction = restricted("star")
    proposal = road.proposed(*restriction.incidents)
    command = road.application(proposal, confirms=restriction.id)
    asked = road.world.rules(command, by=road.decider())
    assert asked >= {"warning_first", "check_investigated", "check_nothing_new"}
    assert "post_held" in road.world.rules(command, by="duty_manager")


def test_what_was_considered_before_the_interim_restriction_still_counts_for_its_confirmation() -> None:
    road = Road("wolverhampton", today=SATURDAY).opened()
    incident = road.incident()
    road.world.do(ConsiderMitigation(considered=(Mitigation.NONE_KNOWN,), conclusion=words()))
    road.world.do(interim(road, incident), by="duty_manager")
    road.world.wait(2)
    proposal = road.proposed(incident)
    road.confirmed(proposal)
    confirming = road.application(proposal, confirms="restriction-1", overrides=(override("warning_first"),))
    road.world.do(confirming, by=road.decider())


def test_only_an_interim_restriction_in_force_that_rests_on_the_same_incident_is_confirmed() -> None:
    road, restriction = restricted()
    proposal = proposal_on(road, road.incident())
    other = road.application(proposal, confirms=restriction.id, overrides=WAIVED)
    assert road.world.rules(other, by=road.decider()) == {"urgent"}
    unknown = other.model_copy(update={"confirms": "restriction-9"})
    assert road.world.rules(unknown, by=road.decider()) == {"unknown_restriction"}
    same = proposal_on(road, *restriction.incidents)
    before = road.application(same, confirms=restriction.id, overrides=WAIVED, on=SATURDAY - timedelta(days=1))
    assert "end_before_start" in road.world.rules(before, by=road.decider())
    road.world.today = FRIDAY + timedelta(days=1)
    late = road.application(same, confirms=restriction.id, overrides=WAIVED)
    assert road.world.rules(late, by=road.decider()) == {"urgent"}


def test_a_restriction_that_is_not_interim_is_confirmed_by_nothing() -> None:
    road = Road("wolverhampton")
    standing = road.restricted()
    road.world.wait(1)
    proposal = proposal_on(road, road.incident())
    command = road.application(proposal, confirms=standing)
    assert "unknown_restriction" in road.world.rules(command, by=road.decider())


def test_measures_that_take_the_place_of_others_are_not_counted_twice() -> None:
    road = Road("wolverhampton", today=SATURDAY).opened()
    incident = road.incident()
    by_letter = road.measure("one_channel", open=(Channel.LETTER,))
    road.world.do(interim(road, incident, measures=[by_letter]), by="duty_manager")
    proposal = proposal_on(road, incident)
    by_phone = road.measure("one_channel", open=(Channel.TELEPHONE,))
    beside = road.application(proposal, by_phone, overrides=WAIVED)
    assert "a_usable_channel_stays_open" in road.world.rules(beside, by=road.decider())
    road.world.do(beside.model_copy(update={"confirms": "restriction-1"}), by=road.decider())


def test_after_a_confirmation_a_new_incident_can_lead_to_another() -> None:
    road, restriction = restricted()
    proposal = proposal_on(road, *restriction.incidents)
    road.world.do(road.application(proposal, confirms=restriction.id, overrides=WAIVED), by=road.decider())
    road.world.wait(20)
    assert road.world.rules(interim(road, *restriction.incidents), by="duty_manager") == {"urgent"}
    road.world.do(interim(road), by="duty_manager")
    assert len(road.world.facts(InterimRestrictionApplied)) == 2


def test_an_alert_that_was_placed_for_one_that_ended_has_to_come_off() -> None:
    road, restriction = restricted()
    road.world.do(PlaceAlert(restriction=restriction.id, alert="housing_system"))
    road.world.today = FRIDAY + timedelta(days=1)
    owed = current(road, restriction).still_told(road.world.today)
    assert [t.key for t in owed] == ["alert:housing_system"]
    assert road.world.rules(NotifyEnding(restriction=restriction.id, audience="relevant_staff")) == {"not_owed"}


# whatever is tried


def _tried(road: Road, what: str, by: str) -> None:
    """One thing that somebody might try with the last restriction; refused or not."""
    last = road.world.case.restrictions[-1]
    incident, ends_on = road.world.case.incidents[-1].id, road.world.today + timedelta(days=40)
    measure = (road.measure(), road.measure("witness"))
    review = CompleteReview(
        restriction=last.id, cadence="after_event", outcome=ReviewOutcome.EXTENDED, assessment=words()
    )
    match what:
        case "again":
            command: CaseCommand = interim(road)
        case "renew":
            command = interim(road, incident, ends_on=ends_on)
        case "extend":
            command = road.extension(last.id, ends_on)
        case "vary":
            command = VaryRestriction(
                restriction=last.id,
                measures=measure,
                reasons=words(),
                proportionality=words(),
                channels_usable=Answer.YES,
                incidents=(incident,),
            )
        case "review":
            command = review
        case "lift":
            command = LiftRestriction(restriction=last.id, reasons=words())
        case "decline":
            command = DeclineRestriction(proposal=road.proposed(incident), reasons=words())
        case _:
            proposal = proposal_on(road, incident)
            command = road.application(proposal, confirms=last.id, overrides=WAIVED)
    with suppress(Refused):
        road.world.do(command, by=by)


TRIED = ("again", "renew", "extend", "vary", "review", "lift", "decline", "confirm")
BY = ("duty_manager", "head_of_customer_experience", "senior_management")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(TRIED), st.sampled_from(BY), st.integers(0, 4)), max_size=12))
def test_nobody_by_any_road_makes_days_into_a_term_or_begins_them_anew(steps: list[tuple[str, str, int]]) -> None:
    road, _ = restricted()
    for what, by, days in steps:
        _tried(road, what, by)
        road.world.wait(days)

    case = road.world.case
    short = [r for r in case.restrictions if r.interim]
    for earlier, later in pairwise(short):
        assert not set(earlier.incidents) & set(later.incidents)
        assert earlier.over_on(later.starts_on)
        decided = [p.decided_on for p in case.proposals if p.outcome in ("applied", "declined") and p.decided_on]
        assert any(earlier.decided_on <= day <= later.decided_on for day in decided)
    for one in short:
        weekdays = [d for n in range(1, 30) if (d := one.decided_on + timedelta(days=n)).weekday() < 5]
        assert one.ends_on <= weekdays[4] + timedelta(days=4)  # the Easter of that year, over its weekend
        assert len(one.terms) == 1
        assert all(m.code == "single_contact" for stood in one.sets for m in stood.measures)
