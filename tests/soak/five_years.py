"""Five years of many cases under all five policies: `python -m tests.soak.five_years [cases] [seed]`.

Staff act at random, late or never; customers ask for things; the service is stopped at random, for days. In the end
everything that ever had a last day was done, or stands visibly overdue with that on record: none twice, none missing.
Says its seed first: the same one does the same things.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from random import Random
from time import perf_counter
from typing import Any, Final
from uuid import UUID

from application.clockwork import Clockwork, HowFar, Owing
from application.desk import Desk
from application.founding import found
from application.memory import MemoryLog
from application.ports import Known, Receipt, RequestKey
from domain.calendar import DeliveryMethod, london_datetime
from domain.case import Case
from domain.case_parts import Restriction
from domain.codes import (
    CaseId,
    HoldReason,
    NoticeKind,
    Precaution,
    ReviewOutcome,
    Right,
    RightsOutcome,
    SafetyOutcome,
    StaffId,
    SubjectId,
)
from domain.decisions import CaseCommand, Decision, Refused
from domain.decisions.agreed_calls import KeepAgreedCall, MissAgreedCall
from domain.decisions.appeals import AcknowledgeAppeal, LodgeAppeal, WithdrawAppeal
from domain.decisions.complaints import ConcludeComplaint
from domain.decisions.endings import CloseCase, ConfirmRemoval, LiftRestriction, RecordEnd
from domain.decisions.intake import LinkComplaint, OpenCase, RequestPolicyCopy, SendPolicyCopy
from domain.decisions.landlord import AppointPost
from domain.decisions.notices import PlaceAlert
from domain.decisions.reviews import AppointReviewer, CompleteReview, DeclineReviewRequest, RequestReview
from domain.decisions.rights import AnswerRightsRequest, PlaceLegalHold, ReceiveRightsRequest, ReleaseLegalHold
from domain.decisions.safety import (
    ApproveSafetyWarning,
    ProposeSafetyWarning,
    ReviewSafetyWarning,
    TellPersonOfSafetyWarning,
)
from domain.decisions.steps import EndAgreement, MakeAgreement
from domain.decisions.support import DecideAdjustment, RequestAdjustment
from domain.events import SYSTEM, Event
from domain.evolve import HistoryStep
from domain.obligation import Duty, Obligation
from domain.obligations import obligations
from infrastructure.office import mint_event_id
from infrastructure.policy_shelf import LandlordPolicies
from projections.deadlines import deadlines
from projections.view import NO_CASE_YET, step_of
from tests.application.a_desk import HandsOnAClock
from tests.domain.world import Road, World, staff, words
from tests.policies import baseline_file, policy_file
from tests.soak.alone import a_seed
from tests.soak.by_hand import CADENCES, ByHand, Look, on_record

BEGIN: Final = date(2026, 1, 5)
END: Final = date(2031, 1, 6)
DAY: Final = timedelta(days=1)


class IndexedLog(MemoryLog):
    """A log in memory that finds the events of one stream without going through the others."""

    def __init__(self, clock: HandsOnAClock) -> None:
        super().__init__(clock)
        self.streams: dict[str, list[Event]] = {}
        self.seen = 0

    def append(self, events: Sequence[Event], **more: Any) -> Receipt:
        """As any log does."""
        receipt = super().append(events, **more)
        for event in self.after(self.seen, 1_000_000):
            self.streams.setdefault(event.stream, []).append(event)
        self.seen = self.head()
        return receipt

    def history(self, stream: str, *, since: int = 1, upto: int | None = None) -> list[Event]:
        """As any log does; versions are counted without a gap."""
        known = self.streams.get(stream, [])[since - 1 :]
        return known if upto is None else [event for event in known if event.position <= upto]

    def known(self, stream: str) -> tuple[Known | None, list[Event]]:
        """Nothing, and the whole history."""
        return None, self.history(stream)


class KeptDeadlines:
    """The list of deadlines, which takes the log in when it is told to: until then it is behind."""

    def __init__(self, log: IndexedLog) -> None:
        self._log = log
        self._position = 0
        self._cases: dict[str, Case] = {}
        self._rows: dict[str, tuple[date | None, Owing]] = {}

    def take_in(self) -> None:
        """What is in the log by now."""
        touched: dict[str, HistoryStep] = {}
        for event in self._log.after(self._position, 1_000_000):
            step = step_of(event, self._cases.get(event.stream, NO_CASE_YET))
            self._cases[event.stream], touched[event.stream] = step.after, step
        self._position = self._log.head()
        for stream, step in touched.items():
            self._rows.pop(stream, None)
            for row in deadlines([step]):
                self._rows[stream] = (row.goes_by_on, Owing(CaseId(stream), row.as_of, row.owed))

    def how_far(self) -> HowFar:
        """Where it is."""
        return HowFar(self._position, self._log.head(), paused=False, untold=())

    def gone_by(self, day: date, skip: Callable[[CaseId, int], bool]) -> Iterator[Owing]:
        """As `Deadlines.gone_by`."""
        for goes_by_on, row in list(self._rows.values()):
            if goes_by_on is not None and goes_by_on < day and not skip(row.case, row.as_of):
                yield row

    def everything(self) -> Iterator[Owing]:
        """As `Deadlines.everything`."""
        return (row for _, row in list(self._rows.values()))


class DeskWorld(World):
    """A case at a real desk: what `Road` does goes through commands, and is recorded when the clock says."""

    house: House

    def __post_init__(self) -> None:
        """Everybody is in post already."""
        self.file = policy_file(self.landlord_id)
        self.baseline = baseline_file()

    def do(self, command: CaseCommand, by: str = "case_officer", beside: World | None = None) -> Decision:  # noqa: ARG002
        """Sends a command to the desk. Raises `Refused`."""
        actor = StaffId(by) if by.startswith("staff-") else staff(by)
        if isinstance(command, OpenCase):
            receipt = self.house.desk.open_case(SubjectId(str(command.person)), command, actor)
            self.stream = str(receipt.answer["case"])
        else:
            self.house.desk.execute(CaseId(self.stream), command, actor)
        self.case = self.house.desk.case(CaseId(self.stream))
        return Decision((), None)


class House:
    """One landlord with everybody in post, its clock, and its cases."""

    def __init__(self, landlord: str, clock: HandsOnAClock) -> None:
        self.landlord = landlord
        self.log = IndexedLog(clock)
        file = policy_file(landlord)
        policies = LandlordPolicies(baseline_file(), {file.effective: file})
        found(landlord, self.log, policies, clock, mint_event_id, demonstration=False)
        self.desk = Desk(landlord, self.log, policies, clock, mint_event_id)
        for role in [*file.policy.roles, *baseline_file().baseline.roles]:
            self.desk.manage(AppointPost(role=role, staff=staff(role), starts_on=date(2015, 1, 1)), SYSTEM)
        self.deadlines = KeptDeadlines(self.log)
        self.looks: list[Look] = []
        self.clockworks = [
            Clockwork(self.desk, self.deadlines, clock, lambda name: RequestKey("clock", name, b""), (LookupError,))
            for _ in range(2)
        ]

    def begin(self) -> Life:
        """Somebody new."""
        road = Road.__new__(Road)
        road.world = DeskWorld(self.landlord)
        road.world.house = self
        return Life(self, road)


@dataclass
class Life:
    """One case, and what is to happen in it next: at most one thing a day."""

    house: House
    road: Road
    next_on: date = BEGIN
    warned_on: date | None = None
    diligence: float = 0.5
    done: Counter[str] = field(default_factory=Counter)

    def live(self, today: date, random: Random) -> None:
        """Whatever happens today, as far as the policy lets it; and when the next thing does."""
        world = self.road.world
        world.today = today
        self.next_on = today + timedelta(days=1 + int(random.expovariate(1 / 8)))
        act = self._next(today, random)
        with suppress(Refused):
            act(random)
            self.done[act.__name__] += 1

    def _next(self, today: date, random: Random) -> Callable[[Random], None]:
        case = self.road.world.case
        if not case.person:
            return self._begins
        standing = [r for r in case.restrictions if r.in_force_on(today)]
        if not standing and random.random() < 0.5:
            warned = self.warned_on is not None and (today - self.warned_on).days < 300
            return self._is_restricted if warned else self._is_warned
        if standing and random.random() < 0.3 and (standing[0].ends_on - today).days < 45:
            return self._is_extended
        if random.random() < self.diligence:
            return self._works
        return random.choice([*[self._asks] * 3, self._changes, self._is_warned, self._is_looked_after])

    # Before a restriction

    def _begins(self, random: Random) -> None:
        self.road.opened(SubjectId(str(UUID(int=random.getrandbits(128)))))
        self._is_warned(random)

    def _is_warned(self, random: Random) -> None:
        self.road.warned(received=random.random() < 0.9)
        self.warned_on = self.road.world.today
        self.next_on = self.road.world.today + timedelta(days=random.randint(7, 20))

    def _is_restricted(self, random: Random) -> None:
        self._answer_adjustments()  # goes before every decision
        road, incident = self.road, self.road.incident()
        road.circumstances()
        proposal = road.proposed(incident)
        road.confirmed(proposal)
        road.world.do(road.application(proposal), by=road.decider())
        restriction = road.world.case.restrictions[-1].id
        if alerts := [code for code, alert in road.policy.alerts.items() if not alert.of_safety]:
            road.world.do(PlaceAlert(restriction=restriction, alert=alerts[0]))
        if random.random() < 0.8:
            road.told(restriction)

    def _is_extended(self, random: Random) -> None:
        self._answer_adjustments()
        for restriction in self._in_force():
            longer = restriction.ends_on + timedelta(days=random.randint(20, 360))
            self.road.world.do(self.road.extension(restriction.id, longer), by=self.road.decider())

    def _answer_adjustments(self) -> None:
        for adjustment in self.road.world.case.adjustments:
            if adjustment.open:
                self.road.world.do(DecideAdjustment(adjustment=adjustment.id, agreed=False, reason=words()))

    # What customers ask for

    def _asks(self, random: Random) -> None:
        asks: list[CaseCommand] = [
            RequestAdjustment(kind="home_visits", needs=words()),
            ReceiveRightsRequest(right=random.choice([Right.ACCESS, Right.RECTIFICATION])),
            RequestPolicyCopy(),
            MakeAgreement(terms=words(), review_on=self.road.world.today + timedelta(days=random.randint(1, 90))),
        ]
        for restriction in self._in_force():
            asks.append(RequestReview(restriction=restriction.id, reasons=words()))
            asks.append(LodgeAppeal(against=restriction.id, reasons=words()))
        self.road.world.do(random.choice(asks))

    def _is_looked_after(self, random: Random) -> None:
        """A complaint beside it, a legal hold, or a safety warning with its reviews."""
        road, today = self.road, self.road.world.today
        chosen = random.randrange(3)
        if chosen == 0:
            road.world.do(LinkComplaint(reference=words(), received_on=today))
        elif chosen == 1:
            review_on = today + timedelta(days=random.randint(1, 200))
            hold = PlaceLegalHold(because=HoldReason.CLAIM, reason=words(), review_on=review_on)
            road.world.do(hold, by="data_protection_officer")
        else:
            expires_on = today + timedelta(days=random.randint(20, 180))
            proposal = ProposeSafetyWarning(
                incident=road.incident(),
                precautions=(Precaution.TWO_STAFF,),
                audience=("visiting_staff",),
                review_on=today + timedelta(days=random.randint(1, (expires_on - today).days)),
                expires_on=expires_on,
                reasons=words(),
            )
            road.world.do(proposal)
            warning = road.world.case.safety[-1].id
            approval = ApproveSafetyWarning(warning=warning, tells_person=True)
            road.world.do(approval, by="duty_manager")

    # What staff do, or not

    def _changes(self, random: Random) -> None:
        world = self.road.world
        for restriction in self._in_force():
            if random.random() < 0.3:
                world.do(LiftRestriction(restriction=restriction.id, reasons=words()), by=self.road.decider())
        for restriction in world.case.restrictions:
            if restriction.end_kind is None and restriction.ends_on < world.today:
                world.do(RecordEnd(restriction=restriction.id))
        if random.random() < 0.1:
            world.do(CloseCase())

    def _works(self, random: Random) -> None:
        """Through what is to be done, or some of it."""
        today = self.road.world.today
        todo = [one for one in obligations(self.road.world.case) if one.from_on <= today]
        for one in random.sample(todo, k=min(len(todo), random.randint(1, 6))):
            with suppress(Refused):
                self._work_on(one, random)

    def _work_on(self, one: Obligation, random: Random) -> None:
        road, do, about = self.road, self.road.world.do, one.about
        match one.duty:
            case Duty.ADJUSTMENT:
                do(DecideAdjustment(adjustment=about, agreed=False, reason=words()))
            case Duty.LETTER:
                road.letter(NoticeKind(one.code), about)
            case Duty.APPEAL | Duty.LATE_APPEAL:
                do(WithdrawAppeal(appeal=about, reasons=words()))
            case Duty.ACKNOWLEDGEMENT:
                do(AcknowledgeAppeal(appeal=about))
            case Duty.REQUEST:
                do(DeclineReviewRequest(request=about, reasons=words()), by=road.decider())
            case Duty.AGREEMENT:
                do(EndAgreement(agreement=about, reason=words()))
            case Duty.RIGHTS:
                answer = AnswerRightsRequest(request=about, outcome=RightsOutcome.REFUSED, reasons=words())
                do(answer, by="data_protection_officer")
            case Duty.POLICY_COPY:
                do(SendPolicyCopy(request=about, method=DeliveryMethod.BY_HAND))
            case Duty.REMOVAL:
                do(ConfirmRemoval(restriction=about, removal=one.detail))
            case Duty.AGREED_CALL:
                self._call(one, random)
            case Duty.REVIEW:
                self._review(one)
            case Duty.COMPLAINT:
                do(ConcludeComplaint(complaint=about))
            case Duty.HOLD:
                do(ReleaseLegalHold(hold=about, reason=words()), by="data_protection_officer")
            case Duty.TELLING:
                do(TellPersonOfSafetyWarning(warning=about))
            case Duty.SAFETY_REVIEW:
                self._look_at_safety(about, random)
            case _:
                pass

    def _call(self, one: Obligation, random: Random) -> None:
        told = {"restriction": about_of(one.about), "measure": one.about, "slot": one.detail}
        for due in list(one.still_open(self.road.world.today))[-2:]:
            if due == self.road.world.today and random.random() < 0.5:
                self.road.world.do(KeepAgreedCall(**told, due_on=due))
            else:
                missed = MissAgreedCall(**told, due_on=due, by_landlord=random.random() < 0.5, reason=words())
                self.road.world.do(missed)

    def _review(self, one: Obligation) -> None:
        review = self.road.policy.reviews[one.code]
        if review.appointed_by:
            reviewer = AppointReviewer(restriction=one.about, cadence=one.code, reviewer=staff(review.by[0]))
            self.road.world.do(reviewer, by=review.appointed_by[0])
        held: dict[str, Any] = {"restriction": one.about, "cadence": one.code, "assessment": words()}
        answers = tuple(review.questions)
        command = CompleteReview(**held, outcome=ReviewOutcome.UNCHANGED, answers=answers)
        self.road.world.do(command, by=one.by[0] if one.by else "staff")

    def _look_at_safety(self, warning: str, random: Random) -> None:
        today = self.road.world.today
        held: dict[str, Any] = {"warning": warning, "outcome": SafetyOutcome.REMOVED, "reasons": words()}
        if random.random() < 0.7:
            review_on = today + timedelta(days=random.randint(1, 40))
            held |= {"outcome": SafetyOutcome.STANDS, "review_on": review_on}
        self.road.world.do(ReviewSafetyWarning(**held), by="duty_manager")

    def _in_force(self) -> list[Restriction]:
        return [r for r in self.road.world.case.restrictions if r.in_force_on(self.road.world.today)]


def about_of(measure: str) -> str:
    """The restriction that a measure is of."""
    return measure.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: how much there was, and what is not as it has to be."""

    cases: int
    events: int
    ticks: int
    went_by: Counter[str]
    still_owed: int
    done: Counter[str]
    wrong: tuple[str, ...]


