"""What subscribers acknowledge: the hash of who is restricted, receipts one after another, and who owes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given

from domain.codes import StaffId, SubscriberKind, Topic
from domain.events import Event, LandlordFact, SubscriberEnded, SubscriberRegistered
from domain.public.in_force import CHANGES_IN_FORCE, to_be_known
from domain.public.receipts import Acknowledgement, Behind, Claim, Receipt, Restricted, Verdict, receipt_of
from domain.public.registered import registrations, required_since
from projections.view import steps_of
from tests.histories import MONDAY, OFFICER, History, instant
from tests.random_histories import histories

NOON = instant(MONDAY)
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # by `printf '' | sha256sum`


def test_the_hash_is_of_the_sorted_ids_each_on_its_line() -> None:
    two = ["22222222-0000-4000-8000-000000000002", "11111111-0000-4000-8000-000000000001"]
    # printf '11111111-0000-4000-8000-000000000001\n22222222-0000-4000-8000-000000000002' | sha256sum
    by_hand = "d0b6016ac0dc3167a8ceb0d7fa67759f335d14fa43a6874e464007cbecadb902"
    assert Restricted.of(two) == Restricted.of([*two, *two]) == Restricted(2, by_hand)
    assert Restricted.of([]) == Restricted(0, EMPTY)


@pytest.mark.parametrize(
    ("count", "hashed", "verdict"),
    [
        (0, EMPTY, Verdict.AGREED), (0, None, Verdict.AGREED), (None, EMPTY, Verdict.AGREED),
        (1, EMPTY, Verdict.DRIFTED), (0, "0" * 64, Verdict.DRIFTED), (1, None, Verdict.DRIFTED),
    ],
)  # fmt: skip
def test_what_is_claimed_is_compared(count: int | None, hashed: str | None, verdict: Verdict) -> None:
    claim = Claim(MONDAY, Restricted(count, hashed))
    assert claim.verdict([Restricted.of([])]) is verdict
    assert claim.verdict([Restricted.of([]), Restricted.of([])]) is verdict
    assert claim.verdict([]) is Verdict.NOT_COMPARED


def test_while_others_change_what_is_in_force_only_what_nobody_can_hold_is_drift() -> None:
    before, after = Restricted.of(["one"]), Restricted.of(["one", "two"])
    assert Claim(MONDAY, before).verdict([before, after]) is Verdict.AGREED
    assert Claim(MONDAY, after).verdict([before, after]) is Verdict.AGREED  # it asked for the state, and is ahead
    assert Claim(MONDAY, Restricted.of([])).verdict([before, after]) is Verdict.NOT_COMPARED


def said(position: int, *, restarted: bool = False, claim: Claim | None = None) -> Acknowledgement:
    return Acknowledgement(position, restarted, claim)


def received(*every: Acknowledgement) -> list[Receipt]:
    found: list[Receipt] = []
    for number, one in enumerate(every):
        at = NOON + timedelta(minutes=number)
        found.append(receipt_of("housing", found[-1] if found else None, one, at, ()))
    return found


def test_receipts_go_on() -> None:
    first, second = received(said(7), said(9))
    assert (first.number, first.run, first.position, first.reached, first.verdict) == (1, 1, 7, 7, None)
    assert (second.number, second.run, second.position, second.reached) == (2, 1, 9, 9)


def test_one_behind_the_last_says_that_it_began_anew() -> None:
    with pytest.raises(Behind) as behind:
        received(said(9), said(7))
    assert behind.value.known.position == 9
    _, anew, after = received(said(9), said(0, restarted=True), said(3))
    assert (anew.run, anew.position, anew.reached) == (2, 0, 9)
    assert (after.run, after.position, after.reached) == (2, 3, 9)


def test_a_clock_that_goes_back_takes_no_receipt_back() -> None:
    first = receipt_of("housing", None, said(7), NOON, ())
    assert receipt_of("housing", first, said(8), NOON - timedelta(hours=1), ()).at == NOON


def test_only_what_was_claimed_has_a_verdict() -> None:
    everybody = [Restricted.of([])]
    assert receipt_of("housing", None, said(7), NOON, everybody).verdict is None
    claim = Claim(MONDAY, Restricted(0, None))
    compared = receipt_of("housing", None, said(7, claim=claim), NOON, everybody)
    assert (compared.verdict, compared.expected) == (Verdict.AGREED, everybody[0])


# Who owes them


def registered(topics: Sequence[Topic], within: int | None = 240, partner: str | None = None) -> SubscriberRegistered:
    return SubscriberRegistered(
        subscriber="housing",
        kind=SubscriberKind.PARTNER if partner else SubscriberKind.OWN,
        signs_in=StaffId("signs-in"),
        topics=tuple(topics),
        partner=partner,
        references=False,
        within_minutes=within,
        from_on=date(2026, 3, 2),
    )


def stream(*facts: LandlordFact) -> list[Event]:
    """The landlord's stream, each event at the tenfold of its version in the log."""
    return [
        Event(
            event_id=f"event-{version}",
            stream="landlord",
            version=version,
            fact=fact,
            effective_at=NOON,
            actor=OFFICER,
            post=None,
            policy=None,
            position=10 * version,
            recorded_at=NOON,
        )
        for version, fact in enumerate(facts, start=1)
    ]


