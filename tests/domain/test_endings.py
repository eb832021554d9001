"""Baseline 15: every end is undone everywhere, told to everybody who was told, and leaves the history as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.advice import advise
from domain.calendar import DeliveryMethod
from domain.case import Case
from domain.codes import (
    Answer,
    AppealOutcome,
    Channel,
    Direction,
    Effect,
    EndKind,
    HoldReason,
    Mitigation,
    NoticeKind,
    Purpose,
)
from domain.compliance import SHORT, Verdict
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.breaches import RecordBreach, WithdrawBreach
from domain.decisions.changes import ChangeNamedContact, VaryRestriction
from domain.decisions.endings import (
    CloseCase,
    ConfirmRemoval,
    LiftRestriction,
    RecordEnd,
    ReportRemovalFailed,
    WithdrawAsWrong,
)
from domain.decisions.intake import CorrectContact, LogContact, RequestPolicyCopy, SendPolicyCopy
from domain.decisions.interim import ApplyInterim
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import (
    BlockChannel,
    InformPartner,
    InformStaff,
    NotifyEnding,
    PlaceAlert,
    RecordReceipt,
    RecordReturn,
    SendNotice,
)
from domain.decisions.people import RecordDeath
from domain.decisions.rights import PlaceLegalHold, ReleaseLegalHold
from domain.decisions.support import ConsiderMitigation
from domain.events import (
    BreachWithdrawn,
    ChannelBlocked,
    RemovalConfirmed,
    RemovalFailed,
    RestrictionVaried,
    RestrictionWithdrawnAsWrong,
)
from domain.evolve import HistoryStep, evolve
from domain.handling import Handling, Question
from domain.obligations import open_obligations
from domain.owed_letters import letters_owed
from domain.retention import stops
from projections.alert_state import alert, standing_on
from tests.domain.saying import in_the_way_of_a_breach, refusals
from tests.domain.test_compliance import looked_back
from tests.domain.world import Road, override, staff, words
from tests.policies import baseline

R = "restriction-1"
NOT_UNDONE = {"ending_is_undone_everywhere": "baseline 15"}
EVERYWHERE = {
    "alert:housing_system",
    "audience:relevant_staff",
    "partner:city_of_wolverhampton_council",
    "block:email_gateway:email",
    "block:switchboard:telephone",
}


def everywhere() -> Road:
    """Wolverhampton's customer may only write letters; systems were set and others told of it. 9 March 2026."""
    road = Road("wolverhampton")
    road.restricted(road.measure("one_channel", open=(Channel.LETTER,)))
    road.world.do(PlaceAlert(restriction=R, alert="housing_system"))
    road.world.do(InformStaff(restriction=R, audience="relevant_staff"))
    council = InformPartner(restriction=R, audience="council", partner="city_of_wolverhampton_council", basis=words())
    road.world.do(council)
    road.world.do(BlockChannel(restriction=R, system="email_gateway", channel=Channel.EMAIL))
    road.world.do(BlockChannel(restriction=R, system="switchboard", channel=Channel.TELEPHONE))
    road.world.wait(1)
    return road


def lifted(road: Road) -> None:
    road.world.do(LiftRestriction(restriction=R, reasons=words()), by=road.decider())
    road.letter(NoticeKind.ENDING, R)


def reached(road: Road) -> None:
    road.world.today = road.world.case.restrictions[0].ends_on + timedelta(days=1)


def withdrawn(road: Road) -> None:
    road.world.do(WithdrawAsWrong(restriction=R, reasons=words()), by=road.decider())
    road.letter(NoticeKind.ENDING, R)


def overturned(road: Road) -> None:
    road.world.do(LodgeAppeal(against=R, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("director")))
    outcome = DetermineAppeal(appeal="appeal-1", outcome=AppealOutcome.OVERTURNED, reasons=words())
    road.world.do(outcome, by="director")
    road.letter(NoticeKind.APPEAL_OUTCOME, "appeal-1")


def dead(road: Road) -> None:
    road.world.do(RecordDeath())


WAYS = [lifted, reached, withdrawn, overturned, dead]
Way = Callable[[Road], None]


