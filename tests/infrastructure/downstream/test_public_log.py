"""The log as it is told outside: whole, in order, with what went before each event, and thin."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.codes import DisclosureBasis, DisclosureEndReason, Topic
from domain.events import CustomerDied, DisclosureDecided, DisclosureEnded
from domain.events.disclosures import DisclosedMeasure, DisclosedRestriction
from domain.public import PUBLIC
from infrastructure.downstream import latest, public_log
from infrastructure.downstream.public_log import PublicLog
from infrastructure.downstream.telling import Told
from infrastructure.downstream.wanted import Wanted
from infrastructure.event_store import Save
from infrastructure.log_entries import StoredRow
from tests.histories import MONDAY, History, text
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.random_histories import histories

WITHIN = 30.0  # seconds, which are there so that a failure ends
OWN = "00000000-0000-5000-8000-00000000000f"
EVERYTHING = Wanted(landlord="elm", subscriber="housing", topics=frozenset(Topic))


def only(*types: str, **more: Any) -> Wanted:
    """A subscriber that wants some types alone."""
    return Wanted(landlord="elm", subscriber="some", topics=frozenset(Topic), types=frozenset(types), **more)


PARTNER = Wanted(
    landlord="elm",
    subscriber="repairs",
    partner="repairs",
    topics=frozenset({Topic.RESTRICTIONS, Topic.SAFETY, Topic.DISCLOSURES}),
)


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    """An empty log."""
    with a_projected_log(database) as kept:
        yield kept


def told_by(log: ProjectedLog) -> PublicLog:
    """The log as followers read it."""
    return PublicLog(log.recorder, log.mapper, OWN)


def everything(reader: PublicLog, wanted: Wanted, limit: int = 500, after: int = 0) -> list[Told]:
    """All events from a position on, page by page."""
    told: list[Told] = []
    while True:
        page = reader.read(wanted, after, limit)
        told += page.told
        if page.upto >= page.head:
            return told
        assert page.upto > after
        after = page.upto


def body(told: Told) -> Any:
    """The CloudEvent."""
    return json.loads(told.body)


def restricted(name: str) -> History:
    """A case with a restriction of which the customer knows."""
    history = History(name).opened().contact().incident().warned(MONDAY).proposed(MONDAY)
    return history.applied(MONDAY, ends=MONDAY + timedelta(days=300)).told(MONDAY)


def test_an_event_is_told_thin_with_its_place_in_log_and_case(log: ProjectedLog) -> None:
    history = restricted("ann")
    log.append_whole(history)
    told = everything(told_by(log), EVERYTHING)
    applied = next(one for one in told if one.name == "restriction-applied")
    event = body(applied)
    at = event["caseversion"]
    fact = history.events[at - 1]
    assert event | {"data": None} == {
        "specversion": "1.0",
        "id": fact.event_id,
        "source": "urn:evenhand:landlord:elm",
        "type": "evenhand.restriction-applied",
        "subject": history.case,
        "time": "2026-03-02T12:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:evenhand:schema:restriction-applied:1",
        "sequence": f"{at:020d}",
        "caseversion": at,
        "previous": at - 1,
        "recordedtime": event["recordedtime"],
        "partitionkey": history.case,
        "data": None,
    }
    assert event["data"]["case"] == history.case
    assert event["data"]["person"] == history.person == applied.person
    assert event["data"]["effective_on"] == "2026-03-02"
    assert event["data"]["alert"] is True
    assert event["data"]["links"] == {"state": f"/v1/snapshot?case={history.case}"}
    assert {"restriction", "starts_on", "ends_on", "measures"} <= set(event["data"]["detail"])
    assert "SECRET" not in applied.body.decode()


def test_pages_of_any_size_give_every_event_once_and_in_order(log: ProjectedLog) -> None:
    log.append_whole(restricted("ann"), restricted("bea"), restricted("cho"))
    whole = everything(told_by(log), EVERYTHING)
    assert [one.position for one in whole] == list(range(1, log.recorder.head().position + 1))
    for limit in (1, 2, 7):
        assert everything(told_by(log), EVERYTHING, limit) == whole


def test_the_event_before_is_the_one_that_this_subscriber_was_told(log: ProjectedLog) -> None:
    ann, bea = restricted("ann"), restricted("bea")
    for one, other in zip(ann.events, bea.events, strict=True):  # the two cases take turns
        log.append([one])
        log.append([other])
    wanted = only("case-opened", "restriction-applied", "notice-received")
    for limit in (1, 2, 500):
        last: dict[str, int] = {}
        for told in everything(told_by(log), wanted, limit):
            assert body(told)["previous"] == last.get(told.case, 0)
            last[told.case] = told.version
        assert len(last) == 2


def test_shards_are_the_whole_in_parts_by_case(log: ProjectedLog) -> None:
    log.append_whole(*[restricted(f"person {number}") for number in range(9)])
    parts = [everything(told_by(log), only(*NAMES, shard=(part, 2))) for part in range(2)]
    assert sorted(one for part in parts for one in part) == sorted(everything(told_by(log), only(*NAMES)))
    cases = [{one.case for one in part} for part in parts]
    assert sum(map(len, cases)) == len(set().union(*cases)) == 9
    assert all(cases)


NAMES = tuple(one.name for one in PUBLIC.values())


def test_rare_types_are_looked_for_a_stretch_at_a_time(log: ProjectedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append_whole(restricted("ann"))
    monkeypatch.setattr(public_log, "LOOKED_THROUGH", 2)
    page = told_by(log).read(only("customer-died"), 0)
    assert (page.told, page.upto) == ((), 2)
    assert [one.name for one in everything(told_by(log), only("restriction-applied"))] == ["restriction-applied"]


def test_a_fact_of_tomorrow_is_told_as_unreadable_to_everybody(log: ProjectedLog) -> None:
    history = restricted("ann")
    log.append_whole(history)
    log.append_unknown(history)
    told = everything(told_by(log), only("customer-died"))
    assert [one.name for one in told] == ["unreadable"]
    assert body(told[0])["data"]["alert"] is True
    assert body(told[0])["data"]["detail"] == {}
    assert "SECRET" not in told[0].body.decode()


def test_those_who_wait_hear_what_a_restored_log_says_though_it_has_grown_past_where_they_were(
    log: ProjectedLog,
) -> None:
    reader = told_by(log)
    ann = restricted("ann")
    log.append_whole(ann)
    since = reader.refresh()
    assert reader.mark(since, tail=True) == reader.mark(since)
    with log.server.get_connection() as conn:  # as a backup would: the last two events never were
        conn.execute("ALTER TABLE landlord_elm.event DISABLE TRIGGER append_only")
        conn.execute("DELETE FROM landlord_elm.event WHERE position > %s", [since - 2])
        conn.execute("UPDATE landlord_elm.head SET position = %s", [since - 2])
    log.append_whole(restricted("bea"))
    head = reader.refresh()
    assert head == log.recorder.head().position > since
    assert reader.read(EVERYTHING, since, tail=True).told == reader.read(EVERYTHING, since).told
    assert reader.mark(since, tail=True) == reader.mark(since)
    assert {one.case for one in reader.read(EVERYTHING, since, tail=True).told} == {restricted("bea").case}


def test_a_death_is_told_to_those_whose_restrictions_it_ends_and_no_more_than_that(log: ProjectedLog) -> None:
    history = restricted("ann")
    history.add(CustomerDied(died_on=None, learnt_on=MONDAY, detail=None), MONDAY)
    log.append_whole(history)
    told = everything(told_by(log), Wanted(landlord="elm", subscriber="x", topics=frozenset({Topic.RESTRICTIONS})))
    assert [one.name for one in told][-2:] == ["told-by-telephone", "state-changed"]
    assert (body(told[-1])["data"]["detail"], body(told[-1])["data"]["alert"]) == ({}, True)
    assert body(told[-1])["previous"] == told[-2].version
    assert [one.name for one in everything(told_by(log), EVERYTHING)][-1] == "customer-died"


def test_some_cases_alone_can_be_read_from_any_place(log: ProjectedLog) -> None:
    ann, bea = restricted("ann"), restricted("bea")
    log.append_whole(ann, bea)
    reader = told_by(log)
    page = reader.read(EVERYTHING, 3, cases=[ann.case])
    assert [one.version for one in page.told] == list(range(4, len(ann.events) + 1))
    assert {one.case for one in page.told} == {ann.case}


def test_a_place_is_known_again_by_its_mark(log: ProjectedLog) -> None:
    log.append_whole(restricted("ann"))
    reader = told_by(log)
    told = everything(reader, EVERYTHING)
    assert reader.mark(0) == b""
    assert [reader.mark(one.position) for one in told] == [one.mark for one in told]
    assert len({one.mark for one in told}) == len(told)
    assert reader.mark(told[-1].position + 1) is None


def test_those_who_wait_for_the_same_are_told_the_same_as_those_who_read(log: ProjectedLog) -> None:
    reader = told_by(log)
    log.append_whole(restricted("ann"))
    since = reader.refresh()
    log.append_whole(restricted("bea"), restricted("cho"))
    reader.refresh()
    wanted = only("case-opened", "restriction-applied")
    for asked in (EVERYTHING, wanted):
        page = reader.read(asked, since, tail=True)
        assert page.told == reader.read(asked, since).told
        assert page.told
    # What the tail does not reach back to is read from the log.
    assert reader.read(EVERYTHING, 0, tail=True).told == reader.read(EVERYTHING, 0).told


def test_no_more_is_kept_of_the_end_of_the_log_than_was_said_and_nothing_is_left_out(
    log: ProjectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latest, "KEPT", 4)
    reader = told_by(log)
    ann, bea = restricted("ann"), restricted("bea")
    assert len(ann.events) > 4
    for event in ann.events:
        log.append([event])
        assert reader.refresh() == event.version
        for after in range(event.version + 1):
            assert reader.read(EVERYTHING, after, tail=True) == reader.read(EVERYTHING, after)
    log.append_whole(bea)  # more than is kept, at once
    head = reader.refresh()
    assert head == log.recorder.head().position
    for after in range(head + 1):
        assert reader.read(EVERYTHING, after, tail=True) == reader.read(EVERYTHING, after)


def test_the_end_of_the_log_is_known_again_while_somebody_looks_at_the_log(
    log: ProjectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = told_by(log)
    assert not reader.ends_at(0, b"")
    log.append_whole(restricted("ann"))
    end = reader.refresh()
    mark, before = reader.mark(end), reader.mark(end - 1)
    assert mark
    assert before
    assert reader.ends_at(end, mark)
    assert not reader.ends_at(end - 1, before)
    assert not reader.ends_at(end, before)
    begun, goes_on, read_log = threading.Event(), threading.Event(), log.recorder.read_log

    def slow(after: int, limit: int) -> list[StoredRow]:
        begun.set()
        goes_on.wait(WITHIN)
        return read_log(after, limit)

    monkeypatch.setattr(log.recorder, "read_log", slow)
    log.append_whole(restricted("bea"))
    with ThreadPoolExecutor(2) as pool:
        looks = pool.submit(reader.refresh)
        try:
            assert begun.wait(WITHIN)
            assert pool.submit(reader.ends_at, end, mark).result(WITHIN / 2)
            assert pool.submit(reader.mark, end, tail=True).result(WITHIN / 2) == mark
        finally:
            goes_on.set()
        assert looks.result(WITHIN) > end
    assert not reader.ends_at(end, mark)


def test_however_many_filters_are_asked_with_few_are_remembered(
    log: ProjectedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_log, "REMEMBERED_FILTERS", 3)
    reader = told_by(log)
    ann = restricted("ann")
    log.append(ann.events[:2])
    since = reader.refresh()
    log.append(ann.events[2:])
    reader.refresh()
    for name in NAMES[:20]:
        asked = only(name, "restriction-applied")
        assert reader.read(asked, since, tail=True).told == reader.read(asked, since).told
    kept = reader._latest.after(since)  # noqa: SLF001 - what is remembered is seen nowhere else
    assert kept is not None
    assert max(len(entry.previous) for entry in kept[0]) == 3


def disclosed(history: History, *codes: str) -> DisclosureDecided:
    """Some measures of the case's restriction, disclosed to a partner."""
    restriction = history.state.restrictions[0]
    fields = DisclosedMeasure.__dataclass_fields__
    measures = tuple(
        DisclosedMeasure(**{name: getattr(m, name) for name in fields})
        for m in restriction.sets[-1].measures
        if m.code in codes
    )
    return DisclosureDecided(
        disclosure=f"disclosure-{len(history.events)}",
        partner="repairs",
        audience=None,
        basis=DisclosureBasis.PUBLIC_TASK,
        restrictions=(
            DisclosedRestriction(
                restriction=restriction.id,
                starts_on=restriction.starts_on,
                ends_on=restriction.ends_on,
                measures=measures,
            ),
        ),
        warnings=(),
        starts_on=MONDAY,
        until=None,
        delete_within="1 month",
        reasons=text("why they need it"),
    )


