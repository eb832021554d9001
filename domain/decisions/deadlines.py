"""What the clock takes down: that the last day of something went by. It decides nothing; people need a post for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar, Final

from pydantic import Field

from domain.decisions.judgement import (
    Command,
    Day,
    Decision,
    New,
    Refused,
    Situation,
    any_post,
    at,
    impossible,
    judge,
    the_clock_or_a_post,
)
from domain.events import DeadlinePassed
from domain.obligation import Duty
from domain.obligations import obligations

# What has a fact of its own for going by.
OF_ITS_OWN: Final = {
    Duty.TERM: "record-end",
    Duty.REVIEW: "record-review-fell-due",
    Duty.DISCLOSURE: "record-disclosure-end",
}


class RecordDeadlinePassed(Command):
    """Takes down that the last day of something went by and it was not done, at its true date, once."""

    takes_closed: ClassVar[bool] = True

    obligation: Annotated[str, Field(max_length=200)]
    due_on: Day


def record_deadline_passed(command: RecordDeadlinePassed, situation: Situation) -> Decision:
    """It was owed by that day, the day is over, and nobody took that down before."""
    owed = next((one for one in obligations(situation.case) if one.key == command.obligation), None)
    if owed is None or (owed.ends_by_itself and owed.duty not in OF_ITS_OWN):
        asks = f"Nothing that this case owes is called {command.obligation}; what it owes is on the worklist."
        raise Refused([impossible("unknown_obligation", asks, "obligation")])
    problems = [*the_clock_or_a_post(situation)]
    if owed.duty in OF_ITS_OWN:
        asks = f"Take that down with {OF_ITS_OWN[owed.duty]}."
        problems.append(impossible("has_its_own_command", asks, "obligation"))
    elif command.due_on in situation.case.passed_days(owed.key):
        problems.append(impossible("already_recorded", "That its day went by is recorded already.", "due_on"))
    elif command.due_on not in owed.occurrences(situation.today - timedelta(days=1)):
        asks = f"{command.obligation} was not due by {command.due_on}, or that day is not over."
        problems.append(impossible("not_overdue", asks, "due_on"))
    judge(problems)
    fact = DeadlinePassed(obligation=owed.key, duty=owed.duty, about=owed.about, due_on=command.due_on)
    new = New(fact, at(command.due_on + timedelta(days=1), situation))
    return Decision((new,), any_post(situation, situation.today))
