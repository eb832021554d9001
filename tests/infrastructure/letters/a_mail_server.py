"""A mail server that keeps what it is given, and can be told to go wrong at every step of RFC 5321."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

HANG = "hang"  # says nothing more, and keeps the line open
CLOSE = "close"  # ends the connection without a word
DRIP = "drip"  # says a little again and again, and after ten seconds the rest
STEPS = ("connect", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "message", "QUIT")


@dataclass
class MailServerDouble:
    """Takes every message, unless `answers` says something else for a step: a line, `HANG` or `CLOSE`."""

    host: str = "127.0.0.1"
    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    encrypted: list[bool] = field(default_factory=list)
    stopping: Event = field(default_factory=Event)

    def serve(self, listening: socket.socket) -> None:
        """One conversation after another, each in a thread of its own."""
        while not self.stopping.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            Thread(target=self._safely, args=(connection,), daemon=True).start()

    def _safely(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError):
            _Conversation(self, connection).held()


class _Ended(OSError):
    """The conversation is over."""


class _Conversation:
    def __init__(self, server: MailServerDouble, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection
        self.file = connection.makefile("rb")
        self.secure = False

    def held(self) -> None:
        try:
            self.say("connect", "220 elm")
            while line := self.file.readline():
                self.hear(line.decode().strip())
        finally:
            self.connection.close()

    def say(self, step: str, usual: str) -> None:
        answer = self.server.answers.get(step, usual)
        if answer == HANG:
            self.server.stopping.wait(20)
            raise _Ended
        if answer == DRIP:
            for _ in range(100):
                self.connection.sendall(b"250-wait\r\n")
                if self.server.stopping.wait(0.1):
                    raise _Ended
            answer = "250 fine"
        if answer == CLOSE:
            self.connection.shutdown(socket.SHUT_RDWR)
            raise _Ended
        self.connection.sendall(answer.encode() + b"\r\n")

    def hear(self, line: str) -> None:
        verb = line.partition(" ")[0].upper()
        if verb in ("EHLO", "HELO"):
            offers = ["250-elm", *(["250-STARTTLS"] if self.server.tls and not self.secure else []), "250 AUTH PLAIN"]
            self.say("EHLO", "\r\n".join(offers))
        elif verb == "STARTTLS" and self.server.tls is not None:
            self.say("STARTTLS", "220 go on")
            self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
            self.file, self.secure = self.connection.makefile("rb"), True
        elif verb == "AUTH":
            self.say("AUTH", "235 welcome")
        elif verb == "RCPT":
            self.server.recipients.append(line)
            self.say("RCPT", "250 fine")
        elif verb == "DATA":
            self.say("DATA", "354 go on")
            self.message()
        elif verb == "QUIT":
            self.say("QUIT", "221 bye")
            raise _Ended
        else:
            self.say(verb, "250 fine")

    def message(self) -> None:
        if self.server.answers.get("DATA", "354").startswith("354"):
            lines = []
            while (line := self.file.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            if line == b"":
                return  # without its end it is no message
            if self.server.answers.get("message", "250").startswith("250") or self.server.answers["message"] in (
                HANG,
                CLOSE,
            ):
                self.server.taken.append(b"".join(lines))
                self.server.encrypted.append(self.secure)
            self.say("message", "250 taken")


@contextmanager
def a_mail_server(**answers: str) -> Iterator[MailServerDouble]:
    """A mail server on a free port of this machine, until the block ends."""
    server = MailServerDouble(answers=answers)
    with socket.create_server((server.host, 0)) as listening:
        server.port = listening.getsockname()[1]
        thread = Thread(target=server.serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)
