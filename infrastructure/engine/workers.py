"""Slices worked on by several processes at once, each with a connection of its own.

A worker ends when whoever started it does, however that ended: it reads what to do next from a pipe whose other end
nobody else holds. Whatever it had under way is committed as one or not at all.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final

import psycopg

from infrastructure.engine.projecting import Decode, described
from infrastructure.engine.projection_tables import ProjectionTable
from infrastructure.engine.slices import Done, Slices, Stretches
from infrastructure.garbage import settle
from infrastructure.mapper import Mapper
from infrastructure.one_core import on_every_core
from infrastructure.postgres.leading import connected
from infrastructure.sealing import DataKey, KeyName, Sealing
from projections.view import View

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

SLICES_FOR_ONE_PROCESS: Final = 6  # with fewer, starting another process takes longer than the work


class WorkerFailed(Exception):
    """A process that worked on slices failed or was killed; what it had committed stays."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done to slices: "fill" these builds, or "verify" them."""

    dsn: str
    schema: str
    builds: tuple[tuple[View[Any], int], ...]
    stretches: Stretches
    kind: str


def worked_on(
    job: Job, numbers: Collection[int], processes: int | None, decode: Decode | None = None
) -> Iterator[Done]:
    """Every one of these slices, as it is done, in no order. With few slices, or with `decode`, in this process.

    Raises `WorkerFailed`, and in this process what the database raises.
    """
    wanted = processes or os.cpu_count() or 1
    wanted = min(wanted, -(-len(numbers) // SLICES_FOR_ONE_PROCESS))
    if decode is not None or wanted < 2:
        with _at_work(job, decode or reading()) as work:
            for number in numbers:
                yield work(number)
    else:
        yield from _by_processes(job, list(numbers), wanted)


def reading() -> Decode:
    """Reads events without any key: nobody who builds read models needs one."""
    return Mapper(Sealing(_NoKeys())).decode


class _NoKeys:
    def for_sealing(self, names: Collection[KeyName], begun: Collection[str] = ()) -> Mapping[KeyName, DataKey]:  # noqa: ARG002
        raise PermissionError(f"read models are built without keys, and {len(names)} were asked for")

    def for_opening(self, key_ids: Collection[str]) -> Mapping[str, DataKey | None]:
        raise PermissionError(f"read models are built without keys, and {len(key_ids)} were asked for")


class _Work:
    def __init__(self, job: Job, conn: psycopg.Connection[Any], decode: Decode) -> None:
        tables = [ProjectionTable(job.schema, view, build) for view, build in job.builds]
        self._job = job
        self._slices = Slices(conn, job.schema, tables, job.stretches, decode)

    def __call__(self, number: int) -> Done:
        if self._job.kind == "verify":
            return self._slices.verify(number)
        return self._slices.fill(number)


@contextmanager
def _at_work(job: Job, decode: Decode) -> Iterator[_Work]:
    with connected(job.dsn, "evenhand slices") as conn:
        # A crash of the server loses the last slices wholly, and they are filled again. A slice may hold a long case.
        conn.execute(
            "SELECT set_config('synchronous_commit', 'off', false), set_config('statement_timeout', '10min', false)"
        )
        yield _Work(job, conn, decode)


def _by_processes(job: Job, numbers: list[int], processes: int) -> Iterator[Done]:
    todo = iter(numbers)
    started: dict[Pipe, SpawnProcess] = {}
    context = get_context("spawn")
    try:
        for _ in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(job, theirs), name="evenhand slices", daemon=True)
            with _interrupts_held_back(), on_every_core():
                process.start()
                theirs.close()
                started[ours] = process
        busy = {pipe for pipe in started if _hand_out(pipe, todo)}
        while busy:
            ready = wait(list(busy))
            for pipe in [one for one in busy if one in ready]:
                yield _result(pipe)
                if not _hand_out(pipe, todo):
                    busy.remove(pipe)
    finally:
        for pipe in started:
            pipe.close()
        for process in started.values():
            process.join()


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """A process that is started in here never hears a Ctrl-C: whoever started it decides, and closes the pipe.

    What a process does about a signal by itself it can say only once it runs; what is blocked it inherits.
    """
    resource_tracker.ensure_running()  # starting it unblocks what is blocked here
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hand_out(pipe: Pipe, todo: Iterator[int]) -> bool:
    number = next(todo, None)
    if number is not None:
        try:
            pipe.send(number)
        except OSError as gone:
            raise WorkerFailed("a process that worked on slices was killed") from gone
    return number is not None


def _result(pipe: Pipe) -> Done:
    try:
        done = pipe.recv()
    except (EOFError, OSError) as gone:
        raise WorkerFailed("a process that worked on slices was killed") from gone
    if isinstance(done, Done):
        return done
    raise WorkerFailed(str(done))


def _serve(job: Job, pipe: Pipe) -> None:
    """The life of a worker: a number comes, what came of it goes back."""
    gc.disable()  # nothing here refers to itself; collected between slices all the same
    try:
        with _at_work(job, reading()) as work:
            settle()  # otherwise each of these collections goes through every module: a third of the time in all
            while True:
                number = pipe.recv()
                done = work(number)
                pipe.send(done)
                del done
                gc.collect()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:  # noqa: BLE001 - told to whoever started us, who stops everything
        pipe.send(described(error))
