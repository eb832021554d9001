"""Every case of a landlord as the log up to a position tells it, in bounded memory: the cases of one stretch at a time.

The histories are read and followed in the very way in which a rebuild does it, so that what is reported of a store and
of one that was rebuilt from it cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from application.reporting import Reporting
from domain.evolve import HistoryStep
from infrastructure.engine.histories import Histories
from infrastructure.engine.projecting import Decode, follow
from infrastructure.engine.slices import Stretches
from infrastructure.mapper import UnknownFact, UnreadableEvent

if TYPE_CHECKING:
    from infrastructure.event_store import LandlordRecorder
    from infrastructure.log_entries import StoredRow
    from infrastructure.office import Office


def reporting_of(office: Office) -> Reporting:
    """The reports of one landlord."""
    cases = case_histories(office.recorder, office.projector.decode)
    unreadable = (UnknownFact, UnreadableEvent)
    return Reporting(office.desk, office.log, office.policies, office.clock, cases, unreadable)


def case_histories(
    recorder: LandlordRecorder, decode: Decode
) -> Callable[[int], Iterator[tuple[Sequence[HistoryStep], bool]]]:
    """Gives the histories up to a position; each with whether it could be followed to its end.

    No connection is held while a case is looked at. What is added to the log meanwhile lies beyond the position.
    """
    histories = Histories(recorder.channel_name)

    def read(number: int, stretches: Stretches) -> dict[str, list[StoredRow]]:
        if number == stretches.count:
            return recorder.server.run(lambda conn: histories.strays(conn, stretches.end))
        after, last = stretches.of(number)
        return recorder.server.run(lambda conn: histories.begun(conn, after, last, stretches.end))

    def told(position: int) -> Iterator[tuple[Sequence[HistoryStep], bool]]:
        stretches = Stretches.upto(position)
        for number in range(stretches.count + 1):
            found = read(number, stretches)
            while found:
                _, history = found.popitem()
                steps: list[HistoryStep] = []
                failure = follow(steps, history, decode)
                yield steps, failure is None

    return told
