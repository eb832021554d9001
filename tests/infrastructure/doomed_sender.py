"""A process that carries letters and is killed at one point of it: `folder dsn carriers point instant`."""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import Any

from application.desk import Desk
from domain.decisions.letters import RecordDispatch
from infrastructure.bootstrap import build
from infrastructure.letters.folder import FolderCarrier
from infrastructure.letters.notify import NotifyCarrier
from infrastructure.letters.outbox import Outbox
from infrastructure.letters.post_room import PostRoom
from infrastructure.letters.smtp import SmtpCarrier
from infrastructure.settings import Settings

LIVES_AT_MOST = 60.0  # seconds; whoever lives longer was not killed where it should have been


def dies_before(kind: Any, name: str) -> None:
    """Killed as soon as this is called."""
    setattr(kind, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))


def dies_after(kind: Any, name: str, when: Any = lambda *_: True) -> None:
    """Killed as soon as this is done."""
    itself = getattr(kind, name)

    def done(*args: Any, **said: Any) -> Any:
        answer = itself(*args, **said)
        if when(*args):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(kind, name, done)


def doom(point: str) -> None:
    """Arrange for the end."""
    match point:
        case "found":
            dies_after(Outbox, "take_in")
        case "begun":
            dies_after(Outbox, "begin")
        case "carried":
            for kind in (FolderCarrier, NotifyCarrier, SmtpCarrier):
                dies_after(kind, "carry")
        case "noted":
            dies_after(Outbox, "handed")
        case "told":
            dies_after(Desk, "execute", lambda _, __, command, *___: isinstance(command, RecordDispatch))
        case _:
            raise ValueError(point)


def main(folder: Path, dsn: str, carriers: Path, point: str, instant: str) -> None:
    """Carry letters, and die of it."""
    doom(point)
    with build(Settings(data=folder, keys=folder / "keys", database=dsn, carriers=carriers)) as evenhand:
        evenhand.demonstration_clock("derby").set(datetime.fromisoformat(instant))
        office = evenhand.office("derby")
        PostRoom(office.recorder.server, [office], evenhand.post.carriers_of, poll=0.05).start()
        sleep(LIVES_AT_MOST)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4], sys.argv[5])
