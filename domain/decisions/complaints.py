"""Complaints beside a case: each concluded or declined by itself, and what an ombudsman made of the matter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from domain.case_people import Complaint
from domain.codes import ComplaintExclusion, OmbudsmanOutcome
from domain.decisions.judgement import (
    Command,
    Day,
    DecidingCommand,
    Decision,
    Id,
    Refused,
    Situation,
    Violation,
    against_baseline,
    any_post,
    decided,
    holds_a_post,
    impossible,
    not_before,
    not_in_the_future,
    recorded,
)
from domain.decisions.standing_aside import actor_stands_aside
from domain.events import ComplaintConcluded, ComplaintDeclined, OmbudsmanDetermined, OmbudsmanInvolved
from domain.personal import ContactText, DecisionText

ANOTHER = "other"  # an ombudsman whom neither policy nor baseline lists


class ConcludeComplaint(Command):
    """Takes down that a linked complaint came to its end, and when its outcome went out, now or by a second one."""

    takes_closed: ClassVar[bool] = True

    complaint: Id
    outcome_sent_on: Day | None = None


class DeclineComplaint(DecidingCommand):
    """Does not accept one complaint, for its own reason, told in writing with the ombudsman named."""

    takes_closed: ClassVar[bool] = True

    complaint: Id
    because: ComplaintExclusion
    ombudsman: Id
    reasons: DecisionText


class RecordOmbudsman(Command):
    """Takes down that an ombudsman took the matter up; one that is in no list is `other`, named in the reference."""

    takes_closed: ClassVar[bool] = True

    ombudsman: Id
    about: Id | None = None
    reference: ContactText | None = None


class RecordOmbudsmanDetermination(Command):
    """Takes down what the ombudsman found; what follows is decided by whoever decides on it."""

    takes_closed: ClassVar[bool] = True

    referral: Id
    outcome: OmbudsmanOutcome
    orders: DecisionText | None = None


def conclude_complaint(command: ConcludeComplaint, situation: Situation) -> Decision:
    """The complaint's own procedure ended; that its outcome went out can follow on a later day."""
    complaint, sent_on = _known(command.complaint, situation), command.outcome_sent_on
    concluded_on = complaint.concluded_on or command.day(situation)
    problems: list[Violation] = []
    if complaint.declined_on is not None:
        problems.append(impossible("already_declined", f"It was declined on {complaint.declined_on}.", "complaint"))
    elif complaint.concluded_on is not None and (complaint.outcome_sent_on is not None or sent_on is None):
        asks = f"It was concluded on {complaint.concluded_on}; only when its outcome went out can be added, once."
        problems.append(impossible("already_concluded", asks, "complaint"))
    if sent_on is not None:
        problems += not_in_the_future(sent_on, situation, "outcome_sent_on")
        problems += not_before(sent_on, concluded_on, "it was concluded", "outcome_sent_on")
    fact = ComplaintConcluded(complaint=command.complaint, concluded_on=concluded_on, outcome_sent_on=sent_on)
    return recorded(situation, command, problems, fact)


def decline_complaint(command: DeclineComplaint, situation: Situation) -> Decision:
    """One complaint, one reason, one letter (baseline 10; Complaint Handling Code 2.2 to 2.5).

    That the restriction itself was considered before is no reason: a complaint about it is never mere repetition.
    """
    complaint, day = _known(command.complaint, situation), command.day(situation)
    problems = [
        *holds_a_post(situation, day),
        *actor_stands_aside(day, situation),
        *_still_open(complaint),
        *known_ombudsman(command.ombudsman, situation),
    ]
    if complaint.about is not None and command.because is ComplaintExclusion.CONSIDERED_BEFORE:
        asks = f"{complaint.id} is about {complaint.about} itself; it is not declined for repeating anything."
        problems.append(against_baseline(situation, "filed_is_still_read", asks, "because"))
    fact = ComplaintDeclined(
        complaint=command.complaint,
        declined_on=day,
        because=command.because,
        ombudsman=command.ombudsman,
        reasons=command.reasons,
    )
    return decided(situation, command, any_post(situation, day), problems, ["baseline 10"], fact)


def _known(complaint: str, situation: Situation) -> Complaint:
    found = situation.case.complaint(complaint)
    if found is None:
        raise Refused([impossible("unknown_complaint", f"This case has no {complaint}; link it first.", "complaint")])
    return found


def _still_open(complaint: Complaint) -> Iterator[Violation]:
    if complaint.declined_on is not None:
        yield impossible("already_declined", f"It was declined on {complaint.declined_on} already.", "complaint")
    if complaint.concluded_on is not None:
        yield impossible("already_concluded", f"It was concluded on {complaint.concluded_on}.", "complaint")


def known_ombudsman(code: str, situation: Situation, *further: str) -> Iterator[Violation]:
    """The body is one that policy or baseline lists, so that the customer is sent somewhere that exists."""
    known = dict.fromkeys([*situation.policy.ombudsmen, *situation.baseline.ombudsmen, *further])
    if code not in known:
        yield impossible("unknown_ombudsman", f"The ombudsmen are: {', '.join(known)}.", "ombudsman")


def record_ombudsman(command: RecordOmbudsman, situation: Situation) -> Decision:
    """Once for each ombudsman and matter, while it is not determined."""
    case = situation.case
    problems = [*known_ombudsman(command.ombudsman, situation, ANOTHER), *_about_something(command.about, situation)]
    if command.ombudsman == ANOTHER and command.reference is None:
        problems.append(impossible("reference_needed", "Say which ombudsman it is.", "reference"))
    problems.extend(
        impossible("already_recorded", f"That is {known.id} already.", "ombudsman")
        for known in case.ombudsman
        if known.open and (known.ombudsman, known.about) == (command.ombudsman, command.about)
    )
    fact = OmbudsmanInvolved(
        referral=f"referral-{len(case.ombudsman) + 1}",
        ombudsman=command.ombudsman,
        about=command.about,
        opened_on=command.day(situation),
        reference=command.reference,
    )
    return recorded(situation, command, problems, fact)


def _about_something(about: str | None, situation: Situation) -> Iterator[Violation]:
    case = situation.case
    if about is None or case.complaint(about) or case.appeal(about) or case.allegation(about) or case.warning(about):
        return
    if not any(r.includes(about) for r in case.restrictions):
        asks = f"This case has no complaint, decision, change, review, appeal, warning or allegation {about}."
        yield impossible("unknown_subject", asks, "about")


def record_ombudsman_determination(command: RecordOmbudsmanDetermination, situation: Situation) -> Decision:
    """Each referral is determined once, after it was taken up."""
    found = next((o for o in situation.case.ombudsman if o.id == command.referral), None)
    day = command.day(situation)
    problems: list[Violation] = []
    if found is None:
        asks = f"This case has no {command.referral}; take down first that the ombudsman took it up."
        problems.append(impossible("unknown_referral", asks, "referral"))
    elif not found.open:
        problems.append(impossible("already_determined", f"It was determined on {found.determined_on}.", "referral"))
    else:
        problems += _after_it_was_taken_up(day, found.opened_on)
    fact = OmbudsmanDetermined(
        referral=command.referral, outcome=command.outcome, determined_on=day, orders=command.orders
    )
    return recorded(situation, command, problems, fact)


def _after_it_was_taken_up(day: date, opened_on: date) -> Iterator[Violation]:
    yield from not_before(day, opened_on, "the ombudsman took it up")
