"""A landlord in memory, for tests that read as sentences: everybody in post, a clock that is set, one case.

`World` decides and folds with the domain alone: no database, no HTTP. `Road` walks the main road of a case under any
policy, doing what that policy asks before each step, so that a test says only what it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

import pytest

from domain.calendar import DeliveryMethod, london_datetime, start_of_day
from domain.case import Case
from domain.codes import (
    Answer,
    Channel,
    Effect,
    LetterFormat,
    Mitigation,
    NoticeKind,
    PanelView,
    Purpose,
    RoleCode,
    StaffId,
    SubjectId,
)
from domain.decisions import CaseCommand, Decision, Refused, Situation, decide
from domain.decisions.changes import ExtendRestriction
from domain.decisions.intake import (
    AttachEvidence,
    LogContact,
    OpenCase,
    RaiseConcern,
    RecordIncident,
    RecordIssueAnswered,
)
from domain.decisions.judgement import OverrideRequest, Violation
from domain.decisions.letters import PrepareLetter
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import SendNotice
from domain.decisions.proposals import ConfirmCheck, ProposeRestriction, RecordPanelView
from domain.decisions.restrictions import ApplyRestriction
from domain.decisions.steps import IssueWarning, OfferMeeting
from domain.decisions.support import ConsiderEqualityDuty, ConsiderMitigation
from domain.events import SYSTEM, Event, Fact, PolicyRef, PostAppointed
from domain.evolve import evolve
from domain.landlord import Absence, Landlord, fold_landlord
from domain.personal import Personal
from domain.policy import DecisionAsk, MeasureKind, Need, Parameter, Policy, StepCode
from tests.policies import baseline_file, policy_file

F = TypeVar("F")
PERSON = SubjectId("person-1")
CASE = "case-1"
START = date(2026, 3, 2)  # a Monday; the Easter of that year is 5 April


def staff(role: str) -> StaffId:
    """The member of staff who holds a role in every `World`."""
    return StaffId(f"staff-{role}")


def words(text: str = "in words") -> Personal:
    """A personal value; what it says can matter to nothing that is tested here."""
    return Personal(text)


@dataclass
class World:
    """One landlord with one case; `today` is a London date, commands happen at noon unless said otherwise."""

    landlord_id: str
    today: date = START
    clock: time = time(12, 0)
    stream: str = CASE
    history: list[Event] = field(default_factory=list)
    case: Case = field(default_factory=Case)
    landlord: Landlord = field(default_factory=Landlord)
    others: tuple[Case, ...] = ()  # what `asks_of_others` finds

    def __post_init__(self) -> None:
        """Everybody has held their post since 2015; nobody holds two."""
        self.file = policy_file(self.landlord_id)
        self.baseline = baseline_file()
        self.ref = PolicyRef(
            landlord=self.landlord_id,
            effective=self.file.effective,
            sha256=self.file.sha256,
            baseline_sha256=self.baseline.sha256,
        )
        for role in [*self.policy.roles, *self.baseline.baseline.roles]:
            self.appoint(staff(role), role)

    @property
    def policy(self) -> Policy:
        """The landlord's policy, from the folder that this run of the tests names."""
        return self.file.policy

    @property
    def now(self) -> datetime:
        """The instant of the next command."""
        return london_datetime(self.today, self.clock)

    def appoint(
        self,
        who: StaffId,
        role: str,
        since: date = date(2015, 1, 1),
        area: str | None = None,
        *,
        deputy: bool = False,
    ) -> None:
        """Puts somebody in a post."""
        fact = PostAppointed(
            tenure=f"tenure-{len(self.landlord.tenures) + 1}",
            role=RoleCode(role),
            staff=who,
            starts_on=since,
            area=area,
            deputy=deputy,
        )
        event = self.event(fact, start_of_day(since), staff("administrator"), None, self.landlord.version + 1)
        appointed = fold_landlord([event]).tenures
        self.landlord = replace(
            self.landlord, tenures=self.landlord.tenures + appointed, version=self.landlord.version + 1
        )

    def away(self, role: str, from_on: date, until: date | None = None) -> None:
        """Whoever holds a role, deputies aside, is absent from it."""
        tenures = [t.id for t in self.landlord.tenures if t.role == role and not t.deputy]
        known = self.landlord.absences
        away = tuple(Absence(f"absence-{n}", t, from_on, until) for n, t in enumerate(tenures, len(known) + 1))
        self.landlord = replace(self.landlord, absences=known + away)

    def situation(self, by: str, beside: World | None = None) -> Situation:
        """What `decide` is given when a role, a staff id or `SYSTEM` acts now; `beside` has the second case, if any."""
        return Situation(
            case=self.case,
            landlord=self.landlord,
            policy=self.policy,
            baseline=self.baseline.baseline,
            now=self.now,
            actor=StaffId(by) if by.startswith("staff-") or by == SYSTEM else staff(by),
            other=None if beside is None else beside.case,
            others=self.others,
            record=tuple(self.history),
        )

    def do(self, command: CaseCommand, by: str = "case_officer", beside: World | None = None) -> Decision:
        """Decides a command and folds what follows, here and in the case that it touches beside. Raises `Refused`."""
        decision = decide(command, self.situation(by, beside))
        actor = self.situation(by).actor
        for new in decision.facts:
            if new.within is not None:
                continue  # one of the others': nothing here looks at what becomes of them
            of = beside if new.elsewhere and beside is not None else self
            event = of.event(new.fact, new.effective_at, actor, decision.post, of.case.version + 1)
            event = replace(event, clauses=decision.clauses, overrides=decision.overrides)
            of.given(event)
        return decision

    def given(self, event: Event) -> None:
        """Adds an event to the history as it is."""
        self.history.append(event)
        self.case = evolve(self.case, event)

    def refused(self, command: CaseCommand, by: str = "case_officer", beside: World | None = None) -> list[Violation]:
        """The violations for which a command is refused; fails when it is not."""
        with pytest.raises(Refused) as refusal:
            decide(command, self.situation(by, beside))
        return list(refusal.value.violations)

    def rules(self, command: CaseCommand, by: str = "case_officer", beside: World | None = None) -> set[str]:
        """The names of the rules that stand in the way of a command."""
        return {v.rule for v in self.refused(command, by, beside)}

    def wait(self, days: int) -> None:
        """Lets days pass."""
        self.today += timedelta(days=days)

    def facts(self, kind: type[F]) -> list[F]:
        """Facts of a kind in the history, oldest first."""
        return [e.fact for e in self.history if isinstance(e.fact, kind)]

    def event(self, fact: Fact, effective_at: datetime, actor: StaffId, post: RoleCode | None, version: int) -> Event:
        """The next event of this history, as it would be recorded now."""
        return Event(
            event_id=f"event-{len(self.history) + 1}",
            stream=self.stream,
            version=version,
            fact=fact,
            effective_at=effective_at,
            actor=actor,
            post=post,
            policy=self.ref,
            position=len(self.history) + 1,
            recorded_at=self.now.astimezone(UTC),
        )