def simulate(cases: int, seed: int) -> Told:
    """Everything from the first day to the last, and what is wrong in the end."""
    begin, end = BEGIN, END
    random, clock = Random(seed), HandsOnAClock(london_datetime(begin, time(0, 30)))  # noqa: S311 - seeded on purpose
    houses = [House(landlord, clock) for landlord in sorted(CADENCES)]
    lives = [houses[number % len(houses)].begin() for number in range(cases)]
    for life in lives:
        life.next_on = begin + timedelta(days=random.randrange(int((end - begin).days * 0.8)))
        life.diligence = random.choice([0.0, 0.3, 0.6, 0.9])
    wrong: list[str] = []
    stopped_until, today = begin, begin
    while today <= end:
        if today >= stopped_until or today == end:
            staff_first = today != end and random.random() < 0.3  # somebody was quicker than the first tick
            for clock_looks in (False, True) if staff_first else (True, False):
                clock.at = max(clock.at, london_datetime(today, time(0, 30) if clock_looks else time(12)))
                if clock_looks:
                    wrong += [line for house in houses for line in ticked(house, today, random)]
                else:
                    lived(lives, today, random)
            if random.random() < 0.04:
                stopped_until = today + timedelta(days=random.choice([2, 3, 5, 10, 31]))
        today += DAY
    return judged(houses, lives, end, wrong)


