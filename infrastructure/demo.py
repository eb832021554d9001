"""The demonstration: each landlord of the released policies, set up so that its story can begin in the past."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from infrastructure.bootstrap import Evenhand

BEGINS: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)  # the first Monday on which all five policies are in force


def play(evenhand: Evenhand) -> str:
    """Set up whoever is missing, and say who is there; what was set up before stays as it is."""
    for landlord in evenhand.shelf.landlords:
        if landlord not in evenhand.landlords:
            evenhand.set_up(landlord, demonstration=True, begins=BEGINS)
            evenhand.demonstration_clock(landlord).let_go()
    return f"Demonstration landlords: {', '.join(evenhand.demonstrations)}."
