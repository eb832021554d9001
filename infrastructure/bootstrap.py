"""The only place where everything is put together: servers, landlords, tokens, and what follows the logs."""

from __future__ import annotations

from contextlib import ExitStack, closing
from threading import Lock
from typing import TYPE_CHECKING, Final, Self

from eventsourcing.persistence import PersistenceError

from application.desk import Desk, NotFound
from application.ports import Clock, RequestKey
from application.recall import Recall
from domain.codes import StaffId
from domain.decisions import Refused
from domain.policy_file import PolicyRefused
from infrastructure.access_log import PostgresAccessLog, Reader
from infrastructure.clock import DemonstrationClock, SystemClock
from infrastructure.demonstration_people import DemonstrationPeople
from infrastructure.directory import PostgresDirectory
from infrastructure.downstream.broker.counted import broker_metrics
from infrastructure.downstream.broker.publishing import Standing
from infrastructure.downstream.broker.roads import Road, the_road
from infrastructure.downstream.broker.room import BrokerRoom
from infrastructure.downstream.gauges import SubscriberGauges
from infrastructure.downstream.tail import Tails
from infrastructure.downstream.troubles import of_broker
from infrastructure.downstream.webhooks.addresses import Allowed
from infrastructure.downstream.webhooks.outside import Outside
from infrastructure.downstream.webhooks.worker import WebhookWorker
from infrastructure.engine.follower import ProjectionFollower
from infrastructure.engine.projector import Projector
from infrastructure.erasing import Eraser
from infrastructure.event_store import LandlordRecorder
from infrastructure.jobs import Jobs
from infrastructure.key_files import FileKeys, KeysRefused
from infrastructure.keyring import migrate_keys
from infrastructure.letters.carrier_settings import PostSettings, read_post_settings
from infrastructure.letters.post_room import PostRoom
from infrastructure.log import request_key
from infrastructure.mapper import UnknownFact, UnreadableEvent
from infrastructure.metrics import Metrics
from infrastructure.office import Office, Shared
from infrastructure.policy_shelf import PolicyShelf
from infrastructure.postgres.attached import server_for_a_command
from infrastructure.postgres.embedded import EmbeddedServer
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.server import PostgresServer
from infrastructure.postgres.servers import Servers
from infrastructure.reads import Reads
from infrastructure.scheduler import LastTick, Scheduler
from infrastructure.settings import Settings
from infrastructure.tokens import DEMONSTRATION, Issuer, Tokens, read_issuer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from types import TracebackType

# What keeps one landlord from being served, and no other.
ONE_LANDLORDS_TROUBLE: Final = (
    PolicyRefused,
    KeysRefused,
    NotFound,
    LookupError,  # a stream that contradicts itself, and `LandlordRefused`
    UnknownFact,
    UnreadableEvent,
    PersistenceError,
)


class LandlordRefused(LookupError):
    """One landlord cannot be set up or served; the message says why and what to do."""


