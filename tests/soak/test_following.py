"""A little of what soaks for longer elsewhere: model subscribers that are killed, beside writers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.following import Size, soak


@pytest.mark.timeout(240)
def test_killed_subscribers_see_every_event_once_and_in_order_by_every_road(
    database: str, reachable_folder: Path
) -> None:
    told: list[str] = []
    folder = reachable_folder / "models"
    folder.mkdir()
    size = Size(before=1_000, meanwhile=200, kills=1, patience=100.0, pause=0.01)

    assert soak(database, folder, size, 1, told.append)
