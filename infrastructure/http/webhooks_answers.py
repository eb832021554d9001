"""What is sent and answered about webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.decisions.subscribers import Slug
from infrastructure.downstream.webhooks.addresses import LONGEST
from infrastructure.downstream.webhooks.signing import Scheme
from infrastructure.http.people import Detail

LONGEST_LIFE: Final = 24 * 30  # hours that an old secret is good for beside a new one
State = Literal["unconfirmed", "active", "disabled"]
PublicName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class _Act(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    why: Detail
    """The reason, for the history of what was done; it names nobody."""


class RegisterWebhook(_Act):
    """Has the events that a subscriber may follow brought to an address of its own, once its receiver agreed.

    With `handshake`, the receiver is asked now, as the CloudEvents specification of web hooks says: it answers
    `OPTIONS` with `WebHook-Allowed-Origin`. With `test-call` it has to take a test call
    (`POST /v1/webhooks/{endpoint}/test`) before anything is brought. The answer holds the secret, or the public key,
    that its receiver checks signatures with. A secret is shown this once.
    """

    subscriber: Slug
    """Whose receiver it is, by the code that it is registered under."""
    url: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    """Where it is. `https`, on an address that is public or that the operator listed; no user name, no fragment."""
    types: Annotated[tuple[PublicName, ...], Field(min_length=1, max_length=200)] | None = None
    """The public names of what it is told; everything of the subscriber's topics unless given."""
    schemas: Annotated[dict[PublicName, int], Field(max_length=200)] = Field(default_factory=dict)
    """Public names with the earlier schema version that it stays on."""
    signature: Scheme = "v1"
    """`v1` is HMAC-SHA256 under a secret that both sides know, `v1a` Ed25519, where it knows the public key alone."""
    validation: Literal["handshake", "test-call"] = "handshake"
    """How its receiver agrees."""
    begins: Literal["now", "start"] = "now"
    """With what happens from now on, read `/v1/snapshot` for the rest; or with the first event that there ever was."""


class RotateWebhookSecret(_Act):
    """Makes a new secret; calls carry a signature of each until the time of the old one is over."""

    signature: Scheme | None = None
    """Another kind of signature; the same as before unless given."""
    old_lives_hours: Annotated[int, Field(ge=0, le=LONGEST_LIFE)] = 24
    """For how long the old secret is still good. 0 ends it at once, when it became known to somebody."""


class TestWebhook(_Act):
    """Makes a test call: an event of type `evenhand.test`, signed as all others. One that is taken confirms it."""

    __test__ = False


class DisableWebhook(_Act):
    """Brings an endpoint nothing for now; it keeps its place."""


class ResumeWebhook(_Act):
    """Goes on from the endpoint's place; parked cases from their first event that was not taken."""


class StartWebhookOver(_Act):
    """Goes on from the end of the log. The receiver is told so first, and has to read `/v1/snapshot`."""


class DeleteWebhook(_Act):
    """Brings an endpoint nothing more, for good, and destroys its secrets. What was done and tried stays on record."""


BODIES: dict[str, type[BaseModel]] = {
    "webhooks": RegisterWebhook,
    "rotate": RotateWebhookSecret,
    "test": TestWebhook,
    "disable": DisableWebhook,
    "resume-webhook": ResumeWebhook,
    "start-over": StartWebhookOver,
    "delete": DeleteWebhook,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookShown:
    """An endpoint. Everything up to `position` was taken, but for `behind` cases; of these, `parked` wait for somebody.

    `because` says why it is disabled: by_hand, gone (it answered 410), failing (it took nothing for three days).
    `stopped` is set while its subscriber follows no more.
    """

    endpoint: str
    subscriber: str
    url: str
    types: tuple[str, ...] | None
    schemas: dict[str, int]
    state: State
    because: Literal["by_hand", "gone", "failing"] | None
    stopped: bool
    created_at: datetime
    changed_at: datetime
    position: int
    head: int
    failing_since: datetime | None
    behind: int
    parked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMade:
    """A new endpoint, and what its receiver checks signatures with: `whsec_…`, or the public key `whpk_…`."""

    webhook: WebhookShown
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretMade:
    """What a receiver checks signatures with from now on; `old_until` is the end of what it did before."""

    endpoint: str
    secret: str
    old_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBehind:
    """A case whose event at `position` was not taken, after so many tries since then."""

    case: str
    position: int
    event: str | None
    tries: int
    since: datetime
    next_at: datetime
    parked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAnswer:
    """An endpoint, and the first hundred cases that it is behind on."""

    webhook: WebhookShown
    cases: tuple[CaseBehind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhooksAnswer:
    """All endpoints."""

    webhooks: tuple[WebhookShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestAnswer:
    """What came of a test call. `outcome` is `taken`, `status` for any other status, or why there was no answer."""

    __test__ = False

    endpoint: str
    event: str
    outcome: str
    status: int | None
    took_ms: int
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryShown:
    """One try to bring an event. Neither what was sent nor what was answered is kept."""

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
class DeliveriesAnswer:
    """What was tried, the latest first; `next` leads to earlier tries."""

    deliveries: tuple[DeliveryShown, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookActShown:
    """Something that was done to an endpoint; `detail` holds codes and numbers."""

    number: int
    at: datetime
    act: str
    actor: str
    why: str | None
    detail: dict[str, str | int | bool] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookActsAnswer:
    """What was done to an endpoint, the latest first; `next` leads to earlier acts."""

    acts: tuple[WebhookActShown, ...]
    next: str | None
