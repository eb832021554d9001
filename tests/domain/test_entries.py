"""Entries of people without a case: how long they are kept, and how two people end them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.case import Case
from domain.codes import CaseId, EntryReason, SubjectId
from domain.decisions import LandlordCommand, Refused, decide
from domain.decisions.entries import DecideEntryDisposal, ProposeEntryDisposal
from domain.decisions.people import AuthoriseRepresentative, EndRepresentative
from domain.decisions.retention import ErasePerson
from domain.decisions.rights import PlaceLegalHold, ReceiveRightsRequest
from domain.entries import Entry, clock_of
from domain.events import EntryDisposalProposed, PersonErased
from domain.landlord import fold_landlord
from tests.domain.world import START, Road, World, staff, words

SISTER = SubjectId("person-9")
MADE = date(2025, 2, 1)


def entry(*named_in: Case, own: tuple[str, ...] = (), made: date | None = MADE, erased: bool = False) -> Entry:
    """The sister's entry."""
    return Entry(
        person=SISTER,
        made_on=made,
        erased=erased,
        own_cases=tuple(CaseId(one) for one in own),
        named_in=tuple(named_in),
    )


def done(world: World, command: LandlordCommand, by: str, found: Entry) -> tuple[object, ...]:
    """The facts that follow, which the landlord knows from then on."""
    situation = replace(world.situation(by), entries={found.person: found}, case=Case())
    facts = tuple(new.fact for new in decide(command, situation).facts)
    for fact in facts:
        event = world.event(fact, world.now, staff(by), None, world.landlord.version + 1)
        world.landlord = fold_landlord([event], onto=world.landlord)
    return facts


def refusals(world: World, command: LandlordCommand, by: str, found: Entry) -> set[str]:
    """The rules in the way."""
    with pytest.raises(Refused) as refusal:
        done(world, command, by, found)
    return {v.rule for v in refusal.value.violations}


def proposing(because: EntryReason = EntryReason.RETENTION, requested_on: date | None = None) -> ProposeEntryDisposal:
    """The sister's entry is to go."""
    return ProposeEntryDisposal(persons=(SISTER,), because=because, requested_on=requested_on)


def asked() -> ProposeEntryDisposal:
    """She asks for it."""
    return proposing(EntryReason.REQUEST, START)


def spoken_for() -> Road:
    """A case in which the sister speaks for the customer."""
    road = Road("derby").opened()
    road.world.do(AuthoriseRepresentative(person=SISTER, authority="written"))
    return road


# Clocks


def test_an_entry_that_was_never_used_may_go_a_year_after_it_was_made() -> None:
    world = World("derby")
    clock = clock_of(entry(), world.policy, world.baseline.baseline)
    assert clock is not None
    assert (clock.from_on, clock.period, clock.clause) == (date(2026, 2, 2), "1 year", "baseline 16 (assumed)")


def test_one_that_a_case_names_is_kept_as_long_as_that_case() -> None:
    road = spoken_for()
    world = road.world
    clock = clock_of(entry(world.case), world.policy, world.baseline.baseline)
    assert clock is not None
    assert (clock.from_on, clock.kept_by) == (None, (world.case.id,))
    gone = PersonErased(
        erasure="erasure-1", person=world.case.person, classes=(), because="disposal-1", erased_on=world.today
    )
    world.given(world.event(gone, world.now, staff("records_officer"), None, world.case.version + 1))
    after = clock_of(entry(world.case), world.policy, world.baseline.baseline)
    assert after is not None
    assert (after.from_on, after.kept_by) == (world.today, ())


def test_a_customers_entry_an_erased_one_and_an_unknown_one_have_no_clock() -> None:
    world = World("derby")
    for found in (entry(own=("case-9",)), entry(erased=True), entry(made=None)):
        assert clock_of(found, world.policy, world.baseline.baseline) is None


# By two people


def test_two_people_end_an_entry_and_every_key_of_the_person_goes() -> None:
    world = World("derby")
    [proposed] = done(world, proposing(), "records_officer", entry())
    assert isinstance(proposed, EntryDisposalProposed)
    assert (proposed.disposal, proposed.persons, proposed.due_on) == ("entries-1", (SISTER,), None)
    deciding = DecideEntryDisposal(disposal="entries-1", approved=True)
    assert refusals(world, deciding, "records_officer", entry()) == {"second_person"}
    _, erased = done(world, deciding, "data_protection_officer", entry())
    assert isinstance(erased, PersonErased)
    assert (erased.person, erased.classes, erased.because) == (SISTER, (), "entries-1")
    assert refusals(world, deciding, "data_protection_officer", entry()) == {"already_decided"}


def test_an_entry_that_is_kept_after_all_loses_nothing_and_can_be_proposed_again() -> None:
    world = World("derby")
    done(world, proposing(), "records_officer", entry())
    assert refusals(world, proposing(), "records_officer", entry()) == {"already_proposed"}
    facts = done(world, DecideEntryDisposal(disposal="entries-1", approved=False), "data_protection_officer", entry())
    assert len(facts) == 1
    done(world, proposing(), "records_officer", entry())


def test_nobody_else_ends_entries_and_none_goes_before_its_time() -> None:
    world = World("derby")
    assert refusals(world, proposing(), "case_officer", entry()) == {"post_held"}
    young = entry(made=START - timedelta(days=20))
    assert refusals(world, proposing(), "records_officer", young) == {"not_due"}
    assert refusals(world, proposing(), "records_officer", entry(spoken_for().world.case)) == {
        "not_due",
        "still_in_force",
    }


