"""What a restriction leaves to be done, looked at on a day: letters, telling colleagues, reviews, undoing it all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta

from domain import events as e
from domain.baseline import Baseline
from domain.calendar import last_day
from domain.case import Case
from domain.case_parts import Restriction, ReviewHeld
from domain.codes import EndKind, NoticeKind, ReviewOutcome, RoleCode
from domain.compliance.findings import Finding, Verdict
from domain.events import Event, ScheduledReview
from domain.measure_reviews import looks
from domain.policy import Cited, Policy, Source, Strength


@dataclass(frozen=True, slots=True)
class Clause:
    """What stands behind something owed: clause, strength and source, as a finding shows them."""

    cited: str
    strength: Strength
    source: Source

    @classmethod
    def of(cls, value: Cited) -> Clause:
        """That of a value of the policy."""
        return cls(value.cited, value.strength, value.source)


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that a clause asks of one part of a case, and to whom it falls."""

    rule: str
    clause: Clause
    about: str
    asks: str
    by: tuple[RoleCode, ...] = ()

    def found(
        self,
        verdict: Verdict,
        *,
        due_on: date | None = None,
        done_on: date | None = None,
        events: tuple[str, ...] = (),
    ) -> Finding:
        """What became of it; one that was done after its day says by how many days."""
        late = (done_on - due_on).days if verdict is Verdict.LATE and due_on and done_on else None
        return Finding(
            rule=self.rule,
            clause=self.clause.cited,
            strength=self.clause.strength,
            source=self.clause.source,
            about=self.about,
            verdict=verdict,
            asks=self.asks,
            due_on=due_on,
            done_on=done_on,
            days_late=late,
            by=self.by,
            events=events,
        )


class Events:
    """The events of a history by what stands in their facts, so that a long one is gone through once."""

    def __init__(self, history: Sequence[Event]) -> None:
        """Notes every id, code and day that a fact names."""
        self._by: dict[tuple[type, str, object], list[Event]] = {}
        for event in history:
            for field in fields(event.fact):
                value = getattr(event.fact, field.name)
                if isinstance(value, str | date):
                    self._by.setdefault((type(event.fact), field.name, value), []).append(event)

    def of(self, kind: type, **wanted: object) -> tuple[str, ...]:
        """Ids of the events of a kind of fact with these values in these fields."""
        (name, value), *others = wanted.items()
        found = self._by.get((kind, name, value), ())
        return tuple(x.event_id for x in found if all(getattr(x.fact, n) == v for n, v in others))


@dataclass(frozen=True, slots=True)
class Look:
    """A case on a day, as it was left: with its history, the policy that a part was decided under, and the baseline."""

    case: Case
    history: Sequence[Event]
    events: Events
    policy: Policy
    baseline: Baseline
    today: date

    def baseline_clause(self, rule: str) -> Clause:
        """That of a baseline rule."""
        found = self.baseline.rules[rule]
        return Clause(f"baseline {found.number}", found.strength, Source.BASELINE)

    def shown(self, kind: type, **wanted: object) -> tuple[str, ...]:
        """Ids of the events of a kind of fact with these values in these fields."""
        return self.events.of(kind, **wanted)

    def by_its_day(self, due_on: date | None, done_on: date | None) -> Verdict:
        """What is due by a day, or whenever: met, late, not met once the day is over; open until then."""
        if done_on is not None:
            return Verdict.MET if due_on is None or done_on <= due_on else Verdict.LATE
        if due_on is not None:
            return Verdict.NOT_MET if due_on < self.today else Verdict.OPEN
        return Verdict.NOT_MET if self.case.stage == "closed" else Verdict.OPEN

    def letter(self, since: date, sent_on: date | None) -> Verdict:
        """A letter that follows on a step; none is owed to somebody who has died."""
        return Verdict.NOT_APPLICABLE if sent_on is None and self.case.dead() else self.at_once(since, sent_on)

    def undone(self, wrong_on: date | None, undone_on: date | None) -> Verdict:
        """A trace elsewhere, by the closing of the case; of what was found wrong after that, at once."""
        if wrong_on is not None and self.case.stage == "closed":
            return self.at_once(wrong_on, undone_on)
        return self.by_its_day(None, undone_on)

    def at_once(self, since: date, done_on: date | None) -> Verdict:
        """What follows on a step without a term of its own: owed from that day, missed from the next one on."""
        if done_on is not None:
            return Verdict.MET
        return Verdict.OPEN if self.today <= since else Verdict.NOT_MET


def owed_on_restrictions(look: Look, restriction: Restriction) -> Iterator[Finding]:
    """Everything that a restriction asks of the landlord once it is decided."""
    yield from _told(look, restriction)
    yield from _others_told(look, restriction)
    yield from _reviews(look, restriction)
    yield from _undone(look, restriction)


