"""The builds of one landlord's read models: how far each has come, who keeps it, which one is read, what is blocked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple

from psycopg.errors import DivisionByZero
from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL, Identifier

from infrastructure.code_version import CODE_VERSION
from infrastructure.postgres.arrays import bigint, boolean, integers, text, texts
from infrastructure.postgres.straight import Asked, straight

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

    from infrastructure.engine.projecting import Failure
    from projections.view import View

# States of a build. Which of the complete ones is read is not a state but the pointer's business.
BUILDING: Final = "building"
VERIFYING: Final = "verifying"
DIFFERING: Final = "differing"  # verified, and waiting until somebody accepts what differs
COMPLETE: Final = "complete"
FAILED: Final = "failed"

# Every build there is, the one that is read marked.
_ALL: Final = """
    SELECT projection, build, version, state, base, slices, position, owner, code_version,
        extract(epoch FROM clock_timestamp() - left_at)::float8, serving.build IS NOT NULL, coalesce(paused, false)
    FROM {schema}.build LEFT JOIN {schema}.serving USING (projection, build) ORDER BY projection, build
"""

# A further build of a read model. No number comes twice: whoever still works on a dropped build finds nothing there.
_ADD: Final = """
    INSERT INTO {schema}.build (projection, build, version, state, base, slices, code_version)
    SELECT %(projection)s, coalesce(max(known.build), 0) + 1, %(version)s, %(state)s, %(base)s, %(slices)s, %(code)s
    FROM (
        SELECT build FROM {schema}.build WHERE projection = %(projection)s
        UNION ALL SELECT build FROM {schema}.projection_act WHERE projection = %(projection)s
    ) AS known
    RETURNING build
"""

# Readers are answered from this build from now on, and from no other.
_POINT: Final = """
    INSERT INTO {schema}.serving (projection, build) VALUES (%(projection)s, %(build)s)
    ON CONFLICT (projection) DO UPDATE SET build = EXCLUDED.build
"""
_LEAVE: Final = """
    UPDATE {schema}.build SET left_at = CASE WHEN build = %(build)s THEN NULL ELSE clock_timestamp() END
    WHERE projection = %(projection)s
        AND (build = %(build)s OR build = (SELECT build FROM {schema}.serving WHERE projection = %(projection)s))
"""

# Makes somebody the one who moves these builds.
_CLAIM: Final = """
    UPDATE {schema}.build SET owner = %(owner)s, heartbeat = clock_timestamp()
    FROM unnest(%(names)s::text[], %(builds)s::integer[]) AS named (projection, build)
    WHERE build.projection = named.projection AND build.build = named.build
"""

# Moves these builds, if they are still where their owner left them and nobody told it to stop. Otherwise it fails, by a
# division by zero, so that the server skips whatever was sent with it.
_MOVE: Final = """
    WITH moved AS (
        UPDATE {schema}.build SET position = $5::bigint, heartbeat = clock_timestamp()
        FROM unnest($1::text[], $2::integer[]) AS named (projection, build)
        WHERE build.projection = named.projection AND build.build = named.build
            AND owner = $3::text AND position = $4::bigint
            AND ($6::boolean OR EXISTS (
                SELECT FROM {schema}.serving
                WHERE serving.projection = build.projection AND serving.build = build.build AND NOT paused
            ))
        RETURNING 1
    )
    SELECT 1 / (count(*) = cardinality($1::text[]))::integer FROM moved
"""

# The slices of a build that are in, and the mark that all of them are.
_FILLED: Final = "SELECT slice FROM {schema}.filled WHERE projection = %(projection)s AND build = %(build)s"
_EVENTS_FILLED: Final = """
    SELECT coalesce(sum(events), 0) FROM {schema}.filled WHERE projection = %(projection)s AND build = %(build)s
"""
_FILL: Final = """
    UPDATE {schema}.build SET position = greatest(position, base)
    WHERE projection = %(projection)s AND build = %(build)s