ENDED = SubscriberEnded(subscriber="housing", ended_on=MONDAY)
BOTH = (Topic.RESTRICTIONS, Topic.SAFETY)


@pytest.mark.parametrize(
    ("facts", "restrictions", "safety"),
    [
        ([registered(BOTH)], 10, 10),
        ([registered(BOTH, within=None)], None, None),
        ([registered([Topic.RESTRICTIONS])], 10, None),
        ([registered([Topic.RESTRICTIONS]), registered(BOTH)], 10, 20),  # asked for safety later
        ([registered(BOTH, within=None), registered(BOTH)], 20, 20),  # nobody waited for it before
        ([registered(BOTH), registered(BOTH, within=5)], 10, 10),  # sooner from now on, and no sooner begun
        ([registered(BOTH), ENDED], None, None),
        ([registered(BOTH), ENDED, registered(BOTH)], 30, 30),  # what came while it was away is not owed
        ([registered(BOTH), registered(BOTH, partner="council")], 20, 20),  # another organisation by now
    ],
)
def test_what_came_before_its_registration_is_not_owed(
    facts: list[LandlordFact], restrictions: int | None, safety: int | None
) -> None:
    known = registrations(stream(*facts))["housing"]
    assert required_since(known, Topic.RESTRICTIONS) == restrictions
    assert required_since(known, Topic.SAFETY) == safety


def test_a_registration_holds_until_the_next_one_or_its_end() -> None:
    known = registrations(stream(registered(BOTH), registered(BOTH), ENDED, registered(BOTH)))["housing"]
    assert [(one.since, one.until) for one in known] == [(10, 20), (20, 30), (40, None)]


def test_what_has_to_be_known_in_time_is_of_the_topics_asked_for() -> None:
    restrictions = to_be_known([Topic.RESTRICTIONS], partner=False)
    assert {"RestrictionApplied", "RestrictionLifted", "MeasuresSuspended", "CustomerDied"} <= restrictions
    assert not {"SafetyWarningApproved", "ReviewFellDue", "DisclosureDecided", "PersonErased"} & restrictions
    assert to_be_known([Topic.SAFETY], partner=False) == {
        "SafetyWarningApproved", "SafetyWarningReviewed", "SafetyWarningRemoved", "CustomerDied", "DeathWithdrawn",
    }  # fmt: skip
    assert to_be_known([Topic.DISCLOSURES], partner=True) == {"DisclosureDecided", "DisclosureEnded"}
    assert not to_be_known([Topic.DISCLOSURES, Topic.CASEWORK], partner=False)


@given(histories())
def test_nothing_else_changes_what_is_in_force(history: History) -> None:
    for step in steps_of(history.events):
        before, after = (
            (
                [(r.id, r.starts_on, r.last_day(), r.suspended) for r in case.restrictions],
                [(w.id, w.approved_on, w.expires_on, w.over_from) for w in case.safety if w.approved_on],
            )
            for case in (step.before, step.after)
        )
        if before != after:
            assert type(step.event.fact).__name__ in CHANGES_IN_FORCE
