"""A client for systems that follow a landlord's restrictions: start from the current state, follow, prove how far.

It stands on its own, so that the folder can be copied: it imports nothing else of this service, and of other people's
code `httpx` alone. Only `client.webhooks` wants `standardwebhooks`, and only `client.broker` wants `nats-py`.
`docs/integration.md` shows it at work.
"""

from .events import Batch, Event, NotAnEvent, event_of
from .follower import Follower
from .restricted import Restricted, in_force, london_day, restricted_on
from .service import Gone, Page, Refused, Service, Unavailable
from .stores import FileStore, Known, Place, SqliteStore, Store

__all__ = [
    "Batch",
    "Event",
    "FileStore",
    "Follower",
    "Gone",
    "Known",
    "NotAnEvent",
    "Page",
    "Place",
    "Refused",
    "Restricted",
    "Service",
    "SqliteStore",
    "Store",
    "Unavailable",
    "event_of",
    "in_force",
    "london_day",
    "restricted_on",
]
