"""Which account of the operating system the embedded server runs as, and where that account can go.

PostgreSQL refuses to run as root, so a service started as root lends its server a lesser account that exists
already: no account is ever added, and no permission outside the data folder is changed.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

# The first, if somebody added it, serves nothing else; `nobody` may run other programs too.
LESSER_ACCOUNTS = ("evenhand", "nobody")

# Nothing of the service's environment (it may hold secrets) reaches the server; times in its log are UTC.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_FIXED = {"LC_ALL": "C", "TZ": "UTC"}


class ServerRefused(RuntimeError):
    """The embedded server can't be started here; the text says why, and what to do about it."""


@dataclass(frozen=True)
class Account:
    """An account of the operating system, and whether it is lent (the service itself runs as root)."""

    name: str
    uid: int
    gid: int
    lent: bool

    @classmethod
    def for_server(cls) -> Self:
        """The service's own account, or a lesser one when that is root; refused when neither can be had."""
        if os.geteuid() != 0:
            return cls(service_account_name(), os.geteuid(), os.getegid(), lent=False)
        for name in LESSER_ACCOUNTS:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(name, entry.pw_uid, entry.pw_gid, lent=True)
        raise ServerRefused(
            "PostgreSQL does not run as root, and this system has no account "
            f"{' or '.join(LESSER_ACCOUNTS)} to run it as: add one, start the service as an ordinary user, "
            "or set DATABASE_URL to a server of your own."
        )

    def start(
        self,
        command: Sequence[str | Path],
        *,
        output: IO[bytes] | int,
        kept_open: Sequence[int] = (),
    ) -> subprocess.Popen[bytes]:
        """Start `command` as this account, in a session of its own, so that a Ctrl-C meant for us misses it.

        `output` takes all that it prints; `kept_open` are descriptors that it inherits.
        """
        try:
            return subprocess.Popen(  # noqa: S603 - the programs of the wheel, and arguments of our own making
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=kept_open,
                start_new_session=True,
                # Our own working folder may be closed to a lent account.
                cwd="/",
                env=_FIXED | {name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                umask=0o077,
                user=self.uid if self.lent else None,
                group=self.gid if self.lent else None,
                extra_groups=[] if self.lent else None,
            )
        except PermissionError as error:
            raise ServerRefused(
                f"{command[0]} can't be started as {self.name} ({error.strerror}): start the service as an "
                "ordinary user, or set DATABASE_URL to a server of your own."
            ) from error

    def answer(self, script: str, path: Path) -> str | None:
        """What a line of shell with `path` as `$1` prints when this account runs it; None when it fails."""
        with self.start(["/bin/sh", "-c", script, "sh", path], output=subprocess.PIPE) as process:
            printed, _ = process.communicate()
        return printed.decode(errors="replace").strip() if process.returncode == 0 else None

    def first_closed(self, folder: Path) -> Path | None:
        """The first folder on the way down to `folder` that this account can't enter, if there is one.

        Asked of the system as that account, because access lists and mounts can't be read off the mode bits.
        """
        for passed in [*reversed(folder.parents), folder]:
            if self.answer('test -x "$1"', passed) is None:
                return passed
        return None


def service_account_name() -> str:
    """The name of the account that this process runs as; refused when the system knows none for it."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise ServerRefused(
            f"User id {os.geteuid()} has no name on this system, and PostgreSQL asks for one: add it to "
            "/etc/passwd, or set DATABASE_URL to a server of your own."
        ) from error
