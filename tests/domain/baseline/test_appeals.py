"""Baseline 11: every decision letter tells how to appeal; nothing is thrown out for being late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import AppealOutcome, NoticeKind, Purpose
from domain.compliance.findings import Verdict
from domain.decisions.appeals import (
    AppointAppealReviewer,
    DecideLateAppeal,
    DetermineAppeal,
    LodgeAppeal,
    SuspendMeasures,
    WithdrawAppeal,
)
from domain.decisions.endings import CloseCase, LiftRestriction
from domain.decisions.notices import RecordReturn, SendNotice
from domain.decisions.people import RecordDeath
from domain.events import AppealDetermined, AppealLodged, AppealWithdrawn, LateAppealDecided, RestrictionOverturned
from domain.owed_letters import letters_owed, letters_to_send
from domain.retention import stops
from tests.domain.saying import refusals
from tests.domain.test_allegations import alleged
from tests.domain.test_compliance import looked_back, one
from tests.domain.test_interim import WAIVED, proposal_on
from tests.domain.test_interim import restricted as under_an_interim
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, staff, words

APPEAL = LodgeAppeal(against="restriction-1", reasons=words())


@pytest.mark.parametrize("landlord", LANDLORDS)
@pytest.mark.parametrize("missing", ["appeal", "ombudsman"])
def test_a_decision_letter_without_the_way_to_appeal_or_the_ombudsman_is_refused(landlord: str, missing: str) -> None:
    road = Road(landlord)
    restriction = road.restricted()
    notice = road.policy.notices[NoticeKind.DECISION]
    signer = (*notice.signed_by, "case_officer")[0]
    whole = SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.BY_HAND,
        contents=road.contents(NoticeKind.DECISION),
        enclosures=tuple(notice.enclosures),
    )
    lacking = whole.model_copy(update={"contents": tuple(c for c in whole.contents if c != missing)})
    assert f"says_{missing}" in refusals(road, lacking, by=signer)
    road.world.do(whole, by=signer)


@pytest.mark.parametrize("landlord", ["citizen", "maidstone", "star", "wolverhampton"])
def test_where_the_policy_gives_no_window_an_appeal_is_in_time_while_the_restriction_is_in_force(landlord: str) -> None:
    road = Road(landlord)
    road.restricted()
    last_day = road.world.today = road.world.case.restrictions[0].ends_on
    road.world.do(APPEAL)
    road.world.today = last_day + timedelta(days=1)
    road.world.do(APPEAL)
    assert [a.in_time for a in road.world.facts(AppealLodged)] == [True, False]


@pytest.mark.parametrize("landlord", ["citizen", "maidstone", "star", "wolverhampton"])
def test_where_the_policy_gives_no_time_for_the_answer_it_is_twenty_working_days(landlord: str) -> None:
    road = Road(landlord)
    road.restricted()  # told on Monday 9 March 2026; Good Friday is 3 April, Easter Monday the 6th
    road.world.do(APPEAL)
    (lodged,) = road.world.facts(AppealLodged)
    assert (lodged.answer_due_on, lodged.acknowledge_by_on) == (date(2026, 4, 8), date(2026, 3, 16))
    assert lodged.decide_late_by_on is None


def test_a_late_appeal_is_acknowledged_and_taken_or_declined_in_five_working_days() -> None:
    road = Road("derby")
    road.restricted()
    road.world.today = date(2026, 4, 30)  # 4 May 2026 is a bank holiday
    road.world.do(APPEAL)
    (lodged,) = road.world.facts(AppealLodged)
    assert (lodged.acknowledge_by_on, lodged.decide_late_by_on) == (date(2026, 5, 8), date(2026, 5, 8))
    assert lodged.answer_due_on is None


def test_derbys_window_is_twenty_working_days_from_receipt_of_the_letter() -> None:
    road = Road("derby")
    road.restricted()  # told on Monday 9 March 2026; Good Friday is 3 April, Easter Monday the 6th
    last_day = date(2026, 4, 8)
    assert road.world.case.notices[-1].appeal_until == last_day
    for day in (last_day, last_day + timedelta(days=1)):
        road.world.today = day
        road.world.do(APPEAL)
    assert [a.in_time for a in road.world.facts(AppealLodged)] == [True, False]
    assert [a.answer_due_on for a in road.world.facts(AppealLodged)] == [date(2026, 5, 7), None]


def test_a_window_has_not_begun_while_the_letter_was_not_received() -> None:
    road = Road("derby")
    road.restricted(told=False)
    road.world.wait(100)
    road.world.do(APPEAL)
    assert [a.in_time for a in road.world.facts(AppealLodged)] == [True]


@pytest.mark.parametrize("accepted", [True, False])
def test_a_late_appeal_is_taken_down_and_then_accepted_or_declined_with_reasons(accepted: bool) -> None:
    road = Road("derby")
    road.restricted()
    road.world.today = date(2026, 4, 20)
    road.world.do(APPEAL)
    appoint = AppointAppealReviewer(appeal="appeal-1", reviewer=staff("executive_team"))
    assert refusals(road, appoint) == {"appeals": "baseline 11"}  # nobody said yet whether it is taken
    late = DecideLateAppeal(appeal="appeal-1", accepted=accepted, reasons=words())
    assert refusals(road, late, by="staff") == {"post_held": "5¶2"}
    road.world.do(late, by="executive_team")
    (decided,) = road.world.facts(LateAppealDecided)
    if accepted:
        assert decided.answer_due_on == date(2026, 5, 19)  # 4 May 2026 is a bank holiday
        road.world.do(appoint)
    else:
        assert decided.answer_due_on is None
        assert road.world.rules(appoint) == {"unknown_appeal"}


def came_late(landlord: str, lodged: date | None = None) -> Road:
    """Derby's window is over by 20 April 2026; elsewhere an appeal is late once the restriction is over."""
    road = Road(landlord)
    road.restricted()
    road.world.today = lodged or road.world.case.restrictions[0].ends_on + timedelta(days=1)
    road.world.do(APPEAL)
    return road


