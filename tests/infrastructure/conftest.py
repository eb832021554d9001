"""What tests of the outer parts share: folders that a real server can live in, and a landlord for many examples."""

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.infrastructure.a_landlord import Landlord, a_landlord


@pytest.fixture
def data_folder(reachable_folder: Path) -> Path:
    """The path of a data folder that is not there yet; removed with all others at the end of the run."""
    return reachable_folder / uuid.uuid4().hex[:8]


@pytest.fixture(scope="module")
def shared(postgres_dsn: str) -> Iterator[Landlord]:
    """One landlord for all examples of a property, which each take people and cases of their own."""
    name = f"evenhand_test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_dsn, autocommit=True) as conn, tempfile.TemporaryDirectory() as folder:
        conn.execute(f"CREATE DATABASE {name}".encode())
        try:
            with a_landlord(psycopg.conninfo.make_conninfo(postgres_dsn, dbname=name), Path(folder)) as landlord:
                yield landlord
        finally:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
