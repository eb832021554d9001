"""Posts: given by an administrator from a day on; absences and deputies; who could act on the day is what counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import Answer, RoleCode, StaffId
from domain.decisions import LandlordCommand, Refused, decide
from domain.decisions.allegations import ConcludeCounterAllegation, RecordCounterAllegation
from domain.decisions.appeals import AppointAppealReviewer, DetermineAppeal, LodgeAppeal
from domain.decisions.interim import ApplyInterim
from domain.decisions.landlord import AdoptPolicy, AppointPost, EndAbsence, EndPost, RecordAbsence
from domain.decisions.proposals import ConfirmCheck, DelegateDecision, EndDelegation
from domain.events import AppealReviewerAppointed, Event, PostAppointed
from domain.landlord import Absence, Landlord, Tenure, fold_landlord
from projections.sentences.appeals import appeal_sentence
from tests.domain.saying import refusals as clauses_of
from tests.domain.world import START, Road, World, staff, words

FROM = START
SUBSTITUTE = StaffId("staff-substitute")
DAY = timedelta(days=1)


def appointing(who: str, role: str = "manager", area: str | None = None) -> AppointPost:
    """The command that gives somebody a post."""
    return AppointPost(role=role, staff=staff(who), starts_on=FROM, area=area)


def refusals(world: World, command: LandlordCommand, by: str = "administrator") -> set[str]:
    """The rules that stand in the way of it."""
    with pytest.raises(Refused) as refusal:
        decide(command, world.situation(by))
    return {violation.rule for violation in refusal.value.violations}


def managed(world: World, command: LandlordCommand, by: str = "administrator") -> str:
    """Carries out a command on the landlord; the id of what it made."""
    (new,) = decide(command, world.situation(by)).facts
    version = world.landlord.version + 1
    event = Event(
        event_id=f"landlord-{version}",
        stream="landlord",
        version=version,
        fact=new.fact,
        effective_at=new.effective_at,
        actor=world.situation(by).actor,
        post=None,
        policy=world.ref,
    )
    world.landlord = fold_landlord([event], onto=world.landlord)
    return str(getattr(new.fact, "absence", getattr(new.fact, "tenure", "")))


def tenure_of(world: World, role: str) -> str:
    """The id of the tenure of whoever holds a role."""
    return next(t.id for t in world.landlord.tenures if t.role == role and not t.deputy)


def test_an_administrator_gives_a_post() -> None:
    decision = decide(appointing("staff"), World("maidstone").situation("administrator"))
    assert [type(new.fact) for new in decision.facts] == [PostAppointed]


def test_nobody_else_gives_one() -> None:
    assert refusals(World("maidstone"), appointing("staff"), "head_of_policy") == {"post_held"}


def test_a_post_that_somebody_holds_is_not_given_to_them_again() -> None:
    assert refusals(World("maidstone"), appointing("manager")) == {"already_held"}


def test_the_same_post_for_another_area_is_another_post() -> None:
    decision = decide(appointing("manager", area="parks"), World("maidstone").situation("administrator"))
    assert len(decision.facts) == 1


def test_a_post_that_neither_policy_nor_baseline_knows_is_not_given() -> None:
    assert refusals(World("maidstone"), appointing("staff", "warden")) == {"unknown_post"}


# absences


def test_an_absence_has_a_first_day_and_later_a_last_one() -> None:
    world = World("maidstone")
    tenure = tenure_of(world, "head_of_policy")
    absence = managed(world, RecordAbsence(tenure=tenure, from_on=FROM))
    assert world.landlord.holders(RoleCode("head_of_policy"), FROM) == ()
    managed(world, EndAbsence(absence=absence, last_day=FROM + 4 * DAY))
    assert world.landlord.holders(RoleCode("head_of_policy"), FROM + 4 * DAY) == ()
    assert world.landlord.holders(RoleCode("head_of_policy"), FROM + 5 * DAY) == (staff("head_of_policy"),)


def test_leave_that_was_planned_and_not_taken_never_was() -> None:
    world = World("maidstone")
    tenure = tenure_of(world, "head_of_policy")
    absence = managed(world, RecordAbsence(tenure=tenure, from_on=FROM + 7 * DAY, until=FROM + 11 * DAY))
    managed(world, EndAbsence(absence=absence, last_day=FROM + 6 * DAY))
    for day in range(20):
        assert world.landlord.holders(RoleCode("head_of_policy"), FROM + day * DAY) == (staff("head_of_policy"),)
    managed(world, RecordAbsence(tenure=tenure, from_on=FROM + 7 * DAY))


def test_absences_that_cannot_be_are_refused() -> None:
    world = World("maidstone")
    tenure = tenure_of(world, "head_of_policy")
    away = RecordAbsence(tenure=tenure, from_on=FROM, until=FROM + 4 * DAY)
    assert refusals(world, away, "head_of_policy") == {"post_held"}
    assert refusals(world, away.model_copy(update={"tenure": "tenure-99"})) == {"unknown_tenure"}
    assert refusals(world, away.model_copy(update={"from_on": date(2014, 12, 31)})) == {"unknown_tenure"}
    assert refusals(world, away.model_copy(update={"until": FROM - DAY})) == {"end_before_start"}
    absence = managed(world, away)
    overlapping = RecordAbsence(tenure=tenure, from_on=FROM + 4 * DAY)
    assert refusals(world, overlapping) == {"already_absent"}
    assert refusals(world, RecordAbsence(tenure=tenure, from_on=FROM - 9 * DAY)) == {"already_absent"}
    assert refusals(world, EndAbsence(absence=absence, last_day=FROM + 4 * DAY)) == {"already_ended"}
    assert refusals(world, EndAbsence(absence=absence, last_day=FROM - 2 * DAY)) == {"end_before_start"}
    assert refusals(world, EndAbsence(absence="absence-9", last_day=FROM)) == {"unknown_absence"}
    managed(world, overlapping.model_copy(update={"from_on": FROM + 5 * DAY}))


def test_the_administrators_deputy_gives_posts_while_the_administrator_is_away() -> None:
    world = World("maidstone")
    world.appoint(SUBSTITUTE, "administrator", deputy=True)
    assert refusals(world, appointing("staff"), SUBSTITUTE) == {"post_held"}
    world.away("administrator", FROM)
    managed(world, appointing("staff"), "substitute")


# deputies


def acts(world: World, role: str, day: date = FROM, barred: tuple[StaffId, ...] = ()) -> bool:
    """Whether the substitute can act in a role on a day."""
    return world.landlord.post_among(SUBSTITUTE, (RoleCode(role),), day, frozenset(barred)) is not None


def test_a_deputy_acts_only_on_days_on_which_the_holder_is_away() -> None:
    world = World("derby")
    world.appoint(SUBSTITUTE, "head_of_service", deputy=True)
    world.away("head_of_service", FROM, FROM + DAY)
    days = [acts(world, "head_of_service", FROM + n * DAY) for n in range(-1, 3)]
    assert days == [False, True, True, False]


def test_a_holder_who_is_away_does_not_act() -> None:
    world = World("derby")
    world.away("head_of_service", FROM, FROM)
    head = (RoleCode("head_of_service"),)
    assert world.landlord.post_among(staff("head_of_service"), head, FROM) is None
    assert world.landlord.post_among(staff("head_of_service"), head, FROM + DAY) == "head_of_service"


def test_a_deputy_waits_until_every_holder_is_away_or_barred() -> None:
    world = World("derby")
    world.appoint(SUBSTITUTE, "head_of_service", deputy=True)
    world.away("head_of_service", FROM)
    second = StaffId("staff-second")
    world.appoint(second, "head_of_service")
    assert not acts(world, "head_of_service")
    assert acts(world, "head_of_service", barred=(second,))


def test_a_deputy_of_one_area_stands_in_for_whoever_covers_that_area() -> None:
    world = World("maidstone")
    parks, waste, both = StaffId("staff-parks"), StaffId("staff-waste"), staff("manager")
    world.appoint(parks, "manager", area="parks")
    world.appoint(waste, "manager", area="waste")
    world.appoint(SUBSTITUTE, "manager", area="parks", deputy=True)
    assert not acts(world, "manager", barred=(parks,))  # one manager covers every area
    assert acts(world, "manager", barred=(parks, both))
    assert not acts(world, "manager", barred=(waste, both))


def test_a_deputy_keeps_a_vacant_post_and_is_absent_like_anybody() -> None:
    world = World("derby")
    world.appoint(SUBSTITUTE, "head_of_service", deputy=True)
    managed(world, EndPost(tenure=tenure_of(world, "head_of_service"), last_day=FROM))
    assert not acts(world, "head_of_service")
    assert acts(world, "head_of_service", FROM + DAY)
    managed(world, RecordAbsence(tenure=world.landlord.tenures[-1].id, from_on=FROM + DAY))
    assert not acts(world, "head_of_service", FROM + DAY)


def test_the_deputy_decides_while_the_decider_is_away() -> None:
    road = Road("derby")
    road.world.appoint(SUBSTITUTE, "head_of_service", deputy=True)
    command = road.application(road.ready())
    assert clauses_of(road, command, by=SUBSTITUTE) == {"post_held": "Step 2¶1"}
    road.world.away("head_of_service", road.world.today)
    assert clauses_of(road, command, by="head_of_service") == {"post_held": "Step 2¶1"}
    decision = road.world.do(command, by=SUBSTITUTE)
    assert decision.post == "head_of_service"


def test_the_deputy_decides_while_the_decider_is_accused_in_this_very_case() -> None:
    road = Road("derby")
    road.world.appoint(SUBSTITUTE, "head_of_service", deputy=True)
    command = road.application(road.ready(), allegations_seen=("allegation-1",))
    road.world.do(
        RecordCounterAllegation(against=staff("head_of_service"), routed_to="executive_team", account=words())
    )
    assert clauses_of(road, command, by="head_of_service") == {"independence": "baseline 9"}
    road.world.do(command, by=SUBSTITUTE)
    found = ConcludeCounterAllegation(allegation="allegation-1", outcome="not_founded", findings=words())
    road.world.do(found, by="executive_team")
    road.world.wait(1)
    again = road.application(road.proposed(), allegations_seen=("allegation-1",))
    assert "post_held" in clauses_of(road, again, by=SUBSTITUTE)


def test_a_deputy_of_a_checker_confirms_the_check_while_they_are_away() -> None:
    road = Road("maidstone")
    check = road.policy.checks["nothing_new"]
    for role in check.by:
        road.world.appoint(SUBSTITUTE, role, deputy=True)
    proposal = road.ready(leave_out=["nothing_new"])
    confirm = ConfirmCheck(proposal=proposal, check="nothing_new", answer=Answer.YES)
    assert set(clauses_of(road, confirm, by=SUBSTITUTE)) == {"post_held"}
    road.world.away(check.by[0], road.world.today)
    road.world.do(confirm, by=SUBSTITUTE)


HOLDING = st.lists(
    st.tuples(
        st.sampled_from("abcd"), st.booleans(), st.integers(0, 4), st.integers(0, 4), st.integers(0, 4) | st.none()
    ),
    max_size=8,
)


@given(HOLDING, st.frozensets(st.sampled_from("abcd")))
def test_never_both_a_deputy_and_somebody_whose_post_it_is_and_never_nobody_who_could(
    held: list[tuple[str, bool, int, int, int | None]], barred: frozenset[str]
) -> None:
    role = RoleCode("head_of_service")
    landlord = Landlord()
    away: set[tuple[int, int]] = set()  # (tenure, day)
    for place, (who, deputy, starts, first, last) in enumerate(held):
        tenure = Tenure(f"tenure-{place}", role, StaffId(who), FROM + starts * DAY, None, None, deputy)
        absence = Absence(
            f"absence-{place}", tenure.id, FROM + first * DAY, None if last is None else FROM + last * DAY
        )
        landlord = replace(landlord, tenures=(*landlord.tenures, tenure), absences=(*landlord.absences, absence))
        away |= {(place, day) for day in range(first, 6) if last is None or day <= last}
    out = frozenset(StaffId(who) for who in barred)
    for day in range(6):
        there = [(w, d) for place, (w, d, since, _, _) in enumerate(held) if since <= day and (place, day) not in away]
        holders = {StaffId(w) for w, d in there if not d}
        deputies = {StaffId(w) for w, d in there if d}
        acting = set(landlord.holders(role, FROM + day * DAY, out))
        assert acting == (holders if holders - out else holders | deputies)


# the substitute of a fixed appeal reviewer


def appealed(road: Road) -> AppointAppealReviewer:
    """An appeal against the restriction; the command that gives it to the director's substitute."""
    road.world.do(LodgeAppeal(against="restriction-1", reasons=words()))
    return AppointAppealReviewer(appeal="appeal-1", reviewer=SUBSTITUTE)


