"""Histories that were followed lately, so that one more event costs one more step."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from domain.evolve import HistoryStep

# Steps over all landlords; one is about two kilobytes.
STEPS_REMEMBERED: Final = 20_000


class FoldCache:
    """The steps of the cases used last, of any landlord, bounded by how many steps they have together.

    For one thread. What is not here is read from the log again, so anything may be dropped at any time.
    """

    def __init__(self, limit: int = STEPS_REMEMBERED) -> None:
        self._limit = limit
        self._held = 0
        self._cases: OrderedDict[tuple[str, str], list[HistoryStep]] = OrderedDict()

    def take(self, schema: str, case: str) -> list[HistoryStep]:
        """The steps of a case, which belong to the taker from now on; empty when they are not remembered."""
        steps = self._cases.pop((schema, case), [])
        self._held -= len(steps)
        return steps

    def put(self, schema: str, case: str, steps: list[HistoryStep]) -> None:
        """Remember the steps of a case until others need the room."""
        self.take(schema, case)
        if not steps or len(steps) > self._limit:
            return
        self._cases[(schema, case)] = steps
        self._held += len(steps)
        while self._held > self._limit:
            _, oldest = self._cases.popitem(last=False)
            self._held -= len(oldest)
