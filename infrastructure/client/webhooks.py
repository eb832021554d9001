"""Takes webhook calls: checks who sent them, hands on each event once, and answers what the sender understands.

For whichever HTTP server: `take` wants headers and the body as bytes, and gives a status; `allowed` answers the
validation request (OPTIONS) of the CloudEvents specification for webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Final

from standardwebhooks import Webhook, WebhookVerificationError

from infrastructure.client.events import PREFIX, NotAnEvent, event_of
from infrastructure.client.follower import Follower

TEST: Final = f"{PREFIX}test"

TAKEN: Final = 204
NOT_AN_EVENT: Final = 400
NOT_SIGNED: Final = 401


class Receiver:
    """Receives for one endpoint, in however many threads.

    `secrets` (`whsec_…`) are those that may have signed: while one is replaced, the old and the new. The `follower` may
    follow the feed as well: an event that came by both roads is handed on once. What its `told` raises goes through:
    answer 500 then, and the call is made again.
    """

    def __init__(self, secrets: Sequence[str], follower: Follower) -> None:
        self._keys = [Webhook(secret) for secret in secrets]
        self._follower = follower
        self._one_at_a_time = Lock()

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take one call; the status to answer with, once what it brought is kept."""
        if not self._signed({name.lower(): value for name, value in headers.items()}, body):
            return NOT_SIGNED
        try:
            told = json.loads(body)
            if isinstance(told, dict) and told.get("type") == TEST:
                return TAKEN
            event = event_of(told)
        except (NotAnEvent, ValueError):
            return NOT_AN_EVENT
        with self._one_at_a_time:
            self._follower.receive(event)
        return TAKEN

    def allowed(self, headers: Mapping[str, str], origin: str) -> dict[str, str]:
        """Headers of the answer to OPTIONS: calls from this origin are welcome, and from no other."""
        asked = {name.lower(): value for name, value in headers.items()}.get("webhook-request-origin")
        return {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"} if asked == origin else {}

    def _signed(self, headers: dict[str, str], body: bytes) -> bool:
        for key in self._keys:
            try:
                key.verify(body, headers)
            except WebhookVerificationError:
                continue
            return True
        return False
