"""The demonstration's clock tells of the past, and only forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from infrastructure.clock import DemonstrationClock, SystemClock

BEGIN = datetime(2025, 3, 3, 9, tzinfo=UTC)


def test_a_set_clock_stands_still_and_one_that_is_let_go_is_the_machines() -> None:
    clock = DemonstrationClock()

    clock.set(BEGIN.astimezone(timezone(timedelta(hours=5))))
    standing = clock.now()
    clock.let_go()

    assert (standing, standing.tzinfo) == (BEGIN, UTC)
    assert SystemClock().now() - clock.now() < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("instant", "why"),
    [
        (BEGIN - timedelta(seconds=1), "only goes forward"),
        (datetime(9999, 1, 1, tzinfo=UTC), "lies ahead"),
        (datetime(2025, 4, 4), "no offset"),  # noqa: DTZ001 - that is what is wrong with it
    ],
)
def test_a_clock_is_never_set_back_nor_ahead_of_today_nor_to_a_time_of_nowhere(instant: datetime, why: str) -> None:
    clock = DemonstrationClock()
    clock.set(BEGIN)

    with pytest.raises(ValueError, match=why):
        clock.set(instant)

    assert clock.now() == BEGIN
