"""What is known before a contact, in one read; right where the read model is behind, blocked, or of another release."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import psycopg
import pytest
from psycopg.sql import SQL

from domain import events as e
from domain.calendar import DeliveryMethod
from domain.codes import CaseId, Precaution, StaffId, SubjectId
from domain.events import LandlordSetUp
from infrastructure import advice_lookup
from infrastructure.advice_lookup import AdviceLookup, AskedAbout, Known
from projections.contact_advice import CONTACT_ADVICE
from tests.histories import MONDAY, History, case_of, text
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log

HOME = "home-7"
LANDLORD = str(uuid5(NAMESPACE_OID, "the landlord"))


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    with a_projected_log(database) as projected:
        yield projected


@pytest.fixture
def lookup(log: ProjectedLog) -> AdviceLookup:
    return AdviceLookup(log.projector, case_of, LANDLORD)


@pytest.fixture
def reads(log: ProjectedLog, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with each piece of work that the database is given."""
    given: list[str] = []
    run = log.server.run

    def counted(work: Any) -> Any:
        given.append(work.__qualname__)
        return run(work)

    monkeypatch.setattr(log.server, "run", counted)
    return given


class Life:
    """A history that is written to the log as it goes on."""

    def __init__(self, log: ProjectedLog, name: str, *, ordinal: int = 1) -> None:
        self.log = log
        self.history = History(name, ordinal=ordinal).opened()
        self._written = 0
        self.write()

    @property
    def person(self) -> SubjectId:
        """Whose it is."""
        return self.history.person

    @property
    def case(self) -> str:
        """The id of the case."""
        return self.history.case

    def write(self) -> None:
        """Everything that was added."""
        self.log.append(self.history.events[self._written :])
        self._written = len(self.history.events)

    def restricted(self) -> Life:
        """A restriction is in force."""
        self.history.contact().incident().proposed(MONDAY).applied(MONDAY, ends=MONDAY + timedelta(days=100))
        self.history.told(MONDAY)
        self.write()
        return self

    def warned(self, home: str | None = HOME) -> Life:
        """A safety warning stands, attached to a home."""
        number = len(self.history.state.safety) + 1
        asked = e.SafetyWarningProposed(
            warning=f"safety-warning-{number}",
            incident="incident-1",
            incident_on=MONDAY,
            home=home,
            precautions=(Precaution.TWO_STAFF,),
            audience=(),
            review_on=MONDAY + timedelta(days=80),
            expires_on=MONDAY + timedelta(days=90),
            reasons=text("reasons"),
            precaution_words=text("precaution"),
        )
        agreed = e.SafetyWarningApproved(
            warning=asked.warning, approved_on=MONDAY, tells_person=True, not_told_because=None, reasons=None
        )
        self.history.add(asked, MONDAY).add(agreed, MONDAY)
        self.write()
        return self

    def lives_at(self, home: str | None) -> Life:
        """The home is recorded."""
        self.history.add(e.HomeRecorded(household=None, home=home, from_on=MONDAY), MONDAY)
        self.write()
        return self

    def safe(self) -> Life:
        """Nobody calls at their home."""
        fact = e.SafeContactInstructed(
            instruction="safe-contact-1",
            methods=(DeliveryMethod.EMAIL,),
            no_visits=True,
            from_on=MONDAY,
            until=None,
            words=text("words"),
        )
        self.history.add(fact, MONDAY)
        self.write()
        return self

    def closed(self) -> Life:
        """The case is closed."""
        self.history.closed(MONDAY)
        self.write()
        return self

    def merged_with(self, other: Life) -> Life:
        """The two turn out to be one person; it stands in the case of each."""
        for one, another in ((self, other), (other, self)):
            fact = e.CustomerRecordsMerged(
                merge="merge-1",
                other=another.person,
                other_case=CaseId(another.case),
                kept=self.person,
                conflicts=(),
                merged_on=MONDAY,
                reason=text("reason"),
            )
            one.history.add(fact, MONDAY)
            one.write()
        return self

    def unreadable(self) -> None:
        """A later release wrote something here."""
        self.log.append_unknown(self.history, self._written + 1)


def of(lookup: AdviceLookup, life: Life, home: str | None = None) -> Known:
    """What is known of somebody."""
    return lookup.about(AskedAbout(person=life.person, home=home))


def at(lookup: AdviceLookup, home: str = HOME) -> Known:
    """What is known of a home."""
    return lookup.about(AskedAbout(home=home))


def warnings(known: Known) -> int:
    """How many warnings of other people's are known of the homes."""
    cases = known.at_home.values()
    return sum(1 for case in cases for warning in case.safety if warning.home in known.homes)


# one read


def test_a_customer_takes_one_read(log: ProjectedLog, lookup: AdviceLookup, reads: list[str]) -> None:
    life = Life(log, "one").restricted().lives_at(HOME)
    Life(log, "two").warned()
    log.catch_up()
    of(lookup, life)  # which build is read is remembered from here on
    reads.clear()

    known = of(lookup, life)
    assert (list(known.cases), warnings(known)) == ([life.case], 1)
    assert len(reads) == 1


