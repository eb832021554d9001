"""Records that turn out to be one person, and people who turn out to be two: merged, unmerged, and what stands.

A merge is a fact in the case of each record, under one id, and changes neither case. Records that are one person form
a star: one of them is kept, each of the others is merged into that one and into no other. So every case knows by
itself which record is kept, a third record is merged into the kept one, and no merges can go round in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from domain.case import Case
from domain.case_people import Merge
from domain.codes import CaseId, SubjectId
from domain.decisions.judgement import (
    Command,
    DecidingCommand,
    Decision,
    Id,
    New,
    Refused,
    Situation,
    Violation,
    against_baseline,
    any_post,
    at,
    held,
    held_by_policy,
    holds_a_post,
    impossible,
    judge,
    not_before,
    not_in_the_future,
)
from domain.decisions.people import keeps_the_record
from domain.decisions.standing_aside import actor_stands_aside
from domain.events import CustomerRecordsMerged, CustomerRecordsUnmerged, MergeConflictSettled
from domain.measures import left_open, usable
from domain.merge_conflicts import conflict_of, to_look_at
from domain.personal import ContactText, DecisionText


class OfTwoCases(Command):
    """What is about the customer of this case and that of another one."""

    other_case: Id
    """The case of the other record."""

    def touches(self) -> CaseId:
        """The case of the other record."""
        return CaseId(self.other_case)


class MergeRecords(OfTwoCases):
    """Takes down that two records are one person; each case stays as it is, and new ones open under the kept record.

    Where both have a restriction in force they are listed, and `settle-merge-conflict` says which stand.
    """

    takes_closed: ClassVar[bool] = True
    asks_of_others: ClassVar[bool] = True

    kept: Id
    """The person id, of the two, under which new cases are opened from now on."""
    reason: ContactText


class UnmergeRecords(OfTwoCases):
    """Takes down that they are two people after all; each case is what it was."""

    takes_closed: ClassVar[bool] = True

    merge: Id
    reason: ContactText


class SettleMergeConflict(OfTwoCases, DecidingCommand):
    """Says which of the restrictions that a merge brought together stand; the others are then lifted, one by one.

    Those are whatever is in force on both sides, also where it was decided after the merge: `merge_conflicts` of
    `GET /v1/cases/{case}` lists them. A later settlement names everything that stands anew.
    """

    merge: Id
    stands: Annotated[tuple[Id, ...], Field(max_length=20)]
    """Those of this case that stand."""
    stands_there: Annotated[tuple[Id, ...], Field(max_length=20)]
    """Those of the other case that stand."""
    reasons: DecisionText


def merge_records(command: MergeRecords, situation: Situation) -> Decision:
    """Refused where it contradicts what the cases say: the same pair twice, a circle, one of them dead or erased."""
    case, other, day = situation.case, _second(situation), command.day(situation)
    problems = [
        *not_in_the_future(day, situation),
        *holds_a_post(situation, situation.today),
        *keeps_the_record(situation, "baseline 6", "Merging records"),
        *_can_be_one(case, other, situation.others),
        *_in_the_latest_case(case, other, situation.others),
        *_one_is_kept(command, case, other, situation.others),
    ]
    judge(problems)
    here, there = (tuple(r.id for r in c.in_force_on(day)) for c in (case, other))
    merge = _next_id(case, other)

    def fact(about: Case, conflicts: tuple[str, ...]) -> CustomerRecordsMerged:
        return CustomerRecordsMerged(
            merge=merge,
            other=about.person,
            other_case=about.id,
            kept=SubjectId(command.kept),
            conflicts=conflicts if here and there else (),
            merged_on=day,
            reason=command.reason,
        )

    return _in_both(fact(other, here), fact(case, there), command, situation)


def _second(situation: Situation) -> Case:
    if situation.other is None:
        raise TypeError("a command about two cases is decided with both")
    return situation.other


def _next_id(case: Case, other: Case) -> str:
    taken = [int(m.id.rpartition("-")[2]) for m in (*case.merges, *other.merges)]
    return f"merge-{max(taken, default=0) + 1}"


def _can_be_one(case: Case, other: Case, others: Iterable[Case]) -> Iterator[Violation]:
    if case.person == other.person:
        yield impossible("two_records", "Both cases are of one record already.", "other_case")
    if case.dead() != other.dead():
        asks = "One of them is recorded as dead and the other is not; put that right first."
        yield impossible("alive_or_dead", asks, "other_case")
    for known in (case, other, *others):
        if any(e.person == known.person for e in known.erasures):
            yield impossible("not_erased", f"The person of {known.id} was erased; nothing can be said of them.")


def _in_the_latest_case(case: Case, other: Case, others: Iterable[Case]) -> Iterator[Violation]:
    """What a merge means is asked of the case that is open, or was last."""
    for known, field in ((case, None), (other, "other_case")):
        latest = max((c for c in (known, *others) if c.person == known.person), key=lambda c: c.ordinal)
        if latest.ordinal > known.ordinal:
            asks = f"This person has a later case than {known.id}; merge {latest.id}."
            yield impossible("latest_case", asks, field)


def _standing(case: Case, others: Iterable[Case]) -> list[Merge]:
    """The merges of a case's person that stand, in whichever of their cases they were made."""
    theirs = (case, *(c for c in others if c.person == case.person))
    return [m for c in theirs for m in c.merges if not m.undone]


