"""What a case owes: how each duty comes about, which command ends it, and that no two of a case are mistaken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.calendar import DeliveryMethod
from domain.case import Case
from domain.codes import (
    Authority,
    ComplaintExclusion,
    DisclosureBasis,
    HoldReason,
    LetterTrouble,
    NoticeKind,
    OmbudsmanOutcome,
    ReviewOutcome,
    Right,
    RightsOutcome,
    SafetyOutcome,
    SubjectId,
    Triage,
)
from domain.decisions import COMMANDS, CaseCommand
from domain.decisions.agreed_calls import KeepAgreedCall
from domain.decisions.allegations import ConcludeCounterAllegation
from domain.decisions.appeals import AcknowledgeAppeal, DecideLateAppeal, LodgeAppeal, WithdrawAppeal
from domain.decisions.breaches import RecordBreach, ReportBreach, WithdrawBreach
from domain.decisions.changes import ChangeNamedContact
from domain.decisions.complaints import (
    ConcludeComplaint,
    DeclineComplaint,
    RecordOmbudsman,
    RecordOmbudsmanDetermination,
)
from domain.decisions.disclosures import ConfirmDeletion, Disclose, EndDisclosure, RestrictionToShow
from domain.decisions.endings import CloseCase, ConfirmRemoval, LiftRestriction, RecordEnd
from domain.decisions.filing import TriageFiledItem
from domain.decisions.intake import LinkComplaint, RequestPolicyCopy, SendPolicyCopy
from domain.decisions.letters import DiscardLetter, TakeUpLetter
from domain.decisions.notices import PlaceAlert, RecordReturn
from domain.decisions.people import AuthoriseRepresentative, EndRepresentative, RecordDeath, WithdrawDeath
from domain.decisions.proposals import DeclineRestriction, DelegateDecision
from domain.decisions.retention import DecideDisposal, ProposeDisposal
from domain.decisions.reviews import CompleteReview, DeclineReviewRequest, RequestReview
from domain.decisions.rights import AnswerRightsRequest, PlaceLegalHold, ReceiveRightsRequest, ReleaseLegalHold
from domain.decisions.safe_contact import EndSafeContact, InstructSafeContact
from domain.decisions.safety import (
    ApproveSafetyWarning,
    DeclineSafetyWarning,
    RemoveSafetyWarning,
    ReviewSafetyWarning,
    TellPersonOfSafetyWarning,
)
from domain.decisions.steps import EndAgreement, MakeAgreement, WithdrawWarning
from domain.decisions.support import DecideAdjustment, RequestAdjustment
from domain.decisions.urgent import HoldSeniorDiscussion, MakeActionPlan, ReviewUrgentCase, TakeUrgentAction
from domain.duties import KINDS, asked
from domain.events import DeadlinePassed
from domain.evolve import HistoryStep
from domain.obligation import ENDS_BY_ITSELF, Duty
from domain.obligations import obligations
from domain.retention import kept_in
from domain.worklist import state_on
from projections.deadlines import deadlines
from tests.domain.a_closed_case import DPO, RECORDS, only_logged
from tests.domain.any_command import AnyCommand, walked
from tests.domain.deadlines.boundary import taken_down
from tests.domain.test_agreed_calls import TUESDAY, agreed, missed
from tests.domain.test_allegations import LOOKER, alleged
from tests.domain.test_completing_imports import brought, found
from tests.domain.test_filing import filed, filing
from tests.domain.test_interim import interim
from tests.domain.test_interim import restricted as at_once_at
from tests.domain.test_interim_confirmed import confirmed, told_by_telephone
from tests.domain.test_letters import parked, released, written
from tests.domain.test_main_road import LANDLORDS
from tests.domain.test_merging import merge, restricted, settling
from tests.domain.test_safety import proposed, standing
from tests.domain.world import START, Road, World, staff, words

R = "restriction-1"
DECIDED = date(2026, 3, 9)  # a week after the warning, on which everybody is told


class Row(NamedTuple):
    """How a duty comes about, under which key, and the command that ends it, by whom."""

    duty: Duty
    key: str
    road: Callable[[], Road]
    ends: CaseCommand
    by: str = "case_officer"
    later: int = 0  # days after it came about on which it is ended


def after(*commands: CaseCommand, landlord: str = "wolverhampton", by: str = "case_officer") -> Callable[[], Road]:
    """A case that was just opened, and these commands."""

    def road() -> Road:
        begun = Road(landlord).opened()
        for command in commands:
            begun.world.do(command, by=by)
        return begun

    return road


def restricted_and(*commands: CaseCommand, landlord: str = "wolverhampton", told: bool = True) -> Callable[[], Road]:
    """Somebody was restricted on 9 March 2026, and these commands."""

    def road() -> Road:
        begun = Road(landlord)
        begun.restricted(told=told)
        for command in commands:
            begun.world.do(command)
        return begun

    return road


def ready() -> Road:
    """Everything up to the decision."""
    road = Road("star")
    road.ready()
    return road


def delegated() -> Road:
    road = ready()
    given = DelegateDecision(
        proposal="proposal-1", to=staff("senior_management"), reason=words(), until=date(2026, 4, 9)
    )
    delegates = road.policy.decision.delegates
    assert delegates is not None
    road.world.do(given.model_copy(update={"to": staff(delegates.value[0])}), by=road.decider())
    return road


def late() -> Road:
    """An appeal that came after the end."""
    road = Road("star")
    road.restricted()
    road.world.wait(400)
    road.world.do(LodgeAppeal(against=R, reasons=words()))
    return road


def accused() -> Road:
    road = Road("derby").opened()
    alleged(road, "staff")
    return road


def acted() -> Road:
    """Something was done at once about an incident, and a plan made."""
    road = Road("wolverhampton").opened()
    incident = road.incident()
    road.world.do(TakeUrgentAction(incident=incident, kind="zero_tolerance", detail=words()))
    plan = MakeActionPlan(incident=incident, owner=staff("staff"), review_on=date(2026, 3, 16), detail=words())
    road.world.do(plan)
    return road


def at_once() -> Road:
    """An interim restriction."""
    road = Road("derby").opened()
    road.world.do(interim(road), by="duty_manager")
    return road


def over(told: CaseCommand) -> Callable[[], Road]:
    """A restriction of which something was told or marked elsewhere, lifted."""

    def road() -> Road:
        begun = restricted_and(told)()
        begun.world.do(LiftRestriction(restriction=R, reasons=words()), by=begun.decider())
        return begun

    return road


def filed_item() -> Road:
    road = filing()
    filed(road)
    return road


def one_of_two_stands() -> Road:
    """Two people with a restriction each turned out to be one; that of the first does not stand."""
    a, b = restricted("a"), restricted("b")
    merge(a, b)
    a.world.do(settling(b, stands=(), there=("restriction-1",)), by=a.decider(), beside=b.world)
    return a


def warned() -> Road:
    """A warning that was not sent yet."""
    road = Road("wolverhampton").opened()
    road.warned(received=False)
    return road


def shown(*commands: CaseCommand) -> Road:
    """A restriction that the policy's partner is shown, and these commands of the data protection officer."""
    road = restricted_and()()
    basis, part = DisclosureBasis.PUBLIC_TASK, RestrictionToShow(restriction=R)
    disclosing = Disclose(partner="city_of_wolverhampton_council", basis=basis, reasons=words(), restrictions=(part,))
    for command in (disclosing, *commands):
        road.world.do(command, by=DPO)
    return road


