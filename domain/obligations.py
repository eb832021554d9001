"""Everything that a case owes, to whom it falls and by when: dates from the facts alone, whatever day it is asked on.

Whoever takes a case over takes these over with it; the clock counts them; worklists show them. What a policy says of
each kind, its clause and whose it is, stands in `domain.duties`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from domain.case import Case
from domain.case_parts import Appeal
from domain.conflicts import NO_KINDS, Kinds, conflicts
from domain.obligation import Duty, Obligation
from domain.owed_disclosures import on_disclosures
from domain.owed_in_force import breaches, on_restrictions, on_safety
from domain.owed_letters import letters_to_send, stuck_letters

# What is said at the time, or falls to somebody else than whoever looks after the case.
NOT_HANDED_OVER: Final = frozenset(
    {Duty.BREACH, Duty.HOLD, Duty.DISPOSAL, Duty.INTERIM, Duty.CALL_MISSED, Duty.URGENT, Duty.DELETION, Duty.DISCLOSING}
)


def obligations(case: Case) -> Iterator[Obligation]:
    """Everything that the case owes or that ends in it, now or on a day to come, as far as is known; in one order."""
    for part in (_decisions, on_restrictions, on_safety, letters_to_send, stuck_letters, _of_people, on_disclosures):
        yield from part(case) if not case.passed else (_as_recorded(one, case) for one in part(case))


def _as_recorded(one: Obligation, case: Case) -> Obligation:
    """The obligation with what is on record of days that went by."""
    recorded = case.passed_days(one.key)
    if one.weekly:
        return replace(one, gone_by=recorded)
    return replace(one, passed=True) if one.due_on in recorded else one


def open_obligations(case: Case, day: date, kinds: Kinds = NO_KINDS, others: Sequence[Case] = ()) -> tuple[str, ...]:
    """What somebody still owes on that day, as keys such as `appeal:appeal-1`; in one order, each once.

    Of reviews the next of each cadence counts, also before it can be held. `kinds` are the baseline's kinds of
    adjustments, for measures that have to be varied because of one; without them only what adjustments say themselves
    is known. Adjustments can have been agreed in the customer's `others`.
    """
    found: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    for one in obligations(case):
        if (
            one.ends_by_itself
            or one.weekly
            or one.duty in NOT_HANDED_OVER
            or (one.until_on is not None and one.until_on < day)
        ):
            continue
        if one.duty in (Duty.REVIEW, Duty.MEASURE_REVIEW) and one.code:
            if (one.about, one.code) not in seen:
                seen.add((one.about, one.code))
                found.setdefault(one.key)
        elif one.from_on <= day:
            found.setdefault(one.key)
    varying = (conflict.code for conflict in conflicts([case, *others], day, kinds) if conflict.case == case.id)
    return (*found, *varying)


def _decisions(case: Case) -> Iterator[Obligation]:
    """What waits for somebody's answer, or to hear of it."""
    yield from breaches(case)
    for proposal in case.proposals:
        if proposal.open:
            yield Obligation(duty=Duty.PROPOSAL, about=proposal.id, from_on=proposal.proposed_on)
            given = proposal.delegation
            if given is not None and given.until is not None:
                yield Obligation(duty=Duty.DELEGATION, about=given.id, from_on=given.from_on, due_on=given.until)
    for adjustment in case.adjustments:
        if adjustment.open:
            asked, due = adjustment.requested_on, adjustment.answer_by_on
            yield Obligation(duty=Duty.ADJUSTMENT, about=adjustment.id, from_on=asked, due_on=due)
    for appeal in case.open_appeals():
        yield from _appeal(appeal, case)
    for item in case.filed:
        if item.open:
            yield Obligation(duty=Duty.FILED, about=item.contact, due_on=item.read_by_on, staff=item.reader)
    standing = {r.id: r.last_day() for r in case.restrictions}
    for asked_for in case.review_requests:
        if asked_for.by_customer and asked_for.answered_on is None and asked_for.restriction in standing:
            yield Obligation(
                duty=Duty.REQUEST,
                about=asked_for.id,
                from_on=asked_for.requested_on,
                due_on=asked_for.answer_due_on,
                until_on=standing[asked_for.restriction],
            )
    for copy in case.policy_copies:
        if copy.open:
            yield Obligation(duty=Duty.POLICY_COPY, about=copy.id, from_on=copy.requested_on, due_on=copy.send_by_on)


