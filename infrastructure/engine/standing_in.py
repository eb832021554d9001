"""Has filed cases folded anew by whoever leads, and leads for the moment where nobody does."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from infrastructure.engine.follower import ProjectionFollower

if TYPE_CHECKING:
    from infrastructure.engine.projector import Projector

PATIENCE: Final = 60.0  # seconds; two hundred cases at a time take well under one
LOOK_AGAIN: Final = 0.1


def carried_out(projector: Projector, patience: float = PATIENCE) -> bool:
    """Whether no case of this landlord waits to be folded anew any more, within `patience` seconds.

    A follower of our own stands by meanwhile: it leads only where nobody else does.
    """
    patience_ends = monotonic() + patience
    with ProjectionFollower(projector.recorder.server, [projector]):
        while _is_asked(projector):
            if monotonic() > patience_ends:
                return False
            sleep(LOOK_AGAIN)
    return True


def _is_asked(projector: Projector) -> bool:
    return bool(projector.recorder.server.run(lambda conn: projector.builds.asked_refold(conn, 1)))
