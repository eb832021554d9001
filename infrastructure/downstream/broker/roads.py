"""Which broker the service publishes to: one of its own, one that an operator runs, or none."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from infrastructure.downstream.broker.accounts import PUBLISHER, Login, Logins
from infrastructure.downstream.broker.connecting import Access
from infrastructure.downstream.broker.embedded import ADDRESS, EmbeddedBroker, folder_of, url_beside
from infrastructure.postgres.account import ServerRefused
from infrastructure.postgres.server import LANDLORD_SLUG
from infrastructure.settings import EMBEDDED, SettingsRefused
from infrastructure.settings_file import said_in, secret_in, trouble_with

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from infrastructure.settings import Settings

logger = logging.getLogger(__name__)

# What the file says of a landlord; each of these must be there.
FIELDS: Final = ("user", "password_file")


class Road(Protocol):
    """A way to the streams of landlords. `trouble` is a sentence about why there is none at all."""

    @property
    def trouble(self) -> str | None:
        """Why nothing is published for anybody."""
        ...

    def admit(self, landlords: Iterable[str]) -> None:
        """See to it that these landlords have accounts, where that is ours to do."""
        ...

    def access(self, landlord: str) -> Access | None:
        """How a landlord's stream is reached; None for one that does not publish."""
        ...


@dataclass(frozen=True, slots=True)
class OwnBroker:
    """The road over the service's own broker, or why that did not start."""

    broker: EmbeddedBroker | None
    trouble: str | None = None

    def admit(self, landlords: Iterable[str]) -> None:
        """Give them accounts."""
        if self.broker is not None:
            self.broker.admit(landlords)

    def access(self, landlord: str) -> Access | None:
        """Every landlord publishes."""
        if self.broker is None:
            return None
        return Access(landlord=landlord, servers=(self.broker.url,), login=self.broker.publisher(landlord))


@dataclass(frozen=True, slots=True)
class OutsideBroker:
    """The road over servers that somebody else runs, for the landlords that the file names."""

    servers: tuple[str, ...]
    logins: Mapping[str, Login]
    trusted: Path | None = None
    trouble: str | None = field(default=None, init=False)

    def admit(self, landlords: Iterable[str]) -> None:
        """Accounts there are not ours to make."""

    def access(self, landlord: str) -> Access | None:
        """Whoever has a login there publishes."""
        login = self.logins.get(landlord)
        if login is None:
            return None
        return Access(landlord=landlord, servers=self.servers, login=login, trusted=self.trusted)


@contextmanager
def the_road(settings: Settings) -> Iterator[Road | None]:
    """The road of a running service. Raises `SettingsRefused` for a file that cannot be used.

    A broker of its own that does not start is told about and done without: those who decide must not wait for it.
    """
    if settings.broker is None:
        yield None
    elif settings.broker != EMBEDDED:
        yield read_outside_broker(Path(settings.broker))
    else:
        try:
            broker = EmbeddedBroker.start(settings.data, settings.broker_port)
        except ServerRefused as refused:
            logger.warning("there is no broker: %s", refused)
            yield OwnBroker(None, str(refused))
            return
        with broker:
            yield OwnBroker(broker)


def road_for_a_command(settings: Settings) -> Road:
    """The road of a service that may be running beside this command. Raises `SettingsRefused`."""
    if settings.broker is None:
        raise SettingsRefused(f"No broker is set up: set EVENHAND_BROKER to {EMBEDDED}, or to a file about your own.")
    if settings.broker != EMBEDDED:
        return read_outside_broker(Path(settings.broker))
    logins = Logins(folder_of(settings.data) / "logins")
    url = url_beside(settings.data) or f"nats://{ADDRESS}:{settings.broker_port}"
    return OutsideBroker((url,), {landlord: logins.of(landlord, PUBLISHER) for landlord in logins.landlords()})


def read_outside_broker(file: Path) -> OutsideBroker:
    """What a TOML file says of a broker. Raises `SettingsRefused` with all problems."""
    said = said_in(file, "EVENHAND_BROKER", _problems)
    logins = {
        landlord: Login(one["user"], secret_in(Path(one["password_file"])))
        for landlord, one in said["landlords"].items()
    }
    trusted = said.get("trusted_file")
    return OutsideBroker(tuple(said["servers"]), logins, Path(trusted) if trusted else None)


def _problems(said: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(said, ("servers", "trusted_file", "landlords"))
    servers = said.get("servers")
    if not isinstance(servers, list) or not servers or not all(_is_server(one) for one in servers):
        yield 'servers is a list of addresses such as "tls://nats.landlord.example:4222", without a password.'
    trusted = said.get("trusted_file")
    if trusted is not None and not (isinstance(trusted, str) and Path(trusted).is_file()):
        yield "trusted_file names no file."
    landlords = said.get("landlords")
    if not isinstance(landlords, dict) or not landlords:
        yield "It names no landlord: add a table [landlords.NAME] with user and password_file."
        return
    for landlord, one in landlords.items():
        if not LANDLORD_SLUG.fullmatch(landlord) or not isinstance(one, dict):
            yield f"{landlord} is no table of a landlord."
            continue
        yield from (f"{landlord}: {problem}" for problem in _unknown(one, FIELDS))
        for name in FIELDS:
            if not isinstance(one.get(name), str) or not one[name]:
                yield f"{landlord}: {name} is missing, or no text."
            elif name == "password_file" and (problem := trouble_with(name, Path(one[name]))):
                yield f"{landlord}: {problem}"


def _unknown(said: Mapping[str, Any], known: Collection[str]) -> Iterator[str]:
    for name in sorted(said.keys() - set(known)):
        yield f"{name} is not known; there are {', '.join(known)}."


def _is_server(one: object) -> bool:
    if not isinstance(one, str):
        return False
    try:
        parts = urlsplit(one)
        return parts.scheme in ("nats", "tls") and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:  # a port that is no number
        return False
