"""The HTTP service as a process: its port, its signals, and that everything ends when it does."""

from __future__ import annotations

import errno
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

import typer
import uvicorn

from infrastructure.bootstrap import build
from infrastructure.garbage import settle
from infrastructure.one_core import on_one_core

if TYPE_CHECKING:
    from fastapi import FastAPI

    from infrastructure.bootstrap import Evenhand
    from infrastructure.settings import Settings

Handler = Callable[[int, FrameType | None], object] | signal.Handlers

# Seconds after which a thread that computes lets another one compute, where Python has 0.005: whoever answers waits for
# the thread that keeps the read models at every turn, and there are several turns until a listener has an event.
TURN: Final = 0.0005
# Seconds in which requests under way are finished; what stops us waits half a minute before it kills.
LAST_REQUESTS: Final = 15
MANY_FILES: Final = 65536  # a connection takes one


class ServiceRefused(Exception):
    """The service cannot start; the message says why and what to do."""


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The port, taken at once so that nothing else is started in vain. Raises `ServiceRefused`."""
    try:
        # Raises gaierror, an OSError, for a name that nobody knows.
        _take_many_connections()
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        taken = socket.create_server(address[:2], family=family, backlog=1024)
        # Inherited by every connection; without it each answer waits some 40 ms for an acknowledgement.
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise ServiceRefused(_why_not(host, port, error)) from error
    with taken:
        yield taken


def _take_many_connections() -> None:
    """As many files as a process may open: what is common at first is less than a thousand listeners take."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if most == resource.RLIM_INFINITY else min(MANY_FILES, most)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # then it is as it was
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def address_of(taken: socket.socket) -> str:
    """Where a browser on this machine finds the service."""
    host, port = taken.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def until_stopped() -> Iterator[None]:
    """Ends in good order at Ctrl-C or SIGTERM, also while things are still being started."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def opened(settings: Settings, *, production: bool = False, beside: bool = False) -> Iterator[Evenhand]:
    """The service behind the interface, with a line for each landlord that cannot be served; closed in peace.

    With `beside`, next to a service that may be running on the same data folder.
    """
    with ExitStack() as ends:
        with held_back():  # a process that was started is known to us before a stop is heeded
            evenhand = build(settings, production=production, beside=beside)
            ends.callback(_closed_in_peace, evenhand)
        for landlord, why in sorted(evenhand.refusals.items()):
            typer.echo(f"evenhand: {landlord} is not served. {why}", err=True)
        yield evenhand


def _closed_in_peace(evenhand: Evenhand) -> None:
    """Closing is finished, however often somebody presses Ctrl-C."""
    with _handled_by(signal.SIG_IGN):
        evenhand.close()


@contextmanager
def held_back() -> Iterator[None]:
    """Lets what is begun in here be finished before a signal to stop is heeded; it is heeded at the end."""
    came: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    with _handled_by(remember):
        yield
    for number in came[:1]:
        signal.raise_signal(number)


@contextmanager
def _handled_by(handler: Handler) -> Iterator[None]:
    before = {wanted: signal.signal(wanted, handler) for wanted in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for wanted, handled_before in before.items():
            signal.signal(wanted, handled_before)


def say_what_awaits_a_rebuild(evenhand: Evenhand) -> None:
    """One line for each landlord some of whose read models are still those of another release."""
    for landlord, names in evenhand.awaiting_rebuild():
        told = " and ".join(names)
        typer.echo(
            f"evenhand: {told} of {landlord} {'awaits' if len(names) == 1 else 'await'} a rebuild, and lists may grow "
            f"old until then: evenhand projections rebuild {' '.join(names)} --landlord {landlord} --why …",
            err=True,
        )


def serve(
    app: FastAPI,
    taken: socket.socket,
    ready: Callable[[], None],
    loss: Callable[[], str | None] = lambda: None,
    *,
    every_core: bool = False,
) -> None:
    """Answer on the port until a signal says stop, then finish the requests under way; `ready` is called once.

    On one core, which is quicker, unless told to use `every_core`. Raises `ServiceRefused` with what `loss` says as
    soon as it says something: nothing can be answered any more.
    """
    config = uvicorn.Config(
        app,
        access_log=False,  # a path can name a person; the application writes its own line, without
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=LAST_REQUESTS,
    )
    sys.setswitchinterval(TURN)
    with nullcontext() if every_core else on_one_core():
        _Announced(config, ready, loss, app.state.let_go).run(sockets=[taken])
    if (lost := loss()) is not None:
        raise ServiceRefused(lost)


class _Announced(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        ready: Callable[[], None],
        loss: Callable[[], str | None],
        let_go: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._loss = loss
        self._let_go = let_go

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            settle()
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; whoever waits for what comes next would keep us from it."""
        self._let_go()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop, asked ten times a second."""
        return await super().on_tick(counter) or self._loss() is not None


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use: stop what uses it, or choose another port with EVENHAND_PORT."
    if error.errno == errno.EACCES:
        return f"This account may not use port {port}: choose one above 1023 with EVENHAND_PORT."
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine: choose another with EVENHAND_HOST."
    return f"The service cannot listen on port {port} of {host} ({error.strerror})."
