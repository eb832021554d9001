"""How long records are kept: for each class of a case's records, from when they may go, and what still stops it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, assert_never

from domain.baseline import Baseline, ClockStart
from domain.calendar import Period, last_day
from domain.case import Case
from domain.codes import NoticeKind, RecordClass, SubjectId
from domain.owed_letters import letters_owed
from domain.personal import KeyClass
from domain.policy import Policy

# Which data keys of the case the texts of a class are sealed under. Classes that share one go together.
KEYS: Final[Mapping[RecordClass, tuple[KeyClass, ...]]] = MappingProxyType(
    {
        RecordClass.CONTACTS: (KeyClass.CONTACT, KeyClass.THIRD_PARTY),
        RecordClass.WARNINGS: (KeyClass.DECISION, KeyClass.NOTICE),
        RecordClass.RESTRICTIONS: (KeyClass.DECISION, KeyClass.NOTICE),
        RecordClass.NOT_RESTRICTED: (KeyClass.DECISION, KeyClass.NOTICE),
        RecordClass.SAFETY: (KeyClass.SAFETY,),
        RecordClass.ADJUSTMENTS: (KeyClass.ADJUSTMENT,),
        RecordClass.EVIDENCE: (KeyClass.EVIDENCE,),
    }
)
# Every data key that a case has; the directory's belongs to the person.
OF_A_CASE: Final = tuple(each for each in KeyClass if each is not KeyClass.DIRECTORY)


@dataclass(frozen=True, slots=True)
class Stop:
    """Something in force, open, owed or held for which records stay: a name for the rule, and what it is in words."""

    rule: str
    says: str


@dataclass(frozen=True, slots=True)
class Clock:
    """One class of a case's records: `from_on` is the first day on which they may go, None while it does not run."""

    records: RecordClass
    period: str
    started_on: date | None
    from_on: date | None
    clause: str
    because: str
    goes_with: RecordClass  # itself, or the class that it is kept as long as
    stopped_by: tuple[Stop, ...]

    def ran_out(self, day: date) -> bool:
        """Whether the time of these records is over on that day, whatever may still stop it."""
        return self.from_on is not None and self.from_on <= day


def due(case: Case, policy: Policy, baseline: Baseline, today: date) -> tuple[Clock, ...]:
    """The clock of each class of records that the case has and that was not disposed of, in the order of the classes.

    Nothing is stopped by a date that lies ahead: asked for a day to come, it says what is known by now.
    """
    there = kept_in(case)
    generally = tuple(stops(case, today))
    adjusted = tuple(adjustment_stops(case, today))
    own = {records: _own_clock(records, case, policy, baseline) for records in there}
    clocks = []
    for records in there:
        period, started, _, clause, because = own[records]
        together = {records, *sharing_keys(records, there)}
        together |= {other for one in together for other in baseline.retention[one].rested_on_by if other in there}
        goes_with = max((records, *together), key=lambda one: own[one][2] or date.max)
        last = own[goes_with][2]
        clocks.append(
            Clock(
                records=records,
                period=str(period),
                started_on=started,
                from_on=None if last is None else last + timedelta(days=1),
                clause=clause,
                because=because,
                goes_with=goes_with,
                stopped_by=generally + (adjusted if records is RecordClass.ADJUSTMENTS else ()),
            )
        )
    return tuple(clocks)


def kept_in(case: Case) -> tuple[RecordClass, ...]:
    """The classes of which the case has records that were not disposed of; contacts are the case itself."""
    if case.stage == "unknown" or erased_whole(case):
        return ()
    gone = disposed_of(case)
    return tuple(records for records in RecordClass if records not in gone and _has(case, records))


def disposed_of(case: Case) -> frozenset[RecordClass]:
    """The classes whose disposal was agreed to."""
    return frozenset(records for disposal in case.disposals if disposal.approved for records in disposal.classes)


def erased_whole(case: Case) -> bool:
    """Whether everything of the customer was erased."""
    return any(erasure.person == case.person and not erasure.classes for erasure in case.erasures)


