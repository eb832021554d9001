"""The thread that carries out recorded erasures: at the start of the service, and every half minute what was left."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from application.erasure import Erasures

logger = logging.getLogger(__name__)

EVERY: Final = 30.0  # seconds between two looks at the same landlord
LOOKS_A_SECOND: Final = 20  # over all landlords; a look is one query through an index that holds erasures alone


def told_of_failure(landlord: str) -> Callable[[int, Exception], None]:
    """Says that an erasure is still to be done, by its place in the log and the kind of error, never its words."""

    def tell(position: int, error: Exception) -> None:
        kind = type(error).__qualname__
        logger.warning(
            "%s: the erasure at position %d is not done yet (%s); it is tried again", landlord, position, kind
        )

    return tell


def swept(landlord: str, erasures: Erasures) -> bool:
    """Sweep once; whether everything is done. What fails is left to the next sweep, and noted without its words."""
    try:
        return erasures.sweep() == 0
    except Exception as error:  # noqa: BLE001 - the log cannot be read just now; others' erasures can perhaps
        logger.warning("%s: what is to be erased cannot be read (%s)", landlord, type(error).__qualname__)
        return False


class Eraser:
    """Sweeps these landlords in one thread until stopped."""

    def __init__(self, landlords: Iterable[tuple[str, Erasures]], every: float = EVERY) -> None:
        self._landlords = tuple(landlords)
        self._every = max(every, len(self._landlords) / LOOKS_A_SECOND)
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="eraser", daemon=True)

    def start(self) -> None:
        """Sweep in a thread of its own, the first time at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the sweep under way, and wait for that."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            for landlord, erasures in self._landlords:
                if self._stopping.is_set():
                    return
                swept(landlord, erasures)
            if self._stopping.wait(self._every):
                return
