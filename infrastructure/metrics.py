"""What a monitoring system reads off the service: how far read models are, how long saves and requests take.

Metrics are named in the form of Prometheus, in a registry of their own. Labels are names of landlords, read models
and routes, never a case or a person. What only a database can say is remembered and refreshed by one thread, so that
a scrape asks no database, however many landlords there are and however often somebody scrapes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from eventsourcing.persistence import PersistenceError
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

if TYPE_CHECKING:
    from infrastructure.engine.builds import Health, Progress
    from infrastructure.engine.projector import Projector

REFRESH: Final = 5.0  # seconds between two looks at one landlord's read models
LOOKS_A_SECOND: Final = 50  # over all landlords, so that a thousand of them are looked at every twenty seconds
FIRST_READING: Final = 2.0  # seconds that the first scrape waits for it

CLOSING: Final = 2.0  # seconds that closing waits for a question under way, whose answer nobody wants any more

# Seconds. A save takes about a millisecond on a quiet machine, and ten seconds is the patience of its pool.
SAVES: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
REQUESTS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

PREFIX: Final = "evenhand_projection_"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the database said of one landlord, and when by the monotonic clock; `versions` are this release's."""

    health: Health
    versions: Mapping[str, int]
    at: float


@dataclass(frozen=True, slots=True)
class Ticks:
    """What the clock did for one landlord: how much it took down in all, what it could not at last, and when."""

    recorded: int
    failed: int
    well: bool
    at: float  # by the monotonic clock


# Metrics by landlord from elsewhere; of these landlords alone, or of all with None.
Others = Callable[[Collection[str] | None], Iterator[Metric]]


