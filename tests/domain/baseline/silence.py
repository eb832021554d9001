"""A landlord whose policy says nothing on some point, so that the baseline alone speaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tests.domain.world import START, Road


def silent(landlord: str, today: date = START, **values: Any) -> Road:
    """The road under a landlord's policy in which these values are replaced by empty ones."""
    road = Road(landlord, today=today)
    road.world.file = replace(road.world.file, policy=road.policy.model_copy(update=values))
    return road
