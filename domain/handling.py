"""How one contact is handled under every measure that bears on it, where it can go instead, what allowance is left.

Several measures unite to one answer. A channel that is closed goes before all else, because whoever is told where to
turn is better off than whoever is filed in silence; filing goes before passing on, because it is about one matter
that was answered; passing on goes before simply taking. What would send the customer nowhere closes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, assert_never

from domain.advice_words import FILED, Phrase
from domain.baseline import AlwaysOpen
from domain.case import Binding, Case
from domain.codes import IN_PERSON, Channel, Direction, Effect, Purpose, RoleCode, StaffId, SubjectId
from domain.conflicts import NOTHING_AGREED, Adjusted
from domain.events.parts import Measure
from domain.measures import ALL_CHANNELS, counted, left_open, protected, usable
from domain.reached import Reached


class NotKnown(StrEnum):
    """Where an answer would stand if it could be given; never to be read as none."""

    NOT_KNOWN = "not_known"


class Handling(StrEnum):
    """What to do with the contact, from the most open to the least; none of these turns anybody away unheard."""

    TAKE = "take"
    TAKE_AND_PASS_ON = "take_and_pass_on"  # noqa: S105 - a way of handling, no password
    FILE_AFTER_READING = "file_after_reading"
    REDIRECT = "redirect"


ORDER: Final = tuple(Handling)
SPOKEN: Final = IN_PERSON | {Channel.TELEPHONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One contact that is happening or planned; what nobody knows yet is `None`. `at` is an instant in UTC."""

    direction: Direction
    channel: Channel
    at: datetime
    issue: str | None = None
    purpose: Purpose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Who answers this customer instead on that day and what stays open; staff get their names at the edge."""

    channels: tuple[Channel, ...]
    staff: tuple[StaffId, ...]
    roles: tuple[RoleCode, ...]
    third_parties: tuple[SubjectId, ...]
    offices: tuple[str, ...]
    slots: tuple[str, ...]  # agreed times, "weekday HH:MM" in London
    from_on: date | None  # the first day on which an allowance that is used up lets another contact in
    by_appointment: tuple[Channel, ...] = ()  # ways that take an appointment first, whether or not `channels` has them
    reached: tuple[Reached, ...] = ()  # each office, role and colleague named of whom it is kept
    away: tuple[StaffId, ...] = ()  # those named who are absent that day; `staff` has their deputies instead
    notes: tuple[Phrase, ...] = ()  # what to do when nobody is there, and what is not kept here

    @property
    def leads_somewhere(self) -> bool:
        """Whether there is anybody to turn to; somebody acting for the customer counts only where one was named."""
        return bool(usable(self.channels) or self.staff or self.roles or self.third_parties or self.from_on)


@dataclass(frozen=True, slots=True)
class Held:
    """A measure that limits contact and that the customer knows of, in its case."""

    case: Case
    binding: Binding

    @property
    def measure(self) -> Measure:
        """The measure itself."""
        return self.binding.measure


def handle(
    reaching: Sequence[Held],
    question: Question,
    always_open: AlwaysOpen,
    day: date,
    adjusted: Adjusted = NOTHING_AGREED,
) -> tuple[Handling, Redirect | None]:
    """What to do with a contact under the measures that reach its matter, and who answers it instead.

    What was agreed for the customer goes before a measure that would take it away, or leave them no way in.

    What always gets through is taken, and so is what nobody knows the purpose of; of what is always received the
    answer may go through the agreed contact (baseline 1). An unknown purpose still learns where an enquiry would go.
    """
    purpose = question.purpose
    if question.direction is Direction.OUTBOUND or (purpose and _at_once(purpose, always_open)):
        return Handling.TAKE, None
    bearing = [h for h in reaching if purpose is None or purpose not in h.measure.exceptions]
    together = [h.measure for h in reaching]
    giving_way = [h for h in bearing if adjusted.goes_before(h.measure, question.channel, together)]
    limits = [(h, limit(h, question.channel, always_open, day)) for h in bearing if h not in giving_way]
    strictest = max((given for _, given in limits), key=ORDER.index, default=Handling.TAKE)
    if strictest is Handling.TAKE:
        return strictest, None
    limiting = [h for h, given in limits if given is not Handling.TAKE]
    instead = _instead(limiting, reaching, always_open, day, adjusted)
    if strictest is Handling.REDIRECT and not instead.leads_somewhere:
        return Handling.TAKE, None
    if purpose is None:
        return Handling.TAKE, instead
    return (Handling.TAKE_AND_PASS_ON if protected(purpose, always_open) else strictest), instead


def filing(reaching: Sequence[Held], question: Question, always_open: AlwaysOpen, day: date) -> Held | None:
    """The measure under which a contact that is filed goes to its reader: one about this very matter before others."""
    found = [
        h
        for h in reaching
        if question.purpose not in h.measure.exceptions
        and limit(h, question.channel, always_open, day) is Handling.FILE_AFTER_READING
    ]
    return min(found, key=lambda h: (h.measure.issue is None, h.measure.reader is None), default=None)


def _at_once(purpose: Purpose, always_open: AlwaysOpen) -> bool:
    return purpose in always_open.any_channel_any_hour or purpose in always_open.not_the_customers_contact


def limit(held: Held, channel: Channel, always_open: AlwaysOpen, day: date) -> Handling:
    """What one measure makes of contact through a channel on a day, its purpose apart.

    Whoever speaks for the customer is never sent away.
    """
    given = _limit(held, channel, always_open, day)
    if given is Handling.REDIRECT and channel is Channel.THIRD_PARTY:
        return Handling.TAKE_AND_PASS_ON
    return given


def _limit(held: Held, channel: Channel, always_open: AlwaysOpen, day: date) -> Handling:
    measure = held.measure
    redirected: bool
    match measure.effect:
        case Effect.CHANNELS | Effect.OTHER | Effect.THIRD_PARTY:
            redirected = channel not in measure.open
        case Effect.NAMED_CONTACT:
            return Handling.REDIRECT if channel in SPOKEN else Handling.TAKE_AND_PASS_ON
        case Effect.FILE_UNANSWERED:
            return Handling.FILE_AFTER_READING if channel in FILED else Handling.TAKE
        case Effect.APPOINTMENT:
            redirected = channel is Channel.OFFICE_VISIT
        case Effect.CALLS_ENDED:
            redirected = channel is Channel.TELEPHONE
        case Effect.CALL_COUNT:
            redirected = channel is Channel.TELEPHONE and left(held, always_open, day) == 0
        case Effect.CONTACT_COUNT:
            redirected = left(held, always_open, day) == 0
        case Effect.WITNESS | Effect.CALL_MINUTES | Effect.NOT_REGISTERED | Effect.STATEMENT | Effect.AGREEMENT:
            redirected = False
        case _:
            assert_never(measure.effect)
    return Handling.REDIRECT if redirected else Handling.TAKE


def left(held: Held, always_open: AlwaysOpen, day: date) -> int | Literal[NotKnown.NOT_KNOWN]:
    """How many contacts a measure still allows on a day; not known when it does not say how many in which period."""
    if held.measure.count is None or held.measure.per is None:
        return NotKnown.NOT_KNOWN
    return max(0, held.measure.count - len(counted(held.case, held.binding, day, always_open)))


def least_left(
    reaching: Iterable[Held], always_open: AlwaysOpen, day: date
) -> tuple[int | Literal[NotKnown.NOT_KNOWN] | None, str | None]:
    """The scarcest allowance and its period; None when nothing that reaches this matter allows only so many."""
    allowances = [h for h in reaching if h.measure.effect in (Effect.CALL_COUNT, Effect.CONTACT_COUNT)]
    if not allowances:
        return None, None
    known = [(n, h.measure.per) for h in allowances if (n := left(h, always_open, day)) is not NotKnown.NOT_KNOWN]
    if len(known) < len(allowances):
        return NotKnown.NOT_KNOWN, None
    return min(known, key=lambda found: found[0])


def _instead(
    limiting: Sequence[Held], reaching: Sequence[Held], always_open: AlwaysOpen, day: date, adjusted: Adjusted
) -> Redirect:
    """Where the contact can go: what every measure that reaches the matter leaves open, and whom they name.

    A way that the customer cannot use leads nowhere; where they could use none, those that they can are open to them.
    """
    measures = [h.measure for h in limiting]
    open_ways = left_open(h.measure for h in reaching)
    shut_out = adjusted.shut_out(h.measure for h in reaching)
    still_open = [c for c in (ALL_CHANNELS if shut_out else open_ways) if c not in adjusted.unusable]
    closed = {c for m in measures for c in _closed_for_now(m.effect)}
    appointed = [h.measure for h in reaching if h.measure.effect is Effect.APPOINTMENT]
    used_up = [h for h in limiting if h.measure.effect in (Effect.CALL_COUNT, Effect.CONTACT_COUNT)]
    return Redirect(
        channels=tuple(c for c in (*usable(still_open), Channel.THIRD_PARTY) if c not in closed),
        staff=tuple(dict.fromkeys(s for m in measures for s in (*m.contact_staff, *((m.reader,) if m.reader else ())))),
        roles=tuple(dict.fromkeys(m.contact_role for m in measures if m.contact_role)),
        third_parties=tuple(dict.fromkeys(m.third_party for m in measures if m.third_party)),
        offices=tuple(dict.fromkeys(h.measure.office for h in reaching if h.measure.office)),
        slots=tuple(dict.fromkeys(s for m in (*measures, *appointed) for s in m.slots)),
        by_appointment=(Channel.OFFICE_VISIT,) if appointed and Channel.OFFICE_VISIT in still_open else (),
        from_on=max((_next_possible_on(h, always_open, day) for h in used_up), default=None),
    )


def _closed_for_now(effect: Effect) -> tuple[Channel, ...]:
    """Channels that stay open in principle and are no way to turn to now."""
    match effect:
        case Effect.APPOINTMENT:
            return (Channel.OFFICE_VISIT,)
        case Effect.CALLS_ENDED | Effect.CALL_COUNT:
            return (Channel.TELEPHONE,)
        case _:
            return ()


def _next_possible_on(held: Held, always_open: AlwaysOpen, day: date) -> date:
    """The first later day on which the allowance has room again, or the measure is over."""
    last = held.binding.restriction.ends_on
    later = day + timedelta(days=1)
    while later <= last and left(held, always_open, later) == 0:
        later += timedelta(days=1)
    return later
