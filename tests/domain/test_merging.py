"""Two records that are one person, and one that is two: merged, unmerged, and what a named person says stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.case import Case
from domain.case_rights import Erasure
from domain.codes import CaseId, Channel, SubjectId
from domain.decisions import Refused, decide
from domain.decisions.endings import CloseCase, LiftRestriction
from domain.decisions.intake import LogContact
from domain.decisions.merging import MergeRecords, SettleMergeConflict, UnmergeRecords
from domain.decisions.people import RecordDeath, RecordHome
from domain.events import (
    CustomerRecordsMerged,
    CustomerRecordsUnmerged,
    Event,
    MergeConflictSettled,
    RestrictionApplied,
)
from domain.evolve import fold
from domain.merge_conflicts import conflicts_on
from domain.obligations import open_obligations
from domain.personal import KeyClass
from tests.domain.test_erasure_blindness import without_words
from tests.domain.world import START, Road, override, words

OF_MERGES = (CustomerRecordsMerged, CustomerRecordsUnmerged, MergeConflictSettled)
NAMES = "abcd"


def person(name: str) -> SubjectId:
    """The record of this name."""
    return SubjectId(f"person-{name}")


def record(name: str, landlord: str = "derby") -> Road:
    """A record with a case that was just opened."""
    return Road(landlord, stream=f"case-{name}").opened(person(name))


def restricted(name: str) -> Road:
    """A record with a restriction in force."""
    road = record(name)
    road.restricted()
    return road


def merge(one: Road, other: Road, *, kept: Road | None = None, on: date | None = None) -> None:
    """Merges two records; the first is kept unless said otherwise."""
    one.world.do(merging(one, other, kept=kept, on=on), beside=other.world)


def merging(one: Road, other: Road, *, kept: Road | None = None, on: date | None = None) -> MergeRecords:
    """The command that merges two records."""
    keeping = (kept or one).world.case.person
    return MergeRecords(other_case=other.world.case.id, kept=keeping, reason=words(), on=on)


def unmerging(other: Road, merged: str = "merge-1") -> UnmergeRecords:
    """The command that says they are two after all."""
    return UnmergeRecords(other_case=other.world.case.id, merge=merged, reason=words())


# one person


def test_a_merge_stands_in_the_case_of_each_under_one_id_and_changes_neither() -> None:
    a, b = restricted("a"), record("b")
    before = [everything_else(r.world.case) for r in (a, b)]
    merge(a, b)
    assert [everything_else(r.world.case) for r in (a, b)] == before
    (here,), (there,) = (r.world.facts(CustomerRecordsMerged) for r in (a, b))
    assert here.merge == there.merge == "merge-1"
    assert (here.other, here.other_case, there.other, there.other_case) == (
        person("b"),
        "case-b",
        person("a"),
        "case-a",
    )
    assert here.kept == there.kept == person("a")
    assert a.world.case.persons() == (person("a"), person("b"))
    assert b.world.case.persons() == (person("b"), person("a"))
    assert [r.world.case.kept_record() for r in (a, b)] == [person("a")] * 2


def test_a_third_record_is_merged_into_the_one_that_is_kept() -> None:
    a, b, c = (record(name) for name in "abc")
    merge(a, b)
    merge(c, a, kept=a)
    assert a.world.case.persons() == (person("a"), person("b"), person("c"))
    assert {r.world.case.kept_record() for r in (a, b, c)} == {person("a")}


def test_merges_of_one_case_never_share_an_id() -> None:
    a, b, c = (record(name) for name in "abc")
    merge(a, b)
    merge(a, c)
    b.world.do(unmerging(a), beside=a.world)
    merge(a, b)
    for road in (a, b, c):
        ids = [m.id for m in road.world.case.merges]
        assert len(set(ids)) == len(ids)


def test_only_restrictions_of_both_in_force_that_day_are_put_to_a_person() -> None:
    a, b, c = restricted("a"), restricted("b"), record("c")
    merge(a, c)
    assert not any(m.unsettled for r in (a, c) for m in r.world.case.merges)
    merge(a, b)
    (_, here), (there,) = (r.world.case.merges for r in (a, b))
    assert (here.conflicts, there.conflicts) == (("restriction-1",), ("restriction-1",))
    assert here.unsettled
    assert there.unsettled
    assert all(r.world.case.in_force_on(r.world.today) for r in (a, b))  # nobody has chosen


def test_a_restriction_that_is_over_conflicts_with_nothing() -> None:
    a, b = restricted("a"), restricted("b")
    b.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=b.decider())
    merge(a, b)
    assert not any(m.conflicts for r in (a, b) for m in r.world.case.merges)


def test_restrictions_of_merged_records_leave_a_way_in_together() -> None:
    a, b = record("a", "maidstone"), record("b", "maidstone")
    a.restricted(a.measure("one_channel", open=(Channel.LETTER,)))
    proposal = b.ready()
    merge(a, b)
    situation = replace(b.world.situation(b.decider()), others=(a.world.case,))
    by_mail, by_letter = (
        b.application(proposal, b.measure("one_channel", open=(channel,)))
        for channel in (Channel.EMAIL, Channel.LETTER)
    )
    with pytest.raises(Refused) as refusal:
        decide(by_mail, situation)
    assert {v.clause for v in refusal.value.violations} == {"baseline 2"}
    decide(by_letter, situation)


# what contradicts


def test_the_same_pair_is_not_merged_twice_from_either_side() -> None:
    a, b = record("a"), record("b")
    merge(a, b)
    (refused,) = a.world.refused(merging(a, b), beside=b.world)
    assert (refused.rule, refused.field) == ("merged_before", "other_case")
    assert "merge-1" in refused.asks
    assert b.world.rules(merging(b, a), beside=a.world) == {"merged_before"}


def test_merges_do_not_go_round_in_a_circle() -> None:
    a, b, c = (record(name) for name in "abc")
    merge(a, b)
    (refused,) = b.world.refused(merging(b, c), beside=c.world)
    assert refused.rule == "undo_first"
    assert "merge-1" in refused.asks
    assert "case-a" in refused.asks
    assert b.world.rules(merging(b, c, kept=c), beside=c.world) == {"undo_first"}
    merge(c, a, kept=a)
    for one, other in ((b, c), (c, b)):
        (circle,) = one.world.refused(merging(one, other), beside=other.world)
        assert circle.rule == "merged_before"
        assert "merge-1" in circle.asks
        assert "merge-2" in circle.asks


def test_of_two_records_that_are_each_kept_for_another_one_merge_is_undone_first() -> None:
    a, b, c, d = (record(name) for name in NAMES)
    merge(a, b)
    merge(c, d)
    (refused,) = a.world.refused(merging(a, c), beside=c.world)
    assert (refused.rule, refused.field) == ("undo_first", "kept")
    assert "case-c" in refused.asks
    c.world.do(unmerging(d), beside=d.world)
    merge(a, c)
    merge(a, d)
    assert {r.world.case.kept_record() for r in (a, b, c, d)} == {person("a")}


def test_the_kept_record_is_one_of_the_two() -> None:
    a, b, c = (record(name) for name in "abc")
    assert a.world.rules(merging(a, b, kept=c), beside=b.world) == {"one_is_kept"}


def test_two_cases_of_one_record_are_not_merged() -> None:
    a = record("a")
    again = Road("derby", stream="case-a2").opened(person("a"))
    assert "two_records" in a.world.rules(merging(a, again), beside=again.world)


def test_nobody_is_both_dead_and_alive() -> None:
    a, b = record("a"), record("b")
    b.world.do(RecordDeath())
    assert a.world.rules(merging(a, b), beside=b.world) == {"alive_or_dead"}
    a.world.do(RecordDeath())
    merge(a, b)


def test_an_erased_person_is_merged_with_nobody() -> None:

    a, b = record("a"), record("b")
    gone = Erasure("erasure-1", person("b"), (KeyClass.CONTACT,), "retention", START)
    b.world.case = replace(b.world.case, erasures=(gone,))
    assert a.world.rules(merging(a, b), beside=b.world) == {"not_erased"}
    assert b.world.rules(merging(b, a), beside=a.world) == {"not_erased"}


def test_records_are_merged_by_those_who_decide_or_who_keep_the_record_and_only_once_it_is_known() -> None:
    a, b = record("a"), record("b")
    assert a.world.rules(merging(a, b), by="duty_manager", beside=b.world) == {"post_held"}
    tomorrow = START + timedelta(days=1)
    assert a.world.rules(merging(a, b, on=tomorrow), beside=b.world) == {"not_in_the_future"}
    for role in ("records_officer", a.decider()):
        a.world.do(merging(a, b), by=role, beside=b.world)
        a.world.do(unmerging(b, a.world.case.merges[-1].id), by=role, beside=b.world)


def test_a_person_is_merged_in_the_case_that_is_open_or_was_last() -> None:
    a, b = record("a"), record("b")
    a.world.do(CloseCase(reasons=words()))
    later = Road("derby", stream="case-a2").opened(person("a"))
    second = replace(later.world.case, ordinal=2)
    for one, other, field in ((a, b, None), (b, a, "other_case")):
        situation = replace(one.world.situation("case_officer", other.world), others=(second,))
        with pytest.raises(Refused) as refusal:
            decide(merging(one, other), situation)
        (refused,) = refusal.value.violations
        assert (refused.rule, refused.field) == ("latest_case", field)
        assert "case-a2" in refused.asks


def test_what_an_earlier_case_of_the_person_says_of_merges_counts() -> None:
    a, b, c = (record(name) for name in "abc")
    merge(a, b)
    later = Road("derby", stream="case-a2").opened(person("a"))
    later.world.case = replace(later.world.case, ordinal=2)
    situation = replace(later.world.situation("case_officer", c.world), others=(a.world.case,))
    with pytest.raises(Refused) as refusal:
        decide(merging(later, c, kept=c), situation)
    assert {v.rule for v in refusal.value.violations} == {"undo_first"}
    decide(merging(later, c), situation)


def test_a_case_that_is_closed_can_turn_out_to_be_somebody_elses_other_record_and_not_to_be() -> None:
    a, b = record("a"), record("b")
    for road in (a, b):
        road.world.do(CloseCase(reasons=words()))
    merge(b, a, kept=a)
    b.world.do(unmerging(a), beside=a.world)
    assert [r.world.case.stage for r in (a, b)] == ["closed", "closed"]


# two people after all


def test_unmerging_is_said_of_a_merge_that_stands_between_these_two() -> None:
    a, b, c = (record(name) for name in "abc")
    assert a.world.rules(unmerging(b), beside=b.world) == {"unknown_merge"}
    merge(a, b)
    assert a.world.rules(unmerging(c), beside=c.world) == {"unknown_merge"}
    early = unmerging(b).model_copy(update={"on": START - timedelta(days=1)})
    assert a.world.rules(early, beside=b.world) == {"end_before_start"}
    b.world.do(unmerging(a), beside=a.world)
    assert [r.world.case.persons() for r in (a, b)] == [(person("a"),), (person("b"),)]
    assert a.world.rules(unmerging(b), beside=b.world) == {"unknown_merge"}


def test_two_who_were_unmerged_can_be_merged_again() -> None:
    a, b = record("a"), record("b")
    merge(a, b)
    a.world.do(unmerging(b), beside=b.world)
    merge(a, b, kept=b)
    assert [m.id for m in a.world.case.merges] == ["merge-1", "merge-2"]
    assert [r.world.case.kept_record() for r in (a, b)] == [person("b")] * 2


# what stands


def conflict() -> tuple[Road, Road]:
    """Two restricted records that are one person."""
    a, b = restricted("a"), restricted("b")
    merge(a, b)
    return a, b


def settling(b: Road, stands: Sequence[str] = ("restriction-1",), there: Sequence[str] = ()) -> SettleMergeConflict:
    """The first record's restriction stands, unless said otherwise."""
    return SettleMergeConflict(
        other_case=b.world.case.id, merge="merge-1", stands=tuple(stands), stands_there=tuple(there), reasons=words()
    )


