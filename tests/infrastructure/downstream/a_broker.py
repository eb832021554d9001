"""A real NATS server for a test, with accounts for its landlords, on any free port of this machine."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import nats

from infrastructure.downstream.broker.embedded import EmbeddedBroker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator

    from nats.aio.client import Client

    from infrastructure.downstream.broker.accounts import Login

T = TypeVar("T")

PATIENCE = 30.0  # seconds that anything at the broker may take in a test


@contextmanager
def a_broker(*landlords: str, data: Path | None = None) -> Iterator[EmbeddedBroker]:
    """A running server for these landlords; its folder goes with it, unless it is given as `data`."""
    if data is not None:
        with EmbeddedBroker.start(data, 0, landlords) as broker:
            yield broker
        return
    # Not TMPDIR, which may be closed to the account that is lent to the server.
    with tempfile.TemporaryDirectory(prefix="evenhand-broker-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedBroker.start(Path(folder, "data"), 0, landlords) as broker:
            yield broker


@asynccontextmanager
async def a_client(broker: EmbeddedBroker, login: Login, *, comes_back: bool = False) -> AsyncIterator[Client]:
    """A client of the broker that complains to nobody; it is closed at the end."""

    async def quiet(_: Exception) -> None:
        pass

    client = await nats.connect(
        broker.url,
        user=login.user,
        password=login.password,
        allow_reconnect=comes_back,
        reconnect_time_wait=0.1,
        max_reconnect_attempts=-1,
        connect_timeout=5,
        error_cb=quiet,
    )
    try:
        yield client
    finally:
        await client.close()


def done(work: Coroutine[Any, Any, T]) -> T:
    """What an asynchronous part of a test comes to, within a bounded time."""
    return asyncio.run(asyncio.wait_for(work, PATIENCE))
