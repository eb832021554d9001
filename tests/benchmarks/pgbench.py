"""The peer from PostgreSQL's own house: pgbench, inserting and committing one row of equal bytes at a time.

A save writes an event row and a request row; the peer writes both as the columns of one row, under the same three
unique indexes. Its position comes from a sequence, and nothing of it is checked, sealed or ordered by commit.
"""

from __future__ import annotations

import json
import re
import subprocess
from secrets import token_bytes
from statistics import mean
from typing import TYPE_CHECKING, Final

from infrastructure.postgres.programs import PROGRAMS, installed_wheel
from tests.benchmarks.workload import ANSWER, CALLER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eventsourcing.persistence import StoredEvent

    from tests.benchmarks.ground import Ground

_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS peer_row (
        stream uuid NOT NULL, version bigint NOT NULL, type text NOT NULL,
        position bigserial CONSTRAINT peer_position UNIQUE, recorded_at timestamptz NOT NULL, state bytea NOT NULL,
        caller text NOT NULL, key text NOT NULL, body_mac bytea NOT NULL, answer jsonb NOT NULL,
        CONSTRAINT peer_stream_version PRIMARY KEY (stream, version), CONSTRAINT peer_caller_key UNIQUE (caller, key)
    )
"""

# The variables travel as parameters of a prepared statement, as our rows do.
_SCRIPT: Final = """\
INSERT INTO peer_row (stream, version, type, recorded_at, state, caller, key, body_mac, answer)
VALUES (gen_random_uuid(), 1, :type, now(), :state, :caller,
    replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), :mac, :answer);
"""


class Pgbench:
    """Inserts rows as large as these events are on average."""

    def __init__(self, ground: Ground, folder: Path, stored: Sequence[StoredEvent]) -> None:
        self._dsn = ground.dsn
        self._script = folder / "insert.sql"
        self._script.write_text(_SCRIPT)
        self.state_bytes = round(mean(len(event.state) for event in stored))
        self._values = {
            "type": "x" * round(mean(len(event.topic) for event in stored)),
            "state": f"\\x{token_bytes(self.state_bytes).hex()}",
            "caller": CALLER,
            "mac": f"\\x{token_bytes(32).hex()}",
            "answer": json.dumps(ANSWER),
        }
        with ground.connect() as conn:
            conn.execute(_TABLE)

    def rate(self, clients: int, each: int) -> float:
        """Commits a second of so many clients, each with so many, connecting not counted."""
        defined = [word for name, value in self._values.items() for word in ("-D", f"{name}={value}")]
        sizes = ["-c", str(clients), "-j", str(min(clients, 2)), "-t", str(each)]
        program = installed_wheel() / PROGRAMS / "pgbench"
        done = subprocess.run(
            [program, "-n", "-M", "prepared", "-f", self._script, *sizes, *defined, self._dsn],
            capture_output=True,
            text=True,
            check=False,
        )
        rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        if done.returncode or rate is None:
            raise RuntimeError(f"pgbench ended with {done.returncode}: {done.stderr}")
        return float(rate[1])
