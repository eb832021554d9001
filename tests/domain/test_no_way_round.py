"""Ways round the baseline that were tried: each a sequence of commands that would leave somebody treated unfairly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.codes import Answer, AppealOutcome, Channel, EndKind, NoticeKind, Purpose, ReviewOutcome, Triage
from domain.decisions import Refused, decide
from domain.decisions.allegations import ConcludeCounterAllegation, RecordCounterAllegation
from domain.decisions.appeals import (
    AppointAppealReviewer,
    DecideLateAppeal,
    DetermineAppeal,
    LodgeAppeal,
    SuspendMeasures,
    WithdrawAppeal,
)
from domain.decisions.breaches import RecordBreach
from domain.decisions.changes import VaryRestriction
from domain.decisions.corrections import MoveEntry
from domain.decisions.endings import CloseCase, LiftRestriction
from domain.decisions.filing import TriageFiledItem
from domain.decisions.intake import RecordIncident
from domain.decisions.merging import SettleMergeConflict
from domain.decisions.notices import RecordReceipt, RecordReturn, SendNotice
from domain.decisions.people import ReassignCase, RecordDeath, WithdrawDeath
from domain.decisions.proposals import ConfirmCheck, DeclineRestriction
from domain.decisions.retention import ErasePerson
from domain.decisions.reviews import CompleteReview
from domain.decisions.rights import ReceiveRightsRequest
from domain.obligations import open_obligations
from tests.domain.saying import refusals
from tests.domain.test_allegations import alleged
from tests.domain.test_corrections import the_right_case
from tests.domain.test_interim import WAIVED, interim, proposal_on
from tests.domain.test_interim import restricted as under_an_interim
from tests.domain.test_merging import merge, record
from tests.domain.world import Road, World, staff, words

BY_LETTER = (Channel.LETTER,)
BY_EMAIL = (Channel.EMAIL,)


def moving(road: Road, entry: str) -> tuple[MoveEntry, World]:
    """The command that moves an entry to somebody else's case, and that case."""
    right = the_right_case()
    right.today = road.world.today
    return MoveEntry(entry=entry, other_case=right.case.id, reason=words()), right


def moved(road: Road, incident: str) -> None:
    """An incident turns out to be somebody else's."""
    command, right = moving(road, incident)
    road.world.do(command, beside=right)


# What somebody else did


def test_nothing_rests_on_an_incident_that_was_moved_to_another_person() -> None:
    road = Road("wolverhampton").opened()
    incident = road.incident()
    moved(road, incident)
    for attempt in (road.warned, road.proposed):
        with pytest.raises(Refused, match="entry_moved"):
            attempt(incident)
    assert "entry_moved" in road.world.rules(interim(road, incident), by="duty_manager")


def test_an_extension_that_rests_on_an_entry_is_undone_before_it_is_moved() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    road.world.wait(3)
    incident = road.incident()
    longer = road.world.case.restrictions[0].ends_on + timedelta(days=60)
    road.world.do(road.extension(restriction, longer, incidents=(incident,)), by=road.decider())
    command, right = moving(road, incident)
    assert road.world.rules(command, beside=right) == {"rests_on_it"}
    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())
    moved(road, incident)


def test_a_stricter_measure_that_rests_on_an_entry_is_varied_back_before_it_is_moved() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(road.measure("one_channel", open=BY_EMAIL))
    road.world.wait(3)
    incident = road.incident()
    road.circumstances()
    stricter = VaryRestriction(
        restriction=restriction,
        measures=(road.measure("one_channel", open=BY_LETTER),),
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
        incidents=(incident,),
    )
    road.world.do(stricter, by=road.decider())
    command, right = moving(road, incident)
    assert road.world.rules(command, beside=right) == {"rests_on_it"}
    earlier = road.world.case.restrictions[0].incidents
    back = {"measures": (road.measure("one_channel", open=BY_EMAIL),), "incidents": earlier}
    road.circumstances()
    road.world.wait(1)
    road.circumstances()
    road.world.do(stricter.model_copy(update=back), by=road.decider())
    moved(road, incident)


def test_a_warning_that_went_again_after_it_came_back_stands_by_its_latest_letter() -> None:
    road = Road("wolverhampton").opened()
    warning = road.warned()
    road.world.wait(1)
    road.world.do(RecordReturn(notice="notice-1"))
    road.world.wait(300)
    road.letter(NoticeKind.WARNING, warning)
    road.world.wait(100)  # the first letter's year is over, the second's is not
    command, right = moving(road, road.world.case.warnings[0].incidents[0])
    assert road.world.rules(command, beside=right) == {"rests_on_it"}


