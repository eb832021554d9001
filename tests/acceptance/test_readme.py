"""Every command of the README is run as it stands, on another port and with a data folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infrastructure.settings import VARIABLES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = tuple(block.strip() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
INLINE = tuple(dict.fromkeys(re.findall(r"`(evenhand [^`]+)`", README)))
GROUPS = ("policy", "landlord", "post", "contact-point", "projections", "subscriber")
PATIENCE = 120  # seconds for a start with five stories on a shared machine


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def surroundings(reachable_folder: Path) -> dict[str, str]:
    """The environment of a newcomer, apart from whatever else runs here."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith("EVENHAND_") and k != "DATABASE_URL"}
    return {
        **ours,
        "EVENHAND_PORT": str(free_port()),
        "EVENHAND_DATA": str(reachable_folder / uuid.uuid4().hex[:8]),
    }


@pytest.fixture(scope="module")
def service(surroundings: dict[str, str]) -> Iterator[tuple[str, str]]:
    """`make run`, as the README starts it: its address, and everything that it printed until it was ready."""
    output = Path(surroundings["EVENHAND_DATA"] + ".out")
    address = f"http://127.0.0.1:{surroundings['EVENHAND_PORT']}"
    with output.open("w", encoding="utf-8") as printed:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=ROOT,
            env=surroundings,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, address, output)
        yield address, output.read_text(encoding="utf-8")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)  # make itself says that it was interrupted
        printed_until_the_end = output.read_text(encoding="utf-8")
        assert "Traceback" not in printed_until_the_end, printed_until_the_end
        assert not _answers(address)
        assert not list(Path(surroundings["EVENHAND_DATA"]).rglob("postmaster.pid"))


def _answers(address: str) -> bool:
    try:
        httpx.get(f"{address}/health", timeout=5)
    except httpx.TransportError:
        return False
    return True


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, output: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, output.read_text(encoding="utf-8")
        try:
            if httpx.get(f"{address}/health", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"not ready after {PATIENCE} s:\n{output.read_text(encoding='utf-8')}")


@pytest.mark.timeout(PATIENCE * 3)
def test_the_five_minute_start_and_what_to_try_next_work_as_written(
    service: tuple[str, str], surroundings: dict[str, str]
) -> None:
    address, printed = service
    commands = [block for block in BLOCKS if not block.startswith("make ")]
    said = "; echo '=== next'\n".join(commands).replace("http://127.0.0.1:8000", address)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", said],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    register, advice, logged, work, policy, refusal, history, followed = done.stdout.split("=== next\n")
    assert '"restriction-' in register, register
    assert '"handling"' in advice, advice
    assert '"ContactLogged"' in logged, logged
    assert '"state":"overdue"' in work, work
    assert "coming up" in work, work
    assert "Maidstone Borough Council" in policy
    assert '"violations"' in refusal, refusal
    assert "unknown_incident" in refusal, refusal
    assert "post_held" in refusal, refusal
    assert '"sentence"' in history, history
    assert '"specversion":"1.0"' in followed, followed
    assert "maidstone" in printed.lower()
    assert printed.count("To be done: ") == 5
    assert printed.count("Overdue, by ") >= 5


def test_make_commands_of_the_readme_exist() -> None:
    for block in BLOCKS:
        if block.startswith("make "):
            shown = subprocess.run(["make", "-n", *block.split()[1:]], cwd=ROOT, capture_output=True, check=False)
            assert shown.returncode == 0, shown.stderr


@pytest.mark.parametrize("command", INLINE)
def test_every_command_named_in_a_sentence_exists(command: str, surroundings: dict[str, str]) -> None:
    words = [w for w in command.split()[1:] if re.fullmatch(r"[a-z-]+", w) and not w.startswith("--")]
    subcommand = words[:2] if words[0] in GROUPS else words[:1]
    asked = subprocess.run(
        [str(ROOT / ".venv/bin/evenhand"), *subcommand, "--help"],
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    for option in re.findall(r"--[a-z]+", command):
        assert option in asked.stdout


def test_the_settings_that_the_readme_lists_are_the_services() -> None:
    listed = set(re.findall(r"`((?:EVENHAND|DATABASE)_[A-Z_]+)`", README))
    assert set(VARIABLES) == listed


def test_the_folders_and_files_that_the_readme_links_exist() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
