"""Who may do what at the service's own broker: for each landlord an account that publishes, and one that reads.

Accounts see nothing of each other but what one lends to the other: readers can make consumers of the one stream, take
its messages and acknowledge. They have an account apart from the stream's because the broker answers to whatever
subject a question names, allowed or not, and in the account of the stream an answer could be addressed to the stream.
Passwords are drawn here, 256 bits each, and kept in files of mode 0600; the broker's own configuration, which holds
them too, has that mode as well.
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
LONGEST_PULL: Final = "10m"  # for which one question for messages is answered
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
    found: dict[str, Any] = {}
    for landlord in landlords:
        owner, readers = f"landlord_{landlord}", f"readers_of_{landlord}"
        exports, imports = lent(landlord, owner, readers)
        users = {part: [_user(landlord, part, logins)] for part in (PUBLISHER, READER)}
        limits = {"max_memory": 64 * 2**20, "max_file": -1, "max_streams": 1, "max_consumers": MOST_CONSUMERS}
        found[owner] = {"jetstream": limits, "users": users[PUBLISHER], "exports": exports}
        found[readers] = {"users": users[READER], "imports": imports}
    return found


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


def lent(landlord: str, owner: str, readers: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the account of a stream lends to that of its readers: exports of the one, imports of the other."""
    exports: list[dict[str, Any]] = []
    imports: list[dict[str, Any]] = []
    for subject in _of_reader(stream_of(landlord)):
        # To one question for messages come many answers, for as long as it says that it waits.
        many = {"response_type": "Stream", "response_threshold": LONGEST_PULL} if ".MSG.NEXT." in subject else {}
        exports.append({"service": subject, "accounts": [readers], **many})
        imports.append({"service": {"account": owner, "subject": subject}})
    return exports, imports


def _user(landlord: str, part: str, logins: Logins) -> dict[str, Any]:
    login = logins.of(landlord, part)
    return {"user": login.user, "password": login.password, "permissions": permissions_of(landlord)[part]}


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
    ]
