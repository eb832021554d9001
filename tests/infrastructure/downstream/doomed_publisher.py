"""Publishes a made-up log until it is killed: `doomed_publisher DSN URL PASSWORD_FILE LENGTH`."""

import sys
import time
from pathlib import Path

from infrastructure.downstream.broker.accounts import Login
from infrastructure.downstream.broker.connecting import Access
from infrastructure.downstream.broker.room import BrokerRoom
from infrastructure.postgres.server import PostgresServer
from tests.infrastructure.downstream.a_made_up_log import MadeUpLog

if __name__ == "__main__":
    dsn, url, password, length = sys.argv[1:]
    access = Access(
        landlord="elm", servers=(url,), login=Login("elm.publisher", Path(password).read_text(encoding="ascii").strip())
    )
    server = PostgresServer(dsn)
    room = BrokerRoom(server, {"landlord_elm": (MadeUpLog(int(length)), access)}, poll=0.05)
    room.start()
    print("started", flush=True)  # noqa: T201 - whoever kills it waits for this line
    time.sleep(60)