STEPS = 60
LONGEST_KEY = 200  # what the command that takes one down can name


def to_be_disposed_of() -> Road:
    """A closed case whose records were kept long enough, as one person says."""
    road = only_logged()
    road.world.wait(3000)
    road.world.do(ProposeDisposal(classes=kept_in(road.world.case)), by=RECORDS)
    return road


ADJUSTMENT = RequestAdjustment(kind="home_visits", needs=words())
APPEAL = LodgeAppeal(against=R, reasons=words())
COMPLAINT = LinkComplaint(reference=words())

ROWS = [
    Row(Duty.PROPOSAL, "proposal:proposal-1", ready, DeclineRestriction(proposal="proposal-1", reasons=words()), "D"),
    Row(
        Duty.ADJUSTMENT,
        "adjustment:adjustment-1",
        after(ADJUSTMENT),
        DecideAdjustment(adjustment="adjustment-1", agreed=False, reason=words()),
    ),
    Row(
        Duty.APPEAL,
        "appeal:appeal-1",
        restricted_and(APPEAL),
        WithdrawAppeal(appeal="appeal-1", reasons=words()),
        "records_officer",
    ),
    Row(
        Duty.LATE_APPEAL,
        "late_appeal:appeal-1",
        late,
        DecideLateAppeal(appeal="appeal-1", accepted=False, reasons=words()),
        "H",
    ),
    Row(
        Duty.LATE_APPEAL,
        "late_appeal:appeal-1",
        late,
        DecideLateAppeal(appeal="appeal-1", accepted=True, reasons=words()),
        "H",
    ),
    Row(Duty.ACKNOWLEDGEMENT, "acknowledgement:appeal-1", restricted_and(APPEAL), AcknowledgeAppeal(appeal="appeal-1")),
    Row(
        Duty.FILED,
        "filed:contact-3",
        filed_item,
        TriageFiledItem(contact="contact-3", triage=Triage.FILED),
    ),
    Row(
        Duty.REVIEW,
        f"review:{R}:monthly:2026-04-09",
        restricted_and(),
        CompleteReview(restriction=R, cadence="monthly", outcome=ReviewOutcome.UNCHANGED, assessment=words()),
        "staff",
        31,
    ),
    Row(
        Duty.MEASURE_REVIEW,  # of a month
        f"measure_review:{R}.1:2026-04-09",
        restricted_and(),
        CompleteReview(restriction=R, cadence="monthly", outcome=ReviewOutcome.UNCHANGED, assessment=words()),
        "staff",
        31,
    ),
    Row(
        Duty.REQUEST,
        "review_request:request-1",
        restricted_and(RequestReview(restriction=R, reasons=words())),
        DeclineReviewRequest(request="request-1", reasons=words()),
        "D",
    ),
    Row(
        Duty.POLICY_COPY,
        "policy_copy:copy-1",
        after(RequestPolicyCopy()),
        SendPolicyCopy(request="copy-1", method=DeliveryMethod.EMAIL),
    ),
    Row(Duty.COMPLAINT, "complaint:complaint-1", after(COMPLAINT), ConcludeComplaint(complaint="complaint-1")),
    Row(
        Duty.COMPLAINT,
        "complaint:complaint-1",
        after(COMPLAINT),
        DeclineComplaint(
            complaint="complaint-1",
            because=ComplaintExclusion.CONSIDERED_BEFORE,
            ombudsman="housing",
            reasons=words(),
        ),
    ),
    Row(
        Duty.OMBUDSMAN,
        "ombudsman:referral-1",
        after(COMPLAINT, RecordOmbudsman(ombudsman="housing", about="complaint-1")),
        RecordOmbudsmanDetermination(referral="referral-1", outcome=OmbudsmanOutcome.RESOLVED),
    ),
    Row(
        Duty.ALLEGATION,
        "allegation:allegation-1",
        accused,
        ConcludeCounterAllegation(allegation="allegation-1", outcome="not_founded", findings=words()),
        LOOKER,
    ),
    Row(
        Duty.AGREEMENT,
        "agreement:agreement-1:2026-06-01",
        after(MakeAgreement(terms=words(), review_on=date(2026, 6, 1))),
        EndAgreement(agreement="agreement-1", reason=words()),
    ),
    Row(
        Duty.RIGHTS,
        "rights:rights-1:2026-04-02",
        after(ReceiveRightsRequest(right=Right.ACCESS)),
        AnswerRightsRequest(request="rights-1", outcome=RightsOutcome.GRANTED),
        "data_protection_officer",
    ),
    Row(
        Duty.HOLD,
        "hold:hold-1",
        after(
            PlaceLegalHold(because=HoldReason.CLAIM, reason=words(), review_on=date(2026, 6, 1)),
            by="data_protection_officer",
        ),
        ReleaseLegalHold(hold="hold-1", reason=words()),
        "data_protection_officer",
    ),
    Row(
        Duty.APPROVAL,
        "approval:safety-1",
        proposed,
        DeclineSafetyWarning(warning="safety-1", reasons=words()),
        "duty_manager",
    ),
    Row(
        Duty.APPROVAL,
        "approval:safety-1",
        proposed,
        ApproveSafetyWarning(warning="safety-1", tells_person=True),
        "duty_manager",
    ),
    Row(Duty.TELLING, "telling:safety-1", standing, TellPersonOfSafetyWarning(warning="safety-1")),
    Row(
        Duty.SAFETY_REVIEW,
        "safety_review:safety-1:2026-06-01",
        standing,
        ReviewSafetyWarning(
            warning="safety-1", outcome=SafetyOutcome.STANDS, reasons=words(), review_on=date(2026, 8, 3)
        ),
        "duty_manager",
    ),
    Row(
        Duty.SAFETY_EXPIRY,
        "safety_expiry:safety-1",
        standing,
        RemoveSafetyWarning(warning="safety-1", reasons=words()),
        "duty_manager",
    ),
    Row(
        Duty.REMOVAL,
        f"removal:{R}:alert:housing_system",
        over(PlaceAlert(restriction=R, alert="housing_system")),
        ConfirmRemoval(restriction=R, removal="alert:housing_system"),
    ),
    Row(
        Duty.URGENT,
        "urgent:incident-1:senior_discussion",
        acted,
        HoldSeniorDiscussion(incident="incident-1", members=(staff("senior_management"),), outcome=words()),
    ),
    Row(
        Duty.URGENT,
        "urgent:incident-1:review",
        acted,
        ReviewUrgentCase(incident="incident-1", assessment=words()),
        "senior_management",
    ),
    Row(
        Duty.PLAN,
        "plan:plan-1",
        acted,
        ReviewUrgentCase(incident="incident-1", assessment=words()),
        "senior_management",
        3,
    ),
    Row(Duty.INTERIM, f"interim:{R}", at_once, LiftRestriction(restriction=R, reasons=words()), "duty_manager"),
    Row(Duty.TERM, f"term:{R}", restricted_and(), RecordEnd(restriction=R), "case_officer", 400),
    Row(
        Duty.LETTER,
        f"letter:{R}:{NoticeKind.DECISION}",
        restricted_and(told=False),
        LiftRestriction(restriction=R, reasons=words()),
        "D",
        1,
    ),
    Row(Duty.LETTER, "letter:warning-1:warning", warned, WithdrawWarning(warning="warning-1", reason=words())),
    Row(
        Duty.AUTHORITY,
        "authority:representative-1",
        after(
            AuthoriseRepresentative(
                person=SubjectId("person-2"), authority=Authority.WRITTEN, until=START + timedelta(days=30)
            )
        ),
        EndRepresentative(representative="representative-1"),
        "case_officer",
        1,
    ),
    Row(
        Duty.SAFE_CONTACT,
        "safe_contact:safe-contact-1",
        after(InstructSafeContact(methods=(), words=words(), until=START + timedelta(days=30))),
        EndSafeContact(instruction="safe-contact-1"),
        "case_officer",
        1,
    ),
    Row(
        Duty.DELEGATION,
        "delegation:delegation-1",
        delegated,
        DeclineRestriction(proposal="proposal-1", reasons=words()),
        "D",
    ),
    Row(
        Duty.STUCK,
        "stuck:letter-1",
        lambda: parked(released(written())),
        TakeUpLetter(letter="letter-1", had_gone=False),
    ),
    Row(
        Duty.STUCK,
        "stuck:letter-1",
        lambda: parked(released(written()), LetterTrouble.REFUSED),
        DiscardLetter(letter="letter-1", reason=words()),
    ),
    Row(
        Duty.DISPOSAL,
        "disposal:disposal-1",
        to_be_disposed_of,
        DecideDisposal(disposal="disposal-1", approved=False, reason=words()),
        DPO,
    ),
    Row(
        Duty.DISCLOSURE,
        "disclosure:disclosure-1",
        shown,
        EndDisclosure(disclosure="disclosure-1"),
        DPO,
    ),
    Row(
        Duty.DELETION,
        "deletion:disclosure-1:partner:city_of_wolverhampton_council",
        lambda: shown(EndDisclosure(disclosure="disclosure-1")),
        ConfirmDeletion(disclosure="disclosure-1"),
    ),
    Row(Duty.LIFTING, f"lifting:{R}", one_of_two_stands, LiftRestriction(restriction=R, reasons=words()), "D"),
]


