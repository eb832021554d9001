"""The urgent path: conversations ended, action at once, who talked it over, the plan, the police, the courts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Final

from pydantic import Field

from domain.calendar import last_day
from domain.case import Case
from domain.case_parts import Contact
from domain.codes import Channel, EndedBecause, InteractionKind, LegalStep, RoleCode, StaffId, UrgentStep
from domain.decisions.intake import known_contact, known_incident
from domain.decisions.judgement import (
    Command,
    Day,
    Decision,
    Id,
    Refused,
    Situation,
    Violation,
    as_must,
    held,
    impossible,
    nobody_holds,
    not_before,
    recorded,
    titles,
)
from domain.events import (
    ActionPlanMade,
    FollowUp,
    InteractionEnded,
    LegalActionConsidered,
    PoliceInformed,
    SeniorDiscussionHeld,
    UrgentActionTaken,
    UrgentCaseReviewed,
)
from domain.follow_ups import acted_at_once, done_about, met_on
from domain.personal import ContactText, DecisionText, SafetyText
from domain.policy import Cited, Policy, Review, StepCode, UrgentClause, When

# The channels in which each kind of conversation takes place.
PLACES: Final = {
    InteractionKind.CALL: (Channel.TELEPHONE,),
    InteractionKind.MEETING: (Channel.MEETING, Channel.OFFICE_VISIT),
    InteractionKind.VISIT: (Channel.HOME_VISIT, Channel.OFFICE_VISIT),
}
# What an urgent clause can speak of that is taken down by a command of its own.
OF_THEIR_OWN: Final = {
    UrgentStep.END_INTERACTION: "end-interaction",
    UrgentStep.SENIOR_DISCUSSION: "hold-senior-discussion",
    UrgentStep.ACTION_PLAN: "make-action-plan",
    UrgentStep.REVIEW: "review-urgent-case",
    UrgentStep.POLICE: "inform-police",
    UrgentStep.LEGAL_ACTION: "consider-legal-action",
    UrgentStep.SAFETY_MARKER: "propose-safety-warning",
}


class EndInteraction(Command):
    """Takes down that an officer ended a call, a meeting or a visit, with or without a spoken warning."""

    contact: Id
    kind: InteractionKind
    because: EndedBecause
    warned_first: bool
    reason: ContactText

    def day(self, situation: Situation) -> date:
        """The day on which it ended: that of the contact, unless it went on into the night."""
        contact = situation.case.contact(self.contact)
        return self.on or (situation.today if contact is None else contact.happened_on)


class TakeUrgentAction(Command):
    """Takes down what was done at once about an incident; `kind` is one of the policy's urgent clauses, or `other`."""

    incident: Id
    kind: Id
    detail: SafetyText


class HoldSeniorDiscussion(Command):
    """Takes down who talked an incident over, and what came of it."""

    incident: Id
    members: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)]
    outcome: DecisionText


class MakeActionPlan(Command):
    """Takes down what will be done about an incident, whose task it is and when somebody looks again."""

    incident: Id
    owner: Id
    review_on: Day
    detail: SafetyText


class ReviewUrgentCase(Command):
    """Takes down that somebody looked at what was done at once, once it was over."""

    incident: Id
    assessment: DecisionText


class InformPolice(Command):
    """Takes down that the police were told."""

    detail: SafetyText
    incident: Id | None = None
    reference: SafetyText | None = None


class ConsiderLegalAction(Command):
    """Takes down that going to court was weighed, and what follows."""

    incidents: Annotated[tuple[Id, ...], Field(min_length=1, max_length=100)]
    step: LegalStep
    reasons: DecisionText


def urgent_clauses(policy: Policy, step: UrgentStep) -> tuple[UrgentClause, ...]:
    """What the policy says of one thing in urgent cases."""
    return tuple(clause for clause in policy.urgent.values() if step in clause.steps)


def ends_at_once(policy: Policy, because: EndedBecause) -> tuple[UrgentClause, ...]:
    """The clauses by which this ends a conversation without a warning first; a *must* among them requires it."""
    return tuple(c for c in urgent_clauses(policy, UrgentStep.END_INTERACTION) if because in c.because)


@dataclass(frozen=True, slots=True)
class UrgentDuty:
    """What the policy wants done about an incident that was acted on at once, by when, and when it was done."""

    step: UrgentStep
    incident: str
    due_on: date
    by: tuple[RoleCode, ...]
    asked_by: Cited
    met_on: date | None


def urgent_duties(case: Case, policy: Policy) -> Iterator[UrgentDuty]:
    """Each talk, plan and review that the policy asks for, for every incident that was acted on at once."""
    for incident, began in acted_at_once(case).items():
        for clause in policy.urgent.values():
            if clause.within is not None:
                due = last_day(began, clause.within, policy.nation)
                for step in clause.steps:
                    yield UrgentDuty(step, incident, due, clause.by, clause, met_on(step, incident, case))
        for review in policy.reviews.values():
            if review.when is When.AFTER_EVENT and review.first_after is not None:
                due = last_day(began, review.first_after, policy.nation)
                met = met_on(UrgentStep.REVIEW, incident, case)
                yield UrgentDuty(UrgentStep.REVIEW, incident, due, review.by, review, met)


