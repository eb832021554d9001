"""Valid histories of one case, made of plain facts: for whoever reads histories and has no use for commands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import NAMESPACE_OID, uuid5

from domain import events as e
from domain.calendar import DeliveryMethod
from domain.case import Case
from domain.codes import (
    Answer,
    AppealOutcome,
    CaseId,
    Channel,
    Direction,
    Effect,
    NoticeKind,
    Party,
    Purpose,
    ReviewOutcome,
    RoleCode,
    StaffId,
    SubjectId,
    SubjectKind,
)
from domain.evolve import evolve
from domain.personal import Personal

OFFICER = StaffId("11111111-0000-4000-8000-000000000001")
HEAD = StaffId("22222222-0000-4000-8000-000000000002")
DIRECTOR = StaffId("33333333-0000-4000-8000-000000000003")
POLICY = e.PolicyRef(landlord="elm", effective=date(2026, 1, 1), sha256="ab" * 32, baseline_sha256="cd" * 32)
MONDAY = date(2026, 3, 2)


def text(about: str) -> Personal:
    """Prose that only the edge may read; no sentence and no error may hold this word."""
    return Personal(f"SECRET {about}")


class History:
    """The events of one case as they come to be. Each method adds one fact on a day and gives the history back."""

    def __init__(self, name: str = "one", *, ordinal: int = 1) -> None:
        self.person = SubjectId(str(uuid5(NAMESPACE_OID, f"person {name}")))
        self.case = case_of(self.person, ordinal)
        self.ordinal = ordinal
        self.events: list[e.Event] = []
        self.state = Case()

    def add(
        self,
        fact: e.CaseFact,
        on: date,
        *,
        actor: StaffId = OFFICER,
        post: str | None = "housing_officer",
        clauses: Sequence[str] = (),
        overrides: Sequence[e.Override] = (),
        late: int = 0,
    ) -> History:
        """Add any fact; recorded on its day, or so many days late."""
        version = len(self.events) + 1
        event = e.Event(
            event_id=str(uuid5(NAMESPACE_OID, f"{self.case} {version}")),
            stream=self.case,
            version=version,
            fact=fact,
            effective_at=instant(on),
            actor=actor,
            post=RoleCode(post) if post else None,
            policy=POLICY,
            clauses=tuple(clauses),
            overrides=tuple(overrides),
            position=version,
            recorded_at=instant(on + timedelta(days=late)),
        )
        self.events.append(event)
        self.state = evolve(self.state, event)
        return self

    def opened(self, on: date = MONDAY, household: str | None = "household-7") -> History:
        """The case begins."""
        fact = e.CaseOpened(person=self.person, ordinal=self.ordinal, kind=SubjectKind.TENANT, household=household)
        return self.add(fact, on)

    def contact(self, on: date = MONDAY, channel: Channel = Channel.TELEPHONE, late: int = 0) -> History:
        """The customer gets in touch about a repair."""
        fact = e.ContactLogged(
            contact=f"contact-{len(self.state.contacts) + 1}",
            channel=channel,
            direction=Direction.INBOUND,
            happened_on=on,
            happened_at=None,
            summary=text("summary"),
            purpose=Purpose.REPAIR,
            issue="issue-1",
            completed=True,
            customer_initiated=True,
        )
        return self.add(fact, on, late=late)

    def incident(self, on: date = MONDAY) -> History:
        """The last contact was unreasonable, says somebody."""
        fact = e.IncidentRecorded(
            incident=f"incident-{len(self.state.incidents) + 1}",
            contact=self.state.contacts[-1].id,
            happened_on=on,
            conduct_of=self.person,
            grounds=("shouting",),
            categories=("conduct",),
            towards=(Party.STAFF,),
            issue=None,
            complaint=None,
            characteristics=(),
            timescale_given_on=None,
            support_offered_on=None,
            account=text("account"),
            impact=None,
            exceptional_reason=None,
            other_ground=None,
        )
        return self.add(fact, on, clauses=["4.1"])

    def evidence(self, on: date = MONDAY) -> History:
        """A recording shows the last incident."""
        fact = e.EvidenceAttached(
            evidence=f"evidence-{len(self.state.evidence) + 1}",
            of=self.state.incidents[-1].id,
            kind="call_recording",
            description=text("description"),
        )
        return self.add(fact, on)

    def adjustment(self, on: date, *, until: date | None = None) -> History:
        """Letters come in large print."""
        code = f"adjustment-{len(self.state.adjustments) + 1}"
        asked = e.AdjustmentRequested(
            adjustment=code, kind="large_print", requested_on=on, anticipated=False, needs=text("needs")
        )
        agreed = e.AdjustmentDecided(
            adjustment=code,
            agreed=True,
            kind="large_print",
            starts_on=on,
            instruction=text("instruction"),
            reason=text("reason"),
        )
        self.add(asked, on).add(agreed, on)
        if until:
            self.add(e.AdjustmentEnded(adjustment=code, ended_on=until, reason=text("reason")), until)
        return self

    def warned(self, on: date) -> History:
        """A warning about every incident so far, sent by post and received two days later."""
        incidents = tuple(i.id for i in self.state.incidents)
        fact = e.WarningIssued(
            warning=f"warning-{len(self.state.warnings) + 1}",
            incidents=incidents,
            grounds=("shouting",),
            categories=("conduct",),
            lapses_after="12 months",
            initial_measures=("one_officer_answers",),
            behaviour=text("behaviour"),
            change_asked=text("change asked"),
            consequences=text("consequences"),
            initial_measures_words=text("initial measures"),
        )
        self.add(fact, on, actor=HEAD, post="head_of_housing", clauses=["5.1"])
        return self.sent(on, NoticeKind.WARNING, fact.warning)

    def sent(self, on: date, kind: NoticeKind, about: str) -> History:
        """A letter goes out by first-class post."""
        fact = e.NoticeSent(
            notice=f"notice-{len(self.state.notices) + 1}",
            kind=kind,
            about=about,
            method=DeliveryMethod.FIRST_CLASS_POST,
            sent_at=instant(on),
            deemed_on=on + timedelta(days=2),
            contents=("reasons", "measures"),
            enclosures=("policy",),
            accessible=True,
            appeal_until=on + timedelta(days=28),
            text=text("letter"),
        )
        return self.add(fact, on)

    def proposed(self, on: date) -> History:
        """A restriction is asked for, and its check answered."""
        fact = e.RestrictionProposed(
            proposal=f"proposal-{len(self.state.proposals) + 1}",
            incidents=tuple(i.id for i in self.state.incidents),
            grounds=("shouting",),
            categories=("conduct",),
            measures=("one_contact",),
            area=None,
            reasons=text("reasons"),
        )
        self.add(fact, on)
        check = e.CheckConfirmed(
            proposal=fact.proposal,
            check="complaint_handled",
            answer=Answer.YES,
            evidence=tuple(code for code, _ in self.state.evidence),
            reason=None,
        )
        return self.add(check, on, actor=HEAD, post="head_of_housing", clauses=["6.2"])

    def applied(
        self, on: date, *, starts: date | None = None, ends: date, overrides: int = 0, confirms: str | None = None
    ) -> History:
        """The last proposal is decided: one named contact, and letters only about one matter."""
        restriction = f"restriction-{len(self.state.restrictions) + 1}"
        due = on + timedelta(days=90)
        fact = e.RestrictionApplied(
            restriction=restriction,
            proposal=self.state.proposals[-1].id,
            incidents=self.state.proposals[-1].incidents,
            grounds=("shouting",),
            categories=("conduct",),
            measures=(measure(f"{restriction}.1"), measure(f"{restriction}.2", Effect.CHANNELS)),
            decided_on=on,
            starts_on=starts or on,
            ends_on=ends,
            reviews=(review(due), review(due + timedelta(days=90))),
            appeal=terms(),
            exceptional=False,
            channels_usable=Answer.YES,
            left_open=(Channel.LETTER, Channel.TELEPHONE),
            household="household-7",
            behaviour=text("behaviour"),
            proportionality=text("proportionality"),
            impact=None,
            allowances=None,
            pattern=text("pattern"),
            single_ground_reason=None,
            term_reason=None,
            exceptional_reason=None,
            same_behaviour_reason=None,
            warning=self.state.warnings[-1].id if self.state.warnings else None,
            confirms=confirms,
        )
        reasons = [e.Override(rule="warning_first", clause="5.1", reason=text("override")) for _ in range(overrides)]
        return self.add(fact, on, actor=HEAD, post="head_of_housing", clauses=["6.1", "baseline-3"], overrides=reasons)

    def interim(self, on: date, *, days: int = 6) -> History:
        """The duty manager limits contact for a few days."""
        restriction = f"restriction-{len(self.state.restrictions) + 1}"
        fact = e.InterimRestrictionApplied(
            restriction=restriction,
            incidents=tuple(i.id for i in self.state.incidents[-1:]),
            grounds=("shouting",),
            categories=("conduct",),
            measures=(measure(f"{restriction}.1"),),
            decided_on=on,
            starts_on=on,
            ends_on=on + timedelta(days=days),
            reviews=(review(on + timedelta(days=1)),),
            appeal=terms(),
            channels_usable=Answer.NOT_KNOWN,
            left_open=(Channel.LETTER, Channel.TELEPHONE),
            household="household-7",
            behaviour=text("behaviour"),
            safety_reason=text("safety"),
        )
        return self.add(fact, on, actor=DIRECTOR, post="duty_manager", clauses=["baseline 13"])

    def imported(self, on: date, *, ends: date, behaviour: bool = False) -> History:
        """A restriction is taken over from an old register, which says less than a decision would."""
        restriction = f"restriction-{len(self.state.restrictions) + 1}"
        fact = e.RestrictionImported(
            restriction=restriction,
            source="old_register",
            line=7,
            measures=(measure(f"{restriction}.1"),),
            grounds=("shouting",),
            categories=("conduct",),
            warned_on=on - timedelta(days=30),
            decided_on=None,
            told_on=on,
            starts_on=on,
            ends_on=ends,
            last_reviewed_on=None,
            reviews=(review(ends),),
            appeal=terms(),
            household="household-7",
            missing=("decided_on",),
            behaviour=text("behaviour") if behaviour else None,
            detail=None,
        )
        return self.add(fact, on)

    def told(self, on: date) -> History:
        """The customer hears of every measure of the last restriction by telephone."""
        restriction = self.state.restrictions[-1]
        fact = e.ToldByTelephone(
            restriction=restriction.id,
            told_on=on,
            measures=tuple(m.id for m in restriction.sets[-1].measures),
            notes=text("notes"),
        )
        return self.add(fact, on)

    def varied(self, on: date, *, from_on: date) -> History:
        """The last restriction has one other measure from a day on."""
        change = f"change-{self.state.changes + 1}"
        fact = e.RestrictionVaried(
            change=change,
            restriction=self.state.restrictions[-1].id,
            measures=(measure(f"{change}.1", staff=DIRECTOR),),
            from_on=from_on,
            reasons=text("reasons"),
            proportionality=text("proportionality"),
            incidents=(),
            tightens=False,
            appeal=terms(),
            because_of=None,
        )
        return self.add(fact, on, actor=HEAD, post="head_of_housing")

    def extended(self, on: date, *, ends: date) -> History:
        """The last restriction goes on for longer."""
        fact = e.RestrictionExtended(
            change=f"change-{self.state.changes + 1}",
            restriction=self.state.restrictions[-1].id,
            decided_on=on,
            ends_on=ends,
            reviews=(review(ends - timedelta(days=7)),),
            appeal=terms(),
            incidents=(),
            exceptional=True,
            notice=None,
            reasons=text("reasons"),
            proportionality=text("proportionality"),
            pattern=None,
            because_of=None,
        )
        return self.add(fact, on, actor=HEAD, post="head_of_housing")

    def contact_changed(self, on: date) -> History:
        """Somebody else answers the customer."""
        restriction = self.state.restrictions[-1]
        fact = e.NamedContactChanged(
            restriction=restriction.id,
            measure=restriction.sets[-1].measures[0].id,
            contact_staff=(DIRECTOR,),
            from_on=on,
        )
        return self.add(fact, on)

    def reviewed(self, on: date, outcome: ReviewOutcome = ReviewOutcome.UNCHANGED) -> History:
        """The next scheduled review of the last restriction is held; one nobody scheduled when none is owed."""
        restriction = self.state.restrictions[-1]
        owed = restriction.pending_reviews()
        fact = e.ReviewCompleted(
            review=f"review-{len(restriction.reviews) + 1}",
            restriction=restriction.id,
            cadence=owed[0].cadence if owed else "requested",
            due_on=owed[0].due_on if owed else None,
            held_on=on,
            outcome=outcome,
            answers=("behaviour_changed",),
            contacts_looked_at=4,
            appeal=None,
            assessment=text("assessment"),
        )
        return self.add(fact, on, actor=HEAD, post="head_of_housing")

    def appealed(self, on: date, *, suspended: bool = False) -> History:
        """The customer appeals against the last restriction."""
        fact = e.AppealLodged(
            appeal=f"appeal-{len(self.state.appeals) + 1}",
            against=self.state.restrictions[-1].id,
            about="decision",
            received_on=on,
            by=self.person,
            in_time=True,
            answer_due_on=on + timedelta(days=28),
            suspended=suspended,
            reasons=text("reasons"),
        )
        return self.add(fact, on)

    def determined(self, on: date, outcome: AppealOutcome = AppealOutcome.UPHELD) -> History:
        """The last appeal has its outcome."""
        appeal = self.state.appeals[-1].id
        fact = e.AppealDetermined(
            appeal=appeal,
            outcome=outcome,
            decided_on=on,
            measures=(measure(f"{appeal}.1"),) if outcome is AppealOutcome.VARIED else (),
            reasons=text("reasons"),
        )
        self.add(fact, on, actor=DIRECTOR, post="director")
        if outcome is AppealOutcome.OVERTURNED:
            restriction = self.state.restrictions[-1].id
            over = e.RestrictionOverturned(restriction=restriction, from_on=on, appeal=appeal)
            self.add(over, on, actor=DIRECTOR, post="director")
        return self

    def lifted(self, on: date, *, from_on: date) -> History:
        """The last restriction is no longer needed."""
        fact = e.RestrictionLifted(
            restriction=self.state.restrictions[-1].id, from_on=from_on, reasons=text("reasons"), because_of=None
        )
        return self.add(fact, on, actor=HEAD, post="head_of_housing")

    def closed(self, on: date) -> History:
        """The case is closed."""
        return self.add(e.CaseClosed(closed_on=on, reasons=None), on)


def case_of(person: SubjectId, ordinal: int) -> CaseId:
    """The id of a person's first, second, … case."""
    return CaseId(str(uuid5(NAMESPACE_OID, f"case {ordinal} of {person}")))


