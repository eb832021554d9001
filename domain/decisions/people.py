"""People around a case: who speaks for the customer, who handles it, where they live, how they are safely reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from domain.calendar import last_day
from domain.case import Case
from domain.case_people import Representative
from domain.codes import Authority, RoleCode, StaffId, SubjectId
from domain.decisions.judgement import (
    Command,
    Day,
    Decision,
    Id,
    New,
    Situation,
    Violation,
    any_post,
    at,
    held,
    holds_a_post,
    impossible,
    judge,
    nobody_holds,
    not_before,
    not_in_the_future,
    recorded,
    titles,
    until_follows,
)
from domain.decisions.standing_aside import accused_stand_aside
from domain.decisions.terms import TENANCY_ENDED
from domain.events import (
    CaseFact,
    CaseReassigned,
    CustomerDied,
    DeathWithdrawn,
    HomeRecorded,
    RepresentativeAuthorised,
    RepresentativeEnded,
    ScheduledReview,
    TenancyEnded,
)
from domain.obligations import open_obligations
from domain.personal import ContactText
from domain.policy import Source, Strength, When

# Who keeps the record of who somebody is, beside whoever decides; posts of the baseline.
KEEPERS: Final = (RoleCode("records_officer"), RoleCode("case_officer"))


class AuthoriseRepresentative(Command):
    """Takes down that the customer, or a court, lets somebody speak for them; `issue` limits it to one matter."""

    person: Id
    """The representative's own id in the directory."""
    authority: Authority
    issue: Id | None = None
    from_on: Day | None = None
    """The first day of the authority, when it is not the day on which it was given."""
    until: Day | None = None
    """The last day, where it has one."""
    detail: ContactText | None = None


class EndRepresentative(Command):
    """Takes down that somebody speaks for the customer no longer; `on` is the last day."""

    representative: Id
    reason: ContactText | None = None


class RecordHome(Command):
    """Takes down the household or home that the customer belongs to; what is left out stays as it was."""

    household: Id | None = None
    home: Id | None = None


class ReassignCase(Command):
    """Passes the case to another officer, with everything that is open on it."""

    asks_of_others: ClassVar[bool] = True

    to: Id
    """The staff id of the new officer."""
    reason: ContactText | None = None


class EndTenancy(Command):
    """Takes down that the tenancy is over; `on` is its last day. What is in force is looked at, and goes on."""


class RecordDeath(Command):
    """Takes down that the customer has died; `on` is the day on which the landlord learnt of it."""

    takes_closed: ClassVar[bool] = True
    asks_of_others: ClassVar[bool] = True

    died_on: Day | None = None
    detail: ContactText | None = None


class WithdrawDeath(Command):
    """Takes down that the report of a death was wrong: what it ended stands again."""

    takes_closed: ClassVar[bool] = True
    asks_of_others: ClassVar[bool] = True

    reason: ContactText


# Who speaks for the customer


def authorise_representative(command: AuthoriseRepresentative, situation: Situation) -> Decision:
    """Whoever the customer names, restricted in a case of their own or not: that case says nothing of this one."""
    case = situation.case
    from_on = command.from_on or command.day(situation)
    problems = [*until_follows(command.until, from_on)]
    if command.person in case.persons():
        problems.append(impossible("own_voice", "The customer speaks for themselves without authority.", "person"))
    problems.extend(
        impossible("speaks_already", _speaks_until(known), "person")
        for known in case.representatives
        if known.person == command.person
        and known.issue in (None, command.issue)
        and (known.last_day is None or from_on <= known.last_day)
        and (command.until is None or known.from_on <= command.until)
    )
    fact = RepresentativeAuthorised(
        representative=f"representative-{len(case.representatives) + 1}",
        person=SubjectId(command.person),
        authority=command.authority,
        issue=command.issue,
        from_on=from_on,
        until=command.until,
        detail=command.detail,
    )
    return recorded(situation, command, problems, fact)


def _speaks_until(known: Representative) -> str:
    if known.last_day is None:
        return f"{known.id} speaks for the customer on that already; end it first."
    return f"{known.id} speaks for the customer on that until {known.last_day}; give a later from_on, or end it before."


def end_representative(command: EndRepresentative, situation: Situation) -> Decision:
    """An authority that still runs comes to its end; one that never began can be taken back."""
    day = command.day(situation)
    found = next((r for r in situation.case.representatives if r.id == command.representative), None)
    problems: list[Violation] = []
    if found is None or (found.last_day is not None and found.last_day <= day):
        asks = f"Nobody speaks for the customer as {command.representative} after {day}."
        problems.append(impossible("unknown_representative", asks, "representative"))
    elif found.from_on <= situation.today:
        problems += not_before(day, found.from_on, "the authority began")
    fact = RepresentativeEnded(representative=command.representative, ended_on=day, reason=command.reason)
    return recorded(situation, command, problems, fact)


# Who handles it, and where the customer lives


