"""How far subscribers are behind, as a monitoring system reads it: remembered, so that a scrape asks no database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Final

from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from infrastructure.downstream.standing import Lag

TOLD: Final = logging.getLogger(__name__)
LABELS: Final = ("landlord", "subscriber")


class SubscriberGauges:
    """Remembers what `lags_of` said of each landlord's subscribers; `clock` is the machine's. Safe between threads."""

    def __init__(self, lags_of: Callable[[str], Mapping[str, Lag]], clock: Callable[[], datetime]) -> None:
        self._lags_of = lags_of
        self._clock = clock
        self._lock = Lock()
        self._lags: dict[str, Mapping[str, Lag]] = {}

    def look(self, landlord: str) -> None:
        """Ask the landlord's database; what cannot be asked is remembered as it was."""
        try:
            lags = self._lags_of(landlord)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one landlord is told by its own routes
            TOLD.debug("%s: how far subscribers are behind cannot be told: %s", landlord, type(error).__name__)
            return
        with self._lock:
            self._lags[landlord] = lags

    def metrics(self, only: Collection[str] | None) -> Iterator[Metric]:
        """The gauges of these landlords, of all with None."""
        events = GaugeMetricFamily(
            "evenhand_subscriber_behind_events",
            "Events that a subscriber is told and has not acknowledged; counting stops at some thousands.",
            labels=LABELS,
        )
        seconds = GaugeMetricFamily(
            "evenhand_subscriber_behind_seconds", "Since the first of them was recorded, in seconds.", labels=LABELS
        )
        now = self._clock()
        with self._lock:
            known = {landlord: lags for landlord, lags in self._lags.items() if only is None or landlord in only}
        for landlord, lags in sorted(known.items()):
            for subscriber, lag in sorted(lags.items()):
                events.add_metric([landlord, subscriber], lag.events)
                waits = 0.0 if lag.since is None else max((now - lag.since).total_seconds(), 0.0)
                seconds.add_metric([landlord, subscriber], waits)
        yield from (events, seconds)