def test_at_maidstone_nobody_but_the_director_hears_an_appeal_while_the_director_can() -> None:
    road = Road("maidstone")
    road.world.appoint(SUBSTITUTE, "director_of_finance", deputy=True)
    road.restricted()
    assert clauses_of(road, appealed(road)) == {"reviewer_entitled": "8.1"}
    road.world.do(AppointAppealReviewer(appeal="appeal-1", reviewer=staff("director_of_finance")))
    assert [f.substitute for f in road.world.facts(AppealReviewerAppointed)] == [False]


def test_at_maidstone_a_substitute_hears_it_while_the_director_is_away_and_goes_on_with_it() -> None:
    road = Road("maidstone")
    road.world.appoint(SUBSTITUTE, "director_of_finance", deputy=True)
    road.restricted()
    road.world.away("director_of_finance", road.world.today, road.world.today)
    road.world.do(appealed(road))
    (fact,) = road.world.facts(AppealReviewerAppointed)
    assert fact.substitute
    assert "as a substitute" in appeal_sentence(fact)
    road.world.wait(3)
    road.world.do(DetermineAppeal(appeal="appeal-1", outcome="upheld", reasons=words()), by=SUBSTITUTE)


def test_at_maidstone_a_substitute_hears_it_when_the_director_had_a_part_in_the_decision() -> None:
    road = Road("maidstone")
    road.world.appoint(SUBSTITUTE, "director_of_finance", deputy=True)
    road.restricted(road.measure(contact_staff=(staff("director_of_finance"),)))
    road.world.do(appealed(road))
    road.world.do(DetermineAppeal(appeal="appeal-1", outcome="overturned", reasons=words()), by=SUBSTITUTE)
    assert road.world.facts(AppealReviewerAppointed)[0].substitute