def owed(road: Road) -> set[str]:
    """What has still to be undone."""
    return {t.key for t in road.world.case.restrictions[0].still_told(road.world.today)}


def undone(road: Road) -> None:
    """Everything is undone and confirmed, and everybody told."""
    road.world.do(NotifyEnding(restriction=R, audience="relevant_staff"))
    road.world.do(NotifyEnding(restriction=R, audience="council", partner="city_of_wolverhampton_council"))
    for removal in sorted(owed(road)):
        road.world.do(ConfirmRemoval(restriction=R, removal=removal))


# undone everywhere


@pytest.mark.parametrize("way", WAYS)
def test_however_it_ends_every_system_and_everybody_who_was_told_is_to_be_undone(way: Way) -> None:
    road = everywhere()
    assert owed(road) == set()
    way(road)
    assert owed(road) == EVERYWHERE


@pytest.mark.parametrize("way", WAYS)
def test_the_case_closes_once_each_of_them_is_confirmed_and_not_before(way: Way) -> None:
    road = everywhere()
    way(road)
    assert refusals(road, CloseCase()) == NOT_UNDONE
    undone(road)
    assert len(road.world.facts(RemovalConfirmed)) == 3
    road.world.do(CloseCase())
    assert road.world.case.stage == "closed"


@pytest.mark.parametrize("way", WAYS)
def test_after_every_end_the_current_view_is_clean_and_the_history_is_kept(way: Way) -> None:
    road = everywhere()
    before = list(road.world.history)
    way(road)
    today = road.world.today
    assert list(road.world.case.binding_on(today)) == []
    question = Question(
        direction=Direction.INBOUND, channel=Channel.TELEPHONE, at=road.world.now, purpose=Purpose.ENQUIRY
    )
    answer = advise([road.world.case], question, baseline(), road.world.now)
    assert (answer.handling, answer.rests_on) == (Handling.TAKE, ())
    (row,) = alert(steps(road))
    assert standing_on(row, today) is None
    assert standing_on(row, date(2026, 3, 9)) is not None  # it was in force, whatever came later
    assert road.world.history[: len(before)] == before


def steps(road: Road) -> list[HistoryStep]:
    """The history, step by step."""
    found, case = [], Case()
    for event in road.world.history:
        before, case = case, evolve(case, event)
        found.append(HistoryStep(before, event, case))
    return found


def test_a_removal_is_confirmed_once() -> None:
    road = everywhere()
    confirm = ConfirmRemoval(restriction=R, removal="alert:housing_system")
    assert road.world.rules(confirm) == {"not_owed"}  # it is in force
    lifted(road)
    road.world.do(confirm)
    assert road.world.rules(confirm) == {"already_confirmed"}
    assert road.world.rules(ConfirmRemoval(restriction=R, removal="alert:other_system")) == {"not_owed"}
    early = ConfirmRemoval(restriction=R, removal="block:email_gateway:email", on=date(2026, 3, 6))
    assert road.world.rules(early) == {"end_before_start"}


def test_a_block_is_placed_because_of_a_restriction_in_force_only() -> None:
    road = everywhere()
    (first, _) = road.world.facts(ChannelBlocked)
    assert (first.system, first.channel, first.blocked_on) == ("email_gateway", Channel.EMAIL, date(2026, 3, 9))
    early = BlockChannel(restriction=R, system="web_forms", channel=Channel.ONLINE_FORM, on=date(2026, 3, 6))
    assert road.world.rules(early) == {"end_before_start"}
    lifted(road)
    late = BlockChannel(restriction=R, system="web_forms", channel=Channel.ONLINE_FORM)
    assert road.world.rules(late) == {"restriction_over"}


