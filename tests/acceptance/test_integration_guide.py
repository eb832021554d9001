"""Every command and program of the guide for those who connect a system is run as written, beside a demonstration."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from infrastructure.client import restricted_on
from infrastructure.http import problems
from tests.infrastructure.a_command_line import environment
from tests.infrastructure.test_cli import free_port, running

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "integration.md").read_text(encoding="utf-8")
COMMANDS = [block.strip() for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)]
PROGRAMS = dict(re.findall(r"`([a-z_]+\.py)`[^`]*?:\n\n```python\n(.*?)```", GUIDE, re.DOTALL))
PATIENCE = 240  # seconds
DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def surroundings(reachable_folder: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody who tries it beside the demonstration that the guide starts."""
    given: dict[str, object] = {
        "EVENHAND_DATA": reachable_folder / uuid.uuid4().hex[:8],
        "EVENHAND_PORT": free_port(),
        "EVENHAND_BROKER": "embedded",
        "EVENHAND_BROKER_PORT": free_port(),
        "EVENHAND_WEBHOOKS_ALLOW": "127.0.0.1",
    }
    with running("demo", given=given) as (process, _):
        yield environment(**given)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err


@pytest.fixture(scope="module")
def said(surroundings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the commands of the guide say, one after another in one shell, in a folder of their own."""
    folder = tmp_path_factory.mktemp("integrator")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    receiver = str(free_port())
    for name, program in PROGRAMS.items():
        (folder / name).write_text(program.replace("8090", receiver), encoding="utf-8")
    first, *others = COMMANDS
    assert "make run" in first
    script = "\necho '=== next'\n".join(others).replace("8090", receiver)
    script = script.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{surroundings['EVENHAND_PORT']}")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=surroundings | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    errors = (folder / "receiver.err").read_text(encoding="utf-8")
    assert "Traceback" not in errors, errors
    return done.stdout.split("=== next\n")


@pytest.mark.timeout(PATIENCE * 2)
def test_everything_works_as_written(said: list[str]) -> None:
    _, snapshot, feed, waited, receipt, housing, telephony, hashed, webhook, login, nats, worker = said

    assert json.loads(snapshot)["cases"]
    assert "evenhand-cursor: " in feed.lower()
    assert '"specversion":"1.0"' in feed
    assert "id: " in waited
    assert json.loads(receipt)["sequence"]
    assert re.search(r"^MBC-\d+: restricted$", housing, re.MULTILINE), housing
    assert "ask for advice" in telephony, telephony
    assert hashed.split()[0] in GUIDE
    assert "case-opened" in webhook, webhook
    assert "password: in " in login
    assert re.match(r"\d+ case-opened\n", nats), nats
    assert worker.startswith("evenhand."), worker


def test_the_hash_of_the_guide_is_the_clients() -> None:
    [found] = re.findall(r'"hash": "([0-9a-f]{64})"', GUIDE)
    always = {"starts_on": "2020-01-01", "last_day": "2030-01-01", "suspended": []}
    states = [{"person": person, "restrictions": [always]} for person in "bab"]

    restricted = restricted_on(DAY, states)
    assert (restricted.count, restricted.hash) == (2, found)


def test_every_problem_that_the_guide_names_exists() -> None:
    known = {one.name for one in vars(problems).values() if isinstance(one, problems.ProblemType)}
    table = GUIDE.partition("## What can go wrong")[2]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", table))
    assert named
    assert named <= known


def test_the_folders_and_files_that_the_guide_links_exist() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", GUIDE):
        assert (ROOT / "docs" / target).exists(), target