"""

_SET_STATE: Final = (
    "UPDATE {schema}.build SET state = %(state)s WHERE projection = %(projection)s AND build = %(build)s"
)

_SET_PAUSED: Final = (
    "UPDATE {schema}.serving SET paused = %(paused)s WHERE projection = %(projection)s AND paused <> %(paused)s"
)

# Keeps whoever moves this build waiting until the transaction ends.
_LOCK: Final = "SELECT position FROM {schema}.build WHERE projection = %(projection)s AND build = %(build)s FOR UPDATE"

# Says that the owner is alive, although there was nothing to do.
_BEAT: Final = "UPDATE {schema}.build SET heartbeat = clock_timestamp() WHERE owner = %(owner)s"

# Notes that a case cannot be told from a position on.
_BLOCK: Final = """
    INSERT INTO {schema}.blocked AS known (projection, build, case_id, position, error, attempts, since, code_version)
    VALUES (%(projection)s, %(build)s, %(case)s, %(position)s, %(error)s, 1, clock_timestamp(), %(code)s)
    ON CONFLICT (projection, build, case_id) DO UPDATE
    SET position = EXCLUDED.position, error = EXCLUDED.error, attempts = known.attempts + 1,
        code_version = EXCLUDED.code_version
"""

# Lets cases go that could be told to their end.
_UNBLOCK: Final = """
    DELETE FROM {schema}.blocked
    WHERE projection = %(projection)s AND build = %(build)s AND case_id = ANY(%(cases)s::text[])
"""

# Everything that is blocked, the landlord's own stream too.
_BLOCKED: Final = """
    SELECT projection, build, case_id, position, error, attempts, since, code_version
    FROM {schema}.blocked ORDER BY case_id, projection, build
"""

# How far each build is beside the log.
_HEALTH: Final = """
    SELECT projection, build.build, version, state, build.position, head.position,
        (SELECT recorded_at FROM {schema}.event WHERE event.position = build.position + 1),
        owner, extract(epoch FROM clock_timestamp() - heartbeat)::float8,
        serving.build IS NOT NULL, coalesce(paused, false), base, slices,
        (SELECT count(*) FROM {schema}.filled
            WHERE filled.projection = build.projection AND filled.build = build.build),
        NOT EXISTS (
            SELECT FROM pg_class AS own JOIN pg_class AS kept USING (relnamespace) WHERE own.oid = build.tableoid
                AND kept.relname = concat(projection, '_v', version, '_b', build.build)
        )
    FROM {schema}.build LEFT JOIN {schema}.serving USING (projection, build) CROSS JOIN {schema}.head
    ORDER BY projection, build.build
"""

_ASK_REFOLD: Final = """
    INSERT INTO {schema}.refold (case_id) SELECT DISTINCT unnest(%(cases)s::text[])
    ON CONFLICT (case_id) DO UPDATE SET asked_at = EXCLUDED.asked_at
"""
_ASKED_REFOLD: Final = "SELECT case_id, asked_at FROM {schema}.refold ORDER BY asked_at, case_id LIMIT %(limit)s"
_REFOLDED: Final = """
    DELETE FROM {schema}.refold USING unnest(%(cases)s::text[], %(asked)s::timestamptz[]) AS done (case_id, asked_at)
    WHERE refold.case_id = done.case_id AND refold.asked_at = done.asked_at
"""
_FORGET: Final = "DELETE FROM {schema}.build WHERE projection = %(projection)s AND build = %(build)s"


def table_name(projection: str, version: int, build: int) -> str:
    """The name of the table of one build, in the landlord's schema."""
    return f"{projection}_v{version}_b{build}"


class Deposed(Exception):
    """Somebody else has moved or claimed these builds; what was about to be written is theirs to write."""