def follow_ups(incidents: Iterable[str], day: date, situation: Situation) -> tuple[FollowUp, ...]:
    """What the policy wants done about incidents on which somebody acts at once for the first time, with its days."""
    acted, policy = acted_at_once(situation.case), situation.policy
    if not any(incident not in acted for incident in incidents):
        return ()
    found: list[FollowUp] = []
    for clause in policy.urgent.values():
        if clause.within is not None:
            due = last_day(day, clause.within, policy.nation)
            found += [FollowUp(step=s, due_on=due, by=clause.by, clause=clause.cited) for s in clause.steps]
    for review in policy.reviews.values():
        if review.when is When.AFTER_EVENT and review.first_after is not None:
            due = last_day(day, review.first_after, policy.nation)
            by = review.by or review.appointed_by
            found.append(FollowUp(step=UrgentStep.REVIEW, due_on=due, by=by, clause=review.cited))
    return tuple({one.step: one for one in sorted(found, key=lambda one: one.due_on, reverse=True)}.values())


def end_interaction(command: EndInteraction, situation: Situation) -> Decision:
    """What was said before it ended is taken down as it was; which clause allows it stands on the event."""
    contact = situation.case.contact(command.contact)
    if contact is None:
        raise Refused([*known_contact(situation, command.contact)])
    problems = [*_such_a_conversation(contact, command), *_on_its_day(contact, command, situation)]
    if any(ended.contact == command.contact for ended in situation.case.ended):
        asks = f"That {command.contact} was ended is taken down already."
        problems.append(impossible("already_recorded", asks, "contact"))
    fact = InteractionEnded(
        ending=f"ending-{len(situation.case.ended) + 1}",
        contact=command.contact,
        kind=command.kind,
        ended_on=command.day(situation),
        because=command.because,
        warned_first=command.warned_first,
        reason=command.reason,
    )
    spoken = situation.policy.steps.get(StepCode.SPOKEN_WARNING) if command.warned_first else None
    at_once = ends_at_once(situation.policy, command.because)
    return _citing(recorded(situation, command, problems, fact), *((spoken,) if spoken else ()), *at_once)


def _such_a_conversation(contact: Contact, command: EndInteraction) -> Iterator[Violation]:
    if contact.channel not in PLACES[command.kind]:
        asks = f"{command.contact} came by {contact.channel.replace('_', ' ')}; that is no {command.kind}."
        yield impossible("no_such_conversation", asks, "kind")


def _on_its_day(contact: Contact, command: EndInteraction, situation: Situation) -> Iterator[Violation]:
    """A conversation ends on its day, or in the night that follows."""
    day = command.day(situation)
    if not contact.happened_on <= day <= contact.happened_on + timedelta(days=1):
        asks = f"{command.contact} took place on {contact.happened_on}; give that day as `on`."
        yield impossible("ended_on_its_day", asks, "on")


def take_urgent_action(command: TakeUrgentAction, situation: Situation) -> Decision:
    """Anything may be done at once; what has a command of its own is taken down by that, so that it counts."""
    clause = situation.policy.urgent.get(command.kind)
    problems = [*_after_the_incident(command.incident, command, situation)]
    if clause is None and command.kind != "other":
        known = [code for code, c in situation.policy.urgent.items() if not c.steps]
        asks = f"The policy's urgent actions are: {', '.join([*known, 'other'])}."
        problems.append(impossible("unknown_urgent_action", asks, "kind"))
    elif clause is not None and clause.steps:
        names = ", ".join(OF_THEIR_OWN[step] for step in clause.steps)
        problems.append(impossible("has_its_own_command", f"Take {command.kind} down with {names}.", "kind"))
    fact = UrgentActionTaken(
        action=f"action-{1 + sum(len(u.actions) for u in situation.case.urgent)}",
        kind=command.kind,
        incident=command.incident,
        taken_on=command.day(situation),
        detail=command.detail,
        follow_ups=follow_ups((command.incident,), command.day(situation), situation),
    )
    return _citing(recorded(situation, command, problems, fact), *([clause] if clause else []))


def hold_senior_discussion(command: HoldSeniorDiscussion, situation: Situation) -> Decision:
    """Everybody in it held a post that day, and where the policy names who is told, one of them took part."""
    day = command.day(situation)
    members = tuple(dict.fromkeys(StaffId(member) for member in command.members))
    problems = [*_after_the_incident(command.incident, command, situation)]
    problems += _hold_posts(members, day, "members", situation)
    clauses = urgent_clauses(situation.policy, UrgentStep.SENIOR_DISCUSSION)
    for clause in clauses:
        if clause.by and not any(situation.landlord.post_among(m, clause.by, day) for m in members):
            asks = f"It is talked over with the {titles(situation, clause.by)}; nobody named held that post on {day}."
            problems.append(as_must(clause, "senior_manager_took_part", asks, "members"))
    fact = SeniorDiscussionHeld(
        discussion=f"discussion-{1 + sum(len(u.discussions) for u in situation.case.urgent)}",
        incident=command.incident,
        held_on=day,
        roles=tuple(dict.fromkeys(t.role for m in members for t in situation.landlord.tenures_on(m, day))),
        members=members,
        outcome=command.outcome,
    )
    return _citing(recorded(situation, command, problems, fact), *clauses)


