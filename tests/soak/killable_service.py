"""The service as a process that anybody may kill, with its broker and its webhooks, and how subscribers reach them."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from signal import SIGKILL
from socket import socket
from time import monotonic, sleep
from typing import Final, Protocol

import httpx

from infrastructure.downstream.broker.accounts import READER, Logins
from infrastructure.downstream.broker.embedded import folder_of, url_beside
from infrastructure.downstream.broker.names import stream_of, subjects_of
from infrastructure.settings import EMBEDDED
from tests.benchmarks.served import ADMINISTRATOR, ISSUER, LANDLORD, READY, Company, free_port, running
from tests.soak.models import Model

LOOK_AGAIN: Final = 0.2
LONGEST_START: Final = 60.0
ORIGIN: Final = "evenhand.example"


class Killable(Protocol):
    """A process that goes on where it was."""

    road: str

    def start(self) -> None:
        """Begin, or go on."""

    def kill(self) -> None:
        """End it as a loss of power does."""


class Served:
    """The service with its broker as a process, at one address however often it is killed."""

    def __init__(self, company: Company) -> None:
        self.road = "service"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.killed = 0
        self._log = company.folder / "service.log"
        self._environment = {
            "DATABASE_URL": company.dsn,
            "EVENHAND_DATA": str(company.folder),
            "EVENHAND_PORT": str(self.port),
            "EVENHAND_TOKEN_ISSUER": ISSUER,
            "EVENHAND_TOKEN_KEYS": str(company.public_keys),
            "EVENHAND_BROKER": EMBEDDED,
            "EVENHAND_BROKER_PORT": str(free_port()),
            "EVENHAND_WEBHOOKS_ALLOW": "127.0.0.1",
            "EVENHAND_WEBHOOKS_ORIGIN": ORIGIN,
        }
        self._held = ExitStack()
        self._process = 0

    def start(self) -> None:
        """Begin, or go on; back once it is ready."""
        program = "from infrastructure.cli import main; main()"
        serving = running(["-c", program, "serve"], self._environment, self.port, READY, self._log)
        self._process = self._held.enter_context(serving)

    def kill(self) -> None:
        """End it as a loss of power does."""
        os.kill(self._process, SIGKILL)
        self.stop()
        self.killed += 1

    def stop(self) -> None:
        """End it, whatever became of it."""
        self._held.close()


def caught_up(company: Company, patience: float) -> None:
    """Wait for the read models, which the service keeps."""
    office = company.evenhand.office(LANDLORD)
    assert office.projector.wait_for(office.recorder.head().position, patience)


def of_the_broker(company: Company) -> dict[str, str]:
    """Where the service's broker is, and as whom it is read."""
    folder = folder_of(company.folder)
    reader = Logins(folder / "logins").of(LANDLORD, READER)
    return {
        "broker": str(url_beside(company.folder)),
        "user": reader.user,
        "password": reader.password,
        "stream": stream_of(LANDLORD),
        "subject": subjects_of(LANDLORD),
    }


def registered(company: Company, address: str, called: Model) -> int:
    """Have a model called with what happens from now on; after which position that is."""
    port = free_port()
    called.said |= {"port": port, "secrets": [], "origin": ORIGIN, "acknowledges": False}
    called.start()
    until = monotonic() + LONGEST_START
    while not _listens(port):
        called.look()
        assert monotonic() < until, "the receiver does not listen"
        sleep(LOOK_AGAIN)
    body = {"subscriber": called.road, "url": f"http://127.0.0.1:{port}/", "why": "The soak."}
    headers = {"Authorization": f"Bearer {company.token(ADMINISTRATOR, 'administer')}"}
    answer = httpx.post(f"{address}/v1/webhooks", json=body, headers=headers, timeout=60)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    called.stop()
    called.said["secrets"] = [answer.json()["secret"]]
    return int(answer.json()["webhook"]["position"])


def _listens(port: int) -> bool:
    with closing(socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
