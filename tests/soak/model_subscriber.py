"""The model of a system that follows, as a process that anybody may kill: `road folder`, by which it finds the rest.

Writes every event down in the transaction in which its place is kept, in a table that takes each one once.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any, Final

from infrastructure.client import Batch, Follower, Service, SqliteStore

TABLE: Final = """
    CREATE TABLE IF NOT EXISTS heard (
        number INTEGER PRIMARY KEY, case_id TEXT NOT NULL, version INTEGER NOT NULL, sequence INTEGER NOT NULL,
        UNIQUE (case_id, version)
    )
"""
GAPS: Final = "CREATE TABLE IF NOT EXISTS gap (case_id TEXT PRIMARY KEY)"
AT_ONCE: Final = 1000


def main(road: str, folder: Path) -> None:
    """Follow by a road until killed, or until nobody is left who would."""
    Thread(target=_outlive_nobody, args=(os.getppid(),), daemon=True).start()
    path = folder / f"{road}.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    # Read anew each time: tokens last an hour, and some soaks longer.
    follower, _ = a_follower(said, folder / f"{road}.db", lambda: str(json.loads(path.read_bytes())["token"]))
    match road.partition("-")[0]:
        case "feed":
            follower.run()
        case "stream":
            follower.run(stream=True)
        case "broker":
            asyncio.run(by_broker(follower, said))
        case "webhook":
            by_webhook(follower, said)
        case other:
            raise ValueError(other)


def _outlive_nobody(parent: int) -> None:
    while os.getppid() == parent:
        sleep(1)
    os._exit(1)


def a_follower(said: dict[str, Any], path: Path, token: Callable[[], str]) -> tuple[Follower, SqliteStore]:
    """What it follows with, and where it keeps its place and what it heard."""
    store = SqliteStore(path)
    store.connection.execute(TABLE)
    store.connection.execute(GAPS)

    def heard(batch: Batch) -> None:
        rows = [(event.case, event.version, event.sequence) for event in batch.events]
        store.connection.executemany("INSERT INTO heard (case_id, version, sequence) VALUES (?, ?, ?)", rows)
        store.connection.executemany("INSERT OR IGNORE INTO gap VALUES (?)", [[case] for case in batch.gaps])

    service = Service(said["address"], token, poll=5, limit=AT_ONCE)
    acknowledges = said.get("acknowledges", True)
    return Follower(service, store, heard, states=said["states"], acknowledges=acknowledges), store


async def by_broker(follower: Follower, said: dict[str, Any]) -> None:
    """From the landlord's stream."""
    import nats  # noqa: PLC0415 - a process of another road starts sooner without it

    from infrastructure.client.broker import follow  # noqa: PLC0415 - likewise

    connection = await nats.connect(said["broker"], user=said["user"], password=said["password"])
    await follow(connection.jetstream(), said["stream"], said["subject"], follower, lambda: False)


def by_webhook(follower: Follower, said: dict[str, Any]) -> None:
    """As the calls come."""
    from infrastructure.client.webhooks import Receiver  # noqa: PLC0415 - likewise

    receiver = Receiver(lambda: said["secrets"], follower)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_OPTIONS(self) -> None:
            self._answer(200, receiver.allowed(dict(self.headers), said["origin"]))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(receiver.take(dict(self.headers), body), {})

        def _answer(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    ThreadingHTTPServer(("127.0.0.1", said["port"]), Handler).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
