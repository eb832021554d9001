"""Taking down what happened: contacts, incidents with their grounds, evidence, concern, complaints, referrals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import Field

from domain.calendar import DeliveryMethod, last_day, london_date
from domain.codes import Channel, Characteristic, Direction, Party, Purpose, RoleCode, SubjectId, SubjectKind
from domain.decisions.filing import filed_as_advised, filed_under
from domain.decisions.judgement import (
    Command,
    Day,
    Decision,
    Id,
    Instant,
    New,
    Situation,
    Violation,
    against,
    against_baseline,
    any_post,
    as_must,
    at,
    holds_a_post,
    impossible,
    judge,
    not_in_the_future,
    recorded,
)
from domain.decisions.standing_aside import allegation_is_no_ground
from domain.events import (
    SYSTEM,
    CaseOpened,
    ComplaintLinked,
    ConcernRaised,
    ContactCorrected,
    ContactDisputed,
    ContactLogged,
    EvidenceAttached,
    IncidentRecorded,
    IssueAnswered,
    PolicyCopyRequested,
    PolicyCopySent,
    ReferredElsewhere,
)
from domain.personal import ContactText, EvidenceText, ThirdPartyText
from domain.policy import Need

OTHER_GROUND = "other"


class OpenCase(Command):
    """Opens a case for a person who has none open."""

    takes_closed: ClassVar[bool] = True

    person: Id
    kind: SubjectKind = SubjectKind.UNKNOWN
    household: Id | None = None
    ordinal: Annotated[int, Field(ge=1)] = 1


class LogContact(Command):
    """Takes down one communication; channel, summary and the time are enough.

    `filed_under` names the measure by which it is filed without an answer, for its reader to read.
    """

    channel: Channel
    summary: ContactText
    happened_on: Day | None = None
    happened_at: Instant | None = None
    direction: Direction = Direction.INBOUND
    purpose: Purpose | None = None
    issue: Id | None = None
    completed: bool = True
    customer_initiated: bool = True
    answer_id: Id | None = None
    filed_under: Id | None = None


class ConfirmContact(LogContact):
    """A contact that was asked about before, and that the answer said to file under a measure of a case.

    Where that measure files it no more, it is an ordinary contact: it ended meanwhile, or more was learnt.
    """

    advised_in: str
    advised: Id


class CorrectContact(Command):
    """Says what a logged contact got wrong; both versions stay in the history."""

    contact: Id
    reason: ContactText
    channel: Channel | None = None
    happened_on: Day | None = None
    purpose: Purpose | None = None
    issue: Id | None = None
    completed: bool | None = None


class DisputeContact(Command):
    """Takes down that the customer says it was otherwise."""

    contact: Id
    statement: ContactText


class RecordIncident(Command):
    """Says that conduct was unreasonable, on which grounds of the policy."""

    happened_on: Day
    grounds: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)]
    account: ContactText
    contact: Id | None = None
    conduct_of: Id | None = None
    towards: tuple[Party, ...] = (Party.STAFF,)
    issue: Id | None = None
    complaint: Id | None = None
    characteristics: tuple[Characteristic, ...] = ()
    timescale_given_on: Day | None = None
    support_offered_on: Day | None = None
    impact: ContactText | None = None
    exceptional_reason: ContactText | None = None
    other_ground: ContactText | None = None
    other_category: Id | None = None
    other_party: ThirdPartyText | None = None
    other_person: Id | None = None
    refer_to: Id | None = None
    allegation: Id | None = None
    """The counter-allegation that is said to be unreasonable itself; only once it was concluded as not founded."""


class AttachEvidence(Command):
    """Says what shows a contact or an incident."""

    of: Id
    kind: Id
    description: EvidenceText


class AttachFile(AttachEvidence):
    """Evidence with a file, whose bytes are kept by now; the file itself goes to the address of evidence files."""

    blob: str
    digest: str
    size: int
    media_type: str


class RaiseConcern(Command):
    """Tells a manager that this contact may have become unreasonable."""

    summary: ContactText
    incidents: tuple[Id, ...] = ()
    to: Id | None = None


class ReferElsewhere(Command):
    """Passes on conduct that the policy leaves to another one."""

    to: Id
    summary: ContactText
    incident: Id | None = None


class LinkComplaint(Command):
    """Notes a complaint of this customer that bears on the case."""

    reference: ContactText
    concluded_on: Day | None = None
    outcome_sent_on: Day | None = None
    about: Id | None = None
    """The restriction that it complains of, or a change or review of it."""
    received_on: Day | None = None
    """When it arrived, when that was not the day on which it is linked."""
    answer_by_on: Day | None = None
    """The last day for its answer in its own procedure, where that is not the usual one of a first stage."""


class RecordIssueAnswered(Command):
    """Takes down that a matter has been answered in full."""

    issue: Id
    next_steps: ContactText


class RequestPolicyCopy(Command):
    """Takes down that somebody asked for the policy."""


class SendPolicyCopy(Command):
    """Takes down that the copy went out."""

    request: Id
    method: DeliveryMethod


def open_case(command: OpenCase, situation: Situation) -> Decision:
    """A person's case begins; two at once collide on the stream's first version.

    By somebody with a post, or by the service itself for a restriction that it brings along.
    """
    fact = CaseOpened(
        person=SubjectId(command.person), ordinal=command.ordinal, kind=command.kind, household=command.household
    )
    if situation.actor == SYSTEM:
        day = command.day(situation)
        judge(not_in_the_future(day, situation))
        return Decision((New(fact, at(day, situation)),), None)
    return recorded(situation, command, (), fact)


def log_contact(command: LogContact, situation: Situation) -> Decision:
    """A contact is taken down on the day it happened, however late it is entered."""
    happened_on, happened_at = _when(command, situation)
    contact = f"contact-{len(situation.case.contacts) + 1}"
    judge(
        [
            *not_in_the_future(happened_on, situation, "happened_on"),
            *_not_ahead(happened_at, situation),
            *holds_a_post(situation, situation.today),
        ],
    )
    fact = ContactLogged(
        contact=contact,
        channel=command.channel,
        direction=command.direction,
        happened_on=happened_on,
        happened_at=happened_at,
        summary=command.summary,
        purpose=command.purpose,
        issue=command.issue,
        completed=command.completed,
        customer_initiated=command.customer_initiated,
        answer_id=command.answer_id,
    )
    effective = happened_at or at(happened_on, situation)
    facts = [New(fact, effective)]
    if command.filed_under is not None:
        facts.append(New(filed_under(command.filed_under, fact, situation), effective))
    elif isinstance(command, ConfirmContact):
        filed = filed_as_advised(command.advised_in, command.advised, fact, situation)
        facts += [New(filed, effective)] if filed else []
    return Decision(tuple(facts), any_post(situation, situation.today))


def _when(command: LogContact, situation: Situation) -> tuple[date, datetime | None]:
    if command.happened_at is not None:
        day = london_date(command.happened_at)
        if command.happened_on not in (None, day):
            judge(
                [impossible("one_date", "happened_on and happened_at name two different days.", "happened_on")],
            )
        return day, command.happened_at
    return command.happened_on or command.day(situation), None


def _not_ahead(instant: datetime | None, situation: Situation) -> Iterator[Violation]:
    if instant is not None and instant > situation.now:
        yield impossible(
            "not_in_the_future", "happened_at lies ahead; a contact is taken down once it happened.", "happened_at"
        )


def correct_contact(command: CorrectContact, situation: Situation) -> Decision:
    """A correction is a new fact that names the one it corrects."""
    contact = situation.case.contact(command.contact)
    problems: list[Violation] = [*known_contact(situation, command.contact)]
    if command.happened_on:
        problems += not_in_the_future(command.happened_on, situation, "happened_on")
    judge(problems)
    return recorded(
        situation,
        command,
        (),
        ContactCorrected(
            contact=command.contact,
            corrects=contact.event_id if contact else "",
            channel=command.channel,
            happened_on=command.happened_on,
            purpose=command.purpose,
            issue=command.issue,
            completed=command.completed,
            reason=command.reason,
        ),
    )


def dispute_contact(command: DisputeContact, situation: Situation) -> Decision:
    """The customer's account stands beside ours."""
    fact = ContactDisputed(contact=command.contact, statement=command.statement)
    return recorded(situation, command, known_contact(situation, command.contact), fact)


