"""The book of one endpoint: where it is, which cases are behind, what was tried; written down in batches, in order.

A batch is one transaction. While one is being written the next gathers, so that whoever calls never waits for the
database, and no more than a batch comes again after a kill.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from infrastructure.downstream.webhooks.progress import Deposed, Place, Tried, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from infrastructure.downstream.webhooks.ground import Ground
    from infrastructure.downstream.webhooks.records import Endpoint

logger = logging.getLogger(__name__)

MOVED_ON: Final = 2.0  # seconds after which a place is written down that moved on with nothing to bring
AFTER_TROUBLE: Final = 2.0  # seconds until it is tried again to write what could not be written


@dataclass(slots=True)
class _Unsaved:
    """What is still to be written down."""

    put: set[str] = field(default_factory=set)
    off: set[str] = field(default_factory=set)
    tried: list[Tried] = field(default_factory=list)
    moved: bool = False

    def __bool__(self) -> bool:
        return bool(self.put or self.off or self.tried or self.moved)


class Book:
    """Open it before anything else. `overtaken` is called once somebody else has the endpoint, or a person acted."""

    def __init__(self, ground: Ground, endpoint: Endpoint, overtaken: Callable[[], None]) -> None:
        self.place = Place(0, None, None)
        self._ground = ground
        self._endpoint = endpoint
        self._owner = f"{ground.owner}:{token_hex(4)}"  # of this one alone, not of whoever follows it here
        self._overtaken = overtaken
        self._unsaved = _Unsaved()
        self._saving: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._moved_at: float | None = None
        self._closing = False

    @property
    def waiting(self) -> dict[str, Waiting]:
        """The cases that are behind."""
        return self.place.waiting

    async def open(self) -> None:
        """Take the endpoint over where it is. Raises `Deposed`."""
        self.place = await self._ground.elsewhere(self._ground.progress.claim, self._endpoint, self._owner)

    def tried(self, tried: Tried) -> None:
        """Something was tried."""
        self._unsaved.tried.append(tried)
        self.save_soon()

    def wait(self, case: str, one: Waiting) -> None:
        """A case is behind, newly or further than it was."""
        self.place.waiting[case] = one
        self._unsaved.off.discard(case)
        self._unsaved.put.add(case)
        self.save_soon()

    def caught_up(self, case: str) -> None:
        """A case is where all others are."""
        del self.place.waiting[case]
        self._unsaved.put.discard(case)
        self._unsaved.off.add(case)
        self.save_soon()

    def move(self, position: int) -> None:
        """Everything up to there was taken, or belongs to a case that is behind. It is written down with the rest."""
        if position > self.place.position:
            self.place.position = position
            if self._moved_at is None:
                self._moved_at = asyncio.get_running_loop().time()

    def save_soon(self) -> None:
        """Write it down, once what is being written is."""
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save())

    def save_what_is_due(self) -> float | None:
        """Write down a place that moved on a while ago; seconds until that is due, if anything is."""
        if self._moved_at is None or (self._saving is not None and not self._saving.done()):
            return None
        left = self._moved_at + MOVED_ON - asyncio.get_running_loop().time()
        if left <= 0:
            self.save_soon()
            return None
        return left

    async def save_all(self, *, closing: bool = False) -> None:
        """Everything is written down when this returns, or, if it is the end, was tried to be."""
        self._closing = self._closing or closing
        await self._save()

    async def _save(self) -> None:
        async with self._writing:
            while self._unsaved or self._moved_at is not None:
                unsaved, self._unsaved, self._moved_at = self._unsaved, _Unsaved(), None
                try:
                    await self._write(unsaved)
                except Deposed:
                    self._overtaken()
                    return
                except Exception as error:  # noqa: BLE001 - it is written down when the database is there again
                    kind = type(error).__qualname__
                    logger.warning("%s: how far a webhook is cannot be written (%s)", self._ground.landlord, kind)
                    self._unsaved.put |= unsaved.put
                    self._unsaved.off |= unsaved.off - self.waiting.keys()
                    self._unsaved.tried = [*unsaved.tried, *self._unsaved.tried]
                    self._unsaved.moved = True
                    if self._closing:
                        return
                    await asyncio.sleep(AFTER_TROUBLE)

    async def _write(self, unsaved: _Unsaved) -> None:
        place = replace(self.place, waiting={})
        put = {case: replace(self.waiting[case]) for case in unsaved.put if case in self.waiting}
        off = [case for case in unsaved.off if case not in put]
        save = self._ground.progress.save
        await self._ground.elsewhere(save, self._endpoint, self._owner, place, put, off, unsaved.tried)
