"""Turns of those who follow: whoever asks without end waits behind itself alone."""

from __future__ import annotations

import asyncio
from threading import Event

import pytest

from infrastructure.http.turns import AT_ONCE, OF_ONE, Turns
from infrastructure.tokens import Caller

WITHIN = 30.0  # seconds, which are there so that a failure ends


def caller(staff: str) -> Caller:
    return Caller("maidstone", staff, frozenset({"follow"}))  # type: ignore[arg-type]


def test_a_subscriber_that_asks_without_end_keeps_no_other_waiting() -> None:
    async def tried() -> None:
        turns, done, begun = Turns(), Event(), []

        def slow(number: int) -> int:
            begun.append(number)
            done.wait(WITHIN)
            return number

        flood = [asyncio.create_task(turns.run(caller("greedy"), lambda n=n: slow(n))) for n in range(50)]  # type: ignore[misc]
        try:
            async with asyncio.timeout(WITHIN):
                while len(begun) < OF_ONE:  # noqa: ASYNC110 - it is begun in threads
                    await asyncio.sleep(0.01)
                assert await turns.run(caller("modest"), lambda: "told") == "told"
            assert len(begun) == OF_ONE < AT_ONCE
        finally:
            done.set()
        assert await asyncio.gather(*flood) == list(range(50))

    asyncio.run(tried())


def test_what_a_turn_raises_is_raised_and_its_place_is_free_again() -> None:
    async def tried() -> None:
        turns = Turns()
        for _ in range(2 * OF_ONE):
            with pytest.raises(ZeroDivisionError):
                await turns.run(caller("clumsy"), lambda: 1 // 0)
        assert await turns.run(caller("clumsy"), lambda: 1) == 1

    asyncio.run(tried())
