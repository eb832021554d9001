"""What a monitoring system reads of the streams at the message broker."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from infrastructure.downstream.broker.publishing import Standing
    from infrastructure.metrics import Others


def broker_metrics(standings: Callable[[], Mapping[str, Standing]]) -> Others:
    """Gauges by landlord; of those whose stream this process publishes or cannot publish."""

    def told(only: Collection[str] | None) -> Iterator[Metric]:
        found = {name: one for name, one in standings().items() if only is None or name in only}
        position = _gauge("position", "The log position up to which events were published.")
        lag = _gauge("lag_events", "Positions of the log, as it was read last, that were not published.")
        sequence = _gauge("sequence", "The last message of the stream.")
        trouble = _gauge("trouble", "1 while nothing can be published; /v1/ops/broker says why.")
        for landlord, one in sorted(found.items()):
            trouble.add_metric([landlord], one.is_in_trouble)
            if one.state != "standby":  # the process that publishes knows
                position.add_metric([landlord], one.position)
                lag.add_metric([landlord], max(one.head - one.position, 0))
                sequence.add_metric([landlord], one.sequence)
        yield from (position, lag, sequence, trouble)

    return told


def _gauge(name: str, says: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"evenhand_broker_{name}", says, labels=["landlord"])