def test_a_substitute_who_had_a_part_in_it_themselves_hears_nothing() -> None:
    road = Road("maidstone")
    road.world.appoint(SUBSTITUTE, "director_of_finance", deputy=True)
    road.restricted(road.measure(contact_staff=(SUBSTITUTE,)))
    road.world.away("director_of_finance", road.world.today)
    assert clauses_of(road, appealed(road)) == {"independence": "baseline 9"}


# delegation


def delegated(road: Road, lasts: timedelta | None = None) -> str:
    """STAR's managing director gives the decision to a member of senior management; the proposal."""
    proposal = road.ready()
    until = None if lasts is None else road.world.today + lasts
    command = DelegateDecision(proposal=proposal, to=staff("senior_management"), reason=words(), until=until)
    road.world.do(command, by="managing_director")
    return proposal


@pytest.mark.clause("STA-19", "RULE")
def test_a_decision_that_was_given_away_until_a_day_is_taken_up_to_that_day() -> None:
    road = Road("star")
    proposal = delegated(road, lasts=2 * DAY)
    road.world.wait(3)
    assert clauses_of(road, road.application(proposal), by="senior_management") == {"post_held": "4.3, 11.3"}
    road.world.wait(-1)
    road.world.do(road.application(proposal), by="senior_management")


