"""The feed over HTTP: every event in order, a cursor that counts for one question, and a wait that holds nothing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from eventsourcing.persistence import OperationalError

from infrastructure.downstream.feed_cursors import FeedCursors
from infrastructure.downstream.wanted import wanted_of
from infrastructure.http import feed
from infrastructure.http.feed import CURSOR, HEAD
from infrastructure.http.requests import POSITION
from infrastructure.tokens import LEEWAY
from tests.infrastructure.http.a_feed import everything, listening, now, page, stream
from tests.infrastructure.http.a_house import SECRET, Caller, House, a_server
from tests.infrastructure.http.a_subscriber import FOLLOW, end, subscribe


@pytest.fixture
def system(house: House) -> Caller:
    """A system of Maidstone's that follows everything."""
    return subscribe(house, "maidstone", f"system_{uuid4().hex[:8]}")


def test_what_happens_comes_in_order_and_without_a_word_of_it(system: Caller, officer: Caller) -> None:
    begin = now(system)
    contacts = [officer.contact() for _ in range(5)]
    events = everything(system, begin, limit=3)
    ours = [e for e in events if e["subject"] in {c["case"] for c in contacts}]
    assert [e["subject"] for e in ours if e["type"] == "evenhand.contact-logged"] == [c["case"] for c in contacts]
    assert [e["sequence"] for e in events] == sorted(e["sequence"] for e in events)
    assert {e["source"] for e in events} == {"urn:evenhand:landlord:maidstone"}
    assert SECRET not in json.dumps(events)
    for event in ours:
        assert event["data"]["links"]["state"] == f"/v1/snapshot?case={event['subject']}"


def test_a_page_tells_of_each_case_which_event_came_before(system: Caller, officer: Caller) -> None:
    begin = now(system)
    case = officer.contact()["case"]
    seen: dict[str, int] = {}
    for event in everything(system, begin, limit=1):
        assert event["previous"] == seen.get(event["subject"], event["previous"])
        seen[event["subject"]] = event["caseversion"]
    assert case in seen


def test_only_what_is_asked_for_is_told_and_the_cursor_passes_over_the_rest(system: Caller, officer: Caller) -> None:
    begin = now(system, type="case-opened")
    officer.contact()
    events = everything(system, begin, type="case-opened")
    assert {e["type"] for e in events} == {"evenhand.case-opened"}
    found = system.get("/v1/feed", after=now(system, type="customer-died"), type="customer-died")
    assert page(found) == []
    assert found.headers[POSITION] == found.headers[HEAD]


def test_parts_by_case_come_to_the_whole(system: Caller, officer: Caller) -> None:
    begins = [now(system, shard=f"{part}/3") for part in range(3)]
    cases = {officer.contact()["case"] for _ in range(12)}
    parts = [{e["subject"] for e in everything(system, b, shard=f"{i}/3")} for i, b in enumerate(begins)]
    assert cases <= set().union(*parts)
    assert sum(map(len, parts)) == len(set().union(*parts))


def test_references_come_to_whoever_may_have_them_on_record(house: House, officer: Caller) -> None:
    code = f"system_{uuid4().hex[:8]}"
    entitled = subscribe(house, "maidstone", code, references=True)
    begin = now(entitled)
    mine = officer.contact(reference=f"ref-{uuid4().hex}")
    [event] = [e for e in everything(entitled, begin) if e["type"] == "evenhand.case-opened"]
    assert event["data"]["reference"].startswith("ref-")
    log = house.evenhand.access_log("maidstone").all_of_subject(mine["person"])
    assert [(a.role, a.fields, a.query) for _, a in log] == [(f"subscriber {code}", ("reference",), "GET /v1/feed")]


def test_an_empty_answer_is_held_back_until_something_comes(system: Caller, officer: Caller) -> None:
    begin = now(system)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(system.get, "/v1/feed", after=begin, wait=30)
        listening(system.house, 1)
        case = officer.contact()["case"]
        assert page(waiting.result())[0]["subject"] == case


def test_after_waiting_in_vain_the_place_is_given_all_the_same(system: Caller) -> None:
    begin = now(system)
    found = system.get("/v1/feed", after=begin, wait=1)
    assert page(found) == []
    assert page(system.get("/v1/feed", after=found.headers[CURSOR])) == []


