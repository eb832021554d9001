"""Records that were merged, at the desk: one append for both cases, and new contacts go to the record that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from application.streams import case_id
from domain.codes import CaseId, StaffId, SubjectId
from domain.decisions import Refused
from domain.decisions.endings import CloseCase
from domain.decisions.intake import OpenCase
from domain.decisions.landlord import AppointPost
from domain.decisions.merging import MergeRecords, UnmergeRecords
from domain.decisions.people import RecordDeath, WithdrawDeath
from domain.events import SYSTEM
from domain.personal import Personal
from tests.application.a_desk import MAIDSTONE, TENANT, Interrupted, World, a_call, asked, in_memory, on_postgres

KEEPER = StaffId("6c0f7a1e-5b2d-4f86-9a3e-1d2c3b4a5f66")
SECOND = SubjectId("0e3b6a6c-2f0b-4d1e-9b59-3a1f7c9d2e02")
THIRD = SubjectId("4c8d1f7e-6a2b-4b0c-8e6f-5d7a9b1c3f03")


@pytest.fixture(params=["memory", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The landlord on either log, with somebody who keeps the record of who is who."""
    keeper = AppointPost(role="records_officer", staff=KEEPER, starts_on=date(2026, 1, 1))
    if request.param == "memory":
        world = in_memory()
        world.desk.manage(keeper, SYSTEM)
        yield world
        return
    with on_postgres(request.getfixturevalue("database"), tmp_path / "keys") as real:
        real.desk.manage(keeper, SYSTEM)
        yield real


def logged(world: World, person: SubjectId) -> CaseId:
    """The case that a contact of this person's went to."""
    return CaseId(str(world.desk.log_contact(person, a_call(), KEEPER).answer["case"]))


def merging(other: CaseId, kept: SubjectId) -> MergeRecords:
    """The command that merges another case's record with this one's."""
    return MergeRecords(other_case=other, kept=kept, reason=Personal("The same date of birth."))


def unmerging(other: CaseId) -> UnmergeRecords:
    """The command that says they are two."""
    return UnmergeRecords(other_case=other, merge="merge-1", reason=Personal("They both rang."))


def rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """The rules that stood in the way."""
    return [violation.rule for violation in refused.value.violations]


def test_a_merge_is_one_append_to_both_cases_and_its_answer_is_about_this_one(world: World) -> None:
    one, other = logged(world, TENANT), logged(world, SECOND)
    before = world.log.head()

    receipt = world.desk.execute(one, merging(other, TENANT), KEEPER, request=asked("m"))

    assert (receipt.first_position, receipt.last_position) == (before + 1, before + 2)
    assert (receipt.answer["case"], receipt.answer["version"]) == (one, 3)
    here, there = (world.desk.case(case) for case in (one, other))
    assert [(m.id, m.other_case) for m in (*here.merges, *there.merges)] == [("merge-1", other), ("merge-1", one)]
    again = world.desk.execute(one, merging(other, TENANT), KEEPER, request=asked("m"))
    assert (again.answer, world.log.head()) == (receipt.answer, before + 2)


def test_new_contacts_of_either_record_go_to_the_open_case_of_the_one_that_is_kept(world: World) -> None:
    kept, gone = logged(world, TENANT), logged(world, SECOND)
    world.desk.execute(gone, merging(kept, TENANT), KEEPER)

    receipt = world.desk.log_contact(SECOND, a_call(), KEEPER)

    assert (receipt.answer["case"], receipt.answer["person"]) == (kept, TENANT)
    assert [world.desk.kept_record(person) for person in (TENANT, SECOND, THIRD)] == [TENANT, TENANT, THIRD]
    assert logged(world, TENANT) == kept
    world.desk.execute(gone, unmerging(kept), KEEPER)
    assert logged(world, SECOND) == gone
    assert logged(world, TENANT) == kept


def test_where_the_kept_record_has_no_open_case_its_next_one_is_opened(world: World) -> None:
    kept, gone = logged(world, TENANT), logged(world, SECOND)
    world.desk.execute(kept, merging(gone, TENANT), KEEPER)
    world.desk.execute(kept, CloseCase(), KEEPER)

    assert logged(world, SECOND) == case_id(MAIDSTONE, TENANT, 2)
    assert logged(world, SECOND) == case_id(MAIDSTONE, TENANT, 2)  # and the one after goes there, too
    assert world.desk.cases_of(SECOND) == [gone]


