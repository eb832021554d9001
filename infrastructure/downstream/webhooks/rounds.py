"""One landlord's round: a courier for each of its endpoints, begun and ended as endpoints and subscribers now are."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING, Final

from infrastructure.downstream.wanted import wanted_of
from infrastructure.downstream.webhooks.courier import Courier
from infrastructure.key_files import KeysRefused

if TYPE_CHECKING:
    from infrastructure.downstream.wanted import Wanted
    from infrastructure.downstream.webhooks.ground import Ground
    from infrastructure.downstream.webhooks.records import Endpoint, LiveSecret
    from infrastructure.office import Office

logger = logging.getLogger(__name__)

AFTER_TROUBLE: Final = 2.0  # seconds after which a landlord's endpoints are looked at again that could not be read
SWEEP: Final = 3600.0  # seconds between two removals of what was tried long ago


class Round:
    """One landlord that this process leads: a courier for each of its endpoints."""

    def __init__(self, office: Office, ground: Ground) -> None:
        self._office = office
        self._ground = ground
        self._couriers: dict[str, tuple[Courier, asyncio.Task[None]]] = {}
        self._news = asyncio.Event()
        self._thoroughly = True
        self._leaving = False
        self._swept_at = monotonic()
        self._head = -1
        self._unknown = set[str]()  # endpoints that ask for what this release does not know
        self._task = asyncio.create_task(self._go())

    def wake(self, *, thoroughly: bool) -> None:
        """The log grew; `thoroughly`, look at the endpoints as well."""
        self._thoroughly = self._thoroughly or thoroughly
        self._news.set()

    def leave(self) -> None:
        """Begin nothing more."""
        self._leaving = True
        self._news.set()
        for courier, _ in self._couriers.values():
            courier.stop()

    async def end(self) -> None:
        """Likewise, and wait for what is under way."""
        self.leave()
        await asyncio.gather(self._task, *(task for _, task in self._couriers.values()), return_exceptions=True)

    async def _go(self) -> None:
        while not self._leaving:
            self._news.clear()
            try:
                if self._thoroughly:
                    self._thoroughly = False
                    await self._look()
                if self._couriers:
                    await self._tell()
            except Exception as error:  # noqa: BLE001 - the other landlords must not wait for it
                kind = type(error).__qualname__
                logger.warning("%s: its webhooks cannot be looked at (%s)", self._ground.landlord, kind)
                self._thoroughly = True
                await asyncio.sleep(AFTER_TROUBLE)
            await self._news.wait()

    async def _tell(self) -> None:
        head = await self._ground.elsewhere(self._ground.log.refresh)
        if head != self._head:
            self._head = head
            for courier, _ in self._couriers.values():
                courier.wake()

    async def _look(self) -> None:
        """Begin, change and end couriers as the endpoints and their subscribers now are."""
        found = await self._ground.elsewhere(self._ground.endpoints.active)
        for name, (_, task) in list(self._couriers.items()):
            if task.done():
                del self._couriers[name]
        landlord = await self._ground.elsewhere(self._office.desk.state) if found else None
        wanted: dict[str, tuple[Endpoint, Wanted]] = {}
        for endpoint in found:
            subscriber = landlord.subscriber(endpoint.subscriber) if landlord is not None else None
            if subscriber is not None and subscriber.active:
                try:
                    asks = wanted_of(self._ground.landlord, subscriber, types=endpoint.types, schemas=endpoint.schemas)
                except ValueError as unknown:  # a type or schema of another release: nothing is brought meanwhile
                    self._say_unknown(endpoint.endpoint, unknown)
                else:
                    self._unknown.discard(endpoint.endpoint)
                    wanted[endpoint.endpoint] = endpoint, asks
        for name, (courier, _) in self._couriers.items():
            known = wanted.get(name)
            if known is None or known[0].changes != courier.endpoint.changes or known[1] != courier.wanted:
                courier.stop()  # begun anew, if at all, once it has ended
            elif known[0].secret != courier.endpoint.secret and (secrets := await self._secrets(name)):
                courier.secrets, courier.endpoint = secrets, known[0]
        for name, (endpoint, asks) in wanted.items():
            if name not in self._couriers and (secrets := await self._secrets(name)) and not self._leaving:
                courier = Courier(self._ground, endpoint, asks, secrets)
                task = asyncio.create_task(self._run(courier))
                self._couriers[name] = courier, task
        if monotonic() - self._swept_at > SWEEP:
            self._swept_at = monotonic()
            await self._ground.elsewhere(self._ground.progress.forget, self._ground.now())

    def _say_unknown(self, endpoint: str, why: ValueError) -> None:
        """Once, for it is looked at every second."""
        if endpoint not in self._unknown:
            self._unknown.add(endpoint)
            logger.warning("%s: webhook %s is brought nothing: %s", self._ground.landlord, endpoint, why)

    async def _secrets(self, endpoint: str) -> list[LiveSecret]:
        """What its calls are signed with; nothing when that cannot be opened, and then nothing is brought."""
        try:
            return await self._ground.elsewhere(self._ground.endpoints.secrets, endpoint)
        except KeysRefused as refused:
            logger.warning("%s: webhook %s cannot be signed: %s", self._ground.landlord, endpoint, refused)
            return []

    async def _run(self, courier: Courier) -> None:
        try:
            await courier.run()
        except Exception as error:  # noqa: BLE001 - it is begun anew at the next look
            where = (self._ground.landlord, courier.endpoint.endpoint, type(error).__qualname__)
            logger.warning("%s: webhook %s begins anew (%s)", *where)
        self.wake(thoroughly=True)
