"""The use cases of one landlord: read a history, decide on what it adds up to, and append what follows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, NoReturn, TypeVar
from uuid import uuid4

from application.ports import (
    Beside,
    Clock,
    Conflict,
    EventLog,
    KeyDestroyed,
    MintEventId,
    Policies,
    Receipt,
    RequestKey,
)
from application.recall import Recall
from application.stamping import (
    answer_of,
    conflicts_told,
    filing_told,
    lacking_told,
    shown_answer,
    split,
    stamped,
    told_against,
)
from application.streams import case_id, is_stream_id, landlord_stream
from domain.calendar import london_date
from domain.case import Case
from domain.codes import CaseId, StaffId, SubjectId, SubjectKind
from domain.decisions import AnyCommand, CaseCommand, LandlordCommand, Refused, Situation, decide
from domain.decisions.entries import DecideEntryDisposal, ProposeEntryDisposal
from domain.decisions.importing import ImportRestriction
from domain.decisions.intake import ConfirmContact, LogContact, OpenCase
from domain.decisions.judgement import impossible
from domain.decisions.landlord import AdoptPolicy
from domain.decisions.letters import PrepareLetter
from domain.decisions.notices import TellByTelephone
from domain.decisions.retention import ErasePerson
from domain.decisions.support import DecideAdjustment
from domain.entries import Entry
from domain.events import SYSTEM, Event, PersonErased, PolicyRef, RestrictionImported
from domain.evolve import fold
from domain.landlord import Landlord, fold_landlord
from domain.personal import KeyClass
from domain.policy_file import PolicyFile
from domain.retention import erased_whole

T = TypeVar("T")

# How often a command is decided in all when others keep writing to the same case first. Each time somebody else
# got through, so this many of them were faster, one after the other.
TRIES: Final = 10


# To whoever merges two records, or moves an entry, where one of the people has no case that could say so.
THERE_IS_NONE: Final = (
    "There is no other case of this id. Somebody of whom nothing was taken down has no case yet: log their first "
    "contact, or open one with POST /v1/cases."
)


class NotFound(Exception):
    """This landlord has nothing by that id; whether another one has is not said."""


class Stale(Exception):
    """The case is not at the version that the caller had read; `current` is where it is now."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the case is at version {current}: read it again and decide on what it says now")
        self.current = current


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is to be appended, and the answer that its caller gets."""

    events: Sequence[Event]
    answer: dict[str, object]
    unchanged: Mapping[str, int] = field(default_factory=dict)  # what it rests on, as it was read


@dataclass(frozen=True, slots=True)
class _Walked:
    """The ordinal of a person's open case and that case, or of the next one to open and None.

    `kept` is the record that is kept for the person, another one once theirs was merged into it; `erased` says whether
    theirs is erased on record, by the version of the last case in `seen`.
    """

    ordinal: int
    latest: Case | None
    kept: SubjectId
    erased: bool
    seen: Mapping[str, int]


class Desk:
    """One landlord's cases and its own stream. Safe to share between threads; `recall` spares it folding twice.

    What one case says of another person goes through `reseal` of what is `beside` into that person's; without it, it
    goes as it is. Its `entries` tell of people without a case; without it, the directory has nobody.
    """

    def __init__(
        self,
        landlord: str,
        log: EventLog,
        policies: Policies,
        clock: Clock,
        mint: MintEventId,
        recall: Recall | None = None,
        beside: Beside | None = None,
    ) -> None:
        self._recall = recall or Recall()
        self._beside = beside or Beside()
        self._landlord = Landlord()
        self.landlord = landlord
        self._stream = landlord_stream(landlord)
        self._log = log
        self._policies = policies
        self._clock = clock
        self._mint = mint

    # Commands

    def execute(
        self,
        case: CaseId,
        command: CaseCommand,
        actor: StaffId,
        *,
        if_match: int | None = None,
        request: RequestKey | None = None,
    ) -> Receipt:
        """Carry out a command on a case. A `request` that was accepted before gets its first answer.

        Without `if_match`, somebody else's write in between means deciding again on the new history. Raises
        `NotFound`, `Stale`, `Refused`, and `Conflict` when others were faster time and again; from the log
        `KeyReused` and `KeyDestroyed`.
        """

        def draft() -> _Draft:
            now = self.case(case)
            if if_match is not None and if_match != now.version:
                raise Stale(now.version)
            if isinstance(command, OpenCase):
                raise Refused([impossible("opened_once", "This case was opened; the person's next one is another.")])
            return self._decided(case, command, now, actor)

        return self._appended(draft, request)

    def consider(self, case: CaseId, command: CaseCommand, actor: StaffId) -> None:
        """Decide as `execute` would now, and write nothing. Raises `NotFound` and `Refused`."""
        self._decided(case, command, self.case(case), actor)

    def log_contact(
        self,
        person: SubjectId | None,
        command: LogContact,
        actor: StaffId,
        *,
        kind: SubjectKind = SubjectKind.UNKNOWN,
        household: str | None = None,
        request: RequestKey | None = None,
        enter: Callable[[], SubjectId] | None = None,
    ) -> Receipt:
        """Take a contact down in the person's open case, or in a new one that this opens; no `person` is a stranger.

        Of a person whose record was merged into another, that is the open case of the record that was kept; what was
        to be filed goes to the case of the measure that files it.
        A stranger gets a subject id of their own: from `enter`, which writes somebody down whom it does not find, and
        is asked only once nothing stands in the way of the contact. Raises as `execute` does.
        """

        def draft() -> _Draft:
            if person is not None:
                there = self._where_it_is_filed(person, command)
                if there is not None:
                    return self._decided(there.id, command, there, actor, person=there.person)
                return self._in_open_case(person, command, actor, kind, household)
            stranger = self._in_open_case(SubjectId(str(uuid4())), command, actor, kind, household)
            return stranger if enter is None else self._in_open_case(enter(), command, actor, kind, household)

        return self._appended(draft, request)

    def bring_along(
        self, person: SubjectId, command: ImportRestriction, *, request: RequestKey | None = None
    ) -> Receipt:
        """Take a restriction over from a register, in the person's open case or in a new one that this opens.

        The service does it, on behalf of whoever runs it. The answer says which days it has and what was missing.
        Raises as `log_contact` does.
        """
        return self._appended(lambda: self._brought(person, command), request)

    def try_to_bring_along(
        self, person: SubjectId | None, command: ImportRestriction, request: RequestKey | None = None
    ) -> Receipt | Mapping[str, object]:
        """What `bring_along` would answer now, and nothing is written; the receipt if it was taken before.

        No `person` is somebody whom nobody has entered yet.

        Raises `Refused` and `KeyDestroyed`.
        """
        if request is not None and (known := self._log.accepted(request)):
            return shown_answer(known)
        return self._brought(person or SubjectId(str(uuid4())), command).answer

    def open_case(
        self, person: SubjectId, command: OpenCase, actor: StaffId, *, request: RequestKey | None = None
    ) -> Receipt:
        """Open the person's next case; whose it is and which one is not the command's to say. Raises as `execute`.

        That of a record which was merged into another is opened under the record that was kept.
        """

        def draft() -> _Draft:
            kept, ordinal, latest, seen = self._current(person)
            if latest is not None:
                asks = f"This person's case {latest.id} is open; go on with that one."
                raise Refused([impossible("one_open_case", asks, "person")])
            opening = command.model_copy(update={"person": kept, "ordinal": ordinal})
            landlord, unchanged = self._nobody_erased(kept, seen)
            case = case_id(self.landlord, kept, ordinal)
            drafted = self._decided(case, opening, Case(), actor, person=kept, landlord=landlord)
            return replace(drafted, unchanged=unchanged)

        return self._appended(draft, request)

    def manage(self, command: LandlordCommand, actor: StaffId, *, request: RequestKey | None = None) -> Receipt:
        """Carry out a command on the landlord itself: posts and policies. Raises as `execute` does."""
        return self._appended(lambda: self._managed(command, actor), request)

    def check(self, command: LandlordCommand, actor: StaffId) -> None:
        """Decide as `manage` would now, and write nothing. Raises `Refused`."""
        self._managed(command, actor)

    # Questions

    def case(self, case: CaseId, *, known_at: datetime | None = None) -> Case:
        """The case as its history tells it, or as far as it was known at an instant. Raises `NotFound`."""
        if known_at is not None:
            return fold(self.history(case, known_at=known_at))
        self._refuse_no_case(case)
        now = self._recall.case(self._log, case)
        return now if now.version else self._not_found(case)

    def history(self, case: CaseId, *, known_at: datetime | None = None) -> list[Event]:
        """The events of a case, or those that were recorded by an instant. Raises `NotFound`, also before the first."""
        self._refuse_no_case(case)
        upto = None if known_at is None else self._log.position_at(known_at)
        return self._log.history(case, upto=upto) or self._not_found(case)

    def open_case_of(self, person: SubjectId) -> CaseId | None:
        """The person's case that is not closed; there is at most one."""
        _, latest = self._latest(person)
        return None if latest is None else latest.id

    def kept_record(self, person: SubjectId) -> SubjectId:
        """The record under which the person's contacts and cases go: another one once theirs was merged into it."""
        return self._walked(person).kept

    def cases_of(self, person: SubjectId) -> list[CaseId]:
        """Every case that the person ever had with this landlord, the first one first."""
        ordinal, latest = self._latest(person)
        return [case_id(self.landlord, person, n) for n in range(1, ordinal + (latest is not None))]

    def others_of(self, case: Case, *, known_at: datetime | None = None) -> tuple[Case, ...]:
        """The customer's other cases under every id that they have, as far as they were known at an instant."""
        known = self._under_every_id(case.persons(), known_at)
        return tuple(other for other in known if other.id != case.id)

    def state(self) -> Landlord:
        """The landlord as its own stream tells it."""
        # What was folded before stands, as events are only ever added; at worst two threads fold the same ones.
        known = self._landlord
        since = self._log.history(self._stream, since=known.version + 1)
        if since:
            self._landlord = known = fold_landlord(since, onto=known)
        return known

    def last_state(self) -> Landlord:
        """The landlord as it was when somebody last asked for its state; asks nobody."""
        return self._landlord

    def landlord_history(self) -> list[Event]:
        """The landlord's own events, in order."""
        return self._log.history(self._stream)

    def entries(self, persons: Collection[SubjectId]) -> Mapping[SubjectId, Entry]:
        """These entries of the directory, with their people's cases and others that name them; reads the whole log."""
        look_up, entries = self._beside.entries, dict[SubjectId, Entry]()
        found = {} if look_up is None or not persons else look_up(persons)
        for person, entry in found.items():
            own = self.cases_of(person)
            named_in = [self.case(case) for case in sorted(entry.named_in - {*own, self._stream})]
            entries[person] = Entry(
                person=person,
                made_on=entry.made_on,
                erased=entry.erased,
                own_cases=tuple(own),
                named_in=tuple(named_in),
            )
        return entries

    def policy_of(self, ref: PolicyRef) -> PolicyFile:
        """The very file that something was decided under. Raises `NotFound` when it is not at hand any more."""
        file = self._policies.file(ref.effective) if ref.landlord == self.landlord else None
        if file is None or file.sha256 != ref.sha256:
            self._not_found(f"policy effective {ref.effective}")
        return file

    def policy_on(self, day: date) -> PolicyFile:
        """The adopted policy that applied on a day. Raises `NotFound` when there was none."""
        ref = self.state().policy_on(day)
        return self._not_found(f"policy on {day}") if ref is None else self.policy_of(ref)

    # How it is done

    def _appended(self, draft: Callable[[], _Draft], request: RequestKey | None) -> Receipt:
        """Decide and append; anew with fresh ids, and so fresh seals, whenever somebody else was faster."""
        lost = Conflict("nothing was tried")
        for _ in range(TRIES):
            if request is not None and (known := self._log.accepted(request)):
                return shown_answer(known)
            try:
                drafted = draft()
                receipt = self._log.append(
                    drafted.events, request=request, answer=drafted.answer, unchanged=drafted.unchanged
                )
                # A log keeps answers to requests alone; of a repeated one the first answer counts, not this.
                return shown_answer(receipt if receipt.repeated else replace(receipt, answer=drafted.answer))
            except Conflict as conflict:
                lost = conflict
            except (Refused, Stale, NotFound):
                # The very same request may have been accepted while this one was on its way.
                if request is None or (known := self._log.accepted(request)) is None:
                    raise
                return shown_answer(known)
        raise lost

    def _decided(
        self,
        stream: CaseId,
        command: CaseCommand,
        case: Case,
        actor: StaffId,
        *,
        after: Sequence[Event] = (),
        person: SubjectId | None = None,
        landlord: Landlord | None = None,
    ) -> _Draft:
        """The events that follow from a command, behind those in `after` that the same append begins with.

        `landlord` is there when it was read just now.
        """
        touched = command.touches()
        other = None if touched is None else self._other(stream, touched)
        situation, policy = self._situation(command, case, landlord or self.state(), actor, other)
        if command.asks_of_others:
            situation = replace(situation, others=self._others(command, case, other))
        if isinstance(command, ErasePerson) and command.person is not None:
            situation = replace(situation, entries=self.entries([SubjectId(command.person)]))
        if command.asks_of_record:
            record = self._log.history(stream)
            situation = replace(situation, record=[event for event in record if event.version <= case.version])
        decision = decide(command, situation)
        beside = (*(() if other is None else (other,)), *situation.others)
        following = stamped(decision, self._mint, stream, case.version, actor, policy, beside)
        if other is not None and self._beside.reseal is not None:
            elsewhere, rest = split(following, other.id)
            following = [*rest, *self._beside.reseal(elsewhere, other.person, case, actor)]
        if isinstance(command, ErasePerson) and command.person is not None:
            following = [*following, *self._on_landlords_record(following, stream, situation.landlord)]
        events = (*after, *following)
        answer = answer_of("case", stream, events)
        if isinstance(command, ConfirmContact):
            answer["filing"] = filing_told(command, events)
        if isinstance(command, DecideAdjustment) and command.agreed:
            answer["conflicts"] = conflicts_told(command, case, following, situation)
        if isinstance(command, PrepareLetter):
            answer["lacks"] = lacking_told(command, situation)
        if isinstance(command, TellByTelephone) and (against := told_against(command, situation)):
            answer["went_against"] = against
        unchanged = self._still_without(following, (case, *situation.others))
        return _Draft(events, answer if person is None else {**answer, "person": person}, unchanged)

    def _other(self, stream: CaseId, touched: CaseId) -> Case:
        """The second case of a command that touches two. Raises `Refused` when it is the same or not there."""
        if touched == stream:
            raise Refused([impossible("two_cases", "The other case has to be another one.", "other_case")])
        try:
            return self.case(touched)
        except NotFound:
            raise Refused([impossible("unknown_case", THERE_IS_NONE, "other_case")]) from None

    def _others(self, command: CaseCommand, case: Case, touched: Case | None) -> tuple[Case, ...]:
        """The customer's other cases, those of records that were merged with theirs included, and those beside the
        second case of a command that touches two.
        """
        whose = (*command.whose_cases(case), *(() if touched is None else command.whose_cases(touched)))
        there = {case.id} if touched is None else {case.id, touched.id}
        return tuple(other for other in self._under_every_id(whose) if other.id not in there)

    def _under_every_id(self, persons: Iterable[SubjectId], known_at: datetime | None = None) -> Iterator[Case]:
        """The cases of these people, and of the records that one of those was merged with: a merge stands in one case
        of each record, and a later case names none.
        """
        known = list(dict.fromkeys(persons))
        for person in known:  # grows while records turn out to be merged with one another
            for other in self.cases_of(person):
                case = self._known(other, known_at)
                if case.version:
                    known += [merged for merged in case.persons() if merged not in known]
                    yield case

    def _brought(self, person: SubjectId, command: ImportRestriction) -> _Draft:
        # The policy is the one that applied when it was decided, or when it began where nobody knows that.
        command = command.model_copy(update={"on": command.decided_on or command.starts_on})
        drafted = self._in_open_case(person, command, SYSTEM, SubjectKind.UNKNOWN, command.household)
        fact = drafted.events[-1].fact
        if not isinstance(fact, RestrictionImported):
            raise TypeError("a restriction that is brought along is the last of its facts")
        told = {"restriction": fact.restriction, "starts_on": str(fact.starts_on), "ends_on": str(fact.ends_on)}
        return _Draft(drafted.events, {**drafted.answer, **told, "missing": [*fact.missing]})

    def _in_open_case(
        self,
        person: SubjectId,
        command: LogContact | ImportRestriction,
        actor: StaffId,
        kind: SubjectKind,
        household: str | None,
    ) -> _Draft:
        """The events that take something down in the person's open case, or open one for it."""
        person, ordinal, latest, seen = self._current(person)
        case = case_id(self.landlord, person, ordinal)
        if latest is not None:
            return self._decided(case, command, latest, actor, person=person)
        opening = OpenCase(person=person, kind=kind, household=household, ordinal=ordinal)
        landlord, unchanged = self._nobody_erased(person, seen)
        opened = self._decided(case, opening, Case(), actor, landlord=landlord)
        begun = fold(opened.events)
        drafted = self._decided(case, command, begun, actor, after=opened.events, person=person, landlord=landlord)
        return replace(drafted, unchanged=unchanged)

    def _nobody_erased(self, person: SubjectId, seen: Mapping[str, int]) -> tuple[Landlord, Mapping[str, int]]:
        """The landlord, and what the opening of a case rests on: that no erasure of the person came in between.

        Whoever has a case is erased on record in the last one, which was `seen`; whoever has none is in the landlord's
        own stream. Raises `KeyDestroyed`.
        """
        landlord = self.state()
        if person in landlord.erased:
            raise KeyDestroyed(person, KeyClass.CONTACT)
        return landlord, {**seen, self._stream: landlord.version}

    def _still_without(self, events: Iterable[Event], known: Collection[Case] = ()) -> Mapping[str, int]:
        """What the erasure of somebody rests on: that they have no case but those `known`, which say so themselves."""
        gone = [e.fact.person for e in events if isinstance(e.fact, PersonErased) and not e.fact.classes]
        following = ((person, 1 + sum(case.person == person for case in known)) for person in dict.fromkeys(gone))
        return {case_id(self.landlord, person, ordinal): 0 for person, ordinal in following}

    def _on_landlords_record(self, events: Iterable[Event], case: CaseId, landlord: Landlord) -> Iterator[Event]:
        """An erasure of somebody without a case once more in the landlord's own stream: whoever opens their first case
        looks there, and cannot know which case of another person's they were erased in.
        """
        version = landlord.version
        for event in events:
            if isinstance(event.fact, PersonErased):
                version += 1
                fact = replace(event.fact, because=f"{event.fact.because} of case {case}")
                yield replace(event, event_id=self._mint(), stream=self._stream, version=version, fact=fact)

    def _where_it_is_filed(self, person: SubjectId, command: LogContact) -> Case | None:
        """The open case of the measure that a contact is to be filed under, while it is this person's."""
        if not isinstance(command, ConfirmContact):
            return None
        case = self._recall.case(self._log, CaseId(command.advised_in))
        theirs = case.version and self.kept_record(case.person) == self.kept_record(person)
        return case if theirs and case.stage != "closed" else None

    def _managed(self, command: LandlordCommand, actor: StaffId) -> _Draft:
        landlord = self.state()
        if isinstance(command, AdoptPolicy):
            self._refuse_unknown_file(command)
        situation, policy = self._situation(command, Case(), landlord, actor)
        if isinstance(command, ProposeEntryDisposal | DecideEntryDisposal):
            situation = replace(situation, entries=self.entries(command.whose_entries(landlord)))
        decision = decide(command, situation)
        events = stamped(decision, self._mint, self._stream, landlord.version, actor, policy)
        return _Draft(events, answer_of("landlord", self.landlord, events), self._still_without(events))

    def _situation(
        self, command: AnyCommand, case: Case, landlord: Landlord, actor: StaffId, other: Case | None = None
    ) -> tuple[Situation, PolicyRef]:
        now = self._clock.now()
        ref = self._adopted(landlord, command, london_date(now))
        baseline = self._policies.baseline
        situation = Situation(
            case=case,
            landlord=landlord,
            policy=self.policy_of(ref).policy,
            baseline=baseline.baseline,
            now=now,
            actor=actor,
            other=other,
        )
        # The baseline may be a later release's than when the policy was adopted: the one that decides is named.
        return situation, replace(ref, baseline_sha256=baseline.sha256)

    def _adopted(self, landlord: Landlord, command: AnyCommand, today: date) -> PolicyRef:
        day = command.on or today
        ref = landlord.policy_on(day)
        if ref is None and isinstance(command, LandlordCommand | ImportRestriction):
            # Posts are given before the first policy takes effect, too; the roles are that policy's. What was decided
            # before it is looked at under it, and says that it was.
            ref = min(landlord.policies, key=lambda adopted: adopted.effective, default=None)
        if ref is None:
            asks = f"This landlord had adopted no policy that applied on {day}; one has to be adopted first."
            raise Refused([impossible("policy_adopted", asks)])
        return ref

    def _refuse_unknown_file(self, command: AdoptPolicy) -> None:
        """A policy is adopted from a file that is at hand, to the byte, beside the baseline of this release."""
        file = self._policies.file(command.effective)
        offered = (command.sha256, command.baseline_sha256)
        if file is None or offered != (file.sha256, self._policies.baseline.sha256):
            known = ", ".join(f"{known.effective} ({known.sha256})" for known in self._policies.files())
            baseline = self._policies.baseline.sha256
            asks = f"No file of these hashes is at hand; there are {known}, and the baseline is {baseline}."
            raise Refused([impossible("policy_at_hand", asks, "sha256")])

    def _current(self, person: SubjectId) -> tuple[SubjectId, int, Case | None, Mapping[str, int]]:
        """Under which record new things of a person are written, with what `_latest` says of that record.

        Last the closed cases that say that nobody was erased, by their versions. Raises `KeyDestroyed` for somebody who
        is erased on record: the keys that are still there will not be for long.
        """
        walked = self._walked(person)
        kept, seen = walked.kept, walked.seen
        if kept != person:
            walked = self._walked(kept)
            seen = {**seen, **walked.seen}
        if walked.erased:
            raise KeyDestroyed(kept, KeyClass.CONTACT)
        return kept, walked.ordinal, walked.latest, seen

    def _latest(self, person: SubjectId) -> tuple[int, Case | None]:
        """The ordinal of the person's open case and that case, or of the next one to open and None."""
        walked = self._walked(person)
        return walked.ordinal, walked.latest

    def _walked(self, person: SubjectId) -> _Walked:
        """A person's cases, one after the other.

        No record is merged into two others, and none into one that was merged away (`domain.decisions.merging`).
        """
        ordinal, kept, erased, seen = 1, person, False, dict[str, int]()
        while (case := self._recall.case(self._log, case_id(self.landlord, person, ordinal))).version:
            if case.kept_record() != person:
                kept = case.kept_record()
            if case.stage != "closed":
                return _Walked(ordinal, case, kept, erased=False, seen={})
            ordinal, erased, seen = ordinal + 1, erased_whole(case), {case.id: case.version}
        return _Walked(ordinal, None, kept, erased, seen)

    def _known(self, case: CaseId, known_at: datetime | None) -> Case:
        """A case as far as it was known at an instant; version 0 when nobody had heard of it then."""
        try:
            return self.case(case, known_at=known_at)
        except NotFound:
            return Case()

    def _refuse_no_case(self, case: CaseId) -> None:
        if not is_stream_id(case) or case == self._stream:
            self._not_found(case)

    def _not_found(self, what: str) -> NoReturn:
        raise NotFound(f"{self.landlord} has no {what}")
