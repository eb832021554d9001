"""Clients that cost little: each keeps one connection, sends its requests in turn and reads each answer whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection
from typing import TYPE_CHECKING, Final

from tests.benchmarks.ground import seconds_together

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

LONGEST_WAIT: Final = 60.0  # seconds for one answer


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: its bytes, and the status that it must be answered with."""

    content: bytes
    status: int


def connected(port: int) -> socket:
    """A connection to a service on this machine, which sends at once."""
    connection = create_connection(("127.0.0.1", port), LONGEST_WAIT)
    connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
    return connection


def question(path: str, token: str, accept: str = "*/*") -> Ask:
    """A GET with a bearer token, to be answered 200."""
    return Ask(_head("GET", path, token, "", accept), 200)


def command(path: str, token: str, body: object, key: str, status: int = 201) -> Ask:
    """A POST under an idempotency key."""
    content = json.dumps(body).encode()
    further = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\nIdempotency-Key: {key}\r\n"
    return Ask(_head("POST", path, token, further) + content, status)


def _head(method: str, path: str, token: str, further: str, accept: str = "*/*") -> bytes:
    lines = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nAccept: {accept}\r\n"
    return f"{lines}{further}\r\n".encode()


def answers_a_second(port: int, clients: Sequence[Sequence[Ask]]) -> float:
    """How many requests are answered in a second when all clients ask at once. Raises for an unexpected status."""
    connections = [connected(port) for _ in clients]
    try:
        works = [_in_turn(connection, asks) for connection, asks in zip(connections, clients, strict=True)]
        return sum(map(len, clients)) / seconds_together(works)
    finally:
        for connection in connections:
            connection.close()


def _in_turn(connection: socket, asks: Sequence[Ask]) -> Callable[[], None]:
    def run() -> None:
        for ask in asks:
            answered(connection, ask)

    return run


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer as it came, and its body."""

    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header, by its name in any case. Raises KeyError."""
        wanted = name.lower().encode()
        for line in self.head.split(b"\r\n")[1:]:
            named, _, value = line.partition(b":")
            if named.lower() == wanted:
                return value.strip().decode()
        raise KeyError(name)


def answered(connection: socket, ask: Ask) -> Answer:
    """Ask, and read the answer whole. Raises RuntimeError for an unexpected status."""
    connection.sendall(ask.content)
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _more(connection)
    head, body = received[:end], bytearray(received[end + 4 :])
    lines = head.lower().split(b"\r\n")
    length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        body += _more(connection)
    if (status := int(lines[0].split()[1])) != ask.status:
        raise RuntimeError(f"answered {status}: {bytes(body[:500])!r}")
    return Answer(head, bytes(body))


def _more(connection: socket) -> bytes:
    if received := connection.recv(262144):
        return received
    raise RuntimeError("the connection was closed before the answer was whole")