def by_whom(row: Row, road: Road) -> str:
    """D is whoever decides under the policy, H whoever hears appeals."""
    heard_by = road.policy.appeal.heard_by
    return {"D": road.decider(), "H": heard_by.value[0] if heard_by else "staff"}.get(row.by, row.by)


def keys(world: World) -> set[str]:
    """What the case owes or goes by on its day."""
    return {one.key for one in obligations(world.case) if one.until_on is None or world.today <= one.until_on}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.duty}-{type(row.ends).__name__}")
def test_a_duty_comes_about_and_is_ended_by_its_command(row: Row) -> None:
    road = row.road()
    assert row.key in keys(road.world), sorted(keys(road.world))
    road.world.wait(row.later)
    road.world.do(row.ends, by=by_whom(row, road))
    road.world.wait(1 if row.duty in ENDS_BY_ITSELF else 0)  # the day of an end is still its last
    assert row.key not in keys(road.world)


# Those that a table of one command each cannot hold have tests of their own below, or elsewhere.
OF_THEIR_OWN = {
    Duty.AGREED_CALL,
    Duty.BREACH,
    Duty.CALL_MISSED,
    Duty.MERGE,
    Duty.NAMED_CONTACT,
    Duty.MISSING,
    Duty.APPEAL_WINDOW,
    Duty.WARNING_LAPSES,
    Duty.STUCK,  # in the worklist's
    Duty.DISCLOSING,  # with disclosures
}
OF_THE_POLICY = {Duty.INFORM, Duty.VARYING}  # follow from the policy as well: tests of the worklist


