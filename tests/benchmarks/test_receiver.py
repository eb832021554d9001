"""The receiver that webhooks are measured with takes down every call, however it comes in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.benchmarks.bare_loop import until
from tests.benchmarks.feed_client import see
from tests.benchmarks.http_load import connected
from tests.benchmarks.receiver import Received, a_receiver

ORIGIN = b"OPTIONS /one HTTP/1.1\r\nHost: here\r\nWebHook-Request-Origin: evenhand.example\r\n\r\n"


def call(position: int) -> bytes:
    body = b'{"sequence":"%020d"}' % position
    return b"POST /one HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.fixture
def receiver() -> Iterator[Received]:
    with a_receiver() as received:
        yield received


def test_calls_of_one_connection_are_taken_down_also_when_they_come_in_pieces(receiver: Received) -> None:
    both = call(7) + call(8)
    with closing(connected(receiver.port)) as connection:
        for piece in (both[:20], both[20:130], both[130:]):
            connection.sendall(piece)
        until(lambda: receiver.calls == 2, 0.01)

    assert receiver.seen[b"/one"].keys() == {7, 8}


def test_whoever_asks_whether_calls_may_come_from_there_is_told_yes(receiver: Received) -> None:
    with closing(connected(receiver.port)) as connection:
        connection.sendall(ORIGIN)
        answer = connection.recv(1000)

    assert b"WebHook-Allowed-Origin: evenhand.example\r\n" in answer
    assert receiver.calls == 0


def test_an_event_whose_first_half_has_come_is_seen_once_with_the_other() -> None:
    seen: dict[int, float] = {}
    sent = b'data: {"sequence":"%020d"}\n\ndata: {"sequence":"%020d"}\n\n' % (3, 4)
    first = sent[:60]
    rest = first[see(first, seen) :]
    assert seen.keys() == {3}

    see(rest + sent[60:], seen)
    assert seen.keys() == {3, 4}
