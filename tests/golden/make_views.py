"""Adds the histories and digests that are missing; never changes one: `python -m tests.golden.make_views`."""

from __future__ import annotations

import sys

from tests.golden.histories import add_digests, add_histories, views


def main() -> None:
    """Add what is missing, and say what was added."""
    for landlord in add_histories():
        sys.stdout.write(f"added the histories of {landlord}\n")
    for view in views():
        added = add_digests(view)
        sys.stdout.write(f"{len(added)} digests added of {view.name}, version {view.version}\n")


if __name__ == "__main__":
    main()
