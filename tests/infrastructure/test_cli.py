"""The command line as people use it: what it prints, where, and with which exit code.

What ends by itself is asked in this process; what serves, starts or is stopped is a process of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import jwt
import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infrastructure.bootstrap import build
from infrastructure.settings import read_settings
from tests.infrastructure.a_command_line import EVENHAND, PATIENCE, Done, apart, environment, run
from tests.policies import PACKAGED

ISSUER = "https://login.example"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def told(done: Done | subprocess.CompletedProcess[str]) -> str:
    """What a failed command says: one line of it, for people, and on standard error."""
    assert done.returncode in {1, 2}
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    [line] = done.stderr.splitlines()
    return line


@pytest.fixture
def in_service(database: str, tmp_path: Path) -> dict[str, object]:
    """Settings with a database, keys and an issuer of tokens."""
    issuer = tmp_path / "issuer.pem"
    issuer.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return {
        "DATABASE_URL": database,
        "EVENHAND_DATA": tmp_path,
        "EVENHAND_PORT": free_port(),
        "EVENHAND_TOKEN_ISSUER": ISSUER,
        "EVENHAND_TOKEN_KEYS": issuer,
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def running(*arguments: str, given: Mapping[str, object]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The service once it answers, and where; killed in the end if it is still there."""
    with subprocess.Popen(
        [EVENHAND, *arguments], env=environment(**given), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            address = f"http://127.0.0.1:{given['EVENHAND_PORT']}"
            until = time.monotonic() + PATIENCE
            while not answers(address):
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < until, "the service did not become ready"
                time.sleep(0.1)
            yield process, address
        finally:
            if process.poll() is None:
                process.kill()


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def alive(processes: list[psutil.Process]) -> list[str]:
    """The commands of those that still run; one that merely waits for its parent to ask how it ended does not."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
    return found


# Help and policies: no database is needed


def test_help_lists_every_command() -> None:
    done = apart("--help")

    assert done.returncode == 0
    commands = ("serve", "demo", "token", "migrate", "policy", "landlord", "post", "projections", "retention")
    for command in (*commands, "contact-point"):
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("group", ["policy", "landlord", "post", "contact-point", "projections", "retention"])
def test_each_group_has_help(group: str) -> None:
    assert run(group, "--help").returncode == 0


@pytest.mark.parametrize("landlord", ["derby", "star"])
def test_a_policy_is_shown_in_words_with_its_hashes(landlord: str) -> None:
    done = run("policy", "show", landlord)

    assert (done.returncode, done.stderr) == (0, "")
    [file] = PACKAGED.glob(f"{landlord}.*.toml")
    assert "Policy file: " in done.stdout
    assert len(done.stdout.splitlines()) > 100
    assert run("policy", "check", str(file)).stdout.rpartition("SHA-256 ")[2].strip() in done.stdout


def test_a_day_before_the_first_policy_is_answered_with_its_date() -> None:
    said = told(run("policy", "show", "maidstone", "--on", "2019-01-01"))

    assert said == "evenhand: maidstone has no policy for 2019-01-01; the first one takes effect on 2021-01-01."


def test_a_landlord_without_a_policy_is_told_who_has_one() -> None:
    assert "there are policies of citizen, derby, maidstone" in told(run("policy", "show", "elm"))


def test_a_file_that_cannot_be_taken_is_told_by_file_key_and_reason(tmp_path: Path) -> None:
    file = tmp_path / "derby.2027-01-01.toml"
    [released] = PACKAGED.glob("derby.*.toml")
    file.write_text(released.read_text(encoding="utf-8").replace("[scope]", "[scope]\ncolour = 1"), encoding="utf-8")

    said = told(run("policy", "check", str(file)))

    assert said.startswith("evenhand: derby.2027-01-01.toml: scope.colour: is not a key")
    assert "cannot be read" in told(run("policy", "check", str(tmp_path / "absent.toml")))


def test_a_misspelt_setting_is_refused_whatever_was_asked(tmp_path: Path) -> None:
    for arguments in (("serve",), ("demo",), ("policy", "show", "derby"), ("landlord", "list")):
        assert "EVENHAND_PROT is not a setting" in told(run(*arguments, EVENHAND_PROT=1, EVENHAND_DATA=tmp_path))


# What is missing


def test_serving_says_that_no_issuer_of_tokens_is_named(tmp_path: Path) -> None:
    said = told(apart("serve", EVENHAND_DATA=tmp_path))

    assert "EVENHAND_TOKEN_ISSUER" in said
    assert "EVENHAND_TOKEN_KEYS" in said


def test_serving_says_that_nobody_is_set_up(in_service: dict[str, object]) -> None:
    assert "run `evenhand landlord set-up LANDLORD`" in told(apart("serve", **in_service))


def test_serving_says_that_keys_are_missing(in_service: dict[str, object], tmp_path: Path) -> None:
    assert run("landlord", "set-up", "maidstone", **in_service).returncode == 0
    shutil.rmtree(tmp_path / "keys")

    done = apart("serve", **in_service)

    assert (done.returncode, done.stdout) == (1, "")
    first, second = done.stderr.splitlines()
    assert first.startswith(f"evenhand: maidstone is not served. {tmp_path}/keys/maidstone is missing")
    assert second == "evenhand: None of the landlords here can be served, for the reasons above."


def test_serving_refuses_a_demonstration(in_service: dict[str, object]) -> None:
    with build(read_settings({name: str(value) for name, value in in_service.items()})) as evenhand:
        evenhand.set_up("derby", demonstration=True)

    done = apart("serve", **in_service)

    assert done.returncode == 1
    assert "derby is not served. It was set up as a demonstration" in done.stderr


def test_a_database_that_does_not_answer_is_told_without_its_password(in_service: dict[str, object]) -> None:
    nowhere = "postgresql://evenhand:hunter2@127.0.0.1:1/evenhand"

    done = apart("serve", **(in_service | {"DATABASE_URL": nowhere}))

    assert done.returncode == 1
    assert "The database does not answer" in done.stderr
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_told_before_anything_is_started(in_service: dict[str, object], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for command in ("serve", "demo"):
            said = told(apart(command, **(in_service | {"EVENHAND_PORT": port, "DATABASE_URL": ""})))
            assert said.startswith(f"evenhand: Port {port} of 127.0.0.1 is in use")

    assert not (tmp_path / "postgres").exists()


# From nothing to service


def test_a_landlord_is_set_up_gets_its_first_post_and_is_served_until_a_signal(in_service: dict[str, object]) -> None:
    set_up = run("landlord", "set-up", "maidstone", **in_service)
    wrong = run("post", "appoint", "maidstone", "king", "--login", "ann", "--name", "Typo", **in_service)
    post = run(
        "post", "appoint", "maidstone", "manager", "--login", "ann", "--name", "Ann Archer", "--from", "2026-01-01",
        **in_service,
    )  # fmt: skip

    assert "maidstone is set up, with its policies effective 2021-01-01." in set_up.stdout
    assert "The posts are: " in told(wrong)
    assert post.stdout == "Ann Archer is manager of maidstone from 2026-01-01: tenure-1.\n"
    assert run("landlord", "list", **in_service).stdout == "maidstone\n"
    assert "was set up before" in told(run("landlord", "set-up", "maidstone", **in_service))
    assert run("migrate", **in_service).stdout == "maidstone: ready\n"

    with running("serve", given=in_service) as (process, address):
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": ISSUER, "sub": "ann", "landlord": "maidstone", "scope": "read", "iat": now, "exp": now + 60,
        }  # fmt: skip
        bearer = {"Authorization": f"Bearer {jwt.encode(claims, KEY, 'EdDSA')}"}
        assert httpx.get(f"{address}/v1/policy").status_code == httpx.codes.UNAUTHORIZED
        assert httpx.get(f"{address}/v1/policy", headers=bearer).status_code == httpx.codes.OK
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err
    assert out == f"Evenhand serves maidstone on {address}\n"
    assert "Traceback" not in err

    away = run("post", "away", "maidstone", "tenure-1", "--from", "2026-03-02", **in_service)
    back = run("post", "back", "maidstone", "absence-1", "--last-day", "2026-03-06", **in_service)
    assert away.stdout == "tenure-1 of maidstone is away from 2026-03-02: absence-1.\n"
    assert back.stdout == "absence-1 of maidstone ends with 2026-03-06.\n"
    ended = run("post", "end", "maidstone", "tenure-1", "--last-day", "2026-06-30", **in_service)
    listed = run("post", "list", "maidstone", **in_service)
    assert ended.stdout == "tenure-1 of maidstone ends with 2026-06-30.\n"
    assert listed.stdout == (
        "tenure-1: Ann Archer, manager from 2026-01-01 to 2026-06-30\n  absence-1: away from 2026-03-02 to 2026-03-06\n"
    )


def test_a_later_policy_is_adopted_from_its_file(in_service: dict[str, object], tmp_path: Path) -> None:
    assert run("landlord", "set-up", "derby", **in_service).returncode == 0
    folder = tmp_path / "policies"
    folder.mkdir()
    [file] = PACKAGED.glob("derby.*.toml")
    later = file.read_text(encoding="utf-8").replace(f"is = {file.name.split('.')[1]}", "is = 2026-02-01")
    (folder / "derby.2026-02-01.toml").write_text(later, encoding="utf-8")
    with_folder = in_service | {"EVENHAND_POLICIES": folder}

    adopted = run("policy", "adopt", "derby", "2026-02-01", **with_folder)
    absent = told(run("policy", "adopt", "derby", "2026-02-02", **with_folder))

    assert adopted.stdout == "derby decides under this policy from 2026-02-01 on.\n"
    assert absent == "evenhand: derby has no policy file effective 2026-02-02; it has 2020-11-01, 2026-02-01."


@pytest.mark.parametrize("wanted", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_service_and_the_server_that_it_started(
    in_service: dict[str, object], data_folder: Path, wanted: signal.Signals
) -> None:
    with_its_own = in_service | {"DATABASE_URL": "", "EVENHAND_DATA": data_folder}
    assert run("landlord", "set-up", "maidstone", **with_its_own).returncode == 0

    with running("serve", given=with_its_own) as (process, _):
        children = psutil.Process(process.pid).children(recursive=True)
        assert any("postgres" in child.name() for child in children)
        if sys.platform == "linux":
            assert len(psutil.Process(process.pid).cpu_affinity()) == 1
            assert {len(child.cpu_affinity()) for child in children} == {len(os.sched_getaffinity(0))}
        second = told(apart("serve", **(with_its_own | {"EVENHAND_PORT": free_port()})))
        beside = run("landlord", "list", **with_its_own)
        process.send_signal(wanted)
        _, err = process.communicate(timeout=PATIENCE)

        assert process.returncode == 0, err
    assert f"Another Evenhand (process {process.pid}) uses the data folder" in second
    assert beside.stdout == "maidstone\n"
    assert alive(children) == []


def test_a_signal_while_starting_leaves_nothing_behind(in_service: dict[str, object], data_folder: Path) -> None:
    given = environment(**(in_service | {"DATABASE_URL": "", "EVENHAND_DATA": data_folder}))
    with subprocess.Popen([EVENHAND, "demo"], env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + PATIENCE
        while not (data_folder / "postgres" / "server.log").exists():
            assert time.monotonic() < until
            time.sleep(0.01)
        children = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert alive(children) == []


# Tokens of a demonstration


def test_a_token_is_for_somebody_of_a_demonstration(in_service: dict[str, object]) -> None:
    assert "there are none" in told(run("token", "--landlord", "derby", "--as", "ann", **in_service))
    with build(read_settings({name: str(value) for name, value in in_service.items()})) as evenhand:
        evenhand.set_up("derby", demonstration=True)
        staff = evenhand.enrol("derby", "ann", "Ann Archer")

        done = run("token", "--landlord", "derby", "--as", "ann", "--scope", "read audit", **in_service)

        caller = evenhand.tokens.caller(done.stdout.strip())
        assert (caller.landlord, caller.staff, caller.scopes) == ("derby", staff, frozenset({"read", "audit"}))
    unknown = ("--landlord", "derby", "--as", "bob")
    assert (
        told(run("token", *unknown, **in_service))
        == "evenhand: There is no login bob in the demonstration of derby; there are ann."
    )
    scope = ("--landlord", "derby", "--as", "ann", "--scope", "rule")
    assert "There is no scope rule in the API" in told(run("token", *scope, **in_service))
