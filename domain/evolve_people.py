"""How facts about the people around a case change it; pure, as all folding is."""

from __future__ import annotations

from typing import assert_never

from domain import events as e
from domain.case import Case
from domain.case_changes import added, with_changed
from domain.case_parts import Restriction
from domain.case_people import (
    CounterAllegation,
    Death,
    Merge,
    OmbudsmanCase,
    Representative,
    SafeContact,
)
from domain.case_safety import SafetyWarning
from domain.codes import AppealOutcome, EndKind
from domain.values import changed

PeopleFact = (
    e.RepresentativeAuthorised
    | e.RepresentativeEnded
    | e.CaseReassigned
    | e.HomeRecorded
    | e.CustomerRecordsMerged
    | e.CustomerRecordsUnmerged
    | e.MergeConflictSettled
    | e.TenancyEnded
    | e.CustomerDied
    | e.DeathWithdrawn
    | e.SafeContactInstructed
    | e.SafeContactEnded
    | e.CounterAllegationRecorded
    | e.CounterAllegationConcluded
    | e.ComplaintConcluded
    | e.ComplaintDeclined
    | e.OmbudsmanInvolved
    | e.OmbudsmanDetermined
)


def people(case: Case, event: e.Event, fact: PeopleFact) -> Case:
    """The case after a fact about the people around it."""
    match fact:
        case e.RepresentativeAuthorised():
            speaks = Representative(
                fact.representative, fact.person, fact.authority, fact.issue, fact.from_on, fact.until
            )
            return changed(case, representatives=added(case.representatives, speaks))
        case e.RepresentativeEnded():
            over = with_changed(case.representatives, fact.representative, lambda r: changed(r, last_day=fact.ended_on))
            return changed(case, representatives=over)
        case e.CaseReassigned():
            return changed(case, officer=fact.to)
        case e.HomeRecorded():
            return _at_home(case, fact)
        case e.CustomerRecordsMerged():
            merge = Merge(fact.merge, fact.other, fact.other_case, fact.kept, fact.conflicts, fact.merged_on)
            return changed(case, merges=added(case.merges, merge))
        case e.CustomerRecordsUnmerged():
            return changed(case, merges=with_changed(case.merges, fact.merge, lambda m: changed(m, undone=True)))
        case e.MergeConflictSettled():
            return changed(case, merges=with_changed(case.merges, fact.merge, lambda m: _settled(m, fact)))
        case e.TenancyEnded():
            looked = tuple(
                r if r.over_on(fact.learnt_on) else changed(r, schedule=r.schedule + fact.reviews)
                for r in case.restrictions
            )
            return changed(case, tenancy_ended_on=fact.ended_on, restrictions=looked)
        case e.CustomerDied():
            return _died(case, fact)
        case e.DeathWithdrawn():
            return _lives(case, fact)
        case e.SafeContactInstructed():
            instruction = SafeContact(
                fact.instruction, fact.methods, fact.no_visits, fact.from_on, fact.until, fact.words
            )
            return changed(case, safe_contacts=added(case.safe_contacts, instruction))
        case e.SafeContactEnded():
            ended = with_changed(case.safe_contacts, fact.instruction, lambda s: changed(s, last_day=fact.ended_on))
            return changed(case, safe_contacts=ended)
        case e.CounterAllegationRecorded():
            allegation = CounterAllegation(
                id=fact.allegation,
                against=fact.against,
                contact=fact.contact,
                routed_to=fact.routed_to,
                received_on=fact.received_on,
                recorded_by=event.actor,
                conclude_by_on=fact.conclude_by_on,
            )
            return changed(case, allegations=added(case.allegations, allegation))
        case e.CounterAllegationConcluded():
            concluded = with_changed(
                case.allegations,
                fact.allegation,
                lambda a: changed(a, outcome=fact.outcome, concluded_on=fact.concluded_on),
            )
            return changed(case, allegations=concluded)
        case e.ComplaintConcluded():
            done = with_changed(
                case.complaints,
                fact.complaint,
                lambda c: changed(c, concluded_on=fact.concluded_on, outcome_sent_on=fact.outcome_sent_on),
            )
            return changed(case, complaints=done)
        case e.ComplaintDeclined():
            declined = with_changed(case.complaints, fact.complaint, lambda c: changed(c, declined_on=fact.declined_on))
            return changed(case, complaints=declined)
        case e.OmbudsmanInvolved():
            taken_up = OmbudsmanCase(fact.referral, fact.ombudsman, fact.about, fact.opened_on)
            return changed(case, ombudsman=added(case.ombudsman, taken_up))
        case e.OmbudsmanDetermined():
            determined = with_changed(
                case.ombudsman,
                fact.referral,
                lambda o: changed(o, outcome=fact.outcome, determined_on=fact.determined_on),
            )
            return changed(case, ombudsman=determined)
        case _:
            assert_never(fact)


def _at_home(case: Case, fact: e.HomeRecorded) -> Case:
    """Whoever moved in somewhere after a tenancy ended is no former tenant any more."""
    ended = case.tenancy_ended_on
    moved_in = fact.home is not None and ended is not None and fact.from_on > ended
    return changed(case, household=fact.household, home=fact.home, tenancy_ended_on=None if moved_in else ended)


def _died(case: Case, fact: e.CustomerDied) -> Case:
    """What stands ends on the day on which the landlord learnt of it.

    What somebody had ended already, though on a later day, stays ended as it was: should the report be wrong, only
    what the report ended stands again.
    """

    def ended(restriction: Restriction) -> Restriction:
        if restriction.end_kind is not None or restriction.over_on(fact.learnt_on):
            return restriction
        return changed(restriction, over_from=fact.learnt_on, end_kind=EndKind.DEATH)

    def cleared(warning: SafetyWarning) -> SafetyWarning:
        if warning.over_from is not None or warning.over_on(fact.learnt_on):
            return warning
        return changed(warning, over_from=fact.learnt_on, by_death=True)

    return changed(
        case,
        death=Death(fact.died_on, fact.learnt_on),
        restrictions=tuple(map(ended, case.restrictions)),
        safety=tuple(map(cleared, case.safety)),
    )


def _lives(case: Case, fact: e.DeathWithdrawn) -> Case:
    """What the report ended stands again, as far as its dates, and the outcome of an appeal, let it."""
    if case.death is None:
        raise LookupError("the history takes back a death that it never told of")
    overturned = {a.restriction for a in case.appeals if a.outcome is AppealOutcome.OVERTURNED}

    def again(restriction: Restriction) -> Restriction:
        if restriction.end_kind is not EndKind.DEATH:
            return restriction
        if restriction.id in overturned:  # by an appeal that was heard meanwhile
            return changed(restriction, end_kind=EndKind.OVERTURNED)
        return changed(restriction, over_from=None, end_kind=None)

    return changed(
        case,
        death=changed(case.death, withdrawn_on=fact.withdrawn_on),
        restrictions=tuple(map(again, case.restrictions)),
        safety=tuple(changed(w, over_from=None, by_death=False) if w.by_death else w for w in case.safety),
    )


def _settled(merge: Merge, fact: e.MergeConflictSettled) -> Merge:
    """A settlement speaks again of what an earlier one said stands; what was not looked at is as it was."""
    looked_at = merge.conflicts if fact.looked_at is None else fact.looked_at
    stood = tuple(r for r in merge.stands if r not in looked_at)
    return changed(
        merge,
        settled_on=fact.settled_on,
        stands=(*stood, *fact.stands),
        looked_at=tuple(dict.fromkeys([*merge.looked_at, *looked_at])),
    )
