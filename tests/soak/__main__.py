"""A long random simulation with real processes: `python -m tests.soak [seed]`, for SOAK_MINUTES (3).

Writers write; followers are killed and started again; rebuilds, verifications, pauses and rollbacks come and are
killed; tables are vacuumed and connections cut. At the end of each round everything that is read is compared with a
fresh fold. Says its seed first: the same one does the same things in the same order, though never at the same moments.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time_ns

from infrastructure.postgres.embedded import EmbeddedServer
from tests.soak.simulation import simulate


def main() -> None:
    """See above."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else time_ns() % 1_000_000
    minutes = float(os.environ.get("SOAK_MINUTES", "3"))
    sys.stdout.write(f"seed {seed}, for {minutes:g} minutes\n")
    with TemporaryDirectory(prefix="evenhand-soak-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedServer.start(Path(folder) / "data", settings={"fsync": "off"}) as server:
            told = simulate(server.dsn("postgres"), seed, 60 * minutes, lambda line: print(line, flush=True))  # noqa: T201
    sys.stdout.write(f"{told}\n")


if __name__ == "__main__":
    main()
