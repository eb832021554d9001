"""Facts of the clock: that the last day of something went by, taken down once and at its true date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed:
    """What was owed by a day was not done by it. It is owed all the same, and whoever it falls to is asked again.

    Reviews of a restriction have a fact of their own, `ReviewFellDue`, and so has the end of its term.
    """

    obligation: str  # its key: "filed:contact-3"
    duty: str  # the code that the key begins with
    about: str  # id of what it is about
    due_on: date