def test_what_was_set_for_an_interim_restriction_stays_and_is_undone_when_the_confirmed_one_ends() -> None:
    road = Road("wolverhampton").opened()
    incident = road.incident()
    interim = ApplyInterim(
        incidents=(incident,),
        measures=(road.measure(),),
        behaviour=words(),
        safety_reason=words(),
        channels_usable=Answer.NOT_KNOWN,
    )
    road.world.do(interim, by="duty_manager")
    road.world.do(PlaceAlert(restriction=R, alert="housing_system"))
    road.world.wait(2)
    road.circumstances()
    proposal = road.proposed(incident)
    road.confirmed(proposal)
    confirmed = road.application(proposal, confirms=R, overrides=(override("warning_first"),))
    road.world.do(confirmed, by=road.decider())
    before, after = road.world.case.restrictions
    assert (before.end_kind, before.others_told) == (EndKind.CONFIRMED, ())
    assert [t.key for t in after.others_told] == ["alert:housing_system"]
    road.world.wait(1)
    road.world.do(LiftRestriction(restriction=after.id, reasons=words()), by=road.decider())
    road.world.do(ConfirmRemoval(restriction=after.id, removal="alert:housing_system"))


# what proves to stand after all


def test_mail_that_still_bounces_reopens_the_task_even_when_the_case_is_closed() -> None:
    road = everywhere()
    lifted(road)
    undone(road)
    road.world.do(CloseCase())
    road.world.wait(3)
    bounced = ReportRemovalFailed(restriction=R, removal="block:email_gateway:email", detail=words())
    road.world.do(bounced)
    (failed,) = road.world.facts(RemovalFailed)
    assert failed.found_on == date(2026, 3, 13)
    assert owed(road) == {"block:email_gateway:email"}
    assert road.world.rules(bounced) == {"not_confirmed"}
    road.world.do(ConfirmRemoval(restriction=R, removal="block:email_gateway:email"))
    assert owed(road) == set()


def test_a_failed_removal_keeps_an_open_case_open() -> None:
    road = everywhere()
    lifted(road)
    undone(road)
    road.world.do(ReportRemovalFailed(restriction=R, removal="alert:housing_system", detail=words()))
    assert refusals(road, CloseCase()) == NOT_UNDONE


def test_what_was_never_confirmed_cannot_have_failed() -> None:
    road = everywhere()
    failed = ReportRemovalFailed(restriction=R, removal="alert:housing_system", detail=words())
    assert road.world.rules(failed) == {"not_confirmed"}
    lifted(road)
    assert road.world.rules(failed) == {"not_confirmed"}
    road.world.wait(1)
    road.world.do(ConfirmRemoval(restriction=R, removal="alert:housing_system"))
    earlier = failed.model_copy(update={"on": road.world.today - timedelta(days=1)})
    assert road.world.rules(earlier) == {"end_before_start"}


def test_mail_that_bounces_after_the_end_is_never_a_breach() -> None:
    road = everywhere()
    lifted(road)
    assert in_the_way_of_a_breach(road, R, channel=Channel.EMAIL) == {"notice_before_breach"}


# told


@pytest.mark.parametrize("way", [lifted, withdrawn, overturned])
def test_the_customer_who_was_told_of_it_is_told_that_it_is_over_before_the_case_closes(way: Way) -> None:
    road = Road("wolverhampton")
    road.restricted()
    road.world.wait(1)
    kinds = (NoticeKind.ENDING, NoticeKind.APPEAL_OUTCOME)
    way(road)
    letter = next(n for n in road.world.case.notices if n.kind in kinds)
    assert letter.sent_on == road.world.today
    road.world.wait(2)
    road.world.do(RecordReturn(notice=letter.id))
    assert refusals(road, CloseCase()) == NOT_UNDONE
    road.letter(letter.kind, letter.about, notice=letter.id)
    road.world.do(CloseCase())


def test_a_customer_who_never_heard_of_it_need_not_hear_of_its_end() -> None:
    road = Road("wolverhampton")
    road.restricted(told=False)
    road.world.do(LiftRestriction(restriction=R, reasons=words()), by=road.decider())
    road.world.do(CloseCase())


# withdrawn as wrongly made


def test_withdrawn_as_wrong_is_no_lifting_and_counts_as_never_made() -> None:
    road = everywhere()
    withdrawn(road)
    (restriction,) = road.world.case.restrictions
    assert (restriction.end_kind, restriction.never_made) == (EndKind.WITHDRAWN_AS_WRONG, True)
    assert road.world.case.since_last_decision(road.world.today + timedelta(days=30)) == date.min


