"""Where the embedded server keeps its data, and who may use that folder now: one service, and one server."""

import fcntl
import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from infrastructure.postgres.account import Account, ServerRefused

# Enough to pass through, so that a lent account reaches its cluster and can list nothing on its way.
_PASSABLE = 0o711
_PRIVATE = 0o700


class FolderInUse(ServerRefused):
    """The data folder is another service's, or a command's, for as long as that runs."""


def default_data_folder(environment: Mapping[str, str]) -> Path:
    """`EVENHAND_DATA`; else `/var/lib/evenhand` for root; else as the XDG base directories say."""
    if named := environment.get("EVENHAND_DATA"):
        return Path(named).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/evenhand")
    # The specification asks to ignore a relative path.
    if (shared := environment.get("XDG_DATA_HOME", "")).startswith("/"):
        return Path(shared, "evenhand")
    try:
        home = environment.get("HOME") or pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError as error:
        raise ServerRefused("This account has no home to keep data in: name a folder with EVENHAND_DATA.") from error
    return Path(home, ".local/share/evenhand")


def prepare_data_folder(data: Path, account: Account, name: str = "postgres", server: str = "PostgreSQL") -> Path:
    """Make `data` if it is not there, and in it the folder of that name, a server's own; returns the latter, resolved.

    A folder that was there keeps its permissions: one that the server's account can't enter is refused.
    """
    data = data.resolve()
    mode = _PASSABLE if account.lent else _PRIVATE
    try:
        if not data.exists():
            data.mkdir(parents=True, exist_ok=True)
            data.chmod(mode)
        if account.lent and (closed := account.first_closed(data)):
            raise ServerRefused(
                f"The data folder {data} can't be reached by {account.name}, the account that {server} "
                f"runs as, because {closed} is closed to it: name a folder that it can reach with "
                f"EVENHAND_DATA (such as /var/lib/evenhand), or let it pass with 'chmod o+x {closed}'."
            )
        own = data / name
        own.mkdir(exist_ok=True)
        own.chmod(mode)
    except OSError as error:
        raise ServerRefused(
            f"The data folder {data} can't be used by {owner_name(os.geteuid())} ({error.strerror}): name "
            "one that it may write to with EVENHAND_DATA."
        ) from error
    return own


def hold_for_service(own_folder: Path) -> int:
    """Take the folder for this service until the returned descriptor is closed, or the process ends.

    A second service is refused. A lock of the kernel's, because one that is a mere file outlives a kill -9.
    """
    descriptor = open_lock(own_folder / "service.lock")
    if not try_lock(descriptor):
        holder = os.read(descriptor, 20).decode(errors="replace").strip()
        os.close(descriptor)
        raise FolderInUse(
            f"Another Evenhand (process {holder or 'unknown'}) uses the data folder {own_folder.parent}: "
            "stop it first, or name another folder with EVENHAND_DATA."
        )
    os.ftruncate(descriptor, 0)
    os.write(descriptor, b"%d\n" % os.getpid())
    return descriptor


def open_lock(path: Path) -> int:
    """A descriptor of the lock file at `path`, which only the service's account may open."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ServerRefused(
            f"{path} can't be opened by {owner_name(os.geteuid())} ({error.strerror}): start the service as "
            "the account that made the data folder, or name another with EVENHAND_DATA."
        ) from error


def try_lock(descriptor: int) -> bool:
    """Whether the lock behind `descriptor` is ours now; False while somebody else holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise ServerRefused(
            f"The file system of the data folder can't lock files ({error.strerror}): name a folder on a "
            "local disk with EVENHAND_DATA."
        ) from error
    return True


def make_private_folder(folder: Path, account: Account) -> None:
    """Make a folder that is the account's own, and that nobody else can enter."""
    folder.mkdir(mode=_PRIVATE)
    folder.chmod(_PRIVATE)
    if account.lent:
        os.chown(folder, account.uid, account.gid)


def owner_name(uid: int) -> str:
    """The name of that account, or its number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"
