"""Valid histories of any shape, for properties that must hold of all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from hypothesis import strategies as st

from domain.codes import AppealOutcome
from tests.histories import MONDAY, History

# What may happen next in a history, on a day and with a number of days to play with; where it can.
Move = Callable[[History, date, int], object]
OUTCOMES: Final = tuple(AppealOutcome)


def _apply(history: History, on: date, days: int) -> object:
    return history.proposed(on).applied(on, starts=on + timedelta(days=days % 5), ends=on + timedelta(days=days + 5))


def _determine(history: History, on: date, days: int) -> object:
    return history.determined(on, OUTCOMES[days % len(OUTCOMES)])


BEFORE: Final[tuple[Move, ...]] = (
    lambda h, on, _: h.contact(on),
    lambda h, on, _: h.contact(on).incident(on),
    lambda h, on, _: h.contact(on).incident(on).evidence(on),
    lambda h, on, days: h.adjustment(on, until=on + timedelta(days=days) if days % 2 else None),
    lambda h, on, _: h.contact(on).incident(on).warned(on),
    _apply,
    lambda h, on, days: h.interim(on, days=days % 7),
    lambda h, on, days: h.imported(on, ends=on + timedelta(days=days), behaviour=days % 2 == 0),
)
DURING: Final[tuple[Move, ...]] = (
    lambda h, on, _: h.told(on),
    lambda h, on, days: h.varied(on, from_on=on + timedelta(days=days % 10)),
    lambda h, on, days: h.extended(on, ends=h.state.restrictions[-1].ends_on + timedelta(days=days + 1)),
    lambda h, on, _: h.contact_changed(on),
    lambda h, on, _: h.reviewed(on),
    lambda h, on, days: h.appealed(on, suspended=days % 2 == 0),
    lambda h, on, days: h.lifted(on, from_on=on + timedelta(days=days % 4)),
)


@st.composite
def histories(draw: st.DrawFn, name: str = "any", *, longest: int = 12) -> History:
    """A case from its opening through so many moves, each up to 40 days after the one before."""
    history = History(name).opened()
    on = MONDAY
    for _ in range(draw(st.integers(0, longest))):
        on += timedelta(days=draw(st.integers(0, 40)))
        days = draw(st.integers(0, 120))
        moves = [*BEFORE, *(DURING if history.state.restrictions else ())]
        if history.state.appeals and history.state.appeals[-1].open:
            moves.append(_determine)
        draw(st.sampled_from(moves))(history, on, days)
    return history