def test_nobody_decides_on_a_day_before_the_decision_was_given_to_them() -> None:
    road = Road("star")
    proposal = delegated(road)
    early = road.application(proposal, on=road.world.today - DAY)
    assert "post_held" in clauses_of(road, early, by="senior_management")


@pytest.mark.parametrize("by", ["managing_director", "senior_management"])
def test_a_decision_that_was_given_away_is_taken_back_or_given_back(by: str) -> None:
    road = Road("star")
    proposal = delegated(road)
    back = EndDelegation(proposal=proposal)
    assert set(clauses_of(road, back, by="head_of_service")) == {"post_held"}
    assert road.world.rules(back.model_copy(update={"on": road.world.today - DAY}), by=by) == {"end_before_start"}
    road.world.do(back, by=by)
    assert clauses_of(road, road.application(proposal), by="senior_management") == {"post_held": "4.3, 11.3"}
    assert road.world.rules(back, by=by) == {"unknown_delegation"}


def test_whoever_decided_by_delegation_changes_nothing_once_it_is_over() -> None:
    road = Road("star")
    proposal = delegated(road)
    road.world.do(road.application(proposal), by="senior_management")
    road.told("restriction-1")
    command = road.extension("restriction-1", road.world.case.restrictions[0].ends_on + 30 * DAY)
    decide(command, road.world.situation("senior_management"))
    road.world.do(EndDelegation(proposal=proposal), by="managing_director")
    assert "post_held" in clauses_of(road, command, by="senior_management")


