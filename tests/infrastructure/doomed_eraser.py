"""A process that records an erasure and is killed before a key is destroyed, or right after: `folder dsn side …`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from domain.codes import CaseId, StaffId, SubjectId
from domain.decisions.retention import ErasePerson
from infrastructure.bootstrap import build
from infrastructure.erasing import swept
from infrastructure.keyring import PostgresKeyRing
from infrastructure.settings import Settings

KEYS_THEMSELVES = PostgresKeyRing.destroy


def main(folder: Path, dsn: str, side: str, case: str, staff: str) -> None:
    """Erase, and die beside the destruction of the keys."""

    def destroy(self: PostgresKeyRing, person: SubjectId) -> None:
        if side == "after":
            KEYS_THEMSELVES(self, person)
        os.kill(os.getpid(), signal.SIGKILL)

    PostgresKeyRing.destroy = destroy  # type: ignore[method-assign]
    with build(Settings(data=folder, keys=folder / "keys", database=dsn)) as evenhand:
        office = evenhand.office("derby")
        office.desk.execute(CaseId(case), ErasePerson(request="rights-1"), StaffId(staff))
        swept("derby", office.erasures)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
