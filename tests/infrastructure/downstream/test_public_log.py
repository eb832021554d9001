"""The log as it is told outside: whole, in order, with what went before each event, and thin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.codes import Topic
from domain.events import CustomerDied
from domain.public import PUBLIC
from infrastructure.downstream import public_log
from infrastructure.downstream.telling import Told
from infrastructure.downstream.wanted import Wanted
from infrastructure.event_store import Save
from tests.histories import MONDAY, History
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.downstream.a_disclosure import disclosed, ended
from tests.infrastructure.downstream.a_public_log import (
    EVERYTHING,
    NAMES,
    everything,
    measures,
    only,
    restricted,
    told_by,
)
from tests.random_histories import histories

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


def body(told: Told) -> Any:
    """The CloudEvent."""
    return json.loads(told.body)


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


def test_a_partner_is_told_nothing_that_was_not_disclosed_to_it(log: ProjectedLog) -> None:
    ann, bea = restricted("ann"), restricted("bea")
    log.append_whole(ann, bea)
    reader = told_by(log)
    assert everything(reader, PARTNER) == []
    shown = measures(ann)[:1]
    before = len(ann.events)
    ann.add(disclosed(ann, "repairs", shown), MONDAY)
    ann.varied(MONDAY, from_on=MONDAY).contact().lifted(MONDAY, from_on=MONDAY)
    ann.add(ended("disclosure-1", "repairs"), MONDAY)
    ann.contact()
    log.append(ann.events[before:])
    told = everything(reader, PARTNER)
    assert {one.case for one in told} == {ann.case}
    names = [one.name for one in told]
    assert names == ["disclosure-decided", "restriction-varied", "restriction-lifted", "disclosure-ended"]
    assert [body(one)["previous"] for one in told] == [0, *[one.version for one in told[:-1]]]
    assert [m["id"] for m in body(told[0])["data"]["detail"]["restrictions"][0]["measures"]] == [shown[0].id]
    assert body(told[1])["data"]["detail"]["measures"] == []  # what was decided in its place is another one
    assert everything(reader, PARTNER, 1) == told
    other = Wanted(landlord="elm", subscriber="x", partner="council", topics=PARTNER.topics)
    assert everything(reader, other) == []


def test_what_disclosed_something_and_cannot_be_read_ends_what_partners_see_of_that_case_alone(
    log: ProjectedLog,
) -> None:
    ann, bea = restricted("ann"), restricted("bea")
    for one in (ann, bea):
        one.add(disclosed(one, "repairs", measures(one)), MONDAY)
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
    log.append_whole(ann)
    reader = told_by(log)
    before = ann.events[:]
    log.append(ann.add(disclosed(ann, "repairs", measures(ann)), MONDAY).events[-1:])
    assert [one.name for one in everything(reader, PARTNER)] == ["disclosure-decided"]
    with log.server.get_connection() as conn:  # as a backup would: the decision was never taken
        conn.execute("ALTER TABLE landlord_elm.event DISABLE TRIGGER append_only")
        conn.execute("DELETE FROM landlord_elm.event WHERE position > %s", [len(before)])
        conn.execute("UPDATE landlord_elm.head SET position = %s", [len(before)])
    assert everything(reader, PARTNER) == []
    bea = restricted("bea")
    log.append_whole(bea)
    assert everything(reader, PARTNER) == []
    log.append(bea.add(disclosed(bea, "repairs", measures(bea)), MONDAY).events[-1:])
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
