"""Appeals: taken down whenever they come, heard by somebody uninvolved, determined with reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.calendar import Period, last_day
from domain.case_parts import Appeal, Restriction
from domain.codes import AppealOutcome, NoticeKind, RoleCode, StaffId, SubjectId
from domain.decisions.intake import known_contact
from domain.decisions.judgement import (
    Command,
    DecidingCommand,
    Decision,
    Id,
    New,
    Refused,
    Situation,
    Violation,
    against_baseline,
    any_post,
    as_must,
    at,
    decided,
    held,
    holds_a_post,
    impossible,
    judge,
    nobody_holds,
    not_before,
    recorded,
    titles,
)
from domain.decisions.measures import MeasureRequest, build, well_formed
from domain.decisions.rights import can_be_written
from domain.decisions.standing_aside import (
    accused_stand_aside,
    actor_stands_aside,
    allegations_were_seen,
    rank_on,
)
from domain.events import (
    AppealAcknowledged,
    AppealDetermined,
    AppealLodged,
    AppealReviewerAppointed,
    AppealTerms,
    AppealWithdrawn,
    LateAppealDecided,
    Measure,
    MeasuresSuspended,
    RestrictionOverturned,
)
from domain.measures import tightens
from domain.personal import DecisionText, KeyClass


class LodgeAppeal(Command):
    """Takes down an appeal, on the day it arrived; never turned away for being late, nor because the case is closed."""

    takes_closed: ClassVar[bool] = True

    against: Id
    reasons: DecisionText
    about: Literal["decision", "measures", "review"] = "decision"
    by: Id | None = None


class AcknowledgeAppeal(Command):
    """Takes down that the customer was told that it arrived."""

    takes_closed: ClassVar[bool] = True

    appeal: Id


class DecideLateAppeal(DecidingCommand):
    """Takes a late appeal all the same, or declines it with reasons."""

    takes_closed: ClassVar[bool] = True

    appeal: Id
    accepted: bool
    reasons: DecisionText


class AppointAppealReviewer(DecidingCommand):
    """Gives the appeal to somebody who had no part in what it is about."""

    takes_closed: ClassVar[bool] = True

    appeal: Id
    reviewer: Id


class SuspendMeasures(DecidingCommand):
    """Lets the measures rest until the outcome."""

    appeal: Id
    reasons: DecisionText


class WithdrawAppeal(Command):
    """Takes down that the customer no longer pursues it, in their words or with the contact in which they said so."""

    takes_closed: ClassVar[bool] = True
    asks_of_others: ClassVar[bool] = True

    appeal: Id
    reasons: DecisionText | None = None
    """What the customer said; needed where no contact is named."""
    contact: Id | None = None
    """The contact in which they said so, once it arrived."""


class DetermineAppeal(DecidingCommand):
    """Says what came of it, with reasons; varied names the measures that stand."""

    takes_closed: ClassVar[bool] = True

    appeal: Id
    outcome: AppealOutcome
    reasons: DecisionText
    measures: Annotated[tuple[MeasureRequest, ...], Field(max_length=20)] = ()
    allegations_seen: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    """Every counter-allegation of the case, open or concluded, as looked at before determining."""


def lodge_appeal(command: LodgeAppeal, situation: Situation) -> Decision:
    """In time or late is worked out and written down; late is for somebody to decide, not for the form to refuse."""
    case, day = situation.case, command.day(situation)
    restriction = _restriction(command.against, situation)
    policy_allows = situation.policy.appeal.who
    by = SubjectId(command.by) if command.by else case.person
    problems: list[Violation] = [
        *not_before(day, restriction.decided_on, "it was decided"),
        *can_be_written(situation, KeyClass.DECISION, command.reasons, "reasons"),
    ]
    if by != case.person and policy_allows is not None and "representative" not in policy_allows.value:
        problems.append(as_must(policy_allows, "standing", "The policy hears the customer's own appeal.", "by"))
    terms = _terms(restriction, command.against)
    in_time = _in_time(restriction, terms, command.against, day, situation)
    fact = AppealLodged(
        appeal=f"appeal-{len(case.appeals) + 1}",
        against=command.against,
        about=command.about,
        received_on=day,
        by=by,
        in_time=in_time,
        answer_due_on=_answer_due(terms, day, situation) if in_time else None,
        suspended=in_time and terms.suspends and restriction.in_force_on(day),
        reasons=command.reasons,
        acknowledge_by_on=_within(situation.baseline.appeal_acknowledged_within.period, day, situation),
        decide_late_by_on=None
        if in_time
        else _within(situation.baseline.late_appeal_decided_within.period, day, situation),
    )
    return recorded(situation, command, problems, fact)


def _restriction(against: str, situation: Situation) -> Restriction:
    for restriction in situation.case.restrictions:
        if restriction.includes(against):
            return restriction
    raise Refused(
        [impossible("unknown_decision", f"This case has no decision, change or review {against}.", "against")]
    )


def _terms(restriction: Restriction, against: str) -> AppealTerms:
    """The terms that were fixed with the decision, change or review that is challenged."""
    review = next((r for r in restriction.reviews if r.id == against), None)
    return review.appeal if review is not None and review.appeal is not None else restriction.appeal


def _in_time(restriction: Restriction, terms: AppealTerms, against: str, day: date, situation: Situation) -> bool:
    """No window: while in force. A window: until its last day, counted from receipt; not begun while unreceived."""
    if terms.window is None:
        return not restriction.over_on(day)
    kinds = (NoticeKind.DECISION, NoticeKind.VARIATION, NoticeKind.EXTENSION, NoticeKind.REVIEW_OUTCOME)
    letters = [n for n in situation.case.notices_about(against, *kinds) if n.received_on is not None]
    if not letters:
        return True
    return any(n.appeal_until is None or day <= n.appeal_until for n in letters)


def _answer_due(terms: AppealTerms, from_on: date, situation: Situation) -> date:
    """As the policy says, from receipt or from the day on which a late one was taken; else in the baseline's time."""
    usual = situation.baseline.appeal_answered_within.period
    return _within(Period.parse(terms.answer_within) if terms.answer_within else usual, from_on, situation)