def letter_sent(
    look: Look, about: str, *kinds: NoticeKind, since: date = date.min
) -> tuple[date | None, tuple[str, ...]]:
    """When a letter of one of these kinds went out, on that day or later, that did not come back; its events."""
    letters = look.case.notices_about(about, *kinds)
    sent = [n for n in letters if n.sent_on is not None and n.sent_on >= since and n.received_on is not None]
    events = tuple(i for n in sent for i in look.shown(e.NoticeSent, notice=n.id))
    return min((n.sent_on for n in sent if n.sent_on), default=None), events


def _told(look: Look, restriction: Restriction) -> Iterator[Finding]:
    """The decision, and each change that asks for more, is told in writing (baseline 8)."""
    notice = look.policy.notices.get(NoticeKind.DECISION)
    clause = Clause.of(notice) if notice else look.baseline_clause("notice_before_breach")
    asks = "The customer is told of the decision in writing."
    if restriction.imported_from is None:  # what is known of others is told by `domain.compliance.imported`
        # Of an interim restriction the letter follows once everybody is back; that of its confirmation tells of it too.
        later = _confirming(look, restriction)
        letters = [letter_sent(look, one.id, NoticeKind.DECISION) for one in (restriction, *later)]
        sent = min((on for on, _ in letters if on), default=None)
        events = tuple(i for _, found in letters for i in found)
        verdict = look.letter(max([_owed_from(look, restriction), *(one.decided_on for one in later)]), sent)
        yield Owed("told_in_writing", clause, restriction.id, asks).found(verdict, done_on=sent, events=events)
    for event in look.history:
        fact = event.fact
        if isinstance(fact, e.RestrictionVaried) and fact.restriction == restriction.id:
            yield _change_told(look, fact.change, NoticeKind.VARIATION, event)
        elif isinstance(fact, e.RestrictionExtended) and fact.restriction == restriction.id:
            yield _change_told(look, fact.change, NoticeKind.EXTENSION, event)


def _confirming(look: Look, restriction: Restriction) -> tuple[Restriction, ...]:
    """The decision that took the place of an interim restriction, where there is one; never more."""
    return tuple(r for r in look.case.restrictions if r.confirms == restriction.id)


def _owed_from(look: Look, restriction: Restriction) -> date:
    """From which day on telling is missed once that day is over: nobody is at work on the night of an interim one."""
    if not restriction.interim:
        return restriction.decided_on
    return last_day(restriction.decided_on, look.baseline.interim_reviewed.period, look.policy.nation)


def _change_told(look: Look, change: str, kind: NoticeKind, event: Event) -> Finding:
    sent, events = letter_sent(look, change, kind)
    clause = look.baseline_clause("notice_before_breach")
    verdict = look.letter(event.effective_on, sent)
    asks = "The customer is told of the change in writing."
    return Owed("told_in_writing", clause, change, asks).found(verdict, done_on=sent, events=(event.event_id, *events))


def _others_told(look: Look, restriction: Restriction) -> Iterator[Finding]:
    """Alerts and audiences that the policy wants for every restriction; those that it only allows are not asked."""
    later = _confirming(look, restriction)
    # What was set elsewhere for an interim restriction stays set for the decision that took its place.
    told = {t.key: t.on for r in (*later, restriction) for t in r.others_told}
    since = max([_owed_from(look, restriction), *(r.decided_on for r in later)])
    wanted: list[tuple[str, str, Cited, str, tuple[RoleCode, ...]]] = [
        (f"alert_{code}", f"alert:{code}", alert, alert.title, ()) for code, alert in look.policy.alerts.items()
    ]
    for code, audience in look.policy.audiences.items():
        keys = [f"partner:{p}" for p in audience.partners] or [f"audience:{code}"]
        wanted += [(f"informed_{code}", key, audience, audience.title, audience.roles) for key in keys]
    for rule, key, value, title, roles in wanted:
        if value.strength is Strength.MAY:
            continue
        done = told.get(key)
        verdict = look.at_once(since, done)
        if done is None and restriction.imported_from is not None:
            verdict = Verdict.CANNOT_BE_SHOWN
        kinds = (e.AlertPlaced, e.StaffInformed, e.PartnerInformed)
        events = tuple(
            i
            for r in (restriction, *later)
            for kind in kinds
            for i in look.shown(kind, restriction=r.id, **_named(kind, key))
        )
        yield Owed(rule, Clause.of(value), restriction.id, title, by=roles).found(verdict, done_on=done, events=events)


def _named(kind: type, key: str) -> dict[str, object]:
    field = {e.AlertPlaced: "alert", e.StaffInformed: "audience", e.PartnerInformed: "partner"}[kind]
    what, _, code = key.partition(":")
    return {field: code if what == field else None}