def declined(road: Road) -> None:
    """Whoever hears appeals does not hear this one."""
    heard_by = road.policy.appeal.heard_by
    late = DecideLateAppeal(appeal="appeal-1", accepted=False, reasons=words())
    road.world.do(late, by=heard_by.value[0] if heard_by else "staff")


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_the_customer_is_told_why_a_late_appeal_is_not_heard(landlord: str) -> None:
    road = came_late(landlord)
    bare = SendNotice(
        kind=NoticeKind.APPEAL_OUTCOME, about="appeal-1", method=DeliveryMethod.BY_HAND, contents=("ombudsman",)
    )
    assert "unknown_subject" in road.world.rules(bare)
    road.world.wait(2)
    declined(road)
    [owed] = [one for one in letters_to_send(road.world.case) if one.about == "appeal-1"]
    assert (owed.code, owed.from_on, owed.due_on) == (NoticeKind.APPEAL_OUTCOME, road.world.today, road.world.today)
    road.world.wait(1)
    assert "says_reasons" in road.world.rules(bare)
    asks = "The customer has still to be told of appeal-1, by a letter of kind appeal_outcome."
    assert asks in {violation.asks for violation in road.world.refused(CloseCase())}
    letter = road.letter(NoticeKind.APPEAL_OUTCOME, "appeal-1")
    assert "appeal-1" not in {about for _, about in letters_owed(road.world.case, road.world.today)}
    road.world.do(RecordReturn(notice=letter))
    assert (NoticeKind.APPEAL_OUTCOME, "appeal-1") in letters_owed(road.world.case, road.world.today)


def test_an_appeal_that_is_taken_although_it_was_late_owes_no_letter_before_its_outcome() -> None:
    road = came_late("derby", date(2026, 4, 20))
    road.world.do(DecideLateAppeal(appeal="appeal-1", accepted=True, reasons=words()), by="executive_team")
    assert list(letters_owed(road.world.case, road.world.today)) == []


