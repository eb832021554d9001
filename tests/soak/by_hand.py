"""What the clock has to take down of one case, counted by hand: from the facts, when it looked, and a calendar.

Nothing here asks what the service itself takes for owed. Each kind is a few lines of its own: when it is due, and what
fact says that it was done.
"""

from __future__ import annotations

import calendar
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise, zip_longest
from typing import Final, NamedTuple

from domain import events as e

DAY: Final = timedelta(days=1)
MONDAY_FIRST: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Owed(NamedTuple):
    """Something with a last day: what it is, of what, by when; and where in the log it came up and was done."""

    what: str
    about: str
    due_on: date
    known: int
    done: int | None
    until: date = date.max  # the last day on which it is owed at all


# Cadences of each policy, in months: after how many first, and then every how many (0: once).
CADENCES: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "citizen": {"regular": (6, 6)},
    "derby": {"twelve_monthly": (12, 12)},
    "maidstone": {"three_monthly": (3, 3)},
    "wolverhampton": {"monthly": (1, 1), "three_monthly": (3, 3), "formal": (6, 0)},
    "star": {"status": (6, 3)},
}


def months_after(day: date, months: int) -> date:
    """So many months later, on the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def review_days(landlord: str, decided_on: date, after: date, ends_on: date) -> Iterator[tuple[str, date]]:
    """The reviews that fall after one day and up to an end; a cadence without any is looked at on the end."""
    for cadence, (first, then) in CADENCES[landlord].items():
        days = [months_after(decided_on, first)]
        while then and days[-1] <= ends_on:
            days.append(months_after(decided_on, first + then * len(days)))
        yield from ((cadence, day) for day in [d for d in days if after < d <= ends_on] or [ends_on])


class Look(NamedTuple):
    """The clock looked on this day, when the log went so far."""

    day: date
    head: int


class Term:
    """A restriction's life: every end that it was given, and the day on which it was cut short, if it was."""

    def __init__(self, applied: e.RestrictionApplied, known: int) -> None:
        self.id = applied.restriction
        self.known = known
        self.decided_on = applied.decided_on
        self.ends = [applied.ends_on]
        self.over_from: date | None = None
        self.calls = [(m.id, slot) for m in applied.measures for slot in m.slots]
        self.looked_at = [(m.id, m.review_every) for m in applied.measures if m.review_every]

    @property
    def last(self) -> date:
        """Its last day, as is known in the end."""
        return self.ends[-1] if self.over_from is None else min(self.ends[-1], self.over_from - DAY)


