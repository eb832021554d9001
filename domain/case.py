"""The case that a history folds to: one customer of one landlord, and the questions that rules ask of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal

from domain.case_disclosures import Disclosure
from domain.case_letters import Letter
from domain.case_parts import (
    Adjustment,
    AgreedCall,
    Agreement,
    Appeal,
    Breach,
    Contact,
    FiledItem,
    Incident,
    Meeting,
    Notice,
    PolicyCopy,
    Proposal,
    Restriction,
    ReviewRequest,
    Step,
    WrittenWarning,
)
from domain.case_people import (
    Complaint,
    CounterAllegation,
    Death,
    Merge,
    OmbudsmanCase,
    Representative,
    SafeContact,
)
from domain.case_rights import Disposal, Erasure, LegalHold, Moved, Rectification, RightsRequest
from domain.case_safety import EndedInteraction, SafetyWarning, Urgent
from domain.codes import CaseId, LegalStep, NoticeKind, StaffId, SubjectId, SubjectKind
from domain.events.parts import FollowUp, Measure
from domain.values import changed

# The letters that explain measures; an acknowledgement of an appeal, say, explains none.
TELLS_OF_MEASURES: Final = (
    NoticeKind.DECISION,
    NoticeKind.VARIATION,
    NoticeKind.EXTENSION,
    NoticeKind.APPEAL_OUTCOME,
)

SAYS_MEASURES: Final = "measures"  # the content of a letter, by the baseline's code
NO_CASE: Final = CaseId("")
NOBODY: Final = SubjectId("")
Stage = Literal["unknown", "logged", "open", "closed"]


@dataclass(frozen=True)
class Binding:
    """A measure that the customer has been told of, with the restriction that it belongs to."""

    restriction: Restriction
    measure: Measure
    told_on: date


@dataclass(frozen=True)
class Case:
    """Everything that a history says of one customer; `unknown` before the first fact."""

    id: CaseId = NO_CASE
    version: int = 0
    position: int = 0
    person: SubjectId = NOBODY
    ordinal: int = 0
    kind: SubjectKind = SubjectKind.UNKNOWN
    household: str | None = None
    stage: Stage = "unknown"
    opened_on: date = date.min
    closed_on: date | None = None
    contacts: tuple[Contact, ...] = ()
    incidents: tuple[Incident, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()  # (evidence id, id of what it shows)
    complaints: tuple[Complaint, ...] = ()
    issues_answered: tuple[tuple[str, date], ...] = ()
    new_issues: tuple[str, ...] = ()
    policy_copies: tuple[PolicyCopy, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    steps: tuple[Step, ...] = ()
    warnings: tuple[WrittenWarning, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    notices: tuple[Notice, ...] = ()
    breaches: tuple[Breach, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    changes: int = 0  # variations, easings and extensions so far
    review_requests: tuple[ReviewRequest, ...] = ()
    delegations: int = 0
    officer: StaffId | None = None  # who looks after the case, once somebody was named
    home: str | None = None
    representatives: tuple[Representative, ...] = ()
    merges: tuple[Merge, ...] = ()
    tenancy_ended_on: date | None = None
    death: Death | None = None
    safe_contacts: tuple[SafeContact, ...] = ()
    allegations: tuple[CounterAllegation, ...] = ()
    ombudsman: tuple[OmbudsmanCase, ...] = ()
    filed: tuple[FiledItem, ...] = ()
    agreed_calls: tuple[AgreedCall, ...] = ()
    ended: tuple[EndedInteraction, ...] = ()
    urgent: tuple[Urgent, ...] = ()
    legal_steps: tuple[tuple[str, LegalStep, date], ...] = ()
    safety: tuple[SafetyWarning, ...] = ()
    rights: tuple[RightsRequest, ...] = ()
    holds: tuple[LegalHold, ...] = ()
    disposals: tuple[Disposal, ...] = ()
    erasures: tuple[Erasure, ...] = ()
    moved: tuple[Moved, ...] = ()
    taken: tuple[tuple[str, CaseId], ...] = ()  # (entry, case that it was first taken down in)
    rectified: tuple[Rectification, ...] = ()
    letters: tuple[Letter, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    follow_ups: tuple[tuple[str, date, FollowUp], ...] = ()  # (incident, day of the action, what follows)
    passed: Mapping[str, tuple[date, ...]] = field(default_factory=dict)  # key of an obligation -> days that went by

    # what is there

    def contact(self, contact: str) -> Contact | None:
        """The contact of this id."""
        return next((c for c in self.contacts if c.id == contact), None)

    def incident(self, incident: str) -> Incident | None:
        """The incident of this id."""
        return next((i for i in self.incidents if i.id == incident), None)

    def warning(self, warning: str) -> WrittenWarning | None:
        """The warning of this id."""
        return next((w for w in self.warnings if w.id == warning), None)

    def proposal(self, proposal: str) -> Proposal | None:
        """The proposal of this id."""
        return next((p for p in self.proposals if p.id == proposal), None)

    def restriction(self, restriction: str) -> Restriction | None:
        """The restriction of this id."""
        return next((r for r in self.restrictions if r.id == restriction), None)

    def appeal(self, appeal: str) -> Appeal | None:
        """The appeal of this id."""
        return next((a for a in self.appeals if a.id == appeal), None)

    def notice(self, notice: str) -> Notice | None:
        """The notice of this id."""
        return next((n for n in self.notices if n.id == notice), None)

    def notices_about(self, about: str, *kinds: NoticeKind) -> tuple[Notice, ...]:
        """Notices about a warning, a restriction, a change, an appeal or a review; of these kinds, when given."""
        return tuple(n for n in self.notices if n.about == about and (not kinds or n.kind in kinds))

    def received_on(self, about: str, *kinds: NoticeKind) -> date | None:
        """The first day on which some notice about it, of these kinds when given, counts as received."""
        return min((n.received_on for n in self.notices_about(about, *kinds) if n.received_on), default=None)

    def complaint(self, complaint: str) -> Complaint | None:
        """The complaint of this id."""
        return next((c for c in self.complaints if c.id == complaint), None)

    def allegation(self, allegation: str) -> CounterAllegation | None:
        """The counter-allegation of this id."""
        return next((a for a in self.allegations if a.id == allegation), None)

    def safety_warning(self, warning: str) -> SafetyWarning | None:
        """The safety warning of this id."""
        return next((w for w in self.safety if w.id == warning), None)

    def disclosure(self, disclosure: str) -> Disclosure | None:
        """The disclosure of this id."""
        return next((d for d in self.disclosures if d.id == disclosure), None)

    def persons(self) -> tuple[SubjectId, ...]:
        """Under which ids this customer is known: the case's own, and those of records that were merged with it."""
        return (self.person, *dict.fromkeys(m.other for m in self.merges if not m.undone))

    def kept_record(self) -> SubjectId:
        """The record under which new cases of this customer are opened: another one once this was merged into it."""
        return next((m.kept for m in self.merges if not m.undone), self.person)

    def hidden(self) -> frozenset[str]:
        """Ids of the events whose content is about somebody else and hidden here."""
        return frozenset(event for moved in self.moved for event in moved.hidden)

    def without_moved(self, now: Case | None = None) -> Case:
        """The case as its readers see it: without what turned out, here or by `now`, to be about somebody else."""
        latest = now or self
        if not latest.moved:
            return self
        gone = {c.id for c in latest.contacts if c.moved} | {i.id for i in latest.incidents if i.moved}
        return changed(
            self,
            contacts=tuple(c for c in self.contacts if c.id not in gone),
            incidents=tuple(i for i in self.incidents if i.id not in gone),
            evidence=tuple((shown, of) for shown, of in self.evidence if of not in gone),
            ended=tuple(e for e in self.ended if e.contact not in gone),
            breaches=tuple(b for b in self.breaches if b.contact not in gone),
        )

    def dead(self) -> bool:
        """Whether the customer is known to have died."""
        return self.death is not None and self.death.withdrawn_on is None

    def accused_on(self, day: date) -> frozenset[StaffId]:
        """Members of staff of whom the customer alleges something that was not concluded by that day."""
        return frozenset(a.against for a in self.allegations if a.open_on(day))

    def evidence_of(self, item: str) -> tuple[str, ...]:
        """Ids of the evidence that shows a contact or an incident."""
        return tuple(e for e, of in self.evidence if of == item)

    # what is in force

    def in_force_on(self, day: date) -> tuple[Restriction, ...]:
        """Restrictions that are decided, begun and not over on that day."""
        return tuple(r for r in self.restrictions if r.in_force_on(day))

    def told_of(self, restriction: Restriction, measure: Measure) -> date | None:
        """The day from which the customer knows of a measure: its notice, or a conversation before it.

        A telling that was taken down later, and that no receipt shows, counts from the day on which it was. One that
        stood in an interim restriction already, and goes on unchanged, is known since it was told of there.
        """
        interim = self._known_from(restriction, measure)
        before = None if interim is None else self.told_of(interim, measure)
        return min((day for day in (before, self._told_itself(restriction, measure)) if day), default=None)

    def told_for(self, restriction: Restriction, measure: Measure, day: date) -> date | None:
        """As `told_of`, of what can be a breach on a day: what was told of some days only holds for no later ones.

        The end that an interim restriction told of is put off by its confirmation, and that has to be told as well.
        """
        interim = self._known_from(restriction, measure)
        if interim is not None and day > interim.ends_on:
            return self._told_itself(restriction, measure)
        return self.told_of(restriction, measure)

    def _told_itself(self, restriction: Restriction, measure: Measure) -> date | None:
        """When a measure was told as one of this restriction."""
        carried = self._known_from(restriction, measure) is not None
        about = (restriction.id, *restriction.changes) if carried else (measure.id.rpartition(".")[0],)
        letters = [n for one in about for n in self.notices_about(one, *TELLS_OF_MEASURES)]
        by_letter = min((n.held_from for n in letters if n.held_from and _says_measures(n)), default=None)
        by_telephone = restriction.told_late.get(measure.id) or restriction.told_on.get(measure.id)
        return min((day for day in (by_letter, by_telephone) if day), default=None)

    def _known_from(self, restriction: Restriction, measure: Measure) -> Restriction | None:
        """The interim restriction that a measure goes on from, where this one took its place."""
        interim = self.restriction(restriction.confirms) if restriction.confirms is not None else None
        if interim is None or not any(m.id == measure.id for stood in interim.sets for m in stood.measures):
            return None
        return interim

    def knows_of(self, restriction: Restriction) -> bool:
        """Whether the customer was ever told of a restriction, by a letter that went out or in conversation."""
        letters = self.notices_about(restriction.id, NoticeKind.DECISION)
        if restriction.told_on or any(n.sent_on is not None for n in letters):
            return True
        interim = self.restriction(restriction.confirms) if restriction.confirms is not None else None
        return interim is not None and self.knows_of(interim)

    def binding_on(self, day: date) -> Iterator[Binding]:
        """Measures in force on that day that the customer knows of: only these limit contact, and can be breached."""
        for restriction in self.in_force_on(day):
            for measure in restriction.measures_on(day):
                told = self.told_of(restriction, measure)
                if told is not None and told <= day:
                    yield Binding(restriction, measure, told)

    def untold_on(self, day: date) -> Iterator[tuple[Restriction, Measure]]:
        """Measures in force on that day that have still to be explained to the customer."""
        for restriction in self.in_force_on(day):
            for measure in restriction.measures_on(day):
                told = self.told_of(restriction, measure)
                if told is None or told > day:
                    yield restriction, measure

    # what is owed

    def unread(self) -> tuple[FiledItem, ...]:
        """What was filed and nobody has read yet, as far as it is this customer's."""
        theirs = {c.id for c in self.contacts if not c.moved}
        return tuple(item for item in self.filed if item.open and item.contact in theirs)

    def review_requests_open(self, day: date) -> tuple[ReviewRequest, ...]:
        """What the customer asked to be looked at and nobody answered; moot once the restriction is over."""
        standing = {r.id for r in self.restrictions if not r.over_on(day)}
        return tuple(
            r for r in self.review_requests if r.by_customer and r.answered_on is None and r.restriction in standing
        )

    def passed_days(self, obligation: str) -> tuple[date, ...]:
        """The days by which something was owed, and on record as gone by."""
        return self.passed.get(obligation, ())

    def calls_owed(self, day: date) -> tuple[AgreedCall, ...]:
        """Agreed calls that the landlord missed and has not made up for, under what is in force on that day."""
        standing = {r.id for r in self.in_force_on(day)}
        made = {(c.restriction, c.slot, c.due_on) for c in self.agreed_calls if c.kept}
        return tuple(
            c
            for c in self.agreed_calls
            if c.by_landlord and c.restriction in standing and (c.restriction, c.slot, c.due_on) not in made
        )

    # what rules ask

    def standing_warnings(self, day: date) -> Iterator[tuple[WrittenWarning, date]]:
        """Warnings that were received by that day, are not withdrawn and have not lapsed, with the day of receipt.

        One that rests on what was moved to another person's case supports nothing, however long its letter counts.
        """
        gone = {i.id for i in self.incidents if i.moved}
        for warning in self.warnings:
            for notice in self.notices_about(warning.id, NoticeKind.WARNING):
                received = notice.received_on
                if warning.withdrawn or gone & {*warning.incidents} or received is None or received > day:
                    continue
                if notice.lapses_on is None or day <= notice.lapses_on:
                    yield warning, received

    def was_taken(self, code: str, by_day: date, *, since: date = date.min) -> bool:
        """Whether a step was taken between two days."""
        return any(s.code == code and since <= s.on <= by_day for s in self.steps)

    def open_appeals(self) -> tuple[Appeal, ...]:
        """Appeals that still wait for an outcome."""
        return tuple(a for a in self.appeals if a.open)

    def since_last_decision(self, day: date) -> date:
        """The day after the latest decision against the customer, or the latest end, before that day.

        What was considered for one decision does not carry over to the next; one that should never have been made
        counts as none, and one for a few days, which needs none of it, uses none of it up.
        """
        made = [r for r in self.restrictions if not (r.never_made or r.interim)]
        decided = [term.decided_on for r in made for term in r.terms]
        decided += [tightened for r in made for tightened in r.tightened_on]
        ended = [r.last_day() for r in made if r.over_on(day)]
        return max((last + timedelta(days=1) for last in (*decided, *ended) if last < day), default=date.min)


def _says_measures(notice: Notice) -> bool:
    """Whether a letter of a kind that has to say the measures did: one that does not say them tells nobody of them."""
    return notice.kind is NoticeKind.APPEAL_OUTCOME or SAYS_MEASURES in notice.contents