def test_what_was_considered_before_a_wrong_decision_serves_the_next_one() -> None:
    road = Road("derby")
    road.restricted()
    road.world.wait(1)
    withdrawn(road)
    road.world.wait(1)
    proposal = road.proposed(road.incident())
    road.confirmed(proposal)
    road.world.do(road.application(proposal), by=road.decider())  # and a lifted one asks for it anew


def test_what_ended_is_found_wrong_later_and_was_in_force_no_longer_for_it() -> None:
    road = everywhere()
    lifted(road)
    ended_on = road.world.today
    road.world.wait(60)
    withdraw = WithdrawAsWrong(restriction=R, reasons=words())
    road.world.do(withdraw, by=road.decider())
    (restriction,) = road.world.case.restrictions
    assert (restriction.over_from, restriction.never_made) == (ended_on, True)
    assert [f.from_on for f in road.world.facts(RestrictionWithdrawnAsWrong)] == [road.world.today]
    assert road.world.rules(withdraw, by=road.decider()) == {"already_withdrawn"}


def closed_after(road: Road) -> Road:
    """The restriction is lifted, everybody told, the case closed; 30 days pass."""
    lifted(road)
    undone(road)
    road.world.do(CloseCase())
    road.world.wait(30)
    return road


def test_a_wrong_that_is_found_after_the_case_was_closed_is_put_right_and_what_it_leaves_is_owed() -> None:
    road = closed_after(everywhere())
    road.world.do(WithdrawAsWrong(restriction=R, reasons=words()), by=road.decider())
    (restriction,) = road.world.case.restrictions
    assert (restriction.never_made, road.world.case.stage) == (True, "closed")
    # Systems were cleared for good; the customer, and people who heard that it ended, have to hear that it was wrong.
    people = {"audience:relevant_staff", "partner:city_of_wolverhampton_council"}
    assert owed(road) == people
    assert set(open_obligations(road.world.case, road.world.today)) == {
        f"letter:{R}:ending",
        *(f"removal:{R}:{who}" for who in people),
    }
    assert {stop.rule for stop in stops(road.world.case, road.world.today)} == {"letter_owed", "removal_owed"}
    road.letter(NoticeKind.ENDING, R)
    undone(road)
    assert open_obligations(road.world.case, road.world.today) == ()
    assert not list(stops(road.world.case, road.world.today))


def test_compliance_says_of_a_wrong_found_late_who_was_told_and_is_not_harsh_on_the_day_itself() -> None:
    road = closed_after(everywhere())
    road.world.do(WithdrawAsWrong(restriction=R, reasons=words()), by=road.decider())

    def told(rule: str) -> set[Verdict]:
        return {f.verdict for f in looked_back(road.world).findings if f.rule == rule and f.about == R}

    assert told("wrong_told") == {Verdict.OPEN}
    assert Verdict.NOT_MET not in told("ending_is_undone_everywhere")
    road.world.wait(1)
    assert told("wrong_told") == {Verdict.NOT_MET}
    assert Verdict.NOT_MET in told("ending_is_undone_everywhere")
    road.letter(NoticeKind.ENDING, R)
    undone(road)
    assert told("wrong_told") == {Verdict.MET}
    assert told("ending_is_undone_everywhere") == {Verdict.MET}


def test_a_breach_is_taken_back_in_a_closed_case_too() -> None:
    road = breached()
    lifted(road)
    road.world.do(CloseCase())
    road.world.do(WithdrawBreach(breach="breach-1", reason=words()))
    assert withdrawn_breaches(road) == ["breach-1"]
    assert road.world.rules(WithdrawBreach(breach="breach-1", reason=words())) == {"unknown_breach"}


def test_breaches_of_a_closed_case_go_with_the_restriction_that_should_never_have_been_made() -> None:
    road = breached()
    lifted(road)
    road.world.do(CloseCase())
    road.world.do(WithdrawAsWrong(restriction=R, reasons=words()), by=road.decider())
    assert withdrawn_breaches(road) == ["breach-1"]


def test_breaches_of_what_should_never_have_been_made_are_withdrawn_and_none_is_recorded_any_more() -> None:
    road = breached()
    road.world.do(WithdrawAsWrong(restriction=R, reasons=words()), by=road.decider())
    assert withdrawn_breaches(road) == ["breach-1"]
    call = road.contact(happened_on=date(2026, 3, 10))
    again = RecordBreach(contact=call, restriction=R, measure=f"{R}.1", account=words())
    assert road.world.rules(again) == {"never_a_breach"}