class ByHand:
    """One case's count, with every time that the clock looked, in order."""

    def __init__(self, landlord: str, history: Sequence[e.Event], ticks: Sequence[Look]) -> None:
        self._landlord = landlord
        self._ticks = ticks
        self._heads = [look.head for look in ticks]
        self._history = history
        self.owed = [*self._owed()]
        self.terms: dict[str, Term] = {t.id: t for t in self._terms()}
        self.owed += [one for term in self.terms.values() for one in self._of(term)]

    def expected(self) -> Counter[tuple[str, str, date]]:
        """What has to be on record as gone by: each once for each time that it was owed."""
        return Counter((one.what, one.about, one.due_on) for one in self.owed if self._went_by(one))

    def still_owed(self, day: date) -> Counter[tuple[str, str, date]]:
        """What was to be done before that day, never was, and is owed all the same; reviews and ends aside."""
        late = (one for one in self.owed if one.done is None and one.due_on < day <= one.until)
        return Counter((one.what, one.about, one.due_on) for one in late if one.what not in NOT_LISTED)

    def _went_by(self, one: Owed) -> bool:
        """The first time that the clock looked once the day was over and the matter known, it was not done."""
        first = max(bisect_right(self._ticks, (one.due_on, sys.maxsize)), bisect_left(self._heads, one.known))
        return first < len(self._ticks) and (one.done is None or one.done > self._heads[first])

    def _place(self, wanted: type, **fields: object) -> int | None:
        """Where in the log the first fact of a kind with these fields stands."""
        for event in self._history:
            if isinstance(event.fact, wanted) and all(getattr(event.fact, n) == v for n, v in fields.items()):
                return event.position
        return None

    def _letter(self, about: str, kind: str) -> int | None:
        return self._place(e.NoticeSent, about=about, kind=kind)

    def _owed(self) -> Iterator[Owed]:
        for event in self._history:
            fact, on, at = event.fact, event.recorded_on, event.position
            match fact:
                case e.AdjustmentRequested(adjustment=it, answer_by_on=date() as due):
                    yield Owed("adjustment", it, due, at, self._place(e.AdjustmentDecided, adjustment=it))
                case e.WarningIssued(warning=it):
                    yield Owed("letter", it, on, at, self._letter(it, "warning"))
                case e.RestrictionExtended(change=it):
                    yield Owed("letter", it, on, at, self._letter(it, "extension"))
                case e.RestrictionLifted(restriction=it, from_on=over):
                    yield Owed("letter", it, over, at, self._letter(it, "ending"))
                case e.AppealLodged(appeal=it):
                    gone = self._place(e.AppealWithdrawn, appeal=it)
                    if fact.in_time and fact.answer_due_on is not None:
                        yield Owed("appeal", it, fact.answer_due_on, at, gone)
                    if not fact.in_time and fact.decide_late_by_on is not None:
                        yield Owed("late_appeal", it, fact.decide_late_by_on, at, gone)
                    if fact.acknowledge_by_on is not None:
                        told = earliest(gone, self._place(e.AppealAcknowledged, appeal=it))
                        yield Owed("acknowledgement", it, fact.acknowledge_by_on, at, told)
                case e.AgreementMade(agreement=it, review_on=due):
                    yield Owed("agreement", it, due, at, self._place(e.AgreementEnded, agreement=it))
                case e.RightsRequestReceived(request=it, due_on=due):
                    yield Owed("rights", it, due, at, self._place(e.RightsRequestAnswered, request=it))
                case e.ComplaintLinked(complaint=it, answer_by_on=date() as due):
                    yield Owed("complaint", it, due, at, self._place(e.ComplaintConcluded, complaint=it))
                case e.LegalHoldPlaced(hold=it, review_on=date() as due):
                    yield Owed("hold", it, due, at, self._place(e.LegalHoldReleased, hold=it))
                case e.SafetyWarningProposed(warning=it):
                    yield from self._of_safety(it, fact)
                case e.PolicyCopyRequested(request=it, send_by_on=date() as due):
                    yield Owed("policy_copy", it, due, at, self._place(e.PolicyCopySent, request=it))

    def _of_safety(self, warning: str, proposed: e.SafetyWarningProposed) -> Iterator[Owed]:
        """Of one that was approved: telling the customer that day, and each look up to its end.

        The end is known before anything is counted: one that is taken away early owes nothing any more from that day.
        """
        last, looks = proposed.expires_on, [(proposed.review_on, 0)]
        approved: tuple[date, int] | None = None
        for event in self._history:
            match event.fact:
                case e.SafetyWarningApproved(warning=it, approved_on=on) if it == warning:
                    looks[0] = (proposed.review_on, event.position)
                    approved = on, event.position
                case e.SafetyWarningReviewed(warning=it, review_on=again, reviewed_on=on) if it == warning:
                    looks.append((again or date.max, event.position))
                    last = last if again else min(last, on - DAY)  # without a next look it goes
        if approved is not None:
            told = self._place(e.SafetyWarningTold, warning=warning)
            yield Owed("telling", warning, *approved, told, last)
        for (due, known), following in zip_longest(looks, looks[1:]):
            if known and due <= last:
                done = None if following is None else following[1]
                yield Owed("safety_review", warning, due, known, done, last)

    def _terms(self) -> Iterator[Term]:
        for event in self._history:
            if isinstance(event.fact, e.RestrictionApplied):
                term = Term(event.fact, event.position)
                for later in self._history:
                    match later.fact:
                        case e.RestrictionExtended(restriction=it, ends_on=ends_on) if it == term.id:
                            term.ends.append(ends_on)
                        case e.RestrictionLifted(restriction=it, from_on=over) if it == term.id:
                            term.over_from = over
                yield term

    def _of(self, term: Term) -> Iterator[Owed]:
        """What ends with a restriction: itself, its reviews, calls, wishes for a review, and traces elsewhere."""
        known, begun = term.known, term.decided_on
        yield Owed("letter", term.id, begun, known, self._letter(term.id, "decision"), term.last)
        if term.over_from is None:
            yield Owed("term", term.id, term.last, known, None)
        for measure, every in term.looked_at:
            for before, due in pairwise([begun, *months_apart(begun, every, term.last)]):
                yield Owed("measure_review", measure, due, known, self._looked_at(term, before, due))
        after = term.decided_on
        for ends_on in term.ends:
            for cadence, due in review_days(self._landlord, term.decided_on, after, ends_on):
                if due <= term.last:
                    # One that is held late was missed all the same.
                    held = self._review(term, due, cadence)
                    yield Owed(f"review {cadence}", term.id, due, known, held)
            after = ends_on
        for measure, slot in term.calls:
            for due in weekly(slot, term.decided_on, term.last):
                told = [
                    self._place(kind, restriction=term.id, slot=slot, due_on=due)
                    for kind in (e.AgreedCallKept, e.AgreedCallMissed)
                ]
                yield Owed("agreed_call", measure, due, known, earliest(*told), term.last)
        for event in self._history:
            match event.fact:
                case e.ReviewRequested(restriction=it, by_customer=True, answer_due_on=date() as due) if it == term.id:
                    if due <= term.last:
                        done = self._answered(event)
                        yield Owed("review_request", event.fact.request, due, event.position, done, term.last)
                case e.ReviewRequestDeclined(restriction=it, request=wish, declined_on=on) if it == term.id:
                    yield Owed("letter", wish, on, event.position, self._letter(wish, "review_outcome"), term.last)
                case e.AgreedCallMissed(restriction=it, call=call, by_landlord=True) if it == term.id:
                    made_up = self._place(e.AgreedCallKept, slot=event.fact.slot, due_on=event.fact.due_on)
                    yield Owed("call_missed", call, event.fact.due_on, event.position, made_up, term.last)
                case e.AlertPlaced(restriction=it, alert=alert) if it == term.id:
                    undone = self._place(e.RemovalConfirmed, restriction=it, removal=f"alert:{alert}")
                    yield Owed("removal", it, term.last + DAY, event.position, undone)

    def _looked_at(self, term: Term, before: date, due: date) -> int | None:
        """The first review of the restriction, of whatever cadence, in the four weeks up to this look at a measure.

        And since the look before, where that is less.
        """
        before = max(before, due - timedelta(weeks=4) - DAY)
        for event in self._history:
            match event.fact:
                case e.ReviewCompleted(restriction=it, held_on=on) if it == term.id and before < on <= due:
                    return event.position
        return None

    def _review(self, term: Term, due: date, cadence: str) -> int | None:
        for event in self._history:
            match event.fact:
                case e.ReviewCompleted(restriction=it, due_on=of, held_on=on) as fact:
                    if (it, of, fact.cadence) == (term.id, due, cadence) and on <= due:
                        return event.position
        return None

    def _answered(self, asked: e.Event) -> int | None:
        """Declined, or any review of the restriction held since."""
        for event in self._history[self._history.index(asked) :]:
            match event.fact:
                case e.ReviewRequestDeclined(request=it) if it == asked.fact.request:  # type: ignore[union-attr]
                    return event.position
                case e.ReviewCompleted(restriction=it) if it == asked.fact.restriction:  # type: ignore[union-attr]
                    return event.position
        return None