def test_whoever_is_a_subscriber_no_more_is_told_nothing_that_came_after(house: House, officer: Caller) -> None:
    code = f"system_{uuid4().hex[:8]}"
    caller = subscribe(house, "maidstone", code)
    begin = now(caller)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(caller.get, "/v1/feed", after=begin, wait=30)
        listening(house, 1)
        end(house, "maidstone", code)
        officer.contact()
        refused = waiting.result()
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-a-subscriber")


def test_the_same_events_come_as_a_stream_and_go_on_after_the_last_one_seen(system: Caller, officer: Caller) -> None:
    begin = now(system)
    cases = [officer.contact()["case"] for _ in range(3)]
    first = stream(system, {"Last-Event-ID": begin}, 3)
    rest = stream(system, {"Last-Event-ID": first[2][0]}, len(everything(system, begin)) - 3)
    assert [e for _, e in first + rest] == everything(system, begin)
    assert set(cases) == {e["subject"] for _, e in first + rest}
    assert page(system.get("/v1/feed", after=rest[-1][0])) == []


def test_what_happens_meanwhile_comes_at_once(system: Caller, officer: Caller) -> None:
    with ThreadPoolExecutor(1) as pool:
        seen = pool.submit(stream, system, {"Last-Event-ID": now(system)}, 1)
        listening(system.house, 1)
        case = officer.contact()["case"]
        [(_, event)] = seen.result()
    assert event["subject"] == case


def test_a_stream_ends_with_the_registration(house: House, officer: Caller) -> None:
    code = f"system_{uuid4().hex[:8]}"
    caller = subscribe(house, "maidstone", code)
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(stream, caller, {"Last-Event-ID": now(caller)}, 1000)
        listening(house, 1)
        end(house, "maidstone", code)
        officer.contact()
        assert ended.result() == []


def test_a_stream_ends_with_the_token(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "HEARTBEAT", 0.2)
    code = f"system_{uuid4().hex[:8]}"
    begin = now(subscribe(house, "maidstone", code))
    nearly_over = datetime.now(UTC) - timedelta(hours=1) - LEEWAY + timedelta(seconds=3)
    caller = Caller(house, "maidstone", house.token("maidstone", code, FOLLOW, now=nearly_over))
    assert stream(caller, {"Last-Event-ID": begin}, 1) == []
    assert caller.get("/v1/feed").json()["type"] == "/problems/token-expired"


def test_whoever_waits_keeps_no_server_from_stopping(house: House) -> None:
    system = subscribe(house, "maidstone", f"system_{uuid4().hex[:8]}")
    begin = now(system)
    with ThreadPoolExecutor(2) as pool, a_server(house.evenhand) as address:
        own = House(house.evenhand, address)
        other = Caller(own, "maidstone", system.headers["Authorization"].removeprefix("Bearer "))
        polled = pool.submit(other.get, "/v1/feed", after=begin, wait=60)
        streamed = pool.submit(stream, other, {"Last-Event-ID": begin}, 1)
        listening(house, 2)
    assert page(polled.result(10)) == []
    assert streamed.result(10) == []
    own.http.close()


def test_a_long_poll_that_is_given_up_leaves_nobody_listening(system: Caller) -> None:
    with pytest.raises(httpx.ReadTimeout):
        system.house.http.get("/v1/feed", params={"after": now(system), "wait": 60}, headers=system.headers, timeout=1)
    listening(system.house, 0)


def test_after_an_erasure_the_reference_is_null(house: House, officer: Caller) -> None:
    system = subscribe(house, "maidstone", f"system_{uuid4().hex[:8]}", references=True)
    begin = now(system)
    mine = officer.contact(reference=f"ref-{uuid4().hex}")
    house.evenhand.directory("maidstone").erase(mine["person"])
    told = [e["data"]["reference"] for e in everything(system, begin) if e["subject"] == mine["case"]]
    assert told
    assert set(told) == {None}
    assert system.get("/v1/snapshot", case=mine["case"]).json()["cases"][0]["reference"] is None
    found = system.get("/v1/references", person=mine["person"]).json()
    assert found == {"references": [{"person": mine["person"], "reference": None}]}


