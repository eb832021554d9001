"""The embedded server's cluster: the files PostgreSQL keeps its databases in, made once, then guarded."""

import os
import shutil
import signal
from pathlib import Path

import psutil

from infrastructure.postgres.account import Account, ServerRefused
from infrastructure.postgres.data_folder import make_private_folder, owner_name
from infrastructure.postgres.own_server import take_from_earlier
from infrastructure.postgres.programs import Programs


def ensure_cluster(
    own_folder: Path,
    account: Account,
    programs: Programs,
    *,
    role: str,
    log: int,
    server_lock: int,
    durable: bool,
) -> Path:
    """The cluster in `own_folder`, made by `initdb` with `role` as its only role if it is not there yet.

    It is made beside its place and then renamed, so that a cluster that is there is whole. Texts are UTF-8,
    sorted by code point under PostgreSQL's own rules: no update of the operating system can change an index's
    order.
    """
    cluster = own_folder / "cluster"
    if cluster.exists():
        _check(cluster, account, programs.major)
        return cluster
    unfinished = own_folder / "cluster.unfinished"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    make_private_folder(unfinished, account)
    initdb = account.start(
        [
            programs.folder / "initdb",
            *("--pgdata", unfinished),
            *("--username", role),
            *("--encoding", "UTF8"),
            *("--locale", "C"),
            *("--locale-provider", "builtin"),
            *("--builtin-locale", "C.UTF-8"),
            # The service starts the server with access rules of its own; by hand, only these would hold.
            *("--auth-local", "peer"),
            *("--auth-host", "reject"),
            *(() if durable else ("--no-sync",)),
        ],
        output=log,
        kept_open=[server_lock],
    )
    if initdb.wait() != 0:
        raise ServerRefused(
            f"PostgreSQL could not make its cluster in {own_folder}; {own_folder / 'server.log'} says why. "
            "Is the disk full? Otherwise name another data folder with EVENHAND_DATA."
        )
    unfinished.rename(cluster)
    _fsync(own_folder)
    return cluster


def end_earlier_server(own_folder: Path, server_lock: int) -> None:
    """Take the lock that every process of a server inherits, stopping a server that outlived its service.

    One that is told to stop writes a checkpoint first; one that lost its postmaster ends by itself. With the lock in
    hand no such server runs, and the `postmaster.pid` of one that was killed is removed: its number may belong to
    another process by now, and PostgreSQL would then refuse to start.
    """
    cluster = own_folder / "cluster"
    take_from_earlier(
        server_lock, lambda: _running_postmaster(cluster), signal.SIGINT, what="PostgreSQL", place=cluster
    )
    if pid := _running_postmaster(cluster):
        raise ServerRefused(
            f"Somebody else started a PostgreSQL (process {pid}) on {cluster}: stop it, and start again."
        )
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _running_postmaster(cluster: Path) -> int | None:
    """The process named in `postmaster.pid`, if it lives and works in the cluster's folder as servers do."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().partition("\n")[0])
        return pid if Path(psutil.Process(pid).cwd()) == cluster else None
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _check(cluster: Path, account: Account, major: str) -> None:
    """Refuse a cluster that another account owns or that another major version of PostgreSQL wrote."""
    owner = cluster.stat().st_uid
    if owner != account.uid:
        raise ServerRefused(
            f"{cluster} belongs to {owner_name(owner)}, but PostgreSQL would run as {account.name}: start "
            "the service as it was started before, hand the folder over with "
            f"'chown -R {account.name} {cluster}', or name another data folder with EVENHAND_DATA."
        )
    written_by = (cluster / "PG_VERSION").read_text().strip()
    if written_by != major:
        raise ServerRefused(
            f"{cluster} was written by PostgreSQL {written_by}, and this release brings PostgreSQL {major}: "
            "dump it with the release that wrote it and load the dump into a new data folder "
            "(EVENHAND_DATA), or move it with pg_upgrade."
        )


def _fsync(folder: Path) -> None:
    """Make a rename inside `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
