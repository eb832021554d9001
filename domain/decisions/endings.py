"""Endings: lifted, over by date, withdrawn as wrong; undone elsewhere; the case closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from domain.decisions.changes import in_force, known_cause, may_change
from domain.decisions.judgement import (
    Command,
    DecidingCommand,
    Decision,
    Id,
    New,
    Situation,
    Violation,
    against_baseline,
    any_post,
    at,
    decided,
    holds_a_post,
    impossible,
    judge,
    known_restriction,
    recorded,
)
from domain.events import (
    CaseClosed,
    RemovalConfirmed,
    RestrictionEnded,
    RestrictionLifted,
    RestrictionWithdrawnAsWrong,
)
from domain.events.envelope import SYSTEM
from domain.personal import DecisionText


class LiftRestriction(DecidingCommand):
    """Ends a restriction because it is no longer needed; the day is the first without it."""

    restriction: Id
    reasons: DecisionText
    because_of: Id | None = None


class RecordEnd(Command):
    """Takes down that a restriction's last day has passed."""

    restriction: Id


class WithdrawAsWrong(DecidingCommand):
    """Ends a restriction that should never have been made."""

    restriction: Id
    reasons: DecisionText


class ConfirmRemoval(Command):
    """Takes down that a trace of an ended restriction elsewhere is undone."""

    restriction: Id
    removal: Id


class CloseCase(DecidingCommand):
    """Closes a case in which nothing is in force, open or owed."""

    reasons: DecisionText | None = None


def lift_restriction(command: LiftRestriction, situation: Situation) -> Decision:
    """An early end is always possible."""
    restriction = in_force(situation, command.restriction)
    day = command.day(situation)
    post, problems = may_change(situation, restriction, command, command.because_of, "Lifting a restriction")
    problems += known_cause(situation, restriction, command.because_of)
    if day < restriction.starts_on:
        problems.append(impossible("end_before_start", f"It began on {restriction.starts_on}.", "on"))
    fact = RestrictionLifted(
        restriction=restriction.id, from_on=day, reasons=command.reasons, because_of=command.because_of
    )
    lifting = situation.policy.lifting
    clauses = [lifting.cited if lifting else situation.policy.decision.by.cited]
    return decided(situation, command, post, problems, clauses, fact)


def record_end(command: RecordEnd, situation: Situation) -> Decision:
    """It was over the day after its last day; this takes it down, at that day, whenever somebody does."""
    restriction = known_restriction(situation, command.restriction)
    problems: list[Violation] = [] if situation.actor == SYSTEM else [*holds_a_post(situation, situation.today)]
    if restriction.end_kind is not None:
        problems.append(
            impossible("already_ended", f"{restriction.id} ended on {restriction.last_day()} already.", "restriction")
        )
    elif situation.today <= restriction.ends_on:
        problems.append(impossible("not_over_yet", f"Its last day is {restriction.ends_on}.", "restriction"))
    judge(problems)
    fact = RestrictionEnded(restriction=restriction.id, last_day=restriction.ends_on)
    new = New(fact, at(restriction.ends_on + timedelta(days=1), situation))
    return Decision((new,), any_post(situation, situation.today), ("baseline 3",))


def withdraw_as_wrong(command: WithdrawAsWrong, situation: Situation) -> Decision:
    """The landlord's own finding; it counts as never made in every figure, and is not a lifting."""
    restriction = in_force(situation, command.restriction)
    post, problems = may_change(situation, restriction, command, None, "Withdrawing a restriction")
    fact = RestrictionWithdrawnAsWrong(
        restriction=restriction.id, from_on=command.day(situation), reasons=command.reasons
    )
    return decided(situation, command, post, problems, [situation.policy.decision.by.cited], fact)


def confirm_removal(command: ConfirmRemoval, situation: Situation) -> Decision:
    """Each alert that was placed and everybody who was told, one by one (baseline 15)."""
    restriction = situation.case.restriction(command.restriction)
    owed = {t.key for t in restriction.still_told(situation.today)} if restriction else set()
    problems: list[Violation] = []
    if command.removal not in owed:
        known = ", ".join(sorted(owed)) or "nothing"
        problems.append(impossible("not_owed", f"Still to be undone: {known}.", "removal"))
    fact = RemovalConfirmed(
        restriction=command.restriction, removal=command.removal, confirmed_on=command.day(situation)
    )
    return recorded(situation, command, problems, fact)


def close_case(command: CloseCase, situation: Situation) -> Decision:
    """Nothing is in force, open or owed, to the customer or elsewhere."""
    problems = [*holds_a_post(situation, command.day(situation)), *_still_open(situation)]
    fact = CaseClosed(closed_on=command.day(situation), reasons=command.reasons)
    post = any_post(situation, command.day(situation))
    return decided(situation, command, post, problems, ["baseline 15"], fact)


def _still_open(situation: Situation) -> Iterator[Violation]:
    case, today = situation.case, situation.today
    if case.stage == "closed":
        yield impossible("already_closed", f"The case was closed on {case.closed_on}.")
    for restriction in case.restrictions:
        if not restriction.over_on(today):
            yield impossible("still_in_force", f"{restriction.id} is in force until {restriction.ends_on}.")
        for told in restriction.still_told(today):
            yield against_baseline(
                situation, "ending_is_undone_everywhere", f"{restriction.id}: {told.key} has still to be undone."
            )
    for proposal in case.proposals:
        if proposal.open:
            yield impossible("proposal_open", f"{proposal.id} waits for a decision.")
    for appeal in case.open_appeals():
        yield impossible("appeal_open", f"{appeal.id} waits for an outcome.")
    for adjustment in case.adjustments:
        if adjustment.open:
            yield against_baseline(situation, "adjustments", f"{adjustment.id} waits for an answer.")
