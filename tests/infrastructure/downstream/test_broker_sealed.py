"""A broker that an operator runs: reached by TLS where its address says so, and never with a password in the clear."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sysconfig
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from infrastructure.downstream.broker.accounts import READER, Login, lent, permissions_of
from infrastructure.downstream.broker.connecting import Access, Lost, connected
from infrastructure.downstream.broker.stream import Pipeline, last_of, start_over
from tests.infrastructure.a_certificate import Certificate, self_signed
from tests.infrastructure.downstream.a_broker import PATIENCE, done
from tests.infrastructure.downstream.a_made_up_log import MadeUpLog

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "open sesame"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The certificate of a server at 127.0.0.1, and its key."""
    return self_signed(tmp_path_factory.mktemp("tls"))


@contextmanager
def _a_server(folder: Path, text: str = "", **further: Any) -> Iterator[int]:
    """The port of an operator's server, with the accounts in `text` or else with one user."""
    config = folder / "nats.conf"
    one_user = {} if text else {"authorization": {"user": "derby", "password": PASSWORD}}
    said = {
        "listen": "127.0.0.1:-1",
        "ports_file_dir": str(folder),
        "jetstream": {"store_dir": str(folder / "messages")},
        **one_user,
        **further,
    }
    config.write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in said.items()) + text)
    program = Path(sysconfig.get_path("scripts"), "nats-server")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([program, "--config", config], stdout=log, stderr=log, env={"PATH": os.defpath})
    try:
        ports = folder / f"nats-server_{server.pid}.ports"
        ends = time.monotonic() + PATIENCE
        while not ports.exists() or not ports.read_text():
            assert time.monotonic() < ends, (folder / "log").read_text()
            time.sleep(0.02)
        found = json.loads(ports.read_text())
        yield int((found.get("nats") or found["tls"])[0].rpartition(":")[2])
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _access(server: str, trusted: Path | None = None) -> Access:
    return Access(landlord="derby", servers=(server,), login=Login("derby", PASSWORD), trusted=trusted)


async def _reached(access: Access) -> int:
    async with connected(access) as client:
        return (await last_of(client, access)).sequence


def _tls(certificate: Certificate) -> dict[str, str]:
    return dict(zip(("cert_file", "key_file"), map(str, certificate), strict=True))


def test_a_server_with_a_certificate_that_is_trusted_is_published_to(tmp_path: Path, certificate: Certificate) -> None:
    with _a_server(tmp_path, tls=_tls(certificate)) as port:
        assert done(_reached(_access(f"tls://127.0.0.1:{port}", certificate[0]))) == 0


def test_one_whose_certificate_nobody_trusts_is_told_nothing(tmp_path: Path, certificate: Certificate) -> None:
    with _a_server(tmp_path, tls=_tls(certificate)) as port, pytest.raises(Lost, match="does not answer"):
        done(_reached(_access(f"tls://127.0.0.1:{port}")))


def test_one_whose_certificate_is_of_another_name_is_told_nothing(tmp_path: Path, certificate: Certificate) -> None:
    with _a_server(tmp_path, tls=_tls(certificate)) as port, pytest.raises(Lost, match="does not answer"):
        done(_reached(_access(f"tls://localhost:{port}", certificate[0])))


def test_a_server_that_offers_no_encryption_where_it_was_to_gets_no_password(certificate: Certificate) -> None:
    heard: list[bytes] = []

    async def tried() -> None:
        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            told = {
                "server_id": "x",
                "version": "2.15.1",
                "headers": True,
                "max_payload": 1048576,
                "auth_required": True,
            }
            writer.write(b"INFO " + json.dumps(told).encode() + b"\r\n")
            heard.append(await reader.read(65536))
            writer.close()

        server = await asyncio.start_server(listen, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(Lost, match="no password was sent"):
                await _reached(_access(f"tls://127.0.0.1:{port}", certificate[0]))

    done(tried())
    assert all(PASSWORD.encode() not in what for what in heard)


def test_the_accounts_that_the_page_shows_let_the_service_publish_and_a_system_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "broker.md").read_text(encoding="utf-8")
    shown = re.search(r"```\n(accounts \{.*?)```", page, re.DOTALL)
    assert shown is not None
    exports, imports = lent("derby", "derby", "derby_readers")
    accounts = (
        shown[1]
        .replace("permissions { ... }", f"permissions {json.dumps(permissions_of('derby')[READER])}")
        .replace("exports = [ ... ]", f"exports = {json.dumps(exports)}")
        .replace("imports = [ ... ]", f"imports = {json.dumps(imports)}")
    )
    log = MadeUpLog(50)

    async def tried(port: int) -> list[bytes]:
        server = f"nats://127.0.0.1:{port}"
        access = Access(landlord="derby", servers=(server,), login=Login("derby.publisher", "..."))
        async with connected(access) as client:
            assert not await start_over(client, access)
            pipeline = Pipeline(client, access, (await last_of(client, access)).sequence)
            await pipeline.open()
            await pipeline.send([log.told(position) for position in range(1, 10)])
            await pipeline.settle()
        system = Access(landlord="derby", servers=(server,), login=Login("telephony", "..."))
        async with connected(system) as client:
            pulled = await client.jetstream().pull_subscribe("evenhand.derby.>", "telephony", stream=system.stream)
            return [message.data for message in await pulled.fetch(9, timeout=5)]

    with _a_server(tmp_path, accounts) as port:
        assert done(tried(port)) == [log.told(position).body for position in range(1, 10)]


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"INFO {broken\r\n", b"INFO {}\r\n" * 3])
def test_whatever_else_listens_there_is_no_broker(said: bytes) -> None:
    async def tried() -> None:
        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(said)
            await writer.drain()
            writer.close()
            del reader

        server = await asyncio.start_server(listen, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(Lost):
                await _reached(_access(f"nats://127.0.0.1:{port}"))

    done(tried())