def destroyed(case: Case) -> frozenset[KeyClass]:
    """The classes of the customer's words that nothing can be written under in this case any more."""
    if erased_whole(case):
        return frozenset(KeyClass)
    return frozenset(key for erasure in case.erasures if erasure.person == case.person for key in erasure.classes)


def sharing_keys(records: RecordClass, there: Sequence[RecordClass]) -> tuple[RecordClass, ...]:
    """The other classes of `there` that are sealed under a key of this one, so that they can only go together."""
    return tuple(other for other in there if other is not records and set(KEYS[other]) & set(KEYS[records]))


def third_parties(case: Case) -> tuple[SubjectId, ...]:
    """Other people whom the case speaks of, each once."""
    named = [person for incident in case.incidents for person in (incident.other_person, incident.conduct_of)]
    named += [speaks.person for speaks in case.representatives]
    named += [m.third_party for r in case.restrictions for s in r.sets for m in s.measures]
    own = case.persons()
    return tuple(dict.fromkeys(person for person in named if person is not None and person not in own))


def stops(case: Case, today: date, *, but_for: str | None = None) -> Iterator[Stop]:
    """Whatever of the case is in force, open, owed or held; `but_for` is a rights request that does not count."""
    if case.stage != "closed":
        yield Stop("case_open", "The case is open; close it first.")
    for restriction in case.restrictions:
        if not restriction.over_on(today):
            yield Stop("still_in_force", f"{restriction.id} is in force until {restriction.ends_on}.")
        for told in restriction.still_told(today):
            yield Stop("removal_owed", f"{restriction.id}: {told.key} has still to be undone.")
    to_send = list(letters_owed(case, today))
    for kind, about in to_send:  # its reasons are sealed words, and the letter is written from them
        if kind is NoticeKind.APPEAL_OUTCOME:
            yield Stop("letter_owed", f"The customer has still to be told what came of {about}.")
    for wrong in case.restrictions:
        owed = (NoticeKind.ENDING, wrong.id) in to_send
        if owed and wrong.wrong_on is not None and case.knows_of(wrong):
            yield Stop("letter_owed", f"The customer has still to be told that {wrong.id} should never have been made.")
    for warning in case.safety:
        if not warning.over_on(today):
            yield Stop("safety_warning", f"{warning.id} stands until {warning.expires_on}.")
        for told in warning.still_told(today):
            yield Stop("removal_owed", f"{warning.id}: {told.key} has still to be undone.")
    open_items: list[tuple[str, str, Iterator[str]]] = [
        ("proposal_open", "waits for a decision", (p.id for p in case.proposals if p.open)),
        ("appeal_open", "waits for an outcome", (a.id for a in case.open_appeals())),
        ("complaint_open", "is still looked into", (c.id for c in case.complaints if c.open)),
        ("ombudsman_case", "waits for the ombudsman", (o.id for o in case.ombudsman if o.open)),
        ("allegation_open", "has still to be looked into", (a.id for a in case.allegations if a.concluded_on is None)),
        ("filed_unread", "has still to be read", (f.contact for f in case.filed if f.open)),
        ("merge_unsettled", "has conflicts that somebody has to settle", (m.id for m in case.merges if m.unsettled)),
        ("legal_hold", "holds everything until it is released", (h.id for h in case.holds if h.open)),
        ("rights_request", "waits for its answer", (r.id for r in case.rights if r.open and r.id != but_for)),
    ]
    for rule, says, ids in open_items:
        for one in ids:
            yield Stop(rule, f"{one} {says}.")


def stops_of_another(case: Case, person: SubjectId, today: date) -> Iterator[Stop]:
    """What somebody of whom the case merely speaks does for the customer there, and whatever holds the case."""
    for speaks in case.representatives:
        if speaks.person == person and speaks.speaks_on(today):
            yield Stop("still_in_force", f"{speaks.id} speaks for the customer{_and_then(speaks.last_day, today)}")
    for restriction in case.restrictions:  # one that an appeal lets rest goes on afterwards
        if not restriction.over_on(today) and any(m.third_party == person for m in restriction.sets[-1].measures):
            yield Stop("still_in_force", f"{restriction.id} sends contact through this person.")
    for hold in case.holds:
        if hold.open:
            yield Stop("legal_hold", f"{hold.id} holds everything.")


