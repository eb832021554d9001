"""Who has not acknowledged what in time, who knew of it by when, and how far everybody is behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent
from psycopg.sql import SQL, Identifier

from domain.codes import CaseId, DisclosureBasis, DisclosureEndReason, Topic
from domain.events import CustomerDied, DisclosureDecided, DisclosureEnded, SafetyWarningApproved, SafetyWarningProposed
from domain.events.disclosures import DisclosedMeasure, DisclosedRestriction
from domain.public.in_force import to_be_known
from domain.public.receipts import Claim, Restricted, Verdict
from infrastructure.downstream import unacknowledged
from infrastructure.downstream.in_force_types import IN_FORCE_TYPES
from infrastructure.event_store import Save
from tests.histories import MONDAY, History, text
from tests.infrastructure.a_log import NOON
from tests.infrastructure.downstream.a_followed_log import BOTH, FollowedLog, a_followed_log

HOUR = timedelta(hours=1)
LATER = MONDAY + timedelta(days=30)
TOPICS = (Topic.RESTRICTIONS, Topic.SAFETY, Topic.DISCLOSURES)


@pytest.fixture
def log(database: str) -> Iterator[FollowedLog]:
    with a_followed_log(database) as followed:
        yield followed


def restricted(name: str) -> History:
    history = History(name).opened().contact().incident().proposed(MONDAY)
    return history.applied(MONDAY, ends=MONDAY + timedelta(days=100))


def owed(log: FollowedLog, after: timedelta = timedelta()) -> dict[tuple[str, str], tuple[str, ...]]:
    """By subscriber and case, what should be known so long after noon."""
    found, _ = log.followers.unacknowledged.by(NOON + after)
    return {(one.subscriber, one.case): one.events for one in found}


def test_a_change_is_owed_once_its_time_is_over_and_until_it_is_acknowledged(log: FollowedLog) -> None:
    log.registers(within=60)
    one = restricted("one")
    last = log.adds(one)
    log.adds(History("nothing").opened().contact())
    assert owed(log, HOUR - timedelta(seconds=1)) == {}
    assert owed(log, HOUR) == {("housing", one.case): ("restriction-applied",)}
    [line], further = log.followers.unacknowledged.by(NOON + HOUR)
    assert (line.person, line.since, line.due_at, further) == (one.person, NOON, NOON + HOUR, [])
    log.acknowledges(last - 1)
    assert owed(log, HOUR) == {("housing", one.case): ("restriction-applied",)}
    log.acknowledges(last)
    assert owed(log, HOUR) == {}


def test_one_line_for_each_case_says_everything_that_is_not_known(log: FollowedLog) -> None:
    log.registers(within=60)
    one, two = restricted("one"), restricted("two")
    log.adds(one)
    known = log.adds(two)
    one.told(MONDAY).lifted(LATER, from_on=LATER)
    log.adds(one, len(one.events) - 2)
    log.acknowledges(known)
    assert owed(log, HOUR) == {("housing", one.case): ("told-by-telephone", "restriction-lifted")}


def test_nobody_is_in_default_for_what_came_before_they_were_registered(log: FollowedLog) -> None:
    log.adds(restricted("before"))
    log.registers(within=60)
    log.registers("telephony", within=None)
    after = restricted("after")
    log.adds(after)
    assert owed(log, HOUR) == {("housing", after.case): ("restriction-applied",)}


def test_nothing_is_owed_of_another_topic_and_nothing_once_it_ended(log: FollowedLog) -> None:
    log.registers(topics=(Topic.SAFETY,))
    log.adds(restricted("one"))
    warned = a_warning("two")
    log.adds(warned)
    assert owed(log, HOUR) == {("housing", warned.case): ("safety-warning-approved",)}
    log.ends()
    assert owed(log, HOUR) == {}


def test_a_death_that_ends_a_restriction_is_owed_by_those_who_are_told_of_restrictions_alone(log: FollowedLog) -> None:
    log.registers(topics=(Topic.RESTRICTIONS,))
    one = restricted("one")
    log.acknowledges(log.adds(one))
    one.add(CustomerDied(died_on=LATER, learnt_on=LATER, detail=None), LATER)
    log.adds(one, len(one.events) - 1)
    assert owed(log, HOUR) == {("housing", one.case): ("state-changed",)}
    *_, died = log.followers.known_by.of_case(CaseId(one.case), "restriction-1")
    assert (died.name, [known.receipt for known in died.known]) == ("customer-died", [None])
    assert log.followers.standings.lags()["housing"].events == 1


def test_a_subscriber_that_began_anew_owes_again_what_it_has_not_processed_since(log: FollowedLog) -> None:
    log.registers(within=60)
    one = restricted("one")
    last = log.adds(one)
    log.acknowledges(last)
    log.acknowledges(0, restarted=True)
    assert set(owed(log, HOUR)) == {("housing", one.case)}
    [change] = log.followers.known_by.of_case(CaseId(one.case))
    [known] = change.known
    assert known.receipt is not None
    assert (known.receipt.position, known.began_anew) == (last, True)


def test_one_that_never_acknowledges_is_listed_for_so_many_cases_and_the_rest_counted(
    log: FollowedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unacknowledged, "LISTED", 3)
    log.registers(within=60)
    log.registers("telephony", within=60)
    last = [log.adds(restricted(str(number))) for number in range(5)][-1]
    log.acknowledges(last, "telephony")
    found, [further] = log.followers.unacknowledged.by(NOON + HOUR)
    assert [one.subscriber for one in found] == ["housing"] * 3
    assert (further.subscriber, further.at_least) == ("housing", 2)


def test_of_one_case_alone(log: FollowedLog) -> None:
    log.registers(within=60)
    one, two = restricted("one"), restricted("two")
    log.adds(one)
    log.adds(two)
    found, _ = log.followers.unacknowledged.by(NOON + HOUR, case=two.case)
    assert [line.case for line in found] == [two.case]


def test_the_statement_uses_the_index_that_holds_nothing_else(log: FollowedLog) -> None:
    log.registers(within=60)
    log.adds(restricted("one"))
    asked = SQL("EXPLAIN " + unacknowledged._CHANGES).format(  # noqa: SLF001 - as it is asked
        schema=Identifier("landlord_elm"), types=SQL(IN_FORCE_TYPES)
    )
    params = {"after": 0, "by": NOON, "wanted": sorted(to_be_known(TOPICS, partner=False)), "case": None, "limit": 10}
    with log.log.server.get_connection() as conn:
        conn.execute("SET enable_seqscan = off")
        plan = "\n".join(str(row) for row in conn.execute(asked, params).fetchall())
        conn.execute("RESET enable_seqscan")
    assert "event_in_force" in plan


# Partners


def disclosed(history: History, on: date, number: int = 1) -> History:
    """What stands of the only restriction is disclosed to the council."""
    [restriction] = history.state.restrictions
    shown = DisclosedRestriction(
        restriction=restriction.id,
        starts_on=restriction.starts_on,
        ends_on=restriction.ends_on,
        measures=tuple(
            DisclosedMeasure(
                id=m.id, code=m.code, effect=m.effect, open=m.open, issue=m.issue, exceptions=m.exceptions,
                contact_role=m.contact_role, office=m.office, count=m.count, per=m.per, minutes=m.minutes,
                slots=m.slots, until=m.until, limits_contact=m.limits_contact,
            )
            for m in restriction.sets[-1].measures
        ),
    )  # fmt: skip
    return history.add(
        DisclosureDecided(
            disclosure=f"disclosure-{number}",
            partner="council",
            audience=None,
            basis=DisclosureBasis.PUBLIC_TASK,
            restrictions=(shown,),
            warnings=(),
            starts_on=on,
            until=None,
            delete_within="14 days",
            reasons=text("why"),
        ),
        on,
    )


def disclosure_ended(history: History, on: date) -> History:
    return history.add(
        DisclosureEnded(
            disclosure="disclosure-1",
            partner="council",
            ended_on=on,
            because=DisclosureEndReason.DECIDED,
            delete_by=on,
            reasons=None,
        ),
        on,
    )


def test_a_partner_owes_only_what_it_was_told(log: FollowedLog) -> None:
    log.registers("council", TOPICS, within=60, partner="council")
    one, two = restricted("one"), restricted("two")
    log.adds(one)
    log.adds(two)
    assert owed(log, HOUR) == {}
    disclosed(two, MONDAY)
    last = log.adds(two, len(two.events) - 1)
    assert owed(log, HOUR) == {("council", two.case): ("disclosure-decided",)}
    log.acknowledges(last, "council")
    one.lifted(LATER, from_on=LATER)
    two.lifted(LATER, from_on=LATER)
    log.adds(one, len(one.events) - 1)
    log.adds(two, len(two.events) - 1)
    assert owed(log, HOUR) == {("council", two.case): ("restriction-lifted",)}


def test_a_partner_knew_by_what_disclosed_it_and_nothing_after_that_ended(log: FollowedLog) -> None:
    log.registers(within=None)
    log.registers("council", TOPICS, within=None, partner="council")
    one = disclosed(restricted("one"), MONDAY)
    shown_at = log.adds(one)
    log.acknowledges(shown_at, "council")
    disclosure_ended(one, LATER).lifted(LATER, from_on=LATER)
    last = log.adds(one, len(one.events) - 2)
    log.acknowledges(last)
    log.acknowledges(last, "council")
    applied, decided, ended, lifted = log.followers.known_by.of_case(CaseId(one.case))
    assert {(k.subscriber, k.told_at, k.receipt.position if k.receipt else None) for k in applied.known} == {
        ("housing", shown_at - 1, last), ("council", shown_at, shown_at),
    }  # fmt: skip
    assert [k.subscriber for k in decided.known] == [k.subscriber for k in ended.known] == ["council"]
    assert [k.subscriber for k in lifted.known] == ["housing"]


def test_a_disclosure_that_cannot_be_told_hides_nothing_of_others(log: FollowedLog) -> None:
    log.registers(within=60)
    log.registers("council", TOPICS, within=60, partner="council")
    one = restricted("one")
    last = log.adds(one)
    broken = StoredEvent(UUID(one.case), len(one.events) + 1, "DisclosureDecided", b"of a later release")
    log.log.recorder.append(Save([broken]))
    found, unknown = log.followers.unacknowledged.by(NOON + HOUR)
    assert ([line.subscriber for line in found], list(unknown)) == (["housing"], [])
    # Nobody knows what it disclosed: the partner is shown nothing of this case, and owes nothing for it.
    assert log.acknowledges(last, "council", claim=Claim(LATER, Restricted(0, None))).verdict is not Verdict.DRIFTED


# Who knew


def test_who_knew_of_a_change_by_when(log: FollowedLog) -> None:
    log.registers(within=60)
    log.registers("telephony", topics=(Topic.SAFETY,), within=60)
    one = restricted("one")
    applied_at = log.adds(one)
    log.clock.now = NOON + HOUR
    log.acknowledges(applied_at)
    one.lifted(LATER, from_on=LATER)
    log.adds(one, len(one.events) - 1)
    applied, lifted = log.followers.known_by.of_case(CaseId(one.case), "restriction-1")
    assert (applied.name, applied.position, applied.about) == ("restriction-applied", applied_at, ("restriction-1",))
    [known] = applied.known  # telephony is not told of restrictions
    assert known.receipt is not None
    assert (known.subscriber, known.receipt.at, known.began_anew) == ("housing", NOON + HOUR, False)
    [known] = lifted.known
    assert known.receipt is None
    assert log.followers.known_by.of_case(CaseId(one.case), "restriction-2") == ()


def test_nobody_knew_of_what_they_were_not_told_of_when_they_acknowledged(log: FollowedLog) -> None:
    log.registers("telephony", topics=(Topic.SAFETY,))
    one = restricted("one")
    last = log.adds(one)
    log.acknowledges(last, "telephony")
    log.clock.now = NOON + HOUR
    log.registers("telephony", topics=BOTH)  # restrictions, too, from here on

    def knew() -> datetime | None:
        [applied] = log.followers.known_by.of_case(CaseId(one.case))
        [known] = applied.known
        return known.receipt.at if known.receipt else None

    assert knew() is None
    log.acknowledges(0, "telephony", restarted=True)
    assert knew() is None
    log.clock.now = NOON + 2 * HOUR
    log.acknowledges(last, "telephony")
    assert knew() == NOON + 2 * HOUR
    log.registers("telephony", topics=BOTH, within=5)
    assert knew() == NOON + 2 * HOUR


def test_one_that_ended_before_a_change_was_not_entitled_to_it(log: FollowedLog) -> None:
    log.registers(within=60)
    one = restricted("one")
    log.adds(one)
    log.ends()
    one.lifted(LATER, from_on=LATER)
    log.adds(one, len(one.events) - 1)
    applied, lifted = log.followers.known_by.of_case(CaseId(one.case))
    assert ([k.subscriber for k in applied.known], lifted.known) == (["housing"], ())


# How everybody stands


def test_how_far_a_subscriber_is_behind_counts_what_it_is_told(log: FollowedLog) -> None:
    log.registers(within=60)
    one = restricted("one")
    last = log.adds(one)
    log.clock.now = NOON + HOUR
    log.adds(restricted("two"))
    [standing] = log.followers.standings.all(log.clock.now)
    assert (standing.last, standing.lag.events, standing.lag.more, standing.lag.since) == (None, 2, False, NOON)
    assert [line.case for line in standing.overdue] == [one.case]
    log.acknowledges(last)
    found = log.followers.standings.one("housing", log.clock.now)
    assert found is not None
    assert (found.lag.events, found.lag.since, found.overdue) == (1, NOON + HOUR, [])
    assert log.followers.standings.lags() == {"housing": found.lag}
    assert log.followers.standings.one("telephony", log.clock.now) is None


def test_a_subscriber_that_takes_others_to_be_restricted_has_drifted(log: FollowedLog) -> None:
    log.registers(within=60)
    one = restricted("one")
    last = log.adds(one)
    right, wrong = (Claim(LATER, Restricted.of(people)) for people in ([one.person], []))
    receipt = log.acknowledges(last, claim=wrong)
    assert (receipt.verdict, receipt.expected) == (Verdict.DRIFTED, right.restricted)
    [drifted] = log.followers.owed(LATER).drifted
    assert (drifted.subscriber, drifted.on) == ("housing", LATER)
    assert log.acknowledges(last, claim=right).verdict is Verdict.AGREED
    assert log.followers.owed(LATER).drifted == []


def test_whoever_is_ahead_of_the_place_that_it_acknowledges_has_not_drifted(log: FollowedLog) -> None:
    log.registers(within=60)
    one, two = restricted("one"), restricted("two")
    there = log.adds(one)
    log.adds(two)
    both, none = (Claim(LATER, Restricted.of(people)) for people in ([one.person, two.person], []))
    ahead = log.acknowledges(there, claim=both)
    assert (ahead.verdict, ahead.expected) == (Verdict.AGREED, Restricted.of([one.person]))
    assert log.acknowledges(there, claim=none).verdict is Verdict.NOT_COMPARED
    assert log.acknowledges(log.public.head(), claim=none).verdict is Verdict.DRIFTED


def test_for_a_partner_only_what_is_disclosed_to_it_is_compared(log: FollowedLog) -> None:
    log.registers("council", TOPICS, partner="council")
    log.adds(restricted("one"))
    two = disclosed(restricted("two"), MONDAY)
    last = log.adds(two)
    claim = Claim(LATER, Restricted.of([two.person]))
    assert log.acknowledges(last, "council", claim=claim).verdict is Verdict.AGREED
    assert log.acknowledges(last, "council", claim=Claim(LATER, Restricted(2, None))).verdict is Verdict.DRIFTED


def test_of_one_that_is_not_told_of_restrictions_nothing_is_compared(log: FollowedLog) -> None:
    log.registers(topics=(Topic.SAFETY,))
    last = log.adds(restricted("one"))
    assert log.acknowledges(last, claim=Claim(LATER, Restricted(1, None))).verdict is Verdict.NOT_COMPARED


def test_what_is_owed_by_the_end_of_another_day(log: FollowedLog) -> None:
    log.registers(within=60)
    one = restricted("one")
    log.adds(one)
    assert not log.followers.owed(MONDAY).unacknowledged  # its hour is not over yet
    assert log.followers.owed(MONDAY + timedelta(days=1)).unacknowledged
    assert not log.followers.owed(MONDAY - timedelta(days=1)).unacknowledged
    log.clock.now = datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert log.followers.owed(MONDAY).unacknowledged


def a_warning(name: str) -> History:
    history = History(name).opened().contact().incident()
    history.add(
        SafetyWarningProposed(
            warning="safety-1", incident="incident-1", incident_on=MONDAY, home=None, precautions=(), audience=(),
            review_on=LATER, expires_on=LATER, reasons=text("why"), precaution_words=None,
        ),
        MONDAY,
    )  # fmt: skip
    return history.add(
        SafetyWarningApproved(
            warning="safety-1", approved_on=MONDAY, tells_person=False, not_told_because=text("why"), reasons=None
        ),
        MONDAY,
    )
