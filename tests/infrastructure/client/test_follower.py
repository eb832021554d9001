"""A follower has every event once and in order, and every case as it stands, whatever happens to either side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from infrastructure.client import Batch, FileStore, Follower, Place, Refused, SqliteStore, Store, Unavailable
from tests.infrastructure.client.a_service import ADouble, Died, a_state, an_event, answers, breaks

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)


@pytest.fixture
def double() -> ADouble:
    """The service, with nothing in it."""
    return ADouble()


@pytest.fixture(params=["file", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the same store again, as a process that was started again does."""
    opened: list[SqliteStore] = []

    def again() -> Store:
        if request.param == "file":
            return FileStore(tmp_path / "place.json")
        opened.append(SqliteStore(tmp_path / "place.db"))
        return opened[-1]

    yield again
    for one in opened:
        one.close()


class Told:
    """What was handed on: events by case, and the last state of each case."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []
        self.states: dict[str, int | None] = {}
        self.gaps: list[str] = []

    def __call__(self, batch: Batch) -> None:
        """Take note."""
        self.events += [(event.case, event.version) for event in batch.events]
        self.states |= {case: row["caseversion"] if row else None for case, row in batch.states.items()}
        self.gaps += batch.gaps


def follower(double: ADouble, store: Store, told: Callable[[Batch], object], **said: Any) -> Follower:
    """Somebody who follows at noon."""
    return Follower(double.service(limit=2), store, told, now=lambda: NOON, **said)


def test_it_begins_with_the_cases_as_they_stand_and_goes_on_with_what_happens_then(
    double: ADouble, store: Callable[[], Store]
) -> None:
    for case in "aabbcde":
        double.happens(case)
    told = Told()
    following = follower(double, store(), told)

    assert following.catch_up() == 0
    assert told.states == {"a": 2, "b": 2, "c": 1, "d": 1, "e": 1}
    for case in "afa":
        double.happens(case)
    assert following.catch_up() == 3
    assert told.events == [("a", 3), ("f", 1), ("a", 4)]
    assert told.states["a"] == 4
    assert told.gaps == []


def test_what_happens_while_the_snapshot_is_read_is_neither_missed_nor_taken_for_older(
    double: ADouble, store: Callable[[], Store]
) -> None:
    for case in "abcd":
        double.happens(case)
    told = Told()
    following = follower(double, store(), told)
    original = double.snapshot

    def meanwhile(request: httpx.Request) -> httpx.Response:
        answer = original(request)
        double.happens("a")  # already told of, at version 1
        double.happens("d")  # to come on the next page, with this in it
        return answer

    double.next_answers = [meanwhile]
    following.catch_up()

    assert told.events == [("a", 2)]  # the first "d" after the snapshot is in its row
    assert told.states == {"a": 2, "b": 1, "c": 1, "d": 2}


def test_it_goes_on_where_it_was_after_a_restart_at_any_point(double: ADouble, store: Callable[[], Store]) -> None:
    for case in "abcdefg":
        double.happens(case)
    told = Told()
    for number in range(30):
        double.dies_after = number % 4
        with pytest.raises(Died):
            follower(double, store(), told).run()
        double.happens("a" if number % 2 else "h")
    double.dies_after = None

    follower(double, store(), told).catch_up()
    for case in "ah":
        versions = [version for one, version in told.events if one == case]
        assert versions == list(range(double.version(case) - len(versions) + 1, double.version(case) + 1))
    assert told.states == {case: double.version(case) for case in "abcdefgh"}


def test_what_fails_to_be_taken_is_handed_on_again(double: ADouble, store: Callable[[], Store]) -> None:
    double.happens("a")
    handed: list[Batch] = []

    def fails(batch: Batch) -> None:
        handed.append(batch)
        if len(handed) == 1:
            raise ZeroDivisionError

    following = follower(double, store(), fails, states=False)
    with pytest.raises(ZeroDivisionError):
        following.step(wait=0)
    assert following.place == Place()
    following.step(wait=0)
    assert [event.version for batch in handed for event in batch.events] == [1, 1]


def test_from_the_start_of_the_log_every_event_comes_and_no_state_is_asked_for(
    double: ADouble, store: Callable[[], Store]
) -> None:
    for case in "abcab":
        double.happens(case)
    told = Told()
    assert follower(double, store(), told, states=False).catch_up() == 5
    assert told.events == [("a", 1), ("b", 1), ("c", 1), ("a", 2), ("b", 2)]
    assert {request.url.path for request in double.asked} == {"/v1/feed", "/v1/receipts"}


def test_an_event_that_comes_again_is_handed_on_once(double: ADouble, store: Callable[[], Store]) -> None:
    double.happens("a")
    double.events += [double.events[0], an_event("a", 2, sequence=3)]
    told = Told()
    follower(double, store(), told, states=False).catch_up()
    assert told.events == [("a", 1), ("a", 2)]


def test_a_gap_is_noticed_and_the_case_is_right_nevertheless(double: ADouble, store: Callable[[], Store]) -> None:
    double.happens("a")
    told = Told()
    following = follower(double, store(), told)
    following.catch_up()
    double.states["a"] = a_state("a", 4)
    double.events.append(an_event("a", 4, sequence=2))

    following.catch_up()
    assert told.gaps == ["a"]
    assert told.states == {"a": 4}


def test_after_a_restored_backup_it_starts_over_and_says_so(double: ADouble, store: Callable[[], Store]) -> None:
    for case in "aaabc":
        double.happens(case)
    told = Told()
    following = follower(double, store(), told)
    following.catch_up()
    # The last of `a` and all of `c` are lost, and `a` has gone another way since.
    double.life = 2
    double.events = [e for e in double.events if int(e["sequence"]) not in (3, 5)]
    del double.states["c"]
    double.states["a"] = a_state("a", 2, restricted=False)

    following.catch_up()
    assert told.states == {"a": 2, "b": 1, "c": None}
    double.happens("a")
    following.catch_up()
    assert told.events == [("a", 3)]
    assert [receipt.get("restarted", False) for receipt in double.receipts] == [True, True, False]
    assert set(dict(store().everything())) == {"a", "b"}


def test_it_starts_over_when_its_cursor_is_of_another_question(double: ADouble, store: Callable[[], Store]) -> None:
    double.happens("a")
    told = Told()
    following = follower(double, store(), told)
    following.catch_up()
    errors = [{"field": "after", "reason": "belongs to another subscriber or filter"}]
    double.next_answers = [answers(422, {"title": "Something is not in its shape", "errors": errors})]
    following.step(wait=0)
    assert not following.place.whole
    double.next_answers = [answers(422, {"errors": [{"field": "type", "reason": "is no public name of an event"}]})]
    with pytest.raises(Refused, match="422"):
        following.catch_up()


def test_a_case_that_is_not_shown_any_more_is_forgotten(double: ADouble, store: Callable[[], Store]) -> None:
    double.happens("a")
    told = Told()
    following = follower(double, store(), told)
    following.catch_up()
    double.events.append(an_event("a", 2, sequence=2))
    del double.states["a"]  # its disclosure has ended

    following.catch_up()
    assert told.states == {"a": None}
    assert [known.state for _, known in store().everything()] == [None]


def test_at_the_head_it_says_who_is_restricted_by_what_it_holds(double: ADouble, store: Callable[[], Store]) -> None:
    for case in "ba":
        double.happens(case)
    double.happens("c", restricted=False)
    follower(double, store(), Told()).catch_up()

    both = sha256(b"person of a\nperson of b").hexdigest()
    claim = {"on": "2026-01-12", "count": 2, "hash": both}
    assert double.receipts == [{"cursor": "1-3", "restricted": claim, "restarted": True}]


def test_it_acknowledges_once_in_a_while_and_when_nothing_comes(double: ADouble, store: Callable[[], Store]) -> None:
    now = [NOON]
    following = Follower(double.service(), store(), Told(), states=False, now=lambda: now[0])

    def steps(seconds: float) -> list[str]:
        now[0] += timedelta(seconds=seconds)
        double.happens("a")
        following.step(wait=0)
        return [receipt["cursor"] for receipt in double.receipts]

    assert steps(0) == ["1-1"]
    assert steps(1) == ["1-1"]
    following.idle()
    assert steps(1) == ["1-1"]
    now[0] += timedelta(seconds=4)
    following.idle()
    following.idle()
    assert [receipt["cursor"] for receipt in double.receipts] == ["1-1", "1-3"]
    assert steps(-3600) == ["1-1", "1-3", "1-4"]  # the clock was put back


def test_that_more_was_acknowledged_before_stops_nobody_from_catching_up(
    double: ADouble, store: Callable[[], Store]
) -> None:
    for case in "aabbc":
        double.happens(case)
    told = Told()
    following = follower(double, store(), told, states=False)
    behind = {"type": "/problems/receipt-behind", "title": "More than this was acknowledged before"}

    double.next_answers = [double.feed, answers(409, behind)]
    assert following.catch_up() == 5
    assert len(told.events) == 5
    assert [receipt["cursor"] for receipt in double.receipts] == ["1-5"]


def test_whoever_reads_a_part_of_the_cases_leaves_acknowledging_to_others(
    double: ADouble, store: Callable[[], Store]
) -> None:
    double.happens("a")
    follower(double, store(), Told(), filters={"shard": "0/2"}).catch_up()
    assert double.receipts == []
    assert [r.url.params.get("shard") for r in double.asked if r.url.path == "/v1/feed"] == ["0/2"]


def test_more_cases_than_one_question_takes_are_asked_for_in_several(double: ADouble) -> None:
    for number in range(450):
        double.happens(f"case {number}")
    assert len(double.service().states(set(double.states))) == 450
    assert len(double.asked) == 3


def test_server_sent_events_are_the_same(double: ADouble, store: Callable[[], Store]) -> None:
    for case in "abca":
        double.happens(case)
    with double.service().stream("1-1") as pages:
        [page] = pages
    assert [(event.case, event.version) for event in page.events] == [("b", 1), ("c", 1), ("a", 2)]
    assert page.cursor == f"1-{4:020}"

    told = Told()
    double.next_answers = [
        answers(200, [], Evenhand_Cursor="1-0", Evenhand_Position="0", Evenhand_Head="0")
    ]  # nothing there yet when it looks first
    follower(double, store(), told, states=False).run(lambda: len(told.events) >= 4, stream=True)
    assert told.events == [("a", 1), ("b", 1), ("c", 1), ("a", 2)]
    assert store().place().cursor == page.cursor


def test_what_is_busy_or_cut_is_asked_again_after_the_pause_that_it_asks_for(double: ADouble) -> None:
    double.happens("a")
    double.next_answers = [breaks, answers(503, Retry_After="7"), answers(429), answers(502)]
    assert len(double.service().feed(None, wait=0).events) == 1
    assert len(double.pauses) == 4
    assert 7 <= double.pauses[1] <= 10.5
    assert all(0 < pause <= 60 for pause in double.pauses)


def test_a_stream_whose_refusal_breaks_off_half_way_is_asked_for_again(double: ADouble) -> None:
    class HalfAnAnswer(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b'{"title":'
            raise httpx.ReadError("closed")

    double.happens("a")
    double.next_answers = [lambda _: httpx.Response(503, stream=HalfAnAnswer())]
    with double.service().stream(None) as pages:
        assert [event.version for page in pages for event in page.events] == [1]
    assert len(double.pauses) == 1


def test_an_expired_token_is_renewed_once_and_what_is_refused_is_said(double: ADouble) -> None:
    service = double.service()
    service.feed(None, wait=0)
    double.token = "two"
    service.feed(None, wait=0)
    assert double.tokens == 2
    no = {"title": "The token does not cover this", "detail": "This takes a token with the scope follow."}
    double.next_answers = [answers(403, no)]
    with pytest.raises(Refused, match="403: The token does not cover this") as refused:
        service.feed(None, wait=0)
    assert refused.value.problem == no
    double.next_answers = [answers(401), answers(401)]
    with pytest.raises(Refused, match="401"):
        service.feed(None, wait=0)


def test_patience_ends(double: ADouble) -> None:
    double.next_answers = [breaks] * 3
    with pytest.raises(Unavailable, match="/v1/feed was not answered: ReadError"):
        double.service(patience=0).feed(None, wait=0)


def test_whatever_is_written_into_the_same_database_is_kept_with_the_place_or_not_at_all(
    double: ADouble, tmp_path: Path
) -> None:
    store = SqliteStore(tmp_path / "both.db")
    store.connection.execute("CREATE TABLE heard (case_id TEXT, version INTEGER, PRIMARY KEY (case_id, version))")
    fails = [True]

    def write(batch: Batch) -> None:
        store.connection.executemany(
            "INSERT INTO heard VALUES (?, ?)", [(event.case, event.version) for event in batch.events]
        )
        if fails.pop():
            raise ZeroDivisionError

    double.happens("a")
    following = follower(double, store, write, states=False)
    with pytest.raises(ZeroDivisionError):
        following.step(wait=0)
    fails.append(False)
    following.step(wait=0)
    assert store.connection.execute("SELECT * FROM heard").fetchall() == [("a", 1)]
    store.close()