def _and_then(last_day: date | None, today: date) -> str:
    """How long that lasts, and what to do about it: on its last day nothing but to wait."""
    if last_day == today:
        return " until the end of today."
    return ": end that first." if last_day is None else f" until {last_day}: end that first, or wait."


def adjustment_stops(case: Case, today: date) -> Iterator[Stop]:
    """Adjustments that are given or asked for: they outlive restrictions, and nobody has to ask for them again."""
    for adjustment in case.adjustments:
        if adjustment.open:
            yield Stop("adjustment", f"{adjustment.id} waits for an answer.")
        elif adjustment.agreed and (adjustment.ended_on is None or today <= adjustment.ended_on):
            yield Stop("adjustment", f"{adjustment.id} is in force.")
    for instruction in case.safe_contacts:
        if instruction.last_day is None or today <= instruction.last_day:
            yield Stop("adjustment", f"{instruction.id} says how the customer is reached without harm.")


# The period, the day that it runs from, its last day, the clause and the reason.
_Own = tuple[Period, date | None, date | None, str, str]


def _own_clock(records: RecordClass, case: Case, policy: Policy, baseline: Baseline) -> _Own:
    kept = baseline.retention[records]
    said = next((said for said in policy.retention.values() if records in said.of), None)
    period, clause, because = kept.period, f"baseline 16 ({kept.source})", kept.because
    if said is not None and said.period is not None:
        period, clause, because = said.period, said.cited, said.says
    started = _started(kept.runs_from, case)
    return period, started, None if started is None else last_day(started, period, policy.nation), clause, because


def _started(start: ClockStart, case: Case) -> date | None:
    match start:
        case ClockStart.CASE_CLOSED:
            return case.closed_on
        case ClockStart.LAST_RESTRICTION_OVER:
            return max((r.last_day() for r in case.restrictions), default=None)
        case ClockStart.LAST_WARNING:
            return max((w.issued_on for w in case.warnings), default=None)
        case ClockStart.LAST_DECISION_NOT_TO_RESTRICT:
            return max((p.decided_on or p.proposed_on for p in case.proposals), default=None)
        case ClockStart.LAST_SAFETY_WARNING_OVER:
            return max((_safety_over(case)), default=case.closed_on)
        case ClockStart.LAST_ADJUSTMENT_OVER:
            return _adjustments_over(case)
        case _:
            assert_never(start)


def _safety_over(case: Case) -> list[date]:
    """The last day of each safety warning."""
    return [w.declined_on or w.last_day() for w in case.safety]


def _adjustments_over(case: Case) -> date | None:
    """The day on which the last adjustment ended or was answered with no; not before the case was closed."""
    if case.closed_on is None or any(a.agreed and a.ended_on is None for a in case.adjustments):
        return None
    days = [a.ended_on or a.decided_on for a in case.adjustments]
    return max([case.closed_on, *(day for day in days if day is not None)])


def _has(case: Case, records: RecordClass) -> bool:
    match records:
        case RecordClass.CONTACTS:
            return True
        case RecordClass.WARNINGS:
            return bool(case.warnings)
        case RecordClass.RESTRICTIONS:
            return bool(case.restrictions)
        case RecordClass.NOT_RESTRICTED:
            return bool(case.proposals) and not case.restrictions
        case RecordClass.SAFETY:
            return bool(case.safety or case.urgent)
        case RecordClass.ADJUSTMENTS:
            considered = any(step.code in _CONSIDERED for step in case.steps)
            return bool(case.adjustments or case.safe_contacts) or considered
        case RecordClass.EVIDENCE:
            return bool(case.evidence)
        case _:
            assert_never(records)


_CONSIDERED: Final = frozenset({"mitigation", "equality_duty", "support"})
