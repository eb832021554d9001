"""The service over HTTP as an operator runs it: a landlord with customers, an issuer of tokens, and a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from socket import create_server
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from application.ports import PersonDetails
from application.streams import case_id
from domain.codes import StaffId, SubjectId, SubscriberKind, Topic
from domain.decisions.landlord import AppointPost
from domain.decisions.subscribers import RegisterSubscriber
from domain.events import SYSTEM, CaseOpened
from infrastructure.bootstrap import Evenhand, build
from infrastructure.settings import Settings
from tests.benchmarks.workload import retold
from tests.infrastructure.a_landlord import changed

if TYPE_CHECKING:
    from domain.events import Event

LANDLORD: Final = "derby"
ISSUER: Final = "https://issuer.example"
ADMINISTRATOR: Final = "administrator"
LONG_AGO: Final = date(2015, 1, 1)
PATIENCE: Final = 60.0  # seconds for a process to answer or to end
READY: Final = "/health"
CUSTOMERS: Final = 11  # with a case each, where it matters little how many


@dataclass(frozen=True, slots=True)
class Company:
    """A landlord in service, its customers with a case each, and the means to run and to ask it."""

    dsn: str
    folder: Path
    evenhand: Evenhand
    customers: tuple[SubjectId, ...]
    signing: Ed25519PrivateKey

    @property
    def public_keys(self) -> Path:
        """The file with the issuer's public key."""
        return self.folder / "issuer.pem"

    def token(self, login: str, *scopes: str) -> str:
        """A token of a member of staff, good for an hour; whoever is new is enrolled."""
        self.evenhand.enrol(LANDLORD, login, f"Colleague {login}", ISSUER)
        now = datetime.now(UTC)
        claims = {"iss": ISSUER, "sub": login, "landlord": LANDLORD, "scope": " ".join(scopes)}
        times = {"iat": int(now.timestamp()), "exp": int((now + timedelta(hours=1)).timestamp())}
        return jwt.encode({**claims, **times}, self.signing, algorithm="EdDSA")

    def appoint(self, login: str) -> None:
        """Give a member of staff a post that has long begun."""
        roles = self.evenhand.office(LANDLORD).policies.files()[-1].policy.roles
        staff = self.evenhand.enrol(LANDLORD, login, f"Colleague {login}", ISSUER)
        post = AppointPost(role=next(iter(roles)), staff=staff, starts_on=LONG_AGO)
        self.evenhand.desk(LANDLORD).manage(post, self._administrator())

    def subscribe(self, code: str, topics: Sequence[Topic] = tuple(Topic)) -> str:
        """Register a system that follows what happens; a token of its."""
        signs_in = self.evenhand.enrol(LANDLORD, code, f"System {code}", ISSUER)
        registration = RegisterSubscriber(
            subscriber=code, kind=SubscriberKind.OWN, signs_in=signs_in, topics=tuple(topics), references=False
        )
        self.evenhand.desk(LANDLORD).manage(registration, self._administrator())
        return self.token(code, "follow")

    def _administrator(self) -> StaffId:
        desk = self.evenhand.desk(LANDLORD)
        held_by = next((held.staff for held in desk.state().tenures if held.role == ADMINISTRATOR), None)
        if held_by is not None:
            return StaffId(held_by)
        administrator = self.evenhand.enrol(LANDLORD, ADMINISTRATOR, "The administrator", ISSUER)
        desk.manage(AppointPost(role=ADMINISTRATOR, staff=administrator, starts_on=LONG_AGO), SYSTEM)
        return administrator

    def customer(self) -> SubjectId:
        """Somebody new, whom the directory has and of whom nothing is recorded."""
        details = PersonDetails(reference=uuid4().hex, name="Somebody")
        return self.evenhand.directory(LANDLORD).add_person(details)

    @contextmanager
    def service(self, **further: str) -> Iterator[int]:
        """The port of the service, with further settings, in a process of its own; it has caught up with the log."""
        with self.process(**further) as (port, _):
            yield port

    @contextmanager
    def process(self, **further: str) -> Iterator[tuple[int, int]]:
        """Likewise, and the id of the process."""
        port = free_port()
        environment = {
            "DATABASE_URL": self.dsn,
            "EVENHAND_DATA": str(self.folder),
            "EVENHAND_PORT": str(port),
            "EVENHAND_TOKEN_ISSUER": ISSUER,
            "EVENHAND_TOKEN_KEYS": str(self.public_keys),
            **further,
        }
        program = "from infrastructure.cli import main; main()"
        with running(["-c", program, "serve"], environment, port, READY, self.folder / "service.log") as process:
            office = self.evenhand.office(LANDLORD)
            if not office.projector.wait_for(office.recorder.head().position, PATIENCE):
                raise RuntimeError("the service did not catch up with the log")
            yield port, process


@contextmanager
def a_company(
    dsn: str, folder: Path, histories: Sequence[Sequence[Event]], customers: int = CUSTOMERS
) -> Iterator[Company]:
    """A landlord of whom so many customers have one of these histories each; this process follows no log."""
    signing = Ed25519PrivateKey.generate()
    settings = Settings(data=folder, keys=folder / "keys", database=dsn, token_issuer=ISSUER)
    with build(settings) as evenhand:
        office = evenhand.set_up(LANDLORD)
        people = [office.directory.add_person(PersonDetails(reference=uuid4().hex)) for _ in range(customers)]
        for person, history in zip(people, islice(cycle(histories), customers), strict=True):
            office.log.append(_of(person, history))
        company = Company(dsn, folder, evenhand, tuple(people), signing)
        public = signing.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        company.public_keys.write_bytes(public)
        yield company


def _of(person: SubjectId, history: Sequence[Event]) -> list[Event]:
    """The same history in the first case of this person."""
    stream = case_id(LANDLORD, person, 1)
    return [
        changed(
            event,
            stream=stream,
            fact=changed(event.fact, person=person) if isinstance(event.fact, CaseOpened) else event.fact,
        )
        for event in retold(history)
    ]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with closing(create_server(("127.0.0.1", 0))) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def running(arguments: Sequence[str], environment: dict[str, str], port: int, ready: str, log: Path) -> Iterator[int]:
    """The id of a Python process that answers 200 at `ready`; ended by it. What it says goes to `log`."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, *arguments], env={**os.environ, **environment}, stdout=said, stderr=said
        )
        try:
            _until_ready(process, f"http://127.0.0.1:{port}{ready}", log)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    ends = monotonic() + PATIENCE
    while monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"a process ended while it was starting: {log.read_text(errors='replace')[-2000:]}")
        try:
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            sleep(0.05)  # not listening yet
        else:
            sleep(0.05)  # listening, and not ready yet
    raise RuntimeError(f"a process was not ready within {PATIENCE} seconds")
