"""Whatever is tried in whatever order under any policy: what must hold of every case holds in every state it reaches.

The expectations are written by hand from the baseline; nothing of them is asked of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.advice import advise
from domain.calendar import start_of_day
from domain.case import Case
from domain.case_parts import Restriction
from domain.codes import AppealOutcome, Channel, Direction, Effect, Purpose, StaffId
from domain.decisions import COMMANDS
from domain.events import (
    AppealDetermined,
    CaseClosed,
    CheckConfirmed,
    CounterAllegationConcluded,
    CounterAllegationRecorded,
    DelegationRecorded,
    Event,
    InterimRestrictionApplied,
    NamedContactChanged,
    NoticeSent,
    PanelViewRecorded,
    RestrictionApplied,
    RestrictionEased,
    RestrictionExtended,
    RestrictionProposed,
    RestrictionVaried,
    ReviewCompleted,
    SafetyWarningApproved,
    SafetyWarningProposed,
    ToldByTelephone,
    WarningIssued,
)
from domain.evolve import HistoryStep, evolve, fold
from domain.handling import Handling, Question
from projections import ALL
from projections.sentences import sentence
from tests.domain.any_command import AnyCommand, walked
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, World

STEPS: Final = 60
# What a customer can begin contact by, and what gets through whatever is in force (baseline 1), by hand.
OWN: Final = {Channel.TELEPHONE, Channel.EMAIL, Channel.LETTER, Channel.ONLINE_FORM, Channel.OFFICE_VISIT}
AT_ONCE: Final = (Purpose.EMERGENCY_REPAIR, Purpose.DANGER, Purpose.SAFEGUARDING, Purpose.DOMESTIC_ABUSE)
RECEIVED: Final = (
    Purpose.REPAIR,
    Purpose.HAZARD,
    Purpose.SUBJECT_ACCESS,
    Purpose.INFORMATION_REQUEST,
    Purpose.NEW_COMPLAINT,
    Purpose.APPEAL,
    Purpose.REVIEW,
    Purpose.ADJUSTMENT_REQUEST,
    Purpose.TENANCY_NOTICE,
    Purpose.PAYMENT,
    Purpose.STATUTORY_APPLICATION,
    Purpose.LEGAL_PAPERS,
    Purpose.REPLY,
)
NOT_THEIRS: Final = (
    Purpose.OMBUDSMAN,
    Purpose.COURT,
    Purpose.POLICE,
    Purpose.COUNCILLOR,
    Purpose.MEMBER_OF_PARLIAMENT,
    Purpose.SOLICITOR,
    Purpose.ADVOCATE,
)
# What an adjustment says by its kind that a customer cannot use, by hand.
CANNOT_USE: Final = {
    "no_telephone": (Channel.TELEPHONE,),
    "no_writing": (Channel.EMAIL, Channel.LETTER, Channel.ONLINE_FORM, Channel.SOCIAL_MEDIA),
    "no_visits": (Channel.OFFICE_VISIT, Channel.MEETING),
}
# What nobody does of whom the customer alleges something that was not concluded.
DECISIVE: Final = (
    AppealDetermined,
    CheckConfirmed,
    InterimRestrictionApplied,
    RestrictionApplied,
    RestrictionExtended,
    RestrictionProposed,
    RestrictionVaried,
    ReviewCompleted,
    SafetyWarningApproved,
    SafetyWarningProposed,
    WarningIssued,
)
FIVE_WORKING_DAYS: Final = timedelta(days=12)  # at most, over two weekends and the holidays of a Christmas


def wrongs(world: World) -> Iterator[str]:
    """What must not be, in words."""
    yield from _never_nothing_left(world)
    yield from _never_without_an_end(world)
    yield from _never_a_breach_of_what_gets_through(world)
    yield from _never_judged_by_those_involved(world)
    yield from _never_on_one_persons_word(world)
    yield from _never_closed_too_soon(world)
    yield from _never_turned_away(world)
    yield from _never_sent_where_they_cannot_go(world)
    yield from _never_heard_by_those_with_a_part(world)
    yield from _never_by_the_accused(world)
    yield from _never_alive_and_ended(world)
    yield from _never_on_nothing(world)
    yield from _never_back_after_an_appeal(world)
    yield from _never_stricter_by_an_appeal(world)


def _never_nothing_left(world: World) -> Iterator[str]:
    """Baseline 2."""
    for day in (world.today, world.today + timedelta(days=1)):
        measures = [m for r in world.case.in_force_on(day) for m in r.measures_on(day) if m.limits_contact]
        left = set(OWN)
        for measure in measures:
            left &= set(measure.open)
        if measures and not left and not any(m.effect is Effect.THIRD_PARTY for m in measures):
            yield f"on {day} the measures {[m.code for m in measures]} leave no way in"


def _never_without_an_end(world: World) -> Iterator[str]:
    """Baseline 3 and 13."""
    for restriction in world.case.restrictions:
        if not any(review.due_on <= restriction.ends_on for review in restriction.schedule):
            yield f"{restriction.id} has no review on or before its end"
        if restriction.interim and restriction.ends_on - restriction.starts_on > FIVE_WORKING_DAYS:
            yield f"{restriction.id} is interim and runs to {restriction.ends_on}"
        if restriction.in_force_on(restriction.ends_on + timedelta(days=1)):
            yield f"{restriction.id} is in force after its end"
    interim = world.facts(InterimRestrictionApplied)
    for number, one in enumerate(interim):
        if any(set(one.incidents) & set(other.incidents) for other in interim[:number]):
            yield f"{one.restriction} renews an interim restriction"


def _never_a_breach_of_what_gets_through(world: World) -> Iterator[str]:
    """Baseline 1 and 8."""
    for breach in world.case.breaches:
        contact, restriction = world.case.contact(breach.contact), world.case.restriction(breach.restriction)
        if breach.withdrawn:
            continue
        if contact is None or restriction is None:
            yield f"{breach.id} is about nothing"
        elif contact.purpose in (None, *AT_ONCE, *RECEIVED, *NOT_THEIRS):
            yield f"{breach.id} is contact for {contact.purpose}"
        elif not (contact.completed and contact.customer_initiated and contact.direction is Direction.INBOUND):
            yield f"{breach.id} is no contact of the customer's"
        elif not _known_before(world, restriction, breach.measure, contact.happened_on):
            yield f"{breach.id} came before the customer was told"


def _known_before(world: World, restriction: Restriction, measure: str, day: date) -> bool:
    """By a conversation that was taken down before, or a letter: one whose receipt is shown, or taken down before."""
    decided = {measure.rpartition(".")[0], restriction.id, *restriction.changes}
    sent = {e.fact.notice: e.recorded_on for e in world.history if isinstance(e.fact, NoticeSent)}
    told = [
        max(e.fact.told_on, e.recorded_on)
        for e in world.history
        if isinstance(e.fact, ToldByTelephone) and measure in e.fact.measures
    ]
    told += [
        n.proved_on or max(n.received_on, sent[n.id])
        for n in world.case.notices
        if n.about in decided and n.received_on is not None
    ]
    return any(on < day for on in told)


def _never_judged_by_those_involved(world: World) -> Iterator[str]:
    """Baseline 9."""
    for appeal in world.case.appeals:
        restriction = world.case.restriction(appeal.restriction)
        if restriction and appeal.outcome and appeal.reviewer == restriction.decided_by:
            yield f"{appeal.id} was heard by whoever decided"


def _never_heard_by_those_with_a_part(world: World) -> Iterator[str]:
    """Baseline 9, by who did what before the outcome; the warning, the proposal and each answer to a check count."""
    for number, event in enumerate(world.history):
        if not isinstance(event.fact, AppealDetermined):
            continue
        appeal = world.case.appeal(event.fact.appeal)
        before = world.history[:number]
        if appeal is not None and event.actor in _with_a_part(appeal.restriction, before):
            yield f"{appeal.id} was heard by {event.actor}, who had a part in it"


def _with_a_part(restriction: str, before: list[Event]) -> set[StaffId]:
    """Whoever applied, proposed, checked, advised on, changed or reviewed it, warned before it, or is its contact."""
    found, warned, of_proposal = set[StaffId](), set[StaffId](), dict[str, set[StaffId]]()
    for event in before:
        fact, actor = event.fact, event.actor
        match fact:
            case WarningIssued():
                warned.add(actor)
            case RestrictionProposed() | CheckConfirmed() | DelegationRecorded():
                of_proposal.setdefault(fact.proposal, set()).add(actor)
            case PanelViewRecorded():
                of_proposal.setdefault(fact.proposal, set()).update(fact.members)
            case RestrictionApplied() if fact.restriction == restriction:
                found |= {actor} | warned | of_proposal[fact.proposal]
                if fact.confirms is not None:
                    found |= _with_a_part(fact.confirms, before)
                found |= {s for m in fact.measures for s in m.contact_staff}
            case InterimRestrictionApplied() | RestrictionVaried() if fact.restriction == restriction:
                found |= {actor} | {s for m in fact.measures for s in m.contact_staff}
            case RestrictionEased() | RestrictionExtended() | ReviewCompleted() if fact.restriction == restriction:
                found.add(actor)
            case NamedContactChanged() if fact.restriction == restriction:
                found.update(fact.contact_staff)
            case _:
                pass
    return found


def _never_by_the_accused(world: World) -> Iterator[str]:
    """Baseline 9: while an allegation against them that was known is open, nobody warns, decides or hears."""
    accused: dict[str, tuple[StaffId, date]] = {}
    for event in world.history:
        fact = event.fact
        if isinstance(fact, CounterAllegationRecorded):
            accused[fact.allegation] = (fact.against, fact.received_on)
        elif isinstance(fact, CounterAllegationConcluded):
            accused.pop(fact.allegation, None)
        if isinstance(fact, DECISIVE) and any(
            event.actor == who and since <= event.effective_on for who, since in accused.values()
        ):
            yield f"{event.actor} is accused and made {type(fact).__name__}"


def _never_on_nothing(world: World) -> Iterator[str]:
    """Baseline 4 and 6: what stands rests on conduct of this customer, and on nothing that was moved away."""
    case, today = world.case, world.today
    gone = {i.id for i in case.incidents if i.moved}
    for restriction in case.restrictions:
        if not restriction.over_on(today) and gone & {*restriction.incidents}:
            yield f"{restriction.id} rests on what was moved"
    longer = {f.restriction for f in world.facts(RestrictionExtended) if gone & {*f.incidents}}
    yield from (
        f"{r.id} goes on by what was moved" for r in case.restrictions if r.id in longer and not r.over_on(today)
    )
    for warning, _ in case.standing_warnings(today):
        if gone & {*warning.incidents}:
            yield f"{warning.id} rests on what was moved"
    yield from (f"{w.id} rests on what was moved" for w in case.safety if w.stands_on(today) and w.incident in gone)
    moved = {c.id for c in case.contacts if c.moved}
    yield from (f"{b.id} is about what was moved" for b in case.breaches if not b.withdrawn and b.contact in moved)


def _never_back_after_an_appeal(world: World) -> Iterator[str]:
    """Baseline 11: what an appeal overturned is over, whatever became of the customer meanwhile."""
    for appeal in world.case.appeals:
        restriction = world.case.restriction(appeal.restriction)
        if appeal.outcome is AppealOutcome.OVERTURNED and restriction and restriction.in_force_on(world.today):
            yield f"{restriction.id} was overturned and is in force"


def _never_stricter_by_an_appeal(world: World) -> Iterator[str]:
    """Baseline 4 and 11: whoever appeals does not come away with less."""
    for fact in world.facts(AppealDetermined):
        appeal = world.case.appeal(fact.appeal)
        restriction = world.case.restriction(appeal.restriction) if appeal else None
        if not fact.measures or restriction is None:
            continue
        place = next(n for n, one in enumerate(restriction.sets) if one.measures == fact.measures)
        for measure in fact.measures:
            was = [m for m in restriction.sets[place - 1].measures if m.code == measure.code]
            if measure.limits_contact and not any(
                {*m.open} <= {*measure.open} and (m.count or 0) <= (measure.count or 9999) for m in was
            ):
                yield f"{fact.appeal} left less by {measure.code}"


def _never_alive_and_ended(world: World) -> Iterator[str]:
    """Baseline 16: nothing is in force of the dead."""
    if world.case.dead() and (world.case.in_force_on(world.today) or [*_standing_safety(world)]):
        yield "something is in force of somebody who died"


def _standing_safety(world: World) -> Iterator[str]:
    yield from (w.id for w in world.case.safety if w.stands_on(world.today))


def _never_on_one_persons_word(world: World) -> Iterator[str]:
    """Baseline 14 and 16."""
    for warning in world.case.safety:
        if warning.approved_by is not None and warning.approved_by == warning.proposed_by:
            yield f"{warning.id} was approved by its author"
        if warning.stands_on(warning.expires_on + timedelta(days=1)):
            yield f"{warning.id} stands after its end"
    for disposal in world.case.disposals:
        if disposal.approved and disposal.decided_by == disposal.proposed_by:
            yield f"{disposal.id} was agreed to by whoever proposed it"
    for event in world.history:
        if isinstance(event.fact, RestrictionApplied) and event.fact.channels_usable.value == "not_known":
            yield f"{event.fact.restriction} was decided without knowing whether the customer can use what remains"


def _never_closed_too_soon(world: World) -> Iterator[str]:
    """Baseline 15."""
    case = world.case
    if case.stage == "closed" and case.closed_on is not None:
        then = fold(world.history[: 1 + next(n for n, e in enumerate(world.history) if isinstance(e.fact, CaseClosed))])
        open_then = [r.id for r in case.restrictions if not r.over_on(case.closed_on) and not r.over_on(world.today)]
        open_then += [a.id for a in then.appeals if a.open]  # one that comes later is heard all the same
        open_then += [i.contact for i in case.filed if i.open]
        open_then += [a.id for a in then.allegations if a.outcome is None]
        open_then += [w.id for w in then.safety if not w.over_on(world.today)]
        open_then += [t.key for r in then.restrictions for t in r.still_told(world.today)]
        if open_then:
            yield f"the case is closed, and still open are {open_then}"


def _never_turned_away(world: World) -> Iterator[str]:
    """Baseline 1: emergencies are taken by any way in at any hour; what is always received is at worst passed on."""
    for channel in Channel:
        noon = start_of_day(world.today) + timedelta(hours=12)
        for at in (noon, noon - timedelta(hours=9)):
            for purpose in (*AT_ONCE, *NOT_THEIRS):
                if _handling(world, channel, purpose, at) is not Handling.TAKE:
                    yield f"{purpose} by {channel} at {at} is not taken"
        for asked in (*RECEIVED, None):
            if _handling(world, channel, asked, noon) not in (Handling.TAKE, Handling.TAKE_AND_PASS_ON):
                yield f"{asked} by {channel} is not received"


def _never_sent_where_they_cannot_go(world: World) -> Iterator[str]:
    """Baseline 2 and 7: who can begin contact in some way is taken by it, or sent to somebody, or to such a way."""
    given = [a for a in world.case.adjustments if a.in_force_on(world.today)]
    cannot = {c for a in given for c in (*a.unusable_channels, *CANNOT_USE.get(a.kind, ()))}
    for channel in OWN - cannot:
        question = Question(direction=Direction.INBOUND, channel=channel, at=world.now, purpose=Purpose.ENQUIRY)
        answer = advise([world.case], question, world.baseline.baseline, world.now)
        to = answer.redirect_to
        if answer.handling is not Handling.REDIRECT or to is None:
            continue
        somebody = to.staff or to.roles or to.third_parties or to.from_on
        if cannot & {*to.channels} or not (somebody or {*to.channels} & (OWN - cannot)):
            yield f"{channel} is sent to {to.channels}, and {cannot} cannot be used"


def _handling(world: World, channel: Channel, purpose: Purpose | None, at: datetime) -> Handling:
    question = Question(direction=Direction.INBOUND, channel=channel, at=at.astimezone(UTC), purpose=purpose)
    return advise([world.case], question, world.baseline.baseline, at.astimezone(UTC)).handling


@pytest.mark.parametrize("landlord", LANDLORDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9), how_far=st.integers(0, 4))
def test_whatever_is_tried_the_musts_of_the_baseline_hold(landlord: str, seed: int, how_far: int) -> None:
    road = walked(Road(landlord), how_far)
    commands = AnyCommand(road, seed)
    for _ in range(STEPS):
        if commands.step() is not None:
            assert [*wrongs(road.world)] == []
    assert [*wrongs(road.world)] == []


@pytest.mark.parametrize("landlord", LANDLORDS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9), how_far=st.integers(0, 4))
def test_whatever_was_recorded_is_folded_told_and_shown_again(landlord: str, seed: int, how_far: int) -> None:
    road = walked(Road(landlord), how_far)
    commands = AnyCommand(road, seed)
    for _ in range(STEPS):
        commands.step()
    history, steps, case = road.world.history, [], Case()
    for event in history:
        before, case = case, evolve(case, event)
        steps.append(HistoryStep(before, event, case))

    assert repr(case) == repr(road.world.case)
    assert all(sentence(step).endswith(".") for step in steps)
    for view in ALL:
        assert len([*view.rows(steps)]) >= (len(history) if view.per_event else 0)


def test_nearly_every_command_is_accepted_somewhere() -> None:
    """Otherwise these properties would hold because nothing ever happened."""
    accepted: set[str] = set()
    for landlord in LANDLORDS:
        for seed in range(8):
            for how_far in range(5):
                commands = AnyCommand(walked(Road(landlord), how_far), seed)
                accepted |= {type(done).__name__ for _ in range(2 * STEPS) if (done := commands.step()) is not None}

    assert len(accepted) > 0.6 * len(COMMANDS), sorted({kind.__name__ for kind in COMMANDS.values()} - accepted)
