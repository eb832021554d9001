"""The landlord as its own stream tells it, folded again only once something was added to that stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.landlord import Landlord


class LandlordKept:
    """Whoever knows the version of the landlord's stream from a read of their own need not read the stream.

    `state` folds it. Safe to share between threads: at worst two of them fold it at once.
    """

    def __init__(self, state: Callable[[], Landlord]) -> None:
        self._state = state
        self._kept: Landlord | None = None

    def at(self, version: int) -> Landlord:
        """The landlord at this version of its stream, or at a later one that was reached meanwhile."""
        kept = self._kept
        if kept is None or kept.version != version:
            self._kept = kept = self._state()
        return kept
