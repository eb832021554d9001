"""A clock that ticks until it kills itself beside one of its saves: `folder dsn day side number`.

`before` is between deciding and saving; `after` is once a save was answered, before the next one.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

from infrastructure.log import PostgresEventLog
from tests.infrastructure.a_clocked_office import a_clocked_office

SAVE = PostgresEventLog.append


def main(folder: Path, dsn: str, day: date, side: str, number: int) -> None:
    """Tick on a day, and die beside the save of this number."""
    saves = 0

    def append(self: PostgresEventLog, *events: Any, **more: Any) -> Any:
        nonlocal saves
        saves += 1
        if saves == number and side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        receipt = SAVE(self, *events, **more)
        if saves == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return receipt

    PostgresEventLog.append = append  # type: ignore[method-assign]
    with a_clocked_office(dsn, folder, again=True) as clocked:
        clocked.to(day)
        clocked.office.clockwork.tick()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], date.fromisoformat(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
