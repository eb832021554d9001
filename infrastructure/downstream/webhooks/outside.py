"""The guarded way out: calls a URL that somebody gave us, and reaches nothing but what a webhook may lead to.

A host is resolved here, every address that it has is checked, and the connection goes to an address that was checked:
a name that means something else a moment later leads nowhere. No redirect is followed, no proxy of the environment
used; an answer is read to a few KiB and thrown away, and no part of a call waits for ever.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from socket import SOCK_STREAM, gaierror, getaddrinfo
from typing import Any, Final, NamedTuple

import certifi
import httpcore

from infrastructure.downstream.webhooks.addresses import Address, Allowed, NotCallable, address_of, check, target

CONNECTING: Final = 5.0  # seconds for all addresses of a host together, and for TLS
ANSWERING: Final = 20.0  # seconds for a whole call; the Standard Webhooks specification suggests 15 to 30
READ: Final = 16 * 1024  # bytes of an answer that are read, so that its connection can be used again
ADDRESSES_TRIED: Final = 4
AT_REST: Final = 4.0  # seconds that an unused connection is kept: less than servers commonly keep one
LOOKING_UP: Final = 16  # names that are looked up at once; each can take the system's resolver many seconds
LONGEST_HEADER: Final = 200  # characters of a header that anything is made of

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

    async def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """One call over a connection of its own. Raises `NoAnswer`."""
        line = self.line(url)
        try:
            return await line.call(method, headers, body)
        finally:
            await line.close()

    def close(self) -> None:
        """Look no more names up."""
        self._looking_up.shutdown(wait=False, cancel_futures=True)

    async def _resolved(self, host: str, port: int) -> Sequence[Address]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._looking_up, _look_up, host, port)
        return [address for address in map(address_of, dict.fromkeys(found)) if address is not None]


class Line:
    """Calls to one URL, over connections that are kept for a few seconds."""

    def __init__(self, outside: Outside, url: str, at_once: int) -> None:
        self._outside = outside
        self._url = url
        self._at_once = at_once
        self._pool: httpcore.AsyncConnectionPool | None = None

    async def call(self, method: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One call, whatever its status says. Raises `NoAnswer` when there was none, or no whole one."""
        try:
            where = target(self._url, self._outside.allowed)
            url = httpcore.URL(
                scheme=b"https" if where.https else b"http",
                host=where.host.encode(),
                port=where.port,
                target=where.path.encode(),
            )
            named = where.host if ":" not in where.host else f"[{where.host}]"
            host = named if where.port == (443 if where.https else 80) else f"{named}:{where.port}"
            if self._pool is None:
                self._pool = self._connections(https=where.https)
            async with asyncio.timeout(self._outside.answering):
                return await self._answer(self._pool, method, url, {"Host": host, **headers}, body)
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing was taken
            raise NoAnswer(_kind(error)) from None

    async def _answer(
        self,
        pool: httpcore.AsyncConnectionPool,
        method: str,
        url: httpcore.URL,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        said = [(name.encode(), value.encode()) for name, value in headers.items()]
        timeouts = {"timeout": {"connect": CONNECTING}}
        async with pool.stream(method, url, headers=said, content=body, extensions=timeouts) as response:
            read = 0
            async for chunk in response.aiter_stream():
                read += len(chunk)
                if read > READ:
                    break  # the connection is closed with the rest of it unread
            heeded = {
                name.lower().decode(): value.decode("latin-1")[:LONGEST_HEADER]
                for name, value in response.headers
                if name.lower() in HEEDED
            }
            return Answer(response.status, heeded)

    def _connections(self, *, https: bool) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._outside.tls if https else None,
            max_connections=self._at_once,
            max_keepalive_connections=self._at_once,
            keepalive_expiry=AT_REST,
            http1=True,
            http2=False,
            network_backend=_Guarded(self._outside),
        )

    async def close(self) -> None:
        """Let every connection go; a later call makes new ones."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.aclose()


class _Guarded(httpcore.AnyIOBackend):
    """Connects to checked addresses alone, and asks nobody else what a name means."""

    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self._outside = outside

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - it is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first of the host's addresses that answers."""
        async with asyncio.timeout(timeout):
            literal = address_of(host)
            addresses = [literal] if literal is not None else await self._outside.resolve(host, port)
            for address in addresses:
                check(address, host, self._outside.allowed)
            failed: Exception = httpcore.ConnectError()
            for address in addresses[:ADDRESSES_TRIED]:
                try:
                    return await super().connect_tcp(str(address), port, timeout, local_address, socket_options)
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                    failed = error
            raise failed


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
        case TimeoutError() | httpcore.TimeoutException():
            return "timeout"
        case httpcore.ConnectError() if _of_tls(error):
            return "tls"
        case httpcore.ConnectError():
            return "not_connected"
        case httpcore.RemoteProtocolError():
            return "broken_answer"
        case httpcore.NetworkError() | OSError():
            return "connection_lost"
        case _:
            return "not_sent"


def _of_tls(error: BaseException) -> bool:
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, ssl.SSLError | ssl.CertificateError):
            return True
        below = below.__cause__ or below.__context__
    return False
