"""The landlord's own acts: who holds which post, and which policy applies from when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from domain.codes import RoleCode, StaffId
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
    impossible,
    judge,
)
from domain.events import (
    SYSTEM,
    AbsenceEnded,
    AbsenceRecorded,
    PolicyAdopted,
    PolicyRef,
    PostAppointed,
    PostEnded,
)

ADMINISTRATOR = RoleCode("administrator")


class AppointPost(Command):
    """Gives a colleague a role, from a day on; whoever is new is brought in, and given one, on the command line."""

    role: Id
    staff: Id
    starts_on: Day
    area: Id | None = None
    deputy: bool = False


class EndPost(Command):
    """Ends a tenure on its last day."""

    tenure: Id
    last_day: Day


class RecordAbsence(Command):
    """Takes down that somebody cannot act in a post for a time, past or to come; a deputy of the post acts then."""

    tenure: Id
    from_on: Day
    until: Day | None = None
    """The last day, when it is known."""


class EndAbsence(Command):
    """Says which day was, or will be, the last of an absence; the day before its first where it never began."""

    absence: Id
    last_day: Day


class AdoptPolicy(Command):
    """Makes a policy file apply from its effective date on."""

    effective: Day
    sha256: Id
    baseline_sha256: Id


def appoint_post(command: AppointPost, situation: Situation) -> Decision:
    """A post of the policy or of the baseline; who held it when is what entitlement is judged by."""
    known = {*situation.policy.roles, *situation.baseline.roles}
    problems = [*administers(situation)]
    if command.role not in known:
        problems.append(impossible("unknown_post", f"The posts are: {', '.join(sorted(known))}.", "role"))
    problems.extend(_not_held_already(command, situation))
    fact = PostAppointed(
        tenure=f"tenure-{len(situation.landlord.tenures) + 1}",
        role=RoleCode(command.role),
        staff=StaffId(command.staff),
        starts_on=command.starts_on,
        area=command.area,
        deputy=command.deputy,
    )
    judge(problems)
    new = New(fact, at(command.starts_on, situation))
    return Decision((new,), any_post(situation, situation.today))


def _not_held_already(command: AppointPost, situation: Situation) -> Iterator[Violation]:
    for tenure in situation.landlord.tenures_on(StaffId(command.staff), command.starts_on):
        if (tenure.role, tenure.area) == (command.role, command.area):
            yield impossible("already_held", f"They hold that post then: {tenure.id}.", "role")


def end_post(command: EndPost, situation: Situation) -> Decision:
    """A tenure that runs is given its last day."""
    tenure = next((t for t in situation.landlord.tenures if t.id == command.tenure), None)
    problems = [*administers(situation)]
    if tenure is None or tenure.last_day is not None:
        problems.append(impossible("unknown_tenure", f"No tenure {command.tenure} that still runs.", "tenure"))
    elif command.last_day < tenure.starts_on:
        problems.append(impossible("end_before_start", f"It began on {tenure.starts_on}.", "last_day"))
    judge(problems)
    fact = PostEnded(tenure=command.tenure, last_day=command.last_day)
    return Decision((New(fact, at(command.last_day, situation)),), any_post(situation, situation.today))


def record_absence(command: RecordAbsence, situation: Situation) -> Decision:
    """Days of one tenure, which no other absence of it covers."""
    landlord = situation.landlord
    tenure = next((t for t in landlord.tenures if t.id == command.tenure), None)
    problems = [*administers(situation)]
    if tenure is None or not tenure.covers(command.from_on):
        asks = f"No tenure {command.tenure} covers {command.from_on}."
        problems.append(impossible("unknown_tenure", asks, "tenure"))
    if command.until is not None and command.until < command.from_on:
        problems.append(impossible("end_before_start", f"It begins on {command.from_on}.", "until"))
    problems.extend(
        impossible("already_absent", f"They are away then: {absence.id}; end that one first.", "from_on")
        for absence in landlord.absences
        if absence.tenure == command.tenure and absence.meets(command.from_on, command.until)
    )
    judge(problems)
    fact = AbsenceRecorded(
        absence=f"absence-{len(landlord.absences) + 1}",
        tenure=command.tenure,
        from_on=command.from_on,
        until=command.until,
    )
    return Decision((New(fact, at(command.from_on, situation)),), any_post(situation, situation.today))


def end_absence(command: EndAbsence, situation: Situation) -> Decision:
    """An absence only becomes shorter; for further days there is another one."""
    absence = next((a for a in situation.landlord.absences if a.id == command.absence), None)
    problems = [*administers(situation)]
    if absence is None:
        problems.append(impossible("unknown_absence", f"There is no {command.absence}.", "absence"))
    elif command.last_day < absence.from_on - timedelta(days=1):
        problems.append(impossible("end_before_start", f"It begins on {absence.from_on}.", "last_day"))
    elif absence.last_day is not None and command.last_day >= absence.last_day:
        asks = f"It ends with {absence.last_day} already; take down another one for days after it."
        problems.append(impossible("already_ended", asks, "last_day"))
    judge(problems)
    fact = AbsenceEnded(absence=command.absence, last_day=command.last_day)
    return Decision((New(fact, at(command.last_day, situation)),), any_post(situation, situation.today))


def adopt_policy(command: AdoptPolicy, situation: Situation) -> Decision:
    """A file with this hash applies from its date; the same date with another hash is refused."""
    problems = [*administers(situation)]
    problems.extend(
        impossible("policy_changed", f"Another text was adopted for {command.effective} already.", "sha256")
        for ref in situation.landlord.policies
        if ref.effective == command.effective and ref.sha256 != command.sha256
    )
    judge(problems)
    ref = PolicyRef(
        landlord=situation.policy.landlord,
        effective=command.effective,
        sha256=command.sha256,
        baseline_sha256=command.baseline_sha256,
    )
    new = New(PolicyAdopted(adopted=ref), at(command.effective, situation))
    return Decision((new,), any_post(situation, situation.today))


def administers(situation: Situation) -> Iterator[Violation]:
    """Posts are given by an administrator of posts; the first of them by the command line, which acts as the system."""
    administrators = situation.landlord.holders(ADMINISTRATOR, situation.today)
    if situation.actor != SYSTEM and situation.actor not in administrators:
        yield impossible("post_held", "Posts are given by an administrator of posts; the first on the command line.")