def make_action_plan(command: MakeActionPlan, situation: Situation) -> Decision:
    """A plan has an owner in post and a later day on which somebody looks at it."""
    day = command.day(situation)
    problems = [
        *_after_the_incident(command.incident, command, situation),
        *_hold_posts((StaffId(command.owner),), day, "owner", situation),
    ]
    if command.review_on <= day:
        problems.append(impossible("review_follows", "The review lies on a later day than the plan.", "review_on"))
    fact = ActionPlanMade(
        plan=f"plan-{1 + sum(len(u.plans) for u in situation.case.urgent)}",
        incident=command.incident,
        made_on=day,
        review_on=command.review_on,
        owner=StaffId(command.owner),
        detail=command.detail,
    )
    clauses = urgent_clauses(situation.policy, UrgentStep.ACTION_PLAN)
    return _citing(recorded(situation, command, problems, fact), *clauses)


def review_urgent_case(command: ReviewUrgentCase, situation: Situation) -> Decision:
    """Held by whom the policy names, about an incident that was acted on at once."""
    day = command.day(situation)
    problems = [*known_incident(situation, command.incident, "incident")]
    planned = (made_on for _, made_on, *_ in done_about(command.incident, situation.case).plans)
    began = acted_at_once(situation.case).get(command.incident) or min(planned, default=None)
    if began is None:
        asks = f"Nothing was done at once about {command.incident}."
        problems.append(impossible("not_an_urgent_case", asks, "incident"))
    else:
        problems += not_before(day, began, "it was acted on")
    review = after_event(situation.policy)
    if review is not None and review.by and held(situation, review.by, day) is None:
        asks = f"This review is held by the {titles(situation, review.by)}."
        problems.append(as_must(review, "post_held", asks + nobody_holds(situation, review.by, day)))
    fact = UrgentCaseReviewed(
        review=f"urgent-review-{1 + sum(len(u.reviews) for u in situation.case.urgent)}",
        incident=command.incident,
        held_on=day,
        clause=review.cited if review else "baseline 13",
        assessment=command.assessment,
    )
    return _citing(recorded(situation, command, problems, fact), *([review] if review else []))


def after_event(policy: Policy) -> Review | None:
    """The review that the policy wants once an urgent case is over."""
    return next((review for review in policy.reviews.values() if review.when is When.AFTER_EVENT), None)


def inform_police(command: InformPolice, situation: Situation) -> Decision:
    """The police can be told of an incident, or of something that is none yet."""
    problems: list[Violation] = []
    if command.incident is not None:
        problems += _after_the_incident(command.incident, command, situation)
    fact = PoliceInformed(
        report=f"police-{1 + sum(len(u.police) for u in situation.case.urgent)}",
        incident=command.incident,
        informed_on=command.day(situation),
        reference=command.reference,
        detail=command.detail,
    )
    clauses = urgent_clauses(situation.policy, UrgentStep.POLICE)
    return _citing(recorded(situation, command, problems, fact), *clauses)


def consider_legal_action(command: ConsiderLegalAction, situation: Situation) -> Decision:
    """That nothing follows is worth taking down as well."""
    problems = [v for i in command.incidents for v in _after_the_incident(i, command, situation, "incidents")]
    fact = LegalActionConsidered(
        consideration=f"legal-{len(situation.case.legal_steps) + 1}",
        step=command.step,
        incidents=tuple(dict.fromkeys(command.incidents)),
        considered_on=command.day(situation),
        reasons=command.reasons,
    )
    clauses = urgent_clauses(situation.policy, UrgentStep.LEGAL_ACTION)
    return _citing(recorded(situation, command, problems, fact), *clauses)


def _after_the_incident(
    incident: str, command: Command, situation: Situation, field: str = "incident"
) -> Iterator[Violation]:
    """The incident is one of this case, and came first."""
    found = situation.case.incident(incident)
    if found is None:
        yield from known_incident(situation, incident, field)
    else:
        yield from not_before(command.day(situation), found.happened_on, f"{incident} happened")


def _hold_posts(people: Iterable[StaffId], day: date, field: str, situation: Situation) -> Iterator[Violation]:
    for staff in people:
        if not situation.landlord.tenures_on(staff, day):
            yield impossible("named_person_holds_a_post", f"{staff} held no post on {day}.", field)


def _citing(decision: Decision, *values: Cited) -> Decision:
    """The decision with the clauses that it rests on."""
    return replace(decision, clauses=tuple(dict.fromkeys(value.cited for value in values)))
