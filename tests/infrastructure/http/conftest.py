"""What tests of the HTTP interface share: one service for all of them, each with people of its own."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.infrastructure.http.a_house import Caller, House, a_house


@pytest.fixture(scope="package")
def house(postgres_dsn: str, reachable_folder: Path) -> Iterator[House]:
    """Two landlords whose clocks stand at noon of a Monday."""
    with _a_house(postgres_dsn, reachable_folder, "derby", "maidstone") as opened:
        yield opened


@pytest.fixture(scope="package")
def everybody(postgres_dsn: str, reachable_folder: Path) -> Iterator[House]:
    """All five landlords, with clocks that tests move."""
    with _a_house(postgres_dsn, reachable_folder, "citizen", "derby", "maidstone", "star", "wolverhampton") as opened:
        yield opened


@contextmanager
def _a_house(dsn: str, folder: Path, *landlords: str) -> Iterator[House]:
    name = f"evenhand_test_{uuid.uuid4().hex}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        with a_house(make_conninfo(dsn, dbname=name), folder / name, landlords) as opened:
            yield opened
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def officer(house: House) -> Caller:
    """Somebody of Maidstone's who may send and see everything."""
    return house.caller("maidstone")


@pytest.fixture
def neighbour(house: House) -> Caller:
    """Somebody of Derby's who may send and see everything there."""
    return house.caller("derby")