def _one_is_kept(command: MergeRecords, case: Case, other: Case, others: tuple[Case, ...]) -> Iterator[Violation]:
    """Of the two, the kept record is merged into none, and the other neither into one nor kept for one."""
    if command.kept not in (case.person, other.person):
        yield impossible("one_is_kept", "The kept record is one of the two.", "kept")
        return
    here, there = _standing(case, others), _standing(other, others)
    twice = next((m for m in here if m.other == other.person), None)
    if twice is not None:
        yield impossible("merged_before", f"They are one person already, by {twice.id}.", "other_case")
        return
    into = {m.kept for m in here} & {m.kept for m in there}
    if into:
        by = " and ".join(m.id for m in (*here, *there) if m.kept in into)
        yield impossible("merged_before", f"They are one person already, by {by}.", "other_case")
        return
    for of, standing in ((case, here), (other, there)):
        for merge in standing:
            if merge.kept != of.person:
                asks = (
                    f"The record of {of.id} was merged into another by {merge.id}: undo that first, or merge with the "
                    f"record that was kept (case {merge.other_case})."
                )
                yield impossible("undo_first", asks, "other_case")
            elif command.kept != of.person:
                asks = f"The record of {of.id} is the one kept by {merge.id}: undo that first, or keep this one."
                yield impossible("undo_first", asks, "kept")


def unmerge_records(command: UnmergeRecords, situation: Situation) -> Decision:
    """It needs nothing to be put back, as merging changed nothing; what was done since stays where it was done."""
    merge = _known(command.merge, situation)
    day = command.day(situation)
    problems = [
        *not_in_the_future(day, situation),
        *holds_a_post(situation, situation.today),
        *keeps_the_record(situation, "baseline 6", "Unmerging records"),
        *not_before(day, merge.merged_on, "they were merged"),
    ]
    judge(problems)
    fact = CustomerRecordsUnmerged(merge=merge.id, unmerged_on=day, reason=command.reason)
    return _in_both(fact, fact, command, situation)


def settle_merge_conflict(command: SettleMergeConflict, situation: Situation) -> Decision:
    """Whoever decides on restrictions looks at them together; nothing is chosen by itself, and nothing ends by it."""
    merge, day = _known(command.merge, situation), command.day(situation)
    by = situation.policy.decision.by
    problems = [
        *not_in_the_future(day, situation),
        *held_by_policy(situation, by, day, "Settling what stands"),
        *actor_stands_aside(day, situation),
        *actor_stands_aside(day, replace(situation, case=_second(situation))),
        *_leaves_a_way_in(command, situation),
        *not_before(day, merge.merged_on, "they were merged"),
    ]
    if not merge.unsettled and conflict_of(merge, situation.case, _second(situation), day) is None:
        problems.append(impossible("nothing_to_settle", f"{merge.id} leaves nothing to be settled.", "merge"))
    for of, stands, field in (
        (situation.case, command.stands, "stands"),
        (_second(situation), command.stands_there, "stands_there"),
    ):
        side = next(m for m in of.merges if m.id == merge.id)
        listed = {*to_look_at(side, of, day)} - {*side.to_be_lifted}
        can = [r.id for r in of.restrictions if r.id in listed and not r.over_on(day)]
        problems.extend(
            impossible("can_stand", f"{code} cannot stand; of {of.id} can: {', '.join(can) or 'none'}.", field)
            for code in stands
            if code not in can
        )
    overrides = judge(problems, command.overrides)

    def fact(of: Case, stands: tuple[str, ...]) -> MergeConflictSettled:
        side = next(m for m in of.merges if m.id == merge.id)
        return MergeConflictSettled(
            merge=merge.id,
            stands=stands,
            settled_on=day,
            reasons=command.reasons,
            looked_at=to_look_at(side, of, day),
        )

    when = at(day, situation)
    facts = (
        New(fact(situation.case, command.stands), when),
        New(fact(_second(situation), command.stands_there), when, elsewhere=True),
    )
    return Decision(facts, held(situation, by.value, day), (by.cited, "baseline 6"), overrides)


def _leaves_a_way_in(command: SettleMergeConflict, situation: Situation) -> Iterator[Violation]:
    """Each may have left the customer a way in, and both together none (baseline 2); then one of them has to go."""
    both = ((situation.case, command.stands), (_second(situation), command.stands_there))
    standing = [r.sets[-1].measures for case, stands in both for r in case.restrictions if r.id in stands]
    alone = all(usable(left_open(measures)) for measures in standing)  # else it was decided so, in extremis
    if alone and not usable(left_open(m for measures in standing for m in measures)):
        asks = "What would stand leaves, together, no channel through which the customer can begin contact."
        yield against_baseline(situation, "a_usable_channel_stays_open", asks, "stands")


def _known(merge: str, situation: Situation) -> Merge:
    """The merge of these two cases while it stands; raises `Refused` otherwise."""
    other = _second(situation)
    found = next((m for m in situation.case.merges if m.id == merge and not m.undone), None)
    if found is None or found.other_case != other.id:
        asks = f"No {merge} that stands joins this case and {other.id}; a merge stays where it was made."
        raise Refused([impossible("unknown_merge", asks, "merge")])
    return found


def _in_both(
    here: CustomerRecordsMerged | CustomerRecordsUnmerged,
    there: CustomerRecordsMerged | CustomerRecordsUnmerged,
    command: Command,
    situation: Situation,
) -> Decision:
    when = at(command.day(situation), situation)
    facts = (New(here, when), New(there, when, elsewhere=True))
    return Decision(facts, any_post(situation, situation.today), ("baseline 6",))
