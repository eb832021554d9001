"""Operators see on the command line where events are brought, and what waits."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from infrastructure.cli import app
from infrastructure.downstream.webhooks.records import NewEndpoint
from tests.infrastructure.downstream.webhooks.a_post import Post, eventually
from tests.infrastructure.downstream.webhooks.a_receiver import a_receiver


def test_endpoints_are_printed_with_what_waits(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = post.house.evenhand.settings
    monkeypatch.setenv("EVENHAND_DATA", str(settings.data))
    monkeypatch.setenv("EVENHAND_KEYS", str(settings.keys))
    monkeypatch.setenv("DATABASE_URL", str(settings.database))
    with a_receiver(troubled=lambda _: 500) as receiver, post.worker():
        failing, secret = post.endpoint(receiver)
        case = post.case()
        eventually(lambda: post.office.webhooks.cases(failing.endpoint))
    off, _ = post.endpoint("https://hooks.invalid/off")
    post.office.webhooks.disable(off.endpoint, "by_hand", "tester", "A test.")
    ended = post.subscriber()
    post.endpoint("https://hooks.invalid/ended", subscriber=ended)
    post.end_subscriber(ended)
    new = NewEndpoint(subscriber=off.subscriber, url="https://hooks.invalid/new", position=0, confirmed=False)
    post.office.webhooks.register(new, "tester", "A test.")
    said = CliRunner().invoke(app, ["webhooks", "derby"])
    assert said.exit_code == 0, said.output
    assert f"{failing.endpoint} {failing.subscriber}: active, nothing taken since" in said.output
    assert f"case {case}: 1 of 25 tries, from position" in said.output
    assert f"{off.endpoint} {off.subscriber}: disabled (by_hand) since" in said.output
    assert f"{ended}: its subscriber follows no more" in said.output
    assert f"{off.subscriber}: unconfirmed" in said.output
    assert secret not in said.output
