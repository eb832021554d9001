"""What a restriction or a safety warning leaves to be done while it stands, and once it is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from domain.brought_along import tasks, unnamed
from domain.case import Case
from domain.case_parts import Restriction
from domain.events.parts import ScheduledReview
from domain.follow_ups import met_on
from domain.measure_reviews import looks
from domain.obligation import Duty, Obligation

DAY: Final = timedelta(days=1)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def on_restrictions(case: Case) -> Iterator[Obligation]:
    """Reviews, agreed calls, what is still to be found out, what is undone once it is over, and the end itself."""
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


def breaches(case: Case) -> Iterator[Obligation]:
    """Breaches that nobody has reported to whoever watches over restrictions."""
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


def on_safety(case: Case) -> Iterator[Obligation]:
    """A safety warning's second approval, telling, looks and end; and what follows once somebody acted at once."""
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
