"""When records may go, what stops it, and that two people agree to it (baseline 16)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.case_parts import Adjustment, Appeal, FiledItem, TermEnd, Told
from domain.case_people import Complaint, CounterAllegation, Merge, OmbudsmanCase, SafeContact
from domain.case_rights import LegalHold, RightsRequest
from domain.case_safety import SafetyWarning
from domain.codes import CaseId, HoldReason, RecordClass, Right, RoleCode, StaffId, SubjectId
from domain.decisions.retention import DecideDisposal, ProposeDisposal
from domain.decisions.rights import PlaceLegalHold, ReceiveRightsRequest
from domain.events import DisposalProposed, PersonErased, RetentionDecided
from domain.personal import KeyClass
from domain.retention import KEYS, OF_A_CASE, due, kept_in, stops
from tests.domain.a_closed_case import BEGAN, DPO, RECORDS, clocks, closed, declined, disposed, lifted, only_logged
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import CASE, PERSON, Road, World, staff, words

CLOSED = BEGAN + timedelta(days=38)  # a week of warning, a month of restriction, a day
LATER = date(2030, 1, 1)


# clocks


def test_restrictions_are_kept_for_six_years_after_the_last_one_was_over() -> None:
    road = lifted()
    clock = clocks(road)[RecordClass.RESTRICTIONS]
    last = road.world.case.restrictions[0].last_day()
    assert clock.started_on == last
    assert clock.from_on == last.replace(year=last.year + 6) + timedelta(days=1)
    assert not clock.ran_out(clock.from_on - timedelta(days=1))
    assert clock.ran_out(clock.from_on)
    assert "Limitation Act 1980" in clock.because
    assert clock.clause == "baseline 16 (assumed)"


def test_contacts_without_a_restriction_are_kept_for_two_years_after_the_case_was_closed() -> None:
    road = only_logged()
    (clock,) = clocks(road).values()
    assert (clock.records, clock.started_on, clock.from_on) == (
        RecordClass.CONTACTS,
        date(2019, 3, 5),
        date(2021, 3, 6),
    )


def test_what_a_restriction_rests_on_is_kept_as_long_as_the_restriction() -> None:
    found = clocks(lifted())
    until = found[RecordClass.RESTRICTIONS].from_on
    assert found[RecordClass.CONTACTS].from_on == until
    assert found[RecordClass.EVIDENCE].from_on == until
    assert found[RecordClass.WARNINGS].from_on == until  # sealed under one key with the decision
    assert found[RecordClass.ADJUSTMENTS].from_on == date(2020, 4, 12)


def test_maidstone_keeps_those_who_were_not_restricted_until_the_three_monthly_look() -> None:
    theirs, ours = declined("maidstone"), declined("citizen")
    assert clocks(theirs)[RecordClass.NOT_RESTRICTED].from_on == date(2019, 6, 7)
    assert clocks(theirs)[RecordClass.NOT_RESTRICTED].clause == "7.2(b), 7.4"
    assert clocks(ours)[RecordClass.NOT_RESTRICTED].from_on == date(2020, 3, 7)
    assert clocks(ours)[RecordClass.NOT_RESTRICTED].clause == "baseline 16 (assumed)"


@pytest.mark.clause("MAI-45", "TIMER")
def test_at_maidstone_the_records_of_somebody_not_restricted_may_go_after_three_months() -> None:
    road = declined("maidstone")
    proposal = ProposeDisposal(classes=(RecordClass.NOT_RESTRICTED,))
    road.world.today = date(2019, 6, 6)
    assert road.world.rules(proposal, by=RECORDS) == {"not_due"}
    road.world.today = date(2019, 6, 7)
    road.world.do(proposal, by=RECORDS)


def test_somebody_restricted_stands_on_no_list_of_those_who_were_not() -> None:
    assert RecordClass.NOT_RESTRICTED not in clocks(lifted())


def test_no_clock_runs_in_a_case_that_is_open() -> None:
    road = Road("citizen").opened()
    road.contact()
    (clock,) = clocks(road).values()
    assert (clock.started_on, clock.from_on) == (None, None)
    assert [stop.rule for stop in clock.stopped_by] == ["case_open"]


def test_a_case_that_nobody_has_heard_of_has_no_clocks() -> None:
    world = World("citizen")
    assert due(world.case, world.policy, world.baseline.baseline, world.today) == ()


def test_every_class_of_words_in_a_case_belongs_to_some_class_of_records() -> None:
    assert {key for keys in KEYS.values() for key in keys} == set(OF_A_CASE)
    assert set(KEYS) == set(RecordClass)


# what stops it

STAFF = StaffId("staff-1")

STILL: dict[str, Callable[[World], object]] = {
    "still_in_force": lambda w: replace(
        w.case, restrictions=(replace(w.case.restrictions[0], over_from=None, terms=_ending(w, LATER)),)
    ),
    "removal_owed": lambda w: replace(
        w.case, restrictions=(replace(w.case.restrictions[0], others_told=(Told("alert:housing_system", BEGAN),)),)
    ),
    "safety_warning": lambda w: replace(w.case, safety=(_warning(),)),
    "proposal_open": lambda w: replace(w.case, proposals=(replace(w.case.proposals[0], outcome=None),)),
    "appeal_open": lambda w: replace(
        w.case,
        appeals=(
            Appeal(
                "appeal-1",
                "restriction-1",
                "restriction-1",
                "decision",
                BEGAN,
                True,
                None,
                True,
            ),
        ),
    ),
    "complaint_open": lambda w: replace(w.case, complaints=(Complaint("complaint-1"),)),
    "ombudsman_case": lambda w: replace(w.case, ombudsman=(OmbudsmanCase("o-1", "housing", None, BEGAN),)),
    "allegation_open": lambda w: replace(
        w.case, allegations=(CounterAllegation("a-1", STAFF, None, RoleCode("manager"), BEGAN, STAFF),)
    ),
    "filed_unread": lambda w: replace(w.case, filed=(FiledItem("contact-1", "restriction-1", "m", None, BEGAN),)),
    "merge_unsettled": lambda w: replace(
        w.case, merges=(Merge("merge-1", SubjectId("p-2"), CaseId("c-2"), PERSON, ("restriction-1",), BEGAN),)
    ),
    "legal_hold": lambda w: replace(w.case, holds=(LegalHold("hold-1", HoldReason.CLAIM, BEGAN, None),)),
    "rights_request": lambda w: replace(w.case, rights=(RightsRequest("rights-1", Right.ACCESS, BEGAN, BEGAN),)),
    "case_open": lambda w: replace(w.case, stage="open", closed_on=None),
}


def _ending(world: World, ends_on: date) -> tuple[TermEnd, ...]:
    return tuple(replace(term, ends_on=ends_on) for term in world.case.restrictions[0].terms)


def _warning() -> SafetyWarning:
    return SafetyWarning(
        id="safety-1",
        incident="incident-1",
        incident_on=BEGAN,
        home=None,
        precautions=(),
        audience=(),
        review_on=LATER,
        expires_on=LATER,
        proposed_by=STAFF,
        proposed_on=BEGAN,
        precaution_words=None,
    )


@pytest.mark.parametrize("rule", sorted(STILL))
def test_records_stay_while_anything_is_in_force_open_owed_or_held(rule: str) -> None:
    world = lifted().world
    world.today = date(2026, 1, 5)
    assert not list(stops(world.case, world.today))
    world.case = STILL[rule](world)  # type: ignore[assignment]
    assert [stop.rule for stop in stops(world.case, world.today)] == [rule]
    everything = ProposeDisposal(classes=kept_in(world.case))
    assert rule in world.rules(everything, by=RECORDS)


def test_an_adjustment_in_force_keeps_what_is_known_of_it_and_no_restriction_for_its_sake() -> None:
    road = lifted()
    given = Adjustment("adjustment-1", "formats", BEGAN, BEGAN, agreed=True, starts_on=BEGAN)
    road.world.case = replace(road.world.case, adjustments=(given,))
    found = clocks(road, date(2026, 1, 5))
    assert [stop.rule for stop in found[RecordClass.ADJUSTMENTS].stopped_by] == ["adjustment"]
    assert found[RecordClass.ADJUSTMENTS].from_on is None
    assert not found[RecordClass.RESTRICTIONS].stopped_by


def test_a_safe_contact_instruction_counts_as_an_adjustment() -> None:
    road = lifted()
    instruction = SafeContact("safe-1", (), True, BEGAN, None, words())
    road.world.case = replace(road.world.case, safe_contacts=(instruction,))
    stopped = clocks(road, date(2026, 1, 5))[RecordClass.ADJUSTMENTS].stopped_by
    assert [stop.rule for stop in stopped] == ["adjustment"]


# two people


def due_everywhere(landlord: str = "citizen") -> Road:
    """A case with a restriction whose every clock ran out."""
    road = lifted(landlord)
    road.world.today = date(2026, 1, 5)
    return road


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_second_person_agrees_and_everything_goes(landlord: str) -> None:
    road = due_everywhere(landlord)
    road.world.do(ProposeDisposal(classes=kept_in(road.world.case), reason=words()), by=RECORDS)
    decide = DecideDisposal(disposal="disposal-1", approved=True)
    assert road.world.rules(decide, by=RECORDS) == {"second_person"}
    road.world.do(decide, by=DPO)
    (decided,) = road.world.facts(RetentionDecided)
    (erased,) = road.world.facts(PersonErased)
    assert decided.approved
    assert (erased.person, erased.classes, erased.because) == (PERSON, (), "disposal-1")
    assert clocks(road) == {}
    assert road.world.history[-1].clauses == ("baseline 16",)


def test_nobody_else_proposes_or_decides() -> None:
    road = due_everywhere()
    proposal = ProposeDisposal(classes=kept_in(road.world.case))
    assert road.world.rules(proposal, by="case_officer") == {"post_held"}
    assert road.world.rules(proposal, by=road.decider()) == {"post_held"}
    road.world.do(proposal, by=DPO)
    decide = DecideDisposal(disposal="disposal-1", approved=True)
    assert road.world.rules(decide, by=DPO) == {"second_person"}
    assert road.world.rules(decide, by="case_officer") == {"post_held"}
    assert road.world.rules(decide.model_copy(update={"disposal": "disposal-2"}), by=RECORDS) == {"unknown_disposal"}


def test_what_is_kept_after_all_says_why_and_can_be_proposed_again() -> None:
    road = due_everywhere()
    everything = ProposeDisposal(classes=kept_in(road.world.case))
    road.world.do(everything, by=RECORDS)
    assert road.world.rules(everything, by=DPO) == {"already_proposed"}
    keep = DecideDisposal(disposal="disposal-1", approved=False)
    assert road.world.rules(keep, by=DPO) == {"keeping_says_why"}
    road.world.do(keep.model_copy(update={"reason": words()}), by=DPO)
    assert not road.world.facts(PersonErased)
    assert road.world.rules(keep, by=DPO) == {"already_decided"}
    road.world.do(everything, by=RECORDS)
    assert road.world.case.disposals[-1].id == "disposal-2"


def test_a_disposal_that_was_proposed_rightly_waits_for_a_hold_placed_since() -> None:
    road = due_everywhere()
    road.world.do(ProposeDisposal(classes=kept_in(road.world.case)), by=RECORDS)
    road.world.do(PlaceLegalHold(because=HoldReason.OMBUDSMAN, reason=words()), by=DPO)
    road.world.do(ReceiveRightsRequest(right=Right.ACCESS))
    decide = DecideDisposal(disposal="disposal-1", approved=True)
    assert road.world.rules(decide, by=DPO) == {"legal_hold", "rights_request"}
    assert len(road.world.facts(RetentionDecided)) == 0


def test_nothing_is_destroyed_on_a_day_that_is_not_today() -> None:
    road = due_everywhere()
    road.world.do(ProposeDisposal(classes=kept_in(road.world.case)), by=RECORDS)
    road.world.wait(3)
    back = DecideDisposal(disposal="disposal-1", approved=True, on=road.world.today - timedelta(days=1))
    assert road.world.rules(back, by=DPO) == {"only_today"}


def test_records_that_are_not_there_or_went_before_are_not_proposed() -> None:
    road = only_logged()
    road.world.today = LATER
    assert road.world.rules(ProposeDisposal(classes=(RecordClass.SAFETY,)), by=RECORDS) == {"no_such_records"}
    disposed(road, RecordClass.CONTACTS)
    assert road.world.rules(ProposeDisposal(classes=(RecordClass.CONTACTS,)), by=RECORDS) == {"no_such_records"}


# what goes with what


def test_classes_that_share_a_key_go_together() -> None:
    road = due_everywhere()
    alone = ProposeDisposal(classes=(RecordClass.WARNINGS,))
    assert road.world.rules(alone, by=RECORDS) == {"sealed_together"}
    disposed(road, RecordClass.WARNINGS, RecordClass.RESTRICTIONS)
    (erased,) = road.world.facts(PersonErased)
    assert erased.classes == (KeyClass.DECISION, KeyClass.NOTICE)
    assert RecordClass.RESTRICTIONS not in clocks(road)
    assert RecordClass.CONTACTS in clocks(road)


def test_what_ran_out_first_goes_first_and_the_last_takes_the_rest_along() -> None:
    road = lifted()
    road.world.today = date(2020, 4, 12)
    early = ProposeDisposal(classes=(RecordClass.ADJUSTMENTS, RecordClass.CONTACTS))
    assert [v.asks for v in road.world.refused(early, by=RECORDS)] == [
        "Contacts are kept for 2 years, here as long as restrictions, and may go from 2025-04-10."
    ]
    disposed(road, RecordClass.ADJUSTMENTS)
    road.world.today = date(2026, 1, 5)
    disposed(road, *kept_in(road.world.case))
    first, last = road.world.facts(PersonErased)
    assert first.classes == (KeyClass.ADJUSTMENT,)
    assert last.classes == ()


def test_a_later_disposal_needs_no_words_where_their_key_is_gone() -> None:
    road = due_everywhere()
    disposed(road, RecordClass.WARNINGS, RecordClass.RESTRICTIONS)
    proposal = ProposeDisposal(classes=(RecordClass.EVIDENCE,), reason=words())
    assert road.world.rules(proposal, by=RECORDS) == {"words_are_gone"}
    road.world.do(proposal.model_copy(update={"reason": None}), by=RECORDS)
    road.world.do(DecideDisposal(disposal="disposal-2", approved=False), by=DPO)
    assert len(road.world.facts(DisposalProposed)) == 2


def test_while_the_person_has_records_elsewhere_their_entry_stays() -> None:
    road = due_everywhere()
    elsewhere = replace(only_logged().world.case, id=CaseId("case-2"), ordinal=2)
    road.world.others = (elsewhere,)
    disposed(road, *kept_in(road.world.case))
    (erased,) = road.world.facts(PersonErased)
    assert erased.person == PERSON
    assert set(erased.classes) == {*OF_A_CASE} - {KeyClass.THIRD_PARTY}
    assert road.world.history[-1].stream == CASE


def test_what_a_case_says_of_a_third_party_goes_with_its_contacts() -> None:
    road = Road("citizen", today=BEGAN).opened()
    road.incident(other_party=words(), other_person="person-9", with_evidence=False)
    closed(road)
    road.world.today = LATER
    disposed(road, RecordClass.CONTACTS)
    whole, third = road.world.facts(PersonErased)
    assert (whole.person, whole.classes) == (PERSON, ())
    assert (third.person, third.classes) == ("person-9", (KeyClass.THIRD_PARTY,))
    assert (whole.erasure, third.erasure) == ("erasure-1", "erasure-2")


def test_a_year_is_a_year_to_the_day_also_from_a_leap_day() -> None:
    road = only_logged(today=date(2020, 2, 28))
    assert road.world.case.closed_on == date(2020, 2, 29)
    assert clocks(road)[RecordClass.CONTACTS].from_on == date(2022, 3, 1)


def test_staff_are_nobody_whose_words_are_kept_here() -> None:
    assert staff(RECORDS) != staff(DPO)