def test_a_customer_with_three_cases_and_a_home_beside_takes_one_read(
    log: ProjectedLog, lookup: AdviceLookup, reads: list[str]
) -> None:
    lives = [Life(log, "one", ordinal=n).restricted().lives_at("home-1").closed() for n in (1, 2, 3)]
    log.catch_up()
    of(lookup, lives[0])
    reads.clear()

    known = of(lookup, lives[0], HOME)
    assert list(known.cases) == [life.case for life in lives]
    assert known.homes == {HOME, "home-1"}
    assert len(reads) == 1


def test_a_home_takes_one_read_and_so_does_somebody_nobody_knows(
    log: ProjectedLog, lookup: AdviceLookup, reads: list[str]
) -> None:
    Life(log, "one").warned()
    log.catch_up()
    at(lookup)
    reads.clear()

    assert warnings(at(lookup)) == 1
    assert len(reads) == 1
    stranger = lookup.about(AskedAbout(person=SubjectId(str(uuid4()))))
    assert (stranger.cases, stranger.entered) == ({}, False)
    assert len(reads) == 2


def test_a_reference_takes_one_read_once_its_cases_are_told(
    log: ProjectedLog, lookup: AdviceLookup, reads: list[str]
) -> None:
    lives = [Life(log, "one", ordinal=n).restricted().closed() for n in (1, 2)]
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute("INSERT INTO landlord_elm.person (id, details) VALUES (%s, 'sealed')", [lives[0].person])
        conn.execute(
            "INSERT INTO landlord_elm.person_reference (hash, person) VALUES (%s, %s)", [b"hash", lives[0].person]
        )
    by_reference = AskedAbout(reference=b"hash")
    assert list(lookup.about(by_reference).cases) == [life.case for life in lives], "although nothing is told yet"
    log.catch_up()
    reads.clear()

    known = lookup.about(by_reference)
    assert (known.person, list(known.cases), known.entered) == (lives[0].person, [life.case for life in lives], True)
    assert len(reads) == 1
    assert lookup.about(AskedAbout(reference=b"another")).person is None


def test_a_fifth_case_is_found_too(log: ProjectedLog, lookup: AdviceLookup) -> None:
    lives = [Life(log, "one", ordinal=n).closed() for n in range(1, 6)]
    assert list(of(lookup, lives[0]).cases) == [life.case for life in lives]
    log.catch_up()
    assert list(of(lookup, lives[0]).cases) == [life.case for life in lives]


def test_the_statement_says_at_which_version_the_landlords_own_stream_is(
    log: ProjectedLog, lookup: AdviceLookup
) -> None:
    assert at(lookup).landlord == 0
    life = Life(log, "one")
    fact = LandlordSetUp(landlord="elm", demonstration=True)
    first = life.history.events[0]
    event = e.Event(
        event_id=str(uuid4()),
        stream=LANDLORD,
        version=1,
        fact=fact,
        effective_at=first.effective_at,
        actor=StaffId(str(uuid4())),
        post=None,
        policy=None,
    )
    log.append([event])
    assert (at(lookup).landlord, at(lookup).head) == (1, 2)


# never behind


def test_what_happened_just_now_is_known(log: ProjectedLog, lookup: AdviceLookup) -> None:
    life = Life(log, "one")
    log.catch_up()
    assert of(lookup, life).cases[life.case].restrictions == ()
    life.restricted().lives_at(HOME)
    Life(log, "two").warned()

    known = of(lookup, life)
    assert len(known.cases[life.case].restrictions) == 1
    assert known.homes == {HOME}
    assert warnings(known) == 1
    assert warnings(at(lookup)) == 1


def test_a_warning_that_was_just_lifted_from_a_home_stands_no_longer(log: ProjectedLog, lookup: AdviceLookup) -> None:
    life = Life(log, "one").warned()
    log.catch_up()
    over = e.SafetyWarningRemoved(warning="safety-warning-1", from_on=MONDAY, as_wrong=True, reasons=text("reasons"))
    life.history.add(over, MONDAY)
    life.write()
    known = at(lookup)
    assert not any(w.stands_on(MONDAY) for case in known.at_home.values() for w in case.safety)


def test_of_a_build_that_is_far_behind_nothing_is_missed(
    log: ProjectedLog, lookup: AdviceLookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advice_lookup, "EVENTS_LOOKED_THROUGH", 0)
    Life(log, "one").warned()
    assert warnings(at(lookup)) == 1


def test_when_the_table_is_gone_everything_is_told_from_the_histories(log: ProjectedLog, lookup: AdviceLookup) -> None:
    life = Life(log, "one").restricted().warned()
    beside = Life(log, "two").lives_at(HOME)
    log.catch_up()
    of(lookup, life)
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute(SQL("DROP TABLE {}").format(log.tables()[CONTACT_ADVICE.name].name))
        conn.execute("INSERT INTO landlord_elm.person (id, details) VALUES (%s, 'sealed')", [life.person])
        conn.execute("INSERT INTO landlord_elm.person_reference (hash, person) VALUES (%s, %s)", [b"hash", life.person])

    for known in (of(lookup, life), lookup.about(AskedAbout(reference=b"hash"))):
        assert (len(known.cases[life.case].restrictions), known.unread, known.entered) == (1, False, True)
    assert warnings(of(lookup, beside)) == 1
    assert (warnings(at(lookup)), at(lookup).home_unread) == (1, False)
    assert not at(lookup, "home-8").cases


