"""Who may do what at the service's own broker: an account for each landlord, with one who publishes and one who reads.

Accounts see nothing of each other. Who reads can make consumers of the one stream and acknowledge, and can neither
publish nor delete. Passwords are drawn here, 256 bits each, and kept in files of mode 0600; the broker's own
configuration, which holds them too, has that mode as well.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, Final

from infrastructure.downstream.broker.names import stream_of, subjects_of
from infrastructure.postgres.server import LANDLORD_SLUG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infrastructure.postgres.account import Account

PUBLISHER: Final = "publisher"
READER: Final = "reader"
PASSWORD_BYTES: Final = 32
MOST_CONSUMERS: Final = 1000  # of one landlord: whoever makes one for each call would fill the disk


@dataclass(frozen=True, slots=True)
class Login:
    """A user of the broker. Its password is shown in no repr."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.user!r})"


class Logins:
    """The users of each landlord, as files in `folder`: a line of password in `<landlord>.<part>.password`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def landlords(self) -> list[str]:
        """Who has users here already."""
        found = {file.name.partition(".")[0] for file in self.folder.glob(f"*.{PUBLISHER}.password")}
        return sorted(landlord for landlord in found if LANDLORD_SLUG.fullmatch(landlord))

    def file(self, landlord: str, part: str) -> Path:
        """Where the password of a landlord's publisher or reader is kept."""
        return self.folder / f"{landlord}.{part}.password"

    def of(self, landlord: str, part: str) -> Login:
        """A user, made if it is not there yet."""
        file = self.file(landlord, part)
        if not file.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(file, f"{token_urlsafe(PASSWORD_BYTES)}\n")
        return Login(f"{landlord}.{part}", file.read_text(encoding="ascii").strip())


def configuration(landlords: Iterable[str], logins: Logins) -> dict[str, Any]:
    """The accounts of the broker's configuration."""
    return {f"landlord_{landlord}": _account(landlord, logins) for landlord in landlords}


def write_private(file: Path, text: str, account: Account | None = None) -> None:
    """A file that its owner alone may read, whole from the first moment; handed over to an account that is lent."""
    descriptor, beside = tempfile.mkstemp(prefix=".new-", dir=file.parent)  # of mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(descriptor)
            if account is not None and account.lent:
                os.fchown(descriptor, account.uid, account.gid)
        Path(beside).replace(file)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def as_text(said: dict[str, Any]) -> str:
    """The configuration in JSON, which the broker reads as its own language."""
    return json.dumps(said, indent=1) + "\n"


def permissions_of(landlord: str) -> dict[str, dict[str, Any]]:
    """What the publisher and the readers of a landlord may do, in the words of a NATS configuration."""
    stream = stream_of(landlord)
    may = {PUBLISHER: [subjects_of(landlord), *_of_publisher(stream)], READER: _of_reader(stream)}
    return {
        part: {"publish": {"allow": subjects}, "subscribe": {"allow": ["_INBOX.>"]}} for part, subjects in may.items()
    }


def _account(landlord: str, logins: Logins) -> dict[str, Any]:
    users = [
        {"user": login.user, "password": login.password, "permissions": permissions}
        for part, permissions in permissions_of(landlord).items()
        for login in [logins.of(landlord, part)]
    ]
    limits = {"max_memory": 64 * 2**20, "max_file": -1, "max_streams": 1, "max_consumers": MOST_CONSUMERS}
    return {"jetstream": limits, "users": users}


def _of_publisher(stream: str) -> list[str]:
    return [
        "$JS.API.INFO",
        f"$JS.API.STREAM.INFO.{stream}",
        f"$JS.API.STREAM.CREATE.{stream}",
        f"$JS.API.STREAM.DELETE.{stream}",  # to start over
        f"$JS.API.STREAM.MSG.GET.{stream}",
    ]


def _of_reader(stream: str) -> list[str]:
    return [
        "$JS.API.INFO",
        "$JS.API.STREAM.NAMES",
        f"$JS.API.STREAM.INFO.{stream}",
        f"$JS.API.STREAM.MSG.GET.{stream}",
        f"$JS.API.CONSUMER.CREATE.{stream}",
        f"$JS.API.CONSUMER.CREATE.{stream}.>",
        f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.>",
        f"$JS.API.CONSUMER.INFO.{stream}.>",
        f"$JS.API.CONSUMER.NAMES.{stream}",
        f"$JS.API.CONSUMER.LIST.{stream}",
        f"$JS.API.CONSUMER.DELETE.{stream}.>",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.>",
        f"$JS.ACK.{stream}.>",
        "$JS.FC.>",
    ]