def test_every_duty_stands_in_the_table_or_has_a_test_of_its_own() -> None:
    assert {row.duty for row in ROWS} | OF_THEIR_OWN | OF_THE_POLICY == set(Duty)


@pytest.mark.parametrize("duty", [duty for duty in Duty if duty not in OF_THE_POLICY])
def test_what_is_told_to_discharge_a_duty_is_a_command_that_there_is(duty: Duty) -> None:
    assert set(KINDS[duty].commands) <= set(COMMANDS)


# Withdrawing an appeal is the customer's; lifting ends much of what was owed on the restriction.
ENDED_OTHERWISE = {"withdraw-appeal", "lift-restriction", "record-end", "withdraw-warning", "remove-safety-warning"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.duty}-{type(row.ends).__name__}")
def test_the_command_that_ends_a_duty_is_among_those_that_are_told_for_it(row: Row) -> None:
    road = row.road()
    [owed] = [one for one in obligations(road.world.case) if one.key == row.key]
    said = asked(owed, road.policy, road.world.baseline.baseline)
    [name] = [name for name, kind in COMMANDS.items() if kind is type(row.ends)]
    assert name in said.commands or name in ENDED_OTHERWISE or row.duty in ENDS_BY_ITSELF


# of their own


def test_a_breach_is_owed_to_be_reported_until_it_was_or_was_none() -> None:
    for ends in (ReportBreach(breach="breach-1"), WithdrawBreach(breach="breach-1", reason=words())):
        road = restricted_and()()
        road.world.wait(1)
        road.world.do(RecordBreach(contact=road.contact(), restriction=R, measure=f"{R}.1", account=words()))
        assert "breach:breach-1" in keys(road.world)
        road.world.do(ends)
        assert "breach:breach-1" not in keys(road.world)


