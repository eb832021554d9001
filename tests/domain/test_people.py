"""The people of a case: who speaks for the customer, who handles it, where they live, how they are safely reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.advice import advise
from domain.calendar import DeliveryMethod
from domain.codes import Authority, Channel, Direction, EndKind, NoticeKind, Purpose, ReviewOutcome, SubjectId
from domain.decisions import AGAINST_THE_CUSTOMER, CaseCommand, Refused, decide
from domain.decisions.appeals import LodgeAppeal
from domain.decisions.endings import CloseCase, LiftRestriction
from domain.decisions.intake import LogContact
from domain.decisions.notices import PlaceAlert, RecordReturn, SendNotice, TellByTelephone
from domain.decisions.people import (
    AuthoriseRepresentative,
    EndRepresentative,
    EndTenancy,
    ReassignCase,
    RecordDeath,
    RecordHome,
    WithdrawDeath,
)
from domain.decisions.reviews import CompleteReview
from domain.decisions.safe_contact import EndSafeContact, InstructSafeContact, safe_methods
from domain.decisions.steps import IssueWarning
from domain.decisions.support import RequestAdjustment
from domain.events import CaseReassigned, HomeRecorded, ScheduledReview, TenancyEnded
from domain.handling import Question
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import START, Road, override, staff, words
from tests.policies import baseline

DAUGHTER = SubjectId("person-7")
BY_POST, BY_EMAIL, BY_HAND = DeliveryMethod.FIRST_CLASS_POST, DeliveryMethod.EMAIL, DeliveryMethod.BY_HAND


def clauses(road: Road, command: CaseCommand, by: str = "case_officer") -> dict[str, str]:
    """The rules that stand in the way of a command, each with its clause."""
    return {v.rule: v.clause for v in road.world.refused(command, by)}


# Who speaks for the customer


def authorise(**changes: object) -> AuthoriseRepresentative:
    """Their daughter speaks for them from today on."""
    fields: dict[str, object] = {"person": DAUGHTER, "authority": Authority.WRITTEN}
    return AuthoriseRepresentative.model_validate({**fields, **changes})


def test_a_representative_speaks_from_the_first_to_the_last_day_of_the_authority() -> None:
    road = Road("derby").opened()
    road.world.do(authorise(from_on=START + timedelta(days=3), until=START + timedelta(days=10)))
    (speaks,) = road.world.case.representatives
    assert [speaks.speaks_on(START + timedelta(days=n)) for n in (2, 3, 10, 11)] == [False, True, True, False]


def test_an_authority_can_be_for_one_matter_and_another_for_another() -> None:
    road = Road("derby").opened()
    for issue in ("rent-2026", "damp-2026"):
        road.world.do(authorise(issue=issue))
    assert [r.issue for r in road.world.case.representatives] == ["rent-2026", "damp-2026"]
    assert road.world.rules(authorise(issue="damp-2026")) == {"speaks_already"}


def test_nobody_is_authorised_twice_while_the_authority_holds_and_again_once_it_is_over() -> None:
    road = Road("derby").opened()
    road.world.do(authorise())
    (twice,) = road.world.refused(authorise(issue="damp-2026"))
    assert (twice.rule, twice.field) == ("speaks_already", "person")
    assert "representative-1" in twice.asks
    road.world.do(EndRepresentative(representative="representative-1", reason=words()))
    (until,) = road.world.refused(authorise())  # today is still theirs
    assert (until.rule, f"until {START}" in until.asks) == ("speaks_already", True)
    road.world.wait(1)
    road.world.do(authorise())
    assert [r.last_day for r in road.world.case.representatives] == [START, None]


def test_nobody_is_their_own_representative_nor_for_a_time_that_ends_before_it_begins() -> None:
    road = Road("derby").opened()
    assert road.world.rules(authorise(person=road.world.case.person)) == {"own_voice"}
    assert road.world.rules(authorise(until=START - timedelta(days=1))) == {"end_before_start"}


def test_an_authority_ends_once_and_not_before_it_began_unless_it_never_did() -> None:
    road = Road("derby").opened()
    road.world.do(authorise())
    end = EndRepresentative(representative="representative-1")
    assert road.world.rules(end.model_copy(update={"on": START - timedelta(days=1)})) == {"end_before_start"}
    road.world.do(end)
    assert road.world.rules(end) == {"unknown_representative"}
    assert road.world.rules(EndRepresentative(representative="representative-9")) == {"unknown_representative"}
    road.world.do(authorise(person="person-8", from_on=START + timedelta(days=9)))
    road.world.do(EndRepresentative(representative="representative-2"))
    assert not road.world.case.representatives[1].speaks_on(START + timedelta(days=9))


def test_a_representative_who_is_restricted_leaves_the_customer_free_to_name_another() -> None:
    customer, representative = Road("wolverhampton").opened(), Road("wolverhampton")
    customer.world.do(authorise())
    representative.opened(DAUGHTER).restricted()
    assert representative.world.case.in_force_on(representative.world.today)
    customer.world.do(authorise(person="person-8"))
    customer.world.do(EndRepresentative(representative="representative-1"))
    assert [r.person for r in customer.world.case.representatives] == [DAUGHTER, "person-8"]


# One person's case is never another's (baseline 6)


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_joint_tenant_proceeds_normally_while_the_other_is_restricted(landlord: str) -> None:
    restricted, joint = Road(landlord), Road(landlord)
    restricted.opened().world.do(RecordHome(household="tenancy-1", home="home-1"))
    restricted.restricted()
    joint.opened(SubjectId("person-2")).world.do(RecordHome(household="tenancy-1", home="home-1"))
    now = restricted.world.now
    asked = Question(direction=Direction.INBOUND, channel=Channel.TELEPHONE, at=now, purpose=Purpose.ENQUIRY)
    alone = Road(landlord).opened(SubjectId("person-2"))
    theirs = advise([joint.world.case], asked, baseline(), now)
    assert theirs.handling == advise([alone.world.case], asked, baseline(), now).handling
    assert not theirs.rests_on
    assert advise([restricted.world.case], asked, baseline(), now).rests_on


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_what_a_visitor_did_counts_in_a_case_of_their_own_and_in_no_other(landlord: str) -> None:
    tenant, visitor = Road(landlord).opened(), Road(landlord).opened(SubjectId("person-2"))
    theirs = tenant.incident(conduct_of="person-2")
    refused = clauses(tenant, tenant_warning(theirs), by=tenant.warner())
    assert refused == {"one_person_one_decision": "baseline 6"}
    visitor.world.do(tenant_warning(visitor.incident()), by=visitor.warner())
    assert len(visitor.world.case.warnings) == 1


def tenant_warning(incident: str) -> CaseCommand:
    """A written warning about one incident."""
    return IssueWarning(incidents=(incident,), behaviour=words(), change_asked=words(), consequences=words())


# Who handles the case


def test_a_case_passes_to_another_officer_with_everything_that_is_open_on_it() -> None:
    road = Road("wolverhampton")
    ended = road.restricted()
    road.world.do(PlaceAlert(restriction=ended, alert="housing_system"))
    road.world.do(LiftRestriction(restriction=ended, reasons=words()), by=road.decider())
    road.world.wait(20)
    standing = road.restricted(told=False)
    road.world.do(LodgeAppeal(against=standing, reasons=words()))
    road.world.do(RequestAdjustment(kind="formats", needs=words()))
    road.proposed()
    road.world.do(ReassignCase(to=staff("staff"), reason=words()))
    (passed,) = road.world.facts(CaseReassigned)
    assert (passed.previous, passed.to) == (None, staff("staff"))
    reviews = [f"review:{standing}:{s.cadence}:{s.due_on}" for s in first_of_each(road, standing)]
    assert set(passed.obligations) == {
        "proposal:proposal-3",
        "adjustment:adjustment-1",
        "appeal:appeal-1",
        "acknowledgement:appeal-1",
        f"removal:{ended}:alert:housing_system",
        f"letter:{ended}:ending",
        f"letter:{standing}:decision",
        f"measure_review:{standing}.1:2026-05-05",
        *reviews,
    }
    assert reviews


def first_of_each(road: Road, restriction: str) -> list[ScheduledReview]:
    """The next review of each cadence, from the decision's own schedule."""
    found = road.world.case.restriction(restriction)
    assert found is not None
    return list({s.cadence: s for s in reversed(found.schedule)}.values())