def record_incident(command: RecordIncident, situation: Situation) -> Decision:
    """An incident names grounds of the policy, whose conduct it was, and what a ground needs before it can be used."""
    case = situation.case
    incident = f"incident-{len(case.incidents) + 1}"
    problems = [
        *not_in_the_future(command.happened_on, situation, "happened_on"),
        *grounds_exist(situation, command.grounds),
        *grounds_have_what_they_need(command, situation),
        *_other_is_described(command, situation),
        *_towards_somebody_protected(command, situation),
        *_other_party_is_named(command),
        *(_exclusion_exists(command.refer_to, situation) if command.refer_to else ()),
    ]
    problems += allegation_is_no_ground(command.allegation, situation, "allegation")
    problems += _accusation_was_looked_at(command, situation)
    if command.contact is not None:
        problems += known_contact(situation, command.contact)
    if command.complaint is not None and case.complaint(command.complaint) is None:
        problems.append(
            impossible("unknown_complaint", f"This case has no {command.complaint}; link it first.", "complaint")
        )
    catalogue = situation.policy.grounds
    categories = [catalogue[g].category for g in command.grounds if g in catalogue]
    if command.other_category:
        categories.append(command.other_category)
    fact = IncidentRecorded(
        incident=incident,
        contact=command.contact,
        happened_on=command.happened_on,
        conduct_of=SubjectId(command.conduct_of or case.person),
        grounds=command.grounds,
        categories=tuple(dict.fromkeys(categories)),
        towards=command.towards,
        issue=command.issue,
        complaint=command.complaint,
        characteristics=command.characteristics,
        timescale_given_on=command.timescale_given_on,
        support_offered_on=command.support_offered_on,
        account=command.account,
        impact=command.impact,
        exceptional_reason=command.exceptional_reason,
        other_ground=command.other_ground,
        other_party=(
            command.other_party.concerning(command.other_person)
            if command.other_party is not None and command.other_person is not None
            else None
        ),
        other_person=None if command.other_person is None else SubjectId(command.other_person),
        allegation=command.allegation,
    )
    judge([*problems, *holds_a_post(situation, situation.today)])
    facts = [New(fact, at(command.happened_on, situation))]
    if command.refer_to:
        referred = ReferredElsewhere(to=command.refer_to, incident=incident, summary=command.account)
        facts.append(New(referred, at(command.day(situation), situation)))
    clauses = tuple(catalogue[g].cited for g in command.grounds if g in catalogue)
    return Decision(tuple(facts), any_post(situation, situation.today), tuple(dict.fromkeys(clauses)))


