"""The present instant: the machine's own, or one that a demonstration has set so that its story can lie in the past."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


class DemonstrationClock:
    """Stands where a demonstration sets it, always forward and never ahead of the machine's, until it is let go."""

    def __init__(self) -> None:
        self._set: datetime | None = None

    def now(self) -> datetime:
        """The instant that it was last set to; the machine's own before that, and once let go."""
        return self._set or datetime.now(UTC)

    def set(self, instant: datetime) -> None:
        """Stand at `instant`. Raises ValueError for one without an offset, ahead of today, or before the last one."""
        if instant.utcoffset() is None:
            raise ValueError("a clock is set to an instant; this time has no offset")
        if instant > datetime.now(UTC):
            raise ValueError(f"a demonstration tells of the past, and {instant} lies ahead")
        if self._set is not None and instant < self._set:
            raise ValueError(f"a demonstration's clock only goes forward, and {instant} is before {self._set}")
        self._set = instant.astimezone(UTC)

    def let_go(self) -> None:
        """Show the machine's time from now on."""
        self._set = None
