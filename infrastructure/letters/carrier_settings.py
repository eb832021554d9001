"""Who carries whose letters, from a file of settings: read once, and refused with a sentence for each mistake.

Without a file every landlord's letters go into a folder. The file names carriers, and for each landlord, or for
everybody, which of them carries e-mail and which the post. Passwords and keys stand in files of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from domain.calendar import DeliveryMethod
from infrastructure.letters.carriers import Carrier, Carriers
from infrastructure.letters.folder import FolderCarrier
from infrastructure.letters.notify import ADDRESS, NotifyAccount, NotifyCarrier
from infrastructure.letters.smtp import MailServer, SmtpCarrier
from infrastructure.postgres.server import LANDLORD_SLUG
from infrastructure.settings_file import said_in, secret_in, trouble_with

CARRIED: Final = (DeliveryMethod.EMAIL, DeliveryMethod.FIRST_CLASS_POST)  # the rest is done by people
EVERYBODY: Final = "everybody"
SHORTEST_TOKEN: Final = 10  # characters, which is what Notify asks for

# What each kind of carrier is told, by field: its type, and whether it can be left out.
FIELDS: Final[Mapping[str, Mapping[str, tuple[type, bool]]]] = {
    "folder": {"path": (str, False)},
    "smtp": {
        "host": (str, False),
        "port": (int, True),
        "sender": (str, False),
        "tls": (str, True),
        "user": (str, True),
        "password_file": (str, True),
        "reply_to": (str, True),
        "timeout": (int, True),
        "trusted_file": (str, True),
    },
    "notify": {
        "key_file": (str, False),
        "template": (str, True),
        "address": (str, True),
        "reply_to": (str, True),
        "postage": (str, True),
        "timeout": (int, True),
        "callback_token_file": (str, True),
    },
}
METHODS_OF: Final = {"folder": CARRIED, "smtp": (DeliveryMethod.EMAIL,), "notify": CARRIED}
PORTS: Final = {"required": 587, "implicit": 465, "none": 25}


@dataclass(frozen=True, slots=True, repr=False)  # it holds passwords
class PostSettings:
    """Which carrier takes which way of sending, by landlord; `default` is the folder without any settings."""

    default: Path
    carriers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    chosen: Mapping[str, Mapping[DeliveryMethod, str]] = field(default_factory=dict)
    secrets: Mapping[tuple[str, str], str] = field(default_factory=dict)  # by carrier and field

    def carriers_of(self, landlord: str) -> Carriers:
        """Who carries this landlord's letters."""
        names = {**self.chosen.get(EVERYBODY, {}), **self.chosen.get(landlord, {})}
        if not self.chosen:
            folder = FolderCarrier("folder", self.default / landlord)
            return dict.fromkeys(CARRIED, folder)
        made = {name: self._made(name, landlord) for name in set(names.values())}
        return {method: made[name] for method, name in names.items()}

    def callback_tokens(self, landlord: str) -> tuple[str, ...]:
        """The tokens with which the landlord's Notify services prove their callbacks."""
        names = {**self.chosen.get(EVERYBODY, {}), **self.chosen.get(landlord, {})}.values()
        found = (self.secrets.get((name, "callback_token_file")) for name in dict.fromkeys(names))
        return tuple(token for token in found if token is not None)

    def _made(self, name: str, landlord: str) -> Carrier:
        says = self.carriers[name]
        timeout = float(says.get("timeout", 30))
        if says["kind"] == "folder":
            return FolderCarrier(name, Path(says["path"]) / landlord)
        if says["kind"] == "smtp":
            tls = says.get("tls", "required")
            return SmtpCarrier(
                name,
                MailServer(
                    host=says["host"],
                    port=says.get("port", PORTS[tls]),
                    sender=says["sender"],
                    tls=tls,
                    user=says.get("user"),
                    password=self.secrets.get((name, "password_file")),
                    reply_to=says.get("reply_to"),
                    timeout=timeout,
                    trusted=says.get("trusted_file"),
                ),
            )
        return NotifyCarrier(
            name,
            NotifyAccount(
                key=self.secrets[name, "key_file"],
                template=says.get("template"),
                address=says.get("address", ADDRESS),
                reply_to=says.get("reply_to"),
                postage=says.get("postage"),
                timeout=timeout,
            ),
        )