def test_without_a_record_no_reference_is_told(house: House, officer: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    system = subscribe(house, "maidstone", f"system_{uuid4().hex[:8]}", references=True)
    begin, reference = now(system), f"ref-{uuid4().hex}"
    mine = officer.contact(reference=reference)

    def fails(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(house.evenhand.access_log("maidstone"), "record_each", fails)
    for asked in (
        system.get("/v1/feed", after=begin),
        system.get("/v1/snapshot", case=mine["case"]),
        system.get("/v1/references", person=mine["person"]),
    ):
        assert asked.status_code == 503
        assert reference not in asked.text


def test_a_database_that_is_away_ends_every_wait_and_loses_nothing(
    house: House, system: Caller, officer: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = now(system)
    log = house.evenhand.office("maidstone").public_log

    def away() -> int:
        raise OperationalError

    with ThreadPoolExecutor(2) as pool, monkeypatch.context() as broken:
        polled = pool.submit(system.get, "/v1/feed", after=begin, wait=60)
        streamed = pool.submit(stream, system, {"Last-Event-ID": begin}, 1)
        listening(house, 2)
        broken.setattr(log, "refresh", away)
        case = officer.contact()["case"]
        assert polled.result(30).status_code == 503
        assert streamed.result(30) == []
    assert {e["subject"] for e in everything(system, begin)} == {case}


def test_a_closed_stream_leaves_nobody_listening(system: Caller) -> None:
    with system.house.http.stream(
        "GET", "/v1/feed", headers={**system.headers, "Accept": "text/event-stream", "Last-Event-ID": now(system)}
    ) as response:
        lines = response.iter_lines()  # which closes the connection when nobody holds it
        next(lines)
        listening(system.house, 1)
    listening(system.house, 0)


def test_a_caller_who_is_no_subscriber_is_refused(house: House) -> None:
    refused = house.caller("maidstone", "colleague", FOLLOW).get("/v1/feed")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-a-subscriber")


def test_a_token_without_the_scope_is_refused(house: House) -> None:
    refused = house.caller("maidstone", "officer", frozenset({"read"})).get("/v1/feed")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/scope-missing")


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("type", "no-such-event"),
        ("type", "RestrictionApplied"),
        ("shard", "3"),
        ("shard", "3/3"),
        ("shard", "0/0"),
        ("shard", "0/9999"),
        ("dataschema", "restriction-applied:1"),
        ("dataschema", "urn:evenhand:schema:restriction-applied:99"),
        ("dataschema", "urn:evenhand:schema:no-such-event:1"),
        ("after", "x"),
        ("after", "AQAAAAAAAAAA"),
        ("limit", "0"),
        ("limit", "2001"),
        ("wait", "61"),
        ("wait", "-1"),
        ("nonsense", "1"),
    ],
)
def test_what_cannot_be_asked_is_refused_where_it_stands(system: Caller, field: str, given: str) -> None:
    refused = system.get("/v1/feed", **{field: given})
    assert refused.status_code == 422, refused.text
    assert [e["field"] for e in refused.json()["errors"]] == [field]
    if len(given) > 3:
        assert given not in refused.text


def test_a_cursor_counts_for_the_question_that_it_was_given_out_for(house: House, system: Caller) -> None:
    begin = now(system)
    other = subscribe(house, "derby", f"system_{uuid4().hex[:8]}")
    for caller, params in ((system, {"type": "case-opened"}), (system, {"shard": "0/2"}), (other, {})):
        refused = caller.get("/v1/feed", after=begin, **params)
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["field"] == "after"
        assert begin not in refused.text


def test_a_place_that_the_log_does_not_have_any_more_is_gone(house: House, system: Caller) -> None:
    office = house.evenhand.office("maidstone")
    staff = house.evenhand.tokens.caller(system.headers["Authorization"].removeprefix("Bearer ")).staff
    subscriber = office.desk.state().subscriber_of(staff)
    assert subscriber is not None
    cursors = FeedCursors(office.keys, wanted_of("maidstone", subscriber))
    for position, mark in ((house.head("maidstone") + 1, bytes(16)), (1, bytes(16))):
        gone = system.get("/v1/feed", after=cursors.cursor(position, mark))
        assert (gone.status_code, gone.json()["type"]) == (410, "/problems/cursor-gone")
        assert gone.json()["resynchronise"] == "/v1/snapshot"
