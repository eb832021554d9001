"""Writes the OpenAPI document that callers rely on: `python -m tests.golden.make_openapi`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infrastructure.downstream.broker.publishing import Standing
from infrastructure.downstream.tail import Tails
from infrastructure.http.app import create_app
from infrastructure.jobs import Jobs
from infrastructure.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infrastructure.downstream.webhooks.outside import Outside
    from infrastructure.office import Office
    from infrastructure.scheduler import LastTick
    from infrastructure.tokens import Tokens

GOLDEN = Path(__file__).with_name("openapi.json")


class Nobody:
    """A service with no landlord and no tokens: the document tells of neither."""

    landlords: tuple[str, ...] = ()
    jobs = Jobs()
    metrics = Metrics(dict)
    metrics_open = False
    evidence_bytes = 0

    @property
    def tokens(self) -> Tokens:
        """None can be asked for; only the routes are wanted."""
        return None  # type: ignore[return-value]

    def tails(self) -> Tails:
        """Nobody waits."""
        return Tails()

    def last_ticks(self) -> Mapping[str, LastTick]:
        """Nothing goes by for nobody."""
        return {}

    def broker(self) -> Mapping[str, Standing]:
        """Nobody publishes."""
        return {}

    @property
    def webhooks_origin(self) -> str:
        """Nobody calls out."""
        return ""

    def outside(self) -> Outside:
        """Nor may they."""
        raise LookupError

    def callback_tokens(self, landlord: str) -> tuple[str, ...]:  # noqa: ARG002 - of nobody
        """Nobody calls back."""
        return ()

    def office(self, landlord: str) -> Office:
        """No landlord has one."""
        raise LookupError(landlord)


def document() -> dict[str, Any]:
    """The OpenAPI document as it is now."""
    return create_app(Nobody()).openapi()


def text() -> str:
    """The document as it is kept."""
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(text(), encoding="utf-8")