@dataclass(frozen=True, slots=True)
class Build:
    """One build of a read model; `base` and `slices` are about how it was filled, see the schema.

    `left_for` is how many seconds ago readers were sent elsewhere, None when they never were here or are here again.
    """

    projection: str
    build: int
    version: int
    state: str
    base: int
    slices: int
    position: int
    owner: str | None
    code_version: str
    left_for: float | None
    serving: bool
    paused: bool

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from other builds."""
        return self.projection, self.build

    @property
    def table(self) -> str:
        """The name of its table."""
        return table_name(self.projection, self.version, self.build)


class Move(NamedTuple):
    """Builds on their way from one position to the next; with `apart`, also those that are not read."""

    keys: Sequence[tuple[str, int]]
    owner: str
    start: int
    end: int
    apart: bool = False


@dataclass(frozen=True, slots=True)
class BlockedCase:
    """A case whose rows say nothing of the event at `position` and later; `attempts` counts the failures."""

    projection: str
    build: int
    case_id: str
    position: int
    error: str
    attempts: int
    since: datetime
    code_version: str


@dataclass(frozen=True, slots=True)
class Progress:
    """One build beside its log.

    `behind_since` is when the first event was recorded that it does not account for, None when it is up to date;
    `heartbeat_age` is in seconds, None while nobody ever kept it. `filled` of `slices` are in a build under way.
    `lost`: its table is not there any more, dropped by hand or left out of a backup.
    """

    projection: str
    build: int
    version: int
    state: str
    position: int
    head: int
    behind_since: datetime | None
    owner: str | None
    heartbeat_age: float | None
    serving: bool
    paused: bool
    base: int
    slices: int
    filled: int
    lost: bool

    @property
    def table(self) -> str:
        """The name of its table."""
        return table_name(self.projection, self.version, self.build)


@dataclass(frozen=True, slots=True)
class Health:
    """How the read models of one landlord are doing."""

    progress: tuple[Progress, ...]
    blocked: tuple[BlockedCase, ...]


class Builds:
    """The builds in one landlord's schema. Every method works within the caller's transaction."""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        self._schema = Identifier(schema)
        self._filled: dict[str, bytes] = {}

    def all(self, conn: Connection[Any]) -> list[Build]:
        """Every build, by read model and number."""
        return conn.cursor(row_factory=args_row(Build)).execute(self._sql(_ALL)).fetchall()

    def add(self, conn: Connection[Any], view: View[Any], state: str, base: int = 0, slices: int = 0) -> int:
        """The number of a further build of a read model."""
        params = {"projection": view.name, "version": view.version, "state": state, "base": base, "slices": slices}
        [(build,)] = self._tuples(conn, _ADD, {**params, "code": CODE_VERSION}).fetchall()
        return int(build)

    def forget(self, conn: Connection[Any], build: Build) -> None:
        """Take a build off the list, with everything noted of it; the caller drops its table."""
        conn.execute(self._sql(_FORGET), _of(build.key))

    def point(self, conn: Connection[Any], key: tuple[str, int]) -> None:
        """Answer readers from this build, and no longer from the one that they are answered from."""
        conn.execute(self._sql(_LEAVE), _of(key))
        conn.execute(self._sql(_POINT), _of(key))

    def claim(self, conn: Connection[Any], keys: Iterable[tuple[str, int]], owner: str | None) -> None:
        """Make `owner` the one who moves these builds."""
        conn.execute(self._sql(_CLAIM), {**_named(keys), "owner": owner})

    @contextmanager
    def moved(self, conn: Connection[Any], move: Move, also: Sequence[Asked] = ()) -> Iterator[None]:
        """Move builds, in one transaction with whatever is `also` asked and with what the caller then does.

        Raises `Deposed` unless the owner holds each of them there, and may move it; then nothing of it stays.
        """
        names, builds = zip(*move.keys, strict=True)
        start, end = bigint(move.start), bigint(move.end)
        params = (texts(names), integers(builds), text(move.owner), start, end, boolean(move.apart))
        with ExitStack() as until_kept:
            try:
                until_kept.enter_context(straight(conn).together([Asked(self._sql(_MOVE), params), *also]))
            except DivisionByZero as not_moved:
                told = ", ".join(f"{name} {build}" for name, build in move.keys)
                raise Deposed(
                    f"{move.owner} does not hold {told} at position {move.start} any more, or is to leave them there"
                ) from not_moved
            yield

    def filled(self, conn: Connection[Any], key: tuple[str, int]) -> frozenset[int]:
        """The slices that are in a build."""
        return frozenset(number for (number,) in self._tuples(conn, _FILLED, _of(key)))

    def events_filled(self, conn: Connection[Any], key: tuple[str, int]) -> int:
        """How many events the slices that are in were made of."""
        [(events,)] = self._tuples(conn, _EVENTS_FILLED, _of(key)).fetchall()
        return int(events)

    def fill(self, conn: Connection[Any], key: tuple[str, int]) -> None:
        """All slices are in: the rows account for the log up to the base."""
        conn.execute(self._sql(_FILL), _of(key))

    def lock(self, conn: Connection[Any], key: tuple[str, int]) -> int:
        """The position of a build, which nobody moves until the transaction ends."""
        [(position,)] = self._tuples(conn, _LOCK, _of(key)).fetchall()
        return int(position)

    def set_state(self, conn: Connection[Any], keys: Iterable[tuple[str, int]], state: str) -> None:
        """Note what these builds are at."""
        for key in keys:
            conn.execute(self._sql(_SET_STATE), {**_of(key), "state": state})

    def set_paused(self, conn: Connection[Any], projection: str, *, paused: bool) -> bool:
        """Stop or go on moving the build that is read; False when it is so already."""
        return conn.execute(self._sql(_SET_PAUSED), {"projection": projection, "paused": paused}).rowcount > 0

    def beat(self, conn: Connection[Any], owner: str) -> None:
        """Say that `owner` is alive."""
        conn.execute(self._sql(_BEAT), {"owner": owner})

    def block(self, conn: Connection[Any], key: tuple[str, int], failures: Mapping[str, Failure]) -> None:
        """Note, by case, what could not be told."""
        for case, failure in failures.items():
            found = {"case": case, "position": failure.position, "error": failure.error, "code": CODE_VERSION}
            conn.execute(self._sql(_BLOCK), {**_of(key), **found})

    def unblock(self, conn: Connection[Any], key: tuple[str, int], cases: Sequence[str]) -> None:
        """Let these cases go."""
        if cases:
            conn.execute(self._sql(_UNBLOCK), {**_of(key), "cases": list(cases)})

    def blocked(self, conn: Connection[Any]) -> list[BlockedCase]:
        """Every blocked case of every build."""
        return conn.cursor(row_factory=args_row(BlockedCase)).execute(self._sql(_BLOCKED)).fetchall()

    def health(self, conn: Connection[Any]) -> Health:
        """Position against head, heartbeat, and what is blocked."""
        progress = conn.cursor(row_factory=args_row(Progress)).execute(self._sql(_HEALTH)).fetchall()
        return Health(tuple(progress), tuple(self.blocked(conn)))

    # Cases to be folded anew

    def ask_refold(self, conn: Connection[Any], cases: Iterable[str]) -> None:
        """Have whoever leads fold these cases anew."""
        conn.execute(self._sql(_ASK_REFOLD), {"cases": list(cases)})

    def asked_refold(self, conn: Connection[Any], limit: int) -> dict[str, datetime]:
        """Some of the cases that are to be folded anew and when that was asked, the longest waiting first."""
        return dict(self._tuples(conn, _ASKED_REFOLD, {"limit": limit}).fetchall())

    def refolded(self, conn: Connection[Any], asked: Mapping[str, datetime]) -> None:
        """These cases were folded anew; one that was asked for again since then stays."""
        conn.execute(self._sql(_REFOLDED), {"cases": list(asked), "asked": list(asked.values())})

    def _tuples(
        self, conn: Connection[Any], statement: LiteralString, params: Mapping[str, object]
    ) -> Cursor[tuple[Any, ...]]:
        return conn.cursor(row_factory=tuple_row).execute(self._sql(statement), params)

    def _sql(self, statement: LiteralString) -> bytes:
        # Composed once: composing costs more than sending.
        found = self._filled.get(statement)
        if found is None:
            found = self._filled[statement] = SQL(statement).format(schema=self._schema).as_bytes(None)
        return found


def _of(key: tuple[str, int]) -> dict[str, object]:
    return {"projection": key[0], "build": key[1]}


def _named(keys: Iterable[tuple[str, int]]) -> dict[str, object]:
    named = list(keys)
    return {"names": [name for name, _ in named], "builds": [build for _, build in named]}