def grounds_exist(situation: Situation, grounds: tuple[str, ...]) -> Iterator[Violation]:
    """Each ground stands in the catalogue, or is `other`."""
    for ground in grounds:
        if ground != OTHER_GROUND and ground not in situation.policy.grounds:
            known = ", ".join(sorted(situation.policy.grounds))
            yield impossible("unknown_ground", f"The policy has no ground {ground}; it has {known}, other.", "grounds")


def grounds_have_what_they_need(command: RecordIncident, situation: Situation) -> Iterator[Violation]:
    """Some grounds can be used only with a complaint, after a timescale or help was given, or exceptionally."""
    given = {
        Need.COMPLAINT: command.complaint is not None,
        Need.TIMESCALE_GIVEN: command.timescale_given_on is not None
        and command.timescale_given_on <= command.happened_on,
        Need.SUPPORT_OFFERED: command.support_offered_on is not None
        and command.support_offered_on <= command.happened_on,
        Need.EXCEPTIONAL_REASON: command.exceptional_reason is not None,
    }
    asks = {
        Need.COMPLAINT: ("complaint", "is for customers with an official complaint; name it."),
        Need.TIMESCALE_GIVEN: (
            "timescale_given_on",
            "needs the day on which a clear timescale was given, before the conduct.",
        ),
        Need.SUPPORT_OFFERED: ("support_offered_on", "needs the day on which help was offered, before the conduct."),
        Need.EXCEPTIONAL_REASON: ("exceptional_reason", "is for exceptional circumstances; say what they are."),
    }
    for code in command.grounds:
        ground = situation.policy.grounds.get(code)
        if ground is None:
            continue
        for need in ground.needs:
            if not given[need]:
                field, words = asks[need]
                yield as_must(ground, f"ground_needs_{need}", f"{code} {words}", field)
        if command.characteristics and ground.characteristics:
            for characteristic in set(command.characteristics) - set(ground.characteristics):
                yield as_must(
                    ground, "characteristic_of_the_ground", f"{code} does not name {characteristic}.", "characteristics"
                )