def test_no_case_is_opened_for_a_record_that_was_merged_away(world: World) -> None:
    kept, gone = logged(world, TENANT), logged(world, SECOND)
    world.desk.execute(kept, merging(gone, TENANT), KEEPER)
    for case in (kept, gone):
        world.desk.execute(case, CloseCase(), KEEPER)

    receipt = world.desk.open_case(SECOND, OpenCase(person=SECOND), KEEPER)

    assert (receipt.answer["case"], receipt.answer["person"]) == (case_id(MAIDSTONE, TENANT, 2), TENANT)
    with pytest.raises(Refused) as refused:
        world.desk.open_case(SECOND, OpenCase(person=SECOND), KEEPER)
    assert rules(refused) == ["one_open_case"]


def test_earlier_cases_of_both_are_looked_at_before_they_are_merged(world: World) -> None:
    first, other = logged(world, TENANT), logged(world, SECOND)
    world.desk.execute(first, merging(other, TENANT), KEEPER)
    world.desk.execute(first, CloseCase(), KEEPER)
    second, third = logged(world, TENANT), logged(world, THIRD)

    with pytest.raises(Refused) as by_the_closed_one:
        world.desk.execute(third, merging(first, TENANT), KEEPER)
    with pytest.raises(Refused) as into_the_third:
        world.desk.execute(second, merging(third, THIRD), KEEPER)
    with pytest.raises(Refused) as again:
        world.desk.execute(second, merging(other, TENANT), KEEPER)

    assert rules(by_the_closed_one) == ["latest_case"]
    assert rules(into_the_third) == ["undo_first"]
    assert rules(again) == ["merged_before"]
    world.desk.execute(third, merging(second, TENANT), KEEPER)
    assert logged(world, THIRD) == second


def test_the_later_case_of_a_kept_record_knows_the_other_records_cases(world: World) -> None:
    first, other = logged(world, TENANT), logged(world, SECOND)
    world.desk.execute(first, merging(other, TENANT), KEEPER)
    world.desk.execute(first, CloseCase(), KEEPER)
    later = logged(world, SECOND)
    assert {case.id for case in world.desk.others_of(world.desk.case(later))} == {first, other}
    assert {case.id for case in world.desk.others_of(world.desk.case(other))} == {first, later}


def test_a_merge_with_a_case_that_is_not_there_or_with_itself_is_refused_and_nothing_is_written(world: World) -> None:
    one = logged(world, TENANT)
    before = world.log.head()
    for other, rule in ((CaseId(str(uuid4())), "unknown_case"), (one, "two_cases")):
        with pytest.raises(Refused) as refused:
            world.desk.execute(one, merging(other, TENANT), KEEPER)
        assert rules(refused) == [rule]
    assert world.log.head() == before


def test_who_has_no_case_yet_gets_one_before_they_are_merged_and_the_refusal_says_so(world: World) -> None:
    one = logged(world, TENANT)
    with pytest.raises(Refused) as refused:
        world.desk.execute(one, merging(case_id(MAIDSTONE, SECOND, 1), TENANT), KEEPER)
    assert "POST /v1/cases" in refused.value.violations[0].asks
    other = CaseId(str(world.desk.open_case(SECOND, OpenCase(person=SECOND), KEEPER).answer["case"]))
    world.desk.execute(one, merging(other, TENANT), KEEPER)
    assert world.desk.kept_record(SECOND) == TENANT


def test_of_two_merges_at_once_that_make_a_circle_the_second_sees_the_first_and_is_refused(world: World) -> None:
    one, other, third = (logged(world, person) for person in (TENANT, SECOND, THIRD))
    race = Interrupted(world.log, lambda: world.desk.execute(other, merging(third, SECOND), KEEPER))

    with pytest.raises(Refused) as refused:
        world.on(race).execute(one, merging(other, TENANT), KEEPER)

    assert rules(refused) == ["undo_first"]
    assert [len(world.desk.case(case).merges) for case in (one, other, third)] == [0, 1, 1]


def test_somebody_who_died_is_dead_in_the_cases_of_all_their_records_until_that_proves_wrong(world: World) -> None:
    kept, gone = logged(world, TENANT), logged(world, SECOND)
    world.desk.execute(kept, merging(gone, TENANT), KEEPER)

    world.desk.execute(gone, RecordDeath(), KEEPER)
    assert [world.desk.case(case).dead() for case in (kept, gone)] == [True, True]

    world.desk.execute(kept, WithdrawDeath(reason=Personal("It was a namesake.")), KEEPER)
    assert [world.desk.case(case).dead() for case in (kept, gone)] == [False, False]