# What is looked up in another way than by its day, or ends by itself.
NOT_LISTED: Final = frozenset({"term", "measure_review", *(f"review {c}" for of in CADENCES.values() for c in of)})


def months_apart(start: date, every: str, last: date) -> Iterator[date]:
    """Each day on which so many more months are over, up to the last."""
    months = int(every.partition(" ")[0])
    if every.partition(" ")[2].rstrip("s") != "month":
        raise ValueError(f"count {every} by hand, too")
    for n in range(1, 1_000):
        day = months_after(start, n * months)
        if day > last:
            return
        yield day


def earliest(*places: int | None) -> int | None:
    """The first of these, as far as there are any."""
    return min((place for place in places if place is not None), default=None)


def weekly(slot: str, start: date, last: date) -> Iterator[date]:
    """Each such weekday after the start, up to the last day."""
    wanted = MONDAY_FIRST.index(slot.partition(" ")[0])
    day = start + DAY
    while day <= last:
        if day.weekday() == wanted:
            yield day
        day += DAY


def on_record(history: Sequence[e.Event]) -> Counter[tuple[str, str, date]]:
    """What is on record as gone by, in the same words."""
    found: Counter[tuple[str, str, date]] = Counter()
    for event in history:
        match event.fact:
            case e.DeadlinePassed(duty=duty, about=about, due_on=due):
                found[duty, about, due] += 1
            case e.ReviewFellDue(restriction=about, cadence=cadence, due_on=due):
                found[f"review {cadence}", about, due] += 1
            case e.RestrictionEnded(restriction=about, last_day=due):
                found["term", about, due] += 1
    return found
