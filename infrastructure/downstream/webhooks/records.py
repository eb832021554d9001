"""What there is to know of an endpoint: the endpoint itself, its secrets, what waits, what was tried and done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from infrastructure.downstream.webhooks.signing import Scheme, Secret

THE_SERVICE: Final = "service"  # as an actor; no token names such a caller

# Why an endpoint is disabled.
GONE: Final = "gone"  # it answered that it wants nothing any more
FAILING: Final = "failing"  # it took nothing for three days
BY_HAND: Final = "by_hand"


class NoSuchEndpoint(LookupError):
    """No endpoint of this landlord's has this id, or it was deleted."""


class NotNow(Exception):
    """What was asked for does not go with the state that the endpoint is in; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint as it stands. `changes` counts what was done to it, `secret` is the number of its latest secret."""

    endpoint: str
    subscriber: str
    url: str
    types: frozenset[str] | None
    schemas: Mapping[str, int]
    state: str
    because: str | None
    created_at: datetime
    changed_at: datetime
    position: int
    failing_since: datetime | None
    start_over: str | None
    changes: int
    secret: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """An endpoint to add, which is told everything after a position; `confirmed` once its receiver agreed."""

    subscriber: str
    url: str
    position: int
    confirmed: bool
    types: frozenset[str] | None = None
    schemas: Mapping[str, int] = field(default_factory=dict)
    scheme: Scheme = "v1"


@dataclass(frozen=True, slots=True, repr=False)  # it holds a secret
class LiveSecret:
    """A secret, and until when it signs; None for the latest one."""

    secret: Secret
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A case that an endpoint is behind on, since when, and from which event."""

    case_id: str
    position: int
    event: str | None
    tries: int
    since: datetime
    next_at: datetime
    parked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that was done to an endpoint."""

    number: int
    at: datetime
    act: str
    actor: str
    why: str | None
    detail: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One try. `outcome` is `taken`, `status` for any other status, or why there was no answer."""

    number: int
    at: datetime
    event: str
    type: str
    case: str | None
    position: int | None
    tries: int
    outcome: str
    status: int | None
    took_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTask:
    """Something about a webhook that a person has to look at: a parked case, or an endpoint that was disabled."""

    endpoint: str
    subscriber: str
    kind: str  # parked | disabled
    because: str
    since: datetime
    case: str | None = None
    position: int | None = None
    event: str | None = None