# a post that nobody holds


def vacancy(world: World, by: str = "case_officer") -> str:
    """What is said to somebody who applies an interim restriction without being the duty manager."""
    command = ApplyInterim(
        incidents=("incident-1",),
        measures=(Road("maidstone").measure("single_contact"),),
        channels_usable=Answer.YES,
        behaviour=words(),
        safety_reason=words(),
    )
    (said,) = (violation.asks for violation in world.refused(command, by) if violation.rule == "post_held")
    return said


def test_a_refusal_for_want_of_a_post_that_nobody_holds_says_so_and_how_one_is_given() -> None:
    world = Road("maidstone").opened().world
    assert "Nobody holds" not in vacancy(world)
    world.away("duty_manager", world.today)
    assert "away on 2026-03-02, and no deputy is in post" in vacancy(world)
    tenures = tuple(t for t in world.landlord.tenures if t.role != "duty_manager")
    world.landlord = replace(world.landlord, tenures=tenures)
    assert "Nobody holds that post on 2026-03-02; an administrator of posts gives it (`evenhand post" in vacancy(world)
    world.appoint(StaffId("staff-deputy"), "duty_manager", deputy=True)
    assert "Nobody holds" not in vacancy(world)


# an absence that nobody recorded


def at_night() -> World:
    """A case whose duty manager is ill without anybody having said so, and a deputy of theirs."""
    world = Road("maidstone").opened().world
    world.appoint(SUBSTITUTE, "duty_manager", deputy=True)
    return world


def asks_of(world: World, command: LandlordCommand, by: str) -> str:
    """What is said to somebody who may not."""
    with pytest.raises(Refused) as refusal:
        decide(command, world.situation(by))
    (violation,) = refusal.value.violations
    return violation.asks


def test_a_deputy_who_is_refused_is_told_that_they_are_one_and_what_helps() -> None:
    world = at_night()
    holder = tenure_of(world, "duty_manager")
    said = vacancy(world, SUBSTITUTE)
    assert "You are a deputy in that post, who acts when everybody holding it is away" in said
    assert f"nobody said so of {holder} on {world.today}" in said
    assert "`record-absence`" in said
    assert "deputy" not in vacancy(world)