# breaches without their ground


def breached(**letter: object) -> Road:
    """Derby's customer may write letters only and called a day after being told: 10 March 2026."""
    road = Road("derby")
    road.restricted(road.measure("letter_only"), told=False)
    road.told(R, **letter)
    road.world.wait(1)
    call = road.contact()
    road.world.do(RecordBreach(contact=call, restriction=R, measure=f"{R}.1", account=words()))
    road.world.wait(1)
    return road


def withdrawn_breaches(road: Road) -> list[str]:
    """The breaches that were withdrawn, oldest first."""
    return [f.breach for f in road.world.facts(BreachWithdrawn)]


def test_a_letter_that_comes_back_takes_the_breaches_along_that_rested_on_it() -> None:
    road = breached()
    (letter,) = road.world.case.notices_about(R)
    before = len(road.world.history)
    road.world.do(RecordReturn(notice=letter.id))
    assert withdrawn_breaches(road) == ["breach-1"]
    assert len(road.world.history) == before + 2  # in the same decision
    assert road.world.case.breaches[0].withdrawn


def test_a_letter_that_was_received_later_than_assumed_takes_them_along_too() -> None:
    road = Road("derby")
    road.restricted(road.measure("letter_only"), told=False)
    letter = road.told(R, method=DeliveryMethod.EMAIL)
    road.world.wait(1)
    call = road.contact()
    road.world.do(RecordBreach(contact=call, restriction=R, measure=f"{R}.1", account=words()))
    road.world.wait(5)
    road.world.do(RecordReceipt(notice=letter, received_on=date(2026, 3, 12), how="a_reply"))
    assert withdrawn_breaches(road) == ["breach-1"]


def test_a_letter_about_something_else_that_comes_back_takes_none_along() -> None:
    road = breached()
    warning = road.world.case.notices[0]
    assert warning.kind is NoticeKind.WARNING
    road.world.do(RecordReturn(notice=warning.id))
    assert withdrawn_breaches(road) == []


@pytest.mark.parametrize(
    "correction",
    [
        {"purpose": Purpose.EMERGENCY_REPAIR},
        {"purpose": Purpose.REPLY},
        {"completed": False},
        {"happened_on": date(2026, 3, 9)},
        {"channel": Channel.LETTER},
    ],
    ids=str,
)
def test_a_contact_that_was_otherwise_is_no_breach_any_more(correction: dict[str, object]) -> None:
    road = breached()
    contact = road.world.case.breaches[0].contact
    road.world.do(CorrectContact.model_validate({"contact": contact, "reason": words(), **correction}))
    assert withdrawn_breaches(road) == ["breach-1"]


def test_a_correction_that_changes_nothing_of_it_leaves_the_breach() -> None:
    road = breached()
    contact = road.world.case.breaches[0].contact
    road.world.do(CorrectContact(contact=contact, reason=words(), issue="rent"))
    assert withdrawn_breaches(road) == []


def test_a_call_that_did_not_count_gives_the_allowance_back_to_the_one_after_it() -> None:
    road = Road("maidstone")
    road.restricted(road.measure("call_count", count=2, per="1 week"))
    calls = []
    for _ in range(3):
        road.world.wait(1)
        calls.append(road.contact())
    road.world.do(RecordBreach(contact=calls[2], restriction=R, measure=f"{R}.1", account=words()))
    road.world.do(CorrectContact(contact=calls[0], reason=words(), completed=False))
    assert withdrawn_breaches(road) == ["breach-1"]


def test_an_end_that_is_entered_late_takes_along_what_came_after_it() -> None:
    road = breached()
    road.world.wait(5)
    road.world.do(LiftRestriction(restriction=R, reasons=words(), on=date(2026, 3, 10)), by=road.decider())
    assert withdrawn_breaches(road) == ["breach-1"]
    again = RecordBreach(contact=road.world.case.breaches[0].contact, restriction=R, measure=f"{R}.1", account=words())
    assert road.world.rules(again) == {"notice_before_breach"}


