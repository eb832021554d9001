"""Putting the record right: a field that says something wrong, and an entry that is about somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from domain.case import Case
from domain.codes import CaseId, RoleCode
from domain.decisions.judgement import (
    Command,
    DecidingCommand,
    Decision,
    Id,
    New,
    Refused,
    Situation,
    Violation,
    any_post,
    at,
    decided,
    held,
    holds_a_post,
    impossible,
    judge,
    nobody_holds,
    not_in_the_future,
    titles,
)
from domain.events import (
    BreachRecorded,
    CaseFact,
    ContactCorrected,
    ContactFiled,
    ContactLogged,
    Event,
    EvidenceAttached,
    FiledItemTriaged,
    IncidentRecorded,
    InteractionEnded,
    MovedToRightPerson,
    NewIssueRaised,
    RecordRectified,
    ReferredElsewhere,
    RestrictionExtended,
    RestrictionVaried,
    SpokenWarningGiven,
    TakenFromOtherPerson,
)
from domain.personal import ContactText
from domain.personal_values import personal_values

RECTIFIERS: Final = (RoleCode("data_protection_officer"), RoleCode("records_officer"))


class RectifyRecord(DecidingCommand):
    """Puts right what one field of an earlier fact gets wrong; what was written and what is right are shown together.

    `event` and `field` are those of the case's history: the id of the event and the path of a personal value in its
    fact, such as `summary`.
    """

    takes_closed: ClassVar[bool] = True
    asks_of_record: ClassVar[bool] = True

    event: Id
    field: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}(\.[a-z0-9_]{1,40}){0,5}$")]
    correct: ContactText
    reason: ContactText


class MoveEntry(Command):
    """Moves a contact or an incident that is about somebody else to that person's case, with what hangs on it.

    Here its content is shown to nobody any more but the data protection officer.
    """

    takes_closed: ClassVar[bool] = True
    asks_of_record: ClassVar[bool] = True

    entry: Id
    other_case: Id
    reason: ContactText

    def touches(self) -> CaseId | None:
        """The right person's case."""
        return CaseId(self.other_case)


def rectify_record(command: RectifyRecord, situation: Situation) -> Decision:
    """Only what the history says, where it says it, by whoever answers for records (UK GDPR, article 16)."""
    post = held(situation, RECTIFIERS, situation.today)
    fact = RecordRectified(
        rectification=f"rectification-{len(situation.case.rectified) + 1}",
        event=command.event,
        field=command.field,
        rectified_on=command.day(situation),
        correct=command.correct,
        reason=command.reason,
    )
    problems = [*_may_rectify(post, situation), *_says_it(command, situation)]
    return decided(situation, command, post, problems, (), fact)


def _may_rectify(post: RoleCode | None, situation: Situation) -> Iterator[Violation]:
    if post is None:
        asks = f"A record is put right by the {titles(situation, RECTIFIERS)}."
        yield impossible("post_held", asks + nobody_holds(situation, RECTIFIERS, situation.today))


def _says_it(command: RectifyRecord, situation: Situation) -> Iterator[Violation]:
    event = next((e for e in situation.record if e.event_id == command.event), None)
    if event is None:
        yield impossible("unknown_event", "This case has no event of this id; its history names them.", "event")
    elif event.event_id in situation.case.hidden():
        yield impossible("entry_moved", "This was moved to another person's case; put it right there.", "event")
    elif isinstance(event.fact, RecordRectified):
        asks = f"This puts another field right: name that one, {event.fact.field} of event {event.fact.event}."
        yield impossible("already_a_rectification", asks, "event")
    else:
        personal = [path for path, _ in personal_values(event.fact)]
        if command.field not in personal:
            known = f"it has {', '.join(personal)}" if personal else "it has none"
            asks = f"Only words can be put right, and they stand in fields of the event: {known}."
            yield impossible("unknown_field", asks, "field")


