"""What tests share: a real PostgreSQL for the whole run, and an empty database for each test that asks."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from infrastructure.postgres.embedded import EmbeddedServer

# A test's data need not outlive a power cut.
IN_A_HURRY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


@pytest.fixture(scope="session")
def reachable_folder() -> Iterator[Path]:
    """A temporary folder that the account lent to the server can enter when the tests run as root."""
    # Not TMPDIR nor pytest's own folder: both may be closed to others, and long for a socket's path.
    folder = Path(tempfile.mkdtemp(prefix="evenhand-tests-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_dsn(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database on the server of this run, from which others may be made: DATABASE_URL_TEST, or our own."""
    if given := os.environ.get("DATABASE_URL_TEST"):
        yield given
        return
    folder: Path = request.getfixturevalue("reachable_folder")
    with EmbeddedServer.start(folder / "session", settings=IN_A_HURRY) as server:
        yield server.dsn("postgres")


@pytest.fixture
def database(postgres_dsn: str) -> Iterator[str]:
    """The dsn of a fresh and empty database, dropped after the test whoever is still connected to it."""
    name = f"evenhand_test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield make_conninfo(postgres_dsn, dbname=name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
