"""What a recorded erasure asks for: keys destroyed, entry and files removed; tried again until all of it is done.

The fact comes first. Whoever is killed between the fact and the destruction has lost nothing: the next sweep, of this
process or of another, begins where the log says that something was to be erased. Doing it twice changes nothing, and
so the first sweep of a process goes through every erasure there is: keys that a restored backup brought back go again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol

from application.ports import Blobs, Directory, KeyRing
from domain.codes import CaseId
from domain.events import PersonErased
from domain.personal import KeyClass

WITH_FILES: Final = frozenset({KeyClass.EVIDENCE, KeyClass.NOTICE})  # evidence, and letters
AT_ONCE: Final = 200  # erasures read from the log together


@dataclass(frozen=True, slots=True)
class RecordedErasure:
    """An erasure as the log has it, in which case; `fact` is None when this release cannot tell it."""

    position: int
    case: CaseId
    fact: PersonErased | None


class ErasureLog(Protocol):
    """Where erasures are recorded."""

    def erasures(self, after: int, limit: int) -> Sequence[RecordedErasure]:
        """The next recorded erasures after a position of the log, in order."""
        ...


class Erasures:
    """Carries out what one landlord's log says is to be erased. Safe to share between threads.

    `failed` is told the position of each erasure that could not be carried out, and why; it stays to be done.
    """

    def __init__(
        self,
        log: ErasureLog,
        key_ring: KeyRing,
        directory: Directory,
        blobs: Blobs,
        failed: Callable[[int, Exception], None],
    ) -> None:
        self._log = log
        self._key_ring = key_ring
        self._directory = directory
        self._blobs = blobs
        self._failed = failed
        self._seen = 0
        self._owed: dict[int, RecordedErasure] = {}
        self._lock = Lock()

    def sweep(self) -> int:
        """Carry out whatever is to be erased and was not yet, as far as it can be; how much of it still is not.

        Raises what the log raises when it cannot be read.
        """
        with self._lock:
            while found := self._log.erasures(self._seen, AT_ONCE):
                self._owed |= {erasure.position: erasure for erasure in found}
                self._seen = found[-1].position
            for position, erasure in list(self._owed.items()):
                try:
                    self._carry_out(erasure)
                except Exception as error:  # noqa: BLE001 - the next erasure is somebody else's right
                    self._failed(position, error)
                else:
                    del self._owed[position]
            return len(self._owed)

    def _carry_out(self, erasure: RecordedErasure) -> None:
        """Keys first: with them everything that is sealed under them is gone, wherever a copy of it lies."""
        fact = erasure.fact
        if fact is None:
            raise LookupError("this release cannot tell what is to be erased here")
        if not fact.classes:
            self._key_ring.destroy(fact.person)
            self._directory.erase(fact.person)
            self._blobs.discard_of(fact.person)
            return
        for key_class in fact.classes:
            self._key_ring.destroy_one(fact.person, erasure.case, key_class)
        for key_class in WITH_FILES & frozenset(fact.classes):
            self._blobs.discard_of(fact.person, erasure.case, key_class)