def test_a_case_on_which_nothing_is_open_passes_with_nothing() -> None:
    road = Road("derby").opened()
    road.world.do(ReassignCase(to=staff("staff")))
    assert road.world.facts(CaseReassigned)[0].obligations == ()
    assert road.world.case.officer == staff("staff")


def test_a_letter_that_came_back_is_owed_again_by_whoever_takes_over() -> None:
    road = Road("maidstone")
    restriction = road.restricted()
    road.world.wait(1)
    road.world.do(RecordReturn(notice=road.world.case.notices[-1].id))
    road.world.do(ReassignCase(to=staff("staff")))
    assert f"letter:{restriction}:decision" in road.world.facts(CaseReassigned)[0].obligations


def test_a_case_passes_to_somebody_in_post_and_not_to_whoever_has_it() -> None:
    road = Road("derby").opened()
    assert road.world.rules(ReassignCase(to="staff-nobody")) == {"officer_holds_a_post"}
    road.world.do(ReassignCase(to=staff("staff")))
    assert road.world.rules(ReassignCase(to=staff("staff"))) == {"already_theirs"}


# Where they live


def test_household_and_home_are_taken_down_each_by_itself_or_as_not_known() -> None:
    road = Road("derby").opened()
    road.world.do(RecordHome(household="tenancy-1"))
    road.world.do(RecordHome(home="home-1"))
    assert (road.world.case.household, road.world.case.home) == ("tenancy-1", "home-1")
    road.world.do(RecordHome(home=None))
    assert (road.world.case.household, road.world.case.home) == ("tenancy-1", None)
    assert len(road.world.facts(HomeRecorded)) == 3
    assert road.world.rules(RecordHome()) == {"says_something"}


