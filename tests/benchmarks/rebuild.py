"""Rebuilds or verifies read models in a process of its own, as an operator would, so that its memory can be seen.

`python -m tests.benchmarks.rebuild accept|rebuild|verify DSN SCHEMA NAME…` prints the seconds that it took.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from time import perf_counter
from typing import Final

from infrastructure.clock import SystemClock
from infrastructure.engine.acts import By
from infrastructure.engine.operations import Operations
from infrastructure.engine.projector import Projector
from infrastructure.engine.rebuilding import Options
from infrastructure.engine.workers import reading
from infrastructure.event_store import LandlordRecorder
from infrastructure.postgres.server import PostgresServer, schema_of

BENCHMARK: Final = By("benchmark", "measured")


def rebuild(operations: Operations, names: Sequence[str], *, accept: bool = False) -> None:
    """Build these anew and switch to them. Raises RuntimeError unless that was done."""
    outcomes = operations.rebuild(names, BENCHMARK, Options(accept=accept))
    if held := [one.projection for one in outcomes if not one.switched]:
        raise RuntimeError(f"rows differ, and nobody switched to the new ones: {', '.join(held)}")


def verify(operations: Operations, names: Sequence[str]) -> None:
    """Compare every row that is read with a fresh fold. Raises RuntimeError when one differs."""
    found = operations.verify(names, BENCHMARK)
    if found.differences or found.blocked or not found.rows:
        raise RuntimeError(f"of {found.rows} rows {found.differences} differ, and {found.blocked} cases are blocked")


def main(act: str, dsn: str, schema: str, *names: str) -> None:
    """Do it once and say how long it took."""
    with PostgresServer(dsn) as server:
        recorder = LandlordRecorder(server, schema.removeprefix(schema_of("x")[:-1]), SystemClock().now)
        projector = Projector(recorder, reading())
        projector.prepare()
        operations = Operations(projector)
        began = perf_counter()
        if act == "verify":
            verify(operations, names)
        else:
            rebuild(operations, names, accept=act == "accept")
        sys.stdout.write(f"{perf_counter() - began}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