def test_the_decider_says_what_stands_and_the_rest_is_lifted_by_a_decision_of_its_own() -> None:
    a, b = conflict()
    a.world.do(settling(b), by=a.decider(), beside=b.world)
    (here,), (there,) = (r.world.case.merges for r in (a, b))
    assert (here.unsettled, here.stands) == (False, ("restriction-1",))
    assert (there.unsettled, there.stands) == (False, ())
    assert b.world.case.in_force_on(b.world.today)
    b.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=b.decider())
    assert not b.world.case.in_force_on(b.world.today)


def test_what_stands_is_said_once_by_the_decider_of_what_was_listed_and_is_still_in_force() -> None:
    a, b = conflict()
    assert a.world.rules(settling(b), beside=b.world) == {"post_held"}
    unknown = settling(b, ["restriction-7"], ["restriction-8"])
    fields = {(v.rule, v.field) for v in a.world.refused(unknown, by=a.decider(), beside=b.world)}
    assert fields == {("can_stand", "stands"), ("can_stand", "stands_there")}
    b.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=b.decider())
    over = settling(b, [], ["restriction-1"])
    assert a.world.rules(over, by=a.decider(), beside=b.world) == {"can_stand"}
    forced = over.model_copy(update={"overrides": (override("can_stand"),)})
    assert "cannot_be_overridden" in a.world.rules(forced, by=a.decider(), beside=b.world)
    a.world.do(settling(b), by=a.decider(), beside=b.world)
    assert a.world.rules(settling(b), by=a.decider(), beside=b.world) == {"nothing_to_settle"}


