"""After a restored backup every place that the log does not have any more is said to be gone, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from infrastructure.bootstrap import build
from infrastructure.http.cursors import cursor
from infrastructure.http.snapshot import LIST
from infrastructure.settings import Settings
from tests.infrastructure.http.a_feed import everything, now, page, stream
from tests.infrastructure.http.a_house import Caller, House, a_house, a_server, answered
from tests.infrastructure.http.a_subscriber import FOLLOW, subscribe

CODE = "housing_system"


@contextmanager
def again(dsn: str, folder: Path) -> Iterator[House]:
    """The service started anew over a database."""
    with build(Settings(data=folder, keys=folder / "keys", database=dsn)) as evenhand:
        evenhand.follow()
        with a_server(evenhand) as address:
            house = House(evenhand, address)
            yield house
            house.http.close()


@pytest.fixture
def databases(postgres_dsn: str) -> Iterator[tuple[str, str]]:
    """The names of a database and of its backup."""
    names = (f"evenhand_test_{uuid4().hex}", f"evenhand_test_{uuid4().hex}")
    with psycopg.connect(postgres_dsn, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(names[0])))
        yield names
        for name in names:
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def a_follower(house: House) -> Caller:
    """The system that follows."""
    return house.caller("derby", CODE, FOLLOW)


def test_a_place_after_the_backup_is_gone_even_when_the_log_has_grown_past_it(
    postgres_dsn: str, reachable_folder: Path, databases: tuple[str, str]
) -> None:
    folder, (name, backup) = reachable_folder / uuid4().hex, databases
    with a_house(make_conninfo(postgres_dsn, dbname=name), folder, ["derby"]) as house:
        follower = subscribe(house, "derby", CODE)
        house.caller("derby").contact()
        before = now(follower)
    with psycopg.connect(postgres_dsn, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(backup), sql.Identifier(name)))
    with again(make_conninfo(postgres_dsn, dbname=name), folder) as house:
        for _ in range(3):
            house.caller("derby").contact()
        lost = everything(a_follower(house), before)
        after = now(a_follower(house))
        head = house.head("derby")

    with again(make_conninfo(postgres_dsn, dbname=backup), folder) as house:
        follower = a_follower(house)
        ahead = follower.get("/v1/feed", after=after)
        assert (ahead.status_code, ahead.json()["resynchronise"]) == (410, "/v1/snapshot")
        while house.head("derby") <= head:
            house.caller("derby").contact()
        unequal = follower.get("/v1/feed", after=after)
        assert (unequal.status_code, unequal.json()["type"]) == (410, "/problems/cursor-gone")
        refused = house.http.get(
            "/v1/feed", headers={**follower.headers, "Accept": "text/event-stream", "Last-Event-ID": after}
        )
        assert refused.status_code == 410
        begun_before = follower.get("/v1/snapshot", cursor=cursor(LIST, after, ""))
        assert (begun_before.status_code, begun_before.json()["type"]) == (410, "/problems/cursor-gone")
        told = everything(follower, before)
        assert not {e["id"] for e in told} & {e["id"] for e in lost}
        feed = answered(follower.get("/v1/snapshot"))["feed"]
        assert page(follower.get("/v1/feed", after=feed)) == []
        assert [e for _, e in stream(follower, {"Last-Event-ID": before}, len(told))] == told