# The end of a tenancy


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_the_end_of_a_tenancy_has_what_is_in_force_looked_at_and_ends_nothing(landlord: str) -> None:
    road = Road(landlord)
    restriction = road.restricted()
    road.world.wait(3)
    ended_on = road.world.today - timedelta(days=1)
    road.world.do(EndTenancy(on=ended_on))
    (scheduled,) = road.world.facts(TenancyEnded)[0].reviews
    assert (scheduled.cadence, scheduled.opens_on, scheduled.clause) == (
        "tenancy_ended",
        road.world.today,
        "baseline 16",
    )
    assert scheduled.due_on == date(2026, 4, 13)  # 20 working days after 12 March, past Good Friday and Easter Monday
    assert road.decider() in scheduled.by
    (standing,) = road.world.case.in_force_on(road.world.today)
    assert standing.id == restriction
    assert scheduled in standing.pending_reviews()
    assert road.world.case.tenancy_ended_on == ended_on


def a_look(restriction: str, **changes: object) -> CompleteReview:
    """The review that the end of a tenancy asks for."""
    fields: dict[str, object] = {
        "restriction": restriction,
        "cadence": "tenancy_ended",
        "outcome": ReviewOutcome.LIFTED,
        "assessment": words(),
    }
    return CompleteReview.model_validate({**fields, **changes})


def test_the_review_after_a_tenancy_is_held_by_the_policys_own_people_and_discharges_what_was_owed() -> None:
    road = Road("citizen")
    restriction = road.restricted()
    assert clauses(road, a_look(restriction), by=road.decider()) == {"unknown_cadence": "the record itself"}
    road.world.do(EndTenancy())
    assert clauses(road, a_look(restriction), by="records_officer") == {"post_held": "baseline 16"}
    road.world.do(a_look(restriction), by=road.decider())
    assert not road.world.case.in_force_on(road.world.today)
    (held,) = road.world.case.restrictions[0].reviews
    assert held.due_on == road.world.facts(TenancyEnded)[0].reviews[0].due_on


def test_a_tenancy_with_nothing_in_force_ends_without_a_review_and_only_once() -> None:
    road = Road("derby").opened()
    road.world.do(EndTenancy())
    assert road.world.facts(TenancyEnded)[0].reviews == ()
    assert road.world.rules(EndTenancy()) == {"already_ended"}


def test_whoever_moves_in_somewhere_has_a_tenancy_again_that_can_end() -> None:
    road = Road("derby").opened()
    road.world.do(EndTenancy())
    road.world.wait(1)
    road.world.do(RecordHome(home="home-2"))
    assert road.world.case.tenancy_ended_on is None
    road.world.wait(1)
    road.world.do(EndTenancy())


# Death


def test_death_ends_what_stands_and_letters_stop() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.wait(1)
    road.world.do(RecordDeath(died_on=START, detail=words()))
    assert not road.world.case.in_force_on(road.world.today)
    assert road.world.case.restrictions[0].end_kind is EndKind.DEATH
    letter = letter_about(road, restriction)
    assert clauses(road, letter)["no_letters_after_death"] == "baseline 16"
    road.world.do(letter.model_copy(update={"already_sent": True}))  # one that crossed with the news is taken down


def letter_about(road: Road, restriction: str, method: DeliveryMethod = BY_HAND) -> CaseCommand:
    """The decision letter, complete."""
    notice = road.policy.notices.get(NoticeKind.DECISION)
    return SendNotice(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=method,
        contents=road.contents(NoticeKind.DECISION),
        enclosures=tuple(notice.enclosures) if notice else (),
    )


