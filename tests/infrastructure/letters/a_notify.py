"""GOV.UK Notify as far as letters need it: it keeps what it is given, finds it by reference, and can go wrong."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"elm-{SERVICE}-{SECRET}"


@dataclass
class NotifyDouble:
    """What it has been given, in order, and how it is to answer the next requests of each method.

    A trouble is a status with headers, "hang", "close" before anything is done, or "half" to close in the middle of
    the answer once everything is done.
    """

    address: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    troubles: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    stopping: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def pdf(self, number: int = 0) -> bytes:
        """The document that was given."""
        given = self.sent[number]
        return base64.b64decode(given.get("content") or given["personalisation"]["file"]["file"])

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Answers for this double."""
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Nothing."""

            def do_GET(self) -> None:
                double.answer(self, b"")

            def do_POST(self) -> None:
                double.answer(self, self.rfile.read(int(self.headers["Content-Length"])))

        return Handler

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """One request."""
        with self.lock:
            waiting = self.troubles.get(request.command, [])
            trouble = waiting.pop(0) if waiting else None
            self.asked.append(f"{request.command} {request.path}")
        if trouble == "hang":
            self.stopping.wait(20)
        if trouble in ("hang", "close"):
            _cut(request)
            return
        if isinstance(trouble, tuple):
            status, headers = trouble
            _say(request, status, {"errors": [{"error": "Trouble", "message": "zoe@example.org"}]}, headers)
            return
        said, told = self.done(request, body)
        _say(request, said, told, {}, half=trouble == "half")

    def done(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, Any]:
        """What it would do on a good day."""
        token = request.headers["Authorization"].removeprefix("Bearer ")
        if jwt.decode(token, SECRET, algorithms=["HS256"])["iss"] != SERVICE:
            return 403, {"errors": [{"error": "AuthError", "message": "Invalid token"}]}
        asked = urlsplit(request.path)
        if request.command == "GET":
            reference = parse_qs(asked.query)["reference"][0]
            found = [one for one in self.sent if one["reference"] == reference]
            return 200, {"notifications": found, "links": {"current": request.path}}
        given = {"id": str(uuid4()), "created_at": "2026-01-12T12:00:00.000000Z", "status": "created"}
        given |= {"path": asked.path, **json.loads(body)}
        with self.lock:
            self.sent.append(given)
        return 201, {"id": given["id"], "reference": given["reference"]}


def _say(
    request: BaseHTTPRequestHandler, status: int, told: object, headers: dict[str, str], *, half: bool = False
) -> None:
    content = json.dumps(told).encode()
    request.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(content[: len(content) // 2] if half else content)
    if half:
        _cut(request)


def _cut(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True
    request.wfile.flush()
    request.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def a_notify(**troubles: list[Any]) -> Iterator[NotifyDouble]:
    """Notify on a free port of this machine, until the block ends; troubles by method."""
    double = NotifyDouble(troubles=troubles)
    server = ThreadingHTTPServer(("127.0.0.1", 0), double.handler())
    server.daemon_threads = True
    double.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
