"""Reviews: held by whom the policy names, answering what it asks, recorded when they were held, late or not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from domain.calendar import days_before, last_day
from domain.case_parts import Restriction
from domain.codes import ReviewOutcome, RoleCode, StaffId
from domain.decisions.changes import in_force, may_change
from domain.decisions.interim import duty_manager, not_made_longer
from domain.decisions.judgement import (
    Command,
    Day,
    DecidingCommand,
    Decision,
    Id,
    New,
    Refused,
    Situation,
    Violation,
    against,
    any_post,
    as_must,
    at,
    decided,
    held,
    impossible,
    judge,
    known_restriction,
    nobody_holds,
    not_before,
    not_in_the_future,
    recorded,
    the_clock_or_a_post,
    titles,
)
from domain.decisions.standing_aside import accused_stand_aside, actor_stands_aside, allegations_were_seen
from domain.decisions.terms import BASELINE_REVIEW, TENANCY_ENDED, appeal_terms
from domain.events import (
    RestrictionLifted,
    ReviewCompleted,
    ReviewerAppointed,
    ReviewFellDue,
    ReviewRequestDeclined,
    ReviewRequested,
    ScheduledReview,
)
from domain.measures import counts
from domain.personal import DecisionText
from domain.policy import Review, Source, Strength

REQUESTED = "requested"


class RequestReview(Command):
    """Takes down that the customer, or a colleague, asks for a look before the policy's own date."""

    restriction: Id
    reasons: DecisionText
    by_customer: bool = True


class DeclineReviewRequest(DecidingCommand):
    """Says why nobody looks before the policy's own date; the customer is told, with the reasons."""

    asks_of_others: ClassVar[bool] = True

    request: Id
    reasons: DecisionText


class AppointReviewer(DecidingCommand):
    """Gives a review to somebody."""

    restriction: Id
    cadence: Id
    reviewer: Id


class RecordReviewFellDue(Command):
    """Takes down that a review's date passed without it, at its true date, once."""

    takes_closed: ClassVar[bool] = True

    restriction: Id
    cadence: Id
    due_on: Day


class CompleteReview(DecidingCommand):
    """Takes down a review: what was looked at, the answers to the policy's questions, and the outcome."""

    restriction: Id
    cadence: Id
    outcome: ReviewOutcome
    assessment: DecisionText
    answers: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    allegations_seen: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    """Every counter-allegation of the case, open or concluded, as looked at in the review."""


def request_review(command: RequestReview, situation: Situation) -> Decision:
    """A wish for a look; the customer's is owed a review, or the reasons why not, while the restriction is in force."""
    in_force(situation, command.restriction)
    day, within = command.day(situation), situation.baseline.review_request_answered.period
    fact = ReviewRequested(
        request=f"request-{len(situation.case.review_requests) + 1}",
        restriction=command.restriction,
        requested_on=day,
        by_customer=command.by_customer,
        reasons=command.reasons,
        answer_due_on=last_day(day, within, situation.policy.nation) if command.by_customer else None,
    )
    return recorded(situation, command, (), fact)


def decline_review_request(command: DeclineReviewRequest, situation: Situation) -> Decision:
    """By whoever could change the restriction; a wish that was answered, or that is moot, is not declined."""
    asked = next((r for r in situation.case.review_requests if r.id == command.request), None)
    if asked is None:
        raise Refused([impossible("unknown_request", f"This case has no {command.request}.", "request")])
    restriction = in_force(situation, asked.restriction)
    day = command.day(situation)
    post, problems = may_change(situation, restriction, command, None, "Declining a review")
    problems += not_before(day, asked.requested_on, "it was asked for")
    if asked.answered_on is not None:
        asks = f"{asked.id} was answered on {asked.answered_on}."
        problems.append(impossible("already_answered", asks, "request"))
    fact = ReviewRequestDeclined(request=asked.id, restriction=restriction.id, declined_on=day, reasons=command.reasons)
    return decided(situation, command, post, problems, ["baseline 3"], fact)


def _cadence(code: str, situation: Situation) -> Review:
    found = situation.policy.reviews.get(code)
    if found is None:
        known = ", ".join(situation.policy.reviews)
        raise Refused([impossible("unknown_cadence", f"The policy's reviews are: {known}, requested.", "cadence")])
    return found


