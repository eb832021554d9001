"""While a restriction is in force: varying, easing and extending it, its named contact, new issues."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from domain.calendar import DeliveryMethod
from domain.case_parts import Restriction
from domain.codes import Answer, Effect, NoticeKind, RoleCode, StaffId
from domain.decisions.conflicts import adjustments_are_kept
from domain.decisions.gates import circumstances_were_considered
from domain.decisions.intake import known_contact, usable_incidents
from domain.decisions.interim import duty_manager, not_made_longer, not_made_stricter
from domain.decisions.judgement import (
    Command,
    Day,
    DecidingCommand,
    Decision,
    Id,
    Instant,
    New,
    Refused,
    Situation,
    Violation,
    against,
    against_baseline,
    at,
    decided,
    held,
    held_by_policy,
    impossible,
    judge,
    known_restriction,
    not_in_the_future,
    recorded,
)
from domain.decisions.measures import MeasureRequest, a_usable_channel_stays_open, build, still_bound, well_formed
from domain.decisions.notices import Letter, letter_is_complete, sent_notice
from domain.decisions.proposals import delegated
from domain.decisions.safe_contact import may_be_written_to
from domain.decisions.standing_aside import accused_stand_aside, actor_stands_aside, allegations_were_seen
from domain.decisions.terms import appeal_terms, extension_allowed, prompted, schedule
from domain.events import (
    NamedContactChanged,
    NewIssueRaised,
    RestrictionEased,
    RestrictionExtended,
    RestrictionVaried,
)
from domain.measures import tightens
from domain.personal import ContactText, DecisionText, NoticeText
from domain.policy import PeriodText, When


class VaryRestriction(DecidingCommand):
    """Replaces the measures of a restriction; the term stays."""

    asks_of_others: ClassVar[bool] = True

    restriction: Id
    measures: Annotated[tuple[MeasureRequest, ...], Field(min_length=1, max_length=20)]
    reasons: DecisionText
    proportionality: DecisionText
    channels_usable: Answer
    incidents: tuple[Id, ...] = ()
    extremis_reason: DecisionText | None = None
    because_of: Id | None = None
    allegations_seen: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    """Every counter-allegation of the case, open or concluded, as looked at before deciding."""


class EaseRestriction(DecidingCommand):
    """Lets some measures fall away; `keep` names those that remain."""

    restriction: Id
    keep: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)]
    reasons: DecisionText
    because_of: Id | None = None


class ExtendRestriction(DecidingCommand):
    """Makes the term longer, and sends the notice of it: neither counts without the other before the end."""

    asks_of_others: ClassVar[bool] = True

    restriction: Id
    ends_on: Day
    reasons: DecisionText
    proportionality: DecisionText
    incidents: Annotated[tuple[Id, ...], Field(min_length=1, max_length=100)]
    method: DeliveryMethod
    contents: Annotated[tuple[Id, ...], Field(max_length=60)]
    sent_at: Instant | None = None
    enclosures: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    text: NoticeText | None = None
    review_every: PeriodText | None = None
    pattern: DecisionText | None = None
    exceptional_reason: DecisionText | None = None
    because_of: Id | None = None
    allegations_seen: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    """Every counter-allegation of the case, open or concluded, as looked at before deciding."""


class ChangeNamedContact(Command):
    """Names other people to answer; told by a notice, without a new decision."""

    asks_of_others: ClassVar[bool] = True

    restriction: Id
    measure: Id
    contact_staff: Annotated[tuple[Id, ...], Field(min_length=1, max_length=10)]


class RaiseNewIssue(Command):
    """Takes down that the customer brings a new matter."""

    issue: Id
    contact: Id
    summary: ContactText


def in_force(situation: Situation, restriction: str) -> Restriction:
    """The restriction while it is not over; raises `Refused` otherwise."""
    found = known_restriction(situation, restriction)
    if found.over_on(situation.today):
        raise Refused([impossible("restriction_over", f"{restriction} ended on {found.last_day()}.", "restriction")])
    return found


def may_change(
    situation: Situation, restriction: Restriction, command: DecidingCommand, because_of: str | None, what: str
) -> tuple[RoleCode | None, list[Violation]]:
    """The policy's decider, or the reviewer of a review that the policy lets decide, in the post held that day.

    The duty manager may undo at any time what the duty manager did for a few days.
    """
    policy, day = situation.policy, command.day(situation)
    aside = [*actor_stands_aside(day, situation)]
    post = held(situation, policy.decision.by.value, day)
    if post is not None:
        return post, aside
    if restriction.interim and (post := duty_manager(day, situation)) is not None:
        return post, aside
    review = next((r for r in restriction.reviews if r.id == because_of), None)
    cadence = policy.reviews.get(review.cadence) if review else None
    if review and cadence and cadence.decides and review.by == situation.actor:
        post = held(situation, cadence.by, day)
        if post is not None:
            return post, aside
    post = delegated(situation, situation.case.proposal(restriction.proposal), day)
    if post is not None:
        return post, aside
    return None, [*aside, *held_by_policy(situation, policy.decision.by, day, what)]


def known_cause(situation: Situation, restriction: Restriction, because_of: str | None) -> Iterator[Violation]:
    """A review or appeal that is named as the cause belongs to this restriction."""
    reviews = {r.id for r in restriction.reviews}
    appeals = {a.id for a in situation.case.appeals if a.restriction == restriction.id}
    if because_of is not None and because_of not in reviews | appeals:
        yield impossible("unknown_cause", f"{because_of} is no review or appeal of {restriction.id}.", "because_of")


def vary_restriction(command: VaryRestriction, situation: Situation) -> Decision:
    """New measures rest on their own reasons; tightening rests on incidents, and binds only once it is told."""
    restriction = in_force(situation, command.restriction)
    change = f"change-{situation.case.changes + 1}"
    standing = restriction.sets[-1].measures
    built = build(command.measures, change, situation, standing)
    measures = tuple(still_bound(m, restriction, situation) for m in built)
    tightening = tightens(standing, measures)
    post, problems = may_change(situation, restriction, command, command.because_of, "Varying a restriction")
    problems += [
        *allegations_were_seen(command.allegations_seen, command.day(situation), situation),
        *known_cause(situation, restriction, command.because_of),
        *well_formed(command.measures, situation, standing),
        *usable_incidents(situation, command.incidents),
        *a_usable_channel_stays_open(
            measures, command.channels_usable, command.extremis_reason, restriction.id, situation
        ),
        *adjustments_are_kept(measures, restriction.id, situation),
    ]
    if tightening:
        problems += not_made_stricter(restriction, situation)
        problems += circumstances_were_considered(command.day(situation), situation)
        if not command.incidents:
            problems.append(
                against_baseline(
                    situation, "reasons_and_evidence", "Tightening rests on logged incidents; name them.", "incidents"
                )
            )
    fact = RestrictionVaried(
        change=change,
        restriction=restriction.id,
        measures=measures,
        from_on=command.day(situation),
        reasons=command.reasons,
        proportionality=command.proportionality,
        incidents=command.incidents,
        tightens=tightening,
        appeal=appeal_terms(situation),
        because_of=command.because_of,
        allegations_seen=command.allegations_seen,
    )
    clauses = [situation.policy.decision.by.cited, *(m.clause for m in measures)]
    return decided(situation, command, post, problems, clauses, fact)


def ease_restriction(command: EaseRestriction, situation: Situation) -> Decision:
    """Less is asked from here on; what remains keeps the identity under which it was told."""
    restriction = in_force(situation, command.restriction)
    standing = {m.id: m for m in restriction.measures_on(situation.today) or restriction.sets[-1].measures}
    post, problems = may_change(situation, restriction, command, command.because_of, "Easing a restriction")
    problems += known_cause(situation, restriction, command.because_of)
    unknown = [m for m in command.keep if m not in standing]
    if unknown:
        known = ", ".join(standing)
        problems.append(impossible("unknown_measure", f"In force are {known}.", "keep"))
    elif set(command.keep) == set(standing):
        problems.append(impossible("nothing_eased", "Easing lets at least one measure fall away.", "keep"))
    fact = RestrictionEased(
        change=f"change-{situation.case.changes + 1}",
        restriction=restriction.id,
        measures=tuple(standing[m] for m in command.keep if m in standing),
        from_on=command.day(situation),
        reasons=command.reasons,
        because_of=command.because_of,
    )
    by = situation.policy.decision.by.cited
    lifting = [situation.policy.lifting.cited] if situation.policy.lifting else []
    return decided(situation, command, post, problems, [by, *lifting], fact)


def extend_restriction(command: ExtendRestriction, situation: Situation) -> Decision:
    """Decided, reasoned and sent to the customer before the end that it moves (baseline 3)."""
    restriction = in_force(situation, command.restriction)
    policy, day = situation.policy, command.day(situation)
    change = f"change-{situation.case.changes + 1}"
    sent_at = command.sent_at or at(day, situation)
    letter = Letter(
        kind=NoticeKind.EXTENSION,
        about=change,
        method=command.method,
        sent_at=sent_at,
        contents=command.contents,
        enclosures=command.enclosures,
        accessible=True,
        text=command.text,
    )
    post, problems = may_change(situation, restriction, command, command.because_of, "Extending a restriction")
    problems += [
        *allegations_were_seen(command.allegations_seen, day, situation),
        *_no_accused_goes_on(restriction, situation),
        *known_cause(situation, restriction, command.because_of),
        *usable_incidents(situation, command.incidents),
        *_longer(restriction, command),
        *not_made_longer(restriction, situation),
        *extension_allowed(restriction, command.ends_on, command.exceptional_reason, situation),
        *circumstances_were_considered(day, situation),
        *adjustments_are_kept(restriction.sets[-1].measures, restriction.id, situation),
        *letter_is_complete(letter, situation),
        *may_be_written_to(letter.method, sent_at, situation),
    ]
    if sent_at > situation.now:
        problems.append(impossible("not_in_the_future", "sent_at lies ahead.", "sent_at"))
    if at(day, situation) > sent_at:
        problems.append(impossible("sent_after_deciding", "The notice went out before the decision.", "sent_at"))
    pattern = policy.term.extension_needs_pattern
    if pattern is not None and pattern.value and command.pattern is None:
        problems.append(
            against(
                pattern, "extension_needs_pattern", "Say what pattern of behaviour the longer term rests on.", "pattern"
            )
        )
    terms = appeal_terms(situation)
    extended = RestrictionExtended(
        change=change,
        restriction=restriction.id,
        decided_on=day,
        ends_on=command.ends_on,
        reviews=schedule(
            restriction.decided_on,
            restriction.ends_on,
            command.ends_on,
            exceptional=command.exceptional_reason is not None or restriction.exceptional,
            every=command.review_every,
            situation=situation,
        )
        if command.ends_on > restriction.ends_on
        else (),
        appeal=terms,
        incidents=command.incidents,
        exceptional=command.exceptional_reason is not None,
        notice=f"notice-{len(situation.case.notices) + 1}",
        reasons=command.reasons,
        proportionality=command.proportionality,
        pattern=command.pattern,
        because_of=command.because_of,
        allegations_seen=command.allegations_seen,
    )
    told = sent_notice(letter, f"notice-{len(situation.case.notices) + 1}", terms, situation)
    overrides = judge([*not_in_the_future(day, situation), *problems], command.overrides)
    longest = [policy.term.extension_longest.cited] if policy.term.extension_longest else []
    return Decision(
        (New(extended, at(day, situation)), New(told, sent_at)),
        post,
        (policy.decision.by.cited, *longest, "baseline 3"),
        overrides,
    )


def _no_accused_goes_on(restriction: Restriction, situation: Situation) -> Iterator[Violation]:
    """A longer term would keep an accused officer as the named contact; another is named first."""
    standing = restriction.measures_on(situation.today) or restriction.sets[-1].measures
    answering = [s for m in standing for s in (*m.contact_staff, *((m.reader,) if m.reader else ()))]
    yield from accused_stand_aside(answering, situation.today, situation, "restriction")


def _longer(restriction: Restriction, command: ExtendRestriction) -> Iterator[Violation]:
    if command.ends_on <= restriction.ends_on:
        yield impossible("end_before_start", f"The term already ends on {restriction.ends_on}.", "ends_on")


def change_named_contact(command: ChangeNamedContact, situation: Situation) -> Decision:
    """The customer is told by a notice; nothing new is decided against them."""
    restriction = in_force(situation, command.restriction)
    problems: list[Violation] = []
    named = next((m for m in restriction.sets[-1].measures if m.id == command.measure), None)
    # Of a measure that was brought along, it may be unknown yet who answers.
    if named is None or not (named.contact_staff or named.effect is Effect.NAMED_CONTACT):
        problems.append(impossible("unknown_measure", f"{command.measure} names no contact.", "measure"))
    problems.extend(
        impossible("named_contact_holds_a_post", f"{staff} holds no post today.", "contact_staff")
        for staff in command.contact_staff
        if not situation.landlord.tenures_on(StaffId(staff), situation.today)
    )
    named_now = [StaffId(s) for s in command.contact_staff]
    problems += accused_stand_aside(named_now, situation.today, situation, "contact_staff")
    fact = NamedContactChanged(
        restriction=restriction.id,
        measure=command.measure,
        contact_staff=tuple(StaffId(s) for s in command.contact_staff),
        from_on=command.day(situation),
    )
    return recorded(situation, command, problems, fact)


def raise_new_issue(command: RaiseNewIssue, situation: Situation) -> Decision:
    """A new matter is answered on its merits, and where the policy says so the restrictions are looked at again."""
    problems = [*known_contact(situation, command.contact)]
    if command.issue in situation.case.new_issues:
        problems.append(impossible("already_raised", f"{command.issue} was raised as a new issue already.", "issue"))
    fact = NewIssueRaised(
        issue=command.issue,
        contact=command.contact,
        raised_on=command.day(situation),
        reviews=prompted(When.NEW_ISSUE, command.day(situation), situation),
        summary=command.summary,
    )
    return recorded(situation, command, problems, fact)