def test_a_merge_that_brought_nothing_together_leaves_nothing_to_settle() -> None:
    a, b = restricted("a"), record("b")
    merge(a, b)
    assert a.world.rules(settling(b, ()), by=a.decider(), beside=b.world) == {"nothing_to_settle"}


# what was decided after the merge


def in_conflict(one: Road, other: Road) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What has to be looked at together today, as the first of the two sees it."""
    found = conflicts_on(one.world.case, [other.world.case], one.world.today)
    return [(each.here, each.there) for each in found]


def test_a_restriction_that_is_decided_after_the_merge_meets_the_other_records_too() -> None:
    a, b = restricted("a"), record("b")
    merge(a, b)
    assert in_conflict(a, b) == []
    b.restricted()
    assert in_conflict(a, b) == in_conflict(b, a) == [(("restriction-1",), ("restriction-1",))]
    a.world.do(settling(b), by=a.decider(), beside=b.world)
    assert in_conflict(a, b) == in_conflict(b, a) == []
    assert [m.to_be_lifted for r in (a, b) for m in r.world.case.merges] == [(), ("restriction-1",)]
    assert "lifting:restriction-1" in open_obligations(b.world.case, b.world.today)
    assert a.world.rules(settling(b), by=a.decider(), beside=b.world) == {"nothing_to_settle"}


def test_what_was_settled_is_looked_at_again_beside_what_is_decided_later() -> None:
    a, b = conflict()
    a.world.do(settling(b), by=a.decider(), beside=b.world)
    b.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=b.decider())
    assert in_conflict(a, b) == []
    b.world.given(b.world.event(again(b), b.world.now, b.world.situation(b.decider()).actor, None, later(b)))
    assert in_conflict(a, b) == [(("restriction-1",), ("restriction-2",))]
    a.world.do(settling(b, [], ["restriction-2"]), by=a.decider(), beside=b.world)
    (here,), (there,) = (r.world.case.merges for r in (a, b))
    assert (here.stands, here.to_be_lifted) == ((), ("restriction-1",))
    assert (there.stands, there.to_be_lifted) == (("restriction-2",), ("restriction-1",))
    assert in_conflict(b, a) == []


def again(road: Road) -> RestrictionApplied:
    """The restriction of a record once more, under the next id."""
    [first] = road.world.facts(RestrictionApplied)
    return replace(first, restriction="restriction-2")


def later(road: Road) -> int:
    """The version of the next event."""
    return road.world.case.version + 1


def test_nothing_is_in_conflict_once_they_are_two_people_again_or_one_side_is_over() -> None:
    a, b = conflict()
    assert in_conflict(a, b)
    a.world.do(unmerging(b), beside=b.world)
    assert in_conflict(a, b) == []
    merge(a, b)
    b.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=b.decider())
    assert in_conflict(a, b) == in_conflict(b, a) == []


def test_two_records_that_are_each_merged_into_a_third_are_in_conflict_too() -> None:
    a, b, c = record("a"), restricted("b"), restricted("c")
    merge(a, b)
    merge(a, c)
    others = [r.world.case for r in (a, c)]
    [found] = conflicts_on(b.world.case, others, b.world.today)
    assert (found.merge, found.here, found.other_case, found.there) == (
        None,
        ("restriction-1",),
        "case-c",
        ("restriction-1",),
    )
    assert list(conflicts_on(a.world.case, [r.world.case for r in (b, c)], a.world.today)) == []
    a.world.do(unmerging(c, "merge-2"), beside=c.world)
    assert list(conflicts_on(b.world.case, [r.world.case for r in (a, c)], b.world.today)) == []


def test_a_later_case_of_the_kept_record_is_in_conflict_with_the_other_record() -> None:
    a, b = record("a"), restricted("b")
    merge(a, b)
    later_case = Road("derby", stream="case-a2").opened(person("a"))
    later_case.restricted()
    [found] = conflicts_on(later_case.world.case, [r.world.case for r in (a, b)], b.world.today)
    assert (found.merge, found.other_case) == (None, "case-b")
    [mirrored] = conflicts_on(b.world.case, [r.world.case for r in (a, later_case)], b.world.today)
    assert (mirrored.merge, mirrored.other_case) == (None, "case-a2")


def test_a_settlement_of_an_earlier_release_was_about_what_the_merge_had_named() -> None:
    a, b = conflict()
    a.world.do(settling(b), by=a.decider(), beside=b.world)
    told = [
        replace(e, fact=replace(e.fact, looked_at=None)) if isinstance(e.fact, MergeConflictSettled) else e
        for e in b.world.history
    ]
    assert fold(told).merges[0].to_be_lifted == ("restriction-1",)


# any order


def everything_else(case: Case) -> object:
    """All that a case says beside its merges, and where in its history it is."""
    return without_words(replace(case, merges=(), version=0, position=0))


def without_merges(history: Sequence[Event]) -> Case:
    """The case as it would be had nobody ever merged it."""
    return fold(event for event in history if not isinstance(event.fact, OF_MERGES))


Act = tuple[str, int, int, bool]
acts = st.lists(
    st.tuples(
        st.sampled_from(["merge", "merge", "merge", "unmerge", "settle", "contact", "home", "lift"]),
        st.integers(0, 3),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=25,
)


def acted(roads: Sequence[Road], act: Act) -> None:
    """Does one thing, or finds that it is refused."""
    what, i, j, flag = act
    one, other = roads[i], roads[j]
    standing = [m for m in one.world.case.merges if not m.undone]
    try:
        if what == "contact":
            one.world.do(LogContact(channel=Channel.EMAIL, summary=words()))
        elif what == "home":
            one.world.do(RecordHome(home=f"home-{j}"))
        elif what == "lift":
            one.world.do(LiftRestriction(restriction="restriction-1", reasons=words()), by=one.decider())
        elif what == "merge" and i != j:
            merge(one, other, kept=one if flag else other)
        elif what in ("unmerge", "settle") and standing:
            undone = standing[j % len(standing)]
            beside = next(r for r in roads if r.world.case.id == undone.other_case)
            if what == "unmerge":
                one.world.do(unmerging(beside, undone.id), beside=beside.world)
            else:
                stands = tuple(undone.conflicts) if flag else ()
                says = settling(beside, stands).model_copy(update={"merge": undone.id})
                one.world.do(says, by=one.decider(), beside=beside.world)
    except Refused:
        return


@pytest.fixture(scope="module")
def four() -> tuple[Road, ...]:
    """Four records, two of them restricted, to copy and never to add to."""
    return (restricted("a"), restricted("b"), record("c"), record("d"))


def copied(road: Road) -> Road:
    """A record of its own with the same history."""
    copy = Road("derby", stream=road.world.stream, today=START + timedelta(days=14))
    for event in road.world.history:
        copy.world.given(event)
    return copy


@settings(max_examples=150, deadline=None)
@given(todo=acts)
def test_merging_and_unmerging_in_any_order_leaves_every_case_as_it_was(
    four: tuple[Road, ...], todo: list[Act]
) -> None:
    roads = [copied(road) for road in four]
    for act in todo:
        acted(roads, act)
        for road in roads:
            assert everything_else(road.world.case) == everything_else(without_merges(road.world.history))
        one_star_for_each_person(roads)
    for road in roads:
        for stands in [m for m in road.world.case.merges if not m.undone]:
            beside = next(r for r in roads if r.world.case.id == stands.other_case)
            road.world.do(unmerging(beside, stands.id), beside=beside.world)
    for road in roads:
        assert road.world.case.persons() == (road.world.case.person,)
        assert road.world.case.kept_record() == road.world.case.person


def one_star_for_each_person(roads: Sequence[Road]) -> None:
    """Both sides say the same of a merge; whoever is joined by merges at all agrees on one kept record."""
    cases = {r.world.case.id: r.world.case for r in roads}
    kept = {c.person: c.kept_record() for c in cases.values()}
    for case in cases.values():
        for stands in (m for m in case.merges if not m.undone):
            other = cases[CaseId(stands.other_case)]
            mirrored = next(m for m in other.merges if m.id == stands.id)
            assert (mirrored.other_case, mirrored.kept, mirrored.undone) == (case.id, stands.kept, False)
            assert (mirrored.settled_on is None) == (stands.settled_on is None)
            assert stands.kept in (case.person, other.person)
            assert kept[case.person] == kept[other.person] == stands.kept
    assert all(kept[root] == root for root in kept.values())


def test_the_same_random_acts_do_merge_and_do_run_into_refusals(four: tuple[Road, ...]) -> None:
    """The property above is worth something only if its acts come about."""
    roads = [copied(road) for road in four]
    for i, j in pairwise(range(4)):
        acted(roads, ("merge", i, j, True))
    a, b, c, d = (r.world.case for r in roads)
    assert [len(x.merges) for x in (a, b, c, d)] == [1, 1, 1, 1]
    acted(roads, ("settle", 0, 0, True))
    assert not roads[0].world.case.merges[0].unsettled
