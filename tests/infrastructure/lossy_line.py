"""A line to PostgreSQL that can lose an answer: the server has done its work, and nobody hears of it."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from select import select
from threading import Event, Thread
from typing import TYPE_CHECKING

from psycopg.conninfo import conninfo_to_dict, make_conninfo

if TYPE_CHECKING:
    from collections.abc import Iterator


class LossyLine:
    """Passes bytes on between clients and the server at ``dsn``, in both directions, until told otherwise."""

    def __init__(self, dsn: str) -> None:
        server = conninfo_to_dict(dsn)
        self._host, self._port = str(server["host"]), int(str(server["port"]))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.dsn = make_conninfo(dsn, host="127.0.0.1", port=self._listener.getsockname()[1])
        self._lose = Event()
        self._words: bytes | None = None
        self.lost = Event()
        self._ended = Event()
        self._threads: list[Thread] = []

    def lose_the_next_answer(self) -> None:
        """Swallow the server's next answer on any connection, and hang up on that connection."""
        self.lost.clear()
        self._lose.set()

    def lose_the_answer_to(self, words: bytes) -> None:
        """Likewise, once a client has sent these words."""
        self.lost.clear()
        self._words = words

    def run(self) -> None:
        """Accept clients until closed."""
        while not self._ended.is_set():
            if select([self._listener], [], [], 0.05)[0]:
                client, _ = self._listener.accept()
                thread = Thread(target=self._carry, args=(client,))
                self._threads.append(thread)
                thread.start()
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _carry(self, client: socket.socket) -> None:
        with client, self._to_server() as server:
            while not self._ended.is_set():
                for end in select([client, server], [], [], 0.05)[0]:
                    sent = end.recv(65536)
                    if not sent:
                        return
                    if end is client and self._words is not None and self._words in sent:
                        self._words = None
                        self._lose.set()
                    if end is server and self._lose.is_set():
                        self._lose.clear()
                        self.lost.set()
                        return
                    (server if end is client else client).sendall(sent)

    def _to_server(self) -> socket.socket:
        if self._host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{self._host}/.s.PGSQL.{self._port}")
            return server
        return socket.create_connection((self._host, self._port))

    def close(self) -> None:
        """Hang up on everybody."""
        self._ended.set()


@contextmanager
def a_lossy_line(dsn: str) -> Iterator[LossyLine]:
    """A line to the server at ``dsn``; connect to the ``dsn`` of the line."""
    line = LossyLine(dsn)
    thread = Thread(target=line.run)
    thread.start()
    try:
        yield line
    finally:
        line.close()
        thread.join()
