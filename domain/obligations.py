"""Everything that a case owes, to whom it falls and by when: dates from the facts alone, whatever day it is asked on.

Whoever takes a case over takes these over with it; the clock counts them; worklists show them. What a policy says of
each kind, its clause and whose it is, stands in `domain.duties`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from domain.brought_along import tasks, unnamed
from domain.case import Case
from domain.case_parts import Appeal, Restriction
from domain.codes import EndKind, NoticeKind, RoleCode, StaffId
from domain.conflicts import NO_KINDS, Kinds, conflicts
from domain.events.parts import ScheduledReview
from domain.follow_ups import met_on
from domain.measure_reviews import looks
from domain.values import changed

# Ends that somebody decided on, and that no other letter tells the customer of.
TOLD_BY_LETTER: Final = (EndKind.LIFTED, EndKind.WITHDRAWN_AS_WRONG)
OF_A_CHANGE: Final = (NoticeKind.VARIATION, NoticeKind.EXTENSION)
DAY: Final = timedelta(days=1)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Duty(StrEnum):
    """What is owed, or ends by itself on its day; the code begins the key of each obligation."""

    PROPOSAL = "proposal"
    ADJUSTMENT = "adjustment"
    APPEAL = "appeal"
    LATE_APPEAL = "late_appeal"
    ACKNOWLEDGEMENT = "acknowledgement"
    FILED = "filed"
    REVIEW = "review"
    MEASURE_REVIEW = "measure_review"
    SAFETY_REVIEW = "safety_review"
    TELLING = "telling"
    APPROVAL = "approval"
    NAMED_CONTACT = "named_contact"
    REMOVAL = "removal"
    LETTER = "letter"
    STUCK = "stuck"
    MERGE = "merge"
    LIFTING = "lifting"
    ALLEGATION = "allegation"
    COMPLAINT = "complaint"
    OMBUDSMAN = "ombudsman"
    POLICY_COPY = "policy_copy"
    AGREEMENT = "agreement"
    RIGHTS = "rights"
    AGREED_CALL = "agreed_call"
    CALL_MISSED = "call_missed"
    INTERIM = "interim"
    URGENT = "urgent"
    PLAN = "plan"
    REQUEST = "review_request"
    MISSING = "missing"
    BREACH = "breach"
    HOLD = "hold"
    DISPOSAL = "disposal"
    TERM = "term"
    APPEAL_WINDOW = "appeal_window"
    WARNING_LAPSES = "warning_lapses"
    DELEGATION = "delegation"
    AUTHORITY = "authority"
    SAFETY_EXPIRY = "safety_expiry"
    SAFE_CONTACT = "safe_contact"
    # What is owed follows from the landlord's policy, or from the baseline, as well: `domain.others_told`, `conflicts`.
    INFORM = "inform"
    VARYING = "varying"


# What comes about by itself once its day is over, and asks nobody for anything before.
ENDS_BY_ITSELF: Final = frozenset(
    {
        Duty.TERM,
        Duty.APPEAL_WINDOW,
        Duty.WARNING_LAPSES,
        Duty.DELEGATION,
        Duty.AUTHORITY,
        Duty.SAFETY_EXPIRY,
        Duty.SAFE_CONTACT,
    }
)


# What is said at the time, or falls to somebody else than whoever looks after the case.
NOT_HANDED_OVER: Final = frozenset({Duty.BREACH, Duty.HOLD, Duty.DISPOSAL, Duty.INTERIM, Duty.CALL_MISSED, Duty.URGENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One thing that is owed, or that ends, in one case.

    `from_on` is the first day on which it can be done, `due_on` the last on which it is done in time (None: no day was
    ever set), `until_on` the last on which it is owed at all (None: until it is done). `by`, `staff` and `clause` are
    what the facts say; where they say nothing, the policy does. `barred` are those who had a part in what it is about,
    and so cannot do it. `passed` says that its day went by is on record.
    With `weekly`, it comes up again every seven days after `due_on` until `until_on`, but for the days in `settled`;
    those in `gone_by` are owed still, and that they went by is on record.
    """

    duty: Duty
    about: str
    detail: str = ""
    from_on: date = date.min
    due_on: date | None = None
    until_on: date | None = None
    by: tuple[RoleCode, ...] = ()
    staff: StaffId | None = None
    barred: tuple[StaffId, ...] = ()
    clause: str | None = None
    code: str = ""
    passed: bool = False
    weekly: bool = False
    settled: tuple[date, ...] = ()
    gone_by: tuple[date, ...] = ()

    @property
    def key(self) -> str:
        """What tells it apart from the others of its case, whatever becomes of its dates."""
        return f"{self.duty}:{self.about}:{self.detail}" if self.detail else f"{self.duty}:{self.about}"

    @property
    def ends_by_itself(self) -> bool:
        """Whether it is a date on which something ends, and asks nobody for anything."""
        return self.duty in ENDS_BY_ITSELF

    @property
    def goes_by_on(self) -> date | None:
        """The next last day that is taken down once it went by; None when there is none, or that is on record.

        What is owed no more by then, because what it was about ended first, never goes by.
        """
        if self.passed or self.due_on is None or (self.duty in ENDS_BY_ITSELF and self.duty is not Duty.TERM):
            return None
        return next(self.occurrences(self.until_on or date.max), None)

    def open_on(self, day: date) -> bool:
        """Whether it can be done, and is still owed, on a day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def occurrences(self, upto: date) -> Iterator[date]:
        """The days by which it is or was due up to a day, but for those settled or on record; in order."""
        return (day for day in self.still_open(upto) if day not in self.gone_by)

    def still_open(self, upto: date) -> Iterator[date]:
        """The days by which it is or was due up to a day, but for those settled; in order."""
        if self.due_on is None:
            return
        day = self.due_on
        while day <= upto and (self.until_on is None or day <= self.until_on):
            if day not in self.settled:
                yield day
            if not self.weekly:
                return
            day += timedelta(days=7)


def obligations(case: Case) -> Iterator[Obligation]:
    """Everything that the case owes or that ends in it, now or on a day to come, as far as is known; in one order."""
    for part in (_decisions, _on_restrictions, _on_safety, _letters, _stuck_letters, _of_people):
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


def letters_owed(case: Case, day: date) -> Iterator[tuple[NoticeKind, str]]:
    """Letters to the customer that were never sent, or came back: kind, and what each is about. None to the dead."""
    for one in _letters(case):
        if one.open_on(day):
            yield NoticeKind(one.code), one.about


def letters_ever_owed(case: Case) -> Iterator[Obligation]:
    """Every letter that the customer was ever to get, sent or not, as it was owed first; `code` is its kind."""
    return _letters(changed(case, notices=(), death=None))


def _decisions(case: Case) -> Iterator[Obligation]:
    """What waits for somebody's answer, or to hear of it."""
    yield from _breaches(case)
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