def appoint_reviewer(command: AppointReviewer, situation: Situation) -> Decision:
    """Whoever the policy names appoints; whoever is appointed holds one of the posts that may review."""
    restriction = in_force(situation, command.restriction)
    cadence, day = _cadence(command.cadence, situation), command.day(situation)
    post = held(situation, cadence.appointed_by, day) if cadence.appointed_by else any_post(situation, day)
    problems: list[Violation] = []
    if post is None:
        who = titles(situation, cadence.appointed_by) or "somebody with a post"
        asks = f"A reviewer is appointed by the {who}.{nobody_holds(situation, cadence.appointed_by, day)}"
        problems.append(as_must(cadence, "post_held", asks))
    barred = _stand_aside(cadence, situation) | situation.accused_on(day)
    if cadence.by and situation.landlord.post_among(StaffId(command.reviewer), cadence.by, day, barred) is None:
        asks = f"This review is held by the {titles(situation, cadence.by)}."
        problems.append(as_must(cadence, "reviewer_entitled", asks, "reviewer"))
    problems += _warner_stands_aside(cadence, StaffId(command.reviewer), situation)
    problems += accused_stand_aside((StaffId(command.reviewer),), day, situation, "reviewer")
    fact = ReviewerAppointed(restriction=restriction.id, cadence=command.cadence, reviewer=StaffId(command.reviewer))
    return decided(situation, command, post, problems, [cadence.cited], fact)


def _warner_stands_aside(cadence: Review, reviewer: StaffId, situation: Situation) -> Iterator[Violation]:
    value = cadence.warner_stands_aside
    if value is not None and reviewer in _stand_aside(cadence, situation):
        asks = "Whoever warned the customer does not look at what came of it."
        yield against(value, "warner_stands_aside", asks, "reviewer")


def _stand_aside(cadence: Review, situation: Situation) -> frozenset[StaffId]:
    """Whoever warned, where the policy does not let them look at what came of it; a deputy may be needed then."""
    value = cadence.warner_stands_aside
    return frozenset(w.issued_by for w in situation.case.warnings if value is not None and value.value)


def record_review_fell_due(command: RecordReviewFellDue, situation: Situation) -> Decision:
    """Counted once, and effective on its date, however late anybody notices."""
    restriction = known_restriction(situation, command.restriction)
    missed = {(s.cadence, s.due_on) for s in restriction.missed_reviews(situation.today)}
    problems = [*the_clock_or_a_post(situation)]
    wanted = (command.cadence, command.due_on)
    if wanted not in missed:
        problems.append(
            impossible("not_overdue", f"No {command.cadence} review due on {command.due_on} was missed.", "due_on")
        )
    if wanted in restriction.fell_due:
        problems.append(impossible("already_recorded", "That it fell due is recorded already.", "due_on"))
    fact = ReviewFellDue(restriction=restriction.id, cadence=command.cadence, due_on=command.due_on)
    judge(problems)
    return Decision((New(fact, at(command.due_on, situation)),), any_post(situation, situation.today))


def complete_review(command: CompleteReview, situation: Situation) -> Decision:
    """It discharges the scheduled review that is open on the day it was held; before that it counts for none.

    Whoever may decide lifts by it at once; anybody else's outcome is a recommendation to the decider.
    """
    restriction = in_force(situation, command.restriction)
    day, policy = command.day(situation), situation.policy
    of_no_cadence = command.cadence in (REQUESTED, BASELINE_REVIEW, TENANCY_ENDED)
    cadence = None if of_no_cadence else _cadence(command.cadence, situation)
    problems = [
        *not_in_the_future(day, situation),
        *not_before(day, restriction.starts_on, "the restriction began"),
        *actor_stands_aside(day, situation),
        *allegations_were_seen(command.allegations_seen, day, situation),
    ]
    post = any_post(situation, day)
    if cadence is not None:
        post, more = _may_review(cadence, restriction, command, situation)
        problems += [*more, *_answered(cadence, command)]
    elif command.cadence == TENANCY_ENDED or any(
        s.cadence == BASELINE_REVIEW == command.cadence for s in restriction.pending_reviews()
    ):
        post, more = _by_whom_it_is_owed(restriction, command, day, situation)
        problems += more
    elif post is None:
        problems.append(impossible("post_held", f"You held no post with this landlord on {day}."))
    decides = held(situation, policy.decision.by.value, day)
    if restriction.interim:
        decides = decides or duty_manager(day, situation)
        if command.outcome is ReviewOutcome.EXTENDED:
            problems += not_made_longer(restriction, situation)
    may_lift = decides is not None or bool(cadence and cadence.decides and post)
    review = f"review-{1 + sum(len(r.reviews) for r in situation.case.restrictions)}"
    appealable = bool(cadence and cadence.appealable and cadence.appealable.value)
    fact = ReviewCompleted(
        review=review,
        restriction=restriction.id,
        cadence=command.cadence,
        due_on=_discharged(restriction, command.cadence, day),
        held_on=day,
        outcome=command.outcome,
        answers=command.answers,
        contacts_looked_at=_volume(cadence, day, situation),
        appeal=appeal_terms(situation) if appealable else None,
        assessment=command.assessment,
        recommended_by=None if may_lift else situation.actor,
        allegations_seen=command.allegations_seen,
    )
    facts = [New(fact, at(day, situation))]
    if command.outcome is ReviewOutcome.LIFTED and may_lift:
        lifted = RestrictionLifted(
            restriction=restriction.id, from_on=day, reasons=command.assessment, because_of=review
        )
        facts.append(New(lifted, at(day, situation)))
    overrides = judge(problems, command.overrides)
    clauses = (cadence.cited,) if cadence else ("baseline 3",)
    return Decision(tuple(facts), decides or post, clauses, overrides)