class Evenhand:
    """The service: its landlords, each with everything of its own. Close it, or use it in `with`.

    `refusals` says, by landlord, why somebody who has a log here is not served. In production neither demonstration
    landlords nor self-signed tokens are.
    """

    def __init__(
        self,
        settings: Settings,
        shelf: PolicyShelf,
        servers: Servers,
        issuer: Issuer | None,
        post: PostSettings,
        held: ExitStack,
        *,
        production: bool,
    ) -> None:
        self.settings = settings
        self.shelf = shelf
        self.production = production
        self.refusals: dict[str, str] = {}
        self.metrics = Metrics(self._projectors)
        self._shared = Shared(self.metrics, Recall(), settings.letters)
        self.metrics_open = settings.metrics_open
        self.evidence_bytes = settings.evidence_bytes
        self.webhooks_origin = settings.webhooks_origin
        self.jobs = Jobs()
        self._tails: list[Tails] = []
        self.metrics.show_listeners(self.listeners)
        self.embedded: EmbeddedServer | None = None
        self.people = DemonstrationPeople(settings.data)
        self.tokens = Tokens(self._staff, self._demonstration_key, SystemClock().now, issuer)
        self._servers = servers
        self._held = held
        self._offices: dict[str, Office] = {}
        self._demonstrations: set[str] = set()
        self.post = post
        self._followers: tuple[ProjectionFollower | Eraser | PostRoom | WebhookWorker | BrokerRoom, ...] = ()
        self.road: Road | None = None
        self.metrics.also(broker_metrics(self.broker))
        behind = SubscriberGauges(lambda landlord: self.office(landlord).followers.standings.lags(), SystemClock().now)
        self.metrics.look_too(behind.look)
        self.metrics.also(behind.metrics)
        self._scheduler: Scheduler | None = None
        self._lock = Lock()

    # Who is served

    @property
    def landlords(self) -> tuple[str, ...]:
        """Everybody who is served, in alphabetical order."""
        return tuple(sorted(self._offices))

    @property
    def demonstrations(self) -> tuple[str, ...]:
        """Those of them who were set up as demonstrations."""
        return tuple(sorted(self._demonstrations))

    def office(self, landlord: str) -> Office:
        """Everything of one landlord. Raises `LandlordRefused`, a LookupError, for one who is not served."""
        office = self._offices.get(landlord)
        if office is not None:
            return office
        if landlord in self.refusals:
            raise LandlordRefused(f"{landlord} is not served. {self.refusals[landlord]}")
        raise LandlordRefused(f"{landlord} is not set up here; there are {', '.join(self.landlords) or 'none'}.")

    def callback_tokens(self, landlord: str) -> tuple[str, ...]:
        """The tokens with which GOV.UK Notify proves what it reports to this landlord; none for one not served."""
        return self.post.callback_tokens(landlord) if landlord in self._offices else ()

    def outside(self) -> Outside:
        """The guarded way out, for one event loop. Close it."""
        return Outside(Allowed.read(self.settings.webhooks_allow))

    def desk(self, landlord: str) -> Desk:
        """Where the landlord's cases are decided."""
        return self.office(landlord).desk

    def directory(self, landlord: str) -> PostgresDirectory:
        """Who the landlord's opaque ids are."""
        return self.office(landlord).directory

    def access_log(self, landlord: str) -> PostgresAccessLog:
        """Who read what is personal."""
        return self.office(landlord).access_log

    def reader(self, landlord: str) -> Reader:
        """The only way to personal values: recorded first, shown after."""
        return self.office(landlord).reader

    def reads(self, landlord: str) -> Reads:
        """What the read models answer."""
        return self.office(landlord).reads

    def projector(self, landlord: str) -> Projector:
        """How far the read models are."""
        return self.office(landlord).projector

    def clock(self, landlord: str) -> Clock:
        """The landlord's time."""
        return self.office(landlord).clock

    def demonstration_clock(self, landlord: str) -> DemonstrationClock:
        """The clock of a demonstration, which can be set. Raises LookupError for a landlord who is none."""
        clock = self.clock(landlord)
        if isinstance(clock, DemonstrationClock):
            return clock
        raise LookupError(f"{landlord} is no demonstration: its time is the machine's")

    def request_key(self, landlord: str, caller: str, key: str, body: bytes) -> RequestKey:
        """A caller's idempotency key with a keyed hash of the body that came with it."""
        return request_key(self.office(landlord).keys, caller, key, body)

    # Changing who is served

    def set_up(self, landlord: str, *, demonstration: bool = False, begins: datetime | None = None) -> Office:
        """Set a landlord up with the policy files on the shelf: schemas, keys, first facts; what is there stays.

        `begins` sets a demonstration's clock first, so that its story starts there. Raises `LandlordRefused`, and
        `PolicyRefused`, `KeysRefused` or the library's errors for what they are.
        """
        if demonstration and self.production:
            raise LandlordRefused(f"{landlord} cannot be a demonstration here: this service is in production.")
        if begins is not None and not demonstration:
            raise LandlordRefused("Only a demonstration begins in the past.")
        if landlord.endswith("_keys"):
            raise LandlordRefused(f"{landlord} would share its schema with the keys of another; choose another name.")
        self.shelf.of(landlord)  # before anything is made for a landlord without a policy
        self._migrate(landlord)
        clock = DemonstrationClock() if demonstration else SystemClock()
        if isinstance(clock, DemonstrationClock) and begins is not None:
            clock.set(begins)
        # Whoever has facts has keys somewhere: new ones would not open what the old ones sealed.
        if not (self.settings.keys / landlord).exists() and not self._has_facts(landlord):
            FileKeys.set_up(self.settings.keys, landlord)
        office = self._office(landlord, clock)
        try:
            office.found(demonstration=demonstration)
        except Refused as refused:
            raise LandlordRefused(" ".join(violation.asks for violation in refused.violations)) from refused
        office.open()
        self._admit(office, demonstration=demonstration)
        return office

    def enrol(self, landlord: str, login: str, name: str, issuer: str | None = None) -> StaffId:
        """The staff id of whoever signs in under this login; at a demonstration, tokens can be made for it."""
        if landlord in self._demonstrations and issuer is None:
            staff = self.directory(landlord).add_staff(DEMONSTRATION, login, name)
            self.people.add(landlord, login, name)
            return staff
        issuer = issuer or self.settings.token_issuer
        if issuer is None:
            raise LandlordRefused("Whose login this is depends on who issues tokens: set EVENHAND_TOKEN_ISSUER.")
        return self.directory(landlord).add_staff(issuer, login, name)

    # Running

    def follow(self) -> None:
        """Keep the read models of everybody who is served up with their logs, erase what is to be, carry letters.

        Again after somebody was set up.
        """
        with self._lock:
            self._stop_following()
            by_server: dict[PostgresServer, list[Office]] = {}
            for office in self._offices.values():
                by_server.setdefault(office.recorder.server, []).append(office)
            eraser = Eraser((landlord, office.erasures) for landlord, office in self._offices.items())
            self._followers = (
                eraser,
                *(
                    ProjectionFollower(server, [one.projector for one in led], observe=self.metrics.taken_in)
                    for server, led in by_server.items()
                ),
                *(self._effects(by_server) if self.settings.effects else ()),
            )
            for follower in self._followers:
                follower.start()

    def _effects(
        self, by_server: Mapping[PostgresServer, list[Office]]
    ) -> Iterator[PostRoom | WebhookWorker | BrokerRoom]:
        """Those who do outside what follows from an event."""
        for server, led in by_server.items():
            yield PostRoom(server, led, self.post.carriers_of, observe=self.metrics.carried)
            yield WebhookWorker(server, led, self.outside, self.webhooks_origin, observe=self.metrics.called)
        yield from self._broker_rooms(by_server)

    def _broker_rooms(self, by_server: Mapping[PostgresServer, list[Office]]) -> Iterator[BrokerRoom]:
        if self.road is None:
            return
        self.road.admit(self._offices)
        for server, offices in by_server.items():
            ways = [(office, self.road.access(office.landlord)) for office in offices]
            published = {office.projector.schema: (office.public_log, way) for office, way in ways if way is not None}
            if published:
                yield BrokerRoom(server, published)

    def broker(self) -> Mapping[str, Standing]:
        """How far the broker's streams are, as this process knows it; without those of landlords that have none."""
        if self.road is not None and self.road.trouble is not None:
            absent = [Standing(landlord=one, state="unreachable", detail=self.road.trouble) for one in self.landlords]
            return {standing.landlord: standing for standing in absent}
        rooms = [follower for follower in self._followers if isinstance(follower, BrokerRoom)]
        return {landlord: standing for room in rooms for landlord, standing in room.standings().items()}

    def keep_time(self) -> None:
        """Take down, from now on, what goes by for everybody who is served; those who are set up later included."""
        with self._lock:
            if self._scheduler is None:
                self._scheduler = Scheduler(
                    lambda: {landlord: office.clockwork for landlord, office in self._offices.items()},
                    self.settings.tick_seconds,
                    self.metrics,
                )
                self._scheduler.start()

    def last_ticks(self) -> Mapping[str, LastTick]:
        """What came of the clock's last look at each landlord; nothing where no time is kept."""
        return {} if self._scheduler is None else self._scheduler.last()

    def tails(self) -> Tails:
        """A place of its own where those who ask an interface wait for what comes next."""
        tails = Tails()
        self._tails.append(tails)
        return tails

    def listeners(self) -> int:
        """How many wait for what comes next at this moment."""
        return sum(tails.listeners() for tails in self._tails)

    def loss(self) -> str | None:
        """What is gone without which nothing can be read or written any more: the embedded server, if it ended."""
        if self.embedded is None or not self.embedded.has_ended():
            return None
        return (
            f"PostgreSQL, which this service had started, has ended; {self.embedded.log} says why. Start the service "
            "again: everything that was recorded is still there."
        )

    def awaiting_rebuild(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The landlords with read models that are still read as another version than this release's, and which."""
        for landlord in self.landlords:
            if awaiting := self.projector(landlord).awaiting():
                yield landlord, awaiting

    def close(self) -> None:
        """Stop everything that was started, the embedded server last."""
        if self._scheduler is not None:
            self._scheduler.stop()
        for tails in self._tails:
            tails.stop()
        self.jobs.close()
        self.metrics.close()
        with self._lock:
            self._stop_following()
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open_all(self, landlords: tuple[str, ...]) -> None:
        """Serve each of these landlords, or note in `refusals` why not; there also go bad policy files of others."""
        self.refusals |= {landlord: "; ".join(lines) for landlord, lines in self.shelf.problems.items()}
        for landlord in landlords:
            try:
                self._open(landlord)
            except ONE_LANDLORDS_TROUBLE as trouble:
                self.refusals[landlord] = _sentence(trouble)

    def _open(self, landlord: str) -> None:
        self._migrate(landlord)
        office = self._office(landlord, SystemClock())
        known = office.open()
        if not known.id:
            raise LandlordRefused(f"Its set-up was not finished; run `evenhand landlord set-up {landlord}` again.")
        if known.demonstration and self.production:
            raise LandlordRefused("It was set up as a demonstration; `evenhand demo` serves those.")
        if known.demonstration:
            office = self._office(landlord, DemonstrationClock())
        self._admit(office, demonstration=known.demonstration)

    def _admit(self, office: Office, *, demonstration: bool) -> None:
        with self._lock:
            self._offices = {**self._offices, office.landlord: office}
            if demonstration:
                self._demonstrations.add(office.landlord)
            self.refusals.pop(office.landlord, None)

    def _office(self, landlord: str, clock: Clock) -> Office:
        office = Office.of(
            landlord,
            clock,
            self.shelf.of(landlord),
            self.settings.keys,
            self._servers.of_log(landlord),
            self._servers.of_keys(landlord),
            self._shared,
        )
        office.followers.listen_to(of_broker(lambda: self.broker().get(landlord)))
        return office

    def _migrate(self, landlord: str) -> None:
        outcomes = [
            migrate(self._servers.of_log(landlord).dsn, [landlord])[landlord],
            migrate_keys(self._servers.of_keys(landlord).dsn, [landlord])[landlord],
        ]
        for outcome in outcomes:
            if outcome.failure is not None:
                raise LandlordRefused(f"Its schema could not be brought to this release: {outcome.failure}.")

    def _projectors(self) -> dict[str, Projector]:
        return {landlord: office.projector for landlord, office in self._offices.items()}

    def _has_facts(self, landlord: str) -> bool:
        server = self._servers.of_log(landlord)
        return LandlordRecorder(server, landlord, SystemClock().now).head().position > 0

    def _stop_following(self) -> None:
        for follower in self._followers:
            follower.stop()
        self._followers = ()

    # What tokens ask

    def _staff(self, landlord: str, issuer: str, login: str) -> StaffId | None:
        return self.directory(landlord).staff_by_login(issuer, login)

    def _demonstration_key(self, landlord: str) -> bytes | None:
        if self.production or landlord not in self._demonstrations:
            return None
        return self.office(landlord).keys.token_key


def build(settings: Settings, *, production: bool = False, beside: bool = False) -> Evenhand:
    """The service with everybody who has a log on its servers. It follows no log before `follow` is called.

    With `beside`, an embedded server that another service runs is used with it, and left as it is.

    Raises `PolicyRefused`, `IssuerRefused` and `SettingsRefused` for what concerns everybody, `ServerRefused` when the
    embedded server cannot start, psycopg's OperationalError when the main server does not answer.
    """
    shelf = PolicyShelf.stocked(settings.policies)
    issuer = _issuer(settings)
    post = read_post_settings(settings.carriers, settings.data / "letters")
    with ExitStack() as held:
        database, embedded = settings.database, None
        if database is None and beside:
            database = held.enter_context(server_for_a_command(settings.data))
        elif database is None:
            embedded = held.enter_context(EmbeddedServer.start(settings.data))
            database = embedded.ensure_database()
        servers = held.enter_context(closing(Servers(database, dict(settings.databases), settings.keys_database)))
        road = None if beside or not settings.effects else held.enter_context(the_road(settings))
        evenhand = Evenhand(settings, shelf, servers, issuer, post, held.pop_all(), production=production)
        evenhand.embedded = embedded
        evenhand.road = road
    with ExitStack() as until_open:
        until_open.callback(evenhand.close)
        evenhand.open_all(servers.landlords())
        until_open.pop_all()
    return evenhand


def _issuer(settings: Settings) -> Issuer | None:
    if settings.token_issuer is None or settings.token_keys is None:
        return None
    return read_issuer(settings.token_issuer, settings.token_keys, settings.token_audience)


def _sentence(trouble: BaseException) -> str:
    """What is wrong, in one line."""
    return " ".join(str(trouble).split()) or type(trouble).__name__
