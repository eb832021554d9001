"""Endings: lifted, over by date, withdrawn as wrong; undone elsewhere; the case closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

from domain.case_parts import Restriction
from domain.case_safety import SafetyWarning
from domain.codes import NoticeKind, Right
from domain.decisions.changes import in_force, known_cause, may_change
from domain.decisions.judgement import (
    Command,
    DecidingCommand,
    Decision,
    Id,
    New,
    Situation,
    Violation,
    against,
    against_baseline,
    any_post,
    at,
    decided,
    holds_a_post,
    impossible,
    judge,
    known_restriction,
    not_before,
    recorded,
    the_clock_or_a_post,
)
from domain.decisions.urgent import urgent_duties
from domain.events import (
    CaseClosed,
    RemovalConfirmed,
    RemovalFailed,
    RestrictionEnded,
    RestrictionLifted,
    RestrictionWithdrawnAsWrong,
)
from domain.owed_letters import letters_owed
from domain.personal import DecisionText


class LiftRestriction(DecidingCommand):
    """Ends a restriction because it is no longer needed; the day is the first without it."""

    restriction: Id
    reasons: DecisionText
    because_of: Id | None = None


class RecordEnd(Command):
    """Takes down that a restriction's last day has passed."""

    takes_closed: ClassVar[bool] = True

    restriction: Id


class WithdrawAsWrong(DecidingCommand):
    """Says that a restriction should never have been made, and ends it if it is still in force.

    A wrong is put right whenever it is found, so a closed case takes it too; what it leaves is owed all the same.
    """

    takes_closed: ClassVar[bool] = True

    restriction: Id
    reasons: DecisionText


class ConfirmRemoval(Command):
    """Takes down that a trace elsewhere of an ended restriction, or safety warning, is undone."""

    takes_closed: ClassVar[bool] = True

    restriction: Id
    removal: Id


class ReportRemovalFailed(Command):
    """Takes down that something still stood that was confirmed as undone: mail still bounces, an alert still shows."""

    takes_closed: ClassVar[bool] = True

    restriction: Id
    removal: Id
    detail: DecisionText


class CloseCase(DecidingCommand):
    """Closes a case in which nothing is in force, open or owed; a legal hold stops its disposal, not its closing."""

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
    problems = [*the_clock_or_a_post(situation)]
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
    """The landlord's own finding, also of what is over; it counts as never made in every figure, and is no lifting."""
    restriction = known_restriction(situation, command.restriction)
    post, problems = may_change(situation, restriction, command, None, "Withdrawing a restriction")
    if restriction.never_made:
        asks = f"It was withdrawn as wrongly made on {restriction.over_from} already."
        problems.append(impossible("already_withdrawn", asks, "restriction"))
    problems += not_before(command.day(situation), restriction.starts_on, "it began")
    fact = RestrictionWithdrawnAsWrong(
        restriction=restriction.id, from_on=command.day(situation), reasons=command.reasons
    )
    return decided(situation, command, post, problems, [situation.policy.decision.by.cited], fact)


def confirm_removal(command: ConfirmRemoval, situation: Situation) -> Decision:
    """Each alert and block that was placed and everybody who was told, one by one (baseline 15)."""
    fact = RemovalConfirmed(
        restriction=command.restriction, removal=command.removal, confirmed_on=command.day(situation)
    )
    return recorded(situation, command, _to_be_undone(command, situation), fact)


def _to_be_undone(command: ConfirmRemoval, situation: Situation) -> Iterator[Violation]:
    ended = _with_traces(command.restriction, situation)
    told = next((t for t in ended.others_told if t.key == command.removal), None) if ended else None
    if told is not None and told.undone_on is not None:
        asks = f"It was confirmed as undone on {told.undone_on} already."
        yield impossible("already_confirmed", asks, "removal")
        return
    owed = {t.key for t in ended.still_told(situation.today)} if ended else set()
    if command.removal not in owed:
        known = ", ".join(sorted(owed)) or "nothing"
        yield impossible("not_owed", f"Still to be undone: {known}.", "removal")
    elif told is not None:
        yield from not_before(command.day(situation), told.on, "it was told or set")


def _with_traces(what: str, situation: Situation) -> Restriction | SafetyWarning | None:
    """The restriction or safety warning of this id: what can have been told or set elsewhere."""
    return situation.case.restriction(what) or situation.case.safety_warning(what)


