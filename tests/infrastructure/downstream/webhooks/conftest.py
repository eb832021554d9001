"""What tests of webhooks share: a landlord whose events nobody brings anywhere until a test does."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from infrastructure import bootstrap
from tests.infrastructure.downstream.webhooks.a_post import Post
from tests.infrastructure.http.a_house import House, a_house


class NobodyBrings:
    """No worker: the tests begin their own."""

    def __init__(self, *_: object, **__: object) -> None:
        """Whatever is asked."""

    def start(self) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""


@pytest.fixture(scope="package")
def webhook_house(postgres_dsn: str, reachable_folder: Path) -> Iterator[House]:
    """Three landlords, over a database of their own."""
    name = f"evenhand_test_{uuid.uuid4().hex}"
    with pytest.MonkeyPatch.context() as patched, psycopg.connect(postgres_dsn, autocommit=True) as connection:
        patched.setattr(bootstrap, "WebhookWorker", NobodyBrings)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        dsn = make_conninfo(postgres_dsn, dbname=name)
        with a_house(dsn, reachable_folder / name, ["derby", "maidstone", "wolverhampton"]) as opened:
            opened.evenhand.settings = replace(opened.evenhand.settings, webhooks_allow="127.0.0.1")
            yield opened
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def post(webhook_house: House) -> Iterator[Post]:
    """Derby's webhooks; whatever endpoints a test leaves behind are deleted."""
    made = Post(webhook_house, webhook_house.evenhand.office("derby"))
    yield made
    for one in made.office.webhooks.all():
        made.office.webhooks.delete(one.endpoint, "tester", "The test is over.")