def _within(period: Period, from_on: date, situation: Situation) -> date:
    return last_day(from_on, period, situation.policy.nation)


def open_appeal(situation: Situation, appeal: str) -> Appeal:
    """The appeal while something is still owed on it; raises `Refused` otherwise."""
    found = situation.case.appeal(appeal)
    if found is None or not found.open:
        raise Refused([impossible("unknown_appeal", f"This case has no open {appeal}.", "appeal")])
    return found


def acknowledge_appeal(command: AcknowledgeAppeal, situation: Situation) -> Decision:
    """The customer knows that it arrived."""
    appeal = open_appeal(situation, command.appeal)
    fact = AppealAcknowledged(appeal=command.appeal, acknowledged_on=command.day(situation))
    return recorded(situation, command, _once_received(appeal, command, situation), fact)


def _once_received(appeal: Appeal, command: Command, situation: Situation) -> Iterator[Violation]:
    yield from not_before(command.day(situation), appeal.received_on, "the appeal arrived")


def decide_late_appeal(command: DecideLateAppeal, situation: Situation) -> Decision:
    """A late appeal is accepted or declined with reasons, never thrown out as invalid (baseline 11)."""
    appeal = open_appeal(situation, command.appeal)
    restriction = _restriction(appeal.against, situation)
    day, barred = command.day(situation), restriction.had_a_part()
    problems = [
        *_may_hear(situation, command, barred),
        *uninvolved(situation.actor, restriction, situation),
        *actor_stands_aside(day, situation),
        *_once_received(appeal, command, situation),
    ]
    if appeal.in_time:
        problems.append(impossible("not_late", f"{appeal.id} came in time.", "appeal"))
    elif appeal.accepted:
        problems.append(impossible("already_accepted", f"{appeal.id} was accepted already.", "appeal"))
    terms = _terms(restriction, appeal.against)
    fact = LateAppealDecided(
        appeal=command.appeal,
        accepted=command.accepted,
        answer_due_on=_answer_due(terms, day, situation) if command.accepted else None,
        reasons=command.reasons,
    )
    post = held(situation, terms.heard_by, day, barred)
    return decided(situation, command, post, problems, ["baseline 11", terms.clause], fact)


def _may_hear(situation: Situation, command: Command, barred: frozenset[StaffId]) -> Iterator[Violation]:
    """The actor holds the post that the policy lets hear appeals; any post where it names none."""
    heard_by = situation.policy.appeal.heard_by
    day = command.day(situation)
    if heard_by is None:
        yield from holds_a_post(situation, day)
    elif held(situation, heard_by.value, day, barred) is None:
        asks = f"Appeals are heard by the {titles(situation, heard_by.value)}."
        yield as_must(heard_by, "post_held", asks + nobody_holds(situation, heard_by.value, day))


