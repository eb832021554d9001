"""A statement and its answer in one call, or a whole transaction in two: for what everybody waits for.

psycopg's cursors send, wait and fetch in steps, and let go of the interpreter lock at each; with many threads at work,
whoever works for all of them would have to come by it again four times for one answer. libpq's own call lets go once.
"""

from __future__ import annotations

import select
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from psycopg import Connection, OperationalError
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg.pq.abc import PGresult

# Statements that one connection keeps prepared; a landlord has a few of its own.
PREPARED: Final = 500

_LOST: Final = "the connection was lost while the server was asked"
_ANSWERED: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


class Asked(NamedTuple):
    """A statement with parameters $1, $2, … and their values in binary form, None for a null."""

    statement: bytes
    params: Sequence[bytes | None]


class _Bounds(NamedTuple):
    begin: bytes
    keep: bytes
    undo: bytes


_WHOLE: Final = _Bounds(b"BEGIN", b"COMMIT", b"ROLLBACK")
_PART: Final = _Bounds(b"SAVEPOINT together", b"RELEASE together", b"ROLLBACK TO together")


class StraightConnection(Connection[Any]):
    """A connection that can also be asked straight, outside a transaction of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - whatever psycopg hands to its own
        super().__init__(*args, **kwargs)
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._numbered = 0

    def ask(self, statement: bytes, params: Sequence[bytes | None]) -> list[tuple[bytes | None, ...]]:
        """The rows of a statement with parameters $1, $2, … in binary form and its values in text form.

        Cannot be interrupted: the server's own timeouts bound it. Raises what psycopg would raise.
        """
        try:
            result = self._asked(statement, params)
        except InvalidSqlStatementName:
            # psycopg deallocates everything that is prepared, ours too, when a table may have changed under it.
            self._kept.clear()
            result = self._asked(statement, params)
        return [
            tuple(result.get_value(row, column) for column in range(result.nfields)) for row in range(result.ntuples)
        ]

    @contextmanager
    def together(self, asked: Sequence[Asked]) -> Iterator[None]:
        """These statements done, all of them sent together in a transaction of their own.

        It is committed at the end, and undone when the caller raises; within another transaction it is a part of that
        one. Raises what psycopg would raise, for the first statement that failed; then nothing is left of the others.
        """
        bounds = _WHOLE if self.pgconn.transaction_status == TransactionStatus.IDLE else _PART
        try:
            self._together(asked, bounds)
        except InvalidSqlStatementName:
            self._kept.clear()
            self._together(asked, bounds)
        try:
            yield
        except BaseException:
            self.end(bounds.undo)
            raise
        self._check(self.end(bounds.keep))

    def _together(self, asked: Sequence[Asked], bounds: _Bounds) -> None:
        named = [(self._name_of(one.statement), one.params) for one in asked]
        self.pgconn.enter_pipeline_mode()
        try:
            self.pgconn.send_query_params(bounds.begin, None)
            for name, params in named:
                self.pgconn.send_query_prepared(name, params, [Format.BINARY] * len(params), Format.TEXT)
            self.pgconn.pipeline_sync()
            results = self._results()
        except BaseException:
            # Answers may be under way that nobody waits for any more: nothing else can be asked over this line.
            self.close()
            raise
        self.pgconn.exit_pipeline_mode()
        try:
            for result in results:
                self._check(result)
        except BaseException:
            self.end(bounds.undo)
            raise

    def end(self, how: bytes) -> PGresult:
        """End a transaction that `together` began."""
        return self.pgconn.exec_(how)

    def _results(self) -> list[PGresult]:
        """What the server says to everything that was sent."""
        results: list[PGresult] = []
        while (result := self._next_result()) is None or result.status != ExecStatus.PIPELINE_SYNC:
            if result is not None:
                results.append(result)
            elif self.pgconn.status == ConnStatus.BAD:
                raise OperationalError(_LOST)
        return results

    def _next_result(self) -> PGresult | None:
        """Waits on the socket: libpq's own wait would keep the interpreter lock, and with it the whole process."""
        line = select.poll()
        while self.pgconn.flush():
            line.register(self.pgconn.socket, select.POLLIN | select.POLLOUT)
            line.poll()
            self.pgconn.consume_input()
        line.register(self.pgconn.socket, select.POLLIN)
        while self.pgconn.is_busy():
            line.poll()
            self.pgconn.consume_input()
        return self.pgconn.get_result()

    def _asked(self, statement: bytes, params: Sequence[bytes | None]) -> PGresult:
        name = self._name_of(statement)
        # Nulls are fine here as in the other calls; psycopg's own hint for this one forgot them.
        result = self.pgconn.exec_prepared(
            name, cast("Sequence[bytes]", params), [Format.BINARY] * len(params), Format.TEXT
        )
        self._check(result)
        return result

    def _name_of(self, statement: bytes) -> bytes:
        name = self._kept.get(statement)
        if name is None:
            self._numbered += 1
            name = b"evenhand_%d" % self._numbered
            self._check(self.pgconn.prepare(name, statement))
            if len(self._kept) >= PREPARED:
                _, oldest = self._kept.popitem(last=False)
                self._check(self.pgconn.exec_(b"DEALLOCATE " + oldest))
            self._kept[statement] = name
        else:
            self._kept.move_to_end(statement)
        return name

    def _check(self, result: PGresult) -> None:
        if result.status in _ANSWERED:
            return
        if self.pgconn.status == ConnStatus.BAD:
            raise OperationalError(_LOST)
        raise error_from_result(result)


def straight(conn: Connection[Any]) -> StraightConnection:
    """The same connection, known to be one that can be asked straight."""
    if not isinstance(conn, StraightConnection):
        raise TypeError("only connections of the pool, and those of whoever keeps read models, can be asked straight")
    return conn
