"""Calls at agreed times: those that the landlord made, those that did not come about, and whose failure that was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

from domain.calendar import london_datetime
from domain.case_parts import AgreedCall, Restriction
from domain.decisions.intake import known_contact
from domain.decisions.judgement import (
    Command,
    Day,
    Decision,
    Id,
    Situation,
    Violation,
    impossible,
    known_restriction,
    not_before,
    recorded,
)
from domain.decisions.measures import Slot
from domain.events import AgreedCallKept, AgreedCallMissed, Measure
from domain.personal import ContactText


class AgreedCallCommand(Command):
    """A call that was agreed for a slot of a measure; `due_on` is the day that it was agreed for, else `on`."""

    restriction: Id
    measure: Id
    slot: Slot
    due_on: Day | None = None

    def day(self, situation: Situation) -> date:
        """The day on which it was made or missed: the agreed one, unless it was made on a later day."""
        return self.on or self.due_on or situation.today

    def agreed_for(self, situation: Situation) -> date:
        """The day for which it was agreed."""
        return self.due_on or self.day(situation)


class KeepAgreedCall(AgreedCallCommand):
    """Takes down that the landlord made an agreed call; with `on`, that it made up later for one that it missed."""

    contact: Id | None = None


class MissAgreedCall(AgreedCallCommand):
    """Takes down that an agreed call did not come about, through the landlord (it is owed then) or the customer."""

    by_landlord: bool
    reason: ContactText


def keep_agreed_call(command: KeepAgreedCall, situation: Situation) -> Decision:
    """Once for each agreed time; a call that was missed by the landlord can be made up for on a later day."""
    due_on, day = command.agreed_for(situation), command.day(situation)
    problems = [*_was_agreed(command, situation)]
    earlier = _told_of_it(command, situation)
    made_up = len(earlier) == 1 and earlier[0].by_landlord
    if earlier and not made_up:
        problems.append(_told_before(earlier[-1]))
    elif day > due_on and not made_up:
        asks = f"Only a call that the landlord missed is made up for; take down first that the one of {due_on} was."
        problems.append(impossible("nothing_to_make_up_for", asks, "on"))
    if command.contact is not None:
        problems += known_contact(situation, command.contact)
        made = situation.case.contact(command.contact)
        if made is not None and made.happened_on != day:
            asks = f"{command.contact} was on {made.happened_on}, not on {day}."
            problems.append(impossible("one_date", asks, "contact"))
    fact = AgreedCallKept(
        call=_next_call(situation),
        restriction=command.restriction,
        measure=command.measure,
        slot=command.slot,
        due_on=due_on,
        contact=command.contact,
    )
    return recorded(situation, command, problems, fact)


def miss_agreed_call(command: MissAgreedCall, situation: Situation) -> Decision:
    """Missed is only what was due already, and never both made and missed."""
    problems = [*_was_agreed(command, situation)]
    due_on = command.agreed_for(situation)
    if due_on == situation.today and situation.now < london_datetime(due_on, _time_of(command.slot)):
        problems.append(impossible("not_due_yet", f"It is agreed for {command.slot} today.", "slot"))
    problems += [_told_before(call) for call in _told_of_it(command, situation)[-1:]]
    fact = AgreedCallMissed(
        call=_next_call(situation),
        restriction=command.restriction,
        measure=command.measure,
        slot=command.slot,
        due_on=due_on,
        by_landlord=command.by_landlord,
        reason=command.reason,
    )
    return recorded(situation, command, problems, fact)


def _was_agreed(command: AgreedCallCommand, situation: Situation) -> Iterator[Violation]:
    """The measure agrees such a time, it was in force on the day, and the day is such a day."""
    restriction = known_restriction(situation, command.restriction)
    due_on = command.agreed_for(situation)
    measure = _measure(restriction, command.measure, due_on)
    if measure is None or not measure.slots:
        known = ", ".join(m.id for m in restriction.measures_on(due_on) if m.slots) or "none"
        yield impossible("unknown_measure", f"Measures with agreed times in force on {due_on}: {known}.", "measure")
    elif command.slot not in measure.slots:
        yield impossible("unknown_slot", f"The agreed times are {', '.join(measure.slots)}.", "slot")
    if f"{due_on:%A}".lower() != command.slot.partition(" ")[0]:
        yield impossible("no_such_day", f"{due_on} is a {due_on:%A}; the call is agreed for {command.slot}.", "due_on")
    yield from not_before(command.day(situation), due_on, "the call is due")
    if due_on > situation.today:
        yield impossible("not_in_the_future", f"due_on is {due_on}; nobody has kept or missed it yet.", "due_on")


def _measure(restriction: Restriction, measure: str, day: date) -> Measure | None:
    return next((m for m in restriction.measures_on(day) if m.id == measure), None)


def _told_of_it(command: AgreedCallCommand, situation: Situation) -> tuple[AgreedCall, ...]:
    """What was taken down before of the call of that day and time."""
    wanted = (command.restriction, command.slot, command.agreed_for(situation))
    return tuple(c for c in situation.case.agreed_calls if (c.restriction, c.slot, c.due_on) == wanted)


def _told_before(call: AgreedCall) -> Violation:
    what = "made" if call.kept else "missed"
    return impossible("already_recorded", f"That is {call.id} already, {what} on {call.on}.", "slot")


def _time_of(slot: str) -> time:
    return time.fromisoformat(slot.partition(" ")[2])


def _next_call(situation: Situation) -> str:
    return f"call-{len(situation.case.agreed_calls) + 1}"