def appoint_appeal_reviewer(command: AppointAppealReviewer, situation: Situation) -> Decision:
    """Entitled, and independent of everything that led to the decision (baseline 9); somebody junior is flagged.

    Where everybody whom the policy names is absent, or had a part in it, a deputy of theirs is the substitute.
    """
    appeal = open_appeal(situation, command.appeal)
    restriction = _restriction(appeal.against, situation)
    day, reviewer = command.day(situation), StaffId(command.reviewer)
    heard_by = restriction.appeal.heard_by
    barred = restriction.had_a_part() | situation.accused_on(day)
    problems = [
        *holds_a_post(situation, day),
        *_once_received(appeal, command, situation),
        *_entitled(reviewer, heard_by, day, barred, situation),
        *accused_stand_aside((reviewer,), day, situation, "reviewer"),
    ]
    if not appeal.accepted:
        problems.append(
            against_baseline(situation, "appeals", f"{appeal.id} came late; decide first whether to take it.", "appeal")
        )
    problems += uninvolved(reviewer, restriction, situation)
    fact = AppealReviewerAppointed(
        appeal=command.appeal,
        reviewer=reviewer,
        junior=_junior(reviewer, restriction, day, situation),
        substitute=situation.landlord.stands_in(reviewer, heard_by, day, barred),
    )
    clauses = ["baseline 9", restriction.appeal.clause]
    return decided(situation, command, any_post(situation, day), problems, clauses, fact)


def _entitled(
    reviewer: StaffId, heard_by: tuple[RoleCode, ...], day: date, barred: frozenset[StaffId], situation: Situation
) -> Iterator[Violation]:
    if heard_by and situation.landlord.post_among(reviewer, heard_by, day, barred) is None:
        value = situation.policy.appeal.heard_by
        asks = f"Appeals are heard by the {titles(situation, heard_by)}; on {day} they could not act as that."
        if any(t.deputy and t.role in heard_by for t in situation.landlord.tenures_on(reviewer, day)):
            asks += " A deputy hears one only while nobody else can: all are absent, or had a part in it."
        yield (
            as_must(value, "reviewer_entitled", asks, "reviewer")
            if value
            else against_baseline(situation, "appeals", asks, "reviewer")
        )
    elif not heard_by and not situation.landlord.tenures_on(reviewer, day):
        yield impossible("reviewer_entitled", f"The reviewer holds no post on {day}.", "reviewer")


def _still_entitled(
    reviewer: StaffId, heard_by: tuple[RoleCode, ...], day: date, situation: Situation
) -> Iterator[Violation]:
    """Whoever was given an appeal goes on with it in that post; a substitute too, once the others are back."""
    if not any(t.role in heard_by for t in situation.landlord.tenures_on(reviewer, day)):
        yield from _entitled(reviewer, heard_by, day, frozenset(), situation)


def uninvolved(reviewer: StaffId, restriction: Restriction, situation: Situation) -> Iterator[Violation]:
    """Whoever had a part in a decision, or is the named contact, does not hear the appeal against it (baseline 9)."""
    if reviewer in restriction.had_a_part():
        value = situation.policy.appeal.uninvolved
        asks = "That person had a part in the decision, or is the named contact; somebody else hears the appeal."
        if value is not None and value.value:
            yield as_must(value, "independence", asks, "reviewer")
        else:
            yield against_baseline(situation, "independence", asks, "reviewer")


def _junior(reviewer: StaffId, restriction: Restriction, day: date, situation: Situation) -> bool:
    """Whether the reviewer ranks below the decider, by the policy's ranks; unknown ranks flag nobody."""
    own = rank_on(reviewer, day, situation)
    return 0 < own < rank_on(restriction.decided_by, restriction.decided_on, situation)


def suspend_measures(command: SuspendMeasures, situation: Situation) -> Decision:
    """Only the appeal reviewer, and not where the policy keeps restrictions in force meanwhile (baseline 11)."""
    appeal = open_appeal(situation, command.appeal)
    problems = [
        *_is_the_reviewer(appeal, situation),
        *actor_stands_aside(command.day(situation), situation),
        *_once_received(appeal, command, situation),
    ]
    meanwhile = situation.policy.appeal.in_force_meanwhile
    if meanwhile is not None and meanwhile.value:
        asks = "The policy keeps restrictions in force while an appeal is heard."
        problems.append(as_must(meanwhile, "in_force_meanwhile", asks, "appeal"))
    fact = MeasuresSuspended(
        appeal=command.appeal,
        restriction=appeal.restriction,
        from_on=command.day(situation),
        reasons=command.reasons,
    )
    post = any_post(situation, command.day(situation))
    return decided(situation, command, post, problems, ["baseline 11"], fact)


def _is_the_reviewer(appeal: Appeal, situation: Situation) -> Iterator[Violation]:
    if appeal.reviewer is None:
        yield against_baseline(situation, "independence", "Nobody has been appointed to hear this appeal.", "appeal")
    elif appeal.reviewer != situation.actor:
        yield against_baseline(situation, "independence", "This appeal was given to somebody else to hear.", "appeal")