def _on_restrictions(case: Case) -> Iterator[Obligation]:
    for restriction in case.restrictions:
        last = restriction.last_day()
        yield from _reviews(restriction, last)
        if restriction.imported_from is not None:
            yield from _to_be_found_out(case, restriction, last)
        yield from _looks_at_measures(restriction, last)
        yield from _agreed_calls(case, restriction, last)
        for told in restriction.others_told:
            if told.undone_on is None:
                over = last + DAY
                yield Obligation(duty=Duty.REMOVAL, about=restriction.id, detail=told.key, from_on=over, due_on=over)
        if restriction.end_kind is None:
            begun = restriction.starts_on
            if restriction.interim:
                yield Obligation(duty=Duty.INTERIM, about=restriction.id, from_on=begun, due_on=last, until_on=last)
            yield Obligation(duty=Duty.TERM, about=restriction.id, from_on=begun, due_on=last)


def _breaches(case: Case) -> Iterator[Obligation]:
    for breach in case.breaches:
        if not breach.withdrawn and breach.reported_on is None:
            on = breach.happened_on
            yield Obligation(duty=Duty.BREACH, about=breach.id, from_on=on, due_on=on)


def _reviews(restriction: Restriction, last: date) -> Iterator[Obligation]:
    """Every scheduled review that is still owed; one that a sooner end overtakes never falls due.

    One that was held late, or left out and a later one held, is owed no more; that its day went by is taken down all
    the same.
    """
    held = {(r.cadence, r.due_on): r.held_on for r in restriction.reviews}
    pending = restriction.pending_reviews()
    for review in restriction.schedule:
        which = (review.cadence, review.due_on)
        missed = review not in pending and held.get(which, date.max) > review.due_on
        if missed and which not in restriction.fell_due and review.due_on <= last:
            yield _review(restriction, review, until_on=review.due_on)
    for review in pending:
        if review.due_on <= last:
            yield _review(restriction, review, until_on=last)


