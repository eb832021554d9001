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
from domain.landlord import Absence, Landlord, Tenure

ADMINISTRATOR = RoleCode("administrator")
POSTS_ARE_GIVEN = "Posts are given and ended by an administrator of posts; the first is given on the command line."


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
    """Takes down that somebody cannot act in a post for a time, past or to come; a deputy of the post acts then.

    An administrator does so; and, from today on, a deputy of whoever holds the post, so that there is somebody who can
    act when nobody is there who administers.
    """

    tenure: Id
    from_on: Day
    until: Day | None = None
    """The last day, when it is known."""


class EndAbsence(Command):
    """Says which day was, or will be, the last of an absence; the day before its first where it never began.

    An administrator does so; of an absence that a deputy recorded also whoever holds the post, from yesterday on.
    """

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
    problems = [*administers(situation, POSTS_ARE_GIVEN)]
    if command.role not in known:
        problems.append(impossible("unknown_post", f"The posts are: {', '.join(sorted(known))}.", "role"))
    problems.extend(_not_held_already(command, situation))
    system = situation.landlord.subscriber_of(StaffId(command.staff))
    if system is not None:
        asks = f"{system.id}, a system that follows what happens, signs in under that id; it holds no post."
        problems.append(impossible("no_colleague", asks, "staff"))
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
    problems = [*administers(situation, POSTS_ARE_GIVEN)]
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
    stands_in = None if tenure is None else landlord.deputy_for(situation.actor, tenure, situation.today)
    problems = [*_may_record_absence(command, stands_in, situation)]
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
    deputy = None if stands_in is None or is_administrator(situation) else stands_in.role
    return Decision((New(fact, at(command.from_on, situation)),), deputy or any_post(situation, situation.today))


def _may_record_absence(command: RecordAbsence, stands_in: Tenure | None, situation: Situation) -> Iterator[Violation]:
    """A deputy says no more than that somebody is not there now; days before or after are an administrator's to say."""
    if stands_in is None:
        asks = (
            "An absence is recorded by an administrator of posts (`evenhand post away`, or `record-absence` over "
            "HTTP), or from today on by a deputy of that post."
        )
        yield from administers(situation, asks)
    elif not is_administrator(situation) and command.from_on != situation.today:
        asks = f"A deputy records an absence from today on, {situation.today}; other days an administrator of posts."
        yield impossible("only_from_today", asks, "from_on")


def end_absence(command: EndAbsence, situation: Situation) -> Decision:
    """An absence only becomes shorter; for further days there is another one."""
    absence = next((a for a in situation.landlord.absences if a.id == command.absence), None)
    problems = [*_may_end_absence(command, absence, situation)]
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


def _may_end_absence(command: EndAbsence, absence: Absence | None, situation: Situation) -> Iterator[Violation]:
    """Who was said to be away by their deputy knows better; what an administrator said is an administrator's to end."""
    if absence is None or not _said_by_a_deputy_of(situation.actor, absence, situation.landlord):
        asks = (
            "An absence is ended by an administrator of posts (`evenhand post back`, or `end-absence` over HTTP); "
            "one that a deputy recorded also by whoever holds the post."
        )
        yield from administers(situation, asks)
    elif not is_administrator(situation) and command.last_day < situation.today - timedelta(days=1):
        asks = "You can say that you are back today, or from a later day on; what was before stays as it was recorded."
        yield impossible("only_from_today", asks, "last_day")


def _said_by_a_deputy_of(holder: StaffId, absence: Absence, landlord: Landlord) -> bool:
    tenure = next((t for t in landlord.tenures if t.id == absence.tenure), None)
    by, day = absence.recorded_by, absence.from_on
    if tenure is None or tenure.staff != holder or by is None:
        return False
    stood_in = any(t.deputy and tenure in landlord.stood_in_for(t, day) for t in landlord.tenures_on(by, day))
    return stood_in and all(t.role != ADMINISTRATOR for t in landlord.tenures_on(by, day))


def adopt_policy(command: AdoptPolicy, situation: Situation) -> Decision:
    """A file with this hash applies from its date; the same date with another hash is refused."""
    problems = [*administers(situation, "A policy is adopted by an administrator of posts.")]
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


def administers(situation: Situation, asks: str) -> Iterator[Violation]:
    """An administrator of posts does it, as `asks` says; or the command line, which acts as the system."""
    if not is_administrator(situation):
        yield impossible("post_held", asks)


def is_administrator(situation: Situation) -> bool:
    """Whether the actor administers posts today."""
    return situation.actor == SYSTEM or situation.actor in situation.landlord.holders(ADMINISTRATOR, situation.today)