def read_post_settings(file: Path | None, default: Path) -> PostSettings:
    """The settings in a TOML file, or those without one. Raises `SettingsRefused` with all problems."""
    if file is None:
        return PostSettings(default)
    said = said_in(file, "EVENHAND_CARRIERS", _problems)
    carriers = said["carriers"]
    chosen = {
        landlord: {DeliveryMethod(method): name for method, name in ways.items()}
        for landlord, ways in {EVERYBODY: said.get(EVERYBODY, {}), **said.get("landlords", {})}.items()
    }
    secrets = {
        (name, which): secret_in(Path(path))
        for name, says in carriers.items()
        for which, path in says.items()
        if which in ("password_file", "key_file", "callback_token_file")
    }
    return PostSettings(default, carriers, chosen, secrets)


def _problems(said: Mapping[str, Any]) -> Iterator[str]:
    for table in said.keys() - {"carriers", "landlords", EVERYBODY}:
        yield f"{table} is no table of it; there are carriers, {EVERYBODY} and landlords."
    carriers = said.get("carriers")
    if not isinstance(carriers, dict) or not carriers:
        yield "It names no carrier: add a table [carriers.NAME] with its kind."
        return
    good = {}
    for name, says in carriers.items():
        found = [*_of_a_carrier(says)]
        yield from (f"carriers.{name}: {problem}" for problem in found)
        if not found:
            good[name] = says["kind"]
    landlords = said.get("landlords", {})
    ways = {EVERYBODY: said.get(EVERYBODY, {}), **(landlords if isinstance(landlords, dict) else {"landlords": None})}
    if not any(ways.values()):
        yield f"Nobody's letters are given to a carrier: add [{EVERYBODY}] with email or first_class_post."
    for landlord, chosen in ways.items():
        if not isinstance(chosen, dict) or (landlord != EVERYBODY and not LANDLORD_SLUG.fullmatch(landlord)):
            yield f"{landlord} is no table of a landlord."
            continue
        for method, name in chosen.items():
            if method not in CARRIED:
                yield f"{landlord}: {method} is carried by nobody; there are {', '.join(CARRIED)}."
            elif name not in carriers:
                yield f"{landlord}: there is no carrier of that name for {method}; there are {', '.join(carriers)}."
            elif name in good and DeliveryMethod(method) not in METHODS_OF[good[name]]:
                yield f"{landlord}: {name} carries no {method}."


def _of_a_carrier(says: object) -> Iterator[str]:
    if not isinstance(says, dict) or says.get("kind") not in FIELDS:
        yield f"its kind is one of {', '.join(FIELDS)}."
        return
    known = FIELDS[says["kind"]]
    for name in says.keys() - known.keys() - {"kind"}:
        yield f"{name} is not known; there are {', '.join(known)}."
    for name, (kind, optional) in known.items():
        if name not in says:
            if not optional:
                yield f"{name} is missing."
        elif not isinstance(says[name], kind) or isinstance(says[name], bool) or says[name] in ("", 0):
            yield f"{name} is {'a number above 0' if kind is int else 'a text'}."
        elif name.endswith("_file") and (problem := _of_a_file(name, Path(says[name]))):
            yield problem
    if says.get("tls", "required") not in PORTS:
        yield f"tls is one of {', '.join(PORTS)}."
    if says.get("postage", "first") not in ("first", "second", "economy"):
        yield "postage is one of first, second, economy."
    if ("user" in says) != ("password_file" in says):
        yield "user and password_file belong together."
    address = says.get("address", ADDRESS)
    if isinstance(address, str) and not address.startswith("https://") and not address.startswith("http://127.0.0.1:"):
        yield "address begins with https://."


def _of_a_file(name: str, file: Path) -> str | None:
    if problem := trouble_with(name, file, secret=name != "trusted_file"):
        return problem
    if name == "callback_token_file" and len(secret_in(file)) < SHORTEST_TOKEN:
        return f"{name} names a file with fewer than {SHORTEST_TOKEN} characters."
    return None
