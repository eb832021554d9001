"""Every command of the guide for operations staff is run beside a demonstration, and what it names exists."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sysconfig
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infrastructure.downstream.broker.counted import broker_metrics
from infrastructure.downstream.gauges import SubscriberGauges
from infrastructure.metrics import Metrics
from tests.infrastructure.a_command_line import environment
from tests.infrastructure.test_cli import free_port, running

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCKS = tuple(block.strip() for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))
INLINE = tuple(dict.fromkeys(re.findall(r"`evenhand (projections [a-z]+)[^`]*`", GUIDE)))
OPTIONS = tuple(dict.fromkeys(re.findall(r"`(--[a-z-]+)", GUIDE)))
SCRIPTS = Path(sysconfig.get_path("scripts"))
PATIENCE = 120  # seconds


@pytest.fixture(scope="module")
def surroundings(reachable_folder: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody who operates a demonstration that runs."""
    given: dict[str, object] = {"EVENHAND_DATA": reachable_folder / uuid.uuid4().hex[:8], "EVENHAND_PORT": free_port()}
    with running("demo", given=given) as (process, _):
        yield environment(**given) | {"PATH": f"{SCRIPTS}:{os.environ['PATH']}"}
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err


@pytest.mark.timeout(PATIENCE * 2)
@pytest.mark.parametrize("block", BLOCKS, ids=[block.partition("\n")[0][:60] for block in BLOCKS])
def test_every_command_works_as_written(block: str, surroundings: dict[str, str]) -> None:
    said = block.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{surroundings['EVENHAND_PORT']}")
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
    assert done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", INLINE)
def test_every_command_named_in_a_sentence_exists(command: str) -> None:
    subprocess.run([SCRIPTS / "evenhand", *command.split(), "--help"], capture_output=True, check=True)


def test_every_option_named_in_a_sentence_exists() -> None:
    commands = [["projections", command] for command in ("status", "rebuild", "verify", "history")]
    told = "".join(
        subprocess.run([SCRIPTS / "evenhand", *command, "--help"], capture_output=True, text=True, check=True).stdout
        for command in (*commands, ["due"], ["tick"])
    )
    assert [option for option in OPTIONS if f"{option} " not in told] == []


def test_the_metrics_of_the_guide_are_those_that_are_told() -> None:
    metrics = Metrics(dict)
    metrics.show_listeners(lambda: 0)
    metrics.also(broker_metrics(dict))
    metrics.also(SubscriberGauges(lambda _: {}, lambda: datetime(2026, 1, 12, 12, tzinfo=UTC)).metrics)
    try:
        told = set(re.findall(r"^# TYPE (\w+) ", metrics.text().decode(), re.MULTILINE))
    finally:
        metrics.close()
    named = set(re.findall(r"`(evenhand_\w+)`", GUIDE))
    assert {name for name in told if not name.endswith("_created")} == named
