"""What one case contributes to the common figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from domain import events as e
from domain.calendar import Nation, Period, last_day, london_date
from domain.case import Case
from domain.case_parts import Appeal, Restriction
from domain.codes import AppealOutcome, EndKind, NoticeKind, SubjectId
from domain.evolve import HistoryStep
from domain.owed_letters import OF_A_CHANGE, letters_ever_owed
from domain.policy import StepCode
from domain.reports.lines import OVERRIDE
from domain.reports.stretch import DAY, Stretch

WARNING_FIRST: Final = frozenset({"warning_first", "behaviour_persisted"})  # rules of a warning before a restriction
# Months have the same length in every nation.
ANY_NATION: Final = Nation.ENGLAND_AND_WALES
LASTED: Final = (
    ("lasted_to_3_months", Period.parse("3 months")),
    ("lasted_to_6_months", Period.parse("6 months")),
    ("lasted_to_12_months", Period.parse("12 months")),
)
LASTED_LONGER: Final = "lasted_longer"
ENDED: Final = {
    EndKind.LIFTED: "ended_lifted",
    EndKind.OVERTURNED: "ended_overturned",
    EndKind.DEATH: "ended_death",
}
OUTCOMES: Final = {
    AppealOutcome.UPHELD: "appeals_upheld",
    AppealOutcome.VARIED: "appeals_varied",
    AppealOutcome.OVERTURNED: "appeals_overturned",
}


@dataclass(slots=True)
class OfCase:
    """What one case adds: counts by line, how long what ended had lasted, and when somebody was restricted.

    `restricted` holds, for each line that counts people, the households in which they were; None for one not known.
    """

    persons: tuple[SubjectId, ...]
    counts: Counter[str] = field(default_factory=Counter)
    lasted: list[int] = field(default_factory=list)  # days
    restricted: dict[str, set[str | None]] = field(default_factory=dict)
    in_breach: bool = False


def of_case(steps: Sequence[HistoryStep], days: Stretch, known_on: date) -> OfCase | None:
    """What the history of a case says of these days, known on a day; None for what is no case.

    What should never have been made counts nowhere but where that is counted, and neither does what was about
    somebody else.
    """
    case = steps[-1].after.without_moved() if steps else Case()
    if not case.person:
        return None
    found = OfCase(case.persons())
    counting = _Counting(case, steps, days, known_on, found)
    counting.restrictions()
    counting.warnings()
    counting.appeals()
    counting.reviews()
    counting.letters()
    counting.support()
    counting.safety()
    counting.set_aside()
    return found


class _Counting:
    def __init__(self, case: Case, steps: Sequence[HistoryStep], days: Stretch, known_on: date, found: OfCase) -> None:
        self.case = case
        self.facts = [step.event for step in steps]
        self.days = days
        self.known_on = known_on
        self.found = found
        self.never_made = {r.id for r in case.restrictions if r.never_made}
        self.made = [r for r in case.restrictions if not r.never_made]

    def count(self, line: str, day: date | None) -> None:
        """Once more, if it was on one of the days."""
        if self.days.holds(day):
            self.found.counts[line] += 1

    def balance(self, begun: date, over: date | None, at_start: str, at_end: str) -> None:
        """What began on a day and was over on another is there when the days begin, when they end, or not."""
        if begun < self.days.first and (over is None or over >= self.days.first):
            self.found.counts[at_start] += 1
        if begun <= self.days.last and (over is None or over > self.days.last):
            self.found.counts[at_end] += 1

    def restrictions(self) -> None:
        """In force, begun, ended, and for how long; whom they restricted."""
        for one in self.made:
            last = one.last_day()
            if last < one.starts_on:
                continue  # over before it began
            over = last + DAY
            kind = "interim" if one.interim else "restrictions"
            self.count("interim_applied" if one.interim else "restrictions_begun", one.starts_on)
            self.balance(one.starts_on, over, f"{kind}_at_start", f"{kind}_at_end")
            self._restricted(one, last)
            if one.interim:
                confirmed = one.end_kind is EndKind.CONFIRMED
                self.count("interim_confirmed" if confirmed else "interim_ended", over)
            elif self.days.holds(over):
                self._ended(one, last)
            at_end = self.days.last
            if not one.interim and one.starts_on <= at_end <= last and not one.in_force_on(at_end):
                self.found.counts["suspended_at_end"] += 1
        for proposal in self.case.proposals:
            if proposal.outcome == "declined":
                self.count("proposals_declined", proposal.decided_on)

    def _ended(self, one: Restriction, last: date) -> None:
        counts = self.found.counts
        counts["restrictions_ended"] += 1
        counts[ENDED.get(one.end_kind, "ended_reached_its_date") if one.end_kind else "ended_reached_its_date"] += 1
        within = (line for line, period in LASTED if last <= last_day(one.starts_on, period, ANY_NATION))
        counts[next(within, LASTED_LONGER)] += 1
        self.found.lasted.append((last - one.starts_on).days + 1)

    def _restricted(self, one: Restriction, last: date) -> None:
        def on(line: str, first: date, until: date) -> None:
            if one.starts_on <= until and last >= first:
                self.found.restricted.setdefault(line, set()).add(one.household or self.case.household)

        on("at_start", self.days.before, self.days.before)
        on("at_end", self.days.last, self.days.last)
        on("during", self.days.first, self.days.last)

    def warnings(self) -> None:
        """Incidents, warnings and breaches."""
        for incident in self.case.incidents:
            self.count("incidents", incident.happened_on)
        for warning in self.case.warnings:
            if not warning.withdrawn:
                self.count("warnings_issued", warning.issued_on)
        for breach in self.case.breaches:
            if not breach.withdrawn and breach.restriction not in self.never_made:
                self.count("breaches", breach.happened_on)
                self.found.in_breach |= self.days.holds(breach.happened_on)
        for event in self.facts:
            match event.fact:
                case e.WarningWithdrawn():
                    self.count("warnings_withdrawn", event.effective_on)
                case e.RestrictionApplied() as decided if decided.restriction not in self.never_made:
                    overridden = any(one.rule in WARNING_FIRST for one in event.overrides)
                    if overridden or decided.extreme_reason is not None:
                        self.count("warnings_waived", decided.decided_on)

    def appeals(self) -> None:
        """Lodged, and what came of them."""
        closed = self._closed()
        for appeal in self.case.appeals:
            if appeal.restriction in self.never_made:
                continue
            begun = appeal.received_on
            over = None if appeal.open else max(begun, closed.get(appeal.id, begun))
            self.count("appeals_lodged", begun)
            self.balance(begun, over, "appeals_at_start", "appeals_at_end")
            self.count(_outcome(appeal), over)
            due = appeal.answer_due_on
            if appeal.outcome is not None and due is not None and over is not None and over > due:
                self.count("appeals_answered_late", over)

    def _closed(self) -> Mapping[str, date]:
        """On which day nothing was owed on an appeal any more."""
        closed: dict[str, date] = {}
        for event in self.facts:
            match event.fact:
                case e.AppealWithdrawn() as withdrawn:
                    closed[withdrawn.appeal] = withdrawn.withdrawn_on
                case e.LateAppealDecided() as late if not late.accepted:
                    closed[late.appeal] = event.effective_on
                case e.AppealDetermined() as determined:
                    closed[determined.appeal] = determined.decided_on
        return closed

    def reviews(self) -> None:
        """Those that fell due while the restriction lasted, and what became of each."""
        for one in self.made:
            last = one.last_day()
            held = {(r.cadence, r.due_on): r.held_on for r in one.reviews}
            for cadence, due in dict.fromkeys((s.cadence, s.due_on) for s in one.schedule):
                if due <= last:
                    self._became("reviews", due, held.get((cadence, due)))
            for review in one.reviews:
                if review.due_on is None:
                    self.count("reviews_beside", review.held_on)

    def letters(self) -> None:
        """Those that were owed to the customer, and when each was sent first."""
        sent: dict[tuple[NoticeKind, str], list[date]] = {}
        for event in self.facts:
            if isinstance(event.fact, e.NoticeSent):
                notice = event.fact
                sent.setdefault((notice.kind, notice.about), []).append(london_date(notice.sent_at))
        gone = self._of_what_was_never_made()
        for letter in letters_ever_owed(self.case):
            if letter.about in gone or letter.due_on is None:
                continue
            kind = NoticeKind(letter.code)
            # The letter of a colleague's change before this one says nothing of this one.
            since = letter.from_on if kind is NoticeKind.CONTACT_CHANGE else date.min
            kinds = OF_A_CHANGE if kind in OF_A_CHANGE else (kind,)
            went = (on for one in kinds for on in sent.get((one, letter.about), ()) if on >= since)
            first = min(went, default=None)
            moot = letter.until_on is not None and letter.until_on < letter.due_on
            # Nothing is sent to the dead, nor what is owed no more when its day comes.
            if first is not None or not (moot or self.case.dead()):
                self._became("letters", letter.due_on, first)

    def _of_what_was_never_made(self) -> set[str]:
        """What letters can be about, of restrictions that should never have been made."""
        gone = set(self.never_made)
        for restriction in self.case.restrictions:
            if restriction.never_made:
                gone |= {*restriction.changes, *restriction.contacts_changed}
        gone |= {a.id for a in self.case.appeals if a.restriction in self.never_made}
        return gone | {r.id for r in self.case.review_requests if r.restriction in self.never_made}

    def _became(self, what: str, due: date, done: date | None) -> None:
        """Something that was due on a day: done in time, late or not by now, or due this very day."""
        if not self.days.holds(due):
            return
        self.found.counts[f"{what}_due"] += 1
        if done is not None:
            how = "in_time" if done <= due else "late"
        else:
            how = "missed" if due < self.known_on else "open"
        self.found.counts[f"{what}_{how}"] += 1

    def support(self) -> None:
        """Adjustments, and the equality duty."""
        for one in self.case.adjustments:
            over = None if one.decided_on is None else max(one.requested_on, one.decided_on)
            self.count("adjustments_asked", one.requested_on)
            self.count("adjustments_agreed" if one.agreed else "adjustments_refused", over)
            self.balance(one.requested_on, over, "adjustments_at_start", "adjustments_at_end")
        for step in self.case.steps:
            if step.code == StepCode.EQUALITY_DUTY:
                self.count("equality_considered", step.on)

    def safety(self) -> None:
        """Warnings that staff may be at risk, from their approval."""
        for one in self.case.safety:
            if one.as_wrong:
                self.count("safety_withdrawn_as_wrong", one.wrong_on)
                continue
            if one.approved_on is None or one.declined_on is not None:
                continue
            over = one.last_day() + DAY
            if over <= one.approved_on:
                continue
            self.count("safety_approved", one.approved_on)
            self.count("safety_ended", over)
            self.balance(one.approved_on, over, "safety_at_start", "safety_at_end")

    def set_aside(self) -> None:
        """Rules that somebody entitled to set aside, and restrictions that should never have been made."""
        for restriction in self.case.restrictions:
            if restriction.never_made:
                self.count("withdrawn_as_wrong", restriction.wrong_on)
        gone = self.never_made | {r.proposal for r in self.case.restrictions if r.never_made and r.proposal}
        for event in self.facts:
            if not self.days.holds(event.effective_on) or _about(event.fact) & gone:
                continue
            for override in event.overrides:
                self.found.counts["overrides"] += 1
                self.found.counts[f"{OVERRIDE}{override.rule}"] += 1


def _outcome(appeal: Appeal) -> str:
    if appeal.withdrawn:
        return "appeals_withdrawn"
    if appeal.declined:
        return "appeals_declined"
    return OUTCOMES[appeal.outcome] if appeal.outcome is not None else ""


def _about(fact: e.Fact) -> set[str]:
    """The restriction and the proposal that a fact names, if any."""
    named = (getattr(fact, "restriction", None), getattr(fact, "proposal", None))
    return {one for one in named if isinstance(one, str)}