class Metrics:
    """Counts what happens in this process, and remembers how far the read models that `projectors` names are.

    Told by followers (`taken_in`), by the clock (`ticked`), by recorders (`waited`, `shared`) and by the HTTP
    interface (`answered`). Safe to share between threads. The thread that refreshes starts with the first `text`.
    """

    def __init__(self, projectors: Callable[[], Mapping[str, Projector]]) -> None:
        self._projectors = projectors
        self._readings: dict[str, Reading] = {}
        self._taken: dict[str, int] = {}
        self._ticks: dict[str, Ticks] = {}
        self._lock = Lock()
        self._closing = Event()
        self._first = Event()
        self._thread: Thread | None = None
        self._others: list[Others] = []
        self._looks: list[Callable[[str], None]] = []
        self._registry = CollectorRegistry()
        self._saves = Histogram(
            "evenhand_append_seconds",
            "How long a save waited until it was in the log or refused.",
            buckets=SAVES,
            registry=self._registry,
        )
        self._letters = Counter(
            "evenhand_letters",
            "What carriers answered that were given a letter.",
            ("landlord", "carrier", "answer"),
            registry=self._registry,
        )
        self._webhooks = Counter(
            "evenhand_webhook_calls",
            "What calls of webhooks came to.",
            ("landlord", "outcome"),
            registry=self._registry,
        )
        self._shared = Counter(
            "evenhand_append_batches", "Batches in which saves went to the log together.", registry=self._registry
        )
        self._requests = Histogram(
            "evenhand_request_seconds",
            "How long a request took, by route and status.",
            ("method", "route", "status"),
            buckets=REQUESTS,
            registry=self._registry,
        )

    def show_listeners(self, listeners: Callable[[], int]) -> None:
        """Tell how many wait at the feed, whenever somebody reads it."""
        shown = Gauge("evenhand_feed_listeners", "Who waits at the feed for what comes next.", registry=self._registry)
        shown.set_function(listeners)

    # Being told

    def taken_in(self, schema: str, events: int) -> None:
        """A follower of this process took in so many events of a landlord's schema."""
        landlord = schema.removeprefix("landlord_")
        with self._lock:
            self._taken[landlord] = self._taken.get(landlord, 0) + events

    def waited(self, seconds: float) -> None:
        """A save was accepted or refused after so long."""
        self._saves.observe(seconds)

    def shared(self, saves: int) -> None:  # noqa: ARG002 - how many is the count of saves by that of batches
        """Some saves went to the server together."""
        self._shared.inc()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; `route` is the pattern of the route, never a path."""
        # A caller may invent a method, and each would be a series of its own.
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status)).observe(seconds)

    def carried(self, landlord: str, carrier: str, answer: str) -> None:
        """A carrier was given a letter, and answered with one of four kinds of answer."""
        self._letters.labels(landlord, carrier, answer).inc()

    def called(self, landlord: str, outcome: str) -> None:
        """A webhook was called; `outcome` is `taken`, `status` for a status that takes nothing, or why none came."""
        self._webhooks.labels(landlord, outcome).inc()

    def ticked(self, landlord: str, recorded: int, failed: int, *, well: bool) -> None:
        """The clock looked at a landlord: it took so many last days down, and so many could not be."""
        with self._lock:
            before = self._ticks.get(landlord)
            so_far = 0 if before is None else before.recorded
            self._ticks[landlord] = Ticks(so_far + recorded, failed, well, monotonic())

    def look_too(self, look: Callable[[str], None]) -> None:
        """Have this look at each landlord, too, whenever their read models are looked at; it must not raise."""
        self._looks.append(look)

    def also(self, others: Others) -> None:
        """Tell these metrics, too; what they say must be at hand, for a scrape waits for nothing."""
        self._others.append(others)

    # Telling

    def text(self, landlord: str | None = None) -> bytes:
        """Everything in Prometheus' text format; for one landlord only what is about their read models."""
        self._keep_reading()
        if landlord is not None:
            return generate_latest(_Part(lambda: self._of_landlords({landlord})))
        return generate_latest(_Part(self._everything))

    def close(self) -> None:
        """Refresh no more."""
        self._closing.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(CLOSING)

    def _everything(self) -> Iterator[Metric]:
        yield from self._registry.collect()
        yield from self._of_landlords(None)

    def _of_landlords(self, only: set[str] | None) -> Iterator[Metric]:
        yield from self._of_read_models(only)
        for others in self._others:
            yield from others(only)

    def _of_read_models(self, only: set[str] | None) -> Iterator[Metric]:
        with self._lock:
            readings = {name: one for name, one in self._readings.items() if only is None or name in only}
            taken = {name: count for name, count in self._taken.items() if only is None or name in only}
            ticks = {name: told for name, told in self._ticks.items() if only is None or name in only}
        counted = CounterMetricFamily(
            f"{PREFIX}events_taken_in", "Events that this process took into the read models.", labels=["landlord"]
        )
        for landlord, events in sorted(taken.items()):
            counted.add_metric([landlord], events)
        yield counted
        yield from _of_the_clock(sorted(ticks.items()))
        yield from _gauges(sorted(readings.items()))

    # Reading

    def _keep_reading(self) -> None:
        with self._lock:
            if self._thread is None and not self._closing.is_set():
                self._thread = Thread(target=self._read, name="metrics", daemon=True)
                self._thread.start()
        self._first.wait(FIRST_READING)

    def _read(self) -> None:
        while not self._closing.is_set():
            began = monotonic()
            projectors = self._projectors()
            for landlord, projector in projectors.items():
                try:
                    versions = {view.name: view.version for view in projector.views}
                    reading = Reading(projector.health(), versions, monotonic())
                except PersistenceError:
                    reading = None  # what is remembered grows old, and its age is told
                if reading is not None:
                    with self._lock:
                        self._readings[landlord] = reading
                for look in self._looks:
                    look(landlord)
                if self._closing.wait(1 / LOOKS_A_SECOND if self._first.is_set() else 0):
                    return
            self._first.set()
            self._closing.wait(max(REFRESH - (monotonic() - began), 0.0))


