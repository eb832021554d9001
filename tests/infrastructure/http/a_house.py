"""A whole service for tests of the HTTP interface: landlords over a real database, and a real server before them."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import httpx
import uvicorn

from domain.decisions.landlord import AppointPost
from domain.events import SYSTEM
from infrastructure.bootstrap import Evenhand, build
from infrastructure.http.app import create_app
from infrastructure.http.auth import SCOPES
from infrastructure.settings import Settings
from infrastructure.tokens import issue_for_demonstration

EVERYTHING = frozenset(SCOPES)
NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)  # a Monday, by the clocks of both landlords
SECRET = "Zanzibar Quillfeather"  # a name that stands nowhere else: wherever it turns up, somebody's words leaked


class House:
    """Landlords, each with an officer and a colleague who hold a post, and a client without any token."""

    def __init__(self, evenhand: Evenhand, address: str) -> None:
        self.evenhand = evenhand
        self.http = httpx.Client(base_url=address, timeout=30)

    def token(self, landlord: str, login: str = "officer", scopes: frozenset[str] = EVERYTHING, **claims: Any) -> str:
        """A token for one of the landlord's staff, who is enrolled when new."""
        self.evenhand.enrol(landlord, login, f"Officer {login}")
        key = self.evenhand.office(landlord).keys.token_key
        now = claims.get("now", datetime.now(UTC))
        return issue_for_demonstration(key, landlord, login, scopes, now, timedelta(hours=1))

    def staff(self, landlord: str, login: str = "officer") -> str:
        """The opaque id of a member of staff."""
        return self.evenhand.enrol(landlord, login, f"Officer {login}")

    def caller(self, landlord: str, login: str = "officer", scopes: frozenset[str] = EVERYTHING) -> Caller:
        """Somebody who asks."""
        return Caller(self, landlord, self.token(landlord, login, scopes))

    def head(self, landlord: str) -> int:
        """The last position of a landlord's log."""
        return self.evenhand.office(landlord).recorder.head().position


class Caller:
    """Sends requests with one token. Each method gives the response, whatever its status."""

    def __init__(self, house: House, landlord: str, token: str) -> None:
        self.house = house
        self.landlord = landlord
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **params: Any) -> httpx.Response:
        """A query."""
        headers = {**self.headers, **params.pop("headers", {})}
        return self.house.http.get(path, params=params or None, headers=headers)

    def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """A command; header names with underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.house.http.post(path, json=body, headers={**self.headers, **named})

    def patch(self, path: str, body: object, **headers: str) -> httpx.Response:
        """A change of what the body names."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.house.http.patch(path, json=body, headers={**self.headers, **named})

    def raw(self, path: str, content: Any, **headers: str) -> httpx.Response:
        """A body as it is, of type JSON unless said otherwise."""
        named = {"Content-Type": "application/json"} | {n.replace("_", "-"): v for n, v in headers.items()}
        return self.house.http.post(path, content=content, headers={**self.headers, **named})

    def contact(self, **changes: object) -> dict[str, Any]:
        """A contact of a new person; the answer."""
        return accepted(self.post("/v1/contacts", a_contact(**changes)))


def a_contact(**changes: object) -> dict[str, object]:
    """The four fields of a contact, of somebody new."""
    body: dict[str, object] = {
        "reference": f"T-{uuid4().hex[:8]}",
        "channel": "telephone",
        "happened_on": "2026-01-12",
        "summary": f"{SECRET} rang about the lift.",
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def accepted(response: httpx.Response) -> dict[str, Any]:
    """The answer to a command that must have been taken."""
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


def answered(response: httpx.Response) -> dict[str, Any]:
    """The answer to a query that must have been answered."""
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


@contextmanager
def a_house(dsn: str, folder: Path, landlords: Sequence[str]) -> Iterator[House]:
    """The service with these landlords on a database, on a free port of this machine."""
    settings = Settings(data=folder, keys=folder / "keys", database=dsn)
    with build(settings) as evenhand:
        for landlord in landlords:
            evenhand.set_up(landlord, demonstration=True, begins=NOON)
            administrator = evenhand.enrol(landlord, "administrator", "The administrator")
            first = AppointPost(role="administrator", staff=administrator, starts_on=date(2015, 1, 1))
            evenhand.desk(landlord).manage(first, SYSTEM)
        evenhand.follow()
        with a_server(evenhand) as address:
            house = House(evenhand, address)
            for landlord in evenhand.landlords:
                appoint(house, landlord, "officer")
                appoint(house, landlord, "colleague")
            yield house
            house.http.close()


def appoint(house: House, landlord: str, login: str, role: str | None = None) -> None:
    """Give somebody a post since 2015; the policy's first when none is named."""
    roles = house.evenhand.office(landlord).policies.files()[-1].policy.roles
    body = {"role": role or next(iter(roles)), "staff": house.staff(landlord, login), "starts_on": "2015-01-01"}
    accepted(house.caller(landlord, "administrator").post("/v1/landlord/appoint-post", body))


@contextmanager
def a_server(evenhand: Evenhand) -> Iterator[str]:
    """The address of a server that answers for the service until the block ends."""
    started = Event()
    app = create_app(evenhand)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started.set()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.let_go()
            await super().shutdown(sockets)

        def install_signal_handlers(self) -> None:
            """None: they are the test run's."""

    with socket.create_server(("127.0.0.1", 0)) as taken:
        # Header and body are two writes: the second would wait 40 ms for the first one's acknowledgement.
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = Server(uvicorn.Config(app, access_log=False, log_config=None))
        # What captures log lines for a test adds itself here, and the server takes that for somebody who wants them.
        logging.getLogger("uvicorn.access").disabled = True
        thread = Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        assert started.wait(30)
        host, port = taken.getsockname()
        yield f"http://{host}:{port}"
        server.should_exit = True
        thread.join()