def instant(on: date) -> datetime:
    """Noon in UTC, which is the same day in London all year."""
    return datetime.combine(on, time(12), tzinfo=UTC)


def measure(code: str, effect: Effect = Effect.NAMED_CONTACT, *, staff: StaffId = OFFICER) -> e.Measure:
    """A named contact for everything, or letters only about one matter."""
    named = effect is Effect.NAMED_CONTACT
    return e.Measure(
        id=code,
        code="one_contact" if named else "letters_only",
        effect=effect,
        clause="7.1" if named else "7.2",
        open=(Channel.TELEPHONE, Channel.LETTER) if named else (Channel.LETTER,),
        reason=text("reason"),
        issue=None if named else "issue-1",
        contact_staff=(staff,) if named else (),
    )


def review(due: date) -> e.ScheduledReview:
    """A quarterly review."""
    return e.ScheduledReview(
        cadence="quarterly",
        due_on=due,
        opens_on=due - timedelta(days=28),
        by=(RoleCode("head_of_housing"),),
        clause="8.1",
    )


def terms() -> e.AppealTerms:
    """An appeal to a director within 20 working days."""
    return e.AppealTerms(
        right=True,
        window="20 working days",
        answer_within="20 working days",
        heard_by=(RoleCode("director"),),
        suspends=False,
        clause="9.1",
    )


def main_road(name: str = "one", start: date = MONDAY) -> History:
    """From the first contact to a lifted restriction, over about seven months."""

    def day(number: int) -> date:
        return start + timedelta(days=number)

    return (
        History(name)
        .opened(day(0))
        .contact(day(0), late=3)
        .incident(day(1))
        .evidence(day(1))
        .warned(day(4))
        .contact(day(20), Channel.EMAIL)
        .incident(day(21))
        .proposed(day(22))
        .applied(day(25), ends=day(25 + 180), overrides=1)
        .sent(day(25), NoticeKind.DECISION, "restriction-1")
        .told(day(26))
        .reviewed(day(110))
        .lifted(day(200), from_on=day(203))
        .closed(day(210))
    )