def test_a_breach_is_withdrawn_once() -> None:
    road = breached()
    (letter,) = road.world.case.notices_about(R)
    road.world.do(CorrectContact(contact=road.world.case.breaches[0].contact, reason=words(), completed=False))
    road.world.do(RecordReturn(notice=letter.id))
    assert withdrawn_breaches(road) == ["breach-1"]


# allowances


def test_an_allowance_counts_completed_contact_that_the_customer_began_in_a_period_that_rolls() -> None:
    road = Road("maidstone")
    road.restricted(road.measure("call_count", count=2, per="1 week"))  # told on 9 March, a Monday
    uncounted: list[dict[str, Any]] = [
        {"completed": False},
        {"customer_initiated": False},
        {"direction": Direction.OUTBOUND},
        {"channel": Channel.EMAIL},
        {"purpose": Purpose.REPAIR},
        {"purpose": None},
    ]
    road.world.wait(1)
    for changes in uncounted:
        road.contact(**changes)
    assert left_on(road, 10) == 2
    road.contact()
    road.world.wait(3)
    road.contact()  # on the 13th
    assert [left_on(road, day) for day in (13, 16, 17, 19, 20)] == [0, 0, 1, 1, 2]


def left_on(road: Road, day: int) -> object:
    """How many calls are left on a day of March."""
    road.world.today = max(road.world.today, date(2026, 3, day))
    at = road.world.now + (date(2026, 3, day) - road.world.today)
    question = Question(direction=Direction.INBOUND, channel=Channel.TELEPHONE, at=at, purpose=Purpose.ENQUIRY)
    return advise([road.world.case], question, baseline(), at).allowance_left


def test_once_a_month_is_a_month_from_each_contact_and_not_of_the_calendar() -> None:
    road = Road("citizen", today=date(2026, 1, 20))
    road.restricted(road.measure("once_a_month"))  # told on 27 January
    road.world.today = date(2026, 1, 31)
    road.contact()
    question: dict[str, Any] = {
        "direction": Direction.INBOUND,
        "channel": Channel.EMAIL,
        "purpose": Purpose.ENQUIRY,
    }
    found = {}
    for day in (date(2026, 2, 1), date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)):
        road.world.today = day
        answer = advise([road.world.case], Question(at=road.world.now, **question), baseline(), road.world.now)
        found[day] = answer.allowance_left
    assert [found[d] for d in sorted(found)] == [0, 0, 0, 1]


# each tightening is a decision of its own


def varied(*measures: object, **changes: object) -> VaryRestriction:
    """These measures instead of those that stand, with everything that tightening takes."""
    fields = {
        "restriction": R,
        "measures": measures,
        "reasons": words(),
        "proportionality": words(),
        "channels_usable": Answer.YES,
        "incidents": ("incident-1",),
    }
    return VaryRestriction.model_validate({**fields, **changes})


def test_tightening_rests_on_incidents_and_on_circumstances_considered_anew() -> None:
    road = Road("derby")
    road.restricted(road.measure("single_contact"))
    road.world.wait(1)
    tighter = varied(road.measure("single_contact"), road.measure("letter_only"), incidents=())
    assert refusals(road, tighter, by=road.decider()) == {
        "reasons_and_evidence": "baseline 4",
        "adjustments": "baseline 7",
    }
    road.world.do(ConsiderMitigation(considered=(Mitigation.NONE_KNOWN,), conclusion=words()))
    road.world.do(tighter.model_copy(update={"incidents": ("incident-2",)}), by=road.decider())
    (fact,) = road.world.facts(RestrictionVaried)
    assert fact.tightens


def test_what_a_variation_adds_binds_once_it_is_told_and_what_stood_goes_on_binding() -> None:
    road = Road("derby")
    road.restricted(road.measure("single_contact"))
    road.world.do(varied(road.measure("single_contact"), road.measure("letter_only")), by=road.decider())
    binding = [b.measure.code for b in road.world.case.binding_on(road.world.today)]
    assert binding == ["single_contact"]
    road.letter(NoticeKind.VARIATION, "change-1")
    binding = [b.measure.code for b in road.world.case.binding_on(road.world.today)]
    assert binding == ["single_contact", "letter_only"]