def test_an_agreed_call_is_owed_each_week_and_one_that_was_made_only_that_week() -> None:
    road = agreed()  # on Tuesday 10 March 2026, the first of them
    key = f"agreed_call:{R}.1:tuesday 10:00"
    [before] = [one for one in obligations(road.world.case) if one.key == key]
    assert list(before.occurrences(date(2026, 3, 31))) == [TUESDAY, *(TUESDAY + timedelta(weeks=n) for n in (1, 2, 3))]
    road.world.do(KeepAgreedCall(restriction=R, measure=f"{R}.1", slot="tuesday 10:00"))
    [after_it] = [one for one in obligations(road.world.case) if one.key == key]
    assert list(after_it.occurrences(date(2026, 3, 24))) == [date(2026, 3, 17), date(2026, 3, 24)]
    road.world.do(LiftRestriction(restriction=R, reasons=words()), by=road.decider())
    [lifted] = [one for one in obligations(road.world.case) if one.key == key]
    assert list(lifted.occurrences(date(2026, 12, 31))) == []


def test_a_call_that_we_missed_is_owed_until_it_was_made_up_for() -> None:
    road = agreed()
    road.world.do(missed())
    assert "call_missed:call-1" in keys(road.world)
    road.world.wait(1)
    made_up = KeepAgreedCall(restriction=R, measure=f"{R}.1", slot="tuesday 10:00", due_on=TUESDAY)
    road.world.do(made_up)
    assert "call_missed:call-1" not in keys(road.world)