def test_rows_of_another_version_are_not_read(log: ProjectedLog, lookup: AdviceLookup) -> None:
    life = Life(log, "one").restricted().warned()
    log.catch_up()
    with psycopg.connect(log.server.dsn) as conn:
        later = CONTACT_ADVICE.version + 1
        table = log.tables()[CONTACT_ADVICE.name].table
        renamed = table.replace(f"_v{CONTACT_ADVICE.version}_", f"_v{later}_")
        conn.execute(f'ALTER TABLE landlord_elm."{table}" RENAME TO "{renamed}"'.encode())
        conn.execute(SQL("UPDATE landlord_elm.build SET version = %s WHERE projection = %s"), [later, "contact_advice"])
    assert len(of(lookup, life).cases[life.case].restrictions) == 1
    assert warnings(at(lookup)) == 1


# what cannot be read


def test_a_customer_whose_case_cannot_be_read_is_no_stranger(log: ProjectedLog, lookup: AdviceLookup) -> None:
    life = Life(log, "one").restricted()
    log.catch_up()
    life.unreadable()
    for _ in range(2):
        known = of(lookup, life)
        assert (known.cases, known.unread, known.home_unread) == ({}, True, False)
        log.catch_up()


def test_a_home_with_a_case_that_cannot_be_read_tells_what_it_told_before(
    log: ProjectedLog, lookup: AdviceLookup
) -> None:
    life = Life(log, "one").warned()
    log.catch_up()
    life.unreadable()
    for _ in range(2):
        known = at(lookup)
        assert (known.home_unread, warnings(known)) == (True, 1)
        assert not at(lookup, "home-8").home_unread
        log.catch_up()


def test_a_warning_behind_something_that_cannot_be_read_makes_every_home_unknown(
    log: ProjectedLog, lookup: AdviceLookup
) -> None:
    life = Life(log, "one")
    log.catch_up()
    life.unreadable()
    assert not at(lookup).home_unread
    written = len(life.history.events)
    row = SQL(
        "WITH here AS (UPDATE landlord_elm.head SET position = position + 1 RETURNING position, recorded_at)"
        " INSERT INTO landlord_elm.event (stream, version, type, position, recorded_at, state)"
        " SELECT %s, %s, 'SafetyWarningProposed', here.position, here.recorded_at, 'SECRET' FROM here"
    )
    with psycopg.connect(log.server.dsn) as conn:
        conn.execute(row, [UUID(life.case), written + 2])
    for _ in range(2):
        assert at(lookup).home_unread
        log.catch_up()


# records that were merged


def test_the_cases_of_merged_records_are_one_customers_under_either_id(log: ProjectedLog, lookup: AdviceLookup) -> None:
    one, two = Life(log, "one"), Life(log, "two").restricted()
    one.merged_with(two)
    for _ in range(2):
        for life in (one, two):
            assert set(of(lookup, life).cases) == {one.case, two.case}
        log.catch_up()


def test_a_case_opened_after_the_merge_is_found_under_the_other_id(log: ProjectedLog, lookup: AdviceLookup) -> None:
    one, two = Life(log, "one"), Life(log, "two")
    one.merged_with(two)
    two.closed()
    new = Life(log, "two", ordinal=2).restricted()
    for _ in range(2):
        assert set(of(lookup, one).cases) == {one.case, two.case, new.case}
        log.catch_up()


def test_after_records_were_taken_apart_each_is_their_own_customer(log: ProjectedLog, lookup: AdviceLookup) -> None:
    one, two = Life(log, "one"), Life(log, "two").restricted()
    one.merged_with(two)
    log.catch_up()
    for life in (one, two):
        life.history.add(e.CustomerRecordsUnmerged(merge="merge-1", unmerged_on=MONDAY, reason=text("reason")), MONDAY)
        life.write()
    for _ in range(2):
        assert set(of(lookup, one).cases) == {one.case}
        log.catch_up()


# homes


def test_a_warning_about_the_customer_is_the_customers_and_not_somebody_elses(
    log: ProjectedLog, lookup: AdviceLookup
) -> None:
    life = Life(log, "one").warned().lives_at(HOME)
    for _ in range(2):
        known = of(lookup, life)
        assert (len(known.cases[life.case].safety), warnings(known)) == (1, 0)
        log.catch_up()


def test_where_nobody_calls_is_known_by_the_home(log: ProjectedLog, lookup: AdviceLookup) -> None:
    Life(log, "one").lives_at(HOME).safe()
    for _ in range(2):
        known = at(lookup)
        assert [case.safe_contacts[0].no_visits for case in known.at_home.values() if case.home == HOME] == [True]
        log.catch_up()