def test_a_deputy_records_from_today_on_that_the_holder_is_absent_and_acts() -> None:
    world = at_night()
    tenure, role = tenure_of(world, "duty_manager"), RoleCode("duty_manager")
    command = RecordAbsence(tenure=tenure, from_on=world.today)
    assert decide(command, world.situation(SUBSTITUTE)).post == role
    managed(world, command, SUBSTITUTE)
    assert world.landlord.holders(role, world.today) == (SUBSTITUTE,)
    assert world.landlord.absences[0].recorded_by == SUBSTITUTE
    with pytest.raises(ValueError, match="not enough values"):
        vacancy(world, SUBSTITUTE)  # no post stands in the way any more


def test_a_deputy_says_nothing_of_other_days_other_posts_or_other_deputies_and_none_who_is_away_does() -> None:
    world = at_night()
    tenure = tenure_of(world, "duty_manager")
    for day in (world.today - DAY, world.today + DAY):
        assert refusals(world, RecordAbsence(tenure=tenure, from_on=day), SUBSTITUTE) == {"only_from_today"}
    other = RecordAbsence(tenure=tenure_of(world, "head_of_policy"), from_on=world.today)
    assert refusals(world, other, SUBSTITUTE) == {"post_held"}
    world.appoint(StaffId("staff-second"), "duty_manager", deputy=True)
    own = {t.staff: t.id for t in world.landlord.tenures}
    for deputy in (own[SUBSTITUTE], own[StaffId("staff-second")]):
        assert refusals(world, RecordAbsence(tenure=deputy, from_on=world.today), SUBSTITUTE) == {"post_held"}
    managed(world, RecordAbsence(tenure=own[SUBSTITUTE], from_on=world.today))
    assert refusals(world, RecordAbsence(tenure=tenure, from_on=world.today), SUBSTITUTE) == {"post_held"}


def test_a_deputy_of_one_area_speaks_for_nobody_of_another() -> None:
    world = World("maidstone")
    world.appoint(SUBSTITUTE, "duty_manager", area="north", deputy=True)
    world.appoint(StaffId("staff-south"), "duty_manager", area="south")
    south = next(t.id for t in world.landlord.tenures if t.area == "south")
    assert refusals(world, RecordAbsence(tenure=south, from_on=world.today), SUBSTITUTE) == {"post_held"}


def test_the_holder_ends_what_a_deputy_recorded_from_yesterday_on_and_nothing_that_an_administrator_did() -> None:
    world = at_night()
    tenure, holder = tenure_of(world, "duty_manager"), "duty_manager"
    said = managed(world, RecordAbsence(tenure=tenure, from_on=world.today), SUBSTITUTE)
    assert refusals(world, EndAbsence(absence=said, last_day=world.today), SUBSTITUTE) == {"post_held"}
    assert refusals(world, EndAbsence(absence=said, last_day=world.today), "case_officer") == {"post_held"}
    world.today += 2 * DAY
    assert refusals(world, EndAbsence(absence=said, last_day=world.today - 2 * DAY), holder) == {"only_from_today"}
    managed(world, EndAbsence(absence=said, last_day=world.today - DAY), holder)
    assert world.landlord.holders(RoleCode("duty_manager"), world.today) == (staff(holder),)
    suspended = managed(world, RecordAbsence(tenure=tenure, from_on=world.today))
    assert refusals(world, EndAbsence(absence=suspended, last_day=world.today), holder) == {"post_held"}


def test_who_may_not_is_told_what_it_was_about() -> None:
    world = World("maidstone")
    absence = managed(world, RecordAbsence(tenure=tenure_of(world, "manager"), from_on=world.today))
    away = RecordAbsence(tenure=tenure_of(world, "head_of_policy"), from_on=world.today)
    assert asks_of(world, away, "staff").startswith("An absence is recorded by an administrator of posts")
    back = EndAbsence(absence=absence, last_day=world.today)
    assert asks_of(world, back, "staff").startswith("An absence is ended by an administrator of posts")
    assert asks_of(world, appointing("staff"), "staff").startswith("Posts are given and ended by an administrator")
    policy = AdoptPolicy(effective=FROM, sha256="a" * 64, baseline_sha256="b" * 64)
    assert asks_of(world, policy, "staff") == "A policy is adopted by an administrator of posts."