class _Part:
    """What `generate_latest` takes for a registry: something to collect from."""

    def __init__(self, collect: Callable[[], Iterator[Metric]]) -> None:
        self._collect = collect

    def collect(self) -> Iterator[Metric]:
        """Each metric."""
        return self._collect()


# Of the build that is read: what it is called, what it says, and how it is told.
_SERVING: Final[tuple[tuple[str, str, Callable[[Progress], float | None]], ...]] = (
    ("position", "The log position that the rows account for.", lambda one: one.position),
    ("head", "The last position of the log.", lambda one: one.head),
    ("lag_events", "Events that the rows do not account for.", lambda one: one.head - one.position),
    ("lag_seconds", "Since when the first of them waits, in seconds.", lambda one: _since(one.behind_since)),
    ("heartbeat_age_seconds", "Since the last sign of life of whoever keeps it.", lambda one: one.heartbeat_age),
    ("paused", "1 while somebody has paused it.", lambda one: one.paused),
    ("version", "The version that is read.", lambda one: one.version),
)


def _of_the_clock(ticks: list[tuple[str, Ticks]]) -> Iterator[Metric]:
    labels = ["landlord"]
    recorded = CounterMetricFamily(
        "evenhand_clock_recorded", "Last days that went by and were taken down by this process.", labels=labels
    )
    failed = GaugeMetricFamily(
        "evenhand_clock_failed", "Last days that went by and could not be taken down at the last tick.", labels=labels
    )
    trouble = GaugeMetricFamily(
        "evenhand_clock_trouble", "1 while something keeps the clock from its work; /health says what.", labels=labels
    )
    age = GaugeMetricFamily("evenhand_clock_tick_age_seconds", "Since the last tick, in seconds.", labels=labels)
    for landlord, told in ticks:
        recorded.add_metric([landlord], told.recorded)
        failed.add_metric([landlord], told.failed)
        trouble.add_metric([landlord], not told.well)
        age.add_metric([landlord], monotonic() - told.at)
    yield from (recorded, failed, trouble, age)


def _gauges(readings: list[tuple[str, Reading]]) -> Iterator[Metric]:
    labels = ["landlord", "projection"]
    for name, says, told in _SERVING:
        family = GaugeMetricFamily(PREFIX + name, says, labels=labels)
        for landlord, reading in readings:
            for one in reading.health.progress:
                value = told(one) if one.serving else None
                if value is not None:
                    family.add_metric([landlord, one.projection], value)
        yield family
    blocked = GaugeMetricFamily(f"{PREFIX}blocked_cases", "Cases that cannot be told to their end.", labels=labels)
    rebuilt = GaugeMetricFamily(
        f"{PREFIX}rebuild_progress", "How much of a build beside the one that is read is filled, 0 to 1.", labels=labels
    )
    age = GaugeMetricFamily(
        "evenhand_metrics_age_seconds", "How long ago a database was asked about this landlord.", labels=["landlord"]
    )
    awaiting = GaugeMetricFamily(
        f"{PREFIX}awaits_rebuild", "1 while another version is read than this release computes.", labels=labels
    )
    for landlord, reading in readings:
        age.add_metric([landlord], monotonic() - reading.at)
        for one in reading.health.progress:
            if one.serving:
                cases = sum(
                    (case.projection, case.build) == (one.projection, one.build) for case in reading.health.blocked
                )
                blocked.add_metric([landlord, one.projection], cases)
                awaiting.add_metric(
                    [landlord, one.projection], one.version != reading.versions.get(one.projection, one.version)
                )
            elif one.slices and one.state != "complete":
                rebuilt.add_metric([landlord, one.projection], one.filled / one.slices)
    yield from (blocked, awaiting, rebuilt, age)


def _since(instant: datetime | None) -> float:
    return 0.0 if instant is None else max((datetime.now(UTC) - instant).total_seconds(), 0.0)
