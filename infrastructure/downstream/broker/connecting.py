"""How a landlord's stream is reached, and what can be wrong on the way, each with what to do about it."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import nats.errors
from nats.aio.client import Client

from infrastructure.downstream.broker.names import stream_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from infrastructure.downstream.broker.accounts import Login

CONNECTING: Final = 5  # seconds for a connection, after which the next try is due
SIGN_OF_LIFE: Final = 10  # seconds between two; after two without an answer the connection is lost
CLOSING: Final = 2.0  # seconds that saying goodbye may take

Divergence = Literal["ahead", "unequal", "emptied", "foreign"]

_SAYS: Final[dict[Divergence, str]] = {
    "ahead": "The stream holds events that the log has not reached: the log was restored from an older backup.",
    "unequal": "The stream holds other events than the log: one of them was restored from a backup of another time.",
    "emptied": "The stream was emptied, and its end is not to be seen any more.",
    "foreign": "The stream holds messages that this service did not publish, or takes other subjects than its own.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where a landlord's stream is, and as whom it is published to."""

    landlord: str
    servers: tuple[str, ...]
    login: Login
    trusted: Path | None = None  # certificates, where they are not those of the system

    @property
    def stream(self) -> str:
        """The name of the stream."""
        return stream_of(self.landlord)


class Lost(Exception):
    """The broker does not answer, or no longer; nothing is lost, and it is tried again."""


class NotLetIn(Lost):
    """The broker does not take our password."""


class NotSealed(Exception):
    """The server does not encrypt, and was to."""


class SteppedDown(Exception):
    """Somebody else published to this stream: the log is looked at anew before anything more is."""


class Diverged(Exception):
    """What the stream holds does not follow from the log; nothing is published until somebody has decided."""

    def __init__(self, why: Divergence) -> None:
        super().__init__(_SAYS[why])
        self.why = why


@asynccontextmanager
async def connected(access: Access, lost: Callable[[], None] = lambda: None) -> AsyncIterator[Client]:
    """A connection that is never mended: what was under way is found out from the stream. Raises `Lost`.

    `lost` is called as soon as it is.
    """

    async def quiet(_: Exception) -> None:
        """Whoever waits for an answer is told; the client would write a page into the log."""

    async def closed() -> None:
        lost()

    client = Client()
    sealed = any(server.startswith("tls:") for server in access.servers)

    def password() -> str:
        """Asked for when the connection is as safe as it will be."""
        if sealed and not client._server_info.get("tls_required"):  # noqa: SLF001 - the client goes on without
            raise NotSealed
        return access.login.password

    try:
        await client.connect(
            list(access.servers),
            name="evenhand",
            user=access.login.user,
            password=password,
            tls=ssl.create_default_context(cafile=str(access.trusted) if access.trusted else None) if sealed else None,
            allow_reconnect=False,
            # Before the first connection it tries again by itself, two minutes long unless told otherwise.
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=CONNECTING,
            ping_interval=SIGN_OF_LIFE,
            error_cb=quiet,
            closed_cb=closed,
            skip_subject_validation=True,  # they are all of our own making
        )
    except (NotSealed, nats.errors.Error, OSError, TimeoutError) as error:
        await _said_goodbye(client)
        if isinstance(error, NotSealed):
            raise Lost("The broker offers no encryption, and its address asks for it: no password was sent.") from None
        if "authorization" in str(error).lower():
            raise NotLetIn("The broker does not take the password of the landlord's publisher.") from error
        raise Lost(f"The broker does not answer ({type(error).__qualname__}).") from error
    try:
        yield client
    finally:
        await _said_goodbye(client)


async def _said_goodbye(client: Client) -> None:
    left = list(client._subs.values())  # noqa: SLF001 - see below
    with suppress(Exception):
        await asyncio.wait_for(client.close(), CLOSING)
    # Where its last write fails, the client leaves the tasks behind that wait for messages.
    for task in (subscription._wait_for_msgs_task for subscription in left):  # noqa: SLF001
        if task is not None:
            task.cancel()
