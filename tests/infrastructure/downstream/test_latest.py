"""The end of a log that is kept in memory says what the log says, is bounded, and keeps nobody waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from infrastructure.downstream import latest, public_log
from infrastructure.log_entries import StoredRow
from tests.infrastructure.a_projected_log import ProjectedLog, a_projected_log
from tests.infrastructure.downstream.a_public_log import EVERYTHING, NAMES, only, restricted, told_by

WITHIN = 30.0  # seconds, which are there so that a failure ends


@pytest.fixture
def log(database: str) -> Iterator[ProjectedLog]:
    """An empty log."""
    with a_projected_log(database) as kept:
        yield kept


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
        assert len(reader._latest._end.entries) <= 4  # noqa: SLF001 - how many are kept is seen nowhere else
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