@pytest.mark.parametrize(
    ("before", "after", "tightens"),
    [
        ({"count": 2}, {"count": 3}, False),
        ({"count": 2}, {"count": 1}, True),
        ({"count": 2}, {"per": "2 weeks"}, True),  # in doubt it is
        ({"issue": None}, {"issue": "rent"}, False),
        ({"issue": "rent"}, {"issue": None}, True),
        ({"issue": "rent"}, {"issue": "repairs"}, True),
        ({}, {"exceptions": (Purpose.ENQUIRY,)}, False),
        ({"exceptions": (Purpose.ENQUIRY,)}, {"exceptions": ()}, True),
        ({"until": date(2026, 4, 1)}, {"until": date(2026, 5, 1)}, True),
        ({"until": date(2026, 5, 1)}, {"until": date(2026, 4, 1)}, False),
        ({"until": date(2026, 5, 1)}, {"until": None}, True),
        ({}, {"reason": words("another reason")}, False),
    ],
)
def test_less_is_asked_or_more(before: dict[str, object], after: dict[str, object], *, tightens: bool) -> None:
    road = Road("maidstone")
    road.restricted(road.measure("call_count", **before))
    road.world.do(varied(road.measure("call_count", **{**before, **after})), by=road.decider())
    (fact,) = road.world.facts(RestrictionVaried)
    assert fact.tightens is tightens


def outside(*open_ways: Channel, **changes: Any) -> MeasureRequest:
    """A measure outside the catalogue that leaves these ways open and says the rest in words."""
    fields = {"code": "other", "reason": words(), "effect": Effect.CHANNELS, "open": open_ways, "words": words()}
    return MeasureRequest.model_validate({**fields, **changes})


def test_other_words_of_a_measure_outside_the_catalogue_may_ask_for_more_and_rest_on_incidents() -> None:
    road = Road("derby")
    road.restricted(outside(Channel.LETTER, Channel.EMAIL))
    road.world.wait(1)
    anew = varied(outside(Channel.LETTER, Channel.EMAIL, words=words("one letter a year")), incidents=())
    assert refusals(road, anew, by=road.decider()) == {
        "reasons_and_evidence": "baseline 4",
        "adjustments": "baseline 7",
    }
    road.circumstances()
    road.world.do(anew.model_copy(update={"incidents": ("incident-2",)}), by=road.decider())
    (fact,) = road.world.facts(RestrictionVaried)
    assert fact.tightens


def test_a_measure_outside_the_catalogue_that_closes_less_or_is_kept_as_it_is_asks_for_no_more() -> None:
    road = Road("derby")
    road.restricted(outside(Channel.LETTER), road.measure("single_contact"))
    kept = MeasureRequest(code="other", reason=words(), keeps=f"{R}.1")
    road.world.do(varied(kept, incidents=()), by=road.decider())
    (binding,) = road.world.case.binding_on(road.world.today)  # by the letter that told of it
    assert binding.measure.id == f"{R}.1"
    road.world.do(varied(outside(Channel.LETTER, Channel.TELEPHONE), incidents=()), by=road.decider())
    assert [fact.tightens for fact in road.world.facts(RestrictionVaried)] == [False, False]
    assert not [f for f in looked_back(road.world).findings if f.rule == "reasons_and_evidence" and f.verdict in SHORT]


def test_what_is_kept_is_in_force_and_goes_on_as_it_is() -> None:
    road = Road("derby")
    road.restricted(outside(Channel.LETTER), road.measure("single_contact"))

    def rules(**changes: Any) -> set[str]:
        kept = {"code": "other", "reason": words(), "keeps": f"{R}.1", **changes}
        return road.world.rules(varied(MeasureRequest.model_validate(kept)), by=road.decider())

    assert rules(keeps=f"{R}.9") == {"unknown_measure"}
    assert rules(code="letter_only") == {"unknown_measure"}
    assert rules(open=(Channel.EMAIL,)) == {"kept_as_it_is"}
    kept = MeasureRequest(code="other", reason=words(), keeps=f"{R}.1")
    assert road.world.rules(varied(kept, kept), by=road.decider()) == {"kept_once"}
    new = Road("derby")
    assert "unknown_measure" in new.world.rules(new.application(new.ready(), kept), by=new.decider())


