"""A cursor comes back unread to the question that it was given out for, and to no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import Topic
from infrastructure.downstream.feed_cursors import LONGEST, CursorGone, CursorRefused, FeedCursors, Place
from infrastructure.downstream.wanted import Wanted
from infrastructure.key_files import FileKeys

WANTED = Wanted(landlord="elm", subscriber="housing_system", topics=frozenset({Topic.RESTRICTIONS}))
MARK = bytes(range(1, 17))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> FileKeys:
    """Keys of a landlord."""
    return FileKeys.set_up(Path(tmp_path_factory.mktemp("keys")), "elm")


class Log:
    """A log of so many events, each with the same mark."""

    def __init__(self, head: int, mark: bytes = MARK) -> None:
        self.head = head
        self.there = mark

    def mark(self, position: int) -> bytes | None:
        """The mark of every position but 0."""
        return None if position > self.head else self.there if position else b""


@given(position=st.integers(0, 2**62), mark=st.binary(min_size=16, max_size=16))
def test_a_place_comes_back_as_it_was(keys: FileKeys, position: int, mark: bytes) -> None:
    cursors = FeedCursors(keys, WANTED)
    given_out = cursors.cursor(position, mark if position else b"")
    assert cursors.place(given_out) == Place(position, mark if position else b"")
    assert len(given_out) <= LONGEST


def test_a_cursor_of_a_place_that_is_there_gives_its_position(keys: FileKeys) -> None:
    cursors = FeedCursors(keys, WANTED)
    assert cursors.checked(cursors.cursor(7, MARK), Log(7)) == 7
    assert cursors.checked(cursors.cursor(0, b""), Log(0)) == 0


def test_a_cursor_ahead_of_the_log_is_gone(keys: FileKeys) -> None:
    cursors = FeedCursors(keys, WANTED)
    with pytest.raises(CursorGone, match="does not reach"):
        cursors.checked(cursors.cursor(8, MARK), Log(7))


def test_a_cursor_where_another_event_stands_by_now_is_gone(keys: FileKeys) -> None:
    cursors = FeedCursors(keys, WANTED)
    with pytest.raises(CursorGone, match="Another event"):
        cursors.checked(cursors.cursor(7, MARK), Log(7, bytes(16)))


@pytest.mark.parametrize(
    "other",
    [
        replace(WANTED, subscriber="telephony"),
        replace(WANTED, topics=frozenset({Topic.SAFETY})),
        replace(WANTED, types=frozenset({"restriction-applied"})),
        replace(WANTED, shard=(0, 2)),
        replace(WANTED, partner="council"),
    ],
    ids=["subscriber", "topics", "types", "shard", "partner"],
)
def test_a_cursor_of_another_question_is_refused(keys: FileKeys, other: Wanted) -> None:
    with pytest.raises(CursorRefused, match="another subscriber or filter"):
        FeedCursors(keys, WANTED).place(FeedCursors(keys, other).cursor(7, MARK))


def test_a_subscriber_that_stays_on_an_earlier_schema_or_leaves_it_keeps_its_place(keys: FileKeys) -> None:
    staying = replace(WANTED, schemas=(("restriction-applied", 1),))
    cursor = FeedCursors(keys, WANTED).cursor(7, MARK)
    assert FeedCursors(keys, staying).place(cursor) == FeedCursors(keys, WANTED).place(cursor)


def test_a_cursor_of_another_landlord_is_refused_as_such(keys: FileKeys, tmp_path: Path) -> None:
    foreign = FeedCursors(FileKeys.set_up(tmp_path, "oak"), replace(WANTED, landlord="oak"))
    with pytest.raises(CursorRefused, match="another landlord"):
        FeedCursors(keys, WANTED).place(foreign.cursor(7, MARK))


def test_a_cursor_with_any_character_changed_is_refused(keys: FileKeys) -> None:
    cursors = FeedCursors(keys, WANTED)
    known = cursors.cursor(7, MARK)
    for place, letter in enumerate(known[:-1]):  # of the last letter some bits stand for nothing
        forged = known[:place] + ("A" if letter != "A" else "B") + known[place + 1 :]
        with pytest.raises(CursorRefused):
            cursors.place(forged)


@given(given=st.text(max_size=200))
def test_whatever_else_is_sent_is_refused(keys: FileKeys, given: str) -> None:
    with pytest.raises(CursorRefused):
        FeedCursors(keys, WANTED).place(given)