def test_a_customer_who_died_is_told_no_reasons() -> None:
    road = came_late("derby", date(2026, 4, 20))
    declined(road)
    road.world.do(RecordDeath(died_on=road.world.today))
    assert list(letters_owed(road.world.case, road.world.today)) == []


def test_the_letter_that_an_appeal_came_too_late_tells_nobody_of_the_measures() -> None:
    road = came_late("derby", date(2026, 4, 20))
    declined(road)
    road.world.wait(1)
    before = list(road.world.case.binding_on(road.world.today))
    road.letter(NoticeKind.APPEAL_OUTCOME, "appeal-1")
    assert list(road.world.case.binding_on(road.world.today)) == before


@pytest.mark.parametrize(("landlord", "clause"), [("derby", "5¶2"), ("maidstone", "baseline 11")])
def test_looking_back_asks_for_the_letter_from_the_day_on_which_it_was_declined(landlord: str, clause: str) -> None:
    road = came_late(landlord)
    declined(road)
    found = one(looked_back(road.world), "appeal_outcome_told")
    assert (found.verdict, found.clause, found.about) == (Verdict.OPEN, clause, "appeal-1")
    road.world.wait(1)
    assert one(looked_back(road.world), "appeal_outcome_told").verdict is Verdict.NOT_MET
    road.letter(NoticeKind.APPEAL_OUTCOME, "appeal-1")
    found = one(looked_back(road.world), "appeal_outcome_told")
    assert (found.verdict, found.done_on) == (Verdict.MET, road.world.today)
    assert found.events


def test_records_are_kept_until_the_customer_knows_why_an_appeal_after_the_closing_is_not_heard() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())
    road.letter(NoticeKind.ENDING, restriction)
    road.world.do(CloseCase())
    road.world.wait(90)
    road.world.do(APPEAL)
    declined(road)
    assert [stop.rule for stop in stops(road.world.case, road.world.today)] == ["letter_owed"]
    road.letter(NoticeKind.APPEAL_OUTCOME, "appeal-1")
    assert list(stops(road.world.case, road.world.today)) == []


def test_an_appeal_in_time_needs_nobody_to_accept_it() -> None:
    road = Road("derby")
    road.restricted()
    road.world.do(APPEAL)
    late = DecideLateAppeal(appeal="appeal-1", accepted=False, reasons=words())
    assert road.world.rules(late, by="executive_team") == {"not_late"}


def heard(landlord: str, by: str) -> Road:
    """An appeal is lodged today and given to somebody."""
    road = Road(landlord)
    road.restricted()
    road.world.do(APPEAL)
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff(by)))
    return road


@pytest.mark.parametrize(
    ("landlord", "by"), [("citizen", "board"), ("maidstone", "director_of_finance"), ("wolverhampton", "director")]
)
def test_where_the_policy_is_silent_measures_stay_unless_the_reviewer_lets_them_rest(landlord: str, by: str) -> None:
    road = heard(landlord, by)
    assert list(road.world.case.binding_on(road.world.today))
    road.world.do(SuspendMeasures(appeal="appeal-1", reasons=words()), by=by)
    assert not list(road.world.case.binding_on(road.world.today))
    road.world.wait(3)
    road.world.do(DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.UPHELD, reasons=words()), by=by)
    assert list(road.world.case.binding_on(road.world.today))


def test_where_the_policy_keeps_them_in_force_nobody_lets_them_rest() -> None:
    road = heard("derby", "executive_team")
    rest = SuspendMeasures(appeal="appeal-1", reasons=words())
    assert refusals(road, rest, by="executive_team") == {"in_force_meanwhile": "5¶2"}
    assert list(road.world.case.binding_on(road.world.today))


