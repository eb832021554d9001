"""What each soak has that runs by itself: a seed, and a server with a folder of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time_ns

from infrastructure.postgres.embedded import EmbeddedServer


def a_seed(argument: int = 1) -> int:
    """The seed that was given on the command line, or any other."""
    return int(sys.argv[argument]) if len(sys.argv) > argument else time_ns() % 1_000_000


@contextmanager
def a_server() -> Iterator[tuple[Path, EmbeddedServer]]:
    """A folder that whichever account is lent to a server can pass through, and a server in it that is not durable."""
    with TemporaryDirectory(prefix="evenhand-soak-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedServer.start(folder / "data", settings={"fsync": "off"}) as server:
            yield folder, server
