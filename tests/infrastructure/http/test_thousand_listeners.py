"""A thousand systems that wait for what comes next hold no thread and no connection to the database."""

from __future__ import annotations

import asyncio
import resource
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from infrastructure.http.feed import CURSOR
from infrastructure.http.turns import AT_ONCE
from tests.infrastructure.http.a_feed import now
from tests.infrastructure.http.a_house import Caller, House
from tests.infrastructure.http.a_subscriber import subscribe

LISTENERS = 1000  # half of them by long polls, half by streams
WITHIN = 90.0  # seconds, which are there so that a failure ends
FILES = 2 * LISTENERS + 500  # both ends of each connection are in this process


@pytest.fixture
def _many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < FILES:
        pytest.skip(f"a process may open {before[1]} files here, and this takes {FILES}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], FILES), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def connections(house: House) -> int:
    """How many connections to the database there are."""
    with psycopg.connect(house.evenhand.settings.database or "", autocommit=True) as conn:
        found = conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert found is not None
    return int(found[0])


async def listen(caller: Caller, after: str, number: int) -> str:
    """One listener, which returns the first event that it is told of."""
    address = urlsplit(str(caller.house.http.base_url))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    streamed = number % 2 == 0
    accepts = "text/event-stream" if streamed else "*/*"
    asked = f"GET /v1/feed?after={after}{'' if streamed else '&wait=60'} HTTP/1.1"
    headers = ("Host: here", f"Authorization: {caller.headers['Authorization']}", f"Accept: {accepts}")
    writer.write("\r\n".join((asked, *headers, "", "")).encode())
    told = b""
    while b'"specversion"' not in told:
        more = await reader.read(65536)
        assert more, told
        told += more
    writer.close()
    return told.decode()


@pytest.mark.usefixtures("_many_files")
def test_a_thousand_idle_listeners_hold_nothing_and_hear_of_one_event_all_the_same(
    house: House, officer: Caller
) -> None:
    callers = [subscribe(house, "maidstone", f"system_{uuid4().hex[:8]}") for _ in range(5)]
    places = [now(caller) for caller in callers]
    assert len({*places}) == len(callers)

    async def everybody() -> tuple[list[str], int, int]:
        waiting = [
            asyncio.create_task(listen(callers[number % 5], places[number % 5], number)) for number in range(LISTENERS)
        ]
        async with asyncio.timeout(WITHIN):
            while house.evenhand.listeners() < LISTENERS:
                done = [one for one in waiting if one.done()]
                assert not done, done[0].result()
                await asyncio.sleep(0.05)
            held = threading.active_count(), connections(house)
            await asyncio.to_thread(officer.contact)
            return await asyncio.gather(*waiting), *held

    threads, open_before = threading.active_count(), connections(house)
    told, threads_held, open_held = asyncio.run(everybody())
    assert all('"type":"evenhand.' in one for one in told)
    assert sum(CURSOR.lower() in one.lower() for one in told) == LISTENERS // 2
    # The tail's own, and those that read the first pages; one thread of the test's own.
    assert threads_held - threads <= AT_ONCE + 2
    assert open_held - open_before <= AT_ONCE + 2
