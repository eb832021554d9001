"""The guarded way out: calls a URL that somebody gave us, and reaches nothing but what a webhook may lead to.

A host is resolved here, every address that it has is checked, and the connection goes to an address that was checked:
a name that means something else a moment later leads nowhere. No redirect is followed, no proxy of the environment
used; an answer is read to a few KiB and thrown away, and no part of a call waits for ever.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from socket import SOCK_STREAM, gaierror, getaddrinfo
from typing import Final, NamedTuple

import certifi
import h11

from infrastructure.downstream.webhooks.addresses import (
    Address,
    Allowed,
    NotCallable,
    Target,
    address_of,
    check,
    target,
)

CONNECTING: Final = 5.0  # seconds for all addresses of a host together, and for TLS
ANSWERING: Final = 20.0  # seconds for a whole call; the Standard Webhooks specification suggests 15 to 30
READ: Final = 16 * 1024  # bytes of an answer that are read, so that its connection can be used again
ADDRESSES_TRIED: Final = 4
AT_REST: Final = 4.0  # seconds that an unused connection is kept: less than servers commonly keep one
LOOKING_UP: Final = 32  # names that are looked up at once; each can take the system's resolver many seconds
LONGEST_HEAD: Final = 32 * 1024  # bytes of status and headers
LONGEST_HEADER: Final = 200  # characters of a header that anything is made of
FORETOLD: Final = 10  # interim answers (1xx) before the one that counts

# Headers of an answer that mean something here (RFC 9110, 10.2.3; CloudEvents HTTP Web Hooks 1.0.2, section 4.2).
HEEDED: Final = frozenset({b"retry-after", b"webhook-allowed-origin"})

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]


class Answer(NamedTuple):
    """What a receiver answered: its status, and those headers that mean something here, named in small letters."""

    status: int
    headers: Mapping[str, str]


class NoAnswer(Exception):
    """A call that came to nothing; `kind` is a code that can be shown and kept."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Outside:
    """What all calls of one service share: what is allowed, how names are looked up, whom certificates come from.

    Use it in one event loop. `answering` bounds a whole call, in seconds.
    """

    def __init__(
        self,
        allowed: Allowed,
        *,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        answering: float = ANSWERING,
    ) -> None:
        self.allowed = allowed
        self.answering = answering
        self._looking_up = ThreadPoolExecutor(LOOKING_UP, "webhook-names")
        self._asked: dict[tuple[str, int], asyncio.Future[list[str]]] = {}
        self.resolve = resolve or self._resolved
        self._tls = tls

    @property
    def tls(self) -> ssl.SSLContext:
        """Whose certificates are believed; read when it is first needed."""
        if self._tls is None:
            self._tls = _trusting()
        return self._tls

    def line(self, url: str, at_once: int = 1) -> Line:
        """A line to one receiver, over which so many calls can be made at once. Close it when it is not used."""
        return Line(self, url, at_once)

    def close(self) -> None:
        """Look no more names up."""
        self._looking_up.shutdown(wait=False, cancel_futures=True)

    async def _resolved(self, host: str, port: int) -> Sequence[Address]:
        """What the system says that a name means; calls that ask at the same time ask once.

        So a name that nobody answers for takes one thread, however many events wait for it.
        """
        asked = self._asked.get((host, port))
        if asked is None:
            asked = asyncio.get_running_loop().run_in_executor(self._looking_up, _look_up, host, port)
            self._asked[host, port] = asked
            asked.add_done_callback(lambda done: self._answered(host, port, done))
        found = await asyncio.shield(asked)
        return [address for address in map(address_of, dict.fromkeys(found)) if address is not None]

    def _answered(self, host: str, port: int, done: asyncio.Future[list[str]]) -> None:
        del self._asked[host, port]
        if not done.cancelled():
            done.exception()  # whoever still waits for it is told