def test_a_warning_whose_letter_is_proved_later_supports_nothing_once_its_incident_was_moved() -> None:
    road = Road("wolverhampton").opened()
    warning = road.warned()
    road.world.wait(400)  # it lapsed
    moved(road, road.world.case.warnings[0].incidents[0])
    received_on = road.world.today - timedelta(days=1)
    road.world.do(RecordReceipt(notice="notice-1", received_on=received_on, how="signature"))
    assert not [w for w, _ in road.world.case.standing_warnings(road.world.today) if w.id == warning]


def test_one_warning_that_went_twice_is_one_warning() -> None:
    road = Road("citizen")
    proposal = road.ready()
    road.letter(NoticeKind.WARNING, "warning-1")
    warning = road.policy.warning
    assert warning.at_least is not None
    two = warning.model_copy(update={"at_least": warning.at_least.model_copy(update={"value": 2})})
    policy = road.policy.model_copy(update={"warning": two})
    situation = replace(road.world.situation(road.decider()), policy=policy)
    with pytest.raises(Refused, match="warning_first"):
        decide(road.application(proposal), situation)


# Notice before breach


def test_a_letter_that_did_not_say_the_measures_told_nobody_of_them() -> None:
    road = Road("derby")
    restriction = road.restricted(told=False)
    letter = SendNotice(kind=NoticeKind.DECISION, about=restriction, method="by_hand", contents=(), already_sent=True)
    road.world.do(letter)
    road.world.wait(2)
    breach = RecordBreach(contact=road.contact(), restriction=restriction, measure=f"{restriction}.1", account=words())
    assert refusals(road, breach) == {"notice_before_breach": "baseline 8"}
    assert not list(road.world.case.binding_on(road.world.today))


# What was considered once


def test_an_extension_dated_back_uses_nothing_that_was_considered_for_the_decision() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.wait(10)
    first = road.world.case.restrictions[0]
    longer = road.extension(restriction, first.ends_on + timedelta(days=30), considered=False, on=first.decided_on)
    assert "adjustments" in road.world.rules(longer, by=road.decider())


# Appeals


def test_an_appeal_leaves_nobody_with_less_than_they_had() -> None:
    road = Road("wolverhampton")
    restriction = road.restricted(road.measure("one_channel", open=BY_EMAIL))
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("director")))
    varied = DetermineAppeal(
        appeal="appeal-1",
        outcome=AppealOutcome.VARIED,
        reasons=words(),
        measures=(road.measure("one_channel", open=BY_LETTER),),
    )
    assert refusals(road, varied, by="director") == {"reasons_and_evidence": "baseline 4"}
    road.world.do(varied.model_copy(update={"measures": (road.measure("one_channel", open=BY_EMAIL),)}), by="director")


def test_whoever_decided_does_not_turn_a_late_appeal_away() -> None:
    road = Road("citizen")
    restriction = road.restricted()
    road.world.today = road.world.case.restrictions[0].ends_on + timedelta(days=1)
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    late = DecideLateAppeal(appeal="appeal-1", accepted=False, reasons=words())
    assert refusals(road, late, by=road.decider()) == {"independence": "baseline 9"}
    road.world.do(late, by="staff")


def test_whoever_answered_a_check_first_had_a_part_in_it_also_once_another_answered() -> None:
    road = Road("maidstone")
    proposal = road.ready(leave_out=["nothing_new"])
    check = road.policy.checks["nothing_new"]
    road.world.appoint(staff("somebody"), check.by[0])
    road.world.appoint(staff("somebody"), "director_of_finance")
    for by in ("staff-somebody", check.by[0]):
        road.world.do(ConfirmCheck(proposal=proposal, check="nothing_new", answer=Answer.YES), by=by)
    road.world.do(road.application(proposal), by=road.decider())
    road.world.do(LodgeAppeal(against="restriction-1", reasons=words()))
    command = AppointAppealReviewer(appeal="appeal-1", reviewer=staff("somebody"))
    assert refusals(road, command) == {"independence": "baseline 9"}


def test_an_appeal_that_somebody_else_withdrew_goes_on() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.wait(1)
    contact = road.contact(purpose=Purpose.APPEAL)
    road.world.do(WithdrawAppeal(appeal="appeal-1", contact=contact))
    assert not road.world.case.open_appeals()
    moved(road, contact)
    assert [a.id for a in road.world.case.open_appeals()] == ["appeal-1"]
    road.world.do(WithdrawAppeal(appeal="appeal-1", reasons=words()))
    assert not road.world.case.open_appeals()
    again = LodgeAppeal(against=restriction, reasons=words())
    road.world.do(again)
    assert set(refusals(road, WithdrawAppeal(appeal="appeal-2", contact=contact))) == {"entry_moved"}