def _appeal(appeal: Appeal, case: Case) -> Iterator[Obligation]:
    """Taken first, where it came late; told to whoever made it that it arrived; and determined."""
    came, restriction = appeal.received_on, case.restriction(appeal.restriction)
    barred = () if restriction is None else tuple(sorted(restriction.had_a_part()))
    if appeal.accepted:
        due = appeal.answer_due_on
        yield Obligation(
            duty=Duty.APPEAL, about=appeal.id, from_on=came, due_on=due, staff=appeal.reviewer, barred=barred
        )
    else:
        due = appeal.decide_late_by_on
        yield Obligation(duty=Duty.LATE_APPEAL, about=appeal.id, from_on=came, due_on=due, barred=barred)
    if appeal.acknowledged_on is None and not case.dead():
        yield Obligation(duty=Duty.ACKNOWLEDGEMENT, about=appeal.id, from_on=came, due_on=appeal.acknowledge_by_on)


def _of_people(case: Case) -> Iterator[Obligation]:
    settled = {restriction for merge in case.merges for restriction in merge.to_be_lifted}
    for merge in case.merges:
        if merge.unsettled:
            yield Obligation(duty=Duty.MERGE, about=merge.id, from_on=merge.merged_on, due_on=merge.merged_on)
    for restriction in case.restrictions:
        if restriction.id in settled and restriction.end_kind is None:
            yield Obligation(duty=Duty.LIFTING, about=restriction.id, until_on=restriction.last_day())
    for allegation in case.allegations:
        if allegation.concluded_on is None:
            yield Obligation(
                duty=Duty.ALLEGATION,
                about=allegation.id,
                from_on=allegation.received_on,
                due_on=allegation.conclude_by_on,
                by=(allegation.routed_to,),
            )
    yield from (Obligation(duty=Duty.COMPLAINT, about=c.id, due_on=c.answer_by_on) for c in case.complaints if c.open)
    yield from (Obligation(duty=Duty.OMBUDSMAN, about=o.id, from_on=o.opened_on) for o in case.ombudsman if o.open)
    for agreement in case.agreements:
        if agreement.ended_on is None:
            due = agreement.review_on
            yield Obligation(duty=Duty.AGREEMENT, about=agreement.id, detail=f"{due}", due_on=due)
    for request in case.rights:
        if request.open:
            asked, due = request.received_on, request.due_on
            yield Obligation(duty=Duty.RIGHTS, about=request.id, detail=f"{due}", from_on=asked, due_on=due)
    for hold in case.holds:
        if hold.open and hold.review_on is not None:
            yield Obligation(duty=Duty.HOLD, about=hold.id, due_on=hold.review_on)
    for disposal in case.disposals:
        if disposal.open:
            first = (disposal.proposed_by,)
            yield Obligation(duty=Duty.DISPOSAL, about=disposal.id, from_on=disposal.proposed_on, barred=first)
    for speaks in case.representatives:
        if speaks.last_day is not None:
            last = speaks.last_day
            yield Obligation(duty=Duty.AUTHORITY, about=speaks.id, from_on=speaks.from_on, due_on=last, until_on=last)
    for safe in case.safe_contacts:
        if safe.last_day is not None:
            last = safe.last_day
            yield Obligation(duty=Duty.SAFE_CONTACT, about=safe.id, from_on=safe.from_on, due_on=last, until_on=last)
    for notice in case.notices:
        if notice.received_on is None:
            continue
        for duty, last_day in ((Duty.APPEAL_WINDOW, notice.appeal_until), (Duty.WARNING_LAPSES, notice.lapses_on)):
            if last_day is not None:
                yield Obligation(
                    duty=duty,
                    about=notice.about,
                    detail=notice.id,
                    from_on=notice.received_on,
                    due_on=last_day,
                    until_on=last_day,
                )