def _reviews(look: Look, restriction: Restriction) -> Iterator[Finding]:
    """Each scheduled review by its day; one that a later end overtook was never due."""
    held = {(r.cadence, r.due_on): r for r in restriction.reviews if r.due_on is not None}
    missed = {(s.cadence, s.due_on) for s in restriction.missed_reviews(look.today)}
    for scheduled in sorted(restriction.schedule, key=lambda s: (s.due_on, s.cadence)):
        review = held.get((scheduled.cadence, scheduled.due_on))
        done = review.held_on if review else None
        if review is None and restriction.last_day() < scheduled.due_on:
            verdict = Verdict.NOT_APPLICABLE
        elif (scheduled.cadence, scheduled.due_on) in missed:
            verdict = Verdict.LATE if done is not None else Verdict.NOT_MET
        else:
            verdict = Verdict.MET if done is not None else Verdict.OPEN
        events = look.shown(e.ReviewCompleted, review=review.id) if review else ()
        fell = look.shown(
            e.ReviewFellDue, restriction=restriction.id, cadence=scheduled.cadence, due_on=scheduled.due_on
        )
        yield Owed(
            f"review_{scheduled.cadence}",
            _clause_of(look, scheduled),
            restriction.id,
            "The review is held by its date.",
            by=scheduled.by,
        ).found(verdict, due_on=scheduled.due_on, done_on=done, events=(*events, *fell))
    for review in restriction.reviews:
        yield from _outcome_told(look, restriction, review)
    yield from _measures_looked_at(look, restriction)


def _measures_looked_at(look: Look, restriction: Restriction) -> Iterator[Finding]:
    """A measure with a cadence of its own is looked at again by each of its days."""
    for one in looks(restriction):
        kind = look.policy.measures.get(one.measure.code)
        clause = Clause(one.measure.clause, Strength.MUST, kind.source if kind else Source.ASSUMED)
        asks = "The measure is looked at again as often as was decided with it."
        held = [r.id for r in restriction.reviews if r.held_on == one.held_on]
        yield Owed("measure_review", clause, one.measure.id, asks).found(
            look.by_its_day(one.due_on, one.held_on),
            due_on=one.due_on,
            done_on=one.held_on,
            events=tuple(i for review in held for i in look.shown(e.ReviewCompleted, review=review)),
        )


def _clause_of(look: Look, scheduled: ScheduledReview) -> Clause:
    cadence = look.policy.reviews.get(scheduled.cadence)
    if cadence is None:
        return Clause(scheduled.clause, Strength.MUST, Source.BASELINE)
    return Clause(scheduled.clause, cadence.strength, cadence.source)


def _outcome_told(look: Look, restriction: Restriction, review: ReviewHeld) -> Iterator[Finding]:
    """What came of a review is told where the policy says so: in a letter of its own, or in that of the change."""
    cadence = look.policy.reviews.get(review.cadence)
    if cadence is None or cadence.told is None or review.outcome not in cadence.told.value:
        return
    about = [(review.id, NoticeKind.REVIEW_OUTCOME)]
    for event in look.history:
        fact = event.fact
        if isinstance(fact, e.RestrictionExtended) and fact.because_of == review.id:
            about.append((fact.change, NoticeKind.EXTENSION))
        elif isinstance(fact, e.RestrictionVaried) and fact.because_of == review.id:
            about.append((fact.change, NoticeKind.VARIATION))
    if review.outcome is ReviewOutcome.LIFTED:
        about.append((restriction.id, NoticeKind.ENDING))
    letters = [letter_sent(look, what, kind) for what, kind in about]
    sent = min((on for on, _ in letters if on), default=None)
    yield Owed(
        "review_outcome_told",
        Clause.of(cadence.told),
        review.id,
        "The customer is told in writing what came of the review.",
    ).found(look.letter(review.held_on, sent), done_on=sent, events=tuple(i for _, events in letters for i in events))


def _undone(look: Look, restriction: Restriction) -> Iterator[Finding]:
    """Whoever was told, and whatever was marked, is told or cleared when it ends (baseline 15)."""
    if not restriction.over_on(look.today) or restriction.end_kind is EndKind.CONFIRMED:
        return
    over = restriction.last_day() + timedelta(days=1)
    for told in restriction.others_told:
        events = look.shown(e.RemovalConfirmed, restriction=restriction.id, removal=told.key)
        what, _, code = told.key.partition(":")
        if what in ("audience", "partner"):
            events += look.shown(e.EndingNotified, restriction=restriction.id, **{what: code})
        yield Owed(
            "ending_is_undone_everywhere",
            look.baseline_clause("ending_is_undone_everywhere"),
            restriction.id,
            f"{told.key} is undone once the restriction is over, on {over}.",
        ).found(look.undone(restriction.wrong_on, told.undone_on), done_on=told.undone_on, events=events)
    yield from _wrong_told(look, restriction)


def _wrong_told(look: Look, restriction: Restriction) -> Iterator[Finding]:
    """Whoever was restricted and should never have been is told so, also where they knew already that it was over."""
    if restriction.wrong_on is None or not look.case.knows_of(restriction):
        return
    sent, events = letter_sent(look, restriction.id, NoticeKind.ENDING, since=restriction.wrong_on)
    yield Owed(
        "wrong_told",
        look.baseline_clause("ending_is_undone_everywhere"),
        restriction.id,
        "The customer is told in writing that the restriction should never have been made.",
    ).found(
        look.letter(restriction.wrong_on, sent),
        done_on=sent,
        events=look.shown(e.RestrictionWithdrawnAsWrong, restriction=restriction.id) + events,
    )