def test_measures_do_not_rest_for_ever_because_the_last_appeal_was_declined_as_late() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    for _ in range(2):
        road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    by = "director_of_finance"
    late = road.world.case.appeals[1]
    assert late.in_time
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff(by)))
    road.world.do(SuspendMeasures(appeal="appeal-1", reasons=words()), by=by)
    ends_on = road.world.case.restrictions[0].ends_on
    road.world.today = ends_on + timedelta(days=1)
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-2", reviewer=staff(by)))
    for appeal in ("appeal-1", "appeal-2"):
        road.world.do(DetermineAppeal(appeal=appeal, outcome=AppealOutcome.UPHELD, reasons=words()), by=by)
    road.world.do(DecideLateAppeal(appeal="appeal-3", accepted=False, reasons=words()), by=by)
    assert all(end is not None for _, end in road.world.case.restrictions[0].suspended)


def test_an_appeal_is_heard_after_the_case_was_closed() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())
    road.letter(NoticeKind.ENDING, restriction)
    road.world.do(CloseCase())
    road.world.wait(5)  # well within the window
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    assert road.world.case.appeals[0].in_time
    by = "executive_team"
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff(by)))
    road.world.do(DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.OVERTURNED, reasons=words()), by=by)
    road.letter(NoticeKind.APPEAL_OUTCOME, "appeal-1")
    with pytest.raises(Refused, match="case_closed"):
        road.letter(NoticeKind.DECISION, restriction)


def test_an_appeal_that_succeeds_while_the_customer_is_thought_dead_has_succeeded() -> None:
    road = Road("derby")
    restriction = road.restricted()
    by = "executive_team"
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff(by)))
    road.world.wait(1)
    road.world.do(RecordDeath())
    road.world.wait(1)
    road.world.do(DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.OVERTURNED, reasons=words()), by=by)
    road.world.wait(1)
    road.world.do(WithdrawDeath(reason=words()))
    assert not road.world.case.in_force_on(road.world.today)
    assert road.world.case.restrictions[0].end_kind is EndKind.OVERTURNED


# Interim restrictions


def test_whoever_acted_for_a_few_days_hears_no_appeal_against_what_became_of_it() -> None:
    road, restriction = under_an_interim()
    road.world.wait(3)
    proposal = proposal_on(road, *restriction.incidents)
    confirming = road.application(proposal, confirms=restriction.id, overrides=WAIVED)
    road.world.do(confirming, by=road.decider())
    road.world.appoint(staff("duty_manager"), "director")
    road.world.do(LodgeAppeal(against="restriction-2", reasons=words()))
    command = AppointAppealReviewer(appeal="appeal-1", reviewer=staff("duty_manager"))
    assert "independence" in road.world.rules(command)


def test_the_same_contact_written_up_again_begins_no_days_anew() -> None:
    road, restriction = under_an_interim()
    road.world.wait(1)
    proposal = road.proposed(*restriction.incidents)
    road.world.do(DeclineRestriction(proposal=proposal, reasons=words()), by=road.decider())
    road.world.today = restriction.ends_on + timedelta(days=1)
    incident = road.world.case.incidents[0]
    again = RecordIncident(
        contact=incident.contact, happened_on=incident.happened_on, grounds=incident.grounds, account=words()
    )
    road.world.do(again)
    command = interim(road, road.world.case.incidents[-1].id)
    assert refusals(road, command, by="duty_manager") == {"urgent": "baseline 13"}


def test_closing_the_case_begins_no_days_anew() -> None:
    before, restriction = under_an_interim()
    road = Road("wolverhampton", today=before.world.today, stream="case-2").opened()
    incident = road.incident()
    road.world.today = restriction.ends_on + timedelta(days=1)
    road.world.others = (replace(before.world.case, stage="closed", closed_on=road.world.today),)
    assert refusals(road, interim(road, incident), by="duty_manager") == {"urgent": "baseline 13"}
    road.world.do(interim(road, road.incident()), by="duty_manager")  # for what happened since


def test_the_first_look_is_not_taken_by_just_anybody() -> None:
    road, restriction = under_an_interim("derby")
    road.world.wait(2)
    look = CompleteReview(
        restriction=restriction.id, cadence="baseline", outcome=ReviewOutcome.UNCHANGED, assessment=words()
    )
    assert refusals(road, look) == {"post_held": "baseline 13"}
    assert refusals(road, look, by="duty_manager") == {"post_held": "baseline 13"}
    road.world.do(look, by=road.decider())


