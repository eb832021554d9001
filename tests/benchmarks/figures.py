"""One figure: how we do beside a peer that does the same work on the same server, a few times in turn."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """Both sides of a comparison, one number for each round; `unit` is what the numbers count.

    `peer` says in words whom we stand beside, `size` how much work a round is.
    """

    name: str
    peer: str
    size: str
    unit: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    of_times: bool  # a shorter time is the better one, so the ratio is turned round

    @property
    def ratios(self) -> tuple[float, ...]:
        """How many times as well as the peer we did, round by round; above 1 is better than the peer."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return tuple(theirs / ours if self.of_times else ours / theirs for ours, theirs in pairs)

    @property
    def value(self) -> float:
        """The median of the rounds' ratios: the two sides of a round shared whatever else the machine did."""
        return median(self.ratios)

    def row(self) -> str:
        """A line of the table: medians of both sides, the ratio, and from where to where the ratios went."""
        spread = f"{min(self.ratios):.3f} to {max(self.ratios):.3f}"
        return (
            f"{self.name:<24}{median(self.ours):>12.2f}{median(self.theirs):>12.2f}  {self.unit:<9}"
            f"{self.value:>8.3f}  {spread:<18}{self.size}; {self.peer}"
        )


HEADINGS: Final = (
    f"{'figure':<24}{'ours':>12}{'peer':>12}  {'unit':<9}{'ratio':>8}  {'ratios':<18}size of a round; peer"
)


def rates(name: str, ours: Callable[[], float], theirs: Callable[[], float], *, peer: str, size: str) -> Figure:
    """Both rates, each of so many a second, ours and the peer's in turn; one round before them is not counted."""
    return _figure(name, ours, theirs, peer, size, unit="/s", of_times=False)


def times(name: str, ours: Callable[[], float], theirs: Callable[[], float], *, peer: str, size: str) -> Figure:
    """Both times in milliseconds, in turn; one round before them is not counted."""
    return _figure(name, ours, theirs, peer, size, unit="ms", of_times=True)


def _figure(
    name: str,
    ours: Callable[[], float],
    theirs: Callable[[], float],
    peer: str,
    size: str,
    *,
    unit: str,
    of_times: bool,
) -> Figure:
    rounds = [(ours(), theirs()) for _ in range(1 + ROUNDS)][1:]
    return Figure(name, peer, size, unit, tuple(o for o, _ in rounds), tuple(t for _, t in rounds), of_times)