def _accusation_was_looked_at(command: RecordIncident, situation: Situation) -> Iterator[Violation]:
    """While an allegation waits, a ground that is about accusing people says which concluded one it means."""
    catalogue = situation.policy.grounds
    accusing = [g for g in command.grounds if g in catalogue and catalogue[g].accuses]
    waiting = [a.id for a in situation.case.allegations if a.outcome is None]
    if accusing and waiting and command.allegation is None:
        asks = f"{', '.join(waiting)} is not concluded; {accusing[0]} is no ground until it is found not founded."
        yield against_baseline(situation, "counter_allegations", asks, "allegation")


def _other_is_described(command: RecordIncident, situation: Situation) -> Iterator[Violation]:
    if OTHER_GROUND in command.grounds:
        if command.other_ground is None:
            yield impossible(
                "other_needs_words", "A ground outside the catalogue is described in words.", "other_ground"
            )
        if command.other_category not in situation.policy.categories:
            known = ", ".join(sorted(situation.policy.categories))
            yield impossible("other_needs_a_category", f"Say to which category it belongs: {known}.", "other_category")


def _other_party_is_named(command: RecordIncident) -> Iterator[Violation]:
    """What concerns somebody else is sealed under that person's key, so it says whom it concerns."""
    if (command.other_party is None) != (command.other_person is None):
        yield impossible(
            "whose", "other_party and other_person go together: what is said, and the person's id.", "other_person"
        )


def _towards_somebody_protected(command: RecordIncident, situation: Situation) -> Iterator[Violation]:
    protects = situation.policy.scope.protects
    if protects and not set(command.towards) & {*protects.value}:
        who = ", ".join(protects.value)
        yield as_must(protects, "towards_somebody_protected", f"The policy covers conduct towards: {who}.", "towards")


def _exclusion_exists(code: str, situation: Situation) -> Iterator[Violation]:
    if code not in situation.policy.scope.excluded:
        known = ", ".join(sorted(situation.policy.scope.excluded)) or "nothing"
        yield impossible("unknown_referral", f"The policy refers elsewhere: {known}.", "refer_to")


def attach_evidence(command: AttachEvidence, situation: Situation) -> Decision:
    """Evidence belongs to a contact or an incident of this case."""
    case = situation.case
    problems: list[Violation] = []
    shown = case.contact(command.of) or case.incident(command.of)
    if shown is None:
        problems.append(impossible("unknown_item", f"This case has no {command.of}.", "of"))
    elif shown.moved:
        problems.append(impossible("entry_moved", f"{command.of} was moved to another person's case.", "of"))
    file = command if isinstance(command, AttachFile) else None
    fact = EvidenceAttached(
        evidence=f"evidence-{len(case.evidence) + 1}",
        of=command.of,
        kind=command.kind,
        description=command.description,
        blob=None if file is None else file.blob,
        digest=None if file is None else file.digest,
        size=None if file is None else file.size,
        media_type=None if file is None else file.media_type,
    )
    return recorded(situation, command, problems, fact)


def raise_concern(command: RaiseConcern, situation: Situation) -> Decision:
    """A colleague tells a manager; this takes the case up, and decides nothing."""
    problems = [v for i in command.incidents for v in known_incident(situation, i)]
    taken = sum(1 for s in situation.case.steps if s.code == "concern_raised")
    fact = ConcernRaised(
        concern=f"concern-{taken + 1}",
        to=RoleCode(command.to) if command.to else None,
        incidents=command.incidents,
        summary=command.summary,
    )
    return recorded(situation, command, problems, fact)


def refer_elsewhere(command: ReferElsewhere, situation: Situation) -> Decision:
    """What the policy leaves to another policy is passed on, and is no ground here."""
    problems = [*_exclusion_exists(command.to, situation)]
    if command.incident:
        problems += known_incident(situation, command.incident)
    fact = ReferredElsewhere(to=command.to, incident=command.incident, summary=command.summary)
    return recorded(situation, command, problems, fact)


def link_complaint(command: LinkComplaint, situation: Situation) -> Decision:
    """A complaint is named; its own procedure goes on."""
    concluded_on, sent_on = command.concluded_on, command.outcome_sent_on
    problems: list[Violation] = []
    if concluded_on is not None:
        problems += not_in_the_future(concluded_on, situation, "concluded_on")
    if sent_on is not None:
        problems += not_in_the_future(sent_on, situation, "outcome_sent_on")
        if concluded_on is None or sent_on < concluded_on:
            asks = "An outcome goes out once the complaint is concluded; say when that was."
            problems.append(impossible("outcome_follows", asks, "outcome_sent_on"))
    if command.about is not None and not any(r.includes(command.about) for r in situation.case.restrictions):
        asks = f"This case has no decision, change or review {command.about}."
        problems.append(impossible("unknown_decision", asks, "about"))
    problems += _received_before(command, situation)
    fact = ComplaintLinked(
        complaint=f"complaint-{len(situation.case.complaints) + 1}",
        reference=command.reference,
        concluded_on=concluded_on,
        outcome_sent_on=sent_on,
        about=command.about,
        received_on=command.received_on,
        answer_by_on=command.answer_by_on or _usual_answer(command, situation),
    )
    return recorded(situation, command, problems, fact)


