"""How Python's collector of cycles is set once a process is at work."""

from __future__ import annotations

import gc
from typing import Final

# Objects made, less those freed, between two looks at the youngest; Python's own 700 is less than one case has.
YOUNG: Final = 20_000


def settle() -> None:
    """What is loaded by now stays until the end, so the collector need not go through it again and again.

    Histories are many objects and no cycles: looking for some after every few hundred would take longer than folding.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
