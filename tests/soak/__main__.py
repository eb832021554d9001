"""A long random simulation with real processes: `python -m tests.soak [seed]`, for SOAK_MINUTES (3).

Writers write; followers are killed and started again; rebuilds, verifications, pauses and rollbacks come and are
killed; tables are vacuumed and connections cut. At the end of each round everything that is read is compared with a
fresh fold. Says its seed first: the same one does the same things in the same order, though never at the same moments.
"""

from __future__ import annotations

import os
import sys

from tests.soak.alone import a_seed, a_server
from tests.soak.simulation import simulate


def main() -> None:
    """See above."""
    seed = a_seed()
    minutes = float(os.environ.get("SOAK_MINUTES", "3"))
    sys.stdout.write(f"seed {seed}, for {minutes:g} minutes\n")
    with a_server() as (_, server):
        told = simulate(server.dsn("postgres"), seed, 60 * minutes, lambda line: print(line, flush=True))  # noqa: T201
    sys.stdout.write(f"{told}\n")


if __name__ == "__main__":
    main()