def test_what_a_merge_brought_together_is_owed_in_both_cases_until_somebody_said_what_stands() -> None:
    a, b = restricted("a"), restricted("b")
    merge(a, b)
    assert "merge:merge-1" in keys(a.world) & keys(b.world)
    a.world.do(settling(b), by=a.decider(), beside=b.world)
    assert "merge:merge-1" not in keys(a.world) | keys(b.world)
    assert f"lifting:{R}" in keys(b.world) - keys(a.world)


def test_who_answers_under_a_restriction_that_was_brought_along_is_owed_until_somebody_is_named() -> None:
    world = brought()
    assert f"named_contact:{R}.1" in keys(world)
    world.do(ChangeNamedContact(restriction=R, measure=f"{R}.1", contact_staff=(staff("case_officer"),)))
    assert f"named_contact:{R}.1" not in keys(world)


def test_what_a_register_did_not_say_is_owed_item_by_item_until_it_is_found_out() -> None:
    world = brought()
    assert {f"missing:{R}:household", f"missing:{R}:warned_on"} <= keys(world)
    world.do(found(household="tenancy-1"))
    assert f"missing:{R}:household" not in keys(world)
    assert f"missing:{R}:warned_on" in keys(world)


def test_a_window_to_appeal_and_the_life_of_a_warning_run_from_a_letter_that_was_received() -> None:
    road = Road("derby")
    road.restricted(told=False)
    kinds = {one.duty for one in obligations(road.world.case)}
    assert Duty.WARNING_LAPSES in kinds
    assert Duty.APPEAL_WINDOW not in kinds
    letter = road.told(R)
    assert f"appeal_window:{R}:{letter}" in keys(road.world)
    road.world.do(RecordReturn(notice=letter))
    assert f"appeal_window:{R}:{letter}" not in keys(road.world)
    assert f"letter:{R}:decision" in keys(road.world)


def test_a_confirmed_interim_restriction_owes_nothing_more_and_what_took_its_place_owes_its_own() -> None:
    road, first = at_once_at("wolverhampton")
    told_by_telephone(road, first)
    confirmed(road, first)
    assert {"interim:restriction-1", "term:restriction-1"}.isdisjoint(keys(road.world))
    assert {"term:restriction-2", "letter:restriction-2:decision"} <= keys(road.world)


