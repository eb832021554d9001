"""Takes webhook calls: checks who sent them, hands on each event once, and answers what the sender understands.

For whichever HTTP server: `take` wants headers and the body as bytes, and gives a status; `allowed` answers the
validation request (OPTIONS) of the CloudEvents specification for webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Final

from standardwebhooks import Webhook, WebhookVerificationError

from .events import PREFIX, NotAnEvent, event_of
from .follower import Follower

TEST: Final = f"{PREFIX}test"
START_OVER: Final = f"{PREFIX}start-over"  # what lies before is not brought any more: the present state is to be read

TAKEN: Final = 204
NOT_AN_EVENT: Final = 400
NOT_SIGNED: Final = 401


class Receiver:
    """Receives for one endpoint, in however many threads; make one, and keep it.

    `secrets` gives those that may have signed (`whsec_…`): while one is replaced, the old and the new. The `follower`
    may follow the feed as well, though not at the same moment: an event that came by both roads is handed on once.
    What its `told` raises goes through: answer 500 then, and the call is made again.
    """

    def __init__(self, secrets: Callable[[], Iterable[str]], follower: Follower) -> None:
        self._secrets = secrets
        self._follower = follower
        self._one_at_a_time = Lock()
        self._told_to_start_over: str | None = None

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take one call; the status to answer with, once what it brought is kept."""
        named = {name.lower(): value for name, value in headers.items()}
        if not self._signed(named, body):
            return NOT_SIGNED
        try:
            told = json.loads(body)
            kind = told.get("type") if isinstance(told, dict) else None
            event = None if kind in (TEST, START_OVER) else event_of(told)
        except (NotAnEvent, ValueError):
            return NOT_AN_EVENT
        with self._one_at_a_time:
            if event is not None:
                self._follower.receive(event)
            elif kind == START_OVER:
                self._start_over(named["webhook-id"])
        return TAKEN

    def _start_over(self, call: str) -> None:
        """Read a snapshot; should that take longer than the sender waits, the next try of this call goes on with it."""
        if call != self._told_to_start_over:
            self._follower.start_over()
            self._told_to_start_over = call
        self._follower.begin()

    def allowed(self, headers: Mapping[str, str], origin: str) -> dict[str, str]:
        """Headers of the answer to OPTIONS: calls from this origin are welcome, and from no other."""
        asked = {name.lower(): value for name, value in headers.items()}.get("webhook-request-origin")
        return {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"} if asked == origin else {}

    def _signed(self, headers: dict[str, str], body: bytes) -> bool:
        for secret in self._secrets():
            try:
                Webhook(secret).verify(body, headers)
            except WebhookVerificationError:
                continue
            return True
        return False
