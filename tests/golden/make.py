"""Adds the golden samples that are missing; never touches one that is there: `python -m tests.golden.make`."""

from __future__ import annotations

import sys

from tests.golden.corpus import EVENTS, add, missing


def main() -> None:
    """Write what is missing, and say what was written."""
    EVENTS.mkdir(exist_ok=True)
    names = missing()
    for name in names:
        add(name)
        sys.stdout.write(f"added {name}\n")
    sys.stdout.write(f"{len(names)} samples added to {EVENTS}\n")


if __name__ == "__main__":
    main()