def test_measures_that_rest_are_in_force_again_when_the_appeal_is_withdrawn() -> None:
    road = heard("maidstone", "director_of_finance")
    road.world.do(SuspendMeasures(appeal="appeal-1", reasons=words()), by="director_of_finance")
    road.world.wait(1)
    road.world.do(WithdrawAppeal(appeal="appeal-1", reasons=words()))
    assert list(road.world.case.binding_on(road.world.today))


def test_nobody_but_the_customer_withdraws_an_appeal() -> None:
    road = heard("derby", "executive_team")
    assert refusals(road, WithdrawAppeal(appeal="appeal-1")) == {"appeals": "baseline 11"}
    before = road.world.case.contacts[0].id
    road.world.wait(3)
    said_before = WithdrawAppeal(appeal="appeal-1", contact=before)
    assert set(refusals(road, said_before)) == {"end_before_start"}
    assert set(refusals(road, WithdrawAppeal(appeal="appeal-1", contact="contact-99"))) == {"unknown_contact"}
    contact = road.contact(purpose=Purpose.APPEAL)
    earlier = WithdrawAppeal(appeal="appeal-1", contact=contact, on=road.world.today - timedelta(days=1))
    assert set(refusals(road, earlier)) == {"end_before_start"}
    road.world.do(WithdrawAppeal(appeal="appeal-1", contact=contact))
    assert [f.contact for f in road.world.facts(AppealWithdrawn)] == [contact]
    assert road.world.case.appeals[0].withdrawn


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_whoever_decided_does_not_take_down_that_the_appeal_against_it_is_over(landlord: str) -> None:
    road = Road(landlord)
    restriction = road.restricted()
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    command = WithdrawAppeal(appeal="appeal-1", reasons=words())
    assert refusals(road, command, by=road.decider()) == {"independence": "baseline 9"}
    road.world.do(command, by="case_officer")  # the named contact, whom the customer would tell


def test_nor_does_whoever_acted_for_a_few_days_what_was_confirmed_then_nor_whoever_is_accused() -> None:
    road, interim = under_an_interim()
    proposal = proposal_on(road, *interim.incidents)
    confirming = road.application(proposal, confirms=interim.id, overrides=WAIVED)
    road.world.do(confirming, by=road.decider())
    road.world.do(LodgeAppeal(against="restriction-2", reasons=words()))
    command = WithdrawAppeal(appeal="appeal-1", reasons=words())
    for decided in ("duty_manager", road.decider()):
        assert refusals(road, command, by=decided) == {"independence": "baseline 9"}
    alleged(road, "case_officer")
    assert refusals(road, command) == {"independence": "baseline 9"}


def test_an_overturned_restriction_is_over_at_once() -> None:
    road = heard("derby", "executive_team")
    road.world.do(
        DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.OVERTURNED, reasons=words()), by="executive_team"
    )
    assert road.world.case.in_force_on(road.world.today) == ()
    assert [f.from_on for f in road.world.facts(RestrictionOverturned)] == [road.world.today]


def test_an_upheld_restriction_stands_and_the_appeal_is_over() -> None:
    road = heard("derby", "executive_team")
    upheld = DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.UPHELD, reasons=words())
    road.world.do(upheld, by="executive_team")
    assert [f.outcome for f in road.world.facts(AppealDetermined)] == [AppealOutcome.UPHELD]
    assert road.world.case.in_force_on(road.world.today)
    assert road.world.rules(upheld, by="executive_team") == {"unknown_appeal"}


def test_varied_names_what_stands_and_nothing_else_does() -> None:
    road = heard("derby", "executive_team")
    varied = DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.VARIED, reasons=words())
    upheld = varied.model_copy(update={"outcome": AppealOutcome.UPHELD, "measures": (road.measure(),)})
    assert road.world.rules(varied, by="executive_team") == {"measures_needed"}
    assert road.world.rules(upheld, by="executive_team") == {"measures_not_needed"}


def test_an_appeal_is_against_something_that_was_decided() -> None:
    road = Road("derby")
    road.restricted()
    assert road.world.rules(APPEAL.model_copy(update={"against": "restriction-2"})) == {"unknown_decision"}