def test_an_appeal_keeps_a_measure_outside_the_catalogue_as_it_is_or_closes_less() -> None:
    road = Road("wolverhampton")
    road.restricted(outside(Channel.LETTER), road.measure("single_contact"))
    road.world.do(LodgeAppeal(against=R, reasons=words()))
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("director")))
    fields = {"appeal": "appeal-1", "outcome": AppealOutcome.VARIED, "reasons": words()}
    anew = DetermineAppeal.model_validate({**fields, "measures": (outside(Channel.LETTER),)})
    assert refusals(road, anew, by="director") == {"reasons_and_evidence": "baseline 4"}
    kept = MeasureRequest(code="other", reason=words(), keeps=f"{R}.1")
    road.world.do(DetermineAppeal.model_validate({**fields, "measures": (kept,)}), by="director")
    assert [b.measure.id for b in road.world.case.binding_on(road.world.today)] == [f"{R}.1"]


def test_another_named_person_is_no_tightening() -> None:
    road = Road("derby")
    road.restricted(road.measure("single_contact"))
    other = road.measure("single_contact", contact_staff=(staff("records_officer"),))
    road.world.do(varied(other, incidents=()), by=road.decider())
    assert [f.tightens for f in road.world.facts(RestrictionVaried)] == [False]


def test_the_named_contact_changes_by_a_notice_that_says_who_answers_now() -> None:
    road = Road("derby")
    road.restricted(road.measure("single_contact"))
    road.world.wait(1)
    measure = f"{R}.1"
    letter = SendNotice(
        kind=NoticeKind.CONTACT_CHANGE, about=measure, method=DeliveryMethod.BY_HAND, contents=("named_contact",)
    )
    assert road.world.rules(letter) == {"unknown_subject"}
    new = staff("records_officer")
    road.world.do(ChangeNamedContact(restriction=R, measure=measure, contact_staff=(new,)))
    assert (NoticeKind.CONTACT_CHANGE, measure) in letters_owed(road.world.case, road.world.today)
    assert road.world.rules(letter.model_copy(update={"contents": ()})) == {"says_named_contact"}
    road.world.do(letter)
    assert (NoticeKind.CONTACT_CHANGE, measure) not in letters_owed(road.world.case, road.world.today)
    (binding,) = road.world.case.binding_on(road.world.today)  # nothing new was decided, and nothing is unbound
    assert (binding.measure.id, binding.measure.contact_staff) == (measure, (new,))
    road.world.wait(1)
    road.world.do(ChangeNamedContact(restriction=R, measure=measure, contact_staff=(staff("case_officer"),)))
    assert (NoticeKind.CONTACT_CHANGE, measure) in letters_owed(road.world.case, road.world.today)


# closing


def test_while_a_copy_is_owed_the_case_stays_open_and_a_legal_hold_stops_only_its_disposal() -> None:
    road = Road("derby").opened()
    road.world.do(RequestPolicyCopy())
    road.world.do(PlaceLegalHold(because=HoldReason.CLAIM), by="data_protection_officer")
    assert road.world.rules(CloseCase()) == {"policy_copy_owed"}
    road.world.do(SendPolicyCopy(request="copy-1", method=DeliveryMethod.EMAIL))
    road.world.do(CloseCase())
    assert "legal_hold" in {stop.rule for stop in stops(road.world.case, road.world.today)}
    hold = road.world.case.holds[0].id
    road.world.do(ReleaseLegalHold(hold=hold), by="data_protection_officer")
    assert not list(stops(road.world.case, road.world.today))
    assert road.world.rules(LogContact(channel=Channel.EMAIL, summary=words())) == {"case_closed"}
    assert road.world.rules(CloseCase()) == {"case_closed"}


def test_what_passed_unrecorded_is_over_all_the_same_and_can_be_taken_down_later() -> None:
    road = everywhere()
    reached(road)
    undone(road)
    road.world.do(RecordEnd(restriction=R))
    road.world.do(CloseCase())
    assert road.world.case.restrictions[0].end_kind is EndKind.REACHED_ITS_DATE