def ended(disclosure: str) -> DisclosureEnded:
    """The end of it."""
    return DisclosureEnded(
        disclosure=disclosure,
        partner="repairs",
        ended_on=MONDAY,
        because=DisclosureEndReason.DECIDED,
        delete_by=MONDAY + timedelta(days=30),
        reasons=None,
    )


def test_a_partner_is_told_nothing_that_was_not_disclosed_to_it(log: ProjectedLog) -> None:
    ann, bea = restricted("ann"), restricted("bea")
    log.append_whole(ann, bea)
    reader = told_by(log)
    assert everything(reader, PARTNER) == []
    measure = ann.state.restrictions[0].sets[-1].measures[0].code
    before = len(ann.events)
    ann.add(disclosed(ann, measure), MONDAY)
    ann.varied(MONDAY, from_on=MONDAY).contact().lifted(MONDAY, from_on=MONDAY)
    ann.add(ended(ann.events[before].fact.disclosure), MONDAY)  # type: ignore[union-attr]
    ann.contact()
    log.append(ann.events[before:])
    told = everything(reader, PARTNER)
    assert {one.case for one in told} == {ann.case}
    names = [one.name for one in told]
    assert names == ["disclosure-decided", "restriction-varied", "restriction-lifted", "disclosure-ended"]
    assert [body(one)["previous"] for one in told] == [0, *[one.version for one in told[:-1]]]
    assert [m["code"] for m in body(told[0])["data"]["detail"]["restrictions"][0]["measures"]] == [measure]
    for varied in body(told[1])["data"]["detail"]["measures"]:
        assert varied["code"] == measure
    assert everything(reader, PARTNER, 1) == told
    other = Wanted(landlord="elm", subscriber="x", partner="council", topics=PARTNER.topics)
    assert everything(reader, other) == []