def _may_review(
    cadence: Review, restriction: Restriction, command: CompleteReview, situation: Situation
) -> tuple[RoleCode | None, list[Violation]]:
    """The appointed reviewer where the policy has one appointed, else anybody in a post that it names."""
    day = command.day(situation)
    roles = cadence.by or cadence.appointed_by
    post = held(situation, roles, day, _stand_aside(cadence, situation)) if roles else any_post(situation, day)
    problems: list[Violation] = []
    if post is None:
        asks = f"This review is held by the {titles(situation, roles)}.{nobody_holds(situation, roles, day)}"
        problems.append(as_must(cadence, "post_held", asks))
    if cadence.appointed_by:
        appointed = restriction.reviewers.get(command.cadence)
        if appointed is None:
            asks = f"The {titles(situation, cadence.appointed_by)} appoints somebody to this review first."
            problems.append(as_must(cadence, "reviewer_appointed", asks))
        elif appointed != situation.actor:
            problems.append(as_must(cadence, "reviewer_appointed", "This review was given to somebody else."))
    if command.outcome not in cadence.outcomes:
        known = ", ".join(cadence.outcomes)
        problems.append(as_must(cadence, "outcome_of_the_review", f"Its outcomes are: {known}.", "outcome"))
    return post, problems


def _by_whom_it_is_owed(
    restriction: Restriction, command: CompleteReview, day: date, situation: Situation
) -> tuple[RoleCode | None, list[Violation]]:
    """Those named when the review came to be owed: the policy's own reviewers, or its deciders (baseline 3, 13, 16).

    The duty manager, who can lift an interim restriction at any time, can lift it on looking at it too.
    """
    owed = next((s for s in restriction.pending_reviews() if s.cadence == command.cadence), None)
    if owed is None:
        asks = f"{restriction.id} awaits no review because of a tenancy that ended."
        return None, [impossible("unknown_cadence", asks, "cadence")]
    post = held(situation, owed.by, day)
    if post is None and restriction.interim and command.outcome is ReviewOutcome.LIFTED:
        post = duty_manager(day, situation)
    if post is not None:
        return post, []
    asks = f"This review is held by the {titles(situation, owed.by)}.{nobody_holds(situation, owed.by, day)}"
    return None, [Violation("post_held", owed.clause, Strength.MUST, Source.BASELINE, asks)]


def _answered(cadence: Review, command: CompleteReview) -> Iterator[Violation]:
    for code, question in cadence.questions.items():
        if code not in command.answers:
            yield against(question, f"answers_{code}", question.says, "answers")


def _discharged(restriction: Restriction, cadence: str, day: date) -> date | None:
    """The due date of the scheduled review that was held on that day; None when none was open.

    That is the next one due. Once its date has passed a later one is open for the day as well, and what was missed
    stays missed: holding one review late and the next in time are not the same.
    """
    open_ones: list[ScheduledReview] = [
        s for s in restriction.pending_reviews() if s.cadence == cadence and s.opens_on <= day
    ]
    in_time = [s for s in open_ones if day <= s.due_on]
    held = in_time[:1] or open_ones[-1:]
    return held[0].due_on if held else None


def _volume(cadence: Review | None, day: date, situation: Situation) -> int | None:
    """How many contacts the customer began in the time that the policy wants looked at; counted, not typed in."""
    if cadence is None or cadence.look_back is None:
        return None
    since = days_before(day, cadence.look_back)
    return sum(1 for c in situation.case.contacts if counts(c) and since < c.happened_on <= day)