def lived(lives: Sequence[Life], today: date, random: Random) -> None:
    """Whatever customers and staff do on a day; the last day is the clock's alone."""
    for life in lives:
        if life.next_on <= today < END:
            life.live(today, random)


def ticked(house: House, today: date, random: Random) -> Iterator[str]:
    """The clock looks, now and then with a list that is behind, or two clocks with the same one."""
    if random.random() < 0.2:  # it has not taken in what happened since: it says so, and the next look makes up for it
        house.clockworks[0].tick()
    house.deadlines.take_in()
    house.looks.append(Look(today, house.log.head()))
    clocks = house.clockworks if random.random() < 0.2 else house.clockworks[:1]
    left = True
    while left:
        outcomes = [clockwork.tick() for clockwork in clocks]
        house.deadlines.take_in()
        left = any(outcome.left for outcome in outcomes)
        yield from (f"{one.due.name}: {one.why}" for outcome in outcomes for one in outcome.failed)


def judged(houses: Sequence[House], lives: Sequence[Life], end: date, wrong: list[str]) -> Told:
    """What is on record, held against what was counted by hand."""
    went_by: Counter[str] = Counter()
    owed_in_all = 0
    for house in houses:
        known, _ = house.clockworks[0].owed_by(end - DAY, end)
        listed = Counter((str(due.case), due.owed.duty.value, due.owed.about, due.due_on) for due in known)
        for life in lives:
            if life.house is not house or not life.road.world.case.person:
                continue
            stream = life.road.world.stream
            history = house.log.history(stream)
            by_hand, recorded = ByHand(house.landlord, history, house.looks), on_record(history)
            expected = by_hand.expected()
            wrong += [f"{house.landlord} {stream}: missing {one}" for one in (expected - recorded).elements()]
            wrong += [f"{house.landlord} {stream}: not expected {one}" for one in (recorded - expected).elements()]
            overdue = by_hand.still_owed(end)
            owed_in_all += overdue.total()
            wrong += [f"{house.landlord} {stream}: not listed {o}" for o in overdue if not listed[(stream, *o)]]
            went_by.update(what for what, _, _ in recorded.elements())
    return Told(
        cases=len(lives),
        events=sum(house.log.head() for house in houses),
        ticks=len(houses[0].looks),
        went_by=went_by,
        still_owed=owed_in_all,
        done=sum((life.done for life in lives), start=Counter()),
        wrong=tuple(wrong),
    )


def main() -> None:
    """See above."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    seed = a_seed(2)
    sys.stdout.write(f"five years of {cases} cases, seed {seed}\n")
    began = perf_counter()
    told = simulate(cases, seed)
    sys.stdout.write(f"{told.events} events, {told.ticks} days with a tick, {perf_counter() - began:.0f} s\n")
    sys.stdout.write(f"done: {dict(told.done.most_common())}\n")
    went_by = {str(what): often for what, often in told.went_by.most_common()}
    sys.stdout.write(f"went by: {went_by}; still owed in the end: {told.still_owed}\n")
    for line in told.wrong[:50]:
        sys.stdout.write(f"{line}\n")
    if told.wrong:
        sys.exit(f"{len(told.wrong)} things are not as they have to be")


if __name__ == "__main__":
    main()