class Line:
    """Calls to one URL, so many of them at once, over connections that are kept for a few seconds."""

    def __init__(self, outside: Outside, url: str, at_once: int) -> None:
        self._outside = outside
        self._url = url
        self._free = asyncio.Semaphore(at_once)
        self._kept: list[_Connection] = []
        self._target: Target | None = None

    async def call(self, method: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One call, whatever its status says. Raises `NoAnswer` when there was none, or no whole one."""
        try:
            if self._target is None:
                self._target = target(self._url, self._outside.allowed)
            async with self._free, asyncio.timeout(self._outside.answering):
                return await self._answer(self._target, method, headers, body)
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing was taken
            raise NoAnswer(_kind(error)) from None

    async def _answer(self, where: Target, method: str, headers: Mapping[str, str], body: bytes) -> Answer:
        while (kept := self._unused()) is not None:
            try:
                return await self._over(kept, where, method, headers, body)
            except (OSError, h11.RemoteProtocolError):
                if kept.heard:
                    raise
                # The receiver let it go just as it was used again: it did not see the call, or sees it twice.
        return await self._over(await _connected(self._outside, where), where, method, headers, body)

    async def _over(
        self, connection: _Connection, where: Target, method: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        reusable = False
        try:
            answer, reusable = await connection.exchange(where, method, headers, body)
            return answer
        finally:
            if reusable:
                connection.rests_since = asyncio.get_running_loop().time()
                self._kept.append(connection)
            else:
                connection.close()

    def _unused(self) -> _Connection | None:
        """A connection that is still good, the one that was used last."""
        while self._kept:
            connection = self._kept.pop()
            if connection.good(asyncio.get_running_loop().time() - AT_REST):
                return connection
            connection.close()
        return None

    async def close(self) -> None:
        """Let every unused connection go; a later call makes new ones."""
        while self._kept:
            self._kept.pop().close()


class _Connection:
    """One connection to a receiver, for one call after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        self.rests_since = 0.0
        self.heard = False  # anything of the answer to the call under way

    def good(self, rests_since_at_least: float) -> bool:
        """Whether it can be used once more."""
        return (
            self.rests_since >= rests_since_at_least
            and not self._reader.at_eof()
            and not self._writer.transport.is_closing()
        )

    def close(self) -> None:
        """At once, whatever is still on its way."""
        self._writer.transport.abort()

    async def exchange(
        self, where: Target, method: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Answer, bool]:
        """The answer to one call, and whether the connection can be used for another one."""
        http, self.heard = self._http, False
        said = [("Host", _host(where)), *headers.items(), ("Content-Length", str(len(body)))]
        parts = [
            http.send(h11.Request(method=method, target=where.path, headers=said)),
            http.send(h11.Data(data=body)),
            http.send(h11.EndOfMessage()),
        ]
        self._writer.write(b"".join(part for part in parts if part))
        answer, read, foretold = Answer(0, {}), 0, 0
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                data = await self._reader.read(READ)
                self.heard = self.heard or bool(data)
                http.receive_data(data)
            elif isinstance(event, h11.Response):
                heeded = {
                    name.decode(): value.decode("latin-1")[:LONGEST_HEADER]
                    for name, value in event.headers
                    if name in HEEDED
                }
                answer = Answer(event.status_code, heeded)
            elif isinstance(event, h11.Data):
                read += len(event.data)
                if read > READ:
                    return answer, False  # the rest of it stays unread
            elif isinstance(event, h11.EndOfMessage):
                reusable = http.our_state is h11.DONE and http.their_state is h11.DONE
                if reusable:
                    http.start_next_cycle()
                return answer, reusable
            elif isinstance(event, h11.InformationalResponse):
                foretold += 1
                if foretold > FORETOLD:
                    raise ConnectionResetError  # whoever says without end that it will answer costs everybody's time
            else:
                raise ConnectionResetError  # before there was an answer


async def _connected(outside: Outside, where: Target) -> _Connection:
    """A connection to the first of the host's addresses that answers, once all of them were checked."""
    async with asyncio.timeout(CONNECTING):
        literal = address_of(where.host)
        addresses = [literal] if literal is not None else await outside.resolve(where.host, where.port)
        for address in addresses:
            check(address, where.host, outside.allowed)
        tls, name = (outside.tls, where.host) if where.https else (None, None)
        failed: OSError = ConnectionRefusedError()
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                made = await asyncio.open_connection(str(address), where.port, ssl=tls, server_hostname=name)
                return _Connection(*made)
            except ssl.SSLError:
                raise
            except OSError as error:
                failed = error
        raise _NotConnected from failed


class _NotConnected(Exception):
    """None of the addresses of a host takes connections."""


def _host(where: Target) -> str:
    named = f"[{where.host}]" if ":" in where.host else where.host
    return named if where.port == (443 if where.https else 80) else f"{named}:{where.port}"


def _look_up(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in getaddrinfo(host, port, type=SOCK_STREAM)]


def _trusting() -> ssl.SSLContext:
    """The authorities that the system trusts (`SSL_CERT_FILE` adds a network's own), and those of browsers."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _kind(error: Exception) -> str:
    """What went wrong, as a code."""
    match error:
        case NotCallable():
            return "address_refused"
        case gaierror() | UnicodeError():
            return "name_unknown"
        case TimeoutError():
            return "timeout"
        case ssl.SSLError():
            return "tls"
        case _NotConnected():
            return "not_connected"
        case h11.RemoteProtocolError() | OSError():
            return "broken_answer"
        case _:
            return "not_sent"