def move_entry(command: MoveEntry, situation: Situation) -> Decision:
    """The wrong case keeps that something was moved, the right one gets it anew, in one append.

    A contact goes as it was last corrected, with its incidents, evidence, spoken warnings and endings; each keeps its
    day. What the first person said of it themselves stays: it is theirs.
    """
    case, right = situation.case, situation.other
    if right is None:
        raise Refused([impossible("unknown_case", "There is no other case of this id.", "other_case")])
    day = command.day(situation)
    judge(
        [
            *holds_a_post(situation, situation.today),
            *not_in_the_future(day, situation),
            *_can_go(command.entry, case),
            *_somebody_elses(case, right),
            *_nothing_rests_on(command.entry, situation),
        ]
    )
    going = _hanging_on(command.entry, situation)
    moved = MovedToRightPerson(
        entry=command.entry,
        to_case=right.id,
        to_person=right.person,
        hidden=tuple(event.event_id for event in going),
        moved_on=day,
        reason=command.reason,
    )
    anew = _Anew(case, right, day)
    facts = [New(fact, when, elsewhere=True) for event in going for fact, when in anew.of(event, situation)]
    return Decision((New(moved, at(day, situation)), *facts), any_post(situation, situation.today))


def _can_go(entry: str, case: Case) -> Iterator[Violation]:
    found = case.contact(entry) or case.incident(entry)
    if found is None:
        yield impossible("unknown_entry", f"This case has no {entry}; a contact or an incident can be moved.", "entry")
    elif found.moved:
        yield impossible("entry_moved", f"{entry} was moved to another person's case already.", "entry")


def _somebody_elses(case: Case, right: Case) -> Iterator[Violation]:
    if right.person in case.persons() or case.person in right.persons():
        yield impossible("another_person", "That case is the same person's; there is nothing to move.", "other_case")
    if right.stage == "closed":
        yield impossible("case_closed", f"The other case was closed on {right.closed_on}.", "other_case")


def _nothing_rests_on(entry: str, situation: Situation) -> Iterator[Violation]:
    """What was decided on it has to be taken back first, by whoever may: moving decides nothing."""
    case, today = situation.case, situation.today
    incidents = _incidents(entry, case)

    def rests(what: str, first: str) -> Violation:
        return impossible("rests_on_it", f"{what} rests on {entry}; {first} first.", "entry")

    for warning in case.warnings:
        lapses = [n.lapses_on for n in case.notices_about(warning.id) if n.lapses_on is not None]
        lapsed = bool(lapses) and max(lapses) < today  # by each of its letters: one that came back went again
        if not warning.withdrawn and incidents & {*warning.incidents} and not lapsed:
            yield rests(warning.id, "withdraw it")
    for proposal in case.proposals:
        if proposal.open and incidents & {*proposal.incidents}:
            yield rests(proposal.id, "return or decline it")
    for restriction in case.restrictions:
        if not restriction.over_on(today) and incidents & {*restriction.incidents}:
            yield rests(restriction.id, "withdraw it as wrong")
    for change, first in _changes_on(incidents, situation):
        yield rests(change, first)
    for safety in case.safety:
        if not safety.over_on(today) and safety.incident in incidents:
            yield rests(safety.id, "remove it")
    for breach in case.breaches:
        over = any(r.id == breach.restriction and r.over_on(today) for r in case.restrictions)
        if not breach.withdrawn and not over and breach.contact == entry:
            yield rests(breach.id, "withdraw it")


def _changes_on(incidents: set[str], situation: Situation) -> Iterator[tuple[str, str]]:
    """Longer terms, and measures that were made stricter, which rest on these incidents and hold until now."""
    for event in situation.record:
        fact = event.fact
        if not isinstance(fact, RestrictionExtended | RestrictionVaried) or not incidents & {*fact.incidents}:
            continue
        restriction = situation.case.restriction(fact.restriction)
        if restriction is None or restriction.over_on(situation.today):
            continue
        if isinstance(fact, RestrictionExtended):
            yield fact.change, f"lift {restriction.id}, or withdraw it as wrong,"
        elif any(m.id.rpartition(".")[0] == fact.change for m in restriction.sets[-1].measures):
            yield fact.change, "vary or ease what it asks"


def _incidents(entry: str, case: Case) -> set[str]:
    """The incidents that an entry is or holds, but for those that were moved before."""
    return {i.id for i in case.incidents if entry in (i.id, i.contact) and not i.moved}