def _review(restriction: Restriction, review: ScheduledReview, until_on: date) -> Obligation:
    return Obligation(
        duty=Duty.REVIEW,
        about=restriction.id,
        detail=f"{review.cadence}:{review.due_on}",
        from_on=review.opens_on,
        due_on=review.due_on,
        until_on=until_on,
        by=review.by,
        staff=restriction.reviewers.get(review.cadence),
        clause=review.clause,
        code=review.cadence,
        passed=(review.cadence, review.due_on) in restriction.fell_due,
    )


def _looks_at_measures(restriction: Restriction, last: date) -> Iterator[Obligation]:
    """What a measure's own cadence still asks for; that a day went by before a late look is taken down all the same."""
    for look in looks(restriction):
        if look.held_on is None or look.held_on > look.due_on:
            yield Obligation(
                duty=Duty.MEASURE_REVIEW,
                about=look.measure.id,
                detail=f"{look.due_on}",
                from_on=look.opens_on,
                due_on=look.due_on,
                until_on=last if look.held_on is None else look.due_on,
                clause=look.measure.clause,
                code=look.measure.code,
            )


def _to_be_found_out(case: Case, restriction: Restriction, last: date) -> Iterator[Obligation]:
    """Of what was brought along: who answers the customer, and whatever else the register did not say."""
    for measure in restriction.sets[-1].measures:
        if unnamed(measure):
            yield Obligation(duty=Duty.NAMED_CONTACT, about=measure.id, until_on=last, clause=measure.clause)
    for item in tasks(case, restriction):
        yield Obligation(duty=Duty.MISSING, about=restriction.id, detail=item, until_on=last)


def _agreed_calls(case: Case, restriction: Restriction, last: date) -> Iterator[Obligation]:
    """Calls at agreed times, each week from the week after the start; those that were made or missed are settled."""
    for measure in restriction.sets[-1].measures:
        until = last if measure.until is None else min(last, measure.until)
        for slot in measure.slots:
            weekday = slot.partition(" ")[0]
            if weekday not in WEEKDAYS:
                continue  # no command writes such a time; it comes up on no day
            ahead = WEEKDAYS.index(weekday) - restriction.starts_on.weekday()
            first = restriction.starts_on + timedelta(days=ahead % 7 or 7)
            taken = (c for c in case.agreed_calls if (c.restriction, c.slot) == (restriction.id, slot))
            yield Obligation(
                duty=Duty.AGREED_CALL,
                about=measure.id,
                detail=slot,
                from_on=first,
                due_on=first,
                until_on=until,
                staff=measure.contact_staff[0] if measure.contact_staff else None,
                by=(measure.contact_role,) if measure.contact_role else (),
                clause=measure.clause,
                code=measure.code,
                weekly=True,
                settled=tuple(sorted({c.due_on for c in taken})),
            )
    for call in case.agreed_calls:
        made_up = any(c.kept and (c.slot, c.due_on) == (call.slot, call.due_on) for c in case.agreed_calls)
        if call.restriction == restriction.id and call.by_landlord and not call.kept and not made_up:
            yield Obligation(
                duty=Duty.CALL_MISSED, about=call.id, from_on=call.due_on, due_on=call.due_on, until_on=last
            )


def _on_safety(case: Case) -> Iterator[Obligation]:
    for warning in case.safety:
        over = warning.over_from or warning.expires_on + DAY
        last = over - DAY
        if warning.declined_on is not None:
            continue
        if warning.approved_on is None:
            yield Obligation(
                duty=Duty.APPROVAL,
                about=warning.id,
                from_on=warning.proposed_on,
                until_on=last,
                barred=(warning.proposed_by,),
            )
            continue
        if warning.over_from is None:  # taken away, late or not, it was looked at
            yield Obligation(
                duty=Duty.SAFETY_REVIEW,
                about=warning.id,
                detail=f"{warning.review_on}",
                due_on=warning.review_on,
                until_on=last,
            )
        if warning.tells_person is True and warning.told_on is None and not case.dead():
            at_once = warning.approved_on
            yield Obligation(duty=Duty.TELLING, about=warning.id, from_on=at_once, due_on=at_once, until_on=last)
        if warning.over_from is None:
            yield Obligation(duty=Duty.SAFETY_EXPIRY, about=warning.id, due_on=warning.expires_on, until_on=last)
        for told in warning.others_told:
            if told.undone_on is None:
                yield Obligation(duty=Duty.REMOVAL, about=warning.id, detail=told.key, from_on=over, due_on=over)
    for incident, since, follow_up in case.follow_ups:
        if met_on(follow_up.step, incident, case) is None:
            yield Obligation(
                duty=Duty.URGENT,
                about=incident,
                detail=follow_up.step,
                from_on=since,
                due_on=follow_up.due_on,
                by=follow_up.by,
                clause=follow_up.clause,
            )

    for urgent in case.urgent:
        for plan, made_on, review_on, owner in urgent.plans:
            if not any(made_on < held_on for _, held_on in urgent.reviews):
                yield Obligation(duty=Duty.PLAN, about=plan, from_on=made_on + DAY, due_on=review_on, staff=owner)