def test_once_the_decider_has_restricted_a_new_threat_can_lead_to_another_interim_restriction() -> None:
    road, restriction = under_an_interim()
    road.world.today = restriction.ends_on + timedelta(days=1)
    command = interim(road)
    assert refusals(road, command, by="duty_manager") == {"urgent": "baseline 13"}
    proposal = proposal_on(road, road.incident())
    road.world.do(road.application(proposal, overrides=WAIVED), by=road.decider())
    road.world.do(command, by="duty_manager")


# Counter-allegations


def test_a_case_does_not_pass_to_whom_its_customer_accuses() -> None:
    road = Road("derby").opened()
    alleged(road, "case_officer")
    assert refusals(road, ReassignCase(to=staff("case_officer"))) == {"independence": "baseline 9"}


def test_a_post_without_a_rank_concludes_only_what_was_given_to_it() -> None:
    road = Road("derby").opened()
    alleged(road, "head_of_service")
    command = ConcludeCounterAllegation(allegation="allegation-1", outcome="not_founded", findings=words())
    assert refusals(road, command, by="duty_manager") == {"counter_allegations": "baseline 12"}
    given = RecordCounterAllegation(against=staff("service_manager"), routed_to="duty_manager", account=words())
    road.world.do(given)
    road.world.do(command.model_copy(update={"allegation": "allegation-2"}), by="duty_manager")


def test_the_accused_does_not_read_what_the_customer_writes() -> None:
    road = Road("maidstone")
    reader = staff("staff")
    restriction = road.restricted(road.measure("filed", reader=reader))
    road.world.wait(1)
    road.contact(channel=Channel.LETTER, purpose=Purpose.ENQUIRY, issue="issue-1", filed_under=f"{restriction}.1")
    alleged(road, "staff")
    read = TriageFiledItem(contact=road.world.case.contacts[-1].id, triage=Triage.FILED)
    assert refusals(road, read, by="staff") == {"independence": "baseline 9"}
    road.world.do(read, by="case_officer")


# Merged records and erasure


def test_what_stands_after_a_merge_leaves_a_way_in_together() -> None:
    a, b = record("a", "wolverhampton"), record("b", "wolverhampton")
    a.restricted(a.measure("one_channel", open=BY_EMAIL))
    b.restricted(b.measure("one_channel", open=BY_LETTER))
    merge(a, b)
    both = SettleMergeConflict(
        other_case=b.world.case.id,
        merge="merge-1",
        stands=("restriction-1",),
        stands_there=("restriction-1",),
        reasons=words(),
    )
    assert a.world.rules(both, by=a.decider(), beside=b.world) == {"a_usable_channel_stays_open"}
    a.world.do(both.model_copy(update={"stands_there": ()}), by=a.decider(), beside=b.world)


def test_whom_either_record_accuses_does_not_say_what_stands() -> None:
    a, b = record("a"), record("b")
    a.restricted()
    b.restricted()
    merge(a, b)
    alleged(b, b.decider())
    one = SettleMergeConflict(
        other_case=b.world.case.id, merge="merge-1", stands=("restriction-1",), stands_there=(), reasons=words()
    )
    assert "independence" in a.world.rules(one, by=a.decider(), beside=b.world)


def test_what_was_said_not_to_stand_is_owed_its_lifting_and_nothing_is_a_breach_of_it() -> None:
    a, b = record("a"), record("b")
    a.restricted()
    restriction = b.restricted()
    merge(a, b)
    one = SettleMergeConflict(
        other_case=b.world.case.id, merge="merge-1", stands=("restriction-1",), stands_there=(), reasons=words()
    )
    a.world.do(one, by=a.decider(), beside=b.world)
    b.world.wait(2)
    breach = RecordBreach(contact=b.contact(), restriction=restriction, measure=f"{restriction}.1", account=words())
    assert b.world.rules(breach) == {"never_a_breach"}
    assert f"lifting:{restriction}" in open_obligations(b.world.case, b.world.today)
    assert not any("lifting" in owed for owed in open_obligations(a.world.case, a.world.today))


def test_whom_the_customer_accuses_under_another_of_their_records_does_not_decide() -> None:
    other = record("b")
    alleged(other, "head_of_service")
    road = Road("derby")
    proposal = road.ready()
    road.world.others = (other.world.case,)
    assert refusals(road, road.application(proposal), by="head_of_service") == {"independence": "baseline 9"}


def test_whoever_contact_goes_through_is_not_erased_while_an_appeal_lets_it_rest() -> None:
    road = Road("citizen")
    restriction = road.restricted(road.measure("third_party"), extremis_reason=words())
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("board")))
    road.world.do(SuspendMeasures(appeal="appeal-1", reasons=words()), by="board")
    road.world.do(ReceiveRightsRequest(right="erasure"))
    erase = ErasePerson(request=road.world.case.rights[-1].id, person="person-2")
    assert "still_in_force" in road.world.rules(erase, by="data_protection_officer")
