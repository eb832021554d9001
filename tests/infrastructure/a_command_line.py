"""The command line: in this process, which saves the start of another interpreter, or apart from it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Final

import pytest

from infrastructure.cli import main

EVENHAND: Final = Path(sysconfig.get_path("scripts")) / "evenhand"
PATIENCE: Final = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def environment(**given: object) -> dict[str, str]:
    """What the shell passes on, without settings of ours from whoever runs the tests."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("EVENHAND_", "DATABASE_URL"))}
    return ours | {name: str(value) for name, value in given.items()}


def apart(*arguments: str, **given: object) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, run to its end."""
    return subprocess.run(
        [EVENHAND, *arguments], env=environment(**given), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def run(*arguments: str, **given: object) -> Done:
    """The command, run to its end in this process: all that `evenhand` does but starting the interpreter."""
    out, err = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in range(2))
    returncode = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", [str(EVENHAND), *arguments])
        for name in os.environ.keys() - environment():
            patch.delenv(name)
        for name, value in given.items():
            patch.setenv(name, str(value))
        try:
            main()
        except SystemExit as end:
            returncode = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Done(returncode, *(_said(stream) for stream in (out, err)))


def _said(stream: TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