def reassign_case(command: ReassignCase, situation: Situation) -> Decision:
    """The new officer takes over what is open, as it was on that day, and holds a post to do it in."""
    case, day, to = situation.case, command.day(situation), StaffId(command.to)
    problems: list[Violation] = []
    if case.officer == to:
        problems.append(impossible("already_theirs", "The case is with that officer already.", "to"))
    if not all(situation.landlord.tenures_on(to, on) for on in (day, situation.today)):
        problems.append(impossible("officer_holds_a_post", f"The new officer held no post from {day} on.", "to"))
    problems += accused_stand_aside((to,), situation.today, situation, "to")
    fact = CaseReassigned(
        to=to,
        previous=case.officer,
        from_on=day,
        obligations=open_obligations(case, day, situation.baseline.adjustments, situation.others),
        reason=command.reason,
    )
    return recorded(situation, command, problems, fact)


def record_home(command: RecordHome, situation: Situation) -> Decision:
    """Households are counted and precautions follow an address by these ids; a field of null says: not known."""
    case, given = situation.case, command.model_fields_set
    problems: list[Violation] = []
    if not given & {"household", "home"}:
        problems.append(impossible("says_something", "Give household, home or both.", "home"))
    fact = HomeRecorded(
        household=command.household if "household" in given else case.household,
        home=command.home if "home" in given else case.home,
        from_on=command.day(situation),
    )
    return recorded(situation, command, problems, fact)


def end_tenancy(command: EndTenancy, situation: Situation) -> Decision:
    """Nothing ends by itself: somebody looks at what is in force, from the day on which the landlord knows."""
    case, day = situation.case, command.day(situation)
    problems: list[Violation] = []
    if case.tenancy_ended_on is not None:
        asks = f"The tenancy ended on {case.tenancy_ended_on} already; record the new home first if there was another."
        problems.append(impossible("already_ended", asks))
    looked_at = any(not r.over_on(situation.today) for r in case.restrictions)
    fact = TenancyEnded(
        ended_on=day, learnt_on=situation.today, reviews=(_tenancy_review(situation),) if looked_at else ()
    )
    return recorded(situation, command, problems, fact)


def _tenancy_review(situation: Situation) -> ScheduledReview:
    """By the policy's own reviewers of what is in force; by the deciders where it names none."""
    policy = situation.policy
    own = [role for review in policy.reviews.values() if review.when is When.IN_FORCE for role in review.by]
    return ScheduledReview(
        cadence=TENANCY_ENDED,
        due_on=last_day(situation.today, situation.baseline.tenancy_reviewed.period, policy.nation),
        opens_on=situation.today,
        by=tuple(dict.fromkeys([*own, *policy.decision.by.value])),
        clause="baseline 16",
    )


# Death


def record_death(command: RecordDeath, situation: Situation) -> Decision:
    """It ends what stands and stops letters, in every open case of theirs; undone should it prove wrong."""
    day = command.day(situation)
    problems = [*keeps_the_record(situation, "baseline 16", "Recording a death")]
    if situation.case.dead():
        problems.append(impossible("died_before", "That the customer died is recorded already."))
    if command.died_on is not None and command.died_on > day:
        asks = f"died_on is {command.died_on}; the landlord learnt of it on {day}."
        problems.append(impossible("end_before_start", asks, "died_on"))
    fact = CustomerDied(died_on=command.died_on, learnt_on=day, detail=command.detail)
    alive = [c for c in situation.others if c.stage != "closed" and not c.dead()]
    return _in_each(alive, fact, problems, command, situation)


def withdraw_death(command: WithdrawDeath, situation: Situation) -> Decision:
    """What stood before stands again, as far as its dates let it; what was undone elsewhere is told anew."""
    case, day = situation.case, command.day(situation)
    problems = [*keeps_the_record(situation, "baseline 16", "Withdrawing a death")]
    if case.death is None or not case.dead():
        problems.append(impossible("nobody_died", "This case says of nobody that they died."))
    else:
        problems += not_before(day, case.death.learnt_on, "the death was reported")
    fact = DeathWithdrawn(withdrawn_on=day, reason=command.reason)
    return _in_each([c for c in situation.others if c.dead()], fact, problems, command, situation)


def _in_each(
    others: list[Case], fact: CaseFact, problems: list[Violation], command: Command, situation: Situation
) -> Decision:
    """The fact in this case, and in the customer's other cases that it changes as well."""
    day = command.day(situation)
    judge([*not_in_the_future(day, situation), *holds_a_post(situation, situation.today), *problems])
    when = at(day, situation)
    facts = (New(fact, when), *(New(fact, when, within=other.id) for other in others))
    return Decision(facts, any_post(situation, situation.today), ("baseline 16",))


def keeps_the_record(situation: Situation, clause: str, what: str) -> Iterator[Violation]:
    """The actor decides under the policy, or keeps the landlord's record of who somebody is."""
    by, delegates = situation.policy.decision.by, situation.policy.decision.delegates
    roles = (*by.value, *(delegates.value if delegates else ()), *KEEPERS)
    if held(situation, roles, situation.today) is None:
        asks = f"{what} falls to the {titles(situation, dict.fromkeys(roles))}; you do not hold that post."
        vacant = nobody_holds(situation, roles, situation.today)
        yield Violation("post_held", clause, Strength.MUST, Source.BASELINE, asks + vacant)