def test_nothing_is_decided_against_somebody_who_has_died() -> None:
    road = Road("derby")
    proposal = road.ready()
    road.world.do(RecordDeath())
    assert clauses(road, road.application(proposal), by=road.decider()) == {"nothing_after_death": "baseline 16"}
    road.world.do(LogContact(channel=Channel.TELEPHONE, summary=words()))  # the family may still ring


@pytest.mark.parametrize("kind", AGAINST_THE_CUSTOMER)
def test_whatever_would_begin_against_the_dead_is_refused_before_anything_else(kind: Any) -> None:
    road = Road("derby").opened()
    road.world.do(RecordDeath())
    assert clauses(road, kind.model_construct(), by=road.decider()) == {"nothing_after_death": "baseline 16"}


def test_a_death_that_was_reported_wrongly_is_undone_and_everything_stands_as_before() -> None:
    road = Road("derby")
    road.restricted()
    before = road.world.case.restrictions
    road.world.wait(1)
    road.world.do(RecordDeath())
    road.world.wait(1)
    road.world.do(WithdrawDeath(reason=words()))
    after = road.world.case.restrictions
    assert [(r.id, r.over_from, r.end_kind, r.ends_on) for r in after] == [
        (r.id, r.over_from, r.end_kind, r.ends_on) for r in before
    ]
    assert road.world.case.in_force_on(road.world.today)
    assert not road.world.case.dead()
    road.letter(NoticeKind.DECISION, "restriction-1")


def test_what_was_lifted_is_not_brought_back_by_a_death_that_was_entered_late_and_wrongly() -> None:
    road = Road("derby")
    restriction = road.restricted()
    learnt_on = road.world.today
    road.world.wait(2)
    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())
    road.world.do(RecordDeath(on=learnt_on))
    road.world.do(WithdrawDeath(reason=words()))
    assert road.world.case.restrictions[0].end_kind is EndKind.LIFTED
    assert not road.world.case.in_force_on(road.world.today)


def test_nobody_dies_twice_nor_after_the_news_nor_comes_back_who_did_not() -> None:
    road = Road("derby").opened()
    assert road.world.rules(WithdrawDeath(reason=words())) == {"nobody_died"}
    assert road.world.rules(RecordDeath(died_on=START + timedelta(days=1))) == {"end_before_start"}
    road.world.do(RecordDeath())
    assert road.world.rules(RecordDeath()) == {"died_before"}
    early = WithdrawDeath(reason=words(), on=START - timedelta(days=1))
    assert road.world.rules(early) == {"end_before_start"}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_death_is_recorded_by_those_who_decide_or_who_keep_the_record(landlord: str) -> None:
    by = Road(landlord)
    for role in ("records_officer", "case_officer", by.decider()):
        road = Road(landlord).opened()
        road.world.do(RecordDeath(), by=role)
        road.world.do(WithdrawDeath(reason=words()), by=role)
    assert clauses(Road(landlord).opened(), RecordDeath(), by="duty_manager") == {"post_held": "baseline 16"}


# Reaching them safely (baseline 8)


def safely(*methods: DeliveryMethod, **changes: object) -> InstructSafeContact:
    """Letters go in these ways only."""
    return InstructSafeContact.model_validate({"methods": methods, "words": words(), **changes})


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_no_letter_goes_in_a_way_that_is_not_safe(landlord: str) -> None:
    road = Road(landlord)
    restriction = road.restricted(told=False)
    road.world.do(safely(BY_EMAIL, DeliveryMethod.COLLECTED))
    refused = clauses(road, letter_about(road, restriction, BY_POST), by=road.decider())
    assert refused["safe_contact"] == "baseline 8"
    road.told(restriction, method=DeliveryMethod.COLLECTED)
    assert road.world.case.received_on(restriction) == road.world.today


def test_an_instruction_cannot_be_overridden_and_a_letter_that_went_out_against_it_is_taken_down() -> None:
    road = Road("derby")
    restriction = road.restricted(told=False)
    road.world.do(safely(BY_EMAIL))
    letter = letter_about(road, restriction, BY_POST)
    forced = letter.model_copy(update={"overrides": (override("safe_contact"),)})
    assert "cannot_be_overridden" in road.world.rules(forced, by=road.decider())
    road.world.do(letter.model_copy(update={"already_sent": True}))
    assert road.world.case.notices_about(restriction)


