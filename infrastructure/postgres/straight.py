"""A statement and its answer in one call: for the few that everybody waits for.

psycopg's cursors send, wait and fetch in steps, and let go of the interpreter lock at each; with many threads at work,
whoever works for all of them would have to come by it again four times for one answer. libpq's own call lets go once.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from psycopg import Connection, OperationalError
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.pq.abc import PGresult

# Statements that one connection keeps prepared; a landlord has a few of its own.
PREPARED: Final = 50

_ANSWERED: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


class StraightConnection(Connection[Any]):
    """A connection that can also be asked straight, outside a transaction of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - whatever psycopg hands to its own
        super().__init__(*args, **kwargs)
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._numbered = 0

    def ask(self, statement: bytes, params: Sequence[bytes]) -> list[tuple[bytes | None, ...]]:
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

    def _asked(self, statement: bytes, params: Sequence[bytes]) -> PGresult:
        name = self._name_of(statement)
        result = self.pgconn.exec_prepared(name, params, [Format.BINARY] * len(params), Format.TEXT)
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
            raise OperationalError("the connection was lost while the server was asked")
        raise error_from_result(result)


def asked_straight(conn: Connection[Any], statement: bytes, params: Sequence[bytes]) -> list[tuple[bytes | None, ...]]:
    """As `ask`, over a connection of the pool, which are all of that kind."""
    if not isinstance(conn, StraightConnection):
        raise TypeError("only connections of the pool can be asked straight")
    return conn.ask(statement, params)