def test_who_is_not_there_or_has_a_case_is_told_where_to_go() -> None:
    world = World("derby")
    for found, rule in (
        (entry(made=None), "unknown_person"),
        (entry(erased=True), "already_erased"),
        (entry(own=("case-9",)), "case_of_their_own"),
    ):
        assert refusals(world, asked(), "records_officer", found) == {rule}
    unknown = DecideEntryDisposal(disposal="entries-7", approved=True)
    assert refusals(world, unknown, "records_officer", entry()) == {"unknown_disposal"}


# Because somebody asks


def test_whoever_asks_is_erased_before_the_time_once_nothing_needs_them_any_more() -> None:
    road = spoken_for()
    world = road.world
    assert refusals(world, asked(), "records_officer", entry(world.case)) == {"still_in_force"}
    world.do(EndRepresentative(representative=world.case.representatives[0].id))
    world.wait(1)
    [proposed] = done(world, asked(), "records_officer", entry(world.case))
    assert isinstance(proposed, EntryDisposalProposed)
    assert (proposed.requested_on, proposed.due_on) == (START, date(2026, 4, 2))
    deciding = DecideEntryDisposal(disposal="entries-1", approved=True)
    assert len(done(world, deciding, "data_protection_officer", entry(world.case))) == 2


def test_somebody_through_whom_contact_goes_or_whose_case_is_held_is_not_erased() -> None:
    road = Road("wolverhampton").opened()
    road.restricted(road.measure(third_party=SISTER))
    road.world.do(PlaceLegalHold(because="claim", reason=words()), by="records_officer")
    found = entry(road.world.case)
    assert refusals(road.world, asked(), "records_officer", found) == {"still_in_force", "legal_hold"}


def test_somebody_of_whom_one_case_speaks_is_not_erased_there_while_another_needs_them() -> None:
    one, other = spoken_for(), Road("derby", stream="case-2").opened(SubjectId("person-2"))
    world = one.world
    world.do(EndRepresentative(representative=world.case.representatives[0].id))
    world.do(ReceiveRightsRequest(right="erasure"))
    other.world.do(AuthoriseRepresentative(person=SISTER, authority="written"))
    world.wait(1)
    found = replace(world.situation("data_protection_officer"), entries={SISTER: entry(world.case, other.world.case)})
    with pytest.raises(Refused) as refusal:
        decide(ErasePerson(request="rights-1", person=SISTER), found)
    [violation] = refusal.value.violations
    assert (violation.rule, "case-2" in violation.asks) == ("still_in_force", True)


def test_what_came_between_proposal_and_decision_counts() -> None:
    world = World("derby")
    done(world, proposing(), "records_officer", entry())
    deciding = DecideEntryDisposal(disposal="entries-1", approved=True)
    named = entry(spoken_for().world.case)
    assert refusals(world, deciding, "data_protection_officer", named) == {"not_due", "still_in_force"}
    theirs = entry(own=("case-9",))
    assert refusals(world, deciding, "data_protection_officer", theirs) == {"case_of_their_own"}


def test_a_refusal_names_a_field_that_the_request_has_and_says_what_to_do() -> None:
    road = spoken_for()
    world = road.world

    def told(command: LandlordCommand, by: str, found: Entry) -> list[tuple[str | None, str]]:
        with pytest.raises(Refused) as refusal:
            done(world, command, by, found)
        return [(v.field, v.asks) for v in refusal.value.violations]

    [undated] = told(proposing(EntryReason.REQUEST), "records_officer", entry())
    assert undated == ("requested_on", "Say on which day they asked.")
    done(world, asked(), "records_officer", entry())
    approving = DecideEntryDisposal(disposal="entries-1", approved=True)
    assert {field for field, _ in told(approving, "records_officer", entry(world.case))} == {"disposal"}
    [open_ended] = told(approving, "data_protection_officer", entry(world.case))
    assert open_ended[1].endswith("representative-1 speaks for the customer: end that first.")
    last = START + timedelta(days=9)
    until = Road("derby").opened().world
    until.do(AuthoriseRepresentative(person=SISTER, authority="written", until=last))
    [later] = told(approving, "data_protection_officer", entry(until.case))
    assert later[1].endswith(f"representative-1 speaks for the customer until {last}: end that first, or wait.")
    world.do(EndRepresentative(representative="representative-1"))
    [over_tonight] = told(approving, "data_protection_officer", entry(world.case))
    assert over_tonight[1].endswith("representative-1 speaks for the customer until the end of today.")


def test_a_request_has_its_day_and_nothing_is_destroyed_on_another_day_than_today() -> None:
    world = World("derby")
    without = proposing(EntryReason.REQUEST)
    assert refusals(world, without, "records_officer", entry()) == {"asked_when"}
    assert refusals(world, proposing(requested_on=START), "records_officer", entry()) == {"asked_when"}
    tomorrow = proposing(EntryReason.REQUEST, START + timedelta(days=1))
    assert refusals(world, tomorrow, "records_officer", entry()) == {"not_in_the_future"}
    done(world, proposing(), "records_officer", entry())
    world.wait(2)
    late = DecideEntryDisposal(disposal="entries-1", approved=True, on=START)
    assert refusals(world, late, "data_protection_officer", entry()) == {"only_today"}