def _hanging_on(entry: str, situation: Situation) -> list[Event]:
    """The events that go with an entry, in order."""
    incidents = _incidents(entry, situation.case)
    going: list[Event] = []
    gone: set[str] = set(situation.case.hidden())
    for event in situation.record:
        if event.event_id not in gone and _goes(event.fact, entry, incidents, {e.event_id for e in going}):
            going.append(event)
    return going


def _goes(fact: object, entry: str, incidents: set[str], going: set[str]) -> bool:
    match fact:
        case (
            ContactLogged(contact=about)
            | ContactCorrected(contact=about)
            | ContactFiled(contact=about)
            | FiledItemTriaged(contact=about)
            | SpokenWarningGiven(contact=about)
            | InteractionEnded(contact=about)
            | BreachRecorded(contact=about)
            | NewIssueRaised(contact=about)
        ):
            return about == entry
        case IncidentRecorded(incident=about) | ReferredElsewhere(incident=str(about)):
            return about in incidents
        case EvidenceAttached(of=about):
            return about == entry or about in incidents
        case RecordRectified(event=about):
            return about in going
        case _:
            return False


class _Anew:
    """Facts of the wrong case as they are taken down in the right one, under ids that are free there."""

    def __init__(self, case: Case, right: Case, day: date) -> None:
        self._case = case
        self._right = right
        self._day = day
        self._renamed: dict[str, str] = {}
        self._made: dict[str, int] = {}

    def of(self, event: Event, situation: Situation) -> Iterator[tuple[CaseFact, Any]]:
        """What this event leads to there, each with the instant at which it takes effect; nothing for some."""
        right, fact = self._right, _as_rectified(event, situation)
        match fact:
            case ContactLogged():
                yield self._contact(fact), event.effective_at
                yield self._taken(fact.contact, event), at(self._day, situation)
            case IncidentRecorded():
                whose = right.person if fact.conduct_of == self._case.person else fact.conduct_of
                anew = replace(
                    fact,
                    incident=self._rename(fact.incident, "incident", len(right.incidents)),
                    contact=self._renamed.get(fact.contact or ""),
                    conduct_of=whose,
                    complaint=None,  # that of the wrong person
                    allegation=None,
                )
                yield anew, event.effective_at
                yield self._taken(fact.incident, event), at(self._day, situation)
            case EvidenceAttached():
                name = self._rename(fact.evidence, "evidence", len(right.evidence))
                yield replace(fact, evidence=name, of=self._renamed[fact.of]), event.effective_at
            case ReferredElsewhere():
                yield replace(fact, incident=self._renamed[fact.incident or ""]), event.effective_at
            case SpokenWarningGiven():
                yield replace(fact, contact=self._renamed[fact.contact]), event.effective_at
            case InteractionEnded():
                name = self._rename(fact.ending, "ending", len(right.ended))
                yield replace(fact, ending=name, contact=self._renamed[fact.contact]), event.effective_at
            case _:
                # Corrections are in what they corrected; filing and a breach were under the wrong person's restriction.
                return

    def _contact(self, fact: ContactLogged) -> ContactLogged:
        """As it was last corrected."""
        known = self._case.contact(fact.contact)
        name = self._rename(fact.contact, "contact", len(self._right.contacts))
        if known is None:
            return replace(fact, contact=name)
        return replace(
            fact,
            contact=name,
            channel=known.channel,
            happened_on=known.happened_on,
            purpose=known.purpose,
            issue=known.issue,
            completed=known.completed,
        )

    def _taken(self, entry: str, event: Event) -> TakenFromOtherPerson:
        return TakenFromOtherPerson(
            entry=self._renamed[entry], from_case=self._case.id, from_event=event.event_id, moved_on=self._day
        )

    def _rename(self, name: str, kind: str, known: int) -> str:
        self._made[kind] = self._made.get(kind, known) + 1
        self._renamed[name] = f"{kind}-{self._made[kind]}"
        return self._renamed[name]


def _as_rectified(event: Event, situation: Situation) -> Any:  # noqa: ANN401 - the same fact, whichever it is
    """The fact with what was put right in the place of what was wrong."""
    right: Mapping[str, Any] = {
        e.fact.field: e.fact.correct
        for e in situation.record
        if isinstance(e.fact, RecordRectified) and e.fact.event == event.event_id
    }
    return replace(event.fact, **right) if right else event.fact