def test_what_disclosed_something_and_cannot_be_read_ends_what_partners_see_of_that_case_alone(
    log: ProjectedLog,
) -> None:
    ann, bea = restricted("ann"), restricted("bea")
    for one in (ann, bea):
        one.add(disclosed(one, one.state.restrictions[0].sets[-1].measures[0].code), MONDAY)
    log.append_whole(ann, bea)
    reader = told_by(log)
    version = len(ann.events) + 1
    log.recorder.append(Save([StoredEvent(UUID(ann.case), version, "DisclosureEnded", b"SECRET")]))
    before = len(ann.events)
    ann.events.append(ann.events[-1])  # its place is taken
    ann.lifted(MONDAY, from_on=MONDAY)
    bea.lifted(MONDAY, from_on=MONDAY)
    log.append(ann.events[before + 1 :])
    log.append(bea.events[-1:])
    told = [(one.case, one.name) for one in everything(reader, PARTNER)]
    assert (ann.case, "restriction-lifted") not in told
    assert told[-1] == (bea.case, "restriction-lifted")


def test_who_sees_what_is_asked_anew_of_a_log_that_was_restored(log: ProjectedLog) -> None:
    ann = restricted("ann")
    measure = ann.state.restrictions[0].sets[-1].measures[0].code
    log.append_whole(ann)
    reader = told_by(log)
    before = ann.events[:]
    log.append(ann.add(disclosed(ann, measure), MONDAY).events[-1:])
    assert [one.name for one in everything(reader, PARTNER)] == ["disclosure-decided"]
    with log.server.get_connection() as conn:  # as a backup would: the decision was never taken
        conn.execute("ALTER TABLE landlord_elm.event DISABLE TRIGGER append_only")
        conn.execute("DELETE FROM landlord_elm.event WHERE position > %s", [len(before)])
        conn.execute("UPDATE landlord_elm.head SET position = %s", [len(before)])
    assert everything(reader, PARTNER) == []
    bea = restricted("bea")
    log.append_whole(bea)
    assert everything(reader, PARTNER) == []
    log.append(bea.add(disclosed(bea, measure), MONDAY).events[-1:])
    assert [(one.case, one.name) for one in everything(reader, PARTNER)] == [(bea.case, "disclosure-decided")]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=histories("one"), second=histories("two"), pick=st.integers(0, 2**20), limit=st.integers(1, 9))
def test_any_subscriber_is_told_what_it_asked_for_and_can_see_every_gap(
    postgres_dsn: str, first: History, second: History, pick: int, limit: int
) -> None:
    known = sorted({PUBLIC[type(e.fact).__name__].name for h in (first, second) for e in h.events})
    names = {name for number, name in enumerate(known) if pick >> number & 1}
    with a_projected_log(postgres_dsn, f"elm_{uuid4().hex[:12]}") as log:
        log.append_whole(first, second)
        told = everything(told_by(log), only(*names), limit)
    wanted = [e for h in (first, second) for e in h.events if PUBLIC[type(e.fact).__name__].name in names]
    assert [one.event_id for one in told] == [e.event_id for e in wanted]
    last: dict[str, int] = {}
    for one in told:
        assert body(one)["previous"] == last.get(one.case, 0)
        last[one.case] = one.version
        assert "SECRET" not in one.body.decode()