def test_the_letter_of_an_extension_obeys_the_instruction_too() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.do(safely(BY_EMAIL))
    road.incident()
    longer = road.extension(restriction, date(2027, 9, 9))
    assert clauses(road, longer, by=road.decider())["safe_contact"] == "baseline 8"
    by_email = longer.model_copy(update={"method": BY_EMAIL})
    road.world.do(by_email, by=road.decider())


@pytest.mark.parametrize("kind", [NoticeKind.WARNING, NoticeKind.ENDING, NoticeKind.APPEAL_ACKNOWLEDGEMENT])
def test_letters_of_every_kind_obey_it(kind: NoticeKind) -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.do(LodgeAppeal(against=restriction, reasons=words()))
    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())
    road.world.do(safely(BY_EMAIL))
    about = {NoticeKind.WARNING: "warning-1", NoticeKind.ENDING: restriction}.get(kind, "appeal-1")
    letter = SendNotice(kind=kind, about=about, method=BY_POST, contents=road.contents(kind))
    assert "safe_contact" in road.world.rules(letter)
    assert "safe_contact" not in rules_of(road, letter.model_copy(update={"method": BY_EMAIL}))


def rules_of(road: Road, command: CaseCommand) -> set[str]:
    """The rules in the way of a command, none when it is carried out."""
    try:
        road.world.do(command)
    except Refused as refusal:
        return {v.rule for v in refusal.violations}
    return set()


def test_an_instruction_holds_from_its_first_to_its_last_day_and_until_it_is_ended() -> None:
    road = Road("derby").opened()
    road.world.do(safely(BY_EMAIL, from_on=START + timedelta(days=1), until=START + timedelta(days=5)))
    safe = [safe_methods(START + timedelta(days=n), road.world.situation("case_officer")) for n in (0, 1, 5, 6)]
    assert safe == [None, frozenset({BY_EMAIL}), frozenset({BY_EMAIL}), None]
    road.world.wait(2)
    road.world.do(EndSafeContact(instruction="safe-contact-1", reason=words()))
    assert safe_methods(road.world.today + timedelta(days=1), road.world.situation("case_officer")) is None
    assert road.world.rules(EndSafeContact(instruction="safe-contact-1")) == {"unknown_instruction"}
    assert road.world.rules(safely(BY_EMAIL, until=START)) == {"end_before_start"}


def test_instructions_that_hold_together_are_obeyed_together_and_leave_some_way() -> None:
    road = Road("derby").opened()
    road.world.do(safely(BY_EMAIL, BY_HAND))
    assert road.world.rules(safely(BY_POST)) == {"a_way_is_left"}
    road.world.do(safely(BY_HAND, BY_POST))
    assert safe_methods(START, road.world.situation("case_officer")) == frozenset({BY_HAND})


def test_an_instruction_outlives_the_case_in_which_it_was_given() -> None:
    earlier, road = Road("derby", stream="case-0").opened(), Road("derby")
    earlier.world.do(safely(BY_EMAIL))
    earlier.world.do(CloseCase(reasons=words()))
    restriction = road.restricted(told=False)
    situation = replace(road.world.situation("case_officer"), others=(earlier.world.case,))
    for command, rule in (
        (letter_about(road, restriction, BY_POST), "safe_contact"),
        (safely(BY_POST), "a_way_is_left"),
    ):
        with pytest.raises(Refused) as refusal:
            decide(command, situation)
        assert rule in {v.rule for v in refusal.value.violations}
    earlier.world.wait(1)
    earlier.world.do(EndSafeContact(instruction="safe-contact-1"))
    later = replace(situation, others=(earlier.world.case,))
    assert safe_methods(road.world.today + timedelta(days=9), later) is None


def test_where_nothing_may_go_in_writing_the_customer_is_told_in_conversation() -> None:
    road = Road("derby")
    restriction = road.restricted(told=False)
    road.world.do(safely())
    (refused,) = [v for v in road.world.refused(letter_about(road, restriction)) if v.rule == "safe_contact"]
    assert "in conversation" in refused.asks
    measures = tuple(m.id for m in road.world.case.restrictions[0].measures_on(road.world.today))
    road.world.do(TellByTelephone(restriction=restriction, measures=measures))
    assert [*road.world.case.binding_on(road.world.today)]


def test_what_can_safely_only_be_read_aloud_is_a_letter_all_the_same() -> None:
    road = Road("derby")
    restriction = road.restricted(told=False)
    aloud = letter_about(road, restriction, DeliveryMethod.READ_ALOUD)
    assert "notice_before_breach" in road.world.rules(aloud)
    road.world.do(safely(DeliveryMethod.READ_ALOUD))
    road.world.do(aloud)
    assert road.world.case.received_on(restriction) == road.world.today