def withdraw_appeal(command: WithdrawAppeal, situation: Situation) -> Decision:
    """Only the customer withdraws; this takes it down, and not by whoever the appeal is about (baseline 9 and 11)."""
    appeal, day = open_appeal(situation, command.appeal), command.day(situation)
    problems = [
        *_once_received(appeal, command, situation),
        *can_be_written(situation, KeyClass.DECISION, command.reasons, "reasons"),
        *_said_by_the_customer(appeal, command, situation),
        *_decided_by_somebody_else(appeal, situation),
        *actor_stands_aside(day, situation),
    ]
    fact = AppealWithdrawn(appeal=command.appeal, withdrawn_on=day, reasons=command.reasons, contact=command.contact)
    return recorded(situation, command, problems, fact)


def _said_by_the_customer(appeal: Appeal, command: WithdrawAppeal, situation: Situation) -> Iterator[Violation]:
    if command.contact is None:
        if command.reasons is None:
            asks = "Only the customer withdraws an appeal: give their words, or name the contact in which they said so."
            yield against_baseline(situation, "appeals", asks, "reasons")
        return
    yield from known_contact(situation, command.contact)
    contact = situation.case.contact(command.contact)
    if contact is not None:
        yield from not_before(contact.happened_on, appeal.received_on, "the appeal arrived", "contact")
        yield from not_before(command.day(situation), contact.happened_on, f"{contact.id} took place")


def _decided_by_somebody_else(appeal: Appeal, situation: Situation) -> Iterator[Violation]:
    """Whoever made, changed or kept the decision does not say that its appeal is over."""
    restriction = _restriction(appeal.against, situation)
    if situation.actor in restriction.deciders | {review.by for review in restriction.reviews}:
        asks = f"You decided on {restriction.id}; somebody else takes down that the customer withdrew the appeal."
        yield against_baseline(situation, "independence", asks)


def determine_appeal(command: DetermineAppeal, situation: Situation) -> Decision:
    """Overturned ends the restriction at once; varied may only lessen it; both follow from the one decision."""
    appeal = open_appeal(situation, command.appeal)
    restriction = _restriction(appeal.against, situation)
    day = command.day(situation)
    standing = restriction.sets[-1].measures
    measures = build(command.measures, command.appeal, situation, standing)
    problems = [
        *_is_the_reviewer(appeal, situation),
        *_once_received(appeal, command, situation),
        *uninvolved(situation.actor, restriction, situation),
        *actor_stands_aside(day, situation),
        *allegations_were_seen(command.allegations_seen, day, situation),
        *_still_entitled(situation.actor, restriction.appeal.heard_by, day, situation),
        *well_formed(command.measures, situation, standing),
        *_never_tightens(command, measures, restriction, situation),
    ]
    determined = AppealDetermined(
        appeal=command.appeal,
        outcome=command.outcome,
        decided_on=day,
        measures=measures,
        reasons=command.reasons,
        allegations_seen=command.allegations_seen,
    )
    facts = [New(determined, at(day, situation))]
    if command.outcome is AppealOutcome.OVERTURNED and not restriction.over_on(day):
        overturned = RestrictionOverturned(restriction=restriction.id, from_on=day, appeal=command.appeal)
        facts.append(New(overturned, at(day, situation)))
    if day > situation.today:
        problems.append(impossible("not_in_the_future", "An appeal is determined on the day it is decided.", "on"))
    overrides = judge(problems, command.overrides)
    post = held(situation, restriction.appeal.heard_by, day, restriction.had_a_part()) or any_post(situation, day)
    return Decision(tuple(facts), post, (restriction.appeal.clause, "baseline 11"), overrides)


def _never_tightens(
    command: DetermineAppeal, measures: Sequence[Measure], restriction: Restriction, situation: Situation
) -> Iterator[Violation]:
    standing = {m.code for m in restriction.sets[-1].measures}
    asked = {m.code for m in command.measures}
    if command.outcome is AppealOutcome.VARIED and not asked:
        yield impossible("measures_needed", "Varied names the measures that stand afterwards.", "measures")
    if command.outcome is not AppealOutcome.VARIED and asked:
        yield impossible("measures_not_needed", "Only a varied outcome names measures.", "measures")
    for code in sorted(asked - standing):
        yield against_baseline(
            situation, "reasons_and_evidence", f"An appeal adds no measure; {code} was not in force.", "measures"
        )
    if asked <= standing and tightens(restriction.sets[-1].measures, measures):
        asks = "An appeal asks for no more than was in force: as many ways in, as much contact, for no longer."
        yield against_baseline(situation, "reasons_and_evidence", asks, "measures")
