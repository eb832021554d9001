"""What measures do to contact: which channels stay open under them, and which contact goes against them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import reduce
from typing import Final

from domain.baseline import AlwaysOpen
from domain.calendar import Period, days_before
from domain.case import Binding, Case
from domain.case_parts import Breach, Contact
from domain.codes import IN_PERSON, Channel, Direction, Effect, Purpose
from domain.events.parts import Measure

ALL_CHANNELS: Final = tuple(Channel)
OUTSIDE_THE_CATALOGUE: Final = "other"
# Channels through which somebody can begin contact by themselves; a home visit or a meeting is the landlord's to grant.
BEGUN_BY_THE_CUSTOMER: Final = (
    Channel.TELEPHONE,
    Channel.EMAIL,
    Channel.LETTER,
    Channel.ONLINE_FORM,
    Channel.OFFICE_VISIT,
)


def left_open(measures: Iterable[Measure]) -> tuple[Channel, ...]:
    """The channels that stay open under all of these measures together, in the order of `Channel`."""
    open_under_all = reduce(
        lambda channels, m: channels & set(m.open) if m.limits_contact else channels, measures, set(ALL_CHANNELS)
    )
    return tuple(c for c in Channel if c in open_under_all)


def usable(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """Those channels through which the customer can begin contact."""
    return tuple(c for c in channels if c in BEGUN_BY_THE_CUSTOMER)


def protected(purpose: Purpose, always_open: AlwaysOpen) -> bool:
    """Whether contact for this purpose gets through whatever is in force (baseline 1)."""
    return (
        purpose in always_open.any_channel_any_hour
        or purpose in always_open.always_received
        or purpose in always_open.not_the_customers_contact
    )


def concerns(measure: Measure, issue: str | None) -> bool:
    """Whether a measure reaches contact about this matter; one that names no matter reaches all."""
    return measure.issue is None or measure.issue == issue


def tightens(before: Iterable[Measure], after: Iterable[Measure]) -> bool:
    """Whether anything is asked of the customer that was not asked before; in doubt it is.

    What is kept under the identity by which the customer was told of it asks for no more.
    """
    limiting = [m for m in before if m.limits_contact]
    return any(m.limits_contact and not any(_asks_no_more(m, b) for b in limiting) for m in after)


def _asks_no_more(measure: Measure, before: Measure) -> bool:
    """Whether a measure of the same kind leaves the customer at least what the one before it left them.

    Who answers or reads is no term: another named person is told by a notice. What a measure outside the catalogue
    asks stands in its words, which no rule reads; so one that is written anew closes less, or it may ask for more.
    """
    if measure.id == before.id:
        return True
    if measure.code == OUTSIDE_THE_CATALOGUE and not {*before.open} < {*measure.open}:
        return False
    return (
        (measure.code, measure.effect, measure.per, measure.third_party, measure.office)
        == (before.code, before.effect, before.per, before.third_party, before.office)
        and before.issue in (None, measure.issue)
        and {*before.open} <= {*measure.open}
        and {*before.exceptions} <= {*measure.exceptions}
        and {*before.slots} <= {*measure.slots}
        and _at_least(measure.count, before.count)
        and _at_least(measure.minutes, before.minutes)
        and (before.until is None or (measure.until is not None and measure.until <= before.until))
    )


def _at_least(allowed: int | None, before: int | None) -> bool:
    return allowed is None or (before is not None and allowed >= before)


def contravenes(case: Case, contact: Contact, binding: Binding, always_open: AlwaysOpen) -> bool:
    """Whether a contact goes against a measure that the customer was told of, its purpose and exceptions apart.

    Only the customer's side is judged: what is filed or not registered is the landlord's own handling and cannot be
    breached, and advice that limits nothing cannot either.
    """
    measure = binding.measure
    if not measure.limits_contact or not concerns(measure, contact.issue):
        return False
    match measure.effect:
        case Effect.CHANNELS | Effect.THIRD_PARTY | Effect.OTHER:
            return contact.channel not in measure.open
        case Effect.APPOINTMENT:
            return contact.channel is Channel.OFFICE_VISIT
        case Effect.WITNESS:
            return contact.channel in IN_PERSON
        case Effect.NAMED_CONTACT:
            return True  # contact past the named person; whether it was is for whoever records the breach
        case Effect.CALLS_ENDED:
            return contact.channel is Channel.TELEPHONE
        case Effect.CALL_COUNT | Effect.CONTACT_COUNT:
            return over_the_limit(case, contact, binding, always_open)
        case Effect.CALL_MINUTES | Effect.FILE_UNANSWERED | Effect.NOT_REGISTERED | Effect.STATEMENT | Effect.AGREEMENT:
            return False


def breach_stands(case: Case, breach: Breach, always_open: AlwaysOpen) -> bool:
    """Whether a breach still is one by all that is known by now of contact, notice and restriction."""
    contact, restriction = case.contact(breach.contact), case.restriction(breach.restriction)
    if breach.withdrawn or contact is None or restriction is None or restriction.never_made or not counts(contact):
        return False
    if contact.purpose is None or protected(contact.purpose, always_open):
        return False
    return any(
        told_before(case, contact, binding)
        and contact.purpose not in binding.measure.exceptions
        and contravenes(case, contact, binding, always_open)
        for binding in case.binding_on(contact.happened_on)
        if binding.measure.id == breach.measure
    )


def told_before(case: Case, contact: Contact, binding: Binding) -> bool:
    """Whether the customer had been told of a measure before a contact.

    A day of receipt has hours before it: only contact on a later day is sure to come after the telling.
    """
    told = case.told_for(binding.restriction, binding.measure, contact.happened_on)
    return told is not None and told < contact.happened_on


def over_the_limit(case: Case, contact: Contact, binding: Binding, always_open: AlwaysOpen) -> bool:
    """Whether, with this contact, more were made in the period that ends with its day than the measure allows."""
    measure = binding.measure
    used = counted(case, binding, contact.happened_on, always_open)
    if measure.count is None or contact not in used:
        return False
    return used.index(contact) >= measure.count


def counted(case: Case, binding: Binding, day: date, always_open: AlwaysOpen) -> tuple[Contact, ...]:
    """The contacts that use up what a measure allows in the rolling period that ends with `day`, earliest first.

    Only completed contact counts that the customer began knowing of the measure, so after the day of being told,
    about what it concerns, and for a purpose known to be none of those that get through whatever is in force. Empty
    when the measure gives no period.
    """
    measure = binding.measure
    if measure.per is None:
        return ()
    begin = max(days_before(day, Period.parse(measure.per)), binding.told_on)
    found = (
        c
        for c in case.contacts
        if counts(c)
        and begin < c.happened_on <= day
        and concerns(measure, c.issue)
        and (measure.effect is Effect.CONTACT_COUNT or c.channel is Channel.TELEPHONE)
        and c.purpose is not None
        and not protected(c.purpose, always_open)
        and c.purpose not in measure.exceptions
    )
    return tuple(sorted(found, key=lambda c: c.happened_on))


def counts(contact: Contact) -> bool:
    """Whether a contact can count against anybody: completed, and begun by the customer."""
    return (
        contact.completed
        and contact.customer_initiated
        and contact.direction is Direction.INBOUND
        and not contact.moved
    )