def report_removal_failed(command: ReportRemovalFailed, situation: Situation) -> Decision:
    """The landlord's failure, and never the customer's breach: what was confirmed is to be undone again."""
    found = _with_traces(command.restriction, situation)
    problems: list[Violation] = []
    done = {t.key: t.undone_on for t in found.others_told if t.undone_on is not None} if found else {}
    if command.removal not in done:
        known = ", ".join(sorted(done)) or "nothing"
        problems.append(impossible("not_confirmed", f"Confirmed as undone: {known}.", "removal"))
    else:
        problems += not_before(command.day(situation), done[command.removal], "it was confirmed as undone")
    fact = RemovalFailed(
        restriction=command.restriction,
        removal=command.removal,
        found_on=command.day(situation),
        detail=command.detail,
    )
    return recorded(situation, command, problems, fact)


def close_case(command: CloseCase, situation: Situation) -> Decision:
    """Nothing is in force, open or owed, to the customer or elsewhere; adjustments go on, and outlive the case."""
    problems = [*holds_a_post(situation, command.day(situation)), *_still_open(situation)]
    fact = CaseClosed(closed_on=command.day(situation), reasons=command.reasons)
    post = any_post(situation, command.day(situation))
    return decided(situation, command, post, problems, ["baseline 15"], fact)


def _still_open(situation: Situation) -> Iterator[Violation]:
    case = situation.case
    if case.stage == "closed":
        yield impossible("already_closed", f"The case was closed on {case.closed_on}.")
    yield from _still_in_force(situation)
    for duty in urgent_duties(case, situation.policy):
        if duty.met_on is None:
            asks = f"{duty.incident} was acted on at once; its {duty.step.replace('_', ' ')} was due on {duty.due_on}."
            yield against(duty.asked_by, f"urgent_{duty.step}", asks)
    for proposal in case.proposals:
        if proposal.open:
            yield impossible("proposal_open", f"{proposal.id} waits for a decision.")
    for appeal in case.open_appeals():
        yield impossible("appeal_open", f"{appeal.id} waits for an outcome.")
    for wish in case.review_requests_open(situation.today):
        yield impossible("review_request_open", f"{wish.id} waits for a review, or for the reasons why not.")
    for adjustment in case.adjustments:
        if adjustment.open:
            yield against_baseline(situation, "adjustments", f"{adjustment.id} waits for an answer.")
    for item in case.unread():
        asks = f"{item.contact} was filed and is to be read by {item.read_by_on}."
        yield against_baseline(situation, "filed_is_still_read", asks)
    for allegation in case.allegations:
        if allegation.outcome is None:
            yield against_baseline(situation, "counter_allegations", f"{allegation.id} waits to be looked at.")
    for referral in case.ombudsman:
        if referral.open:
            yield impossible("ombudsman_case_open", f"{referral.id} waits for the ombudsman.")
    for merge in case.merges:
        if merge.unsettled:
            yield impossible("merge_unsettled", f"Say first which restrictions stand after {merge.id}.")
    for request in case.rights:
        # A request for erasure is granted once the case is closed, so it waits beyond that.
        if request.open and request.right is not Right.ERASURE:
            yield impossible("rights_request_open", f"{request.id} waits for an answer by {request.due_on}.")
    yield from _not_told_of_the_end(situation)
    for copy in case.policy_copies:
        if copy.open:
            yield impossible("policy_copy_owed", f"The copy of the policy asked for in {copy.id} was not sent.")


def _not_told_of_the_end(situation: Situation) -> Iterator[Violation]:
    """Whoever was told of a restriction is told, before its date comes, that it is over: the customer first of all."""
    for kind, about in letters_owed(situation.case, situation.today):
        if kind is NoticeKind.COMPLAINT_DECLINED:
            asks = f"Why {about} is not accepted is still to be told, by a letter of kind {kind}."
            yield against_baseline(situation, "filed_is_still_read", asks)
        restriction = situation.case.restriction(about)
        if kind is NoticeKind.APPEAL_OUTCOME or (
            kind is NoticeKind.ENDING and restriction is not None and situation.case.knows_of(restriction)
        ):
            asks = f"The customer has still to be told of {about}, by a letter of kind {kind}."
            yield against_baseline(situation, "ending_is_undone_everywhere", asks)


def _still_in_force(situation: Situation) -> Iterator[Violation]:
    case, today = situation.case, situation.today
    for restriction in case.restrictions:
        if not restriction.over_on(today):
            yield impossible("still_in_force", f"{restriction.id} is in force until {restriction.ends_on}.")
    for warning in case.safety:
        if not warning.over_on(today):
            asks = f"{warning.id} is {warning.state}, and stands until {warning.expires_on} unless it is removed."
            yield impossible("safety_warning_stands", asks)
    traces: tuple[Restriction | SafetyWarning, ...] = (*case.restrictions, *case.safety)
    for ended in traces:
        for told in ended.still_told(today):
            asks = f"{ended.id}: {told.key} has still to be undone."
            yield against_baseline(situation, "ending_is_undone_everywhere", asks)