class Road:
    """The main road of a case under one policy, step by step; each step does what the policy asks before it.

    Every step takes keyword arguments that replace fields of its command, so that a test can do one thing otherwise.
    """

    def __init__(self, landlord: str, **world: Any) -> None:
        """Begins with nothing logged."""
        self.world = World(landlord, **world)

    @property
    def policy(self) -> Policy:
        """The policy of the world."""
        return self.world.policy

    # who

    def decider(self) -> str:
        """The role that decides."""
        return self.policy.decision.by.value[0]

    def warner(self) -> str:
        """A role that may warn."""
        by = self.policy.warning.by
        return by.value[-1] if by else "case_officer"

    def proposer(self) -> str:
        """A role that may ask for a restriction."""
        by = self.policy.proposal.by
        return by.value[0] if by else "case_officer"

    # steps

    def opened(self, person: SubjectId = PERSON) -> Road:
        """A case is opened."""
        self.world.do(OpenCase(person=person))
        return self

    def contact(self, **changes: Any) -> str:
        """A contact is logged today; its id."""
        fields: dict[str, Any] = {"channel": Channel.TELEPHONE, "summary": words(), "purpose": Purpose.ENQUIRY}
        self.world.do(LogContact(**{**fields, **changes}))
        return self.world.case.contacts[-1].id

    def ground(self, *, category: str | None = None) -> str:
        """A ground of the policy that needs nothing further, else the first, in a category when one is given."""
        grounds = {c: g for c, g in self.policy.grounds.items() if category in (None, g.category)}
        return next((c for c, g in grounds.items() if not g.needs), next(iter(grounds)))

    def incident(self, *grounds: str, with_evidence: bool = True, **changes: Any) -> str:
        """A contact today, recorded as an incident with what its grounds need, and evidence of it; its id."""
        used = grounds or (self.ground(),)
        needs = {n for g in used if g in self.policy.grounds for n in self.policy.grounds[g].needs}
        fields: dict[str, Any] = {
            "contact": self.contact(),
            "happened_on": self.world.today,
            "grounds": used,
            "account": words(),
            "timescale_given_on": self.world.today - timedelta(days=3) if Need.TIMESCALE_GIVEN in needs else None,
            "support_offered_on": self.world.today - timedelta(days=3) if Need.SUPPORT_OFFERED in needs else None,
            "exceptional_reason": words() if Need.EXCEPTIONAL_REASON in needs else None,
        }
        self.world.do(RecordIncident(**{**fields, **changes}))
        incident = self.world.case.incidents[-1].id
        if with_evidence:
            self.world.do(AttachEvidence(of=incident, kind="call_recording", description=words()))
        return incident

    def warned(self, *incidents: str, received: bool = True, **changes: Any) -> str:
        """A written warning on these incidents (a new one when none is given), sent by hand; its id."""
        fields: dict[str, Any] = {
            "incidents": incidents or (self.incident(),),
            "behaviour": words(),
            "change_asked": words(),
            "consequences": words(),
        }
        self.world.do(IssueWarning(**{**fields, **changes}), by=self.warner())
        warning = self.world.case.warnings[-1].id
        if received:
            self.letter(NoticeKind.WARNING, warning)
        return warning

    def letter(self, kind: NoticeKind, about: str, **changes: Any) -> str:
        """A complete letter, handed over today by whoever signs such letters; its id."""
        notice = self.policy.notices.get(kind)
        signer = notice.signed_by[0] if notice and notice.signed_by else "case_officer"
        by = changes.pop("by", signer)
        fields: dict[str, Any] = {
            "kind": kind,
            "about": about,
            "method": DeliveryMethod.BY_HAND,
            "contents": self.contents(kind),
            "enclosures": tuple(notice.enclosures) if notice else (),
        }
        self.world.do(SendNotice(**{**fields, **changes}), by=by)
        return self.world.case.notices[-1].id

    def prepared(self, kind: NoticeKind, about: str, **changes: Any) -> str:
        """A complete letter as a document, as the edge prepares it; its id."""
        notice = self.policy.notices.get(kind)
        enclosures = tuple(notice.enclosures) if notice else ()
        fields: dict[str, Any] = {
            "kind": kind,
            "about": about,
            "template": kind,
            "template_sha256": "0" * 64,
            "contents": self.contents(kind),
            "enclosures": enclosures,
            "enclosed": tuple("1" * 64 for _ in enclosures),
            "format": LetterFormat.STANDARD,
            "language": None,
            "blob": "00000000-0000-4000-8000-000000000001",
            "digest": "2" * 64,
            "size": 1000,
            "media_type": "application/pdf",
            "text": words(),
        }
        self.world.do(PrepareLetter(**{**fields, **changes}))
        return self.world.case.letters[-1].id

    def contents(self, kind: NoticeKind) -> tuple[str, ...]:
        """Everything that policy and baseline want said in a letter of this kind."""
        notice = self.policy.notices.get(kind)
        own = tuple(notice.contents) if notice else ()
        wanted = (c for c, w in self.world.baseline.baseline.contents.items() if kind in w.notices)
        return tuple(dict.fromkeys([*own, *wanted]))

    def circumstances(self) -> None:
        """Mitigation, the equality duty and raised concern, as far as any policy asks for them."""
        self.world.do(ConsiderMitigation(considered=(Mitigation.NONE_KNOWN,), conclusion=words()))
        self.world.do(ConsiderEqualityDuty(conclusion=words()))
        self.world.do(RaiseConcern(summary=words()))
        step = self.policy.steps.get(StepCode.MEETING_BEFORE)
        if step and step.before_decision:
            self.world.do(OfferMeeting(detail=words()))

    def measure(self, code: str | None = None, **changes: Any) -> MeasureRequest:
        """A measure of the policy, complete; the first that limits contact and leaves channels open by default."""
        if code is None:
            code = next(
                c for c, k in self.policy.measures.items() if k.effect is Effect.NAMED_CONTACT and not k.at_warning
            )
        kind = self.policy.measures[code]
        return MeasureRequest(**{"code": code, "reason": words(), **self.parameters(kind), **changes})

    def parameters(self, kind: MeasureKind) -> dict[str, Any]:
        """What a kind of measure asks for, with something sensible in each field."""
        values: dict[Parameter, Any] = {
            Parameter.OPEN: (kind.choose_from or (Channel.LETTER,))[: kind.choose or 1],
            Parameter.CONTACT_STAFF: (staff("case_officer"),),
            Parameter.READER: staff("case_officer"),
            Parameter.THIRD_PARTY: "person-2",
            Parameter.COUNT: 2,
            Parameter.PER: "1 week",
            Parameter.MINUTES: 15,
            Parameter.SLOTS: ("tuesday 10:00",),
            Parameter.OFFICE: "main-office",
            Parameter.ISSUE: "issue-1",
            Parameter.REVIEW_EVERY: "1 month",
            Parameter.WORDS: words(),
        }
        return {p.value: values[p] for p in kind.asks}

    def proposed(self, *incidents: str, **changes: Any) -> str:
        """A proposal on these incidents (a new one when none is given); its id."""
        fields: dict[str, Any] = {
            "incidents": incidents or (self.incident(),),
            "measures": (self.measure().code,),
            "reasons": words(),
        }
        by = changes.pop("by", self.proposer())
        self.world.do(ProposeRestriction(**{**fields, **changes}), by=by)
        return self.world.case.proposals[-1].id

    def confirmed(self, proposal: str, *, leave_out: Sequence[str] = ()) -> None:
        """Every check of the policy is answered yes, and the panel is asked."""
        for code, check in self.policy.checks.items():
            if code not in leave_out:
                self.world.do(ConfirmCheck(proposal=proposal, check=code, answer=Answer.YES), by=check.by[0])
        if self.policy.panel and "panel" not in leave_out:
            role = self.policy.panel.role
            command = RecordPanelView(
                proposal=proposal, view=PanelView.SUPPORTS, members=(staff(role),), reasons=words()
            )
            self.world.do(command, by=role)

    def application(self, proposal: str, *measures: MeasureRequest, **changes: Any) -> ApplyRestriction:
        """The command that applies a restriction with everything that the policy wants said."""
        asks = {a.value: words() for a in self.policy.decision.asks if a is not DecisionAsk.SINGLE_GROUND_REASON}
        if DecisionAsk.SINGLE_GROUND_REASON in self.policy.decision.asks:
            asks[DecisionAsk.SINGLE_GROUND_REASON.value] = words()
        fields: dict[str, Any] = {
            "proposal": proposal,
            "measures": measures or (self.measure(),),
            "behaviour": words(),
            "proportionality": words(),
            "channels_usable": Answer.YES,
            **asks,
        }
        if self.policy.term.first is None:
            fields["ends_on"] = self.world.today + timedelta(days=180)
        return ApplyRestriction(**{**fields, **changes})

    def ready(self, *, leave_out: Sequence[str] = ()) -> str:
        """Everything up to the decision, with names left out on request; the proposal's id.

        Names: "warning", "persisted", "circumstances", "panel", and each check by its code.
        """
        if not self.world.case.person:
            self.opened()
        if "warning" not in leave_out:
            self.warned()
            self.world.wait(7)
        if "persisted" in leave_out:
            self.world.wait(-7)
        incident = self.incident()
        if "persisted" in leave_out:
            self.world.wait(7)
        if "circumstances" not in leave_out:
            self.circumstances()
        proposal = self.proposed(incident)
        self.confirmed(proposal, leave_out=leave_out)
        return proposal

    def answered(self, issue: str) -> str:
        """A matter is answered in full, and the customer told that more about it will be filed; the letter's id."""
        self.world.do(RecordIssueAnswered(issue=issue, next_steps=words()))
        return self.letter(NoticeKind.CLOSURE, issue)

    def restricted(self, *measures: MeasureRequest, told: bool = True, **changes: Any) -> str:
        """The whole main road to a restriction in force, its decision letter handed over; its id."""
        proposal = self.ready()
        for measure in measures:
            kind = self.policy.measures.get(measure.code)
            if kind is not None and kind.effect is Effect.FILE_UNANSWERED and measure.issue:
                self.answered(measure.issue)
        self.world.do(self.application(proposal, *measures, **changes), by=self.decider())
        restriction = self.world.case.restrictions[-1].id
        if told:
            self.told(restriction)
        return restriction

    def told(self, restriction: str, **changes: Any) -> str:
        """The decision is explained as the policy wants and its letter handed over; the letter's id."""
        step = self.policy.steps.get(StepCode.MEETING_AFTER)
        if step is not None:
            self.world.do(OfferMeeting(explains=restriction, detail=words()))
        return self.letter(NoticeKind.DECISION, restriction, **changes)

    def extension(
        self, restriction: str, ends_on: date, *, considered: bool = True, **changes: Any
    ) -> ExtendRestriction:
        """The command that extends a restriction with everything that the policy wants said.

        Before it the customer's circumstances are considered today, unless `considered` says otherwise.
        """
        if considered:
            self.world.do(ConsiderMitigation(considered=(Mitigation.NONE_KNOWN,), conclusion=words()))
        fields: dict[str, Any] = {
            "restriction": restriction,
            "ends_on": ends_on,
            "reasons": words(),
            "proportionality": words(),
            "incidents": (self.world.case.incidents[-1].id,),
            "method": DeliveryMethod.BY_HAND,
            "contents": self.contents(NoticeKind.EXTENSION),
            "enclosures": tuple(n.enclosures) if (n := self.policy.notices.get(NoticeKind.EXTENSION)) else (),
            "pattern": words(),
        }
        return ExtendRestriction(**{**fields, **changes})


def override(rule: str) -> OverrideRequest:
    """An override of one rule."""
    return OverrideRequest(rule=rule, reason=words())
