"""A receiver of webhooks on this machine: it keeps what it took, and goes wrong in every way that it is told to."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from time import sleep
from typing import Any, NamedTuple

from standardwebhooks import Webhook

GIGABYTE = 2**30
CHUNK = b"x" * 65_536
FORETOLD = 1000 * b"HTTP/1.1 102 Processing\r\n\r\n"


class Call(NamedTuple):
    """One call as it came."""

    method: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        """The event in its body."""
        return json.loads(self.body)

    @property
    def case(self) -> str:
        """Which case it is about."""
        subject: str = self.event.get("subject", "")
        return subject

    @property
    def version(self) -> int:
        """Which version of its case."""
        version: int = self.event.get("caseversion", 0)
        return version

    def verified(self, secret: str) -> Any:
        """The event, once the specification's own library has checked the signature."""
        return Webhook(secret).verify(self.body, self.headers)


# A status with headers, "hang", "close" before anything is answered, "half" of an answer, "flood" with a gigabyte,
# "drip" a byte at a time, "foretell" an answer for as long as anybody listens, or None for a good day.
Trouble = tuple[int, dict[str, str]] | str | int | None


@dataclass
class Receiver:
    """What was brought to it (`came`) and what it took, and how it answers: by `troubled`, asked once for each call."""

    address: str = ""
    port: int = 0
    came: list[Call] = field(default_factory=list)
    took: list[Call] = field(default_factory=list)
    troubled: Callable[[Call], Trouble] = lambda _: None
    allows: str | None = "*"  # who may send, as the handshake asks
    let_go: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)
    flooded: int = 0  # bytes of a flood that somebody read
    open_now: int = 0
    connections: int = 0
    lets_go: bool = False  # of each connection after one answer, without a word

    def versions(self) -> dict[str, list[int]]:
        """The versions that it took of each case, in the order in which they came."""
        found: dict[str, list[int]] = {}
        for call in list(self.took):
            found.setdefault(call.case, []).append(call.version)
        return found

    def in_effect(self) -> dict[str, list[int]]:
        """Likewise without what it had taken before."""
        return {case: list(dict.fromkeys(versions)) for case, versions in self.versions().items()}

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Answers for this receiver."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def setup(self) -> None:
                super().setup()
                with receiver.lock:
                    receiver.open_now += 1
                    receiver.connections += 1

            def finish(self) -> None:
                with receiver.lock:
                    receiver.open_now -= 1
                with suppress(OSError):
                    super().finish()

            def log_message(self, *_: object) -> None:
                """Nothing."""

            def do_OPTIONS(self) -> None:
                receiver.answer(self)

            def do_POST(self) -> None:
                receiver.answer(self)

            def do_GET(self) -> None:
                receiver.answer(self)

        return Handler

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """One call."""
        body = request.rfile.read(int(request.headers.get("Content-Length", "0")))
        call = Call(request.command, {name.lower(): value for name, value in request.headers.items()}, body)
        with self.lock:
            self.came.append(call)
        trouble = self.troubled(call)
        with suppress(OSError):
            if isinstance(trouble, str):
                self._go_wrong(request, trouble)
            elif trouble is not None:
                status, headers = trouble if isinstance(trouble, tuple) else (trouble, {})
                _say(request, status, headers, b"No, and here is what zoe@example.org said.")
            elif call.method == "OPTIONS":
                allowed = {"WebHook-Allowed-Origin": self.allows, "WebHook-Allowed-Rate": "*"} if self.allows else {}
                _say(request, 200, allowed, b"")
            else:
                with self.lock:
                    self.took.append(call)
                _say(request, 204, {}, b"")
                request.close_connection = request.close_connection or self.lets_go

    def _go_wrong(self, request: BaseHTTPRequestHandler, trouble: str) -> None:
        if trouble == "hang":
            self.let_go.wait(60)
        elif trouble == "half":
            _say(request, 200, {"Content-Length": "1000"}, b"Half")
        elif trouble == "flood":
            _say(request, 200, {"Content-Length": str(GIGABYTE)}, b"")
            while self.flooded < GIGABYTE and not self.let_go.is_set():
                request.wfile.write(CHUNK)
                self.flooded += len(CHUNK)
        elif trouble == "foretell":
            while not self.let_go.is_set():
                request.wfile.write(FORETOLD)
                self.flooded += len(FORETOLD)
        elif trouble == "drip":
            _say(request, 200, {"Content-Length": str(GIGABYTE)}, b"")
            while not self.let_go.is_set():
                request.wfile.write(b"x")
                request.wfile.flush()
                sleep(0.01)
        request.close_connection = True
        with suppress(OSError):
            request.wfile.flush()
            request.connection.shutdown(socket.SHUT_RDWR)


def _say(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    request.send_response(status)
    length = {} if status == 204 else {"Content-Length": str(len(body))}
    for name, value in {**length, **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
    request.wfile.flush()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Whoever hangs up in the middle is no news."""


@contextmanager
def a_receiver(
    tls: ssl.SSLContext | None = None, troubled: Callable[[Call], Trouble] | None = None
) -> Iterator[Receiver]:
    """A receiver on a free port of this machine, until the block ends."""
    receiver = Receiver()
    if troubled is not None:
        receiver.troubled = troubled
    server = _Server(("127.0.0.1", 0), receiver.handler())
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    receiver.address = f"http{'s' if tls else ''}://127.0.0.1:{receiver.port}/hook"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