def _received_before(command: LinkComplaint, situation: Situation) -> Iterator[Violation]:
    """It arrived before it was linked and concluded, and its answer is due after that."""
    received_on, linked_on = command.received_on, command.day(situation)
    if received_on is not None:
        yield from not_in_the_future(received_on, situation, "received_on")
        ends = [day for day in (linked_on, command.concluded_on) if day is not None and day < received_on]
        if ends:
            asks = f"It was linked or concluded on {min(ends)}; it arrived before that."
            yield impossible("received_before", asks, "received_on")
    if command.answer_by_on is not None and command.answer_by_on < (received_on or date.min):
        yield impossible("answered_after", "Its answer is due once it has arrived.", "answer_by_on")


def _usual_answer(command: LinkComplaint, situation: Situation) -> date | None:
    """The last day of a first stage; of one that is over, only when it is known when it arrived."""
    if command.received_on is None and command.concluded_on is not None:
        return None
    within = situation.baseline.complaint_answered_within.period
    return last_day(command.received_on or command.day(situation), within, situation.policy.nation)


def record_issue_answered(command: RecordIssueAnswered, situation: Situation) -> Decision:
    """A matter was answered in full; filing what follows on it can rest on this."""
    fact = IssueAnswered(issue=command.issue, answered_on=command.day(situation), next_steps=command.next_steps)
    return recorded(situation, command, (), fact)


def request_policy_copy(command: RequestPolicyCopy, situation: Situation) -> Decision:
    """The request is noted; it is owed until met."""
    day, within = command.day(situation), situation.baseline.policy_copy_sent_within.period
    fact = PolicyCopyRequested(
        request=f"copy-{len(situation.case.policy_copies) + 1}",
        requested_on=day,
        send_by_on=last_day(day, within, situation.policy.nation),
    )
    return recorded(situation, command, (), fact)


def send_policy_copy(command: SendPolicyCopy, situation: Situation) -> Decision:
    """A request is met."""
    problems: list[Violation] = []
    if not any(copy.id == command.request and copy.open for copy in situation.case.policy_copies):
        problems.append(impossible("unknown_request", f"No open request {command.request}.", "request"))
    fact = PolicyCopySent(request=command.request, method=command.method, sent_on=command.day(situation))
    return recorded(situation, command, problems, fact)


def known_contact(situation: Situation, contact: str) -> Iterator[Violation]:
    """The contact is one of this case, and about its person."""
    found = situation.case.contact(contact)
    if found is None:
        yield impossible("unknown_contact", f"This case has no {contact}.", "contact")
    elif found.moved:
        yield impossible("entry_moved", f"{contact} was moved to another person's case.", "contact")


def known_incident(situation: Situation, incident: str, field: str = "incidents") -> Iterator[Violation]:
    """The incident is one of this case."""
    if situation.case.incident(incident) is None:
        yield impossible("unknown_incident", f"This case has no {incident}.", field)


def usable_incidents(situation: Situation, incidents: tuple[str, ...]) -> Iterator[Violation]:
    """Incidents that a warning or a restriction rests on: known, the customer's own conduct, and not left elsewhere."""
    for code in incidents:
        yield from known_incident(situation, code)
        incident = situation.case.incident(code)
        if incident is None:
            continue
        if incident.moved:
            yield impossible("entry_moved", f"{code} was moved to another person's case.", "incidents")
        if incident.conduct_of != situation.case.person:
            yield against_baseline(
                situation,
                "one_person_one_decision",
                f"{code} is somebody else's conduct; it cannot count here.",
                "incidents",
            )
        yield from allegation_is_no_ground(incident.allegation, situation, "incidents")
        if incident.referred_to is not None:
            excluded = situation.policy.scope.excluded.get(incident.referred_to)
            words = f"{code} was referred elsewhere and is no ground under this policy."
            if excluded is not None:
                yield against(excluded, "excluded_conduct", words, "incidents")