def test_what_a_row_holds_follows_from_the_facts_and_from_no_day_on_which_it_is_read() -> None:
    road = restricted_and(APPEAL, ADJUSTMENT)()
    steps = [HistoryStep(Case(), event, road.world.case) for event in road.world.history[-1:]]
    [row] = deadlines(steps)
    assert row.owed == tuple(obligations(road.world.case))
    due = [day for one in row.owed if (day := one.goes_by_on) is not None]
    assert row.goes_by_on == min(due)
    road.world.wait(3000)
    assert [*deadlines(steps)] == [row]


# the dead, the closed, the merged


def test_death_ends_the_letters_and_what_stood_and_leaves_what_has_to_be_undone() -> None:
    road = restricted_and(PlaceAlert(restriction=R, alert="housing_system"), told=False)()
    road.world.do(LodgeAppeal(against=R, reasons=words()))
    road.world.do(RecordDeath(), by="records_officer")
    road.world.wait(1)
    left = {one.duty for one in obligations(road.world.case) if state_on(one, road.world.today) is not None}
    assert Duty.REMOVAL in left
    assert left.isdisjoint({Duty.LETTER, Duty.REVIEW, Duty.TERM, Duty.ACKNOWLEDGEMENT, Duty.TELLING, Duty.AGREED_CALL})
    road.world.do(WithdrawDeath(reason=words()), by="records_officer")
    again = {one.duty for one in obligations(road.world.case)}
    assert {Duty.LETTER, Duty.REVIEW, Duty.TERM, Duty.ACKNOWLEDGEMENT} <= again


def test_a_merge_takes_nothing_from_what_either_case_owes() -> None:
    a, b = restricted("a"), restricted("b")
    before = keys(a.world), keys(b.world)
    merge(a, b)
    assert (keys(a.world) - before[0], keys(b.world) - before[1]) == ({"merge:merge-1"}, {"merge:merge-1"})
    assert (before[0] - keys(a.world), before[1] - keys(b.world)) == (set(), set())


def test_a_case_that_was_closed_owes_only_what_outlives_it() -> None:
    road = after(ReceiveRightsRequest(right=Right.ERASURE))()
    road.world.do(CloseCase())
    assert keys(road.world) == {"rights:rights-1:2026-04-02"}


# every history


def _walk(landlord: str, seed: int, how_far: int) -> Iterator[World]:
    anything = AnyCommand(walked(Road(landlord), how_far), seed)
    for _ in range(STEPS):
        anything.step()
        yield anything.world


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(landlord=st.sampled_from(LANDLORDS), seed=st.integers(0, 10_000), how_far=st.integers(0, 5))
def test_in_whatever_history_no_two_are_mistaken_and_the_days_are_in_order(
    landlord: str, seed: int, how_far: int
) -> None:
    for world in _walk(landlord, seed, how_far):
        owed = list(obligations(world.case))
        twice = [key for key, times in Counter(one.key for one in owed).items() if times > 1]
        assert not twice
        for one in owed:
            assert one.key.startswith(f"{one.duty}:")
            assert len(one.key) <= LONGEST_KEY
            if one.due_on is not None and one.until_on is not None and one.until_on < one.due_on:
                assert one.goes_by_on is None, one


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(landlord=st.sampled_from(LANDLORDS), seed=st.integers(0, 10_000), how_far=st.integers(0, 5))
def test_in_whatever_history_what_went_by_is_taken_down_once_and_then_nothing_is_left(
    landlord: str, seed: int, how_far: int
) -> None:
    *_, world = _walk(landlord, seed, how_far)
    world.today = max(event.recorded_on for event in world.history) + timedelta(days=500)
    gone = [(date.min, "")]
    while gone:
        gone = [
            (due, one.key)
            for one in obligations(world.case)
            if (due := one.goes_by_on) is not None and due < world.today
        ]
        if gone:
            due, key = min(gone)
            world.do(taken_down(world, key, due))
    recorded = Counter((e.fact.obligation, e.fact.due_on) for e in world.history if isinstance(e.fact, DeadlinePassed))
    assert max(recorded.values(), default=1) == 1
