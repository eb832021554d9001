"""One figure: how we do beside a peer that does the same work on the same server, a few times in turn."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROUNDS: Final = 5


class NotMeasured(Exception):
    """Some figures cannot be had on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Both sides of a comparison, one number for each round; `unit` is what the numbers count.

    `peer` says in words whom we stand beside, `size` how much work a round is. With nobody to stand beside, the
    figure is the number itself.
    """

    name: str
    peer: str
    size: str
    unit: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...] | None
    turned: bool = False  # a shorter time is the better one, so the ratio is turned round

    @property
    def values(self) -> tuple[float, ...]:
        """Ours ÷ theirs round by round, or theirs ÷ ours when it is turned round."""
        if self.theirs is None:
            return self.ours
        pairs = zip(self.ours, self.theirs, strict=True)
        return tuple(theirs / ours if self.turned else ours / theirs for ours, theirs in pairs)

    @property
    def value(self) -> float:
        """The median of the rounds' ratios: the two sides of a round shared whatever else the machine did."""
        return median(self.values)

    def row(self) -> str:
        """A line of the table: medians of both sides, the ratio, and from where to where the ratios went."""
        spread = f"{min(self.values):.3f} to {max(self.values):.3f}"
        theirs = "" if self.theirs is None else f"{median(self.theirs):.2f}"
        return (
            f"{self.name:<43}{median(self.ours):>12.2f}{theirs:>12}  {self.unit:<9}"
            f"{self.value:>8.3f}  {spread:<20}{self.size}; {self.peer}"
        )


HEADINGS: Final = (
    f"{'figure':<43}{'ours':>12}{'peer':>12}  {'unit':<9}{'figure':>8}  {'from, to':<20}size of a round; peer"
)


def rates(name: str, ours: Callable[[], float], theirs: Callable[[], float], *, peer: str, size: str) -> Figure:
    """Both rates, each of so many a second, ours and the peer's in turn; one round before them is not counted."""
    return beside(name, in_turn(ours, theirs), "/s", peer=peer, size=size)


def times(name: str, ours: Callable[[], float], theirs: Callable[[], float], *, peer: str, size: str) -> Figure:
    """Both times in milliseconds, in turn, and how many times as fast we were; one round before is not counted."""
    return beside(name, in_turn(ours, theirs), "ms", peer=peer, size=size, turned=True)


def in_turn(ours: Callable[[], float], theirs: Callable[[], float], rounds: int = ROUNDS) -> list[tuple[float, float]]:
    """What both sides measure, in turn; one round before them is not counted."""
    return [(ours(), theirs()) for _ in range(1 + rounds)][1:]


def beside(
    name: str, rounds: Sequence[tuple[float, float]], unit: str, *, peer: str, size: str, turned: bool = False
) -> Figure:
    """Ours ÷ theirs of rounds that were measured already, or theirs ÷ ours."""
    ours, theirs = (tuple(side) for side in zip(*rounds, strict=True))
    return Figure(name, peer, size, unit, ours, theirs, turned)


def alone(name: str, values: Sequence[float], unit: str, *, size: str, limit: str) -> Figure:
    """A number that stands beside a limit and no peer."""
    return Figure(name, limit, size, unit, tuple(values), None)
