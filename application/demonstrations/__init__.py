"""Five made-up histories, one for each landlord: what a case looks like from first contact to lifted restriction."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from application.demonstrations import citizen, derby, maidstone, star, wolverhampton

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from application.demonstrations.story import Story

# Every landlord's story, to be told for a day.
STORIES: Final[Mapping[str, Callable[[date], Story]]] = MappingProxyType(
    {
        "citizen": citizen.story,
        "derby": derby.story,
        "maidstone": maidstone.story,
        "star": star.story,
        "wolverhampton": wolverhampton.story,
    }
)
