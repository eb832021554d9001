"""Whom facts name by their ids: each found once for each time that it stands there, wherever it stands."""

from __future__ import annotations

from datetime import date

from domain.codes import CaseId, StaffId, SubjectId
from domain.events import (
    CaseClosed,
    IncidentRecorded,
    MovedToRightPerson,
    NamedContactChanged,
    RepresentativeAuthorised,
    RestrictionApplied,
)
from domain.ids_named import can_name_somebody, named_in, where_named
from tests.domain.world import Road, staff, words

DAY = date(2026, 3, 2)


def test_staff_in_a_list_are_found() -> None:
    fact = NamedContactChanged(
        restriction="restriction-1",
        measure="restriction-1.1",
        contact_staff=(StaffId("one"), StaffId("two")),
        from_on=DAY,
    )
    named = named_in(fact)
    assert (named.staff, named.subjects, named.cases) == (("one", "two"), (), ())


def test_staff_in_a_measure_of_a_decision_are_found() -> None:
    road = Road("wolverhampton").opened()
    road.restricted(road.measure(contact_staff=(staff("case_officer"),)))
    [fact] = road.world.facts(RestrictionApplied)
    assert staff("case_officer") in named_in(fact).staff


def test_another_person_and_their_case_are_found() -> None:
    fact = MovedToRightPerson(
        entry="contact-1",
        to_case=CaseId("case-2"),
        to_person=SubjectId("person-2"),
        hidden=("event-1",),
        moved_on=DAY,
        reason=words(),
    )
    named = named_in(fact)
    assert (named.staff, named.subjects, named.cases) == ((), ("person-2",), ("case-2",))


def test_whose_conduct_it_was_and_whom_else_it_was_about_are_found() -> None:
    road = Road("wolverhampton").opened()
    road.incident(other_party=words(), other_person="person-9")
    [fact] = road.world.facts(IncidentRecorded)
    assert named_in(fact).subjects == ("person-1", "person-9")


def test_a_field_that_names_somebody_is_found_by_its_path() -> None:
    road = Road("wolverhampton").opened()
    road.incident(other_party=words(), other_person="person-9")
    [fact] = road.world.facts(IncidentRecorded)
    assert where_named(fact, [SubjectId("person-9")]) == ("other_person",)
    assert where_named(fact, [SubjectId("person-8")]) == ()


def test_somebody_through_whom_contact_goes_is_named_in_a_measure() -> None:
    road = Road("wolverhampton").opened()
    road.restricted(road.measure(third_party=SubjectId("person-9")))
    [fact] = road.world.facts(RestrictionApplied)
    assert where_named(fact, [SubjectId("person-9")]) == ("measures.0.third_party",)


def test_which_facts_can_name_somebody_is_told_by_their_types() -> None:
    assert can_name_somebody(RepresentativeAuthorised)
    assert can_name_somebody(RestrictionApplied)
    assert not can_name_somebody(NamedContactChanged)
    assert not can_name_somebody(CaseClosed)
