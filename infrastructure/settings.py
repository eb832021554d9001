"""What an operator sets through the environment, read once and refused with a sentence for each mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from infrastructure.downstream.webhooks.addresses import Allowed, is_host
from infrastructure.postgres.data_folder import default_data_folder
from infrastructure.postgres.server import LANDLORD_SLUG

PREFIX: Final = "EVENHAND_"
EMBEDDED: Final = "embedded"
# A landlord whose log lies on another server than the rest: the slug in capitals follows.
OF_ONE_LANDLORD: Final = "EVENHAND_DATABASE_URL_"

# Every variable, and what it is for.
VARIABLES: Final[Mapping[str, str]] = {
    "DATABASE_URL": "the PostgreSQL server; without it the service starts one of its own",
    "EVENHAND_DATA": "the data folder",
    "EVENHAND_HOST": "the address to listen on, 127.0.0.1 unless given",
    "EVENHAND_PORT": "the port to listen on, 8000 unless given, 0 for any free one",
    "EVENHAND_KEYS": "the folder of key files, `keys` in the data folder unless given",
    "EVENHAND_KEYS_DATABASE_URL": "the server that keeps data keys, the log's own unless given",
    "EVENHAND_POLICIES": "a folder of policy files beside those of this release",
    "EVENHAND_CARRIERS": "a file that says who carries letters; without it they go into the data folder's `letters`",
    "EVENHAND_LETTERS": "a folder with a folder for each landlord: templates of letters, and what is enclosed",
    "EVENHAND_TOKEN_ISSUER": "who issues tokens: the claim `iss`, to the letter",
    "EVENHAND_TOKEN_KEYS": "a file with the issuer's public key (PEM) or keys (JWKS)",
    "EVENHAND_TOKEN_AUDIENCE": "what tokens name in `aud`, if they name anything",
    "EVENHAND_CORES": "`all` to let the service run on every core; one, which is quicker, unless given",
    "EVENHAND_EVIDENCE_MB": "the largest evidence file in megabytes (of 1024 x 1024 bytes), 1 to 100, 10 unless given",
    "EVENHAND_TICK_SECONDS": "how often the clock looks for what went by, 1 to 3600 seconds, 60 unless given",
    "EVENHAND_WEBHOOKS_ALLOW": "hosts and networks that webhooks may lead to although they are not public, with commas",
    "EVENHAND_WEBHOOKS_ORIGIN": "the name that webhooks come from, as receivers are asked to agree to it",
    "EVENHAND_BROKER": "`embedded` to run a NATS server, or a file that says where yours is; without it there is none",
    "EVENHAND_BROKER_PORT": "the port of an embedded broker, 4222 unless given, 0 for any free one",
    "EVENHAND_EFFECTS": "`off` for a copy of real data: no letter, no webhook, nothing to a broker goes out",
    "EVENHAND_METRICS": "`open` to answer /metrics of all landlords without a token",
}


class SettingsRefused(Exception):
    """Settings that cannot be used; `problems` are sentences, one for each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """How this service is set up. `database` is None when it starts its own server."""

    data: Path
    keys: Path
    host: str = "127.0.0.1"
    port: int = 8000
    database: str | None = None
    databases: tuple[tuple[str, str], ...] = ()  # (landlord, server) of landlords apart
    keys_database: str | None = None
    policies: Path | None = None
    letters: Path | None = None
    carriers: Path | None = None
    token_issuer: str | None = None
    token_keys: Path | None = None
    token_audience: str | None = None
    metrics_open: bool = False
    every_core: bool = False
    evidence_mb: int = 10
    tick_seconds: int = 60
    broker: str | None = None  # EMBEDDED, or the path of a file
    broker_port: int = 4222
    webhooks_allow: str = ""
    webhooks_origin: str = "evenhand"
    effects: bool = True  # whether what follows from an event outside is done

    @property
    def evidence_bytes(self) -> int:
        """The size of the largest evidence file that is taken."""
        return self.evidence_mb * 1024 * 1024


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in `environment`; an empty value counts as none. Raises `SettingsRefused` with all problems."""
    given = {name: value for name, value in environment.items() if value.strip()}
    problems = [*_unknown(given), *_unusable(given)]
    if problems:
        raise SettingsRefused(*problems)
    data = default_data_folder(given)
    return Settings(
        data=data,
        keys=_path(given, "EVENHAND_KEYS") or data / "keys",
        host=given.get("EVENHAND_HOST", "127.0.0.1"),
        port=int(given.get("EVENHAND_PORT", "8000")),
        database=given.get("DATABASE_URL"),
        databases=tuple(
            (name.removeprefix(OF_ONE_LANDLORD).lower(), given[name])
            for name in sorted(given)
            if name.startswith(OF_ONE_LANDLORD)
        ),
        keys_database=given.get("EVENHAND_KEYS_DATABASE_URL"),
        policies=_path(given, "EVENHAND_POLICIES"),
        letters=_path(given, "EVENHAND_LETTERS"),
        carriers=_path(given, "EVENHAND_CARRIERS"),
        token_issuer=given.get("EVENHAND_TOKEN_ISSUER"),
        token_keys=_path(given, "EVENHAND_TOKEN_KEYS"),
        token_audience=given.get("EVENHAND_TOKEN_AUDIENCE"),
        metrics_open=given.get("EVENHAND_METRICS") == "open",
        every_core=given.get("EVENHAND_CORES") == "all",
        evidence_mb=int(given.get("EVENHAND_EVIDENCE_MB", "10")),
        tick_seconds=int(given.get("EVENHAND_TICK_SECONDS", "60")),
        broker=_broker(given),
        broker_port=int(given.get("EVENHAND_BROKER_PORT", "4222")),
        webhooks_allow=given.get("EVENHAND_WEBHOOKS_ALLOW", ""),
        webhooks_origin=given.get("EVENHAND_WEBHOOKS_ORIGIN", "evenhand"),
        effects=given.get("EVENHAND_EFFECTS") != "off",
    )


def _unknown(given: Mapping[str, str]) -> Iterator[str]:
    """A misspelt name would otherwise be a setting that is silently not made."""
    for name in sorted(given):
        if name.startswith(OF_ONE_LANDLORD):
            if not LANDLORD_SLUG.fullmatch(name.removeprefix(OF_ONE_LANDLORD).lower()):
                yield f"{name} does not end with the name of a landlord."
        elif name.startswith(PREFIX) and name not in VARIABLES:
            known = ", ".join(sorted(VARIABLES))
            yield f"{name} is not a setting of Evenhand; it has {known}, and {OF_ONE_LANDLORD}<LANDLORD>."


def _unusable(given: Mapping[str, str]) -> Iterator[str]:
    for name, usual in (("EVENHAND_PORT", "8000"), ("EVENHAND_BROKER_PORT", "4222")):
        port = given.get(name, usual)
        if not (port.isascii() and port.isdigit() and int(port) <= 65535):
            yield f"{name} is {port!r}; give a number from 0 to 65535."
    if "EVENHAND_BROKER_PORT" in given and given.get("EVENHAND_BROKER") != EMBEDDED:
        yield f"EVENHAND_BROKER_PORT is that of an embedded broker; set EVENHAND_BROKER to {EMBEDDED}, too."
    largest = given.get("EVENHAND_EVIDENCE_MB", "10")
    if not (largest.isascii() and largest.isdigit() and 1 <= int(largest) <= 100):
        yield f"EVENHAND_EVIDENCE_MB is {largest!r}; give a number of megabytes from 1 to 100."
    seconds = given.get("EVENHAND_TICK_SECONDS", "60")
    if not (seconds.isascii() and seconds.isdigit() and 1 <= int(seconds) <= 3600):
        yield f"EVENHAND_TICK_SECONDS is {seconds!r}; give a number of seconds from 1 to 3600."
    try:
        Allowed.read(given.get("EVENHAND_WEBHOOKS_ALLOW", ""))
    except ValueError as error:
        yield f"EVENHAND_WEBHOOKS_ALLOW is a list with commas, of which {error}."
    origin = given.get("EVENHAND_WEBHOOKS_ORIGIN", "evenhand")
    if not is_host(origin):
        yield f"EVENHAND_WEBHOOKS_ORIGIN is {origin!r}; give a domain name such as evenhand.landlord.example."
    for name in given:
        if name in ("DATABASE_URL", "EVENHAND_KEYS_DATABASE_URL") or name.startswith(OF_ONE_LANDLORD):
            try:
                conninfo_to_dict(given[name])
            except psycopg.ProgrammingError:  # its words would repeat a password
                yield f"{name} is no connection string, such as postgresql://user@host:5432/database."
    for name in ("EVENHAND_POLICIES", "EVENHAND_LETTERS"):
        folder = _path(given, name)
        if folder is not None and not folder.is_dir():
            yield f"{name} names {folder}, which is no folder."
    keys = _path(given, "EVENHAND_TOKEN_KEYS")
    if keys is not None and not keys.is_file():
        yield f"EVENHAND_TOKEN_KEYS names {keys}, which is no file."
    together = [name for name in ("EVENHAND_TOKEN_ISSUER", "EVENHAND_TOKEN_KEYS") if name in given]
    if len(together) == 1:
        yield f"{together[0]} is set alone; EVENHAND_TOKEN_ISSUER and EVENHAND_TOKEN_KEYS belong together."
    if "EVENHAND_TOKEN_AUDIENCE" in given and not together:
        yield "EVENHAND_TOKEN_AUDIENCE is set without EVENHAND_TOKEN_ISSUER and EVENHAND_TOKEN_KEYS."
    for name, only in (("EVENHAND_METRICS", "open"), ("EVENHAND_CORES", "all"), ("EVENHAND_EFFECTS", "off")):
        if given.get(name, only) != only:
            yield f"{name} is {given[name]!r}; set it to {only}, or leave it out."


def _broker(given: Mapping[str, str]) -> str | None:
    named = given.get("EVENHAND_BROKER")
    return named if named in (None, EMBEDDED) else str(_path(given, "EVENHAND_BROKER"))


def _path(given: Mapping[str, str], name: str) -> Path | None:
    return Path(given[name]).absolute() if name in given else None