def _letters(case: Case) -> Iterator[Obligation]:
    """Each letter that the customer has still to get: owed from the day of what it tells of, or that it came back."""
    if case.dead():
        return
    for warning in case.warnings:
        if not warning.withdrawn:
            yield from _letter(case, NoticeKind.WARNING, warning.id, warning.issued_on)
    for restriction in case.restrictions:
        last = restriction.last_day()
        # Whoever was told of it before it was brought along is not told again.
        if restriction.imported_from is None or "told_on" in restriction.missing:
            for letter in _letter(case, NoticeKind.DECISION, restriction.id, restriction.decided_on, until_on=last):
                yield replace(letter, due_on=_told_by(restriction, letter))
        for request in case.review_requests:
            if request.restriction == restriction.id and request.by_customer and request.declined_on is not None:
                declined = request.declined_on
                yield from _letter(case, NoticeKind.REVIEW_OUTCOME, request.id, declined, until_on=last)
        for measure, since in restriction.contacts_changed.items():
            yield from _letter(case, NoticeKind.CONTACT_CHANGE, measure, since, until_on=last, sent_since=since)
        for change, decided_on in restriction.changes.items():
            yield from _letter(case, NoticeKind.VARIATION, change, decided_on, until_on=last, kinds=OF_A_CHANGE)
        if restriction.end_kind in TOLD_BY_LETTER:
            wrong = restriction.wrong_on  # that it was lifted does not say that it was wrong
            since = wrong or date.min
            yield from _letter(case, NoticeKind.ENDING, restriction.id, wrong or last + DAY, sent_since=since)
    for appeal in case.appeals:
        if appeal.outcome is not None and appeal.determined_on is not None:
            yield from _letter(case, NoticeKind.APPEAL_OUTCOME, appeal.id, appeal.determined_on)
    for complaint in case.complaints:
        if complaint.declined_on is not None:
            yield from _letter(case, NoticeKind.COMPLAINT_DECLINED, complaint.id, complaint.declined_on)


def _stuck_letters(case: Case) -> Iterator[Obligation]:
    """Each letter that was let go and not handed over: whoever let it go looks at it. No rule sets a day for that."""
    for letter in case.letters:
        if letter.stuck and letter.parked is not None:
            yield Obligation(
                duty=Duty.STUCK,
                about=letter.id,
                from_on=letter.parked_on or date.min,
                staff=letter.released_by,
                code=letter.parked,
            )


def _told_by(restriction: Restriction, letter: Obligation) -> date:
    """At once, and of an interim restriction with the first look at it: nobody is at work on its night."""
    first = min((s.due_on for s in restriction.schedule), default=letter.from_on)
    return max(letter.from_on, first) if restriction.interim else letter.from_on


def _letter(
    case: Case,
    kind: NoticeKind,
    about: str,
    since: date,
    *,
    until_on: date | None = None,
    sent_since: date = date.min,
    kinds: tuple[NoticeKind, ...] = (),
) -> Iterator[Obligation]:
    sent = [
        n for n in case.notices_about(about, *(kinds or (kind,))) if n.sent_on is not None and n.sent_on >= sent_since
    ]
    if any(n.returned_on is None or n.proved_on is not None for n in sent):
        return
    came_back = max((n.returned_on for n in sent if n.returned_on), default=None)
    owed = came_back or since
    yield Obligation(
        duty=Duty.LETTER,
        about=about,
        detail=kind,
        from_on=owed,
        due_on=owed,
        until_on=until_on,
        code=kind,
    )


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
